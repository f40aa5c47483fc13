# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The repair of a node, from outside: each rung of the ladder, killed and run again, and what stops it."""

from __future__ import annotations

from typing import Any

import pytest
from conftest import reported
from day2 import nodes_after, options, refused, sent
from fleet import NEW, Fleet, announced, ended
from interrupting import ROUNDS, Moments, Steps

PLAYBOOK = "gaussdb.tpops.node_repair"
NAMES = ("orders-prod_root_0", "orders-prod_root_1", "orders-prod_root_2")
NODE, SPARE = NAMES[2], "192.0.2.99"
QUICK = options(node_repair_patience=2, node_repair_wait_interval=1)
REPAIR = ("-e", f"node_repair_node={NODE}", *QUICK)
REPLACE = (
    *REPAIR,
    *options(node_repair_rung_limit="replaced", node_repair_spare=SPARE, gaussdb_target="orders-prod"),
    *options(gaussdb_confirm=NODE),
)
SHOWN = {"ANSIBLE_SHOW_CUSTOM_STATS": "1"}


def break_node(fleet: Fleet, **more: Any) -> None:
    fleet.admin("POST", "estate", {"node_failures": [{"instance": "orders-prod", "node": NODE, **more}]})


def add_spare(fleet: Fleet, **more: Any) -> None:
    fleet.admin("POST", "estate", {"hosts": [{"name": "db-spare", "manage_ip": SPARE, "data_center": "dc3", **more}]})


def stop_node(fleet: Fleet) -> None:
    arguments = options(node_maintenance_host=NODE, node_maintenance_transaction_seconds=86400)
    ended(fleet.play("gaussdb.tpops.node_maintenance", *arguments), "paused", fleet)
    fleet.forget_requests()


def steps_of(record: dict[str, Any]) -> list[str]:
    return [step["name"] for step in record["steps"]]


def test_one_rung_after_the_other_until_the_node_is_healthy(fleet: Fleet) -> None:
    break_node(fleet)
    run = fleet.play(PLAYBOOK, *REPAIR)
    record = ended(run, "done", fleet)
    assert steps_of(record) == ["check_repair", "restart_node", "repair_node", "verify_repair"]
    assert sent(fleet) == ["start_instance", "repair_nodes"], run.output[-6000:]
    assert nodes_after(fleet)[NODE] == ("healthy", []) and record["good_end"]
    fleet.forget_requests()
    assert steps_of(ended(fleet.play(PLAYBOOK, *REPAIR), "unchanged", fleet)) == ["check_repair", "verify_repair"]
    assert sent(fleet) == []


@pytest.mark.long
def test_a_node_is_replaced_by_a_spare(fleet: Fleet) -> None:
    """The page says what the new node is, and what to write into the estate."""
    break_node(fleet)
    add_spare(fleet)
    fleet.admin("POST", "faults", {"kind": "job_fail", "operation": "repair_nodes"})
    run = fleet.play(PLAYBOOK, *REPLACE)
    record = ended(run, "done", fleet)
    assert steps_of(record) == ["check_repair", "restart_node", "repair_node", "replace_node", "verify_repair"]
    assert sent(fleet) == ["start_instance", "repair_nodes", "replace_node"]
    failure, new, old = record["notes"]
    assert (failure["code"], failure["rung"]) == ("rung_failed", "repaired")
    assert (new["code"], new["node"], new["address"], new["hostname"]) == ("new_node", NODE, SPARE, "db-spare")
    assert new["id"] and new["name"] in nodes_after(fleet) and NODE not in nodes_after(fleet)
    assert (old["code"], old["address"], old["old_address"]) == ("old_host", SPARE, "10.200.0.3")
    assert old["status"] == "unmanaged"
    (page,) = fleet.evidence.glob("*.html")
    text = " ".join(page.read_text(encoding="utf-8").split())
    assert f"in gaussdb_estate, write {SPARE} in place of 10.200.0.3 where it lists the hosts of orders-prod" in text
    # The same command once more finds the node replaced, and says the same.
    fleet.forget_requests()
    again = ended(fleet.play(PLAYBOOK, *REPLACE), "unchanged", fleet)
    assert sent(fleet) == [] and again["notes"] == [new, old]


@pytest.mark.long
def test_what_was_only_stopped_is_only_started(fleet: Fleet) -> None:
    """Whatever the limit is."""
    add_spare(fleet)
    for arguments in (REPAIR, REPLACE):
        stop_node(fleet)
        record = ended(fleet.play(PLAYBOOK, *arguments), "done", fleet)
        assert steps_of(record) == ["check_repair", "start_node", "verify_repair"] and sent(fleet) == ["start_instance"]


@pytest.mark.long
def test_what_does_not_start_is_replaced_only_if_that_is_confirmed(fleet: Fleet) -> None:
    stop_node(fleet)
    add_spare(fleet)
    for arguments, outcome in ((REPAIR, "held"), (REPLACE, "done")):
        fleet.admin("POST", "faults", {"kind": "job_fail", "operation": "start_instance"})
        record = ended(fleet.play(PLAYBOOK, *arguments), outcome, fleet)
        notes = {note["code"]: note for note in record["notes"]}
        if outcome == "held":
            assert notes["next_rung"]["rung"] == "replaced" and sent(fleet) == ["start_instance"]
    assert "new_node" in notes and sent(fleet) == ["start_instance", "start_instance", "replace_node"]


@pytest.mark.long
def test_killed_in_each_step(fleet: Fleet) -> None:
    """No rung that has helped is taken twice, nor is the restart, which leaves no trace on the platform."""
    break_node(fleet)
    add_spare(fleet)
    fleet.clock(speed=0)
    fleet.admin("POST", "faults", {"kind": "job_fail", "operation": "repair_nodes", "count": 2})
    steps = Steps(fleet)
    run = steps(PLAYBOOK, REPLACE)
    record = ended(run, "unchanged", fleet)
    assert [note["code"] for note in record["notes"]] == ["new_node", "old_host"]
    # The run that was killed while the repair failed cannot know that it did.
    assert sent(fleet) == ["start_instance", "repair_nodes", "repair_nodes", "replace_node"]
    assert steps.killed == {PLAYBOOK: 5}


@pytest.mark.long
@pytest.mark.parametrize("number", range(ROUNDS))
def test_killed_at_any_moment(fleet: Fleet, number: int) -> None:
    break_node(fleet)
    add_spare(fleet)
    moments = Moments(fleet, number, PLAYBOOK, *REPLACE, "--check")
    assert moments.several(PLAYBOOK, *REPLACE).status == 0
    assert sent(fleet) == ["start_instance", "repair_nodes"] and nodes_after(fleet)[NODE] == ("healthy", [])


@pytest.mark.long
@pytest.mark.parametrize("limit", ["repaired", "replaced"])
def test_check_mode_announces_the_next_rung(fleet: Fleet, limit: str) -> None:
    break_node(fleet)
    add_spare(fleet)
    arguments = REPLACE if limit == "replaced" else REPAIR
    planned = fleet.play(PLAYBOOK, *arguments, "--check", **SHOWN)
    assert planned.status == 0 and sent(fleet) == [] and not fleet.evidence.exists(), planned.output[-6000:]
    plan = reported(planned)["orders-prod"]
    assert plan["outcome"] == "planned"
    assert [(name, operations) for name, _instance, _about, operations in announced(plan)] == [
        ("check_repair", ()),
        ("restart_node", ("start_instance",)),
        ("verify_repair", ()),
    ]


@pytest.mark.long
def test_what_no_rung_has_repaired_is_held(fleet: Fleet) -> None:
    break_node(fleet)
    run = fleet.play(PLAYBOOK, *REPAIR, "-e", "node_repair_rung_limit=restarted")
    record = ended(run, "held", fleet)
    assert f"unhealthy node: {NODE}" in run.output
    assert [(note["code"], note["rung"]) for note in record["notes"]] == [("next_rung", "repaired")]
    ended(fleet.play(PLAYBOOK, *REPAIR, "-e", "node_repair_rung_limit=started"), "failed", fleet)


@pytest.mark.long
def test_a_platform_that_is_away_for_ten_minutes(fleet: Fleet) -> None:
    break_node(fleet)
    fleet.clock(speed=60)
    fleet.admin("POST", "faults", {"kind": "site_down", "operation": "get_job", "seconds": 600})
    fleet.admin("POST", "faults", {"kind": "site_down", "operation": "list_components", "seconds": 600, "skip": 4})
    ended(fleet.play(PLAYBOOK, *REPAIR, "-e", "node_repair_patience=30"), "done", fleet)
    assert nodes_after(fleet)[NODE] == ("healthy", [])


@pytest.mark.long
def test_refused_before_a_write(fleet: Fleet) -> None:
    def failed(*arguments: str) -> str:
        return refused(fleet, PLAYBOOK, *arguments)

    break_node(fleet)
    assert "Name the host, for example -e node_repair_node" in failed()
    assert "No instance of this run has a node on lost" in failed("-e", "node_repair_node=lost")
    assert "needs the management address of a spare host" in failed(*REPLACE, "-e", "gaussdb_confirm=other")
    assert "needs the management address of a spare host" in failed(*REPLACE, "-e", "node_repair_spare=")
    assert "Name the instances" in failed(*REPLACE, "-e", "gaussdb_target=")
    for said, host in (
        (f"{SPARE} is not a host of the platform", None),
        (f"{SPARE} has cpu_spec", {"cpu_spec": "kunpeng", "os_arch": "arm"}),
    ):
        if host:
            add_spare(fleet, **host)
        assert said in failed(*REPLACE)
        assert fleet.record()["outcome"] == "held"
    assert "10.200.0.1 is in_use" in failed(*REPLACE, "-e", "node_repair_spare=10.200.0.1")
    assert "cannot name hosts_free" in failed(*REPLACE, "-e", "gaussdb_gates_waived=hosts_free")
    assert "The evidence cannot be written" in failed(*REPAIR, "-e", "gaussdb_evidence_dir=/proc/none")


@pytest.mark.long
def test_an_upgrade_that_is_observed_refuses_it(fleet: Fleet) -> None:
    ended(fleet.upgrade("-e", "gaussdb_until=first_zone"), "paused", fleet)
    break_node(fleet)
    fleet.forget_requests()
    run = fleet.play(PLAYBOOK, *REPAIR)
    ended(run, "held", fleet)
    assert f"no_upgrade: {NEW}" in run.output and sent(fleet) == []
