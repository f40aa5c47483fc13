# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Availability zones of an instance and the operations on them (4.11.14)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..api import instance_operations as api
from ..api.shape import Attr, Shape
from ..engine.context import Context
from ..engine.item import Item, Step
from ..http.errors import InputError, TpopsError
from .components import combine_states, describe_unclear, groups_of, is_leading, is_running
from .node import nodes_of, read_instances

OPERATIONS = {"primary": "switch", "force_started": "forceStart", "resumed": "resume"}
SUMMARIES = {
    "primary": "Move the primaries into {zone}",
    "force_started": "Start the instance with {zone} alone",
    "resumed": "Recover {zone}",
}

# What :func:`select` finds out only for :func:`refine`.
_FOR_REFINE = ("doubtful", "usable", "healthy_elsewhere")
# See :func:`select`.
ZONE = Shape(
    (
        Attr("id", doc="ID of the zone. Empty for all zones together."),
        Attr("zones", kind="list", doc="IDs of all zones of the instance."),
        Attr("nodes", kind="list", doc="Names of the nodes in the zone."),
        Attr(
            "primary",
            kind="bool",
            doc="Whether each shard with a running replica in the zone has its primary there.",
        ),
        Attr("force_started", kind="bool", doc="Whether the instance runs in this zone alone."),
        Attr("resumed", kind="bool", doc="Whether all nodes of the zone are healthy. Empty while this is unknown."),
    )
)


def zone_of(nodes: Sequence[Mapping[str, Any]], wanted: str) -> str:
    """Return the ID of the zone, which may also be given by its description."""
    found: set[str] = {
        node["availability_zone_id"] for node in nodes if wanted in (node["availability_zone_id"], node["description"])
    }
    if len(found) != 1:
        known = ", ".join(sorted({str(node["availability_zone_id"]) for node in nodes}))
        raise InputError("availability_zone", f"the instance has no zone {wanted}, only {known}")
    return found.pop()


def select(ctx: Context, listed: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Turn the nodes into one object: the zone as the options describe it."""
    instances = read_instances(ctx)
    nodes = nodes_of(instances, listed)
    running = bool(instances) and instances[0]["running"] is True
    wanted = ctx.params["availability_zone"]
    zone = zone_of(nodes, wanted) if wanted else None
    inside = [node for node in nodes if zone in (None, node["availability_zone_id"])]
    outside = [node for node in nodes if node not in inside]
    shards = [[each for each in group if is_running(each)] for group in groups_of(nodes).values()]
    here = [[each for each in group if zone in (None, each["availability_zone_id"])] for group in shards]
    primary = any(here) and all(any(map(is_leading, group)) for group in here if group)
    # The user confirms the state of the zones that a forced start gives up.
    asked = nodes if ctx.params["state"] == "primary" else inside
    doubtful = ", ".join(
        f"{node['name']} ({describe_unclear(node)})"
        for node in asked
        if node["running"] is None or node["healthy"] is None
    )
    return [
        {
            "id": zone,
            "zones": list(dict.fromkeys(node["availability_zone_id"] for node in nodes)),
            "nodes": [node["name"] for node in inside],
            "primary": primary,
            "force_started": primary and running and not any(node["running"] for node in outside),
            "resumed": combine_states(node["healthy"] for node in inside),
            "doubtful": doubtful,
            "usable": any(here),
            "healthy_elsewhere": sorted(
                {str(node["availability_zone_id"]) for node in outside if _is_zone_healthy(node, outside)}
            ),
        }
    ]


def _is_zone_healthy(node: Mapping[str, Any], nodes: Sequence[Mapping[str, Any]]) -> bool:
    return all(other["running"] for other in nodes if other["availability_zone_id"] == node["availability_zone_id"])


def refine(ctx: Context, item: Item) -> Item | None:
    """Reject what cannot work, before any write."""
    zone, state, confirmed = item.current, ctx.params["state"], ctx.params["confirm_lost_zones"]
    if not zone or "usable" not in zone:
        return None
    doubtful, usable, elsewhere = (zone[name] for name in _FOR_REFINE)
    refined = replace(item, current={name: value for name, value in zone.items() if name not in _FOR_REFINE})
    if doubtful and (state == "primary" or not zone[state]):
        raise TpopsError(
            f"It is unknown whether this is needed: the platform shows {doubtful}",
            hint="Check the nodes in the platform's console or with gaussdb_component_info.",
        )
    if zone[state]:
        return refined
    if state == "primary" and not usable:
        raise InputError("availability_zone", f"no replica of a shard runs in zone {zone['id']}")
    if state == "force_started":
        others = [str(other) for other in zone["zones"] if other != zone["id"]]
        if elsewhere:
            raise InputError(
                "state", f"zone {', '.join(elsewhere)} is healthy; a forced start requires the loss of all others"
            )
        if sorted(confirmed or ()) != sorted(others):
            names = ", ".join(others)
            raise InputError("confirm_lost_zones", f"must list all zones that are given up: {names}")
    return refined


def plan_steps(ctx: Context, items: Sequence[Item]) -> list[Step]:
    item, state, name = items[0], ctx.params["state"], ctx.params["availability_zone"]
    if not item.changes:
        return []
    zone = (item.current or {}).get("id") or name
    call = api.repair_availability_zone(ctx.parent.id, OPERATIONS[state], zone)
    return [Step(call, SUMMARIES[state].format(zone=f"zone {name}" if name else "all lost zones"), items)]
