# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: upgrade_subjects
short_description: Return what one run upgrades on several platforms
author: gaussdb.tpops contributors (@gaussdb-tpops)
version_added: 0.1.0
description:
  - Returns what is upgraded together, in the order of the waves, and what the platforms say about the waves.
positional: _input, relations
options:
  _input:
    description: What the filter P(gaussdb.tpops.upgrades#filter) returned for each platform, by its inventory host.
      C(recent) can have the names of instances that have their version, and are to be verified again.
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
    msg: "{{ (plans | gaussdb.tpops.upgrade_subjects(dr_relations)).subjects | map(attribute='host') }}"
  vars:
    plans:
      site-a: "{{ gaussdb_estate | gaussdb.tpops.upgrades(read.instances) }}"
"""

RETURN = r"""
_value:
  description: What the run upgrades.
  type: dict
  sample:
    subjects:
      - host: DR@orders
        site: site-a
        pending: true
        members: {site-a: orders-prod, site-b: orders-dr}
        member_site: site-a
        relation: {name: orders, primary_site: site-a}
    settings:
      upgrade_waves: {site-a: [1, 20%]}
      upgrade_max_fail_percentage: {}
  contains:
    subjects:
      description: One entry for each instance, or for the disaster recovery relation that it is in.
      type: list
      elements: dict
      contains:
        host:
          description: The name of its host.
          type: str
        site:
          description: The site of the instance that was selected.
          type: str
        pending:
          description: Whether it is to be upgraded, and not only verified again.
          type: bool
        members:
          description: Its instances, by site.
          type: dict
        member_site:
          description: The site of the member that should be the primary, or of the only one.
          type: str
        relation:
          description: The description of the relation, without users and passwords. Empty for an instance.
          type: dict
    settings:
      description: The values of C(upgrade_waves) and C(upgrade_max_fail_percentage) by site, of the platforms with an
        instance to upgrade that say something of them.
      type: dict
"""

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.upgrades import join_upgrades


def upgrade_subjects(
    plans: Mapping[str, Mapping[str, Any]], relations: Sequence[Mapping[str, Any]] = ()
) -> dict[str, Any]:
    return join_upgrades(plans, relations)


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"upgrade_subjects": upgrade_subjects}
