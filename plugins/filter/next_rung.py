# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: next_rung
short_description: Return what to do next to repair a node
author: gaussdb.tpops contributors (@gaussdb-tpops)
version_added: 0.1.0
description:
  - A node that somebody has stopped is started. A broken one is restarted, unless that takes the majority away from a
    shard, then repaired, then replaced.
positional: _input, tried, limit
options:
  _input:
    description: The state of the node, as P(gaussdb.tpops.node_state#filter) returns it.
    type: dict
    required: true
  tried:
    description: What was tried and has not helped.
    type: list
    elements: str
    default: []
  limit:
    description: The last of V(started), V(restarted), V(repaired) and V(replaced) that may be tried.
    type: str
    default: replaced
"""

EXAMPLES = r"""
- name: Show what to do next
  ansible.builtin.debug:
    msg: "{{ procedure_seen['site-a'] | gaussdb.tpops.node_state('db-03') | gaussdb.tpops.next_rung(['restarted']) }}"
"""

RETURN = r"""
_value:
  description: The state of M(gaussdb.tpops.gaussdb_node) to ask for. Empty if there is nothing to do, or nothing left.
  type: str
  sample: repaired
"""

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.gaussdb.tpops.plugins.plugin_utils.procedure import nodes


def next_rung(state: Mapping[str, Any], tried: Sequence[str] = (), limit: str = "replaced") -> str:
    return nodes.next_rung(state, tried, limit)


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"next_rung": next_rung}
