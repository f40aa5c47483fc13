# SPDX-License-Identifier: GPL-3.0-or-later
"""4.9.9 to 4.9.12 data centers."""

from __future__ import annotations

URL = "/gaussdb/v3/data-centers"


def code(reply):
    assert reply.status_code == 400, reply.text
    return reply.json()["error_code"]


def test_life_of_data_centers(fresh):
    client = fresh()
    assert client.get(URL).json() == {"total_count": 0, "data_centers": []}
    items = [{"name": f"dc-{i}", "description": f"hall {i}"} for i in range(12)]
    reply = client.post(URL, json={"data_centers": items})
    assert (reply.status_code, reply.content) == (200, b"")
    page = client.get(URL).json()
    assert (page["total_count"], len(page["data_centers"])) == (12, 10)
    assert client.get(URL, params={"offset": 10}).json()["data_centers"][1]["name"] == "dc-11"
    found = client.get(URL, params={"name": "dc-1"}).json()
    assert [d["name"] for d in found["data_centers"]] == ["dc-1", "dc-10", "dc-11"]
    first = client.get(URL, params={"limit": 1, "sort_key": "name", "sort_order": "desc"}).json()["data_centers"][0]
    assert first["name"] == "dc-9"
    reply = client.put(URL, json={"data_centers": [{"id": first["id"], "name": "renamed", "description": ""}]})
    assert (reply.status_code, reply.content) == (204, b"")
    again = client.get(URL, params={"id": first["id"]}).json()["data_centers"]
    assert again == [{"id": first["id"], "name": "renamed", "description": "", "hosts_num": 0}]
    reply = client.delete(URL, json={"data_center_ids": [first["id"]]})
    assert (reply.status_code, reply.content) == (200, b"")
    assert client.get(URL).json()["total_count"] == 11


def test_refusals_change_nothing(fresh):
    client = fresh()
    client.post(URL, json={"data_centers": [{"name": "a"}, {"name": "b"}]})
    ids = {d["name"]: d["id"] for d in client.get(URL).json()["data_centers"]}
    assert code(client.post(URL, json={"data_centers": [{"name": "c"}, {"name": "a"}]})) == "DBS.06025059"
    assert code(client.post(URL, json={"data_centers": [{"name": "c"}, {"name": "c"}]})) == "DBS.06025059"
    assert code(client.post(URL, json={"data_centers": [{"name": "c" * 21}]})) == "DBS.06025024"
    assert code(client.post(URL, json={"data_centers": [{"name": "c", "description": "x" * 101}]})) == "DBS.06025025"
    for name in ("c d", "c\n", ""):
        assert code(client.post(URL, json={"data_centers": [{"name": name}]})) == "DBS.200001"
    assert code(client.post(URL, json={"data_centers": [{"name": f"n{i}"} for i in range(51)]})) == "DBS.200001"
    assert code(client.post(URL, json={"data_centers": []})) == "DBS.200001"
    assert code(client.put(URL, json={"data_centers": [{"id": ids["a"]}]})) == "DBS.200001"
    assert code(client.put(URL, json={"data_centers": [{"id": ids["a"], "name": "b"}]})) == "DBS.06025059"
    assert code(client.put(URL, json={"data_centers": [{"id": "no", "name": "z"}]})) == "DBS.06025058"
    assert code(client.delete(URL, json={"data_center_ids": [ids["a"], "no"]})) == "DBS.06025058"
    assert sorted(d["name"] for d in client.get(URL).json()["data_centers"]) == ["a", "b"]
    swap = [{"id": ids["a"], "name": "b"}, {"id": ids["b"], "name": "a"}]
    assert client.put(URL, json={"data_centers": swap}).status_code == 204


def test_data_center_with_hosts_is_kept(fresh):
    client = fresh()
    client.post(URL, json={"data_centers": [{"name": "a"}]})
    center = client.get(URL).json()["data_centers"][0]["id"]
    host = {
        "name": "h",
        "type": "BMS",
        "os_type": "kylin",
        "cpu_spec": "intel",
        "storage_type": "localssd",
        "ip": {"manage_ip": "192.0.2.1", "data_ip": "192.0.2.1", "virtual_ip": "192.0.2.1"},
        "ssh_port": 22,
        "os_root_pwd": "secret",
        "data_center_id": center,
    }
    assert client.post("/gaussdb/v3/hosts", json={"hosts": [host]}).status_code == 202
    assert client.get(URL).json()["data_centers"][0]["hosts_num"] == 1
    assert code(client.delete(URL, json={"data_center_ids": [center]})) == "DBS.06025030"


def test_data_center_of_an_instance_keeps_its_name(fresh):
    client = fresh()
    estate = {"data_centers": ["a", "b"], "instances": [{"name": "orders", "solution": "single", "data_center": "a"}]}
    assert client.raw("POST", "/_simulator/estate", json=estate).status_code == 200
    used, free = (d["id"] for d in client.get(URL, params={"sort_key": "name"}).json()["data_centers"])
    entries = [{"id": free, "name": "c"}, {"id": used, "name": "d"}]
    assert code(client.put(URL, json={"data_centers": entries})) == "DBS.06025060"
    entries[1] = {"id": used, "name": "a", "description": "Hall 1"}
    assert client.put(URL, json={"data_centers": entries}).status_code == 204
    found = client.get(URL, params={"sort_key": "name"}).json()["data_centers"]
    assert [(d["name"], d["description"]) for d in found] == [("a", "Hall 1"), ("c", "")]
