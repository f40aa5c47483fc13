# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a host may be asked to become, in which status."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.gaussdb.tpops.plugins.module_utils.domain import host as hosts
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.item import Item
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import InputError
from ansible_collections.gaussdb.tpops.plugins.modules import gaussdb_host

CURRENT = {
    "id": "h1",
    "name": "one",
    "status": "initialized",
    "manage_ip": "192.0.2.1",
    "data_ip": "198.51.100.1",
    "virtual_ip": "203.0.113.1",
    "ssh_port": 2222,
    "instance_id": "in1",
    "instance_name": "orders",
}


class Names:
    """A context that finds an object for every name except the unknown one."""

    def __init__(self, unknown: str = "") -> None:
        self.unknown, self.reads = unknown, 0

    def cached(self, _key: str, read: Any) -> Any:
        return read()

    def find(self, _noun: str, _option: str, name: str, _call: Any) -> dict[str, str] | None:
        self.reads += 1
        return None if name == self.unknown else {"id": f"id-of-{name}"}


def item(present: bool = True, current: dict[str, Any] | None = None, **desired: Any) -> Item:
    return Item({"name": "one", **desired}, "one", "hosts[0].", present, current)


@pytest.mark.parametrize("status", ["unmanaged", "in_use"])
@pytest.mark.parametrize("name", ["data_ip", "virtual_ip"])
def test_addresses_cannot_be_changed_in_some_statuses(status: str, name: str) -> None:
    current = {**CURRENT, "status": status}
    hosts.look_closer(Names(), item(current=current, **{name: CURRENT[name]}))
    with pytest.raises(InputError, match=rf"hosts\[0\]\.{name}: host one is {status}"):
        hosts.look_closer(Names(), item(current=current, **{name: "198.51.100.99"}))


def test_addresses_can_be_changed_in_other_statuses() -> None:
    hosts.look_closer(Names(), item(current=CURRENT, data_ip="198.51.100.99"))


def test_a_host_in_use_cannot_be_removed() -> None:
    with pytest.raises(InputError, match="runs instance orders"):
        hosts.look_closer(Names(), item(present=False, current={**CURRENT, "status": "in_use"}))


def test_removing_an_unknown_host_reads_nothing() -> None:
    ctx = Names()
    hosts.look_closer(ctx, item(present=False, key_pair="key"))
    assert ctx.reads == 0


def test_the_name_of_a_key_pair_becomes_its_id() -> None:
    host = item(current=CURRENT, key_pair="key")
    assert hosts.look_closer(Names(), host).desired["ssh_key_id"] == "id-of-key"
    unresolved = item(current=CURRENT, key_pair="key")
    assert "ssh_key_id" not in hosts.look_closer(Names(unknown="key"), unresolved).desired


@pytest.mark.parametrize("current", [None, {**CURRENT, "status": "initialize_failed"}])
def test_a_new_host_needs_a_data_center_and_a_login(current: dict[str, Any] | None) -> None:
    with pytest.raises(InputError, match="data_center, .* is required to add host one"):
        hosts.look_closer(Names(), item(current=current, os_root_password="x"))
    with pytest.raises(InputError, match="os_root_password, .* is required to add host one"):
        hosts.look_closer(Names(), item(current=current, data_center="AZ1"))
    hosts.look_closer(Names(), item(current=current, data_center="AZ1", ssh_key_id="k1"))


@pytest.mark.parametrize(
    "given", [("data_center", "data_center_id"), ("os_root_password", "key_pair"), ("key_pair", "ssh_key_id")]
)
def test_only_one_data_center_and_one_login_are_allowed(given: tuple[str, str]) -> None:
    with pytest.raises(InputError, match="mutually exclusive"):
        hosts.check_host(Names(), item(**dict.fromkeys(given, "x")))


def test_request_to_add_a_host() -> None:
    call = hosts.add(
        Names(), [item(data_center="AZ1", os_root_password="x", manage_ip="192.0.2.1", remove_chroot_dir=False)]
    )
    assert call.body["hosts"] == [
        {
            "name": "one",
            "type": "BMS",
            "storage_type": "localssd",
            "ssh_port": 22,
            "data_center_id": "id-of-AZ1",
            "ip": {"manage_ip": "192.0.2.1"},
            "os_root_pwd": "x",
            "is_force_rm_chroot_dir": False,
        }
    ]


def test_requests_to_change_and_remove_a_host() -> None:
    host = item(current=CURRENT, data_center="AZ2", os_root_password="x")
    host.changes = {"data_center": "AZ2", "description": ""}
    assert hosts.modify(Names(), [host]).body == {
        "hosts": [{"manage_ip": "192.0.2.1", "data_center_id": "id-of-AZ2", "description": ""}]
    }
    assert hosts.remove(Names(), [host]).body == {
        "hosts": [{"manage_ip": "192.0.2.1", "ssh_port": 2222, "os_root_pwd": "x"}]
    }


@pytest.mark.parametrize("port", [8002, 12017])
def test_ports_of_the_platform_are_rejected_for_ssh(port: int) -> None:
    """Section 4.9.2 lists both."""
    check = next(field for field in gaussdb_host.SPEC.fields if field.name == "ssh_port").validate
    assert check is not None
    assert "a port of the platform" in str(check(port))
    assert check(port + 1) is None
