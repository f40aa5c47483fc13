# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: upgrades
short_description: Return which instances of a description are to be upgraded, and how
author: gaussdb.tpops contributors (@gaussdb-tpops)
version_added: 0.1.0
description:
  - Returns the options of an upgrade, C(upgrade_defaults) with the C(upgrade) of the instance, for each described
    instance whose upgrade is pending or under way.
positional: _input, instances, targets
options:
  _input:
    description: The description of the platform, C(gaussdb_estate).
    type: dict
    required: true
  instances:
    description: The instances of the platform, as M(gaussdb.tpops.gaussdb_instance_info) returns them.
    type: list
    elements: dict
    required: true
  targets:
    description: Names of instances, or patterns such as V(core-*). Those that match are returned whatever their version
      is, and no others.
    type: list
    elements: str
    default: []
"""

EXAMPLES = r"""
- name: Show which upgrades are pending
  ansible.builtin.debug:
    msg: "{{ gaussdb_estate | gaussdb.tpops.upgrades(read.instances) | dict2items }}"
"""

RETURN = r"""
_value:
  description: The options of each upgrade, by the name of the instance.
  type: dict
  sample:
    orders-prod: {version: 3.200.0, observe_minutes: 30}
"""

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.upgrades import find_upgrades


def upgrades(
    estate: Mapping[str, Any], instances: Sequence[Mapping[str, Any]], targets: Sequence[str] = ()
) -> dict[str, dict[str, Any]]:
    return find_upgrades(estate, instances, [str(target) for target in targets])


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"upgrades": upgrades}
