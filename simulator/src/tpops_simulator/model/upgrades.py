# SPDX-License-Identifier: GPL-3.0-or-later
"""Grey upgrades in progress, and what an estate orders of upgrades: flags, refusals, and what a failed one leaves."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from .entities import Instance
from .estate_hosts import refuse_unknown
from .instances import find_by_name
from .site import Site
from .topology import FAILED, GREY, GreyUpgrade, find_grey, repair, restarted, zones

# Key in Instance.data: since when the zone with the primary has run which version.
VERSIONS = "versions"
ACTIONS = frozenset({"upgrade", "commit", "rollback", "upgradeAutoCommit"})
# What a failed task leaves: everything as before it; the zones that it had completed; or these, and one zone halfway.
BEFORE, PARTIAL, HALFWAY = "before", "partial", "failed"
LEAVES = (BEFORE, PARTIAL, HALFWAY)


@dataclass(frozen=True)
class UpgradeRule:
    """What an estate orders of the upgrades of one instance."""

    # The actions whose flags are false.
    disable: frozenset[str] = frozenset()
    # The actions that are refused although their flags are true.
    refuse: frozenset[str] = frozenset()
    leaves: str = BEFORE


def find_rule(site: Site, instance: Instance) -> UpgradeRule:
    return _rules(site).get(instance.id, UpgradeRule())


def runs(instance: Instance, zone: str) -> str:
    """The version that the nodes of a zone run."""
    grey = find_grey(instance)
    return grey.target if grey and zone in grey.zones else instance.version


def list_versions(site: Site, instance: Instance) -> list[tuple[float, float, str]]:
    """From when to when the zone with the primary has run which version (epoch seconds), oldest first."""
    note_version(site, instance)
    noted: list[tuple[float, str]] = instance.data[VERSIONS]
    ends = [since for since, _version in noted[1:]]
    return [(since, end, version) for (since, version), end in zip(noted, [*ends, math.inf], strict=True)]


def note_version(site: Site, instance: Instance) -> None:
    """To be called before and after whatever may change the version of the zone with the primary."""
    noted = instance.data.setdefault(VERSIONS, [])
    version = runs(instance, instance.master.az if instance.master else "")
    if not noted or noted[-1][1] != version:
        noted.append((site.clock.now() if noted else instance.created, version))


def restart_zones(instance: Instance, changed: Iterable[str]) -> None:
    known = set(changed)
    restarted(node for node in instance.nodes if node.az in known)


def keep_zones(instance: Instance, target: str, upgraded: list[str], halfway: str | None = None) -> None:
    """The zones run the target version; the nodes of a zone that is halfway are down, and the instance with them."""
    if upgraded or halfway or find_grey(instance):
        instance.data[GREY] = GreyUpgrade(target, upgraded, halfway)
    for node in instance.nodes:
        if node.az == halfway:
            node.status = FAILED
    restart_zones(instance, [*upgraded, *([halfway] if halfway else [])])


def end_grey(instance: Instance) -> GreyUpgrade:
    """No zone is between two versions any more."""
    grey: GreyUpgrade = instance.data.pop(GREY)
    for node in instance.nodes:
        if node.az == grey.halfway and node.status == FAILED:
            repair(node)
    return grey


def break_all(instance: Instance) -> None:
    """An upgrade of all nodes at once has failed, and none of them runs."""
    for node in instance.nodes:
        node.status = FAILED
    restart_zones(instance, zones(instance))


def load_upgrade_rules(site: Site, data: list[dict[str, Any]]) -> None:
    """`upgrade_rules: [{instance: orders, disable: [rollback], refuse: [commit], leaves: partial}]`.

    An entry replaces the one that the instance had.
    """
    for entry in data:
        refuse_unknown(entry, {"instance", "disable", "refuse", "leaves"}, "an upgrade rule")
        disable, refuse = (frozenset(map(str, entry.get(key) or ())) for key in ("disable", "refuse"))
        if wrong := sorted((disable | refuse) - ACTIONS):
            raise ValueError(f"{wrong[0]} is not an upgrade action")
        leaves = entry.get("leaves", BEFORE)
        if leaves not in LEAVES:
            raise ValueError(f"leaves is one of {', '.join(LEAVES)}")
        _rules(site)[find_by_name(site, entry["instance"]).id] = UpgradeRule(disable, refuse, leaves)


def dump_upgrade_rules(site: Site) -> list[dict[str, Any]]:
    return [
        {
            "instance": site.instances[instance_id].name,
            "disable": sorted(rule.disable),
            "refuse": sorted(rule.refuse),
            "leaves": rule.leaves,
        }
        for instance_id, rule in _rules(site).items()
        if instance_id in site.instances and rule != UpgradeRule()
    ]


def _rules(site: Site) -> dict[str, UpgradeRule]:
    return site.extension("upgrade_rules", dict)
