#!/usr/bin/python
# Copyright: Contributors to the gaussdb.tpops project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: gaussdb_dbmind_info
short_description: List DBMind instances and the instances they manage
version_added: 0.1.0
author: gaussdb.tpops contributors (@gaussdb-tpops)
description:
  - Lists the DBMind instances, which provide the platform's intelligent O&M, and on request the instances that each of
    them manages or could manage.
extends_documentation_fragment:
  - gaussdb.tpops.connection
  - gaussdb.tpops.info
options:
  name:
    description:
      - List only the DBMind instance with this name.
    type: str
  dbmind_instance_id:
    description:
      - List only the DBMind instance with this ID.
    type: str
  gather:
    description:
      - Additional information to gather for each DBMind instance, with one more request for each value.
      - V(managed) returns the instances that it manages, V(manageable) those of its architecture that no DBMind
        instance manages.
    type: list
    elements: str
    choices: [managed, manageable]
    default: []
seealso:
  - module: gaussdb.tpops.gaussdb_dbmind_instance
"""

EXAMPLES = r"""
- name: List all DBMind instances with the instances they manage
  gaussdb.tpops.gaussdb_dbmind_info:
    gather: [managed]
  register: found

- name: Show how many more instances each can manage
  ansible.builtin.debug:
    msg: "{{ item.name }} can manage {{ item.manageable_limit - item.managed_count }} more"
  loop: "{{ found.dbmind_instances }}"
  loop_control:
    label: "{{ item.name }}"
"""

# RETURN:begin, written by `make generate` from SPEC, the shapes that it names and engine/returns.py.
RETURN = r"""
dbmind_instances:
  description: The DBMind instances.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: ID of the DBMind instance.
      type: str
    name:
      description: Name of the DBMind instance.
      type: str
    status:
      description: Status of the DBMind instance.
      type: str
    port:
      description: Port of the database.
      type: int
    arch:
      description: Architecture, which its managed instances must share.
      type: str
    cpu:
      description: Number of CPUs.
      type: int
    memory_gb:
      description: Memory in GB.
      type: int
    engine_name:
      description: Name of the engine.
      type: str
    engine_version:
      description: Version of the engine.
      type: str
    mode:
      description: V(Ha) for a primary/standby instance, V(Enterprise) for a distributed one.
      type: str
    volume_type:
      description: Type of the disks.
      type: str
    virtualization_type:
      description: Type of virtualization, such as V(bms).
      type: str
    server_type:
      description: Type of the servers.
      type: str
    flavor:
      description: Name of the flavor.
      type: str
    created_at_ms:
      description: When it was created, in milliseconds since 1970.
      type: int
    managed_count:
      description: Number of instances that it manages.
      type: int
    manageable_limit:
      description: Maximum number of instances that it can manage.
      type: int
    metadata_id:
      description: ID of the instance that keeps its data.
      type: str
    metadata_name:
      description: Name of the instance that keeps its data.
      type: str
    project_id:
      description: ID of the project.
      type: str
    vpc_id:
      description: ID of the VPC.
      type: str
    vpc_ids:
      description: IDs of the VPCs.
      type: list
      elements: str
    actions:
      description: Operations that are running on the instance.
      type: list
      elements: str
    managed:
      description: The instances that it manages.
      returned: when O(gather) has V(managed)
      type: list
      elements: dict
      contains:
        id:
          description: ID of the instance.
          type: str
        name:
          description: Name of the instance.
          type: str
        status:
          description: Status of the instance.
          type: str
        manage_status:
          description: V(ENABLED) for a managed instance. Not every platform reports it.
          type: str
        engine_name:
          description: Name of the engine.
          type: str
        engine_version:
          description: Version of the engine.
          type: str
        mode:
          description: V(Ha) for a primary/standby instance, V(Enterprise) for a distributed one.
          type: str
        volume_type:
          description: Type of the disks.
          type: str
        virtualization_type:
          description: Type of virtualization, such as V(bms).
          type: str
        server_type:
          description: Type of the servers.
          type: str
        vpc_id:
          description: ID of the VPC.
          type: str
        vpc_ids:
          description: IDs of the VPCs.
          type: list
          elements: str
        actions:
          description: Operations that are running on the instance.
          type: list
          elements: str
    manageable:
      description: The instances that it could manage.
      returned: when O(gather) has V(manageable)
      type: list
      elements: dict
      contains:
        id:
          description: ID of the instance.
          type: str
        name:
          description: Name of the instance.
          type: str
        status:
          description: Status of the instance.
          type: str
        manage_status:
          description: V(ENABLED) for a managed instance. Not every platform reports it.
          type: str
        engine_name:
          description: Name of the engine.
          type: str
        engine_version:
          description: Version of the engine.
          type: str
        mode:
          description: V(Ha) for a primary/standby instance, V(Enterprise) for a distributed one.
          type: str
        volume_type:
          description: Type of the disks.
          type: str
        virtualization_type:
          description: Type of virtualization, such as V(bms).
          type: str
        server_type:
          description: Type of the servers.
          type: str
        vpc_id:
          description: ID of the VPC.
          type: str
        vpc_ids:
          description: IDs of the VPCs.
          type: list
          elements: str
        actions:
          description: Operations that are running on the instance.
          type: list
          elements: str
"""
# RETURN:end

from typing import Any

from ansible_collections.gaussdb.tpops.plugins.module_utils.api import dbmind as api
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.shape import Attr
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.compare import filter_equal
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.context import Context
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.options import Field
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import Find, Info
from ansible_collections.gaussdb.tpops.plugins.module_utils.runner import run_module

LISTS = {"managed": api.list_managed, "manageable": api.list_manageable}


def add_instances(ctx: Context, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    chosen_ones = filter_equal(found, name=ctx.params["name"], id=ctx.params["dbmind_instance_id"])
    return [
        {**entry, **{name: ctx.items(LISTS[name](entry["id"])) for name in ctx.params["gather"]}}
        for entry in chosen_ones
    ]


SPEC = Info(
    plural="dbmind_instances",
    fields=(
        Field("name"),
        Field("dbmind_instance_id"),
        Field("gather", type="list", elements="str", choices=tuple(LISTS), default=[]),
    ),
    find=Find(
        read=lambda ctx: api.list_dbmind_instances(ctx.params["dbmind_instance_id"], ctx.params["name"]),
        select=add_instances,
    ),
    returns=api.DBMIND.plus(
        Attr(
            "managed",
            kind="list",
            shape=api.INSTANCE,
            doc="The instances that it manages.",
            returned="when O(gather) has V(managed)",
        ),
        Attr(
            "manageable",
            kind="list",
            shape=api.INSTANCE,
            doc="The instances that it could manage.",
            returned="when O(gather) has V(manageable)",
        ),
    ),
    also_returns=(Attr("dbmind_instances", doc="The DBMind instances."),),
)


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
