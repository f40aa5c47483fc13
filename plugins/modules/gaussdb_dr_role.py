#!/usr/bin/python
# Copyright: Contributors to the gaussdb.tpops project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: gaussdb_dr_role
short_description: Make an instance the primary of its disaster recovery relation
version_added: 0.1.0
author: gaussdb.tpops contributors (@gaussdb-tpops)
description:
  - Makes the instance the primary of its relation. Does nothing if it already acts as the primary.
  - With O(method=switchover), the primary and the DR instance switch roles without data loss. Both platforms must be
    up.
  - With O(method=failover), the DR instance is promoted without the primary. Use it if the primary is lost. B(Data that
    the primary has not sent yet is lost), so O(confirm) is required.
  - All requests go to the platform of this instance. A failover does not need the other platform and does not wait for
    it.
  - If a switchover or failover is already in progress, the task waits for it and does not start another one.
extends_documentation_fragment:
  - gaussdb.tpops.connection
  - gaussdb.tpops.wait
  - gaussdb.tpops.attributes
  - gaussdb.tpops.instance_scope
options:
  method:
    description:
      - How to make the instance the primary if it is not.
      - V(switchover) requires the relation to be in status V(normal).
      - V(failover) is sent in any status unless the relation is released, because the status after a disaster cannot be
        predicted. The platform decides. It refuses a failover during a drill.
    type: str
    choices: [switchover, failover]
    default: switchover
  confirm:
    description:
      - Repeats the value of O(instance) or O(instance_id), to confirm that data which this instance has not received
        yet may be lost. M(gaussdb.tpops.gaussdb_dr_info) shows how much that is (RPO).
      - Required if O(method=failover).
    type: str
  allow_reestablish:
    description:
      - With O(method=failover), whether the relation can be rebuilt later with M(gaussdb.tpops.gaussdb_dr_reestablish).
        This requires database version 3.100 or later. Set it to V(false) for older versions.
    type: bool
    default: true
  disaster_type:
    description:
      - Expected type of replication. The task fails if the relation has another type. Optional, because the platform
        knows the type.
    type: str
    choices: [stream, dorado]
seealso:
  - module: gaussdb.tpops.gaussdb_dr_info
  - module: gaussdb.tpops.gaussdb_dr_reestablish
  - module: gaussdb.tpops.gaussdb_dr_relation
"""

EXAMPLES = r"""
- name: Switch over to the instance in the second data center while both are up
  gaussdb.tpops.gaussdb_dr_role:
    instance: orders-dr
  register: role

- name: Show the roles
  ansible.builtin.debug:
    msg: "orders-dr acts as {{ role.relation.acts_as }}, the DR instance is {{ role.relation.other_instance_id }}"

- name: Fail over to it after the loss of the first data center
  gaussdb.tpops.gaussdb_dr_role:
    instance: orders-dr
    method: failover
    confirm: orders-dr
"""

# RETURN:begin, written by `make generate` from SPEC, the shapes that it names and engine/returns.py.
RETURN = r"""
relation:
  description: The relation as this platform shows it now. In check mode, the expected relation, as far as it is known.
  returned: success
  type: dict
  contains:
    id:
      description: ID of this platform's record.
      type: str
    synchronization_id:
      description: ID of the relation, the same on both platforms.
      type: str
    name:
      description: Name of the relation.
      type: str
    disaster_type:
      description: Replication type, V(stream) or V(dorado).
      type: str
    role:
      description: Side of the instance, V(master) or V(disaster). It stays the same after a failover, which C(acts_as)
        takes into account.
      type: str
    status:
      description: Status of the record, such as V(pre_checking), V(pre_check_failed), V(pending), V(normal),
        V(dr_log_keep), V(simulation) (a drill is running), V(failover), V(failed) or V(completed) (released).
      type: str
    instance_id:
      description: ID of this platform's instance.
      type: str
    instance_name:
      description: Name of the instance, if the record or the task has it.
      type: str
    instance_status:
      description: Status of the instance, if the record has it.
      type: str
    primary:
      description: The primary.
      type: dict
      contains:
        instance_id:
          description: ID of the instance.
          type: str
        project_id:
          description: ID of its project.
          type: str
        project_name:
          description: Name of its project.
          type: str
        region_code:
          description: Code of its region.
          type: str
        ip_addresses:
          description: Addresses of its nodes.
          type: list
          elements: str
    standby:
      description: The DR instance. Empty until the platform has found it.
      type: dict
      contains:
        instance_id:
          description: ID of the instance.
          type: str
        project_id:
          description: ID of its project.
          type: str
        project_name:
          description: Name of its project.
          type: str
        region_code:
          description: Code of its region.
          type: str
        ip_addresses:
          description: Addresses of its nodes.
          type: list
          elements: str
    created:
      description: When the record was created.
      type: str
    updated:
      description: When the record was last changed.
      type: str
    precheck_failed_reason:
      description: Reason why the check before the setup failed.
      type: str
    actions:
      description: Data of the instance in the relation.
      type: list
      elements: str
    acts_as:
      description: Effective role of the instance. V(primary), also after a failover; V(standby), also during a drill;
        V(former_primary) if the other instance was promoted; empty if the relation has ended, or in an unknown status.
      type: str
    in_force:
      description: Whether the two instances are connected. Empty while this is unknown.
      type: bool
    protected:
      description: Whether the DR instance follows the primary. False during a drill, and in any unknown status.
      type: bool
    drill:
      description: Whether a drill is running. Empty while this is unknown.
      type: bool
    log_keep:
      description: Whether the primary keeps its log, as the platform of the primary reports. Empty while this is
        unknown.
      type: bool
    other_instance_id:
      description: ID of the instance on the other side.
      type: str
  sample:
    id: 0f2a4c6e-8b1d-4e3f-9a5c-7d9e1b3f5a72
    name: orders-to-dc2
    role: master
    status: normal
    acts_as: primary
    protected: true
samples:
  description: How far the DR instance was behind, at each poll while the task waited.
  returned: always
  type: list
  elements: dict
  contains:
    time:
      description: Time of the sample.
      type: str
    status:
      description: State of the replication.
      type: str
    rpo_seconds:
      description: Seconds of changes on the primary that would have been lost (RPO).
      type: float
    rto_seconds:
      description: Seconds that a takeover would have needed (RTO).
      type: float
  sample:
    - time: 2026-01-12 08:00:04 UTC
      status: archive
      rpo_seconds: 0
      rto_seconds: 0
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

from ansible_collections.gaussdb.tpops.plugins.module_utils.api import disaster_recovery as api
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain import disaster_recovery as life
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.context import Context
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.item import Item, Step
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.options import Field
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import Status
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import InputError, TpopsError
from ansible_collections.gaussdb.tpops.plugins.module_utils.runner import run_module


def check(ctx: Context, item: Item) -> None:
    """A failover must be confirmed before any request is sent."""
    params = ctx.params
    names = [params[option] for option in ("instance", "instance_id") if params[option]]
    if params["method"] == "failover" and params["confirm"] not in names:
        raise InputError(
            "confirm",
            (
                f"{params['confirm']} is not the instance to promote; "
                f"repeat {' or '.join(names)} to accept the loss of data that the primary has not sent"
            ),
        )


def plan_steps(ctx: Context, items: Sequence[Item]) -> list[Step]:
    item, params = items[0], ctx.params
    if "acts_as" not in item.changes or life.is_busy(ctx, item):
        return []
    relation = item.existing
    if relation["acts_as"] == "former_primary":
        raise life.build_wrong_site_error(
            ctx,
            item,
            (
                "lost its primary role in a failover; rebuild the relation "
                "(gaussdb.tpops.gaussdb_dr_reestablish), then switch over"
            ),
        )
    if relation["in_force"] is None and relation["role"] == api.MASTER:
        # It is unknown whether this primary must be promoted.
        raise TpopsError(
            f"Cannot determine whether {ctx.parent.label} is the primary: the relation is in status "
            f"{relation['status']}"
        )
    if params["method"] == "failover":
        call = api.failover_dr(ctx.parent.id, relation["disaster_type"], params["allow_reestablish"])
        return life.build_step(item, call, "Promote, without the primary, the DR instance")
    life.require_status(ctx, item, api.NORMAL)
    return life.build_step(
        item,
        api.switchover_dr(ctx.parent.id, relation["disaster_type"]),
        "Exchange the roles of the primary and the DR instance",
    )


SPEC = life.build_relation_spec(
    # A failover must not wait for an unknown status.
    status=Status(pending=api.BUSY),
    fields=(
        Field("method", choices=("switchover", "failover"), default="switchover"),
        Field("confirm", identifier=True),
        Field("allow_reestablish", type="bool", default=True),
        Field("disaster_type", choices=api.TYPES),
    ),
    required_if=(("method", "failover", ("confirm",)),),
    reached=lambda ctx: {"acts_as": "primary"},
    validate=check,
    refine=life.require_type,
    steps=plan_steps,
)


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
