# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: pending
short_description: Return what of the description of an instance only a procedure can change
author: gaussdb.tpops contributors (@gaussdb-tpops)
version_added: 0.1.0
description:
  - An instance that exists may be described with a newer engine version, more hosts or other replicas. A run leaves
    that as it is, because only a procedure can change it.
positional: _input, instances
options:
  _input:
    description: The description of the instance.
    type: dict
    required: true
  instances:
    description: What M(gaussdb.tpops.gaussdb_instance_info) returns for its name. An instance that does not exist has
      nothing pending.
    type: list
    elements: dict
    required: true
"""

EXAMPLES = r"""
- name: Show whether an upgrade is pending
  ansible.builtin.debug:
    msg: "{{ {'engine_version': '8.200.0'} | gaussdb.tpops.pending([{'engine_version': '8.100.0'}]) }}"
"""

RETURN = r"""
_value:
  description: What is pending.
  type: list
  elements: dict
  contains:
    options:
      description: The options that say it.
      type: list
      elements: str
    line:
      description: What differs.
      type: str
    playbook:
      description: The playbook of the procedure.
      type: str
  sample:
    - options: [engine_version]
      line: upgrade pending 8.100.0 → 8.200.0
      playbook: gaussdb.tpops.upgrade
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.pending import find_pending, line_of


def pending(described: Mapping[str, Any], instances: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    found = find_pending(described, instances[0]) if len(instances) == 1 else []
    return [{"options": list(each.options), "line": line_of(asdict(each)), "playbook": each.playbook} for each in found]


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"pending": pending}
