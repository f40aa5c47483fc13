#!/usr/bin/python
# Copyright: Contributors to the gaussdb.tpops project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: gaussdb_node
short_description: Start, stop, restart, repair or replace nodes of an instance
version_added: 0.1.0
author: gaussdb.tpops contributors (@gaussdb-tpops)
description:
  - Brings nodes of one instance into the wished state, as many as possible with one request.
  - Before it does anything the module waits until nothing else works on the instance, so that a task that is run again
    attaches to what it has begun. With O(wait=false) it waits for at most O(busy_timeout) seconds.
  - To start, stop or restart a whole instance use M(gaussdb.tpops.gaussdb_instance).
extends_documentation_fragment:
  - gaussdb.tpops.connection
  - gaussdb.tpops.wait
  - gaussdb.tpops.instance_scope
  - gaussdb.tpops.attributes
attributes:
  idempotent:
    support: partial
    details: Nobody can see that a node was restarted, so each run with O(state=restarted) does it. All other states can
      be seen.
options:
  nodes:
    description:
      - The nodes, each by its name, its ID, or the name of its host. M(gaussdb.tpops.gaussdb_component_info) lists
        them.
      - One node with O(state=replaced).
    type: list
    elements: str
    required: true
  state:
    description:
      - V(started) means that components run on the node, V(stopped) that none does.
      - V(restarted) starts the node again. A primary on it moves to another node first.
      - V(repaired) means that the node and all of its components are well. What is broken is installed again. A node
        that was stopped is not broken and has to be started.
      - V(replaced) means that another host, O(manage_ip), has taken the place of the node. Only a node that is not well
        can be replaced. Its data is built again from the other copies, and the new node has a name and an ID of its
        own. A later run finds neither the old node nor anything to do.
    type: str
    choices: [started, stopped, restarted, repaired, replaced]
    default: started
  allow_outage:
    description:
      - Whether nodes may be stopped or restarted with O(state=stopped) or O(state=restarted) even though a shard, or
        ETCD, loses its majority by that, so that the database can no longer be written to.
    type: bool
    default: false
  manage_ip:
    description:
      - Management address of the host that takes the place of the node. It has to be a host of the platform that no
        instance uses.
      - Required when O(state=replaced).
    type: str
  reset_server:
    description:
      - Whether the host that O(state=replaced) frees is cleaned, which removes all that is left of the database on it.
    type: bool
    default: false
seealso:
  - module: gaussdb.tpops.gaussdb_component_info
  - module: gaussdb.tpops.gaussdb_instance
  - module: gaussdb.tpops.gaussdb_shard_primary
"""

EXAMPLES = r"""
- name: Stop a node before work on its host
  gaussdb.tpops.gaussdb_node:
    instance: orders-prod
    nodes: [orders-prod_root_2]
    state: stopped

- name: Start it again
  gaussdb.tpops.gaussdb_node:
    instance: orders-prod
    nodes: [orders-prod_root_2]
    state: started

- name: Repair whatever is broken on two nodes
  gaussdb.tpops.gaussdb_node:
    instance: orders-prod
    nodes: [orders-prod_root_0, orders-prod_root_1]
    state: repaired

- name: Replace a node whose host is lost
  gaussdb.tpops.gaussdb_node:
    instance: orders-prod
    nodes: [orders-prod_root_1]
    state: replaced
    manage_ip: 192.0.2.41
  register: replaced

- name: Say where it is now
  ansible.builtin.debug:
    msg: "{{ replaced.nodes[0].name }} on {{ replaced.nodes[0].hostname }}"
"""

# RETURN:begin, written by `make generate` from SPEC, the shapes that it names and engine/returns.py.
RETURN = r"""
nodes:
  description: The nodes of the task as they are now, in check mode as they would be, as far as that is known. With
    O(state=replaced) the node on the new host.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: ID of the node.
      type: str
    name:
      description: Name of the node.
      type: str
    hostname:
      description: Name of the host.
      type: str
    availability_zone_id:
      description: Availability zone of the node.
      type: str
    description:
      description: Description of the node.
      type: str
    status:
      description: State, such as V(normal) or V(abnormal).
      type: str
    components:
      description: Components on the node.
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
    role:
      description: V(master) or V(slave).
      type: str
    private_ip:
      description: Address for database clients.
      type: str
    data_ip:
      description: Address for the components of the instance.
      type: str
    management_ip:
      description: Address for the platform.
      type: str
    running:
      description: Whether components run on it. Empty if their statuses do not show it.
      type: bool
    stopped:
      description: Whether it was stopped by a user.
      type: bool
    healthy:
      description: Whether the node and all of its components are healthy. Empty if their statuses do not show it.
      type: bool
outcomes:
  description: What became of each node of the task. A node that was replaced is V(removed).
  returned: success, and when some failed
  type: list
  elements: dict
  contains:
    name:
      description: Its name or ID, as the task has it.
      type: str
    outcome:
      description: V(updated), V(removed), V(unchanged) or V(failed).
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

from ansible_collections.gaussdb.tpops.plugins.module_utils.api.instance import list_components
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.shape import Attr
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain import node as nodes
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.components import NODE
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.parent import IDLE_INSTANCE
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine import checks
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import Field, Resource, Write
from ansible_collections.gaussdb.tpops.plugins.module_utils.runner import run_module

SPEC = Resource(
    name="node",
    plural="nodes",
    batch=True,
    parent=IDLE_INSTANCE,
    identified_by=("node",),
    states=("started", "stopped", "restarted", "repaired", "replaced"),
    default_state="started",
    starts_jobs=True,
    fields=(
        Field("node", reads="name", also_matches=("id", "hostname"), managed=False),
        Field("running", type="bool"),
        Field("healthy", type="bool"),
    ),
    options=(
        Field("nodes", type="list", elements="str", required=True, validate=checks.not_empty),
        Field("allow_outage", type="bool", default=False),
        Field("manage_ip", validate=checks.ip_address),
        Field("reset_server", type="bool", default=False),
    ),
    required_if=(("state", "replaced", ("manage_ip",)),),
    desired=nodes.wishes,
    members="nodes",
    validate=nodes.check,
    read=lambda ctx: list_components(ctx.scope_id),
    select=nodes.select_nodes,
    refine=nodes.refine,
    updates=(
        Write(
            nodes.repair,
            "Repair {names}",
            fields=("healthy",),
            batch_size=nodes.REPAIRED_AT_ONCE,
            item_errors=nodes.refused,
        ),
    ),
    delete=Write(nodes.replace, lambda items: f"Replace {items[0].label} by a node on {items[0].desired['host']}"),
    extra_steps=nodes.power,
    result=nodes.result,
    returns=NODE,
    also_returns=(
        Attr(
            "nodes",
            doc=(
                "The nodes of the task as they are now, in check mode as they would be, as far as that is known. With "
                "O(state=replaced) the node on the new host."
            ),
        ),
        Attr("outcomes", doc="What became of each node of the task. A node that was replaced is V(removed)."),
    ),
)


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
