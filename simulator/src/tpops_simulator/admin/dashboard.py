# SPDX-License-Identifier: GPL-3.0-or-later
"""`GET /`: the site at a glance, one HTML page without scripts or outside parts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from html import escape
from itertools import islice
from typing import Any

from .. import __version__
from ..model.alarms import alarms
from .state import State

# More rows than these help nobody on a page.
ROWS, TASKS, REQUESTS = 100, 15, 40

# What a status says of its thing: all is well, something is under way, something is wrong.
_WELL = frozenset({"ACTIVE", "Completed", "in_use", "initialized", "unmanaged", "up"})
_WRONG = frozenset({"FAILED", "BUILD_FAILED", "SHUTDOWN", "Failed", "initialize_failed", "delete_failed", "down"})
_WRONG_SEVERITIES = frozenset({"critical", "major"})

_STYLE = """
:root{color-scheme:light dark;--ground:#f6f7f9;--card:#fff;--text:#1c2430;--quiet:#5d6876;--line:#dfe3e8;--well:#1a7f4b;
--busy:#8a5a00;--wrong:#b3261e;--tint:#eef1f5}
@media(prefers-color-scheme:dark){:root{--ground:#14181d;--card:#1c2229;--text:#e4e8ed;--quiet:#98a3b0;--line:#313a44;
--well:#5fcf94;--busy:#e5b95c;--wrong:#ff8a80;--tint:#252d36}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--text);font:15px/1.5 system-ui,"Segoe UI",Roboto,sans-serif}
main{max-width:80rem;margin:0 auto;padding:1.5rem 1rem 3rem}
h1{font-size:1.5rem;margin:0;display:flex;flex-wrap:wrap;gap:.2rem .8rem;align-items:baseline}
h1 small,h1 .well,h1 .wrong{font-size:.9rem;font-weight:400}h1 small{color:var(--quiet)}
nav{margin:0 0 1.2rem;display:flex;flex-wrap:wrap;gap:.2rem 1.2rem}a{color:inherit;text-underline-offset:.2em}
h2{font-size:1.05rem;margin:0;padding:.7rem 1rem;display:inline-block}
h2 small{font-weight:400;color:var(--quiet)}
.facts{color:var(--quiet);margin:.3rem 0 1.2rem}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(10rem,1fr));gap:.8rem;margin:0 0 1.2rem;padding:0}
.tile,section,details{background:var(--card);border:1px solid var(--line);border-radius:.6rem}
.tile{padding:.7rem 1rem}
.tile strong{font-size:1.5rem;line-height:1.2;display:block;color:var(--text);font-variant-numeric:tabular-nums}
.tile dt{color:var(--quiet)}.tile dd{margin:0;font-size:.87rem;color:var(--quiet)}
section,details{margin:0 0 1.2rem;overflow:hidden}
summary{cursor:pointer;padding-left:1rem}summary h2{padding-left:.3rem}
.wide{overflow-x:auto;border-top:1px solid var(--line)}
table{border-collapse:collapse;width:100%;font-size:.9rem}
th,td{text-align:left;padding:.4rem 1rem;white-space:nowrap;vertical-align:top}
th{font-weight:600;color:var(--quiet);background:var(--tint);font-size:.8rem}
td{border-top:1px solid var(--line)}
td.long{white-space:normal;min-width:14rem;overflow-wrap:anywhere}
code{font:.92em ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;color:var(--quiet)}
.well{color:var(--well)}.busy{color:var(--busy)}.wrong{color:var(--wrong)}
.well::before,.busy::before,.wrong::before{content:"";display:inline-block;width:.55em;height:.55em;border-radius:50%;
background:currentColor;margin-right:.45em}
.none{color:var(--quiet);padding:0 1rem .8rem;margin:0}
@media(max-width:40rem){main{padding:1rem .6rem 2rem}th,td{padding:.35rem .6rem}h2{padding:.6rem}}
"""


_TITLES = ("Active alarms", "Tasks", "Instances", "Last requests", "Hosts")


def _anchor(title: str) -> str:
    return title.lower().replace(" ", "-")


_NAVIGATION = "".join(f'<a href="#{_anchor(title)}">{title}</a>' for title in _TITLES)


class _Html(str):
    """Text that is HTML already; everything else gets escaped."""


def render(state: State) -> str:
    """The page. Everything that comes from outside is escaped; secrets are in none of what it shows."""
    site = state.site
    clock = site.clock
    pace = "stepped" if clock.stepped else f"{clock.speed:g} times as fast as real time"
    facts = [f"{clock.iso()[:19].replace('T', ' ')} UTC, {pace}", f"{len(state.contract.operations)} operations"]
    if state.faults.rules:
        facts.append(f"{len(state.faults.rules)} fault rules in force")
    if site.peer:
        facts.append(f"linked with {site.peer.name}")
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>{escape(site.name)} - tpops-simulator</title><style>{_STYLE}</style></head><body><main>
<h1>{escape(site.name)} {_status("up" if site.up else "down")} <small>tpops-simulator {escape(__version__)}</small></h1>
<p class="facts">{escape(" · ".join(facts))}</p>
{_tiles(state)}
<nav>{_NAVIGATION}</nav>
{_alarms(state)}
{_jobs(state)}
{_instances(state)}
{_requests(state)}
{_hosts(state)}
</main></body></html>
"""


def _tiles(state: State) -> str:
    site = state.site
    jobs = Counter(j.status for j in site.jobs.values())
    tiles = (
        ("Instances", len(site.instances), Counter(i.status for i in site.instances.values())),
        ("Hosts", len(site.hosts), Counter(h.status for h in site.hosts.values())),
        ("Tasks running", jobs.pop("Running", 0), jobs),
        ("Backups", len(site.backups), Counter(b.status for b in site.backups.values())),
    )
    return '<dl class="tiles">' + "".join(_tile(*tile) for tile in tiles) + "</dl>"


def _tile(title: str, number: int, parts: Counter[str]) -> str:
    rest = ", ".join(f"{count} {status}" for status, count in parts.most_common(3)) or "none"
    return f'<div class="tile"><dt>{escape(title)}</dt><dd><strong>{number}</strong>{escape(rest)}</dd></div>'


def _alarms(state: State) -> str:
    found = list(alarms(state.site).active.values())
    rows = (
        (
            _Html(_mark(a.severity, "wrong" if a.severity in _WRONG_SEVERITIES else "busy")),
            a.kind.name[0],
            a.instance_name or "",
            a.host_ip or "",
            state.site.clock.iso(a.first)[:19].replace("T", " "),
        )
        for a in reversed(found)
    )
    return _table("Active alarms", len(found), "Severity|Alarm|Instance|Host|Since (UTC)", rows)


def _instances(state: State) -> str:
    """The newest first, but what is out of order or being worked on before everything else."""
    instances = state.site.instances
    ordered = sorted(reversed(instances.values()), key=lambda i: i.status in _WELL)
    rows = ((i.name, _Html(_status(i.status)), i.solution, i.version, str(len(i.nodes)), _code(i.id)) for i in ordered)
    return _table("Instances", len(instances), "Name|Status|Shape|Version|Nodes|ID", rows)


def _jobs(state: State) -> str:
    site, now = state.site, state.site.clock.now_ms()
    rows = (
        (
            j.name,
            _Html(_status(j.status)),
            f"{j.progress(now)} %",
            (j.step(now) or "") if j.running else "",
            instance.name if (instance := site.instances.get(j.instance_id or "")) else j.instance_id or "",
            j.fail_reason or "",
            _code(j.id),
        )
        for j in sorted(reversed(site.jobs.values()), key=lambda j: not j.running)
    )
    heads = "Name|Status|Progress|Step|Instance|Failure|ID"
    return _table("Tasks", len(site.jobs), heads, islice(rows, TASKS), long={5})


def _requests(state: State) -> str:
    rows = (
        (
            str(e["sequence"]),
            e["time"][11:19],
            _Html(_mark(str(e["status"] or "lost"), "well" if (e["status"] or 999) < 400 else "wrong")),
            e["operation_id"] or "",
            _code(f"{e['method']} {e['path']}"),
            e["user"] or "",
        )
        for e in state.requests.last(REQUESTS)
    )
    return _table("Last requests", len(state.requests), "#|Time|Status|Operation|Request|User", rows, long={4})


def _hosts(state: State) -> str:
    """Folded away: there are many, and they seldom change."""
    site = state.site
    rows = (
        (
            h.name,
            _Html(_status(h.status)),
            h.manage_ip,
            center.name if (center := site.data_centers.get(h.data_center_id)) else "",
            instance.name if (instance := site.instances.get(h.instance_id or "")) else "",
            _code(h.id),
        )
        for h in site.hosts.values()
    )
    heads = "Name|Status|Management IP|Data center|Instance|ID"
    return _table("Hosts", len(site.hosts), heads, rows, folded=True)


def _status(status: str) -> str:
    return _mark(status, "well" if status in _WELL else "wrong" if status in _WRONG else "busy")


def _mark(text: str, kind: str) -> str:
    return f'<span class="{kind}">{escape(text)}</span>'


def _code(text: str) -> _Html:
    return _Html(f"<code>{escape(text)}</code>")


def _table(
    title: str,
    total: int,
    heads: str,
    rows: Iterable[Sequence[Any]],
    *,
    long: Iterable[int] = (),
    folded: bool = False,
) -> str:
    shown = list(islice(rows, ROWS))
    note = f"{len(shown)} of {total}" if len(shown) < total else str(total)
    heading = f"<h2>{escape(title)} <small>{note if shown else ''}</small></h2>"
    if not shown:
        return f'<section id="{_anchor(title)}">{heading}<p class="none">None.</p></section>'
    wrap = frozenset(long)
    head = "".join(f"<th>{escape(h)}</th>" for h in heads.split("|"))
    body = "".join("<tr>" + "".join(_cell(c, i in wrap) for i, c in enumerate(row)) + "</tr>" for row in shown)
    table = f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'
    if folded:
        return f'<details id="{_anchor(title)}"><summary>{heading}</summary>{table}</details>'
    return f'<section id="{_anchor(title)}">{heading}{table}</section>'


def _cell(content: Any, long: bool) -> str:
    text = content if isinstance(content, _Html) else escape(str(content))
    return f'<td class="long">{text}</td>' if long and content else f"<td>{text}</td>"
