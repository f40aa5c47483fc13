# SPDX-License-Identifier: GPL-3.0-or-later
"""The time formats of the sections. Within the simulator a time is epoch seconds (UTC)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from .errors import ApiError

_ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(\.\d+)?(?:Z|([+-])(\d\d):?(\d\d))")


def plain(moment: float | None) -> str:
    """`2026-01-12 08:30:00`, UTC; empty for None."""
    return "" if moment is None else datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d %H:%M:%S")


def milliseconds(moment: float | None) -> int | None:
    return None if moment is None else int(moment * 1000)


def from_iso(text: str, field: str) -> float:
    """`2026-01-12T08:30:00+0800`, with or without a colon in the offset, with or without a fraction.

    DBS.200001 with the name of the field if it is not a valid time.
    """
    match = _ISO.fullmatch(text)
    if match:
        *parts, fraction, sign, hours, minutes = match.groups()
        if not 1970 <= int(parts[0]) <= 9000:  # calculations must stay within the range of datetime
            raise ApiError("DBS.200001", detail=field)
        try:
            moment = datetime(*map(int, parts), tzinfo=UTC)
        except ValueError:
            raise ApiError("DBS.200001", detail=field) from None
        shift = timedelta(hours=int(hours or 0), minutes=int(minutes or 0)) * (-1 if sign == "-" else 1)
        return (moment - shift).timestamp() + float(fraction or 0)
    raise ApiError("DBS.200001", detail=field)


def period(start: float, end: float, field: str = "end_time") -> tuple[float, float]:
    """Start and end, refused if the end is not after the start."""
    if end <= start:
        raise ApiError("DBS.200001", detail=f"{field} must be later than the start")
    return start, end
