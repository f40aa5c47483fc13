#!/usr/bin/python
# Copyright: Contributors to the gaussdb.tpops project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: gaussdb_parameter_info
short_description: List the parameters of an instance
version_added: 0.1.0
author: gaussdb.tpops contributors (@gaussdb-tpops)
description:
  - Lists the parameters of an instance with their values, what is allowed, and whether a change needs a restart.
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

RETURN = r"""
parameters:
  description: The parameters.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: Name.
      type: str
    value:
      description: Value.
      type: str
    value_range:
      description: What is allowed.
      type: str
    type:
      description: Type of the value, such as V(integer) or V(boolean).
      type: str
    restart_required:
      description: Whether a change takes effect only after a restart.
      type: bool
    description:
      description: What it is for, in the language of O(language).
      type: str
  sample:
    - name: failed_login_attempts
      value: "10"
      value_range: 0-1000
      type: integer
      restart_required: false
      description: Failed logins after which a user is locked.
"""

from ansible_collections.gaussdb.tpops.plugins.module_utils.api import parameter as api
from ansible_collections.gaussdb.tpops.plugins.module_utils.resource import Field, Info
from ansible_collections.gaussdb.tpops.plugins.module_utils.runner import run_module
from ansible_collections.gaussdb.tpops.plugins.module_utils.scope import INSTANCE


def named(ctx, parameters):
    names = ctx.params["names"]
    return parameters if names is None else [entry for entry in parameters if entry["name"] in names]


SPEC = Info(
    plural="parameters",
    scope=INSTANCE,
    fields=(Field("names", type="list", elements="str"),),
    read=lambda ctx: api.get_parameters(ctx.scope_id),
    select=named,
)


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
