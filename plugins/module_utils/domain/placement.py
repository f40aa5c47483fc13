# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the description of an instance has to say of its topology and its hosts: it follows from the components.

The platform shows neither (4.11.8). Pure functions over the instance as it is listed and the nodes of 4.11.3.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from .components import groups_of, is_leading
from .topology import HOST_LISTS, TOPOLOGIES, Topology, solutions_of

_HOLDING_DATA = ("DN", "CN", "GTM")
_NO_ETCD = "noetcd"


def find_placement(
    instance: Mapping[str, Any],
    nodes: Sequence[Mapping[str, Any]],
    centers: Mapping[str, str | None] | None = None,
) -> dict[str, Any]:
    """Return the options ``solution`` and those of :data:`HOST_LISTS` that describe an instance as it is.

    ``centers`` are the data centers of its hosts by their management addresses, if they are known: the platform need
    not list a host without data as a node, and a node keeps the zone that its host had when the instance was created.
    A host is in one list only. Addresses are sorted, so that a moved primary changes nothing inside of a zone.
    """
    centers = centers or {}
    addresses = {node["id"]: str(node["management_ip"]) for node in instance["nodes"] if node.get("management_ip")}
    arbiters = {addresses[node["id"]] for node in nodes if _is_arbiter(node) and node["id"] in addresses}
    everywhere = {*addresses.values(), *centers}
    # Without components a host without a node may be anything.
    arbiters |= everywhere - set(addresses.values()) if nodes else set()
    solution = _solution(instance, nodes, len(everywhere), len(arbiters))
    topology = TOPOLOGIES.get(solution or "")
    lists = {"arbiter_az_ips": arbiters} if topology and topology.arbiters else {}
    if topology:
        zones = {
            node["id"]: str(centers.get(addresses[node["id"]]) or node["availability_zone"])
            for node in instance["nodes"]
            if node["id"] in addresses and addresses[node["id"]] not in arbiters
        }
        lists |= {
            name: {addresses[node] for node in found}
            for name, found in _zones(topology, zones, _leading(instance, nodes)).items()
        }
    lists["manage_ips"] = everywhere.difference(*lists.values())
    return {"solution": solution, **{name: sorted(lists.get(name, ()), key=_in_order) for name in HOST_LISTS}}


def _is_arbiter(node: Mapping[str, Any]) -> bool:
    kinds = {component["type"] for component in node["components"]}
    return bool(kinds) and not kinds & set(_HOLDING_DATA)


def _solution(instance: Mapping[str, Any], nodes: Sequence[Mapping[str, Any]], hosts: int, arbiters: int) -> str | None:
    """Return the one topology that fits. If the platform counts something differently, the rest decides."""
    shards = groups_of(nodes)
    if not shards:
        return None
    replicas = max(map(len, shards.values()))
    tests: tuple[Callable[[Topology], bool], ...] = (
        lambda each: each.replicas == replicas,
        lambda each: each.arbiters == arbiters,
        lambda each: each.shards * (hosts - arbiters) == len(shards) * (each.hosts - each.arbiters),
    )
    possible = solutions_of(instance)
    for fits in tests:
        possible = [name for name in possible if fits(TOPOLOGIES[name])] or possible
    if len(possible) != 1:
        return None
    without = possible[0] + _NO_ETCD
    return without if without in TOPOLOGIES and not groups_of(nodes, ("ETCD",)) else possible[0]


def _leading(instance: Mapping[str, Any], nodes: Sequence[Mapping[str, Any]]) -> set[str]:
    """Return the IDs of the nodes with primaries; of a stopped instance, of its first node."""
    leading = {
        node["id"]
        for node in nodes
        if any(is_leading(component) for component in node["components"] if component["type"] == "DN")
    }
    return leading or {node["id"] for node in instance["nodes"] if node["role"] == "master"}


def _zones(topology: Topology, zones: Mapping[str, str], leading: Collection[str]) -> dict[str, set[str]]:
    """Return the nodes in the zone of the primaries and in that of the standbys, as far as the topology has them and
    there is more than one zone. ``zones`` has that of each node with data."""
    primary = {zones[node] for node in leading if node in zones}
    others = set(zones.values()) - primary
    if "master_az_ips" not in topology.zones or len(primary) != 1 or not others:
        return {}
    found = {"master_az_ips": {node for node in zones if zones[node] in primary}}
    if "slave_az_ips" in topology.zones and len(others) == 1:
        found["slave_az_ips"] = {node for node in zones if zones[node] in others}
    return found


def _in_order(address: str) -> tuple[int, int, str]:
    try:
        number = ipaddress.ip_address(address)
    except ValueError:
        return 0, 0, address
    return number.version, int(number), address
