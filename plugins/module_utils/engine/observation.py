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
from .planning import Spec, is_pending, match
from .spec import Find
from .waiting import Observation


def calls_of(find: Find, ctx: Context) -> Sequence[Call]:
    """Return the calls that read what a task is about."""
    read = find.read(ctx)
    return [read] if isinstance(read, Call) else read


def read_one(find: Find, ctx: Context, calls: Sequence[Call], may_be_missing: bool = False) -> list[dict[str, Any]]:
    """Return the one object that one call reads; nothing where it is yet to be created."""
    (call,) = calls
    try:
        found = ctx.item(call)
    except TpopsError as error:
        if not (find.on_error(ctx, error) if find.on_error else may_be_missing and isinstance(error, NotFound)):
            raise
        found = None
    return [] if found is None else [found]


def read_all(find: Find, ctx: Context, calls: Sequence[Call]) -> list[dict[str, Any]]:
    """Return all objects that the calls list."""
    try:
        return ctx.items(calls)
    except TpopsError as error:
        if find.on_error is None or not find.on_error(ctx, error):
            raise
        return []


def take_over(find: Find, ctx: Context, listed: list[dict[str, Any]]) -> None:
    """Keep what was listed, and the objects that the module makes of it."""
    ctx.listed = listed
    ctx.found = find.select(ctx, listed) if find.select else listed


def observe(spec: Spec, ctx: Context, items: Sequence[Item]) -> None:
    """Read the current objects, with one read for the whole list."""
    find = spec.find
    if find is None:
        return
    calls = calls_of(find, ctx)
    can_create = spec.writes.create is not None
    if not can_create and not all(call.complete for call in calls):
        # The parent does not exist yet, and will have what it always has: every desired value is a change.
        for item in items:
            item.current = {}
        return
    # What no module can create has to exist: that it is not found says nothing about what is in it.
    one = spec.single and find.select is None
    take_over(find, ctx, read_one(find, ctx, calls, can_create) if one else read_all(find, ctx, calls))
    match(spec, items, ctx.found)


def wait_until_settled(spec: Spec, ctx: Context, items: Sequence[Item]) -> None:
    """Attach to whatever the platform is already doing with the objects."""
    if not any(is_pending(spec, item) for item in items):
        return

    def probe() -> Observation:
        observe(spec, ctx, items)
        return progress_of(spec, items)

    ctx.waiter.wait_until(probe, label=label_of(ctx, items))


def progress_of(spec: Spec, items: Sequence[Item]) -> Observation:
    """Return whether the platform is still busy with any of the objects, as they were read last."""
    busy = [item for item in items if is_pending(spec, item)]
    first = (busy or items)[0] if items else None
    status = str((first.current or {}).get(spec.status.attribute) or "gone") if spec.status and first else ""
    if not busy:
        return Observation("done", status)
    return Observation("running", f"{status}, {len(busy)} of {len(items)} to go" if len(items) > 1 else status)


def label_of(ctx: Context, items: Sequence[Item]) -> str:
    return f"{ctx.module} {items[0].label}" if len(items) == 1 else ctx.module
