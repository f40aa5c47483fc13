# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: adoption_problems
short_description: Return what is wrong with the databases that are to be adopted
author: gaussdb.tpops contributors (@gaussdb-tpops)
version_added: 0.1.0
description:
  - Validates C(gaussdb_adopt), the databases of one platform that the playbook C(gaussdb.tpops.adopt) brings under
    management. No problem shows a value that may be a secret.
positional: _input
options:
  _input:
    description: The databases.
    type: raw
    required: true
"""

EXAMPLES = r"""
- name: Show what is wrong
  ansible.builtin.debug:
    msg: "{{ gaussdb_adopt | gaussdb.tpops.adoption_problems }}"
"""

RETURN = r"""
_value:
  description: The problems, each with the path of its option.
  type: list
  elements: str
  sample: ["gaussdb_adopt[0].storage: required"]
"""

from typing import Any

from ansible_collections.gaussdb.tpops.plugins.plugin_utils.procedure import adopt


def adoption_problems(entries: Any) -> list[str]:
    return adopt.problems_of(entries)


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"adoption_problems": adoption_problems}
