# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Moments as people write them, and as the platform wants them."""

from __future__ import annotations

import re
import time
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import Any

# Milliseconds: ten digits or fewer would be seconds, and mean a moment in 1970.
_MILLISECONDS = re.compile(r"\d{12,14}")
# Ten digits: seconds, as some examples of the reference have them where the tables say milliseconds.
_SECONDS = re.compile(r"\d{10}")
_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?")
_UTC = re.compile(r"\s*(?:UTC|Z)$", re.IGNORECASE)
# The platform writes +0800 and +08, also after a fraction, which not every Python reads.
_OFFSET = re.compile(r"(:\d\d(?:\.\d+)?)([+-]\d\d)(\d\d)?$")
_AGO = re.compile(r"(\d{1,6})\s*([smhdw])", re.IGNORECASE)
_UNITS_MS = {"s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000}
MOMENT_WORDS = "a time such as 2026-01-05 08:00:00 UTC or 2026-01-05T16:00:00+08:00, or milliseconds since 1970"


def epoch_ms(value: Any) -> int | None:
    """Return milliseconds since 1970 for a moment; a time without an offset is UTC. ``None`` when it is no moment."""
    text = str(value).strip()
    if _MILLISECONDS.fullmatch(text):
        return int(text)
    try:
        moment = datetime.fromisoformat(_OFFSET.sub(_with_colon, _UTC.sub("+00:00", text)))
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=timezone.utc)
    return round(moment.timestamp() * 1000)


def _with_colon(match: re.Match[str]) -> str:
    return f"{match[1]}{match[2]}:{match[3] or '00'}"


def moment(value: Any) -> str | None:
    """Return what is wrong with a moment, or ``None``: a check for an option."""
    return None if epoch_ms(value) is not None else f"{value!r} is not allowed; use {MOMENT_WORDS}"


def past_ms(value: Any, now_ms: int | None = None) -> int | None:
    """Like :func:`epoch_ms`, also for how long ago it was: ``90m``, ``2h``, ``7d``, and ``now``."""
    text = str(value).strip()
    now = round(time.time() * 1000) if now_ms is None else now_ms
    if text.lower() == "now":
        return now
    ago = length_ms(text)
    return epoch_ms(text) if ago is None else now - ago


def length_ms(value: Any) -> int | None:
    """Return the milliseconds of a length of time such as ``30m``, ``2h`` or ``7d``. ``None`` when it is none."""
    match = _AGO.fullmatch(str(value).strip())
    return int(match[1]) * _UNITS_MS[match[2].lower()] if match else None


def length(value: Any) -> str | None:
    """Return what is wrong with a length of time, or ``None``: a check for an option."""
    return None if length_ms(value) is not None else f"{value!r} is not allowed; use a number and s, m, h, d or w, such as 30m, 2h or 7d"


def past(value: Any) -> str | None:
    """Like :func:`moment`, also for how long ago it was."""
    return None if past_ms(value) is not None else f"{value!r} is not allowed; use {MOMENT_WORDS}, or how long ago, such as 90m, 2h or 7d"


def utc(milliseconds: int) -> str:
    """Return a moment as people read it: ``2026-01-05 08:00:00 UTC``."""
    return datetime.fromtimestamp(milliseconds / 1000, timezone.utc).strftime("%Y-%m-%d %H:%M:%S UTC")


def with_offset(milliseconds: int) -> str:
    """Return a moment as the platform's queries want it: ``2026-01-05T08:00:00+0000``."""
    return datetime.fromtimestamp(milliseconds / 1000, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S+0000")


def iso(milliseconds: int) -> str:
    """Return a moment in the form of the standard, which the settings of inspections have: ``2026-01-05T08:00:00+00:00``."""
    return datetime.fromtimestamp(milliseconds // 1000, timezone.utc).isoformat()


def with_milliseconds(milliseconds: int) -> str:
    """Return a moment to the millisecond: ``2026-01-05T08:00:00.000Z``."""
    return datetime.fromtimestamp(milliseconds / 1000, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.") + f"{milliseconds % 1000:03d}Z"


def stamp_ms(value: Any) -> int | None:
    """Like :func:`epoch_ms` for what the platform sends as a number or digits: ten of them are seconds."""
    text = str(value).strip()
    return int(text) * 1000 if _SECONDS.fullmatch(text) else epoch_ms(text)


def readable(value: Any) -> Any:
    """Return a moment of the platform, in any of its spellings, as people read it; anything else unchanged."""
    milliseconds = stamp_ms(value)
    try:
        return value if milliseconds is None else utc(milliseconds)
    except (ValueError, OverflowError, OSError):
        # It is beyond the years that can be written.
        return value


def time_of_day(value: Any) -> str | None:
    """Return ``08:30:00`` for ``8:30``, ``08:30:00`` and 30600, the number that YAML makes of some such times without quotes."""
    text = str(value).strip()
    if text.isdecimal() and 60 <= int(text) < 86400:
        return f"{int(text) // 3600:02d}:{int(text) // 60 % 60:02d}:{int(text) % 60:02d}"
    match = _CLOCK.fullmatch(text)
    return f"{int(match[1]):02d}:{match[2]}:{match[3] or '00'}" if match else None


def http_date_ms(value: Any) -> int | None:
    """Return milliseconds since 1970 for a moment in a header, such as ``Date``. ``None`` when it is none."""
    try:
        return round(parsedate_to_datetime(str(value)).timestamp() * 1000)
    except (TypeError, ValueError, IndexError, OverflowError, OSError):
        # Years, hours and offsets that no clock shows.
        return None
