# SPDX-License-Identifier: GPL-3.0-or-later
"""What a new instance needs: a name, a port, a password, and suitable hosts; and turning hosts into nodes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from . import entities
from .accounts import ROOT, check_password
from .entities import Host, Instance, Node
from .errors import ApiError
from .hosts import FREE, data_center_name, hosts_by_ip, surroundings
from .site import Site
from .topology import SOLUTIONS, Solution

ZONE_LISTS = ("master_az_ip", "slave_az_ip", "arbiter_az_ip", "logger_az_ip")
DEFAULT_PORT = 8000
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{3,63}")
RESERVED_PORTS = frozenset(
    (*range(2378, 2381), 2400, *range(4999, 5002), 5100, 5500, *range(5999, 6002), 6009, 6010, 6500, 8015, 8097, 8098)
    + (8181, 9090, 9100, 9180, 9187, 9200, 12016, 12017, 20049, 20050, 21731, 21732, *range(32122, 32127), 39001)
)


def check_instance_name(site: Site, name: str) -> None:
    if not _NAME.fullmatch(name):
        raise ApiError("DBS.200021", detail="4 to 64 letters, digits, hyphens and underscores, a letter first")
    if any(i.name == name for i in site.instances.values()):
        raise ApiError("DBS.200021", detail=f"an instance named {name} exists")


def check_root_password(password: str) -> None:
    try:
        check_password(password, ROOT)
    except ApiError as exc:
        raise ApiError("DBS.200052") from exc


def parse_port(given: str | int | None, default: int = DEFAULT_PORT) -> int:
    """The port as a number, refused when it is outside the range or reserved by the platform."""
    port = default if given in (None, "") else int(given)
    if not 1024 <= port <= 39989 or port in RESERVED_PORTS:
        raise ApiError("DBS.200001", detail=f"port {port} is not possible")
    return port


# -- hosts ------------------------------------------------------------------------------------------------------------


def host_addresses(body: dict[str, Any], solution: Solution) -> list[str]:
    """The management addresses of the hosts, in the order of the future nodes: master zone first, arbiter last.

    The reference's examples partly list every host in manage_ip and partly only those without a zone: the union counts.
    """
    lists = {name: list(dict.fromkeys(body.get(name) or ())) for name in ZONE_LISTS}
    placed = [address for name in ZONE_LISTS for address in lists[name]]
    if len(placed) != len(set(placed)):
        raise ApiError("DBS.200025", detail="a host is in two zones")
    for name, addresses in lists.items():
        if addresses and name not in solution.zones and name != "logger_az_ip":
            raise ApiError("DBS.200025", detail=f"{name} is not possible with {solution.name}")
    if solution.arbiter and len(lists["arbiter_az_ip"]) != 1:
        raise ApiError("DBS.200025", detail=f"{solution.name} needs one host in arbiter_az_ip")
    arbiters = lists["arbiter_az_ip"]
    others = [
        *lists["master_az_ip"],
        *lists["slave_az_ip"],
        *(body.get("manage_ip") or ()),
        *lists["logger_az_ip"],
    ]
    return [a for a in dict.fromkeys(others) if a not in arbiters] + arbiters


def free_hosts(site: Site, addresses: Sequence[str], count: int) -> list[Host]:
    """The hosts at these addresses, refused unless the number is right and all are ready for an instance."""
    if len(addresses) != count:
        raise ApiError("DBS.06025010", detail=f"{count} hosts are needed, {len(addresses)} are given")
    known = hosts_by_ip(site)
    if missing := [a for a in addresses if a not in known]:
        raise ApiError("DBS.06025031", manage_ip=missing[0])
    hosts = [known[a] for a in addresses]
    for host in hosts:
        # A host with an unmanaged database is not free, regardless of its state.
        if host.status not in FREE or surroundings(site).unmanaged_at(host.manage_ip):
            raise ApiError("DBS.06025015", manage_ip=host.manage_ip, state=host.status)
    return hosts


def check_alike(hosts: Iterable[Host], wanted: dict[str, str]) -> None:
    """Refuse hosts that differ from each other or from `wanted` (os_type, type, cpu_spec, os_arch)."""
    hosts = list(hosts)
    for attribute, code in (
        ("os_type", "DBS.06025011"),
        ("type", "DBS.06025012"),
        ("cpu_spec", "DBS.06025014"),
        ("os_arch", "DBS.06025013"),
        ("storage_type", "DBS.06025046"),
    ):
        found = {str(getattr(h, attribute)).lower() for h in hosts}
        if attribute in wanted:
            found.add(str(wanted[attribute]).lower())
        if len(found) > 1:
            raise ApiError(code, detail=f"{attribute}: {', '.join(sorted(found))}")


def traits(instance: Instance) -> dict[str, str]:
    """The properties that a host needs to join the instance."""
    names = ("os_type", "type", "cpu_spec", "os_arch", "storage_type")
    return {n: instance.data[n] for n in names if n in instance.data}


# -- nodes ------------------------------------------------------------------------------------------------------------


def make_node(
    site: Site, instance: Instance, host: Host, number: int, *, group: int = 0, arbiter: bool = False
) -> Node:
    """A node on the host, which from now on is in use."""
    node = Node(
        id=site.ids.suffixed("no14"),
        name=f"{instance.name}_root_{number}",
        status=entities.BUILD,
        host_id=host.id,
        manage_ip=host.manage_ip,
        data_ip=host.data_ip,
        virtual_ip=host.virtual_ip,
        az=data_center_name(site, host) or "",
        group=group,
        arbiter=arbiter,
    )
    occupy(site, host, instance, node)
    return node


def make_nodes(site: Site, instance: Instance, hosts: Sequence[Host], *, group: int = 0) -> list[Node]:
    """Nodes numbered on from those the instance has; the last one of a new instance with an arbiter is the arbiter."""
    first = next_number(instance)
    has_arbiter = SOLUTIONS[instance.solution].arbiter and not instance.nodes
    return [
        make_node(site, instance, host, first + i, group=group, arbiter=has_arbiter and i == len(hosts) - 1)
        for i, host in enumerate(hosts)
    ]


def next_number(instance: Instance) -> int:
    return 1 + max((int(n.name.rpartition("_")[2]) for n in instance.nodes), default=-1)


def occupy(site: Site, host: Host, instance: Instance, node: Node) -> None:
    host.status = entities.HOST_IN_USE
    host.instance_id, host.node_id = instance.id, node.id
    host.float_ip = instance.data.get("float_ip") or ""
    host.updated = site.clock.now()


def release(site: Site, nodes: Iterable[Node]) -> None:
    """Release the hosts of these nodes."""
    for node in nodes:
        host = site.hosts.get(node.host_id or "")
        if host is None or host.node_id != node.id:
            continue
        host.status = entities.HOST_UNMANAGED
        host.instance_id = host.node_id = None
        host.float_ip = ""
        host.updated = site.clock.now()
