# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Agents of the platform on the nodes of instances (reference 4.13)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..util.values import as_str, lookup
from . import vocabulary as words
from .operation import Call, Operation
from .shape import Attr, Shape


def _is_up_to_date(info: Any) -> bool:
    """Without an uploaded package there is nothing newer."""
    target, current = (as_str(lookup(info, name)) for name in ("target_agent_version", "current_agent_version"))
    return target in (None, "", current)


_INFO = (
    Attr(
        "upgrade_status",
        ("agent_info.upgrade_status",),
        words=words.AGENT_UPGRADE_STATUS,
        doc="State of the last upgrade, such as V(Completed).",
    ),
    Attr("current_version", ("agent_info.current_agent_version",), doc="Version of the agent."),
    Attr(
        "target_version",
        ("agent_info.target_agent_version",),
        doc="Version that an upgrade would install. Empty if no package was uploaded.",
    ),
    Attr(
        "up_to_date",
        ("agent_info",),
        "bool",
        convert=_is_up_to_date,
        doc="Whether the agent has the version of the package. Also true if no package was uploaded.",
    ),
)
AGENT = Shape(
    (
        Attr("id", ("id", "instance_id"), doc="ID of the instance."),
        Attr("name", doc="Name of the instance."),
        Attr("mode", doc="Type of the instance, such as V(Ha) or V(Enterprise)."),
        Attr("status", words=words.INSTANCE_STATUS, doc="Status of the instance."),
        Attr("created", ("created_at",), doc="When the instance was created."),
        Attr("engine_name", doc="Name of the engine."),
        Attr("engine_version", doc="Version of the engine."),
        *_INFO,
    ),
    sample={
        "id": "4f2e1d0c9b8a79685746352413020100in14",
        "name": "orders-prod",
        "status": "ACTIVE",
        "current_version": "gaussdbv5_agent_2.24.01.100",
        "target_version": "gaussdbv5_agent_2.24.01.130",
        "upgrade_status": "Completed",
        "up_to_date": False,
    },
)
AGENT_NODE = Shape(
    (
        Attr("id", ("node_id",), doc="ID of the node."),
        Attr("name", ("node_name",), doc="Name of the node."),
        Attr("status", ("node_status",), words=words.NODE_STATUS, doc="Status of the node, such as V(normal)."),
        Attr("role", words=words.NODE_ROLE, doc="Role of the node, such as V(master)."),
        Attr("agent_status", words=words.AGENT_STATUS, doc="Status of the agent, such as V(WORKING)."),
        *_INFO,
    )
)

_INSTANCE = "/gaussdb/v3/instances/{instance_id}/agent"
LIST_AGENT_INSTANCES = Operation(
    "list_agent_instances",
    "GET",
    "/v3/instances",
    "4.13.1",
    read=True,
    items=("instance_list", "instances"),
    page_size=100,
    shape=AGENT,
)
GET_AGENT_STATUS = Operation(
    "get_agent_status", "GET", _INSTANCE + "/status", "4.13.2", read=True, items=("node_list",), shape=AGENT_NODE
)
UPGRADE_AGENT = Operation("upgrade_agent", "POST", _INSTANCE + "/upgrade", "4.13.3", job=True)
UPGRADE_AGENTS = Operation("upgrade_agents", "POST", "/v3/instances/agent/batch-upgrade", "4.13.4", job=True)

# Filter options and their query parameters.
_FILTERS = {
    "instance_id": "instance_id",
    "instance": "instance_name",
    "instance_status": "instance_status",
    "engine_name": "engine_name",
    "engine_version": "engine_version",
    "upgrade_status": "upgrade_status",
}


def list_agent_instances(filters: Mapping[str, str | None] | None = None) -> Call:
    """List instances with the version of their agents (4.13.1)."""
    return LIST_AGENT_INSTANCES.call(query={field: (filters or {}).get(option) for option, field in _FILTERS.items()})


def get_agent_status(instance_id: str) -> Call:
    """List nodes of an instance with their agents (4.13.2): ``normal`` ones with a ``WORKING`` agent are healthy."""
    return GET_AGENT_STATUS.call({"instance_id": instance_id})


def upgrade_agents(instance_ids: Sequence[str]) -> Call:
    """Upgrade the agent of one instance (4.13.3), or of several with one job (4.13.4).

    Errors: ``DBS.06025016`` same version, ``DBS.06025017`` instance or node not healthy, ``DBS.06025048`` no package.
    """
    if len(instance_ids) == 1:
        return UPGRADE_AGENT.call({"instance_id": instance_ids[0]})
    return UPGRADE_AGENTS.call(body={"instance_ids": list(instance_ids)})
