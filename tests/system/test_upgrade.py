# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The upgrade of instances, from outside: what it does on the platform, where it stops, and its evidence."""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any

import pytest
from conftest import reported
from fleet import DAYS, LAST, NEW, OLD, WHOLE, ZONES, Fleet, announced, broken, ended

SHOWN = {"ANSIBLE_SHOW_CUSTOM_STATS": "1"}


def test_a_whole_upgrade_and_again(fleet: Fleet) -> None:
    run = fleet.upgrade()
    record = ended(run, "done", fleet)
    assert fleet.state() == (NEW, "", [])
    assert fleet.zones() == LAST
    assert fleet.writes() == WHOLE
    assert [step["name"] for step in record["steps"]] == [
        "check_upgrade",
        "note_baseline",
        "upgrade_agents",
        "back_up",
        *["upgrade_zones", "observe_zones", "verify_zones"] * 3,
        "compare_workload",
        "commit_upgrade",
        "verify_version",
    ]
    assert record["good_end"] and all(check["passed"] for check in record["verification"])
    fleet.forget_requests()
    assert "No upgrade is pending" in fleet.upgrade().output
    ended(fleet.upgrade("-e", "gaussdb_target=orders-prod"), "unchanged", fleet)
    assert fleet.writes() == []


@pytest.mark.long
def test_check_mode_announces_what_the_run_then_does(fleet: Fleet) -> None:
    """The same steps with the same requests, which are those that the platform gets, up to the last verification."""
    planned = fleet.upgrade("--check", **SHOWN)
    assert planned.status == 0, planned.output[-6000:]
    assert fleet.writes() == [] and not fleet.evidence.exists()
    run = fleet.upgrade(**SHOWN)
    ended(run, "done", fleet)
    plan, done = (reported(each)["orders-prod"] for each in (planned, run))
    assert plan["outcome"] == "planned"
    assert announced(plan) == announced(done)
    assert [operation for step in announced(plan) for operation in step[-1]] == fleet.writes() == WHOLE
    assert planned.changed == run.changed == len(WHOLE)


@pytest.mark.long
def test_check_mode_announces_the_end_of_the_only_zone(fleet: Fleet) -> None:
    fleet.prepare("core-a", solution="single", data_center=ZONES[:1])
    fleet.describe({"name": "core-a"})
    first = ("-e", "gaussdb_until=first_zone")
    planned, run = fleet.upgrade("--check", *first, **SHOWN), fleet.upgrade(*first, **SHOWN)
    ended(run, "paused", fleet)
    plan, done = (announced(reported(each)["core-a"]) for each in (planned, run))
    assert plan == done and plan[-1][0] == "compare_workload"


@pytest.mark.long
def test_an_upgrade_is_paused_and_goes_on(fleet: Fleet) -> None:
    ended(fleet.upgrade("-e", "gaussdb_until=precheck"), "paused", fleet)
    assert fleet.writes() == []
    ended(fleet.upgrade("-e", "gaussdb_until=first_zone"), "paused", fleet)
    assert fleet.state() == (OLD, NEW, ["dc2"])
    # The zone is observed once more, and no other one is upgraded.
    fleet.forget_requests()
    record = ended(fleet.upgrade("-e", "gaussdb_until=first_zone"), "paused", fleet)
    assert fleet.writes() == [] and [step["name"] for step in record["steps"]][1:] == ["observe_zones", "verify_zones"]
    ended(fleet.upgrade("-e", "gaussdb_until=zones"), "paused", fleet)
    assert fleet.zones() == LAST[1:] and fleet.state()[1] == NEW
    fleet.forget_requests()
    ended(fleet.upgrade(), "done", fleet)
    assert fleet.writes() == ["upgrade_instance"] and fleet.state() == (NEW, "", [])


@pytest.mark.long
def test_a_run_that_is_killed_while_a_zone_is_upgraded_is_taken_up(fleet: Fleet) -> None:
    fleet.clock(speed=0)

    def of_second_zone(line: str) -> bool:
        return (line.startswith("gaussdb_upgrade ") and len(fleet.zones()) == 2) or fleet.go_on(line)

    run = fleet.kill_when(of_second_zone, "gaussdb.tpops.upgrade")
    assert run.status == -9, run.output[-6000:]
    assert (fleet.record()["outcome"], fleet.record()["steps"][-1]["about"]) == ("running", ["dc3"])
    run = fleet.kill_when(fleet.go_on, "gaussdb.tpops.upgrade")
    record = ended(run, "done", fleet)
    assert fleet.zones() == LAST
    # What was upgraded without a verification is verified first.
    assert [(step["name"], step["about"]) for step in record["steps"]][:4] == [
        ("wait_idle", []),
        ("check_upgrade", []),
        ("observe_zones", ["dc2", "dc3"]),
        ("verify_zones", ["dc2", "dc3"]),
    ]


def order(fleet: Fleet, **what: Any) -> None:
    """Order how the platform behaves."""
    fleet.admin("POST", "estate", what)


@pytest.mark.long
def test_a_zone_whose_verification_fails_is_held_and_rolled_back_by_hand(fleet: Fleet) -> None:
    order(fleet, version_faults=[broken("dc3")])
    run = fleet.upgrade()
    record = ended(run, "held", fleet)
    assert fleet.zones() == LAST[:2] and "commit_upgrade" not in str(record["steps"])
    assert "unhealthy nodes: orders-prod_root_2" in run.output
    # The same command again finds the same, and upgrades nothing.
    fleet.forget_requests()
    ended(fleet.upgrade(), "held", fleet)
    assert fleet.writes() == ["create_wdr_snapshot"]
    fleet.forget_requests()
    refused = fleet.play("gaussdb.tpops.upgrade_rollback")
    assert refused.status != 0 and "-e gaussdb_target=orders-prod" in refused.output
    planned = fleet.play("gaussdb.tpops.upgrade_rollback", "-e", "gaussdb_target=orders-prod", "--check")
    assert planned.status == 0 and planned.changed == 1 and fleet.writes() == []
    run = fleet.play("gaussdb.tpops.upgrade_rollback", "-e", "gaussdb_target=orders-prod")
    assert ended(run, "done", fleet)["good_end"]
    assert fleet.state() == (OLD, "", []) and fleet.writes() == ["upgrade_instance"]
    run = fleet.play("gaussdb.tpops.upgrade_rollback", "-e", "gaussdb_target=orders-prod")
    ended(run, "unchanged", fleet)


ROLLBACK = ("-e", "upgrade_on_failure=rollback")


def test_a_broken_zone_is_rolled_back_by_policy(fleet: Fleet) -> None:
    order(fleet, version_faults=[broken("dc3", alarm={"alarm_id": "5010099", "severity": "critical"})])
    run = fleet.upgrade(*ROLLBACK)
    record = ended(run, "rolled_back", fleet)
    assert fleet.state() == (OLD, "", []) and fleet.zones() == LAST[:2]
    assert [step["outcome"] for step in record["steps"]][-3:] == ["failed", "changed", "changed"]
    assert "new critical alarms" in run.output


@pytest.mark.long
@pytest.mark.parametrize(
    ("leaves", "policy", "outcome"),
    [
        ("before", (), "failed"),
        ("before", ROLLBACK, "failed"),
        ("failed", (), "held"),
        ("failed", ROLLBACK, "rolled_back"),
    ],
)
def test_the_task_of_the_first_zone_fails(fleet: Fleet, leaves: str, policy: tuple[str, ...], outcome: str) -> None:
    order(fleet, upgrade_rules=[{"instance": "orders-prod", "leaves": leaves}])
    fleet.admin("POST", "faults", {"kind": "job_fail", "operation": "upgrade_instance"})
    ended(fleet.upgrade(*policy), outcome, fleet)
    if outcome == "failed":
        ended(fleet.upgrade(), "done", fleet)
        assert fleet.zones() == [LAST[0], *LAST]


@pytest.mark.long
def test_a_refused_commit_and_a_refused_rollback_are_held(fleet: Fleet) -> None:
    order(fleet, upgrade_rules=[{"instance": "orders-prod", "refuse": ["commit"]}])
    ended(fleet.upgrade(*ROLLBACK), "held", fleet)
    assert fleet.state()[1] == NEW
    order(fleet, upgrade_rules=[{"instance": "orders-prod", "disable": ["rollback"]}])
    run = fleet.play("gaussdb.tpops.upgrade_rollback", "-e", "gaussdb_target=orders-prod")
    ended(run, "held", fleet)
    assert "rollback_possible" in run.output
    ended(fleet.upgrade(), "done", fleet)


@pytest.mark.long
def test_a_foreign_upgrade_is_refused(fleet: Fleet) -> None:
    order(fleet, engine_versions=[OLD, NEW, "3.300.0"])
    ended(fleet.upgrade("-e", "gaussdb_until=first_zone"), "paused", fleet)
    fleet.forget_requests()
    run = fleet.upgrade("-e", "upgrade_version=3.300.0", "-e", "gaussdb_target=orders-prod")
    ended(run, "held", fleet)
    assert fleet.writes() == [] and f"no_other_upgrade: {NEW}" in run.output


@pytest.mark.long
def test_gates_refuse_before_anything_is_written(fleet: Fleet) -> None:
    """Each with its reason, and together."""
    closed = {"days": ["mon"], "from": "01:00", "to": "01:01"}
    closed["days"] = [DAYS[(datetime.now().isoweekday() + 2) % 7]]
    fleet.describe({"name": "orders-prod"}, window=closed)
    options = {"upgrade_transaction_seconds": 1, "upgrade_agents": "require", "upgrade_backup": "require"}
    run = fleet.upgrade("-e", json.dumps(options))
    record = ended(run, "held", fleet)
    failed = {gate["name"] for gate in record["gates"] if gate["outcome"] == "failed"}
    assert failed == {"in_window", "no_long_transaction", "agents_up_to_date", "recent_backup"}
    run = fleet.upgrade("-e", "upgrade_version=3.300.0")
    failed = {gate["name"] for gate in ended(run, "held", fleet)["gates"] if gate["outcome"] == "failed"}
    assert failed == {"in_window", "version_possible", "package_uploaded"}
    assert fleet.writes() == []
    for wrong in ("gaussdb_until=end", "upgrade_strategy=blue", "upgrade_on_failure=ignore", "upgrade_version=1,2"):
        run = fleet.upgrade("-e", wrong)
        assert run.status != 0 and wrong.partition("=")[0] in run.output
    run = fleet.upgrade("-e", "gaussdb_target=nobody")
    assert run.status != 0 and "No platform of this run describes nobody" in run.output
    assert fleet.writes() == []


NAMES = ("core-a", "core-b", "core-c", "core-d")


def waves(fleet: Fleet, *broken: str, **more: Any) -> None:
    """Prepare instances for waves, the last one first, with a broken node in some of them."""
    fleet.prepare(*NAMES)
    order(fleet, node_failures=[{"instance": name, "node": f"{name}_root_2"} for name in broken])
    described = [{"name": name} for name in NAMES[:-1]]
    fleet.describe({"name": NAMES[-1], "upgrade": {"wave": 1}}, *described, upgrade_waves=[1, 2, "25%"], **more)


PRECHECK = ("-e", "gaussdb_until=precheck")


def outcomes(fleet: Fleet) -> dict[str, str]:
    """Return the outcomes of all records, and forget them."""
    found = {record["subject"]: record["outcome"] for record in fleet.records()}
    assert all(record["ended"] for record in fleet.records())
    for path in fleet.evidence.iterdir():
        path.unlink()
    return found


@pytest.mark.long
def test_waves_stop_after_a_failure(fleet: Fleet) -> None:
    waves(fleet, "core-a")
    run = fleet.upgrade(*PRECHECK)
    assert run.status != 0
    # The other one of its wave has a complete record, too.
    assert outcomes(fleet) == {"core-d": "paused", "core-a": "held", "core-b": "paused"}
    run = fleet.upgrade(*PRECHECK, "-e", "upgrade_max_fail_percentage=50")
    assert run.status != 0
    assert outcomes(fleet) == {"core-d": "paused", "core-a": "held", "core-b": "paused", "core-c": "paused"}


@pytest.mark.long
def test_the_first_waves_are_played_and_the_others_left(fleet: Fleet) -> None:
    waves(fleet)
    run = fleet.upgrade(*PRECHECK, "-e", "gaussdb_waves_limit=1")
    assert run.status == 0, run.output[-3000:]
    assert outcomes(fleet) == {"core-d": "paused"}
    left = "Left for a later run, because of gaussdb_waves_limit: core-a@site-a, core-b@site-a, core-c@site-a"
    assert left in re.sub(r"\s+", " ", run.output)
    run = fleet.upgrade(*PRECHECK, "-e", "gaussdb_waves_limit=2")
    assert outcomes(fleet) == {"core-d": "paused", "core-a": "paused", "core-b": "paused"}


@pytest.mark.long
def test_other_instances_of_the_inventory_are_left_alone(fleet: Fleet) -> None:
    """The inventory plugin makes hosts of all instances."""
    every = fleet.folder / "every.yml"
    named = {"gaussdb_site": "site-a", "gaussdb_instance_name": "billing"}
    every.write_text(json.dumps({"gaussdb_instances": {"hosts": {"billing@site-a": named}}}), encoding="utf-8")
    run = fleet.upgrade(*PRECHECK, "-i", str(every))
    assert run.status == 0 and "orders-prod@site-a" in run.output, run.output[-3000:]
    assert "billing" not in run.output


def test_an_instance_that_a_limit_leaves_out_is_an_error(fleet: Fleet) -> None:
    run = fleet.upgrade("--limit", "site-a")
    assert run.status != 0 and "orders-prod@site-a was skipped" in run.output


@pytest.mark.long
@pytest.mark.parametrize("factor", [1.5, 3])
def test_a_workload_that_is_slower_than_a_week_ago_is_held(fleet: Fleet, factor: float) -> None:
    fleet.clock(advance=8 * 86400)
    order(fleet, statement_changes=[{"instance": "orders-prod", "from_version": NEW, "sql": "", "factor": factor}])
    # Nothing has run since the last zone was upgraded.
    record = ended(fleet.upgrade("-e", "gaussdb_until=zones"), "paused", fleet)
    assert [each["passed"] for each in record["comparisons"]] == [None, None, None]
    fleet.clock(advance=7200)
    run = fleet.upgrade("-e", "upgrade_min_calls=10", *ROLLBACK)
    record = ended(run, "held" if factor > 2 else "done", fleet)
    passed = {each["name"]: each["passed"] for each in record["comparisons"]}
    # The record of the run that began it tells what the parameters were.
    parameters = {"parameters": True} if factor < 2 else {}
    assert passed == {"statements": factor < 2, "slow_statements": True, "cpu": True, **parameters}
    assert ("3 times as long" in run.output) == (factor > 2)
    # A person has decided.
    ended(
        fleet.upgrade("-e", "upgrade_slow_factor=5", "-e", "gaussdb_target=orders-prod"),
        "done" if factor > 2 else "unchanged",
        fleet,
    )


OWN = """\
- name: Count the rows
  gaussdb.tpops.gaussdb_database_info:
    instance: "{{ upgrade_instance }}"
  register: databases

- name: Add a check
  ansible.builtin.set_fact:
    upgrade_checks: "{{ upgrade_checks + [{'name': 'rows', 'value': databases.databases | length, 'expected': 1}] }}"
"""


@pytest.mark.long
def test_own_tasks_are_part_of_the_evidence(fleet: Fleet) -> None:
    """They are found next to the inventory. The first task that fails ends the observation, and the run is held."""
    (fleet.folder / "own.yml").write_text(OWN, encoding="utf-8")
    own = ("-e", "upgrade_observe_tasks=own.yml", "-e", "gaussdb_until=first_zone")
    record = ended(fleet.upgrade(*own, "-e", "upgrade_verify_tasks=own.yml"), "paused", fleet)
    rows = {"name": "rows", "value": 1, "expected": 1, "passed": True, "site": "site-a"}
    assert rows in record["verification"]
    (fleet.folder / "own.yml").write_text("- ansible.builtin.fail: {msg: too slow}\n", encoding="utf-8")
    run = fleet.upgrade(*own)
    record = ended(run, "held", fleet)
    assert record["steps"][-2]["name"] == "observe_zones" and "too slow" in record["steps"][-2]["message"]
    run = fleet.upgrade("-e", "upgrade_verify_tasks=other.yml")
    assert "there is no file" in run.output and ended(run, "held", fleet)


@pytest.mark.long
def test_an_upgrade_stops_when_its_window_closes(fleet: Fleet) -> None:
    """Between two zones, and before the commit; what is upgraded is observed and verified at any time."""
    closing = f"""\
- name: Close the window
  ansible.builtin.set_fact:
    upgrade_window: {{days: [{DAYS[(datetime.now().isoweekday() + 2) % 7]}], from: "01:00", to: "01:01"}}
"""
    (fleet.folder / "closing.yml").write_text(closing, encoding="utf-8")
    run = fleet.upgrade("-e", "upgrade_observe_tasks=closing.yml")
    record = ended(run, "paused", fleet)
    assert fleet.zones() == LAST[:1] and record["steps"][-1]["name"] == "verify_zones"
    assert [note["code"] for note in record["notes"]] == ["backup_to_go_back", "window_closed"]
    ended(fleet.upgrade(), "done", fleet)


@pytest.mark.long
def test_hotfixes_are_applied_and_verified(fleet: Fleet) -> None:
    """In ascending order. One that fails its verification is removed, if that is the policy."""
    order(fleet, engine_versions=[OLD, f"{OLD}.1", f"{OLD}.2", NEW])
    hotfixes = {"strategy": "hotfix", "version": f"{OLD}.2,{OLD}.1"}
    fleet.describe({"name": "orders-prod", "upgrade": hotfixes, "engine_version": None})
    refused = fleet.upgrade("-e", "gaussdb_until=zones")
    assert refused.status != 0 and "A hotfix has no zones to stop at" in refused.output
    planned = fleet.upgrade("--check")
    assert planned.status == 0 and planned.changed == 3, planned.output[-3000:]
    (fleet.folder / "own.yml").write_text("- ansible.builtin.fail: {msg: wrong result}\n", encoding="utf-8")
    ended(fleet.upgrade("-e", "upgrade_verify_tasks=own.yml", *ROLLBACK), "rolled_back", fleet)
    assert fleet.state()[0] == OLD
    ended(fleet.upgrade(), "done", fleet)
    assert fleet.state()[0] == f"{OLD}.2"
    fleet.forget_requests()
    ended(fleet.upgrade("-e", "gaussdb_target=orders-prod"), "unchanged", fleet)
    assert fleet.writes() == []
    refused = fleet.play("gaussdb.tpops.upgrade_rollback", "-e", "gaussdb_target=orders-prod")
    assert refused.status != 0 and "strategy hotfix" in refused.output


@pytest.mark.long
def test_each_instance_of_a_wave_has_its_own_order_of_zones(fleet: Fleet) -> None:
    """Also where a zone has the same place in two orders: it does not come before the others."""
    fleet.prepare("core-a", data_center=ZONES[::-1])
    fleet.prepare("core-b", data_center=["dc1", "dc3", "dc2"])
    fleet.describe(*({"name": name} for name in ("orders-prod", "core-a", "core-b")))
    planned = fleet.upgrade("--check", **SHOWN)
    assert planned.status == 0, planned.output[-3000:]
    found = {
        name: [step["about"] for step in record["steps"] if step["name"] == "upgrade_zones"]
        for name, record in reported(planned).items()
    }
    # The zone of the primary comes last.
    assert found == {"orders-prod": LAST, "core-a": [["dc2"], ["dc1"], ["dc3"]], "core-b": [["dc3"], ["dc2"], ["dc1"]]}
