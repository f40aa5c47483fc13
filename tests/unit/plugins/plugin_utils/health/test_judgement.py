# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is wrong at a site: at each limit, and where something could not be read."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from ansible_collections.gaussdb.tpops.plugins.plugin_utils.health.judgement import judge_site
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.health.reading import DEEP_PARTS, PARTS

NOW_MS = 1_768_204_800_000
LIMITS: dict[str, Any] = {
    "backup_age": "2d",
    "alarms_red": ["critical"],
    "alarms_amber": ["major"],
    "disk_amber_percent": 80,
    "disk_red_percent": 90,
    "password_amber_days": 14,
    "password_red_days": 3,
    "restore_minutes": 60,
    "slow_sql_seconds": 1,
    "slow_sql_most": 1,
    "inspection_age": "12h",
    "deep": False,
}
INSTANCE = {
    "id": "in14",
    "name": "orders-prod",
    "label": "orders-prod",
    "status": "ACTIVE",
    "running": True,
    "busy": False,
    "engine_version": "3.103.0",
    "updated": "2026-01-12 08:00:00 UTC",
    "nodes": [{"name": "node-1", "status": "ACTIVE"}],
}
BACKUP = {"id": "b1", "name": "full", "status": "COMPLETED", "begin_time": "2026-01-12", "instance_id": "in14"}
ALARM = {
    "alarm_id": "5010001",
    "name": "Node down",
    "severity": "critical",
    "instance_id": "in14",
    "instance_name": "orders-prod",
    "component_name": "node",
    "first_time": "2026-01-12",
}
DISK = {"instance_id": "in14", "dimension": "192.0.2.11", "latest": 24.5}
AGENT = {"id": "in14", "up_to_date": True, "current_version": "a100", "target_version": "a130"}
RELATION = {
    "name": "orders",
    "status": "normal",
    "acts_as": "primary",
    "protected": True,
    "drill": False,
    "instance_id": "in14",
    "instance_name": "orders-prod",
}
HOST = {"name": "db-1", "manage_ip": "192.0.2.1", "status": "in_use", "error_message": None}
RESULT = {"check": "cpu", "name": "CPU usage", "status": "abnormal", "result": "97 %", "suggestions": "Add CPUs"}
RECORD = {"id": "r1", "instance_id": "in14", "status": "completed", "results": []}
HEALTHY: dict[str, list[dict[str, Any]]] = {
    "instances": [INSTANCE],
    "backups": [BACKUP],
    "alarms": [],
    "disks": [DISK],
    "agents": [AGENT],
    "relations": [RELATION],
    "hosts": [HOST],
    "password": [{"days": 90}],
}
FIGURES = {
    "rpo_seconds": 2.5,
    "rto_seconds": 30,
    "rpo_threshold_seconds": 10,
    "rto_threshold_seconds": 900,
    "within_thresholds": True,
}
LAG = {
    "name": "orders",
    "protected": True,
    "instance_id": "in14",
    "instance_name": "orders-prod",
    "monitor": FIGURES,
}
SPAN = {"end": "2026-01-12 08:00:00 UTC", "end_ms": NOW_MS}
DEEP: dict[str, Any] = {
    "restore": {"by_instance": {"in14": {"entries": [SPAN]}}},
    "slow_sql": {"by_instance": {"in14": {"entries": []}}},
    "inspection": {"entries": [RECORD]},
    "replication": {"entries": [LAG]},
}
ERROR = {"error": "Y", "silent": False}


def judged(described: dict[str, Any] | None = None, deep: dict[str, Any] | None = None, **parts: Any) -> dict[str, Any]:
    """Return the judgement of a healthy site with other entries, or an error, in some of its parts."""
    found = {
        name: value if isinstance(value, dict) else {"entries": value} for name, value in {**HEALTHY, **parts}.items()
    }
    if deep is not None:
        found |= {**DEEP, **deep}
    reading = {"error": "", "silent": False, "now_ms": NOW_MS, "parts": copy.deepcopy(found)}
    return judge_site("site-a", reading, described or {}, {**LIMITS, "deep": deep is not None})


def found(judgement: dict[str, Any]) -> list[tuple[str, str]]:
    return [(each["code"], each["color"]) for each in judgement["findings"]]


def only(judgement: dict[str, Any]) -> dict[str, Any]:
    (finding,) = judgement["findings"]
    return dict(finding)


@pytest.mark.parametrize("deep", [None, {}])
def test_a_healthy_site(deep: Any) -> None:
    judgement = judged(deep=deep)
    assert judgement["findings"] == []
    assert judgement["instances"]["orders-prod"] == {
        "status": "ACTIVE",
        "version": "3.103.0",
        "color": "green",
        "backup": "2026-01-12",
        "disk_percent": 24.5,
        "restorable_until": None if deep is None else SPAN["end"],
        "rpo_seconds": None if deep is None else 2.5,
        "rto_seconds": None if deep is None else 30,
    }
    assert judgement["read"] == ["site", *PARTS, *(DEEP_PARTS if deep is not None else ())]


@pytest.mark.parametrize(("silent", "code"), [(True, "site_silent"), (False, "site_refused")])
def test_a_dead_site_is_one_line(silent: bool, code: str) -> None:
    reading = {"error": "no answer", "silent": silent, "parts": {}}
    judgement = judge_site("site-a", reading, {"instances": {"orders-prod": {}}}, LIMITS)
    assert found(judgement) == [(code, "red")]
    assert judgement["read"] == ["site", "estate"] and judgement["instances"] == {}
    assert only(judgement)["detail"] == "no answer"


@pytest.mark.parametrize("part", [*PARTS, *DEEP_PARTS])
def test_what_could_not_be_read_is_not_healthy(part: str) -> None:
    judgement = judged(deep={part: ERROR}) if part in DEEP_PARTS else judged(**{part: ERROR})
    assert only(judgement) == {
        "site": "site-a",
        "color": "unread",
        "part": part,
        "code": "part_unread",
        "instance": "",
        "about": part,
        "unread": part,
        "detail": "Y",
    }
    assert part not in judgement["read"]
    if part in ("backups", "alarms", "disks", "agents", "relations"):
        assert judgement["instances"]["orders-prod"]["color"] == "unread"


def test_disks_are_not_read_without_instances() -> None:
    parts = {
        "instances": ERROR,
        **{name: {"entries": HEALTHY[name]} for name in PARTS if name not in ("instances", "disks")},
    }
    reading = {"error": "", "silent": False, "now_ms": NOW_MS, "parts": parts}
    judgement = judge_site("site-a", reading, {"instances": {"orders-prod": {}}}, LIMITS)
    # That a described instance does not exist is not known.
    assert [each["unread"] for each in judgement["findings"]] == ["instances", "disks"]


@pytest.mark.parametrize(
    ("status", "more", "expected"),
    [
        ("ACTIVE", {}, []),
        ("BACKING UP", {"busy": True}, []),
        ("RESTORING", {"busy": True}, [("instance_busy", "amber")]),
        ("UPGRADE TO BE OBSERVED", {}, [("upgrade_observed", "amber")]),
        ("SHUTDOWN", {"running": False, "nodes": [{"name": "n", "status": "SHUTDOWN"}]}, [("instance_stopped", "red")]),
        ("FAILED", {"running": None}, [("instance_status", "red")]),
        ("BUILD_FAILED", {"running": None}, [("instance_status", "red")]),
        (None, {"running": None}, [("instance_status", "red")]),
        ("ACTIVE", {"nodes": [{"name": "n", "status": "FAILED"}]}, [("node_unhealthy", "red")]),
        ("ACTIVE", {"nodes": [{"name": "n", "status": "RESTARTED BY HAND"}]}, [("node_unhealthy", "red")]),
        ("ACTIVE", {"nodes": [{"name": "n", "status": None}]}, [("nodes_unread", "unread")]),
        ("ACTIVE", {"nodes": []}, [("nodes_unread", "unread")]),
    ],
)
def test_the_status(status: str, more: dict[str, Any], expected: Any) -> None:
    assert found(judged(instances=[{**INSTANCE, "status": status, **more}])) == expected


def test_what_should_be_stopped() -> None:
    stopped = {**INSTANCE, "status": "SHUTDOWN", "running": False}
    described = {"instances": {"orders-prod": {"versions": [], "state": "stopped"}}}
    assert found(judged(described, instances=[stopped])) == []


@pytest.mark.parametrize(
    ("version", "versions", "expected"),
    [
        ("3.103.0", ["3.103.0"], []),
        ("3.103.0", [], []),
        ("3.103.0", ["3.200.0"], [("upgrade_pending", "amber")]),
        ("3.103.0", ["3.103.0.1", "3.103.0.2"], [("upgrade_pending", "amber")]),
        ("3.200.0", ["3.103.0"], [("version_ahead", "amber")]),
        ("", ["3.103.0"], [("version_unread", "unread")]),
    ],
)
def test_versions_against_the_description(version: str, versions: list[str], expected: Any) -> None:
    described = {"instances": {"orders-prod": {"versions": versions, "state": None}}}
    assert found(judged(described, instances=[{**INSTANCE, "engine_version": version}])) == expected


def test_a_pending_upgrade_names_its_playbook() -> None:
    finding = only(judged({"instances": {"orders-prod": {"versions": ["3.200.0"]}}}))
    assert (finding["playbook"], finding["version"], finding["described"]) == (
        "gaussdb.tpops.upgrade",
        "3.103.0",
        "3.200.0",
    )


@pytest.mark.parametrize("status", ["UPGRADING", "UPGRADE TO BE OBSERVED"])
def test_an_upgrade_under_way_is_not_pending(status: str) -> None:
    described = {"instances": {"orders-prod": {"versions": ["3.200.0"]}}}
    instance = {**INSTANCE, "status": status, "busy": status == "UPGRADING"}
    assert "upgrade_pending" not in dict(found(judged(described, instances=[instance])))


def test_described_and_existing_instances() -> None:
    judgement = judged({"instances": {"ledger-prod": {}}})
    assert {(each["code"], each["instance"]) for each in judgement["findings"]} == {
        ("instance_missing", "ledger-prod"),
        ("instance_undescribed", "orders-prod"),
    }
    assert list(judgement["instances"]) == ["ledger-prod", "orders-prod"]
    # A description of other things says nothing about instances.
    assert judged({"instances": {}})["findings"] == []
    assert found(judged({"error": "gaussdb_estate: not a dictionary"})) == [("part_unread", "unread")]


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        (["COMPLETED"], []),
        (["BUILDING", "COMPLETED"], []),
        (["FAILED", "COMPLETED"], [("backup_failed", "red")]),
        (["BUILDING", "FAILED", "COMPLETED"], [("backup_failed", "red")]),
        (["COMPLETED", "FAILED"], [("backup_failed_before", "amber")]),
        (["FAILED"], [("backup_failed", "red"), ("backup_missing", "red")]),
        (["BUILDING"], [("backup_missing", "red")]),
        ([], [("backup_missing", "red")]),
    ],
)
def test_backups(statuses: list[str], expected: Any) -> None:
    assert found(judged(backups=[{**BACKUP, "status": status} for status in statuses])) == expected


@pytest.mark.parametrize(
    ("severity", "color"), [("critical", "red"), ("major", "amber"), ("minor", None), ("notice", None)]
)
def test_alarms(severity: str, color: str | None) -> None:
    judgement = judged(alarms=[{**ALARM, "severity": severity}])
    assert found(judgement) == ([("alarm", color)] if color else [])
    assert judgement["alarms"] == {severity: 1}


def test_an_alarm_of_the_platform_has_no_instance() -> None:
    assert only(judged(alarms=[{**ALARM, "instance_id": None, "instance_name": None}]))["instance"] == ""


@pytest.mark.parametrize(
    ("used", "expected"),
    [
        (79.9, []),
        (80, [("disk_used", "amber")]),
        (89.9, [("disk_used", "amber")]),
        (90, [("disk_used", "red")]),
        (None, [("disk_unread", "unread")]),
    ],
)
def test_disks(used: float | None, expected: Any) -> None:
    assert found(judged(disks=[{**DISK, "latest": used}])) == expected


def test_an_instance_without_a_measured_disk() -> None:
    assert found(judged(disks=[])) == [("disk_unread", "unread")]
    stopped = {**INSTANCE, "status": "SHUTDOWN", "running": False}
    assert found(judged(disks=[], instances=[stopped])) == [("instance_stopped", "red")]


def test_agents() -> None:
    assert found(judged(agents=[{**AGENT, "up_to_date": False}])) == [("agent_old", "amber")]
    assert found(judged(agents=[])) == [("agent_unread", "unread")]


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"status": "simulation", "drill": True, "protected": False}, [("relation_drill", "amber")]),
        ({"status": "pending", "protected": False}, [("relation_busy", "amber")]),
        ({"status": "failover", "protected": False}, [("relation_unprotected", "red")]),
        ({"status": "unheard of", "protected": False, "drill": None}, [("relation_unprotected", "red")]),
        ({"status": "completed", "protected": False}, []),
        ({"status": "failed", "protected": False}, []),
    ],
)
def test_relations(more: dict[str, Any], expected: Any) -> None:
    assert found(judged(relations=[{**RELATION, **more}])) == expected


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"monitor": {**FIGURES, "rpo_seconds": 11, "within_thresholds": False}}, [("replication_late", "amber")]),
        ({"monitor": {**FIGURES, "rto_seconds": None, "within_thresholds": None}}, [("replication_unread", "unread")]),
        ({"monitor": None}, [("replication_unread", "unread")]),
        # It is red already.
        ({"monitor": None, "protected": False}, []),
    ],
)
def test_how_far_a_relation_is_behind(more: dict[str, Any], expected: Any) -> None:
    judgement = judged(deep={"replication": {"entries": [{**LAG, **more}]}})
    assert found(judgement) == expected
    if expected and expected[0][1] == "amber":
        values = {name: only(judgement)[name] for name in ("rpo", "rpo_threshold", "rto", "rto_threshold")}
        assert values == {"rpo": 11, "rpo_threshold": 10, "rto": 30, "rto_threshold": 900}


def test_a_described_relation_that_does_not_exist() -> None:
    described = {"relations": {"orders": "orders-prod"}}
    assert judged(described)["findings"] == []
    ended = [{**RELATION, "status": "completed"}]
    assert found(judged(described, relations=ended)) == [("relation_missing", "red")]


def test_hosts() -> None:
    assert found(judged(hosts=[{**HOST, "status": "initialize_failed"}])) == [("host_failed", "amber")]


@pytest.mark.parametrize(
    ("days", "expected"),
    [(15, []), (14, [("password_expires", "amber")]), (3, [("password_expires", "red")])],
)
def test_the_password(days: int, expected: Any) -> None:
    assert found(judged(password=[{"days": days}])) == expected


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        ([{**SPAN, "end_ms": NOW_MS - 60 * 60_000}], []),
        ([{**SPAN, "end_ms": NOW_MS - 60 * 60_000 - 1}], [("restore_late", "amber")]),
        ([], [("restore_none", "red")]),
    ],
)
def test_restorable_times(spans: list[Any], expected: Any) -> None:
    assert found(judged(deep={"restore": {"by_instance": {"in14": {"entries": spans}}}})) == expected


def test_restorable_times_and_slow_sql_that_could_not_be_read() -> None:
    deep = {name: {"by_instance": {"in14": ERROR}} for name in ("restore", "slow_sql")}
    assert sorted(found(judged(deep=deep))) == [("restore_unread", "unread"), ("slow_sql_unread", "unread")]


def test_slow_sql_counts_each_statement_once() -> None:
    def slow(*statements: str) -> Any:
        listed = [{"sql_id": each, "calls": 1, "avg_exec_time_ms": 2500.0} for each in statements]
        return judged(deep={"slow_sql": {"by_instance": {"in14": {"entries": listed}}}})

    assert slow("1", "1")["findings"] == []
    finding = only(slow("1", "2"))
    assert (finding["count"], finding["slowest"], finding["limit"]) == (2, 2.5, 1)


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        ({**RECORD, "results": [RESULT]}, [("inspection_abnormal", "amber")]),
        ({**RECORD, "results": [{**RESULT, "status": "fail"}]}, [("inspection_not_run", "unread")]),
        ({**RECORD, "status": "failed"}, [("inspection_unread", "unread")]),
        ({**RECORD, "instance_id": "other"}, [("inspection_unread", "unread")]),
    ],
)
def test_inspections(record: dict[str, Any], expected: Any) -> None:
    assert found(judged(deep={"inspection": {"entries": [record]}})) == expected


def test_a_finding_of_an_inspection_has_the_suggestion() -> None:
    finding = only(judged(deep={"inspection": {"entries": [{**RECORD, "results": [RESULT]}]}}))
    assert finding["detail"] == "CPU usage · 97 % · Add CPUs"


def test_the_worst_comes_first() -> None:
    second = {**INSTANCE, "id": "in15", "label": "ledger-prod", "status": "FAILED", "running": None}
    judgement = judged(
        instances=[INSTANCE, second],
        backups=[BACKUP, {**BACKUP, "instance_id": "in15"}],
        agents=[{**AGENT, "up_to_date": False}, {**AGENT, "id": "in15"}],
    )
    assert [each["color"] for each in judgement["findings"]] == ["red", "amber"]
    assert {name: each["color"] for name, each in judgement["instances"].items()} == {
        "ledger-prod": "red",
        "orders-prod": "amber",
    }
    assert list(judgement["instances"]) == ["ledger-prod", "orders-prod"]
