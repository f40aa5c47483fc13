# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The sessions of an instance, from all components that can list them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..api import session as api
from ..engine import checks
from ..engine.compare import filter_equal
from ..engine.context import Context
from ..engine.options import Field

# An empty string is rejected instead of meaning "not given": it would terminate everybody's sessions.
_CHOICE: dict[str, Any] = {
    "identifier": False,
    "validate": checks.pattern(r".*\S.*", "a name, or leave the option out for all of them"),
}

# The attributes that identify the component of a session (:func:`sessions_of`).
_PLACE = ("node_id", "node_name", "component_id")
SESSION = api.SESSION.plus(*api.COMPONENT.only(*_PLACE).attrs)

FILTERS = (
    Field("database", **_CHOICE),
    Field("user", **_CHOICE),
    Field("client_ip", **_CHOICE),
    Field("node_id"),
    Field("component_id"),
)


def components_of(ctx: Context, components: Sequence[dict[str, Any]] | None = None) -> list[dict[str, Any]]:
    """Return the components selected by the task."""
    found = ctx.items(api.list_session_nodes(ctx.parent.id)) if components is None else components
    return filter_equal(found, node_id=ctx.params["node_id"], component_id=ctx.params["component_id"])


def sessions_of(ctx: Context, components: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the selected sessions of these components, each with the attributes that identify its component."""
    wanted = {name: ctx.params[name] for name in ("database", "user", "client_ip")}
    return [
        {**session, **{name: place[name] for name in _PLACE}}
        for place in components
        for session in filter_equal(
            ctx.items(api.list_sessions(ctx.parent.id, place["node_id"], place["component_id"], **wanted)), **wanted
        )
    ]
