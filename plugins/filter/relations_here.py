# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: relations_here
short_description: Return the relations of disaster recovery that a run is about
author: gaussdb.tpops contributors (@gaussdb-tpops)
version_added: 0.1.0
description:
  - These are all relations, or those with a site in the slice of the inventory that a job of AWX has. One of which only
    one site is in the slice is returned, too, so that the run can refuse it.
positional: _input, hosts, sliced
options:
  _input:
    description: The relations, C(dr_relations).
    type: list
    elements: dict
    required: true
  hosts:
    description: The hosts of the inventory.
    type: list
    elements: str
    required: true
  sliced:
    description: Whether the inventory is a slice, C(gaussdb_sliced).
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Show the relations of this slice
  ansible.builtin.debug:
    msg: "{{ dr_relations | gaussdb.tpops.relations_here(groups['all'], true) | map(attribute='name') }}"
"""

RETURN = r"""
_value:
  description: The relations.
  type: list
  elements: dict
"""

from typing import Any

from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.relations import relations_here


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"relations_here": relations_here}
