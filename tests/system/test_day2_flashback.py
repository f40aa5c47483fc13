# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The flashback of a table, from outside: confirmed, verified by own tasks, and never done twice silently."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from conftest import reported
from day2 import options, sent, shown_secrets
from fleet import Fleet, announced, ended
from interrupting import ROUNDS, Moments

PLAYBOOK = "gaussdb.tpops.flashback"
TARGET = options(gaussdb_target="shop-prod", flashback_wait_interval=1)
TABLE = options(flashback_database="shop", flashback_schema="public", flashback_table="items")
SHOWN = {"ANSIBLE_SHOW_CUSTOM_STATS": "1"}
SENT = ["flashback_tables"]
SWITCHES = {"enable_default_ustore_table": "on", "enable_recyclebin": "on", "undo_retention_time": 259200}


@pytest.fixture
def moment(fleet: Fleet) -> tuple[str, ...]:
    """The options for a moment ten minutes ago, on a platform with an instance that can flash tables back."""
    tables = ["items", {"name": "labels", "dropped": True}]
    parameters = {**SWITCHES, "recyclebin_retention_time": 900000}
    fleet.prepare("shop-prod", parameters=parameters, databases=[{"name": "shop", "tables": tables}])
    fleet.describe({"name": "shop-prod"})
    fleet.clock(advance=3600)
    now = int(datetime.fromisoformat(fleet.admin("GET", "clock")["now"]).timestamp())
    fleet.forget_requests()
    return (*TARGET, *TABLE, "-e", f"flashback_time={(now - 600) * 1000}", "-e", "gaussdb_confirm=shop-prod")


def steps(record: dict[str, Any]) -> list[str]:
    return [step["name"] for step in record["steps"]]


def test_flashed_back_once(fleet: Fleet, moment: tuple[str, ...]) -> None:
    planned = fleet.play(PLAYBOOK, *moment, "--check", **SHOWN)
    assert planned.status == 0 and sent(fleet) == [] and not fleet.evidence.exists(), planned.output[-6000:]
    run = fleet.play(PLAYBOOK, *moment, **SHOWN)
    record = ended(run, "done", fleet)
    assert (steps(record), sent(fleet)) == (["check_flashback", "flash_back", "verify_flashback"], SENT)
    plan, done = (reported(each)["shop-prod"] for each in (planned, run))
    assert announced(plan) == announced(done)
    record = ended(fleet.play(PLAYBOOK, *moment), "unchanged", fleet)
    assert (steps(record), sent(fleet)) == (["check_flashback"], SENT)
    ended(fleet.play(PLAYBOOK, *moment, "-e", "flashback_attempt=2"), "done", fleet)
    assert sent(fleet) == SENT * 2


@pytest.mark.long
def test_a_dropped_table(fleet: Fleet, moment: tuple[str, ...]) -> None:
    undrop = (*TARGET, *TABLE, *options(flashback_table="labels", flashback_undrop="true"))
    killed = fleet.kill_when(lambda line: "Note what the platform did" in line, PLAYBOOK, *undrop)
    assert killed.status == -9 and sent(fleet) == SENT
    ended(fleet.play(PLAYBOOK, *undrop), "unchanged", fleet)
    assert sent(fleet) == SENT


@pytest.mark.long
def test_killed_in_each_step(fleet: Fleet, moment: tuple[str, ...]) -> None:
    def killed_at(task: str, before: list[str]) -> None:
        run = fleet.kill_when(lambda line: line.startswith("TASK [") and f" : {task}]" in line, PLAYBOOK, *moment)
        assert run.status == -9 and sent(fleet) == before

    killed_at("Judge the gates", [])
    killed_at("Step: verify the table", SENT)
    record = ended(fleet.play(PLAYBOOK, *moment), "unchanged", fleet)
    assert (steps(record), sent(fleet)) == (["check_flashback", "verify_flashback"], SENT)


@pytest.mark.long
@pytest.mark.parametrize("number", range(ROUNDS))
def test_killed_at_any_moment(fleet: Fleet, moment: tuple[str, ...], number: int) -> None:
    """A flashback of which nothing shows whether it took place is an error, and never repeated silently."""
    moments = Moments(fleet, number, PLAYBOOK, *moment, "--check")
    moments.several(PLAYBOOK, *moment)
    assert fleet.record()["outcome"] in {"done", "unchanged", "failed"} and sent(fleet) == SENT


@pytest.mark.long
def test_killed_before_the_answer_was_noted(fleet: Fleet, moment: tuple[str, ...]) -> None:
    """What nothing shows is not done again silently."""
    fleet.kill_when(lambda line: "Note what the platform did]" in line, PLAYBOOK, *moment)
    run = fleet.play(PLAYBOOK, *moment)
    ended(run, "failed", fleet)
    assert "the platform does not show whether that was done" in " ".join(run.output.split()) and sent(fleet) == SENT
    ended(fleet.play(PLAYBOOK, *moment, "-e", "flashback_attempt=2"), "done", fleet)


@pytest.mark.long
def test_a_verification_that_fails(fleet: Fleet, moment: tuple[str, ...], tmp_path: Path) -> None:
    own = tmp_path / "verify.yml"
    check = "- name: Check the rows\n  ansible.builtin.assert:\n    that: procedure_instance == '{}'\n"
    own.write_text(check.format("other"), encoding="utf-8")
    verify = (*moment, "-e", f"flashback_verify_tasks={own}")
    ended(fleet.play(PLAYBOOK, *verify), "failed", fleet)
    own.write_text(check.format("shop-prod"), encoding="utf-8")
    record = ended(fleet.play(PLAYBOOK, *verify), "unchanged", fleet)
    assert (steps(record), sent(fleet)) == (["check_flashback", "verify_flashback"], SENT)


@pytest.mark.long
def test_a_platform_that_is_away_for_ten_minutes(fleet: Fleet, moment: tuple[str, ...]) -> None:
    fleet.clock(speed=60)
    fleet.admin("POST", "faults", {"kind": "site_down", "operation": "list_components", "seconds": 600, "skip": 1})
    ended(fleet.play(PLAYBOOK, *moment), "done", fleet)
    assert sent(fleet) == SENT


@pytest.mark.long
def test_bad_input_and_what_cannot_be_done_refuse_it(fleet: Fleet, moment: tuple[str, ...]) -> None:
    for arguments, said in (
        (moment[len(TARGET) :], "Name the instances"),
        ((*moment, "-e", "flashback_undrop=true"), "and either flashback_time"),
        ((*moment, "-e", "flashback_time=10m"), "and either flashback_time"),
        ((*moment, "-e", "flashback_table="), "A flashback needs flashback_database"),
        ((*moment, "-e", "gaussdb_confirm=shop"), "Confirm it with -e gaussdb_confirm=shop-prod"),
        ((*moment, "-e", "gaussdb_evidence_dir=/proc/none"), "The evidence cannot be written"),
        ((*moment, *options(gaussdb_target="orders-prod", gaussdb_confirm="orders-prod")), "cannot be flashed back"),
    ):
        run = fleet.play(PLAYBOOK, *arguments)
        assert run.status != 0 and sent(fleet) == [], said
        assert said in " ".join(run.output.split()), run.output[-6000:]


@pytest.mark.long
def test_no_secret_is_shown_or_kept(fleet: Fleet, moment: tuple[str, ...]) -> None:
    assert shown_secrets(fleet, PLAYBOOK, *moment) == []
