# SPDX-License-Identifier: GPL-3.0-or-later
"""A platform inside this process: the simulator at the other end of a fake socket, and a virtual clock.

Time only passes when the client or the simulator waits: every wait moves the clock and returns at once.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
import selectors
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any
from unittest import mock
from urllib.parse import unquote

import urllib3
from cryptography.hazmat.primitives.asymmetric import rsa
from sockets import Exchange, Reply, Request, Socket
from tpops_simulator.http.app import Simulator
from tpops_simulator.model import estate
from tpops_simulator.model.clock import STEPPED_START, Clock
from tpops_simulator.model.ids import Ids
from tpops_simulator.model.site import Site

from ansible_collections.gaussdb.tpops.plugins.module_utils.http.client import Client

USERNAME, PASSWORD = "admin", "Simulated-Pw1"
ENDPOINT = "platform.invalid:8002"
# Simulated seconds that pass in one of the client's: jobs of minutes then need few polls.
SPEED = 20.0
# Noon: far from the hour of the platform's automatic backups.
START = STEPPED_START + 12 * 3600
# Work that continues after a job, such as an inspection.
_AFTERWARDS = 900.0
# Limits that no run needs: exceeding them means an endless run.
MOST_SECONDS = 3 * 3600.0
MOST_REQUESTS = 6000


class Runaway(BaseException):
    """An endless run. No ``except Exception`` of the code under test catches this."""


class _Selector(selectors.DefaultSelector):
    """Moves the clock to the next timer instead of waiting; waits for files and threads as usual."""

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
        self.deadline = MOST_SECONDS
        super().__init__(self._virtual)

    def time(self) -> float:
        return self._virtual.moment

    def rewind(self) -> None:
        """Drop all running work, and start at 0 again."""
        for task in asyncio.all_tasks(self):
            task.cancel()
        self.run_until_complete(asyncio.sleep(0))
        self._virtual.moment = 0.0

    def sleep(self, seconds: float) -> None:
        if seconds > 0:
            self.run_until_complete(asyncio.sleep(seconds))
        if self.time() > self.deadline:
            raise Runaway(f"the run goes on after {MOST_SECONDS / 3600:g} hours")


class Platform:
    """One simulated site for consecutive runs; ``reset`` restores its initial state.

    ``replace`` gets the operation's name and each reply, and returns the reply to deliver. ``answer`` is called before:
    if it returns a reply, the simulator never receives the request.
    """

    def __init__(self) -> None:
        logging.getLogger("tpops_simulator").setLevel(logging.CRITICAL)
        logging.getLogger("asyncio").setLevel(logging.CRITICAL)
        self.loop = VirtualLoop()
        self.site = Site(seed=1, clock=Clock(SPEED, start=START, monotonic=self.loop.time))
        self.simulator = Simulator(self.site)
        self.replace: Callable[[str, Reply], Reply] | None = None
        self.answer: Callable[[str], Reply | None] | None = None
        known = sorted(self.simulator.contract.operations.values(), key=lambda operation: operation.path.count("{"))
        self._routes = [
            (each.operation_id, each.method, re.compile("/rds" + re.sub(r"\{\w+\}", "[^/]+", each.path)))
            for each in known
        ]
        self.reset()

    def reset(self, seed: int = 1) -> None:
        """Reset everything, so that a run does not depend on earlier ones."""
        self.loop.rewind()
        self.replace = self.answer = None
        self.site.come_up()
        self.site.forget()
        self.site.ids = Ids(seed)
        self.site.sessions.drop_all()
        self.site.sessions.users.clear()
        self.site.add_user(USERNAME, PASSWORD)
        self.simulator.faults.clear()
        self.simulator.requests.clear()
        self.begin()

    def begin(self) -> None:
        """Start a run: the limits of time and requests are counted from here."""
        self.sent = 0
        self.loop.deadline = self.loop.time() + MOST_SECONDS

    def load(self, content: Mapping[str, Any]) -> None:
        """Add the content of an estate file."""
        estate.load(self.site, content)

    @property
    def requests(self) -> list[dict[str, Any]]:
        return self.simulator.requests.entries()

    def settle(self, limit: float = 3 * 86400.0) -> bool:
        """Advance simulated time until no job is running; ``False`` if one still is at the end."""
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
        """Create a client for ``runner.execute``."""
        return Client(connection, **{**options, "clock": self.loop.time, "sleep": self.loop.sleep, "rng": lambda: 0.5})

    @contextmanager
    def connected(self) -> Iterator[None]:
        """Redirect every connection of this process to this site, and use the virtual clock."""

        def connect(connection: Any) -> None:
            connection.sock = Socket(self, connection.timeout)
            connection.is_verified = True

        with contextlib.ExitStack() as stack:
            stack.enter_context(mock.patch.object(urllib3.connection.HTTPSConnection, "connect", connect))
            stack.enter_context(mock.patch("time.time", lambda: START + self.loop.time() * SPEED))
            # A key of 4096 bits takes half a second, and nothing here depends on its value.
            stack.enter_context(mock.patch.object(rsa, "generate_private_key", cache(rsa.generate_private_key)))
            yield

    def serve(self, request: Request, timeout: float | None) -> Reply | None:
        """Answer a request: the other end of the sockets."""
        self.sent += 1
        if self.sent > MOST_REQUESTS:
            raise Runaway(f"the run goes on after {MOST_REQUESTS} requests")
        name = self._operation(request)
        reply = self.answer(name) if self.answer else None
        reply = reply or self.loop.run_until_complete(Exchange(self.simulator, request).run(timeout))
        return self.replace(name, reply) if self.replace and reply else reply

    def sleep(self, seconds: float) -> None:
        """Advance the time for the client."""
        self.loop.sleep(seconds)

    def _operation(self, request: Request) -> str:
        """Return the name of the operation of a request, empty if there is none; paths without a variable come
        first."""
        path = unquote(request.target.partition("?")[0])
        return next(
            (name for name, method, pattern in self._routes if method == request.method and pattern.fullmatch(path)), ""
        )
