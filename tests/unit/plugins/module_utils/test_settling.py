# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Objects whose words for their state are not all known, and steps that must not be sent twice."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ansible_collections.gaussdb.tpops.plugins.module_utils import runner
from ansible_collections.gaussdb.tpops.plugins.module_utils.context import Context
from ansible_collections.gaussdb.tpops.plugins.module_utils.errors import Busy, JobFailed, TpopsError
from ansible_collections.gaussdb.tpops.plugins.module_utils.operation import Call
from ansible_collections.gaussdb.tpops.plugins.module_utils.plan import Step
from ansible_collections.gaussdb.tpops.plugins.module_utils.resource import Field, Resource, Scope, Status, Write
from ansible_collections.gaussdb.tpops.plugins.module_utils.wire import Attr, Shape
from ansible_collections.gaussdb.tpops.tests.unit.plugins.module_utils.platform import ADD, LIST, LOCK, ONE, Platform, context

HOUSE = Scope((Field("house"),), (), lambda ctx: (ctx.params["house"], ctx.params["house"]))


def switch(ctx: Context, items: list[Any]) -> list[Step]:
    item = items[0]
    if "locked" not in item.changes:
        return []
    body = {"name": "a", "locked": item.desired["locked"]}
    return [Step(LOCK.call(body=body), "Switch a", items, patient=False)]


SWITCH = Resource(
    name="widget",
    plural="widgets",
    single=True,
    states=(),
    scope=HOUSE,
    status=Status(settled=("ready", "resting"), failed=("broken",), pending=("making",)),
    fields=(Field("locked", type="bool"),),
    read=lambda ctx: LIST.call(),
    select=lambda ctx, found: found[:1],
    after=switch,
)
MADE = replace(
    SWITCH,
    states=("present", "absent"),
    after=None,
    create=Write(lambda ctx, items: ADD.call(body={"widgets": [{"name": "a"}]}), "Add a", fields=("locked",)),
)


def run(platform: Platform, spec: Resource, **given: Any) -> dict[str, Any]:
    result: dict[str, Any] = {"changed": False}
    ctx = context(platform, given.pop("check_mode", False), given.pop("wait", True), **{"house": "h", "busy_timeout": 30, **given})
    try:
        runner.run_resource(spec, ctx, result)
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
    result = run(platform, replace(ONE, create=replace(MADE.create, fields=("name", "size"))), name="a", size=1)
    assert isinstance(result["error"], JobFailed)
    assert "disk full" in result["error"].as_result()["msg"]
    assert "Widget a is in status broken: size 1" in result["error"].as_result()["msg"]
    assert result["widget"]["status"] == "broken"


def test_a_shape_adds_what_follows_from_several_values() -> None:
    shape = Shape(
        (Attr("used", kind="int"), Attr("size", kind="int")), derive=lambda found: {**found, "free": found["size"] - found["used"]}
    )
    assert shape.read({"used": "3", "size": 5}) == {"used": 3, "size": 5, "free": 2}
