# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""SQL patches: hints for application statements (reference 4.6.4 to 4.6.6)."""

from __future__ import annotations

from .operation import Call, Operation
from .shape import Attr, Shape

PATCH = Shape(
    (
        Attr("name", ("patch_name",), doc="Name of the patch."),
        Attr("hint", doc="Hint of the patch."),
        Attr("enabled", ("patch_status",), "bool", doc="Whether the patch is in effect."),
    )
)

_BASE = "/gaussdb/v3/instances/{instance_id}"

CREATE_SQL_PATCH = Operation("create_sql_patch", "POST", _BASE + "/sql-patch", "4.6.4")
GET_SQL_PATCH = Operation("get_sql_patch", "GET", _BASE + "/sql-patch", "4.6.5", read=True, shape=PATCH)
HANDLE_SQL_PATCH = Operation("handle_sql_patch", "POST", _BASE + "/handle-sql-patch", "4.6.6")


def get_sql_patch(instance_id: str | None, node_id: str, sql_id: str) -> Call:
    """Get the patch of a statement on a node (4.6.5). In the reference the GET request has a body with the
    parameters."""
    return GET_SQL_PATCH.call({"instance_id": instance_id}, body={"node_id": node_id, "sql_id": sql_id})


def create_sql_patch(instance_id: str | None, node_id: str, sql_id: str, name: str, hint: str, enabled: bool) -> Call:
    """Create the patch of a statement on a node (4.6.4). Error ``DBS.6013038``: the statement has one, ``DBS.6013035``:
    the name is in use."""
    body = {"node_id": node_id, "sql_id": sql_id, "patch_name": name, "hint": hint, "enabled": enabled}
    return CREATE_SQL_PATCH.call({"instance_id": instance_id}, body=body)


def handle_sql_patch(instance_id: str | None, node_id: str, sql_id: str, name: str, verb: str) -> Call:
    """Open, close or drop a patch (4.6.6): ``verb`` is one of these words."""
    body = {"node_id": node_id, "sql_id": sql_id, "patch_name": name, "action": verb}
    return HANDLE_SQL_PATCH.call({"instance_id": instance_id}, body=body)
