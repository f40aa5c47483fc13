# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a record says at each moment of a run, and the outcome that follows from it."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from ansible_collections.gaussdb.tpops.plugins.plugin_utils.procedure.record import (
    Record,
    message_of,
    outcome_of,
)

NOON = datetime(2026, 1, 5, 12, tzinfo=timezone.utc)
FIGURES = [{"name": "rpo_seconds", "unit": "seconds", "limit": 10}]
JOB = {"id": "7", "name": "Failover", "status": "Completed"}
CHANGED = {"changed": True, "plan": [{"operation": "failover_dr", "path": "/x"}], "jobs": [JOB]}


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def begin(**more: Any) -> Record:
    given: dict[str, Any] = {"procedure": "failover", "subject": "orders", "before": {}}
    given |= {"members": {"site-a": "orders-prod", "site-b": "orders-dr"}, "figures": FIGURES}
    return Record.begin(NOON, **(given | more))


def end(record: Record, **more: Any) -> dict[str, Any]:
    record.end(after(60), **({"after": {}, "end_state": [], "good_end": True} | more))
    return record.data


def test_a_record_is_complete_from_its_begin() -> None:
    data = begin(check_mode=False, samples=[{"time": "t", "site": "site-b", "rpo_seconds": 3}]).data
    assert (data["schema"], data["outcome"], data["began"], data["ended"]) == (2, "running", "2026-01-05T12:00:00Z", "")
    assert data["figures"] == [{**FIGURES[0], "samples": [{"time": "t", "site": "site-b", "value": 3}]}]


def test_a_step_is_in_the_record_before_it_has_ended() -> None:
    record = begin()
    record.begin_step(after(1), "promote", "site-b")
    (step,) = record.data["steps"]
    assert (step["name"], step["instance"], step["outcome"], step["ended"]) == ("promote", "orders-dr", "running", "")


def test_the_next_step_ends_the_one_before() -> None:
    record = begin()
    record.begin_step(after(1), "promote", "site-b")
    record.add_result(CHANGED)
    record.begin_step(after(3.26), "verify_promoted")
    promote, verify = record.data["steps"]
    assert (promote["outcome"], promote["seconds"], promote["ended"]) == ("changed", 2.3, "2026-01-05T12:00:03Z")
    assert (promote["operations"], promote["jobs"]) == (["failover_dr"], [JOB])
    assert "changed" not in promote
    assert verify["outcome"] == "running"
    data = end(record)
    assert (data["steps"][1]["outcome"], data["changed"], data["outcome"]) == ("ok", True, "done")


def test_a_job_that_is_read_again_is_recorded_once() -> None:
    record = begin()
    record.begin_step(after(1), "promote", "site-b")
    record.add_result({**CHANGED, "jobs": [{**JOB, "status": "Running"}]})
    record.add_result({"jobs": [JOB, {**JOB, "id": "8"}]})
    assert record.step and record.step["jobs"] == [JOB, {**JOB, "id": "8"}]


def test_a_step_that_fails_keeps_what_its_module_did() -> None:
    record = begin()
    record.begin_step(after(1), "promote", "site-b")
    record.fail_step(after(2), {**CHANGED, "msg": "a replica did not answer"})
    (step,) = record.data["steps"]
    assert (step["outcome"], step["message"]) == ("failed", "a replica did not answer")
    assert step["jobs"] == [JOB]
    assert end(record)["outcome"] == "failed"


def test_a_step_that_fails_keeps_what_did_not_pass() -> None:
    """The page says it in its language, while the message is that of the log."""
    broken = {"name": "unhealthy", "passed": False, "value": ["node-2"]}
    slower, same = {"name": "cpu", "passed": False}, {"name": "statements", "passed": None}
    record = begin()
    record.begin_step(after(1), "observe_zones", "site-b")
    record.add({"gates": [{"name": "rpo", "outcome": "failed"}], "notes": [{"code": "window_closed"}]})
    record.add({"gates": [{"name": "rpo", "outcome": "waived"}]})
    record.add({"verification": [broken, {"name": "status", "passed": True}], "comparisons": [slower, same]})
    record.fail_step(after(2), {"msg": "it is broken"})
    assert record.data["steps"][0]["reasons"] == {"verification": [broken], "comparisons": [slower]}
    # What did not pass at first, and then did, is no reason.
    record.begin_step(after(3), "verify_zones", "site-b")
    record.add({"verification": [broken]})
    record.end_step(after(4))
    assert record.data["steps"][1]["reasons"] == {}


def test_a_failure_outside_of_all_steps_is_not_lost() -> None:
    record = begin()
    record.fail_step(after(1), {"msg": "undefined"})
    assert [(step["name"], step["message"]) for step in record.data["steps"]] == [("between", "undefined")]


@pytest.mark.parametrize(
    ("failure", "message"),
    [
        ({"msg": "no"}, "no"),
        ({"reason": "no file"}, "no file"),
        ({}, "failed"),
        ({"msg": "One or more items failed", "results": [{"msg": "ok"}, {"failed": True, "msg": "second"}]}, "second"),
    ],
)
def test_why_a_task_failed(failure: dict[str, Any], message: str) -> None:
    assert message_of(failure) == message


def test_the_results_of_a_loop_are_added() -> None:
    record = begin()
    record.begin_step(after(1), "wait_idle", "site-a")
    sample = {"time": "t", "rpo_seconds": 1}
    other = {"time": "t", "site": "site-b", "rpo_seconds": 2}
    member = {"site": "site-b", "instance": "orders-dr"}
    results = [
        {"changed": False, "samples": [sample]},
        {"samples": [other]},
        {"item": member, "samples": [{"time": "u", "rpo_seconds": 3}]},
        {"item": "site-b", "samples": [{"time": "u", "rpo_seconds": 4}]},
        {"item": "elsewhere", "samples": [{"time": "u", "rpo_seconds": 5}]},
    ]
    record.add_result({"results": results})
    assert [(each["site"], each["value"]) for each in record.data["figures"][0]["samples"]] == [
        ("site-a", 1),
        ("site-b", 2),
        ("site-b", 3),
        ("site-b", 4),
        ("site-a", 5),
    ]


def test_only_numbers_are_figures_in_the_order_of_time() -> None:
    record = begin()
    values = [("b", 5), ("a", 2.5), ("c", None), ("d", True), ("e", "7")]
    record.add_samples({"time": time, "site": "x", "rpo_seconds": value} for time, value in values)
    assert [each["value"] for each in end(record)["figures"][0]["samples"]] == [2.5, 5]


def run_of(*steps: str, gates: tuple[str, ...] = (), changed: bool = False, check_mode: bool = False) -> str:
    return outcome_of(
        {
            "steps": [{"outcome": each} for each in steps],
            "gates": [{"outcome": each} for each in gates],
            "changed": changed,
            "check_mode": check_mode,
        }
    )


def test_outcomes() -> None:
    assert run_of() == run_of("ok", gates=("passed", "waived", "not_enforced")) == "unchanged"
    assert run_of("changed", changed=True) == "done"
    assert run_of("changed", changed=True, check_mode=True) == "planned"
    assert run_of("ok", "failed") == run_of("failed", gates=("passed",)) == "failed"
    assert run_of("failed", gates=("failed", "passed")) == "held"
    assert run_of("changed", "failed", gates=("failed",), changed=True) == "failed"


def test_a_procedure_may_know_more_than_its_steps_say() -> None:
    assert end(begin(), outcome="paused")["outcome"] == "paused"


def test_what_a_task_adds() -> None:
    record = begin()
    record.add({"gates": [{"name": "rpo"}], "notes": [{"code": "x"}], "loss": {"code": "lost"}})
    record.add({"gates": [{"name": "rto"}], "verification": [{"name": "own"}]})
    assert [gate["name"] for gate in record.data["gates"]] == ["rpo", "rto"]
    assert (record.data["loss"], record.data["verification"]) == ({"code": "lost"}, [{"name": "own", "site": ""}])


def test_a_verification_takes_the_place_of_an_earlier_one_of_the_same_site() -> None:
    record = begin()
    for second, site, name in ((1, "site-a", "status"), (2, "site-b", "nodes"), (3, "site-a", "users")):
        record.begin_step(after(second), "verify_zones", site)
        record.add({"verification": [{"name": name, "passed": True}]})
    assert [(each["site"], each["name"]) for each in record.data["verification"]] == [
        ("site-b", "nodes"),
        ("site-a", "users"),
    ]
