# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Two platforms with one instance each, in a relation, and their descriptions, which want a newer version."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from conftest import Recap
from fleet import NEW, OLD, QUICK
from two_sites import AWAY, HOME, MEMBERS, TwoSites

import common
import simulator

INSTANCES = ("orders-prod", "orders-dr")
# What an upgrade from the beginning sends to each site: the zones one by one, then the commit.
WHOLE = (
    ["upgrade_agent", "create_backup", *["upgrade_instance"] * 3],
    ["upgrade_agent", *["upgrade_instance"] * 3],
)
STREAM = ["prod upgrade", "prod upgrade", "dr upgrade", "dr upgrade", "dr commit", "prod commit"]


class Pair(TwoSites):
    """Two platforms with one instance each, both in two zones, in a relation, and their descriptions."""

    def __init__(self, server: simulator.Simulator, folder: Path) -> None:
        self.folder = folder
        super().__init__(server, folder / "home")
        self.describe()

    def reset(self) -> None:
        for site in (0, 1):
            for what in ("faults", "requests"):
                self.sites.admin(site, what, method="DELETE")
            self.up(site)
            self.fill(site, OLD)
        self.clock(speed=600)

    def fill(self, site: int, version: str) -> None:
        """Let a site have its instance, with a version."""
        self.sites.admin(site, "estate", method="DELETE")
        shape = {"solution": "triset", "version": version, "data_center": ["z1", "z2"], "password": "Orders-Root-1"}
        self.sites.admin(site, "estate", {"instances": [{"name": INSTANCES[site], **shape}]})

    def replicate(self, disaster_type: str = "stream") -> None:
        relation = {"name": "orders", "master": "orders-prod", "standby": "orders-dr", "disaster_type": disaster_type}
        self.sites.admin(1, "estate", {"dr_relations": [relation]})
        self.clock(advance=60)

    def describe(self, prod: Any = None, dr: Any = None, estates: Any = ({}, {}), **more: Any) -> None:
        """Write the inventory. Each member may have options of its own, and None leaves it as it is. ``estates`` have
        more of the description of each site."""
        hosts = {}
        for site, (name, options) in enumerate(zip(INSTANCES, (prod, dr))):
            described = [{"name": name, "engine_version": NEW, **(options or {})}] if options is not False else []
            hosts[(HOME, AWAY)[site]] = {
                "tpops_endpoint": self.sites.endpoints[site],
                "tpops_username": self.server.username,
                "tpops_password": self.server.password,
                "tpops_ca_path": str(self.server.ca_path),
                "gaussdb_evidence_dir": str(self.evidence) if hasattr(self, "evidence") else "",
                "gaussdb_estate": {"instances": described, "upgrade_defaults": QUICK, **estates[site]},
            }
        relations = [{"name": "orders", "primary_site": HOME, "members": MEMBERS}]
        variables = {"ansible_connection": "local", "dr_relations": relations, **more}
        inventory = {"tpops": {"hosts": hosts, "vars": variables}}
        # JSON is YAML.
        (self.folder / "inventory.yml").write_text(json.dumps(inventory), encoding="utf-8")

    @property
    def inventory(self) -> str:
        return str(self.folder / "inventory.yml")

    def command(self, *arguments: str) -> list[str]:
        return [str(common.venv_bin() / "ansible-playbook"), "-i", self.inventory, *arguments]

    def upgrade(self, *arguments: str, **environment: str) -> Recap:
        return self.play("gaussdb.tpops.upgrade", *arguments, **environment)

    def rollback(self, *arguments: str) -> Recap:
        return self.play("gaussdb.tpops.upgrade_rollback", "-e", "gaussdb_target=orders-*", *arguments)

    def log(self, site: int) -> list[dict[str, Any]]:
        """Return the requests to a site that may have changed something."""
        return [each for each in self.sites.admin(site, "requests", method="GET")["requests"] if each["write"]]

    def sent(self, site: int) -> list[str]:
        return [each["operation_id"] for each in self.log(site)]

    def forget(self) -> None:
        for site in (0, 1):
            self.sites.admin(site, "requests", method="DELETE")

    def order(self) -> list[str]:
        """Return the accepted requests of upgrades to both platforms, in their order."""
        found = []
        for site, name in enumerate(("prod", "dr")):
            for each in self.log(site):
                if each["operation_id"] == "upgrade_instance" and each["status"] < 400:
                    found.append((each["time"], f"{name} {each['body']['upgrade_action']}"))
        return [text for _time, text in sorted(found)]

    def records(self) -> list[dict[str, Any]]:
        paths = sorted(self.evidence.glob("*.json"), key=lambda path: path.name)
        return [json.loads(path.read_text(encoding="utf-8")) for path in paths]

    def versions(self) -> list[str]:
        return [seen["upgrade"]["version"] for seen in self.records()[-1]["after"]["sites"].values()]


def ended(run: Recap, outcome: str, pair: Pair) -> dict[str, Any]:
    """Check that a run ended with an outcome, and return its record."""
    record = pair.records()[-1]
    assert record["outcome"] == outcome, run.output[-9000:]
    assert (run.status == 0) == (outcome in {"unchanged", "done", "paused"}), run.output[-3000:]
    assert record["ended"]
    return record


def steps(record: dict[str, Any], *names: str) -> list[str]:
    """Return the steps of these names with their instances."""
    return [f"{step['name']} {step['instance']}" for step in record["steps"] if not names or step["name"] in names]
