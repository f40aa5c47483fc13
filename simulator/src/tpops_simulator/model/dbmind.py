# SPDX-License-Identifier: GPL-3.0-or-later
"""DBMind instances, which manage others, and SQL patches (4.6)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .entities import Instance, Node
from .site import Site

DEFAULT_LIMIT = 8
_KEYS = {"id", "name", "port", "arch", "cpu", "mem", "engine_version", "status", "manageable_limit", "managed"}


@dataclass
class Dbmind:
    """An intelligent operation instance. No operation creates one: they come from an estate file."""

    id: str
    name: str
    created: float
    port: int = 8000
    cpu: str = "8"
    mem: str = "64"
    arch: str = "X86"
    engine_version: str = "8.1.0"
    status: str = "NORMAL"
    limit: int = DEFAULT_LIMIT
    managed: list[str] = field(default_factory=list)


@dataclass
class Patch:
    name: str
    hint: str
    enabled: bool


def load_dbmind_instances(site: Site, data: list[dict[str, Any]]) -> None:
    """`dbmind_instances: [{name: dbmind-dc1, arch: X86, managed: [orders]}]`."""
    ids = {instance.name: instance.id for instance in site.instances.values()}
    for entry in data:
        if unknown := set(entry) - _KEYS:
            raise ValueError(f"a DBMind instance has no {', '.join(sorted(unknown))}")
        if missing := [name for name in entry.get("managed", ()) if name not in ids]:
            raise ValueError(f"instance {missing[0]} does not exist")
        made = Dbmind(
            id=str(entry.get("id") or site.ids.suffixed("in20")),
            name=str(entry["name"]),
            created=site.clock.now(),
            port=int(entry.get("port", 8000)),
            cpu=str(entry.get("cpu", "8")),
            mem=str(entry.get("mem", "64")),
            arch=str(entry.get("arch", "X86")).upper(),
            engine_version=str(entry.get("engine_version", "8.1.0")),
            status=str(entry.get("status", "NORMAL")),
            limit=int(entry.get("manageable_limit", DEFAULT_LIMIT)),
            managed=[ids[name] for name in entry.get("managed", ())],
        )
        known_dbminds(site)[made.id] = made


def dump_dbmind_instances(site: Site) -> list[dict[str, Any]]:
    return [
        {
            "id": keeper.id,
            "name": keeper.name,
            "arch": keeper.arch,
            "status": keeper.status,
            "manageable_limit": keeper.limit,
            "managed": [site.instances[i].name for i in managed_by(site, keeper)],
        }
        for keeper in known_dbminds(site).values()
    ]


def known_dbminds(site: Site) -> dict[str, Dbmind]:
    return site.extension("dbmind", dict)


def managed_by(site: Site, keeper: Dbmind) -> list[str]:
    """The managed instances that still exist."""
    return [i for i in keeper.managed if i in site.instances]


def patches_on(site: Site, instance: Instance, node: Node) -> dict[str, Patch]:
    """The patches on one node by the ID of the statement."""
    all_patches: dict[tuple[str, str], dict[str, Patch]] = site.extension("sql_patches", dict)
    return all_patches.setdefault((instance.id, node.id), {})
