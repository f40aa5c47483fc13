# SPDX-License-Identifier: GPL-3.0-or-later
"""Shapes of instances: which components run on which node, and which of them lead."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from . import entities
from .disks import has_full_disk
from .entities import Component, Instance, Node

CENTRALIZED = "centralization_standard"
DISTRIBUTED = "combined"
DOWN = "Down"
FAILED = "FAILED"
# What an instance is while no task works on it.
RESTING = frozenset(
    {entities.ACTIVE, entities.SHUTDOWN, FAILED, entities.STORAGE_FULL, entities.UPGRADE_TO_BE_OBSERVED}
)
# Key in Instance.data: the zones that a forced start left out.
LEFT_OUT = "left_out_zones"
# Key in Instance.data: a grey upgrade between its steps.
GREY = "grey_upgrade"
# Keys in Component.data: who is connected to it, and whether it has ever lost all of them.
SESSIONS, LOST = "sessions", "lost_sessions"


@dataclass(frozen=True)
class GreyUpgrade:
    """Which zones run the target version; a failed task may have left one zone halfway."""

    target: str
    zones: list[str]
    halfway: str | None = None


@dataclass(frozen=True)
class Solution:
    """One shape. `zones` are the AZ lists that its request may have."""

    name: str
    mode: str
    hosts: int
    shards: int
    replicas: int
    arbiter: bool = False
    etcd: bool = True
    zones: tuple[str, ...] = ()


_ALL_ZONES = ("master_az_ip", "slave_az_ip", "arbiter_az_ip")
SOLUTIONS: dict[str, Solution] = {
    s.name: s
    for s in (
        Solution("single", CENTRALIZED, 1, 1, 1),
        Solution("triset", CENTRALIZED, 3, 1, 3, zones=("master_az_ip",)),
        Solution("quadruset", CENTRALIZED, 5, 1, 4, arbiter=True, zones=_ALL_ZONES),
        Solution("pentaset", CENTRALIZED, 5, 1, 5),
        Solution("trisetnoetcd", CENTRALIZED, 3, 1, 3, etcd=False, zones=("master_az_ip",)),
        Solution("quadrusetnoetcd", CENTRALIZED, 5, 1, 4, arbiter=True, etcd=False, zones=_ALL_ZONES),
        Solution("pentasetnoetcd", CENTRALIZED, 5, 1, 5, etcd=False),
        Solution("hcs1", DISTRIBUTED, 9, 4, 4, arbiter=True, zones=_ALL_ZONES),
        Solution("hcs2", DISTRIBUTED, 3, 3, 3),
        Solution("hcs3", DISTRIBUTED, 4, 4, 4),
        Solution("hcs4", DISTRIBUTED, 5, 4, 4, arbiter=True, zones=("arbiter_az_ip",)),
        Solution("hcs6", DISTRIBUTED, 1, 3, 1),
    )
}
# First number and status words of each kind of component: leader, follower.
_KINDS = {
    "CM": ("cm_", 1, "Primary", "Standby"),
    "GTM": ("gtm_", 1001, "Primary", "Standby"),
    "CN": ("cn_", 5001, "Normal", "Normal"),
    "ETCD": ("etcd_", 7001, "StateLeader", "StateFollower"),
    "DN": ("dn_", 6001, "Primary", "Standby"),
}
_LEADING = frozenset({"Primary", "StateLeader"})
_DETAILS = {"GTM": "Connection ok", "DN": "Normal"}


def solution_of(instance: Instance) -> Solution:
    return SOLUTIONS[instance.solution]


def is_leader(component: Component) -> bool:
    return component.status in _LEADING


def is_up(node: Node) -> bool:
    return node.status == entities.ACTIVE


def members(instance: Instance, kind: str | None = None) -> Iterator[tuple[Node, Component]]:
    for node in instance.nodes:
        for component in node.components:
            if kind in (None, component.type):
                yield node, component


def _number(component: Component) -> int:
    return int(component.id.rpartition("_")[2])


def _numbered(instance: Instance, kind: str) -> Component:
    prefix, first, _leader, follower = _KINDS[kind]
    used = {c.id for _unused, c in members(instance, kind)}
    number = first
    while f"{prefix}{number}" in used:
        number += 1
    return Component(id=f"{prefix}{number}", type=kind, status=follower, detail=_DETAILS.get(kind))


def place(instance: Instance, nodes: list[Node]) -> None:
    """Put the components of a group of nodes on them: the initial group, or one that an expansion adds."""
    shape = solution_of(instance)
    data_nodes = [n for n in nodes if not n.arbiter]
    if not members_exist(instance, "CM"):
        for node in _quorum(nodes, 5):
            node.components.append(_numbered(instance, "CM"))
        if shape.mode == DISTRIBUTED:
            for node in data_nodes[:4]:
                node.components.append(_numbered(instance, "GTM"))
        if shape.etcd:
            for node in _quorum(nodes, 5, odd=True):
                node.components.append(_numbered(instance, "ETCD"))
    if shape.mode == DISTRIBUTED:
        for node in data_nodes:
            node.components.append(_numbered(instance, "CN"))
    first_shard = 1 + max((c.shard or 0 for _unused, c in members(instance, "DN")), default=0)
    # A group that is added holds as many shards per node as the first one.
    shards = max(1, shape.shards * len(data_nodes) // (shape.hosts - shape.arbiter))
    # Replicas are spread evenly, so that of two zones in a row each gets half of every shard.
    stride = max(1, len(data_nodes) // shape.replicas)
    for shard in range(first_shard, first_shard + shards):
        distributed_id = None
        for replica in range(min(shape.replicas, len(data_nodes))):
            node = data_nodes[(shard - first_shard + replica * stride) % len(data_nodes)]
            component = _numbered(instance, "DN")
            distributed_id = distributed_id or f"{component.id.removeprefix('dn_')}{shard}"
            component.shard, component.distributed_id = shard, distributed_id
            node.components.append(component)
    refresh(instance)


def members_exist(instance: Instance, kind: str) -> bool:
    return next(members(instance, kind), None) is not None


def _quorum(nodes: list[Node], most: int, *, odd: bool = False) -> list[Node]:
    """The nodes that vote: all, or the maximum allowed; the arbiter is always among them."""
    count = min(most, len(nodes))
    if odd and count % 2 == 0:
        count -= 1
    arbiters = [n for n in nodes if n.arbiter]
    others = [n for n in nodes if not n.arbiter]
    return others[: count - len(arbiters)] + arbiters


def add_replica(instance: Instance, node: Node) -> None:
    """Let a new node of a centralized instance hold a copy of its shard."""
    example = next(c for _unused, c in members(instance, "DN"))
    node.components.append(_numbered(instance, "CM"))
    if solution_of(instance).etcd:
        node.components.append(_numbered(instance, "ETCD"))
    copy = _numbered(instance, "DN")
    copy.shard, copy.distributed_id = example.shard, example.distributed_id
    node.components.append(copy)


def refresh(instance: Instance) -> None:
    """Update statuses from the nodes: components on a stopped node are down, and each group that can has one leader."""
    groups: dict[tuple[str, int | None], list[tuple[Node, Component]]] = {}
    for node, component in members(instance):
        groups.setdefault((component.type, component.shard), []).append((node, component))
    for (kind, _shard), group in groups.items():
        _prefix, _first, leader, follower = _KINDS[kind]
        running = [c for node, c in group if is_up(node) and not c.data.get("broken")]
        # Without a leader the member with the lowest number is elected: the one that was placed first.
        chosen = next((c for c in running if is_leader(c)), None) or min(running, key=_number, default=None)
        for node, component in group:
            if component not in running:
                component.status = DOWN
                stopped = node.status == entities.SHUTDOWN
                component.detail = ("Manually stopped" if stopped else "Disconnected") if kind == "DN" else None
            else:
                component.status = leader if component is chosen else follower
                component.detail = _DETAILS.get(kind)
            if component.status == DOWN or (kind == "DN" and component is not chosen):
                _disconnect(component)
    _set_roles(instance)


def restarted(nodes: Iterable[Node]) -> None:
    """The components of these nodes have restarted: all connections are closed."""
    for node in nodes:
        for component in node.components:
            _disconnect(component)


def _disconnect(component: Component) -> None:
    component.data.pop(SESSIONS, None)
    component.data[LOST] = True


def _set_roles(instance: Instance) -> None:
    """The master node is the one with the primary of the first shard; without one, the first node."""
    leading = next((n for n, c in members(instance, "DN") if c.shard == 1 and is_leader(c)), None)
    master = leading or next((n for n in instance.nodes if n.role == "master"), None)
    if master is None and instance.nodes:
        master = instance.nodes[0]
    for node in instance.nodes:
        node.role = "master" if node is master else "slave"


def promote(instance: Instance, components: Iterable[Component]) -> None:
    """Make these the leaders of their groups."""
    for chosen in components:
        leader, follower = _KINDS[chosen.type][2:]
        for _unused, other in members(instance, chosen.type):
            if other.shard == chosen.shard and is_leader(other):
                other.status = follower
        chosen.status = leader
    refresh(instance)


def find_grey(instance: Instance) -> GreyUpgrade | None:
    """The grey upgrade of the instance that is neither committed nor rolled back."""
    found: GreyUpgrade | None = instance.data.get(GREY)
    return found


def settled_status(instance: Instance) -> str:
    """The state of the instance when no job works on it."""
    nodes = voters(instance)
    if not any(map(is_up, nodes)) and any(n.status == entities.SHUTDOWN for n in nodes):
        return entities.SHUTDOWN
    grey = find_grey(instance)
    if (nodes and not majority(instance, sum(map(is_up, nodes)))) or (grey and grey.halfway):
        return FAILED
    if has_full_disk(instance):
        return entities.STORAGE_FULL
    return entities.UPGRADE_TO_BE_OBSERVED if grey else entities.ACTIVE


def voters(instance: Instance) -> list[Node]:
    """The nodes whose majority counts: all, unless zones were left out by a forced start."""
    left_out = instance.data.get(LEFT_OUT, ())
    return [n for n in instance.nodes if n.az not in left_out]


def majority(instance: Instance, count: int) -> bool:
    return 2 * count > len(voters(instance))


def is_broken(node: Node) -> bool:
    """Failed, or with a failed component; a node that was stopped is not broken."""
    return node.status == FAILED or any(c.data.get("broken") for c in node.components)


def repair(node: Node) -> None:
    node.status = entities.ACTIVE
    for component in node.components:
        component.data.pop("broken", None)


def settle(instance: Instance) -> None:
    refresh(instance)
    instance.status = settled_status(instance)


def zones(instance: Instance) -> list[str]:
    """The availability zones of the instance, in the order of its nodes."""
    return list(dict.fromkeys(node.az for node in instance.nodes))


def find_node(instance: Instance, given: Any) -> Node:
    """The node with this ID, name, address, or number from 0."""
    for index, node in enumerate(instance.nodes):
        if given in (node.id, node.name, node.manage_ip) or (given == index and not isinstance(given, bool)):
            return node
    raise ValueError(f"instance {instance.name} has no node {given}")


def fail_node(instance: Instance, node: Node, component_id: str | None = None, *, recovered: bool = False) -> None:
    """Make a node or one of its components fail, or recover. This does not start stopped ones."""
    if component_id:
        component = next((c for c in node.components if c.id == component_id), None)
        if component is None:
            raise ValueError(f"node {node.name} has no component {component_id}")
        component.data["broken"] = not recovered
    elif not recovered:
        node.status = FAILED
    elif node.status == FAILED:
        node.status = entities.ACTIVE
    if instance.status in RESTING:
        settle(instance)
    else:
        refresh(instance)
