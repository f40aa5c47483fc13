# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: given
short_description: Remove null values from a description
author: gaussdb.tpops contributors (@gaussdb-tpops)
version_added: 0.1.0
description:
  - Returns the same data without the keys whose value is null, at any depth. A key without a value, as in C(port:),
    counts as not given; the argument specs of roles, and templates before ansible-core 2.19, treat null as a value.
options:
  _input:
    description: Any data.
    type: raw
    required: true
"""

EXAMPLES = r"""
- name: Show the options of an instance
  ansible.builtin.debug:
    msg: "{{ {'name': 'orders-prod', 'port': none, 'parameters': {'max_connections': 500}} | gaussdb.tpops.given }}"
"""

RETURN = r"""
_value:
  description: The data without null values.
  type: raw
  sample: {name: orders-prod, parameters: {max_connections: 500}}
"""

from typing import Any

from ansible_collections.gaussdb.tpops.plugins.module_utils.api.operation import without_none


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"given": without_none}
