#!/usr/bin/python
# Copyright: Contributors to the gaussdb.tpops project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: gaussdb_instance_expansion
short_description: Add nodes to a distributed instance
version_added: 0.1.0
author: gaussdb.tpops contributors (@gaussdb-tpops)
description:
  - Adds nodes on the given hosts to a distributed instance, unless it already has them. They are added in groups of as
    many hosts as a shard has replicas, and the data is redistributed to the new shards.
  - Nodes cannot be removed again.
  - The module first waits until no other operation is running on the instance, so a repeated task continues with the
    operation that it started. With O(wait=false) it waits for at most O(busy_timeout) seconds.
  - To add replicas to a centralized instance use M(gaussdb.tpops.gaussdb_instance_solution).
extends_documentation_fragment:
  - gaussdb.tpops.connection
  - gaussdb.tpops.wait
  - gaussdb.tpops.instance_scope
  - gaussdb.tpops.attributes
options:
  manage_ips:
    description:
      - Management addresses of the hosts, in the order in which they are grouped. They must have been added to the
        platform. Hosts that are already nodes of the instance are left alone.
    type: list
    elements: str
    required: true
  node_groups:
    description:
      - Number of groups in O(manage_ips), from 1 to 1000. The module calculates it. With this option it fails if the
        number differs.
    type: int
seealso:
  - module: gaussdb.tpops.gaussdb_host
  - module: gaussdb.tpops.gaussdb_instance_solution
"""

EXAMPLES = r"""
- name: Add three nodes
  gaussdb.tpops.gaussdb_instance_expansion:
    instance: ledger-prod
    manage_ips: [192.0.2.51, 192.0.2.52, 192.0.2.53]
    node_groups: 1
    wait_timeout: 14400
  register: expanded

- name: Show the added nodes
  ansible.builtin.debug:
    msg: "{{ expanded.nodes | map(attribute='name') | join(', ') }}"
"""

# RETURN:begin, written by `make generate` from SPEC, the shapes that it names and engine/returns.py.
RETURN = r"""
nodes:
  description: The nodes on the hosts of the task as they are now, in check mode as they would be, as far as that is
    known.
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
  description: The outcome for each host of the task.
  returned: success, and when some failed
  type: list
  elements: dict
  contains:
    name:
      description: Its name or ID, as the task has it.
      type: str
    outcome:
      description: V(created), V(unchanged) or V(failed).
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

from collections.abc import Sequence

from ansible_collections.gaussdb.tpops.plugins.module_utils.api import instance as instance_api
from ansible_collections.gaussdb.tpops.plugins.module_utils.api import instance_operations as api
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.operation import Call
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.shape import Attr
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.components import NODE, groups_of
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.node import select_nodes
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.parent import IDLE_INSTANCE
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine import checks
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.context import Context
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.item import Item
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.options import Field
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import Find, Hooks, Resource, Write, Writes
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import InputError
from ansible_collections.gaussdb.tpops.plugins.module_utils.runner import run_module


def count_groups(option: str, hosts: Sequence[str], replicas: int) -> int:
    """Return the number of groups of nodes that the hosts form."""
    if len(hosts) % replicas:
        raise InputError(option, f"each group needs {replicas} hosts, and {len(hosts)} is not a multiple of that")
    return len(hosts) // replicas


def expand_instance(ctx: Context, items: Sequence[Item]) -> Call:
    if ctx.parent.data.get("mode") == instance_api.CENTRALIZED:
        raise InputError(
            "instance", f"{ctx.parent.label} is centralized, and only a distributed instance can be expanded"
        )
    new = [item.label for item in items]
    # In check mode an earlier task may have yet to create the instance, so its number of replicas is unknown.
    replicas = max(map(len, groups_of(ctx.found).values()), default=1)
    desired = ctx.params["node_groups"]
    if desired and ctx.parent.id and desired != count_groups("manage_ips", ctx.params["manage_ips"], replicas):
        raise InputError("node_groups", f"{desired} groups need {desired * replicas} hosts in manage_ips")
    return api.expand_instance(ctx.parent.id, count_groups("manage_ips", new, replicas), new)


SPEC = Resource(
    name="node",
    plural="nodes",
    batch=True,
    parent=IDLE_INSTANCE,
    states=(),
    starts_jobs=True,
    fields=(Field("manage_ip", reads="management_ip"),),
    options=(
        Field(
            "manage_ips",
            type="list",
            elements="str",
            required=True,
            validate=checks.every(checks.not_empty, checks.each(checks.ip_address)),
        ),
        Field("node_groups", type="int", validate=checks.between(1, 1000)),
    ),
    members="manage_ips",
    find=Find(
        identified_by=("manage_ip",), read=lambda ctx: instance_api.list_components(ctx.parent.id), select=select_nodes
    ),
    writes=Writes(create=Write.batch(expand_instance, "Add nodes on {names}")),
    hooks=Hooks(desired=lambda ctx: [{"manage_ip": address} for address in ctx.params["manage_ips"]]),
    returns=NODE,
    also_returns=(
        Attr(
            "nodes",
            doc=(
                "The nodes on the hosts of the task as they are now, in check mode as they would be, as far as that is "
                "known."
            ),
        ),
        Attr("outcomes", doc="The outcome for each host of the task."),
    ),
)


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
