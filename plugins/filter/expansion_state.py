# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: expansion_state
short_description: Return which hosts an expansion adds to an instance
author: gaussdb.tpops contributors (@gaussdb-tpops)
version_added: 0.1.0
description:
  - Compares the nodes of an instance with the hosts that it should have.
positional: _input, instance, described, given, hosts, records
options:
  _input:
    description: What was seen of the instance, with C(nodes), as M(gaussdb.tpops.gaussdb_procedure) returns it.
    type: dict
    required: true
  instance:
    description: The instance as M(gaussdb.tpops.gaussdb_instance_info) returns it.
    type: dict
    required: true
  described:
    description: What the description says, as P(gaussdb.tpops.expand_config#filter) returns it.
    type: dict
    default: {}
  given:
    description: Names or management addresses of hosts that the instance should also have, in place of those that are
      described.
    type: list
    elements: str
    default: []
  hosts:
    description: The hosts of the platform, as M(gaussdb.tpops.gaussdb_host_info) returns them.
    type: list
    elements: dict
    default: []
  records:
    description: Records of earlier runs, the newest first.
    type: list
    elements: dict
    default: []
"""

EXAMPLES = r"""
- name: Show which hosts are added
  ansible.builtin.debug:
    msg: "{{ (procedure_seen['site-a'] | gaussdb.tpops.expansion_state(read.instances[0], given=['192.0.2.51'])).new }}"
"""

RETURN = r"""
_value:
  description: The state of the expansion.
  type: dict
  sample:
    named: true
    new: [192.0.2.51, 192.0.2.52, 192.0.2.53]
    kind: shards
    solution: ""
    group: 3
    obstacles: []
    due: true
    unverified: false
    job_id: ""
    begun: []
    undescribed: []
  contains:
    named:
      description: Whether any host is named.
      type: bool
    new:
      description: The addresses of the hosts to add.
      type: list
      elements: str
    kind:
      description: V(shards) if they become new shards of a distributed instance, V(replicas) if they become replicas of
        a centralized one.
      type: str
    solution:
      description: The topology that a centralized instance becomes. Empty if there is none.
      type: str
    group:
      description: How many hosts are added at a time. V(0) if that is not known.
      type: int
    obstacles:
      description: What an expansion cannot do, each as a code with values.
      type: list
      elements: dict
    due:
      description: Whether anything is left to do.
      type: bool
    unverified:
      description: Whether an earlier run has added nodes, and nobody has verified them.
      type: bool
    job_id:
      description: ID of the task of this run, if no run has seen its end.
      type: str
    begun:
      description: The hosts that this run has added.
      type: list
      elements: str
    undescribed:
      description: The given hosts that the description does not have.
      type: list
      elements: str
"""

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.gaussdb.tpops.plugins.plugin_utils.procedure import expand

Data = Mapping[str, Any]


def expansion_state(
    seen: Data,
    instance: Data,
    described: Data | None = None,
    given: Sequence[str] = (),
    hosts: Sequence[Data] = (),
    records: Sequence[Data] = (),
) -> dict[str, Any]:
    return expand.expansion_state(seen, instance, described or {}, given, hosts, records)


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"expansion_state": expansion_state}
