# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Sinks on loopback, as real as a user's: a bare Git repository, a PUT server with TLS, a mail server with STARTTLS."""

from __future__ import annotations

import base64
import contextlib
import ssl
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from tpops_simulator.http import tls

USER, SECRET = "evidence", "Sentinel_Sink-9"


def git(*arguments: str, cwd: Path) -> str:
    done = subprocess.run(["git", *arguments], cwd=cwd, check=True, capture_output=True, text=True)
    return done.stdout.strip()


class Repository:
    """An empty bare repository, as a server would have it."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "evidence.git"
        self.path.mkdir(parents=True)
        git("init", "--bare", "--quiet", "--initial-branch=main", ".", cwd=self.path)

    @property
    def sink(self) -> dict[str, Any]:
        return {"kind": "git", "url": str(self.path), "folder": "bank/orders", "retries": 1}

    def commits(self) -> list[str]:
        """Return the messages of the commits, the oldest first."""
        return git("log", "--reverse", "--format=%s", "main", cwd=self.path).splitlines()

    def files(self) -> dict[str, bytes]:
        names = git("ls-tree", "-r", "--name-only", "main", cwd=self.path).splitlines()
        show = ["git", "show"]
        return {
            name: subprocess.run([*show, f"main:{name}"], cwd=self.path, check=True, capture_output=True).stdout
            for name in names
        }


class PutServer(ThreadingHTTPServer):
    """Takes PUT with the right login; ``failures`` of them are answered with 503 before, ``status`` with that."""

    daemon_threads = True

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Put)
        self.files: dict[str, bytes] = {}
        self.headers: list[dict[str, str]] = []
        self.failures, self.status = 0, 201
        self.certificates = tls.ensure(folder / "put-tls")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificates.certificate, self.certificates.key)
        self.socket = context.wrap_socket(self.socket, server_side=True)

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.server_address[1]}/dav"

    @property
    def sink(self) -> dict[str, Any]:
        login = {"username": USER, "password": SECRET}
        return {"kind": "webdav", "url": self.url, "ca_path": str(self.certificates.ca), **login, "retries": 2}


class _Put(BaseHTTPRequestHandler):
    server: PutServer

    def do_PUT(self) -> None:
        content = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.headers.append(dict(self.headers))
        login = base64.b64encode(f"{USER}:{SECRET}".encode()).decode()
        authorization = self.headers.get("Authorization", "")
        if authorization != f"Basic {login}" and not authorization.startswith("AWS4-HMAC-SHA256 "):
            self._answer(401)
        elif self.server.failures:
            self.server.failures -= 1
            self._answer(503)
        else:
            if self.server.status < 300:
                self.server.files[self.path] = content
            self._answer(self.server.status)

    def _answer(self, status: int) -> None:
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_arguments: Any) -> None:
        pass


class _AnyPort(Controller):
    """Listens on a port that the system chooses."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


class MailServer:
    """Takes mails with STARTTLS and the right login."""

    def __init__(self, folder: Path) -> None:
        self.mails: list[bytes] = []
        self.certificates = tls.ensure(folder / "mail-tls")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificates.certificate, self.certificates.key)
        self.controller = _AnyPort(
            self,
            hostname="127.0.0.1",
            port=0,
            tls_context=context,
            require_starttls=True,
            authenticator=self.authenticate,
            auth_required=True,
        )

    def authenticate(self, _server: SMTP, _session: Session, _envelope: Envelope, _how: str, login: Any) -> AuthResult:
        right = isinstance(login, LoginPassword) and login.login == USER.encode() and login.password == SECRET.encode()
        return AuthResult(success=right, handled=False)

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        self.mails.append(bytes(envelope.content or b""))
        return "250 OK"

    @property
    def sink(self) -> dict[str, Any]:
        where = {
            "kind": "mail",
            "host": "127.0.0.1",
            "port": self.controller.port,
            "ca_path": str(self.certificates.ca),
        }
        people = {"sender": "tpops@bank.example", "to": ["dba@bank.example", "audit@bank.example"]}
        return {**where, **people, "username": USER, "password": SECRET, "retries": 0}


@contextlib.contextmanager
def put_server(folder: Path) -> Iterator[PutServer]:
    with PutServer(folder) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server
        finally:
            server.shutdown()


@contextlib.contextmanager
def mail_server(folder: Path) -> Iterator[MailServer]:
    server = MailServer(folder)
    server.controller.start()
    try:
        yield server
    finally:
        server.controller.stop()
