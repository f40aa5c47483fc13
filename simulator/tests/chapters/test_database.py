# SPDX-License-Identifier: GPL-3.0-or-later
"""4.4: databases, schemas, users, roles, attributes, activity and flashback."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tpops_simulator.model.entities import ACTIVE, Instance
from tpops_simulator.model.tables import declare_tables

PASSWORD = "Orders-pw-1"


class Inside:
    """Calls on one instance; `expect` is the error code, or None for success without a body."""

    def __init__(self, client):
        self.client = client
        made = Instance(client.site.ids.suffixed("in14"), "orders", status=ACTIVE, created=client.site.clock.now())
        client.site.instances[made.id] = self.instance = made

    def call(self, method, path, expect=None, version="v3", **options):
        reply = self.client.request(method, f"/gaussdb/{version}/instances/{self.instance.id}/{path}", **options)
        if expect is None:
            assert reply.status_code == 200, reply.text
            return reply.json() if reply.content else None
        assert reply.status_code == 400, reply.text
        body = reply.json()
        assert expect == (body.get("error_code") or body.get("errCode")), reply.text
        return body

    def user(self, name, expect=None, **more):
        return self.call("POST", "db-user", expect, json={"name": name, "password": PASSWORD, **more})

    def database(self, name, expect=None, **more):
        return self.call("POST", "database", expect, json={"name": name, **more})

    def users(self):
        return {u["name"]: u for u in self.call("GET", "db-users", params={"limit": 100})["users"]}

    def databases(self):
        return {d["name"]: d for d in self.call("GET", "databases", params={"limit": 100})["databases"]}


@pytest.fixture
def inside(client):
    return Inside(client)


def test_new_instance_shows_root_only(inside):
    assert inside.databases() == {}
    users = inside.users()
    assert list(users) == ["root"]
    root = users["root"]
    assert root["lock_status"] is False and root["memberof"].startswith("{gs_role_copy_files,")
    assert root["attribute"]["rolcreaterole"] and root["attribute"]["rolcreatedb"] and root["attribute"]["rolcanlogin"]
    assert not root["attribute"]["rolsuper"] and root["attribute"]["rolconnlimit"] == -1
    assert root["attribute"]["rolpassworddeadline"] == "90 days 00:00:00"
    inside.client.advance(90061)
    inside.client.login()
    assert inside.users()["root"]["attribute"]["rolpassworddeadline"] == "88 days 22:58:59"


def test_databases(inside):
    inside.user("owner1")
    inside.database("db1", owner="owner1", template="template0", character_set="gbk", lc_collate="C", lc_ctype="C")
    inside.database("db2")
    found = inside.databases()
    assert list(found) == ["db1", "db2"]
    assert found["db1"] == {
        "name": "db1", "owner": "owner1", "size": "13 MB", "character_set": "GBK", "collate_set": "C", "datctype": "C",
    }  # fmt: skip
    assert (found["db2"]["owner"], found["db2"]["character_set"]) == ("root", "UTF8")
    page = inside.call("GET", "databases", params={"offset": 1, "limit": 1})
    assert ([d["name"] for d in page["databases"]], page["total_count"]) == (["db2"], 2)
    for name in ("db1", "postgres", "templatem", "pgdb", "1db", "a-b", "x" * 64, ""):
        inside.database(name, "DBS.200001")
    inside.database("db3", "DBS.200824", owner="nobody")
    inside.database("db3", "DBS.200062", owner="rdsAdmin")
    inside.database("db3", "DBS.200001", character_set="klingon")
    inside.database("db3", "DBS.200001", template="template9")
    assert "db3" not in inside.databases()


def test_states(inside):
    for status, write, look in (
        ("BUILD", "DBS.280011", "DBS.280011"),
        ("FROZEN", "DBS.280011", "DBS.280011"),
        ("SHUTDOWN", "DBS.280011", "DBS.280011"),
        ("STORAGE FULL", "DBS.280011", None),
        ("BACKING UP", None, None),
    ):
        inside.instance.status = status
        inside.database(f"db_{status[:3].lower()}", write)
        inside.call("GET", "databases", look)
        inside.call("GET", "db-users", look)
    inside.instance.id = "gone"
    inside.call("GET", "databases", "DBS.200002")


def test_page_limits(inside):
    for path in ("databases", "db-users"):
        assert inside.call("GET", path, "DBS.280439", params={"limit": 101})
        inside.call("GET", path, "DBS.280439", params={"limit": 0})
        inside.call("GET", path, "DBS.200001", params={"offset": -1})
    for number in range(12):
        inside.user(f"u{number}")
    first = inside.call("GET", "db-users")
    assert (len(first["users"]), first["total_count"]) == (10, 13)


def test_schemas(inside):
    inside.database("db1")
    inside.user("owner1")
    two = [{"name": "s1", "owner": "owner1"}, {"name": "s2", "owner": "root"}]
    inside.call("POST", "schema", json={"db_name": "db1", "schemas": two})
    found = inside.call("GET", "schemas", params={"db_name": "db1"})
    assert found == {
        "database_schemas": [{"schema_name": "s1", "owner": "owner1"}, {"schema_name": "s2", "owner": "root"}],
        "total_count": 2,
    }
    page = inside.call("GET", "schemas", params={"db_name": "db1", "offset": 1, "limit": 2147483646})
    assert [s["schema_name"] for s in page["database_schemas"]] == ["s2"]
    for schemas, code in (
        ([{"name": "s3", "owner": "root"}, {"name": "s1", "owner": "root"}], "DBS.200001"),
        ([{"name": "s3", "owner": "root"}, {"name": "s3", "owner": "root"}], "DBS.200001"),
        ([{"name": "public", "owner": "root"}], "DBS.200001"),
        ([{"name": "s3", "owner": "nobody"}], "DBS.200824"),
        ([{"name": "s3", "owner": "rdsRepl"}], "DBS.200062"),
        ([{"name": "s3"}], "DBS.200001"),
        ([], "DBS.200001"),
        ([{"name": f"t{n}", "owner": "root"} for n in range(21)], "DBS.200001"),
    ):
        inside.call("POST", "schema", code, json={"db_name": "db1", "schemas": schemas})
    inside.call("POST", "schema", "DBS.200044", json={"db_name": "db9", "schemas": two})
    inside.call("GET", "schemas", "DBS.200044", params={"db_name": "db9"})
    assert inside.call("GET", "schemas", params={"db_name": "db1"})["total_count"] == 2


@pytest.mark.parametrize("how", ["json", "data", "multipart"])
def test_users_in_every_form(inside, how):
    def send(method, path, expect=None, **fields):
        if how == "json":
            return inside.call(method, path, expect, json=fields)
        fields = {k: str(v).lower() if isinstance(v, bool) else v for k, v in fields.items()}
        if how == "data":
            return inside.call(method, path, expect, data=fields)
        return inside.call(method, path, expect, files={k: (None, v) for k, v in fields.items()})

    send("POST", "db-user", name="app", password=PASSWORD, is_login_only=True)
    send("POST", "db-user", name="dev", password=PASSWORD, is_login_only=False)
    send("POST", "db-user", name="dev2", password=PASSWORD)
    users = inside.users()
    assert [users[n]["attribute"]["rolcreatedb"] for n in ("app", "dev", "dev2")] == [False, True, True]
    assert [users[n]["attribute"]["rolcreaterole"] for n in ("app", "dev", "dev2")] == [False, True, True]
    send("PUT", "db-user/lock", name="app")
    assert inside.users()["app"]["lock_status"] is True
    send("PUT", "db-user/unlock", name="app")
    assert inside.users()["app"]["lock_status"] is False
    send("PUT", "db-user/password", name="app", password="Other-pw-22")
    send("PUT", "db-user/password", "DBS.200475", name="app", password="Other-pw-22")
    send("PUT", "db-user/password", "DBS.200476", name="app", password="22-wp-rehtO")
    send("PUT", "db-user/init-password", metric_name="rdsMetric", metric_password="Metric-pw-1")
    assert inside.instance.users["rdsMetric"].password == "Metric-pw-1"
    send("DELETE", "db-user", name="app")
    assert "app" not in inside.users()
    send("DELETE", "db-user", "DBS.200824", name="app")


def test_user_refusals(inside):
    for name in ("pgx", "1x", "a b", "", "rdsAdmin", "RDSADMIN", "root", "x" * 64):
        inside.user(name, "DBS.200062")
    inside.user("app")
    inside.user("app", "DBS.200001")
    for password, code in (
        ("Short-1", "DBS.200068"),
        ("onlylowercase", "DBS.200068"),
        ("A" + "b1" * 16, "DBS.200068"),
        ("With space-1", "DBS.6025117"),
        ("Umläut-pw-1", "DBS.6025117"),
    ):
        body = inside.call("POST", "db-user", code, json={"name": "other", "password": password})
        assert password not in str(body)
    for method, path in (("PUT", "lock"), ("PUT", "unlock")):
        inside.call(method, f"db-user/{path}", "DBS.200824", json={"name": "nobody"})
        inside.call(method, f"db-user/{path}", "DBS.200062", json={"name": "root"})
    inside.call("DELETE", "db-user", "DBS.200062", json={"name": "root"})
    inside.call("PUT", "db-user/password", "DBS.200062", json={"name": "rdsRepl", "password": PASSWORD})
    inside.call("PUT", "db-user/password", json={"name": "root", "password": PASSWORD})
    inside.database("db1", owner="app")
    assert "db1" in inside.call("DELETE", "db-user", "DBS.200818", json={"name": "app"})["error_msg"]


def test_init_passwords_is_all_or_nothing(inside):
    def init(expect, **fields):
        inside.call("PUT", "db-user/init-password", expect, json=fields)

    init("DBS.200001")
    init("DBS.200001", root_name="root")
    init("DBS.200062", root_name="admin", root_password=PASSWORD)
    good = {"root_name": "root", "root_password": PASSWORD}
    init("DBS.200068", **good, repl_name="rdsRepl", repl_password="weak")
    assert inside.instance.users["root"].password is None
    init(None, **good, repl_name="rdsRepl", repl_password=PASSWORD)
    init("DBS.200475", **good)


def test_attributes(inside):
    inside.user("app", is_login_only=True)

    def attributes(expect=None, name="app", **given):
        return inside.call("POST", "db-user/attributes", expect, json={"name": name, "attributes": given})

    attributes(sysadmin_enable=True, createdb_enabled=True, replication_enabled=True, auditadmin_enabled=True, other=1)
    shown = inside.users()["app"]["attribute"]
    assert shown["rolsuper"] and shown["rolcreatedb"] and shown["rolreplication"] and shown["rolcanlogin"]
    assert not shown["rolcreaterole"]
    assert inside.instance.users["app"].attributes["auditadmin"] is True
    attributes(login_enabled=False, sysadmin_enabled=False)
    shown = inside.users()["app"]["attribute"]
    assert not shown["rolcanlogin"] and not shown["rolsuper"] and shown["rolcreatedb"]
    assert "externalMessage" in attributes("DBS.200824", name="nobody", login_enabled=True)
    assert "externalMessage" in attributes("DBS.200062", name="root", login_enabled=False)
    assert "externalMessage" in attributes("DBS.200001", login_enabled="no")


def test_roles(inside):
    role = {"name": "readonly", "password": PASSWORD}
    inside.call("POST", "db-role", json=role)
    assert inside.users()["readonly"]["attribute"]["rolcanlogin"] is False
    assert "externalMessage" in inside.call("POST", "db-role", "DBS.200001", json=role)
    inside.call("POST", "db-role", "DBS.200062", json={**role, "name": "pgrole"})
    inside.call("POST", "db-role", "DBS.200068", json={**role, "name": "r2", "password": "weakweakweak"})
    inside.user("readonly", "DBS.200001")
    inside.call("DELETE", "db-user", "DBS.200824", json={"name": "readonly"})
    inside.call("DELETE", "db-role", json={"name": "readonly"})
    inside.call("DELETE", "db-role", "DBS.200824", json={"name": "readonly"})
    inside.user("app")
    inside.call("DELETE", "db-role", "DBS.200824", json={"name": "app"})


def test_activity(inside):
    path = "database/relation-and-lock"
    idle = inside.call("GET", path, params={"name": "postgres"})
    assert (idle["total_lock_count"], idle["user_count"], idle["relations_info"]) == ("1", "1", [])
    inside.database("db1")
    database = inside.instance.databases["db1"]
    declare_tables(database, [{"name": f"t{n}", "live_rows": n} for n in range(3)])
    database.data["locks"] = [{"table_name": "t1", "grant_lock_type": "tuple", "app_name": "gsql", "user_name": "root"}]
    busy = inside.call("GET", path, params={"name": "db1", "table_limit": 2})
    assert [t["live_rows"] for t in busy["relations_info"]] == ["0", "1"]
    assert [busy[f"{kind}_lock_count"] for kind in ("total", "rel", "row", "other")] == ["2", "1", "1", "0"]
    assert busy["user_count"] == "2"
    inside.call("GET", path, "DBS.200044", params={"name": "db9"})
    inside.call("GET", path, "DBS.200001")
    inside.call("GET", path, "DBS.200001", params={"name": "db1", "table_limit": 0})


def test_flashback(inside):
    inside.database("db1")
    now = inside.client.site.clock.now()
    tables = [{"name": "kept"}, {"name": "gone", "dropped_at": now}]
    declare_tables(inside.instance.databases["db1"], tables)

    def flashback(expect=None, table="kept", action="back_time", seconds_ago=None, db="db1"):
        body = {"db_name": db, "schema_name": "PUBLIC", "table_name": table.upper(), "action": action}
        if seconds_ago is not None:
            moment = datetime.fromtimestamp(inside.client.site.clock.now() - seconds_ago, UTC)
            body["flashback_time"] = moment.strftime("%Y-%m-%d %H:%M:%S")
        return inside.call("POST", "db-table/flashback", expect, json=body)

    assert "ustore" in flashback("DBS.200001", seconds_ago=60)["error_msg"]
    inside.instance.parameters.update(enable_default_ustore_table="on", enable_recyclebin="on")
    flashback("DBS.200001")
    flashback("DBS.200001", seconds_ago=-60)
    flashback("DBS.200001", seconds_ago=901)
    flashback("DBS.200044", table="gone", seconds_ago=60)
    flashback("DBS.200044", table="none", seconds_ago=60)
    flashback("DBS.200044", db="db9", seconds_ago=60)
    flashback("DBS.200001", action="back_up")
    flashback(seconds_ago=60)
    assert inside.instance.databases["db1"].data["tables"]["public.kept"]["flashed_back_to"] == int(now - 60)
    flashback("DBS.200044", action="back_drop")
    flashback(table="gone", action="back_drop", seconds_ago=60)
    flashback(table="gone", seconds_ago=60)
    inside.instance.databases["db1"].data["tables"]["public.gone"]["dropped_at"] = now - 901
    flashback("DBS.200044", table="gone", action="back_drop")
    inside.instance.solution = "hcs2"
    flashback("DBS.200001", seconds_ago=60)
