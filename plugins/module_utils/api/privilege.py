# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Privileges of database users and roles: single ones (reference 4.4.6) and sets of them (4.4.18)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .database_user import ATTRIBUTE_NAMES
from .operation import Call, Operation

SET_USER_PRIVILEGES = Operation(
    "set_user_privileges", "POST", "/gaussdb/v3/instances/{instance_id}/db-user/privileges", "4.4.6"
)
SET_CUSTOM_PRIVILEGES = Operation(
    "set_custom_privileges", "POST", "/gaussdb/v3.1/instances/{instance_id}/db-user/privileges", "4.4.18"
)

# Maximum number of operations of one type in a request of 4.4.18. For 4.4.6 the reference gives no limit.
PRIVILEGE_BATCH = 30

_TABLE = (
    "select",
    "insert",
    "update",
    "delete",
    "truncate",
    "references",
    "trigger",
    "alter",
    "drop",
    "comment",
    "index",
    "vacuum",
)
_SEQUENCE = ("select", "usage", "update", "alter", "drop", "comment")
_ROUTINE = ("alter", "drop", "comment")
_PLACE = ("create", "alter", "drop", "comment")
_ANY = tuple(
    f"{verb}_any_{noun}"
    for noun, verbs in {
        "table": "select create alter drop insert update delete",
        "sequence": "create alter drop select",
        "index": "create alter drop",
        "function": "create execute",
        "package": "create execute",
        "type": "create alter drop",
        "trigger": "create alter drop",
        "synonym": "create drop",
    }.items()
    for verb in verbs.split()
)


@dataclass(frozen=True)
class Kind:
    """A type of object with privileges: the privileges, the options that name the object, and the fields in the
    requests.

    A grant must have the options in ``needs`` and may have those in ``takes``. ``fields`` are their names in a request.
    With a ``group`` it belongs to 4.4.18, otherwise ``scope`` is the word of 4.4.6.
    """

    privileges: tuple[str, ...]
    needs: tuple[str, ...]
    takes: tuple[str, ...] = ()
    fields: Mapping[str, str] | None = None
    group: str = ""
    scope: str = ""


_IN_DATABASE = {"grantee": "name", "database": "database_name"}
_IN_SCHEMA = {**_IN_DATABASE, "schema": "schema_name"}
_OF_SOMEBODY = {"grantee": "target_name", "database": "database_name", "schema": "schema_name", "owner": "source_name"}

KINDS = {
    "table": Kind(
        ("all", *_TABLE), ("database", "schema"), ("object",), {**_IN_SCHEMA, "object": "table_name"}, "table"
    ),
    "sequence": Kind(
        ("all", *_SEQUENCE), ("database", "schema"), ("object",), {**_IN_SCHEMA, "object": "sequence_name"}, "sequence"
    ),
    "schema": Kind(("all", "usage", *_PLACE), ("database", "schema"), (), _IN_SCHEMA, "schema"),
    "any": Kind(_ANY, ("database",), (), _IN_DATABASE, "any"),
    "attribute": Kind(tuple(ATTRIBUTE_NAMES), (), ("database",), _IN_DATABASE, "system"),
    "new_table": Kind(("all", *_TABLE), ("database", "owner"), ("schema",), _OF_SOMEBODY, "newly_table"),
    "new_sequence": Kind(("all", *_SEQUENCE), ("database", "owner"), ("schema",), _OF_SOMEBODY, "newly_sequence"),
    "role": Kind(
        (),
        ("object",),
        ("database", "grant_option"),
        {"grantee": "target_name", "database": "database_name", "object": "source_name", "grant_option": "is_reuse"},
        "user_role",
    ),
    "column": Kind(
        ("select", "insert", "update", "references", "comment"),
        ("database", "schema", "table", "object"),
        (),
        {**_IN_SCHEMA, "table": "table_name", "object": "column_name"},
        scope="table_column",
    ),
    "database": Kind(_PLACE, ("database",), (), _IN_DATABASE, scope="database"),
    "function": Kind(
        _ROUTINE,
        ("database", "schema", "object"),
        ("argument_types",),
        {**_IN_SCHEMA, "object": "function_name", "argument_types": "arg_type"},
        scope="function",
    ),
    "procedure": Kind(
        _ROUTINE,
        ("database", "schema", "object"),
        ("argument_types",),
        {**_IN_SCHEMA, "object": "procedure_name", "argument_types": "arg_type"},
        scope="procedure",
    ),
    "tablespace": Kind(_PLACE, ("object",), (), {"grantee": "name", "object": "tablespace_name"}, scope="tablespace"),
}


def set_privileges(instance_id: str | None, granted: bool, grants: Sequence[Mapping[str, Any]]) -> Call:
    """Grant or revoke ``grants``, at most 30, all of them on types with a group or all on types without one.

    Each has ``type``, one of :data:`KINDS`, ``privileges`` and ``grantee``, and the other options of its type. Granting
    or revoking again changes nothing. Error ``DBS.200821``: the object or the privilege is wrong.
    """
    operation = "grant" if granted else "revoke"
    if not KINDS[grants[0]["type"]].group:
        return SET_USER_PRIVILEGES.call({"instance_id": instance_id}, body={"privileges": _single(operation, grants)})
    groups: dict[str, Any] = {}
    for grant in grants:
        kind = KINDS[grant["type"]]
        group = groups.setdefault(f"{kind.group}_permissions", {"operation_type": operation, "operations": []})
        entry = _named(kind, grant)
        if kind.privileges:
            entry["attributes"] = {f"{privilege}_enabled": True for privilege in grant["privileges"]}
        group["operations"].append(entry)
    return SET_CUSTOM_PRIVILEGES.call({"instance_id": instance_id}, body=groups)


def _single(operation: str, grants: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [
        {**_named(kind, grant), "operation": operation, "scope": kind.scope, "privilege": privilege.upper()}
        for grant in grants
        for kind in [KINDS[grant["type"]]]
        for privilege in grant["privileges"]
    ]


def _named(kind: Kind, grant: Mapping[str, Any]) -> dict[str, Any]:
    named = {field: grant.get(option) for option, field in (kind.fields or {}).items()}
    types = named.get("arg_type")
    if isinstance(types, list):
        named["arg_type"] = ",".join(types)
    return named
