#!/usr/bin/python
# Copyright: Contributors to the gaussdb.tpops project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: gaussdb_agent_info
short_description: List the agents on the nodes of instances
version_added: 0.1.0
author: gaussdb.tpops contributors (@gaussdb-tpops)
description:
  - Lists instances with the version of the platform's agent on their nodes and the version that an upgrade would
    install.
  - If several filters are given, an instance must match all of them.
extends_documentation_fragment:
  - gaussdb.tpops.connection
  - gaussdb.tpops.info
options:
  instance:
    description:
      - List only the instance with this name.
    type: str
  instance_id:
    description:
      - List only the instance with this ID.
    type: str
  instance_status:
    description:
      - List only instances in this status, such as V(ACTIVE).
    type: str
  engine_name:
    description:
      - List only instances of this engine.
    type: str
  engine_version:
    description:
      - List only instances of this engine version.
    type: str
  upgrade_status:
    description:
      - List only instances whose last upgrade has this status, such as V(Completed).
    type: str
  gather:
    description:
      - Additional information to gather. V(nodes) needs one more request for each instance.
    type: list
    elements: str
    choices: [nodes]
    default: []
seealso:
  - module: gaussdb.tpops.gaussdb_agent
"""

EXAMPLES = r"""
- name: List the agents
  gaussdb.tpops.gaussdb_agent_info:
  register: all

- name: Show which are not up to date
  ansible.builtin.debug:
    msg: "{{ item.name }}: {{ item.current_version }}, can be upgraded to {{ item.target_version }}"
  loop: "{{ all.agents | rejectattr('up_to_date') }}"

- name: List the nodes of one instance
  gaussdb.tpops.gaussdb_agent_info:
    instance: orders-prod
    gather: [nodes]
"""

# RETURN:begin, written by `make generate` from SPEC, the shapes that it names and engine/returns.py.
RETURN = r"""
agents:
  description: The agents, one entry for each instance.
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
      returned: when O(gather) has V(nodes)
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
"""
# RETURN:end

from typing import Any

from ansible_collections.gaussdb.tpops.plugins.module_utils.api import agent as api
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.shape import Attr
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.compare import filter_equal
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.context import Context
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.options import Field
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import Find, Info
from ansible_collections.gaussdb.tpops.plugins.module_utils.runner import run_module


def select(ctx: Context, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The platform also finds names that contain the given one."""
    agents = filter_equal(found, name=ctx.params["instance"], id=ctx.params["instance_id"])
    if "nodes" not in ctx.params["gather"]:
        return agents
    return [{**agent, "nodes": ctx.items(api.get_agent_status(agent["id"]))} for agent in agents]


SPEC = Info(
    plural="agents",
    fields=(
        *(
            Field(name)
            for name in (
                "instance",
                "instance_id",
                "instance_status",
                "engine_name",
                "engine_version",
                "upgrade_status",
            )
        ),
        Field("gather", type="list", elements="str", choices=("nodes",), default=[]),
    ),
    find=Find(read=lambda ctx: api.list_agent_instances(ctx.params), select=select),
    returns=api.AGENT.plus(
        Attr(
            "nodes",
            kind="list",
            shape=api.AGENT_NODE,
            doc="The nodes, each with its agent.",
            returned="when O(gather) has V(nodes)",
        )
    ),
    also_returns=(Attr("agents", doc="The agents, one entry for each instance."),),
)


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
