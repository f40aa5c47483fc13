# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: node_state
short_description: Return how far the maintenance of a node is
author: gaussdb.tpops contributors (@gaussdb-tpops)
version_added: 0.1.0
description:
  - Returns what follows from what a procedure has seen of an instance for one of its nodes.
positional: _input, node, records
options:
  _input:
    description: What was seen of the instance, with C(nodes), as M(gaussdb.tpops.gaussdb_procedure) returns it.
    type: dict
    required: true
  node:
    description: Name or ID of the node, or name or management address of its host, which may have several nodes.
    type: str
    required: true
  records:
    description: Records of earlier runs, the newest first. They say which primaries were on the node before, and
      whether it was restarted.
    type: list
    elements: dict
    default: []
"""

EXAMPLES = r"""
- name: Show how far the node is
  ansible.builtin.debug:
    msg: "{{ (procedure_seen['site-a'] | gaussdb.tpops.node_state('db-03')).stage }}"
"""

RETURN = r"""
_value:
  description: The state of the node.
  type: dict
  sample:
    ids: [5b1e2f3a4c5d6e7f8091a2b3c4d5e6f7no14]
    names: [orders-prod_root_0]
    hostnames: [db-03]
    addresses: [192.0.2.13]
    stage: stopped
    healthy: false
    ready: false
    unhealthy: ["orders-prod_root_0 dn_6001 Down Manually stopped"]
    primaries: []
    home: [dn_6001]
    home_known: true
    checks: {drained: [{name: primaries_on_node, value: [], expected: []}]}
    restarted: false
    restartable: true
  contains:
    ids:
      description: The IDs of the nodes, usually one.
      type: list
      elements: str
    names:
      description: Their names.
      type: list
      elements: str
    hostnames:
      description: The names of their hosts.
      type: list
      elements: str
    addresses:
      description: The management addresses of their hosts.
      type: list
      elements: str
    stage:
      description: V(in_use) by primaries, V(drained), V(stopped) by somebody, V(broken), which is neither running nor
        stopped, or V(unknown).
      type: str
    healthy:
      description: Whether all components on them run. Empty if their statuses do not show it.
      type: bool
    ready:
      description: Whether they are healthy, and their replicas follow their primaries.
      type: bool
    unhealthy:
      description: Their names, each with what keeps it from being ready.
      type: list
      elements: str
    primaries:
      description: The IDs of the primaries of shards on them.
      type: list
      elements: str
    home:
      description: The IDs of standbys on them that should be primaries. These are the primaries that were on the node
        before the maintenance, if a record says so. Otherwise as many that no node has two primaries more than it.
      type: list
      elements: str
    home_known:
      description: Whether a record says which primaries were on the node.
      type: bool
    checks:
      description: The checks for each of the goals V(drained), V(stopped) and V(started), and V(repaired) for the nodes
        alone.
      type: dict
    restarted:
      description: Whether a record says that their repair was killed after it had begun a restart.
      type: bool
    restartable:
      description: Whether they do not run, or a majority of each shard and of ETCD is left without them.
      type: bool
"""

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.gaussdb.tpops.plugins.plugin_utils.procedure import nodes


def node_state(seen: Mapping[str, Any], node: str, records: Sequence[Mapping[str, Any]] = ()) -> dict[str, Any]:
    return nodes.node_state(seen, str(node), records)


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"node_state": node_state}
