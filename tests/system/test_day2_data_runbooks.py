# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Every command of the runbooks for restarts, restores and passwords, in both languages, works as it is written."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT
from day2 import sent
from fleet import Fleet
from runbooks import Runbook

# The simulated sessions have long transactions.
QUICK = {"restart_transaction_seconds": 86400, "restart_wait_interval": 1, "restore_wait_interval": 1}


def describe(fleet: Fleet, *instances: dict[str, Any], **more: Any) -> None:
    """Write the inventory, with variables that make the tests quick."""
    fleet.describe(*instances)
    path = fleet.folder / "inventory.yml"
    inventory = json.loads(path.read_text(encoding="utf-8"))
    inventory["all"]["vars"].update(QUICK | more)
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


@pytest.mark.long
def test_the_commands_for_passwords_work(fleet: Fleet, tmp_path: Path) -> None:
    runbook, rotate = Runbook("passwords", fleet, tmp_path), "gaussdb.tpops.rotate_passwords"
    folder, earlier = tmp_path / "secrets", "Earlier-Pass-1"
    folder.mkdir()
    fleet.admin("DELETE", "estate")
    fleet.admin("POST", "estate", {"key_pairs": ["ssh-2026"]})
    fleet.prepare("orders-prod", "billing", users=[{"name": "orders_app", "password": earlier}])
    fleet.clock(advance=60)
    install = [{"name": "Show it", "ansible.builtin.debug": {"var": "rotate_passwords_public_key"}}]
    (tmp_path / "install_key.yml").write_text(json.dumps(install), encoding="utf-8")
    examples = ROOT / "examples" / "passwords"
    tasks = {f"rotate_passwords_{name}_tasks": str(examples / f"{name}.yml") for name in ("publish", "verify")}
    tasks |= {"rotate_passwords_secret_tasks": str(examples / "secrets.yml")}
    tasks |= {"rotate_passwords_key_tasks": "install_key.yml"}
    describe(fleet, {"name": "orders-prod"}, **tasks, secrets_folder=str(folder), rotate_passwords_wait_interval=1)

    def stage(staged: dict[str, str], **more: Any) -> None:
        for name in ("orders-prod", "billing"):
            content = {"current": {}, "staged": staged, **more}
            (folder / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")

    fleet.forget_requests()
    one = f"{rotate} -e gaussdb_target=orders-prod -e gaussdb_confirm=orders-prod"
    stage({"orders_app": "Staged-Pass-2"})
    run(runbook, fleet, f"{one} -e rotate_passwords_accounts=orders_app --check")
    assert sent(fleet) == []
    run(runbook, fleet, f"{one} -e rotate_passwords_accounts=orders_app", "done")
    stage({name: f"Staged-{name}-3" for name in ("rdsAdmin", "rdsMetric", "rdsBackup")})
    run(runbook, fleet, f"{one} -e rotate_passwords_accounts=rdsAdmin,rdsMetric,rdsBackup", "done")
    stage({"root": "Staged-Root-4"})
    both = """-e gaussdb_confirm=orders-prod,billing -e rotate_passwords_accounts=root -e '{"gaussdb_target": """
    run(runbook, fleet, f"""{rotate} {both}["orders-prod", "billing"]}}'""", "done")
    pem = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"
    files = dict.fromkeys(("ca_cert", "client_cert", "client_key"), pem)
    stage({}, staged_certificate={**files, "key_password": "Staged-Key-5"})
    run(runbook, fleet, f"{one} -e rotate_passwords_certificate=true", "done")
    keys = "-e rotate_passwords_key_pair=ssh-2027 -e rotate_passwords_old_key_pair=ssh-2026"
    run(runbook, fleet, f"{one} {keys}", "done")
    assert "delete_key_pair" in sent(fleet) and runbook.left == set()
