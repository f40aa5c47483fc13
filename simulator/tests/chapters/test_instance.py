# SPDX-License-Identifier: GPL-3.0-or-later
"""4.11.1 to 4.11.11 and 4.12: instances."""

from __future__ import annotations

from collections import Counter

import pytest
from instance_helpers import (
    CREATE,
    INSTANCES,
    PASSWORD,
    address,
    addresses,
    body,
    code,
    components,
    create,
    estate,
    get,
    hosts,
    load,
    primaries,
)

from tpops_simulator.chapters import instance

ZONED = {
    "master_az_ip": addresses(1, 2),
    "slave_az_ip": addresses(3, 2),
    "arbiter_az_ip": [address(5)],
}


@pytest.fixture
def client(fresh):
    made = fresh()
    load(made, estate())
    return made


def url(instance_id, tail):
    return f"/gaussdb/v3/instances/{instance_id}/{tail}"


def test_create(client):
    accepted = create(client, body("orders", addresses(1, 3), port="8100"))
    assert accepted["instance_id"].endswith("in14")
    assert (accepted["port"], accepted["os_type"], accepted["datastore"]["version"]) == ("8100", "Kylin", "3.200.0")
    shown = get(client, "orders")
    assert shown["status"] == "BUILD" and {n["status"] for n in shown["nodes"]} == {"BUILD"}
    taken = hosts(client, status="in_use")
    assert sorted(taken) == addresses(1, 3)
    assert {h["instance_name"] for h in taken.values()} == {"orders"}
    assert code(client.post(url(accepted["instance_id"], "restart")), 409) == "DBS.200019"
    client.advance(150)
    assert client.job(accepted["job_id"])["progress"] == "50"
    client.advance(200)
    job = client.job(accepted["job_id"])
    assert (job["status"], job["name"]) == ("Completed", "CreateGaussDBV5Instance")
    assert job["instance_id"] == accepted["instance_id"]
    shown = get(client, "orders")
    assert (shown["status"], shown["port"], shown["type"], shown["replica_num"]) == (
        "ACTIVE",
        8100,
        "centralization_standard",
        3,
    )
    assert [n["role"] for n in shown["nodes"]] == ["master", "slave", "slave"]
    assert all(n["id"].endswith("no14") for n in shown["nodes"])
    assert [n["availability_zone"] for n in shown["nodes"]] == ["east", "west", "east"]
    assert shown["private_ips"] == [" / ".join(n["private_ip"] for n in shown["nodes"])]
    assert shown["nodes"][0]["id"] == hosts(client)[address(1)]["node_id"]
    assert PASSWORD not in client.raw("GET", "/_simulator/requests").text


SHAPES = {
    "single": (body("shape", addresses(1, 1), "single"), {"DN": 1, "CM": 1, "ETCD": 1}),
    "triset-union": (
        body("shape", addresses(2, 2), "triset", master_az_ip=[address(1)]),
        {"DN": 3, "CM": 3, "ETCD": 3},
    ),
    "triset-all": (
        body("shape", addresses(1, 3), "triset", master_az_ip=[address(1)]),
        {"DN": 3, "CM": 3, "ETCD": 3},
    ),
    "quadruset": (body("shape", addresses(1, 5), "quadruset", **ZONED), {"DN": 4, "CM": 5, "ETCD": 5}),
    "pentaset": (body("shape", addresses(1, 5), "pentaset"), {"DN": 5, "CM": 5, "ETCD": 5}),
    "trisetnoetcd": (body("shape", addresses(1, 3), "trisetnoetcd"), {"DN": 3, "CM": 3}),
    "quadrusetnoetcd": (body("shape", None, "quadrusetnoetcd", **ZONED), {"DN": 4, "CM": 5}),
    "pentasetnoetcd": (body("shape", addresses(1, 5), "pentasetnoetcd"), {"DN": 5, "CM": 5}),
    "hcs1": (
        body(
            "shape",
            addresses(1, 9),
            "hcs1",
            master_az_ip=addresses(1, 4),
            slave_az_ip=addresses(5, 3),
            arbiter_az_ip=[address(9)],
        ),
        {"DN": 16, "CN": 8, "CM": 5, "ETCD": 5, "GTM": 4},
    ),
    "hcs2": (body("shape", addresses(1, 3), "hcs2"), {"DN": 9, "CN": 3, "CM": 3, "ETCD": 3, "GTM": 3}),
    "hcs3": (body("shape", addresses(1, 4), "hcs3"), {"DN": 16, "CN": 4, "CM": 4, "ETCD": 3, "GTM": 4}),
    "hcs4": (
        body("shape", addresses(1, 4), "hcs4", arbiter_az_ip=[address(5)]),
        {"DN": 16, "CN": 4, "CM": 5, "ETCD": 5, "GTM": 4},
    ),
    "hcs6": (body("shape", addresses(1, 1), "hcs6"), {"DN": 3, "CN": 1, "CM": 1, "ETCD": 1, "GTM": 1}),
}


def test_every_shape(client):
    for shape, (request, expected) in SHAPES.items():
        instance_id = create(client, request)["instance_id"]
        client.advance(400)
        shown = get(client, "shape")
        assert shown["status"] == "ACTIVE", shape
        assert sum(n["role"] == "master" for n in shown["nodes"]) == 1
        found = components(client, instance_id)
        assert Counter(c["type"] for c in found) == expected, shape
        assert len({c["id"] for c in found}) == len(found)
        shards = {c["distributed_id"] for c in found if c["type"] == "DN"}
        assert len(primaries(client, instance_id)) == len(shards) == expected["DN"] // shown["replica_num"], shape
        for kind in ("CM", "GTM"):
            assert sum(c["status"] == "Primary" for c in found if c["type"] == kind) == (kind in expected)
        delete(client, instance_id, clear_data=True)


REFUSED = [
    ({"name": "abc"}, "DBS.200021"),
    ({"name": "1abcd"}, "DBS.200021"),
    ({"name": "a" * 65}, "DBS.200021"),
    ({"name": "taken"}, "DBS.200021"),
    ({"password": "short1A"}, "DBS.200052"),
    ({"password": "alllowercase"}, "DBS.200052"),
    ({"port": "1023"}, "DBS.200001"),
    ({"port": 39990}, "DBS.200001"),
    ({"port": "5000"}, "DBS.200001"),
    ({"port": "no"}, "DBS.200001"),
    ({"datastore": {"type": "GaussDB", "version": "9.9"}}, "DBS.200856"),
    ({"datastore": {"type": "gaussdbv5-dbmind"}}, "DBS.200856"),
    ({"manage_ip": addresses(4, 2)}, "DBS.06025010"),
    ({"manage_ip": addresses(4, 4)}, "DBS.06025010"),
    ({"manage_ip": [*addresses(4, 2), "192.0.2.99"]}, "DBS.06025031"),
    ({"manage_ip": addresses(3, 3)}, "DBS.06025015"),
    ({"os_type": "UnionTech"}, "DBS.06025011"),
    ({"cpu_spec": "Hygon"}, "DBS.06025014"),
    ({"arch": "ARM"}, "DBS.06025013"),
    ({"manage_ip": [address(4), address(5), address(20)]}, "DBS.06025014"),
    ({"solution": "hcs2"}, "DBS.200001"),
    ({"slave_az_ip": [address(4)]}, "DBS.200025"),
    ({"solution": "single", "manage_ip": [address(4)], "float_ip": "192.0.2.200"}, "DBS.200001"),
    ({"solution": "quadruset", "manage_ip": addresses(4, 5)}, "DBS.200025"),
    ({"solution": "trisetnoetcd", "ha": {"consistency_protocol": "quorum"}}, "DBS.200001"),
    ({"solution": "quintet"}, "DBS.200001"),
]


def test_refused(client):
    load(client, {"instances": [{"name": "taken", "hosts": addresses(1, 3)}]})
    client.site.hosts[hosts(client)[address(20)]["id"]].cpu_spec = "hygon"
    for changes, expected in REFUSED:
        request = body("fine", addresses(4, 3))
        if "ha" in changes:
            changes = {**changes, "ha": {**request["ha"], **changes["ha"]}}
        reply = client.post(CREATE, json={**request, **changes})
        assert (changes, code(reply)) == (changes, expected)
        assert get(client, "fine") is None
        assert len(hosts(client, status="in_use")) == 3


def test_failed_build_keeps_hosts_until_deleted(client):
    client.raw("POST", "/_simulator/faults", json={"kind": "job_fail", "operation_id": "create_instance", "count": 1})
    accepted = create(client, body("orders", addresses(1, 3)))
    client.advance(400)
    assert client.job(accepted["job_id"])["status"] == "Failed"
    assert get(client, "orders")["status"] == "BUILD_FAILED"
    assert len(hosts(client, status="in_use")) == 3
    delete(client, accepted["instance_id"], clear_data=True)
    assert hosts(client, status="in_use") == {}
    create(client, body("orders", addresses(1, 3)))


def delete(client, instance_id, **request):
    reply = client.delete(url(instance_id, "management"), json=request)
    assert reply.status_code == 202, reply.text
    assert reply.json()["instance_id"] == instance_id
    client.advance(200)
    assert client.job(reply.json()["job_id"])["status"] == "Completed"


def test_delete(client):
    load(client, {"instances": [{"name": "orders", "hosts": addresses(1, 3)}]})
    shown = get(client, "orders")
    assert code(client.delete(url("x", "management"), json={"clear_data": True})) == "DBS.200002"
    assert code(client.delete(url(shown["id"], "management"), json={"clear_data": False})) == "DBS.200001"
    reply = client.delete(url(shown["id"], "management"), json={"clear_data": True})
    assert get(client, "orders")["status"] == "DELETING"
    assert code(client.delete(url(shown["id"], "management"), json={"clear_data": True}), 409) == "DBS.200019"
    client.advance(200)
    assert client.job(reply.json()["job_id"])["name"] == "DeleteGaussDBV5Instance"
    assert get(client, "orders") is None
    freed = hosts(client, status="unmanaged")
    assert sorted(freed) == addresses(1, 3)
    assert {h["instance_id"] for h in freed.values()} == {None}
    create(client, body("orders", addresses(1, 3)))


def test_delete_keeps_backups_for_their_days(client):
    backups = [{"name": "full", "type": "auto"}, {"name": "diff", "type": "differential"}]
    load(client, {"instances": [{"name": "orders", "hosts": addresses(1, 3), "backups": backups}]})
    delete(client, get(client, "orders")["id"], clear_data=True, keep_db_backup=2, keep_difference_backup=0)
    assert [b.name for b in client.site.backups.values()] == ["full"]
    client.advance(2 * 86400)
    assert client.site.backups == {}


def test_list_filters(client):
    load(
        client,
        {
            "instances": [
                {"name": "orders-a", "solution": "single", "hosts": [address(1)]},
                {"name": "orders-b", "solution": "hcs6", "hosts": [address(2)]},
                {"name": "ledger", "solution": "single", "hosts": [address(3)]},
            ]
        },
    )

    def names(**query):
        reply = client.get(INSTANCES, params=query)
        assert reply.status_code == 200, reply.text
        assert reply.json()["total_count"] >= len(reply.json()["instances"])
        return sorted(i["name"] for i in reply.json()["instances"])

    assert names() == ["ledger", "orders-a", "orders-b"]
    assert names(name="orders") == []
    assert names(name="*orders") == ["orders-a", "orders-b"]
    assert names(name="ledger") == ["ledger"]
    assert names(type="Enterprise") == ["orders-b"]
    assert names(type="Ha", datastore_type="GaussDB") == ["ledger", "orders-a"]
    assert len(names(limit=2)) == 2 and len(names(limit=2, offset=2)) == 1
    some_id = get(client, "ledger")["id"]
    assert names(id=some_id) == ["ledger"] == names(id="*" + some_id[5:])
    assert names(id="nope") == []
    assert code(client.get(INSTANCES, params={"name": "*"})) == "DBS.200001"
    for limit in (0, 101):
        assert code(client.get(INSTANCES, params={"limit": limit})) == "DBS.280439"


def test_stop_and_start(client):
    load(client, {"instances": [{"name": "orders", "hosts": addresses(1, 3)}]})
    instance_id = get(client, "orders")["id"]
    assert code(client.post(url(instance_id, "db-startup"), json={"node_ids": []})) == "DBS.216009"
    reply = client.post(url(instance_id, "db-stop"), json={"node_ids": []})
    assert reply.status_code == 202
    assert get(client, "orders")["status"] == "MODIFYING"
    client.advance(100)
    shown = get(client, "orders")
    assert shown["status"] == "SHUTDOWN" and {n["status"] for n in shown["nodes"]} == {"SHUTDOWN"}
    assert {c["status"] for c in components(client, instance_id)} == {"Down"}
    assert code(client.post(url(instance_id, "db-stop"), json={"node_ids": []})) == "DBS.216009"
    one, two, three = (n["id"] for n in shown["nodes"])
    assert code(client.post(url(instance_id, "db-startup"), json={"node_ids": [one]})) == "DBS.301147"
    assert code(client.post(url(instance_id, "db-startup"), json={"node_ids": ["x"]})) == "DBS.216030"
    reply = client.post(url(instance_id, "db-startup"), json={"node_ids": [two, three]})
    assert reply.headers["job_id"] == reply.json()["job_id"]
    assert get(client, "orders")["status"] == "REBOOTING"
    client.advance(100)
    shown = get(client, "orders")
    assert (shown["status"], [n["status"] for n in shown["nodes"]]) == ("ACTIVE", ["SHUTDOWN", "ACTIVE", "ACTIVE"])
    assert list(primaries(client, instance_id).values()) == [two]
    client.post(url(instance_id, "db-startup"), json={"node_ids": ""})
    client.advance(100)
    shown = get(client, "orders")
    assert {n["status"] for n in shown["nodes"]} == {"ACTIVE"}
    assert list(primaries(client, instance_id).values()) == [two]
    assert next(n["role"] for n in shown["nodes"] if n["id"] == two) == "master"


def test_stopping_the_primary_node_moves_the_primary(client):
    load(client, {"instances": [{"name": "orders", "hosts": addresses(1, 3)}]})
    shown = get(client, "orders")
    first = shown["nodes"][0]["id"]
    client.post(url(shown["id"], "db-stop"), json={"node_ids": [first]})
    client.advance(100)
    assert get(client, "orders")["status"] == "ACTIVE"
    assert first not in primaries(client, shown["id"]).values()
    reply = client.post(url(shown["id"], "db-stop"), json={"node_ids": [shown["nodes"][1]["id"]]})
    assert reply.status_code == 202
    client.advance(100)
    assert get(client, "orders")["status"] == "FAILED"


def test_stopping_does_not_repair(client):
    load(client, {"instances": [{"name": "orders", "hosts": addresses(1, 3)}]})
    shown = get(client, "orders")
    load(client, {"node_failures": [{"instance": "orders", "node": 0}]})
    for ids in ([shown["nodes"][0]["id"]], []):
        for act in ("db-stop", "db-startup"):
            assert client.post(url(shown["id"], act), json={"node_ids": ids}).status_code == 202
            client.advance(100)
            now = get(client, "orders")
            assert now["nodes"][0]["status"] == "FAILED"
            # A failed node does not prevent stopping the whole instance.
            assert now["status"] == ("SHUTDOWN" if (ids, act) == ([], "db-stop") else "ACTIVE")


def test_restart(client):
    load(client, {"instances": [{"name": "orders", "hosts": addresses(1, 3)}]})
    instance_id = get(client, "orders")["id"]
    client.site.instances[instance_id].pending_parameters["x"] = "1"
    reply = client.post(url(instance_id, "restart"))
    assert reply.status_code == 202 and reply.headers["job_id"] == reply.json()["job_id"]
    assert get(client, "orders")["status"] == "REBOOTING"
    assert code(client.post(url(instance_id, "restart")), 409) == "DBS.200019"
    client.advance(100)
    assert get(client, "orders")["status"] == "ACTIVE"
    assert client.site.instances[instance_id].pending_parameters == {}


def test_switch_shard(client):
    load(client, {"instances": [{"name": "orders", "solution": "hcs2", "hosts": addresses(1, 3)}]})
    instance_id = get(client, "orders")["id"]
    found = components(client, instance_id, component_type="DN")
    assert [c["distributed_id"] for c in found if c["status"] == "Primary"] == ["60011", "60042", "60073"]
    standby = next(c for c in found if c["id"] == "dn_6002")
    primary = next(c for c in found if c["id"] == "dn_6001")

    def switch(*shards):
        entries = [{"node_id": c["node"], "component_id": c["id"]} for c in shards]
        return client.post(url(instance_id, "switch-shard"), json={"shards": entries})

    assert code(switch(primary)) == "DBS.200079"
    assert code(switch({**standby, "node": "x"})) == "DBS.216030"
    assert code(switch({**standby, "id": "dn_9"})) == "DBS.200001"
    assert code(switch({**standby, "id": "dn_60010"})) == "DBS.200001"
    other = next(c for c in found if c["id"] == "dn_6003")
    assert code(switch(standby, other)) == "DBS.200001"
    reply = switch({**standby, "id": " dn_6002 "})
    assert reply.status_code == 200
    assert get(client, "orders")["status"] == "SWITCHOVER"
    client.advance(60)
    assert "dn_6002" in primaries(client, instance_id) and "dn_6001" not in primaries(client, instance_id)
    assert get(client, "orders")["nodes"][1]["role"] == "master"
    client.post(url(instance_id, "db-stop"), json={"node_ids": []})
    client.advance(100)
    assert code(switch(primary)) == "DBS.200079"


def test_component_filters(client):
    load(client, {"instances": [{"name": "orders", "solution": "hcs2", "hosts": addresses(1, 3)}]})
    shown = get(client, "orders")
    path = url(shown["id"], "components")
    page = client.get(path, params={"limit": 2}).json()
    assert (page["total_count"], len(page["nodes"])) == (3, 2)
    assert {c["type"] for c in components(client, shown["id"], component_type="GTM")} == {"GTM"}
    node = shown["nodes"][1]
    for query in ({"node_id": node["id"]}, {"node_name": node["name"]}, {"hostname": "h2"}):
        assert {c["node"] for c in components(client, shown["id"], **query)} == {node["id"]}
    in_west = components(client, shown["id"], availability_zone_id="west")
    assert {c["distributed_id"] for c in in_west if c["type"] == "DN"} == {"60042"}
    assert sum(c["type"] == "DN" for c in in_west) == 3
    assert {c["node"] for c in in_west if c["type"] == "CN"} == {node["id"]}
    assert not any(c["type"] == "CM" for c in in_west)
    assert code(client.get(url("x", "components"))) == "DBS.200002"


def test_extension(client):
    load(client, {"instances": [{"name": "orders", "hosts": addresses(1, 3)}]})
    path = url(get(client, "orders")["id"], "extend-info")
    assert client.get(path, params={"key": "BackupSet"}).json() == {"key": "BackupSet", "value": None}
    reply = client.put(path, json={"key": "BackupSet", "value": "/etc/b.conf"})
    assert (reply.status_code, reply.content) == (200, b"")
    assert client.get(path, params={"key": "BackupSet"}).json()["value"] == "/etc/b.conf"
    assert client.get(path).status_code == 400


def test_engine_versions(client):
    path = "/gaussdb/v3/datastore/versions"
    assert client.get(path).json() == {"versions": ["3.103.0", "3.200.0"]}
    load(client, {"engine_versions": ["3.10.0", "3.9.0", "3.9.0.2"]})
    assert client.get(path).json() == {"versions": ["3.9.0", "3.10.0"]}
    accepted = create(client, body("orders", addresses(1, 3)))
    assert accepted["datastore"]["version"] == "3.10.0"


def test_dbmind_instance(client):
    request = body("mind", [address(1)], "single", datastore={"type": "gaussdbv5-dbmind", "version": "2.0"})
    accepted = create(client, request)
    assert accepted["instance_id"].endswith("in20")
    assert client.job(accepted["job_id"])["name"] == "CreateGaussDBV5MiniDBMindInstance"
    assert client.get(INSTANCES, params={"datastore_type": "GaussDB"}).json()["total_count"] == 0
    assert client.get(INSTANCES).json()["total_count"] == 1


def test_a_page_of_two_thousand_instances(client, monkeypatch):
    """Only the entries of the page are prepared for the reply, which is most of the work of a list."""
    described = []
    real = instance._as_reply
    monkeypatch.setattr(instance, "_as_reply", lambda site, each: described.append(each) or real(site, each))
    load(client, {"instances": [{"name": f"db-{n}", "solution": "single"} for n in range(2000)]})
    assert get(client, "db-1500")["status"] == "ACTIVE"
    page = client.get(INSTANCES, params={"limit": 100, "offset": 1950}).json()
    assert (page["total_count"], len(page["instances"])) == (2000, 50)
    assert len(described) == 1 + 50


def test_estate_round_trip(client, fresh):
    entry = {
        "name": "orders",
        "hosts": addresses(1, 3),
        "databases": ["shop", {"name": "audit", "owner": "clerk"}],
        "users": [{"name": "clerk", "attributes": {"createdb": True}}],
        "port": 8200,
    }
    load(client, {"instances": [entry], "unreachable": {"192.0.2.77": "ssh"}})
    dumped = client.raw("GET", "/_simulator/estate").json()
    other = fresh()
    load(other, dumped)
    assert other.raw("GET", "/_simulator/estate").json() == dumped
    assert get(other, "orders") == get(client, "orders") | {"nodes": get(other, "orders")["nodes"]}


def test_errors_in_a_body_of_two_forms_are_named(client):
    def message(**changes):
        request = {k: v for k, v in {**body("fine", addresses(4, 3)), **changes}.items() if v is not None}
        reply = client.post(CREATE, json=request)
        assert code(reply) == "DBS.200001"
        return reply.json()["error_msg"]

    assert "'cpu_spec' is a required property" in message(cpu_spec=None)
    assert "host_type" in message(host_type="VM")
    assert "surprise" in message(surprise=1)
    assert "port" in message(port="no")
    assert "datastore.type" in message(datastore={"type": "mysql"})
    point = {"instance_id": "x", "backup_id": "y", "type": "guess"}
    assert "restore_point.type" in message(restore_point=point, datastore=None, ha=None)
    assert PASSWORD not in message(port="no")
