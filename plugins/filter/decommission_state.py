# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: decommission_state
short_description: Return how far the end of an instance is
author: gaussdb.tpops contributors (@gaussdb-tpops)
version_added: 0.1.0
description:
  - Returns what is left to do to end the life of an instance, from what the platform shows and from the records of
    earlier runs. The records are only needed for an instance that is removed already.
positional: _input, read, records, proofs, options
options:
  _input:
    description: Name of the instance.
    type: str
    required: true
  read:
    description: What the platform shows, C(instances) of this name, and of one that exists C(users), C(backups),
      C(inspections), and C(dbminds) with what they manage, as the info modules return them.
    type: dict
    required: true
  records:
    description: Records of earlier runs, the newest first.
    type: list
    elements: dict
    default: []
  proofs:
    description: Records of proofs of its backups, the newest first.
    type: list
    elements: dict
    default: []
  options:
    description: C(keep_days), how many days the backups are kept, and C(fresh), whether a new backup is needed whatever
      there is.
    type: dict
    default: {}
"""

EXAMPLES = r"""
- name: Show which users could still log in
  ansible.builtin.debug:
    msg: "{{ ('orders-old' | gaussdb.tpops.decommission_state({'instances': read.instances, 'users': users.users}))
      .unlocked }}"
"""

RETURN = r"""
_value:
  description: How far it is.
  type: dict
  sample:
    stage: locked
    known: {}
    instance_id: 4f2e1d0c9b8a79685746352413020100in14
    hosts: [192.0.2.11]
    users: [clerk]
    unlocked: []
    locks: []
    backup: {}
    backup_name: last-20261126080000
    proven: false
    dbminds: []
    inspections: []
    until: "2027-02-24"
  contains:
    stage:
      description: V(active), V(locked) if none of its own users can log in, or V(gone).
      type: str
    known:
      description: What the note of an earlier run says is left of it.
      type: dict
    instance_id:
      description: ID of the instance.
      type: str
    hosts:
      description: Management addresses of its hosts.
      type: list
      elements: str
    users:
      description: Its own users that can log in unless they are locked.
      type: list
      elements: str
    unlocked:
      description: Those that are not locked.
      type: list
      elements: str
    locks:
      description: The same as O(gaussdb.tpops.gaussdb_user#module:users), to lock them.
      type: list
      elements: dict
    backup:
      description: The last full backup, if an earlier attempt has made or begun it.
      type: dict
    backup_name:
      description: The name of this backup.
      type: str
    proven:
      description: Whether the records say that it was restored.
      type: bool
    dbminds:
      description: The DBMind instances that manage the instance.
      type: list
      elements: str
    inspections:
      description: The inspections of the instance, each with C(id), C(name), and C(left), the other instances in it.
      type: list
      elements: dict
    until:
      description: Until when backups are kept if the instance is removed today.
      type: str
"""

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.gaussdb.tpops.plugins.plugin_utils.procedure import decommission
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.procedure.record import utc_now

Data = Mapping[str, Any]


def decommission_state(
    instance: str,
    read: Data,
    records: Sequence[Data] = (),
    proofs: Sequence[Data] = (),
    options: Data | None = None,
) -> dict[str, Any]:
    return decommission.decommission_state(instance, read, records, proofs, options or {}, utc_now())


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"decommission_state": decommission_state}
