# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How much tables and indexes are used, from WDR snapshots (reference 4.5.5, 4.5.6)."""

from __future__ import annotations

from .operation import Call, Operation
from .shape import Attr, Shape

# Attribute, and its name in a reply where that is another one.
_PLACE = (Attr("database", ("db_name",)), Attr("schema"), Attr("table", ("rel_name",)))
_TABLE_COUNTS = {
    "sequential_scans": "seq_scan",
    "sequential_rows_read": "seq_tup_read",
    "index_scans": "index_scan",
    "index_rows_fetched": "index_tup_fetch",
    "rows_inserted": "tuple_insert",
    "rows_updated": "tuple_update",
    "rows_deleted": "tuple_delete",
    "rows_hot_updated": "tuple_hot_update",
    "vacuum_count": "vacuum_count",
    "autovacuum_count": "autovacuum_count",
    "analyze_count": "analyze_count",
    "auto_analyze_count": "auto_analyze_count",
}
_INDEX_COUNTS = {"index_scans": "index_scan", "entries_read": "index_tup_read", "rows_fetched": "index_tup_fetch"}


def _counts(names: dict[str, str]) -> tuple[Attr, ...]:
    return tuple(Attr(name, (source,), "int") for name, source in names.items())


TABLE = Shape(
    (
        *_PLACE,
        *_counts(_TABLE_COUNTS),
        Attr("last_vacuum"),
        Attr("last_autovacuum"),
        Attr("last_analyze"),
        Attr("last_auto_analyze"),
    )
)
INDEX = Shape((*_PLACE, Attr("index", ("index_rel_name",)), *_counts(_INDEX_COUNTS)))

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

    The platform does not sort, whatever it is asked for, but wants to be asked. Error ``DBS.06013004``: there are no
    snapshots.
    """
    body = {"object_name": name, "start_time": start_ms, "end_time": end_ms, "order_by": ""}
    return operation.call({"instance_id": instance_id}, body=body)
