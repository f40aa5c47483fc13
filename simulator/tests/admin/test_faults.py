# SPDX-License-Identifier: GPL-3.0-or-later
"""Every kind of fault, over real connections."""

from __future__ import annotations

import os
import socket
import ssl
import threading
import time

import pytest
import requests
from conftest import wait_until

from tpops_simulator.admin.faults import FaultError, Faults, Subject, parse

JOBS = "/v3/jobs"


def add(client, **rule):
    reply = client.raw("POST", "/_simulator/faults", json=rule)
    assert reply.status_code == 200, reply.text
    return reply.json()["faults"][0]


def test_status_with_headers_and_body(client):
    job = client.site.start_job("Nothing")
    body = {"error_code": "DBS.280005", "error_msg": "Server error."}
    add(client, kind="status", operation="get_*", status=503, body=body, headers={"Retry-After": 3}, count=2)
    for _unused in range(2):
        reply = client.get(JOBS, params={"id": job.id})
        assert (reply.status_code, reply.headers["Retry-After"], reply.json()) == (503, "3", body)
    assert client.get(JOBS, params={"id": job.id}).status_code == 200


def test_html_and_busy(client):
    add(client, kind="html", operation="get_job")
    reply = client.get(JOBS, params={"id": "x"})
    assert (reply.status_code, reply.headers["Content-Type"]) == (502, "text/html; charset=utf-8")
    assert "<html" in reply.text
    add(client, kind="busy")
    reply = client.get(JOBS, params={"id": "x"})
    assert (reply.status_code, reply.json()["error_code"]) == (409, "DBS.200019")


def test_expire_token(client):
    add(client, kind="expire_token")
    reply = client.get(JOBS, params={"id": "x"})
    assert (reply.status_code, reply.json()["error_code"]) == (401, "DBS.00110006")
    assert client.get(JOBS, params={"id": "x"}).status_code == 401
    client.login()
    assert client.get(JOBS, params={"id": "x"}).status_code == 400


def test_delay_real(client):
    add(client, kind="delay", seconds=0.3)
    began = time.monotonic()
    client.get(JOBS, params={"id": "x"})
    assert time.monotonic() - began >= 0.3


def test_delay_simulated(client):
    add(client, kind="delay", seconds=500, simulated=True)
    answered = []
    thread = threading.Thread(target=lambda: answered.append(client.get(JOBS, params={"id": "x"})))
    thread.start()
    wait_until(lambda: client.simulator.faults.rules[0].hits == 1)
    assert not answered
    with requests.Session() as other:
        other.trust_env = False
        ca = str(client.server.tls.ca)
        other.post(f"{client.base}/_simulator/clock", json={"advance": 500}, verify=ca, timeout=5)
    thread.join(20)
    assert answered[0].status_code == 400


@pytest.mark.parametrize("kind, acted", [("reset_before", False), ("reset_after", True)])
def test_reset(client, kind, acted):
    before = len(client.site.sessions)
    add(client, kind=kind, operation="create_token")
    with pytest.raises(requests.ConnectionError):
        client.login()
    assert (len(client.site.sessions) > before) is acted
    assert client.simulator.requests.last(1)[0]["status"] is None
    client.login()


def test_reset_is_a_tcp_reset(client):
    """Below TLS, since Python's ssl reports a reset as an unexpected end."""
    add(client, kind="reset_before")
    context = ssl.create_default_context(cafile=str(client.server.tls.ca))
    plain = socket.create_connection(("127.0.0.1", client.server.port), timeout=5)
    with context.wrap_socket(plain, server_hostname="localhost") as wrapped:
        wrapped.sendall(f"GET /rds/v3/jobs?id=x HTTP/1.1\r\nHost: x\r\nX-Mini-Token: {client.token}\r\n\r\n".encode())
        with socket.socket(fileno=os.dup(wrapped.fileno())) as below:
            below.settimeout(5)
            with pytest.raises(ConnectionResetError):
                while below.recv(4096):
                    pass


def test_truncate(client):
    job = client.site.start_job("Nothing")
    add(client, kind="truncate", keep=0.4)
    reply = client.get(JOBS, params={"id": job.id})
    assert reply.status_code == 200
    assert reply.text.startswith('{"job":{')
    with pytest.raises(ValueError):
        reply.json()


def test_a_refusal_can_be_lost_too(client):
    add(client, kind="reset_after")
    with pytest.raises(requests.ConnectionError):
        client.get(JOBS, params={"id": "unknown"})
    add(client, kind="truncate", keep=0)
    reply = client.get(JOBS, params={"id": "unknown"})
    assert (reply.status_code, reply.content) == (400, b"")


@pytest.mark.parametrize("acted", [False, True])
def test_timeout(client, acted):
    add(client, kind="timeout", acted=acted, operation="create_token")
    before = len(client.site.sessions)
    with pytest.raises(requests.ReadTimeout):
        client.post(
            "/v3/auth/mini-token", json={"username": "admin", "password": "Simulated-Pw1"}, token=None, timeout=0.4
        )
    assert (len(client.site.sessions) > before) is acted


def test_faults_on_jobs(client):
    """A fake handler starts the job: the core has no operation that does."""

    def start(site, request):
        job = site.start_job("Work", seconds=100, steps=("one", "two", "three", "four"), on_fail=failed.append_reason)
        return {"job": job.as_reply(site.clock.now_ms())}

    class Failed(list):
        def append_reason(self, _site, reason):
            self.append(reason)

    failed = Failed()
    handlers = client.simulator.registry.handlers
    original = handlers["get_job"]
    try:
        handlers["get_job"] = start
        add(client, kind="job_fail", step=2, reason="disk full")
        failing = client.get(JOBS, params={"id": "x"}).json()["job"]["id"]
        add(client, kind="job_slow", factor=5)
        slow = client.get(JOBS, params={"id": "x"}).json()["job"]["id"]
        add(client, kind="job_vanish")
        vanished = client.get(JOBS, params={"id": "x"}).json()["job"]["id"]
        normal = client.get(JOBS, params={"id": "x"}).json()["job"]["id"]
    finally:
        handlers["get_job"] = original
    client.advance(100)
    shown = client.job(failing)
    assert (shown["status"], shown["progress"], shown["fail_reason"]) == ("Failed", "50", "disk full (step two)")
    assert failed == ["disk full (step two)"]
    assert client.job(slow)["progress"] == "20"
    assert client.get(JOBS, params={"id": vanished}).json()["error_code"] == "DBS.200044"
    assert client.site.jobs[vanished].status == "Completed"
    assert client.job(normal)["status"] == "Completed"
    client.advance(400)
    assert client.job(slow)["status"] == "Completed"


def test_rules_without_a_name_are_numbered():
    assert [rule.id for rule in Faults().add_all([{"kind": "busy"}, {"kind": "busy"}])] == ["fault-1", "fault-2"]


def test_matching_skip_and_removal(client):
    rule = add(client, kind="busy", operation="get_*", method="get", instance_id="other", count=None)
    other = add(client, kind="busy", operation="get_*", instance_id="another")
    assert client.get(JOBS, params={"id": "x"}).status_code == 400
    assert client.raw("DELETE", f"/_simulator/faults/{rule['id']}").status_code == 204
    assert [each["id"] for each in client.raw("GET", "/_simulator/faults").json()["faults"]] == [other["id"]]
    assert client.raw("DELETE", f"/_simulator/faults/{rule['id']}").status_code == 404
    add(client, kind="busy", skip=1, body_contains="", count=None)
    assert [client.get(JOBS, params={"id": "x"}).status_code for _unused in range(3)] == [400, 409, 409]
    assert client.raw("DELETE", "/_simulator/faults").status_code == 204
    assert client.raw("GET", "/_simulator/faults").json() == {"faults": []}


def test_probability_follows_the_seed():
    def run(seed):
        faults = Faults(seed)
        faults.add({"kind": "busy", "probability": 0.5, "count": None})
        subject = Subject("get_job", "GET", None, b"")
        return [bool(faults.strike(subject)) for _unused in range(64)]

    assert run(1) == run(1) != run(2)
    assert 10 < sum(run(1)) < 54


@pytest.mark.parametrize(
    "rule, word",
    [
        ({"kind": "nonsense"}, "reset_before"),
        ({"kind": "status"}, "status"),
        ({"kind": "status", "status": 99}, "status"),
        ({"kind": "busy", "probabilty": 1}, "probabilty"),
        ({"kind": "busy", "probability": 2}, "probability"),
        ({"kind": "busy", "count": "many"}, "count"),
        ({"kind": "delay", "seconds": "1"}, "seconds"),
        ("busy", "object"),
        ({"kind": ["busy"]}, "kind"),
        ({"kind": "busy", "count": True}, "count"),
        ({"kind": "busy", "skip": -1}, "skip"),
        ({"kind": "busy", "method": 5}, "method"),
        ({"kind": "busy", "instance_id": 5}, "instance_id"),
        ({"kind": "busy", "body_contains": 5}, "body_contains"),
        ({"kind": "delay", "seconds": float("inf")}, "seconds"),
        ({"kind": "delay", "seconds": 1_000_000_001}, "seconds"),
        ({"kind": "status", "status": 500, "headers": {"a b": "c"}}, "headers"),
        ({"kind": "status", "status": 500, "headers": {"é": "c"}}, "headers"),
        ({"kind": "status", "status": 500, "headers": {"a": "b\r\nc: d"}}, "headers.a"),
        ({"kind": "status", "status": 500, "headers": {"a": "b\n"}}, "headers.a"),
        ({"kind": "job_fail", "reason": 5}, "reason"),
    ],
)
def test_invalid_rules(rule, word):
    with pytest.raises(FaultError, match=word):
        parse(rule)


@pytest.mark.parametrize(
    "rule",
    [
        {"kind": "delay", "seconds": 1_000_000_000},
        {"kind": "delay", "seconds": 0},
        {"kind": "status", "status": 200},
        {"kind": "status", "status": 599},
        {"kind": "busy", "probability": 1, "count": 0, "skip": 0},
        {"kind": "busy", "probability": 0},
    ],
)
def test_rules_at_the_limits(rule):
    parse(rule)


def test_site_down(client):
    client.raw("POST", "/_simulator/site", json={"up": False, "mode": "503"})
    assert client.get(JOBS, params={"id": "x"}).status_code == 503
    client.raw("POST", "/_simulator/site", json={"up": False, "mode": "reset"})
    with pytest.raises(requests.ConnectionError):
        client.get(JOBS, params={"id": "x"})
    assert client.raw("GET", "/_simulator/site").json()["up"] is False
    client.raw("POST", "/_simulator/site", json={"up": True})
    assert client.get(JOBS, params={"id": "x"}).status_code == 400


def test_site_down_as_a_rule(client):
    add(client, kind="site_down", operation="get_job", seconds=60)
    for _unused in range(2):
        with pytest.raises(requests.ConnectionError):
            client.get(JOBS, params={"id": "x"})
    client.raw("POST", "/_simulator/clock", json={"advance": 60})
    assert client.get(JOBS, params={"id": "x"}).status_code == 400
    add(client, kind="site_down", operation="get_job", mode="503")
    assert client.get(JOBS, params={"id": "x"}).status_code == 503
    client.raw("POST", "/_simulator/clock", json={"advance": 9999})
    assert client.get(JOBS, params={"id": "x"}).status_code == 503
    client.raw("POST", "/_simulator/site", json={"up": True})
    assert client.get(JOBS, params={"id": "x"}).status_code == 400


def test_node_down(client):
    client.raw("POST", "/_simulator/estate", json={"instances": [{"name": "trio", "solution": "triset"}]})
    (instance,) = client.site.instances.values()
    add(client, kind="node_down", operation="list_components", instance_id=instance.id, node=2)
    assert client.get(f"/gaussdb/v3/instances/{instance.id}/components").status_code == 200
    assert [node.status for node in instance.nodes] == ["ACTIVE", "ACTIVE", "FAILED"]
    rule = add(client, kind="node_down", operation="list_components", node=9)
    reply = client.get(f"/gaussdb/v3/instances/{instance.id}/components")
    assert (reply.status_code, rule["id"] in reply.text, "no node 9" in reply.text) == (500, True, True)


@pytest.mark.parametrize("status", [204, 304])
def test_a_status_without_a_body(client, status):
    add(client, kind="status", status=status, body={"a": 1})
    reply = client.get(JOBS, params={"id": "x"})
    assert (reply.status_code, reply.content) == (status, b"")


@pytest.fixture
def starter(client):
    """A fake handler of get_job: with the ID `start` it starts a job, any other is refused."""
    handlers = client.simulator.registry.handlers
    original = handlers["get_job"]

    def start(site, request):
        if request.query["id"] != "start":
            return original(site, request)
        return {"job": site.start_job("Work", seconds=10).as_reply(site.clock.now_ms())}

    handlers["get_job"] = start
    yield lambda: client.get(JOBS, params={"id": "start"}).json()["job"]["id"]
    handlers["get_job"] = original


def test_a_refused_request_leaves_the_rule_for_the_next_job(client, starter):
    add(client, kind="job_fail", operation="get_job", reason="disk full", skip=1)
    started = []
    for _unused in range(3):
        assert client.get(JOBS, params={"id": "unknown"}).status_code == 400
        started.append(starter())
    client.advance(10)
    assert [client.site.jobs[job].status for job in started] == ["Completed", "Failed", "Completed"]
    shown = [entry["faults"] for entry in client.simulator.requests.last(6)]
    assert sorted(shown) == [[], [], [], [], [], ["job_fail"]]


def test_a_rule_for_one_job_matches_one_of_two_at_a_time(client, starter):
    add(client, kind="delay", seconds=500, simulated=True, count=2)
    add(client, kind="job_fail")
    started = []
    threads = [threading.Thread(target=lambda: started.append(starter())) for _unused in range(2)]
    for thread in threads:
        thread.start()
    while sum(rule.hits for rule in client.simulator.faults.rules) < 2:
        threads[0].join(0.01)
    client.site.clock.advance(500)
    for thread in threads:
        thread.join(20)
    client.advance(10)
    assert sorted(client.site.jobs[job].status for job in started) == ["Completed", "Failed"]


def test_rules_are_added_all_or_none(client):
    rules = [{"kind": "busy", "id": "one"}, {"kind": "busy", "id": "one"}]
    reply = client.raw("POST", "/_simulator/faults", json=rules)
    assert (reply.status_code, client.simulator.faults.rules) == (400, [])
    reply = client.raw("POST", "/_simulator/faults", json={"kind": "busy", "operation": "create_instnace"})
    assert (reply.status_code, "create_instnace" in reply.json()["error"]) == (400, True)
