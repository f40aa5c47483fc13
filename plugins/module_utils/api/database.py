# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Databases, their schemas and tables (reference 4.4.1 to 4.4.3, 4.4.12, 4.4.14, 4.4.15)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .operation import Call, Operation
from .shape import Attr, Shape

DATABASE = Shape(
    (
        Attr("name", doc="Name of the database."),
        Attr("owner", doc="Owner of the database."),
        Attr("size", doc="Size with its unit, as the platform shows it."),
        Attr("character_set", doc="Character set."),
        Attr("lc_collate", ("collate_set", "lc_collate"), doc="Collation order (LC_COLLATE)."),
        Attr("lc_ctype", ("datctype", "lc_ctype"), doc="Character classification (LC_CTYPE)."),
    ),
    sample={
        "name": "orders",
        "owner": "root",
        "size": "33 MB",
        "character_set": "UTF8",
        "lc_collate": "C",
        "lc_ctype": "C",
    },
)
SCHEMA = Shape(
    (Attr("name", ("schema_name", "name"), doc="Name of the schema."), Attr("owner", doc="Owner of the schema.")),
    sample={
        "name": "shipping",
        "owner": "root",
    },
)
RELATION = Shape(
    (
        Attr("table_name", doc="Name of the table."),
        Attr("data_skew", doc="Skew of the data, as the platform shows it."),
        Attr("sequence_scan_percent", doc="Share of sequential scans, as the platform shows it."),
        Attr("live_rows", kind="int", doc="Number of live rows."),
        Attr("dead_rows", kind="int", doc="Number of dead rows."),
    )
)
LOCK = Shape(
    (
        Attr("table_name", doc="Name of the table."),
        Attr("pid", doc="ID of the thread."),
        Attr("lock_obj_id", doc="ID of the locked object."),
        Attr("lock_mode", doc="Mode of the lock."),
        Attr("query_start_time", doc="When the statement started, as the platform writes it."),
        Attr("query_id", doc="ID of the statement."),
        Attr("is_granted", kind="bool", doc="Whether the lock is held. Otherwise the session waits for it."),
        Attr("grant_lock_type", doc="What is locked, as the platform calls it."),
        Attr("app_name", doc="Application name."),
        Attr("user_name", doc="Name of the database user."),
    )
)
ACTIVITY = Shape(
    (
        Attr("user_count", kind="int", doc="Number of connected users."),
        Attr("app_count", kind="int", doc="Number of connected applications."),
        Attr(
            "relations",
            ("relations_info",),
            "list",
            RELATION,
            doc="Statistics of tables.",
        ),
        Attr("locks", ("locks_info",), "list", LOCK, doc="Locks that are held or waited for."),
        Attr("total_lock_count", kind="int", doc="Number of all locks."),
        Attr("rel_lock_count", kind="int", doc="Number of locks on tables."),
        Attr("row_lock_count", kind="int", doc="Number of locks on rows."),
        Attr("other_lock_count", kind="int", doc="Number of other locks."),
    )
)

_BASE = "/gaussdb/v3/instances/{instance_id}"

CREATE_DATABASE = Operation("create_database", "POST", _BASE + "/database", "4.4.1")
CREATE_SCHEMAS = Operation("create_schemas", "POST", _BASE + "/schema", "4.4.2")
LIST_SCHEMAS = Operation(
    "list_schemas",
    "GET",
    _BASE + "/schemas",
    "4.4.3",
    read=True,
    items=("database_schemas",),
    page_size=100,
    shape=SCHEMA,
)
LIST_DATABASES = Operation(
    "list_databases",
    "GET",
    _BASE + "/databases",
    "4.4.12",
    read=True,
    items=("databases",),
    page_size=100,
    shape=DATABASE,
)
GET_DATABASE_ACTIVITY = Operation(
    "get_database_activity", "GET", _BASE + "/database/relation-and-lock", "4.4.14", read=True, shape=ACTIVITY
)
FLASHBACK_TABLES = Operation("flashback_tables", "POST", _BASE + "/db-table/flashback", "4.4.15")

SCHEMA_BATCH = 20


def create_database(instance_id: str | None, database: Mapping[str, Any]) -> Call:
    """Create a database of ``name``, ``owner``, ``template``, ``character_set``, ``lc_collate``, ``lc_ctype``
    (4.4.1)."""
    names = ("name", "owner", "template", "character_set", "lc_collate", "lc_ctype")
    return CREATE_DATABASE.call(path={"instance_id": instance_id}, body={name: database.get(name) for name in names})


def list_databases(instance_id: str | None) -> Call:
    """List the databases of an instance (4.4.12)."""
    return LIST_DATABASES.call(path={"instance_id": instance_id})


def get_database_activity(instance_id: str | None, name: str, table_limit: int | None = None) -> Call:
    """Get the connections, table statistics and locks of a database (4.4.14)."""
    return GET_DATABASE_ACTIVITY.call(
        path={"instance_id": instance_id}, query={"name": name, "table_limit": table_limit}
    )


def create_schemas(instance_id: str | None, database: str, schemas: Sequence[Mapping[str, Any]]) -> Call:
    """Create up to 20 schemas of ``name`` and ``owner`` in one database (4.4.2)."""
    body = {"db_name": database, "schemas": [{"name": entry["name"], "owner": entry.get("owner")} for entry in schemas]}
    return CREATE_SCHEMAS.call(path={"instance_id": instance_id}, body=body)


def list_schemas(instance_id: str | None, database: str) -> Call:
    """List the schemas of a database: ``name`` and ``owner`` (4.4.3)."""
    return LIST_SCHEMAS.call(path={"instance_id": instance_id}, query={"db_name": database})


def flashback_table(instance_id: str | None, database: str, schema: str, table: str, moment: str | None) -> Call:
    """Flash a table back to a moment, ``2026-01-05 08:00:00`` (exact to 3 s); without one undo its last drop
    (4.4.15)."""
    body = {"db_name": database, "schema_name": schema, "table_name": table, "flashback_time": moment}
    return FLASHBACK_TABLES.call(
        path={"instance_id": instance_id}, body={**body, "action": "back_time" if moment else "back_drop"}
    )
