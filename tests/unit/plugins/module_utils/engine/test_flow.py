# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The flow of every module, on a toy platform: read, plan, execute, wait, read back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.gaussdb.tpops.plugins.module_utils import runner
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.operation import Call
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine import checks, flow, observation
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine import result as results
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.context import Context, Parent
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.item import Item, Plan, Policy, Step
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.options import Field, Role
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.planning import HIDDEN, build_diff_side
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import (
    Action,
    Find,
    Hooks,
    Info,
    ParentOptions,
    Resource,
    Status,
    Write,
    build_interface,
)
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.waiting import Observation
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import (
    AmbiguousWrite,
    ApiFailure,
    AuthenticationFailed,
    Busy,
    InputError,
    JobFailed,
    JobTimeout,
    JobUnknown,
    NotFound,
    TpopsError,
)
from ansible_collections.gaussdb.tpops.tests.unit.plugins.module_utils.platform import (
    ADD,
    LIST,
    LOCK,
    ONE,
    PING,
    POLICY,
    REMOVE,
    SPEC,
    Platform,
    context,
    parameters,
    variant,
)


def run(platform: Platform, spec: Resource = SPEC, **given: Any) -> dict[str, Any]:
    result: dict[str, Any] = {"changed": False}
    check_mode, wait = given.pop("check_mode", False), given.pop("wait", True)
    ctx = context(platform, check_mode, wait, **given)
    try:
        flow.run_task(spec, ctx, result)
    except TpopsError as error:
        result["error"] = error
    result["warned"] = ctx.warnings
    return result


def lose_reply_of(operation: str, times: int = 1) -> Callable[[Call], None]:
    left = [times]

    def lose(call: Call) -> None:
        if call.operation.name == operation and left[0]:
            left[0] -= 1
            raise AmbiguousWrite(f"{operation} was sent, but the reply was lost")

    return lose


# Creating, changing, removing


def test_what_is_missing_is_added_in_batches_and_the_jobs_are_waited_for() -> None:
    platform = Platform(a={})
    result = run(platform, widgets=[{"name": name, "size": 1} for name in ("a", "b", "c", "d")])
    assert result["changed"]
    assert [step["summary"] for step in result["plan"]] == ["Add b, c", "Add d"]
    assert [entry["outcome"] for entry in result["outcomes"]] == ["unchanged", "created", "created", "created"]
    assert [widget["id"] for widget in result["widgets"]] == ["id-a", "id-b", "id-c", "id-d"]
    assert [job["id"] for job in result["jobs"]] == ["job-1", "job-2"]
    assert result["job"]["status"] == "Completed"
    assert result["diff"]["before"] == {}
    assert result["diff"]["after"]["b"] == {"name": "b", "size": 1}


def test_a_second_run_is_one_read_and_nothing_else() -> None:
    platform = Platform(a={"colour": "red"})
    result = run(platform, widgets=[{"name": "a", "size": "1", "colour": "red", "password": "secret"}])
    assert not result["changed"]
    assert result["plan"] == []
    assert platform.reads == 1
    assert platform.writes == []
    assert result["diff"] == {"before": {}, "after": {}}


def test_check_mode_plans_the_same_and_sends_nothing() -> None:
    widgets = [{"name": "a", "size": 2}, {"name": "b", "size": 3, "password": "secret", "locked": True}]
    checked_platform, platform = Platform(a={}), Platform(a={})
    checked, done = run(checked_platform, widgets=widgets, check_mode=True), run(platform, widgets=widgets)
    assert checked_platform.writes == []
    assert checked["changed"]
    assert checked["plan"] == done["plan"]
    assert checked["diff"] == done["diff"]
    assert (
        [step["operation"] for step in done["plan"]]
        == platform.writes
        == ["add_widgets", "change_widget", "lock_widget"]
    )
    assert checked["widgets"] == [
        {**checked_platform.items(LIST.call())[0], "size": 2},
        {"name": "b", "size": 3, "locked": True},
    ]


def test_only_what_differs_is_changed_and_a_write_is_sent_for_its_own_fields_only() -> None:
    platform = Platform(a={"size": 1}, b={"locked": True})
    result = run(platform, widgets=[{"name": "a", "size": 5}, {"name": "b", "size": 1, "locked": False}])
    assert platform.writes == ["change_widget", "lock_widget"]
    assert platform.calls[1].body == {"name": "a", "size": 5}
    assert result["diff"] == {
        "before": {"a": {"name": "a", "size": 1}, "b": {"name": "b", "size": 1, "locked": True}},
        "after": {"a": {"name": "a", "size": 5}, "b": {"name": "b", "size": 1, "locked": False}},
    }


def test_a_new_object_needs_no_write_for_what_it_is_by_itself() -> None:
    platform = Platform()
    run(platform, widgets=[{"name": "a", "size": 1, "locked": False}])
    assert platform.writes == ["add_widgets"]


def test_removal_and_its_repetition() -> None:
    platform = Platform(a={}, b={})
    result = run(platform, widgets=[{"name": "a"}, {"name": "gone"}], state="absent")
    assert result["changed"]
    assert result["widgets"] == []
    assert [entry["outcome"] for entry in result["outcomes"]] == ["removed", "unchanged"]
    assert result["diff"] == {
        "before": {"a": {"name": "a", "widget_id": "id-a", "size": 1, "colour": "", "locked": False}},
        "after": {},
    }
    assert not run(platform, widgets=[{"name": "a"}], state="absent")["changed"]


def test_a_single_object_comes_back_under_its_own_key() -> None:
    platform = Platform()
    result = run(platform, ONE, name="a", size=3)
    assert result["widget"]["size"] == 3
    assert result["diff"] == {"before": {}, "after": {"name": "a", "size": 3}}
    assert "outcomes" not in result
    assert "widget" not in run(platform, ONE, name="a", state="absent")


def test_an_id_names_an_object_whatever_its_name_is() -> None:
    platform = Platform(a={})
    result = run(platform, ONE, widget_id="id-a", name="b")
    assert [step["operation"] for step in result["plan"]] == ["change_widget"]
    assert isinstance(run(platform, ONE, widget_id="nobody", size=1)["error"], NotFound)
    assert not run(platform, ONE, widget_id="nobody", state="absent")["changed"]


# Secrets


def test_a_password_is_sent_when_it_is_to_be_renewed_and_never_shown() -> None:
    platform = Platform(a={})
    result = run(platform, widgets=[{"name": "a", "password": "hunter2"}], update_password="always")
    assert platform.writes == ["set_password"]
    assert result["diff"]["after"]["a"]["password"] == HIDDEN
    assert "hunter2" not in str({key: value for key, value in result.items() if key != "error"})


def test_a_password_that_is_the_same_already_is_no_change() -> None:
    platform = Platform(a={})

    def refuse(call: Call) -> None:
        raise ApiFailure("the same", code="X.2", status=400)

    platform.before = refuse
    result = run(platform, widgets=[{"name": "a", "password": "hunter2"}], update_password="always")
    assert not result["changed"]
    assert "error" not in result


# Bad input


def test_an_object_that_one_option_names_is_told_by_that_option() -> None:
    spec = variant(SPEC, desired=lambda ctx: [{"name": name} for name in ctx.params["names"]], members="names")
    platform = Platform(a={}, b={"name": "a"})
    twice = run(platform, spec, names=["c", "a", "c"])["error"]
    assert (twice.message, twice.option) == ("names[2]: c is listed twice, also as names[0]", "names[2]")
    assert platform.calls == []
    several = run(platform, spec, names=["c", "a"])["error"]
    assert several.message.startswith("names[1]: 2 widgets are named a: id-a, id-b")


def test_bad_input_is_told_before_any_call() -> None:
    platform = Platform(a={})
    for widgets, text in (
        ([{"name": "a"}, {"name": "B!"}], "widgets[1].name"),
        ([{"size": 1}], "widgets[0].widget_id, widgets[0].name: one of them is required"),
        ([{"name": "a"}, {"name": "a"}], "widgets[1].name: a is listed twice, also as widgets[0].name"),
    ):
        result = execute(platform, widgets=widgets)
        assert result["failed"]
        assert text in result["msg"]
    assert platform.calls == []
    assert execute(platform, widgets=[{"name": "b", "size": 1}])["changed"]
    assert platform.writes == ["add_widgets"]


def execute(platform: Platform, **given: Any) -> dict[str, Any]:
    return runner.run_spec(
        SPEC, "gaussdb_widget", {**parameters(**given), **CONNECTION}, open_client=lambda *_args, **_options: platform
    )


CONNECTION = {
    "endpoint": "localhost:1",
    "username": "u",
    "password": "p",
    "token": None,
    "ca_path": None,
    "validate_certs": True,
    "language": "en-us",
    "timeout": 1,
    "retries": 0,
    "busy_timeout": 0,
    "token_cache": False,
}


def test_what_cannot_be_created_or_changed_is_refused_before_any_write() -> None:
    platform = Platform(a={"colour": "red"})
    missing = run(platform, widgets=[{"name": "a", "size": 2}, {"name": "b"}])["error"]
    fixed = run(platform, widgets=[{"name": "a", "colour": "blue"}])["error"]
    assert isinstance(missing, InputError)
    assert "widgets[1].size: required to create widget b" in str(missing)
    assert isinstance(fixed, InputError)
    assert "widgets[0].colour" in str(fixed)
    assert platform.writes == []


def test_two_objects_of_one_name_are_listed() -> None:
    platform = Platform(a={}, b={"name": "a"})
    error = run(platform, widgets=[{"name": "a", "size": 1}])["error"]
    assert "id-a, id-b" in str(error)


def test_hooks_check_prepare_and_add_to_the_result() -> None:
    seen: list[str] = []

    def refine(ctx: Any, item: Any) -> None:
        item.desired["size"] = 7

    spec = variant(
        SPEC,
        validate=lambda ctx, item: seen.append(item.label),
        refine=refine,
        extra_steps=lambda ctx, items: [Step(PING.call(), "Ping", [item for item in items if item.changes])],
        result=lambda ctx, items: {"names": [item.label for item in items], "changed": True},
    )
    platform = Platform(a={})
    result = run(platform, spec, widgets=[{"name": "a"}])
    assert seen == ["a"]
    assert platform.writes == ["change_widget", "ping_widgets"]
    assert result["names"] == ["a"]
    assert run(platform, variant(spec, extra_steps=None), widgets=[{"name": "a"}])["changed"]


def test_a_hook_may_derive_the_desired_objects() -> None:
    spec = variant(
        SPEC, desired=lambda ctx: [{"name": name, "size": size} for name, size in ctx.params["widgets"].items()]
    )
    platform = Platform()
    assert run(platform, spec, widgets={"a": 4})["widgets"][0]["size"] == 4
    assert "name" in str(run(platform, spec, widgets={"A!": 4})["error"])


# Partial failure


def test_one_failure_leaves_the_others_alone_and_is_reported_by_name() -> None:
    platform = Platform(a={}, b={}, c={})

    def refuse(call: Call) -> None:
        if call.operation.name == "change_widget" and call.body["name"] == "b":
            raise ApiFailure("no room", code="X.9", status=400, operation="change_widget")

    platform.before = refuse
    widgets = [{"name": "a", "size": 2}, {"name": "b", "size": 2, "locked": True}, {"name": "c", "size": 2}]
    result = run(platform, widgets=widgets)
    assert [entry["outcome"] for entry in result["outcomes"]] == ["updated", "failed", "updated"]
    assert "1 of 3 widgets failed: b: no room" in str(result["error"])
    assert result["error"].code == "X.9"
    assert result["changed"]
    # The failed object's later steps are left out.
    assert "lock_widget" not in platform.writes
    platform.before = None
    assert [entry["outcome"] for entry in run(platform, widgets=widgets)["outcomes"]] == [
        "unchanged",
        "updated",
        "unchanged",
    ]


def test_the_only_object_fails_with_its_own_error() -> None:
    platform = Platform()
    platform.job_ends = "Failed"
    error = run(platform, variant(SPEC, status=None), widgets=[{"name": "a", "size": 1}])["error"]
    assert isinstance(error, JobFailed)
    assert "disk full" in str(error)


def test_a_job_that_failed_for_some_of_its_objects_leaves_the_others_alone() -> None:
    platform = Platform()
    platform.ends = {"job-1": "Failed"}
    platform.after = lambda call: platform.widgets.pop("b", None)
    result = run(
        platform, widgets=[{"name": "a", "size": 1, "locked": True}, {"name": "b", "size": 1}, {"name": "c", "size": 1}]
    )
    assert [entry["outcome"] for entry in result["outcomes"]] == ["failed", "failed", "created"]
    assert "disk full" in str(result["error"])
    assert "c" in platform.widgets
    platform.after, platform.job_ends = None, "Failed"
    del platform.widgets["c"]
    result = run(platform, widgets=[{"name": "c", "size": 1}])
    assert "error" not in result
    assert "shows everything as requested all the same" in result["warned"][0]
    unwaited = run(platform, widgets=[{"name": "d", "size": 1, "locked": True}], wait=False)
    assert "disk full" in str(unwaited["error"])


def test_an_error_that_would_hit_all_of_them_ends_the_task() -> None:
    platform = Platform(a={}, b={})

    def refuse(call: Call) -> None:
        raise AuthenticationFailed("who are you")

    platform.before = refuse
    result = run(platform, widgets=[{"name": "a", "size": 2}, {"name": "b", "size": 2}])
    assert isinstance(result["error"], AuthenticationFailed)
    assert platform.writes == ["change_widget"]
    assert not result["changed"]


def test_all_failed() -> None:
    platform = Platform(a={}, b={})

    def refuse(call: Call) -> None:
        raise ApiFailure("no", code="X.9", status=400)

    platform.before = refuse
    error = run(platform, widgets=[{"name": "a", "size": 2}, {"name": "b", "size": 2}])["error"]
    assert "Nothing else had to be done" in str(error)


# Lost replies


def test_a_write_whose_reply_was_lost_is_not_sent_again_when_it_took_effect() -> None:
    platform = Platform()
    platform.after = lose_reply_of("add_widgets")
    result = run(platform, widgets=[{"name": "a", "size": 1}])
    assert platform.writes == ["add_widgets"]
    assert result["changed"]
    assert [step["operation"] for step in result["plan"]] == ["add_widgets"]
    assert "what the platform shows decides" in result["warned"][0]


def test_a_write_whose_reply_was_lost_is_sent_again_when_it_had_no_effect() -> None:
    platform = Platform()
    platform.before = lose_reply_of("add_widgets")
    result = run(platform, widgets=[{"name": "a", "size": 1}])
    assert platform.writes == ["add_widgets", "add_widgets"]
    assert len(result["plan"]) == 1
    assert result["widgets"][0]["id"] == "id-a"


def test_what_was_done_before_a_lost_reply_is_not_done_twice() -> None:
    platform = Platform(a={})
    platform.after = lose_reply_of("lock_widget")
    run(platform, widgets=[{"name": "a", "password": "x", "locked": True}], update_password="always")
    assert platform.writes == ["set_password", "lock_widget"]


def test_a_reply_that_is_lost_again_and_again_ends_in_an_error() -> None:
    platform = Platform()
    platform.before = lose_reply_of("add_widgets", times=9)
    result = run(platform, widgets=[{"name": "a", "size": 1}])
    assert isinstance(result["error"], AmbiguousWrite)
    assert platform.writes == ["add_widgets"] * flow.ATTEMPTS
    assert result["changed"]


def test_a_step_that_nothing_shows_is_not_repeated_after_a_lost_reply() -> None:
    platform = Platform(a={})
    platform.after = lose_reply_of("ping_widgets")
    spec = variant(
        SPEC, extra_steps=lambda ctx, items: [Step(PING.call(), "Ping", items, policy=Policy(repeatable=False))]
    )
    result = run(platform, spec, widgets=[{"name": "a", "size": 1}])
    assert isinstance(result["error"], AmbiguousWrite)
    assert platform.writes == ["ping_widgets"]


# Objects that need time


def test_a_rerun_attaches_to_what_is_still_being_made() -> None:
    platform = Platform(a={"status": "MAKING"})

    def ready_at_the_third_look(platform: Platform) -> None:
        if platform.reads == 3:
            platform.widgets["a"]["status"] = "ready"

    platform.on_list = ready_at_the_third_look
    result = run(platform, widgets=[{"name": "a", "size": 1}])
    assert platform.writes == []
    assert not result["changed"]
    assert result["widgets"][0]["status"] == "ready"


def test_without_waiting_nothing_is_waited_for_and_the_job_is_named() -> None:
    platform = Platform(b={"status": "making"})
    result = run(platform, widgets=[{"name": "a", "size": 1}, {"name": "b", "size": 1}], wait=False)
    assert result["job"] == {"id": "job-1", "name": None, "status": "Running", "progress": None}
    assert platform.reads == 2


def test_a_step_waits_for_the_jobs_of_its_own_objects_even_without_waiting() -> None:
    platform = Platform()
    result = run(platform, widgets=[{"name": "a", "size": 1, "locked": True}], wait=False)
    assert [call.operation.name for call in platform.calls if call.operation.name in ("get_job", "lock_widget")] == [
        "get_job",
        "lock_widget",
    ]
    assert [job["status"] for job in result["jobs"]] == ["Completed"]


def test_an_object_that_never_gets_ready_times_out() -> None:
    platform = Platform(a={"status": "making"}, b={"status": "making"})
    error = run(platform, widgets=[{"name": "a", "size": 1}, {"name": "b", "size": 1}])["error"]
    assert isinstance(error, JobTimeout)
    assert "2 of 2 to go" in str(error)


def test_a_job_that_nobody_knows_is_no_loss_where_the_object_shows_its_status() -> None:
    platform = Platform()

    def forget(call: Call) -> None:
        platform.jobs.clear()

    platform.after = forget
    result = run(platform, widgets=[{"name": "a", "size": 1}])
    assert "error" not in result
    assert result["jobs"][0]["status"] == "Unknown"
    assert isinstance(
        run(platform, variant(SPEC, status=None), widgets=[{"name": "b", "size": 1}])["error"], JobUnknown
    )


def test_an_object_that_ends_up_broken_is_an_error_with_its_reason() -> None:
    platform = Platform()
    platform.new_status = "broken"
    for spec, given in ((SPEC, {"widgets": [{"name": "a", "size": 1}]}), (ONE, {"name": "b", "size": 1})):
        error = run(platform, spec, **given)["error"]
        assert isinstance(error, JobFailed)
        assert "is in status broken: size 1" in str(error)


def test_a_broken_object_is_refused_or_replaced() -> None:
    refused = run(Platform(a={"status": "broken"}), widgets=[{"name": "a", "size": 1}])
    assert "Remove it first" in str(refused["error"])
    platform = Platform(a={"status": "broken"})
    result = run(platform, variant(SPEC, replace_failed=True), widgets=[{"name": "a", "size": 4}])
    assert platform.writes == ["remove_widgets", "add_widgets"]
    assert result["outcomes"][0]["outcome"] == "created"
    assert result["widgets"][0]["size"] == 4
    assert platform.widgets["a"]["status"] == "ready"


def test_a_request_for_several_goes_on_without_the_one_that_failed() -> None:
    platform = Platform(a={"status": "broken"}, b={"status": "broken"})

    def refuse_a(call: Call) -> None:
        if call.operation.name == "remove_widgets" and call.body["names"] == ["a"]:
            raise ApiFailure("it is nailed down", code="X.9", status=400)

    platform.before = refuse_a
    spec = variant(SPEC, replace_failed=True, delete=variant(SPEC.writes.delete, size=1))
    result = run(platform, spec, widgets=[{"name": "a", "size": 4}, {"name": "b", "size": 4}])
    assert [step["summary"] for step in result["plan"]] == ["Remove b", "Add b"]
    assert [entry["outcome"] for entry in result["outcomes"]] == ["failed", "created"]
    assert "nailed down" in str(result["error"])


def test_what_is_being_removed_is_not_removed_again() -> None:
    platform = Platform(a={"status": "deleting"})
    assert not run(platform, widgets=[{"name": "a"}], state="absent", wait=False)["changed"]
    assert platform.writes == []


# Read back


def test_what_was_only_accepted_is_not_reported_as_done() -> None:
    platform = Platform(a={}, b={})
    platform.after = lambda call: platform.widgets["a"].update(size=1)
    result = run(platform, widgets=[{"name": "a", "size": 2}])
    assert "still shows another value for size" in str(result["error"])

    platform.after = lambda call: platform.widgets.update(b={**platform.widgets["a"], "name": "b"})
    assert "still exists" in str(run(platform, ONE, name="b", state="absent")["error"])

    platform.after = lambda call: platform.widgets.pop("c")
    assert "does not exist" in str(run(platform, ONE, name="c", size=1)["error"])

    platform.after = lambda call: platform.widgets["d"].update(colour="grey")
    assert "something other than requested" in str(run(platform, ONE, name="d", size=1, colour="red")["error"])


# Scopes and single objects


def test_a_single_object_is_compared_and_changed() -> None:
    platform = Platform(only={"size": 1})
    result = run(platform, POLICY, house="h", size=2)
    assert result["policy"]["size"] == 2
    assert result["diff"] == {"before": {"size": 1}, "after": {"size": 2}}
    assert result["plan"][0]["summary"] == "Set the policy of h"
    assert not run(platform, POLICY, house="h", size=2)["changed"]


def test_a_single_object_whose_parent_is_not_there_yet_is_all_change() -> None:
    platform = Platform()
    unknown = variant(POLICY, parent=ParentOptions((Field("house"),), (), lambda ctx: Parent(None, "h")))
    result = run(platform, unknown, house="h", size=2, check_mode=True)
    assert result["plan"][0]["operation"] == "change_widget"


def test_an_object_that_cannot_be_made_is_named_with_its_place() -> None:
    spec = variant(
        SPEC, create=None, parent=ParentOptions((Field("house"),), (), lambda ctx: Parent("1", "main house"))
    )
    error = run(Platform(), spec, house="main house", widgets=[{"name": "a", "size": 1}])["error"]
    assert "no widget named a in main house" in str(error)


def test_an_object_that_cannot_be_made_may_be_in_one_of_several_lists() -> None:
    spec = variant(SPEC, create=None, read=lambda ctx: [LIST.call()])
    result = run(Platform(a={}), spec, widgets=[{"name": "a", "size": 2}])
    assert [entry["outcome"] for entry in result["outcomes"]] == ["updated"]


def test_what_has_to_exist_says_so_where_it_does_not() -> None:
    assert Item({}, "a", current={"id": "1"}).existing == {"id": "1"}
    with pytest.raises(LookupError, match="a does not exist"):
        Item({}, "a").existing.copy()


# Actions and reads


def test_an_action_sends_its_steps_and_its_plan_is_the_same_in_check_mode() -> None:
    spec = Action(
        "ping",
        (),
        steps=lambda ctx, items: [Step(PING.call(), "Ping all")],
        starts_jobs=True,
        hooks=Hooks(result=lambda ctx, items: {"replies": len(ctx.replies)}),
    )
    checked, done = {"changed": False}, {"changed": False}
    quiet, platform = Platform(), Platform()
    flow.run_task(spec, context(quiet, check_mode=True), checked)
    flow.run_task(spec, context(platform), done)
    assert quiet.writes == []
    assert platform.writes == ["ping_widgets"]
    assert checked["plan"] == done["plan"]
    assert checked["changed"]
    assert done["changed"]
    assert (checked["replies"], done["replies"]) == (0, 1)
    assert done["job"]["name"] == "PingWidgets"


def test_an_action_with_nothing_to_do() -> None:
    result: dict[str, Any] = {"changed": False}
    platform = Platform()
    flow.run_task(Action("ping", (), steps=lambda ctx, items: []), context(platform), result)
    assert result == {"changed": False, "plan": []}


def test_the_job_of_an_action_fails() -> None:
    platform = Platform()
    platform.job_ends = "Failed"
    result: dict[str, Any] = {"changed": False}
    with pytest.raises(JobFailed):
        flow.run_task(
            Action("ping", (), steps=lambda ctx, items: [Step(PING.call(), "Ping")]), context(platform), result
        )
    assert result["changed"]
    assert result["job"]["status"] == "Failed"


def test_an_action_on_several_objects_leaves_the_others_alone_when_one_fails() -> None:
    platform = Platform(a={}, b={})

    def refuse(call: Call) -> None:
        if call.body["name"] == "a":
            raise ApiFailure("a is stuck", code="X.2", status=400)

    def plan(ctx: Context, items: list[Item]) -> list[Step]:
        return [
            Step(LOCK.call(body={"name": item.label, "locked": True}), f"Lock {item.label}", [item])
            for item in items[:2]
        ]

    platform.before = refuse
    result: dict[str, Any] = {"changed": False}
    spec = Action("widgets", (), items=lambda ctx: [Item({}, name) for name in "abc"], steps=plan)
    with pytest.raises(TpopsError, match="1 of 3 widgets failed: a: a is stuck"):
        flow.run_task(spec, context(platform), result)
    assert [entry["outcome"] for entry in result["outcomes"]] == ["failed", "changed", "unchanged"]
    assert [step["summary"] for step in result["plan"]] == ["Lock b"]
    assert result["changed"]
    checked: dict[str, Any] = {"changed": False}
    flow.run_task(spec, context(Platform(), check_mode=True), checked)
    assert [entry["outcome"] for entry in checked["outcomes"]] == ["changed", "changed", "unchanged"]


def test_an_info_module_returns_a_list_and_what_hooks_add() -> None:
    platform = Platform(a={}, b={})
    spec = Info(
        "widgets",
        parent=ParentOptions((Field("house"),), (), lambda ctx: Parent("1", "h")),
        result=lambda ctx, found: {"count": len(found)},
        find=Find(read=lambda ctx: LIST.call(), select=lambda ctx, found: found[1:]),
    )
    result: dict[str, Any] = {}
    flow.run_info(spec, context(platform, house="h"), result)
    assert [widget["name"] for widget in result["widgets"]] == ["b"]
    assert result["count"] == 1
    flow.run_info(Info("widgets", single=True, find=Find(read=lambda ctx: LIST.call())), context(platform), result)
    assert [widget["name"] for widget in result["widgets"]] == ["a"]


def test_an_object_that_does_not_exist_is_an_empty_list_where_the_spec_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    ctx = context(Platform())

    def refuse(call: Any) -> Any:
        raise NotFound("no such widget", code="W.1")

    monkeypatch.setattr(ctx.client, "item", refuse, raising=False)
    spec = Info("widgets", single=True, find=Find(read=lambda ctx: LIST.call()))
    result: dict[str, Any] = {}
    flow.run_info(variant(spec, on_error=lambda ctx, error: isinstance(error, NotFound)), ctx, result)
    assert result["widgets"] == []
    for strict in (spec, variant(spec, on_error=lambda ctx, error: False)):
        with pytest.raises(NotFound):
            flow.run_info(strict, ctx, result)


def test_a_computed_value_is_desired_although_no_option_sets_it() -> None:
    spec = variant(
        SPEC,
        fields=(*SPEC.fields, Field("locked_up", reads="locked", type="bool", role=Role.COMPUTED)),
        batch=False,
        desired=lambda ctx: [{"name": ctx.params["name"], "locked_up": True}],
    )
    assert "locked_up" not in build_interface(spec).argument_spec
    assert "name" in build_interface(spec).argument_spec
    result = run(Platform(a={}), variant(spec, extra_steps=None), name="a", check_mode=True)
    assert result["diff"]["after"]["locked_up"] is True


def test_secrets_below_an_option_that_cannot_be_read_back_are_hidden() -> None:
    origin = Field("origin", type="dict", role=Role.WRITE_ONLY, fields=(Field("name"), Field("key", no_log=True)))
    spec = Resource("copy", "copies", (Field("name"), origin), find=Find(read=lambda ctx: LIST.call()))
    item = Item({"name": "a", "origin": {"name": "b", "key": "hunter2"}}, "a")
    assert build_diff_side(spec, item, planned=True, new=True) == {"name": "a", "origin": {"name": "b", "key": HIDDEN}}


# Objects in several lists, several ways to remove one, and replies that refuse a part


def test_objects_are_read_from_several_lists_and_a_hook_picks_from_them() -> None:
    platform = Platform(a={"size": 1}, b={"size": 1})
    spec = variant(ONE, read=lambda ctx: [LIST.call(), LIST.call()], select=lambda ctx, found: found[:2])
    result = run(platform, spec, name="b", size=2)
    assert result["plan"] == [{**result["plan"][0], "operation": "change_widget"}]
    # Two lists before the write, two after it; both have each widget, which would be ambiguous without the hook.
    assert platform.reads == 4
    assert isinstance(run(platform, variant(spec, select=None), name="b", size=2)["error"], InputError)


def remove(ctx: Context, items: Sequence[Item]) -> Call:
    return REMOVE.call(body={"names": [item.label for item in items]})


def removal(**more: Any) -> Write:
    return variant(Write.batch(remove, "Remove {names}", size=1), **more)


def test_each_object_is_removed_by_the_write_that_is_meant_for_it() -> None:
    def small(ctx: Any, item: Any) -> bool:
        return bool(item.current["size"] < 5)

    def large(ctx: Any, item: Any) -> bool:
        return not small(ctx, item)

    spec = variant(SPEC, delete=(removal(applies_to=small), removal(applies_to=large, size=None)))
    platform = Platform(a={"size": 1}, b={"size": 5}, c={"size": 6})
    result = run(platform, spec, widgets=[{"name": name} for name in "abc"], state="absent")
    assert [step["summary"] for step in result["plan"]] == ["Remove a", "Remove b, c"]
    assert not platform.widgets


def test_an_object_that_a_reply_refuses_has_failed_and_the_others_are_done() -> None:
    def refused(data: Any, items: Sequence[Any]) -> dict[str, Exception]:
        return {item.label: ApiFailure("it is in use", code="X.2") for item in items if item.label != "b"}

    platform = Platform(a={}, b={})
    platform._remove_widgets = lambda body: platform.widgets.pop("b", None)
    spec = variant(SPEC, delete=removal(size=None, item_errors=refused))
    result = run(platform, spec, widgets=[{"name": "a"}, {"name": "b"}], state="absent")
    assert result["changed"]
    assert [entry["outcome"] for entry in result["outcomes"]] == ["failed", "removed"]
    assert "a: it is in use" in str(result["error"])
    # When all are refused nothing has changed.
    result = run(platform, spec, widgets=[{"name": "a"}], state="absent")
    assert not result["changed"]
    assert result["error"].code == "X.2"
    result = run(platform, variant(spec, batch=False, extra_steps=None, desired=None), name="a", state="absent")
    assert not result["changed"]
    assert result["error"].code == "X.2"


@pytest.mark.parametrize(("detail", "reason"), [("no space", "no space"), ("", "disk full")])
def test_an_object_that_failed_without_a_word_has_failed_for_the_reason_of_its_job(detail: str, reason: str) -> None:
    platform = Platform()
    platform.job_ends, platform.new_status = "Failed", "broken"
    spec = variant(SPEC, status=variant(SPEC.status, detail=lambda current: detail))
    assert reason in str(run(platform, spec, widgets=[{"name": "a", "size": 1}])["error"])


# A lost reply to an action


@pytest.mark.parametrize("decides", [True, False])
def test_another_plan_decides_what_an_action_has_left_to_do_where_it_can(decides: bool) -> None:
    platform = Platform()
    platform.after = lose_reply_of("ping_widgets")
    spec = Action(
        "ping", (), steps=lambda ctx, items: [] if platform.jobs else [Step(PING.call(), "Ping")], sees_writes=decides
    )
    result: dict[str, Any] = {"changed": False}
    if decides:
        ctx = context(platform)
        flow.run_task(spec, ctx, result)
        assert "what the platform shows decides" in ctx.warnings[0]
    else:
        with pytest.raises(AmbiguousWrite):
            flow.run_task(spec, context(platform), result)
    assert result["changed"]
    assert platform.writes == ["ping_widgets"]


# The outermost layer


def test_a_bug_of_ours_is_told_without_its_text(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(ctx: Any) -> Any:
        raise KeyError("hunter2")

    spec = Info("widgets", find=Find(read=broken))
    result = runner.run_spec(spec, "gaussdb.tpops.gaussdb_widget_info", CONNECTION)
    assert result["failed"]
    assert "Internal error of gaussdb.tpops.gaussdb_widget_info: KeyError at test_flow.py:" in result["msg"]
    assert "hunter2" not in str(result)


def test_an_endpoint_that_cannot_be_right_fails_before_there_is_a_context() -> None:
    result = runner.run_spec(
        Info("widgets", find=Find(read=lambda ctx: LIST.call())), "x", {**CONNECTION, "endpoint": "http://a"}
    )
    assert result["failed"]
    assert "endpoint" in result["msg"]


def test_warnings_are_handed_on_and_the_client_is_closed() -> None:
    platform = Platform()

    def warn(ctx: Any, found: Any) -> dict[str, Any]:
        ctx.warn("careful")
        ctx.warn("careful")
        return {}

    platform.warnings.append("the client too")
    spec = Info("widgets", result=warn, starts_jobs=True, find=Find(read=lambda ctx: LIST.call()))
    result = runner.run_spec(
        spec, "x", {**CONNECTION, **parameters()}, open_client=lambda connection, on_wait: platform
    )
    assert result["warnings"] == ["careful", "the client too"]
    assert platform.closed


# What a lost reply, a refused batch and a failed read leave open


def test_a_new_object_gets_all_its_values_though_the_reply_to_its_creation_was_lost() -> None:
    def same_when_there(_desired: Any, current: Any) -> bool:
        return current is not ...

    fields = tuple(
        replace(each, equal=same_when_there, platform_default=...) if each.name == "locked" else each
        for each in SPEC.fields
    )
    platform = Platform()
    platform.after = lose_reply_of("add_widgets")
    result = run(platform, variant(SPEC, fields=fields), widgets=[{"name": "a", "size": 1, "locked": True}])
    assert "error" not in result
    assert platform.writes == ["add_widgets", "lock_widget"]
    assert result["outcomes"] == [{"name": "a", "outcome": "created"}]


def test_an_object_that_is_busy_with_a_lost_write_is_looked_at_again() -> None:
    platform = Platform(a={})
    platform.after = lose_reply_of("change_widget")
    hidden = platform.widgets["a"]
    waits = [2]

    def still_old(_platform: Platform) -> None:
        # The write shows only when the platform is done with it.
        hidden["size"] = 1 if waits[0] > 0 and "change_widget" in _platform.writes else hidden["size"]
        if waits[0] == 0:
            hidden["size"] = 5

    def busy(call: Call) -> None:
        if platform.writes.count("change_widget") > 1:
            waits[0] -= 1
            raise Busy("busy with something")

    platform.on_list, platform.before = still_old, busy
    result = run(platform, widgets=[{"name": "a", "size": 5}], busy_timeout=60)
    assert "error" not in result
    assert result["widgets"][0]["size"] == 5
    assert [step["operation"] for step in result["plan"]] == ["change_widget"]


def test_a_replaced_object_keeps_the_values_that_the_task_does_not_give_even_when_the_reply_is_lost() -> None:
    platform = Platform(a={"size": 3, "colour": "red"})
    platform.after = lose_reply_of("remove_widgets")

    def make(ctx: Context, items: Sequence[Item]) -> Call:
        return ADD.call(
            body={
                "widgets": [
                    {"name": item.label, "size": item.value("size"), "colour": item.value("colour")} for item in items
                ]
            }
        )

    fields = [replace(each, role=Role.MANAGED) for each in SPEC.fields]
    again = [
        removal(fields=("colour",)),
        Write.batch(make, "Make {names} again", fields=("colour",), size=1),
    ]
    create = Write.batch(make, "Make {names}", fields=("size", "colour"), size=1)
    spec = variant(SPEC, fields=fields, updates=again, create=create)
    result = run(platform, spec, widgets=[{"name": "a", "colour": "blue"}])
    assert "error" not in result
    assert (platform.widgets["a"]["size"], platform.widgets["a"]["colour"]) == (3, "blue")
    assert platform.writes == ["remove_widgets", "add_widgets"]


def test_what_keeps_a_platform_busy_may_be_the_write_of_an_earlier_run() -> None:
    platform = Platform(a={})

    def busy(call: Call) -> None:
        platform.widgets["a"]["size"] = 5
        raise Busy("busy with the same")

    platform.before = busy
    spec = variant(SPEC, updates=[variant(update, wait_when_busy=False) for update in SPEC.writes.updates])
    result = run(platform, spec, widgets=[{"name": "a", "size": 5}], busy_timeout=60)
    assert "error" not in result
    assert result["plan"] == []
    assert not result["changed"]
    assert platform.writes == ["change_widget"]


def test_an_object_that_stays_busy_is_an_error() -> None:
    platform = Platform(a={})
    lose = lose_reply_of("change_widget")

    def busy(call: Call) -> None:
        lose(call)
        raise Busy("busy with something")

    platform.before = busy
    result = run(platform, widgets=[{"name": "a", "size": 5}], busy_timeout=6)
    assert isinstance(result["error"], Busy)
    assert platform.writes.count("change_widget") == 1 + 4


def test_a_refused_write_ends_the_task_of_a_single_object() -> None:
    platform = Platform(a={"size": 1})

    def refuse(call: Call) -> None:
        if call.operation.name == "change_widget":
            raise ApiFailure("a is wrong", code="X.9", status=400)

    platform.before = refuse
    result = run(platform, variant(ONE, extra_steps=lambda ctx, items: [Step(PING.call(), "Ping")]), name="a", size=2)
    assert str(result["error"]) == "a is wrong"
    assert platform.writes == ["change_widget"]


def test_an_object_without_a_name_is_refused_by_its_place_in_the_list() -> None:
    result = run(Platform(), widgets=[{"name": "a", "size": 1}, {"size": 1}])
    assert isinstance(result["error"], InputError)
    assert str(result["error"]) == "widgets[1].widget_id, widgets[1].name: one of them is required, to name the widget"
    assert result["error"].option == "widgets[1].widget_id"


def test_one_wrong_object_keeps_no_other_from_being_made_where_a_batch_is_all_or_nothing() -> None:
    platform = Platform()

    def refuse(call: Call) -> None:
        if any(entry["name"] == "b" for entry in call.body.get("widgets", [])):
            raise ApiFailure("b is wrong", code="X.9", status=400)

    platform.before = refuse
    spec = variant(SPEC, create=variant(SPEC.writes.create, split_on_refusal=True, size=3))
    result = run(platform, spec, widgets=[{"name": name, "size": 1} for name in ("a", "b", "c")])
    assert [entry["outcome"] for entry in result["outcomes"]] == ["created", "failed", "created"]
    assert [step["summary"] for step in result["plan"]] == ["Add a", "Add c"]
    assert "1 of 3 widgets failed: b: b is wrong" in str(result["error"])
    whole = Platform()
    whole.before = refuse
    spec = variant(SPEC, create=Write.batch(SPEC.writes.create.build, SPEC.writes.create.summary, size=3))
    result = run(whole, spec, widgets=[{"name": name, "size": 1} for name in ("a", "b", "c")])
    assert [entry["outcome"] for entry in result["outcomes"]] == ["failed", "failed", "failed"]
    assert whole.writes == ["add_widgets"]


def test_a_failed_read_can_mean_that_nothing_is_there_yet() -> None:
    class Unreadable(Platform):
        def items(self, call: Call) -> list[dict[str, Any]]:
            raise ApiFailure("no such house", code="X.7", status=400)

    assert "error" in run(Unreadable(), widgets=[{"name": "a", "size": 1}])
    asked: list[Exception] = []
    spec = variant(SPEC, on_error=lambda _ctx, error: bool(asked.append(error)) or True)
    result = run(Unreadable(), spec, check_mode=True, widgets=[{"name": "a", "size": 1}])
    assert [step["operation"] for step in result["plan"]] == ["add_widgets"]
    assert "no such house" in str(asked[0])
    assert isinstance(run(Unreadable(), variant(SPEC, on_error=lambda *_given: False), widgets=[])["error"], ApiFailure)


def test_of_an_object_with_parts_only_the_desired_ones_are_shown_and_the_others_stay() -> None:
    part = Field("rights", type="dict", fields=(Field("read", type="bool"), Field("write", type="bool")))
    spec = variant(SPEC, fields=(Field("name"), part))
    item = Item(
        {"name": "a", "rights": {"read": True, "write": None}},
        "a",
        current={"name": "a", "rights": {"read": False, "write": True, "age": 4}},
    )
    assert build_diff_side(spec, item, planned=False, new=False) == {"name": "a", "rights": {"read": False}}
    item.changes = {"rights": item.desired["rights"]}
    assert build_diff_side(spec, item, planned=True, new=False) == {"name": "a", "rights": {"read": True}}
    gone = Item({"name": "a"}, "a", present=False, current=item.current)
    assert build_diff_side(spec, gone, planned=False, new=False) == {
        "name": "a",
        "rights": {"read": False, "write": True},
    }
    assert results._overlaid(item.current, item.desired) == {
        "name": "a",
        "rights": {"read": True, "write": True, "age": 4},
    }


def test_an_object_without_parts_of_its_own_is_shown_as_it_is() -> None:
    spec = variant(SPEC, fields=(Field("name"), Field("labels", type="dict")))
    item = Item({"name": "a", "labels": {"x": 1}}, "a", changes={"labels": {"x": 1}})
    assert build_diff_side(spec, item, planned=True, new=True) == {"name": "a", "labels": {"x": 1}}


def test_progress_tells_of_the_first_object_that_the_platform_is_busy_with() -> None:
    statuses = ("ready", "making", "changing")
    spec = variant(SPEC, status=Status("status", pending=("making", "changing"), settled=("ready",), failed=()))
    items = [Item({}, status, current={"status": status}) for status in statuses]
    assert observation.progress_of(spec, items) == Observation("running", "making, 2 of 3 to go")
    assert observation.progress_of(spec, items[:1]) == Observation("done", "ready")
    assert observation.progress_of(spec, items[2:]) == Observation("running", "changing")


RULED = variant(
    SPEC,
    fields=(
        Field("name", validate_new=checks.pattern("[a-z0-9-]{4,}", "small letters, at least four")),
        *SPEC.fields[1:],
    ),
)


def test_a_rule_for_new_objects_is_not_applied_to_existing_ones() -> None:
    for widgets, changed in (([{"name": "x", "size": 1}], False), ([{"name": "x", "size": 7}], True)):
        result = run(Platform(x={}), RULED, widgets=widgets)
        assert (result["changed"], result.get("error")) == (changed, None)
    assert run(Platform(x={}), RULED, widgets=[{"name": "x"}], state="absent")["changed"]


@pytest.mark.parametrize("check_mode", [True, False])
def test_a_new_object_keeps_to_the_rule(check_mode: bool) -> None:
    platform = Platform()
    error = run(platform, RULED, widgets=[{"name": "x", "size": 1}], check_mode=check_mode)["error"]
    assert str(error) == "widgets[0].name (x): 'x' is not allowed; use small letters, at least four"
    assert (platform.writes, error.option) == ([], "widgets[0].name")


def test_so_does_a_new_name_of_an_existing_object() -> None:
    platform = Platform(long={})
    error = run(platform, RULED, widgets=[{"widget_id": "id-long", "name": "x"}])["error"]
    assert "use small letters" in str(error)
    assert platform.writes == []


# Actions that bring one object to a certain point


def locking(**more: Any) -> Action:
    """An action that locks the widget a."""

    def steps(ctx: Context, items: Sequence[Item]) -> list[Step]:
        return [Step(LOCK.call(body={"name": "a", "locked": True}), "Lock a", items)] if items[0].changes else []

    action = Action(
        "widget",
        (),
        steps,
        find=Find(lambda ctx: LIST.call(), select=lambda ctx, listed: [each for each in listed if each["name"] == "a"]),
        reached=lambda ctx: {"locked": True},
    )
    return variant(action, **more)


def act(platform: Platform, spec: Action, **mode: Any) -> dict[str, Any]:
    result: dict[str, Any] = {"changed": False}
    try:
        flow.run_task(spec, context(platform, **mode), result)
    except TpopsError as error:
        result["error"] = error
    return result


def test_an_action_brings_an_object_to_where_it_should_be() -> None:
    checked, done = act(Platform(a={}), locking(), check_mode=True), act(platform := Platform(a={}), locking())
    for result in (checked, done):
        assert result["changed"]
        assert result["diff"] == {"before": {"locked": False}, "after": {"locked": True}}
        assert result["widget"]["locked"] is True
    assert platform.writes == ["lock_widget"]
    again = act(platform, locking())
    assert (again["changed"], again["plan"], platform.writes) == (False, [], ["lock_widget"])


def test_an_action_fails_when_its_object_does_not_get_there() -> None:
    platform = Platform(a={})
    platform._lock_widget = lambda body: None
    result = act(platform, locking())
    assert "still shows another value for locked" in str(result["error"])
    assert result["changed"]


def test_a_lost_reply_of_an_action_is_decided_by_its_object() -> None:
    platform = Platform(a={})
    platform.after = lose_reply_of("lock_widget")
    assert "error" not in act(platform, locking())
    assert platform.writes == ["lock_widget"]


def test_facts_of_a_plan_are_known_to_later_plans_and_to_the_result() -> None:
    platform, seen = Platform(), []

    def steps(ctx: Context, items: Sequence[Item]) -> Plan:
        seen.append(dict(ctx.facts))
        first = ctx.facts.get("first", len(seen))
        return Plan([] if platform.jobs else [Step(PING.call(), "Ping")], {"first": first})

    platform.after = lose_reply_of("ping_widgets")
    spec = Action("ping", (), steps, sees_writes=True, hooks=Hooks(result=lambda ctx, items: dict(ctx.facts)))
    result = act(platform, spec)
    assert seen == [{}, {"first": 1}]
    assert result["first"] == 1


def test_what_a_hook_has_against_a_change_that_is_under_way_is_no_failure() -> None:
    def refine(ctx: Context, item: Item) -> Item:
        if item.existing["locked"]:
            raise TpopsError("it is locked")
        return item.refined(current={"seen": True})

    spec = locking(refine=refine, status=None, starts_jobs=True)
    assert "error" not in act(Platform(a={}), spec, wait=False)
    assert "it is locked" in str(act(Platform(a={}), spec)["error"])
