#!/usr/bin/python
# Copyright: Contributors to the gaussdb.tpops project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: gaussdb_inspection_info
short_description: List inspections and the available checks
version_added: 0.1.0
author: gaussdb.tpops contributors (@gaussdb-tpops)
description:
  - Lists the inspections of the platform with their settings and, on request, all available checks.
extends_documentation_fragment:
  - gaussdb.tpops.connection
  - gaussdb.tpops.info
options:
  name:
    description:
      - List only the inspection with this name.
    type: str
  instance_name:
    description:
      - List only inspections of the instance with this name.
    type: str
  created_after:
    description:
      - List only inspections created at this time or later. Either a time such as V(2026-01-05 08:00:00 UTC) or
        V(2026-01-05T16:00:00+08:00), an age such as V(90m), V(2h) or V(7d), or milliseconds since 1970.
    type: str
  created_before:
    description:
      - List only inspections created at this time or earlier. Same format as O(created_after).
    type: str
  last_run_after:
    description:
      - List only inspections that last ran at this time or later. Same format as O(created_after).
    type: str
  last_run_before:
    description:
      - List only inspections that last ran at this time or earlier. Same format as O(created_after).
    type: str
  next_run_after:
    description:
      - List only inspections that run next at this time or later. Same format as O(created_after).
    type: str
  next_run_before:
    description:
      - List only inspections that run next at this time or earlier. Same format as O(created_after).
    type: str
  sort:
    description:
      - Field to sort by.
    type: str
    choices: [name, created_at, last_run, next_run]
    default: created_at
  order:
    description:
      - Sort order, descending or ascending. In descending order, the latest time comes first.
    type: str
    choices: [desc, asc]
    default: desc
  gather:
    description:
      - Additional information to gather. V(settings) returns the settings of each inspection, with one more request
        each. V(checks) returns all available checks.
    type: list
    elements: str
    choices: [settings, checks]
    default: [settings]
seealso:
  - module: gaussdb.tpops.gaussdb_inspection
  - module: gaussdb.tpops.gaussdb_inspection_record_info
"""

EXAMPLES = r"""
- name: List the inspections of an instance and all available checks
  gaussdb.tpops.gaussdb_inspection_info:
    instance_name: orders-prod
    gather: [settings, checks]
  register: found

- name: Show the checks of system resources
  ansible.builtin.debug:
    msg: "{{ item.name }}: {{ item.description }}"
  loop: "{{ found.checks | selectattr('category', 'equalto', 'System resources') }}"
  loop_control:
    label: "{{ item.id }}"

- name: Find inspections that have not run for a week
  gaussdb.tpops.gaussdb_inspection_info:
    last_run_before: 7d
    sort: last_run
    order: asc
    gather: []
"""

# RETURN:begin, written by `make generate` from SPEC, the shapes that it names and engine/returns.py.
RETURN = r"""
inspections:
  description: The inspections.
  returned: success
  type: list
  elements: dict
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
      returned: when O(gather) has V(settings)
      type: str
    time:
      description: Time, as the platform keeps it.
      returned: when O(gather) has V(settings)
      type: str
    day:
      description: Day of the week or the month.
      returned: when O(gather) has V(settings)
      type: int
    start_time:
      description: Start of the schedule.
      returned: when O(gather) has V(settings)
      type: str
    instance_ids:
      description: IDs of the instances.
      returned: when O(gather) has V(settings)
      type: list
      elements: str
    check_ids:
      description: IDs of the checks.
      returned: when O(gather) has V(settings)
      type: list
      elements: str
    checks:
      description: Names of the checks.
      returned: when O(gather) has V(settings)
      type: list
      elements: str
  sample:
    - id: 3d7a1c52-9e48-4b60-8f21-5a6b7c8d9e01
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
checks:
  description: All available checks.
  returned: when O(gather) has V(checks)
  type: list
  elements: dict
  contains:
    id:
      description: ID of the check.
      type: str
    name:
      description: Name of the check, in the language of O(language).
      type: str
    description:
      description: What is checked.
      type: str
    category:
      description: Category of the check, in the language of O(language).
      type: str
  sample:
    - id: 8c2f6b1d-3a54-4e97-b0c8-1d2e3f4a5b6c
      name: CPU usage
      category: System resources
      description: Checks the CPU usage of each node.
"""
# RETURN:end

from datetime import datetime, timezone
from typing import Any

from ansible_collections.gaussdb.tpops.plugins.module_utils.api import inspection as api
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.operation import Call
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.shape import Attr
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain import inspection as common
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.period import read_moment_ms
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.compare import filter_equal
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.context import Context
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.options import Field
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import Find, Info
from ansible_collections.gaussdb.tpops.plugins.module_utils.runner import run_module
from ansible_collections.gaussdb.tpops.plugins.module_utils.util import times

SORTS = {
    "name": "inspection_name",
    "created_at": "create_at",
    "last_run": "last_execute_time",
    "next_run": "next_execute_time",
}
TIMES = {"created": "create_time", "last_run": "last_execute_time", "next_run": "next_execute_time"}
# A bound only has an effect together with the other bound of its pair.
FIRST = 0
LAST = 4102444800000


def read(ctx: Context) -> Call:
    params = ctx.params
    bounds = {}
    for name, field in TIMES.items():
        after, before = f"{name}_after", f"{name}_before"
        if params[after] or params[before]:
            bounds[f"{field}_start"], bounds[f"{field}_end"] = (
                format_slashed(ctx, after, FIRST),
                format_slashed(ctx, before, LAST),
            )
    return api.list_inspections(
        inspection_name=params["name"],
        instance_name=params["instance_name"],
        sort=SORTS[params["sort"]],
        order=params["order"],
        **bounds,
    )


def format_slashed(ctx: Context, option: str, otherwise: int) -> str:
    """Return the time of an option in the format of these filters, in UTC."""
    moment = read_moment_ms(ctx, option)
    moment = otherwise if moment is None else moment
    return datetime.fromtimestamp(moment / 1000, timezone.utc).strftime("%Y/%m/%d %H:%M:%S")


def select(ctx: Context, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The platform's name filters may also find parts of names."""
    wanted = [
        each
        for each in filter_equal(found, name=ctx.params["name"])
        if ctx.params["instance_name"] in (None, *each["instances"])
    ]
    return [common.settings_of(ctx, each) for each in wanted] if "settings" in ctx.params["gather"] else wanted


SPEC = Info(
    plural="inspections",
    fields=(
        Field("name"),
        Field("instance_name"),
        *(Field(f"{name}_{side}", validate=times.check_past) for name in TIMES for side in ("after", "before")),
        Field("sort", default="created_at", choices=tuple(SORTS)),
        Field("order", default="desc", choices=("desc", "asc")),
        Field("gather", type="list", elements="str", choices=("settings", "checks"), default=["settings"]),
    ),
    find=Find(read=read, select=select),
    result=lambda ctx, found: {"checks": common.list_checks(ctx)} if "checks" in ctx.params["gather"] else {},
    returns=common.build_inspection_shape("when O(gather) has V(settings)"),
    also_returns=(
        Attr(
            "checks",
            kind="list",
            shape=common.CHECK,
            doc="All available checks.",
            returned="when O(gather) has V(checks)",
        ),
    ),
)


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
