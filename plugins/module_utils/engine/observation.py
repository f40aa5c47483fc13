# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Reading the objects a task is about, and waiting until none of them is in the middle of something."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..api.operation import Call
from ..http.errors import NotFound, TpopsError
from .context import Context
from .item import Item
from .planning import is_pending, match
from .spec import Info, Resource
from .waiting import Observation


def calls_of(spec: Resource | Info, ctx: Context) -> Sequence[Call]:
    """Return the calls that read what a task is about."""
    read = spec.read(ctx)
    return [read] if isinstance(read, Call) else read


def _single(ctx: Context, calls: Sequence[Call]) -> list[dict[str, Any]]:
    """Return the one object that one call reads; nothing where it is yet to be made."""
    (call,) = calls
    found = ctx.item(call)
    return [] if found is None else [found]


def read_one(spec: Info, ctx: Context, calls: Sequence[Call]) -> list[dict[str, Any]]:
    try:
        return _single(ctx, calls)
    except TpopsError as error:
        if not (spec.missing and spec.missing(error)) and not (spec.on_read_error and spec.on_read_error(ctx, error)):
            raise
        return []


def read_all(spec: Resource | Info, ctx: Context, calls: Sequence[Call]) -> list[dict[str, Any]]:
    try:
        return ctx.items(calls)
    except TpopsError as error:
        if spec.on_read_error is None or not spec.on_read_error(ctx, error):
            raise
        return []


def observe(spec: Resource, ctx: Context, items: Sequence[Item]) -> None:
    """Read the current objects, with one read for the whole list."""
    calls = calls_of(spec, ctx)
    if spec.create is None and not all(call.complete for call in calls):
        # The parent is yet to be made, and will have what it always has: everything that is wished is a change.
        for item in items:
            item.current = {}
        return
    if spec.single and spec.select is None:
        try:
            current = _single(ctx, calls)
        except TpopsError as error:
            # What no module makes has to be there: that it is not found says nothing about what is in it.
            if not (
                spec.on_read_error(ctx, error)
                if spec.on_read_error
                else spec.create is not None and isinstance(error, NotFound)
            ):
                raise
            current = []
    else:
        current = read_all(spec, ctx, calls)
        if spec.select:
            current = spec.select(ctx, current)
    match(spec, items, current)


def wait_until_settled(spec: Resource, ctx: Context, items: Sequence[Item]) -> None:
    """Attach to whatever the platform is already doing with the objects."""
    if not any(is_pending(spec, item) for item in items):
        return

    def probe() -> Observation:
        observe(spec, ctx, items)
        return progress_of(spec, items)

    ctx.waiter.wait_until(probe, label=label_of(ctx, items))


def progress_of(spec: Resource, items: Sequence[Item]) -> Observation:
    """Tell whether the platform is still busy with any of the objects, as they were read last."""
    busy = [item for item in items if is_pending(spec, item)]
    first = (busy or items)[0] if items else None
    status = str((first.current or {}).get(spec.status.attribute) or "gone") if spec.status and first else ""
    if not busy:
        return Observation("done", status)
    return Observation("running", f"{status}, {len(busy)} of {len(items)} to go" if len(items) > 1 else status)


def label_of(ctx: Context, items: Sequence[Item]) -> str:
    return f"{ctx.module} {items[0].label}" if len(items) == 1 else ctx.module
