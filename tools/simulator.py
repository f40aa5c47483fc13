# SPDX-License-Identifier: GPL-3.0-or-later
"""Start a TPOPS simulator for as long as a command runs: ``simulator.py [--speed N] [--estate FILE] -- COMMAND ...``

The command finds the simulator through GAUSSDB_TPOPS_ENDPOINT, GAUSSDB_TPOPS_USERNAME, GAUSSDB_TPOPS_PASSWORD and
GAUSSDB_TPOPS_CA_PATH. Run it with a Python that has tpops-simulator installed.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import secrets
import signal
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from common import BUILD, ansible_environment

USERNAME = "admin"
START_SECONDS = 60


@dataclass(frozen=True)
class Simulator:
    """A running simulator: its address and login."""

    endpoint: str
    username: str
    password: str
    ca_path: Path
    log: Path
    pid: int

    def environment(self) -> dict[str, str]:
        """Return the variables through which the modules find it."""
        return {
            "GAUSSDB_TPOPS_ENDPOINT": self.endpoint,
            "GAUSSDB_TPOPS_USERNAME": self.username,
            "GAUSSDB_TPOPS_PASSWORD": self.password,
            "GAUSSDB_TPOPS_CA_PATH": str(self.ca_path),
        }

    def admin(self, method: str, path: str, body: Any = None) -> Any:
        """Send a request to the admin interface, and return its answer."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"https://{self.endpoint}/_simulator/{path}", data=data, method=method)
        with urllib.request.urlopen(request, context=ssl.create_default_context(cafile=str(self.ca_path))) as reply:
            content = reply.read()
        return json.loads(content) if content else None

    def requests(self) -> list[dict[str, Any]]:
        """Return the log of requests."""
        return list(self.admin("GET", "requests")["requests"])


@contextlib.contextmanager
def running(
    speed: float = 60, admin: bool = True, estate: str | None = None, options: Sequence[str] = (), password: str = ""
) -> Iterator[Simulator]:
    """Run a simulator on a free port, with a random password or the given one; stop it at the end, also on SIGTERM."""
    # Like Ctrl-C, so that running work is stopped cleanly and nothing is left behind.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    BUILD.mkdir(exist_ok=True)
    password = password or "Sim1-" + secrets.token_urlsafe(18)
    with tempfile.TemporaryDirectory(prefix=f"simulator-{os.getpid()}-", dir=BUILD) as folder:
        port_file, ca_path, log = Path(folder) / "port", Path(folder) / "ca.pem", Path(folder) / "log"
        command = [sys.executable, "-m", "tpops_simulator", "serve", "--host", "127.0.0.1", "--port", "0"]
        command += ["--port-file", str(port_file), "--ca-file", str(ca_path), "--tls-dir", str(Path(folder) / "tls")]
        command += ["--username", USERNAME, "--speed", f"{speed:g}"]
        # An unused token is valid for a day of real time, at any speed of the simulated time.
        command += ["--session-timeout", str(round(max(speed, 1) * 1440)), *options]
        # If this program is killed, nothing else stops it.
        command += ["--while-pid", str(os.getpid())]
        command += ["--admin"] if admin else []
        command += ["--estate", estate] if estate else []
        with log.open("wb") as output:
            # A separate session: Ctrl-C reaches the playbook first, and the simulator can still answer it.
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env=os.environ | {"TPOPS_SIMULATOR_PASSWORD": password},
            )
        try:
            port = _await_port(process, port_file, log)
            yield Simulator(f"127.0.0.1:{port}", USERNAME, password, ca_path, log, process.pid)
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _await_port(process: subprocess.Popen[bytes], port_file: Path, log: Path) -> int:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        with contextlib.suppress(OSError, ValueError):
            return int(port_file.read_text())
        time.sleep(0.05)
    raise SystemExit(f"The simulator did not start:\n{log.read_text(errors='replace')}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--speed", type=float, default=60, help="simulated seconds per second (default: 60)")
    parser.add_argument("--estate", help="an initial estate file")
    parser.add_argument("command", nargs=argparse.REMAINDER, help="-- COMMAND ARGUMENT ...")
    arguments = parser.parse_args()
    command = arguments.command[1:] if arguments.command[:1] == ["--"] else arguments.command
    if not command:
        parser.error("no command given")
    with running(arguments.speed, estate=arguments.estate) as simulator:
        return subprocess.run(command, env=ansible_environment() | simulator.environment(), check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
