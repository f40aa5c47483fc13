# SPDX-License-Identifier: GPL-3.0-or-later
"""For tests of other programs: start a simulator in this process, add faults, step the clock, read the request log.

    from tpops_simulator.testing import start

    def test_my_client_waits_for_the_instance():
        with start(estate={"data_centers": ["east"]}) as site:
            site.add_fault(kind="reset_after", operation="create_instance")
            my_client = connect(site.endpoint, site.username, site.password, ca=site.ca_file)
            …
            site.advance(3600)
            assert site.requests("create_instance")[0]["faults"] == ["reset_after"]

`Admin` speaks to a simulator that runs elsewhere with --admin, in the same words.
"""

from __future__ import annotations

import contextlib
import fnmatch
import http.client
import json
import secrets
import ssl
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from . import chapters, contract
from .http import tls
from .http.app import Simulator
from .http.server import Server, ServerGroup
from .model import estate as estates
from .model.clock import Clock
from .model.site import Site

USERNAME = "admin"


class AdminRefused(RuntimeError):
    """The admin API refused a request; the message gives the reason."""


class Admin:
    """The admin API of a running simulator. Each call is one request, so it never interferes with a handler."""

    def __init__(self, endpoint: str, ca_file: str | Path) -> None:
        self.endpoint = endpoint
        self.ca_file = Path(ca_file)
        self._context = ssl.create_default_context(cafile=str(ca_file))

    @property
    def url(self) -> str:
        return f"https://{self.endpoint}"

    # -- time -----------------------------------------------------------------------------------------------------

    def advance(self, seconds: float) -> dict[str, Any]:
        """Jump ahead; everything that is due in between happens, each at its own moment."""
        return self.send("POST", "clock", {"advance": seconds})

    def clock(self) -> dict[str, Any]:
        """`now`, `epoch`, `speed` and `next_due_in` (seconds, or None when nothing is planned)."""
        return self.send("GET", "clock")

    def finish_jobs(self, limit: float = 7 * 86400) -> list[dict[str, Any]]:
        """Let time pass until no task runs any more; returns all tasks. At most `limit` simulated seconds."""
        end = self.clock()["epoch"] + limit
        while any(job["status"] == "Running" for job in self.jobs()):
            now = self.clock()
            if now["next_due_in"] is None or now["epoch"] + now["next_due_in"] > end:
                raise TimeoutError(f"a task still runs after {limit} simulated seconds")
            # The API rounds to milliseconds; less than one would not advance the clock.
            self.advance(max(now["next_due_in"], 0.001))
        return self.jobs()

    # -- faults -----------------------------------------------------------------------------------------------------

    def add_fault(self, kind: str, operation: str = "*", **fields: Any) -> dict[str, Any]:
        """Add a fault rule, see the chapter on faults in the README; returns it with its `id`."""
        return self.send("POST", "faults", {"kind": kind, "operation": operation, **fields})["faults"][0]

    def faults(self) -> list[dict[str, Any]]:
        return self.send("GET", "faults")["faults"]

    def remove_faults(self, fault_id: str | None = None) -> None:
        self.send("DELETE", f"faults/{fault_id}" if fault_id else "faults")

    def go_down(self, mode: str = "reset") -> None:
        """The site responds only to this API: connections are reset, or refused with `503`."""
        self.send("POST", "site", {"up": False, "mode": mode})

    def come_up(self) -> None:
        self.send("POST", "site", {"up": True})

    def expire_tokens(self) -> None:
        self.send("DELETE", "tokens")

    # -- read -------------------------------------------------------------------------------------------------------

    def requests(self, operation: str = "*", *, after: int = 0) -> list[dict[str, Any]]:
        """The request log, oldest first: entries whose operation matches the glob, with a `sequence` above `after`."""
        entries = self.send("GET", f"requests/{after}")["requests"]
        return [e for e in entries if fnmatch.fnmatchcase(e["operation_id"] or "", operation)]

    def writes(self, *, after: int = 0) -> list[dict[str, Any]]:
        """Requests that may have changed something: an idempotent second run must have none."""
        return [e for e in self.requests(after=after) if e["write"]]

    def forget_requests(self) -> None:
        self.send("DELETE", "requests")

    def jobs(self) -> list[dict[str, Any]]:
        return self.send("GET", "jobs")["jobs"]

    def end_job(self, job_id: str, status: str = "Completed", reason: str = "The task was set to fail.") -> None:
        self.send("POST", f"jobs/{job_id}", {"status": status, "reason": reason})

    def state(self) -> dict[str, Any]:
        """Counts of everything the site holds."""
        return self.send("GET", "state")

    def load(self, estate: Mapping[str, Any]) -> dict[str, int]:
        """Add an estate; returns how many entries each of its keys had."""
        return self.send("POST", "estate", dict(estate))["loaded"]

    def estate(self) -> dict[str, Any]:
        return self.send("GET", "estate")

    def send(self, method: str, path: str, body: Any = None) -> Any:
        """Any other request below /_simulator/."""
        connection = http.client.HTTPSConnection(self.endpoint, context=self._context, timeout=60)
        try:
            content = None if body is None else json.dumps(body)
            connection.request(method, f"/_simulator/{path}", content, {"Content-Type": "application/json"})
            reply = connection.getresponse()
            text = reply.read()
        finally:
            connection.close()
        if reply.status >= 300:
            raise AdminRefused(f"{method} {path}: {text.decode(errors='replace')}")
        return json.loads(text) if text else None


class Running(Admin):
    """A simulator that `start` runs; `peer` is the linked site, if any."""

    def __init__(self, server: Server, password: str) -> None:
        super().__init__(server.endpoint, server.tls.ca)
        self.username = USERNAME
        self.password = password
        self.port = server.port
        self.site = server.simulator.site
        self.peer: Running | None = None


@contextlib.contextmanager
def start(
    *,
    estate: Mapping[str, Any] | str | Path | None = None,
    peer_estate: Mapping[str, Any] | str | Path | None = None,
    faults: Iterable[Mapping[str, Any]] = (),
    peer: bool = False,
    seed: str | int = 1,
    speed: float = 0,
    password: str | None = None,
    validate_replies: bool = True,
    tls_dir: Path | None = None,
) -> Iterator[Running]:
    """Run a site (with `peer` or `peer_estate` two linked ones) on a free port until the block ends.

    The clock stands still unless `speed` is given. `estate` is the content of an estate file, or its path.
    """
    password = password or "Aa1-" + secrets.token_hex(12)
    clock = Clock(speed)
    contents = [estate, peer_estate] if peer or peer_estate is not None else [estate]
    merged = contract.load()
    registry = chapters.load(merged.operations)
    simulators = []
    for number, content in enumerate(contents):
        name = "site" if number == 0 else "site-peer"
        site = Site(name=name, seed=f"{seed}{'-peer' if number else ''}", clock=clock)
        site.add_user(USERNAME, password)
        simulators.append(
            Simulator(site, contract=merged, registry=registry, validate_replies=validate_replies, admin=True)
        )
        if content is not None:
            data = content if isinstance(content, Mapping) else estates.read(Path(content))
            estates.load(site, data)
    if len(simulators) == 2:
        simulators[0].site.link(simulators[1].site)
    simulators[0].faults.add_all([dict(rule) for rule in faults])
    with contextlib.ExitStack() as stack:
        directory = tls_dir or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tpops-simulator-")))
        files = tls.ensure(directory)
        servers = [Server(simulator, files) for simulator in simulators]
        stack.enter_context(ServerGroup(servers))
        running = [Running(server, password) for server in servers]
        if len(running) == 2:
            running[0].peer, running[1].peer = running[1], running[0]
        yield running[0]
