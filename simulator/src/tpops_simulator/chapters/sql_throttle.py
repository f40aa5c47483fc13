# SPDX-License-Identifier: GPL-3.0-or-later
"""4.7 SQL throttling."""

from __future__ import annotations

from typing import Any

from ..model.errors import ApiError
from ..model.instances import READABLE, WRITABLE, find_instance, instance_in
from ..model.request import Request
from ..model.site import Site
from ..model.throttles import ACTIVE_SESSIONS, NODE_DOWN, RUNNING, SQL_ID, SQL_TYPE, Throttle, check, throttles
from ..model.times import from_iso
from ..model.topology import is_up
from ..model.workload import holds_data, node_of, serves, statements

# The table of 4.7.3 misspells the kind.
MISSPELT = {"SESION_ACTIVE_MAX_COUNT": ACTIVE_SESSIONS}
PARTS = ("limit_type_value", "task_name", "sql_model")


def create_sql_throttle(site: Site, request: Request) -> dict[str, Any]:
    """4.7.1. Names are unique within an instance."""
    instance = instance_in(site, request.path["instance_id"], WRITABLE, code="DBS.280011")
    body = request.body
    begin, end = check(site, instance, body)
    tasks = throttles(site).tasks
    if any(t.instance_id == instance.id and t.name == body["task_name"] for t in tasks.values()):
        raise ApiError("DBS.200001", detail=f"task_name {body['task_name']} exists already")
    task = Throttle(
        id=site.ids.uuid(),
        instance_id=instance.id,
        rule=f"dsr{site.ids.hex(16)}",
        settings=dict(body),
        creator=request.user,
        created=site.clock.now(),
        begin=begin,
        end=end,
    )
    tasks[task.id] = task
    return _as_reply(site, task)


def delete_sql_throttle(site: Site, request: Request) -> None:
    """4.7.2. A task that was deleted before is a server error, an unknown one is not found, as in the sister API."""
    instance = find_instance(site, request.path["instance_id"])
    known = throttles(site)
    task_id = request.path["task_id"]
    task = known.tasks.get(task_id)
    if task is None or task.instance_id != instance.id:
        if task_id in known.deleted:
            raise ApiError("DBS.280005")
        raise ApiError("DBS.06010013", status=400, message="The SQL throttling task does not exist.")
    del known.tasks[task_id]
    known.deleted.add(task_id)


def list_sql_throttles(site: Site, request: Request) -> dict[str, Any]:
    """4.7.3. Deleted tasks are not listed; the newest comes first."""
    instance = find_instance(site, request.path["instance_id"])
    query = request.query
    kind = MISSPELT.get(query.get("limit_type", ""), query.get("limit_type"))
    low, high = (from_iso(query[n], n) if query.get(n) else None for n in ("start_time", "end_time"))
    found = [
        task
        for task in reversed(throttles(site).tasks.values())
        if task.instance_id == instance.id
        and query.get("task_scope") in (None, task.settings["task_scope"])
        and kind in (None, task.settings["limit_type"])
        and query.get("rule_name") in (None, "", task.rule)
        and all(query.get(part, "") in (task.settings.get(part) or "") for part in PARTS)
        and (low is None or (task.begin is not None and task.begin >= low))
        and (high is None or (task.end is not None and task.end <= high))
    ]
    return {
        "limit_task_list": [_as_reply(site, task) for task in site.page(found, request)],
        "limit": query["limit"],
        "offset": query["offset"],
        "total_count": len(found),
    }


def list_sql_templates(site: Site, request: Request) -> dict[str, Any]:
    """4.7.4. A node that applications do not connect to has no statements."""
    instance = instance_in(site, request.path["instance_id"], READABLE, code="DBS.280011")
    query = request.query
    node = node_of(instance, query["node_id"])
    if not holds_data(node):
        raise ApiError("DBS.200001", detail="node_id: the node has no CN or DN")
    wanted = query.get("sql_model", "").lower()
    found = [
        {"sql_id": s.sql_id, "sql_model": s.template}
        for s in (statements(site, instance) if serves(instance, node) else [])
        if wanted in s.template.lower()
    ]
    return {
        "node_limit_sql_model_list": site.page(found, request),
        "limit": query["limit"],
        "offset": query["offset"],
        "total_count": len(found),
    }


def _status(site: Site, task: Throttle) -> str:
    """A rule for one statement is inactive while all its nodes are down."""
    status = task.status(site.clock.now())
    instance = site.instances.get(task.instance_id)
    on = task.settings.get("node_infos") or []
    if status != RUNNING or task.settings["limit_type"] != SQL_ID or instance is None or not on:
        return status
    nodes = [instance.node(entry["node_id"]) for entry in on]
    return status if any(node is not None and is_up(node) for node in nodes) else NODE_DOWN


def _as_reply(site: Site, task: Throttle) -> dict[str, Any]:
    settings, now = task.settings, site.clock.now()
    kind = settings["limit_type"]
    for_sessions = kind == ACTIVE_SESSIONS
    return {
        "task_id": task.id,
        "task_scope": settings["task_scope"],
        "limit_type": kind,
        "limit_type_value": settings["limit_type_value"],
        "task_name": task.name,
        "rule_name": task.rule,
        "databases": settings.get("databases"),
        "sql_model": settings.get("sql_model") if kind == SQL_ID else None,
        "key_words": settings.get("key_words") if kind == SQL_TYPE else None,
        "status": _status(site, task),
        "instance_id": task.instance_id,
        "parallel_size": settings["parallel_size"],
        # A threshold of 0 means none and is not returned.
        "cpu_utilization": (settings.get("cpu_utilization") or None) if for_sessions else None,
        "memory_utilization": (settings.get("memory_utilization") or None) if for_sessions else None,
        "start_time": settings.get("start_time"),
        "end_time": settings.get("end_time"),
        "created": site.clock.iso(task.created),
        "updated": site.clock.iso(task.updated(now)),
        "creator": task.creator,
        "modifier": None,
        "node_infos": settings.get("node_infos", []) if kind == SQL_ID else [],
    }
