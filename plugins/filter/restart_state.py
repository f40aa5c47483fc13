# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: restart_state
short_description: Return what waits for the restart of an instance
author: gaussdb.tpops contributors (@gaussdb-tpops)
version_added: 0.1.0
description:
  - The platform shows neither which parameters wait for a restart, nor that an instance was restarted. Both follow from
    the description and from the records of earlier runs.
positional: _input, records
options:
  _input:
    description: The described parameters that need a restart and have other values, as C(restart_deferred) of
      M(gaussdb.tpops.gaussdb_parameter) returns them.
    type: list
    elements: str
    required: true
  records:
    description: Records of earlier runs, the newest first.
    type: list
    elements: dict
    default: []
  job:
    description: The task C(job_id) as M(gaussdb.tpops.gaussdb_job_info) returns it.
    type: dict
  sessions:
    description: The sessions of the instance, as M(gaussdb.tpops.gaussdb_session_info) returns them.
    type: list
    elements: dict
  force:
    description: Whether the instance is restarted although nothing waits for it.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Show what waits for a restart
  ansible.builtin.debug:
    msg: "{{ (['max_connections'] | gaussdb.tpops.restart_state(recalled.records)).waiting }}"
"""

RETURN = r"""
_value:
  description: The state of the restart.
  type: dict
  sample:
    deferred: [max_connections]
    set: []
    waiting: [max_connections]
    earlier: none
    job_id: ""
    due: true
    unverified: false
    moment_ms: 1767600000000
  contains:
    deferred:
      description: The parameters that are to be set.
      type: list
      elements: str
    set:
      description: The parameters that an earlier run has set, without a restart after that.
      type: list
      elements: str
    waiting:
      description: All of them.
      type: list
      elements: str
    earlier:
      description: What became of the restart by the newest run that did not come to its end. V(done), V(not_done),
        V(failed) if the task of the platform has failed, or V(unknown). V(none) if no such run was about to.
      type: str
    job_id:
      description: ID of its task, whose end no run has seen. Empty if it is not known or not needed.
      type: str
    due:
      description: Whether the instance is to be restarted.
      type: bool
    unverified:
      description: Whether it was restarted and not verified since.
      type: bool
    moment_ms:
      description: The time of the platform in milliseconds since 1970, as the sessions show it.
      type: int
"""

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.gaussdb.tpops.plugins.plugin_utils.procedure import restart


def restart_state(deferred: Sequence[str], records: Sequence[Mapping[str, Any]] = (), **options: Any) -> dict[str, Any]:
    return restart.restart_state(deferred, records, **options)


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"restart_state": restart_state}
