# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The period of a task, as users write it and by the platform's clock."""

from __future__ import annotations

from typing import Any

from ..api.engine_version import list_engine_versions
from ..engine.context import Context
from ..engine.options import Field
from ..http.errors import InputError
from ..util import times

PERIOD = (
    Field("since", default="1h", validate=times.check_past),
    Field("until", default="now", validate=times.check_past),
)


def read_now_ms(ctx: Context, *values: Any) -> int:
    """Return the current time in milliseconds since 1970, by the platform's clock if one of the values is relative
    ("ago").

    If no reply has shown that clock yet, a small read is sent.
    """
    if not ctx.client.knows_time and any(times.epoch_ms(value) is None for value in values):
        ctx.items(list_engine_versions())
    return ctx.client.now_ms()


def read_moment_ms(ctx: Context, option: str) -> int | None:
    """Return the time given by an option in milliseconds since 1970; ``None`` if the option is not given.

    Raises :class:`InputError` for a relative time before 1970 by the platform's clock.
    """
    return read_given_moment_ms(ctx, option) if ctx.params[option] else None


def read_given_moment_ms(ctx: Context, option: str) -> int:
    """Like :func:`read_moment_ms`, for an option that is given."""
    value = ctx.params[option]
    found = times.past_ms(value, read_now_ms(ctx, value))
    if found is None:
        raise InputError(option, f"{value} ago is before 1970 by the platform's clock")
    return found


def read_period(ctx: Context) -> tuple[int, int]:
    """Return begin and end, milliseconds since 1970, of the period from ``since`` to ``until``. Raises
    :class:`InputError`."""
    given = [ctx.params["since"], ctx.params["until"]]
    now = read_now_ms(ctx, *given)
    # The option checks have validated these times.
    start, end = (times.past_ms(value, now) or 0 for value in given)
    if start >= end:
        raise InputError("since", f"{times.utc(start)} is not before until, {times.utc(end)}")
    return start, end
