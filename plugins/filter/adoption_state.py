# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: adoption_state
short_description: Return how far the adoption of a database is
author: gaussdb.tpops contributors (@gaussdb-tpops)
version_added: 0.1.0
description:
  - Returns whether the platform manages a database already.
positional: _input, hosts
options:
  _input:
    description: The instance of its name, as M(gaussdb.tpops.gaussdb_instance_info) returns it, or an empty dictionary.
    type: dict
    required: true
  hosts:
    description: Management addresses of hosts of the database.
    type: list
    elements: str
    required: true
"""

EXAMPLES = r"""
- name: Show how far it is
  ansible.builtin.debug:
    msg: "{{ ({} | gaussdb.tpops.adoption_state(['192.0.2.61'])).stage }}"
"""

RETURN = r"""
_value:
  description: The state of the adoption.
  type: dict
  sample: {stage: unmanaged, hosts: [192.0.2.61]}
  contains:
    stage:
      description: V(adopted) if the instance runs on these hosts, otherwise V(unmanaged).
      type: str
    hosts:
      description: The management addresses of its hosts, as far as they are known.
      type: list
      elements: str
"""

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.gaussdb.tpops.plugins.plugin_utils.procedure import adopt


def adoption_state(instance: Mapping[str, Any], hosts: Sequence[str]) -> dict[str, Any]:
    return adopt.adoption_state(instance, hosts)


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"adoption_state": adoption_state}
