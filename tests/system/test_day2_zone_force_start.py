# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The forced start of an instance after the loss of zones, from outside: killed and run again, and what stops it."""

from __future__ import annotations

from typing import Any

import pytest
from conftest import reported
from day2 import nodes_after, options, refused, sent
from fleet import Fleet, announced, ended
from interrupting import ROUNDS, Moments, Steps

PLAYBOOK = "gaussdb.tpops.zone_force_start"
NAMES = ("orders-prod_root_0", "orders-prod_root_1", "orders-prod_root_2")
QUICK = options(gaussdb_target="orders-prod", zone_force_start_zone="dc3", zone_force_start_wait_interval=1)
START = (*QUICK, "-e", "gaussdb_confirm=dc1,dc2")
BACK = (*QUICK, *options(gaussdb_until="resumed", zone_force_start_home="dc1"))
SHOWN = {"ANSIBLE_SHOW_CUSTOM_STATS": "1"}
ALONE = {NAMES[0]: ("unhealthy", []), NAMES[1]: ("unhealthy", []), NAMES[2]: ("healthy", ["dn_6003"])}
WHOLE = {NAMES[0]: ("healthy", ["dn_6001"]), NAMES[1]: ("healthy", []), NAMES[2]: ("healthy", [])}
WRITES = ["repair_availability_zone"] * 3


def lose_zones(fleet: Fleet, *numbers: int) -> None:
    failures: list[dict[str, Any]] = [{"instance": "orders-prod", "node": number} for number in numbers or (0, 1)]
    fleet.admin("POST", "estate", {"node_failures": failures})


def test_an_instance_in_one_zone_and_back(fleet: Fleet) -> None:
    lose_zones(fleet)
    run = fleet.play(PLAYBOOK, *START)
    record = ended(run, "done", fleet)
    assert "LOST: what orders-prod had committed only in dc1, dc2, and not in dc3" in run.output
    assert (record["loss"]["zones"], record["good_end"], nodes_after(fleet)) == (["dc1", "dc2"], False, ALONE)
    again = ended(fleet.play(PLAYBOOK, *START), "unchanged", fleet)
    assert again["loss"] == {} and sent(fleet) == WRITES[:1]
    record = ended(fleet.play(PLAYBOOK, *BACK), "done", fleet)
    assert (nodes_after(fleet), record["good_end"], sent(fleet)) == (WHOLE, True, WRITES)
    assert [step["name"] for step in record["steps"]] == [
        "check_resume",
        "resume_zones",
        "move_home",
        "verify_zones_left",
    ]


@pytest.mark.long
def test_killed_in_each_step(fleet: Fleet) -> None:
    lose_zones(fleet)
    fleet.clock(speed=0)
    steps = Steps(fleet)
    ended(steps(PLAYBOOK, START), "unchanged", fleet)
    assert (nodes_after(fleet), sent(fleet)) == (ALONE, WRITES[:1]) and steps.killed == {PLAYBOOK: 3}
    assert any(record["loss"] for record in fleet.records())
    ended(steps(PLAYBOOK, BACK), "unchanged", fleet)
    assert (nodes_after(fleet), sent(fleet)) == (WHOLE, WRITES) and steps.killed == {PLAYBOOK: 4}


@pytest.mark.long
@pytest.mark.parametrize("number", range(ROUNDS))
def test_killed_at_any_moment(fleet: Fleet, number: int) -> None:
    lose_zones(fleet)
    moments = Moments(fleet, number, PLAYBOOK, *START, "--check")
    assert moments.several(PLAYBOOK, *START).status == 0
    assert (nodes_after(fleet), sent(fleet)) == (ALONE, WRITES[:1])
    assert moments.several(PLAYBOOK, *BACK).status == 0
    assert (nodes_after(fleet), sent(fleet)) == (WHOLE, WRITES)


@pytest.mark.long
def test_check_mode_announces_what_each_half_then_does(fleet: Fleet) -> None:
    lose_zones(fleet)
    for arguments, writes in ((START, WRITES[:1]), (BACK, WRITES[:2])):
        fleet.forget_requests()
        planned = fleet.play(PLAYBOOK, *arguments, "--check", **SHOWN)
        assert planned.status == 0 and sent(fleet) == [], planned.output[-6000:]
        run = fleet.play(PLAYBOOK, *arguments, **SHOWN)
        ended(run, "done", fleet)
        plan, done = (reported(each)["orders-prod"] for each in (planned, run))
        assert plan["outcome"] == "planned" and announced(plan) == announced(done)
        assert sent(fleet) == writes


@pytest.mark.long
def test_a_platform_that_is_away_for_ten_minutes(fleet: Fleet) -> None:
    lose_zones(fleet)
    fleet.clock(speed=60)
    fleet.admin("POST", "faults", {"kind": "site_down", "operation": "get_job", "seconds": 600})
    ended(fleet.play(PLAYBOOK, *START), "done", fleet)
    assert (nodes_after(fleet), sent(fleet)) == (ALONE, WRITES[:1])


@pytest.mark.long
def test_refused_before_a_write(fleet: Fleet) -> None:
    def failed(*arguments: str) -> str:
        return refused(fleet, PLAYBOOK, *arguments)

    # A zone that runs is not lost.
    lose_zones(fleet, 1)
    said = failed(*START)
    assert "zones_lost: running zones: dc1" in said and "instance_down: ACTIVE" in said
    assert "cannot name zones_lost" in failed(*START, "-e", "gaussdb_gates_waived=zones_lost")
    lose_zones(fleet, 0)
    said = failed(*START, "-e", "gaussdb_confirm=dc1")
    assert "Confirm it with their names: -e gaussdb_confirm=dc1,dc2" in said
    assert "zones of orders-prod, as site-a shows it" in failed(*START, "-e", "zone_force_start_zone=dc9")
    assert "needs the zone that is left" in failed(*START, "-e", "zone_force_start_zone=")
    assert "Name the instances" in failed(*START, "-e", "gaussdb_target=")
    assert "The evidence cannot be written" in failed(*START, "-e", "gaussdb_evidence_dir=/proc/none")
    assert "instance_rests" in failed(*BACK, "-e", "gaussdb_gates_waived=instance_rests")
