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
  - Limits how many executions of one statement, of statements with certain words, or how many sessions there may be at
    the same time.
  - The platform cannot change a task. Where one differs from what is wished the module deletes it and makes another
    one, so that for a moment nothing is limited. When the other one is not made the task fails, and RV(left_to_make)
    has the options that make it.
extends_documentation_fragment:
  - gaussdb.tpops.connection
  - gaussdb.tpops.wait
  - gaussdb.tpops.instance_scope
  - gaussdb.tpops.attributes
options:
  name:
    description:
      - Name of the task, of letters, digits, underscores and dollar signs. Required unless O(task_id) is given, and to
        make a task.
    type: str
  task_id:
    description:
      - ID of the task.
    type: str
  type:
    description:
      - What is limited. Required when the task has to be made.
      - V(sql_id) means one statement, by O(sql_id), O(sql_model) and O(node_ids).
      - V(sql_type) means statements of O(sql_type) with O(keywords) in O(databases).
      - V(sessions) means active sessions while O(cpu_utilization) or O(memory_utilization) is exceeded.
    type: str
    choices: [sql_id, sql_type, sessions]
  parallel_size:
    description:
      - How many executions or sessions there may be at the same time, from 0 to 2147483647. Required when the task has
        to be made.
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
      - IDs of the nodes with the coordinators that run it. Required with O(type=sql_id).
    type: list
    elements: str
  sql_type:
    description:
      - Type of the statements. Required with O(type=sql_type).
    type: str
    choices: [select, update, insert, delete, merge]
  keywords:
    description:
      - 2 to 100 words that the statements hold, each of 2 to 64 characters without blanks, commas, double quotes,
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
      - CPU utilization in percent, from 0 to 99. V(0) means that the CPU does not matter. One of the two has to be
        given with O(type=sessions), and not both may be V(0).
    type: int
  memory_utilization:
    description:
      - Memory utilization in percent, from 0 to 99. V(0) means that memory does not matter.
    type: int
  start_time:
    description:
      - When the limit begins, such as V(2026-01-05 08:00:00 UTC) or milliseconds since 1970. A time without an offset
        is UTC.
      - Without it, or when it is over, a task that has to be made begins at once.
    type: str
  end_time:
    description:
      - When the limit ends, like O(start_time). With O(type=sql_id) and O(type=sql_type) either this or O(duration) is
        required when the task has to be made.
    type: str
  duration:
    description:
      - How long after its begin the limit ends, such as V(90m), V(2h) or V(7d). It is used only when the task has to be
        made, or to be made again after its end.
    type: str
  state:
    description:
      - Whether the task shall be there.
    type: str
    choices: [present, absent]
    default: present
seealso:
  - module: gaussdb.tpops.gaussdb_sql_throttle_info
  - module: gaussdb.tpops.gaussdb_top_sql_info
"""

EXAMPLES = r"""
- name: Let only five reports run at the same time for two hours
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

- name: Show when that ends
  ansible.builtin.debug:
    var: limited.sql_throttle.end_time

- name: Allow more
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

- name: Limit sessions no longer
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
  description: The options of a throttling task that is to be made, as this module takes them, because the platform has
    deleted the old one and has not made the new one. What the options did not say is as it was.
  returned: when a throttling task was deleted to be made again, and that failed
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

from collections.abc import Sequence
from typing import Any

from ansible_collections.gaussdb.tpops.plugins.module_utils.api import sql_throttle as api
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.operation import Call
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.shape import Attr
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.parent import INSTANCE
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.sql_throttle import (
    OF_TYPES,
    ends_by_duration,
    foreign,
    has_begun,
    problem_of,
    same_moment,
    window,
)
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine import checks
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.compare import equal
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.context import Context
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.item import Item
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import Field, Resource, Status, Write
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import InputError, TpopsError
from ansible_collections.gaussdb.tpops.plugins.module_utils.runner import run_module
from ansible_collections.gaussdb.tpops.plugins.module_utils.util import times

CHANGEABLE = ("name", "type", "parallel_size", *OF_TYPES, "start_time", "end_time")
WORD = checks.pattern(
    r'(?!(?i:null)$)[^\s,"\\{}]{2,64}', 'words of 2 to 64 characters without blanks and , " \\ { }, and not null'
)
PERCENT = checks.between(0, 99)


def task_of(item: Item) -> dict[str, Any]:
    """Return what the task shall be: what is wished, and for the rest what it is, as far as that means something to its
    type."""
    task = {name: item.value(name) for name in (*CHANGEABLE, "duration")}
    return {**task, **{name: item.desired.get(name) for name in foreign(task["type"])}}


def check_task(ctx: Context, item: Item) -> None:
    if not item.present:
        return
    if item.current and has_begun(item.desired.get("start_time"), item.current["start_time"], ctx.client.now_ms()):
        item.desired["start_time"] = item.current["start_time"]
    task = task_of(item)
    problem = problem_of(item.desired, task, item.current is None or item.current["type"] != task["type"])
    if problem:
        raise InputError(f"{problem[0]}: {problem[1]}", option=problem[0])


def create(ctx: Context, items: Sequence[Item]) -> Call:
    task = task_of(items[0])
    return api.create_sql_throttle(ctx.scope_id, task, *window(task, items[0].desired, ctx.client.now_ms()))


def delete(ctx: Context, items: Sequence[Item]) -> Call:
    return api.delete_sql_throttle(ctx.scope_id, items[0].existing["id"])


def interrupted(ctx: Context, items: Sequence[Item], error: TpopsError) -> dict[str, Any]:
    """Where the old task is gone its values would be lost, and no later run could find them."""
    item = items[0]
    if not item.present or item.before is None:
        return {}
    task = task_of(item)
    # The module takes one of the two.
    task["end_time" if ends_by_duration(task, ctx.client.now_ms()) else "duration"] = None
    error.hint = (
        f"Look whether task {item.label} is there. If not, left_to_make in this result has the options that make it"
    )
    return {"left_to_make": {name: value for name, value in task.items() if value is not None}}


GONE = ("DBS.06010013", "DBS.280005")

SPEC = Resource(
    name="sql_throttle",
    plural="sql_throttles",
    parent=INSTANCE,
    starts_jobs=True,
    identified_by=("task_id", "name"),
    status=Status(
        pending=("CREATING", "UPDATING", "DELETING"),
        settled=("WAIT_EXECUTE", "EXECUTING", "TIME_OVER", "DELETED", "NODE_SHUT_DOWN"),
        failed=("CREATE_FAILED", "UPDATE_FAILED", "DELETE_FAILED", "EXCEPTION"),
    ),
    replace_failed=True,
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
        Field("duration", validate=times.check_duration, write_only=True),
    ),
    required_one_of=(("name", "task_id"),),
    mutually_exclusive=(("end_time", "duration"),),
    read=lambda ctx: api.list_sql_throttles(ctx.scope_id),
    select=lambda ctx, tasks: [api.described(task) for task in tasks if task["status"] != "DELETED"],
    refine=check_task,
    create=Write(create, "Make throttling task {names}", fields=(*CHANGEABLE, "duration")),
    updates=(
        Write(delete, "Delete throttling task {names}, which differs", fields=CHANGEABLE, done_codes=GONE),
        Write(create, "Make throttling task {names} again", fields=CHANGEABLE),
    ),
    delete=Write(delete, "Delete throttling task {names}", done_codes=GONE),
    interrupted=interrupted,
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
                "The options of a throttling task that is to be made, as this module takes them, because the platform "
                "has deleted the old one and has not made the new one. What the options did not say is as it was."
            ),
            returned="when a throttling task was deleted to be made again, and that failed",
        ),
    ),
)


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
