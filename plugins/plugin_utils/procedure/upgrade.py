# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a procedure sees of an upgrade: how far an instance is, what is left to do, and whether it is healthy.

All of it follows from what the platform shows now: a procedure that was interrupted goes on from there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.components import is_leading, unhealthy_of
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.gates import critical_alarms
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.upgrade import AT_ONCE, GREY, HOTFIX, find_flag
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.upgrade_options import (
    COMPONENTS,
    CRITICAL_ALARM,
    JOB,
    TASKS,
)
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.window import is_open
from ansible_collections.gaussdb.tpops.plugins.module_utils.util.values import as_words

Data = Mapping[str, Any]

OBSERVING = "UPGRADE TO BE OBSERVED"
# The kind of a check whose value could not be read: it does not pass, and proves nothing.
UNREAD = "unread"
FAILED_JOB = "Failed"
# A procedure that only wants to know whether an upgrade is under way desires none.
ANY: Data = {"version": "", "strategy": GREY}
# How far an instance is. It is ``foreign`` while an upgrade to another version is under way.
STAGES = OLD, WORKING, OBSERVED, NEW, FOREIGN, UNKNOWN = ("old", "working", "observed", "new", "foreign", "unknown")


def upgrade_state(seen: Data, found: Mapping[str, Data], desired: Data, moment: datetime) -> dict[str, Any]:
    """Return the state of an upgrade to the ``version`` of ``desired`` from what was ``found`` at an instance, whose
    ``nodes`` have been ``seen``.

    Without a version, any upgrade that is under way is meant. Zones are ordered by the number of primaries in them, the
    fewest first.
    """
    desired = desired or ANY
    shown: Data = next(iter(found.get("upgrades", {}).get("upgrades") or ()), {})
    nodes: Sequence[Data] = seen.get("nodes") or ()
    version, target = shown.get("version") or "", shown.get("target_version") or ""
    primaries = Counter(
        str(node["availability_zone_id"])
        for node in nodes
        for component in node["components"]
        if component["type"] == "DN" and is_leading(component)
    )
    strategy, versions = desired["strategy"], versions_of(desired)
    candidates = shown.get("candidate_hotfixes" if strategy == HOTFIX else "candidate_versions") or ()
    action = "upgrade" if strategy == GREY and not desired.get("at_once") else AT_ONCE
    return {
        "stage": _stage(seen, shown, strategy, versions),
        "desired_version": ", ".join(versions),
        "version": version,
        "target_version": target,
        "rollback_enabled": bool(shown.get("rollback_enabled")),
        "hotfixes": list(shown.get("removable_hotfixes") or ()),
        "candidates": list(candidates),
        "allowed": find_flag(shown.get("strategies") or (), strategy, action) is True,
        "upgraded_zones": list(shown.get("upgraded_zones") or ()),
        "remaining_zones": sorted(shown.get("remaining_zones") or (), key=lambda zone: primaries[zone]),
        "nodes": len(nodes),
        "unhealthy": unhealthy_of(nodes),
        "window_open": is_open(desired.get("window"), moment),
    }


def versions_of(desired: Data) -> list[str]:
    """Return the version to upgrade to, or several hotfixes."""
    return as_words(desired["version"], ",")


def _stage(seen: Data, shown: Data, strategy: str, versions: Sequence[str]) -> str:
    if not shown:
        return UNKNOWN
    target, installed = shown.get("target_version"), {shown.get("version")}
    if strategy == HOTFIX:
        installed |= set(shown.get("removable_hotfixes") or ())
    # What is committed stays so while the platform makes the backup that follows, which may take hours.
    if not target and versions and installed.issuperset(versions):
        return NEW
    if seen["instance_busy"]:
        return WORKING
    if target:
        return OBSERVED if strategy != HOTFIX and versions in ([], [target]) else FOREIGN
    return OLD


def summary_of(site: str, seen: Data) -> dict[str, Any]:
    """Return the state of a member of an upgrade as a code with values."""
    upgrade = seen["upgrade"]
    names = ("version", "target_version", "desired_version", "upgraded_zones", "remaining_zones", "unhealthy")
    values = {name: upgrade[name] for name in names}
    return {"code": f"upgrade_{upgrade['stage']}", "site": site, "instance": seen["instance"], **values}


def is_good(seen: Data) -> bool:
    """Return whether an instance runs the version, or without one has no upgrade under way, and is healthy."""
    upgrade = seen["upgrade"]
    return upgrade["stage"] == (NEW if upgrade["desired_version"] else OLD) and not upgrade["unhealthy"]


def checks_of_upgrade(seen: Data, zones: Sequence[str], known_alarms: Collection[str]) -> list[dict[str, Any]]:
    """Return the checks of an instance whose ``zones`` are upgraded, or all of it if there are none.

    ``known_alarms`` are those that were there before the upgrade.
    """
    upgrade = seen["upgrade"]
    alarms = [str(alarm.get("name")) for alarm in critical_alarms(seen) if key_of(alarm) not in known_alarms]
    upgraded = (
        {
            "name": "upgraded_zones",
            "value": upgrade["upgraded_zones"],
            "expected": list(zones),
            "passed": set(zones) <= set(upgrade["upgraded_zones"]),
        }
        if zones
        else {
            "name": "engine_version",
            "value": [upgrade["version"], *(each for each in upgrade["hotfixes"] if each != upgrade["version"])],
            "expected": upgrade["desired_version"] or upgrade["version"],
            "passed": not upgrade["desired_version"] or upgrade["stage"] == NEW,
        }
    )
    status, expected = seen["instance_status"], OBSERVING if zones else "ACTIVE"
    return [
        {
            "name": "instance_status",
            "kind": COMPONENTS if seen["reachable"] else UNREAD,
            "value": status,
            "expected": expected,
            # A backup follows the commit of a major version.
            "passed": status == expected or (status == "BACKING UP" and not zones),
        },
        {**upgraded, "kind": COMPONENTS if upgrade["stage"] != UNKNOWN else UNREAD},
        {
            "name": "nodes",
            "kind": COMPONENTS if upgrade["nodes"] else UNREAD,
            "value": upgrade["unhealthy"] if upgrade["nodes"] else None,
            "expected": [],
            "passed": bool(upgrade["nodes"]) and not upgrade["unhealthy"],
        },
        {
            "name": "critical_alarms",
            "kind": CRITICAL_ALARM if seen["alarms_read"] else UNREAD,
            "value": alarms if seen["alarms_read"] else None,
            "expected": [],
            "passed": seen["alarms_read"] and not alarms,
        },
    ]


def findings_of(step: Data, checks: Sequence[Data]) -> list[str]:
    """Return the kinds of what a failed step and its checks have found, as the option ``rollback_on`` names them.

    A check without a kind is one of the user's own.
    """
    kinds = [check.get("kind", TASKS) for check in checks if check["passed"] is False]
    kinds += [JOB for job in step["jobs"] if job.get("status") == FAILED_JOB]
    return list(dict.fromkeys(kinds))


def key_of(alarm: Data) -> str:
    """Return what tells an alarm from others."""
    return "|".join(str(alarm.get(name)) for name in ("alarm_id", "instance_id", "name", "first_time"))
