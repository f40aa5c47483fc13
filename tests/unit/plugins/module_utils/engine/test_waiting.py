# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Waiting: pauses, deadlines, progress lines, and what ends a wait."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.gaussdb.tpops.plugins.module_utils.api.job import JOB
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.operation import Call
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.waiting import (
    Observation,
    Waiter,
    WaitPolicy,
    format_duration,
)
from ansible_collections.gaussdb.tpops.plugins.module_utils.http import errors
from ansible_collections.gaussdb.tpops.tests.unit.support import FakeClock

LABEL = "gaussdb_instance orders-prod"

LOST = errors.ConnectionFailed("no reply")
GONE = errors.NotFound("job not found", status=404)


def job(status: Any = "Running", progress: Any = 45, **more: Any) -> dict[str, Any]:
    return {
        **JOB.read({}),
        "id": "j1",
        "name": "Create",
        "status": status,
        "progress": progress,
        "instance_id": "in14",
        **more,
    }


class FakeClient:
    """Answers ``get_job`` from a script whose last entry is used again and again."""

    def __init__(self, script: list[Any]) -> None:
        self.script = list(script)
        self.asked: list[Any] = []

    def item(self, call: Call) -> dict[str, Any]:
        self.asked.append(call.query["id"])
        answer = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        if isinstance(answer, Exception):
            raise answer
        return JOB.read(answer) if isinstance(answer, dict) else answer

    def censor(self, data: Any) -> Any:
        return data.replace("Hidden", "********") if isinstance(data, str) else data


class Bench:
    def __init__(self, clock: FakeClock, script: list[Any], **policy: Any) -> None:
        self.client = FakeClient(script)
        self.lines: list[str] = []
        self.waiter = Waiter(
            self.client, WaitPolicy(**policy), clock=clock, sleep=clock.sleep, progress=self.lines.append
        )

    def wait(self) -> dict[str, Any]:
        return self.waiter.wait_job("j1", label=LABEL)


def test_policy_is_given_by_place_too() -> None:
    assert WaitPolicy(False, 5, 1) == WaitPolicy(wait=False, timeout=5, interval=1)
    assert WaitPolicy() == WaitPolicy(True, 3600.0, 10.0)


def test_waits_until_completed(clock: FakeClock) -> None:
    b = Bench(clock, [job("Pending", None), *[job(progress=number) for number in (0, 10, 10)], job("Completed", 100)])
    assert b.wait() == job("Completed", 100)
    assert b.client.asked == ["j1"] * 5
    assert clock.sleeps == [1.0, 1.5, 2.25, 3.375]
    assert b.lines == [
        f"{LABEL}: Create Pending (0s)",
        f"{LABEL}: Create 0% (1s)",
        f"{LABEL}: Create 10% (2s)",
        f"{LABEL}: Create 100% Completed (8s)",
    ]


def test_pauses_grow_to_the_interval(clock: FakeClock) -> None:
    Bench(clock, [job()] * 9 + [job("Completed")], interval=4).wait()
    assert clock.sleeps == [1.0, 1.5, 2.25, 3.375, 4, 4, 4, 4, 4]
    clock.sleeps.clear()
    Bench(clock, [job()] * 2 + [job("Completed")], interval=0.2).wait()
    assert clock.sleeps == [0.2, 0.2]


def test_a_line_now_and_then_without_news(clock: FakeClock) -> None:
    b = Bench(clock, [job()] * 12 + [job("Completed", 45)], interval=3)
    b.wait()
    assert [line.rpartition("(")[2] for line in b.lines] == ["0s)", "10s)", "22s)", "31s)"]


def test_no_progress_wanted(clock: FakeClock) -> None:
    waiter = Waiter(FakeClient([job(), job("Completed")]), WaitPolicy(), clock=clock, sleep=clock.sleep)
    assert waiter.wait_job("j1", label=LABEL)["status"] == "Completed"


@pytest.mark.parametrize("status", ["Completed", "completed", " SUCCESS ", "Succeeded", "已完成", "成功"])
def test_words_of_success(clock: FakeClock, status: str) -> None:
    assert Bench(clock, [job(status)]).wait()["status"] == "Completed"


@pytest.mark.parametrize(
    ("status", "shown"),
    [("Failed", "Failed"), ("FAIL", "Failed"), ("error", "Failed"), ("Cancelled", "Canceled"), (" 失败", "Failed")],
)
def test_words_of_failure(clock: FakeClock, status: str, shown: str) -> None:
    b = Bench(clock, [job(status, 45, fail_reason="disk full, Hidden")])
    with pytest.raises(errors.JobFailed) as caught:
        b.wait()
    assert str(caught.value) == f"{LABEL}: job j1 failed: Create 45% {shown}: disk full, ********"
    assert caught.value.job_id == "j1"
    assert caught.value.as_result()["job"] == {"id": "j1", "name": "Create", "status": shown, "progress": 45}
    assert caught.value.hint


def test_failure_without_reason_or_name(clock: FakeClock) -> None:
    with pytest.raises(errors.JobFailed, match="failed: job Failed: the platform gave no reason"):
        Bench(clock, [job("Failed", None, name=None)]).wait()


@pytest.mark.parametrize("status", ["Finished?", "", None, "SUSPENDED"])
def test_other_words_are_still_running(clock: FakeClock, status: Any) -> None:
    b = Bench(clock, [job(status, None)], timeout=60)
    with pytest.raises(errors.JobTimeout) as caught:
        b.wait()
    assert sum(clock.sleeps) == 60
    assert (status or "in an unknown state") in str(caught.value)


def test_timeout_tells_what_to_do(clock: FakeClock) -> None:
    b = Bench(clock, [job(progress="45%")], timeout=130)
    with pytest.raises(errors.JobTimeout) as caught:
        b.wait()
    assert str(caught.value) == f"{LABEL}: job j1 was not done after 2m10s (last seen: Create 45%)"
    assert "run this again" in str(caught.value.hint) and "wait_timeout" in str(caught.value.hint)
    assert caught.value.as_result()["job"]["status"] == "Running"
    # The deadline itself is polled at: a job that ends in the last pause is no timeout.
    assert clock.sleeps[-1] < 10 and len(b.client.asked) == len(clock.sleeps) + 1


@pytest.mark.parametrize(
    "lost",
    [
        LOST,
        errors.InvalidReply("cut off"),
        errors.Busy("busy", status=409),
        errors.TokenRefused("The platform refused the token", status=401),
        errors.ApiFailure("x", status=500),
        errors.ApiFailure("x", status=503),
        errors.ApiFailure("x", status=429),
    ],
)
def test_lost_polls_are_no_failure(clock: FakeClock, lost: Exception) -> None:
    b = Bench(clock, [lost] * 8 + [job(), lost, job("Completed")])
    assert b.wait()["status"] == "Completed"
    assert b.lines[0] == f"{LABEL}: no answer from the platform, asking again (0s)"


def test_timeout_without_any_answer(clock: FakeClock) -> None:
    with pytest.raises(errors.JobTimeout, match=r"nothing was seen of it; the last poll failed: no reply\)") as caught:
        Bench(clock, [LOST], timeout=5).wait()
    assert caught.value.as_result()["job"] == {"id": "j1", "name": None, "status": None, "progress": None}


@pytest.mark.parametrize(
    "error",
    [
        errors.AuthenticationFailed("no"),
        errors.PermissionDenied("no", code="DBS.00110007"),
        errors.ApiFailure("no", status=400),
        errors.ApiFailure("no", status=499),
        errors.ApiFailure("no"),
    ],
)
def test_what_asking_again_cannot_heal(clock: FakeClock, error: Exception) -> None:
    with pytest.raises(type(error), match="no"):
        Bench(clock, [job(), error]).wait()
    assert clock.sleeps == [1.0]


@pytest.mark.parametrize("gone", [GONE, errors.PermissionDenied("hidden", code="DBS.200044")])
def test_unknown_job(clock: FakeClock, gone: Exception) -> None:
    assert Bench(clock, [gone] * 3 + [job("Completed")]).wait()["status"] == "Completed"
    b = Bench(clock, [job(), gone, gone, job(), gone])
    with pytest.raises(errors.JobUnknown, match="does not know job j1") as caught:
        b.wait()
    assert len(b.client.asked) == 8
    assert caught.value.as_result()["job"] == {"id": "j1", "name": "Create", "status": "Running", "progress": 45}


def test_lost_polls_do_not_count_as_unknown(clock: FakeClock) -> None:
    assert Bench(clock, [GONE, GONE, LOST, LOST, GONE, job("Completed")]).wait()["status"] == "Completed"


@pytest.mark.parametrize("answer", [job(), job("Completed")])
def test_without_waiting_the_job_as_it_is(clock: FakeClock, answer: Any) -> None:
    b = Bench(clock, [answer], wait=False)
    assert b.wait() == answer
    assert clock.sleeps == []


@pytest.mark.parametrize("answer", [GONE, LOST])
def test_without_waiting_and_without_an_answer(clock: FakeClock, answer: Exception) -> None:
    assert Bench(clock, [answer], wait=False).wait() == {**JOB.read({}), "id": "j1"}


def test_without_waiting_a_failure_is_one(clock: FakeClock) -> None:
    with pytest.raises(errors.JobFailed):
        Bench(clock, [job("Failed")], wait=False).wait()


def test_job_whose_reply_has_no_id(clock: FakeClock) -> None:
    assert Bench(clock, [job("Completed", id=None)]).wait()["id"] == "j1"


def probes(*seen: Any) -> Any:
    script = list(seen)

    def probe() -> Observation:
        observation = script.pop(0) if len(script) > 1 else script[0]
        if isinstance(observation, Exception):
            raise observation
        return observation

    return probe


def test_wait_until(clock: FakeClock) -> None:
    b = Bench(clock, [])
    seen = probes(Observation("running", "BUILD"), LOST, Observation("done", "ACTIVE", {"id": 1}))
    assert b.waiter.wait_until(seen, label=LABEL) == {"id": 1}
    assert b.lines[-1] == f"{LABEL}: ACTIVE (2s)"


def test_wait_until_fails(clock: FakeClock) -> None:
    waiter = Bench(clock, [], timeout=3).waiter
    with pytest.raises(errors.JobFailed, match=f"{LABEL}: failed: BUILD_FAILED") as failed:
        waiter.wait_until(probes(Observation("failed", "BUILD_FAILED")), label=LABEL)
    assert failed.value.job_id is None and "job" not in failed.value.as_result()
    with pytest.raises(errors.JobTimeout, match=rf"{LABEL}: was not done after 3s \(last seen: BUILD\)") as timeout:
        waiter.wait_until(probes(Observation("running", "BUILD", {"id": 1})), label=LABEL)
    # What is waited for may be a state that nothing brings about.
    assert str(timeout.value.hint).startswith("Run this again to wait")
    waiter = Bench(clock, []).waiter
    with pytest.raises(errors.JobUnknown, match="what is waited for"):
        waiter.wait_until(probes(Observation("unknown", "?")), label=LABEL)


def test_wait_until_without_waiting(clock: FakeClock) -> None:
    waiter = Bench(clock, [], wait=False).waiter
    assert waiter.wait_until(probes(Observation("running", "BUILD", 5)), label=LABEL) == 5
    assert waiter.wait_until(probes(LOST), label=LABEL) is None


def test_pause(clock: FakeClock) -> None:
    Bench(clock, []).waiter.pause(2)
    assert clock.sleeps == [2]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0s"),
        (45.9, "45s"),
        (130, "2m10s"),
        (3600, "1h00m"),
        (3725, "1h02m"),
        (7199, "1h59m"),
        (86399, "23h59m"),
        (90000, "25h00m"),
    ],
)
def test_durations(seconds: float, text: str) -> None:
    assert format_duration(seconds) == text


def test_what_is_watched_besides_is_told_and_never_ends_a_wait(clock: FakeClock) -> None:
    bench = Bench(clock, [job(), job(progress=60), job("Completed", 100)], interval=5)
    told: list[Any] = ["RPO 3 s", LOST, None]

    def watched() -> Any:
        answer = told.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return JOB.read(answer) if isinstance(answer, dict) else answer

    bench.waiter.on_poll = watched
    bench.wait()
    assert [line.rpartition(" (")[0] for line in bench.lines] == [
        f"{LABEL}: Create 45%, RPO 3 s",
        f"{LABEL}: Create 60%",
        f"{LABEL}: Create 100% Completed",
    ]


# A platform that is away for a while


def test_a_platform_that_has_just_come_back_may_not_know_its_jobs_yet(clock: FakeClock) -> None:
    b = Bench(clock, [job(), LOST, *[GONE] * 8, job("Completed")], interval=5)
    assert b.wait()["status"] == "Completed"
    b = Bench(clock, [job(), LOST, GONE], interval=5)
    started = clock.now
    with pytest.raises(errors.JobUnknown):
        b.wait()
    assert 60 < clock.now - started < 90


def reads(*answers: Any) -> Any:
    script = list(answers)

    def read() -> Any:
        answer = script.pop(0) if len(script) > 1 else script[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    return read


def test_a_read_is_repeated_once_the_task_has_begun(clock: FakeClock) -> None:
    b = Bench(clock, [])
    with pytest.raises(errors.ConnectionFailed):
        b.waiter.persist(reads(LOST, 1), label=LABEL)
    assert clock.sleeps == []
    b.waiter.begun = True
    assert b.waiter.persist(reads(LOST, errors.ApiFailure("x", status=503), 1), label=LABEL) == 1
    assert clock.sleeps == [1.0, 1.5]
    assert b.lines == [f"{LABEL}: no answer from the platform, asking again (0s)"]
    assert b.waiter.persist(reads(2), label=LABEL) == 2
    assert len(b.lines) == 1


def test_a_wait_begins_a_task_as_well(clock: FakeClock) -> None:
    b = Bench(clock, [job(), job("Completed")])
    b.wait()
    assert b.waiter.persist(reads(LOST, 1), label=LABEL) == 1


def test_the_time_for_a_read_starts_with_its_first_failure(clock: FakeClock) -> None:
    b = Bench(clock, [], timeout=30)
    b.waiter.begun = True
    clock.now += 100
    with pytest.raises(errors.ConnectionFailed, match="no reply"):
        b.waiter.persist(reads(LOST), label=LABEL)
    assert sum(clock.sleeps) == 30


def test_what_a_poll_reads_is_repeated_by_the_poll(clock: FakeClock) -> None:
    b = Bench(clock, [], timeout=30)
    b.waiter.begun = True
    read, looked = reads(LOST, LOST, "ACTIVE"), []

    def probe() -> Observation:
        looked.append(clock.now)
        return Observation("done", b.waiter.persist(read, label=LABEL))

    b.waiter.wait_until(probe, label=LABEL)
    assert [moment - looked[0] for moment in looked] == [0, 1, 2.5]
    clock.sleeps.clear()
    b.waiter.on_poll = lambda: b.waiter.persist(reads(LOST), label=LABEL)
    b.waiter.wait_until(probes(Observation("done", "")), label=LABEL)
    assert clock.sleeps == []


@pytest.mark.parametrize("name", [{"en": "Create"}, ["Create"], 7, True, "a\x1b[2J\n" * 1000])
@pytest.mark.parametrize("status", ["Failed", "Completed", "Running", {"a": 1}, ["Completed"], 7])
def test_odd_jobs_are_waited_for_like_others(clock: FakeClock, name: Any, status: Any) -> None:
    b = Bench(
        clock,
        [job(status, {"percent": 5}, name=name, fail_reason={"text": "x" * 100_000}), job("Completed")],
        timeout=60,
    )
    if status == "Failed":
        with pytest.raises(errors.JobFailed) as caught:
            b.wait()
        assert str(caught.value).isprintable() and len(str(caught.value)) < 2000
    else:
        assert b.wait()["status"] == "Completed"
    assert all(len(line) < 2000 for line in b.lines)
