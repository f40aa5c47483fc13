# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Every command of the runbook, in both languages, works as it is written."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from conftest import ROOT
from two_sites import AWAY, HOME, TwoSites

RUNBOOKS = sorted((ROOT / "docs" / "runbooks").glob("disaster-recovery*.md"))
PAGE = re.compile(r"dr_record=\S+")


def commands(runbook: Path) -> set[str]:
    return set(re.findall(r"ansible-playbook (gaussdb\.tpops\.[^`\n]+)", runbook.read_text(encoding="utf-8")))


def test_both_languages_have_the_same_commands() -> None:
    english, chinese = RUNBOOKS
    assert chinese.name.endswith(".zh-CN.md") and commands(english) == commands(chinese)


def test_the_commands_work(sites: TwoSites, tmp_path: Path) -> None:
    left = commands(RUNBOOKS[0])

    def run(beginning: str, primary: str = "") -> None:
        """Run the one command that is left and begins like this; afterwards this site has the primary."""
        (command,) = [each for each in left if each == beginning or each.startswith(f"{beginning} -e '{{")]
        left.remove(command)
        written = sorted(sites.evidence.glob("*-failover-*.json"))
        real = PAGE.sub(lambda _found: f"dr_record={written[0]}", command)
        done = sites.play(*shlex.split(real), cwd=tmp_path)
        assert done.status == 0, f"{command}\n{done.output[-6000:]}"
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

    (page,) = [each for each in left if "dr_page" in each]
    run(page)
    assert list(sites.evidence.glob("*-failover-orders.zh.html"))
    run("gaussdb.tpops.dr_teardown -e dr_relation=orders -e gaussdb_confirm=orders-prod")
    assert left == set()
