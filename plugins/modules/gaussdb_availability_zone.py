#!/usr/bin/python
# Copyright: Contributors to the gaussdb.tpops project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: gaussdb_availability_zone
short_description: Move an instance to an availability zone, or start it there after the other zones are lost
version_added: 0.1.0
author: gaussdb.tpops contributors (@gaussdb-tpops)
description:
  - Moves the primaries of an instance to an availability zone, starts the instance with the nodes of a single zone
    after all other zones were lost, and resumes lost zones.
  - The module first waits until no other operation is running on the instance, so a task that is run again attaches to
    the operation it started. With O(wait=false), it waits for at most O(busy_timeout) seconds.
extends_documentation_fragment:
  - gaussdb.tpops.connection
  - gaussdb.tpops.wait
  - gaussdb.tpops.instance_scope
  - gaussdb.tpops.attributes
options:
  availability_zone:
    description:
      - ID or description of the zone. M(gaussdb.tpops.gaussdb_component_info) returns the zones of the nodes.
      - Required if O(state=primary) or O(state=force_started). If not set, O(state=resumed) applies to all zones.
    type: str
  state:
    description:
      - V(primary) means that each shard with a running replica in the zone has its primary there. Primaries and
        standbys switch roles, which interrupts sessions.
      - V(force_started) means that the instance runs with the nodes of this zone only. It is meant for the loss of all
        other zones, and is refused while another zone is healthy. B(Transactions that were committed only in the lost
        zones are lost), so O(confirm_lost_zones) is required.
      - V(resumed) means that the nodes of the zone are healthy. A zone that a forced start has excluded is added back.
    type: str
    choices: [primary, force_started, resumed]
    default: primary
  confirm_lost_zones:
    description:
      - IDs of all other zones of the instance. They confirm that these zones are given up, with every transaction that
        did not reach O(availability_zone).
      - Required if O(state=force_started).
    type: list
    elements: str
seealso:
  - module: gaussdb.tpops.gaussdb_component_info
  - module: gaussdb.tpops.gaussdb_shard_primary
  - module: gaussdb.tpops.gaussdb_node
"""

EXAMPLES = r"""
- name: Move all primaries to one zone
  gaussdb.tpops.gaussdb_availability_zone:
    instance: orders-prod
    availability_zone: dc-east
  register: zone

- name: Show the nodes of the zone
  ansible.builtin.debug:
    var: zone.availability_zone.nodes

- name: Start the instance in one zone after the two others were lost
  gaussdb.tpops.gaussdb_availability_zone:
    instance: orders-prod
    availability_zone: dc-east
    state: force_started
    confirm_lost_zones: [dc-west, dc-south]

- name: Resume the lost zones
  gaussdb.tpops.gaussdb_availability_zone:
    instance: orders-prod
    state: resumed
"""

# RETURN:begin, written by `make generate` from SPEC, the shapes that it names and engine/returns.py.
RETURN = r"""
availability_zone:
  description: The zone after the task, in check mode as it would be then. Without O(availability_zone), all zones.
  returned: success
  type: dict
  contains:
    id:
      description: ID of the zone. Empty for all zones together.
      type: str
    zones:
      description: IDs of all zones of the instance.
      type: list
      elements: str
    nodes:
      description: Names of the nodes in the zone.
      type: list
      elements: str
    primary:
      description: Whether each shard with a running replica in the zone has its primary there.
      type: bool
    force_started:
      description: Whether the instance runs in this zone alone.
      type: bool
    resumed:
      description: Whether all nodes of the zone are healthy. Empty while this is unknown.
      type: bool
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

from ansible_collections.gaussdb.tpops.plugins.module_utils.api.instance import list_components
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.shape import Attr
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain import availability_zone as zones
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.parent import IDLE_INSTANCE
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine import checks
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.options import Field
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import Action, Find, Hooks, Rules
from ansible_collections.gaussdb.tpops.plugins.module_utils.runner import run_module

SPEC = Action(
    name="availability_zone",
    parent=IDLE_INSTANCE,
    starts_jobs=True,
    fields=(
        Field("availability_zone", validate=checks.length(1, 128)),
        Field("confirm_lost_zones", type="list", elements="str", validate=checks.not_empty),
        Field("state", default="primary", choices=tuple(zones.OPERATIONS)),
    ),
    find=Find(read=lambda ctx: list_components(ctx.parent.id), select=zones.select),
    reached=lambda ctx: {ctx.params["state"]: True},
    steps=zones.plan_steps,
    rules=Rules(
        required_if=(
            ("state", "primary", ("availability_zone",)),
            ("state", "force_started", ("availability_zone", "confirm_lost_zones")),
        )
    ),
    hooks=Hooks(refine=zones.refine),
    returns=zones.ZONE,
    also_returns=(
        Attr(
            "availability_zone",
            doc=(
                "The zone after the task, in check mode as it would be then. Without O(availability_zone), all zones."
            ),
        ),
    ),
)


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
