#!/usr/bin/python
# Copyright: Contributors to the gaussdb.tpops project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: gaussdb_availability_zone
short_description: Move an instance to an availability zone, or start it there after the loss of the others
version_added: 0.1.0
author: gaussdb.tpops contributors (@gaussdb-tpops)
description:
  - Moves the primaries of an instance into an availability zone, starts the instance with the nodes of one zone alone
    after all other zones were lost, and takes lost zones back in.
  - Before it does anything the module waits until nothing else works on the instance, so that a task that is run again
    attaches to what it has begun. With O(wait=false) it waits for at most O(busy_timeout) seconds.
extends_documentation_fragment:
  - gaussdb.tpops.connection
  - gaussdb.tpops.wait
  - gaussdb.tpops.instance_scope
  - gaussdb.tpops.attributes
options:
  availability_zone:
    description:
      - The zone, by its ID or its description. M(gaussdb.tpops.gaussdb_component_info) shows the zones of the nodes.
      - Required when O(state=primary) or O(state=force_started). Without it O(state=resumed) is about all zones.
    type: str
  state:
    description:
      - V(primary) means that each shard with a running replica in the zone has its primary there. The primaries change
        places with standbys, which interrupts sessions.
      - V(force_started) means that the instance runs with the nodes of the zone alone. It is for the loss of all other
        zones, and refused while another zone is well. B(What was committed only in the lost zones is lost), so that
        O(confirm_lost_zones) is needed.
      - V(resumed) means that the nodes of the zone are well. A zone that a forced start has left out is taken back in.
    type: str
    choices: [primary, force_started, resumed]
    default: primary
  confirm_lost_zones:
    description:
      - IDs of all other zones of the instance, to confirm that they are given up, with every transaction that did not
        reach O(availability_zone).
      - Required when O(state=force_started).
    type: list
    elements: str
seealso:
  - module: gaussdb.tpops.gaussdb_component_info
  - module: gaussdb.tpops.gaussdb_shard_primary
  - module: gaussdb.tpops.gaussdb_node
"""

EXAMPLES = r"""
- name: Have all primaries in one zone
  gaussdb.tpops.gaussdb_availability_zone:
    instance: orders-prod
    availability_zone: dc-east
  register: zone

- name: Say which nodes are there
  ansible.builtin.debug:
    var: zone.availability_zone.nodes

- name: Run on one zone after the two others were lost
  gaussdb.tpops.gaussdb_availability_zone:
    instance: orders-prod
    availability_zone: dc-east
    state: force_started
    confirm_lost_zones: [dc-west, dc-south]

- name: Take them back in
  gaussdb.tpops.gaussdb_availability_zone:
    instance: orders-prod
    state: resumed
"""

# RETURN:begin, written by `make generate` from SPEC, the shapes that it names and engine/returns.py.
RETURN = r"""
availability_zone:
  description: The zone as it is now, in check mode as it would be. Without O(availability_zone), all zones together.
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
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import Field, Resource, Write
from ansible_collections.gaussdb.tpops.plugins.module_utils.runner import run_module

SPEC = Resource(
    name="availability_zone",
    plural="availability_zones",
    single=True,
    parent=IDLE_INSTANCE,
    states=tuple(zones.OPERATIONS),
    default_state="primary",
    starts_jobs=True,
    fields=[Field(state, type="bool", option=False) for state in zones.OPERATIONS],
    options=(
        Field("availability_zone", validate=checks.length(1, 128)),
        Field("confirm_lost_zones", type="list", elements="str", validate=checks.not_empty),
    ),
    required_if=(
        ("state", "primary", ("availability_zone",)),
        ("state", "force_started", ("availability_zone", "confirm_lost_zones")),
    ),
    desired=zones.wishes,
    read=lambda ctx: list_components(ctx.scope_id),
    select=zones.select,
    refine=zones.refine,
    updates=(Write(zones.build, zones.summary),),
    returns=zones.ZONE,
    also_returns=(
        Attr(
            "availability_zone",
            doc=(
                "The zone as it is now, in check mode as it would be. Without O(availability_zone), all zones together."
            ),
        ),
    ),
)


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
