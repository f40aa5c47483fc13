# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Points in time as users write them, and as the platform expects them."""

from __future__ import annotations

import re
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import Any

from ..util.values import as_str

# Milliseconds: ten digits or fewer would be seconds, and mean a time in 1970.
_MILLISECONDS = re.compile(r"\d{12,14}")
# Ten digits: seconds, as in some examples of the reference whose tables say milliseconds.
_SECONDS = re.compile(r"\d{10}")
_DAY_SECONDS = re.compile(r"[0-9]{1,5}")
_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?")
_UTC = re.compile(r"\s*(?:UTC|Z)$", re.IGNORECASE)
# The platform writes +0800 and +08, also after a fraction, which not every Python version can parse.
_OFFSET = re.compile(r"(:\d\d(?:\.\d+)?)([+-]\d\d)(\d\d)?$")
_AGO = re.compile(r"(\d{1,6})\s*([smhdw])", re.IGNORECASE)
_UNITS_MS = {"s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000}
MOMENT_WORDS = (
    "a time such as 2026-01-05 08:00:00 UTC or 2026-01-05T16:00:00+08:00, or milliseconds since 1970, in the years "
    "1970 to 9899"
)
_LENGTH_WORDS = "a number and s, m, h, d or w, such as 90m, 2h or 7d, up to 3650d"
# The year 9900: a time some years later can still be written in every form.
_END_MS = 250_246_627_200_000
# Code that checks whether a moment is set would treat 0 as missing.
_BEGIN_MS = _UNITS_MS["d"]
_LONGEST_MS = 3650 * _UNITS_MS["d"]


def epoch_ms(value: Any) -> int | None:
    """Return milliseconds since 1970 for a moment; a time without an offset is UTC.

    ``None`` when it is not a moment, or one before 1970 or after 9899, which could not be written in every form and
    time zone.
    """
    text = str(value).strip()
    if _MILLISECONDS.fullmatch(text) and text.isascii():
        return _writable(int(text))
    try:
        moment = datetime.fromisoformat(_OFFSET.sub(_with_colon, _UTC.sub("+00:00", text)))
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=timezone.utc)
        return _writable(round(moment.timestamp() * 1000))
    except (ValueError, OverflowError):
        return None


def _writable(milliseconds: int) -> int | None:
    return milliseconds if _BEGIN_MS <= milliseconds < _END_MS else None


def _with_colon(match: re.Match[str]) -> str:
    return f"{match[1]}{match[2]}:{match[3] or '00'}"


def check_moment(value: Any) -> str | None:
    """Return the problem of a moment, or ``None``: a check for an option."""
    return None if epoch_ms(value) is not None else f"{value!r} is not allowed; use {MOMENT_WORDS}"


def past_ms(value: Any, now_ms: int) -> int | None:
    """Like :func:`epoch_ms`, also for relative times: ``90m``, ``2h``, ``7d``, and ``now``; ``now_ms`` is by the
    platform's clock."""
    text = str(value).strip()
    if text.lower() == "now":
        return now_ms
    ago = length_ms(text)
    return epoch_ms(text) if ago is None else _writable(now_ms - ago)


def length_ms(value: Any) -> int | None:
    """Return the milliseconds of a length of time such as ``30m``, ``2h`` or ``7d``. ``None`` if it is invalid or more
    than 3650 days."""
    match = _AGO.fullmatch(str(value).strip())
    milliseconds = int(match[1]) * _UNITS_MS[match[2].lower()] if match else None
    return None if milliseconds is None or milliseconds > _LONGEST_MS else milliseconds


def checked(milliseconds: int | None) -> int:
    """Return a moment or a length of time that exists, since its option was validated."""
    if milliseconds is None:
        raise ValueError("neither a moment nor a length of time")
    return milliseconds


def check_duration(value: Any) -> str | None:
    """Return the problem of a length of time, or ``None``: a check for an option."""
    return None if length_ms(value) is not None else f"{value!r} is not allowed; use {_LENGTH_WORDS}"


def check_past(value: Any) -> str | None:
    """Like :func:`check_moment`, also for relative times."""
    if past_ms(value, _END_MS - 1) is not None:
        return None
    return f"{value!r} is not allowed; use {MOMENT_WORDS}, or how long ago: {_LENGTH_WORDS}"


def utc(milliseconds: int) -> str:
    """Return a moment in readable form: ``2026-01-05 08:00:00 UTC``."""
    return datetime.fromtimestamp(milliseconds / 1000, timezone.utc).strftime("%Y-%m-%d %H:%M:%S UTC")


def with_offset(milliseconds: int) -> str:
    """Return a moment as the platform's queries expect it: ``2026-01-05T08:00:00+0000``."""
    return datetime.fromtimestamp(milliseconds / 1000, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S+0000")


def iso(milliseconds: int) -> str:
    """Return a moment in ISO 8601 form, as in the settings of inspections: ``2026-01-05T08:00:00+00:00``."""
    return datetime.fromtimestamp(milliseconds // 1000, timezone.utc).isoformat()


def with_milliseconds(milliseconds: int) -> str:
    """Return a moment to the millisecond: ``2026-01-05T08:00:00.000Z``."""
    return (
        datetime.fromtimestamp(milliseconds / 1000, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.")
        + f"{milliseconds % 1000:03d}Z"
    )


def stamp_ms(value: Any) -> int | None:
    """Like :func:`epoch_ms` for what the platform sends as a number or digits: ten of them are seconds."""
    text = str(value).strip()
    return int(text) * 1000 if _SECONDS.fullmatch(text) else epoch_ms(text)


def readable(value: Any) -> str | None:
    """Return a moment of the platform, in any of its formats, in readable form; other text unchanged."""
    milliseconds = stamp_ms(value)
    return as_str(value) if milliseconds is None else utc(milliseconds)


def time_of_day(value: Any) -> str | None:
    """Return ``08:30:00`` for ``8:30``, ``08:30:00`` and 30600, the number that YAML reads for some unquoted times."""
    text = str(value).strip()
    if _DAY_SECONDS.fullmatch(text) and 60 <= int(text) < 86400:
        return f"{int(text) // 3600:02d}:{int(text) // 60 % 60:02d}:{int(text) % 60:02d}"
    match = _CLOCK.fullmatch(text)
    return f"{int(match[1]):02d}:{match[2]}:{match[3] or '00'}" if match else None


def http_date_ms(value: Any) -> int | None:
    """Return milliseconds since 1970 for a moment in a header, such as ``Date``, or ``None``."""
    try:
        return _writable(round(parsedate_to_datetime(str(value)).timestamp() * 1000))
    except (TypeError, ValueError, IndexError, OverflowError, OSError):
        # Impossible years, hours and offsets.
        return None
