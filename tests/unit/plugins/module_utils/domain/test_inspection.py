# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Times, days and the age of results of inspections."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.gaussdb.tpops.plugins.module_utils.api import inspection as api
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain import inspection as inspections
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.item import Item
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import InputError, JobFailed

NOON_MS = 1767614400000  # 2026-01-05 12:00:00 UTC


@pytest.mark.parametrize(
    ("desired", "current", "same"),
    [
        ("01:30:00", "01:30:00", True),
        ("01:30:00", "2026-01-05T01:30:00+08:00", True),
        ("01:30:00", None, False),
        ("2026-01-05T12:00:00+00:00", "2026-01-05T20:00:00+08:00", True),
        ("2026-01-05T12:00:00+00:00", "12:00:00", False),
    ],
)
def test_times_are_compared_by_what_they_mean(desired: str, current: str | None, same: bool) -> None:
    assert inspections.same_time(desired, current) is same


@pytest.mark.parametrize(
    ("desired", "current", "day"),
    [
        ({"period": "daily"}, None, 0),
        ({"period": "soon"}, {"period": "weekly", "day": 3}, None),
        ({"period": "weekly", "day": 7}, None, 7),
        ({}, {"period": "monthly", "day": 31}, 31),
    ],
)
def test_a_periodic_inspection_has_a_day(
    desired: dict[str, Any], current: dict[str, Any] | None, day: int | None
) -> None:
    assert inspections.day_of(Item(desired, "x", current=current)) == day


@pytest.mark.parametrize(
    ("desired", "current", "problem"),
    [
        ({"period": "weekly"}, None, "day: required with period=weekly; allowed are 1 to 7"),
        ({"period": "weekly"}, {"period": "monthly", "day": 3}, "day: required with period=weekly"),
        ({"day": 32}, {"period": "monthly", "day": 3}, "day: 32 is out of range with period=monthly"),
        ({"period": "daily", "day": 1}, None, "day: 1 is out of range with period=daily; allowed are 0"),
        ({"period": "fixed", "day": 1}, None, "day: an inspection with period=fixed has no day"),
    ],
)
def test_another_day_is_refused(desired: dict[str, Any], current: dict[str, Any] | None, problem: str) -> None:
    with pytest.raises(InputError, match=problem):
        inspections.day_of(Item(desired, "x", current=current))


def context(*records: dict[str, Any]) -> Any:
    return SimpleNamespace(items=lambda call: list(records), params={"max_age": "1h"}, check_mode=False)


def record(end_time: str | None, name: str = "nightly", status: str = "completed") -> dict[str, Any]:
    return {"inspection": name, "end_time": end_time, "status": status, "instance_name": "orders-prod"}


@pytest.mark.parametrize(
    ("status", "last_run", "records", "fresh"),
    [
        ("waiting", None, [], False),
        ("running", "2026-01-05 09:00:00 UTC", [], True),
        ("completed", "2026-01-05 10:50:00 UTC", [record("2026-01-05 11:10:00 UTC")], True),
        ("completed", "2026-01-05 10:50:00 UTC", [record("2026-01-05 10:59:00 UTC")], False),
        ("completed", "2026-01-05 10:50:00 UTC", [record("2026-01-05 11:10:00 UTC", "nightly-two")], False),
        ("completed", "2026-01-05 11:50:00 UTC", [], True),
        ("failed", "2026-01-05 11:50:00 UTC", [record("2026-01-05 11:55:00 UTC")], False),
    ],
)
def test_results_are_fresh_by_the_end_of_the_last_run(
    status: str, last_run: str | None, records: list[dict[str, Any]], fresh: bool
) -> None:
    current = {"name": "nightly", "status": status, "last_run": last_run}
    assert inspections.is_fresh(context(*records), current, NOON_MS, 3_600_000) is fresh


def test_a_run_that_failed_is_a_failure_of_the_task_that_wants_results() -> None:
    item = Item({}, "nightly", current={"name": "nightly", "status": "failed", "last_run": "2026-01-05 11:50:00 UTC"})
    with pytest.raises(JobFailed, match="Inspection nightly failed on orders-prod"):
        inspections.read_results(context(record("2026-01-05 11:55:00 UTC", status="failed")), item)


def test_replies_of_deletions_are_read_in_all_spellings() -> None:
    assert api.undeleted_of(
        "results", {"results": [{"inspction_id": "1", "result": "success"}, {"inspction_id": "2", "result": "failure"}]}
    ) == {"2"}
    assert api.undeleted_of("records", {"records": {"record_id": "3", "result": "failure"}}) == {"3"}
    assert api.undeleted_of("records", None) == set()


def test_the_statuses_of_the_table_are_understood() -> None:
    assert [api.RECORD.read({"status": text})["status"] for text in ("执行中", "已完成", "Running")] == [
        "running",
        "completed",
        "running",
    ]


def test_a_count_that_is_left_out_is_none_at_all() -> None:
    counts = api.STATISTIC.read(
        {
            "global_statistics": {"total": "11", "abnormal": 0, "normal": 0},
            "category_statistics": [{"name": "x", "total": 1}],
        }
    )
    assert counts["all"] == {"total": 11, "normal": 0, "abnormal": 0, "failed": 0}
    assert counts["categories"] == [{"name": "x", "total": 1, "normal": 0, "abnormal": 0, "failed": 0}]
