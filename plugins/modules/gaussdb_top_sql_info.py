#!/usr/bin/python
# Copyright: Contributors to the gaussdb.tpops project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: gaussdb_top_sql_info
short_description: Gather information about the statements that took the most time
version_added: 0.1.0
author: gaussdb.tpops contributors (@gaussdb-tpops)
description:
  - Lists the statements that were executed on an instance over a period, as templates with their statistics, sorted by
    total time in descending order.
extends_documentation_fragment:
  - gaussdb.tpops.connection
  - gaussdb.tpops.instance_scope
  - gaussdb.tpops.period
  - gaussdb.tpops.info
options:
  user_name:
    description:
      - List only statements of this database user.
    type: str
  sql_template:
    description:
      - List only statements whose template contains this text. The platform determines whether the comparison is
        case-sensitive.
    type: str
  limit:
    description:
      - Maximum number of statements to list, from 1 to 100000. If omitted, all are listed.
    type: int
seealso:
  - module: gaussdb.tpops.gaussdb_slow_sql_info
"""

EXAMPLES = r"""
- name: List the ten statements that took the most time in the last two hours
  gaussdb.tpops.gaussdb_top_sql_info:
    instance: orders-prod
    since: 2h
    limit: 10
  register: top

- name: Show them
  ansible.builtin.debug:
    msg: "{{ item.calls }} x {{ item.avg_time }}: {{ item.sql_template }}"
  loop: "{{ top.statements }}"
  loop_control:
    label: "{{ item.sql_id }}"

- name: List the updates of one user in one night
  gaussdb.tpops.gaussdb_top_sql_info:
    instance: orders-prod
    user_name: app
    sql_template: update
    since: 2026-01-12 22:00:00 UTC
    until: 2026-01-13 06:00:00 UTC
"""

# RETURN:begin, written by `make generate` from SPEC, the shapes that it names and engine/returns.py.
RETURN = r"""
statements:
  description: The statements, the one with the longest total time first. The API reference does not specify the unit of
    the times.
  returned: success
  type: list
  elements: dict
  contains:
    sql_id:
      description: ID of the normalized statement.
      type: str
    sql_template:
      description: The normalized statement, without its values.
      type: str
    user_name:
      description: Database user.
      type: str
    component_name:
      description: Component on which it was executed.
      type: str
    time:
      description: Time of the figures.
      type: str
    calls:
      description: Number of executions.
      type: int
    total_time:
      description: Total execution time.
      type: float
    avg_time:
      description: Average execution time.
      type: float
    max_time:
      description: Maximum execution time.
      type: float
    avg_cpu_time:
      description: Average CPU time.
      type: float
    cpu_percent:
      description: Share of the CPU time, in percent.
      type: float
    avg_io_time:
      description: Average I/O time.
      type: float
    io_percent:
      description: Share of the I/O time, in percent.
      type: float
    avg_net_send_time:
      description: Average time for sending.
      type: float
    avg_net_recv_time:
      description: Average time for receiving.
      type: float
    hash_count:
      description: Number of hash operations.
      type: float
    avg_hash_time:
      description: Average time of hash operations.
      type: float
    returned_rows:
      description: Rows returned.
      type: float
    fetched_rows:
      description: Rows scanned.
      type: float
  sample:
    - sql_id: '1252930335'
      sql_template: select count(*) from order_items where state = ?
      user_name: app
      component_name: dn_6001_6002_6003
      time: 2026-01-12 10:00:00 UTC
      calls: 12
      total_time: 144000.5
      avg_time: 12000.04
      max_time: 16800.1
      avg_cpu_time: 3600.2
      cpu_percent: 41.5
      avg_io_time: 6600.1
      io_percent: 52.25
      avg_net_send_time: 0.02
      avg_net_recv_time: 0.03
      hash_count: 0
      avg_hash_time: 0
      returned_rows: 1
      fetched_rows: 500000
"""
# RETURN:end

from typing import Any

from ansible_collections.gaussdb.tpops.plugins.module_utils.api import sql_log as api
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.shape import Attr
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.parent import INSTANCE
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.period import PERIOD, read_period
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.checks import between
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.context import Context
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.options import Field
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import Find, Info
from ansible_collections.gaussdb.tpops.plugins.module_utils.runner import run_module


def sort_heaviest_first(ctx: Context, statements: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(statements, key=lambda each: each["total_time"] or 0, reverse=True)[: ctx.params["limit"]]


SPEC = Info(
    plural="statements",
    parent=INSTANCE,
    fields=(
        *PERIOD,
        Field("user_name"),
        Field("sql_template"),
        Field("limit", type="int", validate=between(1, 100000)),
    ),
    find=Find(
        read=lambda ctx: api.list_top_sql(
            ctx.parent.id, *read_period(ctx), ctx.params["user_name"], ctx.params["sql_template"]
        ),
        select=sort_heaviest_first,
    ),
    returns=api.TOP_SQL,
    also_returns=(
        Attr(
            "statements",
            doc=(
                "The statements, the one with the longest total time first. The API reference does not specify the "
                "unit of the times."
            ),
        ),
    ),
)


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
