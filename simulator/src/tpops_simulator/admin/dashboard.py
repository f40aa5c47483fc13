# SPDX-License-Identifier: GPL-3.0-or-later
"""`GET /`: the site at a glance. What it shows is chosen here; templates/dashboard.html.j2 is the page around it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined

from .. import __version__
from ..model.alarms import alarms
from .state import State

# More rows than these help nobody on a page.
ROWS, TASKS, REQUESTS = 100, 15, 40

# What a status says of its thing: all is well, something is under way, something is wrong.
_WELL = frozenset({"ACTIVE", "Completed", "in_use", "initialized", "unmanaged", "up"})
_WRONG = frozenset({"FAILED", "BUILD_FAILED", "SHUTDOWN", "Failed", "initialize_failed", "delete_failed", "down"})
_WRONG_SEVERITIES = frozenset({"critical", "major"})

_PAGE = Environment(
    loader=PackageLoader("tpops_simulator.admin"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
).get_template("dashboard.html.j2")


class Cell(NamedTuple):
    """A text. Its kind is `well`, `busy` or `wrong`, or `code`; a long one may take several lines."""

    text: str
    kind: str = ""
    long: bool = False


class Tile(NamedTuple):
    """A number, and what it is made of."""

    title: str
    number: int
    parts: str


@dataclass(frozen=True)
class Table:
    """Rows of a table. `total` counts those that are left out, too; a folded table has to be opened."""

    title: str
    heads: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    total: int
    folded: bool = False

    @property
    def anchor(self) -> str:
        return self.title.lower().replace(" ", "-")

    @property
    def note(self) -> str:
        """How many rows there are, unless there are none."""
        shown = len(self.rows)
        return "" if not shown else f"{shown} of {self.total}" if shown < self.total else str(self.total)


def render(state: State) -> str:
    """The page. Everything is escaped; secrets are in none of what it shows."""
    return _PAGE.render(
        name=state.site.name,
        status=_status("up" if state.site.up else "down"),
        version=__version__,
        facts=_facts(state),
        tiles=_tiles(state),
        tables=[_alarms(state), _jobs(state), _instances(state), _requests(state), _hosts(state)],
    )


def _facts(state: State) -> list[str]:
    clock, peer, rules = state.site.clock, state.site.peer, state.faults.rules
    pace = "stepped" if clock.stepped else f"{clock.speed:g} times as fast as real time"
    return [
        f"{clock.iso()[:19].replace('T', ' ')} UTC, {pace}",
        f"{len(state.contract.operations)} operations",
        *([f"{len(rules)} fault rules in force"] if rules else []),
        *([f"linked with {peer.name}"] if peer else []),
    ]


def _tiles(state: State) -> list[Tile]:
    site = state.site
    jobs = Counter(j.status for j in site.jobs.values())
    return [
        _tile("Instances", len(site.instances), Counter(i.status for i in site.instances.values())),
        _tile("Hosts", len(site.hosts), Counter(h.status for h in site.hosts.values())),
        _tile("Tasks running", jobs.pop("Running", 0), jobs),
        _tile("Backups", len(site.backups), Counter(b.status for b in site.backups.values())),
    ]


def _tile(title: str, number: int, parts: Counter[str]) -> Tile:
    return Tile(title, number, ", ".join(f"{count} {status}" for status, count in parts.most_common(3)) or "none")


def _alarms(state: State) -> Table:
    found = list(alarms(state.site).active.values())
    rows = (
        (
            Cell(a.severity, "wrong" if a.severity in _WRONG_SEVERITIES else "busy"),
            a.kind.name[0],
            a.instance_name,
            a.host_ip,
            state.site.clock.iso(a.first)[:19].replace("T", " "),
        )
        for a in reversed(found)
    )
    return _table("Active alarms", "Severity|Alarm|Instance|Host|Since (UTC)", rows, len(found))


def _instances(state: State) -> Table:
    """The newest first, but what is out of order or being worked on before everything else."""
    instances = state.site.instances
    ordered = sorted(reversed(instances.values()), key=lambda i: i.status in _WELL)
    rows = ((i.name, _status(i.status), i.solution, i.version, str(len(i.nodes)), Cell(i.id, "code")) for i in ordered)
    return _table("Instances", "Name|Status|Shape|Version|Nodes|ID", rows, len(instances))


def _jobs(state: State) -> Table:
    site, now = state.site, state.site.clock.now_ms()
    rows = (
        (
            j.name,
            _status(j.status),
            f"{j.progress(now)} %",
            j.step(now) if j.running else None,
            instance.name if (instance := site.instances.get(j.instance_id or "")) else j.instance_id,
            Cell(j.fail_reason or "", long=True),
            Cell(j.id, "code"),
        )
        for j in sorted(reversed(site.jobs.values()), key=lambda j: not j.running)
    )
    heads = "Name|Status|Progress|Step|Instance|Failure|ID"
    return _table("Tasks", heads, islice(rows, TASKS), len(site.jobs))


def _requests(state: State) -> Table:
    rows = (
        (
            str(e["sequence"]),
            e["time"][11:19],
            Cell(str(e["status"] or "lost"), "well" if (e["status"] or 999) < 400 else "wrong"),
            e["operation_id"],
            Cell(f"{e['method']} {e['path']}", "code", long=True),
            e["user"],
        )
        for e in state.requests.last(REQUESTS)
    )
    return _table("Last requests", "#|Time|Status|Operation|Request|User", rows, len(state.requests))


def _hosts(state: State) -> Table:
    """Folded away: there are many, and they seldom change."""
    site = state.site
    rows = (
        (
            h.name,
            _status(h.status),
            h.manage_ip,
            center.name if (center := site.data_centers.get(h.data_center_id)) else None,
            instance.name if (instance := site.instances.get(h.instance_id or "")) else None,
            Cell(h.id, "code"),
        )
        for h in site.hosts.values()
    )
    return _table("Hosts", "Name|Status|Management IP|Data center|Instance|ID", rows, len(site.hosts), folded=True)


def _status(status: str) -> Cell:
    return Cell(status, "well" if status in _WELL else "wrong" if status in _WRONG else "busy")


def _table(
    title: str, heads: str, rows: Iterable[Sequence[Cell | str | None]], total: int, *, folded: bool = False
) -> Table:
    shown = [[c if isinstance(c, Cell) else Cell(c or "") for c in row] for row in islice(rows, ROWS)]
    return Table(title, heads.split("|"), shown, total, folded)
