# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A platform with instances in three zones, and its description, which wants a newer version of them."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from conftest import Platform, Recap

import common
import simulator

OLD, NEW = "3.103.0", "3.200.0"
# The primary is in the first zone.
ZONES = ["dc1", "dc2", "dc3"]
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LAST = [["dc2"], ["dc3"], ["dc1"]]
# A new instance has a session with a long transaction, and soon a full backup, which is too old here.
QUICK = {"observe_minutes": 0, "wait_interval": 1, "transaction_seconds": 86400, "backup_age": "1m"}
# What an upgrade from the beginning sends.
WHOLE = ["upgrade_agent", "create_backup", *["upgrade_instance"] * 4]


class Fleet(Platform):
    """A platform with an instance in three zones, and its description, which wants a newer version."""

    def __init__(self, server: simulator.Simulator, folder: Path) -> None:
        super().__init__(server, folder / "home")
        self.folder = folder
        self.evidence = folder / "evidence"
        self.environment = common.ansible_environment() | {"ANSIBLE_HOME": str(self.home)}
        for what in ("estate", "faults", "requests"):
            self.admin("DELETE", what)
        self.clock(speed=600)
        self.prepare("orders-prod")
        # Until metrics have been measured.
        self.clock(advance=60)
        self.describe({"name": "orders-prod"})

    def prepare(self, *names: str, **more: Any) -> None:
        """Create instances whose next scheduled backup is in three days."""
        made: dict[str, Any] = {"version": OLD, "solution": "triset", "data_center": ZONES, "databases": ["orders"]}
        made |= {"password": "Orders-Root-1", "backup_policy": {"period": in_three_days(self)}}
        self.admin("POST", "estate", {"instances": [{"name": name, **made, **more} for name in names]})

    def describe(self, *instances: dict[str, Any], **more: Any) -> None:
        """Write the inventory, with the description of the platform."""
        host = {
            "tpops_endpoint": self.server.endpoint,
            "tpops_username": self.server.username,
            "tpops_password": self.server.password,
            "tpops_ca_path": str(self.server.ca_path),
            "gaussdb_evidence_dir": str(self.evidence),
            "gaussdb_estate": {
                "instances": [{"engine_version": NEW, **each} for each in instances],
                "upgrade_defaults": QUICK,
                **more,
            },
        }
        # JSON is YAML. The variables of all hosts lead nowhere.
        inventory = {
            "all": {"vars": {"ansible_connection": "ssh"}},
            "tpops": {"hosts": {"site-a": host}, "vars": {"ansible_connection": "local"}},
        }
        (self.folder / "inventory.yml").write_text(json.dumps(inventory), encoding="utf-8")

    def command(self, *arguments: str) -> list[str]:
        return [str(common.venv_bin() / "ansible-playbook"), "-i", str(self.folder / "inventory.yml"), *arguments]

    def upgrade(self, *arguments: str, **environment: str) -> Recap:
        return self.play("gaussdb.tpops.upgrade", *arguments, **environment)

    def clock(self, **change: float) -> None:
        self.admin("POST", "clock", change)

    def go_on(self, line: str) -> bool:
        """Advance the stopped time until the run's wait is over: not a reason to kill it."""
        if line.startswith("gaussdb_"):
            self.clock(advance=900)
        return False

    def zones(self) -> list[list[str]]:
        """Return which zones were upgraded, in the order of the requests."""
        sent = [entry for entry in self.requests() if entry["operation_id"] == "upgrade_instance"]
        bodies = [entry["body"] for entry in sent if entry["status"] < 400]
        return [body["upgrade_az"].split(",") for body in bodies if body.get("upgrade_action") == "upgrade"]

    def records(self) -> list[dict[str, Any]]:
        """Return the records, the oldest first."""
        paths = sorted(self.evidence.glob("*.json"), key=lambda path: path.name)
        return [json.loads(path.read_text(encoding="utf-8")) for path in paths]

    def record(self) -> dict[str, Any]:
        return self.records()[-1]

    def state(self, site: str = "site-a") -> tuple[str, str, list[str]]:
        """Return version, target and upgraded zones at the end of the last run."""
        upgrade = self.record()["after"]["sites"][site]["upgrade"]
        return upgrade["version"], upgrade["target_version"], upgrade["upgraded_zones"]


def in_three_days(fleet: Fleet) -> str:
    """Return the day of the week in three days of the platform's time, for a backup that no test is to meet."""
    now = datetime.fromisoformat(fleet.admin("GET", "clock")["now"])
    return str((now.isoweekday() + 2) % 7 + 1)


def ended(run: Recap, outcome: str, fleet: Fleet) -> dict[str, Any]:
    """Check that a run ended with an outcome, and return its record."""
    assert fleet.records(), run.output[-6000:]
    record = fleet.record()
    assert record["outcome"] == outcome, run.output[-6000:]
    assert (run.status == 0) == (outcome in {"unchanged", "done", "paused"}), run.output[-3000:]
    assert record["ended"]
    return record


def announced(record: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Return the steps of a record, each with what it is about and its requests."""
    return [
        (step["name"], step["instance"], tuple(step["about"]), tuple(step["operations"])) for step in record["steps"]
    ]


def broken(zone: str, **more: Any) -> dict[str, Any]:
    """Return what breaks an instance once a zone has the new version."""
    return {"instance": "orders-prod", "version": NEW, "zone": zone, "after_seconds": 0, "component": "dn_6003", **more}
