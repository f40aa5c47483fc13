# SPDX-License-Identifier: GPL-3.0-or-later
"""Find an instance and check that it can be changed, for the chapters that work inside instances."""

from __future__ import annotations

from collections.abc import Container

from . import entities
from .entities import Instance, Node
from .errors import ApiError
from .site import Site

# In these states the databases of an instance accept changes.
WRITABLE = frozenset({entities.ACTIVE, entities.BACKING_UP, entities.UPGRADE_TO_BE_OBSERVED})
# In these states one can still log in and read; a full disk makes an instance read-only.
READABLE = WRITABLE | {entities.STORAGE_FULL, "MODIFYING", "EXPANDING", "REDUCING", entities.UPGRADING}
TIME_ZONE = "UTC+08:00"


def find_instance(site: Site, instance_id: str) -> Instance:
    instance = site.instances.get(instance_id)
    if instance is None:
        raise ApiError("DBS.200002", instance_id=instance_id)
    return instance


def find_by_name(site: Site, given: object) -> Instance:
    """The instance that an estate names, also by its ID."""
    found = next((i for i in site.instances.values() if given in (i.id, i.name)), None)
    if found is None:
        raise ValueError(f"instance {given} does not exist")
    return found


def instance_in(
    site: Site, instance_id: str, statuses: Container[str] = (entities.ACTIVE,), *, code: str = "DBS.216009"
) -> Instance:
    """The instance, refused with `code` unless it is in one of `statuses`."""
    instance = find_instance(site, instance_id)
    if instance.status not in statuses:
        raise ApiError(code, detail=f"instance status {instance.status}")
    return instance


def refuse_busy(site: Site, instance: Instance) -> None:
    """For operations whose body names the instance: those with it in the path are refused by the pipeline already."""
    if site.running_jobs(instance.id):
        raise ApiError("DBS.200019")


def is_distributed(instance: Instance) -> bool:
    return instance.solution.startswith("hcs")


def find_nodes(instance: Instance, node_ids: list[str]) -> list[Node]:
    found = []
    for node_id in dict.fromkeys(node_ids):
        node = instance.node(node_id)
        if node is None:
            raise ApiError("DBS.216030", node_id=node_id)
        found.append(node)
    return found
