# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The twelve topologies of instances and the hosts that each needs (reference 4.11.6)."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..api.instance import CENTRALIZED, DISTRIBUTED

ZONES = ("master_az_ips", "slave_az_ips", "arbiter_az_ips", "logger_az_ips")
HOST_LISTS = ("manage_ips", *ZONES)


@dataclass(frozen=True)
class Topology:
    """One topology.

    ``hosts`` is the number of hosts in all lists together; an expansion adds a multiple of the ``replicas`` of a shard.
    ``zones`` are the zone lists that may be used, and ``arbiters`` is the number of hosts that must be in the arbiter's
    zone. ``shards`` is their number before an expansion.
    """

    mode: str
    hosts: int
    replicas: int
    zones: tuple[str, ...] = ("logger_az_ips",)
    arbiters: int = 0
    etcd: bool = True
    shards: int = 1


_MASTER = ("master_az_ips", "logger_az_ips")
_ARBITER = ("arbiter_az_ips", "logger_az_ips")

TOPOLOGIES = {
    "single": Topology(CENTRALIZED, 1, 1),
    "triset": Topology(CENTRALIZED, 3, 3, _MASTER),
    "quadruset": Topology(CENTRALIZED, 5, 4, ZONES, arbiters=1),
    "pentaset": Topology(CENTRALIZED, 5, 5),
    "trisetnoetcd": Topology(CENTRALIZED, 3, 3, _MASTER, etcd=False),
    "quadrusetnoetcd": Topology(CENTRALIZED, 5, 4, ZONES, arbiters=1, etcd=False),
    "pentasetnoetcd": Topology(CENTRALIZED, 5, 5, etcd=False),
    "hcs1": Topology(DISTRIBUTED, 9, 4, ZONES, arbiters=1, shards=4),
    "hcs2": Topology(DISTRIBUTED, 3, 3, shards=3),
    "hcs3": Topology(DISTRIBUTED, 4, 4, shards=4),
    "hcs4": Topology(DISTRIBUTED, 5, 4, _ARBITER, arbiters=1, shards=4),
    "hcs6": Topology(DISTRIBUTED, 1, 1, shards=3),
}
SOLUTIONS = tuple(TOPOLOGIES)
# The possible changes of centralized topologies: the platform adds or drops two replicas.
BECOMES = {
    "triset": "pentaset",
    "pentaset": "triset",
    "trisetnoetcd": "pentasetnoetcd",
    "pentasetnoetcd": "trisetnoetcd",
}

# Zones whose hosts hold no data: the platform need not list these as nodes.
_WITHOUT_DATA = ("arbiter_az_ips", "logger_az_ips")
_CORRECT = "If that was already done, correct this option"

# Ports of an instance: the range, and the ports in it that the platform uses.
PORTS = (1024, 39989)
RESERVED_PORTS = (
    *(
        2378,
        2379,
        2380,
        2400,
        4999,
        5000,
        5001,
        5100,
        5500,
        5999,
        6000,
        6001,
        6009,
        6010,
        6500,
        8015,
        8097,
        8098,
        8181,
        9090,
        9100,
    ),
    *(9180, 9187, 9200, 12016, 12017, 20049, 20050, 21731, 21732, 32122, 32123, 32124, 32125, 32126, 39001),
)


def hosts_of(lists: Mapping[str, Sequence[str] | None]) -> list[str]:
    """Return the addresses of all lists, each once, in the order of :data:`HOST_LISTS`."""
    return list(dict.fromkeys(address for name in HOST_LISTS for address in lists.get(name) or ()))


def problem_of_hosts(solution: str, lists: Mapping[str, Any], new: bool = True) -> tuple[str, str] | None:
    """Return the wrong option and the problem if the lists of hosts do not fit the topology.

    A host in a zone may be in ``manage_ips`` too: the reference's examples have both ways. An instance that is not
    ``new`` may have been expanded.
    """
    topology = TOPOLOGIES[solution]
    placed: dict[str, str] = {}
    for name in HOST_LISTS:
        addresses = list(lists.get(name) or ())
        if addresses and name in ZONES and name not in topology.zones:
            return name, f"cannot be used with solution {solution}"
        for index, address in enumerate(addresses):
            if address in addresses[:index]:
                return f"{name}[{index}]", f"{address} is listed twice, also as {name}[{addresses.index(address)}]"
            if name in ZONES and address in placed:
                return name, f"{address} is in {placed[address]} too"
            if name in ZONES:
                placed[address] = name
    arbiters = len(lists.get("arbiter_az_ips") or ())
    if arbiters != topology.arbiters:
        return "arbiter_az_ips", f"solution {solution} needs {topology.arbiters} host in it, not {arbiters}"
    count = len(hosts_of(lists))
    if count != topology.hosts and (new or not _fits(topology, count)):
        named = [name for name in HOST_LISTS if lists.get(name)] or ["manage_ips"]
        return (
            named[0],
            (
                f"solution {solution} needs {topology.hosts} host{'s' * (topology.hosts > 1)}, {', '.join(named)} "
                f"together have {count}"
            ),
        )
    return None


def _fits(topology: Topology, hosts: int) -> bool:
    """Return whether an instance may have this many hosts: a distributed one may have been expanded."""
    more = hosts - topology.hosts
    return more == 0 or (topology.mode == DISTRIBUTED and more > 0 and more % topology.replicas == 0)


def solutions_of(instance: Mapping[str, Any]) -> list[str]:
    """Return the topologies that an existing instance may have, not distinguishing those without ETCD.

    The platform does not show it (4.11.8): it follows from the number of nodes and of replicas, as far as these are
    shown.
    """
    nodes, replicas = len(instance.get("nodes") or ()), instance.get("replica_num")
    possible = [
        (name, each) for name, each in TOPOLOGIES.items() if each.etcd and instance.get("mode") in (None, each.mode)
    ]
    if nodes:
        # An arbiter holds no data and need not be among the nodes.
        possible = [(name, each) for name, each in possible if _fits(each, nodes) or _fits(each, nodes + each.arbiters)]
    # If the platform counts replicas differently, the nodes alone decide.
    return [name for name, each in possible if replicas == each.replicas] or [name for name, _each in possible]


def find_difference(label: str, lists: Mapping[str, Any], instance: Mapping[str, Any]) -> tuple[str, str, str] | None:
    """Return option, difference and hint if an existing instance has a different topology or different hosts than the
    options.

    ``lists`` has the options ``solution`` and :data:`HOST_LISTS`. What the platform does not show is not compared.
    """
    solution = lists.get("solution")
    known = solutions_of(instance)
    if solution and known and solution.removesuffix("noetcd") not in known:
        there = " or ".join(known)
        if BECOMES.get(solution.removesuffix("noetcd")) in known:
            hint = f"gaussdb_instance_solution changes it to {solution}. {_CORRECT}."
        else:
            hint = "The platform cannot change the topology: correct this option."
        return "solution", f"instance {label} is {there} by its nodes, not {solution}", hint
    return _other_hosts(label, lists, instance)


def compare_hosts(lists: Mapping[str, Any], instance: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    """Return the hosts that an existing instance is not on, and those that it is also on. What the platform does not
    show is not compared."""
    shown = [node.get("management_ip") for node in instance.get("nodes") or ()]
    desired = {_address(host): host for host in hosts_of(lists)}
    if not desired or not shown or not all(shown):
        return [], []
    there = {_address(host) for host in shown}
    hidden = {_address(host) for name in _WITHOUT_DATA for host in lists.get(name) or ()}
    absent = [host for address, host in desired.items() if address not in there | hidden]
    return absent, [str(host) for host in shown if _address(host) not in desired]


def _other_hosts(label: str, lists: Mapping[str, Any], instance: Mapping[str, Any]) -> tuple[str, str, str] | None:
    absent, more = compare_hosts(lists, instance)
    if not absent and not more:
        return None
    option = next((name for name in HOST_LISTS if set(absent) & set(lists.get(name) or ())), None)
    option = option or next(name for name in HOST_LISTS if lists.get(name))
    parts = [f"not on {', '.join(absent)}"] if absent else []
    parts += [f"also on {', '.join(more)}"] if more else []
    if absent and more:
        hint = "gaussdb_node with state=replaced moves a node to another host."
    elif instance.get("mode") == DISTRIBUTED:
        hint = "gaussdb_instance_expansion adds nodes; they cannot be removed."
    else:
        hint = "gaussdb_instance_solution adds or drops nodes of a centralized instance."
    return option, f"instance {label} is {' and '.join(parts)}", f"{hint} {_CORRECT}."


def _address(host: Any) -> str:
    """Return an address in a canonical form for comparison: one of IPv6 has several spellings."""
    text = str(host).strip().casefold()
    try:
        return str(ipaddress.ip_address(text)) if ":" in text else text
    except ValueError:
        return text
