# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A platform that is away for a while: before a task has sent anything, and afterwards."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.gaussdb.tpops.plugins.module_utils.api.operation import Call
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine import flow
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.item import Step
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import Action
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import (
    AmbiguousWrite,
    ApiFailure,
    ConnectionFailed,
    InvalidReply,
    NotFound,
    PermissionDenied,
    TpopsError,
)
from ansible_collections.gaussdb.tpops.tests.unit.plugins.module_utils.platform import (
    LIST,
    PING,
    SPEC,
    Platform,
    context,
)

AWAY = ConnectionFailed("No reply from the platform")
PASSING = [
    AWAY,
    InvalidReply("the reply is an HTML page", status=200),
    ApiFailure("starting", status=503),
    ApiFailure("failed", status=500),
]


class Leaving(Platform):
    """A platform that does not answer reads for some seconds from a moment on."""

    def __init__(self, error: Exception = AWAY, seconds: float = 45) -> None:
        super().__init__()
        self.error, self.seconds, self.left = error, seconds, float("inf")

    def leave(self) -> None:
        self.left = self.clock.now

    def _answer(self) -> None:
        if 0 <= self.clock.now - self.left < self.seconds:
            raise self.error

    def items(self, call: Call) -> list[dict[str, Any]]:
        self._answer()
        return super().items(call)

    def item(self, call: Call) -> dict[str, Any]:
        self._answer()
        return super().item(call)


def run(platform: Platform, wait: bool = True) -> dict[str, Any]:
    result: dict[str, Any] = {"changed": False, "lines": []}
    ctx = context(platform, wait=wait, widgets=[{"name": "a", "size": 1}])
    ctx.waiter._progress = result["lines"].append
    try:
        flow.run_task(SPEC, ctx, result)
    except TpopsError as error:
        result["error"] = error
    return result


@pytest.mark.parametrize("error", PASSING, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("lost", [True, False], ids=["the reply is lost", "the reply comes"])
def test_once_a_write_was_sent_its_task_waits_until_the_platform_is_back(error: Exception, lost: bool) -> None:
    platform = Leaving(error)

    def after(call: Call) -> None:
        platform.leave()
        if lost:
            raise AmbiguousWrite("the reply was lost")

    platform.after = after
    result = run(platform)
    assert "error" not in result
    assert platform.writes == ["add_widgets"]
    assert [widget["name"] for widget in result["widgets"]] == ["a"]
    assert any("no answer from the platform, asking again" in line for line in result["lines"])


def test_a_read_back_that_fails_after_the_job_is_repeated() -> None:
    platform = Leaving()
    get_job = platform.item

    def item(call: Call) -> dict[str, Any]:
        job = get_job(call)
        platform.leave()
        return job

    platform.item = item  # type: ignore[method-assign]
    assert "error" not in run(platform)
    assert platform.writes == ["add_widgets"]


def test_before_anything_was_sent_a_platform_that_is_away_ends_the_task() -> None:
    platform = Leaving()
    platform.leave()
    result = run(platform)
    assert result["error"] is AWAY
    assert platform.writes == []
    assert platform.clock.sleeps == []


def test_the_time_allowed_ends_it_with_what_went_wrong() -> None:
    platform = Leaving(seconds=1e9)
    platform.after = lambda call: platform.leave()
    started = platform.clock.now
    # First the wait for the job, and nothing is read back when that was in vain.
    assert "the last poll failed: No reply from the platform" in str(run(platform)["error"])
    assert platform.clock.now - started == 60


def test_without_waiting_nothing_is_repeated() -> None:
    platform = Leaving()
    platform.after = lambda call: platform.leave()
    assert run(platform, wait=False)["error"] is AWAY
    assert platform.clock.sleeps == []


@pytest.mark.parametrize(
    "error", [PermissionDenied("no", status=403), NotFound("gone"), ApiFailure("no", status=400)], ids=repr
)
def test_an_answer_is_not_asked_for_again(error: TpopsError) -> None:
    platform = Leaving(error)

    def after(call: Call) -> None:
        platform.leave()
        raise AmbiguousWrite("the reply was lost")

    platform.after = after
    assert run(platform)["error"] is error


def test_what_a_plan_reads_between_its_writes_is_repeated_too() -> None:
    platform = Leaving()
    seen = []

    def late() -> Call:
        seen.extend(ctx.items(LIST.call()))
        return PING.call()

    def plan(ctx: Any, items: Any) -> list[Step]:
        return [
            Step(PING.call(), "Ping"),
            Step(replace(PING, path="/widgets/{id}").call({"id": None}), "Ping again", deferred_call=late),
        ]

    platform.widgets["a"] = {"id": "1", "name": "a"}
    platform.after = lambda call: platform.leave()
    ctx = context(platform)
    flow.run_task(Action("pinger", (), plan), ctx, {})
    assert platform.writes == ["ping_widgets", "ping_widgets"]
    assert [widget["name"] for widget in seen] == ["a"]
    assert platform.clock.now - platform.left >= 0
