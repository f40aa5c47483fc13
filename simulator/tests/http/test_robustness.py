# SPDX-License-Identifier: GPL-3.0-or-later
"""Bad bodies, slow clients, signals in the middle of a request, a port in use."""

from __future__ import annotations

import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import threading

import pytest
from conftest import wait_until

COMMAND = [sys.executable, "-m", "tpops_simulator", "serve"]
HOSTS = "/gaussdb/v3/hosts"
KEY_PAIRS = "/gaussdb/v3/hosts/key-pair"


def connection(client):
    context = ssl.create_default_context(cafile=str(client.server.tls.ca))
    raw = socket.create_connection(("127.0.0.1", client.server.port), timeout=20)
    return context.wrap_socket(raw, server_hostname="127.0.0.1")


def until_closed(stream):
    parts = []
    try:
        while part := stream.recv(65536):
            parts.append(part)
    except OSError:
        pass
    return b"".join(parts)


@pytest.mark.parametrize(
    "body",
    [
        b'{"name": "\xff\xfe"}',
        '{"name": "x"}'.encode("utf-16"),
        b'{"name": "\\ud800"}',
        b"{",
        b"\x00" * 100,
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b"null",
        b"NaN",
        b'{"name": 1e999}',
        b"1" * 5000,
    ],
    ids=lambda body: repr(body[:12]),
)
def test_bodies_that_are_not_json(client, body):
    reply = client.post(KEY_PAIRS, data=body, headers={"Content-Type": "application/json"})
    assert reply.status_code == 400, reply.text
    assert set(reply.json()) == {"error_code", "error_msg"}
    assert client.get(HOSTS).status_code == 200


def test_huge_body_is_refused(client):
    reply = client.post(KEY_PAIRS, data=b" " * (17 * 1024 * 1024), headers={"Content-Type": "application/json"})
    assert reply.status_code == 413
    assert client.get(HOSTS).status_code == 200


def test_unknown_query_parameters_and_paths(client):
    assert client.get(HOSTS, params={"surprise": 1}).status_code == 400
    assert client.get(HOSTS + "/", allow_redirects=False).status_code == 404


def test_another_method_gets_the_allowed_ones(client):
    reply = client.request("PATCH", HOSTS)
    assert (reply.status_code, reply.headers["Allow"]) == (405, "DELETE, GET, POST, PUT")
    assert client.request("OPTIONS", "/gaussdb/v3/inspections/items").headers["Allow"] == "GET"


@pytest.mark.parametrize("media", ["multipart/form-data", "multipart/form-data; boundary=x", "text/plain", "nonsense"])
def test_the_media_type_of_a_read_does_not_matter(client, media):
    assert client.get(HOSTS, headers={"Content-Type": media}).status_code == 200


def test_a_slow_client_does_not_delay_others(client):
    slow = connection(client)
    body = b'{"name": "slowly", "key_algorithms": "RSA_2048"}'
    head = f"POST /rds{KEY_PAIRS} HTTP/1.1\r\nHost: localhost\r\nX-Mini-Token: {client.token}\r\n"
    head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    slow.sendall(head.encode() + body[:7])
    # This would not return before the slow one has sent the rest, which it does afterwards.
    assert client.get(HOSTS).status_code == 200
    for number in range(7, len(body)):
        slow.sendall(body[number : number + 1])
    assert slow.recv(65536).startswith(b"HTTP/1.1 2")
    slow.close()


def test_a_client_that_disconnects_in_the_middle(client):
    for rest in (b"", b"Content-Type: application/json\r\nContent-Length: 500\r\n\r\n{"):
        stream = connection(client)
        stream.sendall(f"POST /rds{KEY_PAIRS} HTTP/1.1\r\nX-Mini-Token: {client.token}\r\n".encode() + rest)
        stream.close()
    assert client.get(HOSTS).status_code == 200


def test_requests_that_are_not_http(client):
    stream = connection(client)
    stream.sendall(b"\x00\x01 nonsense\r\n\r\n")
    assert b"400" in until_closed(stream)
    raw = socket.create_connection(("127.0.0.1", client.server.port), timeout=20)
    raw.sendall(b"GET / HTTP/1.1\r\n\r\n")  # no TLS
    until_closed(raw)
    raw.close()
    assert client.get(HOSTS).status_code == 200


@pytest.fixture
def process(tmp_path):
    environment = {**os.environ, "TPOPS_SIMULATOR_PASSWORD": "Simulated-Pw1"}
    options = ["--port", "0", "--ca-file", str(tmp_path / "ca"), "--admin", "--pid-file", str(tmp_path / "pid")]
    started = subprocess.Popen(
        [*COMMAND, *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    )
    yield started
    if started.poll() is None:
        started.kill()
    started.communicate()


def test_a_signal_during_a_request(process, tmp_path):
    """A request in progress gets its reply, one that never ends does not block the process."""
    facts = json.loads(process.stdout.readline())
    context = ssl.create_default_context(cafile=facts["ca_file"])

    def send(method, path, body):
        raw = socket.create_connection(("127.0.0.1", facts["port"]), timeout=20)
        stream = context.wrap_socket(raw, server_hostname="127.0.0.1")
        content = json.dumps(body).encode()
        head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        stream.sendall(
            head.encode() + f"Content-Length: {len(content)}\r\nConnection: close\r\n\r\n".encode() + content
        )
        return stream

    def struck(kind):
        head, _unused, body = until_closed(send("GET", "/_simulator/faults", None)).partition(b"\r\n\r\n")
        assert b" 200 " in head
        return next(rule["hits"] for rule in json.loads(body)["faults"] if rule["kind"] == kind) == 1

    rules = [
        {"kind": "timeout", "operation": "create_token"},
        {"kind": "delay", "operation": "create_token", "seconds": 1.5},
    ]
    assert b" 200 " in until_closed(send("POST", "/_simulator/faults", rules))
    login = {"username": "admin", "password": "Simulated-Pw1"}
    replies = []
    hanging = send("POST", "/rds/v3/auth/mini-token", login)
    wait_until(lambda: struck("timeout"))
    stream = send("POST", "/rds/v3/auth/mini-token", login)
    reader = threading.Thread(target=lambda: replies.append(until_closed(stream)))
    reader.start()
    wait_until(lambda: struck("delay"))
    assert not replies
    process.send_signal(signal.SIGTERM)
    _out, err = process.communicate(timeout=20)
    reader.join(20)
    hanging.close()
    assert process.returncode == 0, err
    assert "Traceback" not in err
    assert replies and replies[0].startswith(b"HTTP/1.1 200")
    assert not (tmp_path / "pid").exists()


def test_a_port_in_use():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        environment = {**os.environ, "TPOPS_SIMULATOR_PASSWORD": "Simulated-Pw1"}
        command = [*COMMAND, "--port", str(port)]
        result = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, env=environment)
    assert result.returncode == 2
    (line,) = result.stderr.splitlines()
    assert line == f"tpops-simulator: cannot listen on 127.0.0.1 port {port}: Address already in use"
