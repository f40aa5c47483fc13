# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What waits for a restart, and whether an interrupted run has restarted the instance."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.gaussdb.tpops.plugins.filter.restart_state import restart_state
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.procedure.restart import platform_moment

AT = 1_767_600_000_000


def step(name: str, outcome: str = "changed", **more: Any) -> dict[str, Any]:
    return {"name": name, "outcome": outcome, "about": [], "jobs": [], **more}


def record(*steps: dict[str, Any], outcome: str = "running", sent: int | None = None) -> dict[str, Any]:
    notes = [] if sent is None else [{"code": "restart_sent", "moment_ms": sent}]
    return {"outcome": outcome, "steps": list(steps), "notes": notes}


def session(started: int, age: int = 0) -> dict[str, Any]:
    return {"started_at_ms": AT + 1000 * started, "age_seconds": age}


CHECK = step("check_restart", "ok")
SET = step("set_parameters", about=["b"])
JOB = [{"id": "j1", "status": "Running"}]
OPEN = step("restart_instance", "running", jobs=JOB)
COMPLETED, FAILED = ({"id": "j1", "status": status} for status in ("Completed", "Failed"))
UNKNOWN_JOB = step("restart_instance", "running")
DONE = step("restart_instance")
OLD, YOUNG = [session(-50), session(9)], [session(8), session(9)]


@pytest.mark.parametrize(
    ("records", "options", "earlier", "waiting", "due"),
    [
        ([], {}, "none", [], False),
        ([], {"force": True}, "none", [], True),
        ([record(CHECK, outcome="held")], {}, "none", [], False),
        # It was killed before, or while, it set the parameters, or before the restart.
        ([record(CHECK, SET)], {}, "none", ["b"], True),
        ([record(CHECK), record(CHECK, SET, outcome="failed")], {}, "none", ["b"], True),
        ([record(CHECK, SET, UNKNOWN_JOB)], {"sessions": YOUNG}, "not_done", ["b"], True),
        # What came to its end leaves nothing.
        ([record(outcome="unchanged"), record(SET)], {}, "none", [], False),
        ([record(CHECK, SET, DONE, outcome="done")], {}, "none", [], False),
        # The task decides, and then the sessions.
        ([record(SET, OPEN, sent=AT)], {"job": COMPLETED, "sessions": OLD}, "done", [], False),
        ([record(SET, OPEN, sent=AT)], {"job": FAILED, "sessions": YOUNG}, "failed", ["b"], True),
        ([record(SET, OPEN, sent=AT)], {"sessions": YOUNG}, "done", [], False),
        ([record(SET, UNKNOWN_JOB, sent=AT)], {"sessions": OLD}, "not_done", ["b"], True),
        ([record(SET, UNKNOWN_JOB, sent=AT)], {"sessions": YOUNG, "force": True}, "done", [], False),
        ([record(UNKNOWN_JOB, sent=AT)], {"sessions": OLD, "force": True}, "not_done", [], True),
        ([record(SET, UNKNOWN_JOB, sent=AT)], {"sessions": []}, "unknown", ["b"], True),
        ([record(SET, UNKNOWN_JOB, sent=AT)], {}, "unknown", ["b"], True),
        # The run itself has seen the end of the task, and its verification failed.
        ([record(SET, DONE, step("verify_restart", "failed"), outcome="failed")], {}, "done", [], False),
        # What was set after the restart waits for the next one.
        ([record(step("set_parameters", about=["c"])), record(SET, DONE, outcome="failed")], {}, "done", ["c"], True),
    ],
)
def test_what_waits(records: Any, options: Any, earlier: str, waiting: list[str], due: bool) -> None:
    state = restart_state([], records, **options)
    assert (state["earlier"], state["waiting"], state["due"]) == (earlier, waiting, due)
    assert state["unverified"] is (earlier == "done")


def test_what_the_platform_still_shows_otherwise_waits() -> None:
    state = restart_state(["a", "b"], [record(step("set_parameters", about=["b", "c"]))])
    assert (state["deferred"], state["set"], state["waiting"]) == (["a", "b"], ["c"], ["a", "b", "c"])


def test_the_task_is_only_needed_while_its_end_is_not_known() -> None:
    assert restart_state([], [record(SET, OPEN)])["job_id"] == "j1"
    assert restart_state([], [record(SET, UNKNOWN_JOB)])["job_id"] == ""
    # That of the parameters is waited for, too, but says nothing about the restart.
    setting = record(step("set_parameters", "running", jobs=JOB, about=["c"]))
    assert restart_state([], [setting, record(SET, UNKNOWN_JOB)])["job_id"] == "j1"
    earlier = restart_state([], [setting, record(SET, UNKNOWN_JOB, sent=AT)], job=COMPLETED)
    assert (earlier["earlier"], earlier["waiting"]) == ("unknown", ["b", "c"])
    assert restart_state([], [record(SET, step("restart_instance", jobs=JOB), outcome="failed")])["job_id"] == ""


@pytest.mark.parametrize(
    ("sessions", "moment"),
    [(None, None), ([], None), ([{"started_at_ms": None}], None), ([session(-60, 70), session(5, 1)], AT + 10_000)],
)
def test_the_time_of_the_platform(sessions: Any, moment: int | None) -> None:
    assert platform_moment(sessions) == moment
    assert restart_state([], [], sessions=sessions)["moment_ms"] == moment
