# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Shared code of the unit tests: a scripted HTTPS server, a scripted session, and a clock controlled by tests."""

from __future__ import annotations

import contextlib
import datetime
import io
import ipaddress
import json
import socket
import socketserver
import ssl
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import requests
import urllib3
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass
class FakeClock:
    """A monotonic clock that only advances by sleeping."""

    now: float = 1000.0
    sleeps: list[float] = field(default_factory=list)

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        assert seconds >= 0
        self.sleeps.append(seconds)
        self.now += seconds


# A session that answers from a script, for everything that does not need a network


@dataclass
class Answer:
    """The answer of a scripted server or session. ``fault`` happens instead of a complete reply."""

    status: int = 200
    data: Any = None
    content: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)
    fault: str | None = None

    @property
    def body(self) -> bytes:
        if self.content is not None:
            return self.content
        return b"" if self.data is None else json.dumps(self.data).encode()

    @property
    def all_headers(self) -> dict[str, str]:
        default = {} if self.data is None else {"Content-Type": "application/json"}
        return {**default, **self.headers}


@dataclass
class SentRequest:
    """One request as the other side saw it."""

    method: str
    path: str
    query: Any
    body: Any
    headers: Any
    options: dict[str, Any] = field(default_factory=dict)
    url: str = ""


class FakeSession:
    """Replaces ``requests.Session``: each request gets the next answer of the script, or raises the next exception.

    The last entry of the script is repeated.
    """

    def __init__(self, script: list[Any]) -> None:
        self.script = list(script)
        self.sent: list[SentRequest] = []
        self.trust_env = True
        self.closed = 0

    def __call__(self) -> FakeSession:
        return self

    def close(self) -> None:
        self.closed += 1

    def request(self, method: str, url: str, *, params: Any, data: Any, headers: Any, **options: Any) -> Any:
        path = url.partition("/rds")[2]
        self.sent.append(SentRequest(method, path, params, json.loads(data) if data else None, headers, options, url))
        answer = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        if callable(answer):
            answer = answer(self.sent[-1])
        if isinstance(answer, BaseException):
            raise answer
        response = requests.Response()
        response.status_code = answer.status
        response.headers.update(answer.all_headers)
        response.raw = urllib3.HTTPResponse(
            io.BytesIO(answer.body),
            answer.all_headers,
            answer.status,
            preload_content=False,
            enforce_content_length=False,
        )
        return response


# A server that answers from a script over real TLS


@dataclass(frozen=True)
class TlsFiles:
    """Paths of PEM files: the CA, and a server certificate for 127.0.0.1 and localhost with its key."""

    ca: str
    certificate: str
    key: str


def make_tls(
    directory: Path, name: str, hosts: tuple[str, ...] = ("127.0.0.1", "localhost"), days: tuple[int, int] = (-1, 1)
) -> TlsFiles:
    """Write a CA and a certificate; ``days`` is their period of validity in days from now."""
    now = datetime.datetime.now(datetime.timezone.utc)
    ca_key, server_key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    ca_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"{name} authority")])

    def build(
        subject: x509.Name, key: ec.EllipticCurvePrivateKey, extensions: list[tuple[x509.ExtensionType, bool]]
    ) -> x509.Certificate:
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(ca_name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now + datetime.timedelta(days=days[0]))
            .not_valid_after(now + datetime.timedelta(days=days[1]))
        )
        for extension, critical in extensions:
            builder = builder.add_extension(extension, critical)
        return builder.sign(ca_key, hashes.SHA256())

    key_id = x509.SubjectKeyIdentifier.from_public_key(ca_key.public_key())
    usage = x509.KeyUsage(True, False, False, False, False, True, True, False, False)
    ca = build(ca_name, ca_key, [(x509.BasicConstraints(True, None), True), (key_id, False), (usage, True)])
    names = [x509.IPAddress(ipaddress.ip_address(host)) if host[0].isdigit() else x509.DNSName(host) for host in hosts]
    server = build(
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]),
        server_key,
        [
            (x509.BasicConstraints(False, None), True),
            (x509.SubjectAlternativeName(names), False),
            (x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(key_id), False),
        ],
    )
    files = TlsFiles(*(str(directory / f"{name}-{part}.pem") for part in ("ca", "cert", "key")))
    Path(files.ca).write_bytes(ca.public_bytes(serialization.Encoding.PEM))
    Path(files.certificate).write_bytes(server.public_bytes(serialization.Encoding.PEM))
    Path(files.key).write_bytes(
        server_key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return files


class ScriptedServer:
    """An HTTPS server on a free port that answers from a script and records its requests.

    ``script`` is a list of :class:`Answer`, used in order, the last one repeatedly; or a function of the request.
    """

    def __init__(self, tls: TlsFiles, use_tls: bool = True) -> None:
        self.script: Any = [Answer(data={})]
        self.seen: list[SentRequest] = []
        self._lock = threading.Lock()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                body = self.rfile.read(length)
                path, _mark, query = self.path.partition("?")
                # The client's port shows whether a connection is reused.
                self.headers["X-Client-Port"] = str(self.client_address[1])
                outer.reply(
                    self, SentRequest(self.command, path, query, json.loads(body) if body else None, self.headers)
                )

            do_GET = do_POST = do_PUT = do_DELETE = answer

            def log_message(self, *_args: Any) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 128

            def handle_error(self, *_args: Any) -> None:
                """Resets are part of the tests."""

        self._server = Server(("127.0.0.1", 0), Handler)
        self.port = self._server.server_port
        if use_tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(tls.certificate, tls.key)
            self._server.socket = context.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()

    @property
    def endpoint(self) -> str:
        return f"127.0.0.1:{self.port}"

    def reply(self, handler: BaseHTTPRequestHandler, request: SentRequest) -> None:
        with self._lock:
            self.seen.append(request)
            script = self.script
            answer = script(request) if callable(script) else script.pop(0) if len(script) > 1 else script[0]
        if answer.fault == "reset":
            handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            handler.close_connection = True
            handler.connection.close()
            return
        if answer.fault == "close":
            handler.close_connection = True
            return
        body = answer.body
        handler.send_response(answer.status)
        for name, value in answer.all_headers.items():
            handler.send_header(name, value)
        if answer.status != 204:
            handler.send_header("Content-Length", str(len(body)))
        if answer.fault == "cut":
            body = body[: len(body) // 2]
            handler.close_connection = True
        handler.end_headers()
        handler.wfile.write(body)

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class RawServer:
    """A raw server on a free port: ``talk`` gets each connection after the request's headers were read.

    For servers that violate HTTP or never finish. A reset ends the talk.
    """

    def __init__(self, tls: TlsFiles | None, talk: Callable[[Any], None]) -> None:
        context = None
        if tls is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(tls.certificate, tls.key)
        outer = self
        self.connections = 0

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                outer.connections += 1
                with contextlib.suppress(OSError):
                    sock = context.wrap_socket(self.request, server_side=True) if context else self.request
                    with sock:
                        received = b""
                        while b"\r\n\r\n" not in received:
                            received += sock.recv(65536) or b"\r\n\r\n"
                        talk(sock)

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True

            def handle_error(self, *_args: Any) -> None:
                """Talking to a client that has disconnected causes an error."""

        self._server = Server(("127.0.0.1", 0), Handler)
        self.endpoint = f"127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
