# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether the workload of an instance has become slower since an earlier period.

Without data in both periods nothing is known: such a comparison has neither passed nor failed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ansible_collections.gaussdb.tpops.plugins.module_utils.util.values import as_number

Data = Mapping[str, Any]
# How many statements a record names, and how much of the text of each.
MOST, LONGEST = 10, 200


def compare_workload(before: Data, after: Data, limits: Data) -> list[dict[str, Any]]:
    """Return the comparisons of two periods, each of which has ``statements``, ``slow_statements`` and ``cpu``."""
    return [
        _compare_statements(before, after, float(limits["slow_factor"]), int(limits["min_calls"])),
        _compare_slow_statements(before, after, int(limits["new_slow_statements"])),
        _compare_cpu(before, after, float(limits["cpu_points"])),
    ]


def outcome_of_comparison(comparison: Data) -> str:
    """Return the code of the outcome of a comparison or check: what could not be compared has not passed."""
    passed = comparison["passed"]
    return "not_compared" if passed is None else "passed" if passed else "failed"


def _compare_statements(before: Data, after: Data, factor: float, min_calls: int) -> dict[str, Any]:
    """Statements that ran often enough in both periods, and those of them whose average has grown too much."""
    old, new = (_averages(each.get("statements") or (), min_calls) for each in (before, after))
    common = [sql_id for sql_id in new if sql_id in old and old[sql_id]["average"] > 0]
    slower = [
        {
            "sql_id": sql_id,
            "template": new[sql_id]["template"],
            "calls": new[sql_id]["calls"],
            "before": round(old[sql_id]["average"], 3),
            "after": round(new[sql_id]["average"], 3),
            "factor": round(new[sql_id]["average"] / old[sql_id]["average"], 1),
        }
        for sql_id in common
        if new[sql_id]["average"] > old[sql_id]["average"] * factor
    ]
    slower.sort(key=lambda each: -each["factor"])
    limit = {"slow_factor": factor, "min_calls": min_calls}
    return _comparison("statements", len(common) or None, slower[:MOST], limit, not slower if common else None)


def _averages(statements: Iterable[Data], min_calls: int) -> dict[str, dict[str, Any]]:
    """Return calls and average time by statement, which may have an entry for each component."""
    found: dict[str, dict[str, Any]] = {}
    for each in statements:
        calls, total = as_number(each.get("calls")), as_number(each.get("total_time"))
        if calls and total is not None:
            text = str(each.get("sql_template") or "")[:LONGEST]
            known = found.setdefault(str(each["sql_id"]), {"template": text, "calls": 0, "total": 0.0})
            known["calls"] += calls
            known["total"] += total
    often = {sql_id: each for sql_id, each in found.items() if each["calls"] >= min_calls}
    return {sql_id: {**each, "average": each["total"] / each["calls"]} for sql_id, each in often.items()}


def _compare_slow_statements(before: Data, after: Data, limit: int) -> dict[str, Any]:
    """Statements that were not slow. Whether any ran before shows in the statements of that period."""
    old, new = (
        {str(each["sql_id"]): each for each in period.get("slow_statements") or ()} for period in (before, after)
    )
    known = bool(before.get("statements")) and all(each.get("slow_statements") is not None for each in (before, after))
    texts = [str(each.get("sql_text") or "")[:LONGEST] for sql_id, each in new.items() if sql_id not in old]
    passed = len(texts) <= limit if known else None
    return _comparison("slow_statements", len(old) if known else None, texts[:MOST], limit, passed)


def _compare_cpu(before: Data, after: Data, points: float) -> dict[str, Any]:
    old, new = (_average(each.get("cpu") or ()) for each in (before, after))
    return _comparison("cpu", old, new, points, None if old is None or new is None else new <= old + points)


def _average(metrics: Sequence[Data]) -> float | None:
    known = [value for value in (as_number(each.get("average")) for each in metrics) if value is not None]
    return round(sum(known) / len(known), 1) if known else None


def _comparison(name: str, before: Any, after: Any, limit: Any, passed: bool | None) -> dict[str, Any]:
    return {"name": name, "before": before, "after": after, "limit": limit, "passed": passed}
