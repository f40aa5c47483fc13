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
    instance: Mapping[str, Any], nodes: Sequence[Mapping[str, Any]], hosts: Collection[str] = ()
) -> dict[str, Any]:
    """Return the options ``solution`` and those of :data:`HOST_LISTS` that describe an instance as it is.

    ``hosts`` are the management addresses of its hosts, if they are known: the platform need not list a host without
    data as a node. A host is in one list only. Addresses are sorted, so that a moved primary changes nothing inside of
    a zone.
    """
    addresses = {node["id"]: str(node["management_ip"]) for node in instance["nodes"] if node.get("management_ip")}
    arbiters = {addresses[node["id"]] for node in nodes if _is_arbiter(node) and node["id"] in addresses}
    everywhere = {*addresses.values(), *hosts}
    # Without components a host without a node may be anything.
    arbiters |= everywhere - set(addresses.values()) if nodes else set()
    solution = _solution(instance, nodes, len(everywhere), len(arbiters))
    topology = TOPOLOGIES.get(solution or "")
    lists = {"arbiter_az_ips": arbiters} if topology and topology.arbiters else {}
    if topology:
        lists |= _zones(topology, instance, nodes, everywhere.difference(*lists.values()))
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


def _zones(
    topology: Topology, instance: Mapping[str, Any], nodes: Sequence[Mapping[str, Any]], hosts: Collection[str]
) -> dict[str, set[str]]:
    """Return the hosts in the zone of the primaries and in that of the standbys, as far as the topology has them and
    there is more than one zone."""
    zones: dict[str, set[str]] = {}
    for node in instance["nodes"]:
        if node.get("management_ip") in hosts:
            zones.setdefault(str(node["availability_zone"]), set()).add(str(node["management_ip"]))
    leading = {node["id"] for node in nodes if any(map(is_leading, _data(node)))}
    leading = leading or {node["id"] for node in instance["nodes"] if node["role"] == "master"}
    primary = {str(node["availability_zone"]) for node in instance["nodes"] if node["id"] in leading}
    if "master_az_ips" not in topology.zones or len(zones) < 2 or len(primary) != 1:
        return {}
    (first,) = primary
    others = [zone for zone in zones if zone != first]
    found = {"master_az_ips": zones[first]}
    if "slave_az_ips" in topology.zones and len(others) == 1:
        found["slave_az_ips"] = zones[others[0]]
    return found


def _data(node: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [component for component in node["components"] if component["type"] == "DN"]


def _in_order(address: str) -> tuple[int, int, str]:
    try:
        number = ipaddress.ip_address(address)
    except ValueError:
        return 0, 0, address
    return number.version, int(number), address
