# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: rotation_probe
short_description: Return which backup proves the password of the backup user
author: gaussdb.tpops contributors (@gaussdb-tpops)
version_added: 0.1.0
description:
  - Returns the backup that an interrupted run has made after it has set the password, or a new one.
positional: _input, records, fresh, has_full
options:
  _input:
    description: The backups of the instance, the newest first.
    type: list
    elements: dict
    required: true
  records:
    description: Records of earlier runs.
    type: list
    elements: dict
    required: true
  fresh:
    description: Whether a new one is needed whatever there is.
    type: bool
    default: false
  has_full:
    description: Whether there is a full backup, which a differential one needs.
    type: bool
    default: true
"""

EXAMPLES = r"""
- name: Show the name of the backup
  ansible.builtin.debug:
    msg: "{{ (backups_read.backups | gaussdb.tpops.rotation_probe(recalled.records)).name }}"
"""

RETURN = r"""
_value:
  description: The backup.
  type: dict
  sample: {name: rotation-20261126080000, type: differential}
  contains:
    name:
      description: Its name.
      type: str
    type:
      description: V(differential) or V(full).
      type: str
"""

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.gaussdb.tpops.plugins.plugin_utils.procedure.passwords import probe_backup
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.procedure.record import utc_now

Data = Mapping[str, Any]


def rotation_probe(
    backups: Sequence[Data], records: Sequence[Data], fresh: bool = False, has_full: bool = True
) -> dict[str, str]:
    return probe_backup(backups, records, fresh, has_full, utc_now())


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"rotation_probe": rotation_probe}
