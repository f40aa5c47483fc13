# SPDX-License-Identifier: GPL-3.0-or-later
"""The servers that are timed: each a process of its own, pinned to one core, with a connection to it."""

from __future__ import annotations

import json
import os
import ssl
import subprocess
import sys
import time
from http.client import HTTPSConnection
from pathlib import Path
from typing import Any

PASSWORD = "Simulated-Pw1"


class Process:
    """A server that prints a line once it listens. `headers` go with each request."""

    def __init__(self, module: str, *arguments: str, **environment: str) -> None:
        begun = time.perf_counter()
        self._process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            stdout=subprocess.PIPE,
            env={**os.environ, **environment},
            preexec_fn=_pin,
        )
        assert self._process.stdout
        self.line = self._process.stdout.readline().decode()
        if not self.line:
            raise SystemExit(f"{module} did not start")
        self.start_seconds = time.perf_counter() - begun
        self.headers = {"Content-Type": "application/json"}
        self._connection: HTTPSConnection | None = None

    def connect(self, port: int, ca: Path) -> None:
        """Open the connection that all requests go over."""
        context = ssl.create_default_context(cafile=str(ca))
        self._connection = HTTPSConnection("127.0.0.1", port, context=context, timeout=60)

    def send(self, method: str, path: str, body: Any = None) -> tuple[int, bytes]:
        """Send a request; returns status and body of the reply."""
        assert self._connection
        content = None if body is None else json.dumps(body)
        self._connection.request(method, "/rds" + path, content, self.headers)
        reply = self._connection.getresponse()
        return reply.status, reply.read()

    def cpu_seconds(self) -> float:
        """The processor time that the process has taken."""
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory_mb(self, field: str) -> float:
        """A field of the process's status in /proc."""
        for line in Path(f"/proc/{self._process.pid}/status").read_text().splitlines():
            if line.startswith(field + ":"):
                return round(int(line.split()[1]) / 1024, 1)
        return 0.0

    def stop(self) -> None:
        """End the process."""
        if self._connection:
            self._connection.close()
        self._process.terminate()
        self._process.wait(20)


def start_simulator(directory: Path, estate: Path, *, validate: bool) -> Process:
    """A simulator that holds the estate; certificate and key are in `directory` afterwards."""
    arguments = ["serve", "--port", "0", "--estate", str(estate), "--tls-dir", str(directory)]
    arguments += ["--admin", "--seed", "bench", "--speed", "60", *([] if validate else ["--no-validate-replies"])]
    process = Process("tpops_simulator", *arguments, TPOPS_SIMULATOR_PASSWORD=PASSWORD)
    process.connect(json.loads(process.line)["port"], directory / "ca.pem")
    status, body = process.send("POST", "/v3/auth/mini-token", {"username": "admin", "password": PASSWORD})
    if status != 200:
        raise SystemExit(f"cannot log in: {body[:300]!r}")
    process.headers["X-Mini-Token"] = json.loads(body)["x_mini_token"]
    return process


def start_bare(directory: Path, path: str, reply: bytes) -> Process:
    """Starlette alone with the simulator's certificate, which answers requests of one path with a reply."""
    file = directory / "reply.json"
    file.write_bytes(reply)
    arguments = (str(directory / "server.pem"), str(directory / "server.key"), f"/rds{path}", str(file))
    process = Process("tpops_simulator.bench.bare", *arguments)
    process.connect(int(process.line), directory / "ca.pem")
    return process


def _pin() -> None:
    """The server gets the last core, the client keeps the others."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
