#!/usr/bin/python
# Copyright: Contributors to the gaussdb.tpops project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: gaussdb_shard_primary
short_description: Switch over the primaries of shards
version_added: 0.1.0
author: gaussdb.tpops contributors (@gaussdb-tpops)
description:
  - Makes the given DN components the primaries of their shards with a single request, or moves all primaries away from
    the given nodes; does nothing if they already are where they should be. The former primaries become standbys.
    Sessions on them are interrupted.
  - Nothing is sent if one of the components cannot become primary, or if one of the shards has no other replica that
    can.
  - The module first waits until no other operation is running on the instance, so a repeated task continues with the
    operation that it started. With O(wait=false) it waits for at most O(busy_timeout) seconds.
  - To move all primaries into one zone use M(gaussdb.tpops.gaussdb_availability_zone).
extends_documentation_fragment:
  - gaussdb.tpops.connection
  - gaussdb.tpops.wait
  - gaussdb.tpops.instance_scope
  - gaussdb.tpops.attributes
options:
  components:
    description:
      - IDs of the desired primaries, such as V(dn_6002), at most one for each shard.
        M(gaussdb.tpops.gaussdb_component_info) lists them.
      - Either this or O(avoid_nodes) is required.
    type: list
    elements: str
  avoid_nodes:
    description:
      - Nodes that should have no primary, each given by its name, its ID, or the name of its host, for example before
        the maintenance of a host. For each primary on them a running standby on another node becomes the primary. A
        standby that is in sync is preferred, then one in the zone of the primary, then one on a node with few
        primaries.
      - Either this or O(components) is required.
    type: list
    elements: str
seealso:
  - module: gaussdb.tpops.gaussdb_component_info
  - module: gaussdb.tpops.gaussdb_availability_zone
"""

EXAMPLES = r"""
- name: Make a standby the primary
  gaussdb.tpops.gaussdb_shard_primary:
    instance: orders-prod
    components: [dn_6002]

- name: Move all primaries away from a node before it is stopped
  gaussdb.tpops.gaussdb_shard_primary:
    instance: orders-prod
    avoid_nodes: [db-east-02]

- name: List the replicas on a host
  gaussdb.tpops.gaussdb_component_info:
    instance: orders-prod
    type: DN
    hostname: db-east-01
  register: replicas

- name: Make all of them primaries
  gaussdb.tpops.gaussdb_shard_primary:
    instance: orders-prod
    components: "{{ replicas.components | map(attribute='id') | list }}"
  when: replicas.components | length > 0
"""

# RETURN:begin, written by `make generate` from SPEC, the shapes that it names and engine/returns.py.
RETURN = r"""
components:
  description: The components of the task as they are now, in check mode as they would be, as far as that is known. With
    O(avoid_nodes) the primaries of all shards that have a replica on one of these nodes.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: ID of the component, such as V(dn_6001).
      type: str
    type:
      description: Type of component.
      type: str
    role:
      description: Role as the platform calls it. Use C(status) to find the primaries.
      type: str
    status:
      description: State, such as V(Primary), V(Standby), V(Normal), V(StateLeader), V(StateFollower) or V(Down).
      type: str
    distributed_id:
      description: ID that the replicas of one shard share. Empty for other types.
      type: str
    detail:
      description: Details of the state.
      type: str
    node_id:
      description: ID of the node.
      type: str
    node_name:
      description: Name of the node.
      type: str
    hostname:
      description: Name of the node's host.
      type: str
    availability_zone_id:
      description: Availability zone of the node.
      type: str
  sample:
    - id: dn_6001
      type: DN
      role: master
      status: Primary
      distributed_id: '60011'
      detail: Normal
      node_id: 5b1e2f3a4c5d6e7f8091a2b3c4d5e6f7no14
      node_name: orders-prod_root_0
      hostname: db-east-01
      availability_zone_id: dc-east
outcomes:
  description: What became of each component of the task.
  returned: success, and when some failed
  type: list
  elements: dict
  contains:
    name:
      description: Its name or ID, as the task has it.
      type: str
    outcome:
      description: V(updated), V(unchanged) or V(failed).
      type: str
    msg:
      description: Why it failed.
      returned: when it failed
      type: str
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

from ansible_collections.gaussdb.tpops.plugins.module_utils.api import instance as api
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.shape import Attr
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain import shard_primary as primaries
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.components import COMPONENT
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.parent import IDLE_INSTANCE
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine import checks
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.options import Field, Role
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import (
    Find,
    Hooks,
    Resource,
    Rules,
    Write,
    Writes,
)
from ansible_collections.gaussdb.tpops.plugins.module_utils.runner import run_module

SPEC = Resource(
    name="component",
    plural="components",
    batch=True,
    parent=IDLE_INSTANCE,
    states=(),
    starts_jobs=True,
    fields=(Field("id", role=Role.CONTROL), Field("status")),
    options=(
        Field(
            "components",
            type="list",
            elements="str",
            identifier=False,
            validate=checks.every(
                checks.not_empty, checks.each(checks.pattern(r"\s*\S{1,7}\s*", "up to 7 characters without blanks"))
            ),
        ),
        Field("avoid_nodes", type="list", elements="str", validate=checks.not_empty),
    ),
    members="components",
    find=Find(
        identified_by=("id",), read=lambda ctx: api.list_components(ctx.parent.id, "DN"), select=primaries.select
    ),
    writes=Writes(updates=(Write.batch(primaries.switch, "Make {names} primary"),)),
    rules=Rules(required_one_of=(("components", "avoid_nodes"),), mutually_exclusive=(("components", "avoid_nodes"),)),
    hooks=Hooks(
        desired=primaries.build_desired,
        refine=primaries.refine,
        extra_steps=primaries.plan_moves,
        result=primaries.build_result,
    ),
    returns=COMPONENT,
    also_returns=(
        Attr(
            "components",
            doc=(
                "The components of the task as they are now, in check mode as they would be, as far as that is known. "
                "With O(avoid_nodes) the primaries of all shards that have a replica on one of these nodes."
            ),
        ),
    ),
)


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
