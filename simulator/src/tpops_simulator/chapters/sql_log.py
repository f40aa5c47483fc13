# SPDX-License-Identifier: GPL-3.0-or-later
"""4.16 logs: top SQL and slow SQL."""

from __future__ import annotations

from typing import Any

from ..model.entities import Instance, Node
from ..model.errors import ApiError
from ..model.instances import READABLE, find_instance, instance_in
from ..model.request import Request
from ..model.site import Site
from ..model.times import from_iso, period
from ..model.topology import members
from ..model.workload import Statement, access_points, node_of, serves, statements

# Details of a frequent statement would be endless.
MAX_EXECUTIONS = 1000


def list_top_sql(site: Site, request: Request) -> dict[str, Any]:
    """4.16.1. `offset` is the number of the page, from 1; the statement with the longest total time comes first."""
    instance = find_instance(site, request.path["instance_id"])
    body = request.body
    begin, end = period(from_iso(body["start_time"], "start_time"), from_iso(body["end_time"], "end_time"))
    span = _span(site, instance, int(begin * 1000), int(end * 1000))
    run = [(s.over(*span), s.count(*span)) for s in statements(site, instance)]
    chosen = [
        (statement, calls)
        for statement, calls in run
        if calls
        and body.get("db_user_name") in (None, "", statement.user)
        and (body.get("sql_template") or "").lower() in statement.template.lower()
    ]
    chosen.sort(key=lambda entry: -entry[0].elapsed * entry[1])
    totals = sum(s.cpu * calls for s, calls in run), sum(s.io * calls for s, calls in run)
    page, limit = body.get("offset", 1), body.get("limit", 10)
    component = _component_name(instance)
    taken = site.clock.iso(span[1] / 1000, zone=".000Z")
    rows = chosen[(page - 1) * limit : page * limit]
    return {
        "limit": limit,
        "offset": page,
        "total_page": -(-len(chosen) // limit),
        "total_count": len(chosen),
        "rows": [_top(statement, calls, totals, component, taken) for statement, calls in rows],
    }


def list_slow_sql_nodes(site: Site, request: Request) -> dict[str, Any]:
    """4.16.2. The nodes that applications connect to: statements are recorded there."""
    instance = instance_in(site, request.path["instance_id"], READABLE, code="DBS.280011")
    action = (request.body or {}).get("action", "slow")
    if action != "slow":
        raise ApiError("DBS.200001", detail="action must be slow")
    return {
        "nodes": [
            {
                "node_id": node.id,
                "node_name": node.name,
                "role": node.role,
                "instance_id": instance.id,
                "component_type": component.type,
            }
            for node, component in access_points(instance)
        ]
    }


def list_slow_sql(site: Site, request: Request) -> dict[str, Any]:
    """4.16.3."""
    instance, nodes, span = _slow(site, request)
    threshold = request.body["threshold"] * 1000
    infos = [
        _slow_entry(statement, node, calls)
        for node in nodes
        for statement in (s.over(*span) for s in statements(site, instance))
        if statement.elapsed >= threshold and (calls := statement.count(*span))
    ]
    return {"total": len(infos), "slow_sql_infos": infos}


def get_slow_sql_detail(site: Site, request: Request) -> dict[str, Any]:
    """4.16.4. The newest executions come first; all are counted, the last thousand of each node are listed."""
    instance, nodes, span = _slow(site, request)
    sql_id = str(request.body["sql_id"])
    details: list[dict[str, Any]] = []
    total = 0
    for statement in statements(site, instance):
        if statement.sql_id != sql_id:
            continue
        total = statement.count(*span) * len(nodes)
        recent = max(span[0], span[1] - MAX_EXECUTIONS * statement.step)
        for node in nodes:
            details += [
                _execution(statement.at(moment), node, moment) for moment in statement.executions(recent, span[1])
            ]
    details.sort(key=lambda entry: -entry["start_time"])
    return {"slow_sql_details": details, "total": total}


def _span(site: Site, instance: Instance, start: int, end: int) -> tuple[int, int]:
    """The part of the period in which the instance existed, in milliseconds."""
    low, high = max(start, int(instance.created * 1000)), min(end, site.clock.now_ms())
    return low, max(low, high)


def _slow(site: Site, request: Request) -> tuple[Instance, list[Node], tuple[int, int]]:
    """The instance, the given nodes that run statements, and the period."""
    body = request.body
    instance = find_instance(site, request.path["instance_id"])
    if body["instance_id"] != instance.id:
        raise ApiError("DBS.200001", detail="instance_id differs from that of the path")
    start, end = period(body["start_time"], body["end_time"])
    nodes = [node_of(instance, node_id) for node_id in dict.fromkeys(body["node_ids"])]
    span = _span(site, instance, int(start), int(end))
    return instance, [node for node in nodes if serves(instance, node)], span


def _component_name(instance: Instance) -> str:
    """A group of replicas is named after all of them, as in `dn_6001_6002_6003`."""
    points = access_points(instance)
    if not points:
        return ""
    first = points[0][1]
    if first.type != "DN":
        return first.id
    numbers = [c.id.removeprefix("dn_") for _unused, c in members(instance, "DN") if c.shard == first.shard]
    return f"dn_{'_'.join(numbers)}"


def _top(statement: Statement, calls: int, totals: tuple[float, float], component: str, taken: str) -> dict[str, Any]:
    def share(part: float, whole: float) -> str:
        return f"{100 * part * calls / whole if whole else 0:.2f}%"

    return {
        "avg_elapse_time": statement.elapsed,
        "calls": calls,
        "component_name": component,
        "cpu_percent": share(statement.cpu, totals[0]),
        "cpu_time": statement.cpu,
        "db_time": round(statement.elapsed * calls, 2),
        "db_user_name": statement.user,
        "hash_count": calls if "Hash" in statement.plan else 0,
        "hash_time": round(statement.cpu * 0.2, 2) if "Hash" in statement.plan else 0,
        "io_percent": share(statement.io, totals[1]),
        "io_time": statement.io,
        "max_elapse_time": round(statement.elapsed * 1.4, 2),
        "net_recv_time": 0.03,
        "net_send_time": round(0.02 + statement.rows_returned * 0.001, 3),
        "returned_rows": statement.rows_returned,
        "sql_template": statement.template,
        "time": taken,
        "tuples_fetched": statement.rows_fetched,
        "unique_sql_id": statement.sql_id,
    }


def _slow_entry(statement: Statement, node: Node, calls: int) -> dict[str, Any]:
    return {
        "sql_id": statement.sql_id,
        "user_name": statement.user,
        "node_id": node.id,
        "node_name": node.name,
        "sql_text": statement.template,
        "query_plan": statement.plan,
        "calls": calls,
        "avg_exec_time": str(statement.elapsed),
        "avg_cpu_time": str(statement.cpu),
        "avg_io_time": str(statement.io),
        "avg_returned_rows": statement.rows_returned,
        "avg_fetched_rows": statement.rows_fetched,
        "buffer_hit_ratio": "0.8",
    }


def _execution(statement: Statement, node: Node, moment: int) -> dict[str, Any]:
    pages = -(-statement.rows_fetched // 80)
    return {
        "sql_id": statement.sql_id,
        "user_name": statement.user,
        "client_ip": statement.client_ip,
        "client_port": str(32768 + moment // 1000 % 28000),
        "node_id": node.id,
        "node_name": node.name,
        "sql_text": statement.template,
        "query_plan": statement.plan,
        "start_time": moment,
        "finish_time": moment + int(statement.elapsed),
        "returned_rows": statement.rows_returned,
        "fetched_rows": statement.rows_fetched,
        "fetched_pages": pages,
        "hit_pages": pages * 4 // 5,
        "total_time": str(statement.elapsed),
        "cpu_time": str(statement.cpu),
        "plan_time": "0.75",
        "io_time": str(statement.io),
        "lock_count": 1,
        "lock_time": "0.02",
    }
