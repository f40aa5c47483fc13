#!/usr/bin/python
# Copyright: Contributors to the gaussdb.tpops project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: gaussdb_database_info
short_description: List the databases of an instance
version_added: 0.1.0
author: gaussdb.tpops contributors (@gaussdb-tpops)
description:
  - Lists the databases of an instance and, on request, the activity in them.
extends_documentation_fragment:
  - gaussdb.tpops.connection
  - gaussdb.tpops.instance_scope
  - gaussdb.tpops.info
options:
  name:
    description:
      - List only the database with this name.
    type: str
  gather:
    description:
      - Additional information to gather, with one more request for each listed database. V(activity) returns
        connections, table statistics and locks.
    type: list
    elements: str
    choices: [activity]
    default: []
  table_limit:
    description:
      - Maximum number of tables per database whose statistics are returned, from 1 to 2147483647.
    type: int
    default: 100
seealso:
  - module: gaussdb.tpops.gaussdb_database
"""

EXAMPLES = r"""
- name: List the databases
  gaussdb.tpops.gaussdb_database_info:
    instance: orders-prod
  register: all

- name: Gather the activity in one of them
  gaussdb.tpops.gaussdb_database_info:
    instance: orders-prod
    name: orders
    gather: [activity]
  register: orders

- name: Show the number of locks
  ansible.builtin.debug:
    msg: "{{ orders.databases[0].activity.total_lock_count }} locks"
  when: orders.databases | length > 0
"""

# RETURN:begin, written by `make generate` from SPEC, the shapes that it names and engine/returns.py.
RETURN = r"""
databases:
  description: The databases.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: Name of the database.
      type: str
    owner:
      description: Owner of the database.
      type: str
    size:
      description: Size with its unit, as the platform shows it.
      type: str
    character_set:
      description: Character set.
      type: str
    lc_collate:
      description: Collation order (LC_COLLATE).
      type: str
    lc_ctype:
      description: Character classification (LC_CTYPE).
      type: str
    activity:
      description: Activity in the database.
      returned: when O(gather) has V(activity)
      type: dict
      contains:
        user_count:
          description: Number of connected users.
          type: int
        app_count:
          description: Number of connected applications.
          type: int
        relations:
          description: Statistics of tables.
          type: list
          elements: dict
          contains:
            table_name:
              description: Name of the table.
              type: str
            data_skew:
              description: Skew of the data, as the platform shows it.
              type: str
            sequence_scan_percent:
              description: Share of sequential scans, as the platform shows it.
              type: str
            live_rows:
              description: Number of live rows.
              type: int
            dead_rows:
              description: Number of dead rows.
              type: int
        locks:
          description: Locks that are held or waited for.
          type: list
          elements: dict
          contains:
            table_name:
              description: Name of the table.
              type: str
            pid:
              description: ID of the thread.
              type: str
            lock_obj_id:
              description: ID of the locked object.
              type: str
            lock_mode:
              description: Mode of the lock.
              type: str
            query_start_time:
              description: When the statement started, as the platform writes it.
              type: str
            query_id:
              description: ID of the statement.
              type: str
            is_granted:
              description: Whether the lock is held. Otherwise the session waits for it.
              type: bool
            grant_lock_type:
              description: What is locked, as the platform calls it.
              type: str
            app_name:
              description: Application name.
              type: str
            user_name:
              description: Name of the database user.
              type: str
        total_lock_count:
          description: Number of all locks.
          type: int
        rel_lock_count:
          description: Number of locks on tables.
          type: int
        row_lock_count:
          description: Number of locks on rows.
          type: int
        other_lock_count:
          description: Number of other locks.
          type: int
  sample:
    - name: orders
      owner: root
      size: 33 MB
      character_set: UTF8
      lc_collate: C
      lc_ctype: C
"""
# RETURN:end

from typing import Any

from ansible_collections.gaussdb.tpops.plugins.module_utils.api import database as api
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.shape import Attr
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.parent import INSTANCE
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine import checks
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.context import Context
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.options import Field
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import Find, Info
from ansible_collections.gaussdb.tpops.plugins.module_utils.runner import run_module


def select_databases(ctx: Context, databases: list[dict[str, Any]]) -> list[dict[str, Any]]:
    name, limit = ctx.params["name"], ctx.params["table_limit"]
    found = [entry for entry in databases if name in (None, entry["name"])]
    if "activity" not in ctx.params["gather"]:
        return found
    return [
        {**entry, "activity": ctx.client.item(api.get_database_activity(ctx.parent.id, entry["name"], limit))}
        for entry in found
    ]


SPEC = Info(
    plural="databases",
    parent=INSTANCE,
    fields=(
        Field("name"),
        Field("gather", type="list", elements="str", choices=("activity",), default=[]),
        Field("table_limit", type="int", default=100, validate=checks.between(1, 2147483647)),
    ),
    find=Find(read=lambda ctx: api.list_databases(ctx.parent.id), select=select_databases),
    returns=api.DATABASE.plus(
        Attr(
            "activity",
            kind="dict",
            shape=api.ACTIVITY,
            doc="Activity in the database.",
            returned="when O(gather) has V(activity)",
        )
    ),
)


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
