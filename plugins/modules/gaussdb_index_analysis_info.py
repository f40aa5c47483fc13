#!/usr/bin/python
# Copyright: Contributors to the gaussdb.tpops project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: gaussdb_index_analysis_info
short_description: Gather information about the usage of indexes
version_added: 0.1.0
author: gaussdb.tpops contributors (@gaussdb-tpops)
description:
  - Returns how often the indexes of an instance were used within a period.
  - The figures are calculated from WDR snapshots, so snapshots must exist. They are only correct if, within the period,
    no node was restarted, no roles were switched, no statistics were reset and no database was dropped.
extends_documentation_fragment:
  - gaussdb.tpops.connection
  - gaussdb.tpops.instance_scope
  - gaussdb.tpops.info
options:
  name:
    description:
      - Name of the indexes, or a part of it. By default, all indexes are returned.
    type: str
  database:
    description:
      - Return only indexes in this database.
    type: str
  schema:
    description:
      - Return only indexes in this schema.
    type: str
  table:
    description:
      - Return only indexes of this table.
    type: str
  since:
    description:
      - Start of the period. Either a time such as V(2026-01-05 08:00:00 UTC), milliseconds since 1970, or an age such
        as V(2h) or V(7d). A time without an offset is UTC.
    type: str
    default: 1d
  until:
    description:
      - End of the period, in the same format as O(since).
    type: str
    default: now
  order_by:
    description:
      - Field to sort by. By default, the platform's order is kept.
    type: str
    choices: [database, schema, table, index, index_scans, entries_read, rows_fetched]
  descending:
    description:
      - Whether to sort in descending order.
    type: bool
    default: false
seealso:
  - module: gaussdb.tpops.gaussdb_table_analysis_info
  - module: gaussdb.tpops.gaussdb_wdr_snapshot
"""

EXAMPLES = r"""
- name: Gather the usage of the indexes of a database within a week
  gaussdb.tpops.gaussdb_index_analysis_info:
    instance: orders-prod
    database: orders
    since: 7d
  register: usage

- name: Show the unused indexes
  ansible.builtin.debug:
    msg: "{{ usage.indexes | selectattr('index_scans', 'equalto', 0) | map(attribute='index') | list }}"
"""

# RETURN:begin, written by `make generate` from SPEC, the shapes that it names and engine/returns.py.
RETURN = r"""
indexes:
  description: The indexes.
  returned: success
  type: list
  elements: dict
  contains:
    database:
      description: Name of the database.
      type: str
    schema:
      description: Name of the schema.
      type: str
    table:
      description: Name of the table.
      type: str
    index:
      description: Name of the index.
      type: str
    index_scans:
      description: Number of index scans.
      type: int
    entries_read:
      description: Index entries read.
      type: int
    rows_fetched:
      description: Table rows fetched by index scans.
      type: int
  sample:
    - database: orders
      schema: a
      table: parcels
      index: parcels_pkey
      index_scans: 902
      entries_read: 905
      rows_fetched: 904
"""
# RETURN:end

from ansible_collections.gaussdb.tpops.plugins.module_utils.api.analysis import ANALYZE_INDEXES
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.analysis import build_analysis_spec
from ansible_collections.gaussdb.tpops.plugins.module_utils.runner import run_module

ORDERS = ("database", "schema", "table", "index", "index_scans", "entries_read", "rows_fetched")

SPEC = build_analysis_spec("indexes", ANALYZE_INDEXES, ("database", "schema", "table"), ORDERS)


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
