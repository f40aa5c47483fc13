# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The topologies: the lists of hosts that each accepts, and the messages for others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.topology import (
    HOST_LISTS,
    RESERVED_PORTS,
    TOPOLOGIES,
    ZONES,
    find_difference,
    hosts_of,
    problem_of_hosts,
    solutions_of,
)

H = [f"192.0.2.{number}" for number in range(1, 12)]
CENTRALIZED = "centralization_standard"
DISTRIBUTED = "combined"

# solution, mode, number of hosts, zones of its own, arbiters, with ETCD: the reference, 4.11.6
RULES = [
    ("single", CENTRALIZED, 1, "", 0, True),
    ("triset", CENTRALIZED, 3, "master", 0, True),
    ("quadruset", CENTRALIZED, 5, "master slave arbiter", 1, True),
    ("pentaset", CENTRALIZED, 5, "", 0, True),
    ("trisetnoetcd", CENTRALIZED, 3, "master", 0, False),
    ("quadrusetnoetcd", CENTRALIZED, 5, "master slave arbiter", 1, False),
    ("pentasetnoetcd", CENTRALIZED, 5, "", 0, False),
    ("hcs1", DISTRIBUTED, 9, "master slave arbiter", 1, True),
    ("hcs2", DISTRIBUTED, 3, "", 0, True),
    ("hcs3", DISTRIBUTED, 4, "", 0, True),
    ("hcs4", DISTRIBUTED, 5, "arbiter", 1, True),
    ("hcs6", DISTRIBUTED, 1, "", 0, True),
]


def lists(solution: str, count: int) -> dict[str, list[str]]:
    """Return this many hosts, the last one in the arbiter's zone if there is one."""
    arbiters = H[:count][-1:] if TOPOLOGIES[solution].arbiters else []
    return {"manage_ips": H[:count], "arbiter_az_ips": arbiters}


def test_there_are_twelve() -> None:
    assert [rule[0] for rule in RULES] == list(TOPOLOGIES)


@pytest.mark.parametrize(("solution", "mode", "hosts", "zones", "arbiters", "etcd"), RULES)
def test_a_topology_is_what_the_reference_says(
    solution: str, mode: str, hosts: int, zones: str, arbiters: int, etcd: bool
) -> None:
    topology = TOPOLOGIES[solution]
    assert (topology.mode, topology.hosts, topology.arbiters, topology.etcd) == (mode, hosts, arbiters, etcd)
    assert set(topology.zones) == {f"{zone}_az_ips" for zone in [*zones.split(), "logger"]}


@pytest.mark.parametrize(("solution", "hosts"), [(rule[0], rule[2]) for rule in RULES])
def test_the_number_of_hosts_has_to_be_right(solution: str, hosts: int) -> None:
    assert problem_of_hosts(solution, lists(solution, hosts)) is None
    for wrong in (hosts - 1, hosts + 1):
        option, text = problem_of_hosts(solution, lists(solution, wrong)) or ("", "")
        assert option == "manage_ips"
        assert f"solution {solution} needs" in text


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("solution", list(TOPOLOGIES))
def test_a_zone_that_a_topology_does_not_have_is_refused(solution: str, zone: str) -> None:
    given = lists(solution, TOPOLOGIES[solution].hosts)
    given.setdefault(zone, H[:1])
    problem = problem_of_hosts(solution, {**given, zone: given[zone] or H[:1]})
    if zone in TOPOLOGIES[solution].zones:
        assert problem is None
    else:
        assert problem == (zone, f"cannot be used with solution {solution}")


# The lists of the reference's examples, completed where they are cut short.
@pytest.mark.parametrize(
    ("solution", "given"),
    [
        ("triset", {"manage_ips": H[:2], "master_az_ips": H[2:3]}),
        ("triset", {"manage_ips": H[:3], "master_az_ips": H[:1]}),
        ("quadruset", {"manage_ips": H[:5], "master_az_ips": H[:2], "slave_az_ips": H[2:4], "arbiter_az_ips": H[4:5]}),
        ("quadruset", {"master_az_ips": H[:2], "slave_az_ips": H[2:4], "arbiter_az_ips": H[4:5]}),
        ("hcs1", {"manage_ips": H[:9], "master_az_ips": H[:4], "slave_az_ips": H[4:7], "arbiter_az_ips": H[8:9]}),
        ("hcs4", {"manage_ips": H[:4], "arbiter_az_ips": H[4:5]}),
    ],
)
def test_hosts_may_be_in_one_list_or_in_two(solution: str, given: dict[str, list[str]]) -> None:
    assert problem_of_hosts(solution, given) is None


@pytest.mark.parametrize(
    ("solution", "given", "option", "text"),
    [
        ("single", {}, "manage_ips", "solution single needs 1 host, manage_ips together have 0"),
        (
            "triset",
            {"master_az_ips": H[:2]},
            "master_az_ips",
            "solution triset needs 3 hosts, master_az_ips together have 2",
        ),
        (
            "triset",
            {"manage_ips": [H[0], H[0], H[1]]},
            "manage_ips[1]",
            f"{H[0]} is listed twice, also as manage_ips[0]",
        ),
        ("hcs4", {"manage_ips": H[:5]}, "arbiter_az_ips", "solution hcs4 needs 1 host in it, not 0"),
        (
            "hcs4",
            {"manage_ips": H[:3], "arbiter_az_ips": H[3:5]},
            "arbiter_az_ips",
            "solution hcs4 needs 1 host in it, not 2",
        ),
        (
            "quadruset",
            {"manage_ips": H[:5], "master_az_ips": H[:2], "slave_az_ips": H[1:3], "arbiter_az_ips": H[4:5]},
            "slave_az_ips",
            f"{H[1]} is in master_az_ips too",
        ),
    ],
)
def test_what_is_wrong_is_said_of_the_option_at_fault(
    solution: str, given: dict[str, list[str]], option: str, text: str
) -> None:
    assert problem_of_hosts(solution, given) == (option, text)


def test_hosts_of_counts_each_host_once() -> None:
    assert hosts_of({"manage_ips": H[:2], "master_az_ips": H[1:3], "slave_az_ips": None}) == H[:3]
    assert hosts_of(dict.fromkeys(HOST_LISTS, H[:1])) == H[:1]


def test_the_reserved_ports_are_those_of_the_reference() -> None:
    text = (
        "2378-2380 2400 4999-5001 5100 5500 5999-6001 6009-6010 6500 8015 8097 8098 8181 9090 9100 9180 9187 9200 "
        "12016 12017 "
        "20049 20050 21731 21732 32122-32126 39001"
    )
    ranges = [part.partition("-") for part in text.split()]
    assert list(RESERVED_PORTS) == [
        port for first, _dash, last in ranges for port in range(int(first), int(last or first) + 1)
    ]


# An existing instance


def instance(solution: str, hosts: Sequence[str] | None = None, **values: Any) -> dict[str, Any]:
    topology = TOPOLOGIES[solution]
    nodes = [{"management_ip": host} for host in (H[: topology.hosts] if hosts is None else hosts)]
    return {"mode": topology.mode, "replica_num": topology.replicas, "nodes": nodes, **values}


@pytest.mark.parametrize("solution", TOPOLOGIES)
def test_what_was_created_is_no_difference(solution: str) -> None:
    current = instance(solution)
    assert solution.removesuffix("noetcd") in solutions_of(current)
    desired = {"solution": solution, **lists(solution, TOPOLOGIES[solution].hosts)}
    assert find_difference("orders", desired, current) is None
    # Another order, and without hosts that the platform does not show.
    assert find_difference("orders", {**desired, "manage_ips": list(reversed(desired["manage_ips"]))}, current) is None
    without = [host for host in H[: TOPOLOGIES[solution].hosts] if host not in desired["arbiter_az_ips"]]
    assert find_difference("orders", desired, instance(solution, without)) is None
    for unknown in (
        {"nodes": []},
        {"nodes": [{"management_ip": None}] * TOPOLOGIES[solution].hosts},
        {"replica_num": None},
        {"mode": None},
    ):
        assert find_difference("orders", desired, {**current, **unknown}) is None


@pytest.mark.parametrize(
    ("desired", "there", "named"),
    [
        ("pentaset", "triset", "gaussdb_instance_solution changes it to pentaset"),
        ("triset", "pentaset", "gaussdb_instance_solution changes it to triset"),
        ("pentasetnoetcd", "trisetnoetcd", "gaussdb_instance_solution changes it to pentasetnoetcd"),
        ("single", "triset", "cannot change the topology"),
        ("quadruset", "pentaset", "cannot change the topology"),
        ("pentaset", "quadruset", "cannot change the topology"),
        ("hcs2", "hcs3", "cannot change the topology"),
        ("hcs6", "hcs2", "cannot change the topology"),
        ("hcs3", "hcs4", "cannot change the topology"),
    ],
)
def test_another_topology_is_told_with_what_changes_it(desired: str, there: str, named: str) -> None:
    found = find_difference("orders", {"solution": desired}, instance(there))
    assert found is not None
    assert found[0] == "solution"
    assert "instance orders is" in found[1]
    assert named in found[2]


@pytest.mark.parametrize(
    ("solution", "there", "desired", "text", "named"),
    [
        ("triset", H[:3], H[1:4], "not on 192.0.2.4 and also on 192.0.2.1", "gaussdb_node with state=replaced"),
        ("hcs2", H[:3], H[:6], "not on 192.0.2.4, 192.0.2.5, 192.0.2.6", "gaussdb_instance_expansion"),
        ("hcs2", H[:6], H[:3], "also on 192.0.2.4, 192.0.2.5, 192.0.2.6", "gaussdb_instance_expansion"),
        (None, H[:5], H[:3], "also on 192.0.2.4, 192.0.2.5", "gaussdb_instance_solution"),
        (None, H[:3], H[:5], "not on 192.0.2.4, 192.0.2.5", "gaussdb_instance_solution"),
    ],
)
def test_other_hosts_are_told_with_what_changes_them(
    solution: str | None, there: list[str], desired: list[str], text: str, named: str
) -> None:
    current = instance(solution or "triset", there, replica_num=None)
    found = find_difference("orders", {"solution": solution, "manage_ips": desired}, current)
    assert found is not None
    assert (found[0], found[1]) == ("manage_ips", f"instance orders is {text}")
    assert named in found[2]
    assert "correct this option" in found[2]


def test_the_list_that_names_the_host_is_told() -> None:
    desired = {"solution": "quadruset", "master_az_ips": H[:2], "slave_az_ips": [H[2], H[8]], "arbiter_az_ips": [H[4]]}
    found = find_difference("orders", desired, instance("quadruset"))
    assert found is not None
    assert found[0] == "slave_az_ips"


def test_addresses_are_compared_and_not_texts() -> None:
    nodes = ["2001:DB8::1", "2001:db8:0:0::2", "2001:db8::3"]
    assert (
        find_difference(
            "orders",
            {"solution": "triset", "manage_ips": ["2001:db8:0::1", "2001:db8::2", "2001:DB8::3"]},
            instance("triset", nodes),
        )
        is None
    )


def test_an_expanded_instance_may_be_described_with_all_of_its_hosts() -> None:
    desired = {"manage_ips": H[:6]}
    assert problem_of_hosts("hcs2", desired, new=False) is None
    assert problem_of_hosts("hcs2", desired) is not None
    assert problem_of_hosts("hcs2", {"manage_ips": H[:5]}, new=False) is not None
    assert problem_of_hosts("triset", desired, new=False) is not None
    assert find_difference("orders", {"solution": "hcs2", **desired}, instance("hcs2", H[:6])) is None
