# SPDX-License-Identifier: GPL-3.0-or-later
"""The privileges inside an instance (4.4)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Scope:
    """The privileges on a kind of object, and the fields that identify such an object."""

    privileges: frozenset[str]
    fields: tuple[str, ...]


def _scope(privileges: str, *fields: str) -> Scope:
    return Scope(frozenset(privileges.split()), tuple(f"{field}_name" for field in fields))


SCOPES = {
    "table": _scope(
        "SELECT INSERT UPDATE DELETE TRUNCATE REFERENCES TRIGGER ALTER DROP COMMENT INDEX VACUUM",
        *("database", "schema", "table"),
    ),
    "table_column": _scope("SELECT INSERT UPDATE REFERENCES COMMENT", "database", "schema", "table", "column"),
    "database": _scope("CREATE ALTER DROP COMMENT", "database"),
    "schema": _scope("CREATE USAGE ALTER DROP COMMENT", "database", "schema"),
    "sequence": _scope("SELECT UPDATE USAGE ALTER DROP COMMENT", "database", "schema", "sequence"),
    "function": _scope("ALTER DROP COMMENT", "database", "schema", "function"),
    "procedure": _scope("ALTER DROP COMMENT", "database", "schema", "procedure"),
    "tablespace": _scope("CREATE ALTER DROP COMMENT", "tablespace"),
}
