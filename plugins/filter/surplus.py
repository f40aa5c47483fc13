# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: surplus
short_description: Return the users or roles of an instance that an exclusive description lacks
author: gaussdb.tpops contributors (@gaussdb-tpops)
version_added: 0.1.0
description:
  - Users and roles are in one list of the platform. Those of the platform and of the engine are never meant.
positional: _input, part, described
options:
  _input:
    description: What M(gaussdb.tpops.gaussdb_user_info) returns, RV(gaussdb.tpops.gaussdb_user_info#module:users).
    type: list
    elements: dict
    required: true
  part:
    description: What is meant.
    type: str
    choices: [users, roles]
    required: true
  described:
    description: The description, with C(users), C(roles), C(users_exclusive) and C(roles_exclusive).
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Show who would be removed
  ansible.builtin.debug:
    msg: "{{ [{'name': 'guest'}] | gaussdb.tpops.surplus('users', {'users': [], 'users_exclusive': true}) }}"
"""

RETURN = r"""
_value:
  description: Who is not described, as entries for the module that removes them. Empty if the list is not exclusive.
  type: list
  elements: dict
  sample: [{name: guest}]
"""

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.exclusive import accounts_of, find_surplus


def surplus(accounts: Sequence[Mapping[str, Any]], part: str, described: Mapping[str, Any]) -> list[dict[str, str]]:
    if not described.get(f"{part}_exclusive"):
        return []
    return [{"name": name} for name in find_surplus(part, accounts, accounts_of(described))]


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"surplus": surplus}
