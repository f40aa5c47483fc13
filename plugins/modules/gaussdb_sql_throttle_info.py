#!/usr/bin/python
# Copyright: Contributors to the gaussdb.tpops project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: gaussdb_sql_throttle_info
short_description: Gather information about SQL throttling tasks
version_added: 0.1.0
author: gaussdb.tpops contributors (@gaussdb-tpops)
description:
  - Lists the throttling tasks of an instance, and optionally the statements that a node has run, with the IDs and texts
    that M(gaussdb.tpops.gaussdb_sql_throttle) needs.
extends_documentation_fragment:
  - gaussdb.tpops.connection
  - gaussdb.tpops.instance_scope
  - gaussdb.tpops.info
options:
  name:
    description:
      - List only the task with this name.
    type: str
  task_id:
    description:
      - List only the task with this ID.
    type: str
  type:
    description:
      - List only tasks of this type.
    type: str
    choices: [sql_id, sql_type, sessions]
  scope:
    description:
      - List only tasks with this scope.
    type: str
    choices: [SQL, SESSION]
  value:
    description:
      - List only tasks that limit this statement ID or statement type. A part of the value is enough.
    type: str
  sql_model:
    description:
      - List only tasks and statements that contain this text.
      - With O(node_id) only letters, digits, blanks, underscores, dollar signs, asterisks, question marks, equals
        signs, plus signs, semicolons, parentheses, angle brackets, commas and full stops are allowed.
    type: str
  rule_name:
    description:
      - List only the task with this rule name in the database kernel.
    type: str
  node_id:
    description:
      - Also list the statements that this node has run, in RV(sql_templates).
    type: str
seealso:
  - module: gaussdb.tpops.gaussdb_sql_throttle
"""

EXAMPLES = r"""
- name: List the nodes of the instance
  gaussdb.tpops.gaussdb_component_info:
    instance: orders-prod
    type: DN
  register: data

- name: List the tasks, and the statements that a node has run
  gaussdb.tpops.gaussdb_sql_throttle_info:
    instance: orders-prod
    node_id: "{{ data.nodes[0].id }}"
  register: found

- name: Show the tasks that are in effect
  ansible.builtin.debug:
    msg: "{{ found.sql_throttles | selectattr('status', 'equalto', 'EXECUTING') | map(attribute='name') | list }}"
"""

# RETURN:begin, written by `make generate` from SPEC, the shapes that it names and engine/returns.py.
RETURN = r"""
sql_throttles:
  description: The throttling tasks.
  returned: success
  type: list
  elements: dict
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
sql_templates:
  description: The statements that the node has run.
  returned: when O(node_id) is given
  type: list
  elements: dict
  contains:
    sql_id:
      description: ID of the statement.
      type: str
    sql_model:
      description: Its text with question marks instead of values.
      type: str
"""
# RETURN:end

from typing import Any

from ansible_collections.gaussdb.tpops.plugins.module_utils.api import sql_throttle as api
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.operation import Call
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.shape import Attr
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.parent import INSTANCE
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine import checks
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.compare import filter_equal
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.context import Context
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.options import Field
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import Find, Info
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import InputError
from ansible_collections.gaussdb.tpops.plugins.module_utils.runner import run_module

FILTERS = ("scope", "type", "value", "name", "sql_model", "rule_name")
TEXT = checks.pattern(r"[A-Za-z0-9_$*?=+ ;()><,.]*", "letters, digits, blanks and _ $ * ? = + ; ( ) > < , .")


def read(ctx: Context) -> Call:
    problem = TEXT(ctx.params["sql_model"] or "") if ctx.params["node_id"] else None
    if problem:
        raise InputError("sql_model", problem)
    return api.list_sql_throttles(ctx.parent.id, **{name: ctx.params[name] for name in FILTERS})


def select(ctx: Context, tasks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    exact = {name: ctx.params[name] for name in ("scope", "type", "name", "rule_name")}
    return filter_equal([api.described(task) for task in tasks], id=ctx.params["task_id"], **exact)


def read_templates(ctx: Context, tasks: list[dict[str, Any]]) -> dict[str, Any]:
    node_id = ctx.params["node_id"]
    return (
        {"sql_templates": ctx.items(api.list_sql_templates(ctx.parent.id, node_id, ctx.params["sql_model"]))}
        if node_id
        else {}
    )


SPEC = Info(
    plural="sql_throttles",
    parent=INSTANCE,
    fields=(
        Field("name"),
        Field("task_id"),
        Field("type", choices=tuple(api.TYPES)),
        Field("scope", choices=("SQL", "SESSION")),
        Field("value"),
        Field("sql_model"),
        Field("rule_name"),
        Field("node_id"),
    ),
    find=Find(read=read, select=select),
    result=read_templates,
    returns=api.THROTTLE,
    also_returns=(
        Attr("sql_throttles", doc="The throttling tasks."),
        Attr(
            "sql_templates",
            kind="list",
            shape=api.TEMPLATE,
            doc="The statements that the node has run.",
            returned="when O(node_id) is given",
        ),
    ),
)


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
