# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The description of a platform of lists: what it says, what it leaves out and why, and what it cannot read."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import yaml

from ansible_collections.gaussdb.tpops.plugins.module_utils.api.operation import Call
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import ApiFailure, TpopsError
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.export import Export, export_platform
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.reads import SharedReads

NOW_MS = 1_800_000_000_000
NODES = [
    {"id": f"n{number}", "management_ip": f"10.0.0.{number}", "status": "ACTIVE", "availability_zone": "hall-1"}
    for number in (3, 1, 2)
]
CORE = {
    "id": "i1",
    "name": "core",
    "status": "ACTIVE",
    "type": "Ha",
    "port": "8000",
    "replica_num": 3,
    "datastore": {"type": "GaussDB", "version": "3.103.0"},
    "ha": {"replication_mode": "sync", "consistency_protocol": "quorum"},
    "nodes": NODES,
}
COMPONENTS = [
    {"id": f"n{number}", "name": f"n{number}", "components": [{"id": "e", "type": "ETCD", "status": "Normal"}, dn]}
    for number, status in ((1, "Standby"), (2, "Primary"), (3, "Standby"))
    for dn in [{"id": "dn", "type": "DN", "status": status, "distributed_id": "1"}]
]
HOSTS = [
    {
        "id": f"h{number}",
        "name": f"db-{number}",
        "status": "in_use",
        "type": "BMS",
        "manage_ip": f"10.0.0.{number}",
        "data_ip": f"10.0.1.{number}",
        "virtual_ip": f"10.0.2.{number}",
        "ssh_port": 22,
        "ssh_key_id": "k1",
        "data_center": "hall-1",
        "data_center_id": "d1",
        "os_type": "kylin",
        "os_arch": "arm",
        "cpu_spec": "kunpeng",
        "storage_type": "localssd",
        "instance_id": "i1",
    }
    for number in (2, 1, 3)
]
POLICY = {"keep_days": 7, "start_time": "17:00-18:00", "period": "1,2", "differential_priod": 30, "rate_limit": 75}
NO_POLICY = ApiFailure("no policy", code="DBS.280125", status=400)


def user(name: str, login: bool | None = True, roles: str = "{}", **attributes: bool) -> dict[str, Any]:
    shown = None if login is None else {"rolcanlogin": login, **attributes}
    return {"name": name, "lock_status": False, "attribute": shown, "memberof": roles}


class Platform:
    """Answers reads from lists, by operation and, where a dictionary has them, by instance, database or other ID."""

    def __init__(self, **lists: Any) -> None:
        self.lists: dict[str, Any] = {
            "list_instances": [CORE],
            "list_components": COMPONENTS,
            "list_hosts": HOSTS,
            "list_data_centers": [{"id": "d1", "name": "hall-1", "description": "North"}],
            "list_key_pairs": [{"id": "k1", "name": "login", "description": ""}],
            "list_users": [user("root"), user("app")],
            "list_databases": [{"name": "postgres"}, {"name": "orders", "owner": "app", "character_set": "UTF8"}],
            "get_backup_policy": [{"backup_policy": POLICY}],
            **lists,
        }
        self.calls: list[Call] = []
        self.requests_sent, self.knows_time = 0, True
        self.warnings: list[str] = []

    def token(self) -> str:
        return "token"

    def now_ms(self) -> int:
        return NOW_MS

    def items(self, call: Call) -> list[dict[str, Any]]:
        assert call.operation.read
        self.calls.append(call)
        answer = self.lists.get(call.operation.name, [])
        if isinstance(answer, dict):
            known = {str(value) for value in (*call.path_args.values(), *call.query.values())}
            answer = next((answer[key] for key in answer if key in known), [])
        if isinstance(answer, Exception):
            raise answer
        assert call.operation.shape
        return [call.operation.shape.read(row) for row in copy.deepcopy(answer)]

    def item(self, call: Call) -> dict[str, Any]:
        assert call.operation.shape
        return (self.items(call) or [call.operation.shape.read({})])[0]


def export(*instances: str, **lists: Any) -> Export:
    client: Any = Platform(**lists)
    return export_platform(SharedReads(lambda: client), instances, threads=3)


def read(found: Export, path: str) -> Any:
    return yaml.safe_load(found.files[path])


def site(found: Export) -> Any:
    return read(found, "site.yml")


def core(found: Export) -> Any:
    return read(found, "instances/core.yml")


def said(found: Export, part: str, instance: str = "core") -> list[str]:
    return [note.text for note in found.notes if (note.instance, note.part) == (instance, part)]


def test_a_platform_is_described_by_its_options() -> None:
    found = export()
    assert (found.failures, found.unread, found.instances) == ([], [], ["core"])
    assert sorted(found.files) == ["instances/core.yml", "site.yml"]
    assert site(found)["data_centers"] == [{"name": "hall-1", "description": "North"}]
    assert site(found)["key_pairs"] == [{"name": "login"}]
    hosts = site(found)["hosts"]
    assert [host["name"] for host in hosts] == ["db-1", "db-2", "db-3"]
    assert list(hosts[0]) == [
        *("name", "manage_ip", "data_ip", "virtual_ip", "data_center", "key_pair", "ssh_port"),
        *("type", "os_type", "cpu_spec", "storage_type"),
    ]
    own = {name: value for name, value in core(found).items() if not isinstance(value, (dict, list))}
    assert own == {
        "name": "core",
        "solution": "triset",
        "port": 8000,
        "root_password": "{{ vault_core_root_password }}",
        "engine_type": "GaussDB",
        "engine_version": "3.103.0",
        "replication_mode": "sync",
        "consistency_protocol": "quorum",
        "os_type": "Kylin",
        "host_type": "BMS",
        "cpu_spec": "Kunpeng",
        "arch": "ARM",
    }
    assert core(found)["manage_ips"] == ["10.0.0.1", "10.0.0.2", "10.0.0.3"]
    assert core(found)["databases"] == [{"name": "orders", "owner": "app", "character_set": "UTF8"}]
    assert core(found)["backup_policy"]["period"] == [1, 2]
    assert found.secrets == ["vault_core_app_password", "vault_core_root_password"]


def test_the_order_in_which_the_platform_lists_does_not_matter() -> None:
    lists = Platform(list_users=[user("a"), user("b"), user("c", False, "{b,a}")]).lists
    turned = {name: value[::-1] if isinstance(value, list) else value for name, value in lists.items()}
    turned["list_instances"] = [{**CORE, "nodes": NODES[::-1]}]
    turned["list_users"] = [user("c", False, "{a,b}"), user("b"), user("a")]
    failed = [{**HOSTS[0], "name": name, "manage_ip": None, "status": "delete_failed"} for name in ("x", "y")]
    lists["list_hosts"], turned["list_hosts"] = [*HOSTS, *failed], [*failed[::-1], *HOSTS[::-1]]
    assert export(**turned).files == export(**lists).files


def test_what_is_shared_is_read_once() -> None:
    client: Any = Platform(list_instances=[CORE, {**CORE, "id": "i2", "name": "other"}])
    export_platform(SharedReads(lambda: client), (), 3)
    reads = [call.operation.name for call in client.calls]
    for name in ("list_instances", "list_hosts", "list_key_pairs", "list_data_centers", "list_dr_relations"):
        assert reads.count(name) == 1, name
    assert reads.count("list_users") == reads.count("list_components") == 2


def test_accounts_are_users_or_roles_and_those_of_the_engine_are_neither() -> None:
    accounts = [
        user("app", True, "{readers,gs_role_copy_files}", rolcreatedb=True),
        user("readers", False, rolcreatedb=True, rolcreaterole=False),
        user("hidden", None),
        *(user(name) for name in ("root", "rdsAdmin", "gs_role_copy_files")),
    ]
    found = export(list_users=accounts)
    assert [entry["name"] for entry in core(found)["users"]] == ["app", "hidden"]
    assert core(found)["users"][0]["attributes"] == {"createdb": True, "login": True}
    assert "attributes" not in core(found)["users"][1]
    assert core(found)["roles"] == [{"name": "readers", "password": "{{ vault_core_readers_password }}"}]
    assert core(found)["privileges"] == [
        {"grantee": "app", "type": "role", "objects": ["gs_role_copy_files", "readers"]},
        {"grantee": "readers", "type": "attribute", "privileges": ["createdb"]},
    ]


def test_schemas_are_inside_of_their_databases_without_those_of_the_engine() -> None:
    databases = [{"name": "orders", "owner": "app"}, {"name": "billing"}]
    schemas = [("s1", "app"), ("pg_toast", "app"), ("odd", "rdsAdmin"), ("public", "root"), ("dbe_perf", "root")]
    listed = {"orders": [{"schema_name": name, "owner": owner} for name, owner in schemas]}
    found = export(list_databases=databases, list_schemas=listed)
    assert core(found)["databases"] == [
        {"name": "billing"},
        {"name": "orders", "owner": "app", "schemas": [{"name": "s1", "owner": "app"}]},
    ]


def test_numbers_are_numbers_only_where_they_stay_the_same() -> None:
    values = {"a": "10", "b": "007", "c": "0.1", "d": "on", "e": "-1", "f": "1e3", "g": "", "h": "10%"}
    rows = [{"name": name, "value": value} for name, value in values.items()]
    assert core(export(get_parameters=rows))["parameters"] == {
        "a": 10,
        "b": "007",
        "c": "0.1",
        "d": "on",
        "e": -1,
        "f": "1e3",
        "h": "10%",
    }


def test_a_setting_of_two_parts_is_in_one_of_them() -> None:
    config = [{"rate_limit": 75, "prefetch_block": 64, "close_compression": False}]
    found = core(export(get_backup_config=config))
    assert found["backup_policy"]["rate_limit_mb"] == 75
    assert found["backup_config"] == {"prefetch_blocks": 64, "compression": True}
    without = export(get_backup_config=config, get_backup_policy=NO_POLICY)
    assert core(without)["backup_config"] == {"rate_limit_mb": 75, "prefetch_blocks": 64, "compression": True}


def test_what_the_module_can_explain_is_a_comment() -> None:
    found = export(get_backup_policy=NO_POLICY)
    assert said(found, "backup_policy") == ["Instance core has no backup policy: no policy"]
    assert "# backup_policy: Instance core has no backup policy: no policy\n" in found.files["instances/core.yml"]
    assert found.failures == []


def test_only_known_keys_of_the_extended_information_are_read() -> None:
    known = {"BackupSet": [{"key": "BackupSet", "value": "/etc/xbsa.conf"}], "Mine": [{"key": "Mine", "value": "5"}]}
    assert core(export(get_instance_extension=known))["extensions"] == {"BackupSet": "/etc/xbsa.conf"}
    client: Any = Platform(get_instance_extension=known)
    found = export_platform(SharedReads(lambda: client), (), 3, ["Mine"])
    assert core(found)["extensions"] == {"Mine": 5}
    never = ApiFailure("no such key", status=404)
    assert "extensions" not in core(export(get_instance_extension=never))


def relation(role: str, **values: Any) -> dict[str, Any]:
    sides = ["master_region_instance_info", "slave_region_instance_info"]
    own, other = sides if role == "master" else sides[::-1]
    row = {"id": "r", "synchronization_id": "s", "instance_id": "i1", "disaster_role": role, **values}
    return {**row, own: {"instance_id": "i1"}, other: {"instance_id": "x"}}


@pytest.mark.parametrize(
    ("status", "role", "kind", "described"),
    [
        ("normal", "master", "stream", {"state": "stopped"}),
        ("dr_log_keep", "master", "stream", {"state": "started"}),
        ("simulation", "master", "stream", None),
        ("failover", "master", "stream", None),
        ("normal", "disaster", "stream", None),
        ("normal", "master", "dorado", None),
    ],
)
def test_the_log_keep_of_a_primary_is_described(status: str, role: str, kind: str, described: Any) -> None:
    found = export(list_dr_relations=[relation(role, status=status, disaster_type=kind)])
    assert core(found).get("dr_log_keep") == described, found.notes


def throttle(name: str, **values: Any) -> dict[str, Any]:
    row = {"task_id": name, "task_name": name, "status": "EXECUTING", "limit_type": "SQL_TYPE", "databases": "orders"}
    row |= {"limit_type_value": "select", "key_words": "a1,b2", "parallel_size": 5}
    return {**row, "end_time": "2030-01-01T08:00:00+0800", **values}


def test_throttles_that_are_over_are_not_described() -> None:
    rows = [
        throttle("begun", start_time="2020-01-01T00:00:00+0000"),
        throttle("later", start_time="2029-01-01T00:00:00+0000", status="WAIT_EXCUTE"),
        throttle("over", end_time="2020-01-02T00:00:00+0000"),
        throttle("ended", status="TIME_OVER"),
        throttle("failed", status="CREATE_FAILED"),
    ]
    found = export(list_sql_throttles=rows)
    begun, later = core(found)["sql_throttles"]
    assert (begun["name"], later["name"]) == ("begun", "later")
    assert "start_time" not in begun and begun["end_time"] == "2030-01-01T00:00:00+00:00"
    assert later["start_time"] == "2029-01-01T00:00:00+00:00"
    assert begun["keywords"] == ["a1", "b2"] and begun["databases"] == ["orders"]
    assert said(found, "sql_throttles") == ["Sql throttle failed is in status CREATE_FAILED, so it is not described"]


CHECKS = {"list_inspection_items": [{"name": "Host", "items": [{"id": f"c{n}", "name": f"Check {n}"} for n in (1, 2)]}]}


def test_scenes_and_inspections_are_described_by_names() -> None:
    scenes = [
        {"scene_id": "s1", "name": "before-upgrade", "is_default": False, "item_ids": ["c2", "c1"]},
        {"scene_id": "s2", "name": "Built in", "is_default": True, "item_ids": ["c1"]},
    ]
    listed = [{"id": "t1", "inspection_name": "nightly", "inspection_scope": "daily", "scene": "before-upgrade"}]
    settings = {"inspection_period": "daily", "inspection_time": "2026-01-05T01:30:00+00:00", "inspection_day": 0}
    settings |= {"instance_ids": ["i1"], "item_ids": ["c2", "c1"]}
    found = export(
        **CHECKS,
        list_inspection_scenes=scenes,
        list_inspections=listed,
        get_inspection=[settings],
    )
    assert site(found)["inspection_scenes"] == [{"name": "before-upgrade", "checks": ["Check 1", "Check 2"]}]
    assert site(found)["inspections"] == [
        {
            "name": "nightly",
            "instances": ["core"],
            "checks": ["Check 1", "Check 2"],
            "period": "daily",
            "time": "01:30:00",
            "scope": "daily",
        }
    ]


@pytest.mark.parametrize(
    ("settings", "described"),
    [
        (
            {"inspection_period": "weekly", "inspection_day": "7", "inspection_time": "1:30:00"},
            {"day": 7, "time": "01:30:00"},
        ),
        ({"inspection_period": "soon", "inspection_day": "0"}, {}),
        (
            {"inspection_period": "later", "inspection_time": "2029-01-05 01:30:00", "task_start_time": "odd"},
            {"time": "2029-01-05T01:30:00+00:00"},
        ),
    ],
)
def test_the_settings_of_an_inspection_are_those_of_its_period(settings: Any, described: Any) -> None:
    row = {"id": "t1", "inspection_name": "nightly"}
    settings = {"instance_ids": ["i1"], "item_ids": ["c1"], **settings}
    (entry,) = site(export(**CHECKS, list_inspections=[row], get_inspection=[settings]))["inspections"]
    assert {name: entry[name] for name in ("day", "time", "start_time") if name in entry} == described


def test_an_inspection_of_an_instance_that_is_gone_says_so() -> None:
    row, settings = {"id": "t1", "inspection_name": "nightly"}, {"instance_ids": ["i1", "gone"], "item_ids": ["c1"]}
    settings |= {"inspection_period": "daily"}
    found = export(**CHECKS, list_inspections=[row], get_inspection=[settings])
    (entry,) = site(found)["inspections"]
    assert "instances" not in entry
    assert any("gone is not described in instances" in text for text in said(found, "inspections", ""))


def test_the_instances_of_a_dbmind_instance_are_described() -> None:
    dbmind = [{"id": "m1", "name": "dbmind-north"}, {"id": "m2", "name": "idle"}]
    managed = {"m1": [{"id": "i1", "name": "core"}]}
    found = export(list_dbmind_instances=dbmind, list_manageable_dbmind_instances=managed)
    assert site(found)["dbmind_instances"] == [{"dbmind_instance": "dbmind-north", "instances": ["core"]}]


def test_a_host_without_a_key_pair_has_a_password() -> None:
    hosts = [{**HOSTS[0], "ssh_key_id": None}, {**HOSTS[1], "ssh_key_id": "unknown", "data_center": None}, HOSTS[2]]
    first, second, _third = sorted(
        site(export(list_hosts=hosts))["hosts"], key=lambda host: "os_root_password" not in host
    )
    assert first["os_root_password"] == "{{ vault_db_2_os_root_password }}" and "ssh_key_id" not in first
    assert (second["ssh_key_id"], second["data_center_id"]) == ("unknown", "d1")


def test_what_is_never_shown_is_a_comment() -> None:
    found = export()
    assert said(found, "key_pairs", "") == ["the platform does not show algorithm"]
    assert said(found, "users") == ["the platform does not show login_only"]
    assert said(found, "alarm_policies", "") == ["the platform does not show which policy an instance has"]
    assert "# sql_patches: the platform shows a patch only for" in found.files["instances/core.yml"]
    assert "configuration_id, install_dirs, component_distributions" in said(found, "")[0]


def test_zero_is_not_missing() -> None:
    found = export(list_sql_throttles=[throttle("none", parallel_size=0)])
    assert core(found)["sql_throttles"][0]["parallel_size"] == 0
    assert said(found, "sql_throttles") == []


def test_ids_of_the_platform_are_a_comment() -> None:
    statement = {"limit_type": "SQL_ID", "limit_type_value": "7", "sql_model": "select ?"}
    found = export(list_sql_throttles=[throttle("one", **statement, node_infos=[{"node_id": "n1", "sql_id": "7"}])])
    assert core(found)["sql_throttles"][0]["node_ids"] == ["n1"]
    assert "node_ids has IDs of this platform, which stand for nothing on another one" in said(found, "sql_throttles")


def test_what_is_missing_of_an_object_is_a_comment() -> None:
    found = export(list_components=[])
    assert "solution" not in core(found)
    assert "the platform does not show solution of core, which is needed to create it again" in said(found, "")


def test_an_instance_that_is_stopped_is_described_without_what_is_inside() -> None:
    client: Any = Platform(list_instances=[{**CORE, "status": "SHUTDOWN"}])
    found = export_platform(SharedReads(lambda: client), (), 3)
    assert core(found)["state"] == "stopped" and "users" not in core(found)
    assert said(found, "")[0] == "what is inside of it was not read, because it is stopped"
    assert "list_users" not in [call.operation.name for call in client.calls]


@pytest.mark.parametrize("status", ["BUILD_FAILED", "DELETING"])
def test_an_instance_that_is_not_to_stay_is_a_comment(status: str) -> None:
    found = export(list_instances=[{**CORE, "status": status}])
    assert sorted(found.files) == ["site.yml"] and (found.failures, found.unread) == ([], [])
    assert f"# instances: Instance core is in status {status}, so it is not described\n" in found.files["site.yml"]


def test_a_host_that_has_failed_is_a_comment() -> None:
    found = export(
        list_hosts=[*HOSTS, {**HOSTS[0], "name": "db-9", "manage_ip": "10.0.0.9", "status": "delete_failed"}]
    )
    assert said(found, "hosts", "") == ["Host db-9 is in status delete_failed, so it is not described"]
    assert len(site(found)["hosts"]) == 3


def test_what_could_not_be_read_is_a_failure_and_its_file_is_left_out() -> None:
    other = {**CORE, "id": "i2", "name": "other"}
    found = export(list_instances=[CORE, other], list_users={"i1": ApiFailure("no answer")})
    assert sorted(found.files) == ["instances/other.yml", "site.yml"]
    assert found.unread == ["instances/core.yml"]
    assert {(each["instance"], each["part"], each["reason"]) for each in found.failures} == {
        ("core", part, "no answer") for part in ("roles", "users", "privileges")
    }
    assert (found.secrets, found.instances) == (["vault_other_root_password"], ["other"])


def test_a_bug_is_a_failure_without_its_text() -> None:
    found = export(get_parameters=KeyError("Sentinel_Secret-7"))
    assert [each["part"] for each in found.failures] == ["parameters"]
    assert found.failures[0]["reason"].startswith("Internal error of the export: KeyError at test_export.py:")
    assert "Sentinel" not in repr(found)


def test_an_inspection_of_an_instance_that_could_not_be_read_keeps_it() -> None:
    row, settings = {"id": "t1", "inspection_name": "nightly"}, {"instance_ids": ["i1"], "item_ids": ["c1"]}
    settings |= {"inspection_period": "daily"}
    found = export(
        **CHECKS,
        list_inspections=[row],
        get_inspection=[settings],
        list_components=ApiFailure("no answer"),
    )
    assert found.unread == ["instances/core.yml"]
    assert site(found)["inspections"][0]["instances"] == ["core"]


def test_a_platform_part_that_could_not_be_read_leaves_out_the_file_of_the_platform() -> None:
    found = export(list_inspections=ApiFailure("no answer"))
    assert (sorted(found.files), found.unread) == (["instances/core.yml"], ["site.yml"])
    assert found.failures == [{"instance": "", "part": "inspections", "reason": "no answer"}]


def test_without_a_list_of_instances_there_is_no_export() -> None:
    with pytest.raises(TpopsError, match="no answer"):
        export(list_instances=ApiFailure("no answer"))


def test_instances_that_no_name_tells_apart_are_a_failure() -> None:
    twin, nameless = {**CORE, "id": "i2"}, {**CORE, "id": "i3", "name": None}
    found = export(list_instances=[CORE, twin, nameless, {**CORE, "id": "i4", "name": "other"}])
    assert [each["reason"] for each in found.failures] == [
        "the instances i3 have no name",
        "the instances i1, i2 have the name core; rename all but one",
    ]
    assert sorted(found.files) == ["instances/other.yml"] and found.unread == ["site.yml"]
    alone = export("oth*", list_instances=[CORE, twin, {**CORE, "id": "i4", "name": "other"}])
    assert (sorted(alone.files), alone.failures) == (["instances/other.yml"], [])


# Some instances


def test_a_target_is_described_alone() -> None:
    listed = [{**CORE, "id": name, "name": name} for name in ("core-a", "core-b", "other")]
    client: Any = Platform(list_instances=listed)
    found = export_platform(SharedReads(lambda: client), ["core-*"], 3)
    assert sorted(found.files) == ["instances/core-a.yml", "instances/core-b.yml"]
    assert not {"list_inspections", "list_data_centers"} & {call.operation.name for call in client.calls}
    whole = export(list_instances=listed)
    assert {path: whole.files[path] for path in found.files} == found.files


def test_what_selects_an_instance_is_known() -> None:
    found = export("core", "cor", "c*")
    assert (found.matched, sorted(found.files)) == (["core", "c*"], ["instances/core.yml"])
    assert export("cor") == Export()


# What no task could be about


def test_what_a_module_refuses_is_left_out_with_the_reason() -> None:
    hosts = [{**HOSTS[0], "storage_type": "floppy"}, *HOSTS[1:]]
    databases = [{"name": "orders", "owner": "rdsAdmin", "character_set": "UTF8"}, {"name": "billing"}]
    found = export(list_hosts=hosts, list_databases=databases, list_users=[user("app"), user("x" * 80)])
    assert core(found)["databases"] == [{"name": "billing"}, {"name": "orders", "character_set": "UTF8"}]
    assert "databases[orders].owner is not described: rdsAdmin is a system user" in said(found, "databases")
    storages = {host["name"]: host.get("storage_type") for host in site(found)["hosts"]}
    assert storages == {"db-1": "localssd", "db-2": None, "db-3": "localssd"}
    (note,) = said(found, "hosts", "")
    assert note.startswith("hosts[db-2].storage_type is not described: not allowed")
    assert found.failures == []


def test_an_object_whose_name_is_refused_is_left_out_as_a_whole() -> None:
    found = export(list_users=[user("app"), user("rdsadmin")])
    assert [entry["name"] for entry in core(found)["users"]] == ["app"]
    assert "users[rdsadmin] is not described: rdsadmin is a system user" in said(found, "users")


def test_an_address_of_nobody_is_left_out() -> None:
    found = export(list_hosts=HOSTS[:2])
    assert "manage_ips" not in core(found)
    assert any("10.0.0.3 is not described in hosts" in text for text in said(found, ""))


def test_a_value_that_would_be_changed_is_left_out() -> None:
    rows = [{"name": "odd", "value": "a", "value_range": "b,c", "type": "string"}, {"name": "fine", "value": "1"}]
    found = export(get_parameters=rows, get_backup_policy=[{"backup_policy": {**POLICY, "start_time": "17:30-18:30"}}])
    assert core(found)["parameters"]["fine"] == 1
    assert "start_time" not in core(found)["backup_policy"]
    assert any(text.startswith("backup_policy.start_time is not described") for text in said(found, "backup_policy"))


def test_a_name_with_any_character_is_found_again() -> None:
    listed = [{**CORE, "id": str(index), "name": name} for index, name in enumerate(("a].users[0", "a", "a[0].users"))]
    found = export(list_instances=listed, list_users=[user("rdsadmin"), user("app")])
    assert len(found.files) == 4
    for name in ("a].users[0", "a", "a[0].users"):
        assert "users[rdsadmin] is not described: rdsadmin is a system user" in said(found, "users", name)
