#!/usr/bin/python
# Copyright: Contributors to the gaussdb.tpops project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: gaussdb_inspection
short_description: Manage inspections of instances, and get recent results
version_added: 0.1.0
author: gaussdb.tpops contributors (@gaussdb-tpops)
description:
  - Creates, changes and removes inspections, which check instances once or repeatedly.
  - With O(max_age), runs an inspection if its results are too old, waits for it to end, and returns a summary of the
    results.
  - A running inspection cannot be changed or removed, so the task first waits for the run to end.
extends_documentation_fragment:
  - gaussdb.tpops.connection
  - gaussdb.tpops.wait
  - gaussdb.tpops.attributes
attributes:
  idempotent:
    support: partial
    details: With a short O(max_age), such as V(0s), each run of the task runs the inspection.
options:
  name:
    description:
      - Name of the inspection, 4 to 64 letters, digits, hyphens and underscores, starting with a letter.
      - Required if O(inspection_id) is not set. Otherwise, this is the new name.
    type: str
  inspection_id:
    description:
      - ID of the inspection.
    type: str
  instances:
    description:
      - Names or IDs of the 1 to 200 instances to check.
      - Required to create an inspection.
    type: list
    elements: str
  checks:
    description:
      - Names or IDs of the 1 to 100 checks to run. The platform calls them inspection items, and their names are in the
        language of O(language). M(gaussdb.tpops.gaussdb_inspection_info) lists them.
      - This or O(scene) is required to create an inspection.
    type: list
    elements: str
  scene:
    description:
      - Name of the scene that defines the checks. The task uses the current checks of the scene. If the scene changes,
        the next run of the task updates the inspection.
    type: str
  period:
    description:
      - When the inspection runs. V(soon) means once, when it is created or changed, and V(later) once, at O(time).
        V(daily), V(weekly) and V(monthly) mean at O(time) each day, or on O(day) of each week or month. V(fixed) means
        repeatedly at an interval.
      - Required to create an inspection.
    type: str
    choices: [soon, later, fixed, daily, weekly, monthly]
  time:
    description:
      - Quoted time of day such as V('01:30:00'), or a time such as V(2026-01-05T16:00:00+08:00) or V(2026-01-05
        08:00:00 UTC), or milliseconds since 1970.
      - The API reference does not specify how to give the interval for O(period=fixed). A time of day is sent
        unchanged.
    type: str
  day:
    description:
      - Day of the run, from 1 (Monday) to 7 with O(period=weekly), and from 1 to 31 with O(period=monthly).
      - Required if O(period=weekly) or O(period=monthly).
    type: int
  start_time:
    description:
      - Start of the schedule, such as V(2026-01-05T16:00:00+08:00) or V(2026-01-05 08:00:00 UTC), or as milliseconds
        since 1970.
    type: str
  scope:
    description:
      - How the platform classifies the inspection. The default for a new inspection is its O(period) if that is a
        choice, and V(real_time) otherwise.
    type: str
    choices: [real_time, daily, weekly, monthly]
  max_age:
    description:
      - Maximum age of the last results, such as V(30m), V(12h) or V(7d). If they are older, if there are none, or if
        the last run failed, the inspection runs, regardless of its O(period).
      - Results of a run that is in progress when the task starts are recent enough.
    type: str
  state:
    description:
      - Whether the inspection should exist. The records of a removed inspection are kept.
    type: str
    choices: [present, absent]
    default: present
seealso:
  - module: gaussdb.tpops.gaussdb_inspection_info
  - module: gaussdb.tpops.gaussdb_inspection_record_info
  - module: gaussdb.tpops.gaussdb_inspection_scene
"""

EXAMPLES = r"""
- name: Check two instances every night
  gaussdb.tpops.gaussdb_inspection:
    name: nightly-health
    instances: [orders-prod, billing-prod]
    scene: Health Check
    period: daily
    time: '01:30:00'

- name: Get results that are at most half a day old
  gaussdb.tpops.gaussdb_inspection:
    name: nightly-health
    max_age: 12h
  register: health

- name: Show which instances have failed checks
  ansible.builtin.debug:
    msg: "{{ item.abnormal_count }} of {{ item.total_count }} checks did not pass on {{ item.instance_name }}"
  loop: "{{ health.records }}"
  loop_control:
    label: "{{ item.instance_name }}"
  when: item.abnormal_count > 0

- name: Run only two checks, on Mondays
  gaussdb.tpops.gaussdb_inspection:
    name: nightly-health
    checks: [CPU usage, Memory usage]
    period: weekly
    day: 1

- name: Remove the inspection
  gaussdb.tpops.gaussdb_inspection:
    name: nightly-health
    state: absent
"""

# RETURN:begin, written by `make generate` from SPEC, the shapes that it names and engine/returns.py.
RETURN = r"""
inspection:
  description: The inspection as it is now, in check mode as it would be, as far as that is known.
  returned: success, unless O(state=absent)
  type: dict
  contains:
    id:
      description: ID of the inspection.
      type: str
    name:
      description: Name of the inspection.
      type: str
    policy:
      description: V(single) or V(periodic).
      type: str
    scope:
      description: Scope under which the platform lists it.
      type: str
    instances:
      description: Names of the instances.
      type: list
      elements: str
    scene:
      description: Name of the scene that has the same checks.
      type: str
    status:
      description: Status of the last run, such as V(running), V(completed) or V(failed).
      type: str
    last_run:
      description: Time of the last run.
      type: str
    next_run:
      description: Time of the next run.
      type: str
    created_at:
      description: When the inspection was created.
      type: str
    period:
      description: Schedule of the runs.
      type: str
    time:
      description: Time, as the platform keeps it.
      type: str
    day:
      description: Day of the week or the month.
      type: int
    start_time:
      description: Start of the schedule.
      type: str
    instance_ids:
      description: IDs of the instances.
      type: list
      elements: str
    check_ids:
      description: IDs of the checks.
      type: list
      elements: str
    checks:
      description: Names of the checks.
      type: list
      elements: str
  sample:
    id: 3d7a1c52-9e48-4b60-8f21-5a6b7c8d9e01
    name: nightly-health
    policy: periodic
    scope: daily
    period: daily
    time: 01:30:00
    day: 0
    instances:
      - orders-prod
    instance_ids:
      - 5f2d8c1b7a9e4d3fb6c0e1a2d3f4b5c6in14
    checks:
      - CPU usage
    check_ids:
      - 8c2f6b1d-3a54-4e97-b0c8-1d2e3f4a5b6c
    status: completed
    last_run: 2026-01-12 01:30:00 UTC
    next_run: 2026-01-13 01:30:00 UTC
    created_at: 2026-01-01 08:00:00 UTC
records:
  description: Summary of the results of the last run, one entry for each instance, as
    M(gaussdb.tpops.gaussdb_inspection_record_info) returns them.
  returned: when O(max_age) is given, outside check mode
  type: list
  elements: dict
  contains:
    id:
      description: ID of the record.
      type: str
    inspection:
      description: Name of the inspection.
      type: str
    instance_name:
      description: Name of the instance.
      type: str
    instance_id:
      description: ID of the instance.
      type: str
    policy:
      description: V(single) or V(periodic).
      type: str
    scope:
      description: Scope under which the platform lists it.
      type: str
    status:
      description: V(running), V(completed) or V(failed).
      type: str
    progress:
      description: Progress in percent.
      type: float
    start_time:
      description: When the run began.
      type: str
    end_time:
      description: When it ended.
      type: str
    total_count:
      description: Number of checks.
      type: int
    normal_count:
      description: Number of checks that passed.
      type: int
    abnormal_count:
      description: Number of checks that did not pass.
      type: int
    failed_count:
      description: Number of checks that could not be run.
      type: int
  sample:
    - id: 835059db-4b9d-4f6a-8ffb-00f78e5f4c03
      inspection: nightly-health
      instance_name: orders-prod
      instance_id: 5f2d8c1b7a9e4d3fb6c0e1a2d3f4b5c6in14
      policy: periodic
      scope: daily
      status: completed
      progress: 100
      start_time: 2026-01-12 01:30:00 UTC
      end_time: 2026-01-12 01:31:00 UTC
      total_count: 6
      normal_count: 5
      abnormal_count: 1
      failed_count: 0
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
"""
# RETURN:end


from ansible_collections.gaussdb.tpops.plugins.module_utils.api import inspection as api
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.shape import Attr
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain import inspection as common
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain import inspection_task as inspections
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine import checks
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.item import Policy
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.options import Field
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import (
    Find,
    Hooks,
    Resource,
    Rules,
    Status,
    Write,
    Writes,
)
from ansible_collections.gaussdb.tpops.plugins.module_utils.runner import run_module
from ansible_collections.gaussdb.tpops.plugins.module_utils.util import times

SPEC = Resource(
    name="inspection",
    plural="inspections",
    status=Status(pending=(api.RUNNING,), settled=api.SETTLED),
    starts_jobs=True,
    fields=(
        Field("name", required_to_create=True, validate_new=common.title),
        Field("inspection_id", reads="id"),
        Field("instances", type="list", elements="str", required_to_create=True, validate=checks.sized(1, 200)),
        Field("checks", type="list", elements="str", validate=checks.sized(1, 100)),
        Field("period", choices=api.PERIODS, required_to_create=True),
        Field("time", equal=common.same_time, validate=common.check_time),
        Field("day", type="int", validate=checks.between(0, 31)),
        Field("start_time", equal=common.same_time, validate=times.check_moment),
        Field("scope", choices=api.SCOPES),
    ),
    options=(Field("scene"), Field("max_age", validate=times.check_duration)),
    find=Find(identified_by=("inspection_id", "name"), read=inspections.read, select=inspections.select),
    writes=Writes(
        create=Write.each(
            lambda ctx, item: api.create_inspection(common.build_settings(ctx, item)), "Create inspection {names}"
        ),
        updates=(
            Write.each(
                lambda ctx, item: api.modify_inspection(item.existing["id"], common.build_settings(ctx, item)),
                "Change inspection {names}",
            ),
        ),
        delete=Write.each(
            lambda ctx, item: api.delete_inspections([item.existing["id"]]),
            "Delete inspection {names}",
            policy=Policy(item_errors=inspections.refused),
        ),
    ),
    rules=Rules(required_one_of=(("name", "inspection_id"),), mutually_exclusive=(("checks", "scene"),)),
    hooks=Hooks(
        validate=inspections.check,
        refine=inspections.refine,
        extra_steps=inspections.run_if_stale,
        result=lambda ctx, items: common.read_results(ctx, items[0]),
        describe=common.describe_inspection,
    ),
    returns=common.build_inspection_shape(),
    also_returns=(
        Attr(
            "records",
            kind="list",
            shape=api.RECORD,
            doc=(
                "Summary of the results of the last run, one entry for each instance, as "
                "M(gaussdb.tpops.gaussdb_inspection_record_info) returns them."
            ),
            returned="when O(max_age) is given, outside check mode",
        ),
    ),
)


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
