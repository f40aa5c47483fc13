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
        Attr("node_id", doc="ID of the node."),
        Attr("node_name", doc="Name of the node."),
        Attr("component_id", doc="ID of the component, such as V(dn_6001)."),
        Attr("type", words=words.COMPONENT_TYPE, doc="V(CN) or V(DN)."),
        Attr("role", words=words.NODE_ROLE, doc="Role of the node, such as V(master)."),
        Attr("distributed_id", doc="Number of the component within the instance."),
        Attr("detail", doc="State as text."),
    )
)
SESSION = Shape(
    (
        Attr("id", ("session_id",), doc="ID of the session. It is unique within its component."),
        Attr("state", words=words.SESSION_STATE, doc="State, such as V(active), V(idle) or V(idle in transaction)."),
        Attr("database", ("database_name",), doc="Name of the database."),
        Attr("user", ("user_name",), doc="Name of the database user."),
        Attr("client_ip", doc="Address of the client."),
        Attr("application_name", doc="Application name."),
        Attr("waiting", ("wait",), "bool", doc="Whether the session is waiting."),
        Attr("wait_event", doc="What it waits for."),
        Attr("blocked_by", ("block_session",), doc="ID of the blocking session."),
        Attr("query", doc="Text of the current or the last statement."),
        Attr("query_runtime", doc="How long the statement has been running, such as V(00:00:22.641774)."),
        Attr("sql_id", ("unique_sql_id",), doc="ID of the normalized statement."),
        Attr("pid", doc="ID of the thread."),
        Attr(
            "started_at_ms",
            ("back_end_start",),
            "int",
            convert=stamp_ms,
            doc="When the session started, in milliseconds since 1970.",
        ),
        Attr(
            "transaction_started_at_ms",
            ("transaction_start",),
            "int",
            convert=stamp_ms,
            doc="When the current transaction started, in milliseconds since 1970. Empty outside a transaction.",
        ),
        Attr(
            "query_started_at_ms",
            ("query_start",),
            "int",
            convert=stamp_ms,
            doc="When the statement started, in milliseconds since 1970.",
        ),
        Attr("age_seconds", ("exec_time",), "int", doc="Age of the session in seconds."),
        Attr("transactions", ("trans_num",), "int", doc="Number of its transactions."),
        Attr("rollbacks", ("rollback_num",), "int", doc="Number of its rolled back transactions."),
        Attr("statements", ("sql_num",), "int", doc="Number of its statements."),
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
    """List the coordinators and data nodes that can list sessions, each with its node (4.5.1)."""
    return LIST_SESSION_NODES.call({"instance_id": instance_id})


def list_sessions(
    instance_id: str | None,
    node_id: str,
    component_id: str,
    database: str | None = None,
    user: str | None = None,
    client_ip: str | None = None,
) -> Call:
    """List the sessions of one component (4.5.2), except those of the platform's own users and those without a client
    address."""
    wanted = {"database_name": database, "client_ip": client_ip, "user_name": user}
    query = wanted if any(wanted.values()) else None
    return LIST_SESSIONS.call(
        {"instance_id": instance_id}, body={"node_id": node_id, "component_id": component_id, "query_info": query}
    )


def kill_sessions(instance_id: str | None, node_id: str, component_id: str, session_ids: Sequence[str]) -> Call:
    """Terminate sessions of one component (4.5.3). The reply's ``success`` is false if one could not be terminated."""
    body = {"node_id": node_id, "component_id": component_id, "session_ids": list(session_ids)}
    return KILL_SESSIONS.call({"instance_id": instance_id}, body=body)


def kill_idle_sessions(instance_id: str | None, node_id: str, component_id: str) -> Call:
    """Terminate every idle session of one component (4.5.4)."""
    return KILL_IDLE_SESSIONS.call(
        {"instance_id": instance_id}, body={"node_id": node_id, "component_id": component_id}
    )
