# SPDX-License-Identifier: GPL-3.0-or-later
"""A real HTTPS server on a free port, in a thread, and a client for it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tpops_simulator.http.app import Simulator
from tpops_simulator.http.server import Server
from tpops_simulator.http.tls import TlsFiles, ensure
from tpops_simulator.model.clock import Clock
from tpops_simulator.model.site import Site

PASSWORD = "Simulated-Pw1"
READER_PASSWORD = "Simulated-Pw2"


def wait_until(happened: Callable[[], bool], seconds: float = 60) -> None:
    """Wait until it has happened; fail if it never does."""
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.01)


class Client:
    """Calls the API as a client does. `post("/v3/...", json=...)`; the token is added unless `token=None`."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.simulator = server.simulator
        self.site = server.simulator.site
        self.base = f"https://{server.endpoint}"
        self.http = requests.Session()
        self.http.trust_env = False
        self.token: str | None = None

    def raw(self, method: str, path: str, **options: Any) -> requests.Response:
        options.setdefault("timeout", 20)
        return self.http.request(method, self.base + path, verify=str(self.server.tls.ca), **options)

    def request(self, method: str, path: str, **options: Any) -> requests.Response:
        token = options.pop("token", self.token)
        headers = {**({"X-Mini-Token": token} if token else {}), **options.pop("headers", {})}
        return self.raw(method, "/rds" + path, headers=headers, **options)

    def get(self, path: str, **options: Any) -> requests.Response:
        return self.request("GET", path, **options)

    def post(self, path: str, **options: Any) -> requests.Response:
        return self.request("POST", path, **options)

    def put(self, path: str, **options: Any) -> requests.Response:
        return self.request("PUT", path, **options)

    def delete(self, path: str, **options: Any) -> requests.Response:
        return self.request("DELETE", path, **options)

    def login(self, username: str = "admin", password: str = PASSWORD) -> str:
        reply = self.post("/v3/auth/mini-token", json={"username": username, "password": password}, token=None)
        assert reply.status_code == 200, reply.text
        self.token = reply.headers["X-Mini-Token"]
        return self.token

    def advance(self, seconds: float) -> None:
        """Let simulated time pass (the clock of these servers is stepped)."""
        self.site.clock.advance(seconds)
        self.site.advance()

    def job(self, job_id: str) -> dict[str, Any]:
        return self.get("/v3/jobs", params={"id": job_id}).json()["job"]


@pytest.fixture(scope="session")
def tls(tmp_path_factory: pytest.TempPathFactory) -> TlsFiles:
    return ensure(Path(tmp_path_factory.mktemp("tls")))


@pytest.fixture(scope="module")
def shared_server(tls: TlsFiles) -> Iterator[Server]:
    """One server for a whole test module: starting one takes about a second."""
    simulator = Simulator(_site(), admin=True)
    with Server(simulator, tls) as server:
        yield server


@pytest.fixture
def client(shared_server: Server) -> Client:
    """A logged-in client. The server keeps its state within a module; call `fresh()` where that is a problem."""
    made = Client(shared_server)
    made.simulator.faults.clear()
    made.site.up = True
    made.login()
    return made


@pytest.fixture
def fresh(tls: TlsFiles) -> Iterator[Callable[..., Client]]:
    """`fresh(seed=1, validate_replies=False)` starts a server with an empty site and returns a logged-in client."""
    servers: list[Server] = []

    def make(**options: Any) -> Client:
        site_options = {k: options.pop(k) for k in ("seed", "clock", "session_timeout") if k in options}
        server = Server(Simulator(_site(**site_options), **{"admin": True, **options}), tls)
        servers.append(server)
        server.start()
        made = Client(server)
        made.login()
        return made

    yield make
    for server in servers:
        server.stop()


def _site(**options: Any) -> Site:
    site = Site(**{"seed": 1, "clock": Clock(0), **options})
    site.add_user("admin", PASSWORD)
    site.add_user("reader", READER_PASSWORD, read_only=True)
    return site
