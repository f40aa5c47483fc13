# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Top SQL and slow SQL (reference 4.16)."""

from __future__ import annotations

from collections.abc import Sequence

from ..util.times import readable, stamp_ms, with_milliseconds
from . import vocabulary as words
from .operation import Call, Operation
from .shape import Attr, Shape

TOP_SQL = Shape(
    (
        Attr("sql_id", ("unique_sql_id",)),
        Attr("sql_template"),
        Attr("user_name", ("db_user_name",)),
        Attr("component_name"),
        Attr("time", convert=readable),
        Attr("calls", kind="int"),
        Attr("total_time", ("db_time",), "number"),
        Attr("avg_time", ("avg_elapse_time",), "number"),
        Attr("max_time", ("max_elapse_time",), "number"),
        Attr("avg_cpu_time", ("cpu_time",), "number"),
        Attr("cpu_percent", kind="number"),
        Attr("avg_io_time", ("io_time",), "number"),
        Attr("io_percent", kind="number"),
        Attr("avg_net_send_time", ("net_send_time",), "number"),
        Attr("avg_net_recv_time", ("net_recv_time",), "number"),
        Attr("hash_count", kind="number"),
        Attr("avg_hash_time", ("hash_time",), "number"),
        Attr("returned_rows", kind="number"),
        Attr("fetched_rows", ("tuples_fetched",), "number"),
    )
)
SLOW_SQL_NODE = Shape(
    (
        Attr("id", ("node_id",)),
        Attr("name", ("node_name",)),
        Attr("role", words=words.NODE_ROLE),
        Attr("component_type", words=words.COMPONENT_TYPE),
    )
)
SLOW_SQL = Shape(
    (
        Attr("sql_id"),
        Attr("sql_text"),
        Attr("user_name"),
        Attr("node_id"),
        Attr("node_name"),
        Attr("query_plan"),
        Attr("calls", kind="int"),
        Attr("avg_exec_time_ms", ("avg_exec_time",), "number"),
        Attr("avg_cpu_time_ms", ("avg_cpu_time",), "number"),
        Attr("avg_io_time_ms", ("avg_io_time",), "number"),
        Attr("avg_returned_rows", kind="int"),
        Attr("avg_fetched_rows", kind="int"),
        Attr("buffer_hit_ratio", kind="number"),
    )
)
EXECUTION = Shape(
    (
        Attr("start_time", convert=readable),
        Attr("start_time_ms", ("start_time",), convert=stamp_ms),
        Attr("finish_time", convert=readable),
        Attr("finish_time_ms", ("finish_time",), convert=stamp_ms),
        Attr("client_ip"),
        Attr("client_port", kind="int"),
        Attr("query_plan"),
        Attr("total_time_ms", ("total_time",), "number"),
        Attr("cpu_time_ms", ("cpu_time",), "number"),
        Attr("plan_time_ms", ("plan_time",), "number"),
        Attr("io_time_ms", ("io_time",), "number"),
        Attr("lock_time_ms", ("lock_time",), "number"),
        Attr("lock_count", kind="int"),
        Attr("returned_rows", kind="int"),
        Attr("fetched_rows", kind="int"),
        Attr("fetched_pages", kind="int"),
        Attr("hit_pages", kind="int"),
    )
)

_INSTANCE = "/gaussdb/v3/instances/{instance_id}"
LIST_TOP_SQL = Operation(
    "list_top_sql",
    "POST",
    _INSTANCE + "/top-sqls",
    "4.16.1",
    read=True,
    items=("rows",),
    page_size=100,
    page_in_body=True,
    first_page=1,
    row_id=("unique_sql_id", "db_user_name", "component_name", "time"),
    shape=TOP_SQL,
)
LIST_SLOW_SQL_NODES = Operation(
    "list_slow_sql_nodes",
    "POST",
    _INSTANCE + "/slow-sql-execute-node",
    "4.16.2",
    read=True,
    items=("nodes",),
    shape=SLOW_SQL_NODE,
)
LIST_SLOW_SQL = Operation(
    "list_slow_sql",
    "POST",
    _INSTANCE + "/slow-sql-list",
    "4.16.3",
    read=True,
    items=("slow_sql_infos",),
    shape=SLOW_SQL,
)
GET_SLOW_SQL_DETAIL = Operation(
    "get_slow_sql_detail",
    "POST",
    _INSTANCE + "/slow-sql-detail",
    "4.16.4",
    read=True,
    items=("slow_sql_details",),
    shape=EXECUTION,
)


def list_top_sql(
    instance_id: str | None, start_ms: int, end_ms: int, user: str | None = None, template: str | None = None
) -> Call:
    """List the statements that took most time between two moments (4.16.1), by user and by a part of their template."""
    return LIST_TOP_SQL.call(
        {"instance_id": instance_id},
        body={
            "start_time": with_milliseconds(start_ms),
            "end_time": with_milliseconds(end_ms),
            "db_user_name": user,
            "sql_template": template,
        },
    )


def list_slow_sql_nodes(instance_id: str | None) -> Call:
    """List the nodes on which statements are recorded (4.16.2): ``id``, ``name``, ``role``, ``component_type`` of
    each."""
    return LIST_SLOW_SQL_NODES.call({"instance_id": instance_id}, body={"action": "slow"})


def list_slow_sql(instance_id: str | None, node_ids: Sequence[str], start_ms: int, end_ms: int, threshold: int) -> Call:
    """List the statements that took ``threshold`` seconds (1 to 99) or more, one entry for each statement and node
    (4.16.3).

    ``node_ids`` must not be empty; errors: ``DBS.216030`` a node is none of the instance's.
    """
    return LIST_SLOW_SQL.call(
        {"instance_id": instance_id}, body={**_window(instance_id, node_ids, start_ms, end_ms), "threshold": threshold}
    )


def get_slow_sql_detail(
    instance_id: str | None, node_ids: Sequence[str], start_ms: int, end_ms: int, sql_id: str
) -> Call:
    """List the single executions of one statement on the nodes (4.16.4); the platform may list only the latest ones."""
    return GET_SLOW_SQL_DETAIL.call(
        {"instance_id": instance_id}, body={**_window(instance_id, node_ids, start_ms, end_ms), "sql_id": sql_id}
    )


def _window(instance_id: str | None, node_ids: Sequence[str], start_ms: int, end_ms: int) -> dict[str, object]:
    return {"instance_id": instance_id, "node_ids": list(node_ids), "start_time": start_ms, "end_time": end_ms}
