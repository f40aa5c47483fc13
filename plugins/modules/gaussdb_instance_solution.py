#!/usr/bin/python
# Copyright: Contributors to the gaussdb.tpops project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: gaussdb_instance_solution
short_description: Change the number of replicas of a centralized instance
version_added: 0.1.0
author: gaussdb.tpops contributors (@gaussdb-tpops)
description:
  - Changes a running centralized instance from three nodes to five, or from five to three.
  - The module first waits until no other operation is running on the instance, so a repeated task continues with the
    operation that it started. With O(wait=false) it waits for at most O(busy_timeout) seconds.
  - To expand a distributed instance use M(gaussdb.tpops.gaussdb_instance_expansion).
extends_documentation_fragment:
  - gaussdb.tpops.connection
  - gaussdb.tpops.wait
  - gaussdb.tpops.instance_scope
  - gaussdb.tpops.attributes
options:
  solution:
    description:
      - Desired topology. V(triset) has one primary and two standbys, V(pentaset) one primary and four standbys.
        V(trisetnoetcd) and V(pentasetnoetcd) are the same without ETCD.
      - V(triset) can only be changed to V(pentaset) and back, and V(trisetnoetcd) to V(pentasetnoetcd) and back.
    type: str
    required: true
    choices: [triset, pentaset, trisetnoetcd, pentasetnoetcd]
  manage_ips:
    description:
      - Management addresses of the two hosts to add. Required to change from three nodes to five.
    type: list
    elements: str
  nodes:
    description:
      - The two nodes to remove, B(including the replicas on them), each given by its name, its ID, or the name of its
        host. Required to change from five nodes to three. The node of the primary cannot be removed.
    type: list
    elements: str
seealso:
  - module: gaussdb.tpops.gaussdb_instance_expansion
  - module: gaussdb.tpops.gaussdb_component_info
"""

EXAMPLES = r"""
- name: Scale out to five replicas
  gaussdb.tpops.gaussdb_instance_solution:
    instance: orders-prod
    solution: pentaset
    manage_ips: [192.0.2.44, 192.0.2.45]
    wait_timeout: 14400
  register: grown

- name: Show where the primary is
  ansible.builtin.debug:
    var: grown.solution.primary_node

- name: Scale in to three replicas
  gaussdb.tpops.gaussdb_instance_solution:
    instance: orders-prod
    solution: triset
    nodes: [orders-prod_root_3, orders-prod_root_4]
"""

# RETURN:begin, written by `make generate` from SPEC, the shapes that it names and engine/returns.py.
RETURN = r"""
solution:
  description: The topology of the instance as it is now, in check mode as it would be.
  returned: success
  type: dict
  contains:
    solution:
      description: Topology, derived from the number of replicas and the presence of ETCD.
      type: str
    nodes:
      description: Names of the nodes.
      type: list
      elements: str
    primary_node:
      description: Name of the node with the primary.
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
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain import solution as solutions
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.parent import IDLE_INSTANCE
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.topology import BECOMES
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine import checks
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.options import Field
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import Find, Hooks, Resource, Write, Writes
from ansible_collections.gaussdb.tpops.plugins.module_utils.runner import run_module

SPEC = Resource(
    name="solution",
    plural="solutions",
    single=True,
    parent=IDLE_INSTANCE,
    states=(),
    starts_jobs=True,
    fields=(Field("solution", required=True, choices=tuple(BECOMES)),),
    options=(
        Field("manage_ips", type="list", elements="str", validate=checks.each(checks.ip_address)),
        Field("nodes", type="list", elements="str"),
    ),
    find=Find(read=lambda ctx: list_components(ctx.parent.id), select=solutions.select),
    writes=Writes(
        updates=(Write.each(solutions.change, lambda item: f"Change {item.label} to {item.desired['solution']}"),)
    ),
    hooks=Hooks(refine=solutions.refine),
    returns=solutions.SOLUTION,
    also_returns=(Attr("solution", doc="The topology of the instance as it is now, in check mode as it would be."),),
)


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
