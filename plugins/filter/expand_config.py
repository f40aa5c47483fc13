# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: expand_config
short_description: Return what the description of a platform says of the hosts of an instance
author: gaussdb.tpops contributors (@gaussdb-tpops)
version_added: 0.1.0
description:
  - Returns the topology and the hosts that an instance should have.
positional: _input, name
options:
  _input:
    description: The description of the platform, C(gaussdb_estate).
    type: dict
    required: true
  name:
    description: Name of the instance.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Show the hosts
  ansible.builtin.debug:
    msg: "{{ (lookup('gaussdb.tpops.estate', 'site-a') | gaussdb.tpops.expand_config('ledger-prod')).manage_ips }}"
"""

RETURN = r"""
_value:
  description: What is described, without the lists that are not.
  type: dict
  sample:
    solution: hcs2
    manage_ips: [192.0.2.51, 192.0.2.52, 192.0.2.53]
"""

from collections.abc import Mapping
from typing import Any

from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.selection import host_options


def expand_config(estate: Mapping[str, Any], name: str) -> dict[str, Any]:
    return host_options(estate, str(name))


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"expand_config": expand_config}
