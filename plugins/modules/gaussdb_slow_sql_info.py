#!/usr/bin/python
# Copyright: Contributors to the gaussdb.tpops project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: gaussdb_slow_sql_info
short_description: Gather information about slow statements
version_added: 0.1.0
author: gaussdb.tpops contributors (@gaussdb-tpops)
description:
  - Lists the slow statements of an instance over a period, as templates with their averages, the slowest first. There
    is one entry for each statement and node.
  - Optionally lists the individual executions.
extends_documentation_fragment:
  - gaussdb.tpops.connection
  - gaussdb.tpops.instance_scope
  - gaussdb.tpops.period
  - gaussdb.tpops.info
options:
  threshold_seconds:
    description:
      - Number of seconds from which a statement counts as slow, from 1 to 99.
    type: int
    default: 1
  nodes:
    description:
      - Query only these nodes, each given by its name or its ID. By default, all nodes that record statements are
        queried.
    type: list
    elements: str
  sql_id:
    description:
      - List only the statement with this ID.
    type: str
  gather:
    description:
      - Additional information to read. V(executions) reads the individual executions, with one more request for each
        entry.
    type: list
    elements: str
    choices: [executions]
    default: []
seealso:
  - module: gaussdb.tpops.gaussdb_top_sql_info
"""

EXAMPLES = r"""
- name: List statements that took more than five seconds today
  gaussdb.tpops.gaussdb_slow_sql_info:
    instance: orders-prod
    since: 1d
    threshold_seconds: 5
  register: slow

- name: Show them
  ansible.builtin.debug:
    msg: "{{ item.calls }} x {{ item.avg_exec_time_ms }} ms: {{ item.sql_text }}"
  loop: "{{ slow.statements }}"
  loop_control:
    label: "{{ item.sql_id }} on {{ item.node_name }}"

- name: List the executions of the slowest one
  gaussdb.tpops.gaussdb_slow_sql_info:
    instance: orders-prod
    since: 1d
    sql_id: "{{ slow.statements[0].sql_id }}"
    gather: [executions]
  when: slow.statements | length > 0
"""

# RETURN:begin, written by `make generate` from SPEC, the shapes that it names and engine/returns.py.
RETURN = r"""
statements:
  description: The statements, the slowest on average first.
  returned: success
  type: list
  elements: dict
  contains:
    sql_id:
      description: ID of the statement.
      type: str
    sql_text:
      description: The normalized statement, without its values.
      type: str
    user_name:
      description: Database user.
      type: str
    node_id:
      description: ID of the node.
      type: str
    node_name:
      description: Name of the node.
      type: str
    query_plan:
      description: Execution plan.
      type: str
    calls:
      description: Number of executions.
      type: int
    avg_exec_time_ms:
      description: Average time, in milliseconds.
      type: float
    avg_cpu_time_ms:
      description: Average CPU time, in milliseconds.
      type: float
    avg_io_time_ms:
      description: Average I/O time, in milliseconds.
      type: float
    avg_returned_rows:
      description: Rows returned.
      type: int
    avg_fetched_rows:
      description: Rows scanned.
      type: int
    buffer_hit_ratio:
      description: Share of pages found in memory, from 0 to 1.
      type: float
    executions:
      description: The individual executions. The platform may return only the latest ones.
      returned: when O(gather) has V(executions)
      type: list
      elements: dict
      contains:
        start_time:
          description: Start time.
          type: str
        start_time_ms:
          description: The same in milliseconds since 1970.
          type: int
        finish_time:
          description: End time.
          type: str
        finish_time_ms:
          description: The same in milliseconds since 1970.
          type: int
        client_ip:
          description: Address of the client.
          type: str
        client_port:
          description: Port of the client.
          type: int
        query_plan:
          description: Execution plan.
          type: str
        total_time_ms:
          description: Time in milliseconds.
          type: float
        cpu_time_ms:
          description: CPU time in milliseconds.
          type: float
        plan_time_ms:
          description: Planning time. Assumed to have the same unit as the others.
          type: float
        io_time_ms:
          description: I/O time. Assumed to have the same unit as the others.
          type: float
        lock_time_ms:
          description: Lock time, if the platform reports it. Assumed to have the same unit as the others.
          type: float
        lock_count:
          description: Number of locks taken.
          type: int
        returned_rows:
          description: Rows returned.
          type: int
        fetched_rows:
          description: Rows scanned.
          type: int
        fetched_pages:
          description: Pages scanned.
          type: int
        hit_pages:
          description: Pages found in memory.
          type: int
  sample:
    - sql_id: '2987311045'
      sql_text: select count(*) from order_items where state = ?
      user_name: app
      node_id: 1a2b3c4d5e6f40718293a4b5c6d7e8f9no14
      node_name: orders-prod_root_0
      query_plan: Aggregate -> Seq Scan on order_items
      calls: 5
      avg_exec_time_ms: 5000.25
      avg_cpu_time_ms: 1200.5
      avg_io_time_ms: 2100.75
      avg_returned_rows: 1
      avg_fetched_rows: 500000
      buffer_hit_ratio: 0.8
nodes:
  description: The nodes that were queried.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: ID of the node.
      type: str
    name:
      description: Name of the node.
      type: str
    role:
      description: Role of the node.
      type: str
    component_type:
      description: Type of component on which statements are recorded, V(CN) or V(DN).
      type: str
"""
# RETURN:end

from typing import Any

from ansible_collections.gaussdb.tpops.plugins.module_utils.api import sql_log as api
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.operation import Call
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.shape import Attr
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.lookup import NameLookup
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.parent import INSTANCE
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.period import PERIOD, read_period
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.checks import between, not_empty
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.compare import filter_equal
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.context import Context
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.options import Field
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import Find, Info
from ansible_collections.gaussdb.tpops.plugins.module_utils.runner import run_module


def find_nodes(ctx: Context) -> list[dict[str, Any]]:
    """Return the nodes to query, read once."""

    def find() -> list[dict[str, Any]]:
        recorded = ctx.items(api.list_slow_sql_nodes(ctx.parent.id))
        if not recorded or not ctx.params["nodes"]:
            return recorded
        directory = NameLookup(ctx, "node that records statements", recorded)
        return [dict(directory.entries[each]) for each in directory.identities(ctx.params["nodes"], "nodes") if each]

    return ctx.cached("nodes", find)


def read_window(ctx: Context) -> tuple[int, int]:
    return ctx.cached("period", lambda: read_period(ctx))


def read(ctx: Context) -> list[Call]:
    """Return no request if there are no nodes, because the platform would refuse it."""
    found = [node["id"] for node in find_nodes(ctx)]
    return (
        [api.list_slow_sql(ctx.parent.id, found, *read_window(ctx), ctx.params["threshold_seconds"])] if found else []
    )


def sort_slowest_first(ctx: Context, statements: list[dict[str, Any]]) -> list[dict[str, Any]]:
    found = sorted(
        filter_equal(statements, sql_id=ctx.params["sql_id"]),
        key=lambda each: each["avg_exec_time_ms"] or 0,
        reverse=True,
    )
    if "executions" not in ctx.params["gather"]:
        return found
    return [
        {
            **each,
            "executions": ctx.items(
                api.get_slow_sql_detail(ctx.parent.id, [each["node_id"]], *read_window(ctx), each["sql_id"])
            ),
        }
        for each in found
    ]


SPEC = Info(
    plural="statements",
    parent=INSTANCE,
    fields=(
        *PERIOD,
        Field("threshold_seconds", type="int", default=1, validate=between(1, 99)),
        Field("nodes", type="list", elements="str", validate=not_empty),
        Field("sql_id"),
        Field("gather", type="list", elements="str", choices=("executions",), default=[]),
    ),
    find=Find(read=read, select=sort_slowest_first),
    result=lambda ctx, found: {"nodes": find_nodes(ctx)},
    returns=api.SLOW_SQL.plus(
        Attr(
            "executions",
            kind="list",
            shape=api.EXECUTION,
            doc="The individual executions. The platform may return only the latest ones.",
            returned="when O(gather) has V(executions)",
        )
    ),
    also_returns=(
        Attr("statements", doc="The statements, the slowest on average first."),
        Attr("nodes", kind="list", shape=api.SLOW_SQL_NODE, doc="The nodes that were queried.", returned="success"),
    ),
)


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
