# SPDX-License-Identifier: GPL-3.0-or-later
"""4.11.17 and 4.11.18: upgrades in place, grey (zone by zone, with a time to observe) and by hotfix."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from ..model import dr, entities
from ..model.agents import find_missing
from ..model.backups import break_log, catch_up, start_automatic
from ..model.dr_upgrades import AT_ONCE, why_not
from ..model.entities import Instance
from ..model.errors import ApiError
from ..model.instance_tasks import run_on
from ..model.instances import find_instance
from ..model.request import Request
from ..model.site import Site
from ..model.topology import FAILED, GreyUpgrade, find_grey, restarted, zones
from ..model.upgrades import (
    HALFWAY,
    PARTIAL,
    break_all,
    end_grey,
    find_rule,
    keep_zones,
    note_version,
    restart_zones,
)
from ..model.version_faults import list_zone_versions, start_faults
from ..model.versions import hotfixes_of, is_major, upgrades_of

JOB = "UpgradeGaussDBV5Instance"
SECONDS = {"inplace": 600, "upgrade": 300, "upgradeAutoCommit": 600, "commit": 60, "rollback": 180, "hotfix": 120}
# Key in Instance.data: the versions that hotfixes replaced, oldest first.
REPLACED = "replaced_versions"
# In which statuses of the instance an action is accepted. An upgrade that is in trouble can still be rolled back.
_STATUSES = {
    ("inplace", None): {entities.ACTIVE},
    ("hotfix", None): {entities.ACTIVE},
    ("grey", None): {entities.ACTIVE, entities.UPGRADE_TO_BE_OBSERVED},
    ("grey", "rollback"): {entities.ACTIVE, entities.UPGRADE_TO_BE_OBSERVED, entities.STORAGE_FULL, FAILED},
}


def list_upgrade_versions(site: Site, request: Request) -> dict[str, Any]:
    """4.11.17."""
    instance = find_instance(site, request.path["instance_id"])
    grey, rule = find_grey(instance), find_rule(site, instance)
    every = zones(instance)
    done = grey.zones if grey else []
    left = [z for z in every if z not in done]
    # As in the sister API there is nothing to choose while an upgrade is in progress.
    candidates = [] if grey else upgrades_of(site, instance.version)
    hotfixes = [] if grey else hotfixes_of(site, instance.version)
    removable = [] if grey else _applied(instance)
    ready = instance.status == entities.ACTIVE and not grey
    start = ready and bool(candidates)
    observed = instance.status == entities.UPGRADE_TO_BE_OBSERVED
    actions = {
        "grey": {
            "commit": observed and not left,
            "rollback": bool(grey) and instance.status in _STATUSES["grey", "rollback"],
            "upgrade": start or (observed and bool(left)),
            "upgradeAutoCommit": start,
        },
        "hotfix": {"upgradeAutoCommit": ready and bool(hotfixes), "rollback": ready and bool(removable)},
        "inplace": {"upgradeAutoCommit": start},
    }
    enabled = {
        kind: {
            action: flag and action not in rule.disable and why_not(site, instance, kind, action) is None
            for action, flag in flags.items()
        }
        for kind, flags in actions.items()
    }
    return {
        "upgrade_type_list": [
            {
                "upgrade_type": kind,
                # The example of the reference has no actions for a type that has none to offer.
                "upgrade_action_list": _actions(flags) if kind != "hotfix" or any(flags.values()) else None,
                "enable": any(flags.values()),
            }
            for kind, flags in enabled.items()
        ],
        "rollback_enabled": enabled["grey"]["rollback"],
        "source_version": instance.version,
        "target_version": grey.target if grey else None,
        "roll_upgrade_progress": {
            "not_fully_upgraded_az": ",".join(left),
            "already_upgraded_az": ",".join(done),
            "az_description_map": {z: z for z in every},
        },
        "upgrade_candidate_versions": candidates,
        "hotfix_upgrade_candidate_versions": hotfixes,
        "hotfix_rollback_candidate_versions": removable,
    }


def _actions(flags: dict[str, bool]) -> list[dict[str, Any]]:
    return [{"upgrade_action": name, "enable": value} for name, value in flags.items()]


def upgrade_instance(site: Site, request: Request) -> dict[str, Any]:
    """4.11.18."""
    instance = find_instance(site, request.path["instance_id"])
    body = request.body
    kind, action, target = body["upgrade_type"], body.get("upgrade_action") or None, body["target_version"]
    works: dict[tuple[str, str | None], Callable[[Site, Instance, str, dict[str, Any]], str]] = {
        ("inplace", None): _at_once,
        ("inplace", "inplace"): _at_once,
        ("inplace", "upgradeAutoCommit"): _at_once,
        ("grey", "upgrade"): _grey_step,
        ("grey", "upgradeAutoCommit"): _at_once,
        ("grey", "commit"): _grey_commit,
        ("grey", "rollback"): _grey_rollback,
        ("hotfix", None): _hotfix,
        ("hotfix", "upgradeAutoCommit"): _hotfix,
        ("hotfix", "rollback"): _hotfix_rollback,
    }
    work = works.get((kind, action))
    if work is None:
        raise ApiError("DBS.280657", upgrade_type=kind, upgrade_action=action)
    if instance.status not in _STATUSES.get((kind, action), _STATUSES[kind, None]):
        raise ApiError("DBS.280011", detail=f"instance status {instance.status}")
    rule, effect = find_rule(site, instance), AT_ONCE if action in (None, "inplace") else action
    if effect in rule.disable | rule.refuse:
        raise ApiError("DBS.280660", detail=f"{effect} is not possible now")
    if effect in ("upgrade", AT_ONCE) and (needed := find_missing(site, instance, target)):
        raise ApiError("DBS.280660", detail=f"{target} needs the agent {needed}")
    if reason := why_not(site, instance, kind, effect, target):
        raise ApiError("DBS.280657" if effect == AT_ONCE else "DBS.280660", detail=reason)
    return {"job_id": work(site, instance, target, body)}


def _run(
    site: Site,
    instance: Instance,
    seconds: float,
    done: Callable[[], object],
    steps: tuple[str, ...],
    leave: Callable[[str, int], object],
) -> str:
    """`leave` is called when the task fails, with what it leaves by order and the number of steps that it had ended.

    As long as nothing is ordered it leaves everything as it was.
    """

    before = list_zone_versions(instance)
    catch_up(site, instance, differentials=True)

    def ended(work: Callable[[], object]) -> None:
        catch_up(site, instance, differentials=True)
        dr.resume_replay(site, instance)
        work()
        note_version(site, instance)
        start_faults(site, instance, before)

    def failed() -> None:
        job = site.jobs[job_id]
        passed = math.ceil(round(job.fraction(site.clock.now_ms()) * len(steps), 6)) - 1
        leave(find_rule(site, instance).leaves, passed)

    job_id = run_on(
        site,
        instance,
        JOB,
        entities.UPGRADING,
        lambda: ended(done),
        seconds=seconds,
        steps=steps,
        on_fail=lambda: ended(failed),
    )
    note_version(site, instance)
    dr.pause_replay(site, instance)
    return job_id


def _install(site: Site, instance: Instance, target: str) -> None:
    """A major upgrade is followed by a full backup."""
    major = is_major(instance.version, target)
    instance.version = target
    instance.data.pop(REPLACED, None)
    if major:
        start_automatic(site, instance)


def _check_target(site: Site, instance: Instance, target: str) -> None:
    if target == instance.version:
        raise ApiError("DBS.05000008", version=target)
    if target not in upgrades_of(site, instance.version):
        raise ApiError("DBS.280236", version=target)


def _at_once(site: Site, instance: Instance, target: str, body: dict[str, Any]) -> str:
    if find_grey(instance):
        raise ApiError("DBS.280660", detail="a grey upgrade waits to be committed or rolled back")
    _check_target(site, instance, target)

    def done() -> None:
        _install(site, instance, target)
        restarted(instance.nodes)

    break_log(site, instance)

    def leave(what: str, ended: int) -> None:
        if what == HALFWAY:
            break_all(instance)

    return _run(site, instance, SECONDS["inplace"], done, ("check", "upgrade", "restart", "commit"), leave)


# -- grey -------------------------------------------------------------------------------------------------------------


def _grey_step(site: Site, instance: Instance, target: str, body: dict[str, Any]) -> str:
    """Upgrade some zones; then the instance waits to be observed."""
    grey = find_grey(instance)
    if grey is None:
        _check_target(site, instance, target)
    elif target != grey.target:
        raise ApiError("DBS.280236", version=target)
    done = list(grey.zones) if grey else []
    left = [z for z in zones(instance) if z not in done]
    wanted = [z.strip() for z in (body.get("upgrade_az") or "").split(",") if z.strip()]
    if not wanted or len(set(wanted)) != len(wanted) or any(z not in left for z in wanted):
        raise ApiError("DBS.280658", detail=f"possible are {', '.join(left) or 'none'}")

    def leave(what: str, ended: int) -> None:
        completed = wanted[: max(0, ended - 1)]
        if what == PARTIAL:
            keep_zones(instance, target, done + completed)
        elif what == HALFWAY:
            last = wanted[min(len(completed), len(wanted) - 1)]
            keep_zones(instance, target, done + [z for z in completed if z != last], last)

    steps = ("check", *(f"upgrade {z}" for z in wanted), "verify")
    return _run(site, instance, SECONDS["upgrade"], lambda: keep_zones(instance, target, done + wanted), steps, leave)


def _in_progress(instance: Instance, target: str) -> GreyUpgrade:
    grey = find_grey(instance)
    if grey is None:
        raise ApiError("DBS.280660", detail="no grey upgrade is in progress")
    if target != grey.target:
        raise ApiError("DBS.280236", version=target)
    return grey


def _leave_grey(instance: Instance, grey: GreyUpgrade) -> Callable[[str, int], None]:
    """A commit or a rollback that fails leaves the zones as they were, or the last one halfway."""

    def leave(what: str, ended: int) -> None:
        if what == HALFWAY:
            keep_zones(instance, grey.target, grey.zones[:-1], grey.halfway or grey.zones[-1])

    return leave


def _grey_commit(site: Site, instance: Instance, target: str, body: dict[str, Any]) -> str:
    grey = _in_progress(instance, target)
    if left := [z for z in zones(instance) if z not in grey.zones]:
        raise ApiError("DBS.280660", detail=f"not upgraded yet: {', '.join(left)}")

    def committed() -> None:
        end_grey(instance)
        if is_major(instance.version, target):
            break_log(site, instance)
        _install(site, instance, target)

    return _run(site, instance, SECONDS["commit"], committed, ("check", "commit"), _leave_grey(instance, grey))


def _grey_rollback(site: Site, instance: Instance, target: str, body: dict[str, Any]) -> str:
    grey = _in_progress(instance, target)

    def rolled_back() -> None:
        restart_zones(instance, end_grey(instance).zones)

    steps = ("check", "roll back", "verify")
    return _run(site, instance, SECONDS["rollback"], rolled_back, steps, _leave_grey(instance, grey))


# -- hotfixes ---------------------------------------------------------------------------------------------------------


def _hotfix(site: Site, instance: Instance, target: str, body: dict[str, Any]) -> str:
    if target == instance.version:
        raise ApiError("DBS.05000008", version=target)
    if target not in hotfixes_of(site, instance.version):
        raise ApiError("DBS.280236", version=target)

    def done() -> None:
        instance.data.setdefault(REPLACED, []).append(instance.version)
        instance.version = target

    return _run(site, instance, SECONDS["hotfix"], done, ("check", "patch", "verify"), _leave_as_before)


def _leave_as_before(what: str, ended: int) -> None:
    """A hotfix is applied to all nodes or to none."""


def _applied(instance: Instance) -> list[str]:
    """The hotfixes of the instance, in the order in which they were applied."""
    replaced = instance.data.get(REPLACED)
    return [*replaced[1:], instance.version] if replaced else []


def _hotfix_rollback(site: Site, instance: Instance, target: str, body: dict[str, Any]) -> str:
    """The target is the hotfix to remove, which must be the newest."""
    if target not in _applied(instance)[-1:]:
        raise ApiError("DBS.280236", version=target)

    def done() -> None:
        instance.version = instance.data[REPLACED].pop()

    return _run(site, instance, SECONDS["hotfix"], done, ("check", "roll back", "verify"), _leave_as_before)
