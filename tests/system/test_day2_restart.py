# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Restarts, from outside: only where something waits, never twice, in order and by waves, and what stops them."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from conftest import Recap, reported
from day2 import Retried, options, refused, sent, shown_secrets
from fleet import DAYS, Fleet, announced, ended
from interrupting import ROUNDS, Moments, Steps

PLAYBOOK = "gaussdb.tpops.restart"
QUICK = options(restart_transaction_seconds=86400, restart_wait_interval=1)
FORCED = (*QUICK, *options(gaussdb_target="orders-prod", restart_force="true"))
WAITING = {"autovacuum_max_workers": 4}
BOTH = ["set_parameters", "restart_instance"]
STEPS = ["check_restart", *BOTH, "verify_restart"]
SHOWN = {"ANSIBLE_SHOW_CUSTOM_STATS": "1"}
DISK = {"instance": "orders-prod", "alarm_id": "5010098", "name": "Disk broken", "severity": "critical"}


@pytest.fixture
def waiting(fleet: Fleet) -> Fleet:
    """A platform with an instance whose description has a parameter that waits for a restart."""
    fleet.describe({"name": "orders-prod", "parameters": WAITING, "parameter_restart": "defer"})
    return fleet


def steps(record: dict[str, Any]) -> list[str]:
    return [step["name"] for step in record["steps"]]


def test_what_waits_is_set_and_restarted_once(waiting: Fleet) -> None:
    site = waiting.play("gaussdb.tpops.site")
    assert site.status == 0, site.output[-6000:]
    waiting.forget_requests()
    record = ended(waiting.play(PLAYBOOK, *QUICK), "done", waiting)
    assert (steps(record), sent(waiting)) == (STEPS, BOTH)
    assert record["steps"][2]["about"] == ["autovacuum_max_workers"]
    assert [job["status"] for job in record["steps"][2]["jobs"]] == ["Completed"]
    assert all(check["passed"] for check in record["verification"]) and record["good_end"]
    assert "waiting_parameters" in [check["name"] for check in record["verification"]]
    # Nothing waits any more, also not for an instance that is named.
    for arguments in (QUICK, (*QUICK, "-e", "gaussdb_target=orders-prod")):
        record = ended(waiting.play(PLAYBOOK, *arguments), "unchanged", waiting)
        assert (steps(record), sent(waiting)) == (["check_restart"], BOTH)


@pytest.mark.long
def test_check_mode_announces_what_the_run_then_does(waiting: Fleet) -> None:
    waiting.forget_requests()
    planned = waiting.play(PLAYBOOK, *QUICK, "--check", **SHOWN)
    assert planned.status == 0 and sent(waiting) == [] and not waiting.evidence.exists(), planned.output[-6000:]
    run = waiting.play(PLAYBOOK, *QUICK, **SHOWN)
    ended(run, "done", waiting)
    plan, done = (reported(each)["orders-prod"] for each in (planned, run))
    assert plan["outcome"] == "planned" and announced(plan) == announced(done)
    assert [operation for step in announced(plan) for operation in step[-1]] == sent(waiting) == BOTH


@pytest.mark.long
@pytest.mark.parametrize("forced", [False, True])
def test_killed_in_each_step(fleet: Fleet, forced: bool) -> None:
    fleet.describe({"name": "orders-prod", **({} if forced else {"parameters": WAITING})})
    fleet.forget_requests()
    fleet.clock(speed=0)
    killing = Steps(Retried(fleet))
    ended(killing(PLAYBOOK, FORCED if forced else QUICK), "unchanged", fleet)
    fleet.clock(speed=600)
    assert sent(fleet) == (BOTH[1:] if forced else BOTH) and killing.killed[PLAYBOOK] >= (2 if forced else 3)
    # Once a run has come to its end, the same command restarts it again.
    ended(fleet.play(PLAYBOOK, *FORCED), "done", fleet)
    assert sent(fleet)[-1] == "restart_instance"


@pytest.mark.long
@pytest.mark.parametrize("number", range(ROUNDS))
def test_killed_at_any_moment(fleet: Fleet, number: int) -> None:
    """A restart of which nothing shows whether it took place is held. Only a run after one that ended has another."""
    fleet.forget_requests()
    moments = Moments(fleet, number, PLAYBOOK, *FORCED, "--check")
    moments.several(PLAYBOOK, *FORCED)
    outcomes = [record["outcome"] for record in fleet.records()]
    complete = [outcome for outcome in outcomes if outcome in {"done", "unchanged", "held"}]
    assert outcomes[-1] in complete and sent(fleet) == ["restart_instance"] * len(complete)


WAIT = "Read the task until it has ended"


def killed_at(fleet: Fleet, task: str, *arguments: str) -> Recap:
    return fleet.kill_when(lambda line: line.startswith("TASK [") and f" : {task}]" in line, PLAYBOOK, *arguments)


@pytest.mark.long
def test_killed_while_the_parameters_are_set(waiting: Fleet) -> None:
    """The task is waited for, and they are not set twice."""
    waiting.forget_requests()
    waiting.clock(speed=1)
    killed_at(waiting, WAIT, *QUICK)
    assert sent(waiting) == ["set_parameters"]
    waiting.clock(speed=30)
    ended(waiting.play(PLAYBOOK, *QUICK), "done", waiting)
    assert sent(waiting) == BOTH


@pytest.mark.long
@pytest.mark.parametrize(
    ("task", "before"),
    # Before the request, between its reply and the note with its task, and while the task runs.
    [("Restart it", []), ("Note the task of the platform", ["restart_instance"]), (WAIT, ["restart_instance"])],
)
def test_the_sessions_show_whether_it_was_restarted(fleet: Fleet, task: str, before: list[str]) -> None:
    fleet.forget_requests()
    killed_at(fleet, task, *FORCED)
    assert sent(fleet) == before
    ended(fleet.play(PLAYBOOK, *FORCED), "unchanged" if before else "done", fleet)
    assert sent(fleet) == ["restart_instance"]


@pytest.mark.long
def test_what_nothing_shows_is_held(fleet: Fleet) -> None:
    fleet.forget_requests()
    killed_at(fleet, "Note the task of the platform", *FORCED)
    body = {"error_code": "DBS.200001", "error_msg": "broken"}
    fleet.admin(
        "POST", "faults", {"kind": "status", "status": 400, "body": body, "operation": "list_sessions", "count": 99}
    )
    run = fleet.play(PLAYBOOK, *FORCED)
    record = ended(run, "failed", fleet)
    assert "neither its task nor the sessions" in " ".join(run.output.split())
    assert sent(fleet) == ["restart_instance"] and steps(record) == ["check_restart"]
    confirmed = (*FORCED, *options(gaussdb_confirm="orders-prod", gaussdb_gates_waived="no_long_transaction"))
    ended(fleet.play(PLAYBOOK, *confirmed), "done", fleet)
    assert sent(fleet) == ["restart_instance"] * 2


@pytest.mark.long
def test_a_restart_that_fails_is_done_again(waiting: Fleet) -> None:
    waiting.forget_requests()
    waiting.admin("POST", "faults", {"kind": "job_fail", "operation": "restart_instance"})
    record = ended(waiting.play(PLAYBOOK, *QUICK), "failed", waiting)
    assert "is Failed" in record["steps"][-1]["message"]
    record = ended(waiting.play(PLAYBOOK, *QUICK), "done", waiting)
    assert (steps(record), sent(waiting)) == (["check_restart", *STEPS[2:]], [*BOTH, "restart_instance"])


@pytest.mark.long
@pytest.mark.parametrize(("operation", "skip"), [("get_job", 0), ("list_components", 3)])
def test_a_platform_that_is_away_for_ten_minutes(waiting: Fleet, operation: str, skip: int) -> None:
    waiting.forget_requests()
    waiting.clock(speed=60)
    waiting.admin("POST", "faults", {"kind": "site_down", "operation": operation, "seconds": 600, "skip": skip})
    ended(waiting.play(PLAYBOOK, *QUICK), "done", waiting)
    assert sent(waiting) == BOTH


@pytest.mark.long
def test_a_verification_that_fails_is_done_again_without_a_restart(waiting: Fleet, tmp_path: Path) -> None:
    waiting.forget_requests()
    own = tmp_path / "verify.yml"
    check = "{{ procedure_checks + [{'name': 'orders', 'value': procedure_instance, 'expected': '%s'}] }}"
    task = '- name: Check the orders\n  ansible.builtin.set_fact:\n    procedure_checks: "{}"\n'
    own.write_text(task.format(check % "other"), encoding="utf-8")
    verify = (*QUICK, "-e", f"restart_verify_tasks={own}")
    run = waiting.play(PLAYBOOK, *verify)
    record = ended(run, "failed", waiting)
    assert "orders: orders-prod (expected: other)" in run.output and steps(record) == STEPS
    own.write_text(task.format(check % "orders-prod"), encoding="utf-8")
    record = ended(waiting.play(PLAYBOOK, *verify), "unchanged", waiting)
    assert (steps(record), sent(waiting)) == (["check_restart", "verify_restart"], BOTH)


@pytest.mark.long
def test_gates_and_bad_input_refuse_it_before_a_write(waiting: Fleet) -> None:
    closed = DAYS[(datetime.now(timezone.utc).weekday() + 3) % 7]
    window = json.dumps({"restart_window": {"days": [closed], "from": "00:00", "to": "23:59"}})
    for arguments, said in (
        ((*QUICK, "-e", "restart_force=true"), "Name the instances, for example -e gaussdb_target=orders-prod"),
        ((*QUICK, "-e", '{"restart_window": {"from": "1", "to": "2"}}'), "restart_window has from and to"),
        ((*QUICK, "-e", window), "in_window: closed"),
        ((*QUICK, "-e", "restart_waves=all"), "restart_waves is a list of numbers of instances"),
        ((*QUICK, "-e", "gaussdb_gates_waived=no_upgrade"), "cannot name no_upgrade"),
        ((*QUICK, "-e", "gaussdb_evidence_dir=/proc/none"), "The evidence cannot be written, so nothing is done"),
        ((*QUICK, "-e", "restart_transaction_seconds=1", "-e", "restart_gate_patience=0"), "no_long_transaction"),
    ):
        assert said in refused(waiting, PLAYBOOK, *arguments), said
    waiting.admin("POST", "estate", {"alarms": [DISK]})
    assert "no_critical_alarm: Disk broken" in refused(waiting, PLAYBOOK, *QUICK)
    ended(waiting.play(PLAYBOOK, *QUICK, "-e", "gaussdb_gates_waived=no_critical_alarm"), "done", waiting)


@pytest.mark.long
def test_several_in_order_and_by_waves(fleet: Fleet) -> None:
    fleet.prepare("billing", "reports")
    fleet.describe(*({"name": name, "parameters": WAITING} for name in ("billing", "orders-prod", "reports")))
    targets = '{"gaussdb_target": ["reports", "orders-prod", "billing"]}'
    fleet.forget_requests()
    fleet.admin("POST", "faults", {"kind": "job_fail", "operation": "restart_instance", "skip": 1})
    run = fleet.play(PLAYBOOK, *QUICK, "-e", targets)
    # None follows one that has failed.
    assert run.status != 0
    assert [(each["subject"], each["outcome"]) for each in fleet.records()] == [
        ("reports", "done"),
        ("orders-prod", "failed"),
    ]
    run = fleet.play(PLAYBOOK, *QUICK, "-e", targets, "-e", "gaussdb_waves_limit=2")
    assert run.status == 0 and "because of gaussdb_waves_limit: billing@site-a" in run.output, run.output[-6000:]
    run = fleet.play(PLAYBOOK, *QUICK, "-e", '{"restart_waves": [2, "100%"]}')
    assert run.status == 0
    last = {each["subject"]: each["outcome"] for each in fleet.records()}
    assert last == {"reports": "unchanged", "orders-prod": "unchanged", "billing": "done"}
    assert sent(fleet).count("restart_instance") == 4


@pytest.mark.long
def test_no_secret_is_shown_or_kept(fleet: Fleet) -> None:
    assert shown_secrets(fleet, PLAYBOOK, *FORCED) == []
