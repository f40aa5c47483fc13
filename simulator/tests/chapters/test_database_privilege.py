# SPDX-License-Identifier: GPL-3.0-or-later
"""4.4.6 and 4.4.18: granting and revoking."""

from __future__ import annotations

import pytest
from test_database import Inside

from tpops_simulator.model.privileges import SCOPES


@pytest.fixture
def inside(client):
    made = Inside(client)
    made.user("app", is_login_only=True)
    made.user("dev", is_login_only=True)
    made.call("POST", "db-role", json={"name": "readonly", "password": "Orders-pw-1"})
    made.database("db1")
    made.call("POST", "schema", json={"db_name": "db1", "schemas": [{"name": "s1", "owner": "root"}]})
    return made


FIELDS = {
    "database_name": "db1",
    "schema_name": "s1",
    "table_name": "t1",
    "column_name": "c1",
    "sequence_name": "q1",
    "function_name": "f1",
    "procedure_name": "p1",
    "tablespace_name": "ts1",
}


def single(inside, expect=None, name="app", operation="grant", **entry):
    body = {"privileges": [{"name": name, "operation": operation, **entry}]}
    return inside.call("POST", "db-user/privileges", expect, json=body)


def custom(inside, expect=None, **groups):
    body = {
        group: {"operation_type": given[0], "operations": given[1:]} if isinstance(given, tuple) else given
        for group, given in groups.items()
    }
    return inside.call("POST", "db-user/privileges", expect, version="v3.1", json=body)


@pytest.mark.parametrize("scope", SCOPES)
def test_every_scope(inside, scope):
    account = inside.instance.users["app"]
    every = {privilege for s in SCOPES.values() for privilege in s.privileges}
    for privilege in sorted(SCOPES[scope].privileges):
        single(inside, scope=scope, privilege=privilege, **FIELDS)
    assert len(account.privileges) == len(SCOPES[scope].privileges)
    assert set(account.privileges[0]) == {"scope", "privilege", *SCOPES[scope].fields}
    for privilege in sorted(every - SCOPES[scope].privileges):
        single(inside, "DBS.200001", scope=scope, privilege=privilege, **FIELDS)
    good = sorted(SCOPES[scope].privileges)[0]
    for field in SCOPES[scope].fields:
        rest = {k: v for k, v in FIELDS.items() if k != field}
        assert field in single(inside, "DBS.200001", scope=scope, privilege=good, **rest)["error_msg"]
    for privilege in sorted(SCOPES[scope].privileges):
        for _unused in range(2):
            single(inside, operation="revoke", scope=scope, privilege=privilege, **FIELDS)
    assert account.privileges == []


def test_refused_single_privileges(inside):
    table = {"scope": "table", "privilege": "SELECT", **FIELDS}
    single(inside, "DBS.200824", **table, name="nobody")
    single(inside, "DBS.200062", **table, name="rdsRepl")
    single(inside, "DBS.200821", **{**table, "database_name": "db9"})
    single(inside, "DBS.200821", **{**table, "schema_name": "s9"})
    single(inside, "DBS.200001", **{**table, "operation": "give"})
    single(inside, "DBS.200001", **{**table, "privilege": "select"})
    single(inside, "DBS.200001", **table, surprise=1)
    inside.call("POST", "db-user/privileges", "DBS.200001", json={"privileges": []})
    entry = {"name": "app", "operation": "grant", **table}
    body = {"privileges": [entry, {**entry, "name": "nobody"}]}
    inside.call("POST", "db-user/privileges", "DBS.200824", json=body)
    assert inside.instance.users["app"].privileges == []
    single(inside, **{**table, "schema_name": "public"}, name="readonly")


def test_attributes(inside):
    every = {"sysadmin_enabled": True, "createdb_enabled": True, "login_enabled": False}
    custom(inside, system_permissions=("grant", {"name": "app", "attributes": every}))
    shown = inside.users()["app"]["attribute"]
    assert shown["rolsuper"] and shown["rolcreatedb"] and shown["rolcanlogin"]
    custom(inside, system_permissions=("revoke", {"name": "app", "attributes": {"login_enabled": True}}))
    shown = inside.users()["app"]["attribute"]
    assert shown["rolsuper"] and not shown["rolcanlogin"]
    assert "externalMessage" in custom(
        inside, "DBS.200062", system_permissions=("grant", {"name": "root", "attributes": every})
    )


def test_memberships(inside):
    def grant(expect=None, how="grant", source="readonly", target="app", **more):
        return custom(
            inside, expect, user_role_permissions=(how, {"source_name": source, "target_name": target, **more})
        )

    grant()
    grant(source="gs_role_tablespace", is_reuse=True)
    grant(source="app", target="dev")
    assert inside.users()["app"]["memberof"] == "{readonly,gs_role_tablespace}"
    assert inside.users()["dev"]["memberof"] == "{app}"
    assert [p["source_name"] for p in inside.instance.users["app"].privileges] == ["gs_role_tablespace"]
    for source, target in (("app", "app"), ("dev", "readonly"), ("app", "readonly")):
        grant("DBS.200821", source=source, target=target)
    grant("DBS.200824", source="nothing")
    grant("DBS.200824", target="nobody")
    grant(how="revoke", source="gs_role_tablespace")
    assert inside.instance.users["app"].privileges == []
    inside.call("DELETE", "db-role", json={"name": "readonly"})
    assert inside.users()["app"]["memberof"] == "{}"


def test_privileges_end_with_the_account_that_granted_them(inside):
    pair = {"source_name": "app", "target_name": "dev"}
    custom(
        inside,
        user_role_permissions=("grant", {**pair, "is_reuse": True}),
        newly_table_permissions=("grant", {**pair, "attributes": {"select_enabled": True}}),
        any_permissions=("grant", {"name": "dev", "attributes": {"select_any_table_enabled": True}}),
    )
    assert len(inside.instance.users["dev"].privileges) == 3
    inside.call("DELETE", "db-user", json={"name": "app"})
    assert inside.users()["dev"]["memberof"] == "{}"
    assert [p["privilege"] for p in inside.instance.users["dev"].privileges] == ["select_any_table"]


def test_sets_of_privileges(inside):
    place = {"database_name": "db1", "schema_name": "s1"}
    pair = {"source_name": "dev", "target_name": "app", "database_name": "db1"}
    groups = {
        "any_permissions": {"name": "app", "attributes": {"select_any_table_enabled": True}},
        "schema_permissions": {"name": "app", **place, "attributes": {"usage_enabled": True, "all_enabled": False}},
        "table_permissions": {"name": "app", **place, "table_name": "t1", "attributes": {"select_enabled": True}},
        "sequence_permissions": {"name": "app", **place, "sequence_name": "q1", "attributes": {"all_enabled": True}},
        "newly_table_permissions": {**pair, "attributes": {"vacuum_enabled": True}},
        "newly_sequence_permissions": {**pair, "schema_name": "s1", "attributes": {"drop_enabled": True}},
    }
    custom(inside, **{group: ("grant", operation) for group, operation in groups.items()})
    held = inside.instance.users["app"].privileges
    assert [p["privilege"] for p in held] == ["select_any_table", "usage", "select", "all", "vacuum", "drop"]
    assert held[0] == {"kind": "any", "privilege": "select_any_table", "database_name": "postgres"}
    custom(inside, **{group: ("revoke", operation) for group, operation in groups.items()})
    assert held == []
    good = groups["any_permissions"]
    for groups, code in (
        ({}, "DBS.200001"),
        ({"any_permissions": ("grant",)}, "DBS.200001"),
        ({"any_permissions": ("grant", *[good] * 31)}, "DBS.200001"),
        ({"any_permissions": ("allow", good)}, "DBS.200001"),
        ({"any_permissions": ("grant", {**good, "attributes": {"fly_enabled": True}})}, "DBS.200001"),
        ({"any_permissions": ("grant", {**good, "database_name": "db9"})}, "DBS.200821"),
        ({"any_permissions": ("grant", good, {**good, "name": "nobody"})}, "DBS.200824"),
    ):
        assert "externalMessage" in custom(inside, code, **groups)
    assert held == []
