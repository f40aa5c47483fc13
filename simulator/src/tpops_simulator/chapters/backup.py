# SPDX-License-Identifier: GPL-3.0-or-later
"""4.2 backups: create, stop, list and delete them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..model import entities
from ..model.backups import (
    BUILDING,
    COMPLETED,
    DAY,
    DIFFERENTIAL,
    FAILED,
    MANUAL,
    backups_of,
    catch_up,
    contents_of,
    end_backup,
    expected_mb,
    file_name,
    is_between_versions,
    is_full,
    new_backup,
    on_xbsa,
)
from ..model.entities import Backup, Instance
from ..model.errors import ApiError
from ..model.instances import find_instance, instance_in
from ..model.request import Request
from ..model.site import Site
from ..model.times import from_iso, period
from ..model.topology import settle
from ..model.versions import version_key

SECONDS = {"completed": 120, "differential": 60, "log": 30}
# From this version on, backups on an XBSA medium are created as log backups, and are listed.
XBSA_TYPES = ("Snapshot_Xbsa", "Log_Xbsa")
XBSA_TYPES_FROM = (3, 301)
SYNCHRONISED = "OffSite_Snapshot_Xbsa"
MAX_SYNC_DAYS = 100


# -- create and stop --------------------------------------------------------------------------------------------------


def _kind(instance: Instance, backup_type: str) -> str:
    if backup_type == "differential":
        return DIFFERENTIAL
    if not on_xbsa(instance):
        return MANUAL
    return "Snapshot_Xbsa" if backup_type == "completed" else "Log_Xbsa"


def _check_log_backup(instance: Instance, body: dict[str, Any]) -> None:
    log = body.get("backup_type") == "log"
    if (log or "depend_backupIds" in body) and not on_xbsa(instance):
        raise ApiError("DBS.200001", detail="log backups and depend_backupIds are for XBSA instances only")
    if log and _knows_no_xbsa_types(instance):
        raise ApiError("DBS.200001", detail="backup_type: log backups need version 3.301")


def _knows_no_xbsa_types(instance: Instance) -> bool:
    return version_key(instance.version)[:2] < XBSA_TYPES_FROM


def create_backup(site: Site, request: Request) -> dict[str, Any]:
    """4.2.7."""
    body = request.body
    instance = instance_in(site, body["instance_id"], (entities.ACTIVE, entities.UPGRADE_TO_BE_OBSERVED))
    if is_between_versions(instance):
        raise ApiError("DBS.216009", detail="only some zones are upgraded")
    backup_type = body.get("backup_type", "completed")
    _check_log_backup(instance, body)
    catch_up(site, instance)
    existing = {b.id: b for b in backups_of(site, instance.id) if b.status == COMPLETED}
    for needed in body.get("depend_backupIds", ()):
        if needed not in existing:
            raise ApiError("DBS.200751", backup_id=needed)
    if backup_type == "differential" and not any(is_full(b) for b in existing.values()) and not on_xbsa(instance):
        raise ApiError("DBS.200751", detail="a differential backup needs a full one")
    contents = contents_of(instance)
    backup = new_backup(
        site,
        instance,
        body["name"],
        _kind(instance, backup_type),
        description=body.get("description", ""),
        databases=contents["databases"],
        users=contents["users"],
        data={"roles": contents["roles"], "expected_mb": expected_mb(instance, backup_type)},
    )
    instance.status = entities.BACKING_UP

    def finish(site: Site, status: str) -> None:
        end_backup(site, backup, status)
        if instance.status == entities.BACKING_UP:
            settle(instance)

    job = site.start_job(
        "BackupSnapshotGaussDBV5InInstance",
        instance_id=instance.id,
        seconds=SECONDS[backup_type],
        steps=("prepare", "back up", "verify"),
        on_done=lambda site: finish(site, COMPLETED),
        on_fail=lambda site, reason: finish(site, FAILED),
    )
    backup.data["job_id"] = job.id
    return {
        "backup": {
            "id": backup.id,
            "name": backup.name,
            "description": backup.description,
            "begin_time": site.clock.iso(backup.begin),
            "status": BUILDING,
            "type": MANUAL,
            "instance_id": instance.id,
        },
        "job_id": job.id,
    }


def stop_backup(site: Site, request: Request) -> dict[str, Any]:
    """4.2.2. A backup that ends on its own before it is stopped keeps its result."""
    instance = find_instance(site, request.path["instance_id"])
    catch_up(site, instance, differentials=True)
    running = [b for b in backups_of(site, instance.id) if b.status == BUILDING]
    if not running:
        raise ApiError("DBS.216009", detail="no backup is in progress")

    def stop(site: Site) -> None:
        for backup in running:
            if job_id := backup.data.get("job_id"):
                site.fail_job(job_id, "The backup was stopped.")
            end_backup(site, backup, FAILED)

    # The job of the backup itself holds the instance.
    job = site.start_job(
        "StopBackupGaussDBV5Instance",
        instance_id=instance.id,
        seconds=5,
        steps=("stop",),
        on_done=stop,
        exclusive=False,
    )
    return {"job_id": job.id}


# -- list -------------------------------------------------------------------------------------------------------------


def _span(request: Request, default: tuple[float, float] | None) -> tuple[float, float] | None:
    """Start and end from the query; without a default both are required."""
    begin, end = request.query.get("begin_time"), request.query.get("end_time")
    if default is None:
        if begin is None and end is None:
            return None
        if begin is None or end is None:
            raise ApiError("DBS.200001", detail="begin_time and end_time belong together")
        return period(from_iso(begin, "begin_time"), from_iso(end, "end_time"))
    return period(
        from_iso(begin, "begin_time") if begin else default[0], from_iso(end, "end_time") if end else default[1]
    )


def _within(backup: Backup, span: tuple[float, float] | None) -> bool:
    return span is None or span[0] <= backup.begin <= span[1]


def list_backups(site: Site, request: Request) -> dict[str, Any]:
    """4.2.15. Backups outlive their instance, so an unknown instance has an empty list."""
    query = request.query
    span = _span(request, None)
    wanted_type, instance_id = query.get("backup_type"), query.get("instance_id")
    only = site.instances.get(instance_id)
    if only is not None and wanted_type in XBSA_TYPES and _knows_no_xbsa_types(only):
        raise ApiError("DBS.200001", detail=f"backup_type: {wanted_type} needs version 3.301")
    for instance in [only] if instance_id else list(site.instances.values()):
        if instance is not None:
            catch_up(site, instance)
    found = [
        b
        for b in site.backups.values()
        if (is_full(b) or "_database_table" in b.type if wanted_type is None else b.type == wanted_type)
        and (instance_id is None or b.instance_id == instance_id)
        and query.get("backup_id") in (None, b.id)
        and _within(b, span)
    ]
    found.sort(key=lambda b: b.begin, reverse=True)
    return {"backups": [_describe(site, b) for b in site.page(found, request)], "total_count": len(found)}


def _describe(site: Site, backup: Backup) -> dict[str, Any]:
    instance = site.instances.get(backup.instance_id)
    version = backup.data.get("version") or (instance.version if instance else "")
    return {
        **_outline(site, backup),
        "description": backup.description,
        "type": backup.type,
        "detail_message": str(backup.data.get("detail", "")),
        "datastore": {"type": "GaussDB", "version": version},
        "instance_id": backup.instance_id,
        "file_name": file_name(site, backup),
    }


def _outline(site: Site, backup: Backup) -> dict[str, Any]:
    return {
        "id": backup.id,
        "name": backup.name,
        "begin_time": site.clock.iso(backup.begin),
        "end_time": None if backup.end is None else site.clock.iso(backup.end),
        "status": backup.status,
        "size": backup.size_mb,
    }


def list_differential_backups(site: Site, request: Request) -> dict[str, Any]:
    """4.2.12."""
    instance_id = request.path["instance_id"]
    now = site.clock.now()
    span = _span(request, (now - DAY, now))
    instance = site.instances.get(instance_id)
    if instance is not None:
        catch_up(site, instance, differentials=True)
    kept = backups_of(site, instance_id)
    if instance is None and not kept:
        raise ApiError("DBS.200002", instance_id=instance_id)
    found = [b for b in kept if b.type == DIFFERENTIAL and _within(b, span)]
    found.sort(key=lambda b: b.begin, reverse=True)
    return {
        "differential_backups": [_outline(site, b) for b in site.page(found, request)],
        "total_count": len(found),
    }


# -- delete -----------------------------------------------------------------------------------------------------------


def delete_backup(site: Site, request: Request) -> None:
    """4.2.8."""
    backup = site.backups.get(request.path["backup_id"])
    if backup is None:
        raise ApiError("DBS.200751")
    by_hand = backup.type == MANUAL or (backup.type == DIFFERENTIAL and not backup.data.get("automatic"))
    if not by_hand and backup.type != "manual_database_table":
        raise ApiError("DBS.201218", detail=f"backup type {backup.type}")
    _refuse_in_use(backup)
    del site.backups[backup.id]


def _refuse_in_use(backup: Backup) -> None:
    if backup.status == BUILDING or backup.data.get("restoring"):
        raise ApiError("DBS.200019")


def delete_backup_data(site: Site, request: Request) -> dict[str, Any]:
    """4.2.18."""
    instance_id = request.body["instance_id"]
    known = {b.id: b for b in backups_of(site, instance_id)}
    if instance_id not in site.instances and not known:
        raise ApiError("DBS.200002", instance_id=instance_id)
    wanted = request.body.get("backup_ids")
    if wanted is None:
        wanted = [b.id for b in known.values() if b.type == SYNCHRONISED]
    return {"delete_results": list(_delete_each(site, request, known, wanted))}


def _delete_each(site: Site, request: Request, known: dict[str, Backup], wanted: list[str]) -> Iterator[dict[str, str]]:
    for backup_id in wanted:
        code, text = "0", "Success"
        try:
            if backup_id not in known:
                raise ApiError("DBS.200751")
            _refuse_in_use(known[backup_id])
            site.backups.pop(backup_id, None)
        except ApiError as exc:
            code, text = exc.code, exc.text(request.language)
        yield {"backup_id": backup_id, "error_code": code, "error_msg": text}


# -- metadata from the medium -----------------------------------------------------------------------------------------


def _epoch(text: str) -> float:
    return int(text) / 1000 if len(text) > 11 else float(text)


def sync_backup_metadata(site: Site, request: Request) -> dict[str, Any]:
    """4.2.17. The content of the medium is unknown: each run finds one full backup, from the first day of the span."""
    body = request.body
    agent = instance_in(site, body["prepared_instance_id"])
    if not on_xbsa(agent):
        raise ApiError("DBS.200001", detail="prepared_instance_id is not an XBSA instance")
    begin, end = period(_epoch(body["start_time"]), _epoch(body["end_time"]))
    if end - begin > MAX_SYNC_DAYS * DAY:
        raise ApiError("DBS.200001", detail=f"more than {MAX_SYNC_DAYS} days")
    source_id = body["source_instance_id"]

    def bring_in(site: Site) -> None:
        day = begin // DAY * DAY
        if any(b.begin == day and b.type == SYNCHRONISED for b in backups_of(site, source_id)):
            return
        source = site.instances.get(source_id, agent)
        backup = new_backup(site, source, f"offsite-{site.clock.iso(day)[:10]}", SYNCHRONISED, begin=day)
        backup.instance_id = source_id
        backup.data["expected_mb"] = expected_mb(source, "completed")
        end_backup(site, backup, COMPLETED, day + SECONDS["completed"])

    job = site.start_job(
        "SyncBackupMetadataGaussDBV5Instance",
        instance_id=agent.id,
        seconds=60,
        steps=("read", "register"),
        on_done=bring_in,
        exclusive=False,
    )
    return {"job_id": job.id}
