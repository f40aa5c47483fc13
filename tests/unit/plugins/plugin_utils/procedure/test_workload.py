# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is slower than before, and what cannot be compared."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.gaussdb.tpops.plugins.plugin_utils.procedure.workload import (
    compare_workload,
    outcome_of_comparison,
)

LIMITS = {"slow_factor": "2.0", "min_calls": "20", "new_slow_statements": 1, "cpu_points": 20}


def period(average: float, calls: int = 20, slow: tuple[str, ...] | None = (), cpu: Any = (30, 50)) -> dict[str, Any]:
    """Return a period in which one statement ran on two components."""
    statement = {"sql_id": "1", "sql_template": "select 1"}
    return {
        "statements": [
            {**statement, "calls": calls - 5, "total_time": average * (calls - 5)},
            {**statement, "calls": 5, "total_time": average * 5},
            {"sql_id": "2", "calls": None, "total_time": "--"},
        ],
        "slow_statements": None if slow is None else [{"sql_id": each, "sql_text": f"select {each}"} for each in slow],
        "cpu": [{"average": each} for each in cpu],
    }


def judge(before: dict[str, Any], after: dict[str, Any]) -> dict[str, bool | None]:
    return {each["name"]: each["passed"] for each in compare_workload(before, after, LIMITS)}


SAME = {"statements": True, "slow_statements": True, "cpu": True}
NOTHING: dict[str, Any] = {"statements": None, "slow_statements": None, "cpu": None}


@pytest.mark.parametrize(
    ("before", "after", "passed"),
    [
        (period(10), period(20), SAME),
        (period(10), period(20.1), SAME | {"statements": False}),
        # It ran too seldom to be compared.
        (period(10), period(99, calls=19), SAME | {"statements": None}),
        (period(10, calls=19), period(99), SAME | {"statements": None}),
        (period(0), period(99), SAME | {"statements": None}),
        (period(10, slow=("1",)), period(10, slow=("1", "2")), SAME),
        (period(10, slow=("1",)), period(10, slow=("2", "3")), SAME | {"slow_statements": False}),
        (period(10, slow=None), period(10), SAME | {"slow_statements": None}),
        (period(10), period(10, cpu=(60, 60)), SAME),
        (period(10), period(10, cpu=(61, 60)), SAME | {"cpu": False}),
        (period(10, cpu=("--",)), period(10), SAME | {"cpu": None}),
        # Without anything of a week ago, nothing has passed.
        ({}, period(10, slow=("1", "2", "3")), NOTHING),
        (NOTHING, NOTHING, NOTHING),
        (period(10), {}, NOTHING),
    ],
)
def test_comparisons(before: dict[str, Any], after: dict[str, Any], passed: dict[str, bool | None]) -> None:
    assert judge(before, after) == passed


def test_slower_statements_are_named() -> None:
    (found, *_others) = compare_workload(period(10), period(45.5), LIMITS)
    assert found["before"] == 1 and found["limit"] == {"slow_factor": 2.0, "min_calls": 20}
    assert found["after"] == [
        {"sql_id": "1", "template": "select 1", "calls": 20, "before": 10, "after": 45.5, "factor": 4.5}
    ]


def test_outcomes() -> None:
    assert [outcome_of_comparison({"passed": each}) for each in (True, False, None)] == [
        "passed",
        "failed",
        "not_compared",
    ]
