# SPDX-License-Identifier: GPL-3.0-or-later
"""4.18 disaster recovery."""

from __future__ import annotations

from typing import Any

from ..model import dr, entities
from ..model.dr import Record
from ..model.dr_work import Work, build
from ..model.entities import Instance
from ..model.errors import ApiError
from ..model.instances import find_instance, instance_in, is_distributed
from ..model.request import Request
from ..model.site import Site
from ..model.times import plain
from ..model.versions import version_key

RESTORABLE_FROM = (3, 100)
RPO_THRESHOLD, RTO_THRESHOLD = "10", "900"


def rename_dr_relation(site: Site, request: Request) -> None:
    """4.18.1. The other platform learns the name if it responds."""
    instance = find_instance(site, request.path["instance_id"])
    wanted = request.body["synchronization_id"]
    record = next((r for r in dr.get_records(site).of_instance(instance.id) if r.synchronization_id == wanted), None)
    if record is None:
        raise dr.not_found()
    name = request.body["dr_task_name"]
    if name != record.name:
        dr.check_name(site, name)
    for entry in dr.list_both(site, record):
        entry.name = name
        entry.updated = site.clock.now()


def list_dr_relations(site: Site, request: Request) -> dict[str, Any]:
    """4.18.2. The filters match the primary. If both instances are on this platform, one record stands for both."""
    dr.reconcile(site)
    instance_id, name = request.query.get("instance_id"), request.query.get("instance_name")
    found = [
        records
        for records in dr.list_relations(site)
        if (not instance_id or instance_id == records[0].master.instance_id)
        and (not name or name == _primary_name(site, records[0]))
    ]
    return {"total": len(found), "relations": [_as_reply(site, *records[:2]) for records in site.page(found, request)]}


def get_dr_monitor(site: Site, request: Request) -> dict[str, Any]:
    """4.18.3. `archive` is the healthy state of a primary, as the reference shows; the DR instance recovers."""
    instance = find_instance(site, request.path["instance_id"])
    dr.reconcile(site)
    record = next(iter(dr.get_records(site).of_instance(instance.id)), None)
    if record is None or record.disaster_type != request.query["disaster_type"]:
        raise dr.not_found()
    rpo, rto = dr.lag(record, site.clock.now())
    return {
        "instance_id": instance.id,
        "status": _monitor_status(record),
        "rpo": str(rpo),
        "rto": str(rto),
        "rpo_threshold": RPO_THRESHOLD,
        "rto_threshold": RTO_THRESHOLD,
        "switchover_progress": _progress(site, record, "switchover"),
        "failover_progress": _progress(site, record, "failover"),
    }


def construct_dr(site: Site, request: Request) -> dict[str, Any]:
    """4.18.4. The task checks whether the other instance fits, hence the record's `precheck_failed_reason`."""
    body = request.body
    instance = instance_in(site, request.path["instance_id"])
    if (live := dr.get_records(site).live(instance.id)) is not None:
        if live.role == dr.DISASTER:
            raise ApiError("DBS.06013002")
        raise ApiError("DBS.216009", detail=f"the instance is in the relation {live.name}")
    name = body.get("dr_task_name") or dr.find_free_name(site)
    dr.check_name(site, name)
    job = build(
        site,
        instance,
        name=name,
        disaster_type=body["disaster_type"],
        address=body["dr_ip"],
        user=body["dr_user_name"],
        password=body["dr_user_password"],
    )
    return {"job_id": job.id}


def failover_dr(site: Site, request: Request) -> dict[str, Any]:
    """4.18.5. Needs nothing from the primary: its platform may be down."""
    instance, record = _relation(site, request, allowed=dr.FOLLOWING)
    if record.role != dr.DISASTER:
        raise ApiError("DBS.216009", detail="only the DR instance can be promoted")
    restore = bool(request.body.get("is_support_restore", False))
    if restore and version_key(instance.version) < RESTORABLE_FROM:
        raise ApiError("DBS.200856", detail="is_support_restore")
    record.support_restore = restore

    def done(here: Site) -> None:
        promoted = here.instances.get(record.instance_id)
        if promoted:
            dr.part(promoted)
        for entry in dr.list_both(here, record):
            entry.status, entry.support_restore = dr.FAILOVER, restore

    work = Work(
        "failover", "GaussDBV5FailoverDisasterRecovery", 120, ("StopReplay", "PromoteStandby", "OpenService"), done
    )
    return {"job_id": work.start(site, record).id}


def release_dr(site: Site, request: Request) -> dict[str, Any]:
    """4.18.6. Works without the other platform, which notices once it is back."""
    _instance, record = _relation(site, request, allowed={dr.NORMAL, dr.FAILED, dr.FAILOVER})
    if record.role != dr.MASTER:
        raise ApiError("DBS.06013002")

    def done(here: Site) -> None:
        instances = dr.pair(here, record)
        if instances:
            dr.part(instances[1])
        for entry in dr.list_both(here, record):
            entry.status = dr.COMPLETED

    work = Work("release", "GaussDBV5ReleaseDisasterRecovery", 60, ("StopReplication", "CleanUp"), done)
    return {"job_id": work.start(site, record).id}


def switchover_dr(site: Site, request: Request) -> dict[str, Any]:
    """4.18.7. From either side; the roles change once both have agreed."""
    _instance, record = _relation(site, request, allowed={dr.NORMAL})
    # The DR side's own record is normal while the primary keeps its log.
    for entry in dr.list_both(site, record):
        _check_status(entry, {dr.NORMAL})
    dr.check_compatible(site, record)

    def done(here: Site) -> None:
        dr.swap_sides(here, record)

    steps = ("StopWrites", "DemotePrimary", "PromoteStandby", "StartReplication")
    work = Work("switchover", "GaussDBV5SwitchoverDisasterRecovery", 120, steps, done, needs_replication=True)
    return {"job_id": work.start(site, record).id}


def reestablish_dr(site: Site, request: Request) -> dict[str, Any]:
    """4.18.8. Sent to the promoted instance, which becomes the primary of the pair."""
    instance, record = _relation(site, request, allowed={dr.FAILOVER})
    if record.role != dr.DISASTER:
        raise ApiError("DBS.216009", detail="send the request to the platform of the promoted instance")
    if not record.support_restore:
        raise ApiError("DBS.216009", detail="the failover ran without is_support_restore")
    where = dr.other_site(site, record)
    if where is not None and dr.in_relation(where, record.master.instance_id):
        raise ApiError("DBS.216009", detail="the old primary is in another relation")
    dr.check_compatible(site, record)

    def done(here: Site) -> None:
        dr.swap_sides(here, record)
        record.support_restore = False

    steps = ("PreCheck", "DemoteOldPrimary", "BuildStandby", "StartReplication")
    work = Work("reestablish", "GaussDBV5ReestablishDisasterRecovery", 600, steps, done, needs_other=True, revive=True)
    return {"job_id": work.start(site, record).id}


def start_dr_drill(site: Site, request: Request) -> dict[str, Any]:
    """4.18.9. Either side may start it; both records show the drill."""
    _instance, record = _relation(site, request, allowed=dr.FOLLOWING)
    ratio = request.body.get("xlog_keep_ratio")
    if record.role == dr.MASTER and ratio is None:
        raise ApiError("DBS.200001", detail="xlog_keep_ratio is mandatory on the primary")
    dr.check_compatible(site, record)

    def done(here: Site) -> None:
        instances = dr.pair(here, record)
        if instances:
            dr.part(instances[1])
        for entry in dr.list_both(here, record):
            entry.status = dr.SIMULATION
            dr.keep_log(here, entry, ratio)

    steps = ("KeepLog", "StopReplay", "PromoteStandby")
    work = Work("simulation", "GaussDBV5StartDisasterRecoveryDrill", 60, steps, done, needs_other=True)
    return {"job_id": work.start(site, record).id}


def stop_dr_drill(site: Site, request: Request) -> dict[str, Any]:
    """4.18.10. Data written during the drill is lost.

    The DR instance catches up from the kept log, or is rebuilt if that has overflowed.
    """
    _instance, record = _relation(site, request, allowed={dr.SIMULATION})
    if record.role != dr.DISASTER:
        raise ApiError("DBS.216009", detail="the drill is ended on the DR instance")
    overflown = dr.is_log_overflown(site, record)

    def done(here: Site) -> None:
        instances = dr.pair(here, record)
        if instances:
            dr.follow(*instances)
        for entry in dr.list_both(here, record):
            # The primary may have kept its log independently before the drill.
            entry.status = dr.LOG_KEEP if entry.before == dr.LOG_KEEP else dr.NORMAL
            if entry.status == dr.NORMAL:
                entry.log_keep_ratio = entry.log_kept_since = None

    steps = ("DiscardDrillData", "BuildStandby" if overflown else "ReplayKeptLog", "StartReplication")
    seconds = 600 if overflown else 60
    work = Work(
        "simulation_stop",
        "GaussDBV5StopDisasterRecoveryDrill",
        seconds,
        steps,
        done,
        needs_other=True,
        keep_before=True,
    )
    return {"job_id": work.start(site, record).id}


def start_dr_log_keep(site: Site, request: Request) -> dict[str, Any]:
    """4.18.11. Only the primary's record changes: the DR instance is not involved."""
    _instance, record = _relation(site, request, allowed={dr.NORMAL})
    if record.role != dr.MASTER:
        raise ApiError("DBS.06013002")
    ratio = request.body.get("xlog_keep_ratio")

    def done(here: Site) -> None:
        record.status = dr.LOG_KEEP
        dr.keep_log(here, record, ratio)

    work = Work("log_keep", "GaussDBV5StartDisasterRecoveryLogKeep", 30, ("KeepLog",), done, alone=True)
    return {"job_id": work.start(site, record).id}


def stop_dr_log_keep(site: Site, request: Request) -> dict[str, Any]:
    """4.18.12."""
    _instance, record = _relation(site, request, allowed={dr.LOG_KEEP})
    if record.role != dr.MASTER:
        raise ApiError("DBS.06013002")

    def done(here: Site) -> None:
        record.status = dr.NORMAL
        record.log_keep_ratio = record.log_kept_since = None

    work = Work("log_keep_stop", "GaussDBV5StopDisasterRecoveryLogKeep", 30, ("SendKeptLog",), done, alone=True)
    return {"job_id": work.start(site, record).id}


def list_dr_candidates(site: Site, request: Request) -> dict[str, Any]:
    """4.18.13. This platform's instances that fit the primary, which may be on the linked platform."""
    master_id = request.body["master_instance_id"]
    peer = dr.reachable(site)
    master = site.instances.get(master_id) or (peer.instances.get(master_id) if peer else None)
    if master is None:
        raise ApiError("DBS.200002", instance_id=master_id)
    found = [
        {
            "instance_id": instance.id,
            "instance_name": instance.name,
            "instance_status": instance.status,
            "instance_type": "Enterprise" if is_distributed(instance) else "Ha",
            "engine_version": instance.version,
            "deploy_type": instance.solution,
            "consistency_protocol": instance.data.get("consistency_protocol", "quorum"),
            "disaster_role": None,
            "disaster_type": None,
            "disaster_status": None,
            "operations": [],
        }
        for instance in site.instances.values()
        if instance.id != master_id
        and instance.status == entities.ACTIVE
        and not dr.in_relation(site, instance.id)
        and dr.incompatible(master, instance) is None
    ]
    return {"total": len(found), "instance_list": found}


def delete_dr_record(site: Site, request: Request) -> dict[str, Any]:
    """4.18.14. Deletes all records of that name, on this platform only."""
    name = (request.body or {}).get("disaster_name")
    if not name:
        raise ApiError("DBS.200001", detail="disaster_name")
    dr.reconcile(site)
    records = [r for r in dr.get_records(site).by_id.values() if r.name == name]
    if not records:
        raise dr.not_found()
    if any(r.job_id for r in records):
        raise ApiError("DBS.200019")
    if live := [r for r in records if not r.over]:
        raise ApiError("DBS.216009", detail=f"the relation is {live[0].status}")

    def done(here: Site) -> None:
        for record in records:
            dr.get_records(here).by_id.pop(record.id, None)

    return {"job_id": site.start_job("GaussDBV5DeleteDisasterRecoveryRecord", seconds=10, on_done=done).id}


def _relation(site: Site, request: Request, *, allowed: Any) -> tuple[Instance, Record]:
    """The instance and its relation, refused unless the relation is in one of the states."""
    instance = find_instance(site, request.path["instance_id"])
    dr.reconcile(site)
    record = next(iter(dr.get_records(site).of_instance(instance.id)), None)
    if record is None:
        raise dr.not_found()
    if record.disaster_type != request.body["disaster_type"]:
        raise ApiError("DBS.200001", detail=f"disaster_type: the relation is {record.disaster_type}")
    _check_status(record, allowed)
    return instance, record


def _check_status(record: Record, allowed: Any) -> None:
    if record.status in dr.BUSY:
        raise ApiError("DBS.200019", detail=record.operation or record.status)
    if record.status not in allowed:
        raise ApiError("DBS.216009", detail=f"the relation is {record.status}")


def _primary_name(site: Site, record: Record) -> str | None:
    for where in (site, dr.reachable(site)):
        if where is not None and (instance := where.instances.get(record.master.instance_id)):
            return instance.name
    return record.instance_name if record.role == dr.MASTER else None


def _current_name(site: Site, record: Record) -> str:
    instance = site.instances.get(record.instance_id)
    return instance.name if instance else record.instance_name


def _as_reply(site: Site, record: Record, standby: Record | None = None) -> dict[str, Any]:
    """A record; one for both sides names the DR instance, as the example does, and has the primary's status."""
    named = standby or record
    instance = site.instances.get(named.instance_id)
    tag = "MASTER" if record.role == dr.MASTER else "SLAVE"
    actions = [] if record.over else [f"{record.disaster_type.upper()}_DISASTER_RELATION_{tag}_TAG"]
    if record.operation:
        actions.append(f"{record.operation.upper()}_DISASTER_RECOVERY")
    reply = {
        "id": record.id,
        "synchronization_id": record.synchronization_id,
        "name": record.name,
        "disaster_type": record.disaster_type,
        "disaster_role": named.role,
        "created": plain(record.created),
        "updated": plain(record.updated),
        "instance_id": named.instance_id,
        "instance_name": _current_name(site, named),
        "instance_status": instance.status if instance else None,
        "status": record.status,
        "precheck_failed_reason": record.precheck_failed_reason,
        "actions": actions,
        "master_region_instance_info": record.master.as_reply(),
    }
    if record.slave is not None:
        reply["slave_region_instance_info"] = record.slave.as_reply()
    return reply


def _monitor_status(record: Record) -> str:
    running = {
        "construct": "creating",
        "reestablish": "creating",
        "release": "stopping",
        "failover": "promote",
        "switchover": "promote" if record.role == dr.DISASTER else "stopping",
        "simulation": "promote" if record.role == dr.DISASTER else "archive",
        "simulation_stop": "data_sync" if record.role == dr.DISASTER else "archive",
    }
    if record.operation:
        return running.get(record.operation, "archive")
    if record.status in (dr.PRE_CHECK_FAILED, dr.FAILED):
        return "create_fail"
    if record.status == dr.COMPLETED:
        return "stopped"
    if record.status == dr.FAILOVER:
        return "promote" if record.role == dr.DISASTER else "stopped"
    if record.role == dr.MASTER:
        return "archive"
    if record.status == dr.SIMULATION:
        return "promote"
    return "recovering" if record.broken_since is None and record.denied_since is None else "stopped"


def _progress(site: Site, record: Record, operation: str) -> str:
    if record.operation != operation:
        return ""
    found = None if record.job_id else dr.counterpart(site, record)
    where, job_id = (found[0], found[1].job_id) if found else (site, record.job_id)
    job = where.jobs.get(job_id or "")
    return f"{job.progress(site.clock.now_ms())}%" if job else ""
