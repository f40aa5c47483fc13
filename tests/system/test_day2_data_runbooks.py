# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Every command of the runbooks for restarts and restores, in both languages, works as it is written."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from day2 import sent
from fleet import Fleet
from runbooks import Runbook

# The simulated sessions have long transactions.
QUICK = {"restart_transaction_seconds": 86400, "restart_wait_interval": 1, "restore_wait_interval": 1}


def describe(fleet: Fleet, *instances: dict[str, Any]) -> None:
    """Write the inventory, with variables that make the tests quick."""
    fleet.describe(*instances)
    path = fleet.folder / "inventory.yml"
    inventory = json.loads(path.read_text(encoding="utf-8"))
    inventory["all"]["vars"].update(QUICK)
    path.write_text(json.dumps(inventory), encoding="utf-8")


def run(runbook: Runbook, fleet: Fleet, command: str, outcome: str = "") -> None:
    done = runbook.run(command)
    assert done.status == 0, f"{command}\n{done.output[-6000:]}"
    assert not outcome or fleet.record()["outcome"] == outcome, done.output[-6000:]


@pytest.mark.long
def test_the_commands_for_restarts_work(fleet: Fleet, tmp_path: Path) -> None:
    runbook, restart = Runbook("restart", fleet, tmp_path), "gaussdb.tpops.restart"
    names = ("orders-prod", "billing")
    fleet.prepare("billing")
    describe(fleet, *({"name": name, "parameters": {"autovacuum_max_workers": 4}} for name in names))
    fleet.forget_requests()
    run(runbook, fleet, f"{restart} --check")
    assert sent(fleet) == []
    run(runbook, fleet, f"""{restart} -e gaussdb_waves_limit=1 -e '{{"restart_waves": [1, "100%"]}}'""", "done")
    assert sent(fleet).count("restart_instance") == 1
    run(runbook, fleet, restart)
    run(runbook, fleet, f"""{restart} -e gaussdb_sites=site-a -e '{{"gaussdb_target": ["orders-prod", "billing"]}}'""")
    assert sent(fleet).count("restart_instance") == 2
    run(runbook, fleet, f"{restart} -e gaussdb_target=orders-prod -e restart_force=true", "done")
    assert sent(fleet).count("restart_instance") == 3 and runbook.left == set()


@pytest.mark.long
def test_the_commands_for_restores_work(fleet: Fleet, tmp_path: Path) -> None:
    runbook, restore = Runbook("restores", fleet, tmp_path), "gaussdb.tpops.restore -e gaussdb_target=shop-prod"
    tables = ["items", {"name": "labels", "dropped": True}]
    switches = {"enable_default_ustore_table": "on", "enable_recyclebin": "on"}
    kept = {"recyclebin_retention_time": 900000, "undo_retention_time": 259200}
    backups = [{"name": "before-release", "age_seconds": 600}]
    databases = [{"name": "shop", "tables": tables}]
    fleet.prepare("shop-prod", parameters={**switches, **kept}, databases=databases, backups=backups)
    describe(fleet, {"name": "shop-prod"})
    fleet.clock(advance=3600)
    fleet.forget_requests()

    table = "-e gaussdb_target=shop-prod -e flashback_database=shop -e flashback_schema=public -e flashback_table"
    run(runbook, fleet, f"gaussdb.tpops.flashback {table}=labels -e flashback_undrop=true", "done")
    now = datetime.fromisoformat(fleet.admin("GET", "clock")["now"])
    (command,) = (each for each in runbook.commands if "flashback_time" in each)
    # The only command with a moment, which has to be a recent one.
    runbook.left.discard(command)
    words = command.replace("2026-01-05 08:00:00 UTC", str(int(now.timestamp() - 600) * 1000)).split(" -e ")
    done = fleet.play(words[0], *(part for word in words[1:] for part in ("-e", word.strip("'"))), cwd=tmp_path)
    assert done.status == 0 and sent(fleet) == ["flashback_tables"] * 2, done.output[-6000:]

    release, confirm = f"{restore} -e restore_backup=before-release", "-e gaussdb_confirm=shop-prod"
    run(runbook, fleet, f"{release} {confirm} --check")
    run(runbook, fleet, f"{release} {confirm}", "paused")
    run(runbook, fleet, f"{release} -e gaussdb_until=accepted", "done")
    run(runbook, fleet, f"{release} {confirm} -e restore_attempt=2", "paused")
    assert sent(fleet).count("restore_instance") == 2 and runbook.left == set()
