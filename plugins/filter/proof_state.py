# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: proof_state
short_description: Return how far the proof of a backup is
author: gaussdb.tpops contributors (@gaussdb-tpops)
version_added: 0.1.0
description:
  - Returns what is restored where to prove a backup of an instance, and what an interrupted run has left of that.
  - A proof instance is known by its name, which is that of its source, C(-proof-) and 14 digits. Records of runs
    that did not end and are not older than a day say what was restored to it, and what was found.
positional: _input, instances, hosts, records
options:
  _input:
    description: What was seen of the source, with C(nodes) and C(newest_backup), as
      M(gaussdb.tpops.gaussdb_procedure) returns it.
    type: dict
    required: true
  instances:
    description: The instances of the platform, as M(gaussdb.tpops.gaussdb_instance_info) returns them.
    type: list
    elements: dict
    required: true
  hosts:
    description: The hosts of the platform, as M(gaussdb.tpops.gaussdb_host_info) returns them.
    type: list
    elements: dict
    required: true
  records:
    description: Records of earlier proofs of this instance, the newest first.
    type: list
    elements: dict
    default: []
  options:
    description:
      - What the user asks for, C(hosts), C(data_center), C(solution), C(point) and C(port), and what else decides,
        C(solution_of_source), C(port_of_source), C(restore_times) and C(now_ms), the time of the platform in
        milliseconds since 1970.
    type: dict
    default: {}
"""

EXAMPLES = r"""
- name: Show which hosts an instance would be restored to
  ansible.builtin.debug:
    msg: "{{ (procedure_seen['site-a'] | gaussdb.tpops.proof_state(read.instances, hosts.hosts,
      options={'data_center': 'spare', 'solution': 'single'})).hosts }}"
"""

RETURN = r"""
_value:
  description: The state of the proof.
  type: dict
  sample:
    name: orders-prod-proof-20261126080000
    found: []
    instance: {}
    begun: {}
    verification: []
    verified: false
    exists: false
    failed: false
    hosts: [192.0.2.31]
    needed: 1
    point:
      restore: {instance: orders-prod, backup_id: 7d3c2b1a0f9e8d7c6b5a493827160504br14}
      backup: full-20261126
      time: 2026-11-26 02:13:00 UTC
      rpo_seconds: 20820
    arguments: {solution: single, manage_ips: [192.0.2.31], os_type: Kylin, cpu_spec: Intel, arch: X86, port: 8002}
  contains:
    name:
      description: The name of the instance to restore to.
      type: str
    found:
      description: The names of all proof instances of the source.
      type: list
      elements: str
    instance:
      description: The one that exists, if it is the only one.
      type: dict
    begun:
      description: What an interrupted run has restored, as it noted it.
      type: dict
    verification:
      description: What an interrupted run has found.
      type: list
      elements: dict
    verified:
      description: Whether an interrupted run has verified the instance, so that only the removal is left.
      type: bool
    exists:
      description: Whether there is one proof instance.
      type: bool
    failed:
      description: Whether the restore to it has failed.
      type: bool
    hosts:
      description: The management addresses of the hosts to restore to.
      type: list
      elements: str
    needed:
      description: How many hosts that takes.
      type: int
    point:
      description: What to restore, empty if there is nothing. C(restore) is the option of
        M(gaussdb.tpops.gaussdb_instance), and C(rpo_seconds) how much is lost if the source is lost now.
      type: dict
    arguments:
      description: Further options of the new instance.
      type: dict
"""

from collections.abc import Mapping, Sequence
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import TpopsError
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.procedure import proof
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.procedure.record import utc_now

Data = Mapping[str, Any]


def proof_state(
    seen: Data,
    instances: Sequence[Data],
    hosts: Sequence[Data],
    records: Sequence[Data] = (),
    options: Data | None = None,
) -> dict[str, Any]:
    try:
        return proof.proof_state(seen, instances, hosts, records, options or {}, utc_now())
    except TpopsError as error:
        raise AnsibleFilterError(error.message) from None


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"proof_state": proof_state}
