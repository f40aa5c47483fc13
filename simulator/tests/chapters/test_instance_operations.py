# SPDX-License-Identifier: GPL-3.0-or-later
"""4.11.12 to 4.11.22: operations on instances, without their upgrades."""

from __future__ import annotations

import pytest
from instance_helpers import (
    accepted,
    address,
    addresses,
    code,
    components,
    estate,
    fail,
    get,
    hosts,
    load,
    one,
    primaries,
    url,
)

ADMIN_PASSWORD = "Admin-Passw0rd"


@pytest.fixture
def client(fresh):
    made = fresh()
    load(made, estate())
    return made


# -- adoption ---------------------------------------------------------------------------------------------------------

CHECK = "/v3/instances/management/check-hosts-manageable"
MANAGE = "/v3/instances/management"


def management(**changes):
    storage = {"device_id": "nas", "device_directory": "/b", "real_path": "/mnt", "is_manually_mount": False}
    return {
        "instance_name": "ledger",
        "manage_ip_list": addresses(1, 3),
        "manage_user": "rdsAdmin",
        "manage_userpass": ADMIN_PASSWORD,
        "storage_device": storage,
        **changes,
    }


def test_stop_managing_and_manage_again(client):
    instance_id = one(client, databases=["shop"])
    body = {"clear_data": False, "rds_admin_password": ADMIN_PASSWORD}
    accepted(client, client.delete(url(instance_id, "management"), json=body))
    assert get(client, "orders") is None
    assert {h["status"] for h in hosts(client, name="h1").values()} <= {"unmanaged", "initialized"}
    # The database still runs there: no other one can be created on these hosts.
    new = {
        "name": "other",
        "os_type": "Kylin",
        "datastore": {"type": "GaussDB"},
        "host_type": "BMS",
        "cpu_spec": "Intel",
        "arch": "X86",
        "ha": {"mode": "centralization_standard", "replication_mode": "sync"},
        "solution": "triset",
        "password": ADMIN_PASSWORD,
        "manage_ip": addresses(1, 3),
    }
    assert code(client.post("/gaussdb/v3/instances", json=new)) == "DBS.06025015"
    shown = client.post(CHECK, json={"manage_ip": address(2)}).json()["host_status_info"]
    assert [(h["manage_ip"], h["is_online"]) for h in shown] == [(a, "added") for a in addresses(1, 3)]
    assert client.post(CHECK, json={"manage_ip": None}).json()["host_status_info"] == shown
    assert code(client.post(CHECK, json={"manage_ip": address(9)})) == "DBS.200002"
    assert code(client.post(CHECK, json={"manage_ip": "192.0.2.99"})) == "DBS.06025031"
    for changes, expected in (
        ({"manage_userpass": "wrong"}, "DBS.200029"),
        ({"manage_user": "root"}, "DBS.200029"),
        ({"manage_ip_list": addresses(1, 2)}, "DBS.06025010"),
        ({"manage_ip_list": [address(9)]}, "DBS.200002"),
        ({"manage_ip_list": ["192.0.2.99"]}, "DBS.06025031"),
        ({"instance_name": "x"}, "DBS.200021"),
    ):
        assert (changes, code(client.post(MANAGE, json=management(**changes)))) == (changes, expected)
    fail(client, "manage_instance")
    assert accepted(client, client.post(MANAGE, json=management()), 200)["status"] == "Failed"
    assert get(client, "ledger") is None
    reply = client.post(MANAGE, json=management())
    assert get(client, "ledger")["status"] == "BUILD"
    assert accepted(client, reply, 200)["status"] == "Completed"
    shown = get(client, "ledger")
    assert shown["status"] == "ACTIVE" and shown["id"] == reply.json()["instance_id"] != instance_id
    assert {h["instance_id"] for h in hosts(client, status="in_use").values()} == {shown["id"]}
    assert "shop" in client.site.instances[shown["id"]].databases


def test_unmanaged_database_of_the_estate(client):
    load(client, {"unmanaged_instances": [{"name": "old", "hosts": addresses(1, 3), "password": ADMIN_PASSWORD}]})
    item = {"manage_ip": address(1), "ssh_port": 22, "os_root_pwd": "x"}
    accepted(client, client.delete("/gaussdb/v3/hosts", json={"hosts": [item]}))
    shown = client.post(CHECK, json={"manage_ip": address(2)}).json()["host_status_info"]
    assert [h["is_online"] for h in shown] == ["not_added", "added", "added"]
    assert code(client.post(MANAGE, json=management())) == "DBS.06025031"
    centers = {d["name"]: d["id"] for d in client.get("/gaussdb/v3/data-centers").json()["data_centers"]}
    host = {
        "name": "h1",
        "type": "BMS",
        "os_type": "kylin",
        "cpu_spec": "intel",
        "storage_type": "localssd",
        "ip": {"manage_ip": address(1), "data_ip": address(1), "virtual_ip": address(1)},
        "ssh_port": 22,
        "os_root_pwd": "x",
        "data_center_id": centers["west"],
    }
    assert code(client.post("/gaussdb/v3/hosts", json={"hosts": [host]})) == "DBS.06025067"
    host["data_center_id"] = centers["east"]
    accepted(client, client.post("/gaussdb/v3/hosts", json={"hosts": [host]}))
    assert hosts(client, name="h1")[address(1)]["status"] == "unmanaged"
    accepted(client, client.post(MANAGE, json=management()), 200)
    assert get(client, "ledger")["status"] == "ACTIVE"


# -- zones and nodes --------------------------------------------------------------------------------------------------


def repair_zone(client, instance_id, operation, zone=None):
    body = {"operation": operation, **({"availability_zone_id": zone} if zone else {})}
    return client.post(url(instance_id, "repair", "/v3"), json=body)


def test_zone_switch_force_start_and_resume(client):
    instance_id = one(client)
    nodes = get(client, "orders")["nodes"]
    assert [n["availability_zone"] for n in nodes] == ["east", "west", "east"]
    assert code(repair_zone(client, instance_id, "explode", "east")) == "DBS.6025033"
    assert code(repair_zone(client, instance_id, "switch", "north")) == "DBS.200025"
    assert code(repair_zone(client, instance_id, "switch")) == "DBS.200025"
    assert code(repair_zone(client, instance_id, "forceStart", "west")) == "DBS.6013005"
    assert code(repair_zone(client, instance_id, "resume")) == "DBS.216009"
    accepted(client, repair_zone(client, instance_id, "switch", "west"), 200)
    assert list(primaries(client, instance_id).values()) == [nodes[1]["id"]]
    load(client, {"node_failures": [{"instance": "orders", "node": 0}, {"instance": "orders", "node": 2}]})
    assert get(client, "orders")["status"] == "FAILED"
    accepted(client, repair_zone(client, instance_id, "forceStart", "west"), 200)
    assert get(client, "orders")["status"] == "ACTIVE"
    accepted(client, repair_zone(client, instance_id, "resume", "east"), 200)
    shown = get(client, "orders")
    assert (shown["status"], {n["status"] for n in shown["nodes"]}) == ("ACTIVE", {"ACTIVE"})


def test_replace_and_repair(client):
    instance_id = one(client)
    old = get(client, "orders")["nodes"][0]
    replace = url(instance_id, "nodes/replacement", "/v3")
    repair = url(instance_id, "nodes/repair")
    body = {"node_ids": [old["id"]], "manage_ips": [address(5)]}
    assert code(client.post(replace, json=body)) == "DBS.216011"
    assert code(client.post(repair, json={"node_ids": [old["id"]]})) == "DBS.216011"
    load(client, {"node_failures": [{"instance": "orders", "node": 0, "component": "dn_6001"}]})
    assert old["id"] not in primaries(client, instance_id).values()
    two = get(client, "orders")["nodes"][1]["id"]
    reply = client.post(repair, json={"node_ids": [old["id"], two]})
    assert reply.status_code == 202
    repaired, well = reply.json()["repair_nodes"]
    assert repaired["job_id"] and well["error_code"] == "DBS.216011"
    assert get(client, "orders")["status"] == "REPAIRING"
    client.advance(200)
    assert "Down" not in {c["status"] for c in components(client, instance_id)}
    load(client, {"node_failures": [{"instance": "orders", "node": 0}]})
    assert code(client.post(replace, json={**body, "manage_ips": [address(2)]})) == "DBS.06025015"
    assert code(client.post(replace, json={**body, "node_ids": ["x"]})) == "DBS.216030"
    fail(client, "replace_node")
    client.post(replace, json=body)
    client.advance(400)
    assert hosts(client, name="h5")[address(5)]["status"] == "unmanaged"
    assert get(client, "orders")["nodes"][0]["id"] == old["id"]
    reply = client.post(replace, json=body)
    (response,) = reply.json()["replace_min_node_responses"]
    assert response["old_node_id"] == old["id"]
    client.advance(400)
    new = get(client, "orders")["nodes"][0]
    assert new["id"] != old["id"] and new["management_ip"] == address(5)
    assert hosts(client, name="h1")[address(1)]["status"] == "unmanaged"
    assert "Down" not in {c["status"] for c in components(client, instance_id)}


def test_single_replica_cannot_be_repaired(client):
    load(client, {"instances": [{"name": "solo", "solution": "single", "hosts": [address(1)]}]})
    shown = get(client, "solo")
    reply = client.post(url(shown["id"], "nodes/repair"), json={"node_ids": [shown["nodes"][0]["id"]]})
    assert code(reply) == "DBS.216009"


def test_expand(client):
    instance_id = one(client, solution="hcs2")
    path = url(instance_id, "expansion")

    def body(count, *manage_ip):
        return {"expand_cluster": {"nodes": {"count": count, "manage_ip": list(manage_ip)}}}

    assert code(client.post(path, json=body(1, *addresses(4, 2)))) == "DBS.06025010"
    assert code(client.post(path, json=body(1, *addresses(2, 3)))) == "DBS.06025015"
    fail(client, "expand_instance")
    accepted(client, client.post(path, json=body(1, *addresses(4, 3))))
    assert len(get(client, "orders")["nodes"]) == 3 == len(hosts(client, status="in_use"))
    reply = client.post(path, json=body(2, *addresses(4, 6)))
    assert get(client, "orders")["status"] == "EXPANDING"
    assert accepted(client, reply)["name"] == "GaussDBV5ExpandClusterDN"
    shown = get(client, "orders")
    assert (shown["status"], len(shown["nodes"])) == ("ACTIVE", 9)
    assert len(primaries(client, instance_id)) == 9
    assert {n["status"] for n in shown["nodes"]} == {"ACTIVE"}


def test_expand_is_for_distributed_instances(client):
    instance_id = one(client)
    body = {"expand_cluster": {"count": 1, "manage_ip": addresses(4, 3)}}
    assert code(client.post(url(instance_id, "expansion"), json=body)) == "DBS.216009"


def test_change_solution(client):
    instance_id = one(client)
    path = url(instance_id, "solution")
    assert code(client.put(path, json={"solution": "triset"})) == "DBS.200001"
    assert code(client.put(path, json={"solution": "pentasetnoetcd", "manage_ip": addresses(4, 2)})) == "DBS.200001"
    assert code(client.put(path, json={"solution": "pentaset", "manage_ip": addresses(4, 1)})) == "DBS.06025010"
    fail(client, "change_solution")
    accepted(client, client.put(path, json={"solution": "pentaset", "manage_ip": addresses(4, 2)}))
    assert len(get(client, "orders")["nodes"]) == 3
    accepted(client, client.put(path, json={"solution": "pentaset", "manage_ip": addresses(4, 2)}))
    shown = get(client, "orders")
    assert (len(shown["nodes"]), shown["replica_num"], shown["status"]) == (5, 5, "ACTIVE")
    assert len(components(client, instance_id, component_type="DN")) == 5
    ids = [n["id"] for n in shown["nodes"]]
    assert code(client.put(path, json={"solution": "triset", "node_id": ids[:2]})) == "DBS.216011"
    assert code(client.put(path, json={"solution": "triset", "node_id": ids[1:2]})) == "DBS.200001"
    reply = client.put(path, json={"solution": "triset", "node_id": ids[1:3]})
    assert get(client, "orders")["status"] == "REDUCING"
    accepted(client, reply)
    shown = get(client, "orders")
    assert [n["id"] for n in shown["nodes"]] == [ids[0], *ids[3:]]
    assert sorted(hosts(client, status="in_use")) == [address(1), address(4), address(5)]


def test_mysql_port(client):
    instance_id = one(client)
    path = url(instance_id, "mysql-compatibility")
    assert code(client.put(path, json={"port": 3306})) == "DBS.216009"
    for port in ("0", "1023", 8000, 8010, "2400"):
        assert code(client.post(path, json={"port": port})) == "DBS.200001"
    assert code(client.post(path, json={})) == "DBS.200001"
    reply = client.post(path, json={"port": 3306})
    assert get(client, "orders")["status"] == "MODIFYING DATABASE PORT"
    accepted(client, reply)
    assert client.site.instances[instance_id].data["mysql_port"] == 3306
    assert code(client.post(path, json={"port": "3307"})) == "DBS.216009"
    accepted(client, client.put(path, json={"port": "3308"}))
    accepted(client, client.put(path, json={}))
    assert client.site.instances[instance_id].data["mysql_port"] == 3308
    accepted(client, client.put(path, json={"port": "0"}))
    assert code(client.put(path, json={"port": 3306})) == "DBS.216009"


def test_repairing_a_node_does_not_start_it(client):
    instance_id = one(client)
    accepted(client, client.post(url(instance_id, "db-stop"), json={"node_ids": []}))
    load(client, {"node_failures": [{"instance": "orders", "node": 1, "recovered": True}]})
    assert get(client, "orders")["status"] == "SHUTDOWN"


# Operations that recover a failed instance must work on it; the others need a healthy one.
REPAIRS = {
    "nodes/replacement": ("/v3", {"manage_ips": [address(5)]}),
    "nodes/repair": ("/gaussdb/v3", {}),
    "restart": ("/gaussdb/v3", None),
    "db-startup": ("/gaussdb/v3", {}),
    "db-stop": ("/gaussdb/v3", {"node_ids": []}),
}


@pytest.mark.parametrize("operation", REPAIRS)
def test_a_failed_instance_can_be_repaired(client, operation):
    instance_id = one(client)
    broken = get(client, "orders")["nodes"][0]["id"]
    load(client, {"node_failures": [{"instance": "orders", "node": n} for n in (0, 1)]})
    assert get(client, "orders")["status"] == "FAILED"
    version, body = REPAIRS[operation]
    body = None if body is None else {"node_ids": [broken], **body}
    reply = client.post(url(instance_id, operation, version), json=body)
    assert reply.status_code == 202, reply.text


def test_a_failed_instance_moves_no_primary(client):
    instance_id = one(client)
    standby = get(client, "orders")["nodes"][2]
    body = {"shards": [{"node_id": standby["id"], "component_id": "dn_6003"}]}
    load(client, {"node_failures": [{"instance": "orders", "node": n} for n in (0, 1)]})
    reply = client.post(url(instance_id, "switch-shard"), json=body)
    assert (code(reply), "instance status FAILED" in reply.text) == ("DBS.200079", True)
