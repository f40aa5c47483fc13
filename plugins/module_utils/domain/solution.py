# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The number of replicas of a centralized instance, and changing it (4.11.20)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..api import instance_operations as api
from ..api.operation import Call
from ..api.shape import Attr, Shape
from ..engine.context import Context
from ..engine.item import Item
from ..http.errors import InputError
from .components import describe_unclear, groups_of, is_leading, is_running
from .topology import BECOMES

BY_REPLICAS = {3: "triset", 5: "pentaset"}
DIFFERENCE = 2

# See :func:`select`.
SOLUTION = Shape(
    (
        Attr(
            "solution",
            doc="Topology, derived from the number of replicas and the presence of ETCD.",
        ),
        Attr("nodes", kind="list", doc="Names of the nodes."),
        Attr("primary_node", doc="Name of the node with the primary."),
    )
)


def select(ctx: Context, nodes: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The platform does not return the topology; it follows from the components."""
    shards = groups_of(nodes)
    replicas = next(iter(shards.values()), [])
    name = BY_REPLICAS.get(len(replicas)) if len(shards) == 1 and not groups_of(nodes, ("CN",)) else None
    without = "" if groups_of(nodes, ("ETCD",)) else "noetcd"
    leading = next((component["node_name"] for component in replicas if is_leading(component)), None)
    return [{"solution": name and name + without, "nodes": [node["name"] for node in nodes], "primary_node": leading}]


def refine(ctx: Context, item: Item) -> None:
    """Reject a topology that the platform cannot change the instance to."""
    desired, current = ctx.params["solution"], (item.current or {}).get("solution")
    possible = BECOMES.get(current or "")
    if item.current and desired != current and possible != desired:
        only = f"is {current} and can only become {possible}" if possible else "cannot be changed to any other topology"
        raise InputError("solution", f"instance {item.label} {only}")


def dropped(ctx: Context) -> list[str]:
    """Return the IDs of the nodes to drop, given by name, ID or host name."""
    found = []
    for wanted in ctx.params["nodes"] or ():
        node = next((node for node in ctx.listed if wanted in (node["name"], node["id"], node["hostname"])), None)
        if node is None:
            raise InputError("nodes", f"instance {ctx.parent.label} has no node {wanted}")
        replicas = [component for component in node["components"] if component["type"] == "DN"]
        if any(map(is_leading, replicas)):
            raise InputError("nodes", f"the primary is on node {wanted}, which cannot be dropped")
        if any(is_running(component) is None for component in replicas):
            raise InputError(
                "nodes", f"it is unknown whether the primary is on node {wanted}: {describe_unclear(node)}"
            )
        found.append(node["id"])
    return list(dict.fromkeys(found))


def change(ctx: Context, item: Item) -> Call:
    """Return the request if the options fit."""
    larger = ctx.params["solution"].startswith("pentaset")
    needed, barred = ("manage_ips", "nodes") if larger else ("nodes", "manage_ips")
    if ctx.params[barred]:
        raise InputError(barred, f"cannot be used to make instance {item.label} {'larger' if larger else 'smaller'}")
    # The nodes of an instance that an earlier task would create are unknown.
    given = dropped(ctx) if ctx.parent.id and not larger else list(dict.fromkeys(ctx.params[needed] or ()))
    if len(given) != DIFFERENCE:
        raise InputError(needed, f"exactly {DIFFERENCE} are required to change it to {ctx.params['solution']}")
    return api.change_solution(ctx.parent.id, ctx.params["solution"], *((given, ()) if larger else ((), given)))
