# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The SQL patch of a statement on a node: at most one, which the platform only shows if both are given."""

from __future__ import annotations

from typing import Any

from ..api.operation import Call
from ..api.shape import Attr
from ..api.sql_patch import PATCH as _PATCH
from ..api.sql_patch import get_sql_patch
from ..engine import checks
from ..engine.context import Context
from ..engine.options import Field
from ..http.error_codes import code_in
from ..http.errors import TpopsError

PLACE = tuple(Field(name, required=True, validate=checks.length(1, 64)) for name in ("node_id", "sql_id"))

# See :func:`add_place`.
PATCH = _PATCH.plus(
    Attr("node_id", doc="ID of the node."),
    Attr("sql_id", doc="ID of the statement."),
    sample={
        "name": "parcels_by_weight",
        "hint": "indexscan(parcels)",
        "enabled": True,
        "node_id": "1a2b3c4d5e6f40718293a4b5c6d7e8f9no14",
        "sql_id": "2987311045",
    },
)

# Both have several meanings, but in a read by node and statement only one is possible.
_NO_PATCH = frozenset({"DBS.200044", "DBS.6013038"})


def read_patch(ctx: Context) -> Call:
    """Return the call that reads the patch: the hook ``read``."""
    return get_sql_patch(ctx.parent.id, ctx.params["node_id"], ctx.params["sql_id"])


def is_without_patch(ctx: Context, error: TpopsError) -> bool:
    """Return whether the statement has no patch: the hook ``on_read_error``."""
    return code_in(error.code, _NO_PATCH)


def add_place(ctx: Context, patches: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the patch with the node and the statement; an empty reply means none: the hook ``select``."""
    where = {name: ctx.params[name] for name in ("node_id", "sql_id")}
    return [{**patch, **where} for patch in patches if patch["name"]]
