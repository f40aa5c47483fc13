# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Every disaster recovery procedure, killed and run again with the same command, ends in the requested state."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from conftest import Recap
from interrupting import ROUNDS, Moments, Steps
from two_sites import AWAY, HOME, TO_AWAY, TwoSites, refused

Interrupt = Callable[[str, tuple[str, ...]], Recap]


@dataclass(frozen=True)
class Procedure:
    """A procedure, its arguments, and the resulting relation on both platforms. ``lost`` is a site that is down
    meanwhile."""

    playbook: str
    arguments: tuple[str, ...]
    primary: tuple[str, ...]
    status: str
    protected: bool = True
    lost: int | None = None


# A sequence in which each procedure has something to do.
LIFE = (
    Procedure("setup", (), (HOME,), "normal"),
    Procedure("drill", (), (HOME,), "normal"),
    Procedure("switchover", TO_AWAY, (AWAY,), "normal"),
    Procedure(
        "failover",
        ("-e", f"dr_primary_site={HOME}", "-e", "gaussdb_confirm=orders-prod"),
        (HOME,),
        "failover",
        protected=False,
        lost=1,
    ),
    Procedure("reestablish", ("-e", "gaussdb_confirm=orders-dr"), (HOME,), "normal"),
    Procedure("teardown", ("-e", "gaussdb_confirm=orders-prod"), (), "no_relation", protected=False),
)


def live(sites: TwoSites, interrupt: Interrupt) -> None:
    for procedure in LIFE:
        if procedure.lost is not None:
            sites.down(procedure.lost)
        run = interrupt(f"gaussdb.tpops.dr_{procedure.playbook}", procedure.arguments)
        assert run.status == 0, run.output[-6000:]
        after = sites.record()["after"]
        assert (tuple(after["primary"]), after["status"], after["protected"]) == (
            procedure.primary,
            procedure.status,
            procedure.protected,
        )
        if procedure.lost is not None:
            sites.up(procedure.lost)


def test_a_run_that_dies_in_its_first_step_that_writes_leaves_a_record(sites: TwoSites) -> None:
    # Before the relation, whose figures would be those of a random moment.
    sites.clock(speed=0)
    sites.join()
    run = sites.kill_when(lambda line: "StartDisasterRecoveryDrill" in line, "gaussdb.tpops.dr_drill")
    assert run.status == -9, run.output[-5000:]
    record = sites.record()
    assert (record["outcome"], record["ended"]) == ("running", "")
    assert [(step["name"], step["outcome"]) for step in record["steps"]] == [
        ("check_drill", "ok"),
        ("start_drill", "running"),
    ]
    assert record["gates"] and record["before"]["primary"] == [HOME]


@pytest.mark.long
def test_a_drill_whose_run_is_gone_can_only_be_stopped(sites: TwoSites) -> None:
    sites.join()
    stop = ("drill", "-e", "dr_drill_start=false")
    for killed, outcome in ((False, "unchanged"), (True, "done"), (False, "unchanged")):
        if killed:
            run = sites.kill_when(lambda line: "Step: verify the drilled" in line, "gaussdb.tpops.dr_drill")
            assert run.status == -9, run.output[-5000:]
        run = sites.dr(*stop)
        assert run.status == 0, run.output[-6000:]
        record = sites.record()
        assert (record["outcome"], record["after"]["protected"]) == (outcome, True)
        assert ("stop_drill" in [step["name"] for step in record["steps"]]) == killed
    # Whether a drill runs is not known without both sites, so nothing is green.
    sites.down(0)
    refused(sites.dr(*stop), "A drill needs both sites")


@pytest.mark.long
def test_killed_in_each_step(sites: TwoSites) -> None:
    sites.clock(speed=0)
    steps = Steps(sites)
    live(sites, steps)
    assert steps.killed == {
        "gaussdb.tpops.dr_setup": 3,
        "gaussdb.tpops.dr_drill": 5,
        "gaussdb.tpops.dr_switchover": 3,
        "gaussdb.tpops.dr_failover": 4,
        "gaussdb.tpops.dr_reestablish": 3,
        "gaussdb.tpops.dr_teardown": 4,
    }


@pytest.mark.long
@pytest.mark.parametrize("number", range(ROUNDS))
def test_killed_at_any_moment(sites: TwoSites, number: int) -> None:
    sites.clock(speed=120)
    moments = Moments(sites, number, "gaussdb.tpops.dr_status")
    live(sites, moments)
    assert moments.hits, "every playbook had ended before it was killed"
