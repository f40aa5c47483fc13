# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: password_rotation
short_description: Return which secrets of an instance are to be set
author: gaussdb.tpops contributors (@gaussdb-tpops)
version_added: 0.1.0
description:
  - Returns what is left to do for a rotation of secrets, from what is staged in the user's vault. The result has these
    secrets.
positional: _input, staged, certificate
options:
  _input:
    description: Names of the accounts.
    type: list
    elements: str
    required: true
  staged:
    description: The staged secret of each account, empty for one whose current secret is used.
    type: dict
    required: true
  certificate:
    description: What is staged of the backup certificates, as the options of
      M(gaussdb.tpops.gaussdb_backup_certificate), or an empty dictionary. Without it they are not rotated.
    type: dict
"""

EXAMPLES = r"""
- name: Show which accounts get another password
  ansible.builtin.debug:
    msg: "{{ (['root', 'clerk'] | gaussdb.tpops.password_rotation(staged)).due }}"
"""

RETURN = r"""
_value:
  description: What to set.
  type: dict
  sample:
    due: [clerk]
    current: [root]
    builtin: {}
    users:
      - name: clerk
        password: VALUE_SPECIFIED_IN_NO_LOG_PARAMETER
    certificate: {}
    probed: false
    secrets: [VALUE_SPECIFIED_IN_NO_LOG_PARAMETER]
    problems: []
  contains:
    due:
      description: The accounts with a staged secret.
      type: list
      elements: str
    current:
      description: The other ones.
      type: list
      elements: str
    builtin:
      description: The options of M(gaussdb.tpops.gaussdb_builtin_password).
      type: dict
    users:
      description: The same as O(gaussdb.tpops.gaussdb_user#module:users).
      type: list
      elements: dict
    certificate:
      description: The options of M(gaussdb.tpops.gaussdb_backup_certificate).
      type: dict
    probed:
      description: Whether a backup has to prove the password of the backup user.
      type: bool
    secrets:
      description: All secrets among these values.
      type: list
      elements: str
    problems:
      description: Why nothing may be set, without a secret.
      type: list
      elements: str
"""

from typing import Any

from ansible_collections.gaussdb.tpops.plugins.plugin_utils.procedure.passwords import password_rotation


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"password_rotation": password_rotation}
