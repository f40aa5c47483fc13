# SPDX-License-Identifier: GPL-3.0-or-later
"""The parameters of an instance: their values and the checks of new values.

`instance.parameters` has only values that differ from the template, so that a large estate stays small.
"""

from __future__ import annotations

from .entities import Instance
from .errors import ApiError
from .instances import is_distributed
from .parameter_template import Parameter, template

UPDATED = "parameters_updated"


def known_parameters(instance: Instance) -> dict[str, Parameter]:
    return template(is_distributed(instance))


def parameter_value(instance: Instance, name: str) -> str:
    """Current value of a parameter by its plain name; of a distributed instance the one of the data nodes."""
    known = known_parameters(instance)
    full = name if name in known else f"dn:{name}"
    return instance.parameters.get(full, known[full].default)


def check_parameters(instance: Instance, values: dict[str, str]) -> None:
    """Refuse an unknown name and a value outside its range, with the name of the parameter."""
    known = known_parameters(instance)
    for name, value in values.items():
        parameter = known.get(name)
        if parameter is None:
            raise ApiError("DBS.200001", detail=f"{name} is not a parameter of this instance")
        if not parameter.accepts(value):
            raise ApiError("DBS.200001", detail=f"{name} must be in the range {parameter.value_range}")


def store_parameters(instance: Instance, values: dict[str, str], moment: float) -> None:
    """Set the values. Those that need a restart are also listed in `pending_parameters`."""
    known = known_parameters(instance)
    for name, value in values.items():
        parameter = known[name]
        if parameter.restart_required and instance.parameters.get(name, parameter.default) != value:
            instance.pending_parameters[name] = value
        if value == parameter.default:
            instance.parameters.pop(name, None)
        else:
            instance.parameters[name] = value
    instance.data[UPDATED] = instance.updated = moment
