# SPDX-License-Identifier: GPL-3.0-or-later
"""A platform inside this process: the simulator behind a ``requests`` session, and one clock that nobody waits for.

The code that runs is the real one: the collection's client, ``requests``, and the simulator's ASGI application with all
of its checks. Only the socket between them is left out, and time: every wait of either side moves the clock and is over.
"""

from __future__ import annotations

import asyncio
import io
import logging
import selectors
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any
from unittest import mock
from urllib.parse import unquote, urlsplit

import requests
import urllib3
from cryptography.hazmat.primitives.asymmetric import rsa
from tpops_simulator import estate
from tpops_simulator.app import Simulator
from tpops_simulator.clock import STEPPED_START, Clock
from tpops_simulator.ids import Ids
from tpops_simulator.site import Site

from ansible_collections.gaussdb.tpops.plugins.module_utils.client import Client

USERNAME, PASSWORD = "admin", "Simulated-Pw1"
ENDPOINT = "platform.invalid:8002"
# Simulated seconds that pass in one of the client's: jobs of minutes then need few polls.
SPEED = 20.0
# Noon: far from the hour at which the platform makes backups by itself.
START = STEPPED_START + 12 * 3600
# What goes on by itself after a job, such as an inspection.
_AFTERWARDS = 900.0
# What no run may need: more than this is a run without an end.
MOST_SECONDS = 12 * 3600.0
MOST_REQUESTS = 6000


class Runaway(BaseException):
    """A run that does not end. No ``except Exception`` of the code under test catches it."""


class _Selector(selectors.DefaultSelector):
    """Instead of waiting for a timer it moves the clock to it; for files and threads it waits as usual."""

    def __init__(self) -> None:
        super().__init__()
        self.moment = 0.0

    def select(self, timeout: float | None = None) -> list[Any]:
        found = super().select(0)
        if found or timeout == 0:
            return found
        if timeout is None:
            return super().select(5)
        self.moment += max(timeout, 0.0)
        return found


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop whose seconds pass at once."""

    def __init__(self) -> None:
        self._virtual = _Selector()
        super().__init__(self._virtual)

    def time(self) -> float:
        return self._virtual.moment

    def rewind(self) -> None:
        """Drop what is still going on, and begin at 0 again."""
        for task in asyncio.all_tasks(self):
            task.cancel()
        self.run_until_complete(asyncio.sleep(0))
        self._virtual.moment = 0.0

    def sleep(self, seconds: float) -> None:
        if seconds > 0:
            self.run_until_complete(asyncio.sleep(seconds))
        if self.time() > MOST_SECONDS:
            raise Runaway(f"the run goes on after {MOST_SECONDS / 3600:g} hours")


class Platform:
    """One simulated site for one run after the other; ``reset`` makes it as good as new.

    ``replace`` is asked about each reply: it gets the operation's name and the reply, and returns the one that is received.
    """

    def __init__(self) -> None:
        logging.getLogger("tpops_simulator").setLevel(logging.CRITICAL)
        logging.getLogger("asyncio").setLevel(logging.CRITICAL)
        self.loop = VirtualLoop()
        self.site = Site(seed=1, clock=Clock(SPEED, start=START, monotonic=self.loop.time))
        self.simulator = Simulator(self.site)
        self.replace: Callable[[str, Reply], Reply] | None = None
        self._adapter = _Adapter(self)
        self.reset()

    def reset(self, seed: int = 1) -> None:
        """Forget everything, so that a run does not depend on those before it."""
        self.loop.rewind()
        self.replace = None
        self.site.come_up()
        self.site.forget()
        self.site.ids = Ids(seed)
        self.site.sessions.drop_all()
        self.site.sessions.users.clear()
        self.site.add_user(USERNAME, PASSWORD)
        self.simulator.faults.clear()
        self.simulator.requests.clear()

    def load(self, content: Mapping[str, Any]) -> None:
        """Add what an estate file says."""
        estate.load(self.site, content, self.simulator.registry.modules)

    @property
    def requests(self) -> list[dict[str, Any]]:
        return self.simulator.requests.entries()

    def settle(self, limit: float = 3 * 86400.0) -> bool:
        """Let simulated time pass until no job runs any more; ``False`` when one still does at the end."""
        self.site.come_up()
        end = self.site.clock.read() + limit
        while any(job.running for job in self.site.jobs.values()):
            due = self.site.next_due()
            if due is None or due > end:
                return False
            self._pass(max(due - self.site.clock.read(), 0.001))
        self._pass(_AFTERWARDS)
        return True

    def _pass(self, seconds: float) -> None:
        self.loop.run_until_complete(asyncio.sleep(seconds / SPEED))
        self.site.advance()

    def open_client(self, connection: Any, **options: Any) -> Client:
        """Make a client for ``runner.execute``."""
        tools = {"clock": self.loop.time, "sleep": self.loop.sleep, "rng": lambda: 0.5, "session_factory": self._session}
        return Client(connection, **{**options, **tools})

    @contextmanager
    def time(self) -> Iterator[None]:
        """Let the clock of this machine be the virtual one."""
        # A key of 4096 bits takes half a second, and nothing here depends on which one it is.
        keys = cache(rsa.generate_private_key)
        with mock.patch("time.time", lambda: START + self.loop.time() * SPEED), mock.patch.object(rsa, "generate_private_key", keys):
            yield

    def _session(self) -> requests.Session:
        return _Session(self._adapter)


class Reply:
    """What a request is answered with: status, headers, and the body as bytes or as a stream of them."""

    def __init__(self, status: int, headers: list[tuple[str, str]], body: bytes | io.RawIOBase) -> None:
        self.status, self.headers, self.body = status, headers, body


class _Session(requests.Session):
    """Sends everything to one adapter, whatever else is mounted later."""

    def __init__(self, adapter: _Adapter) -> None:
        super().__init__()
        self._one_adapter = adapter

    def get_adapter(self, url: str) -> Any:
        return self._one_adapter


class _Adapter(requests.adapters.HTTPAdapter):
    def __init__(self, platform: Platform) -> None:
        super().__init__()
        self._platform = platform

    def send(self, request: Any, stream: bool = False, timeout: Any = None, **_options: Any) -> requests.Response:
        platform = self._platform
        if len(platform.simulator.requests) >= MOST_REQUESTS:
            raise Runaway(f"the run goes on after {MOST_REQUESTS} requests")
        seconds = _checked(timeout)
        exchange = _Exchange(platform, request)
        try:
            reply = platform.loop.run_until_complete(exchange.run(seconds))
        except TimeoutError:
            error = urllib3.exceptions.ReadTimeoutError(None, request.url, "Read timed out.")  # type: ignore[arg-type]
            raise requests.exceptions.ReadTimeout(error, request=request) from None
        if reply is None:
            reset = urllib3.exceptions.ProtocolError("Connection aborted.", ConnectionResetError(104, "Connection reset by peer"))
            raise requests.exceptions.ConnectionError(reset, request=request)
        if platform.replace is not None:
            entries = platform.requests
            reply = platform.replace(str(entries[-1]["operation_id"]) if entries else "", reply)
        body = io.BytesIO(reply.body) if isinstance(reply.body, bytes) else reply.body
        raw = urllib3.HTTPResponse(
            body=body,
            headers=urllib3.HTTPHeaderDict(reply.headers),
            status=reply.status,
            preload_content=False,
            decode_content=False,
            request_method=request.method,
        )
        return self.build_response(request, raw)


class _Exchange:
    """One request on its way through the simulator. The simulator may go on with it after the client has given up."""

    def __init__(self, platform: Platform, request: Any) -> None:
        self._platform, self._request = platform, request
        self._asked = False
        self._status: int | None = None
        self._headers: list[tuple[str, str]] = []
        self._parts: list[bytes] = []
        self._gone = asyncio.Event()

    async def run(self, seconds: float | None) -> Reply | None:
        """Return the reply, ``None`` where the connection was closed without one; raise TimeoutError where none comes in time."""
        task = asyncio.ensure_future(self._platform.simulator(self._scope(), self._receive, self._send))
        done, _pending = await asyncio.wait([task], timeout=seconds)
        if not done:
            self._gone.set()
            raise TimeoutError
        task.result()
        return None if self._status is None else Reply(self._status, self._headers, b"".join(self._parts))

    def _scope(self) -> dict[str, Any]:
        url = urlsplit(self._request.url)
        return {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": self._request.method,
            "scheme": "https",
            "path": unquote(url.path),
            "raw_path": url.path.encode(),
            "query_string": url.query.encode(),
            "root_path": "",
            "headers": [(_bytes(name).lower(), _bytes(value)) for name, value in self._request.headers.items()],
            "client": ("127.0.0.1", 40000),
            "server": ("platform.invalid", 8002),
            "extensions": {},
            "state": {},
        }

    async def _receive(self) -> dict[str, Any]:
        if not self._asked:
            self._asked = True
            body = self._request.body or b""
            return {"type": "http.request", "body": body.encode() if isinstance(body, str) else body, "more_body": False}
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
            self._headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in message["headers"]]
        elif message["type"] == "http.response.body":
            self._parts.append(message.get("body", b""))


def _checked(timeout: Any) -> float | None:
    """Return the seconds that may pass between two pieces of a reply; what no socket can do is refused in the same way."""
    connect, read = timeout if isinstance(timeout, tuple) else (timeout, timeout)
    urllib3.Timeout(connect=connect, read=read)
    with socket.socket() as connection:
        for seconds in (connect, read):
            connection.settimeout(seconds)
    return read


def _bytes(value: str | bytes) -> bytes:
    return value if isinstance(value, bytes) else value.encode("latin-1")
