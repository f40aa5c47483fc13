# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The transport over real TLS and real sockets: certificates, proxies, lost connections."""

from __future__ import annotations

import functools
import gzip
import http.client
import io
import socket
import ssl
import threading
import tracemalloc
import warnings
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import requests
import urllib3

from ansible_collections.gaussdb.tpops.plugins.module_utils.http import outcomes
from ansible_collections.gaussdb.tpops.plugins.module_utils.http import transport as transport_module
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.connection import Connection
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import InputError
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.outcomes import Lost, Response
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.transport import Transport
from ansible_collections.gaussdb.tpops.tests.unit.support import (
    Answer,
    FakeClock,
    FakeSession,
    RawServer,
    ScriptedServer,
    TlsFiles,
    make_tls,
)

TOKEN = "TheToken123"


def exchange(
    server: ScriptedServer | str, method: str = "GET", path: str = "/v3/x", body: Any = None, **options: Any
) -> Response | Lost:
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
    assert (reply.status, reply.content, reply.trace_id, reply.media_type) == (
        200,
        b'{"ok": true}',
        "t-1",
        "application/json",
    )
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
    assert (lost.sent, lost.transient) == (False, False)
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
    assert isinstance(lost, Lost) and not lost.sent and not lost.transient
    assert "ca_path" in str(lost.hint)


def test_server_without_tls(make_server: Callable[..., ScriptedServer], tls: TlsFiles) -> None:
    lost = exchange(make_server(use_tls=False), "POST", ca_path=tls.ca)
    assert isinstance(lost, Lost)
    assert (lost.sent, lost.transient) == (False, False)
    assert lost.reason.startswith("TLS failed")


def test_nobody_listens(tls: TlsFiles) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        lost = exchange(f"127.0.0.1:{taken.getsockname()[1]}", "POST", ca_path=tls.ca)
    assert lost == Lost("the connection was refused", sent=False, transient=True)


def test_unknown_host(tls: TlsFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    def resolve(*_arguments: object, **_options: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    lost = exchange("no-such-host.invalid:8002", "POST", ca_path=tls.ca)
    assert lost == Lost("the host name cannot be resolved", sent=False, transient=True)


@pytest.mark.parametrize("fault", ["reset", "close"])
def test_connection_closed_without_a_reply(server: ScriptedServer, tls: TlsFiles, fault: str) -> None:
    server.script = [Answer(fault=fault)]
    lost = exchange(server, "POST", ca_path=tls.ca, body={})
    assert lost == Lost("the connection was closed before the reply was complete", sent=True, transient=True)
    assert len(server.seen) == 1


def test_reply_cut_off(server: ScriptedServer, tls: TlsFiles) -> None:
    server.script = [Answer(data={"hosts": ["x" * 50]}, fault="cut")]
    lost = exchange(server, "POST", ca_path=tls.ca, body={})
    assert isinstance(lost, Lost) and lost.sent and lost.transient


def test_reply_cut_off_unnoticed_by_the_library() -> None:
    session = FakeSession([Answer(content=b"half", headers={"Content-Length": "8"})])
    lost = Transport(Connection("host"), session).exchange("GET", "/v3/x", {}, None, {})
    assert isinstance(lost, Lost) and lost.reason == "the reply was cut off" and lost.response is not None


def test_no_reply_in_time(tls: TlsFiles) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        lost = exchange(f"127.0.0.1:{silent.getsockname()[1]}", "POST", ca_path=tls.ca, timeout=0.05)
    # It hangs in the handshake; nothing proves that.
    assert lost == Lost("no reply came within 0.05 seconds", sent=True, transient=True, under_way=True)


def test_proxy_of_the_environment_is_used(
    server: ScriptedServer, tls: TlsFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
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
    address = make_server(use_tls=False).endpoint
    monkeypatch.setenv("HTTPS_PROXY", f"http://user:ProxyPw1@{address}")
    lost = exchange(server, "POST", ca_path=tls.ca)
    assert isinstance(lost, Lost)
    assert (lost.reason, lost.sent, lost.transient) == (
        f"the proxy http://{address} refuses to connect to the platform (501 Unsupported method ('CONNECT'))",
        False,
        False,
    )


def test_netrc_adds_nothing(
    server: ScriptedServer, tls: TlsFiles, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login someone password something\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    exchange(server, ca_path=tls.ca)
    assert server.seen[0].headers["Authorization"] is None


def test_redirects_are_not_followed(
    server: ScriptedServer, make_server: Callable[..., ScriptedServer], tls: TlsFiles
) -> None:
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
    assert session.sent[0].options == {
        "timeout": 7,
        "verify": True,
        "proxies": {},
        "allow_redirects": False,
        "stream": True,
    }


def test_text_that_is_no_utf8_is_refused_without_quoting_it() -> None:
    with pytest.raises(InputError) as caught:
        Transport(Connection("host"), FakeSession([])).exchange("POST", "/v3/x", {}, {"password": "Hidden\udcff"}, {})
    assert "Hidden" not in str(caught.value)
    assert caught.value.__context__ is None


POOL: Any = urllib3.HTTPSConnectionPool("host")


def wrapped(reason: Exception) -> Exception:
    return requests.ConnectionError(urllib3.exceptions.MaxRetryError(POOL, "/", reason))


class CertificateError(ValueError):
    """Replaces the one of urllib3 before version 2."""


def refused_in_handling() -> Exception:
    """A reset during the handling of an unrelated refusal."""
    try:
        try:
            raise ConnectionRefusedError("another one")
        except ConnectionRefusedError:
            raise requests.ConnectionError(
                urllib3.exceptions.ProtocolError("aborted", ConnectionResetError())
            ) from None
    except requests.ConnectionError as exc:
        return exc


@pytest.mark.parametrize(
    ("exception", "sent", "passing", "reason"),
    [
        (requests.exceptions.InvalidHeader("Invalid header value: TheToken123"), False, False, "rejects"),
        (requests.exceptions.InvalidProxyURL("http://u:ProxyPw1@"), False, False, "rejects"),
        (wrapped(urllib3.exceptions.ConnectTimeoutError("slow")), False, True, "no connection was established"),
        (
            wrapped(urllib3.exceptions.NewConnectionError(POOL, "failed: [Errno 113] No route to host")),
            False,
            True,
            "No route to host",
        ),
        (
            wrapped(urllib3.exceptions.NewConnectionError(POOL, "failed: [Errno 111] Connection refused")),
            False,
            True,
            "was refused",
        ),
        (
            wrapped(urllib3.exceptions.NewConnectionError(POOL, "failed: [Errno -2] Not known")),
            False,
            True,
            "cannot be resolved",
        ),
        (
            wrapped(urllib3.exceptions.NewConnectionError(POOL, "failed")),
            False,
            True,
            "no connection could be established",
        ),
        (wrapped(urllib3.exceptions.ReadTimeoutError(POOL, "/", "slow")), True, True, "no reply came"),
        (requests.exceptions.SSLError(ssl.SSLError(1, "[SSL: BAD_RECORD] x")), True, False, "TLS failed"),
        (requests.exceptions.SSLError(urllib3.exceptions.SSLError("odd")), True, False, "TLS failed (unknown reason)"),
        (
            requests.exceptions.SSLError(urllib3.exceptions.SSLError(CertificateError("hostname x"))),
            False,
            False,
            "hostname x",
        ),
        (requests.exceptions.SSLError(ssl.SSLEOFError(8, "EOF")), True, True, "closed"),
        (
            requests.exceptions.ProxyError(wrapped(urllib3.exceptions.ProxyError("x", ConnectionResetError()))),
            True,
            True,
            "closed",
        ),
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
    assert (lost.sent, lost.transient) == (sent, passing)
    assert reason in lost.reason
    assert TOKEN not in repr(lost) and "ProxyPw1" not in repr(lost)


def test_warnings_of_others_are_left_alone(server: ScriptedServer) -> None:
    before = list(warnings.filters)
    exchange(server, validate_certs=False)
    assert warnings.filters == before


# Limits


def endless(first: bytes, more: bytes) -> Callable[[Any, FakeClock], None]:
    """Talk without end; each piece takes 0.3 seconds of the client's clock."""

    def talk(sock: Any, clock: FakeClock) -> None:
        sock.sendall(first)
        while True:
            clock.now += 0.3
            sock.sendall(more)

    return talk


BEGIN = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


@pytest.mark.parametrize(
    "talk",
    [
        endless(b"HTTP/1.1 ", b"2"),
        endless(BEGIN + b"X-Long: ", b"x"),
        endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        endless(BEGIN + b"\r\n", b" "),
        endless(BEGIN + b"Content-Length: 100000000\r\n\r\n", b" "),
        endless(BEGIN + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
        endless(BEGIN + b"Transfer-Encoding: chunked\r\n\r\n1;", b"x"),
        endless(BEGIN + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"X: y\r\n"),
    ],
    ids=["status line", "header", "continue", "body", "announced body", "chunks", "size of a chunk", "trailer"],
)
def test_reply_that_drips_has_an_end(
    make_raw_server: Callable[..., RawServer], tls: TlsFiles, clock: FakeClock, talk: Callable[[Any, FakeClock], None]
) -> None:
    """No single wait is long, so no timeout of a library ends it."""
    server = make_raw_server(lambda sock: talk(sock, clock))
    transport = Transport(Connection(server.endpoint, ca_path=tls.ca, timeout=20), clock=clock)
    lost = transport.exchange("POST", "/v3/x", {}, None, {})
    transport.close()
    assert lost == Lost("the reply was not complete within 80 seconds", sent=True, transient=True)


def test_proxy_that_drips_has_an_end(
    make_raw_server: Callable[..., RawServer], tls: TlsFiles, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    talk = endless(b"HTTP/1.1 200 OK\r\nX-Long: ", b"x")
    monkeypatch.setenv(
        "HTTPS_PROXY", f"http://{make_raw_server(lambda sock: talk(sock, clock), use_tls=False).endpoint}"
    )
    lost = Transport(Connection("host", ca_path=tls.ca, timeout=20), clock=clock).exchange("GET", "/v3/x", {}, None, {})
    assert isinstance(lost, Lost) and "80 seconds" in lost.reason


def test_connections_through_a_proxy_have_the_same_limits(clock: FakeClock) -> None:
    session = Transport(Connection("host", timeout=20), clock=clock)._new_session()
    adapter = session.get_adapter("https://host:8002/rds")
    for proxy in ("http://proxy:3128", "socks5://proxy:1080"):
        pools = [adapter.proxy_manager_for(proxy).pool_classes_by_scheme["https"] for _request in range(2)]
        assert issubclass(pools[0], transport_module._BoundedPool)
        assert pools[0] is pools[1]


def test_last_wait_is_cut_at_the_end_of_the_exchange(clock: FakeClock) -> None:
    transport = Transport(Connection("host", timeout=20), FakeSession([Answer(data={})]), clock)
    transport.exchange("GET", "/v3/x", {}, None, {})
    for seconds, patience in ((0, 20), (60, 20), (10, 10), (9.5, 0.5)):
        clock.now += seconds
        assert transport._patience() == patience
    clock.now += 0.5
    with pytest.raises(TimeoutError):
        transport._patience()


def test_wait_for_a_part_does_not_change_the_connection() -> None:
    here, there = socket.socketpair()
    with here, there:
        here.settimeout(5)
        file = transport_module._BoundedSocket(here, lambda: 0.01).makefile("rb")
        there.sendall(b"a line\n")
        assert file.readline() == b"a line\n"
        with pytest.raises(TimeoutError):
            file.readline()
        assert here.gettimeout() == 5
        file.close()


def test_time_of_an_exchange_is_not_that_of_the_next_one(
    server: ScriptedServer, tls: TlsFiles, clock: FakeClock
) -> None:
    transport = Transport(Connection(server.endpoint, ca_path=tls.ca, timeout=20), clock=clock)
    for _number in range(3):
        assert isinstance(transport.exchange("GET", "/v3/x", {}, None, {}), Response)
        clock.now += 60
    assert len({each.headers["X-Client-Port"] for each in server.seen}) == 1
    transport.close()


@pytest.fixture
def small_limits(monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(transport_module, "LARGEST_REPLY", 1024**2)
    monkeypatch.setattr(transport_module, "_LARGEST_WIRE", 2 * 1024**2)
    return 1024**2


@functools.cache
def zipped(size: int, times: int = 1) -> bytes:
    content = b" " * size
    for _time in range(times):
        content = gzip.compress(content, 9)
    return content


def test_largest_reply_is_read_and_no_larger_one(server: ScriptedServer, tls: TlsFiles, small_limits: int) -> None:
    server.script = [
        Answer(content=b" " * small_limits),
        Answer(content=zipped(small_limits), headers={"Content-Encoding": "gzip"}),
        Answer(content=b" " * (small_limits + 1)),
        Answer(content=zipped(small_limits + 1), headers={"Content-Encoding": "gzip"}),
    ]
    replies = [exchange(server, ca_path=tls.ca) for _number in range(4)]
    assert [len(each.content) for each in replies if isinstance(each, Response)] == [small_limits, small_limits]
    for reply in replies[2:]:
        assert isinstance(reply, Lost) and reply.response is not None
        assert (reply.reason, reply.sent, reply.transient, reply.response.status) == (
            "the reply is larger than 1 MiB",
            True,
            False,
            200,
        )


@pytest.mark.parametrize("status", [200, 302, 500])
@pytest.mark.parametrize("times", [1, 2])
def test_bomb_takes_little_memory(
    server: ScriptedServer, tls: TlsFiles, small_limits: int, status: int, times: int
) -> None:
    headers = {"Content-Encoding": ", ".join(["gzip"] * times), "Location": "https://elsewhere.example/"}
    server.script = [Answer(status, content=zipped(64 * 1024**2, times), headers=headers)]
    tracemalloc.start()
    try:
        lost = exchange(server, ca_path=tls.ca)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert isinstance(lost, Lost) and (lost.sent, lost.transient) == (True, False)
    assert peak < 24 * small_limits


@pytest.mark.parametrize(
    "begin",
    [
        BEGIN + b"\r\n",
        BEGIN + b"Content-Length: 99999999999\r\n\r\n",
        BEGIN + b"Transfer-Encoding: chunked\r\n\r\n",
        BEGIN + b"Transfer-Encoding: chunked\r\n\r\n-5\r\n",
        BEGIN + b"Transfer-Encoding: chunked\r\n\r\n0\r\n",
    ],
    ids=["body", "announced body", "size of a chunk", "negative chunk", "trailer"],
)
def test_flood_has_an_end(
    make_raw_server: Callable[..., RawServer], tls: TlsFiles, small_limits: int, begin: bytes
) -> None:
    def talk(sock: Any) -> None:
        sock.sendall(begin)
        while True:
            sock.sendall(b"1" * 65536)

    lost = exchange(make_raw_server(talk).endpoint, ca_path=tls.ca)
    assert isinstance(lost, Lost) and lost.sent


def test_no_line_is_longer_than_a_reply(small_limits: int) -> None:
    """Some versions of urllib3 read the line before a chunk, and those after the last one, without a length limit."""

    class Flood(io.RawIOBase):
        def readable(self) -> bool:
            return True

        def readinto(self, buffer: Any) -> int:
            buffer[:] = b"1" * len(buffer)
            return len(buffer)

    sock = SimpleNamespace(
        gettimeout=lambda: 5, settimeout=lambda _seconds: None, makefile=lambda *_args, **_options: Flood()
    )
    with pytest.raises(transport_module._TooLarge):
        transport_module._BoundedSocket(sock, lambda: 1).makefile("rb").readline()


def test_packed_replies(server: ScriptedServer, tls: TlsFiles) -> None:
    """One member or several; truncated, broken or differently compressed data is not accepted as a reply."""
    text = b'{"ok": true}'
    packed = gzip.compress(text)
    answers = {
        "gzip": [packed, packed[:-9], packed + b"x", b"nothing", b""],
        "x-gzip": [gzip.compress(text[:5]) + gzip.compress(text[5:])],
        "br": [text, b""],
        "identity": [text],
    }
    server.script = [
        Answer(content=content, headers={"Content-Encoding": name})
        for name, contents in answers.items()
        for content in contents
    ]
    replies = [exchange(server, ca_path=tls.ca) for _answer in range(len(server.script))]
    assert [each.content if isinstance(each, Response) else each.reason for each in replies] == [
        text,
        *["the reply cannot be decompressed"] * 3,
        b"",
        text,
        "the reply has a compression that was not requested",
        b"",
        text,
    ]
    assert {each.headers["Accept-Encoding"] for each in server.seen} == {"gzip"}


@pytest.mark.parametrize(
    "raw",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: \xb2\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nSet-Cookie: a=b; expires=Mon, 99 Foo 99999 00:00:00\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nno header at all\r\n\r\n{}",
        b"HTTP/1.1 302 Found\r\nLocation: https://[::1\r\n\r\n{}",
    ],
)
def test_odd_headers_leave_the_reply_readable(
    make_raw_server: Callable[..., RawServer], tls: TlsFiles, raw: bytes
) -> None:
    reply = exchange(make_raw_server(lambda sock: sock.sendall(raw)).endpoint, ca_path=tls.ca)
    assert isinstance(reply, Response) and reply.content.endswith(b"{}")


@pytest.mark.parametrize(
    "raw",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2, 3\r\n\r\n{}",
        b"HTTP/1.1 \xb2 OK\r\n\r\n{}",
        b"HTTP/9.9 200 OK\r\n\r\n{}",
        b"HTTP/1.1 302 Found\r\nLocation: \xff\xfe\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 101 + b"\r\n{}",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70_000 + b"\r\n\r\n{}",
        b"220 mail.example ESMTP\r\n",
        b"\x00" * 1000,
    ],
)
def test_odd_replies_are_replies_or_lost(make_raw_server: Callable[..., RawServer], tls: TlsFiles, raw: bytes) -> None:
    reply = exchange(make_raw_server(lambda sock: sock.sendall(raw)).endpoint, ca_path=tls.ca)
    assert isinstance(reply, (Response, Lost))


# What to do about it


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (10, "Renew"),
        (9, "date and time"),
        *((code, "Set ca_path") for code in (2, 18, 19, 20, 21, 24, 79)),
        *((code, "host name") for code in (62, 64)),
        *((code, "stronger") for code in (66, 67, 68)),
        *((code, "Python 3.13 and later checks") for code in (80, 85, 92, 94)),
        *((code, "openssl") for code in (23, 65, 69, 95)),
    ],
)
def test_hint_about_a_certificate_fits_the_reason(code: int, words: str) -> None:
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_code, error.verify_message = code, "why it is not accepted."
    lost = Transport(Connection("host"), FakeSession([requests.exceptions.SSLError(error)])).exchange(
        "GET", "/v3/x", {}, None, {}
    )
    assert isinstance(lost, Lost) and not lost.sent and not lost.transient
    assert lost.reason == "the server's certificate is not valid: why it is not accepted"
    assert words in str(lost.hint)
    assert ("Set ca_path" in str(lost.hint)) == (words == "Set ca_path")


@pytest.mark.parametrize(
    ("days", "words"), [((-3, -1), "certificate has expired"), ((1, 3), "certificate is not yet valid")]
)
def test_certificate_out_of_its_time(
    make_server: Callable[..., ScriptedServer], tmp_path: Path, days: tuple[int, int], words: str
) -> None:
    files = make_tls(tmp_path, "old", days=days)
    lost = exchange(make_server(files), ca_path=files.ca)
    assert isinstance(lost, Lost) and words in lost.reason
    assert "date and time" in str(lost.hint) and "ca_path" not in str(lost.hint)


def test_port_without_tls(make_server: Callable[..., ScriptedServer]) -> None:
    assert "port of endpoint" in str(exchange(make_server(use_tls=False)).hint)  # type: ignore[union-attr]


@pytest.mark.parametrize("error", [PermissionError(13, "Permission denied"), IsADirectoryError(21, "Is a directory")])
def test_certificates_that_cannot_be_read(error: OSError) -> None:
    wrapping = requests.exceptions.SSLError(urllib3.exceptions.SSLError(error))
    lost = Transport(Connection("host"), FakeSession([wrapping])).exchange("POST", "/v3/x", {}, None, {})
    assert isinstance(lost, Lost)
    assert (lost.reason, lost.sent, lost.transient) == ("the CA certificates cannot be read", False, False)
    assert "readable file" in str(lost.hint)


# Proxies


@pytest.mark.parametrize(
    ("talk", "reason", "passing"),
    [
        (
            b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n",
            "refuses to connect to the platform (407 Proxy Authentication Required)",
            False,
        ),
        (b"HTTP/1.1 403 Forbidden\r\n\r\n", "refuses to connect to the platform (403 Forbidden)", False),
    ],
)
def test_proxy_that_says_why(
    make_raw_server: Callable[..., RawServer], monkeypatch: pytest.MonkeyPatch, talk: bytes, reason: str, passing: bool
) -> None:
    address = make_raw_server(lambda sock: sock.sendall(talk), use_tls=False).endpoint
    monkeypatch.setenv("HTTPS_PROXY", f"http://user:ProxyPw1@{address}")
    lost = exchange("platform.example:8002", "POST")
    assert lost == Lost(
        f"the proxy http://{address} {reason}", sent=False, transient=passing, hint=outcomes._PROXY_HINT
    )


def socks_server(reply: bytes) -> str:
    """Start a SOCKS5 proxy that answers one request."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with listener:
            connection, _address = listener.accept()
        with connection:
            connection.recv(64)
            connection.sendall(b"\x05\x00")
            connection.recv(256)
            connection.sendall(reply)

    threading.Thread(target=serve, daemon=True).start()
    return f"127.0.0.1:{listener.getsockname()[1]}"


def test_socks_proxy_that_refuses_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("socks")
    address = socks_server(b"\x05\x02\x00\x01\x00\x00\x00\x00\x00\x00")
    monkeypatch.setenv("ALL_PROXY", f"socks5h://{address}")
    lost = exchange("platform.example:8002", "POST")
    assert isinstance(lost, Lost) and not lost.sent
    assert lost.reason.startswith(f"the proxy socks5h://{address} refuses to connect to the platform (0x02")


def test_proxy_that_nobody_answers_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        for scheme, given in (("http", "http://user:ProxyPw1@"), ("socks5", "socks5://user:ProxyPw1@"), ("http", "")):
            monkeypatch.setenv("HTTPS_PROXY", given + address)
            lost = exchange("127.0.0.1:8002", "POST")
            assert lost == Lost(
                f"the proxy {scheme}://{address} cannot be reached",
                sent=False,
                transient=True,
                hint=outcomes._PROXY_HINT,
            )


@pytest.mark.parametrize(
    "cause",
    [
        urllib3.exceptions.NewConnectionError(
            None, "Failed to establish a new connection: [Errno 113] No route to host"
        ),  # type: ignore[arg-type]
        urllib3.exceptions.ConnectTimeoutError("timed out"),
        socket.gaierror(-2, "Name or service not known"),
    ],
)
def test_proxy_that_cannot_be_reached_is_named(cause: Exception) -> None:
    error = requests.exceptions.ProxyError(urllib3.exceptions.ProxyError("Unable to connect to proxy", cause))
    lost = outcomes._lost_to_proxy([error, error.args[0], cause], "http://proxy:3128")
    assert lost == Lost(
        "the proxy http://proxy:3128 cannot be reached", sent=False, transient=True, hint=outcomes._PROXY_HINT
    )


def test_proxy_that_speaks_no_tls_is_named(
    make_server: Callable[..., ScriptedServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    address = make_server(use_tls=False).endpoint
    monkeypatch.setenv("HTTPS_PROXY", f"https://{address}")
    lost = exchange("platform.example:8002", "POST")
    assert lost == Lost(
        f"TLS failed with the proxy https://{address}", sent=False, transient=False, hint=outcomes._PROXY_HINT
    )


def test_proxy_without_its_library(monkeypatch: pytest.MonkeyPatch) -> None:
    error = requests.exceptions.InvalidSchema("Missing dependencies for SOCKS support.")
    lost = Transport(Connection("host"), FakeSession([error])).exchange("POST", "/v3/x", {}, None, {})
    assert isinstance(lost, Lost) and not lost.sent and not lost.transient
    assert "PySocks" in str(lost.hint)


@pytest.mark.parametrize(
    "proxy",
    [
        "http://[::1",
        "http://a b",
        "ftp://proxy",
        "http://proxy:port",
        "nonsense",
        "http://\xfc\u4e2d:p\u4e2d@proxy",
        "://",
    ],
)
def test_proxy_that_cannot_be_read(monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    lost = exchange("127.0.0.1:1", "POST", timeout=1)
    assert isinstance(lost, Lost) and not lost.sent
