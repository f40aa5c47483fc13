# SPDX-License-Identifier: GPL-3.0-or-later
"""Functions on the hosts of a site for the chapters on hosts, data centers, key pairs and instances."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TypeVar

from . import entities
from .entities import Host, Instance
from .request import Request
from .site import Site

T = TypeVar("T")

# Hosts without an instance, ready for one.
FREE = frozenset({entities.HOST_INITIALIZED, entities.HOST_UNMANAGED})
# A sandbox directory left by an earlier installation; the only problem that adding a host can solve.
CHROOT = "chroot"
MAX_NAME_BYTES = 64
MAX_DESCRIPTION = 100
RESERVED_SSH_PORTS = frozenset({8002, 12017})
SUPPORTED = {
    "types": ["BMS"],
    "os_types": ["kylin", "uniontech"],
    "storage_types": ["localssd", "dorado"],
    "cpu_specs": ["intel", "kunpeng", "hygon"],
}
# The code that a host shows when its address is unreachable in the estate, by the kind of problem.
TROUBLE_CODES = {
    "network": "DBS.06025062",
    "ssh": "DBS.06025063",
    "nic": "DBS.06025043",
    "agent": "DBS.06025064",
    "check": "DBS.06025061",
    CHROOT: "DBS.06025061",
    "elsewhere": "DBS.06025047",
}


@dataclass
class Surroundings:
    """Things outside the platform: addresses that do not respond, and unmanaged databases.

    `unreachable` maps a management address to the problem when adding that host (`TROUBLE_CODES`).
    """

    unreachable: dict[str, str] = field(default_factory=dict)
    unmanaged_instances: list[Instance] = field(default_factory=list)

    def unmanaged_at(self, manage_ip: str) -> Instance | None:
        for instance in self.unmanaged_instances:
            if any(node.manage_ip == manage_ip for node in instance.nodes):
                return instance
        return None

    def empty_sandbox(self, manage_ip: str) -> None:
        if self.unreachable.get(manage_ip) == CHROOT:
            del self.unreachable[manage_ip]


def surroundings(site: Site) -> Surroundings:
    return site.extension("surroundings", Surroundings)


def hosts_by_ip(site: Site) -> dict[str, Host]:
    return {host.manage_ip: host for host in site.hosts.values()}


def data_center_name(site: Site, host: Host) -> str | None:
    data_center = site.data_centers.get(host.data_center_id)
    return data_center.name if data_center else None


def sorted_by(items: Iterable[T], request: Request, keys: dict[str, Callable[[T], object]]) -> list[T]:
    """Sort by `sort_key` and `sort_order` of the query; without a key, by creation."""
    found = list(items)
    key = request.query.get("sort_key")
    if key:
        found.sort(key=keys[key], reverse=request.query.get("sort_order") == "desc")
    return found


def is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def ssh_port_allowed(port: int) -> bool:
    return 1 <= port <= 65535 and port not in RESERVED_SSH_PORTS
