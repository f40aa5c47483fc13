# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: zone_state
short_description: Return how an instance is that has lost availability zones
author: gaussdb.tpops contributors (@gaussdb-tpops)
version_added: 0.1.0
description:
  - Returns what follows from what a procedure has seen of an instance for one of its zones.
positional: _input, zone
options:
  _input:
    description: What was seen of the instance, with C(nodes), as M(gaussdb.tpops.gaussdb_procedure) returns it.
    type: dict
    required: true
  zone:
    description: ID or description of the zone.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Show the zones besides dc-east
  ansible.builtin.debug:
    msg: "{{ (procedure_seen['site-a'] | gaussdb.tpops.zone_state('dc-east')).others }}"
"""

RETURN = r"""
_value:
  description: The state of the zone.
  type: dict
  sample:
    id: dc-east
    others: [dc-south, dc-west]
    nodes: [orders-prod_root_0]
    alone: true
    healthy: false
    primary: true
    checks: {force_started: [{name: instance_status, value: ACTIVE, expected: ACTIVE}]}
  contains:
    id:
      description: ID of the zone. Empty if the instance does not have it, or its nodes cannot be read.
      type: str
    others:
      description: IDs of the other zones of the instance.
      type: list
      elements: str
    nodes:
      description: Names of the nodes in the zone.
      type: list
      elements: str
    alone:
      description: Whether the instance runs in this zone alone.
      type: bool
    healthy:
      description: Whether it runs with all of its nodes.
      type: bool
    primary:
      description: Whether the primary of each shard is in the zone.
      type: bool
    checks:
      description: The checks for each of the goals V(force_started) and V(resumed).
      type: dict
"""

from collections.abc import Mapping
from typing import Any

from ansible_collections.gaussdb.tpops.plugins.plugin_utils.procedure import zones


def zone_state(seen: Mapping[str, Any], zone: str) -> dict[str, Any]:
    return zones.zone_state(seen, str(zone))


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"zone_state": zone_state}
