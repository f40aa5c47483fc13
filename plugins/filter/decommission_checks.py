# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: decommission_checks
short_description: Return the checks of an instance that was removed
author: gaussdb.tpops contributors (@gaussdb-tpops)
version_added: 0.1.0
description:
  - Returns whether the instance and its nodes are gone, and whether its last backup is there.
positional: _input, instances, hosts, backups
options:
  _input:
    description: How far it is, as P(gaussdb.tpops.decommission_state#filter) returns it.
    type: dict
    required: true
  instances:
    description: The instances of this name.
    type: list
    elements: dict
    required: true
  hosts:
    description: The hosts of the platform.
    type: list
    elements: dict
    required: true
  backups:
    description: The backups of the instance, by its ID.
    type: list
    elements: dict
    required: true
  removed:
    description: Whether its hosts should be on the platform no longer.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Show the checks
  ansible.builtin.debug:
    msg: "{{ state | gaussdb.tpops.decommission_checks(read.instances, hosts.hosts, backups.backups) }}"
"""

RETURN = r"""
_value:
  description: The checks.
  type: list
  elements: dict
  sample:
    - {name: instances_left, value: [], expected: []}
    - {name: hosts_in_use, value: [], expected: []}
    - {name: last_backup, value: last-20261126080000, expected: last-20261126080000, compared: true}
"""

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.gaussdb.tpops.plugins.plugin_utils.procedure.decommission import checks_of_end
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.procedure.record import utc_now

Data = Mapping[str, Any]


def decommission_checks(
    state: Data, instances: Sequence[Data], hosts: Sequence[Data], backups: Sequence[Data], removed: bool = False
) -> list[dict[str, Any]]:
    return checks_of_end(state, instances, hosts, backups, utc_now(), removed)


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"decommission_checks": decommission_checks}
