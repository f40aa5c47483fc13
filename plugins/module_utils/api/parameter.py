# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Parameters of an instance (reference 4.3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..util.values import as_bool, lookup
from .operation import Call, Operation
from .shape import Attr, Shape

PARAMETER = Shape(
    (
        Attr("name"),
        Attr("value"),
        Attr("restart_required", kind="bool"),
        Attr("value_range"),
        Attr("type"),
        Attr("description"),
    )
)
TEMPLATE = Shape(
    (
        Attr("engine_name", ("datastore_name",)),
        Attr("engine_version", ("datastore_version",)),
        Attr("created"),
        Attr("updated"),
        Attr("parameters", ("configuration_parameters",), "list", shape=PARAMETER),
    )
)

GET_PARAMETERS = Operation(
    "get_parameters",
    "GET",
    "/gaussdb/v3.1/instances/{instance_id}/configurations",
    "4.3.1",
    read=True,
    items=("configuration_parameters",),
    shape=PARAMETER,
)
SET_PARAMETERS = Operation(
    "set_parameters", "PUT", "/gaussdb/v3/instances/{instance_id}/configurations", "4.3.2", job=True
)


def get_parameters(instance_id: str | None) -> Call:
    """List the parameters of an instance: name, value, value_range, type, description, restart_required (4.3.1)."""
    return GET_PARAMETERS.call(path={"instance_id": instance_id})


def get_template(instance_id: str | None) -> Call:
    """Get the same, as a list under ``parameters``, with what the reply says of the template as a whole (4.3.1)."""
    return replace(GET_PARAMETERS, items=(), shape=TEMPLATE).call(path={"instance_id": instance_id})


def set_parameters(instance_id: str | None, values: Mapping[str, str]) -> Call:
    """Set parameters, all of them in one job (4.3.2). Error ``DBS.200001``: a name or a value is not allowed."""
    return SET_PARAMETERS.call(path={"instance_id": instance_id}, body={"values": dict(values)})


def needs_restart(data: Any) -> bool:
    """Tell from the reply to a write whether it says, as that of :func:`set_parameters` can, that the instance has to
    be restarted."""
    return as_bool(lookup(data, "restart_required")) is True
