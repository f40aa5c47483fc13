# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Restores in place, from outside: confirmed, backed up, paused, accepted, and never done twice."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from conftest import reported
from day2 import Retried, options, sent, shown_secrets
from fleet import Fleet, announced, ended
from interrupting import ROUNDS, Moments, Steps
from pair import Pair

PLAYBOOK = "gaussdb.tpops.restore"
TARGET = options(gaussdb_target="orders-prod", restore_wait_interval=1)
CONFIRMED = (*TARGET, "-e", "gaussdb_confirm=orders-prod")
ACCEPT = ("-e", "gaussdb_until=accepted")
FIRST = ["create_backup", "restore_instance"]
SECOND = ["confirm_restore_data", "create_backup"]
SHOWN = {"ANSIBLE_SHOW_CUSTOM_STATS": "1"}


@pytest.fixture
def back(fleet: Fleet) -> tuple[str, ...]:
    """The option with a moment ten minutes ago, on a platform that has a backup from before it."""
    fleet.clock(advance=7200)
    now = int(datetime.fromisoformat(fleet.admin("GET", "clock")["now"]).timestamp())
    fleet.forget_requests()
    return ("-e", f"restore_to={(now - 600) * 1000}")


def steps(record: dict[str, Any]) -> list[str]:
    return [step["name"] for step in record["steps"]]


def test_restored_accepted_and_again(fleet: Fleet, back: tuple[str, ...]) -> None:
    record = ended(fleet.play(PLAYBOOK, *CONFIRMED, *back), "paused", fleet)
    assert steps(record) == ["check_restore", "back_up_first", "restore_data", "verify_restore"]
    loss = next(gate for gate in record["gates"] if gate["name"] == "loss_confirmed")
    assert loss["outcome"] == "passed" and loss["value"]["minutes"] >= 10
    assert sent(fleet) == FIRST and all(check["passed"] for check in record["verification"])
    # The same command restores nothing more, and the confirmation is not needed any more.
    record = ended(fleet.play(PLAYBOOK, *CONFIRMED, *back), "paused", fleet)
    assert (steps(record), sent(fleet)) == (["check_restore", "verify_restore"], FIRST)
    record = ended(fleet.play(PLAYBOOK, *TARGET, *back, *ACCEPT), "done", fleet)
    assert (steps(record)[1:], sent(fleet)) == (["verify_restore", "accept_data", "back_up_last"], [*FIRST, *SECOND])
    for until in ("accepted", "verified"):
        record = ended(fleet.play(PLAYBOOK, *CONFIRMED, *back, "-e", f"gaussdb_until={until}"), "unchanged", fleet)
        assert (steps(record), sent(fleet)) == (["check_restore"], [*FIRST, *SECOND])


@pytest.mark.long
def test_what_is_lost_has_to_be_confirmed(fleet: Fleet, back: tuple[str, ...]) -> None:
    for confirm in ("", "orders"):
        run = fleet.play(PLAYBOOK, *TARGET, *back, "-e", f"gaussdb_confirm={confirm}")
        ended(run, "held", fleet)
        said = " ".join(run.output.split())
        assert "loss_confirmed: all changes from" in said and "Confirm with gaussdb_confirm" in said
        assert sent(fleet) == []


@pytest.mark.long
def test_check_mode_announces_what_the_run_then_does(fleet: Fleet, back: tuple[str, ...]) -> None:
    whole = (*CONFIRMED, *back, *ACCEPT)
    planned = fleet.play(PLAYBOOK, *whole, "--check", **SHOWN)
    assert planned.status == 0 and sent(fleet) == [] and not fleet.evidence.exists(), planned.output[-6000:]
    run = fleet.play(PLAYBOOK, *whole, **SHOWN)
    ended(run, "done", fleet)
    plan, done = (reported(each)["orders-prod"] for each in (planned, run))
    assert plan["outcome"] == "planned" and announced(plan) == announced(done)
    assert [operation for step in announced(plan) for operation in step[-1]] == sent(fleet) == [*FIRST, *SECOND]


@pytest.mark.long
def test_killed_in_each_step(fleet: Fleet, back: tuple[str, ...]) -> None:
    fleet.clock(speed=0)
    killing = Steps(Retried(fleet))
    ended(killing(PLAYBOOK, (*CONFIRMED, *back)), "paused", fleet)
    assert sent(fleet) == FIRST and killing.killed[PLAYBOOK] >= 4
    ended(killing(PLAYBOOK, (*TARGET, *back, *ACCEPT)), "unchanged", fleet)
    assert [each for each in sent(fleet) if each != "confirm_restore_data"] == [*FIRST, "create_backup"]


@pytest.mark.long
@pytest.mark.parametrize("number", range(ROUNDS))
def test_killed_at_any_moment(fleet: Fleet, back: tuple[str, ...], number: int) -> None:
    moments = Moments(fleet, number, PLAYBOOK, *CONFIRMED, *back, "--check")
    ended(moments.several(PLAYBOOK, *CONFIRMED, *back), "paused", fleet)
    assert sent(fleet) == FIRST
    assert moments.several(PLAYBOOK, *TARGET, *back, *ACCEPT).status == 0
    assert [each for each in sent(fleet) if each != "confirm_restore_data"] == [*FIRST, "create_backup"]


WAIT = "Read the task until it has ended"


@pytest.mark.long
@pytest.mark.parametrize(
    ("task", "before"),
    [("Restore the data", FIRST[:1]), ("Note the task of the platform", FIRST), (WAIT, FIRST)],
)
def test_killed_around_the_request(fleet: Fleet, back: tuple[str, ...], task: str, before: list[str]) -> None:
    arguments = (PLAYBOOK, *CONFIRMED, *back)
    killed = fleet.kill_when(lambda line: line.startswith("TASK [") and f" : {task}]" in line, *arguments)
    assert killed.status == -9 and sent(fleet) == before
    ended(fleet.play(*arguments), "paused", fleet)
    assert sent(fleet) == FIRST


@pytest.mark.long
def test_without_the_records_nothing_is_restored_twice(fleet: Fleet, back: tuple[str, ...]) -> None:
    """The platform has the backup of the first run."""
    ended(fleet.play(PLAYBOOK, *CONFIRMED, *back), "paused", fleet)
    for path in fleet.evidence.iterdir():
        path.unlink()
    run = fleet.play(PLAYBOOK, *CONFIRMED, *back)
    assert run.status != 0 and "It is not restored a second time without a word" in " ".join(run.output.split())
    assert sent(fleet) == FIRST
    ended(fleet.play(PLAYBOOK, *CONFIRMED, *back, "-e", "restore_attempt=2"), "paused", fleet)
    assert sent(fleet) == [*FIRST, *FIRST]


@pytest.mark.long
def test_a_restore_that_fails_leaves_its_backup(fleet: Fleet, back: tuple[str, ...]) -> None:
    fleet.admin("POST", "faults", {"kind": "job_fail", "operation": "restore_instance"})
    record = ended(fleet.play(PLAYBOOK, *CONFIRMED, *back), "held", fleet)
    (note,) = (note for note in record["notes"] if note["code"] == "ways_after_restore")
    assert note["backup"].startswith("before-restore-") and note["attempt"]
    # The same command tries it again, with the backup that was made already.
    ended(fleet.play(PLAYBOOK, *CONFIRMED, *back), "paused", fleet)
    assert sent(fleet) == [*FIRST, "restore_instance"]
    # The way back.
    ended(fleet.play(PLAYBOOK, *CONFIRMED, "-e", f"restore_backup={note['backup']}", *ACCEPT), "done", fleet)
    assert sent(fleet)[3:] == [*FIRST, *SECOND]


@pytest.mark.long
def test_a_verification_that_fails_holds_it(fleet: Fleet, back: tuple[str, ...], tmp_path: Path) -> None:
    own = tmp_path / "verify.yml"
    check = "- name: Check the orders\n  ansible.builtin.assert:\n    that: procedure_instance == '{}'\n"
    own.write_text(check.format("other"), encoding="utf-8")
    verify = (*CONFIRMED, *back, *ACCEPT, "-e", f"restore_verify_tasks={own}")
    record = ended(fleet.play(PLAYBOOK, *verify), "held", fleet)
    assert record["steps"][-1]["name"] == "verify_restore" and sent(fleet) == FIRST
    assert "ways_after_restore" in [note["code"] for note in record["notes"]]
    own.write_text(check.format("orders-prod"), encoding="utf-8")
    ended(fleet.play(PLAYBOOK, *verify), "done", fleet)
    assert sent(fleet) == [*FIRST, *SECOND]


@pytest.mark.long
def test_applications_that_cannot_be_stopped(fleet: Fleet, back: tuple[str, ...], tmp_path: Path) -> None:
    own = tmp_path / "stop.yml"
    own.write_text("- name: Stop the shop\n  ansible.builtin.fail:\n    msg: it still sells\n", encoding="utf-8")
    run = fleet.play(PLAYBOOK, *CONFIRMED, *back, "-e", f"restore_stop_tasks={own}")
    ended(run, "failed", fleet)
    assert sent(fleet) == [] and "it still sells" in run.output


@pytest.mark.long
@pytest.mark.parametrize("operation", ["get_job", "list_components"])
def test_a_platform_that_is_away_for_ten_minutes(fleet: Fleet, back: tuple[str, ...], operation: str) -> None:
    fleet.clock(speed=60)
    fleet.admin("POST", "faults", {"kind": "site_down", "operation": operation, "seconds": 600, "skip": 3})
    ended(fleet.play(PLAYBOOK, *CONFIRMED, *back), "paused", fleet)
    assert sent(fleet) == FIRST


@pytest.mark.long
def test_bad_input_and_gates_refuse_it_before_a_write(fleet: Fleet, back: tuple[str, ...]) -> None:
    for arguments, said in (
        (back, "Name the instances, for example -e gaussdb_target=orders-prod"),
        (CONFIRMED, "A restore needs either restore_to"),
        ((*CONFIRMED, *back, "-e", "restore_backup=x"), "A restore needs either restore_to"),
        ((*CONFIRMED, "-e", "restore_to=10m"), "restore_to=10m"),
        ((*CONFIRMED, "-e", "restore_to=2020-01-05"), "moment_restorable"),
        ((*CONFIRMED, "-e", "restore_backup=lost"), "no completed backup lost"),
        ((*CONFIRMED, *back, "-e", "gaussdb_evidence_dir=/proc/none"), "The evidence cannot be written"),
    ):
        run = fleet.play(PLAYBOOK, *arguments)
        assert run.status != 0 and sent(fleet) == [], said
        assert said in " ".join(run.output.split()), run.output[-6000:]


@pytest.mark.long
def test_a_member_of_a_relation_is_not_restored(pair: Pair) -> None:
    pair.replicate()
    run = pair.play(PLAYBOOK, *CONFIRMED, *options(gaussdb_sites="site-a", restore_backup="x"))
    assert run.status != 0 and "no_relation: orders" in " ".join(run.output.split())
    assert pair.sent(0) == []


@pytest.mark.long
def test_no_secret_is_shown_or_kept(fleet: Fleet, back: tuple[str, ...]) -> None:
    assert shown_secrets(fleet, PLAYBOOK, *CONFIRMED, *back) == []
