# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes wrong some time after zones have got a new version, as an estate orders it; a rollback ends it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from .entities import Instance
from .site import Site
from .topology import fail_node, members, zones
from .upgrades import runs


@dataclass(frozen=True)
class VersionFault:
    """In a zone that runs the version a component breaks, an alarm is raised, or both."""

    instance_id: str
    version: str
    zone: str
    after_seconds: float
    component: str | None = None
    # A kind of alarm; what that is :mod:`.alarms` knows.
    alarm: Any = None


@dataclass
class VersionFaults:
    """All that were ordered, and since when (epoch seconds) some have their effect."""

    ordered: list[VersionFault] = field(default_factory=list)
    since: dict[VersionFault, float] = field(default_factory=dict)


def get_version_faults(site: Site) -> VersionFaults:
    return site.extension("version_faults", VersionFaults)


def order_fault(site: Site, fault: VersionFault) -> None:
    """Order one more fault. One without a component and an alarm ends those of its version in its zone."""
    known = get_version_faults(site)
    if fault.component or fault.alarm:
        known.ordered.append(fault)
    else:
        same = (fault.instance_id, fault.version, fault.zone)
        known.ordered = [each for each in known.ordered if (each.instance_id, each.version, each.zone) != same]


def start_faults(site: Site, instance: Instance, before: Collection[tuple[str, str]]) -> None:
    """Schedule what follows from the zones that have got another version; `before` has those that they had."""
    known = get_version_faults(site)
    changed = set(list_zone_versions(instance)) - set(before)
    for fault in list(known.since):
        if fault.instance_id == instance.id and not _runs(instance, fault):
            del known.since[fault]
            _break(instance, fault, recovered=True)
    for fault in known.ordered:
        if fault.instance_id == instance.id and (fault.zone, fault.version) in changed:
            site.schedule(fault.after_seconds, lambda here, fault=fault: _strike(here, instance, fault))


def list_zone_versions(instance: Instance) -> list[tuple[str, str]]:
    return [(zone, runs(instance, zone)) for zone in zones(instance)]


def _strike(site: Site, instance: Instance, fault: VersionFault) -> None:
    known = get_version_faults(site)
    if fault in known.since or fault not in known.ordered:
        return
    if not _runs(instance, fault) or instance.id not in site.instances:
        return
    known.since[fault] = site.clock.now()
    _break(instance, fault)


def _break(instance: Instance, fault: VersionFault, *, recovered: bool = False) -> None:
    for node, component in members(instance):
        if component.id == fault.component:
            fail_node(instance, node, component.id, recovered=recovered)


def _runs(instance: Instance, fault: VersionFault) -> bool:
    return (fault.zone, fault.version) in list_zone_versions(instance)
