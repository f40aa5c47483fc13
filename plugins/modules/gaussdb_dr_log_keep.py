#!/usr/bin/python
# Copyright: Contributors to the gaussdb.tpops project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: gaussdb_dr_log_keep
short_description: Make a primary keep its log for the DR instance
version_added: 0.1.0
author: gaussdb.tpops contributors (@gaussdb-tpops)
description:
  - While the log is kept, a DR instance that is unreachable for a long time can catch up later and does not need to be
    rebuilt. Start log keeping before a planned interruption, and stop it when the DR instance is back.
  - Log keeping applies to the primary, so run the task against the primary's platform.
  - Only relations of type C(stream) support it.
  - If a start or stop is already in progress, the task waits for it and does not repeat it.
extends_documentation_fragment:
  - gaussdb.tpops.connection
  - gaussdb.tpops.wait
  - gaussdb.tpops.attributes
  - gaussdb.tpops.instance_scope
attributes:
  idempotent:
    support: partial
    details: The platform does not show O(log_keep_percent), so changing it has no effect while the log is being kept.
options:
  state:
    description:
      - Whether the primary should keep its log.
      - V(started) requires a relation in status V(normal). A drill keeps the log on its own, so neither state can be
        set during a drill.
    type: str
    choices: [started, stopped]
    required: true
  log_keep_percent:
    description:
      - Percentage of the free disk space that the log kept by the primary may use, from 1 to 100. The API calls it
        C(xlog_keep_ratio).
      - By default, the platform decides.
    type: int
seealso:
  - module: gaussdb.tpops.gaussdb_dr_info
  - module: gaussdb.tpops.gaussdb_dr_drill
"""

EXAMPLES = r"""
- name: Keep the log while the link to the second data center is down
  gaussdb.tpops.gaussdb_dr_log_keep:
    instance: orders-prod
    state: started
    log_keep_percent: 40

- name: Stop keeping the log
  gaussdb.tpops.gaussdb_dr_log_keep:
    instance: orders-prod
    state: stopped
  register: stopped

- name: Show the status of the relation
  ansible.builtin.debug:
    msg: "The relation is {{ stopped.relation.status }}"
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

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.gaussdb.tpops.plugins.module_utils.api import disaster_recovery as api
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain import disaster_recovery as life
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine import checks
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.context import Context
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.item import Item, Step
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.options import Field
from ansible_collections.gaussdb.tpops.plugins.module_utils.runner import run_module


def plan_steps(ctx: Context, items: Sequence[Item]) -> list[Step]:
    item = items[0]
    if item.existing["role"] == api.DISASTER:
        raise life.build_wrong_site_error(ctx, item, "is the DR instance, but the log is kept by the primary")
    if life.is_busy(ctx, item):
        return []
    if item.existing["status"] == api.DRILL:
        life.require_status(ctx, item, api.NORMAL, api.LOG_KEEP)
    if "log_keep" not in item.changes:
        return []
    if item.desired["log_keep"]:
        life.require_status(ctx, item, api.NORMAL)
        return life.build_step(
            item, api.start_dr_log_keep(ctx.parent.id, ctx.params["log_keep_percent"]), "Keep the log of"
        )
    life.require_status(ctx, item, api.LOG_KEEP)
    return life.build_step(item, api.stop_dr_log_keep(ctx.parent.id), "Stop keeping the log of")


def describe(ctx: Context, relation: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return whether the primary keeps its log. During a drill and after a failover there is nothing to choose."""
    state = {api.NORMAL: "stopped", api.LOG_KEEP: "started"}.get(relation["status"])
    primary = relation["role"] == api.MASTER and relation["disaster_type"] in (api.STREAM, None)
    return [{"state": state}] if primary and state else []


SPEC = life.build_relation_spec(
    fields=(
        Field("state", required=True, choices=("started", "stopped")),
        Field("log_keep_percent", type="int", validate=checks.between(1, 100)),
    ),
    reached=lambda ctx: {"log_keep": ctx.params["state"] == "started"},
    refine=life.require_stream,
    steps=plan_steps,
    describe=describe,
)


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
