# Copyright: Contributors to the gaussdb.tpops project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""WDR reports as ``gaussdb_wdr_report`` collects and saves them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..api import wdr as api
from ..engine import files
from ..engine.context import Context
from ..engine.item import Item, Step
from ..http.errors import InvalidReply, TpopsError
from ..util import times
from .period import read_period


def read_whole_period(ctx: Context) -> tuple[int, int]:
    """Return start and end in milliseconds, extended to whole seconds. Determined once, because an age would give a
    different time on each call."""
    start, end = ctx.cached("period", lambda: read_period(ctx))
    return start // 1000 * 1000, -(-end // 1000) * 1000


def find(ctx: Context) -> dict[str, Any] | None:
    """Return the report on the period if it exists or is being collected, else ``None``."""
    wanted = (*read_whole_period(ctx), set(ctx.params["components"] or ()))
    found = [
        entry
        for entry in ctx.items(api.list_wdr_reports(ctx.parent.id))
        if (entry["start_ms"], entry["end_ms"], set(entry["components"])) == wanted
    ]
    return next(
        (entry for status in (api.SUCCESS, api.EXPORTING) for entry in found if entry["status"] == status), None
    )


def plan(ctx: Context, items: Sequence[Item]) -> list[Step]:
    start, end = (times.with_offset(moment) for moment in read_whole_period(ctx))
    files.check_option(ctx, "path")
    found = find(ctx)
    if found is None:
        components = ctx.params["components"] or ()
        about = ", ".join(components) or ctx.parent.label
        return [
            Step(
                api.collect_wdr_report(ctx.parent.id, start, end, components),
                f"Collect a report on {about} from {start} to {end}",
            )
        ]
    if found["status"] == api.EXPORTING:
        ctx.attach(found["job_id"])
    return []


def problem_of(ctx: Context, found: Mapping[str, Any] | None) -> str | None:
    if found is not None and found["status"] == api.SUCCESS:
        return None
    return f"The report on {ctx.parent.label} was collected, but the platform does not list it as finished"


def find_missing(ctx: Context, items: Sequence[Item]) -> dict[str, str]:
    problem = problem_of(ctx, find(ctx))
    return {"": problem} if problem else {}


def download(ctx: Context, report: Mapping[str, Any]) -> bytes:
    """Return the file. In the reference's example the download returns none (4.5.12). Then the address in the list is
    used."""
    try:
        return ctx.content(api.download_wdr_report(ctx.parent.id, report["job_id"]))
    except InvalidReply:
        call = api.download_wdr_file(report["download_url"], ctx.client.connection.address)
        if call is None:
            raise
        return ctx.content(call)


def save_report(ctx: Context, items: Sequence[Item]) -> dict[str, Any]:
    found = find(ctx)
    problem = problem_of(ctx, found)
    if problem and ctx.may_wait:
        raise TpopsError(problem)
    if problem or found is None:
        return {**({"report": found} if found else {}), **files.put_option(ctx, "path", None)}
    content = download(ctx, found)
    return {
        "report": {**found, "path": ctx.params["path"]},
        **files.put_option(ctx, "path", content, ctx.params["mode"]),
    }
