# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Every command of the runbook for upgrades, in both languages, works as it is written, and ends as it says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import demo_dr
import demo_upgrade
import pytest
import yaml
from conftest import Platform
from runbooks import Runbook

import common
import simulator

SPEED = 600
DAY = 86400


class Fleet(Platform):
    """The fleet of examples/upgrade at two sites, after a week."""

    def __init__(self, server: simulator.Simulator, folder: Path) -> None:
        super().__init__(server, folder / "home")
        self.sites = demo_dr.sites_of(server)
        self.evidence = folder / "evidence"
        self.environment = demo_upgrade.environment(self.sites, self.evidence) | {"ANSIBLE_HOME": str(self.home)}
        self.sites.fill(demo_upgrade.EXAMPLE)
        self.order(engine_versions=["3.103.0", "3.200.0", "3.200.0.1", "3.200.0.2", "3.300.0"])
        self.advance(8 * DAY)

    def command(self, *arguments: str) -> list[str]:
        playbook, *options = arguments
        program, *rest = demo_upgrade.command(playbook.removeprefix("gaussdb.tpops."))
        return [str(common.venv_bin() / program), *rest, *demo_upgrade.QUICK, *options]

    def order(self, **what: Any) -> None:
        """Order something of site-a."""
        self.sites.admin(0, "estate", what)

    def advance(self, seconds: float) -> None:
        self.sites.admin(0, "clock", {"advance": seconds})

    def outcomes(self) -> dict[str, str]:
        """Return how the last procedure of each subject ended."""
        records = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(self.evidence.glob("*.json"))]
        return {record["subject"]: record["outcome"] for record in records}

    def leave_the_pair_with(self, north: str, south: str) -> None:
        """Begin again with a relation between two versions, as a commit in the console leaves it."""
        for site, version in enumerate((north, south)):
            self.sites.admin(site, "estate", method="DELETE")
            path = demo_upgrade.EXAMPLE / "simulator" / f"{demo_dr.SITES[site]}.yml"
            content = yaml.safe_load(path.read_text(encoding="utf-8"))
            for each in content["instances"]:
                each["version"] = version
            self.sites.admin(site, "estate", content)


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[Fleet]:
    with simulator.running(SPEED, options=("--peer-port", "0")) as server:
        yield Fleet(server, tmp_path)


UPGRADE = "gaussdb.tpops.upgrade"
ROLLBACK = "gaussdb.tpops.upgrade_rollback"
SUBJECTS = ("intranet", "billing", "reports", "payments", "orders", "shipping", "ledger")


@pytest.mark.long
def test_the_commands_work(fleet: Fleet, tmp_path: Path) -> None:
    runbook = Runbook("upgrade", fleet, tmp_path)

    def run(beginning: str, record: Path | None = None, **outcomes: str) -> str:
        """Run the command that begins like this; afterwards these subjects have these outcomes."""
        done = runbook.run(beginning, record)
        bad = not set(outcomes.values()) <= {"paused", "done", "unchanged"}
        assert (done.status != 0) == bad, f"{beginning}\n{done.output[-6000:]}"
        seen = fleet.outcomes()
        assert outcomes == {name: seen.get(name) for name in outcomes}, done.output[-6000:]
        return done.output

    # Before the upgrade.
    assert "upgrade" in run("gaussdb.tpops.plan")
    run(f"{UPGRADE} --check")
    assert not fleet.outcomes()
    run(f"{UPGRADE} -e gaussdb_until=precheck", **dict.fromkeys(SUBJECTS, "paused"))

    # The canary.
    canary = f"{UPGRADE} -e gaussdb_target=intranet"
    run(f"{canary} -e gaussdb_until=first_zone", intranet="paused")
    run(f"{canary} -e gaussdb_until=zones", intranet="paused")
    fleet.advance(DAY / 4)
    run(canary, intranet="done")

    # The waves.
    fault = demo_upgrade.FAULT
    fleet.order(version_faults=[fault])
    waves = {"billing": "done", "reports": "done", "payments": "rolled_back", "orders": "done", "shipping": "paused"}
    run(UPGRADE, **waves, ledger="paused")

    # Held.
    payments, back = (f"{playbook} -e gaussdb_target=payments" for playbook in (UPGRADE, ROLLBACK))
    run(f"{payments} -e upgrade_on_failure=hold", payments="held")
    run(back, payments="done")
    fleet.order(version_faults=[demo_upgrade.ZONE])

    fleet.order(
        statement_changes=[{"instance": "shipping", "from_version": "3.200.0", "sql": "order_items", "factor": 3}]
    )
    done = fleet.play(UPGRADE, "-e", "gaussdb_target=shipping", "-e", "gaussdb_until=zones")
    assert done.status == 0
    fleet.advance(DAY / 4)
    run(f"{UPGRADE} -e gaussdb_target=shipping", shipping="held")
    run(f"{UPGRADE} -e gaussdb_target=shipping -e upgrade_slow_factor=5", shipping="done")

    foreign = ("-e", "gaussdb_target=payments", "-e", "upgrade_version=3.300.0", "-e", "gaussdb_until=first_zone")
    assert fleet.play(UPGRADE, *foreign).status == 0
    run(payments, payments="held")
    run(back, payments="done")

    fleet.order(upgrade_rules=[{"instance": "payments", "refuse": ["commit"], "disable": ["rollback"]}])
    run(payments, payments="held")
    run(back, payments="held")
    fleet.order(upgrade_rules=[{"instance": "payments"}])

    # A pair.
    output = " ".join(runbook.run(f"{UPGRADE} -e gaussdb_sites=site-a").output.split())
    assert "only upgraded together. This run does not have site-b" in output
    run(f"{UPGRADE} -e gaussdb_target=ledger-north -e gaussdb_until=zones", ledger="paused")
    run(f"{ROLLBACK} -e gaussdb_target=ledger-north", ledger="done")
    fleet.order(upgrade_rules=[{"instance": "ledger-north", "refuse": ["commit"]}])
    run(f"{UPGRADE} -e gaussdb_target=ledger-north", ledger="held")
    assert "rollback_possible | failed" in run(f"{ROLLBACK} -e gaussdb_target=ledger-north", ledger="held")
    fleet.order(upgrade_rules=[{"instance": "ledger-north"}])

    # The causes are gone, and the same command again does what is left.
    assert fleet.play(UPGRADE).status == 0
    assert set(fleet.outcomes().values()) == {"done", "unchanged"}

    hotfixes = f"{UPGRADE} -e gaussdb_target=intranet -e upgrade_strategy=hotfix -e upgrade_version=3.200.0.1,3.200.0.2"
    run(hotfixes, intranet="done")
    at_once = "-e upgrade_strategy=inplace -e upgrade_on_failure=hold -e gaussdb_confirm=billing"
    run(f"{UPGRADE} -e gaussdb_target=billing -e upgrade_version=3.300.0 {at_once}", billing="done")
    run("gaussdb.tpops.evidence_page", record=min(fleet.evidence.glob("*-upgrade-payments.json")))
    assert list(fleet.evidence.glob("*-upgrade-payments.zh.html"))

    # A pair whose primary is ahead.
    fleet.leave_the_pair_with("3.200.0", "3.103.0")
    run(f"{UPGRADE} -e gaussdb_target=ledger-north", ledger="held")
    run("gaussdb.tpops.dr_teardown -e dr_relation=ledger -e gaussdb_confirm=ledger-north", ledger="done")
    run(f"{UPGRADE} -e gaussdb_target=ledger-south", **{"ledger-south": "done"})
    run("gaussdb.tpops.dr_setup -e dr_relation=ledger -e gaussdb_gates_waived=standby_empty", ledger="done")
    assert runbook.left == set()
