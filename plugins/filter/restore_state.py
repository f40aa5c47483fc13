# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: restore_state
short_description: Return what a restore in place loses, and how far earlier runs are with it
author: gaussdb.tpops contributors (@gaussdb-tpops)
version_added: 0.1.0
description:
  - The platform shows neither what an instance was restored to, nor whether the data waits for its confirmation. Both
    follow from the records of earlier runs, and from the backups that come before a restore.
positional: _input, request, records
options:
  _input:
    description: The backups of the instance, as M(gaussdb.tpops.gaussdb_backup_info) returns them.
    type: list
    elements: dict
    required: true
  request:
    description: The point, C(to) or C(backup), and the C(attempt).
    type: dict
    required: true
  records:
    description: Records of earlier runs, the newest first.
    type: list
    elements: dict
    default: []
  spans:
    description: The times that can be restored, as M(gaussdb.tpops.gaussdb_restore_info) returns them.
    type: list
    elements: dict
  sessions:
    description: The sessions of the instance, as M(gaussdb.tpops.gaussdb_session_info) returns them.
    type: list
    elements: dict
  job:
    description: The task C(job_id) as M(gaussdb.tpops.gaussdb_job_info) returns it.
    type: dict
  status:
    description: The status of the instance.
    type: str
    default: ""
  restoring:
    description: Whether the instance was being restored at the begin of the run.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Show what a restore loses
  ansible.builtin.debug:
    msg: "{{ (read.backups | gaussdb.tpops.restore_state({'backup': 'before-release-42'})).minutes }} minutes"
"""

RETURN = r"""
_value:
  description: The state of the restore.
  type: dict
  sample:
    point: 2026-01-05 08:00:00 UTC
    label: restore-20260105080000-1
    moment_ms: 1767600000000
    backup_id: ""
    now: 2026-01-05 09:30:00 UTC
    minutes: 90
    stage: new
    job_id: ""
    way_back: ""
    platform_ms: 1767605400000
  contains:
    point:
      description: The moment or the backup, with the attempt if it is not the first one.
      type: str
    label:
      description: The same as a part of the name of a backup.
      type: str
    moment_ms:
      description: The moment, or the begin of the backup, in milliseconds since 1970. Empty if the backup is not found.
      type: int
    backup_id:
      description: ID of the backup, empty for a moment.
      type: str
    now:
      description: The time of the platform in UTC, empty if nothing shows it.
      type: str
    minutes:
      description: How many minutes the restore loses, empty if that is not known.
      type: int
    stage:
      description: V(new), V(backed_up), V(restored), V(accepted), V(complete), V(failed) if the task of the restore has
        failed, or V(unknown) if nothing shows whether the instance was restored.
      type: str
    job_id:
      description: ID of the task whose end no run has seen. Empty if it is not known or not needed.
      type: str
    way_back:
      description: Name of the backup from before the restore, empty if a new one is needed.
      type: str
    platform_ms:
      description: The time of the platform in milliseconds since 1970, as the sessions show it.
      type: int
"""

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.gaussdb.tpops.plugins.plugin_utils.procedure import restore


def restore_state(
    backups: Sequence[Mapping[str, Any]],
    request: Mapping[str, Any],
    records: Sequence[Mapping[str, Any]] = (),
    **options: Any,
) -> dict[str, Any]:
    return restore.restore_state(backups, request, records, **options)


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"restore_state": restore_state}
