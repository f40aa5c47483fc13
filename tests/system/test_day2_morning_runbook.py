# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Every command of the runbook for every morning, in both languages, works as it is written."""

from __future__ import annotations

from pathlib import Path

import pytest
from runbooks import Runbook
from test_day2_health import HEALTH, Sites, healthy

import simulator


@pytest.mark.long
def test_the_commands_work(linked_platforms: simulator.Simulator, tmp_path: Path) -> None:
    sites = Sites(linked_platforms, tmp_path)
    healthy(sites)
    sites.describe()
    sites.sites.admin(0, "clock", {"speed": 600})
    runbook = Runbook("morning", sites, tmp_path)

    for command in (
        HEALTH,
        f"{HEALTH} -e gaussdb_sites=site-a",
        f"{HEALTH} --check",
        f"{HEALTH} -e health_backup_age=8d -e health_disk_amber_percent=85",
        f"{HEALTH} -e gaussdb_health_deep=true",
    ):
        done = runbook.run(command)
        assert done.status == 0, done.output[-6000:]
    assert len(sites.records()) == 4

    strict = f"{HEALTH} -e gaussdb_health_strict=true"
    sites.sites.admin(1, "site", {"up": False, "mode": "reset"})
    assert runbook.run(strict).status != 0

    record = max(sites.evidence.glob("*-health.json"))
    done = runbook.run("gaussdb.tpops.evidence_page", record=record)
    assert done.status == 0, done.output[-3000:]
    assert "平台无响应" in record.with_suffix(".zh.html").read_text(encoding="utf-8")
    assert runbook.left == set()
