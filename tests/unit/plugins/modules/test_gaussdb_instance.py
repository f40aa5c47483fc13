# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Rules, comparison and requests of gaussdb_instance."""

from __future__ import annotations

import base64
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.gaussdb.tpops.plugins.module_utils.api import instance as api
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain import instance as life
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.item import Item
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.planning import compare_items
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import InputError, NotFound
from ansible_collections.gaussdb.tpops.plugins.modules.gaussdb_component_info import components_of
from ansible_collections.gaussdb.tpops.plugins.modules.gaussdb_instance import SPEC

HOSTS = ["192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4", "192.0.2.5"]
DESIRED = {"name": "orders", "solution": "triset", "manage_ips": HOSTS[:3], "root_password": "secret", "port": 8000}
NOON = 1767614400000  # 2026-01-05 12:00:00 UTC
PEM = "-----BEGIN CERTIFICATE-----\nMIIB\n"


class Ctx(SimpleNamespace):
    """The part of a context that the hooks use. ``found`` has the existing instances by name."""

    def __init__(self, state: str = "present", check_mode: bool = False, **found: str) -> None:
        params = {"state": state, "instance_id": None, "name": "orders", "force": True}
        super().__init__(
            params={**params, "keep_full_backup_days": 7, "keep_differential_backup_days": None},
            check_mode=check_mode,
            warnings=[],
            found=found,
            restorable=[(NOON, NOON + 1000)],
            requested=[],
        )

    def warn(self, text: str) -> None:
        self.warnings.append(text)

    def items(self, calls: Any) -> list[dict[str, int]]:
        """Return the restorable times of the requested days (4.2.11)."""
        if self.restorable is None:
            raise NotFound("There is no such instance")
        self.requested += [call.path for call in calls]
        return [{"start_ms": start, "end_ms": end} for start, end in self.restorable]

    def find(self, noun: str, option: str, value: str, call: Any) -> dict[str, str] | None:
        return {"id": self.found[value]} if value in self.found else None


def item(**desired: Any) -> Item:
    return Item({**DESIRED, **desired}, "orders")


def current(**values: Any) -> dict[str, Any]:
    return {
        "id": "in1",
        "status": "ACTIVE",
        "running": True,
        "type": "centralization_standard",
        "mode": api.CENTRALIZED,
        **values,
    }


@pytest.mark.parametrize(
    ("desired", "option"),
    [
        ({"solution": "trisetnoetcd", "consistency_protocol": "quorum"}, "consistency_protocol"),
        ({"consistency": "eventual"}, "consistency"),
        ({"solution": "single", "manage_ips": HOSTS[:1], "float_ip": "192.0.2.9"}, "float_ip"),
        ({"solution": "hcs2", "float_ip": "192.0.2.9"}, "float_ip"),
        ({"manage_ips": HOSTS[:2]}, "manage_ips"),
        ({"engine_type": "gaussdbv5-dbmind"}, "engine_version"),
        ({"restore": {}}, "restore.backup_id"),
        ({"restore": {"backup_id": "b"}}, "restore.instance"),
        ({"restore": {"backup_id": "b", "restore_time": "1767600000000", "instance": "x"}}, "restore.restore_time"),
        ({"restore": {"backup_id": "b", "instance": "x"}, "consistency": "strong"}, "consistency"),
        ({"restore": {"backup_id": "b", "instance": "x"}, "component_distributions": [{}]}, "component_distributions"),
        ({"restore": {"xbsa": {"client_key": "k"}}}, "restore.xbsa.ca_cert"),
        ({"restore": {"xbsa": {"extensions": {}}}}, "restore.backup_id"),
        ({"restore": {"xbsa": {"extensions": None}, "backup_id": "b"}}, "restore.instance"),
    ],
)
def test_an_invalid_creation_is_refused_with_the_name_of_the_option(desired: dict[str, Any], option: str) -> None:
    with pytest.raises(InputError) as error:
        life.check(Ctx(), item(**desired))
    assert error.value.option == option
    assert str(error.value).startswith(f"{option}: ")


@pytest.mark.parametrize(
    "desired",
    [
        {},
        {"solution": None},
        {"manage_ips": None},
        {"float_ip": "192.0.2.9"},
        {"solution": "hcs2", "consistency": "eventual"},
        {"solution": "trisetnoetcd", "consistency_protocol": "paxos"},
        {"engine_type": "gaussdbv5-dbmind", "engine_version": "1.0"},
        {"restore": {"restore_time": "1767600000000", "instance_id": "in1"}},
        {"restore": {"xbsa": {"extensions": {"BackupSet": "/x"}}}},
    ],
)
def test_a_valid_creation_is_accepted(desired: dict[str, Any]) -> None:
    life.check(Ctx(), item(**desired))


def test_a_removal_is_not_validated_like_a_creation() -> None:
    life.check(Ctx("absent"), Item({**DESIRED, "manage_ips": HOSTS[:1]}, "orders", present=False))


def test_an_instance_is_created_with_all_options() -> None:
    desired = {
        "engine_version": "3.200.0",
        "master_az_ips": HOSTS[:1],
        "install_dirs": {"log_dir": "/log", "dn_dir": None},
        "component_distributions": [{"component": "CM", "ip": HOSTS[0]}],
    }
    call = life.create(Ctx(), item(**desired))
    assert call.operation is api.CREATE_INSTANCE
    assert call.body == {
        "name": "orders",
        "solution": "triset",
        "password": "secret",
        "port": "8000",
        "manage_ip": HOSTS[:3],
        "master_az_ip": HOSTS[:1],
        "datastore": {"type": "GaussDB", "version": "3.200.0"},
        "ha": {"mode": "centralization_standard", "consistency": "strong", "replication_mode": "sync"},
        "diy_install_settings": {
            "dir_settings": [{"dir_name": "log_dir", "dir": "/log"}],
            "component_distributions": [{"component": "CM", "ip": HOSTS[0]}],
        },
    }


def test_without_manage_ips_the_hosts_of_the_zones_are_sent() -> None:
    desired = {
        "solution": "quadrusetnoetcd",
        "manage_ips": None,
        "master_az_ips": HOSTS[:2],
        "slave_az_ips": HOSTS[2:4],
        "arbiter_az_ips": HOSTS[4:],
    }
    call = life.create(Ctx(), item(**desired))
    assert call.body["manage_ip"] == HOSTS
    assert call.body["arbiter_az_ip"] == HOSTS[4:]
    assert call.body["ha"]["consistency_protocol"] == "paxos"


def test_an_instance_without_hosts_cannot_be_created() -> None:
    with pytest.raises(InputError, match="manage_ips: solution triset needs 3 hosts"):
        life.create(Ctx(), item(manage_ips=None))


def test_a_restore_from_a_backup_names_the_source_instance_by_id() -> None:
    restore = {
        "instance": "source",
        "backup_id": "b1",
        "tables": [{"database": "shop", "schema": None, "new_database": "market"}],
    }
    call = life.create(Ctx(source="in9"), item(restore=restore))
    assert call.operation is api.RESTORE_TO_NEW_INSTANCE
    assert call.body["restore_point"] == {
        "type": "backup",
        "instance_id": "in9",
        "backup_id": "b1",
        "restore_source_type": "DATABASE_TABLE",
        "table_list": [{"db_name": "shop", "new_db_name": "market"}],
    }
    assert "ha" not in call.body
    assert "datastore" not in call.body


def test_a_restore_time_is_sent_in_milliseconds() -> None:
    ctx = Ctx()
    call = life.create(ctx, item(restore={"instance_id": "in9", "restore_time": "2026-01-05 12:00:00 UTC"}))
    assert call.body["restore_point"] == {"type": "timestamp", "instance_id": "in9", "restore_time": str(NOON)}
    assert ctx.requested == ["/gaussdb/v3/instances/in9/restore-time"]


def test_an_impossible_restore_time_is_refused_with_the_nearest_possible_one() -> None:
    restore = {"instance": "source", "restore_time": "2026-01-05 13:00:00 UTC"}
    with pytest.raises(
        InputError, match=r"instance source cannot be .*; the nearest possible time is 2026-01-05 12:00:01 UTC"
    ) as error:
        life.create(Ctx(source="in9"), item(restore=restore))
    assert error.value.option == "restore.restore_time"


@pytest.mark.parametrize(
    ("restore", "restorable"),
    [
        # A removed instance, one that an earlier task would create in check mode, and a backup server.
        ({"instance_id": "in9"}, None),
        ({"instance": "later"}, []),
        ({"instance_id": "in9", "xbsa": {"extensions": {"BackupSet": "/x"}}}, []),
    ],
)
def test_some_restore_times_are_only_validated_by_the_platform(restore: dict[str, Any], restorable: Any) -> None:
    ctx = Ctx()
    ctx.restorable = restorable
    call = life.create(ctx, item(restore={**restore, "restore_time": str(NOON)}))
    assert call.body["restore_point"]["restore_time"] == str(NOON)


def test_certificates_are_sent_in_base64() -> None:
    encoded = base64.b64encode(PEM.encode()).decode()
    xbsa = {
        "ca_cert": PEM,
        "client_cert": encoded,
        "client_key": PEM,
        "key_password": "p",
        "extensions": {"BackupSet": "/x"},
    }
    xbsa["extensions"]["XbsaRoute"] = {"port": "5000", "secure": True}
    call = life.create(Ctx(), item(restore={"xbsa": xbsa}))
    assert call.body["restore_point"] == {"type": "backup"}
    assert call.body["xbsa_ssl_certs"] == {
        "ca_cert_pem": encoded,
        "client_crt": encoded,
        "client_key": encoded,
        "rand_pass": "p",
    }
    assert call.body["xbsa_extension_infos"] == [
        {"key": "BackupSet", "value": "/x"},
        {"key": "XbsaRoute", "value": '{"port": "5000", "secure": true}'},
    ]


def test_a_removal_clears_the_data() -> None:
    call = life.delete(Ctx(), Item({}, "orders", present=False, current=current()))
    assert call.path == "/gaussdb/v3/instances/in1/management"
    assert call.body == {"clear_data": True, "keep_db_backup": 7, "is_force_remove_instance": True}


@pytest.mark.parametrize(
    ("state", "running", "changes", "operations"),
    [
        ("present", False, {}, []),
        ("started", True, {}, []),
        ("started", False, {"running": True}, ["start_instance"]),
        ("started", None, {"running": True}, ["start_instance"]),
        ("stopped", True, {"running": False}, ["stop_instance"]),
        ("stopped", False, {}, []),
        ("restarted", True, {}, ["restart_instance"]),
        ("restarted", None, {"running": True}, ["restart_instance"]),
        ("restarted", False, {"running": True}, ["start_instance"]),
    ],
)
def test_power(state: str, running: bool | None, changes: dict[str, bool], operations: list[str]) -> None:
    desired = life.build_desired(Ctx(state), ())[0]
    steps = life.plan_power(Ctx(state), [Item(desired, "orders", current=current(running=running), changes=changes)])
    assert [step.call.operation.name for step in steps] == operations
    assert all(step.call.body in (None, {"node_ids": []}) for step in steps)
    assert [step.policy.repeatable for step in steps] == [name != "restart_instance" for name in operations]


def test_a_nonexistent_instance_cannot_be_started() -> None:
    assert life.plan_power(Ctx("started"), [Item({}, "orders")]) == []
    with pytest.raises(NotFound, match="There is no instance orders: it cannot be started"):
        life.refine(Ctx("started"), Item({}, "orders"))
    life.refine(Ctx(), Item({}, "orders"))


def test_in_check_mode_an_earlier_task_may_create_it() -> None:
    ctx, stopped = Ctx("stopped", check_mode=True), Item({}, "orders")
    assert not life.refine(ctx, stopped).present
    assert "an earlier task creates it" in ctx.warnings[0]


def test_a_change_between_centralized_and_distributed_is_refused() -> None:
    life.refine(Ctx(), Item({"solution": "pentaset"}, "orders", current=current()))
    life.refine(Ctx(), Item({"solution": "hcs2"}, "orders", current=current(mode=None)))
    with pytest.raises(InputError, match="cannot be changed to hcs2"):
        life.refine(Ctx(), Item({"solution": "hcs2"}, "orders", current=current()))


NODES = [{"management_ip": host} for host in HOSTS[:3]]


def test_different_hosts_are_an_error_that_names_the_module() -> None:
    existing = current(nodes=NODES, replica_num=3)
    life.refine(Ctx(), Item({"solution": "triset", "manage_ips": HOSTS[2::-1]}, "orders", current=existing))
    with pytest.raises(
        InputError, match="manage_ips: instance orders is not on 192.0.2.5 and also on 192.0.2.3"
    ) as error:
        life.refine(
            Ctx(), Item({"solution": "triset", "manage_ips": [*HOSTS[:2], HOSTS[4]]}, "orders", current=existing)
        )
    assert error.value.option == "manage_ips"
    assert "gaussdb_node with state=replaced" in str(error.value.hint)
    with pytest.raises(InputError, match="solution: instance orders is triset by its nodes, not pentaset") as error:
        life.refine(Ctx(), Item({"solution": "pentaset", "manage_ips": HOSTS}, "orders", current=existing))
    assert "gaussdb_instance_solution" in str(error.value.hint)


@pytest.mark.parametrize("state", ["started", "stopped", "restarted", "absent"])
def test_hosts_are_only_compared_with_state_present(state: str) -> None:
    desired = {"solution": "pentaset", "manage_ips": HOSTS}
    life.refine(
        Ctx(state), Item(desired, "orders", present=state != "absent", current=current(nodes=NODES, replica_num=3))
    )


@pytest.mark.parametrize("status", ["BUILD", "EXPANDING", "REDUCING", "REPAIRING"])
def test_hosts_are_not_compared_during_a_change_and_the_module_warns(status: str) -> None:
    ctx = Ctx()
    life.refine(
        ctx, Item({"solution": "pentaset"}, "orders", current=current(nodes=NODES, replica_num=3, status=status))
    )
    assert ctx.warnings == [
        f"Instance orders is in status {status}: its topology and hosts cannot be compared until that is over"
    ]


def test_an_unhealthy_instance_causes_a_warning() -> None:
    ctx = Ctx()
    life.refine(ctx, Item({}, "orders", current=current(status="FAILED")))
    assert ctx.warnings == ["Instance orders exists, but is in status FAILED"]


@pytest.mark.parametrize(
    ("desired", "shown", "same"),
    [
        ("triset", None, True),
        ("triset", "triset", True),
        ("triset", "trisetnoetcd", True),
        ("trisetnoetcd", "triset", True),
        ("triset", "pentaset", False),
    ],
)
def test_solutions_are_compared_if_they_are_shown(desired: str, shown: str | None, same: bool) -> None:
    assert life.same_solution(desired, shown) is same


def test_other_values_are_compared_if_they_are_shown() -> None:
    assert life.same_if_shown("GaussDB", None)
    assert life.same_if_shown("GaussDB", "gaussdb")
    assert life.same_if_shown(8000, "8000")
    assert not life.same_if_shown(8000, 8001)


def test_an_instance_is_looked_up_by_its_id_if_given() -> None:
    ctx = Ctx()
    assert life.read(ctx).query == {"name": "orders"}
    ctx.params["instance_id"] = "in1"
    assert life.read(ctx).query == {"id": "in1"}


def test_the_example_of_the_reference_is_read() -> None:
    read = api.INSTANCE.read(
        {
            "id": "in1",
            "status": "ACTIVE",
            "port": "8000",
            "type": "enterprise",
            "ha": {"consistency": "strong", "replication_mode": "sync"},
            "datastore": {"type": "GaussDB", "version": "1.3"},
            "private_ips": ["192.0.2.1 / 192.0.2.2 / 192.0.2.3"],
            "replice_num": 3,
        }
    )
    assert (read["mode"], read["port"], read["replica_num"], read["running"]) == (api.DISTRIBUTED, 8000, 3, True)
    assert (read["engine_type"], read["engine_version"], read["consistency"]) == ("GaussDB", "1.3", "strong")
    assert read["private_ips"] == HOSTS[:3]


@pytest.mark.parametrize(
    ("status", "running"),
    [("ACTIVE", True), ("Backing Up", True), ("SHUTDOWN", False), ("FAILED", None), ("BUILD_FAILED", None)],
)
def test_the_status_shows_whether_an_instance_runs(status: str, running: bool | None) -> None:
    assert api.is_running(status) is running


def test_calls_of_the_other_operations() -> None:
    assert api.set_instance_extension("in1", "BackupSet", "/x").body == {"key": "BackupSet", "value": "/x"}
    assert api.get_instance_extension("in1", "BackupSet").query == {"key": "BackupSet"}
    assert (
        api.switch_shard("in1", [{"node_id": "no1", "component_id": "dn_6002"}]).body["shards"][0]["component_id"]
        == "dn_6002"
    )
    assert api.stop_instance("in1", ["no1"]).body == {"node_ids": ["no1"]}


def test_components_come_with_their_nodes() -> None:
    node = api.COMPONENT_NODE.read(
        {
            "id": "no1",
            "name": "n",
            "hostname": "h",
            "availability_zone_id": "z",
            "components": [{"id": "dn_6001", "distributed_id": 60011}],
        }
    )
    (component,) = components_of([node])
    assert (component["id"], component["distributed_id"], component["node_id"], component["hostname"]) == (
        "dn_6001",
        "60011",
        "no1",
        "h",
    )


@pytest.mark.parametrize(
    ("option", "value", "module"),
    [
        ("engine_version", "505.2.0", "gaussdb_upgrade"),
        ("solution", "hcs5", "gaussdb_instance_solution"),
        ("port", 8100, None),
    ],
)
def test_a_change_that_another_module_makes_is_refused_with_its_name(
    option: str, value: Any, module: str | None
) -> None:
    current = {"id": "in14", "name": "orders", "engine_version": "505.1.0", "solution": "triset", "port": 8000}
    item = Item({"name": "orders", option: value}, "orders", current=current)
    with pytest.raises(InputError, match=f"{option}: instance orders has") as caught:
        compare_items(SPEC, [item], {})
    assert caught.value.option == option
    assert caught.value.hint == (f"Use gaussdb.tpops.{module} for that." if module else None)
    if module:
        assert import_module(f"ansible_collections.gaussdb.tpops.plugins.modules.{module}").SPEC
