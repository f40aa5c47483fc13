# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a procedure sees of its subject: the data of its members, and for a relation what follows from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ansible_collections.gaussdb.tpops.plugins.filter.dr_state import dr_state

from .record import stamp

FIGURES = (("rpo_seconds", "rpo_limit"), ("rto_seconds", "rto_limit"))


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


def view_of(sites: dict[str, Any], relation: Mapping[str, Any], primary_site: str, moment: datetime) -> View:
    """Return the view of members, and of their relation if it is described. Raises ``AnsibleFilterError`` for a
    description without two members."""
    snapshot = {"time": stamp(moment), "sites": sites}
    if not relation:
        return View(sites, snapshot)
    state = dr_state(sites, relation, primary_site)
    named = {"primary": "primaries", "lost_primary": "lost_primaries"}
    named |= {name: name for name in ("protected", "status", "rpo_seconds", "rto_seconds", "deviations")}
    time = f"{moment:%Y-%m-%d %H:%M:%S} UTC"
    return View(
        sites,
        {**snapshot, **{name: state[key] for name, key in named.items()}},
        state,
        state["summary"],
        state["protected"],
        [{"name": name, "unit": "seconds", "limit": state[limit]} for name, limit in FIGURES],
        [{"time": time, **sample} for sample in state["samples"]],
    )
