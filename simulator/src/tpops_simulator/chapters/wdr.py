# SPDX-License-Identifier: GPL-3.0-or-later
"""4.5.7 to 4.5.12 workload diagnosis reports."""

from __future__ import annotations

from typing import Any

from ..model.dr import is_standby
from ..model.entities import Instance
from ..model.errors import ApiError
from ..model.instances import READABLE, instance_in
from ..model.request import Reply, Request
from ..model.site import Site
from ..model.times import from_iso, period
from ..model.topology import members
from ..model.wdr import FAILED, SUCCESS, Collection, is_on, report, stamp, switch, wdr

CLUSTER = "cluster"


COLLECT_JOB = "CollectGaussDBV5WdrSnapshot"


def get_wdr_status(site: Site, request: Request) -> dict[str, Any]:
    """4.5.7."""
    instance = _readable(site, request)
    taken = wdr(site, instance).snapshots(site.clock.now())
    return {
        "status": "ON" if is_on(instance) else "OFF",
        "start_time": stamp(taken[0] if taken else None),
        "end_time": stamp(taken[-1] if taken else None),
    }


def set_wdr_status(site: Site, request: Request) -> dict[str, Any]:
    """4.5.8. The switch is the parameter enable_wdr_snapshot (4.3)."""
    instance = _own_master(site, request)
    switch(site, instance, request.body["status"].upper() == "ON")
    return {}


def list_wdr_snapshots(site: Site, request: Request) -> dict[str, Any]:
    """4.5.9."""
    instance = _readable(site, request)
    start, end = request.query.get("start_time"), request.query.get("end_time")
    low = from_iso(start, "start_time") if start else None
    high = from_iso(end, "end_time") if end else None
    found = [
        collection
        for collection in reversed(wdr(site, instance).collections.values())
        if (low is None or collection.period[0] >= low) and (high is None or collection.period[1] <= high)
    ]
    host = request.headers.get("host", "localhost")
    return {
        "wdr_snapshots": [_collection(collection, host) for collection in site.page(found, request)],
        "total_count": len(found),
    }


def create_wdr_snapshot(site: Site, request: Request) -> dict[str, Any]:
    """4.5.10."""
    instance = _own_master(site, request)
    if not is_on(instance):
        raise ApiError("DBS.06013004")
    wdr(site, instance).manual.append(site.clock.now())
    return {}


def collect_wdr_report(site: Site, request: Request) -> dict[str, Any]:
    """4.5.11. The task does not lock the instance. Two snapshots are required."""
    instance = _own_master(site, request)
    body = request.body
    if not is_on(instance):
        raise ApiError("DBS.06013004")
    components = _wdr_components(instance, body["wdr_type"])
    span = period(from_iso(body["start_time"], "start_time"), from_iso(body["end_time"], "end_time"))
    state = wdr(site, instance)
    if sum(span[0] <= moment <= span[1] for moment in state.snapshots(site.clock.now())) < 2:
        raise ApiError("DBS.06013003", detail="there are fewer than two snapshots in that period")
    made: list[Collection] = []

    def done(here: Site) -> None:
        made[0].content = report(here, instance, made[0])
        made[0].status = SUCCESS

    def failed(here: Site, reason: str) -> None:
        made[0].status = FAILED

    steps = ("CollectSnapshots", "ExportReport")
    job = site.start_job(
        COLLECT_JOB, instance_id=instance.id, seconds=30, steps=steps, on_done=done, on_fail=failed, exclusive=False
    )
    made.append(Collection(job.id, body["start_time"], body["end_time"], span, components))
    state.collections[job.id] = made[0]
    return {"job_id": job.id}


def download_wdr_report(site: Site, request: Request) -> Reply:
    """4.5.12."""
    instance = _readable(site, request)
    collection = wdr(site, instance).collections.get(request.body["job_id"])
    if collection is None:
        raise ApiError("DBS.200044", detail="WDR report")
    if collection.status != SUCCESS:
        raise ApiError("DBS.06013003", detail=f"the report is {collection.status}")
    name = f"wdr_{collection.job_id}.zip"
    return Reply(collection.content, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _wdr_components(instance: Instance, wdr_type: list[str]) -> list[str]:
    """The components of a report; none for the whole instance."""
    if wdr_type == [CLUSTER]:
        return []
    known = {c.id for _unused, c in members(instance) if c.type in ("CN", "DN")}
    if CLUSTER in wdr_type or not set(wdr_type) <= known:
        raise ApiError("DBS.06013001")
    return list(dict.fromkeys(wdr_type))


def _collection(collection: Collection, host: str) -> dict[str, Any]:
    done = collection.status == SUCCESS
    return {
        "job_id": collection.job_id,
        "file_size": -(-len(collection.content) // 1024) if done else None,
        "wdr_type": "component" if collection.components else CLUSTER,
        "start_time": collection.start,
        "end_time": collection.end,
        "download_url": f"https://{host}/wdr/{collection.job_id}.zip" if done else None,
        "status": collection.status,
        "notes": ",".join(collection.components) or None,
    }


def _own_master(site: Site, request: Request) -> Instance:
    """Refuse operations that a DR instance does not support."""
    instance = _readable(site, request)
    if is_standby(site, instance.id):
        raise ApiError("DBS.06013002")
    return instance


def _readable(site: Site, request: Request) -> Instance:
    return instance_in(site, request.path["instance_id"], READABLE, code="DBS.280011")
