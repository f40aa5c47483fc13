#!/usr/bin/python
# Copyright: Contributors to the gaussdb.tpops project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: gaussdb_agent
short_description: Upgrade the agents on the nodes of instances
version_added: 0.1.0
author: gaussdb.tpops contributors (@gaussdb-tpops)
description:
  - Upgrades the platform's agent on all nodes of the given instances to the version of the package that was uploaded to
    the platform. Does nothing if the agents already have this version.
  - Several instances are upgraded with one job. If the platform rejects one of them, the others are still upgraded.
  - If an upgrade is already running, the task waits for it.
extends_documentation_fragment:
  - gaussdb.tpops.connection
  - gaussdb.tpops.wait
  - gaussdb.tpops.attributes
options:
  instances:
    description:
      - Names or IDs of the instances.
    type: list
    elements: str
    required: true
seealso:
  - module: gaussdb.tpops.gaussdb_agent_info
"""

EXAMPLES = r"""
- name: Find agents that are not up to date
  gaussdb.tpops.gaussdb_agent_info:
  register: all

- name: Upgrade these agents
  gaussdb.tpops.gaussdb_agent:
    instances: "{{ all.agents | rejectattr('up_to_date') | map(attribute='id') | list }}"
  when: all.agents | rejectattr('up_to_date') | list | length > 0

- name: Upgrade the agents of two instances
  gaussdb.tpops.gaussdb_agent:
    instances: [orders-prod, ledger-prod]
"""

# RETURN:begin, written by `make generate` from SPEC, the shapes that it names and engine/returns.py.
RETURN = r"""
agents:
  description: The agents of the task as they are now, in check mode as they would be, as far as that is known.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: ID of the instance.
      type: str
    name:
      description: Name of the instance.
      type: str
    mode:
      description: Type of the instance, such as V(Ha) or V(Enterprise).
      type: str
    status:
      description: Status of the instance.
      type: str
    created:
      description: When the instance was created.
      type: str
    engine_name:
      description: Name of the engine.
      type: str
    engine_version:
      description: Version of the engine.
      type: str
    upgrade_status:
      description: State of the last upgrade, such as V(Completed).
      type: str
    current_version:
      description: Version of the agent.
      type: str
    target_version:
      description: Version that an upgrade would install. Empty if no package was uploaded.
      type: str
    up_to_date:
      description: Whether the agent has the version of the package. Also true if no package was uploaded.
      type: bool
    nodes:
      description: The nodes, each with its agent.
      returned: when the agent was not up to date
      type: list
      elements: dict
      contains:
        id:
          description: ID of the node.
          type: str
        name:
          description: Name of the node.
          type: str
        status:
          description: Status of the node, such as V(normal).
          type: str
        role:
          description: Role of the node, such as V(master).
          type: str
        agent_status:
          description: Status of the agent, such as V(WORKING).
          type: str
        upgrade_status:
          description: State of the last upgrade, such as V(Completed).
          type: str
        current_version:
          description: Version of the agent.
          type: str
        target_version:
          description: Version that an upgrade would install. Empty if no package was uploaded.
          type: str
        up_to_date:
          description: Whether the agent has the version of the package. Also true if no package was uploaded.
          type: bool
  sample:
    - id: 4f2e1d0c9b8a79685746352413020100in14
      name: orders-prod
      status: ACTIVE
      current_version: gaussdbv5_agent_2.24.01.100
      target_version: gaussdbv5_agent_2.24.01.130
      upgrade_status: Completed
      up_to_date: false
outcomes:
  description: The outcome for each instance of the task.
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

from ansible_collections.gaussdb.tpops.plugins.module_utils.api import agent as api
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.shape import Attr
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine import checks
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.context import Context
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.item import Item, Policy
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.options import Field, Role
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import (
    Find,
    Hooks,
    Resource,
    Status,
    Write,
    Writes,
)
from ansible_collections.gaussdb.tpops.plugins.module_utils.runner import run_module

# The reference shows one example of each.
HEALTHY = "normal"
WORKING = "WORKING"


def refine(ctx: Context, item: Item) -> Item | None:
    """Warn why nothing can be upgraded; the platform's refusal does not name the faulty node."""
    agent = item.current
    if not agent:
        return None
    if not agent["target_version"]:
        ctx.warn("No agent package was uploaded to the platform, so nothing can be upgraded")
    if agent["up_to_date"]:
        return None
    found = ctx.items(api.get_agent_status(agent["id"]))
    for node in found:
        if node["status"] != HEALTHY or node["agent_status"] != WORKING:
            ctx.warn(
                f"Node {node['name']} of instance {agent['name']} is {node['status']}, its agent {node['agent_status']}"
            )
    return item.refined(current={"nodes": found})


SPEC = Resource(
    name="agent",
    plural="agents",
    batch=True,
    states=(),
    status=Status("upgrade_status", pending=("Running",), settled=("Completed", "Failed", "Not upgraded")),
    starts_jobs=True,
    fields=(
        Field("instance", reads="name", also_matches=("id",), role=Role.CONTROL),
        Field("up_to_date", type="bool"),
    ),
    options=(Field("instances", type="list", elements="str", required=True, validate=checks.not_empty),),
    members="instances",
    find=Find(identified_by=("instance",), read=lambda ctx: api.list_agent_instances()),
    writes=Writes(
        updates=(
            Write.batch(
                lambda ctx, items: api.upgrade_agents([item.existing["id"] for item in items]),
                "Upgrade the agent of {names}",
                policy=Policy(split_on_refusal=True),
            ),
        )
    ),
    hooks=Hooks(
        desired=lambda ctx: [{"instance": name, "up_to_date": True} for name in ctx.params["instances"]], refine=refine
    ),
    returns=api.AGENT.plus(
        Attr(
            "nodes",
            kind="list",
            shape=api.AGENT_NODE,
            doc="The nodes, each with its agent.",
            returned="when the agent was not up to date",
        )
    ),
    also_returns=(Attr("outcomes", doc="The outcome for each instance of the task."),),
)


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
