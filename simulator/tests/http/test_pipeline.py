# SPDX-License-Identifier: GPL-3.0-or-later
"""A request through the pipeline, and its error shapes."""

from __future__ import annotations

import json


def test_login_and_job(client):
    reply = client.get("/v3/jobs", params={"id": "nope"})
    assert reply.status_code == 400
    assert reply.json()["error_code"] == "DBS.200044"
    job = client.site.start_job("Something", seconds=100)
    shown = client.job(job.id)
    assert (shown["status"], shown["progress"], shown["ended"]) == ("Running", "0", None)
    client.advance(45)
    assert client.job(job.id)["progress"] == "45"
    client.advance(1000)
    shown = client.job(job.id)
    assert (shown["status"], shown["progress"]) == ("Completed", "100")
    assert shown["ended"] - shown["created"] == 100_000


def test_unknown_route_and_method(client):
    reply = client.get("/v3/no-such-thing")
    assert (reply.status_code, reply.json()["error_code"]) == (404, "SIM.0404")
    assert client.raw("GET", "/elsewhere").json()["error_code"] == "SIM.0404"
    reply = client.delete("/v3/jobs")
    assert (reply.status_code, reply.json()["error_code"]) == (405, "SIM.0405")


def test_validation_names_field_not_value(client):
    for body, word in (
        ({"username": "ad", "password": "long-enough-1"}, "username"),
        ({"username": "admin"}, "password"),
        ({"username": "admin", "password": "tiny"}, "password"),
        ({"username": "admin", "password": "long-enough-1", "more": 1}, "more"),
        ([], "object"),
    ):
        reply = client.post("/v3/auth/mini-token", json=body, token=None)
        assert reply.status_code == 400, reply.text
        assert reply.json()["error_code"] == "DBS.200001"
        assert word in reply.json()["error_msg"]
        assert "tiny" not in reply.text
    assert client.get("/v3/jobs").json()["error_code"] == "DBS.200001"
    assert "extra" in client.get("/v3/jobs", params={"id": "1", "extra": "2"}).json()["error_msg"]


def test_bodies_that_cannot_be_read(client):
    url = "/v3/auth/mini-token"
    headers = {"Content-Type": "application/json"}
    for data in (b"\xff\xfe\xff", b"{", b"[" * 100_000, b"nonsense"):
        reply = client.post(url, data=data, headers=headers, token=None)
        assert (reply.status_code, reply.json()["error_code"]) == (400, "DBS.200001"), (data[:10], reply.text)
    reply = client.post(url, data=b"{}", headers={"Content-Type": "application/json; charset=x-none"}, token=None)
    assert (reply.status_code, reply.json()["error_code"]) == (400, "DBS.200001")
    reply = client.post(url, data=b"", headers=headers, token=None)
    assert (reply.status_code, reply.json()["error_code"]) == (400, "DBS.200006")
    reply = client.post(url, data=b"a=b", headers={"Content-Type": "text/plain"}, token=None)
    assert (reply.status_code, reply.json()["error_code"]) == (415, "DBS.200001")
    surrogate = json.dumps({"username": "admin", "password": "\ud800aaaaaaaa"}).encode()
    reply = client.post(url, data=surrogate, headers=headers, token=None)
    assert (reply.status_code, reply.json()["error_code"]) == (400, "DBS.200001")


def test_chunked_body_is_read(client):
    body = json.dumps({"username": "admin", "password": "Simulated-Pw1"}).encode()
    headers = {"Content-Type": "application/json"}
    reply = client.post("/v3/auth/mini-token", data=iter([body]), headers=headers, token=None)
    assert reply.status_code == 200


def test_trace_id_language_and_keep_alive(client):
    first = client.get("/v3/jobs", params={"id": "x"}, headers={"X-Language": "zh-cn"})
    second = client.get("/v3/jobs", params={"id": "x"})
    assert first.headers["X-Trace-Id"] != second.headers["X-Trace-Id"]
    assert first.json()["error_msg"] != second.json()["error_msg"]
    assert first.json()["error_msg"].startswith("资源")
    assert first.headers.get("Connection", "keep-alive") != "close"
    reply = client.get("/v3/jobs", params={"id": "x"}, headers={"X-Language": "fr"})
    assert reply.json()["error_code"] == "DBS.200001" and "X-Language" in reply.json()["error_msg"]
