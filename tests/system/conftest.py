# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Real ansible-playbook runs against a real simulator."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

import common  # noqa: E402
import simulator  # noqa: E402

ESTATE = ROOT / "examples" / "estate"
# A user as in a container of a cluster, with a number and no name. The capability to read is that of the files of an
# image: here they are those of root.
RANDOM_USER = 23456
AS_RANDOM_USER = [
    *("setpriv", f"--reuid={RANDOM_USER}", "--regid=0", "--clear-groups"),
    *("--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"),
]
VAULT_KEY = ESTATE / "vault-password.example"


@dataclass
class Recap:
    """The result of a playbook run."""

    status: int
    output: str

    @property
    def changed(self) -> int:
        return sum(int(count) for count in re.findall(r"\bok=\d+ +changed=(\d+)", self.output))

    @property
    def failed(self) -> int:
        return sum(int(count) for count in re.findall(r"\bfailed=(\d+)", self.output.rpartition("PLAY RECAP")[2]))


class Platform:
    """A running simulator, its request log, and playbook runs against it with their own home."""

    def __init__(self, server: simulator.Simulator, home: Path) -> None:
        self.server = server
        self.home = home
        self.environment = common.ansible_environment() | server.environment() | {"ANSIBLE_HOME": str(home)}

    def admin(self, method: str, path: str, body: Any = None) -> Any:
        return self.server.admin(method, path, body)

    def requests(self) -> list[dict[str, Any]]:
        return self.server.requests()

    def writes(self) -> list[str]:
        return [entry["operation_id"] for entry in self.requests() if entry["write"]]

    def forget_requests(self) -> None:
        self.admin("DELETE", "requests")

    def command(self, *arguments: str) -> list[str]:
        key = ["--vault-password-file", str(VAULT_KEY)]
        return [str(common.venv_bin() / "ansible-playbook"), "-i", str(ESTATE / "inventory.yml"), *key, *arguments]

    def play(self, *arguments: str, cwd: Path | None = None, **environment: str) -> Recap:
        """Run ansible-playbook with the example estate's inventory; ``gaussdb.tpops.site`` unless a playbook is
        given."""
        return self.run(self.command(*(arguments or ("gaussdb.tpops.site",))), cwd=cwd, **environment)

    def run(self, command: Sequence[str], cwd: Path | None = None, **environment: str) -> Recap:
        """Run a command to its end."""
        done = subprocess.run(
            command,
            cwd=cwd,
            env=self.environment | environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return Recap(done.returncode, done.stdout)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a playbook in a separate session, which ``kill`` ends with all its workers."""
        return subprocess.Popen(
            self.command(*arguments),
            env=self.environment | {"PYTHONUNBUFFERED": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def kill_when(self, is_moment: Callable[[str], bool], *arguments: str) -> Recap:
        """Run a playbook, and kill it with all its workers at the first output line for which ``is_moment`` is true."""
        output = ""
        with self.start(*arguments) as process:
            assert process.stdout is not None
            for line in process.stdout:
                output += line
                if is_moment(line):
                    kill(process.pid)
                    break
        return Recap(process.returncode, output)

    def kill_after(self, seconds: float, *arguments: str) -> Recap:
        """Run a playbook, and kill it with all its workers if it is still running after this many seconds."""
        with self.start(*arguments) as process:
            try:
                output = process.communicate(timeout=seconds)[0]
            except subprocess.TimeoutExpired:
                kill(process.pid)
                output = process.communicate()[0]
        return Recap(process.returncode, output)


def kill(pid: int) -> None:
    """Kill a playbook with all its workers, which are not in its process group any more."""
    playbook = psutil.Process(pid)
    # While stopped it starts no more workers.
    playbook.suspend()
    for process in (*playbook.children(recursive=True), playbook):
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()


@pytest.fixture
def platform(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Platform]:
    """An empty platform; ``pytest.mark.speed(N)`` sets the speed of its time."""
    marker = request.node.get_closest_marker("speed")
    with simulator.running(speed=marker.args[0] if marker else 600) as server:
        yield Platform(server, tmp_path / "home")


@pytest.fixture(scope="session")
def linked_platforms() -> Iterator[simulator.Simulator]:
    """Two linked platforms, for all tests of a run."""
    with simulator.running(options=("--peer-port", "0")) as server:
        yield server


@pytest.fixture
def sites(linked_platforms: simulator.Simulator, tmp_path: Path) -> Any:
    """The two sites of ``examples/dr``, as ``two_sites.TwoSites``: each has its instance, without a relation."""
    from two_sites import TwoSites

    return TwoSites(linked_platforms, tmp_path / "home")


@pytest.fixture(scope="module")
def fleet_platform() -> Iterator[simulator.Simulator]:
    """A platform for all tests of a module."""
    with simulator.running() as server:
        yield server


@pytest.fixture
def fleet(fleet_platform: simulator.Simulator, tmp_path: Path) -> Any:
    """A ``fleet.Fleet`` with one instance."""
    from fleet import Fleet

    return Fleet(fleet_platform, tmp_path)


@pytest.fixture
def pair(linked_platforms: simulator.Simulator, tmp_path: Path) -> Any:
    """A ``pair.Pair``, whose instances are not in a relation yet."""
    from pair import Pair

    return Pair(linked_platforms, tmp_path)


def reported(run: Recap) -> dict[str, dict[str, Any]]:
    """Return the records of a run by their subjects, also of one in check mode, from its statistics:
    ``ANSIBLE_SHOW_CUSTOM_STATS`` shows them."""
    shown = re.search(r"^\tRUN: (\{.*\})$", run.output, re.MULTILINE)
    assert shown, run.output[-6000:]
    return {subject: each["record"] for subject, each in json.loads(shown[1])["gaussdb_evidence"].items()}


def occurrences(folder: Path, texts: Sequence[str]) -> list[str]:
    """Return the files below a folder that contain any of the texts."""
    found = []
    for path in folder.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            found += [f"{path.relative_to(folder)}: {text}" for text in texts if text.encode() in content]
    return found


def run_demo(name: str) -> str:
    """Run a demonstration of the folder tools, which has to end well, and return what it printed."""
    demo = subprocess.run(
        [sys.executable, str(ROOT / "tools" / f"{name}.py")],
        env={name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert demo.returncode == 0, demo.stdout[-6000:]
    return demo.stdout


def wait_for(what: str, seconds: float, condition: Any) -> None:
    """Wait until a condition is true; the test fails after the timeout."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"{what}: not after {seconds:g} s"
        time.sleep(0.05)
