#!/usr/bin/python
# Copyright: Contributors to the gaussdb.tpops project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: gaussdb_dr_reestablish
short_description: Rebuild a disaster recovery relation after a failover
version_added: 0.1.0
author: gaussdb.tpops contributors (@gaussdb-tpops)
description:
  - After a failover, makes the old primary the DR instance of the promoted instance, so that the data is protected
    again.
  - B(Data that the old primary wrote after the failover is lost), so O(confirm) is required.
  - Run the task against the platform of the promoted instance. The platform of the old primary must be up again.
  - Does nothing if the relation is in force, regardless of which instance is the primary. To restore the original roles
    afterwards, switch over with M(gaussdb.tpops.gaussdb_dr_role).
  - If a rebuild is already in progress, the task waits for it and does not start another one.
extends_documentation_fragment:
  - gaussdb.tpops.connection
  - gaussdb.tpops.wait
  - gaussdb.tpops.attributes
  - gaussdb.tpops.instance_scope
options:
  confirm:
    description:
      - ID of the old primary, which M(gaussdb.tpops.gaussdb_dr_info) returns as C(other_instance_id). It confirms that
        the data of this instance may be replaced.
    type: str
    required: true
  disaster_type:
    description:
      - Expected type of replication. The task fails if the relation has another type. Optional, because the platform
        knows the type.
    type: str
    choices: [stream, dorado]
seealso:
  - module: gaussdb.tpops.gaussdb_dr_role
  - module: gaussdb.tpops.gaussdb_dr_info
"""

EXAMPLES = r"""
- name: Promote the DR instance after the loss of the first data center
  gaussdb.tpops.gaussdb_dr_role:
    instance: orders-dr
    endpoint: "{{ dc2_endpoint }}"
    method: failover
    confirm: orders-dr

- name: Look up the old primary, which is back
  gaussdb.tpops.gaussdb_instance_info:
    name: orders-prod
    endpoint: "{{ dc1_endpoint }}"
  register: old_primary

- name: Make it the DR instance of the promoted instance
  gaussdb.tpops.gaussdb_dr_reestablish:
    instance: orders-dr
    endpoint: "{{ dc2_endpoint }}"
    confirm: "{{ old_primary.instances[0].id }}"
  register: rebuilt

- name: Show whether the instance is protected again
  ansible.builtin.debug:
    msg: "{{ rebuilt.relation.protected }}"
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
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import InputError
from ansible_collections.gaussdb.tpops.plugins.module_utils.runner import run_module


def plan_steps(ctx: Context, items: Sequence[Item]) -> list[Step]:
    item, relation = items[0], items[0].existing
    if "in_force" not in item.changes or life.is_busy(ctx, item):
        return []
    if relation["acts_as"] == "former_primary":
        raise life.build_wrong_site_error(
            ctx, item, "is the old primary, but the relation is rebuilt from the promoted instance"
        )
    life.require_status(ctx, item, api.PROMOTED)
    if ctx.params["confirm"] != relation["other_instance_id"]:
        raise InputError(
            "confirm",
            (
                f"the instance whose data would be replaced is {relation['other_instance_id']}, not "
                f"{ctx.params['confirm']}"
            ),
        )
    return life.build_step(
        item, api.reestablish_dr(ctx.parent.id, relation["disaster_type"]), "Make the old primary the DR instance of"
    )


SPEC = life.build_relation_spec(
    fields=(Field("confirm", identifier=True, required=True), Field("disaster_type", choices=api.TYPES)),
    reached=lambda ctx: {"in_force": True},
    refine=life.require_type,
    steps=plan_steps,
)


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
