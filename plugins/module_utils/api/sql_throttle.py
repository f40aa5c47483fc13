# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""SQL throttling tasks and the statements they can apply to (reference 4.7)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..util.values import as_list, as_words, lookup
from . import vocabulary as words
from .operation import Call, Operation
from .shape import Attr, Shape

# Type of a task as an option, its scope and its type in a request.
TYPES = {
    "sql_id": ("SQL", "SQL_ID"),
    "sql_type": ("SQL", "SQL_TYPE"),
    "sessions": ("SESSION", "SESSION_ACTIVE_MAX_COUNT"),
}


def _split(value: Any) -> list[str]:
    return as_words(value, ",")


def _node_ids(value: Any) -> list[str]:
    return as_words([lookup(entry, "node_id") for entry in as_list(value)])


THROTTLE = Shape(
    (
        Attr("id", ("task_id",), doc="ID of the task."),
        Attr("name", ("task_name",), doc="Name of the task."),
        Attr(
            "status",
            words=words.THROTTLE_STATUS,
            doc=(
                "V(CREATING), V(WAIT_EXECUTE) before it begins, V(EXECUTING), V(TIME_OVER) after it has ended, "
                "V(NODE_SHUT_DOWN), or an error."
            ),
        ),
        Attr("type", ("limit_type",), words=words.THROTTLE_TYPE, doc="Type, as in O(type)."),
        Attr("scope", ("task_scope",), words=words.THROTTLE_SCOPE, doc="V(SQL) or V(SESSION)."),
        Attr("value", ("limit_type_value",), doc="What is limited, as the platform calls it."),
        Attr("parallel_size", ("parallel_size", "paralle_size"), "int", doc="Maximum number of concurrent executions."),
        Attr("sql_model", doc="Text of the statement."),
        Attr("node_ids", ("node_infos",), "list", convert=_node_ids, doc="IDs of the nodes."),
        Attr("keywords", ("key_words",), "list", convert=_split, doc="Keywords in the statements."),
        Attr("databases", kind="list", convert=_split, doc="Names of the databases."),
        Attr("cpu_utilization", kind="int", doc="CPU threshold in percent."),
        Attr("memory_utilization", kind="int", doc="Memory threshold in percent."),
        Attr("start_time", doc="When it begins, as the platform writes it."),
        Attr("end_time", doc="When it ends, as the platform writes it."),
        Attr("rule_name", doc="Name of the rule in the kernel."),
        Attr("created_at", ("created",), doc="When it was created, as the platform writes it."),
        Attr("updated_at", ("updated",), doc="When it was last changed."),
        Attr("creator", doc="Who created it."),
        Attr("modifier", doc="Who last changed it."),
    ),
    # See :func:`described`.
    added=(Attr("sql_id", doc="ID of the statement."), Attr("sql_type", doc="Type of the statements.")),
)
TEMPLATE = Shape(
    (
        Attr("sql_id", doc="ID of the statement."),
        Attr("sql_model", doc="Its text with question marks instead of values."),
    )
)

_BASE = "/gaussdb/v3/instances/{instance_id}"

CREATE_SQL_THROTTLE = Operation("create_sql_throttle", "POST", _BASE + "/limit-task", "4.7.1")
DELETE_SQL_THROTTLE = Operation("delete_sql_throttle", "DELETE", _BASE + "/limit-task/{task_id}", "4.7.2")
LIST_SQL_THROTTLES = Operation(
    "list_sql_throttles",
    "GET",
    _BASE + "/limit-task-list",
    "4.7.3",
    read=True,
    items=("limit_task_list",),
    page_size=100,
    row_id=("task_id",),
    shape=THROTTLE,
)
LIST_SQL_TEMPLATES = Operation(
    "list_sql_templates",
    "GET",
    _BASE + "/list-node-limit-sql-model",
    "4.7.4",
    read=True,
    items=("node_limit_sql_model_list", "list"),
    page_size=100,
    row_id=("sql_id",),
    shape=TEMPLATE,
)


def create_sql_throttle(
    instance_id: str | None, task: Mapping[str, Any], start_time: str | None, end_time: str | None
) -> Call:
    """Create a throttling task (4.7.1) from the options of its type; times are ``2026-01-05T08:00:00+0000``."""
    scope, kind = TYPES[task["type"]]
    body: dict[str, Any] = {
        "task_scope": scope,
        "limit_type": kind,
        "task_name": task["name"],
        "parallel_size": task["parallel_size"],
        "start_time": start_time,
        "end_time": end_time,
    }
    if task["type"] == "sql_id":
        body.update(limit_type_value=task["sql_id"], sql_model=task["sql_model"])
        body["node_infos"] = [{"node_id": node_id, "sql_id": task["sql_id"]} for node_id in task["node_ids"]]
    elif task["type"] == "sql_type":
        body.update(limit_type_value=task["sql_type"], key_words=",".join(task["keywords"]))
    else:
        body["limit_type_value"] = "CPU_OR_MEMORY"
        body.update({name: task.get(name) or 0 for name in ("cpu_utilization", "memory_utilization")})
    body["databases"] = ",".join(task["databases"]) if task.get("databases") else None
    return CREATE_SQL_THROTTLE.call({"instance_id": instance_id}, body=body)


def delete_sql_throttle(instance_id: str | None, task_id: str) -> Call:
    """Delete a throttling task (4.7.2). Errors ``DBS.06010013``, ``DBS.280005``: it does not exist (any more)."""
    return DELETE_SQL_THROTTLE.call({"instance_id": instance_id, "task_id": task_id})


def list_sql_throttles(instance_id: str | None, **filters: str | None) -> Call:
    """List throttling tasks (4.7.3) by ``scope``, ``type``, ``value``, ``name``, ``sql_model`` and ``rule_name``.

    Value, name and SQL text match substrings.
    """
    sent = {"scope": "task_scope", "type": "limit_type", "value": "limit_type_value", "name": "task_name"}
    query = {
        sent.get(name, name): TYPES[value][1] if name == "type" and value else value for name, value in filters.items()
    }
    return LIST_SQL_THROTTLES.call({"instance_id": instance_id}, query=query)


def list_sql_templates(instance_id: str | None, node_id: str, sql_model: str | None = None) -> Call:
    """List the normalized statements that a node has run (4.7.4), optionally only those that contain a text."""
    return LIST_SQL_TEMPLATES.call({"instance_id": instance_id}, query={"node_id": node_id, "sql_model": sql_model})


def described(task: Mapping[str, Any]) -> dict[str, Any]:
    """Return a listed task with the attributes of all types: the meaning of ``value`` depends on the type."""
    value, kind = task["value"], task["type"]
    for_sessions = kind == "sessions"
    return {
        **task,
        "sql_id": value if kind == "sql_id" else None,
        "sql_type": words.SQL_TYPE.read(value) if kind == "sql_type" else None,
        # The platform does not return a threshold of 0.
        **{name: (task[name] or 0) if for_sessions else None for name in ("cpu_utilization", "memory_utilization")},
    }
