# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Each gate at its limit, with values that could not be read, and which of them can be waived."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.components import with_condition
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.gates import (
    GATES,
    judge_gates,
    may_pass_later,
    read_names,
)
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import InputError

LIMITS = {
    "instance": "orders-prod",
    "site": "site-a",
    "promoted_site": "site-b",
    "backup_age": "2d",
    "disk_used_percent": 70,
    "log_keep_percent": 30,
}


def site(**more: Any) -> dict[str, Any]:
    return {
        "instance_status": "ACTIVE",
        "instance_running": True,
        "engine_version": "3.200.0",
        "relation": {"status": "normal"},
        "error": "",
        "alarms_read": True,
        "alarms": [],
        "nodes": NODES,
        "instance_busy": False,
        **more,
    }


def node(number: int, status: str = "Standby", detail: str = "Normal") -> dict[str, Any]:
    """Return a node with a replica of the only shard, and a member of ETCD."""
    replica = {"id": f"dn_600{number}", "type": "DN", "status": status, "detail": detail, "distributed_id": "60011"}
    member = {**replica, "id": f"etcd_700{number}", "type": "ETCD", "detail": None, "distributed_id": None}
    member["status"] = "Down" if status == "Down" else "StateFollower"
    place = {"hostname": f"db-0{number}", "availability_zone_id": f"dc{number}"}
    shown = {"id": f"no{number}", "name": f"node-{number}", "status": "normal", **place}
    return with_condition({**shown, "components": [replica, member]}, {})


NODES = [node(1, "Primary"), node(2), node(3)]


def observed(**more: Any) -> dict[str, Any]:
    state = {"statuses": ["normal", "normal"], "protected": True, "pending": [], "silent": []}
    state |= {"rpo_seconds": 0, "rpo_limit": 10, "rpo_within": True}
    state |= {"rto_seconds": 1, "rto_limit": 900, "rto_within": True}
    return {
        "state": state | more.pop("state", {}),
        "sites": {"site-a": site() | more.pop("a", {}), "site-b": site() | more.pop("b", {})},
        "backups": [{"begin_time": "2026-01-05T08:00:00+0000"}],
        "disks": [40.45],
        "candidates": ["orders-prod"],
        "databases": ["postgres", "template0"],
        **more,
    }


DISK_FULL = {"name": "disk full", "severity": "critical"}


@pytest.mark.parametrize(
    ("name", "seen", "value", "limit", "passed"),
    [
        ("relation_normal", {}, ["normal"], "normal", True),
        ("relation_normal", {"state": {"statuses": ["normal"]}}, ["normal"], "normal", False),
        ("relation_normal", {"state": {"statuses": ["pending", "normal"]}}, ["pending", "normal"], "normal", False),
        ("relation_normal", {"state": {"statuses": []}}, [], "normal", False),
        ("rpo", {}, 0, 10, True),
        ("rpo", {"state": {"rpo_seconds": None, "rpo_within": False}}, None, 10, False),
        ("rto", {"state": {"rto_seconds": 901, "rto_within": False}}, 901, 900, False),
        ("no_critical_alarm", {}, [], [], True),
        ("no_critical_alarm", {"a": {"alarms": [{"name": "slow", "severity": "major"}]}}, [], [], True),
        (
            "no_critical_alarm",
            {"a": {"alarms": [DISK_FULL, DISK_FULL]}, "b": {"alarms_read": False}},
            ["disk full", {"site": "site-b", "code": "unread"}],
            [],
            False,
        ),
        (
            "recent_backup",
            {},
            "2026-01-05T08:00:00+0000",
            {"instance": "orders-prod", "age": "2d"},
            True,
        ),
        ("recent_backup", {"backups": []}, None, {"instance": "orders-prod", "age": "2d"}, False),
        ("no_other_job", {}, ["ACTIVE", "ACTIVE"], "ACTIVE", True),
        ("no_other_job", {"b": {"instance_status": "BACKING UP"}}, ["ACTIVE", "BACKING UP"], "ACTIVE", False),
        ("no_other_job", {"state": {"pending": ["site-a"]}}, ["ACTIVE", "ACTIVE"], "ACTIVE", False),
        ("versions_equal", {}, ["3.200.0", "3.200.0"], "equal", True),
        ("versions_equal", {"b": {"engine_version": "3.103.0"}}, ["3.200.0", "3.103.0"], "equal", False),
        ("versions_equal", {"a": {"engine_version": ""}, "b": {"engine_version": ""}}, [None, None], "equal", False),
        ("log_space", {"disks": [12, 40.45]}, {"used": 40.45, "keep": 30, "share": 17.9}, 70.0, True),
        ("log_space", {"disks": [70]}, {"used": 70, "keep": 30, "share": 9.0}, 70.0, True),
        ("log_space", {"disks": [70.1]}, {"used": 70.1, "keep": 30, "share": 9.0}, 70.0, False),
        ("log_space", {"disks": [120]}, {"used": 120, "keep": 30, "share": 0.0}, 70.0, False),
        ("log_space", {"disks": [None, "-", True]}, {"used": None, "keep": 30, "share": None}, 70.0, False),
        ("standby_fits", {}, ["orders-prod"], {"instance": "orders-prod"}, True),
        ("standby_fits", {"candidates": []}, [], {"instance": "orders-prod"}, False),
        ("standby_empty", {}, [], {"instance": "orders-prod"}, True),
        ("standby_empty", {"databases": ["postgres", "own"]}, ["own"], {"instance": "orders-prod"}, False),
    ],
)
def test_a_gate(name: str, seen: dict[str, Any], value: Any, limit: Any, passed: bool) -> None:
    judged = GATES[name].judge(observed(**seen), LIMITS)
    assert (judged.value, judged.limit, judged.passed) == (value, limit, passed)


@pytest.mark.parametrize(
    ("primary", "silent", "passed"),
    [
        ({"instance_status": "unreachable", "instance_running": None, "error": "no reply"}, True, True),
        ({"instance_status": "SHUTDOWN", "instance_running": False}, False, True),
        ({}, False, False),
        ({"instance_status": "BACKING UP"}, False, False),
        # The platform does not list it, or refuses to.
        ({"instance_status": "unknown", "instance_running": None, "error": "no permission"}, False, False),
    ],
)
def test_the_primary_is_down(primary: dict[str, Any], silent: bool, passed: bool) -> None:
    judged = GATES["primary_down"].judge(observed(a=primary, state={"silent": ["site-a"] if silent else []}), LIMITS)
    assert judged.passed is passed
    assert judged.value == {
        "status": site(**primary)["instance_status"],
        "relation": "normal",
        "error": "" if silent else site(**primary)["error"],
    }


def test_a_promoted_site_without_a_relation_says_so() -> None:
    assert GATES["primary_down"].judge(observed(b={"relation": {}}), LIMITS).value["relation"] is None


HIGH = {"state": {"rpo_seconds": 45, "rpo_within": False}}


def outcomes(waived: Any = (), enforced: bool = True, **seen: Any) -> dict[str, Any]:
    found = judge_gates(["rpo", "rto"], observed(**(seen or HIGH)), LIMITS, waived, enforced)
    assert [each["waived"] for each in found] == [each["name"] in str(waived) for each in found]
    return {each["name"]: each["outcome"] for each in found}


@pytest.mark.parametrize(
    ("waived", "enforced", "outcome"),
    [
        ((), True, "failed"),
        ("rpo", True, "waived"),
        (["rpo"], True, "waived"),
        (" rpo, log_space,", True, "waived"),
        ("rpo", False, "waived"),
        (None, False, "not_enforced"),
    ],
)
def test_a_gate_that_does_not_pass(waived: Any, enforced: bool, outcome: str) -> None:
    assert outcomes(waived, enforced) == {"rpo": outcome, "rto": "passed"}


def test_a_gate_that_passes_is_not_waived() -> None:
    assert outcomes("rpo", state={}) == {"rpo": "passed", "rto": "passed"}


@pytest.mark.parametrize(
    ("waived", "text"),
    [
        ("no_such_gate", "gaussdb_gates_waived: can name some of these gates: .*. Not a gate: no_such_gate"),
        ([["rpo"]], "gaussdb_gates_waived: names are text"),
        ({"rpo": True}, "gaussdb_gates_waived: names are text"),
        (7, "Not a gate: 7"),
        ("rpo,rto", "but not all of them: rpo, rto"),
        ("standby_fits", "gaussdb_gates_waived: cannot name standby_fits: without it"),
        ("dbmind_fits", "gaussdb_gates_waived: cannot name dbmind_fits: it stops nothing"),
    ],
)
def test_what_cannot_be_waived(waived: Any, text: str) -> None:
    with pytest.raises(InputError, match=text):
        outcomes(waived)


def test_the_only_gate_of_a_procedure_can_be_waived() -> None:
    (found,) = judge_gates(["rpo"], observed(**HIGH), LIMITS, "rpo")
    assert found == {"name": "rpo", "value": 45, "limit": 10, "waived": True, "outcome": "waived"}


def test_names_of_gates() -> None:
    assert read_names("rpo , rto,,", ["rpo", "rto"]) == ["rpo", "rto"]
    assert read_names(None, []) == read_names("", []) == read_names([], []) == []


UPGRADE = {
    "stage": "old",
    "version": "3.103.0",
    "target_version": "",
    "rollback_enabled": False,
    "candidates": ["3.200.0"],
    "allowed": True,
    "hotfixes": [],
    "window_open": True,
}
NIGHT = {"from": "01:00", "to": "05:00"}
OF_UPGRADE = {
    "site": "site-a",
    "instance": "orders-prod",
    "version": "3.200.0",
    "transaction_seconds": 900,
    "window": NIGHT,
    "disk_used_percent": 75,
    "inspection": "Health Check",
    "inspection_age": "1d",
    "engine_version": "3.200.0",
}
UNDER_WAY = {"stage": "observed", "target_version": "3.200.0"}
ENABLED = UNDER_WAY | {"rollback_enabled": True}
POSSIBLE = {"version": "3.103.0", "candidates": ["3.200.0"]}
PAIR = {"name": "orders", "other_instance_id": "id-b"}
WELL = {"statuses": ["normal"], "rpo": 0, "rto": 1}
UNSEEN: dict[str, Any] = {"b": {"upgrade": {"stage": "unknown"}}}
HOUR, NOW = 3_600_000, 1_767_603_600_000
SPAN = {"end": "2026-01-05 08:00:00 UTC", "end_ms": NOW - HOUR}
SCENE = {"scene": "Health Check", "age": "1d"}
MANAGING = {"name": "dbmind-1", "engine_version": "8.1.0", "managed": [{"name": "orders-prod"}]}
AGENT = {"name": "node-1", "up_to_date": True, "agent_status": "WORKING"}


def inspected(*statuses: str) -> dict[str, Any]:
    """Return the records of an inspection, the newest of which has checks with these statuses."""
    results = [{"name": f"check {number}", "status": status} for number, status in enumerate(statuses)]
    return {"inspections": [{"results": results}, {"results": [{"name": "old", "status": "abnormal"}]}]}


def schemas(**names: list[str] | None) -> dict[str, Any]:
    """Return the databases with their schemas."""
    found = {name: None if own is None else [{"name": each} for each in own] for name, own in names.items()}
    return {"databases": [*names, "template1"], "schemas": found}


def session(began: int | None, age: int | None = 1000) -> dict[str, Any]:
    """Return a session that began at 5000 s, and its transaction some seconds later."""
    start = None if began is None else 5_000_000 + began * 1000
    return {"started_at_ms": 5_000_000, "transaction_started_at_ms": start, "age_seconds": age}


@pytest.mark.parametrize(
    ("name", "seen", "more", "value", "limit", "passed"),
    [
        ("instance_idle", {}, {}, "ACTIVE", "ACTIVE", True),
        ("instance_idle", {}, {"a": {"instance_status": "FAILED"}}, "FAILED", "ACTIVE", False),
        ("instance_idle", {"stage": "observed"}, {"a": {"instance_status": "observed"}}, "observed", "ACTIVE", True),
        ("pair_known", {}, {"a": {"relation": PAIR}}, ["orders"], None, True),
        ("pair_known", {}, {"a": {"relation": PAIR | {"other_instance_id": "other"}}}, ["orders"], None, False),
        ("pair_known", {}, {"a": {"relation": {}}}, [], None, False),
        ("pair_protected", {}, {}, WELL, {"rpo": 10, "rto": 900}, True),
        ("pair_protected", {}, {"state": {"protected": False}}, WELL, {"rpo": 10, "rto": 900}, False),
        ("pair_protected", {}, {"state": {"rpo_within": False}}, WELL, {"rpo": 10, "rto": 900}, False),
        ("pair_protected", {}, {"state": {"rto_within": False}}, WELL, {"rpo": 10, "rto": 900}, False),
        ("nodes_healthy", {}, {}, [], [], True),
        ("nodes_healthy", {}, {"a": {"nodes": [NODES[0], node(2, "Down")]}}, ["node-2"], [], False),
        ("nodes_healthy", {}, {"a": {"nodes": None}}, None, [], False),
        ("replicas_in_sync", {}, {}, [], [], True),
        ("replicas_in_sync", {}, {"a": {"nodes": [node(2, detail="Catchup")]}}, ["dn_6002 Catchup"], [], False),
        ("replicas_in_sync", {}, {"a": {"nodes": []}}, None, [], False),
        ("no_long_transaction", {}, {"sessions": []}, 0, 900, True),
        ("no_long_transaction", {}, {"sessions": [session(None), session(100)]}, 900, 900, True),
        ("no_long_transaction", {}, {"sessions": [session(99), session(500)]}, 901, 900, False),
        ("no_long_transaction", {}, {"sessions": [session(0, None)]}, 0, 900, True),
        ("no_long_transaction", {}, {"sessions": None}, None, 900, False),
        ("disks", {}, {"disks": [40.45, 75]}, 75, 75, True),
        ("disks", {}, {"disks": [75.1, 40]}, 75.1, 75, False),
        ("disks", {}, {"disks": [40, None]}, None, 75, False),
        ("disks", {}, {"disks": []}, None, 75, False),
        ("inspection_clean", {}, inspected("normal", "normal"), [], SCENE, True),
        ("inspection_clean", {}, inspected("normal", "abnormal", "fail"), ["check 1", "check 2"], SCENE, False),
        ("inspection_clean", {}, inspected(), [], SCENE, False),
        ("inspection_clean", {}, {"inspections": []}, None, SCENE, False),
        (
            "can_be_restored",
            {},
            {"restore_times": [SPAN, SPAN | {"end_ms": 1}], "a": {"now_ms": NOW}},
            SPAN["end"],
            None,
            True,
        ),
        ("can_be_restored", {}, {"restore_times": [SPAN], "a": {"now_ms": NOW + 1}}, SPAN["end"], None, False),
        ("can_be_restored", {}, {"restore_times": [SPAN], "a": {"now_ms": None}}, SPAN["end"], None, False),
        ("can_be_restored", {}, {"restore_times": None, "a": {"now_ms": NOW}}, None, None, False),
        ("public_schema", {}, schemas(postgres=["public"], orders=["public", "own"]), [], None, True),
        ("public_schema", {}, schemas(postgres=["public"], orders=["own"], b=["public"]), ["orders"], None, False),
        ("public_schema", {}, schemas(postgres=["public"], orders=None), None, None, False),
        ("public_schema", {}, schemas(postgres=["public"]) | {"databases": None}, None, None, False),
        # A platform that does not list it in the database that has it.
        ("public_schema", {}, schemas(postgres=[], orders=["own"]), {"code": "not_listed"}, None, None),
        ("public_schema", {}, schemas(postgres=None, orders=["own"]), {"code": "not_listed"}, None, None),
        ("estate_agrees", {}, {}, "3.200.0", "3.200.0", True),
        ("dbmind_fits", {}, {"dbminds": [MANAGING | {"managed": [{"name": "other"}]}]}, [], None, True),
        ("dbmind_fits", {}, {"dbminds": [MANAGING]}, [{"name": "dbmind-1", "version": "8.1.0"}], None, False),
        ("dbmind_fits", {}, {"dbminds": None}, None, None, False),
        ("in_window", {}, {}, "open", NIGHT, True),
        ("in_window", {"window_open": False}, {}, "closed", NIGHT, False),
        ("no_other_upgrade", {}, {}, None, "3.200.0", True),
        ("no_other_upgrade", {"target_version": "3.200.0"}, {}, "3.200.0", "3.200.0", True),
        ("no_other_upgrade", {"target_version": "3.300.0"}, {}, "3.300.0", "3.200.0", False),
        ("version_possible", {}, {}, POSSIBLE, "3.200.0", True),
        ("version_possible", {"candidates": []}, {}, POSSIBLE | {"candidates": []}, "3.200.0", False),
        ("version_possible", {"allowed": False}, {}, POSSIBLE, "3.200.0", False),
        ("version_possible", {"allowed": False, "stage": "new"}, {}, POSSIBLE, "3.200.0", True),
        ("package_uploaded", {}, {"versions": ["3.200.0"]}, ["3.200.0"], "3.200.0", True),
        ("package_uploaded", {}, {"versions": ["3.103.0"]}, ["3.103.0"], "3.200.0", False),
        ("agents_up_to_date", {}, {"agents": [{"nodes": [AGENT]}]}, [], [], True),
        ("agents_up_to_date", {}, {"agents": [{"nodes": [AGENT | {"up_to_date": False}]}]}, ["node-1"], [], False),
        ("agents_up_to_date", {}, {"agents": [{"nodes": [AGENT | {"agent_status": "x"}]}]}, ["node-1"], [], False),
        ("agents_up_to_date", {}, {"agents": []}, None, [], False),
        ("rollback_possible", {}, {}, {"target": None, "enabled": False}, None, True),
        ("rollback_possible", {"stage": "unknown"}, {}, {"target": None, "enabled": False}, None, False),
        ("rollback_possible", UNDER_WAY, {}, {"target": "3.200.0", "enabled": False}, None, False),
        ("rollback_possible", ENABLED, {}, {"target": "3.200.0", "enabled": True}, None, True),
        # It goes by what both members of a pair show.
        ("rollback_possible", ENABLED, UNSEEN, {"target": "3.200.0", "enabled": True}, None, False),
    ],
)
def test_a_gate_of_an_upgrade(
    name: str, seen: dict[str, Any], more: dict[str, Any], value: Any, limit: Any, passed: bool
) -> None:
    other = {"instance_id": "id-b", "upgrade": UPGRADE, **more.get("b", {})}
    what = {**more, "a": {"upgrade": UPGRADE | seen, **more.get("a", {})}, "b": other}
    judged = GATES[name].judge(observed(**what), OF_UPGRADE)
    assert (judged.value, judged.limit, judged.passed) == (value, limit, passed)


@pytest.mark.parametrize(("relation", "passed"), [({}, True), (PAIR, False)])
def test_an_instance_alone_is_in_no_relation(relation: dict[str, Any], passed: bool) -> None:
    alone = {"sites": {"site-a": site(relation=relation)}}
    assert GATES["pair_known"].judge(alone, OF_UPGRADE).passed is passed


@pytest.mark.parametrize(
    ("relation", "stage", "value"),
    [({}, "old", []), ({}, "new", []), (PAIR, "old", ["member"]), ({}, "observed", ["observed"])],
)
def test_what_is_done_in_one_task(relation: dict[str, Any], stage: str, value: list[str]) -> None:
    """It fits an instance without a relation, of which no zone is upgraded yet; what goes by zones fits all."""
    seen = {"sites": {"site-a": site(relation=relation, upgrade=UPGRADE | {"stage": stage})}}
    for at_once in (True, False):
        judged = GATES["strategy_fits"].judge(seen, OF_UPGRADE | {"strategy": "inplace", "at_once": at_once})
        assert (judged.value, judged.passed) == (value, not value or not at_once)
    # Its platform may not show the relation yet.
    limits = OF_UPGRADE | {"strategy": "inplace", "at_once": True}
    assert not GATES["strategy_fits"].judge(observed(a={"upgrade": UPGRADE}), limits).passed


def test_a_member_whose_turn_comes_later_needs_a_candidate_only() -> None:
    what = observed(a={"upgrade": UPGRADE | {"allowed": False}})
    assert GATES["version_possible"].judge(what, OF_UPGRADE | {"later": True}).passed
    what = observed(a={"upgrade": UPGRADE | {"allowed": False, "candidates": []}})
    assert not GATES["version_possible"].judge(what, OF_UPGRADE | {"later": True}).passed


def test_what_must_pass_stops_an_operation_that_has_started() -> None:
    what = observed(a={"upgrade": UPGRADE | {"target_version": "3.300.0"}, "nodes": None})
    found = judge_gates(["no_other_upgrade", "nodes_healthy"], what, OF_UPGRADE, enforced=False)
    assert [each["outcome"] for each in found] == ["failed", "not_enforced"]


@pytest.mark.parametrize(
    ("described", "version", "passed"),
    [("", "3.200.0", True), ("3.103.0", "3.200.0", False), ("3.200.0.2", "3.200.0.1,3.200.0.2", True)],
)
def test_what_the_estate_describes(described: str, version: str, passed: bool) -> None:
    judged = GATES["estate_agrees"].judge({}, {"engine_version": described, "version": version})
    assert (judged.value, judged.passed) == (described or None, passed)


def test_what_is_only_noted() -> None:
    """Whether or not gates are enforced."""
    seen = {"dbminds": [MANAGING], **schemas(postgres=[])}
    for enforced in (True, False):
        found = judge_gates(["dbmind_fits", "public_schema"], seen, OF_UPGRADE, (), enforced)
        assert [each["outcome"] for each in found] == ["noted", "noted"]


@pytest.mark.parametrize(
    ("outcomes", "later"),
    [
        ({}, False),
        ({"replicas_in_sync": "failed", "disks": "waived"}, True),
        ({"replicas_in_sync": "failed", "disks": "failed"}, False),
        ({"no_long_transaction": "failed", "replicas_in_sync": "passed"}, True),
    ],
)
def test_what_may_pass_later(outcomes: dict[str, str], later: bool) -> None:
    assert may_pass_later([{"name": name, "outcome": outcome} for name, outcome in outcomes.items()]) is later


DOWN, BEHIND = [NODES[0], NODES[1], node(3, "Down")], [NODES[0], node(2, detail="Catchup"), node(3, "Down")]
LOST = ["shard 60011 (1 of 3)", "ETCD (1 of 3)"]


@pytest.mark.parametrize(
    ("name", "nodes", "seen", "value", "passed"),
    [
        ("instance_rests", ["no3"], {}, "ACTIVE", True),
        # A failed instance can be repaired.
        ("instance_rests", ["no3"], {"instance_status": "FAILED"}, "FAILED", True),
        ("instance_rests", ["no3"], {"instance_status": "MODIFYING", "instance_busy": True}, "MODIFYING", False),
        ("instance_rests", ["no3"], {"instance_status": "unreachable"}, "unreachable", False),
        ("instance_rests", ["no3"], {"instance_status": "unknown"}, "unknown", False),
        ("no_upgrade", ["no3"], {}, None, True),
        ("no_upgrade", ["no3"], {"upgrade": UPGRADE | UNDER_WAY}, "3.200.0", False),
        ("no_upgrade", ["no3"], {"upgrade": UPGRADE | {"stage": "unknown"}}, "unread", False),
        ("majority_left", ["no3"], {}, [], True),
        ("majority_left", ["no1", "no3"], {}, LOST, False),
        ("majority_left", ["no2"], {"nodes": DOWN}, LOST, False),
        # It is stopped already.
        ("majority_left", ["no3"], {"nodes": DOWN}, [], True),
        ("majority_left", ["no1"], {"nodes": [NODES[0]]}, ["shard 60011 (0 of 1)", "ETCD (0 of 1)"], False),
        ("majority_left", ["no3"], {"nodes": None}, None, False),
        # Only the other nodes have to be healthy and in sync.
        ("nodes_healthy", ["no3"], {"nodes": DOWN}, [], True),
        ("nodes_healthy", ["no1"], {"nodes": DOWN}, ["node-3"], False),
        ("replicas_in_sync", ["no2", "no3"], {"nodes": BEHIND}, [], True),
        ("replicas_in_sync", ["no3"], {"nodes": BEHIND}, ["dn_6002 Catchup"], False),
    ],
)
def test_a_gate_of_nodes(name: str, nodes: list[str], seen: dict[str, Any], value: Any, passed: bool) -> None:
    what = observed(a={"upgrade": UPGRADE, **seen})
    judged = GATES[name].judge(what, {"site": "site-a", "nodes": nodes})
    assert (judged.value, judged.passed) == (value, passed)


STOPPED = with_condition({**node(3, "Down", detail="Manually stopped")}, {})
PARTS = "node-3 dn_6003 Down {}, etcd_7003 Down"


@pytest.mark.parametrize(
    ("nodes", "tried", "value", "passed"),
    [
        ([node(3, "Down")], [], [PARTS.format("Normal")], True),
        ([STOPPED], [], [PARTS.format("Manually stopped")], False),
        # It was started, and has not come up.
        ([STOPPED], ["started"], [PARTS.format("Manually stopped")], True),
        ([node(3)], [], ["node-3"], False),
        ([node(3, "Strange")], [], ["node-3 dn_6003 Strange Normal"], False),
        ([NODES[0]], [], [], False),
        (None, [], [], False),
    ],
)
def test_a_node_is_really_broken(nodes: Any, tried: list[str], value: list[str], passed: bool) -> None:
    limits = {"site": "site-a", "nodes": ["no3"], "tried": tried}
    judged = GATES["really_broken"].judge(observed(a={"nodes": nodes}), limits)
    assert (judged.value, judged.passed) == (value, passed)


def host(address: str, status: str = "unmanaged", **more: Any) -> dict[str, Any]:
    known = {"os_type": "kylin", "type": "BMS", "cpu_spec": "hygon", "os_arch": "x86"}
    return {"manage_ip": address, "status": status, **known, **more}


SPARE, OWN = "192.0.2.9", host("192.0.2.1", "in_use")
OTHER_CPU = {"code": "differs", "host": SPARE, "trait": "cpu_spec", "value": "intel", "others": "hygon"}


@pytest.mark.parametrize(
    ("hosts", "value"),
    [
        ([OWN, host(SPARE)], []),
        ([OWN, host(SPARE, "initialized")], []),
        ([OWN], [{"code": "missing", "host": SPARE}]),
        ([OWN, host(SPARE, "in_use")], [{"code": "in_use", "host": SPARE, "status": "in_use"}]),
        ([OWN, host(SPARE, cpu_spec="intel")], [OTHER_CPU]),
        # The hosts of the instance are not known.
        ([host(SPARE, cpu_spec="intel")], []),
    ],
)
def test_hosts_are_free(hosts: list[Any], value: list[Any]) -> None:
    nodes = [{**each, "management_ip": f"192.0.2.{number}"} for number, each in enumerate(NODES, 1)]
    what = observed(a={"nodes": nodes}, hosts=hosts)
    judged = GATES["hosts_free"].judge(what, {"site": "site-a", "hosts": [SPARE]})
    assert (judged.value, judged.limit, judged.passed) == (value, [SPARE], not value)
    assert not GATES["hosts_free"].judge(what, {"site": "site-a", "hosts": []}).passed
    # A template is text before ansible-core 2.19.
    assert GATES["hosts_free"].judge(what, {"site": "site-a", "hosts": [SPARE], "needed": "1"}).value == value
    too_few = GATES["hosts_free"].judge(what, {"site": "site-a", "hosts": [SPARE], "needed": 3})
    assert not too_few.passed and too_few.value[0] == {"code": "number", "number": 1, "needed": 3}


@pytest.mark.parametrize(("proofs", "passed"), [([], True), (["a"], True), (["a", "b"], False)])
def test_several_proofs(proofs: list[str], passed: bool) -> None:
    judged = GATES["no_other_proof"].judge({"proofs": proofs}, {})
    assert (judged.value, judged.passed, GATES["no_other_proof"].kind) == (proofs, passed, "must")


@pytest.mark.parametrize("found", [[], [{"name": "request.version", "now": "3"}]])
def test_what_was_approved(found: list[Any]) -> None:
    judged = GATES["as_approved"].judge({"unapproved_facts": found}, {})
    assert (judged.value, judged.passed) == (found, not found)


GONE = [{"manage_ip": "192.0.2.1", "name": "db-1"}]


@pytest.mark.parametrize(
    ("name", "what", "value", "passed"),
    [
        ("no_relation", {"sites": {"site-a": site(relation={}, reachable=True)}}, [], True),
        ("no_relation", {"sites": {"site-a": site(relation={"name": "orders"}, reachable=True)}}, ["orders"], False),
        ("no_relation", {"sites": {"site-a": site(relation={}, reachable=False)}}, None, False),
        ("not_described", {"described": ["billing"]}, None, True),
        ("not_described", {"described": ["orders-prod"]}, "orders-prod", False),
        ("hosts_not_described", {"described_hosts": ["db-9", "192.0.2.9"], "hosts": GONE}, [], True),
        ("hosts_not_described", {"described_hosts": ["192.0.2.1"], "hosts": GONE}, ["192.0.2.1"], False),
        ("hosts_not_described", {"described_hosts": ["db-1"], "hosts": GONE}, ["192.0.2.1"], False),
        ("hosts_not_described", {"described_hosts": ["db-1"], "hosts": []}, [], True),
        ("no_sessions", {"sessions": [{"user": "root"}, {"user": "rdsMetric"}]}, [], True),
        ("no_sessions", {"sessions": [{"user": "clerk"}, {"user": "clerk"}]}, ["clerk"], False),
        ("no_sessions", {"sessions": None}, None, False),
    ],
)
def test_the_end_of_an_instance(name: str, what: Any, value: Any, passed: bool) -> None:
    judged = GATES[name].judge(what, {**LIMITS, "hosts": ["192.0.2.1"]})
    assert (judged.value, judged.passed) == (value, passed)


@pytest.mark.parametrize(
    ("statuses", "value", "passed"),
    [
        (("Down", "Down", "Standby"), [], True),
        (("Down", "Standby", "Standby"), ["dc2"], False),
        # What may run is not lost.
        (("Down", "Strange", "Standby"), ["dc2"], False),
        ((), None, False),
    ],
)
def test_all_other_zones_are_lost(statuses: tuple[str, ...], value: Any, passed: bool) -> None:
    nodes = [node(number, status) for number, status in enumerate(statuses, 1)]
    judged = GATES["zones_lost"].judge(observed(a={"nodes": nodes}), {"site": "site-a", "zone": "dc3"})
    assert (judged.value, judged.passed) == (value, passed)


@pytest.mark.parametrize(("status", "passed"), [("FAILED", True), ("SHUTDOWN", True), ("ACTIVE", False)])
def test_the_instance_is_down(status: str, passed: bool) -> None:
    judged = GATES["instance_down"].judge(observed(a={"instance_status": status}), {"site": "site-a"})
    assert (judged.value, judged.passed) == (status, passed)


RESTORE = {"point": "then", "backup_id": "", "now": "now", "minutes": 5}
SPAN = {"start": "a", "end": "b", "start_ms": 10, "end_ms": 20}
SESSION = {"application_name": "app", "user": "orders", "client_ip": "192.0.2.9"}


@pytest.mark.parametrize(
    ("name", "seen", "more", "limits", "value", "passed"),
    [
        ("moment_restorable", {}, {"restore_times": [SPAN]}, {"moment_ms": 10}, ["a - b"], True),
        ("moment_restorable", {}, {"restore_times": [SPAN]}, {"moment_ms": 21}, ["a - b"], False),
        # A template is text before ansible-core 2.19.
        ("moment_restorable", {}, {"restore_times": [SPAN]}, {"moment_ms": "10"}, ["a - b"], True),
        (
            "moment_restorable",
            {},
            {"restore_times": [SPAN]},
            {"moment_ms": ""},
            {"code": "missing", "point": "then"},
            False,
        ),
        ("moment_restorable", {}, {"restore_times": None}, {"moment_ms": 10}, None, False),
        ("moment_restorable", {}, {"restore_times": [SPAN]}, {}, {"code": "missing", "point": "then"}, False),
        ("sessions_lost", {}, {"sessions": []}, {}, [], True),
        ("sessions_lost", {}, {"sessions": None}, {}, None, False),
        ("sessions_lost", {}, {"sessions": [SESSION, SESSION]}, {}, ["app orders@192.0.2.9"], False),
        ("loss_confirmed", {}, {}, {"confirmed": True}, {"point": "then", "now": "now", "minutes": 5}, True),
        ("loss_confirmed", {}, {}, {"confirmed": False}, {"point": "then", "now": "now", "minutes": 5}, False),
    ],
)
def test_a_gate_of_restores(name: str, seen: Any, more: Any, limits: Any, value: Any, passed: bool) -> None:
    what = observed(a=seen, restore=RESTORE, **more)
    judged = GATES[name].judge(what, {"site": "site-a", "instance": "orders", "moment_ms": None, **limits})
    assert (judged.value, judged.passed) == (value, passed)


def test_a_backup_that_exists_can_be_restored() -> None:
    what = observed(restore={**RESTORE, "backup_id": "b1"}, restore_times=None)
    judged = GATES["moment_restorable"].judge(what, {"site": "site-a", "moment_ms": 10})
    assert (judged.value, judged.passed) == ({"code": "backup", "point": "then"}, True)


STREAM = {"name": "orders", "disaster_type": "stream", "in_force": True, "acts_as": "primary"}
USERS = [
    {"name": "root"},
    {"name": "clerk", "attributes": {"login": True}},
    {"name": "r", "attributes": {"login": False}},
]


@pytest.mark.parametrize(
    ("accounts", "users", "missing", "passed"),
    [
        (["root", "rdsRepl", "clerk"], USERS, [], True),
        (["clerk", "nobody", "r"], USERS, ["nobody", "r"], False),
        # Only what the platform lists can be missing there.
        (["root", "rdsRepl"], None, None, True),
        (["clerk"], None, None, False),
    ],
)
def test_accounts_exist(accounts: list[str], users: Any, missing: Any, passed: bool) -> None:
    judged = GATES["accounts_exist"].judge({"users": users}, LIMITS | {"accounts": accounts})
    assert (judged.value, judged.passed) == (missing, passed)


@pytest.mark.parametrize(
    ("relation", "reachable", "value", "passed"),
    [
        ({}, True, [], True),
        (STREAM, True, ["primary"], True),
        (STREAM | {"acts_as": "standby"}, True, ["standby"], False),
        ({}, False, None, False),
    ],
)
def test_a_dr_instance_has_the_passwords_of_its_primary(
    relation: dict[str, Any], reachable: bool, value: Any, passed: bool
) -> None:
    seen = {"sites": {"site-a": site(relation=relation, reachable=reachable)}}
    judged = GATES["not_standby"].judge(seen, LIMITS)
    assert (judged.value, judged.passed) == (value, passed)


@pytest.mark.parametrize(
    ("relation", "users", "value"),
    [
        ({}, None, []),
        (STREAM, ["dr"], ["rdsRepl", "dr"]),
        # It may be any account that is not the platform's own.
        (STREAM, None, ["root", "rdsRepl", "dr"]),
        (STREAM | {"in_force": None}, ["dr"], ["rdsRepl", "dr"]),
        (STREAM | {"in_force": False}, ["dr"], []),
        (STREAM | {"disaster_type": "dorado"}, ["dr"], []),
    ],
)
def test_the_accounts_of_a_relation(relation: dict[str, Any], users: Any, value: list[str]) -> None:
    limits = LIMITS | {"accounts": ["root", "rdsAdmin", "rdsRepl", "dr"], "relation_users": users}
    seen = {"sites": {"site-a": site(relation=relation, reachable=True)}}
    judged = GATES["no_relation_account"].judge(seen, limits)
    assert (judged.value, judged.limit, judged.passed) == (value, {"users": users}, not value)
    unread = GATES["no_relation_account"].judge({"sites": {"site-a": site(reachable=False)}}, limits)
    assert (unread.value, unread.passed) == (None, False)


LEDGER = [{"manage_ip": "192.0.2.61", "added": True}, {"manage_ip": "192.0.2.62", "added": True}]
LEDGER_HOSTS = [{"manage_ip": each["manage_ip"], "status": "unmanaged"} for each in LEDGER]


@pytest.mark.parametrize(
    ("name", "seen", "limits", "value", "passed"),
    [
        ("database_found", {}, {"hosts": ["192.0.2.61"]}, ["192.0.2.61", "192.0.2.62"], True),
        ("database_found", {}, {"hosts": ["192.0.2.62", "192.0.2.61"]}, ["192.0.2.61", "192.0.2.62"], True),
        ("database_found", {}, {"hosts": ["192.0.2.63"]}, ["192.0.2.61", "192.0.2.62"], False),
        ("database_found", {"database": []}, {"hosts": ["192.0.2.61"]}, [], False),
        ("database_found", {"database": []}, {"hosts": []}, [], False),
        ("hosts_added", {}, {}, [], True),
        ("hosts_added", {"database": []}, {}, [], False),
        ("hosts_added", {"hosts": LEDGER_HOSTS[:1]}, {}, [{"code": "missing", "host": "192.0.2.62"}], False),
        (
            "hosts_added",
            {"database": [{**LEDGER[0], "added": False}, LEDGER[1]]},
            {},
            [{"code": "missing", "host": "192.0.2.61"}],
            False,
        ),
        (
            "hosts_added",
            {"hosts": [LEDGER_HOSTS[0], {**LEDGER_HOSTS[1], "status": "in_use"}]},
            {},
            [{"code": "in_use", "host": "192.0.2.62", "status": "in_use"}],
            False,
        ),
        ("name_free", {}, {}, [], True),
        ("name_free", {"instances": [{"nodes": [{"management_ip": "192.0.2.61"}]}]}, {}, [], True),
        ("name_free", {"instances": [{"nodes": [{"management_ip": "192.0.2.9"}]}]}, {}, ["192.0.2.9"], False),
        ("name_free", {"instances": [{"nodes": []}]}, {}, None, False),
        ("engine_known", {}, {"engine_version": ""}, None, None),
        ("engine_known", {}, {"engine_version": "3.200.0"}, "3.200.0", True),
        ("engine_known", {}, {"engine_version": "1.0.0"}, "1.0.0", False),
    ],
)
def test_a_database_that_is_not_managed(name: str, seen: Any, limits: Any, value: Any, passed: bool | None) -> None:
    found = {"database": LEDGER, "hosts": LEDGER_HOSTS, "instances": [], "versions": ["3.200.0"], **seen}
    judged = GATES[name].judge(found, {"hosts": ["192.0.2.61"], "instance": "ledger", "engine_version": "", **limits})
    assert (judged.value, judged.passed) == (value, passed)


SIZE = {"vcpus": 64, "memory": 512, "data_disk_size": 3200, "storage_type": "localssd"}
GROWN = [{"manage_ip": "1", **SIZE}, {"manage_ip": "4", **SIZE}, {"manage_ip": "5", **SIZE, "vcpus": 8, "memory": None}]


@pytest.mark.parametrize(
    ("name", "expansion", "hosts", "value", "passed"),
    [
        ("expandable", {"obstacles": []}, ["4"], [], True),
        ("expandable", {"obstacles": [{"code": "removed"}]}, ["4"], [{"code": "removed"}], False),
        ("groups_fit", {"group": 2}, ["4", "5"], 2, True),
        ("groups_fit", {"group": 3}, ["4", "5"], 2, False),
        ("groups_fit", {"group": 1}, [], 0, False),
        ("groups_fit", {"group": 0}, ["4", "5"], 2, False),
        ("hosts_alike", {}, ["4"], [], True),
        ("hosts_alike", {}, ["9"], [], True),
        (
            "hosts_alike",
            {},
            ["4", "5"],
            [{"code": "differs", "host": "5", "trait": "vcpus", "value": 8, "others": 64}],
            False,
        ),
    ],
)
def test_an_expansion(name: str, expansion: Any, hosts: list[str], value: Any, passed: bool) -> None:
    seen = {"sites": {"site-a": {"nodes": [{"management_ip": "1"}]}}, "expansion": expansion, "hosts": GROWN}
    judged = GATES[name].judge(seen, {**LIMITS, "hosts": hosts})
    assert (judged.value, judged.passed) == (value, passed)
