#!/usr/bin/python
# Copyright: Contributors to the gaussdb.tpops project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: gaussdb_component_info
short_description: List the components of an instance
version_added: 0.1.0
author: gaussdb.tpops contributors (@gaussdb-tpops)
description:
  - Lists the components on the nodes of an instance, with their status. These are coordinators (CN), replicas of shards
    (DN), cluster managers (CM), transaction managers (GTM) and ETCD members.
extends_documentation_fragment:
  - gaussdb.tpops.connection
  - gaussdb.tpops.instance_scope
  - gaussdb.tpops.info
options:
  type:
    description:
      - List only components of this type.
    type: str
    choices: [ALL, CN, DN, CM, GTM, ETCD]
    default: ALL
  availability_zone_id:
    description:
      - List only components of this availability zone, which is the data center of the hosts.
      - A DN is listed with all replicas of its shard if the primary of the shard is in the zone. A CN is listed if it
        is in the zone itself. All components of any other type are listed if their primary is in the zone.
    type: str
  node_id:
    description:
      - List only the components of the node with this ID.
    type: str
  node_name:
    description:
      - List only the components of the node with this name.
    type: str
  hostname:
    description:
      - List only the components on the host with this name.
    type: str
seealso:
  - module: gaussdb.tpops.gaussdb_instance_info
"""

EXAMPLES = r"""
- name: List the replicas of the shards
  gaussdb.tpops.gaussdb_component_info:
    instance: orders-prod
    type: DN
  register: replicas

- name: Show where the primaries are
  ansible.builtin.debug:
    msg: "{{ item.id }} on {{ item.hostname }}"
  loop: "{{ replicas.components | selectattr('status', 'equalto', 'Primary') }}"
"""

# RETURN:begin, written by `make generate` from SPEC, the shapes that it names and engine/returns.py.
RETURN = r"""
nodes:
  description: The nodes, each with its components.
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
components:
  description: The components, each with its node.
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
"""
# RETURN:end

from ansible_collections.gaussdb.tpops.plugins.module_utils.api import instance as api
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.instance_parts import COMPONENT_NODE
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.operation import Call
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.shape import Attr
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.components import COMPONENT, components_of
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.parent import INSTANCE
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.context import Context
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.options import Field
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import Find, Info
from ansible_collections.gaussdb.tpops.plugins.module_utils.runner import run_module


def _read(ctx: Context) -> Call:
    params = ctx.params
    return api.list_components(
        ctx.parent.id,
        params["type"],
        params["availability_zone_id"],
        params["node_name"],
        params["node_id"],
        params["hostname"],
    )


SPEC = Info(
    plural="nodes",
    parent=INSTANCE,
    fields=(
        Field("type", default="ALL", choices=("ALL", "CN", "DN", "CM", "GTM", "ETCD")),
        Field("availability_zone_id"),
        Field("node_id"),
        Field("node_name"),
        Field("hostname"),
    ),
    find=Find(read=_read),
    result=lambda ctx, nodes: {"components": components_of(nodes)},
    returns=COMPONENT_NODE,
    also_returns=(
        Attr("nodes", doc="The nodes, each with its components."),
        Attr("components", kind="list", shape=COMPONENT, doc="The components, each with its node.", returned="success"),
    ),
)


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
