# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The twelve topologies of instances, and which hosts each of them takes (reference 4.11.6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.gaussdb.tpops.plugins.module_utils.api.instance import CENTRALIZED, DISTRIBUTED

ZONES = ("master_az_ips", "slave_az_ips", "arbiter_az_ips", "logger_az_ips")
HOST_LISTS = ("manage_ips", *ZONES)


@dataclass(frozen=True)
class Topology:
    """One topology.

    ``hosts`` is the number of hosts in all lists together, ``zones`` the lists for zones that may be used, and
    ``arbiters`` how many of the hosts have to be in the list for the arbiter's zone.
    """

    mode: str
    hosts: int
    zones: tuple[str, ...] = ("logger_az_ips",)
    arbiters: int = 0
    etcd: bool = True


_MASTER = ("master_az_ips", "logger_az_ips")
_ARBITER = ("arbiter_az_ips", "logger_az_ips")

TOPOLOGIES = {
    "single": Topology(CENTRALIZED, 1),
    "triset": Topology(CENTRALIZED, 3, _MASTER),
    "quadruset": Topology(CENTRALIZED, 5, ZONES, arbiters=1),
    "pentaset": Topology(CENTRALIZED, 5),
    "trisetnoetcd": Topology(CENTRALIZED, 3, _MASTER, etcd=False),
    "quadrusetnoetcd": Topology(CENTRALIZED, 5, ZONES, arbiters=1, etcd=False),
    "pentasetnoetcd": Topology(CENTRALIZED, 5, etcd=False),
    "hcs1": Topology(DISTRIBUTED, 9, ZONES, arbiters=1),
    "hcs2": Topology(DISTRIBUTED, 3),
    "hcs3": Topology(DISTRIBUTED, 4),
    "hcs4": Topology(DISTRIBUTED, 5, _ARBITER, arbiters=1),
    "hcs6": Topology(DISTRIBUTED, 1),
}
SOLUTIONS = tuple(TOPOLOGIES)

# Ports of an instance: the range, and what the platform itself uses of it.
PORTS = (1024, 39989)
RESERVED_PORTS = (
    *(2378, 2379, 2380, 2400, 4999, 5000, 5001, 5100, 5500, 5999, 6000, 6001, 6009, 6010, 6500, 8015, 8097, 8098, 8181, 9090, 9100),
    *(9180, 9187, 9200, 12016, 12017, 20049, 20050, 21731, 21732, 32122, 32123, 32124, 32125, 32126, 39001),
)


def hosts_of(lists: Mapping[str, Sequence[str] | None]) -> list[str]:
    """Return the addresses of all lists, each once, in the order of :data:`HOST_LISTS`."""
    return list(dict.fromkeys(address for name in HOST_LISTS for address in lists.get(name) or ()))


def problem_of_hosts(solution: str, lists: Mapping[str, Any]) -> tuple[str, str] | None:
    """Return the option at fault and what is wrong when the lists of hosts do not fit the topology.

    A host in a zone may be in ``manage_ips`` too: the reference's examples have both ways.
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
    if count != topology.hosts:
        named = [name for name in HOST_LISTS if lists.get(name)] or ["manage_ips"]
        return named[
            0
        ], f"solution {solution} needs {topology.hosts} host{'s' * (topology.hosts > 1)}, {', '.join(named)} together have {count}"
    return None
