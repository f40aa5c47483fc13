# SPDX-License-Identifier: GPL-3.0-or-later
"""4.2 restores: possible restores, restoring an instance in place, and confirming it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from ..model import entities
from ..model.backups import (
    COMPLETED,
    DAY,
    backups_of,
    catch_up,
    contents_at,
    damage_job,
    find_damage,
    is_restorable,
    on_xbsa,
    picture,
    restorable_spans,
    state_of,
)
from ..model.dr import in_relation
from ..model.entities import Backup, Instance
from ..model.errors import ApiError
from ..model.instances import find_instance, instance_in, refuse_busy
from ..model.request import Request
from ..model.site import Site
from ..model.topology import FAILED, restarted, settle

RESTORE_SECONDS = 300


# -- possible restores ------------------------------------------------------------------------------------------------


def _pictured(site: Site, instance_id: str, backup_id: str | None, restore_time: str | None) -> dict[str, Any]:
    """The instance as of a backup or a moment; it may have been deleted since."""
    instance = site.instances.get(instance_id)
    if instance is not None:
        catch_up(site, instance)
    backups = [b for b in backups_of(site, instance_id) if b.status == COMPLETED]
    if instance is None and not backups:
        raise ApiError("DBS.200002", instance_id=instance_id)
    if backup_id is not None:
        fitting = [b for b in backups if b.id == backup_id]
    elif restore_time is not None:
        fitting = [b for b in backups if b.begin <= int(restore_time) / 1000 <= site.clock.now()]
    else:
        raise ApiError("DBS.200001", detail="backup_id or restore_time is required")
    if not fitting:
        raise ApiError("DBS.200751")
    backup = max(fitting, key=lambda b: b.begin)
    # A backup that an estate file declares has no shape.
    now = picture(site, instance) if instance is not None else {}
    return {**now, **backup.data}


def get_instance_snapshot(site: Site, request: Request) -> dict[str, Any]:
    """4.2.9."""
    query = request.query
    then = _pictured(site, query["instance_id"], query.get("backup_id"), query.get("restore_time"))
    return {
        "cluster_mode": then["mode"],
        "instance_mode": "enterprise",
        "data_volume_size": str(then["volume_gb"]),
        "solution": then["solution"],
        "node_num": then["nodes"],
        "coordinator_num": then["coordinators"],
        "sharding_num": then["shards"],
        "replica_num": then["replicas"],
        "engine_version": then["version"],
    }


def list_restorable_instances(site: Site, request: Request) -> dict[str, Any]:
    """4.2.10. The source is included: it can be restored in place."""
    query = request.query
    then = _pictured(site, query["source_instance_id"], query.get("backup_id"), query.get("restore_time"))
    found = []
    for instance in site.instances.values():
        if instance.status != entities.ACTIVE or instance.solution != then["solution"]:
            continue
        now = picture(site, instance)
        if now["version"] == then["version"] and now["volume_gb"] >= then["volume_gb"]:
            found.append((instance, now))
    return {
        "instances": [
            {
                "instance_name": instance.name,
                "instance_id": instance.id,
                "volume_type": now["volume_type"],
                "data_volume_size": now["volume_gb"],
                "version": now["version"],
                "mode": now["mode"],
                "instance_mode": "enterprise",
            }
            for instance, now in site.page(found, request)
        ],
        "total_count": len(found),
    }


def get_restore_time(site: Site, request: Request) -> dict[str, Any]:
    """4.2.11."""
    instance = find_instance(site, request.path["instance_id"])
    if on_xbsa(instance):
        raise ApiError("DBS.200001", detail="not for instances that back up to an XBSA medium")
    catch_up(site, instance)
    spans = restorable_spans(site, instance)
    if day := request.query.get("date"):
        try:
            first = datetime.strptime(day, "%Y-%m-%d").replace(tzinfo=UTC).timestamp()
        except ValueError:
            raise ApiError("DBS.200001", detail="date is not a date") from None
        spans = [(max(a, first), min(b, first + DAY - 1)) for a, b in spans]
    return {"restore_time": [{"start_time": int(a * 1000), "end_time": int(b * 1000)} for a, b in spans if a < b]}


# -- restore ----------------------------------------------------------------------------------------------------------


def _moment(site: Site, instance: Instance, source: dict[str, Any]) -> tuple[float, Backup | None]:
    """The moment to restore, and the backup if one was given."""
    kind = source.get("type") or ("backup" if "backup_id" in source else "timestamp")
    wanted = source.get("backup_id" if kind == "backup" else "restore_time")
    if wanted is None:
        field = "backup_id" if kind == "backup" else "restore_time"
        raise ApiError("DBS.200001", detail=f"source.{field} is required")
    if kind == "backup":
        backup = site.backups.get(wanted)
        if backup is None or backup.instance_id != instance.id or backup.status != COMPLETED:
            raise ApiError("DBS.200751", backup_id=wanted)
        return backup.begin, backup
    moment = int(wanted) / 1000
    if not is_restorable(site, instance, moment):
        raise ApiError("DBS.200001", detail="source.restore_time is outside the time that can be restored")
    return moment, None


def restore_instance(site: Site, request: Request) -> dict[str, Any]:
    """4.2.13. A failed instance may also be restored; a failed restore leaves the instance failed."""
    source, target = request.body["source"], request.body["target"]
    if source["instance_id"] != target["instance_id"]:
        raise ApiError("DBS.200001", detail="an instance can only be restored from its own backups")
    refuse_busy(site, find_instance(site, target["instance_id"]))
    instance = instance_in(site, target["instance_id"], (entities.ACTIVE, FAILED))
    if in_relation(site, instance.id):
        raise ApiError("DBS.06013002", detail="the instance is part of a disaster recovery relation")
    catch_up(site, instance)
    moment, backup = _moment(site, instance, source)
    contents = contents_at(site, instance, moment)
    damage = find_damage(backups_of(site, instance.id), moment)
    if damage == "content":
        contents = {"databases": {}, "users": {}, "roles": {}}
    instance.status = entities.RESTORING
    if backup is not None:
        backup.data["restoring"] = True

    def release() -> None:
        instance.updated = site.clock.now()
        if backup is not None:
            backup.data["restoring"] = False

    def restored(site: Site) -> None:
        instance.databases, instance.users, instance.roles = (contents[k] for k in ("databases", "users", "roles"))
        state = state_of(instance)
        state.restored_to = moment
        if state.archive_stopped is None:
            state.archive_stopped = site.clock.now()
        restarted(instance.nodes)
        settle(instance)
        release()

    def failed(site: Site, reason: str) -> None:
        instance.status = FAILED
        release()

    job = site.start_job(
        "RestoreGaussDBV5InInstance",
        instance_id=instance.id,
        seconds=RESTORE_SECONDS,
        steps=("stop", "restore data", "replay logs", "start"),
        on_done=restored,
        on_fail=failed,
    )
    if damage == "job":
        damage_job(site, job)
    return {"job_id": job.id}


def confirm_restore_data(site: Site, request: Request) -> dict[str, Any]:
    """4.2.14."""
    instance = instance_in(site, request.path["instance_id"])
    state = state_of(instance)
    if state.archive_stopped is None or state.restored_to is None:
        raise ApiError("DBS.216009", detail="no restore is waiting for confirmation")

    def confirmed(site: Site) -> None:
        state.gaps.append((state.restored_to or 0.0, site.clock.now()))
        state.restored_to = state.archive_stopped = None

    job = site.start_job(
        "ConfirmRestoreDataGaussDBV5Instance",
        instance_id=instance.id,
        seconds=30,
        steps=("delete logs", "archive"),
        on_done=confirmed,
    )
    return {"job_id": job.id}
