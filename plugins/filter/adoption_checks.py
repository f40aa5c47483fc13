# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: adoption_checks
short_description: Return the checks of an adopted instance
author: gaussdb.tpops contributors (@gaussdb-tpops)
version_added: 0.1.0
description:
  - Returns the checks of its version, its agents and its first backup.
positional: _input, versions, agents, backups, needs
options:
  _input:
    description: What was seen of the instance, as M(gaussdb.tpops.gaussdb_procedure) returns it.
    type: dict
    required: true
  versions:
    description: The versions that the platform knows, as M(gaussdb.tpops.gaussdb_engine_version_info) returns them.
    type: list
    elements: str
    required: true
  agents:
    description: Its agents with their nodes, as M(gaussdb.tpops.gaussdb_agent_info) returns them.
    type: list
    elements: dict
    required: true
  backups:
    description: Its complete full backups, as M(gaussdb.tpops.gaussdb_backup_info) returns them.
    type: list
    elements: dict
    required: true
  needs:
    description: Whether C(agents) and C(backup) are checked.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Show the checks
  ansible.builtin.debug:
    msg: "{{ procedure_seen['site-a'] | gaussdb.tpops.adoption_checks(read.versions, agents=[], backups=[],
      needs={'agents': false, 'backup': false}) }}"
"""

RETURN = r"""
_value:
  description: The checks.
  type: list
  elements: dict
  sample:
    - {name: known_version, value: 3.200.0, expected: [3.200.0], passed: true}
"""

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.gaussdb.tpops.plugins.plugin_utils.procedure import adopt

Data = Mapping[str, Any]


def adoption_checks(
    seen: Data, versions: Sequence[str], agents: Sequence[Data], backups: Sequence[Data], needs: Data
) -> list[dict[str, Any]]:
    return adopt.checks_of_adoption(seen, versions, agents, backups, needs)


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"adoption_checks": adoption_checks}
