# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The end of an instance: how far it is, what depends on it, its last backup, and what is left."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest

from ansible_collections.gaussdb.tpops.plugins.filter.decommission_checks import FilterModule as ChecksFilter
from ansible_collections.gaussdb.tpops.plugins.filter.decommission_state import FilterModule as StateFilter
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.procedure.decommission import (
    checks_of_end,
    decommission_state,
)

NOON = datetime(2026, 11, 26, 12, tzinfo=timezone.utc)
INSTANCE = {"id": "in14", "name": "billing", "nodes": [{"management_ip": "192.0.2.1"}]}
LAST = {"id": "br14", "name": "last-20261126113000", "status": "COMPLETED", "end_time": "2026-11-26T11:40:00+0000"}
KEPT = {
    "code": "last_backup",
    "instance_id": "in14",
    "backup": LAST["name"],
    "backup_id": "br14",
    "until": "2027-02-24",
    "hosts": ["192.0.2.1"],
}


def user(name: str, locked: bool = True, login: Any = True) -> dict[str, Any]:
    return {"name": name, "locked": locked, "attributes": {"login": login}}


def state(records: Any = (), proofs: Any = (), instances: Any = (INSTANCE,), **more: Any) -> dict[str, Any]:
    options = {"keep_days": 90, "fresh": more.pop("fresh", False)}
    return decommission_state("billing", {"instances": instances, **more}, records, proofs, options, NOON)


def test_an_instance_in_use() -> None:
    users = [user("clerk", locked=False), user("report"), user("root", False), user("readers", False, login=False)]
    dbminds = [{"name": "mind", "managed": [{"name": "billing"}]}, {"name": "other", "managed": []}]
    inspections = [
        {"id": "1", "name": "nightly", "instances": ["billing", "orders"]},
        {"id": "2", "name": "own", "instances": ["billing"]},
        {"id": "3", "name": "others", "instances": ["orders"]},
    ]
    assert state(users=users, dbminds=dbminds, inspections=inspections) == {
        "stage": "active",
        "known": {},
        "instance_id": "in14",
        "hosts": ["192.0.2.1"],
        "users": ["clerk", "report"],
        "unlocked": ["clerk"],
        "locks": [{"name": "clerk", "locked": True}],
        "backup": {},
        "backup_name": "last-20261126120000",
        "proven": False,
        "dbminds": ["mind"],
        "inspections": [{"id": "1", "name": "nightly", "left": ["orders"]}, {"id": "2", "name": "own", "left": []}],
        "until": "2027-02-24",
    }
    filtered = StateFilter().filters()["decommission_state"]("billing", {"instances": [INSTANCE]})
    assert filtered["stage"] == "locked"


def locking(began: str, outcome: str = "changed") -> dict[str, Any]:
    return {"steps": [{"name": "lock_users", "began": began, "outcome": outcome}]}


@pytest.mark.parametrize(
    ("backups", "records", "fresh", "name"),
    [
        ([LAST], [locking("2026-11-26T11:00:00Z")], False, LAST["name"]),
        ([{**LAST, "status": "BUILDING"}], [], False, LAST["name"]),
        # A step that found them locked has not locked them.
        ([LAST], [locking("2026-11-26T11:50:00Z", "ok"), locking("2026-11-26T11:00:00Z")], False, LAST["name"]),
        # Data may have been written since.
        ([LAST], [locking("2026-11-26T11:50:00Z", "running"), locking("2026-11-26T11:00:00Z")], False, None),
        ([LAST], [], True, None),
        ([{**LAST, "status": "FAILED"}], [], False, None),
        ([{**LAST, "name": "last-week"}], [], False, None),
    ],
)
def test_the_last_backup(backups: Any, records: Any, fresh: bool, name: str | None) -> None:
    found = state(records, backups=backups, fresh=fresh)
    assert found["backup_name"] == (name or "last-20261126120000") and bool(found["backup"]) is bool(name)


def proof(outcome: str = "done", backup: Any = None, time: str = "") -> dict[str, Any]:
    return {"outcome": outcome, "notes": [{"code": "other"}, {"code": "proof_begun", "backup": backup, "time": time}]}


@pytest.mark.parametrize(
    ("proofs", "proven"),
    [
        ([], False),
        ([proof(backup=LAST["name"])], True),
        ([proof("failed", LAST["name"])], False),
        ([proof(backup="auto", time="2026-11-26 11:30:00 UTC")], False),
        ([proof("failed"), proof(backup="auto", time="2026-11-26 11:50:00 UTC")], True),
        ([{"outcome": "done"}], False),
    ],
)
def test_whether_the_last_backup_is_proven(proofs: Any, proven: bool) -> None:
    assert state(proofs=proofs, backups=[LAST])["proven"] is proven
    assert not state(proofs=proofs)["proven"]


def test_an_instance_that_is_removed() -> None:
    found = state([{"notes": []}, {"notes": [{"code": "other"}, KEPT]}], instances=[])
    assert (found["stage"], found["known"], found["instance_id"]) == ("gone", KEPT, "in14")
    assert found["hosts"] == ["192.0.2.1"]
    assert state(instances=[])["known"] == {}


@pytest.mark.parametrize(
    ("instances", "host", "backups", "month", "passed"),
    [
        ([], "", [LAST], 11, [True, True, True]),
        ([INSTANCE], "in14", [], 11, [False, False, False]),
        # Its time is over.
        ([], "", [], 3, [True, True, True]),
    ],
)
def test_what_is_left(instances: Any, host: str, backups: Any, month: int, passed: list[bool]) -> None:
    found = {"known": KEPT, "instance_id": "in14"}
    hosts = [{"manage_ip": "192.0.2.1", "instance_id": host}]
    now = NOON.replace(year=2026 if month == 11 else 2027, month=month)
    checks = checks_of_end(found, instances, hosts, backups, now)
    as_expected = [check["value"] == check["expected"] or not check.get("compared", True) for check in checks]
    assert as_expected == passed
    without = {"known": {}, "instance_id": ""}
    assert len(ChecksFilter().filters()["decommission_checks"](without, [], hosts, [])) == 2


@pytest.mark.parametrize(("status", "left"), [("unmanaged", ["192.0.2.1"]), ("in_use", []), (None, [])])
def test_hosts_that_are_removed(status: str | None, left: list[str]) -> None:
    """Another instance may use a host by now."""
    hosts = [{"manage_ip": "192.0.2.1", "instance_id": "other", "status": status}] if status else []
    found = {"known": KEPT, "instance_id": "in14"}
    check = checks_of_end(found, [], hosts, [LAST], NOON, removed=True)[2]
    assert check == {"name": "hosts_left", "value": left, "expected": []}
