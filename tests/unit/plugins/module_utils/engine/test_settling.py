# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Objects whose words for their state are not all known, and steps that must not be sent twice."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.gaussdb.tpops.plugins.module_utils.api.operation import Call
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.shape import Attr, Shape
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine import flow
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.context import Context, Parent
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.item import Policy, Step
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.options import Field
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import (
    Action,
    Find,
    Hooks,
    ParentOptions,
    Resource,
    Status,
    Write,
)
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import (
    AmbiguousWrite,
    ApiFailure,
    Busy,
    JobFailed,
    JobTimeout,
    NotFound,
    PermissionDenied,
    TpopsError,
)
from ansible_collections.gaussdb.tpops.tests.unit.plugins.module_utils.platform import (
    ADD,
    LIST,
    LOCK,
    ONE,
    PING,
    SPEC,
    Platform,
    context,
    variant,
)

HOUSE = ParentOptions((Field("house"),), (), lambda ctx: Parent(ctx.params["house"], ctx.params["house"]))


def switch(ctx: Context, items: list[Any]) -> list[Step]:
    item = items[0]
    if "locked" not in item.changes:
        return []
    body = {"name": "a", "locked": item.desired["locked"]}
    return [Step(LOCK.call(body=body), "Switch a", items, policy=Policy(wait_when_busy=False))]


SWITCH = Resource(
    name="widget",
    plural="widgets",
    single=True,
    parent=HOUSE,
    states=(),
    status=Status(settled=("ready", "resting"), failed=("broken",), pending=("making",)),
    fields=(Field("locked", type="bool"),),
    find=Find(read=lambda ctx: LIST.call(), select=lambda ctx, found: found[:1]),
    hooks=Hooks(extra_steps=switch),
)
MADE = variant(
    SWITCH,
    states=("present", "absent"),
    extra_steps=None,
    create=Write.each(lambda ctx, item: ADD.call(body={"widgets": [{"name": "a"}]}), "Add a", fields=("locked",)),
)


def run(platform: Platform, spec: Resource, **given: Any) -> dict[str, Any]:
    result: dict[str, Any] = {"changed": False}
    ctx = context(
        platform, given.pop("check_mode", False), given.pop("wait", True), **{"house": "h", "busy_timeout": 30, **given}
    )
    try:
        flow.run_task(spec, ctx, result)
    except TpopsError as error:
        result["error"] = error
    return result


def test_an_unknown_word_is_waited_for_like_a_pending_one() -> None:
    platform = Platform(a={"status": "pondering"})
    words = iter(("pondering", "making", "who knows", "resting"))
    platform.on_list = lambda p: p.widgets["a"].update(status=next(words, "resting"))
    result = run(platform, SWITCH, locked=False)
    assert not result["changed"]
    assert result["widget"]["status"] == "resting"
    assert platform.reads == 4


def test_an_unknown_word_is_never_success() -> None:
    platform = Platform(a={"status": "pondering"})
    assert "last seen: pondering" in str(run(platform, SWITCH, locked=False)["error"])


def test_what_keeps_an_object_busy_may_have_done_what_a_step_is_for() -> None:
    platform = Platform(a={"locked": False})

    def busy(call: Call) -> None:
        platform.widgets["a"]["locked"] = True
        raise Busy("somebody else switches it")

    platform.before = busy
    result = run(platform, SWITCH, locked=True)
    assert not result["changed"]
    assert result["plan"] == []
    assert platform.writes == ["lock_widget"]


def test_an_object_that_stays_busy_is_given_up_in_the_end() -> None:
    platform = Platform(a={"locked": False})

    def busy(call: Call) -> None:
        raise Busy("busy for ever")

    platform.before = busy
    result = run(platform, SWITCH, locked=True)
    assert isinstance(result["error"], Busy)
    assert not result["changed"]
    assert 10 < len(platform.writes) < 20


def test_the_one_object_of_a_scope_is_made_where_the_platform_can_make_it() -> None:
    platform = Platform()
    result = run(platform, MADE, state="present")
    assert [step["operation"] for step in result["plan"]] == ["add_widgets"]
    assert result["widget"]["name"] == "a"
    assert result["diff"]["before"] == {}
    assert not run(platform, MADE, state="present")["changed"]
    assert not run(Platform(), MADE, state="absent")["changed"]


def test_what_a_failed_job_has_left_is_shown_with_the_reason_that_the_object_gives() -> None:
    platform = Platform()
    platform.job_ends, platform.new_status = "Failed", "broken"
    result = run(platform, variant(ONE, create=variant(MADE.writes.create, fields=("name", "size"))), name="a", size=1)
    assert isinstance(result["error"], JobFailed)
    assert "disk full" in result["error"].as_result()["msg"]
    assert "Widget a is in status broken: size 1" in result["error"].as_result()["msg"]
    assert result["widget"]["status"] == "broken"


def test_a_shape_adds_what_follows_from_several_values() -> None:
    shape = Shape(
        (Attr("used", kind="int"), Attr("size", kind="int")),
        derive=lambda found: {**found, "free": found["size"] - found["used"]},
    )
    assert shape.read({"used": "3", "size": 5}) == {"used": 3, "size": 5, "free": 2}


# What running a task again means


ONCE = variant(
    SWITCH, extra_steps=lambda ctx, items: [Step(PING.call(), "Ping a", items, policy=Policy(repeatable=False))]
)


def test_what_nobody_can_see_is_not_said_to_be_found_by_the_next_run() -> None:
    platform = Platform(a={})
    hint = "Run the task again: it finds what was executed."

    def lose(call: Call) -> None:
        raise AmbiguousWrite("the reply was lost", hint=hint)

    platform.after = lose
    assert "would do it once more" in run(platform, ONCE)["error"].hint
    assert platform.writes == ["ping_widgets"]
    assert run(platform, SWITCH, locked=True).get("error") is None


def test_a_job_that_nobody_can_see_is_not_said_to_be_waited_for_by_the_next_run() -> None:
    platform = Platform(a={})
    platform.job_ends = "Running"
    error = run(platform, ONCE)["error"]
    assert "would do it once more" in error.hint and error.job_id in error.hint
    blind = Action("ping", (), lambda ctx, items: [Step(PING.call(), "Ping")])
    for spec, said in ((blind, True), (variant(blind, sees_writes=True), False)):
        with pytest.raises(JobTimeout) as caught:
            flow.run_task(spec, context(platform), {})
        assert ("would do it once more" in caught.value.hint) is said
    platform.job_ends = "Failed"
    # It was not done, and may well be tried again.
    assert "run this again" in run(platform, variant(ONCE, status=None))["error"].hint


def test_a_closing_step_fails_the_task_and_no_object() -> None:
    spec = variant(SPEC, status=None, extra_steps=lambda ctx, items: [Step(PING.call(), "Ping", items, closing=True)])
    seen: list[Any] = []
    spec = variant(
        spec, interrupted=lambda ctx, items, error: seen.append(error) or {"left": [item.label for item in items]}
    )
    for trouble in ("refused", "failed"):
        platform = Platform(a={}, b={})

        def refuse(call: Call) -> None:
            if call.operation is PING:
                raise ApiFailure("no", status=400)

        platform.before = refuse if trouble == "refused" else None
        platform.job_ends = "Failed"
        result = run(platform, spec, widgets=[{"name": "a", "size": 2}, {"name": "b", "size": 1}])
        assert platform.writes == ["change_widget", "ping_widgets"]
        assert result["left"] == ["a", "b"]
        assert "outcomes" not in result
        assert seen.pop() is result["error"]
    platform.before = refuse
    assert "left" not in run(platform, variant(spec, updates=()), widgets=[{"name": "a", "size": 2}])


# Two runs at the same time


EXISTS = ApiFailure("it exists already", code="DBS.200001", status=400)


def overtaking(platform: Platform, operation: str, act: Callable[[], Any], error: TpopsError = EXISTS) -> None:
    """Let another run be faster, once."""
    left = [act]

    def before(call: Call) -> None:
        if call.operation.name == operation and left:
            left.pop()()
            raise error

    platform.before = before


def other(name: str, **values: Any) -> dict[str, Any]:
    return Platform(**{name: values}).widgets[name]


def test_what_another_run_has_created_meanwhile_is_compared() -> None:
    platform = Platform()
    overtaking(platform, "add_widgets", lambda: platform.widgets.update(a=other("a", size=1)))
    result = run(platform, ONE, name="a", size=1)
    assert "error" not in result
    assert not result["changed"]
    assert result["plan"] == []
    assert result["diff"]["before"] == result["diff"]["after"]
    assert result["widget"]["id"] == "id-a"


def test_what_another_run_has_created_differently_is_changed() -> None:
    platform = Platform()
    overtaking(platform, "add_widgets", lambda: platform.widgets.update(a=other("a", size=5)))
    result = run(platform, ONE, name="a", size=1)
    assert platform.writes == ["add_widgets", "change_widget"]
    assert [step["operation"] for step in result["plan"]] == ["change_widget"]
    assert result["widget"]["size"] == 1
    platform = Platform()
    overtaking(platform, "add_widgets", lambda: platform.widgets.update(a=other("a", colour="red")))
    assert "cannot change it to 'blue'" in str(run(platform, ONE, name="a", size=1, colour="blue")["error"])


def test_what_another_run_is_just_creating_is_waited_for() -> None:
    platform = Platform()
    words = iter(["making", "making", "making"])
    platform.on_list = lambda p: [widget.update(status=next(words, "ready")) for widget in p.widgets.values()] and None
    overtaking(platform, "add_widgets", lambda: platform.widgets.update(a=other("a")))
    assert run(platform, ONE, name="a", size=1)["widget"]["status"] == "ready"


def test_what_another_run_has_removed_meanwhile_is_gone() -> None:
    for error in (NotFound("gone"), PermissionDenied("gone, or hidden", code="DBS.200044"), EXISTS):
        platform = Platform(a={})
        overtaking(platform, "remove_widgets", platform.widgets.clear, error)
        result = run(platform, ONE, name="a", state="absent")
        assert "error" not in result
        assert not result["changed"]


def test_in_a_list_each_object_keeps_what_became_of_it() -> None:
    platform = Platform()
    spec = variant(SPEC, create=variant(SPEC.writes.create, size=1))

    def act() -> None:
        platform.widgets["b"] = other("b", size=1)

    def before(call: Call) -> None:
        if call.operation.name == "add_widgets" and call.body["widgets"][0]["name"] == "b":
            act()
            raise EXISTS

    platform.before = before
    result = run(platform, spec, widgets=[{"name": name, "size": 1} for name in ("a", "b", "c")])
    assert "error" not in result
    assert {each["name"]: each["outcome"] for each in result["outcomes"]} == {
        "a": "created",
        "b": "unchanged",
        "c": "created",
    }
    assert platform.writes == ["add_widgets"] * 3
    assert result["diff"] == {"before": {}, "after": {name: {"name": name, "size": 1} for name in ("a", "c")}}


def test_a_creation_that_is_refused_for_another_reason_fails_after_one_look() -> None:
    platform = Platform()

    def refuse(call: Call) -> None:
        raise ApiFailure("a bad name", status=400)

    platform.before = refuse
    result = run(platform, ONE, name="a", size=1)
    assert "a bad name" in str(result["error"])
    assert (platform.writes, platform.reads) == (["add_widgets"], 2)


def test_an_object_that_shows_now_and_then_does_not_keep_the_task() -> None:
    platform = Platform()
    looks = itertools.count()
    platform.on_list = lambda p: p.widgets.clear() if next(looks) % 2 == 0 else p.widgets.update(a=other("a"))

    def refuse(call: Call) -> None:
        raise EXISTS

    platform.before = refuse
    assert run(platform, ONE, name="a", size=1)["error"] is EXISTS
    assert platform.writes == ["add_widgets"] * 2


def test_when_nobody_can_look_the_refusal_is_told() -> None:
    platform = Platform()

    def hide(_platform: Platform) -> None:
        raise PermissionDenied("no")

    def refuse(call: Call) -> None:
        platform.on_list = hide
        raise EXISTS

    platform.before = refuse
    assert run(platform, ONE, name="a", size=1)["error"] is EXISTS
