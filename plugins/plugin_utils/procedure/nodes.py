# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a procedure sees of the nodes of an instance: how far the node that it is about is, whether its goal is reached,
and which primaries belong on it."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.components import (
    combine_states,
    describe_parts,
    find_nodes,
    groups_of,
    is_leading,
    out_of_sync,
    primaries_on,
    unhealthy_of,
    without_majority,
)

from .record import RUNNING

Data = Mapping[str, Any]

# How far a node is: in use by primaries, without any, stopped by somebody, or neither running nor stopped.
STAGES = IN_USE, DRAINED, STOPPED, BROKEN, UNKNOWN = ("in_use", "drained", "stopped", "broken", "unknown")
# The rungs of a repair: what is tried, one after the other, until a node is healthy.
RUNGS = RUNG_STARTED, RUNG_RESTARTED, RUNG_REPAIRED, RUNG_REPLACED = ("started", "restarted", "repaired", "replaced")
# The step of a repair that leaves no trace on the platform.
RESTART = "restart_node"
# The end of a maintenance, after which the next one begins.
STARTED, COMPLETE = "started", ("done", "unchanged")


def summary_of(site: str, seen: Data) -> dict[str, Any]:
    """Return the state of the nodes of a member as a code with values."""
    nodes = seen["nodes"]
    values = {"site": site, "instance": seen["instance"], "status": seen["instance_status"]}
    if not nodes:
        return {"code": "nodes_unknown", **values}
    stopped = [str(node["name"]) for node in nodes if node["stopped"]]
    broken = [name for name in unhealthy_of(nodes) if name not in stopped]
    code = "nodes_healthy" if is_good(seen) else "nodes_unhealthy"
    return {"code": code, **values, "stopped": stopped, "unhealthy": broken}


def is_good(seen: Data) -> bool:
    """Return whether an instance runs, with all of its nodes."""
    nodes = seen["nodes"]
    return bool(nodes) and seen["instance_status"] == "ACTIVE" and all(node["healthy"] for node in nodes)


def node_state(seen: Data, given: str, records: Sequence[Data] = ()) -> dict[str, Any]:
    """Return how far the node ``given`` of an instance is, the checks of each goal, and which primaries belong on it.

    ``given`` is the node's name or ID, or the name or management address of its host, on which there may be several
    nodes. ``records`` are those of earlier runs, the newest first.
    """
    nodes: Sequence[Data] = seen["nodes"] or ()
    own = find_nodes(nodes, given)
    ids = [str(node["id"]) for node in own]
    recorded = _recorded_primaries(seen["instance"], ids, records)
    home = _balanced(nodes, ids) if recorded is None else _movable(nodes, ids, recorded)
    return {
        "ids": ids,
        "names": [str(node["name"]) for node in own],
        "hostnames": [str(node["hostname"]) for node in own],
        "addresses": [str(node["management_ip"]) for node in own],
        "stage": _stage(own),
        "healthy": combine_states(node["healthy"] for node in own) if own else None,
        "ready": bool(own) and all(node["healthy"] for node in own) and not out_of_sync(own),
        "unhealthy": [f"{node['name']} {describe_parts(node)}" for node in own],
        "primaries": primaries_on(own),
        "home": home,
        "home_known": recorded is not None,
        "checks": {
            "drained": _checks(nodes, ids, drained=True),
            "stopped": _checks(nodes, ids, drained=True, stopped=True),
            "started": _checks_of_all(seen),
            "repaired": _checks_of_node(own),
        },
        "restarted": _was_restarted(given, records),
        "restartable": not any(node["running"] for node in own) or not without_majority(nodes, ids),
    }


def next_rung(state: Data, tried: Collection[str], limit: str = RUNG_REPLACED) -> str:
    """Return what to do next to a node, as :func:`node_state` returns it, to repair it; ``""`` if there is nothing.

    A node that was stopped is started. If that has not helped, only a replacement is left: what is stopped is neither
    restarted nor repaired. A restart that would take the majority away is left out.
    """
    if state["ready"] or not state["ids"]:
        return ""
    if state["stage"] == STOPPED:
        rungs = [RUNG_STARTED, RUNG_REPLACED]
    elif state["restartable"]:
        rungs = [RUNG_RESTARTED, RUNG_REPAIRED, RUNG_REPLACED]
    else:
        rungs = [RUNG_REPAIRED, RUNG_REPLACED]
    left = next((rung for rung in rungs if rung not in tried), "")
    return left if left and RUNGS.index(left) <= RUNGS.index(limit) else ""


def _stage(own: Sequence[Data]) -> str:
    if not own or any(node["running"] is None for node in own):
        return UNKNOWN
    if any(node["running"] for node in own):
        return IN_USE if primaries_on(own) else DRAINED
    return STOPPED if all(node["stopped"] for node in own) else BROKEN


def _checks(nodes: Sequence[Data], ids: Collection[str], **goals: bool) -> list[dict[str, Any]]:
    """Return the checks of an instance that goes on without some of its nodes."""
    own = [node for node in nodes if node["id"] in ids]
    others = [node for node in nodes if node["id"] not in ids]
    left = [shard for shard, group in groups_of(nodes).items() if not any(map(is_leading, group))]
    found: list[dict[str, Any]] = [
        {"name": "primaries_on_node", "value": primaries_on(own), "expected": []},
        {"name": "shards_without_primary", "value": [shard or kind for kind, shard in left], "expected": []},
        {"name": "other_nodes", "value": unhealthy_of(others), "expected": []},
    ]
    if goals.get("stopped"):
        running = [str(node["name"]) for node in own if node["running"] is not False]
        found.append({"name": "running_nodes", "value": running, "expected": []})
    return [each if nodes else {**each, "value": None, "passed": False} for each in found]


def _checks_of_node(own: Sequence[Data]) -> list[dict[str, Any]]:
    """Return the checks of a node that was repaired."""
    names = [str(node["name"]) for node in own if not node["healthy"]]
    return [
        {"name": "unhealthy_node", "value": names if own else None, "expected": []},
        {"name": "replicas_of_node", "value": out_of_sync(own) if own else None, "expected": []},
    ]


def _checks_of_all(seen: Data) -> list[dict[str, Any]]:
    """Return the checks of an instance that has all of its nodes."""
    nodes = seen["nodes"]
    return [
        {"name": "instance_status", "value": seen["instance_status"], "expected": "ACTIVE"},
        {
            "name": "nodes",
            "value": [str(node["name"]) for node in nodes if not node["healthy"]] if nodes else None,
            "expected": [],
        },
        {"name": "replicas", "value": out_of_sync(nodes) if nodes else None, "expected": []},
    ]


def _recorded_primaries(instance: str, ids: Collection[str], records: Sequence[Data]) -> list[str] | None:
    """Return the primaries that the nodes had before the maintenance that is under way, ``None`` if no record says so.

    It began after the newest run that has completed one. A run that was repeated has seen the node without them.
    """
    known: list[str] | None = None
    for nodes in _nodes_before(instance, ids, records):
        found = primaries_on([node for node in nodes if node["id"] in ids])
        if found:
            return found
        known = []
    return known


def _nodes_before(instance: str, ids: Collection[str], records: Sequence[Data]) -> Iterator[Sequence[Data]]:
    for record in records:
        with contextlib.suppress(LookupError, TypeError, ValueError, AttributeError):
            (seen,) = (each for each in record["before"]["sites"].values() if each["instance"] == instance)
            own = [str(node["id"]) for node in find_nodes(seen["nodes"], record["request"]["host"])]
            if not set(own) & set(ids):
                continue
            if record["request"]["until"] == STARTED and record["outcome"] in COMPLETE:
                return
            yield seen["nodes"]


def _was_restarted(given: str, records: Sequence[Data]) -> bool:
    """Return whether the repair of the node was killed after it had begun a restart."""
    for record in records:
        with contextlib.suppress(LookupError, TypeError, AttributeError):
            if record["outcome"] != RUNNING or record["request"]["node"] != given:
                return False
            if RESTART in [step["name"] for step in record["steps"]]:
                return True
    return False


def _movable(nodes: Sequence[Data], ids: Collection[str], wanted: Collection[str]) -> list[str]:
    """Return which of the desired primaries are on the nodes, and no primaries yet."""
    own = [each for node in nodes if node["id"] in ids for each in node["components"]]
    return [str(each["id"]) for each in own if each["id"] in wanted and not is_leading(each)]


def _balanced(nodes: Sequence[Data], ids: Collection[str]) -> list[str]:
    """Return the standbys on these nodes that should take over, so that no other node has two primaries more.

    Of the node with the most primaries, the shard with the lowest component on these nodes moves first.
    """
    load = {str(node["id"]): len(primaries_on([node])) for node in nodes}
    moves: list[str] = []
    for own in ids:
        while candidates := _candidates(nodes, own, load, moves):
            _count, giver, component = min(candidates)
            load[giver] -= 1
            load[own] += 1
            moves.append(component)
    return moves


def _candidates(
    nodes: Sequence[Data], own: str, load: Mapping[str, int], moves: Collection[str]
) -> list[tuple[int, str, str]]:
    """Return the replicas on a node that another node with two primaries more could hand over to."""
    found = []
    for group in groups_of(nodes).values():
        giver = next((str(each["node_id"]) for each in group if is_leading(each)), None)
        taker = next((each for each in group if each["node_id"] == own and not is_leading(each)), None)
        moved = {each["id"] for each in group} & set(moves)
        if giver and taker and not moved and load[giver] - load[own] > 1:
            found.append((-load[giver], giver, str(taker["id"])))
    return found
