# SPDX-License-Identifier: GPL-3.0-or-later
"""The admin API, the request log, the index page, estates."""

from __future__ import annotations

import http.client
import ssl
import time

import pytest

from tpops_simulator.model import estate
from tpops_simulator.model.clock import Clock
from tpops_simulator.model.site import Site


def admin(client, method, name, **options):
    return client.raw(method, f"/_simulator/{name}", **options)


def test_request_log(client):
    assert admin(client, "DELETE", "requests").status_code == 204
    client.get("/v3/jobs", params={"id": "abc"})
    client.get("/v3/no-such-thing")
    first, second = admin(client, "GET", "requests").json()["requests"]
    assert (first["operation_id"], first["status"], first["write"], first["user"]) == ("get_job", 400, False, "admin")
    assert first["query"] == {"id": "abc"}
    assert first["duration_ms"] > 0
    assert (second["operation_id"], second["status"]) == (None, 404)
    assert second["sequence"] == first["sequence"] + 1
    assert admin(client, "GET", "state").json()["last_request"] == second["sequence"]
    later = admin(client, "GET", f"requests/{first['sequence']}").json()["requests"]
    assert [e["sequence"] for e in later] == [second["sequence"]]


def test_clock_and_jobs(client):
    job = client.site.start_job("Work", seconds=50, steps=("a", "b"))
    reply = admin(client, "GET", "clock").json()
    assert reply["next_due_in"] == 50
    assert admin(client, "POST", "clock", json={"advance": 30}).json()["epoch"] == reply["epoch"] + 30
    shown = next(j for j in admin(client, "GET", "jobs").json()["jobs"] if j["id"] == job.id)
    assert (shown["status"], shown["progress"], shown["step"]) == ("Running", "60", "b")
    reply = admin(client, "POST", f"jobs/{job.id}", json={"status": "Failed", "reason": "made to"})
    assert reply.json()["job"]["fail_reason"] == "made to"
    assert admin(client, "POST", "clock", json={"advance": -1}).status_code == 400
    assert admin(client, "POST", "clock", data=b"\xff").status_code == 400


def test_the_clock_continues_at_another_speed(client):
    before = admin(client, "GET", "clock").json()
    faster = admin(client, "POST", "clock", json={"speed": 3600}).json()
    assert (before["speed"], faster["speed"]) == (0, 3600)
    time.sleep(0.01)
    now = admin(client, "POST", "clock", json={"advance": 60, "speed": 0}).json()
    assert now["epoch"] > before["epoch"] + 60
    assert admin(client, "GET", "clock").json()["epoch"] == now["epoch"]
    for wrong in ({}, {"speed": "fast"}, {"speed": -1}, {"speed": 1, "way": 1}):
        assert admin(client, "POST", "clock", json=wrong).status_code == 400


def test_state_tokens_and_unknown(client):
    assert admin(client, "GET", "state").json()["operations"] == len(client.simulator.contract.operations)
    assert admin(client, "GET", "nonsense").status_code == 404
    assert admin(client, "DELETE", "tokens").status_code == 204
    assert client.get("/v3/jobs", params={"id": "x"}).status_code == 401


@pytest.mark.parametrize(
    ("method", "name", "body", "status", "text"),
    [
        ("GET", "requests/last", None, 400, "give requests/N, a sequence number"),
        ("DELETE", "faults/9", None, 404, "fault rule 9 does not exist"),
        (
            "POST",
            "clock",
            {"advance": "soon"},
            400,
            'give {"advance": SECONDS} or {"speed": TIMES}, numbers that are not negative',
        ),
        ("POST", "site", {"up": "no"}, 400, 'give {"up": true|false} and optionally "mode": "reset" or "503"'),
        ("POST", "jobs/x", {"status": "Completed"}, 404, "job x does not exist"),
        ("POST", "faults", [1], 400, None),
        ("POST", "clock", [1], 400, "the body must be an object"),
    ],
)
def test_messages_for_wrong_requests(client, method, name, body, status, text):
    reply = admin(client, method, name, **({} if body is None else {"json": body}))
    assert reply.status_code == status
    assert text is None or reply.json()["error"] == text


def test_a_job_ends_only_as_completed_or_failed(client):
    job = client.site.start_job("Work", seconds=50, steps=("a",))
    reply = admin(client, "POST", f"jobs/{job.id}", json={"status": "Running"})
    assert (reply.status_code, reply.json()["error"]) == (
        400,
        'give {"status": "Completed"} or {"status": "Failed", "reason": ...}',
    )
    assert admin(client, "POST", f"jobs/{job.id}", json={"status": "Completed"}).json()["job"]["status"] == "Completed"


def test_off_by_default(fresh):
    client = fresh(admin=False)
    reply = client.raw("GET", "/_simulator/state")
    assert reply.status_code == 404
    assert reply.json() == {"error_code": "SIM.0404", "error_msg": "The admin API is off; start with --admin."}


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://{host}"},
        {"Origin": "https://127.0.0.1:1"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://{host}", "Sec-Fetch-Site": "cross-site"},
        {"Host": "evil.example"},
        {"Host": "evil.example:8002", "Origin": "https://evil.example:8002", "Sec-Fetch-Site": "same-origin"},
        {"Host": "127.0.0.1.evil.example"},
        {"Host": "[::1"},
    ],
    ids=str,
)
def test_a_page_of_another_site_cannot_use_it(client, headers):
    headers = {name: value.format(host=client.server.endpoint) for name, value in headers.items()}
    for method, name, body in (
        ("POST", "site", '{"up": false}'),
        ("GET", "requests", None),
        ("DELETE", "estate", None),
    ):
        reply = admin(client, method, name, data=body, headers={"Content-Type": "text/plain", **headers})
        assert reply.status_code == 403, reply.text
    assert client.site.up
    assert "Access-Control-Allow-Origin" not in reply.headers


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "https://{host}", "Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
        {"Host": "localhost:1234"},
        {"Host": "[::1]:8002", "Origin": "https://[::1]:8002"},
        {"Host": "192.0.2.1"},
        {"Host": "Tpops.Example:8002", "Origin": "https://tpops.example:8002"},
    ],
    ids=str,
)
def test_programs_and_its_own_pages_can_use_it(client, headers):
    client.simulator._names.add("tpops.example")
    headers = {name: value.format(host=client.server.endpoint) for name, value in headers.items()}
    assert admin(client, "GET", "state", headers=headers).status_code == 200
    assert client.raw("GET", "/", headers=headers).status_code == 200


def test_the_page_is_shown_under_its_own_names_only(client):
    client.site.start_job("Secret work")
    reply = client.raw("GET", "/", headers={"Host": "evil.example"})
    assert reply.status_code == 403 and "Secret work" not in reply.text and "--san" in reply.text
    # A link on a page of another site may point here; a frame around the page may not.
    reply = client.raw("GET", "/", headers={"Sec-Fetch-Site": "cross-site"})
    assert reply.status_code == 200 and "frame-ancestors 'none'" in reply.headers["Content-Security-Policy"]


def test_estate(client):
    reply = admin(client, "POST", "estate", data="job_seconds: {Work: 7}\n")
    assert reply.json() == {"loaded": {"job_seconds": 1}}
    assert client.site.start_job("Work", seconds=100).seconds == 7
    assert admin(client, "GET", "estate").json()["job_seconds"] == {"Work": 7.0}
    for text, word in (
        ("nonsense: 1", "nonsense"),
        ("- 1", "mapping"),
        ("a: [", "YAML"),
        ("users: [{name: x}]", "password"),
        ("job_seconds: {Work: soon}", "number"),
    ):
        reply = admin(client, "POST", "estate", data=text)
        assert reply.status_code == 400
        assert word in reply.json()["error"]


def test_the_site_can_be_cleared(client):
    admin(client, "POST", "estate", data="instances: [{name: orders, solution: single}]\njob_seconds: {Work: 7}\n")
    client.site.start_job("Work", instance_id=next(iter(client.site.instances)), seconds=100)
    assert admin(client, "DELETE", "estate").status_code == 204
    assert not admin(client, "GET", "estate").json().keys() & {"instances", "hosts", "data_centers", "job_seconds"}
    assert admin(client, "GET", "jobs").json() == {"jobs": []}
    assert client.site.next_due() is None
    # Users stay logged in, and the same estate can be loaded again.
    assert client.get("/gaussdb/v3/hosts").status_code == 200
    assert admin(client, "POST", "estate", data="instances: [{name: orders, solution: single}]\n").status_code == 200


def test_estate_users_may_log_in(client):
    estate.load(client.site, {"users": [{"name": "auditor", "password": "Long-Enough-1", "read_only": True}]})
    assert client.login("auditor", "Long-Enough-1")


def test_the_log_starts_with_the_first_request(fresh):
    entries = admin(fresh(), "GET", "requests").json()["requests"]
    assert [(entry["sequence"], entry["operation_id"]) for entry in entries] == [(1, "create_token")]


def test_page_escapes(client):
    client.site.start_job("<script>alert(1)</script>")
    client.get("/<b>")
    text = client.raw("GET", "/").text
    assert "<script>" not in text
    assert "&lt;script&gt;" in text
    assert "<b>" not in text


def test_page_shows_the_site(fresh):
    client = fresh()
    instances = [{"name": "orders", "solution": "triset"}]
    data = {"instances": instances, "node_failures": [{"instance": "orders", "node": 1}]}
    estate.load(client.site, data)
    client.site.start_job("Work", steps=("first",))
    client.get("/gaussdb/v3/hosts")
    reply = client.raw("GET", "/")
    assert "default-src 'none'" in reply.headers["Content-Security-Policy"]
    for word in ("orders", "Node down", "Work", "Running", "list_hosts", "orders-3", "in_use"):
        assert word in reply.text, word
    assert client.raw("GET", "/").text.count("<section") == 4


@pytest.mark.parametrize(("speed", "pace"), [(0, "stepped"), (60, "60 times as fast as real time")])
def test_page_shows_the_speed_of_time(fresh, speed, pace):
    assert f"UTC, {pace}" in fresh(clock=Clock(speed)).raw("GET", "/").text


def test_log_shows_the_user_of_a_request(client):
    context = ssl.create_default_context(cafile=str(client.server.tls.ca))
    connection = http.client.HTTPSConnection(
        "127.0.0.1", client.server.port, context=context, source_address=("127.0.0.9", 0)
    )
    connection.request("GET", "/rds/gaussdb/v3/hosts")
    connection.getresponse().read()
    connection.close()
    assert client.simulator.requests.last(1)[0]["client"] == "127.0.0.9"


def test_reply_outside_the_contract(fresh):
    client = fresh()
    client.simulator.registry.handlers["get_job"] = lambda site, request: {"job": {"id": 5}}
    reply = client.get("/v3/jobs", params={"id": "x"})
    assert (reply.status_code, reply.json()["error_code"]) == (500, "SIM.0500")
    assert "job" in reply.json()["error_msg"]
    client.simulator.registry.handlers["get_job"] = lambda site, request: 1 / 0
    reply = client.get("/v3/jobs", params={"id": "x"})
    assert (reply.status_code, reply.json()["error_code"]) == (500, "SIM.0500")
    del client.simulator.registry.handlers["get_job"]
    reply = client.get("/v3/jobs", params={"id": "x"})
    assert (reply.status_code, reply.json()["error_code"]) == (501, "SIM.0501")


def test_linked_sites_need_one_clock():
    one, two = Site(), Site()
    with pytest.raises(ValueError):
        one.link(two)
    other = Site(clock=one.clock)
    one.link(other)
    assert (one.peer, other.peer) == (other, one)
