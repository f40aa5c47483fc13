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
  - Makes the given DN components the primaries of their shards with a single request; does nothing if they already are.
    The former primaries become standbys. Sessions on them are interrupted.
  - Nothing is sent if one of the components cannot become primary.
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
    type: list
    elements: str
    required: true
seealso:
  - module: gaussdb.tpops.gaussdb_component_info
  - module: gaussdb.tpops.gaussdb_availability_zone
"""

EXAMPLES = r"""
- name: Make a standby the primary
  gaussdb.tpops.gaussdb_shard_primary:
    instance: orders-prod
    components: [dn_6002]

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
  description: The components of the task as they are now, in check mode as they would be, as far as that is known.
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

from collections.abc import Sequence
from typing import Any

from ansible_collections.gaussdb.tpops.plugins.module_utils.api import instance as api
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.operation import Call
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.components import COMPONENT, components_of
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.parent import IDLE_INSTANCE
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine import checks
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.context import Context
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.item import Item
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.options import Field, Role
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import Find, Hooks, Resource, Write, Writes
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import InputError
from ansible_collections.gaussdb.tpops.plugins.module_utils.runner import run_module

PRIMARY = "Primary"


def build_desired(ctx: Context) -> list[dict[str, Any]]:
    """Return the desired primaries. The platform ignores blanks around an ID (4.11.4)."""
    return [{"id": component.strip(), "status": PRIMARY} for component in ctx.params["components"]]


def select(ctx: Context, nodes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the components. Refuse two components of the same shard, because it has one primary."""
    found = components_of(nodes)
    desired = {component.strip() for component in ctx.params["components"]}
    shards: dict[str, list[str]] = {}
    for component in found:
        if component["id"] in desired:
            shards.setdefault(component["distributed_id"], []).append(component["id"])
    crowded = next((" and ".join(sorted(names)) for names in shards.values() if len(names) > 1), None)
    if crowded:
        raise InputError("components", f"{crowded} belong to one shard, which has only one primary")
    return found


def refine(ctx: Context, item: Item) -> None:
    status = (item.current or {}).get("status")
    if status not in (None, PRIMARY, "Standby"):
        raise InputError(
            "components", f"{item.label} has status {status}, and only a running standby can become primary"
        )


def switch(ctx: Context, items: Sequence[Item]) -> Call:
    return api.switch_shard(
        ctx.parent.id, [{"node_id": item.existing.get("node_id"), "component_id": item.label} for item in items]
    )


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
            required=True,
            identifier=False,
            validate=checks.every(
                checks.not_empty, checks.each(checks.pattern(r"\s*\S{1,7}\s*", "up to 7 characters without blanks"))
            ),
        ),
    ),
    members="components",
    find=Find(identified_by=("id",), read=lambda ctx: api.list_components(ctx.parent.id, "DN"), select=select),
    writes=Writes(updates=(Write.batch(switch, "Make {names} primary"),)),
    hooks=Hooks(desired=build_desired, refine=refine),
    returns=COMPONENT,
)


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
