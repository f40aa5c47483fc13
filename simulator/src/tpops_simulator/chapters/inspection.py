# SPDX-License-Identifier: GPL-3.0-or-later
"""4.10 inspection."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from ..model.errors import ApiError
from ..model.inspections import (
    CREATE_FIELDS,
    RUNNING,
    Inspection,
    check_settings,
    check_task_name,
    create_task,
    in_order,
    plan,
    run,
    store,
)
from ..model.request import Reply, Request
from ..model.site import Site
from ..model.times import milliseconds


def list_inspections(site: Site, request: Request) -> dict[str, Any]:
    """4.10.1. Names match partially; a time takes effect only together with its other end."""
    query = request.query
    found = [
        task
        for task in store(site).tasks.values()
        if query.get("inspection_name", "") in task.name
        and _has_instance(site, task, query.get("instance_name"))
        and _between(query, "create_time", task.created)
        and _between(query, "last_execute_time", task.last)
        and _between(query, "next_execute_time", task.next)
    ]
    keys: dict[str, Callable[[Inspection], Any]] = {
        "inspection_name": lambda task: task.name,
        "create_at": lambda task: task.created,
        "last_execute_time": lambda task: task.last,
        "next_execute_time": lambda task: task.next,
    }
    found = in_order(found, keys[query["sort"]], query["order"])
    return {"total_count": len(found), "inspections": [_summary(site, task) for task in site.page(found, request)]}


def create_inspection(site: Site, request: Request) -> Reply:
    """4.10.2. Names are unique; the reply does not contain the ID."""
    body = request.body
    check_task_name(site, body["inspection_name"])
    if body["inspection_period"] in ("weekly", "monthly") and not body.get("inspection_day"):
        raise ApiError("DBS.200001", detail="inspection_day is mandatory for a weekly or monthly task")
    create_task(site, body)
    return Reply("success")


def delete_inspections(site: Site, request: Request) -> dict[str, Any]:
    """4.10.3. An unknown or running task fails separately; the rest is deleted."""
    results = []
    tasks = store(site).tasks
    for task_id in request.body["inspection_ids"]:
        task = tasks.get(task_id)
        gone = task is not None and task.status != RUNNING
        if task is not None and gone:
            if task.timer:
                task.timer.cancel()
            del tasks[task_id]
        results.append({"inspction_id": task_id, "result": "success" if gone else "failure"})
    return {"results": results}


def start_inspection(site: Site, request: Request) -> Reply:
    """4.10.4."""
    task = _task(site, request)
    if task.status == RUNNING:
        raise ApiError("DBS.200019", detail="the task is running")
    run(site, task)
    return Reply("success")


def get_inspection(site: Site, request: Request) -> dict[str, Any]:
    """4.10.5."""
    task = _task(site, request)
    return {"inspection_id": task.id, **{name: task.settings.get(name) for name in CREATE_FIELDS}}


def modify_inspection(site: Site, request: Request) -> Reply:
    """4.10.6. The schedule starts again; a task with the period `soon` runs now."""
    task = _task(site, request)
    if task.status == RUNNING:
        raise ApiError("DBS.200019", detail="the task is running")
    body = request.body
    if (name := body.get("inspection_name", task.name)) != task.name:
        check_task_name(site, name)
    settings = {**task.settings, **{key: value for key, value in body.items() if key in CREATE_FIELDS}}
    if "inspection_day" not in body and body["inspection_period"] != task.settings["inspection_period"]:
        settings.pop("inspection_day", None)
    check_settings(site, settings)
    task.settings = settings
    task.instance_names = {i: site.instances[i].name for i in settings["instance_ids"]}
    plan(site, task)
    if settings["inspection_period"] == "soon":
        run(site, task)
    return Reply("success")


def _task(site: Site, request: Request) -> Inspection:
    task = store(site).tasks.get(request.path["inspection_id"])
    if task is None:
        raise ApiError("DBS.200044", detail="inspection task")
    return task


def _has_instance(site: Site, task: Inspection, name: str | None) -> bool:
    return not name or any(name in found for found in _instance_names(site, task))


def _instance_names(site: Site, task: Inspection) -> list[str]:
    """Current names; a deleted instance keeps its last name."""
    return [
        site.instances[i].name if i in site.instances else task.instance_names.get(i, i)
        for i in task.settings["instance_ids"]
    ]


def _between(query: dict[str, Any], field: str, moment: float | None) -> bool:
    start, end = query.get(f"{field}_start"), query.get(f"{field}_end")
    if not start or not end:
        return True
    if moment is None:
        return False
    return _slashed(start, field) <= moment <= _slashed(end, field) + 1


def _slashed(text: str, field: str) -> float:
    try:
        return datetime.strptime(text, "%Y/%m/%d %H:%M:%S").replace(tzinfo=UTC).timestamp()
    except ValueError:
        raise ApiError("DBS.200001", detail=field) from None


def _summary(site: Site, task: Inspection) -> dict[str, Any]:
    items = set(task.settings["item_ids"])
    scene = next((s.name for s in store(site).scenes.values() if set(s.item_ids) == items), None)
    return {
        "id": task.id,
        "inspection_name": task.name,
        "inspection_scope": task.settings["inspection_scope"],
        "instance_names": ",".join(_instance_names(site, task)),
        "inspection_policy": task.settings["inspection_policy"],
        "scene": scene,
        "status": task.status,
        "last_execute_time": milliseconds(task.last),
        "next_execute_time": milliseconds(task.next),
        "create_at": milliseconds(task.created),
    }
