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
        Attr("sql_id", ("unique_sql_id",), doc="ID of the normalized statement."),
        Attr("sql_template", doc="The normalized statement, without its values."),
        Attr("user_name", ("db_user_name",), doc="Database user."),
        Attr("component_name", doc="Component on which it was executed."),
        Attr("time", convert=readable, doc="Time of the figures."),
        Attr("calls", kind="int", doc="Number of executions."),
        Attr("total_time", ("db_time",), "number", doc="Total execution time."),
        Attr("avg_time", ("avg_elapse_time",), "number", doc="Average execution time."),
        Attr("max_time", ("max_elapse_time",), "number", doc="Maximum execution time."),
        Attr("avg_cpu_time", ("cpu_time",), "number", doc="Average CPU time."),
        Attr("cpu_percent", kind="number", doc="Share of the CPU time, in percent."),
        Attr("avg_io_time", ("io_time",), "number", doc="Average I/O time."),
        Attr("io_percent", kind="number", doc="Share of the I/O time, in percent."),
        Attr("avg_net_send_time", ("net_send_time",), "number", doc="Average time for sending."),
        Attr("avg_net_recv_time", ("net_recv_time",), "number", doc="Average time for receiving."),
        Attr("hash_count", kind="number", doc="Number of hash operations."),
        Attr("avg_hash_time", ("hash_time",), "number", doc="Average time of hash operations."),
        Attr("returned_rows", kind="number", doc="Rows returned."),
        Attr("fetched_rows", ("tuples_fetched",), "number", doc="Rows scanned."),
    ),
    sample={
        "sql_id": "1252930335",
        "sql_template": "select count(*) from order_items where state = ?",
        "user_name": "app",
        "component_name": "dn_6001_6002_6003",
        "time": "2026-01-12 10:00:00 UTC",
        "calls": 12,
        "total_time": 144000.5,
        "avg_time": 12000.04,
        "max_time": 16800.1,
        "avg_cpu_time": 3600.2,
        "cpu_percent": 41.5,
        "avg_io_time": 6600.1,
        "io_percent": 52.25,
        "avg_net_send_time": 0.02,
        "avg_net_recv_time": 0.03,
        "hash_count": 0,
        "avg_hash_time": 0,
        "returned_rows": 1,
        "fetched_rows": 500000,
    },
)
SLOW_SQL_NODE = Shape(
    (
        Attr("id", ("node_id",), doc="ID of the node."),
        Attr("name", ("node_name",), doc="Name of the node."),
        Attr("role", words=words.NODE_ROLE, doc="Role of the node."),
        Attr(
            "component_type",
            words=words.COMPONENT_TYPE,
            doc="Type of component on which statements are recorded, V(CN) or V(DN).",
        ),
    )
)
SLOW_SQL = Shape(
    (
        Attr("sql_id", doc="ID of the statement."),
        Attr("sql_text", doc="The normalized statement, without its values."),
        Attr("user_name", doc="Database user."),
        Attr("node_id", doc="ID of the node."),
        Attr("node_name", doc="Name of the node."),
        Attr("query_plan", doc="Execution plan."),
        Attr("calls", kind="int", doc="Number of executions."),
        Attr("avg_exec_time_ms", ("avg_exec_time",), "number", doc="Average time, in milliseconds."),
        Attr("avg_cpu_time_ms", ("avg_cpu_time",), "number", doc="Average CPU time, in milliseconds."),
        Attr("avg_io_time_ms", ("avg_io_time",), "number", doc="Average I/O time, in milliseconds."),
        Attr("avg_returned_rows", kind="int", doc="Rows returned."),
        Attr("avg_fetched_rows", kind="int", doc="Rows scanned."),
        Attr("buffer_hit_ratio", kind="number", doc="Share of pages found in memory, from 0 to 1."),
    ),
    sample={
        "sql_id": "2987311045",
        "sql_text": "select count(*) from order_items where state = ?",
        "user_name": "app",
        "node_id": "1a2b3c4d5e6f40718293a4b5c6d7e8f9no14",
        "node_name": "orders-prod_root_0",
        "query_plan": "Aggregate -> Seq Scan on order_items",
        "calls": 5,
        "avg_exec_time_ms": 5000.25,
        "avg_cpu_time_ms": 1200.5,
        "avg_io_time_ms": 2100.75,
        "avg_returned_rows": 1,
        "avg_fetched_rows": 500000,
        "buffer_hit_ratio": 0.8,
    },
)
EXECUTION = Shape(
    (
        Attr("start_time", convert=readable, doc="Start time."),
        Attr("start_time_ms", ("start_time",), "int", convert=stamp_ms, doc="The same in milliseconds since 1970."),
        Attr("finish_time", convert=readable, doc="End time."),
        Attr("finish_time_ms", ("finish_time",), "int", convert=stamp_ms, doc="The same in milliseconds since 1970."),
        Attr("client_ip", doc="Address of the client."),
        Attr("client_port", kind="int", doc="Port of the client."),
        Attr("query_plan", doc="Execution plan."),
        Attr("total_time_ms", ("total_time",), "number", doc="Time in milliseconds."),
        Attr("cpu_time_ms", ("cpu_time",), "number", doc="CPU time in milliseconds."),
        Attr(
            "plan_time_ms",
            ("plan_time",),
            "number",
            doc="Planning time. Assumed to have the same unit as the others.",
        ),
        Attr("io_time_ms", ("io_time",), "number", doc="I/O time. Assumed to have the same unit as the others."),
        Attr(
            "lock_time_ms",
            ("lock_time",),
            "number",
            doc=("Lock time, if the platform reports it. Assumed to have the same unit as the others."),
        ),
        Attr("lock_count", kind="int", doc="Number of locks taken."),
        Attr("returned_rows", kind="int", doc="Rows returned."),
        Attr("fetched_rows", kind="int", doc="Rows scanned."),
        Attr("fetched_pages", kind="int", doc="Pages scanned."),
        Attr("hit_pages", kind="int", doc="Pages found in memory."),
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
    """List the statements that took the most time between two moments (4.16.1), filtered by user and part of their
    template."""
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

    ``node_ids`` must not be empty; errors: ``DBS.216030`` a node does not belong to the instance.
    """
    return LIST_SLOW_SQL.call(
        {"instance_id": instance_id}, body={**_window(instance_id, node_ids, start_ms, end_ms), "threshold": threshold}
    )


def get_slow_sql_detail(
    instance_id: str | None, node_ids: Sequence[str], start_ms: int, end_ms: int, sql_id: str
) -> Call:
    """List the executions of one statement on the nodes (4.16.4); the platform may only list the latest."""
    return GET_SLOW_SQL_DETAIL.call(
        {"instance_id": instance_id}, body={**_window(instance_id, node_ids, start_ms, end_ms), "sql_id": sql_id}
    )


def _window(instance_id: str | None, node_ids: Sequence[str], start_ms: int, end_ms: int) -> dict[str, object]:
    return {"instance_id": instance_id, "node_ids": list(node_ids), "start_time": start_ms, "end_time": end_ms}
