# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Sessions of applications in a database (reference 4.5.1 to 4.5.4)."""

from __future__ import annotations

from collections.abc import Sequence

from ..util.times import stamp_ms
from . import vocabulary as words
from .operation import Call, Operation
from .shape import Attr, Shape

COMPONENT = Shape(
    (
        Attr("node_id"),
        Attr("node_name"),
        Attr("component_id"),
        Attr("type", words=words.COMPONENT_TYPE),
        Attr("role", words=words.NODE_ROLE),
        Attr("distributed_id"),
        Attr("detail"),
    )
)
SESSION = Shape(
    (
        Attr("id", ("session_id",)),
        Attr("state", words=words.SESSION_STATE),
        Attr("database", ("database_name",)),
        Attr("user", ("user_name",)),
        Attr("client_ip"),
        Attr("application_name"),
        Attr("waiting", ("wait",), "bool"),
        Attr("wait_event"),
        Attr("blocked_by", ("block_session",)),
        Attr("query"),
        Attr("query_runtime"),
        Attr("sql_id", ("unique_sql_id",)),
        Attr("pid"),
        Attr("started_at_ms", ("back_end_start",), convert=stamp_ms),
        Attr("transaction_started_at_ms", ("transaction_start",), convert=stamp_ms),
        Attr("query_started_at_ms", ("query_start",), convert=stamp_ms),
        Attr("age_seconds", ("exec_time",), "int"),
        Attr("transactions", ("trans_num",), "int"),
        Attr("rollbacks", ("rollback_num",), "int"),
        Attr("statements", ("sql_num",), "int"),
    )
)

_BASE = "/gaussdb/v3/instances/{instance_id}"

LIST_SESSION_NODES = Operation(
    "list_session_nodes", "GET", _BASE + "/key-view-execute-node", "4.5.1", read=True, items=("nodes",), shape=COMPONENT
)
LIST_SESSIONS = Operation(
    "list_sessions", "POST", _BASE + "/real-time-session", "4.5.2", read=True, items=("sessions",), shape=SESSION
)
KILL_SESSIONS = Operation("kill_sessions", "POST", _BASE + "/kill-session", "4.5.3")
KILL_IDLE_SESSIONS = Operation("kill_idle_sessions", "POST", _BASE + "/kill-free-session", "4.5.4")


def list_session_nodes(instance_id: str | None) -> Call:
    """List the coordinators and data nodes that can tell their sessions, each with its node (4.5.1)."""
    return LIST_SESSION_NODES.call({"instance_id": instance_id})


def list_sessions(
    instance_id: str | None,
    node_id: str,
    component_id: str,
    database: str | None = None,
    user: str | None = None,
    client_ip: str | None = None,
) -> Call:
    """List the sessions of one component (4.5.2), without those of the platform's own users and those without a client
    address."""
    wanted = {"database_name": database, "client_ip": client_ip, "user_name": user}
    query = wanted if any(wanted.values()) else None
    return LIST_SESSIONS.call(
        {"instance_id": instance_id}, body={"node_id": node_id, "component_id": component_id, "query_info": query}
    )


def kill_sessions(instance_id: str | None, node_id: str, component_id: str, session_ids: Sequence[str]) -> Call:
    """Terminate sessions of one component (4.5.3). The reply's ``success`` is false when one could not be."""
    body = {"node_id": node_id, "component_id": component_id, "session_ids": list(session_ids)}
    return KILL_SESSIONS.call({"instance_id": instance_id}, body=body)


def kill_idle_sessions(instance_id: str | None, node_id: str, component_id: str) -> Call:
    """Terminate every session of one component whose state is idle at that moment (4.5.4)."""
    return KILL_IDLE_SESSIONS.call(
        {"instance_id": instance_id}, body={"node_id": node_id, "component_id": component_id}
    )
