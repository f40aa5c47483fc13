# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The state of an instance, derived from its components. Pure functions over the nodes that 4.11.3 lists.

The reference shows some words for a component's state but does not list them. An unknown word means neither that the
component runs nor that it is broken.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from ..api import vocabulary as words
from ..api.instance_parts import COMPONENT as _COMPONENT
from ..api.instance_parts import COMPONENT_NODE
from ..api.instance_parts import NODE as _NODE
from ..api.shape import Attr

# What the details of a data node say while it follows its primary, or is one.
IN_SYNC = "Normal"
_LEADING = frozenset({"Primary", "StateLeader"})
_RUNNING = _LEADING | {"Standby", "StateFollower", "Normal"}
_STOPPED = frozenset({"SHUTDOWN", "STOPPED"})
_NORMAL = "normal"
# Types of components that need a running majority.
_VOTING = ("DN", "ETCD")
# Attributes of a node that only the list of instances (4.11.8) returns.
_KNOWN = ("role", "management_ip", "data_ip", "private_ip")

# See :func:`components_of` and :func:`with_condition`.
COMPONENT = _COMPONENT.plus(
    Attr("node_id", doc="ID of the node."),
    Attr("node_name", doc="Name of the node."),
    Attr("hostname", doc="Name of the node's host."),
    Attr("availability_zone_id", doc="Availability zone of the node."),
    sample={
        "id": "dn_6001",
        "type": "DN",
        "role": "master",
        "status": "Primary",
        "distributed_id": "60011",
        "detail": "Normal",
        "node_id": "5b1e2f3a4c5d6e7f8091a2b3c4d5e6f7no14",
        "node_name": "orders-prod_root_0",
        "hostname": "db-east-01",
        "availability_zone_id": "dc-east",
    },
)
NODE = COMPONENT_NODE.plus(
    *_NODE.only(*_KNOWN).attrs,
    Attr("running", kind="bool", doc="Whether components run on it. Empty if their statuses do not show it."),
    Attr("stopped", kind="bool", doc="Whether it was stopped by a user."),
    Attr(
        "healthy",
        kind="bool",
        doc="Whether the node and all of its components are healthy. Empty if their statuses do not show it.",
    ),
)


def components_of(nodes: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the components one by one, each with the attributes that identify its node."""
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


def is_running(component: Mapping[str, Any]) -> bool | None:
    """Return whether a component runs, ``None`` if its status does not show it."""
    status = component["status"]
    return status in _RUNNING if status in words.COMPONENT_STATUS else None


def is_leading(component: Mapping[str, Any]) -> bool:
    return component["status"] in _LEADING


def combine_states(values: Iterable[bool | None]) -> bool | None:
    """Return whether all are true; ``None`` if none is false and some are unknown."""
    found = list(values)
    return False if False in found else None if None in found else True


def describe_unclear(node: Mapping[str, Any]) -> str:
    """Return, as text, the parts of a node whose status is missing or unknown."""
    found = [f"{each['id']} {each['status']}" for each in node["components"] if is_running(each) is None]
    return ", ".join([*([] if node["status"] in words.NODE_STATUS else [f"the node {node['status']}"]), *found])


def describe_parts(node: Mapping[str, Any]) -> str:
    """Return, as text, the parts of a node that do not run or do not follow their primary."""
    found = [
        f"{each['id']} {each['status']} {each['detail'] or ''}".strip()
        for each in node["components"]
        if not is_running(each) or (each["type"] == "DN" and each["detail"] != IN_SYNC)
    ]
    return ", ".join([*([] if node["status"] == _NORMAL else [f"the node {node['status']}"]), *found])


def groups_of(
    nodes: Sequence[Mapping[str, Any]], kinds: Collection[str] = ("DN",)
) -> dict[tuple[str, str], list[dict[str, Any]]]:
    """Return the components that replicate each other: by shard if there are shards, otherwise by type."""
    groups: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for component in components_of(nodes):
        if component["type"] in kinds:
            groups.setdefault((component["type"], component["distributed_id"] or ""), []).append(component)
    return groups


def without_majority(nodes: Sequence[Mapping[str, Any]], stopped: Collection[str]) -> list[str]:
    """Return, as text, what loses its majority when these nodes stop. What has no majority now cannot lose it."""
    lost = []
    for (kind, shard), group in groups_of(nodes, _VOTING).items():
        # Before the stop, possibly running components count; afterwards only those that certainly run.
        before = [component for component in group if is_running(component) is not False]
        left = [component for component in group if is_running(component) and component["node_id"] not in stopped]
        if 2 * len(before) > len(group) >= 2 * len(left):
            lost.append(
                f"shard {shard} ({len(left)} of {len(group)})" if shard else f"{kind} ({len(left)} of {len(group)})"
            )
    return lost


def find_nodes(nodes: Sequence[Mapping[str, Any]], given: str) -> list[Mapping[str, Any]]:
    """Return the nodes with this ID or name, or on the host with this name or management address."""
    names = ("id", "name", "hostname", "management_ip")
    return [node for node in nodes if given and given in [node.get(name) for name in names]]


def primaries_on(nodes: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the IDs of the primaries of shards on these nodes."""
    found = [each for node in nodes for each in node["components"]]
    return [str(each["id"]) for each in found if each["type"] == "DN" and is_leading(each)]


def unhealthy_of(nodes: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the names of the nodes that are certainly not healthy."""
    return [str(node["name"]) for node in nodes if node["healthy"] is False]


def out_of_sync(nodes: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return, as text, the replicas of shards that do not follow their primary."""
    return [
        f"{each['id']} {each['detail']}".strip()
        for node in nodes
        for each in node["components"]
        if each["type"] == "DN" and each["detail"] != IN_SYNC
    ]


def with_condition(node: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    """Return a node of 4.11.3 with its role and addresses from 4.11.8 and its condition.

    ``running``: something runs on it; ``stopped``: a user stopped it; ``healthy``: everything on it runs. ``None`` if a
    status does not show it.
    """
    components = node["components"]
    states = [is_running(component) for component in components]
    running = True if True in states else None if None in states else False
    by_hand = any("manually stopped" in str(component["detail"]).casefold() for component in components)
    stopped = running is False and (by_hand or known.get("status") in _STOPPED)
    normal = node["status"] == _NORMAL if node["status"] in words.NODE_STATUS else None
    healthy = combine_states([*states, normal])
    more = {name: known.get(name) for name in _KNOWN}
    return {**node, **more, "running": running, "stopped": stopped, "healthy": healthy}
