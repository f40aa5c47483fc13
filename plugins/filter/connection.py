# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: connection
short_description: Return the connection options of a platform from the variables of its inventory host
author: gaussdb.tpops contributors (@gaussdb-tpops)
version_added: 0.1.0
description:
  - Returns the connection options of the modules, as a dictionary for C(module_defaults).
  - Each option has a variable of the same name that begins with C(tpops_), such as C(tpops_endpoint).
  - A variable that is missing, empty or null is left out, so that the environment variable of the option applies.
options:
  _input:
    description: The variables of the host, C(hostvars[SITE]).
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Read the instances of all platforms
  hosts: tpops
  gather_facts: false
  module_defaults:
    group/gaussdb.tpops.tpops: "{{ hostvars[inventory_hostname] | gaussdb.tpops.connection }}"
  tasks:
    - name: Read the instances
      gaussdb.tpops.gaussdb_instance_info:
"""

RETURN = r"""
_value:
  description: The options that are set.
  type: dict
  sample: {endpoint: "tpops.example.com:8002", username: automation, password: secret, timeout: 10}
"""

from collections.abc import Mapping
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.options import CONNECTION


def connection(variables: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options of CONNECTION that a host's ``tpops_*`` variables give.

    Raises ``AnsibleFilterError`` for a variable that refers to an undefined one: before 2.19 ansible-core passes on the
    expression itself.
    """
    given = {field.name: variables.get(f"tpops_{field.name}") for field in CONNECTION}
    for name, value in given.items():
        if isinstance(value, str) and "{{" in value:
            raise AnsibleFilterError(f"tpops_{name} refers to a variable that is not defined")
    return {name: value for name, value in given.items() if value not in (None, "")}


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"connection": connection}
