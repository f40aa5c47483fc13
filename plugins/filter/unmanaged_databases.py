# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: unmanaged_databases
short_description: Return which running databases are not managed
author: gaussdb.tpops contributors (@gaussdb-tpops)
version_added: 0.1.0
description:
  - Returns the databases to which hosts belong, as notes of a record.
positional: _input
options:
  _input:
    description: For each host the list C(hosts) that M(gaussdb.tpops.gaussdb_instance_adoption_info) returns for it.
    type: list
    elements: list
    required: true
"""

EXAMPLES = r"""
- name: Show what is not managed
  ansible.builtin.debug:
    msg: "{{ read.results | map(attribute='hosts') | gaussdb.tpops.unmanaged_databases }}"
"""

RETURN = r"""
_value:
  description: A note for each database, or one that says that there is none.
  type: list
  elements: dict
  sample:
    - {code: unmanaged_database, hosts: [192.0.2.61], missing: []}
  contains:
    code:
      description: V(unmanaged_database), V(unmanaged_hosts_missing) if hosts must be added to the platform first, or
        V(no_unmanaged_database).
      type: str
    hosts:
      description: Management addresses of its hosts.
      returned: if there is one
      type: list
      elements: str
    missing:
      description: Those of them that are not added to the platform.
      returned: if there is one
      type: list
      elements: str
"""

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.gaussdb.tpops.plugins.plugin_utils.procedure import adopt


def unmanaged_databases(listed: Sequence[Sequence[Mapping[str, Any]]]) -> list[dict[str, Any]]:
    return adopt.notes_of(adopt.databases_of(list(listed)))


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"unmanaged_databases": unmanaged_databases}
