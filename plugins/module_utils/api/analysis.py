# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Usage of tables and indexes, from WDR snapshots (reference 4.5.5, 4.5.6)."""

from __future__ import annotations

from .operation import Call, Operation
from .shape import Attr, Shape

# Attribute, and its name in a reply if that is different.
_PLACE = (
    Attr("database", ("db_name",), doc="Name of the database."),
    Attr("schema", doc="Name of the schema."),
    Attr("table", ("rel_name",), doc="Name of the table."),
)
_TABLE_COUNTS = (
    Attr("sequential_scans", ("seq_scan",), "int", doc="Number of sequential scans."),
    Attr("sequential_rows_read", ("seq_tup_read",), "int", doc="Rows read by these scans."),
    Attr("index_scans", ("index_scan",), "int", doc="Number of index scans."),
    Attr("index_rows_fetched", ("index_tup_fetch",), "int", doc="Rows fetched by these scans."),
    Attr("rows_inserted", ("tuple_insert",), "int", doc="Rows inserted."),
    Attr("rows_updated", ("tuple_update",), "int", doc="Rows updated."),
    Attr("rows_deleted", ("tuple_delete",), "int", doc="Rows deleted."),
    Attr("rows_hot_updated", ("tuple_hot_update",), "int", doc="Rows updated without an index change (HOT)."),
    Attr("vacuum_count", ("vacuum_count",), "int", doc="Number of manual vacuums."),
    Attr("autovacuum_count", ("autovacuum_count",), "int", doc="Number of automatic vacuums."),
    Attr("analyze_count", ("analyze_count",), "int", doc="Number of manual analyzes."),
    Attr("auto_analyze_count", ("auto_analyze_count",), "int", doc="Number of automatic analyzes."),
)
_INDEX_COUNTS = (
    Attr("index_scans", ("index_scan",), "int", doc="Number of index scans."),
    Attr("entries_read", ("index_tup_read",), "int", doc="Index entries read."),
    Attr("rows_fetched", ("index_tup_fetch",), "int", doc="Table rows fetched by index scans."),
)
TABLE = Shape(
    (
        *_PLACE,
        *_TABLE_COUNTS,
        Attr("last_vacuum", doc="Time of the last manual vacuum, as the platform writes it."),
        Attr("last_autovacuum", doc="Time of the last automatic vacuum."),
        Attr("last_analyze", doc="Time of the last manual analyze."),
        Attr("last_auto_analyze", doc="Time of the last automatic analyze."),
    )
)
INDEX = Shape(
    (*_PLACE, Attr("index", ("index_rel_name",), doc="Name of the index."), *_INDEX_COUNTS),
    sample={
        "database": "orders",
        "schema": "a",
        "table": "parcels",
        "index": "parcels_pkey",
        "index_scans": 902,
        "entries_read": 905,
        "rows_fetched": 904,
    },
)

_BASE = "/gaussdb/v3/instances/{instance_id}"

ANALYZE_TABLES = Operation(
    "analyze_tables",
    "POST",
    _BASE + "/database-table-analysis",
    "4.5.5",
    read=True,
    items=("table_infos",),
    page_size=100,
    page_in_body=True,
    shape=TABLE,
)
ANALYZE_INDEXES = Operation(
    "analyze_indexes",
    "POST",
    _BASE + "/database-index-analysis",
    "4.5.6",
    read=True,
    items=("index_infos",),
    page_size=100,
    page_in_body=True,
    shape=INDEX,
)


def analyze(operation: Operation, instance_id: str | None, name: str, start_ms: int, end_ms: int) -> Call:
    """Get the use of tables (4.5.5) or indexes (4.5.6) whose name contains a text between two moments.

    The platform requires a sort order but does not sort. Error ``DBS.06013004``: there are no snapshots.
    """
    body = {"object_name": name, "start_time": start_ms, "end_time": end_ms, "order_by": ""}
    return operation.call({"instance_id": instance_id}, body=body)
