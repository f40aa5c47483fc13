# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which list holds which backups, and which points in time can be restored."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..api import backup as api
from ..api.operation import Call
from ..api.restore import get_restore_time
from ..api.shape import Attr, Shape
from ..engine.context import Context
from ..http.errors import InputError, NotFound
from ..util.times import epoch_ms, utc, with_offset

# Types of backups as users write them, and the platform's filter (4.2.15). Differential backups have their own list.
TYPES = {
    "auto": "auto",
    "manual": "manual",
    "differential": None,
    "snapshot_xbsa": "Snapshot_Xbsa",
    "log_xbsa": "Log_Xbsa",
    "offsite_snapshot_xbsa": "OffSite_Snapshot_Xbsa",
    "offsite_log_xbsa": "OffSite_Log_Xbsa",
    "auto_database_table": "auto_database_table",
    "manual_database_table": "manual_database_table",
}
# All full backups that are not on XBSA media: the list without a filter.
UNFILTERED = "unfiltered"
# Every list that can contain a backup of an instance, the most likely first.
EVERY_LIST = (UNFILTERED, "snapshot_xbsa", "differential", "log_xbsa", "offsite_snapshot_xbsa", "offsite_log_xbsa")

# The platform has these lists for instances of version 3.301 and later, and may reject them for others (4.2.15).
_NEWER = ("snapshot_xbsa", "log_xbsa")
_REFUSED = "DBS.200001"

DAY_MS = 86_400_000
# 4.2.15 requires an end with every begin.
FAR_FUTURE = "2099-12-31T23:59:59+0000"
# How many days before and after the desired moment to search for a restorable one.
_NEAR_DAYS = 14
# Spans are cut at midnight, up to a second before it.
_SEAM_MS = 1000

# See :func:`merged`.
RESTORE_TIME = Shape(
    (
        Attr("start", doc="Start of the span, in readable form, as O(restore_time) accepts it."),
        Attr("end", doc="End of the span."),
        Attr("start_ms", kind="int", doc="Start of the span in milliseconds since 1970."),
        Attr("end_ms", kind="int", doc="End of the span in milliseconds since 1970."),
    ),
    sample={
        "start": "2026-01-05 08:00:00 UTC",
        "end": "2026-01-06 17:30:00 UTC",
        "start_ms": 1767600000000,
        "end_ms": 1767720600000,
    },
)


def list_calls(
    instance_id: str | None,
    types: Iterable[str],
    since: int | None = None,
    until: int | None = None,
    backup_id: str | None = None,
    if_known: bool = False,
) -> list[Call]:
    """Return the calls that list backups of these types, begun between two moments in epoch milliseconds.

    Without moments they list all backups, however old. The platform's clock may differ from this one, so the list has
    no end unless one is given. With ``if_known`` a list that the platform does not have for the instance counts as
    empty.
    """
    begin = None if since is None and until is None else with_offset(since or 0)
    end = None if until is None else with_offset(until)
    calls = []
    for word in types:
        if word == "differential":
            # Without a begin the platform lists only one day.
            calls.append(api.list_differential_backups(instance_id, begin or with_offset(0), end))
        else:
            call = api.list_backups(
                instance_id, TYPES.get(word), backup_id, begin, end if end or begin is None else FAR_FUTURE
            )
            calls.append(replace(call, none_if=(_REFUSED,)) if if_known and word in _NEWER else call)
    return calls


def sort_newest_first(backups: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(backups, key=lambda backup: epoch_ms(backup["begin_time"]) or 0, reverse=True)


def find_backup(ctx: Context, option: str, key: str, value: str) -> dict[str, Any]:
    """Return the completed backup of the task's instance whose ``id`` or ``name`` is the value.

    The newest one if several have the name. Raises :class:`InputError` if it is not completed, :class:`NotFound` if
    there is none.
    """
    for call in list_calls(ctx.parent.id, EVERY_LIST, backup_id=value if key == "id" else None, if_known=True):
        found = sort_newest_first(backup for backup in ctx.items(call) if backup[key] == value)
        if found:
            completed = next((backup for backup in found if backup["status"] == "COMPLETED"), None)
            if completed is None:
                raise InputError(
                    option, f"backup {value} is in status {found[0]['status']}; only completed ones can be used"
                )
            return completed
    raise NotFound(f"{option}: instance {ctx.parent.label} has no backup {value}")


def days_between(since: int, until: int) -> list[str]:
    """Return the days, as ``yyyy-mm-dd`` in UTC, from one moment to another."""
    return [utc(day * DAY_MS)[:10] for day in range(since // DAY_MS, until // DAY_MS + 1)]


def is_known(ranges: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the ranges that have a begin and an end."""
    return [each for each in ranges if each["start_ms"] is not None and each["end_ms"] is not None]


def merged(ranges: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Join the ranges of several days, and add them in readable form."""
    joined: list[list[int]] = []
    for start, end in sorted((each["start_ms"], each["end_ms"]) for each in is_known(ranges)):
        if joined and start <= joined[-1][1] + _SEAM_MS:
            joined[-1][1] = max(joined[-1][1], end)
        else:
            joined.append([start, end])
    # Readable times have whole seconds, which must lie inside the range.
    return [
        {"start": utc(-(-start // 1000) * 1000), "end": utc(end), "start_ms": start, "end_ms": end}
        for start, end in joined
    ]


def check_restorable(ctx: Context, option: str, moment: int, instance_id: str, label: str) -> None:
    """Raise :class:`InputError`, which names the nearest possible moment, if the instance cannot be restored to this
    one."""
    ranges: list[dict[str, Any]] = []
    found_at = None
    for distance in range(_NEAR_DAYS + 1):
        # The nearest moment may be on the day after the first day that has any.
        if found_at is not None and distance > found_at + 1:
            break
        ranges += _ranges(ctx, instance_id, {moment - distance * DAY_MS, moment + distance * DAY_MS})
        if any(each["start_ms"] <= moment <= each["end_ms"] for each in ranges):
            return
        if ranges and found_at is None:
            found_at = distance
    ranges = ranges or _ranges(ctx, instance_id, {ctx.client.now_ms()})
    place = f"instance {label} cannot be restored to {utc(moment)}"
    if not ranges:
        raise InputError(option, f"{place}, and to no other moment near it")
    best = min(
        (min(max(moment, each["start_ms"]), each["end_ms"]) for each in ranges), key=lambda near: abs(near - moment)
    )
    raise InputError(option, f"{place}; the nearest possible time is {_inward(best, ranges)}, {_told(merged(ranges))}")


def _ranges(ctx: Context, instance_id: str, moments: Iterable[int]) -> list[dict[str, Any]]:
    dates = sorted({utc(each)[:10] for each in moments})
    return is_known(ctx.items([get_restore_time(instance_id, date) for date in dates]))


def _inward(moment: int, ranges: Sequence[Mapping[str, Any]]) -> str:
    """Return the nearest whole second inside the range: users type what they read."""
    second = moment // 1000 * 1000
    inside = any(each["start_ms"] <= second <= each["end_ms"] for each in ranges)
    return utc(second if inside else second + 1000)


def _told(ranges: Sequence[Mapping[str, Any]]) -> str:
    return "possible are " + ", ".join(f"{each['start']} to {each['end']}" for each in ranges)
