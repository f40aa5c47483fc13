# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Upgrades of an instance (4.11.17, 4.11.18): the desired state, whether it is possible, and the steps to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..api import instance_operations as api
from ..api.shape import Attr
from ..engine.context import Context
from ..engine.item import Item, Step
from ..http.errors import InputError, TpopsError

STATES = ("upgraded", "observed", "rolled_back")
STRATEGIES = INPLACE, GREY, HOTFIX = ("inplace", "grey", "hotfix")
AT_ONCE = "upgradeAutoCommit"

# See :func:`refine`.
UPGRADE = api.UPGRADE.plus(
    Attr("hotfix_removed", kind="bool", doc="Whether the instance is without the hotfix O(version)."),
)


def covers(desired: Sequence[str], current: Sequence[str] | None) -> bool:
    """These zones are upgraded; others may be upgraded too."""
    return set(desired) <= set(current or ())


def build_desired(ctx: Context) -> list[dict[str, Any]]:
    """Return the one desired item, in the attributes of the instance."""
    version, strategy, state, zones = (ctx.params[name] for name in ("version", "strategy", "state", "zones"))
    if zones and state != "observed":
        raise InputError("zones", f"can only be used with state observed, not {state}")
    if state == "observed" and strategy != GREY:
        raise InputError("state", f"observed needs strategy grey, {strategy} has no time to observe")
    if state == "rolled_back" and strategy == INPLACE:
        raise InputError("state", "an upgrade in place cannot be rolled back")
    if state == "upgraded":
        return [{"version": version}]
    if state == "observed":
        return [{"target_version": version, "zones": zones}]
    return [{"hotfix_removed": True} if strategy == HOTFIX else {"target_version": ""}]


def refine(ctx: Context, item: Item) -> Item | None:
    """Check the desired state against the current one."""
    current, version, strategy = item.current or {}, ctx.params["version"], ctx.params["strategy"]
    if not current:
        return None
    under_way = current["target_version"]
    removable = version in current["removable_hotfixes"]
    item = item.refined(current={"hotfix_removed": version != current["version"] and not removable})
    if under_way and (strategy != GREY or under_way != version):
        raise TpopsError(
            f"A grey upgrade of instance {item.label} to {under_way} is under way; commit it or roll it back first"
        )
    # A platform may still show the old version, and the applied hotfix only as removable.
    if ctx.params["state"] == "upgraded" and strategy == HOTFIX and removable:
        return replace(item, desired={})
    if ctx.params["state"] != "observed":
        return item
    if current["version"] == version:
        return replace(item, desired={})
    every = [*current["upgraded_zones"], *current["remaining_zones"]]
    unknown = [zone for zone in ctx.params["zones"] or () if zone not in every]
    if unknown:
        raise InputError("zones", f"the instance has no zone {', '.join(unknown)}, only {', '.join(every)}")
    return item.refined(desired={"zones": ctx.params["zones"] or every})


def plan_steps(ctx: Context, items: Sequence[Item]) -> list[Step]:
    """Return the remaining steps, after checking that the platform allows the first one."""
    item, strategy, version = items[0], ctx.params["strategy"], ctx.params["version"]
    if not item.changes:
        return []
    planned = _planned(ctx.params["state"], strategy, item)
    first = planned[0][0]
    if item.current:
        if first in (AT_ONCE, "upgrade") and not item.current["target_version"]:
            _check_version(item.current, strategy, version)
        _check_allowed(item, strategy, first)
    return [
        Step(
            api.upgrade_instance(ctx.parent.id, version, strategy, None if strategy == INPLACE else action, zones),
            summary,
            items,
        )
        for action, zones, summary in [
            (action, zones, words.format(item.label, version)) for action, zones, words in planned
        ]
    ]


def _planned(state: str, strategy: str, item: Item) -> list[tuple[str, Sequence[str], str]]:
    """Return action, zones and summary of each step."""
    current = item.current or {}
    if state == "rolled_back":
        return [
            (
                "rollback",
                (),
                "Remove hotfix {1} from instance {0}"
                if strategy == HOTFIX
                else "Roll back the upgrade of instance {0} to {1}",
            )
        ]
    under_way, left = current.get("target_version"), current.get("remaining_zones") or []
    if state == "upgraded" and not under_way:
        return [(AT_ONCE, (), f"Upgrade instance {{0}} to {{1}} ({strategy})")]
    if state == "observed":
        left = (
            [zone for zone in item.desired["zones"] or () if zone not in (current.get("upgraded_zones") or ())]
            if current
            else []
        )
        names = ", ".join(left or item.desired.get("zones") or ("all zones",))
        return [("upgrade", left or item.desired.get("zones") or (), f"Upgrade {names} of instance {{0}} to {{1}}")]
    rest = [("upgrade", left, f"Upgrade {', '.join(left)} of instance {{0}} to {{1}}")] if left else []
    return [*rest, ("commit", (), "Commit the upgrade of instance {0} to {1}")]


def _check_version(current: Mapping[str, Any], strategy: str, version: str) -> None:
    candidates = current["candidate_hotfixes" if strategy == HOTFIX else "candidate_versions"]
    if version not in candidates:
        known = ", ".join(candidates) or "nothing"
        raise InputError(
            "version", f"{current['version']} cannot be upgraded to {version} with {strategy}, only to {known}"
        )


def _check_allowed(item: Item, strategy: str, action: str) -> None:
    """If the platform does not show what it allows, the attempt shows it."""
    for offer in (item.current or {})["strategies"]:
        if offer["name"] != strategy:
            continue
        flags = [step["enabled"] for step in offer["steps"] if step["name"] == action] or [offer["enabled"]]
        if flags[0] is False:
            raise TpopsError(
                f"The platform does not allow {action} with {strategy} for instance {item.label} now",
                hint="Check the status of the instance and its nodes, and the result of gaussdb_upgrade_info.",
            )
