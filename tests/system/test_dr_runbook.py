# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Every command of the runbook, in both languages, works as it is written."""

from __future__ import annotations

from pathlib import Path

import pytest
from runbooks import Runbook
from two_sites import AWAY, HOME, TwoSites


@pytest.mark.long
def test_the_commands_work(sites: TwoSites, tmp_path: Path) -> None:
    runbook = Runbook("disaster-recovery", sites, tmp_path)

    def run(beginning: str, primary: str = "", record: Path | None = None) -> None:
        """Run the command that begins like this; afterwards this site has the primary."""
        done = runbook.run(beginning, record)
        assert done.status == 0, f"{beginning}\n{done.output[-6000:]}"
        if primary:
            assert sites.record()["after"]["primary"] == [primary]

    run("gaussdb.tpops.dr_setup", HOME)
    run("gaussdb.tpops.dr_status")
    run("gaussdb.tpops.dr_drill -e dr_relation=orders", HOME)
    run("gaussdb.tpops.dr_drill", HOME)

    sites.down(0)
    run("gaussdb.tpops.dr_status -e dr_relation=orders")
    run(f"gaussdb.tpops.dr_failover -e dr_relation=orders -e dr_primary_site={AWAY} -e gaussdb_confirm=orders-dr", AWAY)
    sites.up(0)
    run("gaussdb.tpops.dr_reestablish -e dr_relation=orders -e gaussdb_confirm=orders-prod", AWAY)
    run("gaussdb.tpops.dr_switchover -e dr_relation=orders", HOME)

    sites.down(0)
    run(f"gaussdb.tpops.dr_failover -e gaussdb_confirm={HOME} --forks 20", AWAY)
    sites.up(0)
    run(f"gaussdb.tpops.dr_reestablish -e gaussdb_confirm={HOME} --forks 20", AWAY)
    run("gaussdb.tpops.dr_switchover --forks 20", HOME)

    run("gaussdb.tpops.evidence_page", record=min(sites.evidence.glob("*-failover-*.json")))
    assert list(sites.evidence.glob("*-failover-orders.zh.html"))
    run("gaussdb.tpops.dr_teardown -e dr_relation=orders -e gaussdb_confirm=orders-prod")
    assert runbook.left == set()
