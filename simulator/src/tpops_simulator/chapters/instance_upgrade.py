# SPDX-License-Identifier: GPL-3.0-or-later
"""4.11.17 and 4.11.18: upgrades in place, grey (zone by zone, with a time to observe) and by hotfix."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..model import entities
from ..model.entities import Instance
from ..model.errors import ApiError
from ..model.instance_tasks import run_on
from ..model.instances import find_instance
from ..model.request import Request
from ..model.site import Site
from ..model.topology import GREY, restarted, zones
from ..model.versions import hotfixes_of, upgrades_of

JOB = "UpgradeGaussDBV5Instance"
SECONDS = {"inplace": 600, "upgrade": 300, "upgradeAutoCommit": 600, "commit": 60, "rollback": 180, "hotfix": 120}
# Key in Instance.data: the versions that hotfixes replaced, oldest first.
REPLACED = "replaced_versions"


def list_upgrade_versions(site: Site, request: Request) -> dict[str, Any]:
    """4.11.17."""
    instance = find_instance(site, request.path["instance_id"])
    grey = instance.data.get(GREY)
    every = zones(instance)
    done = grey["zones"] if grey else []
    left = [z for z in every if z not in done]
    candidates = [grey["target"]] if grey else upgrades_of(site, instance.version)
    ready = instance.status == entities.ACTIVE and not grey
    start = ready and bool(candidates)
    hotfixes = hotfixes_of(site, instance.version) if not grey else []
    removable = _applied(instance) if not grey else []
    hotfix = ready and bool(hotfixes or removable)
    observed = instance.status == entities.UPGRADE_TO_BE_OBSERVED
    return {
        "upgrade_type_list": [
            {
                "upgrade_type": "grey",
                "upgrade_action_list": _actions(
                    commit=bool(observed and not left),
                    rollback=observed,
                    upgrade=start or bool(observed and left),
                    upgradeAutoCommit=start,
                ),
                "enable": start or observed,
            },
            {
                "upgrade_type": "hotfix",
                "upgrade_action_list": _actions(upgradeAutoCommit=bool(hotfixes), rollback=bool(removable))
                if hotfix
                else None,
                "enable": hotfix,
            },
            {
                "upgrade_type": "inplace",
                "upgrade_action_list": _actions(upgradeAutoCommit=start),
                "enable": start,
            },
        ],
        "rollback_enabled": observed,
        "source_version": instance.version,
        "target_version": grey["target"] if grey else None,
        "roll_upgrade_progress": {
            "not_fully_upgraded_az": ",".join(left),
            "already_upgraded_az": ",".join(done),
            "az_description_map": {z: z for z in every},
        },
        "upgrade_candidate_versions": candidates,
        "hotfix_upgrade_candidate_versions": hotfixes,
        "hotfix_rollback_candidate_versions": removable,
    }


def _actions(**enabled: bool) -> list[dict[str, Any]]:
    return [{"upgrade_action": name, "enable": value} for name, value in enabled.items()]


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
    allowed = {entities.ACTIVE, entities.UPGRADE_TO_BE_OBSERVED} if kind == "grey" else {entities.ACTIVE}
    if instance.status not in allowed:
        raise ApiError("DBS.280011", detail=f"instance status {instance.status}")
    return {"job_id": work(site, instance, target, body)}


def _run(site: Site, instance: Instance, seconds: float, done: Callable[[], object], steps: tuple[str, ...]) -> str:
    """A failed step leaves the instance as it was before it."""
    before = instance.status

    def failed() -> None:
        instance.status = before

    return run_on(site, instance, JOB, entities.UPGRADING, done, seconds=seconds, steps=steps, on_fail=failed)


def _check_target(site: Site, instance: Instance, target: str) -> None:
    if target == instance.version:
        raise ApiError("DBS.05000008", version=target)
    if target not in upgrades_of(site, instance.version):
        raise ApiError("DBS.280236", version=target)


def _at_once(site: Site, instance: Instance, target: str, body: dict[str, Any]) -> str:
    if instance.data.get(GREY):
        raise ApiError("DBS.280660", detail="a grey upgrade waits to be committed or rolled back")
    _check_target(site, instance, target)

    def done() -> None:
        instance.version = target
        instance.data.pop(REPLACED, None)
        restarted(instance.nodes)

    return _run(site, instance, SECONDS["inplace"], done, ("check", "upgrade", "restart", "commit"))


# -- grey -------------------------------------------------------------------------------------------------------------


def _grey_step(site: Site, instance: Instance, target: str, body: dict[str, Any]) -> str:
    """Upgrade some zones; then the instance waits to be observed."""
    grey = instance.data.get(GREY)
    if grey is None:
        _check_target(site, instance, target)
    elif target != grey["target"]:
        raise ApiError("DBS.280236", version=target)
    done = list(grey["zones"]) if grey else []
    left = [z for z in zones(instance) if z not in done]
    wanted = [z.strip() for z in (body.get("upgrade_az") or "").split(",") if z.strip()]
    if not wanted or len(set(wanted)) != len(wanted) or any(z not in left for z in wanted):
        raise ApiError("DBS.280658", detail=f"possible are {', '.join(left) or 'none'}")

    def upgraded() -> None:
        instance.data[GREY] = {"target": target, "zones": done + wanted}
        _restart(instance, wanted)

    return _run(site, instance, SECONDS["upgrade"], upgraded, ("check", *(f"upgrade {z}" for z in wanted), "verify"))


def _under_way(instance: Instance, target: str) -> dict[str, Any]:
    grey = instance.data.get(GREY)
    if grey is None or instance.status != entities.UPGRADE_TO_BE_OBSERVED:
        raise ApiError("DBS.280660", detail="no grey upgrade is in progress")
    if target != grey["target"]:
        raise ApiError("DBS.280236", version=target)
    return grey


def _grey_commit(site: Site, instance: Instance, target: str, body: dict[str, Any]) -> str:
    grey = _under_way(instance, target)
    if left := [z for z in zones(instance) if z not in grey["zones"]]:
        raise ApiError("DBS.280660", detail=f"not upgraded yet: {', '.join(left)}")

    def committed() -> None:
        instance.version = target
        instance.data.pop(GREY)
        instance.data.pop(REPLACED, None)

    return _run(site, instance, SECONDS["commit"], committed, ("check", "commit"))


def _grey_rollback(site: Site, instance: Instance, target: str, body: dict[str, Any]) -> str:
    grey = _under_way(instance, target)

    def rolled_back() -> None:
        instance.data.pop(GREY)
        _restart(instance, grey["zones"])

    return _run(site, instance, SECONDS["rollback"], rolled_back, ("check", "roll back", "verify"))


def _restart(instance: Instance, zones_changed: list[str]) -> None:
    restarted(node for node in instance.nodes if node.az in zones_changed)


# -- hotfixes ---------------------------------------------------------------------------------------------------------


def _hotfix(site: Site, instance: Instance, target: str, body: dict[str, Any]) -> str:
    if target == instance.version:
        raise ApiError("DBS.05000008", version=target)
    if target not in hotfixes_of(site, instance.version):
        raise ApiError("DBS.280236", version=target)

    def done() -> None:
        instance.data.setdefault(REPLACED, []).append(instance.version)
        instance.version = target

    return _run(site, instance, SECONDS["hotfix"], done, ("check", "patch", "verify"))


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

    return _run(site, instance, SECONDS["hotfix"], done, ("check", "roll back", "verify"))
