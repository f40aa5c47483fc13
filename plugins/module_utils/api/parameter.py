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
        Attr("name", doc="Name of the parameter."),
        Attr("value", doc="Value of the parameter."),
        Attr("restart_required", kind="bool", doc="Whether a change takes effect only after a restart."),
        Attr("value_range", doc="Allowed values."),
        Attr("type", doc="Type of the value, such as V(integer) or V(boolean)."),
        Attr("description", doc="Description, in the language of O(language)."),
    ),
    sample={
        "name": "failed_login_attempts",
        "value": "10",
        "value_range": "0-1000",
        "type": "integer",
        "restart_required": False,
        "description": "Failed logins after which a user is locked.",
    },
)
TEMPLATE = Shape(
    (
        Attr("engine_name", ("datastore_name",), doc="Name of the database engine."),
        Attr("engine_version", ("datastore_version",), doc="Version of the engine."),
        Attr("created", doc="When the template was created, as the platform writes it."),
        Attr("updated", doc="When a parameter was last changed, as the platform writes it."),
        Attr("parameters", ("configuration_parameters",), "list", shape=PARAMETER),
    ),
    sample={
        "engine_name": "GaussDB",
        "engine_version": "3.200.0",
        "created": "2026-01-05 08:00:00",
        "updated": "2026-01-06 17:30:00",
    },
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
    """Get the same as a list under ``parameters``, with the data of the template itself (4.3.1)."""
    return replace(GET_PARAMETERS, items=(), shape=TEMPLATE).call(path={"instance_id": instance_id})


def set_parameters(instance_id: str | None, values: Mapping[str, str]) -> Call:
    """Set parameters, all of them in one job (4.3.2). Error ``DBS.200001``: a name or a value is not allowed."""
    return SET_PARAMETERS.call(path={"instance_id": instance_id}, body={"values": dict(values)})


def needs_restart(data: Any) -> bool:
    """Return whether the reply to a write, such as :func:`set_parameters`, reports that a restart is required."""
    return as_bool(lookup(data, "restart_required")) is True
