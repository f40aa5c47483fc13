# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The maintenance of a host, from outside: its node out of service and back, killed and run again, what stops it."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import reported
from day2 import nodes_after, options, refused, sent, shown_secrets
from fleet import NEW, Fleet, announced, ended
from interrupting import ROUNDS, Moments, Steps

PLAYBOOK = "gaussdb.tpops.node_maintenance"
# The node with the primary is on the first host.
NAMES = ("orders-prod_root_0", "orders-prod_root_1", "orders-prod_root_2")
HOST = "10.200.0.1"
QUICK = options(node_maintenance_transaction_seconds=86400, node_maintenance_wait_interval=1)
MAINTAIN = ("-e", f"node_maintenance_host={HOST}", *QUICK)
BACK = (*MAINTAIN, "-e", "gaussdb_until=started")
HALVES = ["switch_shard", "stop_instance"], ["start_instance", "switch_shard"]
SHOWN = {"ANSIBLE_SHOW_CUSTOM_STATS": "1"}
DISK = {"instance": "orders-prod", "alarm_id": "5010098", "name": "Disk broken", "severity": "critical"}
WHOLE = {name: ("healthy", ["dn_6001"] if name == NAMES[0] else []) for name in NAMES}
AWAY = {**WHOLE, NAMES[0]: ("stopped", []), NAMES[1]: ("healthy", ["dn_6002"])}


def test_a_host_out_of_service_and_back_and_again(fleet: Fleet) -> None:
    for arguments, outcome, nodes, writes, steps in (
        (MAINTAIN, "paused", AWAY, HALVES[0], ["drain_node", "stop_node"]),
        # A repeated run does nothing more, and not the other half either.
        (MAINTAIN, "paused", AWAY, [], ["drain_node", "stop_node"]),
        (BACK, "done", WHOLE, HALVES[1], ["start_node", "wait_node", "bring_home"]),
        (BACK, "unchanged", WHOLE, [], ["start_node", "wait_node"]),
    ):
        fleet.forget_requests()
        run = fleet.play(PLAYBOOK, *arguments)
        record = ended(run, outcome, fleet)
        assert (nodes_after(fleet), sent(fleet)) == (nodes, writes), run.output[-6000:]
        assert [step["name"] for step in record["steps"]] == ["check_maintenance", *steps, "verify_maintenance"]
        assert record["good_end"] is (nodes == WHOLE) and all(check["passed"] for check in record["verification"])
    (first, *_rest) = sorted(fleet.evidence.glob("*.html"))
    page = first.read_text(encoding="utf-8")
    assert "Maintenance of a host: orders-prod" in page and "10.200.0.1" in page and "dn_6001" in page


@pytest.mark.long
def test_check_mode_announces_what_each_half_then_does(fleet: Fleet) -> None:
    for arguments, outcome, writes in ((MAINTAIN, "paused", HALVES[0]), (BACK, "done", HALVES[1])):
        fleet.forget_requests()
        known = len(fleet.records()) if fleet.evidence.exists() else 0
        planned = fleet.play(PLAYBOOK, *arguments, "--check", **SHOWN)
        assert planned.status == 0, planned.output[-6000:]
        assert sent(fleet) == [] and (len(fleet.records()) if fleet.evidence.exists() else 0) == known
        run = fleet.play(PLAYBOOK, *arguments, **SHOWN)
        ended(run, outcome, fleet)
        plan, done = (reported(each)["orders-prod"] for each in (planned, run))
        assert plan["outcome"] == "planned" and announced(plan) == announced(done)
        assert [operation for step in announced(plan) for operation in step[-1]] == sent(fleet) == writes


@pytest.mark.long
def test_killed_in_each_step(fleet: Fleet) -> None:
    """Nothing is done twice, and the primary comes home although only the first run has seen where it was."""
    fleet.clock(speed=0)
    steps = Steps(fleet)
    ended(steps(PLAYBOOK, MAINTAIN), "paused", fleet)
    assert (nodes_after(fleet), sent(fleet)) == (AWAY, HALVES[0]) and steps.killed == {PLAYBOOK: 4}
    ended(steps(PLAYBOOK, BACK), "unchanged", fleet)
    assert (nodes_after(fleet), sent(fleet)) == (WHOLE, [*HALVES[0], *HALVES[1]]) and steps.killed == {PLAYBOOK: 5}


@pytest.mark.long
@pytest.mark.parametrize("number", range(ROUNDS))
def test_killed_at_any_moment(fleet: Fleet, number: int) -> None:
    moments = Moments(fleet, number, PLAYBOOK, *MAINTAIN, "--check")
    ended(moments.several(PLAYBOOK, *MAINTAIN), "paused", fleet)
    assert (nodes_after(fleet), sent(fleet)) == (AWAY, HALVES[0])
    assert moments.several(PLAYBOOK, *BACK).status == 0
    assert (nodes_after(fleet), sent(fleet)) == (WHOLE, [*HALVES[0], *HALVES[1]])


@pytest.mark.long
def test_only_drained(fleet: Fleet) -> None:
    ended(fleet.play(PLAYBOOK, *MAINTAIN, "-e", "gaussdb_until=drained"), "paused", fleet)
    assert sent(fleet) == ["switch_shard"] and nodes_after(fleet)[NAMES[0]] == ("healthy", [])
    ended(fleet.play(PLAYBOOK, *BACK, "-e", "node_maintenance_rebalance=false"), "unchanged", fleet)
    assert sent(fleet) == ["switch_shard"]


@pytest.mark.long
def test_without_the_record_of_the_first_run_the_primaries_are_balanced(fleet: Fleet) -> None:
    """A shard that the node had, and that does not make another one fuller, stays where it is."""
    ended(fleet.play(PLAYBOOK, *MAINTAIN), "paused", fleet)
    for path in fleet.evidence.iterdir():
        path.unlink()
    ended(fleet.play(PLAYBOOK, *BACK), "done", fleet)
    assert nodes_after(fleet)[NAMES[1]] == ("healthy", ["dn_6002"]) and sent(fleet)[-1] == "start_instance"


@pytest.mark.long
def test_a_node_that_does_not_start(fleet: Fleet) -> None:
    """It needs a repair, which the run says, and the platform has the instance without it."""
    ended(fleet.play(PLAYBOOK, *MAINTAIN), "paused", fleet)
    fleet.admin("POST", "faults", {"kind": "job_fail", "operation": "start_instance"})
    run = fleet.play(PLAYBOOK, *BACK)
    record = ended(run, "held", fleet)
    assert [note["code"] for note in record["notes"]] == ["repair_node"]
    assert record["steps"][-1]["name"] == "start_node" and "fault was injected" in record["steps"][-1]["message"]
    ended(fleet.play(PLAYBOOK, *BACK), "done", fleet)
    assert nodes_after(fleet) == WHOLE


@pytest.mark.long
@pytest.mark.parametrize(("operation", "skip"), [("get_job", 0), ("list_components", 4)])
def test_a_platform_that_is_away_for_ten_minutes(fleet: Fleet, operation: str, skip: int) -> None:
    """While a task of it is waited for, and between two steps."""
    fleet.clock(speed=60)
    for arguments, outcome, nodes in ((MAINTAIN, "paused", AWAY), (BACK, "done", WHOLE)):
        rule = {"kind": "site_down", "operation": operation, "seconds": 600, "skip": skip}
        fleet.admin("POST", "faults", rule)
        ended(fleet.play(PLAYBOOK, *arguments), outcome, fleet)
        assert nodes_after(fleet) == nodes
    assert sent(fleet) == [*HALVES[0], *HALVES[1]]


@pytest.mark.long
def test_gates_refuse_it_before_a_write(fleet: Fleet) -> None:
    fleet.admin("POST", "estate", {"node_failures": [{"instance": "orders-prod", "node": 2, "component": "dn_6003"}]})
    said = refused(fleet, PLAYBOOK, *MAINTAIN)
    assert {gate["name"]: gate["outcome"] for gate in fleet.record()["gates"]} == {
        "instance_idle": "passed",
        "no_upgrade": "passed",
        "majority_left": "failed",
        "nodes_healthy": "failed",
        "replicas_in_sync": "failed",
        "no_critical_alarm": "passed",
        "no_long_transaction": "passed",
    }
    assert "majority_left: shard 60011 (1 of 3)" in said and "playbook node_repair" in said
    assert "gaussdb_gates_waived=nodes_healthy,replicas_in_sync" in said
    assert "cannot name majority_left" in refused(
        fleet, PLAYBOOK, *MAINTAIN, "-e", "gaussdb_gates_waived=majority_left"
    )
    recovered = {"instance": "orders-prod", "node": 2, "component": "dn_6003", "recovered": True}
    fleet.admin("POST", "estate", {"node_failures": [recovered]})

    fleet.admin("POST", "estate", {"alarms": [DISK]})
    assert "no_critical_alarm: Disk broken" in refused(fleet, PLAYBOOK, *MAINTAIN)
    run = fleet.play(PLAYBOOK, *MAINTAIN, "-e", "gaussdb_gates_waived=no_critical_alarm")
    assert "no_critical_alarm | waived" in run.output
    ended(run, "paused", fleet)


@pytest.mark.long
def test_an_upgrade_that_is_observed_refuses_it(fleet: Fleet) -> None:
    ended(fleet.upgrade("-e", "gaussdb_until=first_zone"), "paused", fleet)
    said = refused(fleet, PLAYBOOK, *MAINTAIN)
    assert f"no_upgrade: {NEW}" in said and "playbook upgrade_rollback" in said


@pytest.mark.long
def test_what_is_selected_has_to_exist(fleet: Fleet, tmp_path: Path) -> None:
    for arguments, said in (
        (QUICK, "Name the host, for example -e node_maintenance_host=192.0.2.13"),
        (options(node_maintenance_host="db-99"), "No instance of this run has a node on db-99"),
        ((*MAINTAIN, "-e", "gaussdb_target=order-*"), "No platform of this run has order-*, given in gaussdb_target"),
        ((*MAINTAIN, "-e", "gaussdb_target_tags=tier:gold"), "No instance of this run has a node on"),
        ((*MAINTAIN, "-e", "gaussdb_until=done"), "gaussdb_until"),
        ((*MAINTAIN, "--limit", "site-a"), "orders-prod@site-a was skipped."),
        ((*MAINTAIN, "-e", "gaussdb_evidence_dir=/proc/none"), "The evidence cannot be written, so nothing is done"),
    ):
        assert said in refused(fleet, PLAYBOOK, *arguments), said
    fleet.describe({"name": "orders-prod", "tags": ["tier:gold"]})
    ended(fleet.play(PLAYBOOK, *MAINTAIN, "-e", "gaussdb_target_tags=tier:gold"), "paused", fleet)


@pytest.mark.long
def test_no_secret_is_shown_or_kept(fleet: Fleet) -> None:
    assert shown_secrets(fleet, PLAYBOOK, *MAINTAIN) == []
