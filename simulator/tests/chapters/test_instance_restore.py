# SPDX-License-Identifier: GPL-3.0-or-later
"""4.11.7: a backup restored to a new instance."""

from __future__ import annotations

import pytest
from instance_helpers import CREATE, address, addresses, body, code, create, estate, get, load

BACKUPS = [
    {"id": "b1br14", "name": "full", "age_seconds": 3600},
    {"id": "b2br14", "name": "running", "status": "BUILDING"},
]


def restore(point, **changes):
    request = {**body("copy", addresses(4, 3)), "restore_point": point, **changes}
    for name in ("datastore", "ha"):
        request.pop(name)
    return {k: v for k, v in request.items() if v is not None}


@pytest.fixture
def client(fresh):
    made = fresh()
    source = {
        "name": "orders",
        "hosts": addresses(1, 3),
        "version": "3.103.0",
        "password": "Old-Passw0rd",
        "databases": [
            {
                "name": "shop",
                "schemas": [{"name": "sales", "owner": "clerk"}, {"name": "stock", "owner": "clerk"}],
                "tables": [
                    {"schema": "sales", "name": "t1"},
                    {"schema": "sales", "name": "t2"},
                    {"schema": "stock", "name": "t1"},
                ],
            },
            {
                "name": "audit",
                "schemas": [{"name": "staff", "owner": "clerk"}],
                "tables": [{"schema": "staff", "name": "people"}],
            },
        ],
        "users": [{"name": "clerk", "password": "Clerk-Pass1"}],
        "backups": BACKUPS,
    }
    load(made, estate(instances=[source]))
    made.source = get(made, "orders")["id"]
    return made


def names(client, instance_id):
    instance = client.site.instances[instance_id]
    return [n for n in instance.databases if n in ("shop", "audit", "till")], "clerk" in instance.users


def test_backup(client):
    point = {"instance_id": client.source, "backup_id": "b1br14"}
    accepted = create(client, restore(point, solution=None))
    assert client.job(accepted["job_id"])["name"] == "CloneGaussDBV5NewInstance"
    assert (accepted["datastore"]["version"], accepted["solution"]) == ("3.103.0", "triset")
    client.advance(400)
    assert get(client, "copy")["status"] == "ACTIVE"
    assert names(client, accepted["instance_id"]) == (["shop", "audit"], True)
    copied = client.site.instances[accepted["instance_id"]]
    assert copied.users["root"].password == copied.root_password != "Old-Passw0rd"
    copied.databases.pop("shop")
    copied.databases["audit"].size_mb = 999
    assert "shop" in client.site.instances[client.source].databases
    assert client.site.instances[client.source].databases["audit"].size_mb != 999


def test_moment(client):
    now_ms = client.site.clock.now_ms()
    for restore_time in (str(now_ms - 60_000), now_ms - 120_000):
        point = {"instance_id": client.source, "restore_time": restore_time, "type": "timestamp"}
        accepted = create(client, restore(point))
        client.advance(400)
        assert names(client, accepted["instance_id"]) == (["shop", "audit"], True)
        client.delete(f"/gaussdb/v3/instances/{accepted['instance_id']}/management", json={"clear_data": True})
        client.advance(400)


def test_tables(client):
    point = {
        "instance_id": client.source,
        "backup_id": "b1br14",
        "restore_source_type": "DATABASE_TABLE",
        "table_list": [
            {"db_name": "shop", "schema_name": "sales", "table_name": "t1", "new_db_name": "till"},
            {
                "db_name": "shop",
                "schema_name": "sales",
                "table_name": "t2",
                "new_db_name": "till",
                "new_schema_name": "old",
                "new_table_name": "t3",
            },
            {"table_list": [{"db_name": "audit"}]},
        ],
    }
    accepted = create(client, restore(point))
    client.advance(400)
    databases, has_clerk = names(client, accepted["instance_id"])
    assert (sorted(databases), has_clerk) == (["audit", "till"], False)
    copied = client.site.instances[accepted["instance_id"]].databases
    assert sorted(copied["till"].data["tables"]) == ["old.t3", "sales.t1"]
    # The clerk who owned the schemas does not exist.
    own = {name: owner for name, owner in copied["till"].schemas.items() if owner == "root"}
    assert sorted(own) == ["old", "sales"]
    assert "staff" in copied["audit"].schemas and sorted(copied["audit"].data["tables"]) == ["staff.people"]
    for entry in ({"db_name": "nope"}, {"db_name": "shop", "schema_name": "staff"}):
        unknown = {**point, "table_list": [entry]}
        assert code(client.post(CREATE, json=restore(unknown, name="copy2", manage_ip=addresses(7, 3)))) == "DBS.200044"


def test_source_that_was_deleted(client):
    management = f"/gaussdb/v3/instances/{client.source}/management"
    client.delete(management, json={"clear_data": True, "keep_db_backup": 7})
    client.advance(400)
    point = {"instance_id": client.source, "backup_id": "b1br14"}
    accepted = create(client, restore(point))
    client.advance(400)
    assert names(client, accepted["instance_id"])[0] == ["shop", "audit"]


def test_refusals(client):
    now_ms = client.site.clock.now_ms()
    source = client.source
    for point, expected in (
        ({"instance_id": source, "backup_id": "nobr14"}, "DBS.200751"),
        ({"instance_id": source, "backup_id": "b2br14"}, "DBS.200751"),
        ({"instance_id": "no", "backup_id": "b1br14"}, "DBS.200002"),
        ({"backup_id": "b1br14"}, "DBS.200001"),
        ({"instance_id": source}, "DBS.200001"),
        ({"instance_id": source, "type": "timestamp"}, "DBS.200001"),
        ({"instance_id": source, "restore_time": str(now_ms - 7200_000)}, "DBS.200001"),
        ({"instance_id": source, "restore_time": str(now_ms + 7200_000)}, "DBS.200001"),
        ({"instance_id": source, "backup_id": "b1br14", "table_list": [{"db_name": "shop"}]}, "DBS.200001"),
        ({"instance_id": source, "backup_id": "b1br14", "restore_source_type": "DATABASE_TABLE"}, "DBS.200001"),
    ):
        assert (point, code(client.post(CREATE, json=restore(point)))) == (point, expected)
    point = {"instance_id": source, "backup_id": "b1br14"}
    wrong = restore(point, solution="hcs2")
    assert code(client.post(CREATE, json=wrong)) == "DBS.200001"
    assert get(client, "copy") is None


def test_archive_of_a_backup_software(client):
    request = restore({"type": "backup"}, solution=None, master_az_ip=[address(4)], storage_type="LOCALSSD")
    request["xbsa_extension_infos"] = [{"key": "BackupSet", "value": "/opt/x.conf"}]
    request["xbsa_ssl_certs"] = {"ca_cert_pem": "Q2Vy", "client_crt": "Q2Vy", "client_key": "LS0t", "rand_pass": "p"}
    accepted = create(client, request)
    assert accepted["solution"] == "triset"
    client.advance(400)
    shown = client.get(
        f"/gaussdb/v3/instances/{accepted['instance_id']}/extend-info", params={"key": "BackupSet"}
    ).json()
    assert shown["value"] == "/opt/x.conf"
    assert "LS0t" not in client.raw("GET", "/_simulator/requests").text


def damaged(corrupt):
    backup = {"id": "b9br14", "name": "b", "corrupt": corrupt}
    contents = {"databases": ["shop"], "users": [{"name": "clerk", "password": "Clerk-Pass1"}]}
    return {"name": "ledger", **contents, "backups": [backup], "hosts": addresses(7, 3)}


@pytest.mark.parametrize(
    ("corrupt", "status", "databases"),
    [("job", "BUILD_FAILED", []), ("content", "ACTIVE", []), (None, "ACTIVE", ["shop"])],
)
def test_a_damaged_backup_fails_or_lacks_its_content(client, corrupt, status, databases):
    load(client, {"instances": [damaged(corrupt)]})
    point = {"instance_id": get(client, "ledger")["id"], "backup_id": "b9br14"}
    made = create(client, restore(point))
    client.advance(3600)
    assert get(client, "copy")["status"] == status
    assert names(client, made["instance_id"]) == (databases, bool(databases))


@pytest.mark.parametrize(("corrupt", "status"), [("job", "FAILED"), ("content", "ACTIVE")])
def test_a_damaged_backup_restored_in_place(client, corrupt, status):
    load(client, {"instances": [damaged(corrupt)]})
    instance_id = get(client, "ledger")["id"]
    source = {"instance_id": instance_id, "type": "backup", "backup_id": "b9br14"}
    reply = client.post(
        "/gaussdb/v3/instances/recovery", json={"source": source, "target": {"instance_id": instance_id}}
    )
    assert reply.status_code == 202, reply.text
    client.advance(3600)
    assert get(client, "ledger")["status"] == status
    assert names(client, instance_id) == (([], False) if corrupt == "content" else (["shop"], True))
