# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: halved_relations
short_description: Return the relations of which a run has only one half
author: gaussdb.tpops contributors (@gaussdb-tpops)
version_added: 0.1.0
description:
  - A job of AWX with a slice of the inventory may have one site or instance of a relation and not the other one.
positional: _input, subjects, hosts
options:
  _input:
    description: The relations, C(dr_relations).
    type: list
    elements: dict
    required: true
  subjects:
    description: What the run works on, as P(gaussdb.tpops.selected_instances#filter) returns it.
    type: list
    elements: dict
    required: true
  hosts:
    description: The hosts of the inventory.
    type: list
    elements: str
    required: true
  known:
    description: The variables of the hosts of instances that the inventory has, if the run is only about these.
    type: list
    elements: dict
"""

EXAMPLES = r"""
- name: Check that the run has both sites of each relation
  ansible.builtin.assert:
    that: dr_relations | gaussdb.tpops.halved_relations(selection.subjects, groups['all']) | length == 0
"""

RETURN = r"""
_value:
  description: The name of each of these relations, with the instance and the site that the run does not have.
  type: list
  elements: str
  sample: [orders (orders-dr of site-b)]
"""

from typing import Any

from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.relations import halves


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"halved_relations": halves}
