# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What was accepted is not done: a task ends well only once the platform shows it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from ansible_collections.gaussdb.tpops.plugins.module_utils.api.operation import Call
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine import flow, verification
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.context import Parent
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.item import Item, Policy, Step
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.options import Field
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import Action, ParentOptions, Resource
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import (
    AmbiguousWrite,
    Busy,
    ConnectionFailed,
    NotFound,
    TpopsError,
)
from ansible_collections.gaussdb.tpops.tests.unit.plugins.module_utils.platform import (
    ONE,
    PING,
    POLICY,
    SPEC,
    Platform,
    context,
    variant,
)

HOUSE = Parent("1", "h")


def run(platform: Platform, spec: Resource | Action = SPEC, wait: bool = True, **given: Any) -> dict[str, Any]:
    result: dict[str, Any] = {"changed": False}
    ctx = context(platform, wait=wait, **given)
    try:
        flow.run_task(spec, ctx, result)
    except TpopsError as error:
        result["error"] = error
    result["warned"] = ctx.warnings
    return result


class SlowPlatform(Platform):
    """Accepts a change at once, and shows it when so many seconds are over."""

    def __init__(self, seconds: float, **widgets: dict[str, Any]) -> None:
        super().__init__(**widgets)
        self._seconds = seconds
        self._due: list[tuple[float, Mapping[str, Any]]] = []

    def _change_widget(self, body: Any) -> Any:
        self._due.append((self.clock() + self._seconds, body))

    def items(self, call: Call) -> list[dict[str, Any]]:
        for due, body in self._due:
            if due <= self.clock():
                super()._change_widget(body)
        return super().items(call)


@pytest.mark.parametrize("seconds", [0, 3, 15])
def test_a_change_may_take_some_seconds_to_show(seconds: float) -> None:
    platform = SlowPlatform(seconds, a={"size": 1})
    result = run(platform, widgets=[{"name": "a", "size": 2}])
    assert "error" not in result
    assert result["widgets"][0]["size"] == 2
    assert platform.writes == ["change_widget"]
    assert platform.clock.now >= 1000 + seconds


def test_a_change_that_never_shows_is_an_error() -> None:
    platform = SlowPlatform(3600, a={"size": 1})
    result = run(platform, widgets=[{"name": "a", "size": 2}])
    assert "still shows another value for size" in str(result["error"])
    assert platform.writes == ["change_widget"]
    assert verification.SHOW_SECONDS <= platform.clock.now - 1000 < 2 * verification.SHOW_SECONDS


def test_a_platform_that_is_away_when_the_change_is_looked_at_is_asked_again() -> None:
    platform = Platform(a={"size": 1})
    away = iter([False, True, True, True])

    def be_away(_platform: Platform) -> None:
        if next(away, False):
            raise ConnectionFailed("no reply")

    platform.on_list = be_away
    result = run(platform, widgets=[{"name": "a", "size": 2}])
    assert "error" not in result
    assert result["widgets"][0]["size"] == 2


def test_an_accepted_job_without_an_id_is_decided_by_what_the_platform_shows() -> None:
    platform = Platform()
    platform.forget_job_ids = True
    result = run(platform, ONE, name="a", size=1)
    assert "error" not in result
    assert platform.writes == ["add_widgets"]
    assert result["changed"]
    assert "add_widgets was accepted, but the reply does not name the job" in result["warned"][0]


def test_an_accepted_job_without_an_id_that_nothing_shows_is_an_error() -> None:
    platform = Platform()
    platform.forget_job_ids = True
    ping = Action("ping", (), steps=lambda ctx, items: [Step(PING.call(body={}), "Ping")], starts_jobs=True)
    result = run(platform, ping)
    assert isinstance(result["error"], AmbiguousWrite)
    assert result["changed"]
    assert platform.writes == ["ping_widgets"]


@pytest.mark.parametrize("wait", [True, False])
def test_after_a_lost_reply_the_job_is_over_before_the_platform_is_looked_at(wait: bool) -> None:
    """While it runs the platform may show what it is going to take back when the job fails."""
    platform = Platform()
    settled: list[float] = []

    def settle(ctx: Any) -> Parent:
        settled.append(ctx.client.clock())
        platform.widgets.pop("a", None)
        return HOUSE

    def lose(call: Call) -> None:
        platform.after = None
        raise AmbiguousWrite("add_widgets was sent, but the reply was lost")

    platform.after = lose
    # Nothing but a job tells how far it is.
    spec = variant(
        ONE, status=None, parent=ParentOptions((Field("house"),), (), lambda ctx: HOUSE, wait_until_idle=settle)
    )
    result = run(platform, spec, wait=wait, house="h", name="a", size=1)
    assert "error" not in result
    assert bool(settled) is wait
    assert platform.writes == ["add_widgets"] * (2 if wait else 1)
    assert "a" in platform.widgets


def test_a_lost_reply_to_a_write_without_a_job_needs_no_such_wait() -> None:
    platform = Platform(a={"size": 1})

    def lose(call: Call) -> None:
        platform.after = None
        raise AmbiguousWrite("change_widget was sent, but the reply was lost")

    platform.after = lose
    scope = ParentOptions(
        (Field("house"),), (), lambda ctx: HOUSE, wait_until_idle=lambda ctx: pytest.fail("nothing to wait for")
    )
    result = run(platform, variant(ONE, parent=scope), house="h", name="a", size=2)
    assert "error" not in result


def test_what_has_to_be_there_and_is_not_found_is_an_error() -> None:
    result = run(Platform(), POLICY, house="h", size=2)
    assert isinstance(result["error"], NotFound)
    assert not result["changed"]


def test_a_step_about_no_single_object_is_left_to_do_until_its_hook_says_otherwise() -> None:
    platform = Platform(a={"size": 1, "locked": True})
    platform.jobs["1"] = "PingWidgets"
    done: list[bool] = []

    def stop(ctx: Any, items: Any) -> list[Step]:
        return [] if done else [Step(PING.call(body={}), "Stop what runs")]

    spec = variant(SPEC, extra_steps=stop)
    result = run(platform, spec, widgets=[{"name": "a", "size": 1}])
    assert str(result["error"]) == "The platform accepted the request, but this is still left to do: Stop what runs"
    assert platform.writes == ["ping_widgets"]
    assert result["changed"]

    platform.on_list = lambda _platform: done.append(True) if len(platform.calls) > 6 else None
    assert "error" not in run(platform, spec, widgets=[{"name": "a", "size": 1}])


def widgets_to_ping(left: Mapping[str, str], looks: list[int]) -> Action:
    """Return an action on two widgets; the platform shows what is ``left`` for the first three looks."""
    items = [Item({}, "a"), Item({}, "b")]

    def shortfall(ctx: Any, found: Any) -> Mapping[str, str]:
        assert found == items
        looks.append(1)
        return left

    steps = [Step(PING.call(body={"name": item.label}), f"Ping {item.label}", [item]) for item in items]
    return Action(
        "widgets", (), steps=lambda ctx, found: steps, items=lambda ctx: items, shortfall=shortfall, starts_jobs=True
    )


def test_an_action_is_done_when_the_platform_shows_it() -> None:
    looks: list[int] = []
    assert "error" not in run(Platform(), widgets_to_ping({}, looks))
    assert len(looks) == 1

    result = run(Platform(), widgets_to_ping({"b": "b does not answer"}, looks))
    assert "b does not answer" in str(result["error"])
    assert [entry["outcome"] for entry in result["outcomes"]] == ["changed", "failed"]
    assert len(looks) > 3


def test_an_action_about_no_single_object_fails_with_what_is_left() -> None:
    left = iter([{"": "the bell is silent"}, {"": "the bell is silent"}])
    spec = Action(
        "bell",
        (),
        steps=lambda ctx, items: [Step(PING.call(body={}), "Ring")],
        shortfall=lambda ctx, items: next(left, {}),
        starts_jobs=True,
    )
    assert "error" not in run(Platform(), spec)
    always = variant(spec, shortfall=lambda ctx, items: {"": "the bell is silent"})
    assert str(run(Platform(), always)["error"]) == "the bell is silent"
    # Who does not wait is told what was sent, and nothing more.
    assert "error" not in run(Platform(), always, wait=False)


def test_a_platform_that_goes_away_in_the_middle_of_a_batch_ends_the_task() -> None:
    platform = Platform()

    def go_away(call: Call) -> None:
        if platform.writes.count("add_widgets") == 2:
            raise ConnectionFailed("no reply")

    platform.before = go_away
    result = run(platform, widgets=[{"name": name, "size": 1} for name in "abcdef"])
    assert isinstance(result["error"], ConnectionFailed)
    assert platform.writes == ["add_widgets"] * 2
    assert result["changed"]
    assert sorted(platform.widgets) == ["a", "b"]
    assert "error" not in run(platform, widgets=[{"name": name, "size": 1} for name in "abcdef"])
    assert sorted(platform.widgets) == list("abcdef")


def test_a_busy_platform_is_waited_for_where_the_write_is_patient_and_looked_at_again_where_it_is_not() -> None:
    patient = Platform(a={"size": 1})
    patient.busy = 3
    assert run(patient, widgets=[{"name": "a", "size": 2}])["changed"]
    assert patient.writes == ["change_widget"]
    assert patient.reads == 2

    spec = variant(SPEC, updates=[variant(update, wait_when_busy=False) for update in SPEC.writes.updates])
    other = Platform(a={"size": 1})
    other.busy = 3
    result = run(other, spec, widgets=[{"name": "a", "size": 2}], busy_timeout=60)
    assert "error" not in result
    assert other.writes == ["change_widget"] * 4
    assert other.reads == 1 + 3 + 1

    other.busy = 100
    result = run(other, spec, widgets=[{"name": "a", "size": 3}], busy_timeout=6)
    assert isinstance(result["error"], Busy)


def lose(platform: Platform, under_way: bool, acted: bool = True) -> None:
    def lost(call: Call) -> None:
        platform.before = platform.after = None
        raise AmbiguousWrite(f"{call.operation.name} was sent, but the reply was lost", under_way=under_way)

    if acted:
        platform.after = lost
    else:
        platform.before = lost


def test_a_write_that_may_be_carried_out_later_is_not_sent_again() -> None:
    """The platform was too slow to answer: what does not show yet may show in a minute, and then it would be there
    twice."""
    platform = Platform(z={})
    lose(platform, under_way=True, acted=False)
    result = run(platform, widgets=[{"name": "a", "size": 1}])
    assert isinstance(result["error"], AmbiguousWrite)
    assert platform.writes == ["add_widgets"]
    assert result["changed"]

    lose(platform, under_way=True)
    assert "error" not in run(platform, widgets=[{"name": "b", "size": 1}])
    lose(platform, under_way=False, acted=False)
    assert "error" not in run(platform, widgets=[{"name": "c", "size": 1}])
    assert sorted(platform.widgets) == ["b", "c", "z"]


def test_the_others_of_a_batch_are_still_sent_after_one_that_may_be_carried_out_later() -> None:
    platform = Platform()
    lose(platform, under_way=True)
    result = run(platform, widgets=[{"name": name, "size": 1} for name in "abcd"])
    assert "error" not in result
    assert sorted(platform.widgets) == list("abcd")
    assert platform.writes == ["add_widgets"] * 2


def test_what_nothing_shows_is_looked_for_and_not_sent_again() -> None:
    """An action that finds its own earlier write under way attaches to it; else nobody knows."""
    platform = Platform()
    found: list[bool] = []

    def plan(ctx: Any, items: Any) -> list[Step]:
        return [] if found else [Step(PING.call(body={}), "Ping", policy=Policy(repeatable=False))]

    spec = Action("ping", (), steps=plan, sees_writes=True, starts_jobs=True)
    lose(platform, under_way=False)
    result = run(platform, spec)
    assert isinstance(result["error"], AmbiguousWrite)
    assert platform.writes == ["ping_widgets"]

    def found_again(ctx: Any) -> Parent:
        found.append(True)
        return HOUSE

    lose(platform, under_way=False)
    settled = variant(
        spec,
        parent=ParentOptions((Field("house"),), (), lambda ctx: HOUSE, wait_until_idle=found_again),
    )
    assert "error" not in run(platform, settled, house="h")
    assert platform.writes == ["ping_widgets"] * 2


def told(platform: Platform, **given: Any) -> list[str]:
    """Return the lines of progress of a run that waits for what it makes."""
    lines: list[str] = []
    result: dict[str, Any] = {"changed": False}
    ctx = context(platform, **given)
    ctx.waiter._progress = lines.append
    flow.run_task(SPEC, ctx, result)
    return lines


def test_a_line_of_progress_names_the_object_where_there_is_one_only() -> None:
    platform = Platform(a={"status": "making"}, b={"status": "making"})

    def be_ready(_platform: Platform) -> None:
        if platform.reads > 2:
            platform.widgets["a"]["status"] = platform.widgets["b"]["status"] = "ready"

    platform.on_list = be_ready
    assert told(platform, widgets=[{"name": "a", "size": 1}])[0] == "gaussdb_widget a: making (0s)"
    platform.calls.clear()
    platform.widgets["a"]["status"] = platform.widgets["b"]["status"] = "making"
    assert (
        told(platform, widgets=[{"name": "a", "size": 1}, {"name": "b", "size": 1}])[0]
        == "gaussdb_widget: making, 2 of 2 to go (0s)"
    )


def test_each_object_that_is_not_as_requested_is_named_and_not_only_the_first() -> None:
    platform = SlowPlatform(3600, a={"size": 1}, b={"size": 1}, c={"size": 2})
    result = run(platform, widgets=[{"name": name, "size": 2} for name in "cab"])
    assert [entry["outcome"] for entry in result["outcomes"]] == ["unchanged", "failed", "failed"]
