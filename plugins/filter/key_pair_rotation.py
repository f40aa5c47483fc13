# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: key_pair_rotation
short_description: Return which hosts are to get a key pair
author: gaussdb.tpops contributors (@gaussdb-tpops)
version_added: 0.1.0
description:
  - Returns which hosts of an instance do not have a key pair yet, and which other hosts still have the one that it
    takes the place of.
positional: _input, addresses, pairs, key_pair, old_key_pair
options:
  _input:
    description: The hosts of the platform.
    type: list
    elements: dict
    required: true
  addresses:
    description: The management addresses of the instance.
    type: list
    elements: str
    required: true
  pairs:
    description: The key pairs of the platform.
    type: list
    elements: dict
    required: true
  key_pair:
    description: Name of the key pair that the hosts should have. It may not exist yet.
    type: str
    required: true
  old_key_pair:
    description: Name of the other one.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Show the addresses of the hosts that still need the key pair
  ansible.builtin.debug:
    msg: "{{ (hosts_read.hosts | gaussdb.tpops.key_pair_rotation(['192.0.2.11'], pairs_read.key_pairs, 'ssh-2',
      'ssh-1')).addresses }}"
"""

RETURN = r"""
_value:
  description: The hosts.
  type: dict
  sample:
    addresses: [192.0.2.11]
    hosts:
      - manage_ip: 192.0.2.11
        ssh_key_id: 0f0de0d5-7bcb-4f2e-8a74-2f4b5b1e53f0
    others: [db-east-09]
  contains:
    addresses:
      description: Management addresses of the hosts without the key pair.
      type: list
      elements: str
    hosts:
      description: The same as O(gaussdb.tpops.gaussdb_host#module:hosts).
      type: list
      elements: dict
    others:
      description: Names of the hosts of other instances that still have the old key pair.
      type: list
      elements: str
"""

from typing import Any

from ansible_collections.gaussdb.tpops.plugins.plugin_utils.procedure.passwords import key_pair_rotation


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"key_pair_rotation": key_pair_rotation}
