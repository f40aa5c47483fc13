# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a restore loses, and how far earlier runs are with it: nothing is restored twice without a word."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.gaussdb.tpops.plugins.filter.restore_state import restore_state
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.procedure.restore import label_of, point_of

# 2026-01-05 08:00:00 UTC, and 90 minutes later.
AT, NOW = 1_767_600_000_000, 1_767_605_400_000
MOMENT = "2026-01-05 08:00:00 UTC"
REQUEST = {"to": MOMENT, "backup": "", "attempt": 1}
SPANS = [{"start_ms": AT - 60_000, "end_ms": NOW}]
JOB = [{"id": "j1", "status": "Running"}]
COMPLETED, BROKEN = ({"id": "j1", "status": status} for status in ("Completed", "Failed"))
CHECK = {"name": "check_restore", "outcome": "ok"}
SAVED = {"name": "back_up_first", "outcome": "changed"}
OPEN = {"name": "restore_data", "outcome": "running", "jobs": JOB}
DONE = {"name": "restore_data", "outcome": "changed", "jobs": JOB}
VERIFIED = {"name": "verify_restore", "outcome": "ok"}
ACCEPTING = {"name": "accept_data", "outcome": "running"}
ACCEPTED = {"name": "accept_data", "outcome": "changed"}
LAST = {"name": "back_up_last", "outcome": "ok"}
# Sessions from before and from after the restore.
OLD, YOUNG = ([{"started_at_ms": NOW + 1000 * second, "age_seconds": 0}] for second in (-9, 9))


def backup(name: str, time: str, status: str = "COMPLETED") -> dict[str, Any]:
    return {"id": f"{name}-id", "name": name, "status": status, "begin_time": f"2026-01-05 {time} UTC"}


SOURCE = backup("before-release", "07:00:00")
WAY_BACK = backup("before-restore-20260105080000-1-x", "09:00:00")


def record(*steps: dict[str, Any], sent: bool = False, **request: Any) -> dict[str, Any]:
    notes = [{"code": "restore_sent", "moment_ms": NOW}] if sent else []
    return {"request": {**REQUEST, **request}, "steps": list(steps), "notes": notes}


def state(*records: dict[str, Any], backups: Any = (WAY_BACK, SOURCE), **options: Any) -> dict[str, Any]:
    return restore_state(list(backups), REQUEST, records, **{"spans": SPANS, **options})


@pytest.mark.parametrize(
    ("records", "options", "stage"),
    [
        ([], {"backups": [SOURCE]}, "new"),
        # The backup of a run whose record is lost, and a restore that somebody else has begun.
        ([], {}, "unknown"),
        ([], {"backups": [SOURCE], "restoring": True}, "unknown"),
        ([record(CHECK)], {"backups": []}, "new"),
        ([record(CHECK), record(CHECK, SAVED)], {}, "backed_up"),
        # The task decides, and then the sessions.
        ([record(SAVED, OPEN, sent=True)], {"job": COMPLETED, "sessions": OLD}, "restored"),
        ([record(SAVED, OPEN, sent=True)], {"job": BROKEN, "sessions": YOUNG}, "failed"),
        ([record(SAVED, OPEN, sent=True)], {"status": "FAILED", "sessions": YOUNG}, "failed"),
        ([record(SAVED, OPEN, sent=True)], {"sessions": YOUNG}, "restored"),
        ([record(SAVED, OPEN, sent=True)], {"sessions": OLD}, "backed_up"),
        ([record(SAVED, OPEN, sent=True)], {}, "unknown"),
        ([record(SAVED, OPEN, sent=True)], {"restoring": True}, "restored"),
        # It was killed before it was about to send the request.
        ([record(SAVED, OPEN)], {"sessions": YOUNG}, "backed_up"),
        ([record(SAVED, DONE, VERIFIED)], {"sessions": OLD}, "restored"),
        ([record(CHECK), record(SAVED, DONE)], {}, "restored"),
        # A node that fails later does not restore it again.
        ([record(SAVED, DONE)], {"status": "FAILED"}, "restored"),
        ([record(VERIFIED, ACCEPTING), record(SAVED, DONE)], {}, "restored"),
        ([record(VERIFIED, ACCEPTED), record(SAVED, DONE)], {}, "accepted"),
        ([record(CHECK), record(LAST), record(ACCEPTED), record(SAVED, DONE)], {}, "complete"),
        # What was restored to another point, or in another attempt, says nothing about this one.
        ([record(SAVED, DONE, to="2026-01-05 09:00:00 UTC")], {"backups": []}, "new"),
        ([record(SAVED, DONE, attempt=2)], {"backups": []}, "new"),
        # The same moment in other words.
        ([record(SAVED, DONE, to="2026-01-05T16:00:00+08:00")], {}, "restored"),
    ],
)
def test_how_far_it_is(records: Any, options: Any, stage: str) -> None:
    assert state(*records, **options)["stage"] == stage


def test_what_is_lost() -> None:
    found = state()
    assert (found["point"], found["moment_ms"], found["minutes"]) == (MOMENT, AT, 90)
    assert found["now"] == "2026-01-05 09:30:00 UTC"
    assert state(spans=None)["minutes"] is None
    # The sessions show the time, too.
    later = state(spans=None, sessions=[{"started_at_ms": NOW, "age_seconds": 60}])
    assert (later["minutes"], later["platform_ms"]) == (91, NOW + 60_000)


@pytest.mark.parametrize("given", ["before-release", "before-release-id"])
def test_a_backup_is_found_by_its_name_or_its_id(given: str) -> None:
    newer = [backup("before-release", "09:00:00", "FAILED"), SOURCE, {**SOURCE, "id": "older"}]
    found = restore_state(newer, {"backup": given}, spans=SPANS)
    assert (found["backup_id"], found["minutes"], found["stage"]) == ("before-release-id", 150, "new")
    lost = restore_state([], {"backup": given}, spans=SPANS)
    assert (lost["backup_id"], lost["moment_ms"], lost["minutes"]) == ("", None, None)


@pytest.mark.parametrize(
    ("time", "records", "way_back"),
    [
        ("08:40:00", [record(SAVED)], True),
        # One that is older than an hour is made again, unless it is that of a restore which was begun.
        ("08:20:00", [record(SAVED)], False),
        ("08:20:00", [record(SAVED, OPEN)], True),
    ],
)
def test_which_backup_is_the_way_back(time: str, records: Any, way_back: bool) -> None:
    mine = backup("before-restore-20260105080000-1-x", time)
    assert state(*records, backups=[mine])["way_back"] == (mine["name"] if way_back else "")
    assert state(*records, backups=[{**mine, "status": "BUILDING"}])["way_back"] == ""


def test_the_point_is_a_part_of_the_name_of_its_backup() -> None:
    assert label_of(REQUEST) == "restore-20260105080000-1"
    assert label_of({"backup": "x" * 60 + "/1", "attempt": 2}) == f"restore-{'x' * 30}-1-2"
    assert len(f"before-{label_of({'backup': 'x' * 60})}-20260105093000") <= 64
    assert point_of({**REQUEST, "attempt": 2}) == f"{MOMENT} (2)"


def test_the_task_is_only_needed_while_its_end_is_not_known() -> None:
    assert (state(record(OPEN))["job_id"], state(record(DONE))["job_id"], state()["job_id"]) == ("j1", "", "")
    # That of accepting the data is waited for, too.
    accepting = record({**ACCEPTING, "jobs": [{"id": "j2", "status": "Running"}]})
    assert state(accepting, record(SAVED, DONE))["job_id"] == "j2"
