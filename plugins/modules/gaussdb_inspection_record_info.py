#!/usr/bin/python
# Copyright: Contributors to the gaussdb.tpops project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: gaussdb_inspection_record_info
short_description: List the results of inspections
version_added: 0.1.0
author: gaussdb.tpops contributors (@gaussdb-tpops)
description:
  - Lists the inspection records, one for each run and instance, and on request the result of each check.
extends_documentation_fragment:
  - gaussdb.tpops.connection
  - gaussdb.tpops.info
options:
  record_id:
    description:
      - List only the record with this ID.
    type: str
  inspection:
    description:
      - List only records of the inspection with this name.
    type: str
  instance_names:
    description:
      - List only records of the instances with these names.
    type: list
    elements: str
  status:
    description:
      - List only records of runs with this status.
    type: str
    choices: [running, completed, failed]
  since:
    description:
      - List only records of runs that began at this time or later. Either an age such as V(90m), V(2h) or V(7d), a time
        such as V(2026-01-05 08:00:00 UTC) or V(2026-01-05T16:00:00+08:00), or milliseconds since 1970. A time without
        an offset is UTC.
    type: str
  until:
    description:
      - List only records of runs that began at this time or earlier, in the same format as O(since).
    type: str
  latest_only:
    description:
      - Whether to list only the latest record of each inspection and instance.
    type: bool
    default: false
  sort:
    description:
      - Field to sort by.
    type: str
    choices: [instance_name, status, inspection, start_time, end_time]
    default: start_time
  order:
    description:
      - Sort order, descending or ascending. In descending order, the latest time comes first.
    type: str
    choices: [desc, asc]
    default: desc
  gather:
    description:
      - Additional information to gather, with one more request for each listed record. V(results) returns the result of
        each check, V(statistics) how many checks of each category passed.
    type: list
    elements: str
    choices: [results, statistics]
    default: []
seealso:
  - module: gaussdb.tpops.gaussdb_inspection
  - module: gaussdb.tpops.gaussdb_inspection_record
"""

EXAMPLES = r"""
- name: Get the results of the last run of an inspection
  gaussdb.tpops.gaussdb_inspection_record_info:
    inspection: nightly-health
    latest_only: true
    gather: [results]
  register: health

- name: Show the suggestions of failed checks
  ansible.builtin.debug:
    msg: "{{ item.0.instance_name }}, {{ item.1.name }}: {{ item.1.result }} {{ item.1.suggestions }}"
  loop: "{{ health.records | subelements('results') }}"
  loop_control:
    label: "{{ item.1.check }}"
  when: item.1.status != 'normal'

- name: List the failed runs of the last week
  gaussdb.tpops.gaussdb_inspection_record_info:
    status: failed
    since: 7d
"""

# RETURN:begin, written by `make generate` from SPEC, the shapes that it names and engine/returns.py.
RETURN = r"""
records:
  description: The records.
  returned: success
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
    statistics:
      description: Number of checks that passed, in total and by category.
      returned: when O(gather) has V(statistics)
      type: dict
      contains:
        all:
          description: All checks.
          type: dict
          contains:
            total:
              description: Number of checks.
              type: int
            normal:
              description: Number of checks that passed.
              type: int
            abnormal:
              description: Number of checks that did not pass.
              type: int
            failed:
              description: Number of checks that could not be run.
              type: int
        categories:
          description: The checks of each category.
          type: list
          elements: dict
          contains:
            name:
              description: Name of the category.
              type: str
            total:
              description: Number of checks.
              type: int
            normal:
              description: Number of checks that passed.
              type: int
            abnormal:
              description: Number of checks that did not pass.
              type: int
            failed:
              description: Number of checks that could not be run.
              type: int
    results:
      description: The result of each check. Empty while the run is in progress.
      returned: when O(gather) has V(results)
      type: list
      elements: dict
      contains:
        check:
          description: Key of the check.
          type: str
        name:
          description: Name of the check.
          type: str
        category:
          description: Category of the check.
          type: str
        description:
          description: What is checked.
          type: str
        status:
          description: V(normal) if it passed, V(abnormal) if it did not, and V(fail) if it could not be run.
          type: str
        result:
          description: Result of the check.
          type: str
        possible_causes:
          description: Possible cause.
          type: str
        suggestions:
          description: What to do about it.
          type: str
        indicators:
          description: The underlying figures.
          type: list
          elements: dict
          contains:
            name:
              description: Name of the figure.
              type: str
            unit:
              description: Unit of the values.
              type: str
            nodes:
              description: The values of each node.
              type: list
              elements: dict
              contains:
                ip:
                  description: Address of the node.
                  type: str
                name:
                  description: Name of the node.
                  type: str
                max:
                  description: Highest value.
                  type: float
                min:
                  description: Lowest value.
                  type: float
                average:
                  description: Average of the values.
                  type: float
                p95:
                  description: 95th percentile of the values.
                  type: float
                points:
                  description: All values, each with C(time) and C(value).
                  type: list
                  elements: dict
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
"""
# RETURN:end

from typing import Any

from ansible_collections.gaussdb.tpops.plugins.module_utils.api import inspection as api
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.operation import Call
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.shape import Attr
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.period import read_moment_ms
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.compare import filter_equal
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.context import Context
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.options import Field
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import Find, Info
from ansible_collections.gaussdb.tpops.plugins.module_utils.runner import run_module
from ansible_collections.gaussdb.tpops.plugins.module_utils.util import times

SORTS = ("instance_name", "status", "inspection", "start_time", "end_time")


def read(ctx: Context) -> Call:
    params = ctx.params
    start, end = (read_moment_ms(ctx, name) for name in ("since", "until"))
    sort = "task_name" if params["sort"] == "inspection" else params["sort"]
    return api.list_inspection_records(
        params["inspection"], params["instance_names"], params["status"], start, end, sort, params["order"]
    )


def select(ctx: Context, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The platform's inspection filter may also find parts of names."""
    wanted = filter_equal(found, inspection=ctx.params["inspection"], id=ctx.params["record_id"])
    if ctx.params["latest_only"]:
        ordered = sorted(wanted, key=lambda record: times.epoch_ms(record["start_time"]) or 0)
        newest = {(record["inspection"], record["instance_id"]): record["id"] for record in ordered}
        wanted = [record for record in wanted if record["id"] in newest.values()]
    return [with_more(ctx, record) for record in wanted]


def with_more(ctx: Context, record: dict[str, Any]) -> dict[str, Any]:
    more: dict[str, Any] = {}
    if "statistics" in ctx.params["gather"]:
        more["statistics"] = ctx.item(api.get_inspection_statistic(record["id"]))
    if "results" in ctx.params["gather"]:
        more["results"] = ctx.items(api.get_inspection_record(record["id"]))
    return {**record, **more}


SPEC = Info(
    plural="records",
    fields=(
        Field("record_id"),
        Field("inspection"),
        Field("instance_names", type="list", elements="str"),
        Field("status", choices=api.STATUSES),
        Field("since", validate=times.check_past),
        Field("until", validate=times.check_past),
        Field("latest_only", type="bool", default=False),
        Field("sort", default="start_time", choices=SORTS),
        Field("order", default="desc", choices=("desc", "asc")),
        Field("gather", type="list", elements="str", choices=("results", "statistics"), default=[]),
    ),
    find=Find(read=read, select=select),
    returns=api.RECORD.plus(
        Attr(
            "statistics",
            kind="dict",
            shape=api.STATISTIC,
            doc="Number of checks that passed, in total and by category.",
            returned="when O(gather) has V(statistics)",
        ),
        Attr(
            "results",
            kind="list",
            shape=api.RESULT,
            doc="The result of each check. Empty while the run is in progress.",
            returned="when O(gather) has V(results)",
        ),
    ),
)


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
