# SPDX-License-Identifier: GPL-3.0-or-later
"""How full the data disks of nodes are, if set by an estate; all others have their usual level."""

from __future__ import annotations

from dataclasses import dataclass

from .entities import Instance, Node
from .site import Site

# From this level on there is an alarm, and an inspection reports a problem.
HIGH_PERCENT = 80
# From this level on a database accepts no more changes.
FULL_PERCENT = 95
_KEY = "disks"


@dataclass(frozen=True)
class Disk:
    percent: float
    since: float

    @property
    def high(self) -> bool:
        return self.percent >= HIGH_PERCENT

    @property
    def full(self) -> bool:
        return self.percent >= FULL_PERCENT


def disk_of(instance: Instance, node: Node) -> Disk | None:
    found: Disk | None = instance.data.get(_KEY, {}).get(node.id)
    return found


def fill_disk(site: Site, instance: Instance, node: Node, percent: float | None) -> None:
    """Set the level of the disk from now on; None restores the usual level."""
    disks: dict[str, Disk] = instance.data.setdefault(_KEY, {})
    if percent is None:
        disks.pop(node.id, None)
    else:
        disks[node.id] = Disk(percent, site.clock.now())


def has_full_disk(instance: Instance) -> bool:
    return any(disk is not None and disk.full for disk in (disk_of(instance, node) for node in instance.nodes))
