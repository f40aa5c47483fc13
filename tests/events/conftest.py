# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Real ansible-rulebook against two linked simulated platforms."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

import demo_dr  # noqa: E402

import common  # noqa: E402
import simulator  # noqa: E402
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.alarm import list_alarms  # noqa: E402
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.client import Client, Connection  # noqa: E402

SITES = demo_dr.SITES
SPEED = 60
# What a rule of the tests prints for each event.
LINE = re.compile(r"^EVENT (\{.*\})$", re.MULTILINE)
SECONDS = 60


class Rulebook:
    """A process of ansible-rulebook, and what it has printed."""

    def __init__(self, command: list[str], environment: dict[str, str]) -> None:
        self._lines: list[str] = []
        self._process = subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.append(line)

    @property
    def text(self) -> str:
        return "".join([*self._lines])

    @property
    def events(self) -> list[dict[str, Any]]:
        """What was printed so far."""
        return [json.loads(found) for found in LINE.findall(self.text)]

    @property
    def runs(self) -> bool:
        return self._process.poll() is None

    def kill(self) -> None:
        """Kill it with what it has started, as a machine that dies does."""
        try:
            os.killpg(self._process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self._process.wait()
        self._reader.join()

    def wait(self) -> None:
        """Wait until it ends by itself."""
        self._process.wait(SECONDS)
        self._reader.join()

    def until(self, happened: Callable[[], Any]) -> Any:
        """Wait until it has happened; fail if the process ends, or it does not happen at all."""
        deadline = time.monotonic() + SECONDS
        while not (result := happened()):
            assert self.runs, self.text[-6000:]
            assert time.monotonic() < deadline, self.text[-6000:]
            time.sleep(0.05)
        return result

    def wait_for(self, kind: str, platform: str) -> dict[str, Any]:
        """Return the first event of a type on a platform."""
        return dict(
            self.until(lambda: next((e for e in self.events if (e["type"], e["platform"]) == (kind, platform)), None))
        )


class Platforms:
    """The two platforms, ``0`` and ``1``, each with an instance that is in a relation with the other one."""

    def __init__(self, server: simulator.Simulator, folder: Path) -> None:
        self.sites = demo_dr.sites_of(server)
        self.folder = folder
        self._running: list[Rulebook] = []
        ca, login = str(server.ca_path), (server.username, server.password)
        self._clients = [Client(Connection(each, *login, ca_path=ca)) for each in self.sites.endpoints]
        self.environment = common.ansible_environment("ansible-events") | self.sites.environment()
        self.environment |= {"PYTHONUNBUFFERED": "1", "ANSIBLE_VAULT_PASSWORD_FILE": str(demo_dr.VAULT_PASSWORD)}
        for site in (0, 1):
            for what in ("estate", "faults", "requests"):
                self.sites.admin(site, what, method="DELETE")
            self.up(site)
        shape = {"solution": "triset"}
        self.sites.admin(0, "estate", {"instances": [{"name": "orders-prod", **shape}]})
        self.sites.admin(1, "estate", {"instances": [{"name": "orders-dr", **shape}]})
        relation = {"name": "orders", "master": "orders-prod", "standby": "orders-dr"}
        self.sites.admin(1, "estate", {"dr_relations": [relation]})

    def up(self, site: int) -> None:
        self.sites.admin(site, "site", {"up": True})

    def down(self, site: int) -> None:
        self.sites.admin(site, "site", {"up": False, "mode": "reset"})

    def node(self, site: int, number: int, recovered: bool = False) -> None:
        """Let a node of the instance fail, or recover."""
        failure = {"instance": ("orders-prod", "orders-dr")[site], "node": number, "recovered": recovered}
        self.sites.admin(site, "estate", {"node_failures": [failure]})

    def alarms(self, site: int, active: bool = True) -> list[dict[str, Any]]:
        """The alarms of a platform, as it shows them itself."""
        client = self._clients[site]
        return client.items(list_alarms(active, grouped=False))

    def writes(self, site: int) -> list[str]:
        """The operations that have changed something on a platform."""
        log = self.sites.admin(site, "requests", method="GET")["requests"]
        return [entry["operation_id"] for entry in log if entry["write"]]

    def expected(self) -> set[str]:
        """The IDs of the events about all alarms that the platforms have had."""
        found = set()
        for site, name in enumerate(SITES):
            ended = {str(each["id"]) for each in self.alarms(site, active=False)}
            found |= {f"{name}:alarm_cleared:{key}" for key in ended}
            found |= {f"{name}:alarm_raised:{key}" for key in ended | {str(each["id"]) for each in self.alarms(site)}}
        return found

    def variables(self, **more: Any) -> dict[str, Any]:
        """The variables of the rulebooks of the collection."""
        platforms = [
            {
                "name": name,
                "endpoint": endpoint,
                "username": self.sites.server.username,
                "password": self.sites.server.password,
                "ca_path": str(self.sites.server.ca_path),
            }
            for name, endpoint in zip(SITES, self.sites.endpoints)
        ]
        return {"gaussdb_platforms": platforms, "gaussdb_events_cursor": str(self.folder / "cursor.json"), **more}

    def start(self, rulebook: str | Path, *options: str, **variables: Any) -> Rulebook:
        """Start a rulebook, by its path or the name that it has in the collection."""
        path = self.folder / "variables.json"
        path.write_text(json.dumps(self.variables(**variables)), encoding="utf-8")
        program = str(common.venv_bin() / "ansible-rulebook")
        command = [program, "--rulebook", str(rulebook), "--inventory", str(self._inventory())]
        command += ["--vars", str(path), *options]
        started = Rulebook(command, self.environment)
        self._running.append(started)
        return started

    def _inventory(self) -> Path:
        """The inventory of examples/dr as a folder: of a file ansible-rulebook takes nothing but the file."""
        folder = self.folder / "inventory"
        if not folder.exists():
            for name in ("group_vars", "host_vars"):
                shutil.copytree(demo_dr.EXAMPLE / name, folder / name)
            shutil.copy(demo_dr.EXAMPLE / "inventory.yml", folder)
        return folder

    def watch(self, **options: Any) -> Rulebook:
        """Start a rulebook that prints all events."""
        book = self.folder / "watch.yml"
        arguments = {
            "platforms": "{{ gaussdb_platforms }}",
            "cursor": "{{ gaussdb_events_cursor }}",
            "interval": 1,
            "past_alarms_interval": 1,
            "heartbeat": 0,
            **options,
        }
        action = {"debug": {"msg": "EVENT {{ event.tpops | tojson }}"}}
        rule = {"name": "Print it", "condition": "event.tpops.id is defined", "action": action}
        rules = {"name": "Watch", "hosts": "all", "rules": [rule]}
        book.write_text(
            json.dumps([{**rules, "sources": [{"gaussdb.tpops.tpops_events": arguments}]}]), encoding="utf-8"
        )
        return self.start(book)

    def end(self) -> None:
        for each in self._running:
            each.kill()


@pytest.fixture(scope="session")
def server() -> Iterator[simulator.Simulator]:
    with simulator.running(SPEED, options=("--peer-port", "0")) as running:
        yield running


@pytest.fixture
def platforms(server: simulator.Simulator, tmp_path: Path) -> Iterator[Platforms]:
    made = Platforms(server, tmp_path)
    yield made
    made.end()
