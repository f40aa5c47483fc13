#!/usr/bin/python
# Copyright: Contributors to the gaussdb.tpops project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: gaussdb_sql_throttle
short_description: Manage SQL throttling tasks
version_added: 0.1.0
author: gaussdb.tpops contributors (@gaussdb-tpops)
description:
  - Limits the number of concurrent executions of one statement or of statements with certain keywords, or the number of
    concurrent sessions.
  - The platform cannot change a throttling task. If it differs from the desired one, the module deletes it and creates
    a new one, so for a moment nothing is limited. If the creation fails, the module fails, and RV(left_to_make)
    contains the options to create it.
extends_documentation_fragment:
  - gaussdb.tpops.connection
  - gaussdb.tpops.wait
  - gaussdb.tpops.instance_scope
  - gaussdb.tpops.attributes
options:
  name:
    description:
      - Name of the throttling task, with letters, digits, underscores and dollar signs. Required to create a task and
        unless O(task_id) is given.
    type: str
  task_id:
    description:
      - ID of the throttling task.
    type: str
  type:
    description:
      - Object of the limit. Required to create the task.
      - V(sql_id) limits one statement, given by O(sql_id), O(sql_model) and O(node_ids).
      - V(sql_type) limits statements of O(sql_type) with O(keywords) in O(databases).
      - V(sessions) limits active sessions while O(cpu_utilization) or O(memory_utilization) is exceeded.
    type: str
    choices: [sql_id, sql_type, sessions]
  parallel_size:
    description:
      - Maximum number of concurrent executions or sessions, from 0 to 2147483647. Required to create the task.
    type: int
  sql_id:
    description:
      - ID of the statement, as M(gaussdb.tpops.gaussdb_sql_throttle_info) lists it. Required with O(type=sql_id).
    type: str
  sql_model:
    description:
      - Text of the statement, as M(gaussdb.tpops.gaussdb_sql_throttle_info) lists it. Required with O(type=sql_id).
    type: str
  node_ids:
    description:
      - IDs of the nodes with the coordinators that run the statement. Required with O(type=sql_id).
    type: list
    elements: str
  sql_type:
    description:
      - Type of the statements. Required with O(type=sql_type).
    type: str
    choices: [select, update, insert, delete, merge]
  keywords:
    description:
      - 2 to 100 words that the statements contain, each of 2 to 64 characters without blanks, commas, double quotes,
        backslashes and braces, and not V(null). Required with O(type=sql_type).
    type: list
    elements: str
  databases:
    description:
      - Names of the databases. Required with O(type=sql_type).
    type: list
    elements: str
  cpu_utilization:
    description:
      - CPU utilization in percent, from 0 to 99. V(0) ignores the CPU. With O(type=sessions), either this or
        O(memory_utilization) is required, and they must not both be V(0).
    type: int
  memory_utilization:
    description:
      - Memory utilization in percent, from 0 to 99. V(0) ignores the memory.
    type: int
  start_time:
    description:
      - Start of the limit, such as V(2026-01-05 08:00:00 UTC) or in milliseconds since 1970. A time without an offset
        is UTC.
      - If omitted or in the past, a new task starts at once.
    type: str
  end_time:
    description:
      - End of the limit, in the same formats as O(start_time). With O(type=sql_id) and O(type=sql_type), either this or
        O(duration) is required to create the task.
    type: str
  duration:
    description:
      - Duration of the limit, such as V(90m), V(2h) or V(7d). It is used only to create the task, or to recreate it
        after its end.
    type: str
  state:
    description:
      - Whether the throttling task should exist.
    type: str
    choices: [present, absent]
    default: present
seealso:
  - module: gaussdb.tpops.gaussdb_sql_throttle_info
  - module: gaussdb.tpops.gaussdb_top_sql_info
"""

EXAMPLES = r"""
- name: Limit reports to five at the same time for two hours
  gaussdb.tpops.gaussdb_sql_throttle:
    instance: orders-prod
    name: few_reports
    type: sql_type
    parallel_size: 5
    sql_type: select
    keywords: [order_items, sum]
    databases: [orders]
    start_time: "{{ peak_begin }}"
    duration: 2h
  register: limited

- name: Show when the limit ends
  ansible.builtin.debug:
    var: limited.sql_throttle.end_time

- name: Raise the limit
  gaussdb.tpops.gaussdb_sql_throttle:
    instance: orders-prod
    name: few_reports
    parallel_size: 10

- name: Limit sessions while the CPU is busy
  gaussdb.tpops.gaussdb_sql_throttle:
    instance: orders-prod
    name: busy_cpu
    type: sessions
    parallel_size: 200
    cpu_utilization: 80

- name: Remove the limit on sessions
  gaussdb.tpops.gaussdb_sql_throttle:
    instance: orders-prod
    name: busy_cpu
    state: absent
"""

# RETURN:begin, written by `make generate` from SPEC, the shapes that it names and engine/returns.py.
RETURN = r"""
sql_throttle:
  description: The throttling task as it is now, in check mode as it would be, as far as that is known.
  returned: success, unless O(state=absent)
  type: dict
  contains:
    id:
      description: ID of the task.
      type: str
    name:
      description: Name of the task.
      type: str
    status:
      description: V(CREATING), V(WAIT_EXECUTE) before it begins, V(EXECUTING), V(TIME_OVER) after it has ended,
        V(NODE_SHUT_DOWN), or an error.
      type: str
    type:
      description: Type, as in O(type).
      type: str
    scope:
      description: V(SQL) or V(SESSION).
      type: str
    value:
      description: What is limited, as the platform calls it.
      type: str
    parallel_size:
      description: Maximum number of concurrent executions.
      type: int
    sql_model:
      description: Text of the statement.
      type: str
    node_ids:
      description: IDs of the nodes.
      type: list
      elements: str
    keywords:
      description: Keywords in the statements.
      type: list
      elements: str
    databases:
      description: Names of the databases.
      type: list
      elements: str
    cpu_utilization:
      description: CPU threshold in percent.
      type: int
    memory_utilization:
      description: Memory threshold in percent.
      type: int
    start_time:
      description: When it begins, as the platform writes it.
      type: str
    end_time:
      description: When it ends, as the platform writes it.
      type: str
    rule_name:
      description: Name of the rule in the kernel.
      type: str
    created_at:
      description: When it was created, as the platform writes it.
      type: str
    updated_at:
      description: When it was last changed.
      type: str
    creator:
      description: Who created it.
      type: str
    modifier:
      description: Who last changed it.
      type: str
    sql_id:
      description: ID of the statement.
      type: str
    sql_type:
      description: Type of the statements.
      type: str
left_to_make:
  description: The options of this module to create a throttling task that the platform has deleted and not created
    again. Options that were not given have their previous values.
  returned: when a throttling task was deleted and could not be recreated
  type: dict
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

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.gaussdb.tpops.plugins.module_utils.api import sql_throttle as api
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.operation import Call
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.shape import Attr
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.parent import INSTANCE
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.sql_throttle import (
    OF_TYPES,
    build_window,
    ends_by_duration,
    foreign_options_of,
    has_begun,
    problem_of,
    same_moment,
)
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine import checks
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.compare import equal
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.context import Context
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.item import Item, Policy
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.options import Field, Role
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import (
    Find,
    Hooks,
    Resource,
    Rules,
    Status,
    Write,
    Writes,
)
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import InputError, TpopsError
from ansible_collections.gaussdb.tpops.plugins.module_utils.runner import run_module
from ansible_collections.gaussdb.tpops.plugins.module_utils.util import times

CHANGEABLE = ("name", "type", "parallel_size", *OF_TYPES, "start_time", "end_time")
WORD = checks.pattern(
    r'(?!(?i:null)$)[^\s,"\\{}]{2,64}', 'words of 2 to 64 characters without blanks and , " \\ { }, and not null'
)
PERCENT = checks.between(0, 99)


def task_of(item: Item) -> dict[str, Any]:
    """Return the desired task: the given options, and the current values of all others that apply to its type."""
    task = {name: item.value(name) for name in (*CHANGEABLE, "duration")}
    return {**task, **{name: item.desired.get(name) for name in foreign_options_of(task["type"])}}


def check_task(ctx: Context, item: Item) -> Item | None:
    if not item.present:
        return None
    if item.current and has_begun(item.desired.get("start_time"), item.current["start_time"], ctx.client.now_ms()):
        item = item.refined({"start_time": item.current["start_time"]})
    task = task_of(item)
    problem = problem_of(item.desired, task, item.current is None or item.current["type"] != task["type"])
    if problem:
        raise InputError(problem[0], problem[1])
    return item


def describe(ctx: Context, task: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return a task that is not over. A begin in the past says nothing, since it cannot be chosen any more."""
    now = ctx.client.now_ms()
    start, end = (times.epoch_ms(task[name]) for name in ("start_time", "end_time"))
    if task["status"] == "TIME_OVER" or (end is not None and end <= now):
        return []
    moments = {"start_time": start if start and start > now else None, "end_time": end}
    return [{**task, **{name: each and times.iso(each) for name, each in moments.items()}}]


def create(ctx: Context, item: Item) -> Call:
    task = task_of(item)
    return api.create_sql_throttle(ctx.parent.id, task, *build_window(task, item.desired, ctx.client.now_ms()))


def delete(ctx: Context, item: Item) -> Call:
    return api.delete_sql_throttle(ctx.parent.id, item.existing["id"])


def build_interrupted_result(ctx: Context, items: Sequence[Item], error: TpopsError) -> dict[str, Any]:
    """Return the values of the deleted task, because no later run could find them."""
    item = items[0]
    if not item.present or item.before is None:
        return {}
    task = task_of(item)
    # The module accepts only one of the two.
    task["end_time" if ends_by_duration(task, ctx.client.now_ms()) else "duration"] = None
    error.hint = (
        f"Check whether task {item.label} exists. If not, left_to_make in this result has the options to create it"
    )
    return {"left_to_make": {name: value for name, value in task.items() if value is not None}}


GONE = ("DBS.06010013", "DBS.280005")

SPEC = Resource(
    name="sql_throttle",
    plural="sql_throttles",
    parent=INSTANCE,
    status=Status(
        pending=("CREATING", "UPDATING", "DELETING"),
        settled=("WAIT_EXECUTE", "EXECUTING", "TIME_OVER", "DELETED", "NODE_SHUT_DOWN"),
        failed=("CREATE_FAILED", "UPDATE_FAILED", "DELETE_FAILED", "EXCEPTION"),
    ),
    starts_jobs=True,
    fields=(
        Field(
            "name",
            required_to_create=True,
            validate_new=checks.pattern(r"[A-Za-z0-9_$]+", "letters, digits, underscores and dollar signs"),
        ),
        Field("task_id", reads="id"),
        Field("type", choices=tuple(api.TYPES), required_to_create=True),
        Field("parallel_size", type="int", required_to_create=True, validate=checks.between(0, 2147483647)),
        Field("sql_id"),
        Field("sql_model"),
        Field("node_ids", type="list", elements="str", validate=checks.not_empty),
        Field("sql_type", choices=("select", "update", "insert", "delete", "merge")),
        Field(
            "keywords",
            type="list",
            elements="str",
            no_log=False,
            validate=checks.every(
                lambda words: None if 2 <= len(words) <= 100 else "give 2 to 100 words", checks.each(WORD)
            ),
        ),
        Field(
            "databases",
            type="list",
            elements="str",
            validate=checks.every(checks.not_empty, checks.each(checks.pattern("[^,]+", "a name"))),
        ),
        Field(
            "cpu_utilization", type="int", validate=PERCENT, equal=lambda desired, current: equal(desired, current or 0)
        ),
        Field(
            "memory_utilization",
            type="int",
            validate=PERCENT,
            equal=lambda desired, current: equal(desired, current or 0),
        ),
        Field("start_time", validate=times.check_moment, equal=same_moment),
        Field("end_time", validate=times.check_moment, equal=same_moment),
        Field("duration", validate=times.check_duration, role=Role.WRITE_ONLY),
    ),
    find=Find(
        identified_by=("task_id", "name"),
        read=lambda ctx: api.list_sql_throttles(ctx.parent.id),
        select=lambda ctx, tasks: [api.described(task) for task in tasks if task["status"] != "DELETED"],
    ),
    writes=Writes(
        replace_failed=True,
        create=Write.each(create, "Create throttling task {names}", fields=(*CHANGEABLE, "duration")),
        updates=(
            Write.each(
                delete,
                "Delete throttling task {names}, which differs",
                fields=CHANGEABLE,
                policy=Policy(done_codes=GONE),
            ),
            Write.each(create, "Recreate throttling task {names}", fields=CHANGEABLE),
        ),
        delete=Write.each(delete, "Delete throttling task {names}", policy=Policy(done_codes=GONE)),
    ),
    rules=Rules(required_one_of=(("name", "task_id"),), mutually_exclusive=(("end_time", "duration"),)),
    hooks=Hooks(refine=check_task, interrupted=build_interrupted_result, describe=describe),
    returns=api.THROTTLE,
    also_returns=(
        Attr(
            "sql_throttle",
            doc="The throttling task as it is now, in check mode as it would be, as far as that is known.",
        ),
        Attr(
            "left_to_make",
            kind="dict",
            doc=(
                "The options of this module to create a throttling task that the platform has deleted and not created "
                "again. Options that were not given have their previous values."
            ),
            returned="when a throttling task was deleted and could not be recreated",
        ),
    ),
)


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
