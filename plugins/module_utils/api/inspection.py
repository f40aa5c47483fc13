# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Inspections, their records and scenes (reference 4.10).

The platform's inspection items are called checks here, as in the modules: ``items`` is a method of every dictionary.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..util.times import readable
from ..util.values import as_list, as_number, as_words, lookup
from . import vocabulary as words
from .operation import Call, Operation
from .shape import Attr, Shape

SCOPES = ("real_time", "daily", "weekly", "monthly")
SINGLE, PERIODIC = ("soon", "later"), ("fixed", "daily", "weekly", "monthly")
PERIODS = SINGLE + PERIODIC
STATUSES = ("running", "completed", "failed")
RUNNING, FAILED = "running", "failed"
# In these statuses no run is in progress.
SETTLED = ("waiting", "completed", FAILED)


def _names(value: Any) -> list[str]:
    return as_words(value, ",")


def _points(value: Any) -> list[dict[str, Any]]:
    moments, values = (as_list(lookup(value, name)) for name in ("time", "metrics"))
    return [{"time": readable(moment), "value": as_number(figure)} for moment, figure in zip(moments, values)]


INSPECTION = Shape(
    (
        Attr("id", doc="ID of the inspection."),
        Attr("name", ("inspection_name",), doc="Name of the inspection."),
        Attr("policy", ("inspection_policy",), words=words.INSPECTION_POLICY, doc="V(single) or V(periodic)."),
        Attr(
            "scope", ("inspection_scope",), words=words.INSPECTION_SCOPE, doc="Scope under which the platform lists it."
        ),
        Attr("instances", ("instance_names",), "list", convert=_names, doc="Names of the instances."),
        Attr("scene", doc="Name of the scene that has the same checks."),
        Attr(
            "status",
            words=words.INSPECTION_STATUS,
            doc="Status of the last run, such as V(running), V(completed) or V(failed).",
        ),
        Attr("last_run", ("last_execute_time",), convert=readable, doc="Time of the last run."),
        Attr("next_run", ("next_execute_time",), convert=readable, doc="Time of the next run."),
        Attr("created_at", ("create_at",), convert=readable, doc="When the inspection was created."),
    )
)
SETTINGS = Shape(
    (
        Attr("period", ("inspection_period",), words=words.INSPECTION_PERIOD, doc="Schedule of the runs."),
        Attr("time", ("inspection_time",), doc="Time, as the platform keeps it."),
        Attr("day", ("inspection_day",), "int", doc="Day of the week or the month."),
        Attr("start_time", ("task_start_time",), doc="Start of the schedule."),
        Attr("instance_ids", kind="list", doc="IDs of the instances."),
        Attr("check_ids", ("item_ids",), "list", doc="IDs of the checks."),
    )
)
CHECK = Shape(
    (
        Attr("id", doc="ID of the check."),
        Attr("name", doc="Name of the check, in the language of O(language)."),
        Attr("description", doc="What is checked."),
    )
)
CATEGORY = Shape(
    (
        Attr("name"),
        Attr("checks", ("items",), "list", CHECK),
    )
)
RECORD = Shape(
    (
        Attr("id", ("record_id",), doc="ID of the record."),
        Attr("inspection", ("task_name",), doc="Name of the inspection."),
        Attr("instance_name", doc="Name of the instance."),
        Attr("instance_id", doc="ID of the instance."),
        Attr("policy", ("inspection_policy",), words=words.INSPECTION_POLICY, doc="V(single) or V(periodic)."),
        Attr(
            "scope", ("inspection_scope",), words=words.INSPECTION_SCOPE, doc="Scope under which the platform lists it."
        ),
        Attr("status", words=words.INSPECTION_STATUS, doc="V(running), V(completed) or V(failed)."),
        Attr("progress", kind="number", doc="Progress in percent."),
        Attr("start_time", convert=readable, doc="When the run began."),
        Attr("end_time", convert=readable, doc="When it ended."),
        Attr("total_count", kind="int", doc="Number of checks."),
        Attr("normal_count", kind="int", doc="Number of checks that passed."),
        Attr("abnormal_count", kind="int", doc="Number of checks that did not pass."),
        Attr("failed_count", kind="int", doc="Number of checks that could not be run."),
    ),
    sample={
        "id": "835059db-4b9d-4f6a-8ffb-00f78e5f4c03",
        "inspection": "nightly-health",
        "instance_name": "orders-prod",
        "instance_id": "5f2d8c1b7a9e4d3fb6c0e1a2d3f4b5c6in14",
        "policy": "periodic",
        "scope": "daily",
        "status": "completed",
        "progress": 100,
        "start_time": "2026-01-12 01:30:00 UTC",
        "end_time": "2026-01-12 01:31:00 UTC",
        "total_count": 6,
        "normal_count": 5,
        "abnormal_count": 1,
        "failed_count": 0,
    },
)
NODE_VALUES = Shape(
    (
        Attr("ip", doc="Address of the node."),
        Attr("name", doc="Name of the node."),
        Attr("max", kind="number", doc="Highest value."),
        Attr("min", kind="number", doc="Lowest value."),
        Attr("average", kind="number", doc="Average of the values."),
        Attr("p95", kind="number", doc="95th percentile of the values."),
        Attr(
            "points",
            ("data",),
            "list",
            convert=_points,
            elements="dict",
            doc="All values, each with C(time) and C(value).",
        ),
    )
)
RESULT = Shape(
    (
        Attr("check", ("item",), doc="Key of the check."),
        Attr("name", doc="Name of the check."),
        Attr("category", ("inspection_category",), doc="Category of the check."),
        Attr("description", doc="What is checked."),
        Attr(
            "status",
            words=words.CHECK_STATUS,
            doc="V(normal) if it passed, V(abnormal) if it did not, and V(fail) if it could not be run.",
        ),
        Attr("result", ("inspection_result", "inspecticon_result"), doc="Result of the check."),
        Attr("possible_causes", doc="Possible cause."),
        Attr("suggestions", doc="What to do about it."),
        Attr(
            "indicators",
            (),
            "list",
            Shape(
                (
                    Attr("name", doc="Name of the figure."),
                    Attr("unit", doc="Unit of the values."),
                    Attr("nodes", ("metrics",), "list", NODE_VALUES, doc="The values of each node."),
                )
            ),
            doc="The underlying figures.",
        ),
    )
)
_COUNTS = (
    Attr("total", kind="int", doc="Number of checks."),
    Attr("normal", kind="int", doc="Number of checks that passed."),
    Attr("abnormal", kind="int", doc="Number of checks that did not pass."),
    Attr("failed", ("fail",), "int", doc="Number of checks that could not be run."),
)


def _filled(counts: dict[str, Any]) -> dict[str, Any]:
    """The example of 4.10.7 lacks a count."""
    return {name: 0 if value is None and name != "name" else value for name, value in counts.items()}


STATISTIC = Shape(
    (
        Attr(
            "all",
            ("global_statistics",),
            "dict",
            Shape(_COUNTS, _filled),
            doc="All checks.",
        ),
        Attr(
            "categories",
            ("category_statistics",),
            "list",
            Shape((Attr("name", doc="Name of the category."), *_COUNTS), _filled),
            doc="The checks of each category.",
        ),
    )
)
SCENE = Shape(
    (
        Attr("id", ("scene_id",), doc="ID of the scene."),
        Attr("name", doc="Name of the scene."),
        Attr("is_default", kind="bool", doc="Whether it is a built-in scene, which cannot be changed."),
        Attr("check_ids", ("item_ids",), "list", doc="IDs of the checks."),
    )
)
DELETED = Shape((Attr("id", ("record_id", "inspction_id", "inspection_id")), Attr("result", words=words.DELETION)))

_PATH = "/gaussdb/v3/inspections"
LIST_INSPECTIONS = Operation(
    "list_inspections", "GET", _PATH, "4.10.1", read=True, items=("inspections",), page_size=100, shape=INSPECTION
)
CREATE_INSPECTION = Operation("create_inspection", "POST", _PATH, "4.10.2")
DELETE_INSPECTIONS = Operation("delete_inspections", "POST", _PATH + "/batch-delete", "4.10.3")
START_INSPECTION = Operation("start_inspection", "POST", _PATH + "/{inspection_id}/start", "4.10.4")
GET_INSPECTION = Operation("get_inspection", "GET", _PATH + "/{inspection_id}", "4.10.5", read=True, shape=SETTINGS)
MODIFY_INSPECTION = Operation("modify_inspection", "PUT", _PATH + "/{inspection_id}", "4.10.6")
GET_INSPECTION_STATISTIC = Operation(
    "get_inspection_statistic", "GET", _PATH + "/records/{record_id}/statistic", "4.10.7", read=True, shape=STATISTIC
)
GET_INSPECTION_RECORD = Operation(
    "get_inspection_record",
    "GET",
    _PATH + "/records/{record_id}",
    "4.10.8",
    read=True,
    items=("inspection_results",),
    shape=RESULT,
)
LIST_INSPECTION_ITEMS = Operation(
    "list_inspection_items", "GET", _PATH + "/items", "4.10.9", read=True, items=("inspections",), shape=CATEGORY
)
LIST_INSPECTION_RECORDS = Operation(
    "list_inspection_records",
    "POST",
    _PATH + "/records",
    "4.10.10",
    read=True,
    items=("records",),
    page_size=100,
    page_in_body=True,
    shape=RECORD,
)
DELETE_INSPECTION_RECORDS = Operation("delete_inspection_records", "POST", _PATH + "/records/batch-delete", "4.10.11")
LIST_INSPECTION_SCENES = Operation(
    "list_inspection_scenes", "GET", _PATH + "/scenes", "4.10.12", read=True, items=("scenes",), shape=SCENE
)
CREATE_INSPECTION_SCENE = Operation("create_inspection_scene", "POST", _PATH + "/scenes", "4.10.13")
DELETE_INSPECTION_SCENES = Operation("delete_inspection_scenes", "DELETE", _PATH + "/scenes", "4.10.14")
MODIFY_INSPECTION_SCENE = Operation("modify_inspection_scene", "PUT", _PATH + "/scenes", "4.10.15")


def list_inspections(**filters: str | None) -> Call:
    """List inspection tasks (4.10.1).

    Filters: ``inspection_name`` and ``instance_name`` (the platform may match a part), ``sort``, ``order``, and pairs
    of times such as ``2024/01/11 15:47:53``: ``create_time_start`` with ``create_time_end``, the same with
    ``last_execute_time`` and ``next_execute_time``; one of a pair alone has no effect.
    """
    return LIST_INSPECTIONS.call(query=filters)


def create_inspection(settings: Mapping[str, Any]) -> Call:
    """Create an inspection task (4.10.2). The reply does not contain its ID.

    Keys: ``name``, ``instance_ids`` (1 to 200), ``scope``, ``period``, ``time``, ``day``, ``start_time``, ``check_ids``
    (1 to 100).
    """
    return CREATE_INSPECTION.call(body=_settings(settings))


def modify_inspection(inspection_id: str | None, settings: Mapping[str, Any]) -> Call:
    """Change an inspection task (4.10.6), with all of its settings. One with the period ``soon`` runs again."""
    return MODIFY_INSPECTION.call({"inspection_id": inspection_id}, body=_settings(settings))


def _settings(settings: Mapping[str, Any]) -> dict[str, Any]:
    day = settings.get("day")
    return {
        "inspection_name": settings.get("name"),
        "instance_ids": settings.get("instance_ids"),
        "inspection_scope": settings.get("scope"),
        "inspection_policy": "single" if settings.get("period") in SINGLE else "periodic",
        "inspection_period": settings.get("period"),
        "inspection_time": settings.get("time"),
        "inspection_day": None if day is None else str(day),
        "item_ids": settings.get("check_ids"),
        "task_start_time": settings.get("start_time"),
    }


def delete_inspections(ids: Sequence[str]) -> Call:
    """Delete inspection tasks (4.10.3). The reply has ``results``: the ID (``inspction_id``) and ``success`` or
    ``failure`` of each."""
    return DELETE_INSPECTIONS.call(body={"inspection_ids": list(ids)})


def start_inspection(inspection_id: str | None) -> Call:
    """Run an inspection task now (4.10.4); each of its instances gets a record."""
    return START_INSPECTION.call({"inspection_id": inspection_id})


def get_inspection(inspection_id: str) -> Call:
    """Query the settings of an inspection task (4.10.5)."""
    return GET_INSPECTION.call({"inspection_id": inspection_id})


def get_inspection_statistic(record_id: str) -> Call:
    """Count the results of a record, in total and by category (4.10.7)."""
    return GET_INSPECTION_STATISTIC.call({"record_id": record_id})


def get_inspection_record(record_id: str) -> Call:
    """List the result of each check of a record (4.10.8)."""
    return GET_INSPECTION_RECORD.call({"record_id": record_id})


def list_inspection_items() -> Call:
    """List all checks by category (4.10.9), in the language of the request."""
    return LIST_INSPECTION_ITEMS.call()


def list_inspection_records(
    task_name: str | None = None,
    instance_names: Sequence[str] | None = None,
    status: str | None = None,
    start_ms: int | None = None,
    end_ms: int | None = None,
    sort: str | None = None,
    order: str | None = None,
) -> Call:
    """List inspection records (4.10.10), one for each run and instance.

    The platform may match ``task_name`` as a substring. The times limit the start of the run. ``sort`` is
    ``instance_name``, ``status``, ``task_name``, ``start_time`` (the default) or ``end_time``; ``order`` is ``desc`` by
    default.
    """
    span = {name: str(value) for name, value in (("start_time", start_ms), ("end_time", end_ms)) if value is not None}
    return LIST_INSPECTION_RECORDS.call(
        body={
            "task_name": task_name,
            "instance_name": list(instance_names) if instance_names else None,
            "status": status,
            "inspection_start_time_range": [span] if span else None,
            "sort": sort,
            "order": order,
        }
    )


def delete_inspection_records(ids: Sequence[str]) -> Call:
    """Delete inspection records (4.10.11). The reply has ``records``, with ``record_id`` and ``success`` or ``failure``
    of each."""
    return DELETE_INSPECTION_RECORDS.call(body=list(ids))


def undeleted_of(key: str, reply: Any) -> set[str]:
    """Return the IDs whose deletion failed, from the list under ``key``."""
    entries = [DELETED.read(entry) for entry in as_list(lookup(reply, key))]
    return {entry["id"] for entry in entries if entry["id"] and entry["result"] == "failure"}


def list_inspection_scenes() -> Call:
    """List inspection scenes (4.10.12)."""
    return LIST_INSPECTION_SCENES.call()


def create_inspection_scene(name: str, check_ids: Sequence[str | None]) -> Call:
    """Create an inspection scene of 1 to 100 checks (4.10.13)."""
    return CREATE_INSPECTION_SCENE.call(body={"name": name, "item_ids": list(check_ids)})


def delete_inspection_scenes(names: Sequence[str]) -> Call:
    """Delete inspection scenes by their names (4.10.14)."""
    return DELETE_INSPECTION_SCENES.call(body={"names": list(names)})


def modify_inspection_scene(name: str, new_name: str, check_ids: Sequence[str | None]) -> Call:
    """Change the name and the checks of an inspection scene (4.10.15)."""
    return MODIFY_INSPECTION_SCENE.call(body={"name": name, "modify_name": new_name, "item_ids": list(check_ids)})
