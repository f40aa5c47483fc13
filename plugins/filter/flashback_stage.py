# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: flashback_stage
short_description: Return whether earlier runs have flashed a table back
author: gaussdb.tpops contributors (@gaussdb-tpops)
version_added: 0.1.0
description:
  - The platform does not show the rows of a table, so this follows from the records of earlier runs.
positional: _input, records
options:
  _input:
    description: What is requested, with C(database), C(schema), C(table), C(time), C(undrop) and C(attempt).
    type: dict
    required: true
  records:
    description: Records of earlier runs, the newest first.
    type: list
    elements: dict
    required: true
"""

EXAMPLES = r"""
- name: Show how far it is
  ansible.builtin.debug:
    msg: "{{ procedure_request | gaussdb.tpops.flashback_stage(recalled.records) }}"
"""

RETURN = r"""
_value:
  description: V(new), V(done) if it is not verified yet, V(complete), or V(unknown) if a run was interrupted during it.
  type: str
  sample: new
"""

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.gaussdb.tpops.plugins.plugin_utils.procedure import flashback


def flashback_stage(request: Mapping[str, Any], records: Sequence[Mapping[str, Any]]) -> str:
    return flashback.flashback_stage(request, records)


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"flashback_stage": flashback_stage}
