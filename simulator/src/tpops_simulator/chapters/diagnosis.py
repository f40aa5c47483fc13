# SPDX-License-Identifier: GPL-3.0-or-later
"""4.5 diagnosis and optimization of databases."""

from __future__ import annotations

from typing import Any

from ..model.accounts import is_system_user, open_to_read
from ..model.database_sessions import IDLE, sessions_at
from ..model.entities import Component, Instance, Node
from ..model.errors import ApiError
from ..model.instances import is_distributed
from ..model.request import Request
from ..model.site import Site
from ..model.tables import tables, usage
from ..model.times import period
from ..model.topology import DOWN, is_leader, is_up, members
from ..model.wdr import wdr
from ..model.workload import access_points, node_of


def list_session_nodes(site: Site, request: Request) -> dict[str, Any]:
    """4.5.1. All CN and DN on nodes that are up, provided that applications can connect at all."""
    instance = open_to_read(site, request.path["instance_id"])
    if not _can_connect(instance):
        raise ApiError("DBS.216011")
    return {
        "nodes": [
            {
                "node_id": node.id,
                "node_name": node.name,
                "role": node.role,
                "type": component.type,
                "distributed_id": component.distributed_id,
                "component_id": component.id,
                "detail": component.detail or "Normal",
            }
            for node, component in members(instance)
            if component.type in ("CN", "DN") and is_up(node) and component.status != DOWN
        ]
    }


def list_sessions(site: Site, request: Request) -> dict[str, Any]:
    """4.5.2. The platform's own sessions and those without a client address are left out."""
    body = request.body
    instance, component = _component(site, request)
    wanted = body.get("query_info") or {}
    now = site.clock.now()
    shown = [s for s in sessions_at(site, instance, component).values() if s.client_ip and not is_system_user(s.user)]
    replies = [session.as_reply(now) for session in shown]
    return {"sessions": [r for r in replies if all(not value or r[key] == value for key, value in wanted.items())]}


def kill_sessions(site: Site, request: Request) -> dict[str, Any]:
    """4.5.3. Existing sessions are terminated even if another one does not exist."""
    instance, component = _component(site, request)
    ids = request.body["session_ids"]
    ended = [_end(sessions_at(site, instance, component), session_id) for session_id in dict.fromkeys(ids)]
    return {"session_ids": ids, "success": all(ended)}


def kill_idle_sessions(site: Site, request: Request) -> dict[str, Any]:
    """4.5.4. Sessions that are idle in a transaction have another state and are kept."""
    instance, component = _component(site, request)
    sessions = sessions_at(site, instance, component)
    for session_id in [s.session_id for s in sessions.values() if s.state == IDLE]:
        _end(sessions, session_id)
    return {"success": True}


def analyze_tables(site: Site, request: Request) -> dict[str, Any]:
    """4.5.5. Tables are those that an estate file declares; no operation creates one."""
    instance, seconds = _analysis(site, request)
    name = request.body["object_name"]
    found = [(d, t) for d, t in tables(instance) if name in t["name"]]
    replies = [usage(site, instance, seconds, d, t) for d, t in found]
    return {"total_count": len(replies), "table_infos": site.page(replies, request)}


def analyze_indexes(site: Site, request: Request) -> dict[str, Any]:
    """4.5.6. A table without declared indexes has the index of its primary key."""
    instance, seconds = _analysis(site, request)
    name = request.body["object_name"]
    replies = []
    for database, table in tables(instance):
        figures = usage(site, instance, seconds, database, table)
        for index in table.get("indexes") or [f"{table['name']}_pkey"]:
            if name in index:
                scans = figures["index_scan"]
                replies.append(
                    {
                        "db_name": database.name,
                        "schema": table["schema"],
                        "rel_name": table["name"],
                        "index_rel_name": index,
                        "index_scan": scans,
                        "index_tup_read": scans + scans // 50,
                        "index_tup_fetch": figures["index_tup_fetch"],
                    }
                )
    return {"total_count": len(replies), "index_infos": site.page(replies, request)}


def _can_connect(instance: Instance) -> bool:
    if is_distributed(instance):
        return any(node.group == 0 for node, _unused in access_points(instance))
    return any(is_leader(component) for _unused, component in access_points(instance))


def _component(site: Site, request: Request) -> tuple[Instance, Component]:
    body = request.body
    instance = open_to_read(site, request.path["instance_id"])
    if body.get("instance_id") not in (None, instance.id):
        raise ApiError("DBS.200001", detail="instance_id differs from that of the path")
    node: Node = node_of(instance, body["node_id"])
    for component in node.components:
        if component.id == body["component_id"] and component.type in ("CN", "DN"):
            if not is_up(node) or component.status == DOWN:
                raise ApiError("DBS.216011")
            return instance, component
    raise ApiError("DBS.200001", detail="component_id: the node has no such CN or DN")


def _end(sessions: dict[str, Any], session_id: str) -> bool:
    """Terminate a session; sessions that waited for it continue."""
    if sessions.pop(session_id, None) is None:
        return False
    for other in sessions.values():
        if other.blocked_by == session_id:
            other.blocked_by = ""
    return True


def _analysis(site: Site, request: Request) -> tuple[Instance, float]:
    """The instance and the length of the period, if there are snapshots to compare."""
    instance = open_to_read(site, request.path["instance_id"])
    body = request.body
    start, end = period(int(body["start_time"]) / 1000, int(body["end_time"]) / 1000)
    if not wdr(site, instance).snapshots(site.clock.now()):
        raise ApiError("DBS.06013004")
    until = min(end, site.clock.now())
    return instance, max(0.0, until - max(start, instance.created))
