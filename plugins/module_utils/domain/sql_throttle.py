# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What each type of SQL throttling task needs, and when the tasks are in effect."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..http.errors import InputError
from ..util import times

# The required and the optional options of each type of task.
OPTIONS = {
    "sql_id": (("sql_id", "sql_model", "node_ids"), ("databases",)),
    "sql_type": (("sql_type", "keywords", "databases"), ()),
    "sessions": ((), ("cpu_utilization", "memory_utilization")),
}
OF_TYPES = (
    "sql_id",
    "sql_model",
    "node_ids",
    "sql_type",
    "keywords",
    "databases",
    "cpu_utilization",
    "memory_utilization",
)


def foreign_options_of(kind: str | None) -> list[str]:
    """Return the options that have no meaning for a type."""
    needs, takes = OPTIONS.get(kind or "", (OF_TYPES, ()))
    return [name for name in OF_TYPES if name not in (*needs, *takes)]


def problem_of(desired: Mapping[str, Any], task: Mapping[str, Any], new: bool) -> tuple[str, str] | None:
    """Return option and problem of an invalid task, or ``None``.

    ``desired`` has the options, ``task`` the options over the existing values; ``new`` is true if it has to be created.
    """
    kind = task["type"]
    wrong = next((name for name in foreign_options_of(kind) if desired.get(name) is not None), None)
    if wrong:
        return wrong, f"has no meaning with type={kind}"
    missing = next((name for name in OPTIONS[kind][0] if not task[name]), None) if kind and new else None
    if missing:
        return missing, f"required with type={kind}"
    if new and kind in ("sql_id", "sql_type") and not task["end_time"] and not task["duration"]:
        return "end_time", f"either this or duration is required with type={kind}"
    if kind == "sessions" and not task["cpu_utilization"] and not task["memory_utilization"]:
        return "cpu_utilization", "this or memory_utilization must be more than 0 with type=sessions"
    return None


def ends_by_duration(task: Mapping[str, Any], now: int) -> bool:
    """Return whether the end of a new task follows from its duration: it has one, and no end in the future."""
    end = times.epoch_ms(task["end_time"]) if task["end_time"] else None
    return bool(task["duration"]) and (end is None or end <= now)


def build_window(task: Mapping[str, Any], desired: Mapping[str, Any], now: int) -> list[str | None]:
    """Return begin and end of a new task in the platform's format; ``now`` is in milliseconds by its clock.

    A begin in the past is replaced by now. ``duration`` counts unless there is an end in the future.
    """
    start = (
        max(times.epoch_ms(task["start_time"]) or 0, now) if task["start_time"] or task["type"] != "sessions" else None
    )
    end = times.epoch_ms(task["end_time"]) if task["end_time"] else None
    if not desired.get("end_time") and ends_by_duration(task, now):
        start = start or now
        end = start + (times.length_ms(task["duration"]) or 0)
    if end is not None and end <= (start or now):
        raise InputError("end_time", f"{times.utc(end)} is not after the begin, {times.utc(start or now)}")
    return [None if moment is None else times.with_offset(moment) for moment in (start, end)]


def same_moment(desired: Any, current: Any) -> bool:
    """Whether two moments are in the same second."""
    return (times.epoch_ms(desired) or 0) // 1000 == (times.epoch_ms(current) or 0) // 1000


def has_begun(desired: Any, current: Any, now: int) -> bool:
    """Whether both begins are in the past. A past begin cannot be sent any more, so a task that has begun matches."""
    begins = times.epoch_ms(desired), times.epoch_ms(current)
    return all(begin is not None and begin <= now for begin in begins)
