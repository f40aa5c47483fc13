# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The proof of a backup: what is restored where, what an interrupted run has left, the checks, and whose turn it is."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from typing import Any

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.gaussdb.tpops.plugins.filter.proof_state import FilterModule as StateFilter
from ansible_collections.gaussdb.tpops.plugins.filter.proof_times import FilterModule as TimesFilter
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import InputError
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.procedure.proof import (
    checks_of_times,
    choose_hosts,
    compare_restored,
    is_proof_of,
    other_port,
    point_of,
    proof_name,
    proof_state,
    proven_at,
    rotation,
)
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.procedure.view import view_of

NOON = datetime(2026, 11, 26, 12, tzinfo=timezone.utc)
NOON_MS = int(NOON.timestamp() * 1000)
NAME = "orders-prod-proof-20261126120000"
BACKUP = {
    "id": "br14",
    "name": "full-1",
    "begin_time": "2026-11-26T11:00:00+0000",
    "end_time": "2026-11-26T11:10:00+0000",
}
SEEN = {
    "instance": "orders-prod",
    "instance_status": "ACTIVE",
    "nodes": [{"management_ip": "192.0.2.1"}],
    "newest_backup": BACKUP,
}


def host(number: int, **more: Any) -> dict[str, Any]:
    shown = {"name": f"db-{number}", "manage_ip": f"192.0.2.{number}", "status": "initialized", "data_center": "spare"}
    return {**shown, "os_type": "kylin", "type": "bms", "cpu_spec": "intel", "os_arch": "x86", **more}


HOSTS = [
    host(1, status="in_use", data_center="dc1"),
    host(4),
    host(3, status="unmanaged"),
    host(5, status="in_use"),
    host(6, os_arch="arm"),
    host(7, data_center="dc1"),
    host(8),
]
OPTIONS = {"data_center": "spare", "solution_of_source": "triset", "port_of_source": 8000, "now_ms": NOON_MS}


def state(instances: Any = (), records: Any = (), **options: Any) -> dict[str, Any]:
    return proof_state(SEEN, instances, HOSTS, records, {**OPTIONS, **options}, NOON)


def test_a_new_proof() -> None:
    found = state([{"name": "orders-prod"}])
    assert found == {
        "name": NAME,
        "found": [],
        "instance": {},
        "begun": {},
        "verification": [],
        "verified": False,
        "exists": False,
        "failed": False,
        "hosts": ["192.0.2.3", "192.0.2.4", "192.0.2.8"],
        "needed": 3,
        "point": {
            "restore": {"instance": "orders-prod", "backup_id": "br14"},
            "backup": "full-1",
            "time": "2026-11-26 11:10:00 UTC",
            "rpo_seconds": 3000.0,
        },
        "arguments": {
            "os_type": "Kylin",
            "cpu_spec": "Intel",
            "arch": "X86",
            "host_type": "BMS",
            "solution": "triset",
            "manage_ips": ["192.0.2.3", "192.0.2.4", "192.0.2.8"],
            "port": 8001,
        },
    }
    assert StateFilter().filters()["proof_state"](SEEN, [], HOSTS, options=OPTIONS)["hosts"] == found["hosts"]


def test_a_topology_with_an_arbiter() -> None:
    """Its host is the last one that is given, by name or address."""
    given = ["db-4", "192.0.2.3", "db-8", "db-5", "db-7"]
    arguments = state(hosts=given, solution="quadruset", port=9000)["arguments"]
    assert arguments["manage_ips"] == ["192.0.2.4", "192.0.2.3", "192.0.2.8", "192.0.2.5"]
    assert (arguments["arbiter_az_ips"], arguments["port"]) == (["192.0.2.7"], 9000)


def test_nothing_is_known_of_the_topology() -> None:
    found = proof_state({**SEEN, "nodes": None, "newest_backup": None}, [], HOSTS, [], {"data_center": "dc9"}, NOON)
    assert (found["needed"], found["hosts"], found["point"], found["arguments"]["port"]) == (0, [], {}, 1024)
    assert "solution" not in found["arguments"]


def record(minutes: float, begun: bool = True, verified: bool = False, ended: bool = False) -> dict[str, Any]:
    note = {"code": "proof_begun", "proof": NAME, "rpo_seconds": 7}
    return {
        "began": f"{NOON - timedelta(minutes=minutes):%Y-%m-%dT%H:%M:%SZ}",
        "ended": "later" if ended else "",
        "notes": [{"code": "other"}, note] if begun else [],
        "verification": [{"name": "users", "passed": True}] if verified else [],
        "outcome": "done" if ended else "running",
    }


LEFT = {"name": NAME, "status": "ACTIVE"}


@pytest.mark.parametrize(
    ("instances", "records", "name", "exists", "verified", "begun"),
    [
        # It was to be restored, and maybe it was.
        ([], [record(5)], NAME, False, False, True),
        ([LEFT], [record(5)], NAME, True, False, True),
        # A run that took it over was interrupted before it had noted that.
        ([LEFT], [record(3, begun=False), record(5)], NAME, True, False, True),
        ([LEFT], [record(5, verified=True)], NAME, True, True, True),
        # It is removed, and only the end of the record was missing.
        ([], [record(5, verified=True)], NAME, False, True, True),
        # Its record is gone, too old, or that of a run that has ended.
        ([LEFT], [], NAME, True, False, False),
        ([LEFT], [record(1500, verified=True)], NAME, True, False, False),
        ([LEFT], [record(5, verified=True, ended=True)], NAME, True, False, False),
        ([LEFT], [{"began": "", "ended": ""}], NAME, True, False, False),
    ],
)
def test_what_an_interrupted_run_has_left(
    instances: Any, records: Any, name: str, exists: bool, verified: bool, begun: bool
) -> None:
    found = state(instances, records)
    assert (found["name"], found["exists"], found["verified"], bool(found["begun"])) == (name, exists, verified, begun)


def test_another_proof_than_that_of_the_record() -> None:
    other = {"name": "orders-prod-proof-20261126110000", "status": "BUILD_FAILED"}
    found = state([other], [record(5, verified=True)])
    assert (found["name"], found["verified"], found["begun"], found["failed"]) == (other["name"], False, {}, True)
    both = state([other, LEFT, {"name": "orders-proof-20261126110000"}])
    assert (both["found"], both["exists"]) == ([other["name"], NAME], False)


def test_names() -> None:
    assert proof_name("orders-prod", NOON) == NAME and is_proof_of(NAME, "orders-prod")
    assert not is_proof_of(NAME, "orders") and not is_proof_of("orders-prod-proof-1", "orders-prod")
    long = ["a" * 60 + end for end in "bc"]
    names = [proof_name(each, NOON) for each in long]
    assert [len(each) for each in names] == [64, 64] and is_proof_of(names[0], long[0])
    assert not is_proof_of(names[0], long[1])


def test_hosts_whose_source_is_not_known() -> None:
    assert choose_hosts(HOSTS, [], {"data_center": "spare"}, 2) == ["192.0.2.3", "192.0.2.4"]


@pytest.mark.parametrize(("port", "other"), [(8000, 8001), ("8000", 8001), (8014, 8016), (39989, 1024), (None, 1024)])
def test_a_port_that_the_source_does_not_have(port: Any, other: int) -> None:
    assert other_port(port) == other


SPANS = [{"end_ms": NOON_MS - 60_000}, {"end_ms": NOON_MS - 90_000}]


@pytest.mark.parametrize(
    ("options", "restore", "time", "lost"),
    [
        ({"point": "now"}, {"restore_time": str(NOON_MS - 60_000)}, "2026-11-26 11:59:00 UTC", 60.0),
        ({"point": "2026-11-26 08:00:00 UTC"}, {"restore_time": "1795680000000"}, "2026-11-26 08:00:00 UTC", 0.0),
        # As templates of ansible-core 2.16 are.
        ({"now_ms": str(NOON_MS)}, {"backup_id": "br14"}, "2026-11-26 11:10:00 UTC", 3000.0),
        ({"now_ms": ""}, {"backup_id": "br14"}, "2026-11-26 11:10:00 UTC", None),
        ({"now_ms": None}, {"backup_id": "br14"}, "2026-11-26 11:10:00 UTC", None),
    ],
)
def test_points(options: Any, restore: Any, time: str, lost: Any) -> None:
    found = point_of({"restore_times": SPANS, "now_ms": NOON_MS, **options}, BACKUP, "orders-prod")
    assert found["restore"] == {"instance": "orders-prod", **restore}
    assert (found["time"], found["rpo_seconds"]) == (time, lost)


def test_points_that_are_none() -> None:
    assert point_of({"point": "now"}, BACKUP, "orders-prod") == {}
    with pytest.raises(InputError, match="yesterday is neither"):
        point_of({"point": "yesterday"}, BACKUP, "orders-prod")


RESTORABLE = {"start": "A", "start_ms": NOON_MS - 90_000, "end": "B", "end_ms": NOON_MS - 60_000}


def test_a_moment_that_cannot_be_restored() -> None:
    inside = str(NOON_MS - 60_000)
    assert state(point=inside, restore_times=[RESTORABLE])["point"]["restore"]["restore_time"] == inside
    with pytest.raises(InputError, match=r"proof_point: .* cannot be restored. Can be restored: A - B"):
        state(point=str(NOON_MS - 59_000), restore_times=[RESTORABLE])
    with pytest.raises(InputError, match="nothing since then"):
        state(point=inside, restore_times=[])
    # It is not known, or does not matter any more: what was restored is to be removed.
    assert state(point=inside, restore_times=None)["point"]
    assert state([LEFT], point=inside, restore_times=[])["exists"]
    assert state([], [record(5, verified=True)], point=inside, restore_times=[])["verified"]


def test_what_was_restored() -> None:
    baseline = {"databases": ["app", "orders"], "users": ["clerk"], "parameters": {"a": "1"}}
    results = {
        "databases": {"databases": [{"name": "orders"}, {"name": "postgres"}, {"name": "more"}]},
        "users": {"users": [{"name": "clerk"}, {"name": "root"}]},
        "parameters": {"parameters": [{"name": "a", "value": "2"}]},
    }
    checks = compare_restored(results, baseline, ["a"])
    assert checks == [
        {"name": "databases_restored", "value": {"missing": ["app"], "more": ["more"]}, "passed": False},
        {"name": "users_restored", "value": {"missing": [], "more": []}, "passed": True},
        {"name": "parameter", "parameter": "a", "value": "2", "expected": "1", "passed": False},
    ]
    assert compare_restored({}, baseline, []) == []


def test_times() -> None:
    job = {"created": NOON_MS, "ended": NOON_MS + 900_000}
    rto, rpo = checks_of_times({"rpo_seconds": 300}, job, 12.34, {"rto": 900, "rpo": 300})
    assert rto == {"name": "proof_rto", "value": 912.3, "expected": 900, "passed": False}
    assert rpo == {"name": "proof_rpo", "value": 300, "expected": 300, "passed": True}
    shown = {"created": "2026-11-26T12:00:00+0000", "ended": "2026-11-26T12:01:00+0000"}
    filtered = TimesFilter().filters()["proof_times"]({}, shown, "0")
    assert [(check["value"], check["passed"]) for check in filtered] == [(60.0, True), (None, True)]
    # What is not known is not within a limit.
    assert [check["passed"] for check in checks_of_times({}, {}, 0, {"rto": 1, "rpo": 1})] == [False, False]


def test_the_newest_transaction_says_more_than_the_end_of_the_backup() -> None:
    """The backup ended 300 seconds before the proof, and nothing was written in the last minute of it."""
    begun = {"rpo_seconds": 300, "time": "2026-11-26 11:55:00 UTC"}
    for newest, expected in (("2026-11-26 11:54:00 UTC", 360), (NOON_MS - 600_000, 600), ("2026-11-26T12:00:00Z", 300)):
        (_rto, rpo) = checks_of_times(begun, {}, 0, {"rpo": 360}, newest)
        assert (rpo["name"], rpo["value"], rpo["passed"]) == ("proof_rpo_data", expected, expected <= 360)
    (_rto, unknown) = checks_of_times({}, {}, 0, {}, "2026-11-26 11:54:00 UTC")
    assert (unknown["name"], unknown["value"]) == ("proof_rpo_data", None)
    with pytest.raises(InputError, match="proof_newest_transaction: 'yesterday' is not allowed"):
        checks_of_times(begun, {}, 0, {}, "yesterday")


def test_the_filters_fail_as_ansible_does() -> None:
    """Before ansible-core 2.19, the message of any other exception is lost."""
    with pytest.raises(AnsibleFilterError, match="proof_newest_transaction: 'yesterday' is not allowed"):
        TimesFilter().filters()["proof_times"]({}, {}, 0, {}, "yesterday")
    with pytest.raises(AnsibleFilterError, match="proof_point: yesterday is neither"):
        StateFilter().filters()["proof_state"](SEEN, [], [], [], {**OPTIONS, "point": "yesterday"})


SUBJECTS = {f"{name}@site-a": name for name in ("c", "a", "b", "d")}
MONDAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("proven", "limit", "chosen"),
    [
        ({}, 0, ["c", "a", "b", "d"]),
        ({}, 9, ["c", "a", "b", "d"]),
        ({"a": "2026-02", "c": "2026-01"}, 3, ["c", "b", "d"]),
        ({"a": "2026-02", "b": "2026-03", "c": "2026-01", "d": "2026-04"}, 2, ["c", "a"]),
    ],
)
def test_whose_turn_it_is_by_the_records(proven: dict[str, str], limit: int, chosen: list[str]) -> None:
    known = {f"{name}@site-a": at for name, at in proven.items()}
    assert rotation(SUBJECTS, known, limit, MONDAY) == [f"{name}@site-a" for name in chosen]


def test_whose_turn_it_is_by_the_calendar() -> None:
    """Each week the next ones, the same the whole week, and all of them in turn."""
    weeks = [rotation(SUBJECTS, {}, 3, MONDAY + timedelta(weeks=number)) for number in range(4)]
    assert rotation(SUBJECTS, {}, 3, MONDAY + timedelta(days=6)) == weeks[0] != weeks[1]
    assert {host: sum(host in week for week in weeks) for host in SUBJECTS} == dict.fromkeys(SUBJECTS, 3)


@pytest.mark.parametrize("year", [2020, 2026, 2032])
def test_no_turn_is_left_out_at_a_new_year(year: int) -> None:
    """These years have 53 ISO weeks, and the next one begins with week 1."""
    monday = date.fromisocalendar(year, 53, 1)
    turns = [rotation(SUBJECTS, {}, 1, monday + timedelta(weeks=number)) for number in range(-1, 3)]
    assert sorted(host for turn in turns for host in turn) == sorted(SUBJECTS)


def test_a_name_that_is_added_meanwhile() -> None:
    """Those that have records are not proven again before it; without records it has a turn like all others."""
    more = {**SUBJECTS, "aa@site-a": "aa"}
    assert rotation(more, dict.fromkeys(SUBJECTS, "2026-01"), 1, MONDAY) == ["aa@site-a"]
    turns = [rotation(more, {}, 2, MONDAY + timedelta(weeks=number)) for number in range(5)]
    assert {host: sum(host in turn for turn in turns) for host in more} == dict.fromkeys(more, 2)
    assert rotation(more, {}, 6, MONDAY) == rotation(more, {"aa@site-a": "2026-01"}, 5, MONDAY) == list(more)


def test_when_it_was_proven() -> None:
    good, bad = record(5, ended=True), {**record(1, ended=True), "outcome": "failed"}
    assert proven_at([bad, good, record(9, ended=True)]) == good["began"] and proven_at([bad]) == ""


def test_a_view_of_backups() -> None:
    view = view_of({"site-a": SEEN}, {}, "", NOON, ["backups"])
    assert view.good_end and view.summary[0]["code"] == "backed_up" and view.summary[0]["backup"] == "full-1"
    none = view_of({"site-a": {**SEEN, "newest_backup": None}}, {}, "", NOON, ["backups"])
    assert not none.good_end and none.summary[0]["code"] == "not_backed_up"
