# SPDX-License-Identifier: GPL-3.0-or-later
"""Login, tokens and rights."""

from __future__ import annotations

TOKEN = "/v3/auth/mini-token"


def test_login_reply(fresh):
    client = fresh(session_timeout=30)
    reply = client.post(TOKEN, json={"username": "admin", "password": "wrong-password"}, token=None)
    assert (reply.status_code, reply.json()["error_code"]) == (400, "DBS.200029")
    reply = client.post(TOKEN, json={"username": "nobody", "password": "wrong-password"}, token=None)
    assert (reply.status_code, reply.json()["error_code"]) == (400, "DBS.200029")
    reply = client.post(TOKEN, json={"username": "admin", "password": "Simulated-Pw1"}, token=None)
    body = reply.json()
    assert body["x_mini_token"] == reply.headers["X-Mini-Token"]
    assert body["session_timeout"] == 30
    assert body["login_failed_attempts"] == 1
    assert body["is_first_time_login"] is False
    assert body["last_login_statistics"]["last_login_failed_ip"] == "127.0.0.1"


def test_token_is_required_in_either_header(client):
    for options in ({}, {"headers": {"X-Mini-Token": "nonsense"}}):
        reply = client.get("/v3/jobs", params={"id": "x"}, token=None, **options)
        assert (reply.status_code, reply.json()["error_code"]) == (401, "DBS.00110006")
    reply = client.get("/v3/jobs", params={"id": "x"}, token=None, headers={"X-Auth-Token": client.token})
    assert reply.status_code == 400
    both = {"X-Auth-Token": client.token, "X-Mini-Token": client.token}
    assert client.get("/v3/jobs", params={"id": "x"}, token=None, headers=both).status_code == 400


def test_token_expires_when_idle(fresh):
    client = fresh(session_timeout=10)
    for _unused in range(4):  # in use, it lives longer than its time-out
        client.advance(500)
        assert client.get("/v3/jobs", params={"id": "x"}).status_code == 400
    client.advance(601)
    assert client.get("/v3/jobs", params={"id": "x"}).status_code == 401
    client.login()
    assert client.get("/v3/jobs", params={"id": "x"}).status_code == 400


def test_a_login_removes_only_expired_sessions(fresh):
    client = fresh(session_timeout=10)
    first = client.token
    client.advance(300)
    client.login()
    assert len(client.site.sessions) == 2
    assert client.get("/v3/jobs", params={"id": "x"}, token=None, headers={"X-Mini-Token": first}).status_code == 400
    client.advance(601)
    client.login()
    assert len(client.site.sessions) == 1


def test_read_only_user(client):
    client.login("reader", "Simulated-Pw2")
    assert client.get("/v3/jobs", params={"id": "x"}).json()["error_code"] == "DBS.200044"
    operation = client.simulator.contract.operations["add_data_centers"]
    reply = client.post(operation.path, json=_smallest(client, operation))
    assert (reply.status_code, reply.json()["error_code"]) == (400, "DBS.00110007")
    assert client.simulator.requests.last(1)[0]["write"] is True


def _smallest(client, operation):
    spec = client.simulator.contract.document["paths"][operation.path]["post"]
    return spec["requestBody"]["content"]["application/json"]["example"]


def test_secrets_are_not_shown(client):
    client.post(TOKEN, json={"username": "admin", "password": "Very-Secret-9"}, token=None)
    client.raw("GET", f"/rds/v3/jobs?id=x&token={client.token}")
    for where in ("/_simulator/requests", "/_simulator/state", "/_simulator/estate", "/"):
        shown = client.raw("GET", where).text
        assert "Very-Secret-9" not in shown
        assert "Simulated-Pw1" not in shown
        assert client.token not in shown
    assert "Simulated-Pw1" not in repr(client.site.sessions.users)
