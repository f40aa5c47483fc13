# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the components of an instance tell of it. Pure functions over the nodes that 4.11.3 lists.

The reference shows some words for a component's state and lists none: every other word means that it is not well.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

_LEADING = frozenset({"primary", "stateleader"})
_RUNNING = _LEADING | {"standby", "statefollower", "normal"}
_STOPPED = frozenset({"SHUTDOWN", "STOPPED"})
# Kinds of components of which a majority has to run.
_VOTING = ("DN", "ETCD")


def components_of(nodes: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the components one by one, each with what tells its node."""
    return [
        {
            **component,
            "node_id": node["id"],
            "node_name": node["name"],
            "hostname": node["hostname"],
            "availability_zone_id": node["availability_zone_id"],
        }
        for node in nodes
        for component in node["components"]
    ]


def is_running(component: Mapping[str, Any]) -> bool:
    return str(component["status"]).strip().casefold() in _RUNNING


def is_leading(component: Mapping[str, Any]) -> bool:
    return str(component["status"]).strip().casefold() in _LEADING


def groups_of(nodes: Sequence[Mapping[str, Any]], kinds: Collection[str] = ("DN",)) -> dict[tuple[str, str], list[dict[str, Any]]]:
    """Return the components that are copies of each other: by shard where there are shards, else by kind."""
    groups: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for component in components_of(nodes):
        if component["type"] in kinds:
            groups.setdefault((component["type"], component["distributed_id"] or ""), []).append(component)
    return groups


def without_majority(nodes: Sequence[Mapping[str, Any]], stopped: Collection[str]) -> list[str]:
    """Return what loses its majority when these nodes stop, as words. What has none now cannot lose it."""
    lost = []
    for (kind, shard), group in groups_of(nodes, _VOTING).items():
        running = [component for component in group if is_running(component)]
        left = [component for component in running if component["node_id"] not in stopped]
        if 2 * len(running) > len(group) >= 2 * len(left):
            lost.append(f"shard {shard} ({len(left)} of {len(group)})" if shard else f"{kind} ({len(left)} of {len(group)})")
    return lost


def with_condition(node: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    """Return a node of 4.11.3 with its role and addresses as 4.11.8 has them, and how it is.

    ``running``: something runs on it; ``stopped``: somebody has stopped it; ``sound``: everything on it runs.
    """
    components = node["components"]
    running = any(map(is_running, components))
    by_hand = any("manually stopped" in str(component["detail"]).casefold() for component in components)
    stopped = not running and (by_hand or str(known.get("status")).strip().upper() in _STOPPED)
    sound = all(map(is_running, components)) and str(node["status"]).strip().casefold() == "normal"
    more = {name: known.get(name) for name in ("role", "management_ip", "data_ip", "private_ip")}
    return {**node, **more, "running": running, "stopped": stopped, "sound": sound}
