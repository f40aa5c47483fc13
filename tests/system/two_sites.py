# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Two linked simulated platforms, and the playbooks for disaster recovery run with the inventory of examples/dr."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import demo_dr
from conftest import Platform, Recap

import common
import simulator

# Default speed of the platforms' time.
SPEED = 600
HOME, AWAY = "site-a", "site-b"
MEMBERS = [{"site": HOME, "instance": "orders-prod"}, {"site": AWAY, "instance": "orders-dr"}]
TO_AWAY = ("-e", f"dr_primary_site={AWAY}")


class TwoSites(Platform):
    """The platforms at the start of a test: up, without a relation between their instances."""

    def __init__(self, server: simulator.Simulator, home: Path) -> None:
        super().__init__(server, home)
        self.sites = demo_dr.sites_of(server)
        self.evidence = home.parent / "evidence"
        self.environment = common.ansible_environment() | self.sites.environment()
        self.environment |= {"ANSIBLE_HOME": str(home), "DR_EVIDENCE_DIR": str(self.evidence)}
        self.environment |= {"ANSIBLE_VAULT_PASSWORD_FILE": str(demo_dr.VAULT_PASSWORD)}
        self.reset()

    def reset(self) -> None:
        for site in (0, 1):
            for what in ("estate", "faults", "requests"):
                self.sites.admin(site, what, method="DELETE")
            self.up(site)
        self.clock(speed=SPEED)
        self.sites.fill()

    def join(self) -> None:
        """Give the instances a relation."""
        self.sites.admin(
            1, "estate", {"dr_relations": [{"name": "orders", "master": "orders-prod", "standby": "orders-dr"}]}
        )

    @property
    def inventory(self) -> str:
        return str(demo_dr.EXAMPLE / "inventory.yml")

    def command(self, *arguments: str) -> list[str]:
        return [
            str(common.venv_bin() / "ansible-playbook"),
            "-i",
            self.inventory,
            "-e",
            '{"dr_probe_timeout": 6}',
            *arguments,
        ]

    def dr(self, playbook: str, *arguments: str) -> Recap:
        return self.play(f"gaussdb.tpops.dr_{playbook}", *arguments)

    def fault(self, site: int, **rule: Any) -> None:
        self.sites.admin(site, "faults", rule)

    def clock(self, **change: float) -> None:
        """Set another ``speed`` for the time of both, or ``advance`` it by seconds."""
        self.sites.admin(0, "clock", change)

    def go_on(self, line: str) -> bool:
        """Advance the stopped time until the run's wait is over: not a reason to kill it."""
        if line.startswith("gaussdb_"):
            self.clock(advance=900)
        return False

    def down(self, site: int) -> None:
        self.sites.admin(site, "site", {"up": False, "mode": "reset"})

    def up(self, site: int) -> None:
        self.sites.admin(site, "site", {"up": True})

    def record(self) -> dict[str, Any]:
        """Return the newest record."""
        return dict(
            json.loads(
                max(self.evidence.glob("*.json"), key=lambda path: path.stat().st_mtime_ns).read_text(encoding="utf-8")
            )
        )


def done(run: Recap, changed: int) -> None:
    assert run.status == 0, run.output[-6000:]
    assert run.changed == changed, run.output[-6000:]


def refused(run: Recap, text: str) -> None:
    assert run.status != 0, run.output[-3000:]
    assert text in re.sub(r"\s+", " ", run.output), run.output[-4000:]


def relations(**more: Any) -> tuple[str, str]:
    """Return the option that describes the relation of ``examples/dr`` with additional values."""
    return "-e", json.dumps({"dr_relations": [{"name": "orders", "primary_site": HOME, "members": MEMBERS, **more}]})
