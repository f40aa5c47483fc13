# SPDX-License-Identifier: GPL-3.0-or-later
"""How much the tables of an instance are used: figures in proportion to time, or those that an estate sets."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from typing import Any

from .accounts import TEMPLATES
from .entities import Database, Instance
from .site import Site
from .times import plain

# Keys of a table in an estate in addition to its name: its indexes, and fixed figures.
FIGURES = frozenset(
    (
        "seq_scan seq_tup_read index_scan index_tup_fetch tuple_insert tuple_update tuple_delete tuple_hot_update"
        " last_vacuum last_autovacuum last_analyze last_auto_analyze"
        " vacuum_count autovacuum_count analyze_count auto_analyze_count"
    ).split()
)


def tables(instance: Instance) -> Iterator[tuple[Database, dict[str, Any]]]:
    for database in instance.databases.values():
        if database.name in TEMPLATES and database.name != "postgres":
            continue
        for table in database.data.get("tables", {}).values():
            if table.get("dropped_at") is None:
                yield database, table


def usage(site: Site, instance: Instance, seconds: float, database: Database, table: dict[str, Any]) -> dict[str, Any]:
    dice = random.Random(f"{site.seed}:{instance.id}:{database.name}:{table['schema']}.{table['name']}")

    def times(most_per_minute: float) -> int:
        return int(seconds / 60 * dice.uniform(0, most_per_minute))

    scans, lookups, updates = times(0.2), times(90), times(20)
    now = site.clock.now()
    cleaned, analyzed = plain(now - dice.randint(600, 80_000)), plain(now - dice.randint(600, 80_000))
    made = {
        "db_name": database.name,
        "schema": table["schema"],
        "rel_name": table["name"],
        "seq_scan": scans,
        "seq_tup_read": scans * int(table.get("live_rows", 5000)),
        "index_scan": lookups,
        "index_tup_fetch": lookups + lookups // 100,
        "tuple_insert": times(40),
        "tuple_update": updates,
        "tuple_delete": times(2),
        "tuple_hot_update": updates * 4 // 5,
        "last_vacuum": "",
        "last_autovacuum": cleaned,
        "last_analyze": "",
        "last_auto_analyze": analyzed,
        "vacuum_count": 0,
        "autovacuum_count": 1 + int(seconds // 43_200),
        "analyze_count": 0,
        "auto_analyze_count": 1 + int(seconds // 43_200),
    }
    return {key: table.get(key, value) for key, value in made.items()}


def declare_tables(database: Database, tables: Iterable[dict[str, Any]]) -> None:
    """Put tables into a database: no operation creates or drops one, but statistics and flashback need some."""
    for table in tables:
        entry = {"schema": "public", **table}
        database.data["tables"][f"{entry['schema']}.{entry['name']}".lower()] = entry
