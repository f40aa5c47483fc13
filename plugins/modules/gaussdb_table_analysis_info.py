#!/usr/bin/python
# Copyright: Contributors to the gaussdb.tpops project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: gaussdb_table_analysis_info
short_description: Gather information about the usage of tables
version_added: 0.1.0
author: gaussdb.tpops contributors (@gaussdb-tpops)
description:
  - Returns how often the tables of an instance were read and changed within a period, and when they were last vacuumed
    and analyzed.
  - The figures are calculated from WDR snapshots, so snapshots must exist. They are only correct if no node was
    restarted, no primary was switched over, the statistics were not reset and no database was dropped within the
    period.
extends_documentation_fragment:
  - gaussdb.tpops.connection
  - gaussdb.tpops.instance_scope
  - gaussdb.tpops.info
options:
  name:
    description:
      - Name of the table, or a part of it. If omitted, all tables are listed.
    type: str
  database:
    description:
      - List only tables in this database.
    type: str
  schema:
    description:
      - List only tables in this schema.
    type: str
  since:
    description:
      - Start of the period, such as V(2026-01-05 08:00:00 UTC), in milliseconds since 1970, or as an age such as V(2h)
        or V(7d). A time without an offset is UTC.
    type: str
    default: 1d
  until:
    description:
      - End of the period, in the same formats as O(since).
    type: str
    default: now
  order_by:
    description:
      - Column to sort by. If omitted, the platform determines the order.
    type: str
    choices:
      - database
      - schema
      - table
      - sequential_scans
      - sequential_rows_read
      - index_scans
      - index_rows_fetched
      - rows_inserted
      - rows_updated
      - rows_deleted
  descending:
    description:
      - Whether to sort in descending order.
    type: bool
    default: false
seealso:
  - module: gaussdb.tpops.gaussdb_index_analysis_info
  - module: gaussdb.tpops.gaussdb_wdr_snapshot
"""

EXAMPLES = r"""
- name: List the tables with the most sequential reads
  gaussdb.tpops.gaussdb_table_analysis_info:
    instance: orders-prod
    database: orders
    since: 2h
    order_by: sequential_rows_read
    descending: true
  register: usage

- name: Show the first ten
  ansible.builtin.debug:
    msg: "{{ usage.tables[:10] | map(attribute='table') | list }}"
"""

# RETURN:begin, written by `make generate` from SPEC, the shapes that it names and engine/returns.py.
RETURN = r"""
tables:
  description: The tables.
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
    sequential_scans:
      description: Number of sequential scans.
      type: int
    sequential_rows_read:
      description: Rows read by these scans.
      type: int
    index_scans:
      description: Number of index scans.
      type: int
    index_rows_fetched:
      description: Rows fetched by these scans.
      type: int
    rows_inserted:
      description: Rows inserted.
      type: int
    rows_updated:
      description: Rows updated.
      type: int
    rows_deleted:
      description: Rows deleted.
      type: int
    rows_hot_updated:
      description: Rows updated without an index change (HOT).
      type: int
    vacuum_count:
      description: Number of manual vacuums.
      type: int
    autovacuum_count:
      description: Number of automatic vacuums.
      type: int
    analyze_count:
      description: Number of manual analyzes.
      type: int
    auto_analyze_count:
      description: Number of automatic analyzes.
      type: int
    last_vacuum:
      description: Time of the last manual vacuum, as the platform writes it.
      type: str
    last_autovacuum:
      description: Time of the last automatic vacuum.
      type: str
    last_analyze:
      description: Time of the last manual analyze.
      type: str
    last_auto_analyze:
      description: Time of the last automatic analyze.
      type: str
"""
# RETURN:end

from ansible_collections.gaussdb.tpops.plugins.module_utils.api.analysis import ANALYZE_TABLES
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.analysis import build_analysis_spec
from ansible_collections.gaussdb.tpops.plugins.module_utils.runner import run_module

FIGURES = (
    "sequential_scans",
    "sequential_rows_read",
    "index_scans",
    "index_rows_fetched",
    "rows_inserted",
    "rows_updated",
    "rows_deleted",
)

SPEC = build_analysis_spec("tables", ANALYZE_TABLES, ("database", "schema"), ("database", "schema", "table", *FIGURES))


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
