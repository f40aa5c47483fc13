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
  - Brings nodes of one instance into the desired state, as many as possible with one request.
  - The module first waits until no other operation is running on the instance, so a repeated task continues with the
    operation that it started. With O(wait=false) it waits for at most O(busy_timeout) seconds.
  - To start, stop or restart a whole instance use M(gaussdb.tpops.gaussdb_instance).
extends_documentation_fragment:
  - gaussdb.tpops.connection
  - gaussdb.tpops.wait
  - gaussdb.tpops.instance_scope
  - gaussdb.tpops.attributes
attributes:
  idempotent:
    support: partial
    details: A past restart is not visible, so every run with O(state=restarted) restarts the nodes. All other states
      are visible.
options:
  nodes:
    description:
      - The nodes, each given by its name, its ID, or the name of its host. M(gaussdb.tpops.gaussdb_component_info)
        lists them.
      - Exactly one node with O(state=replaced).
    type: list
    elements: str
    required: true
  state:
    description:
      - V(started) means that components run on the node, V(stopped) that none do.
      - V(restarted) restarts the node. A primary on it is moved to another node first.
      - V(repaired) means that the node and all of its components are healthy. Broken components are reinstalled. A
        stopped node is not broken and must be started.
      - V(replaced) means that the node is replaced with a new one on the host O(manage_ip). Only an unhealthy node can
        be replaced, and a stopped one only with O(replace_stopped=true). Its data is rebuilt from the other replicas,
        and the new node has a new name and a new ID. A later run does not find the old node and changes nothing.
    type: str
    choices: [started, stopped, restarted, repaired, replaced]
    default: started
  allow_outage:
    description:
      - Whether O(state=stopped) and O(state=restarted) may stop or restart nodes even if a shard or ETCD loses its
        majority, so that the database is no longer writable.
    type: bool
    default: false
  manage_ip:
    description:
      - Management address of the host for the new node. It must have been added to the platform and not be used by an
        instance.
      - Required if O(state=replaced).
    type: str
  replace_stopped:
    description:
      - Whether O(state=replaced) may replace a node that somebody has stopped, although it may not be broken.
    type: bool
    default: false
  reset_server:
    description:
      - Whether to clean the old host after O(state=replaced), which removes everything of the database that is left on
        it.
    type: bool
    default: false
seealso:
  - module: gaussdb.tpops.gaussdb_component_info
  - module: gaussdb.tpops.gaussdb_instance
  - module: gaussdb.tpops.gaussdb_shard_primary
"""

EXAMPLES = r"""
- name: Stop a node before maintenance of its host
  gaussdb.tpops.gaussdb_node:
    instance: orders-prod
    nodes: [orders-prod_root_2]
    state: stopped

- name: Start it again
  gaussdb.tpops.gaussdb_node:
    instance: orders-prod
    nodes: [orders-prod_root_2]
    state: started

- name: Repair two nodes
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

- name: Show the new node
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
  description: The outcome for each node of the task. It is V(removed) for a replaced node.
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
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.item import Policy
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
    name="node",
    plural="nodes",
    batch=True,
    parent=IDLE_INSTANCE,
    states=("started", "stopped", "restarted", "repaired", "replaced"),
    absent_states=("replaced",),
    starts_jobs=True,
    fields=(
        Field("node", reads="name", also_matches=("id", "hostname"), role=Role.CONTROL),
        Field("running", type="bool"),
        Field("healthy", type="bool"),
    ),
    options=(
        Field("nodes", type="list", elements="str", required=True, validate=checks.not_empty),
        Field("allow_outage", type="bool", default=False),
        Field("manage_ip", validate=checks.ip_address),
        Field("replace_stopped", type="bool", default=False),
        Field("reset_server", type="bool", default=False),
    ),
    members="nodes",
    find=Find(identified_by=("node",), read=lambda ctx: list_components(ctx.parent.id), select=nodes.select_nodes),
    writes=Writes(
        updates=(
            Write.batch(
                nodes.repair,
                "Repair {names}",
                fields=("healthy",),
                policy=Policy(item_errors=nodes.refused),
                size=nodes.REPAIRED_AT_ONCE,
            ),
        ),
        delete=Write.each(nodes.replace, lambda item: f"Replace {item.label} with a node on {item.desired['host']}"),
    ),
    rules=Rules(required_if=(("state", "replaced", ("manage_ip",)),)),
    hooks=Hooks(
        desired=nodes.build_desired, refine=nodes.refine, extra_steps=nodes.plan_power, result=nodes.build_result
    ),
    returns=NODE,
    also_returns=(
        Attr(
            "nodes",
            doc=(
                "The nodes of the task as they are now, in check mode as they would be, as far as that is known. With "
                "O(state=replaced) the node on the new host."
            ),
        ),
        Attr("outcomes", doc="The outcome for each node of the task. It is V(removed) for a replaced node."),
    ),
)


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
