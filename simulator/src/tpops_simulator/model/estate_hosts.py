# SPDX-License-Identifier: GPL-3.0-or-later
"""Estate keys for objects that exist before instances: engine_versions, data_centers, key_pairs, hosts, unreachable."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from . import entities
from .entities import DataCenter, Host, KeyPair
from .hosts import TROUBLE_CODES, hosts_by_ip, surroundings
from .site import Site

_HOST_TEXTS = tuple(f.name for f in fields(Host) if f.type == "str" and f.name not in ("id", "data_center_id"))
_HOST_STATUSES = (
    entities.HOST_INITIALIZING,
    entities.HOST_INITIALIZED,
    entities.HOST_INITIALIZE_FAILED,
    entities.HOST_UNMANAGED,
    entities.HOST_IN_USE,
    entities.HOST_DELETING,
    entities.HOST_DELETE_FAILED,
)


def refuse_unknown(entry: dict[str, Any], known: set[str], what: str) -> None:
    if unknown := sorted(set(entry) - known):
        raise ValueError(f"{what} has no {', '.join(unknown)}")


def _find(collection: dict[str, Any], given: str, what: str) -> str:
    """The ID of an entry given by ID or name."""
    if given in collection:
        return given
    found = next((key for key, value in collection.items() if value.name == given), None)
    if found is None:
        raise ValueError(f"{what} {given} does not exist")
    return found


def load_engine_versions(site: Site, data: list[Any]) -> None:
    """`engine_versions: ['3.103.0', '3.200.0', '3.200.0.1']`: releases, and hotfixes with a fourth number."""
    if wrong := [v for v in data if not isinstance(v, str)]:
        raise ValueError(f"a version must be a string, {wrong[0]!r} is not")
    site.engine_versions = list(data)


def dump_engine_versions(site: Site) -> list[str]:
    return list(site.engine_versions)


def load_data_centers(site: Site, data: list[Any]) -> None:
    """`data_centers: [dc-east, {name: dc-west, description: Hall 2}]`."""
    for entry in data:
        entry = {"name": entry} if isinstance(entry, str) else dict(entry)
        refuse_unknown(entry, {"id", "name", "description"}, "a data center")
        if any(d.name == entry["name"] for d in site.data_centers.values()):
            raise ValueError(f"there is a data center {entry['name']} already")
        new_id = str(entry.get("id") or site.ids.uuid())
        site.data_centers[new_id] = DataCenter(
            id=new_id,
            name=str(entry["name"]),
            description=str(entry.get("description") or ""),
            created=site.clock.now(),
        )


def dump_data_centers(site: Site) -> list[dict[str, Any]]:
    return [{"id": d.id, "name": d.name, "description": d.description} for d in site.data_centers.values()]


def load_key_pairs(site: Site, data: list[Any]) -> None:
    """`key_pairs: [{name: ssh-1, description: Hall 2, key_algorithms: RSA_2048, public_key: ssh-rsa AAAA}]`."""
    for entry in data:
        entry = {"name": entry} if isinstance(entry, str) else dict(entry)
        refuse_unknown(entry, {"id", "name", "description", "key_algorithms", "public_key"}, "a key pair")
        if any(k.name == entry["name"] for k in site.key_pairs.values()):
            raise ValueError(f"there is a key pair {entry['name']} already")
        algorithm = str(entry.get("key_algorithms") or "RSA_3072")
        if algorithm not in ("RSA_2048", "RSA_3072", "RSA_4096"):
            raise ValueError(f"{algorithm} is not an algorithm of key pairs")
        new_id = str(entry.get("id") or site.ids.uuid())
        site.key_pairs[new_id] = KeyPair(
            id=new_id,
            name=str(entry["name"]),
            description=str(entry.get("description") or ""),
            key_algorithms=algorithm,
            created=site.clock.now(),
            public_key=entry.get("public_key"),
        )


def dump_key_pairs(site: Site) -> list[dict[str, Any]]:
    names = ("id", "name", "description", "key_algorithms", "public_key")
    return [{n: getattr(k, n) for n in names if getattr(k, n) is not None} for k in site.key_pairs.values()]


def load_hosts(site: Site, data: list[Any]) -> None:
    """`hosts: [{name: db-1, manage_ip: 192.0.2.1, data_center: dc-east}]`; all else has a default.

    `data_center` and `ssh_key` are names or IDs. Hosts are `initialized` unless `status` is given.
    """
    known = {*_HOST_TEXTS, "id", "data_center", "data_center_id", "ssh_key", "ssh_key_id", "ssh_port"}
    addresses = set(hosts_by_ip(site))
    for entry in data:
        refuse_unknown(entry, known, "a host")
        address = str(entry["manage_ip"])
        if address in addresses:
            raise ValueError(f"there are two hosts with the address {address}")
        addresses.add(address)
        host = Host(id=str(entry.get("id") or site.ids.uuid()), name=str(entry["name"]), manage_ip=address)
        host.status = entities.HOST_INITIALIZED
        host.created = host.updated = site.clock.now()
        for name in _HOST_TEXTS:
            if name in entry:
                setattr(host, name, str(entry[name]))
        if host.status not in _HOST_STATUSES:
            raise ValueError(f"{host.status} is not a state of hosts")
        # Hosts are written first; an instance of the estate then takes its hosts.
        if host.status == entities.HOST_IN_USE:
            host.status = entities.HOST_INITIALIZED
        if host.cpu_spec == "kunpeng" and "os_arch" not in entry:
            host.os_arch = "arm"
        host.data_ip = host.data_ip or address
        host.virtual_ip = host.virtual_ip or host.data_ip
        host.ssh_port = int(entry.get("ssh_port", 22))
        center = entry.get("data_center", entry.get("data_center_id"))
        if center is None and len(site.data_centers) != 1:
            raise ValueError(f"host {host.name} needs a data_center")
        host.data_center_id = (
            _find(site.data_centers, center, "data center") if center else next(iter(site.data_centers))
        )
        key = entry.get("ssh_key", entry.get("ssh_key_id"))
        host.ssh_key_id = _find(site.key_pairs, key, "key pair") if key else None
        site.hosts[host.id] = host


def dump_hosts(site: Site) -> list[dict[str, Any]]:
    names = (*_HOST_TEXTS, "id", "data_center_id", "ssh_key_id", "ssh_port")
    return [{n: getattr(h, n) for n in names if getattr(h, n) not in (None, "")} for h in site.hosts.values()]


def load_unreachable(site: Site, data: Any) -> None:
    """`unreachable: {192.0.2.9: ssh}`: adding these hosts fails with the given problem.

    With `network`, `ssh` and `agent` removing them fails too. A list of addresses means `network`; `null` makes an
    address respond again.
    """
    found = data if isinstance(data, dict) else dict.fromkeys(data, "network")
    for address, trouble in found.items():
        if trouble is None:
            surroundings(site).unreachable.pop(str(address), None)
        elif trouble in TROUBLE_CODES:
            surroundings(site).unreachable[str(address)] = trouble
        else:
            raise ValueError(f"{trouble} is not one of {', '.join(TROUBLE_CODES)}")


def dump_unreachable(site: Site) -> dict[str, str]:
    return dict(surroundings(site).unreachable)
