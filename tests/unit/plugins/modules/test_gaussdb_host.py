# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a host may be asked to become, in which status."""

from __future__ import annotations

from typing import Any

import pytest

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
    """A context in which every name stands for an object, unless it is said to be unknown."""

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
def test_addresses_are_fixed_in_some_statuses(status: str, name: str) -> None:
    current = {**CURRENT, "status": status}
    gaussdb_host.look_closer(Names(), item(current=current, **{name: CURRENT[name]}))
    with pytest.raises(InputError, match=rf"hosts\[0\]\.{name}: host one is {status}"):
        gaussdb_host.look_closer(Names(), item(current=current, **{name: "198.51.100.99"}))


def test_addresses_can_be_changed_otherwise() -> None:
    gaussdb_host.look_closer(Names(), item(current=CURRENT, data_ip="198.51.100.99"))


def test_a_host_in_use_is_not_removed() -> None:
    with pytest.raises(InputError, match="carries instance orders"):
        gaussdb_host.look_closer(Names(), item(present=False, current={**CURRENT, "status": "in_use"}))


def test_removing_what_is_not_there_reads_nothing() -> None:
    ctx = Names()
    gaussdb_host.look_closer(ctx, item(present=False, key_pair="key"))
    assert ctx.reads == 0


def test_the_name_of_a_key_pair_becomes_its_id() -> None:
    wish = item(current=CURRENT, key_pair="key")
    assert gaussdb_host.look_closer(Names(), wish).desired["ssh_key_id"] == "id-of-key"
    early = item(current=CURRENT, key_pair="key")
    assert "ssh_key_id" not in gaussdb_host.look_closer(Names(unknown="key"), early).desired


@pytest.mark.parametrize("current", [None, {**CURRENT, "status": "initialize_failed"}])
def test_a_host_that_is_added_needs_a_place_and_a_login(current: dict[str, Any] | None) -> None:
    with pytest.raises(InputError, match="data_center, .* is required to add host one"):
        gaussdb_host.look_closer(Names(), item(current=current, os_root_password="x"))
    with pytest.raises(InputError, match="os_root_password, .* is required to add host one"):
        gaussdb_host.look_closer(Names(), item(current=current, data_center="AZ1"))
    gaussdb_host.look_closer(Names(), item(current=current, data_center="AZ1", ssh_key_id="k1"))


@pytest.mark.parametrize(
    "given", [("data_center", "data_center_id"), ("os_root_password", "key_pair"), ("key_pair", "ssh_key_id")]
)
def test_one_place_and_one_login(given: tuple[str, str]) -> None:
    with pytest.raises(InputError, match="exclude each other"):
        gaussdb_host.check_host(Names(), item(**dict.fromkeys(given, "x")))


def test_what_is_sent_for_a_new_host() -> None:
    call = gaussdb_host.add(
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


def test_what_is_sent_for_a_change_and_a_removal() -> None:
    wish = item(current=CURRENT, data_center="AZ2", os_root_password="x")
    wish.changes = {"data_center": "AZ2", "description": ""}
    assert gaussdb_host.modify(Names(), [wish]).body == {
        "hosts": [{"manage_ip": "192.0.2.1", "data_center_id": "id-of-AZ2", "description": ""}]
    }
    assert gaussdb_host.remove(Names(), [wish]).body == {
        "hosts": [{"manage_ip": "192.0.2.1", "ssh_port": 2222, "os_root_pwd": "x"}]
    }


@pytest.mark.parametrize("port", [8002, 12017])
def test_each_port_of_the_platform_is_refused_for_ssh(port: int) -> None:
    """Both stand in 4.9.2."""
    check = next(field for field in gaussdb_host.SPEC.fields if field.name == "ssh_port").validate
    assert check is not None
    assert "a port of the platform" in str(check(port))
    assert check(port + 1) is None
