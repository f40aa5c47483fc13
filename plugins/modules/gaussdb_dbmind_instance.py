#!/usr/bin/python
# Copyright: Contributors to the gaussdb.tpops project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: gaussdb_dbmind_instance
short_description: Add instances to DBMind or remove them
version_added: 0.1.0
author: gaussdb.tpops contributors (@gaussdb-tpops)
description:
  - Lets a DBMind instance, which provides the platform's intelligent O&M, manage instances or stop managing them. All
    instances are sent with one request and one job.
  - A DBMind instance only manages instances of its own architecture, and only a limited number of them. An instance can
    be managed by one DBMind instance only.
extends_documentation_fragment:
  - gaussdb.tpops.connection
  - gaussdb.tpops.wait
  - gaussdb.tpops.attributes
options:
  dbmind_instance:
    description:
      - Name of the DBMind instance. Required unless O(dbmind_instance_id) is given.
    type: str
  dbmind_instance_id:
    description:
      - ID of the DBMind instance. If set, O(dbmind_instance) is only used in messages.
    type: str
  instances:
    description:
      - Names or IDs of the instances. Other instances are left unchanged.
    type: list
    elements: str
    required: true
  state:
    description:
      - Whether the DBMind instance should manage the instances.
    type: str
    choices: [present, absent]
    default: present
seealso:
  - module: gaussdb.tpops.gaussdb_dbmind_info
"""

EXAMPLES = r"""
- name: Let DBMind manage two instances
  gaussdb.tpops.gaussdb_dbmind_instance:
    dbmind_instance: dbmind-dc1
    instances: [orders-prod, billing-prod]
  register: result

- name: Show the outcome for each instance
  ansible.builtin.debug:
    msg: "{{ result.outcomes | items2dict('name', 'outcome') }}"

- name: Stop managing one of them
  gaussdb.tpops.gaussdb_dbmind_instance:
    dbmind_instance: dbmind-dc1
    instances: [billing-prod]
    state: absent
"""

# RETURN:begin, written by `make generate` from SPEC, the shapes that it names and engine/returns.py.
RETURN = r"""
instances:
  description: The instances of the task that are managed now, in check mode that would be.
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
outcomes:
  description: What became of each instance of the task.
  returned: success, and when some failed
  type: list
  elements: dict
  contains:
    name:
      description: Its name or ID, as the task has it.
      type: str
    outcome:
      description: V(created), V(removed), V(unchanged) or V(failed).
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

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.gaussdb.tpops.plugins.module_utils.api import dbmind as api
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.operation import Call
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.shape import Attr
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine import checks
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.context import Context, Parent
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.item import Item, Policy
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.options import Field
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import (
    Find,
    Hooks,
    ParentOptions,
    Resource,
    Write,
    Writes,
)
from ansible_collections.gaussdb.tpops.plugins.module_utils.runner import run_module


def resolve_dbmind(ctx: Context) -> Parent:
    name, dbmind_id = ctx.params["dbmind_instance"], ctx.params["dbmind_instance_id"]
    if dbmind_id:
        return Parent(dbmind_id, name or dbmind_id)
    found = ctx.find("DBMind instance", "dbmind_instance", name, api.list_dbmind_instances(name=name))
    return Parent((found or {}).get("id"), name)


def look_up(ctx: Context, item: Item) -> Item | None:
    """Find an instance to be managed, with one read for all of them."""
    if not item.present or item.current is not None:
        return None
    free = ctx.cached("free", lambda: ctx.items(api.list_manageable(ctx.parent.id)) if ctx.parent.id else [])
    # Other instances do not exist, have another architecture, or are managed by another DBMind instance.
    found = ctx.match_one(f"instance that {ctx.parent.label} could manage", "instances", item.label, free, "id", "name")
    return item.refined({"instance_id": (found or {}).get("id")})


def describe(ctx: Context, dbmind: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return a DBMind instance with the instances that it manages."""
    managed = sorted(str(each["name"]) for each in ctx.items(api.list_managed(dbmind["id"])))
    return [{"dbmind_instance": dbmind["name"], "instances": managed}] if managed else []


def manage(ctx: Context, items: Sequence[Item]) -> Call:
    ids = [(item.current or {}).get("id") or item.desired.get("instance_id") for item in items]
    return api.manage_instances(ctx.parent.id, ids, items[0].present)


SPEC = Resource(
    name="instance",
    plural="instances",
    batch=True,
    parent=ParentOptions(
        fields=(Field("dbmind_instance"), Field("dbmind_instance_id")),
        required_one_of=(("dbmind_instance", "dbmind_instance_id"),),
        resolve=resolve_dbmind,
    ),
    starts_jobs=True,
    fields=(Field("name", also_matches=("id",)),),
    options=(Field("instances", type="list", elements="str", required=True, validate=checks.not_empty),),
    members="instances",
    find=Find(read=lambda ctx: api.list_managed(ctx.parent.id)),
    writes=Writes(
        # The DBMind instance may be busy with this same change, started by an earlier run.
        create=Write.batch(manage, "Let DBMind manage {names}", policy=Policy(wait_when_busy=False)),
        delete=Write.batch(manage, "Stop DBMind managing {names}", policy=Policy(wait_when_busy=False)),
    ),
    hooks=Hooks(
        desired=lambda ctx: [{"name": name} for name in ctx.params["instances"]],
        refine=look_up,
        describe=describe,
        described_from=lambda ctx: api.list_dbmind_instances(),
    ),
    returns=api.INSTANCE,
    also_returns=(
        Attr("instances", doc="The instances of the task that are managed now, in check mode that would be."),
    ),
)


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
