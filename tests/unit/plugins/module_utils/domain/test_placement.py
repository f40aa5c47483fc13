# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The topology of an instance and the zones of its hosts, from what the platform lists of it."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.gaussdb.tpops.plugins.module_utils.api.instance import CENTRALIZED, DISTRIBUTED
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.placement import find_placement
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.topology import HOST_LISTS, TOPOLOGIES

EMPTY: dict[str, Any] = dict.fromkeys(HOST_LISTS, [])


def address(number: int) -> str:
    return f"10.0.0.{number}"


def addresses(first: int, last: int) -> list[str]:
    return [address(number) for number in range(first, last + 1)]


def platform(
    solution: str, zones: str = "", primary: int = 1, groups: int = 1, hide_arbiter: bool = False
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return an instance and its nodes as they are listed. ``zones`` has a letter for each node, ``groups`` the number
    of times that its first nodes are there."""
    topology = TOPOLOGIES[solution]
    data = (topology.hosts - topology.arbiters) * groups
    total = data + topology.arbiters
    zones = zones or "a" * total
    order = [primary - 1, *(index for index in range(data) if index != primary - 1)]
    nodes = []
    for index in range(total):
        kinds = ["CM", "ETCD"] if topology.etcd else ["CM"]
        components = [component(kind, None, "StateFollower") for kind in kinds]
        nodes.append({"id": f"n{index + 1}", "name": f"n{index + 1}", "components": components})
        nodes[-1] |= {"hostname": "", "availability_zone_id": zones[index]}
    for shard in range(topology.shards * groups):
        # Each shard begins at a node of its own, inside of its group.
        base, size = (shard // topology.shards) * data // groups, data // groups
        for replica in range(topology.replicas):
            place = order[base + (shard + replica * max(1, size // topology.replicas)) % size]
            status = "Standby" if replica else "Primary"
            nodes[place]["components"].append(component("DN", f"600{shard}", status))
    if topology.mode == DISTRIBUTED:
        for node in nodes[:data]:
            node["components"].append(component("CN", None, "Normal"))
    listed = [
        {"id": f"n{n + 1}", "management_ip": address(n + 1), "availability_zone": zones[n], "role": "slave"}
        for n in range(total)
    ]
    listed[primary - 1]["role"] = "master"
    if hide_arbiter:
        nodes, listed = nodes[:data], listed[:data]
    return {"mode": topology.mode, "replica_num": topology.replicas, "nodes": listed}, nodes


def component(kind: str, shard: str | None, status: str) -> dict[str, Any]:
    return {"id": kind, "type": kind, "distributed_id": shard, "status": status, "role": "master", "detail": None}


@pytest.mark.parametrize("solution", TOPOLOGIES)
def test_each_topology_follows_from_its_components(solution: str) -> None:
    topology = TOPOLOGIES[solution]
    expected = {**EMPTY, "solution": solution, "manage_ips": addresses(1, topology.hosts - topology.arbiters)}
    if topology.arbiters:
        expected["arbiter_az_ips"] = [address(topology.hosts)]
    assert find_placement(*platform(solution)) == expected


@pytest.mark.parametrize("solution", [name for name, each in TOPOLOGIES.items() if each.mode == DISTRIBUTED])
def test_an_expansion_does_not_make_another_topology(solution: str) -> None:
    assert find_placement(*platform(solution, groups=2))["solution"] == solution


@pytest.mark.parametrize("solution", [name for name, each in TOPOLOGIES.items() if each.arbiters])
def test_an_arbiter_that_is_no_node_is_known_by_its_host(solution: str) -> None:
    instance, nodes = platform(solution, hide_arbiter=True)
    hosts = addresses(1, TOPOLOGIES[solution].hosts)
    found = find_placement(instance, nodes, dict.fromkeys(hosts, "a"))
    assert (found["solution"], found["arbiter_az_ips"]) == (solution, hosts[-1:])


@pytest.mark.parametrize(
    ("zones", "primary", "lists"),
    [
        ("aab", 1, {"master_az_ips": addresses(1, 2), "manage_ips": [address(3)]}),
        ("aab", 2, {"master_az_ips": addresses(1, 2), "manage_ips": [address(3)]}),
        ("aab", 3, {"master_az_ips": [address(3)], "manage_ips": addresses(1, 2)}),
        ("abc", 1, {"master_az_ips": [address(1)], "manage_ips": addresses(2, 3)}),
        ("aaa", 3, {"manage_ips": addresses(1, 3)}),
    ],
)
def test_the_zone_of_the_primary_is_where_it_is(zones: str, primary: int, lists: dict[str, Any]) -> None:
    assert find_placement(*platform("triset", zones, primary)) == {**EMPTY, "solution": "triset", **lists}


def test_the_two_zones_of_a_topology_with_an_arbiter_are_known() -> None:
    zones = {"master_az_ips": addresses(1, 2), "slave_az_ips": addresses(3, 4), "arbiter_az_ips": [address(5)]}
    assert find_placement(*platform("quadruset", "aabbc")) == {**EMPTY, "solution": "quadruset", **zones}


def test_the_data_center_of_a_host_counts_more_than_the_zone_that_its_node_had() -> None:
    centers = {address(1): "north", address(2): "south", address(3): None}
    lists = find_placement(*platform("triset", "aab"), centers)
    assert (lists["master_az_ips"], lists["manage_ips"]) == ([address(1)], addresses(2, 3))


def test_a_topology_without_zones_has_none() -> None:
    assert find_placement(*platform("pentaset", "aabbc"))["manage_ips"] == addresses(1, 5)
    assert find_placement(*platform("hcs2", "abc"))["manage_ips"] == addresses(1, 3)


def test_a_stopped_instance_has_the_zone_of_its_first_node() -> None:
    instance, nodes = platform("triset", "abb")
    for node in nodes:
        for each in node["components"]:
            each["status"] = "Down"
    assert find_placement(instance, nodes)["master_az_ips"] == [address(1)]


def test_primaries_in_several_zones_show_none() -> None:
    instance, nodes = platform("hcs1", "aaaabbbbc")
    assert find_placement(instance, nodes)["master_az_ips"] == addresses(1, 4)
    for node in nodes:
        for each in node["components"]:
            each["status"] = "Primary"
    assert find_placement(instance, nodes)["master_az_ips"] == []


def test_without_components_only_the_hosts_are_known() -> None:
    instance, _nodes = platform("triset")
    assert find_placement(instance, [], {"10.0.0.9": None}) == {
        **EMPTY,
        "solution": None,
        "manage_ips": [*addresses(1, 3), "10.0.0.9"],
    }


def test_what_fits_no_topology_has_none() -> None:
    instance, nodes = platform("triset")
    assert find_placement({**instance, "mode": DISTRIBUTED, "replica_num": None}, nodes[:2])["solution"] is None


def test_addresses_are_sorted_as_numbers() -> None:
    instance, nodes = platform("triset")
    for node, shown in zip(instance["nodes"], ("10.0.0.10", "10.0.0.9", "db-3.example.com")):
        node["management_ip"] = shown
    assert find_placement(instance, nodes)["manage_ips"] == ["db-3.example.com", "10.0.0.9", "10.0.0.10"]


def test_the_number_of_replicas_decides_when_the_platform_does_not_count_them() -> None:
    instance, nodes = platform("pentaset")
    assert find_placement({**instance, "replica_num": None, "mode": CENTRALIZED}, nodes)["solution"] == "pentaset"
