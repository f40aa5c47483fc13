# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: rotation_bounds
short_description: Return what descriptions say of the accounts of an instance
author: gaussdb.tpops contributors (@gaussdb-tpops)
version_added: 0.1.0
description:
  - Returns what the description of a platform and those of relations say of accounts whose passwords are rotated.
positional: _input, site, instance, estate, relations, key_pair
options:
  _input:
    description: Names of the accounts.
    type: list
    elements: str
    required: true
  site:
    description: The inventory host of the platform.
    type: str
    required: true
  instance:
    description: Name of the instance.
    type: str
    required: true
  estate:
    description: The description of the platform, C(gaussdb_estate).
    type: dict
    required: true
  relations:
    description: The descriptions of relations, C(dr_relations).
    type: list
    elements: dict
    required: true
  key_pair:
    description: Name of the key pair that is removed.
    type: str
    default: ""
"""

EXAMPLES = r"""
- name: Show which of the passwords are described
  ansible.builtin.debug:
    msg: "{{ (['clerk'] | gaussdb.tpops.rotation_bounds('site-a', 'orders-prod', estate, dr_relations)).described }}"
"""

RETURN = r"""
_value:
  description: What they say.
  type: dict
  sample:
    described: [clerk]
    removed: []
    hosts: []
    relation_users: [root]
  contains:
    described:
      description: The accounts whose passwords are described.
      type: list
      elements: str
    removed:
      description: The accounts that the playbook C(gaussdb.tpops.site) would remove, because they are not described and
        C(users_exclusive) is set.
      type: list
      elements: str
    hosts:
      description: The described hosts with the key pair.
      type: list
      elements: str
    relation_users:
      description: The accounts that the relation of the instance was built with, null if none is described.
      type: list
      elements: str
"""

from typing import Any

from ansible_collections.gaussdb.tpops.plugins.plugin_utils.procedure.passwords import rotation_bounds


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"rotation_bounds": rotation_bounds}
