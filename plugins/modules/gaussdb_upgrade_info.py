#!/usr/bin/python
# Copyright: Contributors to the gaussdb.tpops project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: gaussdb_upgrade_info
short_description: Gather information about possible upgrades of an instance
version_added: 0.1.0
author: gaussdb.tpops contributors (@gaussdb-tpops)
description:
  - Returns the versions and hotfixes that an instance can be upgraded to, the possible strategies, and the progress of
    a grey upgrade.
extends_documentation_fragment:
  - gaussdb.tpops.connection
  - gaussdb.tpops.instance_scope
  - gaussdb.tpops.info
seealso:
  - module: gaussdb.tpops.gaussdb_upgrade
"""

EXAMPLES = r"""
- name: List possible upgrades
  gaussdb.tpops.gaussdb_upgrade_info:
    instance: orders-prod
  register: possible

- name: Show the newest version
  ansible.builtin.debug:
    msg: "{{ possible.upgrades[0].candidate_versions | last | default('up to date') }}"
"""

# RETURN:begin, written by `make generate` from SPEC, the shapes that it names and engine/returns.py.
RETURN = r"""
upgrades:
  description: One entry, for the instance.
  returned: success
  type: list
  elements: dict
  contains:
    version:
      description: Current version of the instance.
      type: str
    target_version:
      description: Target version of the grey upgrade in progress. Empty if there is none.
      type: str
    rollback_enabled:
      description: Whether the grey upgrade can be rolled back now.
      type: bool
    upgraded_zones:
      description: Zones already upgraded by the grey upgrade.
      type: list
      elements: str
    remaining_zones:
      description: Zones not upgraded yet. All zones before an upgrade.
      type: list
      elements: str
    zone_descriptions:
      description: Descriptions of the zones, by ID.
      type: dict
    candidate_versions:
      description: Versions that the instance can be upgraded to.
      type: list
      elements: str
    candidate_hotfixes:
      description: Hotfixes that can be applied.
      type: list
      elements: str
    removable_hotfixes:
      description: Hotfixes that can be removed.
      type: list
      elements: str
    strategies:
      description: Currently allowed strategies.
      type: list
      elements: dict
      contains:
        name:
          description: Name of the strategy.
          type: str
        enabled:
          description: Whether the platform allows the strategy now.
          type: bool
        steps:
          description: Steps of the strategy.
          type: list
          elements: dict
          contains:
            name:
              description: Name of the step.
              type: str
            enabled:
              description: Whether the platform allows the step now.
              type: bool
  sample:
    - version: 3.103.0
      upgraded_zones: []
      remaining_zones:
        - dc-east
        - dc-west
      candidate_versions:
        - 3.200.0
"""
# RETURN:end

from ansible_collections.gaussdb.tpops.plugins.module_utils.api import instance_operations as api
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.shape import Attr
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.parent import INSTANCE
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import Find, Info
from ansible_collections.gaussdb.tpops.plugins.module_utils.runner import run_module

SPEC = Info(
    plural="upgrades",
    parent=INSTANCE,
    single=True,
    find=Find(read=lambda ctx: api.list_upgrade_versions(ctx.parent.id)),
    returns=api.UPGRADE,
    also_returns=(Attr("upgrades", doc="One entry, for the instance."),),
)


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
