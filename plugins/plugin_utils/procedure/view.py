# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a procedure sees of its subject: the data of its members, and what follows from them for a relation, an upgrade
and nodes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ansible_collections.gaussdb.tpops.plugins.filter.dr_state import dr_state

from . import backups, nodes, upgrade
from .record import stamp

FIGURES = (("rpo_seconds", "rpo_limit"), ("rto_seconds", "rto_limit"))
# What sums up an instance, by the look that a procedure asks for first: its state as a code with values, and whether it
# is good.
SUMMARIES: dict[str, tuple[Callable[[str, Mapping[str, Any]], dict[str, Any]], Callable[[Mapping[str, Any]], bool]]] = {
    "upgrades": (upgrade.summary_of, upgrade.is_good),
    "components": (nodes.summary_of, nodes.is_good),
    "backups": (backups.summary_of, backups.is_good),
}


@dataclass
class View:
    """The members at a moment, ``sites``, and for a relation its ``state``; the rest is for the record."""

    sites: dict[str, Any]
    snapshot: dict[str, Any]
    state: dict[str, Any] = field(default_factory=dict)
    summary: list[Any] = field(default_factory=list)
    good_end: bool = True
    figures: list[dict[str, Any]] = field(default_factory=list)
    samples: list[dict[str, Any]] = field(default_factory=list)


def view_of(
    sites: dict[str, Any],
    relation: Mapping[str, Any],
    primary_site: str,
    moment: datetime,
    looks: Sequence[str] = (),
) -> View:
    """Return the view of members, and of their relation if it is described, and of what the first of the ``looks``
    shows.

    Raises ``AnsibleFilterError`` for a description without two members.
    """
    view = View(sites, {"time": stamp(moment), "sites": sites})
    if relation:
        _add_relation(view, dr_state(sites, relation, primary_site), moment)
    if looks[:1] and looks[0] in SUMMARIES:
        summarize, is_good = SUMMARIES[looks[0]]
        view.summary += [summarize(site, seen) for site, seen in sites.items()]
        view.good_end = view.good_end and all(map(is_good, sites.values()))
    return view


def _add_relation(view: View, state: dict[str, Any], moment: datetime) -> None:
    named = {"primary": "primaries", "lost_primary": "lost_primaries"}
    named |= {name: name for name in ("protected", "status", "rpo_seconds", "rto_seconds", "deviations")}
    time = f"{moment:%Y-%m-%d %H:%M:%S} UTC"
    view.snapshot |= {name: state[key] for name, key in named.items()}
    view.state = state
    view.summary += state["summary"]
    view.good_end = state["protected"]
    view.figures = [{"name": name, "unit": "seconds", "limit": state[limit]} for name, limit in FIGURES]
    view.samples = [{"time": time, **sample} for sample in state["samples"]]
