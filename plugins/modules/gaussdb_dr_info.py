#!/usr/bin/python
# Copyright: Contributors to the gaussdb.tpops project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: gaussdb_dr_info
short_description: List disaster recovery relations, their replication lag, and candidates
version_added: 0.1.0
author: gaussdb.tpops contributors (@gaussdb-tpops)
description:
  - Lists the relations that the platform has records of, including ended ones, with their monitoring data.
  - Lists the instances that can become the DR instance of a primary.
  - Each of the two platforms has its own record. Compare both to see whether they agree.
  - If both instances are on one platform, it may have one record for both. Name an instance to see the relation from
    its side.
  - If O(until) is set, waits for the relations to reach this state. Otherwise, the module does not wait, and O(wait)
    has no effect.
extends_documentation_fragment:
  - gaussdb.tpops.connection
  - gaussdb.tpops.wait
  - gaussdb.tpops.info
options:
  instance:
    description:
      - List only relations of the instance with this name.
    type: str
  instance_id:
    description:
      - List only relations of the instance with this ID. If set, O(instance) is only used in messages.
    type: str
  monitor:
    description:
      - Whether to gather the monitoring data, with one more request for each relation that has not ended.
    type: bool
    default: true
  candidates_for:
    description:
      - Name of an instance of this platform to list DR candidates for. RV(candidates) lists the suitable instances of
        this platform.
    type: str
  candidates_for_id:
    description:
      - ID of an instance to list DR candidates for, 32 to 64 characters. It may be on the other platform.
    type: str
  disaster_type:
    description:
      - Type of replication that the candidates are for.
    type: str
    choices: [stream, dorado]
  until:
    description:
      - State to wait for, for every listed relation that has not ended. Check mode does not wait.
      - V(settled) means that the platform has finished its current operation on the relation.
      - V(protected) means that a relation exists, the DR instance follows the primary, and RPO and RTO are within their
        limits. A value that the platform does not report is not waited for. The task fails if the relation is broken or
        ended in a failover.
    type: str
    choices: [settled, protected]
  rpo_seconds:
    description:
      - Maximum RPO for O(until=protected) in seconds, up to 1000000000. The default is the platform's threshold.
    type: float
  rto_seconds:
    description:
      - Maximum RTO for O(until=protected) in seconds, up to 1000000000. The default is the platform's threshold.
    type: float
seealso:
  - module: gaussdb.tpops.gaussdb_dr_relation
  - module: gaussdb.tpops.gaussdb_dr_role
"""

EXAMPLES = r"""
- name: Gather the relation of one instance
  gaussdb.tpops.gaussdb_dr_info:
    instance: orders-prod
  register: dr

- name: Fail if a failover would lose too much data
  ansible.builtin.assert:
    that:
      - dr.relations[0].protected
      - dr.relations[0].monitor.within_thresholds
    fail_msg: "{{ dr.relations[0].monitor.rpo_seconds }} seconds of data would be lost"

- name: Wait until the DR instance has caught up
  gaussdb.tpops.gaussdb_dr_info:
    instance: orders-prod
    until: protected
    rpo_seconds: 5
    wait_timeout: 600
  register: caught_up

- name: Find DR candidates for an instance
  gaussdb.tpops.gaussdb_dr_info:
    candidates_for: billing-prod
    monitor: false
  register: found

- name: Show their names
  ansible.builtin.debug:
    msg: "{{ found.candidates | map(attribute='name') | list }}"
"""

# RETURN:begin, written by `make generate` from SPEC, the shapes that it names and engine/returns.py.
RETURN = r"""
relations:
  description: The relations, active ones first, then newest first.
  returned: success
  type: list
  elements: dict
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
    monitor:
      description: State of the replication. Empty with O(monitor=false) and for relations that have ended.
      type: dict
      contains:
        status:
          description: State of the replication, such as V(archive), V(recovering), V(creating), V(promote) or
            V(stopped).
          type: str
        rpo_seconds:
          description: Seconds of changes on the primary that would be lost now (RPO).
          type: float
        rto_seconds:
          description: Seconds that a takeover would need now (RTO).
          type: float
        rpo_threshold_seconds:
          description: RPO above which the platform raises an alarm.
          type: float
        rto_threshold_seconds:
          description: RTO above which the platform raises an alarm.
          type: float
        switchover_progress:
          description: Progress of a switchover in percent. Empty if there is none.
          type: float
        failover_progress:
          description: Progress of a failover in percent. Empty if there is none.
          type: float
        within_thresholds:
          description: Whether RPO and RTO are within their thresholds. Empty if one of the figures is missing.
          type: bool
  sample:
    - id: 0f2a4c6e-8b1d-4e3f-9a5c-7d9e1b3f5a72
      name: orders-to-dc2
      role: master
      status: normal
      acts_as: primary
      protected: true
      monitor:
        status: archive
        rpo_seconds: 0
        rto_seconds: 0
        rpo_threshold_seconds: 10
        rto_threshold_seconds: 900
        within_thresholds: true
samples:
  description: How far the DR instance was behind, at each poll while the task waited.
  returned: when O(until) is given, also after a timeout
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
candidates:
  description: The instances that can become the DR instance of the primary, without the primary itself.
  returned: when O(candidates_for) or O(candidates_for_id) is given
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
    type:
      description: Type, V(Ha) for centralized ones.
      type: str
    engine_version:
      description: Version of the database engine.
      type: str
    solution:
      description: Topology.
      type: str
    consistency_protocol:
      description: Protocol between the replicas.
      type: str
    disaster_role:
      description: Role in a relation.
      type: str
    disaster_type:
      description: Replication type.
      type: str
    disaster_status:
      description: Status of a relation.
      type: str
    operations:
      description: Operations that the platform offers for it.
      type: list
      elements: str
"""
# RETURN:end

from dataclasses import replace
from typing import Any

from ansible_collections.gaussdb.tpops.plugins.module_utils.api import disaster_recovery as api
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.instance import list_instances
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.shape import Attr
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain import disaster_recovery as life
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.parent import ANY_INSTANCE
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine import checks
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.context import Context
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.options import Field
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import Find, Info, Rules
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import NotFound
from ansible_collections.gaussdb.tpops.plugins.module_utils.runner import run_module


def select_relations(ctx: Context, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the relations of one or all instances, after waiting if that is requested."""
    if ctx.params["until"] is None or not ctx.may_wait:
        return read_relations(ctx, found)
    label = f"{ctx.module} {ctx.parent.label}".rstrip()
    relations: list[dict[str, Any]] = ctx.waiter.wait_until(
        lambda: life.observe_until(ctx, read_relations(ctx, ctx.items(api.list_dr_relations()))), label=label
    )
    return relations


def read_relations(ctx: Context, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the relations of one or all instances, each with its monitoring data."""
    owners = [ctx.parent.id] if ctx.parent.label else dict.fromkeys(each["instance_id"] for each in found)
    relations = [each for owner in owners for each in life.relations_of(owner, found, ctx.params["instance"])]
    relations.sort(key=lambda each: each["status"] in api.OVER)
    return [{**each, "monitor": add_monitor(ctx, each)} for each in relations]


def add_monitor(ctx: Context, relation: dict[str, Any]) -> dict[str, Any] | None:
    if not ctx.params["monitor"] or relation["status"] in api.OVER:
        return None
    try:
        return ctx.item(api.get_dr_monitor(relation["instance_id"], relation["disaster_type"]))
    except NotFound:
        return None


def build_result(ctx: Context, relations: list[dict[str, Any]]) -> dict[str, Any]:
    return {**read_candidates(ctx), **({"samples": ctx.samples} if ctx.params["until"] else {})}


def read_candidates(ctx: Context) -> dict[str, Any]:
    name, primary = ctx.params["candidates_for"], ctx.params["candidates_for_id"]
    if name and not primary:
        primary = (ctx.find("instance", "candidates_for", name, list_instances(name=name)) or {}).get("id")
    if not name and not primary:
        return {}
    found = ctx.items(api.list_dr_candidates(primary, ctx.params["disaster_type"])) if primary else []
    return {"candidates": [each for each in found if each["id"] != primary]}


SPEC = Info(
    plural="relations",
    parent=ANY_INSTANCE,
    starts_jobs=True,
    fields=(
        Field("monitor", type="bool", default=True),
        Field("candidates_for", identifier=True),
        Field("candidates_for_id", validate=checks.length(32, 64)),
        Field("disaster_type", choices=api.TYPES),
        Field("until", choices=("settled", "protected")),
        Field("rpo_seconds", type="float", validate=checks.between(0, 10**9)),
        Field("rto_seconds", type="float", validate=checks.between(0, 10**9)),
    ),
    find=Find(read=lambda ctx: api.list_dr_relations(), select=select_relations),
    rules=Rules(mutually_exclusive=(("candidates_for", "candidates_for_id"),)),
    result=build_result,
    returns=api.RELATION.plus(
        Attr(
            "monitor",
            kind="dict",
            shape=api.MONITOR,
            doc="State of the replication. Empty with O(monitor=false) and for relations that have ended.",
        )
    ),
    also_returns=(
        Attr("relations", doc="The relations, active ones first, then newest first."),
        replace(life.SAMPLES, returned="when O(until) is given, also after a timeout"),
        Attr(
            "candidates",
            kind="list",
            shape=api.CANDIDATE,
            doc="The instances that can become the DR instance of the primary, without the primary itself.",
            returned="when O(candidates_for) or O(candidates_for_id) is given",
        ),
    ),
)


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
