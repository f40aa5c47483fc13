# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Conversion of grants to the requests of the two operations."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.gaussdb.tpops.plugins.module_utils.api.privilege import KINDS, set_privileges
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain import privilege

NOTHING = dict.fromkeys(
    ("database", "schema", "table", "objects", "argument_types", "owner", "grant_option", "privileges")
)


def items(*entries: dict[str, Any], state: str = "present") -> list[Any]:
    params = {"privileges": [{**NOTHING, "grantee": "app", **entry} for entry in entries], "state": state}
    return privilege.build_items(SimpleNamespace(params=params))


def body(*entries: dict[str, Any], granted: bool = True) -> Any:
    return set_privileges(
        "1in14", granted, [item.desired for item in items(*entries, state="present" if granted else "absent")]
    ).body


def test_single_privileges_use_the_operation_for_users() -> None:
    sent = body(
        {
            "type": "column",
            "database": "d",
            "schema": "s",
            "table": "t",
            "objects": ["c"],
            "privileges": ["Select", "update"],
        }
    )
    place = {"name": "app", "database_name": "d", "schema_name": "s", "table_name": "t", "column_name": "c"}
    assert sent == {
        "privileges": [
            {**place, "operation": "grant", "scope": "table_column", "privilege": "SELECT"},
            {**place, "operation": "grant", "scope": "table_column", "privilege": "UPDATE"},
        ]
    }


def test_argument_types_are_sent_as_one_string() -> None:
    entry = {"type": "function", "database": "d", "schema": "s", "objects": ["f"], "argument_types": ["int", "text"]}
    assert body({**entry, "privileges": ["drop"]})["privileges"][0]["arg_type"] == "int,text"


def test_sets_of_privileges_use_the_operation_for_users_and_roles() -> None:
    sent = body(
        {"type": "table", "database": "d", "schema": "s", "objects": ["a", "b"], "privileges": ["all"]},
        {"type": "attribute", "privileges": ["createdb"]},
        {"type": "role", "objects": ["reader"], "grant_option": True},
        granted=False,
    )
    where = {"name": "app", "database_name": "d", "schema_name": "s", "attributes": {"all_enabled": True}}
    assert sent == {
        "table_permissions": {
            "operation_type": "revoke",
            "operations": [{**where, "table_name": "a"}, {**where, "table_name": "b"}],
        },
        "system_permissions": {
            "operation_type": "revoke",
            "operations": [{"name": "app", "attributes": {"createdb_enabled": True}}],
        },
        "user_role_permissions": {
            "operation_type": "revoke",
            "operations": [{"source_name": "reader", "target_name": "app"}],
        },
    }


def test_duplicates_are_sent_once() -> None:
    entry = {"type": "database", "database": "d", "privileges": ["create"]}
    assert [item.label for item in items(entry, entry)] == ["database d: create for app"]


@pytest.mark.parametrize("kind", KINDS)
def test_every_type_requires_its_options(kind: str) -> None:
    entry = {**NOTHING, "grantee": "app", "type": kind}
    problem = privilege.problem_of(entry)
    assert problem is not None
    assert problem[1] == f"required with type={kind}"


@pytest.mark.parametrize(
    ("privileges", "shown", "comparable"),
    [
        (["createdb"], True, True),
        (["login"], False, True),
        (["createdb", "auditadmin"], None, False),
        (["login", "auditadmin"], False, False),
    ],
)
def test_attributes_that_the_platform_does_not_show_are_neither_as_desired_nor_missing(
    privileges: list[str], shown: bool | None, comparable: bool
) -> None:
    (item,) = items({"type": "attribute", "privileges": privileges})
    accounts = {"app": {"attributes": {"createdb": True, "login": False, "auditadmin": None}}}
    assert privilege.is_shown(item, accounts) is shown
    assert privilege.can_be_compared(item.desired) is comparable


@pytest.mark.parametrize("state", ["present", "absent"])
def test_a_check_says_that_it_cannot_know_what_a_new_account_has(state: str) -> None:
    asked: list[str] = []
    context = SimpleNamespace(
        check_mode=True,
        parent=SimpleNamespace(id="1in14"),
        items=lambda call: [{"name": "there", "attributes": {"createdb": False}}],
        match_one=lambda noun, option, name, entries, attribute: asked.append(name),
    )
    grant = {"type": "attribute", "privileges": ["createdb"]}
    hidden = {"grantee": "third", "type": "database", "database": "d", "privileges": ["create"]}
    planned = privilege.plan(context, items(grant, {**grant, "grantee": "there"}, hidden, state=state))
    assert asked == (["app", "there"] if state == "present" else [])
    assert planned
