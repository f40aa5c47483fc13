#!/usr/bin/python
# Copyright: Contributors to the gaussdb.tpops project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: gaussdb_parameter_info
short_description: Gather information about the parameters of an instance
version_added: 0.1.0
author: gaussdb.tpops contributors (@gaussdb-tpops)
description:
  - Lists the parameters of an instance with their values, the allowed values and whether a change needs a restart, and
    the template that they come from.
extends_documentation_fragment:
  - gaussdb.tpops.connection
  - gaussdb.tpops.instance_scope
  - gaussdb.tpops.info
options:
  names:
    description:
      - List only these parameters. A name that the instance does not have is left out of the list.
    type: list
    elements: str
seealso:
  - module: gaussdb.tpops.gaussdb_parameter
"""

EXAMPLES = r"""
- name: Read two parameters
  gaussdb.tpops.gaussdb_parameter_info:
    instance: orders-prod
    names: [max_connections, failed_login_attempts]
  register: read

- name: Show them
  ansible.builtin.debug:
    msg: "{{ read.parameters | items2dict(key_name='name', value_name='value') }}"
"""

# RETURN:begin, written by `make generate` from SPEC, the shapes that it names and engine/returns.py.
RETURN = r"""
parameters:
  description: The parameters.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: Name of the parameter.
      type: str
    value:
      description: Value of the parameter.
      type: str
    restart_required:
      description: Whether a change takes effect only after a restart.
      type: bool
    value_range:
      description: Allowed values.
      type: str
    type:
      description: Type of the value, such as V(integer) or V(boolean).
      type: str
    description:
      description: Description, in the language of O(language).
      type: str
  sample:
    - name: failed_login_attempts
      value: '10'
      value_range: 0-1000
      type: integer
      restart_required: false
      description: Failed logins after which a user is locked.
template:
  description: The template that the parameters come from. Empty in check mode if an earlier task would create the
    instance.
  returned: success
  type: dict
  contains:
    engine_name:
      description: Name of the database engine.
      type: str
    engine_version:
      description: Version of the engine.
      type: str
    created:
      description: When the template was created, as the platform writes it.
      type: str
    updated:
      description: When a parameter was last changed, as the platform writes it.
      type: str
  sample:
    engine_name: GaussDB
    engine_version: 3.200.0
    created: '2026-01-05 08:00:00'
    updated: '2026-01-06 17:30:00'
"""
# RETURN:end

from typing import Any

from ansible_collections.gaussdb.tpops.plugins.module_utils.api import parameter as api
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.shape import Attr
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.parent import INSTANCE
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.context import Context
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.options import Field
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import Find, Info
from ansible_collections.gaussdb.tpops.plugins.module_utils.runner import run_module


def select_parameters(ctx: Context, templates: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Split the reply, which has both the template and its parameters."""
    names, parameters = ctx.params["names"], templates[0]["parameters"] if templates else []
    return parameters if names is None else [entry for entry in parameters if entry["name"] in names]


def build_result(ctx: Context, parameters: list[Any]) -> dict[str, Any]:
    found = ctx.listed[0] if ctx.listed else {}
    return {"template": {name: value for name, value in found.items() if name != "parameters"}}


SPEC = Info(
    plural="parameters",
    parent=INSTANCE,
    fields=(Field("names", type="list", elements="str"),),
    find=Find(read=lambda ctx: api.get_template(ctx.parent.id), select=select_parameters),
    result=build_result,
    returns=api.PARAMETER,
    also_returns=(
        Attr(
            "template",
            kind="dict",
            shape=api.TEMPLATE.without("parameters"),
            doc=(
                "The template that the parameters come from. Empty in check mode if an earlier task would create the "
                "instance."
            ),
            returned="success",
        ),
    ),
)


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
