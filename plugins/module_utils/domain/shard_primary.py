# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The primaries of shards (4.11.4): which components should be primary, given by their IDs or by nodes to avoid."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from ..api import instance as api
from ..api.operation import Call
from ..engine.context import Context
from ..engine.item import Item, Step
from ..http.errors import InputError, NotFound
from .components import IN_SYNC, components_of, groups_of

PRIMARY, STANDBY = "Primary", "Standby"


def build_desired(ctx: Context) -> list[dict[str, Any]]:
    """Return the desired primaries. The platform ignores blanks around an ID (4.11.4)."""
    return [{"id": component.strip(), "status": PRIMARY} for component in ctx.params["components"] or ()]


def select(ctx: Context, nodes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the components. Refuse two components of the same shard, because it has one primary."""
    found = components_of(nodes)
    desired = {component.strip() for component in ctx.params["components"] or ()}
    shards: dict[str, list[str]] = {}
    for component in found:
        if component["id"] in desired:
            shards.setdefault(component["distributed_id"], []).append(component["id"])
    crowded = next((" and ".join(sorted(names)) for names in shards.values() if len(names) > 1), None)
    if crowded:
        raise InputError("components", f"{crowded} belong to one shard, which has only one primary")
    return found


def refine(ctx: Context, item: Item) -> None:
    status = (item.current or {}).get("status")
    if status not in (None, PRIMARY, STANDBY):
        raise InputError(
            "components", f"{item.label} has status {status}, and only a running standby can become primary"
        )


def switch(ctx: Context, items: Sequence[Item]) -> Call:
    return api.switch_shard(
        ctx.parent.id, [{"node_id": item.existing.get("node_id"), "component_id": item.label} for item in items]
    )


def plan_moves(ctx: Context, items: Sequence[Item]) -> list[Step]:
    """Return the one request that moves the primaries away from the nodes to avoid."""
    moved = [chosen for primary, chosen in _find_primaries(ctx) if chosen is not primary]
    targets = [{"node_id": each["node_id"], "component_id": each["id"]} for each in moved]
    names = ", ".join(each["id"] for each in moved)
    return [Step(api.switch_shard(ctx.parent.id, targets), f"Make {names} primary")] if moved else []


def build_result(ctx: Context, items: Sequence[Item]) -> dict[str, Any]:
    """Return the primaries of the shards with a replica on the nodes to avoid: they are not listed in the task."""
    if not ctx.params["avoid_nodes"]:
        return {}
    return {"components": [{**chosen, "status": PRIMARY} for _primary, chosen in _find_primaries(ctx)]}


def _find_primaries(ctx: Context) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Return the primary of each shard with a replica on the nodes to avoid, and the component that it should be."""
    avoided = _find_avoided(ctx)
    load = Counter(each["node_id"] for each in ctx.found if each["status"] == PRIMARY)
    found = []
    for (_kind, shard), group in groups_of(ctx.listed).items():
        primary = next((each for each in group if each["status"] == PRIMARY), None)
        if primary is None or not any(each["node_id"] in avoided for each in group):
            continue
        chosen = primary if primary["node_id"] not in avoided else _choose(ctx, shard, primary, group, avoided, load)
        load[chosen["node_id"]] += chosen is not primary
        found.append((primary, chosen))
    return found


def _choose(
    ctx: Context,
    shard: str,
    primary: dict[str, Any],
    group: Sequence[dict[str, Any]],
    avoided: Collection[str],
    load: Mapping[str, int],
) -> dict[str, Any]:
    """Return the standby that should take over from a primary: one that is in sync, in the same zone, on a node with
    few primaries."""
    zone = primary["availability_zone_id"]
    possible = [each for each in group if each["status"] == STANDBY and each["node_id"] not in avoided]
    if not possible:
        raise InputError("avoid_nodes", f"shard {shard} has no running standby on another node")

    def rank(standby: Mapping[str, Any]) -> tuple[Any, ...]:
        lags, away = standby["detail"] != IN_SYNC, standby["availability_zone_id"] != zone
        return lags, away, load[standby["node_id"]], standby["id"]

    return min(possible, key=rank)


def _find_avoided(ctx: Context) -> set[str]:
    """Return the IDs of the nodes to avoid. An instance that an earlier task of a check creates has none yet."""
    avoided = set()
    for index, given in enumerate(ctx.params["avoid_nodes"] or () if ctx.parent.id else ()):
        ids = [node["id"] for node in ctx.listed if given in (node["name"], node["id"], node["hostname"])]
        if not ids:
            raise NotFound(f"avoid_nodes[{index}]: instance {ctx.parent.label} has no node {given}")
        avoided.update(ids)
    return avoided
