# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: restart_config
short_description: Return what the description of a platform says of the restart of an instance
author: gaussdb.tpops contributors (@gaussdb-tpops)
version_added: 0.1.0
description:
  - Returns the parameters that an instance should have, and when it may be restarted.
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
- name: Show when an instance may be restarted
  ansible.builtin.debug:
    msg: "{{ (lookup('gaussdb.tpops.estate', 'site-a') | gaussdb.tpops.restart_config('orders-prod')).window }}"
"""

RETURN = r"""
_value:
  description: What is described. Both are empty if nothing is.
  type: dict
  sample:
    parameters: {max_connections: 2000}
    window: {from: "01:00", to: "05:00"}
  contains:
    parameters:
      description: The desired values of parameters.
      type: dict
    window:
      description: When the instance may be restarted, its own window or that of the platform.
      type: dict
"""

from collections.abc import Mapping
from typing import Any

from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.selection import restart_options


def restart_config(estate: Mapping[str, Any], name: str) -> dict[str, Any]:
    return restart_options(estate, str(name))


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"restart_config": restart_config}
