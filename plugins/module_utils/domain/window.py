# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Maintenance windows: when steps that interrupt the service may run."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, time, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ..engine.checks import pattern
from ..engine.options import Field

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")


def check_time_zone(value: Any) -> str | None:
    """Return what is wrong with the name of a time zone."""
    try:
        ZoneInfo(str(value))
    except (ValueError, OSError, ZoneInfoNotFoundError):
        return "not the name of a time zone that this machine knows, such as Asia/Shanghai"
    return None


_TIME_OF_DAY = pattern(_TIME.pattern, "a time of day such as 01:30, in quotes")

WINDOW = Field(
    "window",
    type="dict",
    fields=(
        Field("days", type="list", elements="str", choices=DAYS),
        Field("from", required=True, validate=_TIME_OF_DAY),
        Field("to", required=True, validate=_TIME_OF_DAY),
        Field("time_zone", default="UTC", validate=check_time_zone),
    ),
)
DOCS = {
    "days": "The days on which it begins. Default: every day.",
    "from": 'When it begins, such as "01:00".',
    "to": "When it ends. A time before O(from) is on the next day.",
    "time_zone": "Name of the time zone, such as Asia/Shanghai.",
}


def is_open(window: Mapping[str, Any] | None, now: datetime) -> bool:
    """Return whether a window is open at a moment, which has a time zone. What has no window is always open."""
    if not window:
        return True
    local = now.astimezone(_zone(window))
    begin, end = (_time(window[key]) for key in ("from", "to"))
    days = [DAYS.index(day) for day in window.get("days") or DAYS]
    moment = local.time().replace(tzinfo=None)
    if begin < end:
        return local.weekday() in days and begin <= moment < end
    # It lasts over midnight, or for a whole day.
    yesterday = (local - timedelta(days=1)).weekday()
    return (local.weekday() in days and moment >= begin) or (yesterday in days and moment < end)


def describe(window: Mapping[str, Any]) -> str:
    """Return a window as people write it."""
    days = window.get("days") or ()
    return " ".join(
        (
            *([", ".join(days)] if days else ["daily"]),
            f"{window['from']} to {window['to']}",
            window.get("time_zone") or "UTC",
        )
    )


def _zone(window: Mapping[str, Any]) -> Any:
    name = window.get("time_zone") or "UTC"
    # The machine may have no data of time zones.
    return timezone.utc if name == "UTC" else ZoneInfo(str(name))


def _time(text: Any) -> time:
    match = _TIME.fullmatch(str(text))
    return time(int(match[1]), int(match[2])) if match else time()
