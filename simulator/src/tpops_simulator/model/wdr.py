# SPDX-License-Identifier: GPL-3.0-or-later
"""WDR snapshots: while enabled, the kernel takes one every hour and keeps it for eight days."""

from __future__ import annotations

import html
import io
import zipfile
from dataclasses import dataclass, field
from typing import Any

from .entities import Instance
from .parameters import known_parameters, parameter_value, store_parameters
from .site import Site
from .times import plain
from .workload import statements

SWITCH = "enable_wdr_snapshot"
INTERVAL = 3600.0
RETENTION = 8 * 86400.0
EXPORTING, SUCCESS, FAILED = "EXPORTING", "SUCCESS", "FAILED"


@dataclass
class Collection:
    """One requested report. `start` and `end` are as given; times in epoch seconds."""

    job_id: str
    start: str
    end: str
    period: tuple[float, float]
    components: list[str]
    status: str = EXPORTING
    content: bytes = b""


@dataclass
class Wdr:
    """Spans of time in which the switch was on (the last one may be open), manual snapshots, reports."""

    spans: list[tuple[float, float | None]] = field(default_factory=list)
    manual: list[float] = field(default_factory=list)
    collections: dict[str, Collection] = field(default_factory=dict)

    def snapshots(self, now: float) -> list[float]:
        """Moments of all snapshots that are kept, oldest first."""
        oldest = now - RETENTION
        taken = [m for m in self.manual if m >= oldest]
        for begin, end in self.spans:
            until = now if end is None else end
            first = max(0, int(-((begin - oldest) // INTERVAL)))
            moment = begin + first * INTERVAL
            while moment <= until:
                if moment >= oldest:
                    taken.append(moment)
                moment += INTERVAL
        return sorted(taken)


def is_on(instance: Instance) -> bool:
    """The switch is a parameter of the instance, so it can also be changed there."""
    return parameter_value(instance, SWITCH) == "on"


def wdr(site: Site, instance: Instance) -> Wdr:
    """The snapshots of an instance, after checking whether the parameter was changed meanwhile."""
    books: dict[str, Wdr] = site.extension("wdr", dict)
    state = books.setdefault(instance.id, Wdr())
    changed = instance.data.get("parameters_updated", instance.created)
    on = is_on(instance)
    if not state.spans:
        if on:
            state.spans.append((instance.created, None))
        return state
    begin, end = state.spans[-1]
    if on and end is not None:
        state.spans.append((max(changed, end), None))
    elif not on and end is None:
        state.spans[-1] = (begin, max(changed, begin))
    return state


def switch(site: Site, instance: Instance, on: bool) -> None:
    if is_on(instance) == on:
        return
    wdr(site, instance)
    known = known_parameters(instance)
    names = [name for name in known if name == SWITCH or name.endswith(f":{SWITCH}")]
    store_parameters(instance, {name: "on" if on else "off" for name in names}, site.clock.now())
    wdr(site, instance)


def stamp(moment: float | None) -> str:
    """`2026-01-10 18:00:00.000000+00`; empty for None."""
    return "" if moment is None else f"{plain(moment)}.{int(moment * 1_000_000) % 1_000_000:06d}+00"


def report(site: Site, instance: Instance, collection: Collection) -> bytes:
    """A ZIP archive with a page for the instance, or for each component."""
    begin, end = collection.period
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in collection.components or ["cluster"]:
            page = _page(f"{instance.name}: {name}", begin, end, _rows(site, instance, begin, end))
            entry = zipfile.ZipInfo(f"wdr_{name}.html", date_time=(2026, 1, 1, 0, 0, 0))
            archive.writestr(entry, page)
    return buffer.getvalue()


def _rows(site: Site, instance: Instance, begin: float, end: float) -> list[tuple[Any, ...]]:
    span = int(begin * 1000), int(end * 1000)
    return [(s.sql_id, s.template, s.count(*span), s.over(*span).elapsed) for s in statements(site, instance)]


def _page(title: str, begin: float, end: float, rows: list[tuple[Any, ...]]) -> str:
    cells = "".join("<tr>" + "".join(f"<td>{html.escape(str(v))}</td>" for v in row) + "</tr>" for row in rows)
    return (
        "<!DOCTYPE html><html><head><meta charset='utf-8'><title>Workload diagnosis report</title></head><body>"
        f"<h1>{html.escape(title)}</h1><p>{plain(begin)} to {plain(end)} UTC</p>"
        "<table><tr><th>Statement</th><th>Text</th><th>Calls</th><th>Average ms</th></tr>"
        f"{cells}</table></body></html>"
    )
