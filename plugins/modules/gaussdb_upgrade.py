#!/usr/bin/python
# Copyright: Contributors to the gaussdb.tpops project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: gaussdb_upgrade
short_description: Upgrade an instance, observe the new version, commit or roll back
version_added: 0.1.0
author: gaussdb.tpops contributors (@gaussdb-tpops)
description:
  - Brings an instance to a version, in place, zone by zone with a time to observe (grey), or with a hotfix.
  - A grey upgrade in steps is several tasks, one with O(state=observed) for each group of zones, and in the end one
    with O(state=upgraded), which commits, or with O(state=rolled_back). Each can be run again, and goes on from where
    the upgrade is.
  - Before it does anything the module waits until nothing else works on the instance, so that a task that is run again
    attaches to the step that is running. With O(wait=false) it waits for at most O(busy_timeout) seconds.
extends_documentation_fragment:
  - gaussdb.tpops.connection
  - gaussdb.tpops.wait
  - gaussdb.tpops.instance_scope
  - gaussdb.tpops.attributes
options:
  version:
    description:
      - The version, or the hotfix, that this is about. M(gaussdb.tpops.gaussdb_upgrade_info) lists what is possible.
    type: str
    required: true
  strategy:
    description:
      - V(inplace) upgrades all nodes at once, which interrupts the service. It cannot be rolled back.
      - V(grey) upgrades zone by zone while the service goes on.
      - V(hotfix) applies a hotfix, or takes it off with O(state=rolled_back).
    type: str
    required: true
    choices: [inplace, grey, hotfix]
  state:
    description:
      - V(upgraded) means that the instance has the version for good. A grey upgrade that is under way is brought to its
        end and committed; where none is, all of it is done in one job. After that nothing can be rolled back, except
        for a hotfix.
      - V(observed) means that O(zones) run the new version, and that this is not committed. Only with O(strategy=grey).
        An instance that has the version for good is left alone.
      - V(rolled_back) means that no grey upgrade is under way, or that the instance does not have the hotfix. Not with
        O(strategy=inplace).
    type: str
    choices: [upgraded, observed, rolled_back]
    default: upgraded
  zones:
    description:
      - IDs of the zones that run the new version with O(state=observed). Without it, all zones.
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

- name: Say what is left
  ansible.builtin.debug:
    msg: "{{ step.upgrade.remaining_zones }}"

- name: Go back to the old version
  gaussdb.tpops.gaussdb_upgrade:
    instance: orders-prod
    version: 3.200.0
    strategy: grey
    state: rolled_back

- name: Upgrade all zones, and commit
  gaussdb.tpops.gaussdb_upgrade:
    instance: orders-prod
    version: 3.200.0
    strategy: grey

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
  description: How the instance stands now, in check mode how it would.
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
    hotfix_removed:
      description: Whether the instance is without the hotfix O(version).
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
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import Field, Resource
from ansible_collections.gaussdb.tpops.plugins.module_utils.runner import run_module

SPEC = Resource(
    name="upgrade",
    plural="upgrades",
    single=True,
    parent=IDLE_INSTANCE,
    states=upgrades.STATES,
    default_state="upgraded",
    starts_jobs=True,
    fields=(
        Field("version", required=True, validate=checks.length(1, 64)),
        Field(
            "zones",
            type="list",
            elements="str",
            reads="upgraded_zones",
            equal=upgrades.covers,
            validate=checks.not_empty,
        ),
        Field("target_version", option=False),
        Field("hotfix_removed", type="bool", option=False),
    ),
    options=(Field("strategy", required=True, choices=upgrades.STRATEGIES),),
    desired=upgrades.wishes,
    read=lambda ctx: api.list_upgrade_versions(ctx.scope_id),
    refine=upgrades.refine,
    extra_steps=upgrades.steps,
    returns=upgrades.UPGRADE,
    also_returns=(Attr("upgrade", doc="How the instance stands now, in check mode how it would."),),
)


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
