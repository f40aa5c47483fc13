# SPDX-License-Identifier: GPL-3.0-or-later
"""4.8 host key pairs."""

from __future__ import annotations

import re

from cryptography.hazmat.primitives.serialization import load_ssh_public_key

URL = "/gaussdb/v3/hosts/key-pair"
PUBLIC = "/gaussdb/v3/hosts/public-key"


def code(reply):
    assert reply.status_code == 400, reply.text
    return reply.json()["error_code"]


def test_life_of_a_key_pair(fresh):
    client = fresh()
    body = {"name": "ssh-1", "description": "hall 1", "key_algorithms": "RSA_2048"}
    key_id = client.post(URL, json=body).json()["id"]
    (shown,) = client.get(URL).json()["key_pairs"]
    assert shown == {
        "id": key_id,
        "name": "ssh-1",
        "description": "hall 1",
        "created_at": "2026-01-01 00:00:00",
        "host_nums": 0,
    }
    reply = client.put(URL, json={"id": key_id, "name": "ssh 2", "descirption": "hall 2"})
    assert (reply.status_code, reply.content) == (204, b"")
    (shown,) = client.get(URL, params={"id": key_id}).json()["key_pairs"]
    assert (shown["name"], shown["description"]) == ("ssh 2", "hall 2")
    assert client.get(URL, params={"name": "sh"}).json()["total_count"] == 1
    assert client.get(URL, params={"description": "3"}).json()["total_count"] == 0
    reply = client.get(PUBLIC, params={"id": key_id})
    assert reply.headers["Content-Type"] == "application/octet-stream"
    assert 'filename="ssh_2.pub"' in reply.headers["Content-Disposition"]
    assert re.fullmatch(rb"ssh-rsa [A-Za-z0-9+/=]+ ssh-2\n", reply.content)
    assert load_ssh_public_key(reply.content).key_size == 2048
    assert client.get(PUBLIC, params={"id": key_id}).content == reply.content
    assert client.delete(URL, json={"id": key_id}).status_code == 200
    assert client.get(URL).json()["total_count"] == 0


def test_defaults_and_refusals(fresh):
    client = fresh()
    first = client.post(URL, json={}).json()["id"]
    (shown,) = client.get(URL).json()["key_pairs"]
    assert shown["name"].startswith("ssh-")
    assert load_ssh_public_key(client.get(PUBLIC, params={"id": first}).content).key_size == 3072
    assert code(client.post(URL, json={"name": shown["name"]})) == "DBS.200001"
    assert code(client.post(URL, json={"key_algorithms": "ED25519"})) == "DBS.200001"
    assert code(client.post(URL, json={"name": "ü" * 65})) == "DBS.200001"
    assert code(client.put(URL, json={"id": "no", "name": "x"})) == "DBS.200044"
    assert code(client.delete(URL, json={"id": "no"})) == "DBS.200044"
    assert code(client.get(PUBLIC, params={"id": "no"})) == "DBS.200044"
    for _unused in range(19):
        assert client.post(URL, json={}).status_code == 200
    assert code(client.post(URL, json={})) == "DBS.200001"
    assert code(client.get(URL, params={"limit": 21})) == "DBS.200001"


def test_bound_key_pair_is_deleted_only_by_force(fresh):
    client = fresh()
    key_id = client.post(URL, json={"name": "k"}).json()["id"]
    client.post("/_simulator/estate", token=None)
    load = {"data_centers": ["a"], "hosts": [{"name": "h", "manage_ip": "192.0.2.1", "ssh_key": "k"}]}
    assert client.raw("POST", "/_simulator/estate", json=load).status_code == 200
    assert client.get(URL).json()["key_pairs"][0]["host_nums"] == 1
    assert code(client.delete(URL, json={"id": key_id})) == "DBS.200001"
    assert client.delete(URL, json={"id": key_id, "forced": True}).status_code == 200
    assert client.get("/gaussdb/v3/hosts").json()["hosts"][0]["ssh_key_id"] is None
