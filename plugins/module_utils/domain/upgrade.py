# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Upgrades of an instance (4.11.17, 4.11.18): the desired state, whether it is possible, and the steps to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from ..api import instance_operations as api
from ..engine.context import Context
from ..engine.item import Item, Step
from ..http.errors import InputError, TpopsError
from ..util.values import version_key

STATES = UPGRADED, OBSERVED, COMMITTED, ROLLED_BACK = ("upgraded", "observed", "committed", "rolled_back")
STRATEGIES = INPLACE, GREY, HOTFIX = ("inplace", "grey", "hotfix")
AT_ONCE = "upgradeAutoCommit"


class Stage(NamedTuple):
    """One request of an upgrade."""

    action: str
    version: str
    summary: str
    zones: Sequence[str] = ()


def build_desired(ctx: Context) -> list[dict[str, Any]]:
    """Return the one desired item, in the attributes of the instance, as far as the options alone show it."""
    versions, strategy, state, zones = (ctx.params[name] for name in ("version", "strategy", "state", "zones"))
    if strategy != HOTFIX and len(versions) > 1:
        raise InputError("version", f"only hotfixes can be several, and strategy {strategy} needs one version")
    if zones and state != OBSERVED:
        raise InputError("zones", f"can only be used with state observed, not {state}")
    if state in (OBSERVED, COMMITTED) and strategy != GREY:
        raise InputError("state", f"{state} needs strategy grey, {strategy} has no time to observe")
    if state == ROLLED_BACK and strategy == INPLACE:
        raise InputError("state", "an upgrade in place cannot be rolled back")
    if state == ROLLED_BACK:
        return [{}]
    if state == OBSERVED:
        return [{"target_version": versions[0], "upgraded_zones": zones}]
    return [{"removable_hotfixes": versions} if strategy == HOTFIX else {"version": versions[0]}]


def refine(ctx: Context, item: Item) -> Item | None:
    """Return the item with the desired state as the platform would show it. Refuse what cannot be reached."""
    if not item.current:
        return None
    current, versions, strategy = item.current, ctx.params["version"], ctx.params["strategy"]
    under_way = current["target_version"]
    if under_way and (strategy != GREY or under_way not in versions):
        raise TpopsError(
            f"A grey upgrade of instance {item.label} to {under_way} is under way; commit it or roll it back first"
        )
    find = _find_hotfixes if strategy == HOTFIX else _FINDERS[ctx.params["state"]]
    return replace(item, desired=find(ctx, item.label, current))


def _find_hotfixes(ctx: Context, label: str, current: Mapping[str, Any]) -> dict[str, Any]:
    """A platform may show the version of an applied hotfix, or the old version and the hotfix only as removable."""
    versions, removable = ctx.params["version"], current["removable_hotfixes"]
    if ctx.params["state"] == UPGRADED:
        applied = {*removable, current["version"]}
        return {"removable_hotfixes": [*removable, *(version for version in versions if version not in applied)]}
    if current["version"] in versions and current["version"] not in removable:
        raise TpopsError(
            f"Instance {label} has hotfix {current['version']}, but the platform does not list it as one to remove",
            hint="The result of gaussdb_upgrade_info has the list, removable_hotfixes.",
        )
    return {"removable_hotfixes": [hotfix for hotfix in removable if hotfix not in versions]}


def _find_upgraded(ctx: Context, label: str, current: Mapping[str, Any]) -> dict[str, Any]:
    return {"version": ctx.params["version"][0], **_find_end(current)}


def _find_observed(ctx: Context, label: str, current: Mapping[str, Any]) -> dict[str, Any]:
    (version,), zones = ctx.params["version"], ctx.params["zones"]
    if current["version"] == version:
        return {}
    every = [*current["upgraded_zones"], *current["remaining_zones"]]
    unknown = [zone for zone in zones or () if zone not in every]
    if unknown:
        raise InputError("zones", f"the instance has no zone {', '.join(unknown)}, only {', '.join(every)}")
    wanted = {*current["upgraded_zones"], *(zones or every)}
    return {
        "target_version": version,
        "upgraded_zones": [zone for zone in every if zone in wanted],
        "remaining_zones": [zone for zone in every if zone not in wanted],
    }


def _find_committed(ctx: Context, label: str, current: Mapping[str, Any]) -> dict[str, Any]:
    """A commit needs an upgrade of all zones: it never begins or continues one itself."""
    (version,), left = ctx.params["version"], current["remaining_zones"]
    if current["version"] != version and not _is_observed(current):
        problem = (
            f"{', '.join(left)} of instance {label} must be upgraded to {version} before it can be committed"
            if current["target_version"]
            else f"No upgrade of instance {label} to {version} is under way, so there is nothing to commit"
        )
        if not ctx.check_mode:
            raise TpopsError(problem, hint="Upgrade all zones with state=observed first.")
        ctx.warn(f"{problem}; the plan assumes that earlier tasks upgrade all zones")
    return _find_upgraded(ctx, label, current)


def _find_rolled_back(ctx: Context, label: str, current: Mapping[str, Any]) -> dict[str, Any]:
    if current["version"] in ctx.params["version"]:
        raise TpopsError(
            f"Instance {label} has version {current['version']}, and what is committed cannot be rolled back",
            hint="The way back is a backup from before the upgrade (gaussdb_restore).",
        )
    return _find_end(current)


def _find_end(current: Mapping[str, Any]) -> dict[str, Any]:
    """What a commit has in common with a rollback."""
    if not current["target_version"]:
        return {}
    every = [*current["upgraded_zones"], *current["remaining_zones"]]
    return {"target_version": None, "upgraded_zones": [], "remaining_zones": every}


_FINDERS = {
    UPGRADED: _find_upgraded,
    OBSERVED: _find_observed,
    COMMITTED: _find_committed,
    ROLLED_BACK: _find_rolled_back,
}


def _is_observed(current: Mapping[str, Any]) -> bool:
    """Whether all zones run the new version."""
    return bool(current["target_version"]) and not current["remaining_zones"]


def plan_steps(ctx: Context, items: Sequence[Item]) -> list[Step]:
    """Return the remaining steps, after checking that the platform allows the first one."""
    (item,), strategy, state = items, ctx.params["strategy"], ctx.params["state"]
    if not item.changes:
        return []
    stages = _plan_hotfixes(ctx, item) if strategy == HOTFIX else _plan_version(ctx, item)
    if item.current:
        if state != ROLLED_BACK and not item.current["target_version"]:
            for stage in stages:
                _check_version(item.current, strategy, stage.version)
        # Whether a commit is allowed shows when all zones are upgraded.
        if stages[0].action != "commit" or _is_observed(item.current):
            _check_allowed(ctx, item, strategy, stages[0].action)
    return [
        Step(
            api.upgrade_instance(
                ctx.parent.id, stage.version, strategy, None if strategy == INPLACE else stage.action, stage.zones
            ),
            stage.summary,
            items,
        )
        for stage in stages
    ]


def _plan_hotfixes(ctx: Context, item: Item) -> list[Stage]:
    """Hotfixes are applied in ascending order, and removed in descending order."""
    removable = (item.current or {}).get("removable_hotfixes") or []
    desired = item.desired["removable_hotfixes"]
    if ctx.params["state"] == ROLLED_BACK:
        surplus = sorted((hotfix for hotfix in removable if hotfix not in desired), key=version_key, reverse=True)
        return [Stage("rollback", hotfix, f"Remove hotfix {hotfix} from instance {item.label}") for hotfix in surplus]
    missing = sorted({hotfix for hotfix in desired if hotfix not in removable}, key=version_key)
    return [Stage(AT_ONCE, hotfix, f"Apply hotfix {hotfix} to instance {item.label}") for hotfix in missing]


def _plan_version(ctx: Context, item: Item) -> list[Stage]:
    state, strategy, (version,), current = (
        ctx.params["state"],
        ctx.params["strategy"],
        ctx.params["version"],
        item.current or {},
    )
    commit = Stage("commit", version, f"Commit the upgrade of instance {item.label} to {version}")
    if state == ROLLED_BACK:
        return [Stage("rollback", version, f"Roll back the upgrade of instance {item.label} to {version}")]
    if state == COMMITTED:
        return [commit]
    if state == OBSERVED:
        done = current.get("upgraded_zones") or ()
        return [
            _upgrade(item, version, [zone for zone in item.desired.get("upgraded_zones") or () if zone not in done])
        ]
    if not current.get("target_version"):
        return [Stage(AT_ONCE, version, f"Upgrade instance {item.label} to {version} ({strategy})")]
    left = current["remaining_zones"]
    return [*([_upgrade(item, version, left)] if left else []), commit]


def _upgrade(item: Item, version: str, zones: Sequence[str]) -> Stage:
    names = ", ".join(zones) or "all zones"
    return Stage("upgrade", version, f"Upgrade {names} of instance {item.label} to {version}", zones)


def _check_version(current: Mapping[str, Any], strategy: str, version: str) -> None:
    candidates = current["candidate_hotfixes" if strategy == HOTFIX else "candidate_versions"]
    if version not in candidates:
        known = ", ".join(candidates) or "nothing"
        raise InputError(
            "version", f"{current['version']} cannot be upgraded to {version} with {strategy}, only to {known}"
        )


def _check_allowed(ctx: Context, item: Item, strategy: str, action: str) -> None:
    """If the platform does not show what it allows, the attempt shows it.

    In check mode earlier tasks may be what it needs: the members of a relation go one after the other.
    """
    if find_flag((item.current or {})["strategies"], strategy, action) is not False:
        return
    problem = f"The platform does not allow {action} with {strategy} for instance {item.label} now"
    if ctx.check_mode and strategy == GREY:
        ctx.warn(f"{problem}; the plan assumes that earlier tasks change that")
        return
    raise TpopsError(
        problem,
        hint="Check the status of the instance and its nodes, and the result of gaussdb_upgrade_info.",
    )


def find_flag(offers: Sequence[Mapping[str, Any]], strategy: str, action: str) -> bool | None:
    """Return whether the platform allows an action now, ``None`` if it does not show that.

    An action without a flag of its own has that of its strategy.
    """
    for offer in offers:
        if offer["name"] == strategy:
            flags = [step["enabled"] for step in offer["steps"] if step["name"] == action] or [offer["enabled"]]
            return bool(flags[0]) if flags[0] is not None else None
    return None
