#!/usr/bin/python
# Copyright: Contributors to the gaussdb.tpops project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: gaussdb_upgrade
short_description: Upgrade an instance, commit the upgrade or roll it back
version_added: 0.1.0
author: gaussdb.tpops contributors (@gaussdb-tpops)
description:
  - Upgrades an instance in place, zone by zone with an observation period (grey), or with a hotfix.
  - A stepwise grey upgrade takes several tasks, one with O(state=observed) for each group of zones, and a last one with
    O(state=committed) or O(state=rolled_back). Each task can be run again and continues from the current state of the
    upgrade.
  - The module first waits until no other operation is running on the instance, so a repeated task continues with the
    operation that it started. With O(wait=false) it waits for at most O(busy_timeout) seconds.
extends_documentation_fragment:
  - gaussdb.tpops.connection
  - gaussdb.tpops.wait
  - gaussdb.tpops.instance_scope
  - gaussdb.tpops.attributes
options:
  version:
    description:
      - Version or hotfix. M(gaussdb.tpops.gaussdb_upgrade_info) lists the possible ones.
      - Hotfixes can be several. They are applied in ascending order, and removed in descending order.
    type: list
    elements: str
    required: true
  strategy:
    description:
      - V(inplace) upgrades all nodes at once, which interrupts the service. It cannot be rolled back.
      - V(grey) upgrades zone by zone without interrupting the service.
      - V(hotfix) applies hotfixes, or removes them with O(state=rolled_back).
    type: str
    required: true
    choices: [inplace, grey, hotfix]
  state:
    description:
      - V(upgraded) means that the version is committed. A grey upgrade in progress is completed and committed. If none
        is in progress, the whole upgrade is done in one job. Afterwards only a hotfix can be rolled back.
      - V(observed) means that O(zones) run the new version without a commit. Only with O(strategy=grey). If the version
        is already committed, nothing is changed.
      - V(committed) means that the version is committed, like V(upgraded), but it only commits. An upgrade that is not
        in progress, or has zones left, is an error. Only with O(strategy=grey). In check mode it assumes, with a
        warning, that earlier tasks upgrade the zones.
      - V(rolled_back) means that no grey upgrade is in progress, or that the instance does not have the hotfixes. A
        grey upgrade that is committed already is an error. Not with O(strategy=inplace).
    type: str
    choices: [upgraded, observed, committed, rolled_back]
    default: upgraded
  zones:
    description:
      - IDs of the zones that should run the new version with O(state=observed). If omitted, all zones.
    type: list
    elements: str
seealso:
  - module: gaussdb.tpops.gaussdb_upgrade_info
  - module: gaussdb.tpops.gaussdb_agent
"""

EXAMPLES = r"""
- name: Upgrade one zone
  gaussdb.tpops.gaussdb_upgrade:
    instance: orders-prod
    version: 3.200.0
    strategy: grey
    state: observed
    zones: [dc-east]
  register: step

- name: Show the remaining zones
  ansible.builtin.debug:
    msg: "{{ step.upgrade.remaining_zones }}"

- name: Roll back to the old version
  gaussdb.tpops.gaussdb_upgrade:
    instance: orders-prod
    version: 3.200.0
    strategy: grey
    state: rolled_back

- name: Upgrade all zones
  gaussdb.tpops.gaussdb_upgrade:
    instance: orders-prod
    version: 3.200.0
    strategy: grey
    state: observed

- name: Commit the upgrade
  gaussdb.tpops.gaussdb_upgrade:
    instance: orders-prod
    version: 3.200.0
    strategy: grey
    state: committed

- name: Upgrade all zones, and commit
  gaussdb.tpops.gaussdb_upgrade:
    instance: ledger-prod
    version: 3.200.0
    strategy: grey

- name: Apply two hotfixes
  gaussdb.tpops.gaussdb_upgrade:
    instance: billing-prod
    version: [3.103.0.1, 3.103.0.2]
    strategy: hotfix

- name: Upgrade in place
  gaussdb.tpops.gaussdb_upgrade:
    instance: orders-test
    version: 3.200.0
    strategy: inplace
    wait_timeout: 7200
"""

# RETURN:begin, written by `make generate` from SPEC, the shapes that it names and engine/returns.py.
RETURN = r"""
upgrade:
  description: The state of the upgrade as it is now. In check mode C(target_version), the zones and
    C(removable_hotfixes) are as they would be, and so is C(version), except with O(strategy=hotfix).
  returned: success
  type: dict
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
    version: 3.103.0
    upgraded_zones: []
    remaining_zones:
      - dc-east
      - dc-west
    candidate_versions:
      - 3.200.0
plan:
  description: The writes that were sent, in check mode those that would be.
  returned: always
  type: list
  elements: dict
  contains:
    operation:
      description: Name of the operation.
      type: str
    method:
      description: HTTP method.
      type: str
    path:
      description: Path below C(/rds).
      type: str
    summary:
      description: What the request does, in one sentence.
      type: str
job:
  description: The last one of RV(jobs).
  returned: when a job was started
  type: dict
  contains:
    id:
      description: ID of the job.
      type: str
    name:
      description: Type of the job, as the platform calls it.
      type: str
    status:
      description: Status, such as V(Running), V(Completed) or V(Failed).
      type: str
    progress:
      description: Progress in percent.
      type: float
  sample:
    id: 8a0e8d9f-1bb5-4f0b-9a41-32a9b2a6a0c6
    name: StartGaussDBV5Instance
    status: Running
    progress: 45
jobs:
  description: The jobs that the task started, in their order. Without waiting C(name) and C(progress) are empty.
  returned: when a job was started
  type: list
  elements: dict
  contains:
    id:
      description: ID of the job.
      type: str
    name:
      description: Type of the job, as the platform calls it.
      type: str
    status:
      description: Status, such as V(Running), V(Completed) or V(Failed).
      type: str
    progress:
      description: Progress in percent.
      type: float
  sample:
    - id: 8a0e8d9f-1bb5-4f0b-9a41-32a9b2a6a0c6
      name: StartGaussDBV5Instance
      status: Running
      progress: 45
"""
# RETURN:end

from ansible_collections.gaussdb.tpops.plugins.module_utils.api import instance_operations as api
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.shape import Attr
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain import upgrade as upgrades
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.parent import IDLE_INSTANCE
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine import checks
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.options import Field, Role
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import Find, Hooks, Resource
from ansible_collections.gaussdb.tpops.plugins.module_utils.runner import run_module

SPEC = Resource(
    name="upgrade",
    plural="upgrades",
    single=True,
    parent=IDLE_INSTANCE,
    states=upgrades.STATES,
    starts_jobs=True,
    fields=(
        Field("version", role=Role.COMPUTED),
        Field("target_version", role=Role.COMPUTED),
        Field("upgraded_zones", type="list", role=Role.COMPUTED),
        Field("remaining_zones", type="list", role=Role.COMPUTED),
        Field("removable_hotfixes", type="list", role=Role.COMPUTED),
    ),
    options=(
        Field(
            "version",
            type="list",
            elements="str",
            required=True,
            validate=checks.every(checks.not_empty, checks.each(checks.length(1, 64))),
        ),
        Field("strategy", required=True, choices=upgrades.STRATEGIES),
        Field("zones", type="list", elements="str", validate=checks.not_empty),
    ),
    find=Find(read=lambda ctx: api.list_upgrade_versions(ctx.parent.id)),
    hooks=Hooks(desired=upgrades.build_desired, refine=upgrades.refine, extra_steps=upgrades.plan_steps),
    returns=api.UPGRADE,
    also_returns=(
        Attr(
            "upgrade",
            doc=(
                "The state of the upgrade as it is now. In check mode C(target_version), the zones and "
                "C(removable_hotfixes) are as they would be, and so is C(version), except with O(strategy=hotfix)."
            ),
        ),
    ),
)


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
