# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: upgrade_subjects
short_description: Return what is upgraded together, an instance or the two instances of a relation
author: gaussdb.tpops contributors (@gaussdb-tpops)
version_added: 0.1.0
description:
  - Returns one entry for each instance, or for the disaster recovery relation that it is in. A relation comes in place
    of the first of its instances.
positional: _input, relations
options:
  _input:
    description: The names of the instances to upgrade, by the inventory host of their platform.
    type: dict
    required: true
  relations:
    description: The disaster recovery relations, C(dr_relations).
    type: list
    elements: dict
    default: []
"""

EXAMPLES = r"""
- name: Show what is upgraded together
  ansible.builtin.debug:
    msg: "{{ chosen | gaussdb.tpops.upgrade_subjects(dr_relations) | map(attribute='host') }}"
  vars:
    chosen: {site-a: [orders-prod, core]}
"""

RETURN = r"""
_value:
  description: The subjects of the upgrade.
  type: list
  elements: dict
  sample:
    - host: DR@orders
      site: site-a
      members: {site-a: orders-prod, site-b: orders-dr}
      member_site: site-a
      relation: {name: orders, primary_site: site-a}
  contains:
    host:
      description: The name of its host.
      type: str
    site:
      description: The site of the instance that was selected.
      type: str
    members:
      description: Its instances, by site.
      type: dict
    member_site:
      description: The site of the member that should be the primary, or of the only one.
      type: str
    relation:
      description: The description of the relation, without users and passwords. Empty for an instance.
      type: dict
"""

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.upgrades import find_subjects


def upgrade_subjects(
    chosen: Mapping[str, Sequence[str]], relations: Sequence[Mapping[str, Any]] = ()
) -> list[dict[str, Any]]:
    return find_subjects(chosen, relations)


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"upgrade_subjects": upgrade_subjects}
