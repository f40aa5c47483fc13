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
  - Returns all that a run needs of the description of a platform, in one evaluation.
positional: _input, instances, targets, variables
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
      is, and no others. Without any, all whose upgrade is pending or under way.
    type: list
    elements: str
    default: []
  variables:
    description: The variables of the host of the platform. Those with the names of the options of the role
      C(gaussdb.tpops.upgrade), such as C(upgrade_observe_minutes), replace what is described, except for
      C(upgrade_version).
    type: dict
    default: {}
"""

EXAMPLES = r"""
- name: Show which upgrades are pending
  ansible.builtin.debug:
    msg: "{{ (gaussdb_estate | gaussdb.tpops.upgrades(read.instances)).chosen }}"
"""

RETURN = r"""
_value:
  description: What the description says of upgrades.
  type: dict
  sample:
    options: {core: {version: 3.200.0}, orders-prod: {version: 3.200.0, observe_minutes: 30}}
    chosen: [orders-prod]
    upgraded: [core]
    settings: {upgrade_waves: [1, 20%]}
  contains:
    options:
      description: The options of an upgrade, C(upgrade_defaults) with the C(upgrade) of the instance, of each described
        instance by its name. Those with a lower C(wave) come first.
      type: dict
    chosen:
      description: The names of the instances to upgrade.
      type: list
      elements: str
    upgraded:
      description: The names of those that have their version already.
      type: list
      elements: str
    settings:
      description: Values about the whole run, such as C(upgrade_waves), as far as they are described.
      type: dict
"""

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.upgrades import plan_upgrades


def upgrades(
    estate: Mapping[str, Any],
    instances: Sequence[Mapping[str, Any]],
    targets: Sequence[str] = (),
    variables: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    return plan_upgrades(estate, instances, [str(target) for target in targets], variables or {})


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"upgrades": upgrades}
