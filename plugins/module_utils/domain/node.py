# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The nodes of an instance: the combined data of two operations, and the changes to nodes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..api import instance_operations as api
from ..api.instance import list_instances, start_instance, stop_instance
from ..api.instance_parts import COMPONENT_NODE
from ..api.operation import Call
from ..api.shape import first_list
from ..engine.context import Context
from ..engine.item import Item, Policy, Step
from ..http.errors import ApiFailure, InputError, NotFound, TpopsError
from .components import describe_unclear, with_condition, without_majority

DESIRED = {"started": {"running": True}, "stopped": {"running": False}, "repaired": {"healthy": True}}
REPAIRED_AT_ONCE = 3


def select_nodes(ctx: Context, nodes: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the nodes of 4.11.3 with what only the list of instances (4.11.8) shows; those being created are in that
    list alone."""
    return nodes_of(read_instances(ctx), nodes)


def read_instances(ctx: Context) -> list[dict[str, Any]]:
    """Return the task's instance as it is now, in a list; nothing where it does not exist yet."""
    return ctx.items(list_instances(instance_id=ctx.parent.id)) if ctx.parent.id else []


def nodes_of(instances: Sequence[dict[str, Any]], nodes: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the nodes of 4.11.3 with what the instance in the list of 4.11.8 shows of them."""
    known = {node["id"]: node for instance in instances for node in instance["nodes"]}
    listed = {node["id"]: node for node in nodes}
    new = {node["id"]: COMPONENT_NODE.read({**node, "status": None}) for node in known.values()}
    return [with_condition(node, known.get(node["id"], {})) for node in {**new, **listed}.values()]


def nodes_on_host(ctx: Context, address: str | None) -> list[dict[str, Any]]:
    """Return the node on the host with this management address, if there is one."""
    return [node for node in ctx.found if node.get("management_ip") == address]


def build_desired(ctx: Context) -> list[dict[str, Any]]:
    """Return the desired state of each node, as the platform shows it. A node that is replaced should only go."""
    if ctx.params["state"] == "replaced" and len(ctx.params["nodes"]) != 1:
        raise InputError("nodes", "only one node at a time can be replaced")
    return [
        {"node": node, "host": ctx.params["manage_ip"], **DESIRED.get(ctx.params["state"], {})}
        for node in ctx.params["nodes"]
    ]


def refine(ctx: Context, item: Item) -> None:
    """Reject what cannot work, before any write."""
    state, host = ctx.params["state"], ctx.params["manage_ip"]
    if state == "replaced" and item.current is None and not nodes_on_host(ctx, host):
        raise NotFound(
            f"nodes: instance {ctx.parent.label} has no node {item.label}, and no node on host {host} that may have "
            "replaced it"
        )
    if not item.current:
        return
    wanted = "healthy" if state == "replaced" else next((name for name in DESIRED.get(state, {})), None)
    if wanted and item.current[wanted] is None:
        raise TpopsError(
            f"It is unknown whether node {item.label} needs this: the platform shows {describe_unclear(item.current)}",
            hint="Check the node in the platform's console or with gaussdb_component_info.",
        )
    if state == "replaced" and item.current["healthy"]:
        raise InputError("nodes", f"node {item.label} is healthy; only an unhealthy node can be replaced")
    if state == "replaced" and item.current["stopped"] and not ctx.params["replace_stopped"]:
        raise InputError(
            "replace_stopped",
            f"must be true, because node {item.label} was stopped and may not be broken; state=started starts it",
        )
    if state == "replaced" and nodes_on_host(ctx, host):
        raise InputError("manage_ip", f"instance {ctx.parent.label} already has a node on host {host}")
    if state == "repaired" and item.current["stopped"]:
        raise InputError("nodes", f"node {item.label} is stopped, not broken; start it (state=started)")


def refused(data: Any, items: Sequence[Item]) -> dict[str, TpopsError]:
    """Return the errors of rejected nodes (4.11.19): one entry for each, or, as in the table, one for all."""
    labels = {(item.current or {}).get("id"): item.label for item in items}
    entries = [api.REPAIRED_NODE.read(entry) for entry in first_list(data, api.REPAIR_NODES.items) or [data]]
    return {
        labels[entry["node_id"]]: ApiFailure(f"{entry['error_code']}: {entry['error_msg']}", code=entry["error_code"])
        for entry in entries
        if entry["error_code"] and entry["node_id"] in labels
    }


def plan_power(ctx: Context, items: Sequence[Item]) -> list[Step]:
    """Start, stop or restart. A restart is not repeated, because it leaves no trace."""
    state = ctx.params["state"]
    due = [item for item in items if state == "restarted" or "running" in item.changes]
    if state not in ("started", "stopped", "restarted") or not due:
        return []
    ids = _ids(due)
    lost = [] if state == "started" or ctx.params["allow_outage"] else without_majority(ctx.found, ids)
    if lost:
        raise InputError("allow_outage", f"must be true, because no majority would be left of {', '.join(lost)}")
    write = stop_instance if state == "stopped" else start_instance
    verb = {"started": "Start", "stopped": "Stop", "restarted": "Restart"}[state]
    summary = f"{verb} {', '.join(item.label for item in due)}"
    return [Step(write(ctx.parent.id, ids), summary, due, policy=Policy(repeatable=state != "restarted"))]


def _ids(items: Sequence[Item]) -> list[Any]:
    """Return the IDs, each once: a node may be given by two of its names."""
    return list(dict.fromkeys((item.current or {}).get("id") for item in items))


def repair(ctx: Context, items: Sequence[Item]) -> Call:
    return api.repair_nodes(ctx.parent.id, _ids(items))


def replace(ctx: Context, item: Item) -> Call:
    return api.replace_node(ctx.parent.id, item.existing["id"], ctx.params["manage_ip"], ctx.params["reset_server"])


def build_result(ctx: Context, items: Sequence[Item]) -> dict[str, Any]:
    """Return the new node after a replacement: it is not listed in the task."""
    return {"nodes": nodes_on_host(ctx, ctx.params["manage_ip"])} if ctx.params["state"] == "replaced" else {}
