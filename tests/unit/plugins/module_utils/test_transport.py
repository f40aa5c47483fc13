# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The transport over real TLS and real sockets: certificates, proxies, lost connections."""

from __future__ import annotations

import http.client
import socket
import ssl
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests
import urllib3

from ansible_collections.gaussdb.tpops.plugins.module_utils.connection import Connection
from ansible_collections.gaussdb.tpops.plugins.module_utils.errors import InputError
from ansible_collections.gaussdb.tpops.plugins.module_utils.transport import Lost, Response, Transport
from ansible_collections.gaussdb.tpops.tests.unit.support import Answer, FakeSession, ScriptedServer, TlsFiles

TOKEN = "TheToken123"


def exchange(server: ScriptedServer | str, method: str = "GET", path: str = "/v3/x", body: Any = None, **options: Any) -> Response | Lost:
    endpoint = server if isinstance(server, str) else server.endpoint
    transport = Transport(Connection(endpoint, **options))
    try:
        return transport.exchange(method, path, {}, body, {"X-Mini-Token": TOKEN})
    finally:
        transport.close()


def test_request_as_the_platform_sees_it(server: ScriptedServer, tls: TlsFiles) -> None:
    server.script = [Answer(data={"ok": True}, headers={"X-TRACE-ID": "t-1"})]
    transport = Transport(Connection(server.endpoint, ca_path=tls.ca))
    query = {"name": "a b&c", "flag": True, "limit": 100, "ids": [1, "x"]}
    reply = transport.exchange("POST", "/v3/items/a%2Fb/c", query, {"name": "名"}, {"X-Mini-Token": TOKEN})
    assert isinstance(reply, Response)
    assert (reply.status, reply.content, reply.trace_id, reply.media_type) == (200, b'{"ok": true}', "t-1", "application/json")
    seen = server.seen[0]
    assert (seen.method, seen.path, seen.body) == ("POST", "/rds/v3/items/a%2Fb/c", {"name": "名"})
    assert seen.query == "name=a+b%26c&flag=true&limit=100&ids=1&ids=x"
    assert seen.headers["Content-Type"] == "application/json"
    assert seen.headers["User-Agent"] == "ansible-gaussdb.tpops"
    transport.exchange("GET", "/v3/x", {}, None, {})
    assert server.seen[1].body is None
    assert transport.requests_sent == 2


def test_ca_path_wins_over_the_environment(
    server: ScriptedServer, tls: TlsFiles, other_tls: TlsFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.setenv(variable, other_tls.ca)
    assert isinstance(exchange(server, ca_path=tls.ca), Response)


def test_environment_does_not_heal_a_wrong_ca_path(
    server: ScriptedServer, tls: TlsFiles, other_tls: TlsFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.setenv(variable, tls.ca)
    lost = exchange(server, "POST", ca_path=other_tls.ca)
    assert isinstance(lost, Lost)
    assert (lost.sent, lost.passing) == (False, False)
    assert "certificate" in lost.reason and "ca_path" in str(lost.hint) and "validate_certs" in str(lost.hint)
    assert server.seen == []


def test_environment_cannot_turn_the_check_on_again(
    server: ScriptedServer, other_tls: TlsFiles, monkeypatch: pytest.MonkeyPatch, recwarn: pytest.WarningsRecorder
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", other_tls.ca)
    assert isinstance(exchange(server, validate_certs=False), Response)
    assert not [each for each in recwarn if issubclass(each.category, urllib3.exceptions.InsecureRequestWarning)]


def test_environment_is_the_default(server: ScriptedServer, tls: TlsFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(exchange(server), Lost)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", tls.ca)
    assert isinstance(exchange(server), Response)


def test_certificate_for_another_host(make_server: Callable[..., ScriptedServer], other_tls: TlsFiles) -> None:
    lost = exchange(make_server(other_tls), ca_path=other_tls.ca)
    assert isinstance(lost, Lost) and not lost.sent
    assert "127.0.0.1" in lost.reason


def test_ca_path_that_holds_no_certificate(server: ScriptedServer, tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("nothing")
    lost = exchange(server, "POST", ca_path=str(tmp_path / "ca.pem"))
    assert isinstance(lost, Lost) and not lost.sent and not lost.passing
    assert "ca_path" in str(lost.hint)


def test_server_without_tls(make_server: Callable[..., ScriptedServer], tls: TlsFiles) -> None:
    lost = exchange(make_server(use_tls=False), "POST", ca_path=tls.ca)
    assert isinstance(lost, Lost)
    assert (lost.sent, lost.passing) == (False, False)
    assert lost.reason.startswith("TLS failed")


def test_nobody_listens(tls: TlsFiles) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        lost = exchange(f"127.0.0.1:{taken.getsockname()[1]}", "POST", ca_path=tls.ca)
    assert lost == Lost("the connection was refused", sent=False, passing=True)


def test_unknown_host(tls: TlsFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    def resolve(*_arguments: object, **_options: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    lost = exchange("no-such-host.invalid:8002", "POST", ca_path=tls.ca)
    assert lost == Lost("the host name cannot be resolved", sent=False, passing=True)


@pytest.mark.parametrize("fault", ["reset", "close"])
def test_connection_closed_without_a_reply(server: ScriptedServer, tls: TlsFiles, fault: str) -> None:
    server.script = [Answer(fault=fault)]
    lost = exchange(server, "POST", ca_path=tls.ca, body={})
    assert lost == Lost("the connection was closed before the reply was complete", sent=True, passing=True)
    assert len(server.seen) == 1


def test_reply_cut_off(server: ScriptedServer, tls: TlsFiles) -> None:
    server.script = [Answer(data={"hosts": ["x" * 50]}, fault="cut")]
    lost = exchange(server, "POST", ca_path=tls.ca, body={})
    assert isinstance(lost, Lost) and lost.sent and lost.passing


def test_reply_cut_off_unnoticed_by_the_library() -> None:
    session = FakeSession([Answer(content=b"half", headers={"Content-Length": "8"})])
    lost = Transport(Connection("host"), session).exchange("GET", "/v3/x", {}, None, {})
    assert isinstance(lost, Lost) and lost.reason == "the reply was cut off" and lost.response is not None
    session = FakeSession([Answer(content=b"unpacked", headers={"Content-Length": "4000", "Content-Encoding": "gzip"})])
    assert isinstance(Transport(Connection("host"), session).exchange("GET", "/v3/x", {}, None, {}), Response)


def test_no_reply_in_time(tls: TlsFiles) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        lost = exchange(f"127.0.0.1:{silent.getsockname()[1]}", "POST", ca_path=tls.ca, timeout=0.05)
    # It hangs in the handshake; nothing proves that.
    assert lost == Lost("no reply came within 0.05 seconds", sent=True, passing=True)


def test_proxy_of_the_environment_is_used(server: ScriptedServer, tls: TlsFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        monkeypatch.setenv("HTTPS_PROXY", f"http://user:ProxyPw1@127.0.0.1:{taken.getsockname()[1]}")
        lost = exchange(server, "POST", ca_path=tls.ca)
        assert isinstance(lost, Lost) and not lost.sent
        assert "NO_PROXY" in str(lost.hint) and "ProxyPw1" not in repr(lost)
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        assert isinstance(exchange(server, ca_path=tls.ca), Response)


def test_proxy_that_refuses(
    server: ScriptedServer, make_server: Callable[..., ScriptedServer], tls: TlsFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", f"http://{make_server(use_tls=False).endpoint}")
    lost = exchange(server, "POST", ca_path=tls.ca)
    assert isinstance(lost, Lost)
    assert (lost.reason, lost.sent, lost.passing) == ("the proxy refuses to connect to the platform", False, False)


def test_netrc_adds_nothing(server: ScriptedServer, tls: TlsFiles, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login someone password something\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    exchange(server, ca_path=tls.ca)
    assert server.seen[0].headers["Authorization"] is None


def test_redirects_are_not_followed(server: ScriptedServer, make_server: Callable[..., ScriptedServer], tls: TlsFiles) -> None:
    other = make_server()
    server.script = [Answer(302, headers={"Location": f"https://{other.endpoint}/rds/v3/x"})]
    reply = exchange(server, ca_path=tls.ca)
    assert isinstance(reply, Response) and reply.status == 302
    assert other.seen == []


def test_session_is_opened_late_and_again_after_closing() -> None:
    session = FakeSession([Answer(data={})])
    transport = Transport(Connection("host", timeout=7), session)
    transport.close()
    assert session.closed == 0 and session.trust_env is True
    transport.exchange("GET", "/v3/x", {}, None, {})
    assert session.trust_env is False
    transport.close()
    assert session.closed == 1
    transport.exchange("GET", "/v3/x", {}, None, {})
    assert session.sent[0].options == {"timeout": 7, "verify": True, "proxies": {}, "allow_redirects": False}


def test_text_that_is_no_utf8_is_refused_without_quoting_it() -> None:
    with pytest.raises(InputError) as caught:
        Transport(Connection("host"), FakeSession([])).exchange("POST", "/v3/x", {}, {"password": "Hidden\udcff"}, {})
    assert "Hidden" not in str(caught.value)
    assert caught.value.__context__ is None


POOL: Any = urllib3.HTTPSConnectionPool("host")


def wrapped(reason: Exception) -> Exception:
    return requests.ConnectionError(urllib3.exceptions.MaxRetryError(POOL, "/", reason))


class CertificateError(ValueError):
    """Stands for the one of urllib3 before version 2."""


def refused_in_handling() -> Exception:
    """A reset that came up while an unrelated refusal was being handled."""
    try:
        try:
            raise ConnectionRefusedError("another one")
        except ConnectionRefusedError:
            raise requests.ConnectionError(urllib3.exceptions.ProtocolError("aborted", ConnectionResetError())) from None
    except requests.ConnectionError as exc:
        return exc


@pytest.mark.parametrize(
    ("exception", "sent", "passing", "reason"),
    [
        (requests.exceptions.InvalidHeader("Invalid header value: TheToken123"), False, False, "refuses"),
        (requests.exceptions.InvalidProxyURL("http://u:ProxyPw1@"), False, False, "refuses"),
        (wrapped(urllib3.exceptions.ConnectTimeoutError("slow")), False, True, "no connection was made"),
        (wrapped(urllib3.exceptions.NewConnectionError(POOL, "failed: [Errno 113] No route to host")), False, True, "No route to host"),
        (wrapped(urllib3.exceptions.NewConnectionError(POOL, "failed: [Errno 111] Connection refused")), False, True, "was refused"),
        (wrapped(urllib3.exceptions.NewConnectionError(POOL, "failed: [Errno -2] Not known")), False, True, "cannot be resolved"),
        (wrapped(urllib3.exceptions.NewConnectionError(POOL, "failed")), False, True, "no connection could be made"),
        (wrapped(urllib3.exceptions.ReadTimeoutError(POOL, "/", "slow")), True, True, "no reply came"),
        (requests.exceptions.SSLError(ssl.SSLError(1, "[SSL: BAD_RECORD] x")), True, False, "TLS failed"),
        (requests.exceptions.SSLError(urllib3.exceptions.SSLError("odd")), True, False, "TLS failed (unknown reason)"),
        (requests.exceptions.SSLError(urllib3.exceptions.SSLError(CertificateError("hostname x"))), False, False, "hostname x"),
        (requests.exceptions.SSLError(ssl.SSLEOFError(8, "EOF")), True, True, "closed"),
        (requests.exceptions.ProxyError(wrapped(urllib3.exceptions.ProxyError("x", ConnectionResetError()))), True, True, "closed"),
        (requests.exceptions.ChunkedEncodingError("x"), True, True, "cut off"),
        (requests.exceptions.ContentDecodingError("x"), True, True, "cut off"),
        (http.client.BadStatusLine("x"), True, True, "BadStatusLine"),
        (OSError("Could not find a suitable TLS CA certificate bundle, invalid path"), False, False, "cannot be read"),
        (urllib3.exceptions.ProtocolError("x"), True, True, "ProtocolError"),
        (refused_in_handling(), True, True, "closed"),
    ],
)
def test_only_what_is_proven_counts_as_unsent(exception: Exception, sent: bool, passing: bool, reason: str) -> None:
    lost = Transport(Connection("host"), FakeSession([exception])).exchange("POST", "/v3/x", {}, None, {})
    assert isinstance(lost, Lost)
    assert (lost.sent, lost.passing) == (sent, passing)
    assert reason in lost.reason
    assert TOKEN not in repr(lost) and "ProxyPw1" not in repr(lost)


def test_warnings_of_others_are_left_alone(server: ScriptedServer) -> None:
    before = list(warnings.filters)
    exchange(server, validate_certs=False)
    assert warnings.filters == before
