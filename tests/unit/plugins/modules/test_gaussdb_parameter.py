# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How values of parameters are spelt, and which of them wait for a restart."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.gaussdb.tpops.plugins.module_utils.api.operation import Call
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine import flow
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.item import Item
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import (
    AmbiguousWrite,
    ApiFailure,
    Busy,
    ConnectionFailed,
    InputError,
    NotFound,
    TpopsError,
)
from ansible_collections.gaussdb.tpops.plugins.modules import gaussdb_parameter
from ansible_collections.gaussdb.tpops.tests.unit.plugins.module_utils.platform import Platform
from ansible_collections.gaussdb.tpops.tests.unit.plugins.module_utils.platform import context as engine_context


def context(restart: str, *replies: Any) -> Any:
    ctx = SimpleNamespace(params={"restart": restart}, replies=replies, scope_label="orders", warnings=[])
    ctx.warn = ctx.warnings.append
    return ctx


def wishes(**parameters: Any) -> dict[str, Any]:
    context = SimpleNamespace(params={"parameters": parameters})
    return {wish["name"]: wish["value"] for wish in gaussdb_parameter.wishes(context)}


def test_numbers_are_written_as_people_do() -> None:
    assert wishes(a=1, b=0.1, c=0.00001, d=1e20, e="0.10", f="") == {
        "a": "1",
        "b": "0.1",
        "c": "0.00001",
        "d": "100000000000000000000",
        "e": "0.10",
        "f": "",
    }


@pytest.mark.parametrize(
    ("value", "problem"), [(None, "a value is missing"), ([1], "one value"), ({"a": 1}, "one value")]
)
def test_a_value_is_one_value(value: Any, problem: str) -> None:
    with pytest.raises(InputError, match=f"parameters.a: .*{problem}"):
        wishes(a=value)


@pytest.mark.parametrize(
    ("value", "value_range", "current", "spelt"),
    [
        (True, "on,off", "off", "on"),
        (False, "on,off", "off", "off"),
        ("False", "on, off", "on", "off"),
        ("true", "true,false", "false", "true"),
        (True, "yes,no", "no", "yes"),
        (True, "0-1", "0", "1"),
        (True, None, None, "on"),
        ("true", None, None, "true"),
        ("on", "on,off", "off", "on"),
    ],
)
def test_a_switch_is_spelt_as_the_parameter_spells_it(value: Any, value_range: Any, current: Any, spelt: str) -> None:
    item = Item({"name": "a", "value": value}, "a", current={"value": current, "value_range": value_range})
    gaussdb_parameter.spell(None, item)
    assert item.desired["value"] == spelt


def test_a_value_that_the_platform_would_refuse_is_refused_here() -> None:
    current = {"value": "10", "value_range": "0-1000", "type": "integer"}
    with pytest.raises(InputError, match="parameters.a: '1001' is out of range; allowed is 0-1000"):
        gaussdb_parameter.spell(None, Item({"name": "a", "value": "1001"}, "a", current=current))
    # What is so already needs no write, whatever the range says.
    current = {"value": "1001", "value_range": "0-1000", "type": "integer"}
    gaussdb_parameter.spell(None, Item({"name": "a", "value": "1001"}, "a", current=current))


def test_a_switch_of_an_instance_that_is_yet_to_be_made() -> None:
    item = Item({"name": "a", "value": False}, "a", current={})
    gaussdb_parameter.spell(None, item)
    assert item.desired["value"] == "off"


def test_what_was_changed_needs_a_restart_even_when_it_shows_the_new_value() -> None:
    changed = Item({}, "a", current={"restart_required": True}, first_changes={"value": "2"})
    failed = Item({}, "b", current={"restart_required": True}, first_changes={"value": "2"}, failed=True)
    unchanged = Item({}, "c", current={"restart_required": True})
    harmless = Item({}, "d", current={"restart_required": False}, first_changes={"value": "2"})
    assert gaussdb_parameter.waiting([changed, failed, unchanged, harmless]) == [changed]


@pytest.mark.parametrize(
    ("of_parameter", "of_change", "restart", "said"),
    [
        (True, False, "never", True),
        (False, True, "never", True),
        (False, "true", "never", True),
        (False, False, "never", False),
        (False, None, "never", False),
        # The restart is part of the plan, which is made before the platform has said anything of the change.
        (True, True, "if_required", False),
        (False, True, "if_required", True),
    ],
)
def test_the_platform_says_of_each_parameter_and_of_the_change_whether_it_needs_a_restart(
    of_parameter: bool, of_change: Any, restart: str, said: bool
) -> None:
    item = Item({}, "a", current={"restart_required": of_parameter}, first_changes={"value": "2"})
    replies = [SimpleNamespace(data={"restart_required": of_change, "job_id": "1"}), SimpleNamespace(data=None)]
    ctx = context(restart, *replies)
    found = gaussdb_parameter.summary(ctx, [item])
    pending = ["a"] * said
    assert found == {"restart_parameters": ["a"] * of_parameter, "restart_required": said, "restart_pending": pending}
    assert len(ctx.warnings) == said
    assert all("a effective" in text and "gaussdb_instance with state=restarted" in text for text in ctx.warnings)
    item.failed = True
    assert gaussdb_parameter.summary(ctx, [item])["restart_pending"] == []


def test_the_plan_says_what_a_restart_is_needed_for() -> None:
    items = [
        Item({}, name, current={"restart_required": needed})
        for name, needed in (("a", True), ("b", False), ("c", True))
    ]
    assert gaussdb_parameter.set_summary(items) == "Set a, b, c; only a restart makes a, c effective"
    assert gaussdb_parameter.set_summary(items[1:2]) == "Set b"


# What becomes of a task that changes one parameter, and has to restart the instance for it


class ParameterPlatform(Platform):
    """An instance whose parameter takes effect with a restart."""

    def __init__(self) -> None:
        super().__init__()
        self.value = "1"

    def items(self, call: Call) -> list[dict[str, Any]]:
        self.calls.append(call)
        if call.operation.name == "list_instances":
            return [{"id": "in1", "name": "orders", "status": "ACTIVE"}]
        return [{"name": "a", "value": self.value, "restart_required": True, "value_range": "0-9"}]

    def item(self, call: Call) -> dict[str, Any]:
        return {**super().item(call), "status": "Completed"}

    def _set_parameters(self, body: Any) -> Any:
        self.value = body["values"]["a"]
        return self._job("set")

    def _restart_instance(self, body: Any) -> Any:
        return self._job("restart")


def play(platform: ParameterPlatform, restart: str = "if_required") -> dict[str, Any]:
    result: dict[str, Any] = {"changed": False}
    ctx = engine_context(
        platform, parameters={"a": 2}, restart=restart, instance=None, instance_id="in1", busy_timeout=30
    )
    try:
        flow.run_resource(gaussdb_parameter.SPEC, ctx, result)
    except TpopsError as error:
        result["msg"] = error.as_result()["msg"]
    result["warned"] = ctx.warnings
    return result


def raising(operation: str, error: Exception) -> Any:
    def trouble(call: Call) -> None:
        if call.operation.name == operation:
            raise error

    return trouble


def test_a_task_that_restarts_the_instance_leaves_nothing() -> None:
    platform = ParameterPlatform()
    result = play(platform)
    assert platform.writes == ["set_parameters", "restart_instance"]
    assert (result["restart_pending"], result["restart_required"], result["warned"]) == ([], False, [])
    assert play(platform)["restart_pending"] == []


def test_a_task_that_does_not_says_what_it_leaves() -> None:
    result = play(ParameterPlatform(), "never")
    assert result["restart_pending"] == ["a"]
    assert "msg" not in result


LOST = AmbiguousWrite(
    "restart_instance was sent, but the reply was lost", hint="Run the task again: it finds what was executed."
)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (None, raising("restart_instance", LOST)),
        (raising("restart_instance", ConnectionFailed("Cannot connect")), None),
        (raising("restart_instance", Busy("stayed busy")), None),
        (raising("restart_instance", ApiFailure("the instance is not well", status=400, code="DBS.216009")), None),
    ],
    ids=["the reply is lost", "the platform is away", "the instance stays busy", "the platform refuses it"],
)
def test_a_restart_that_does_not_take_place_fails_the_task_with_how_to_catch_up(before: Any, after: Any) -> None:
    platform = ParameterPlatform()
    platform.before, platform.after = before, after
    result = play(platform)
    assert "Only a restart makes a effective" in result["msg"]
    assert "gaussdb_instance with state=restarted" in result["msg"]
    assert "again" not in result["msg"]
    assert result["restart_pending"] == ["a"]
    assert result["changed"]
    # And that is all there is: nothing shows it to the next run.
    platform.before = platform.after = None
    assert not play(platform)["changed"]


@pytest.mark.parametrize("job", ["set", "restart"])
@pytest.mark.parametrize("fate", ["fails", "is forgotten", "takes too long"])
def test_a_job_that_does_not_end_well_is_told_like_that_too(job: str, fate: str) -> None:
    platform = ParameterPlatform()
    known = platform.item

    def item(call: Call) -> dict[str, Any]:
        found = known(call)
        if found["name"] != job:
            return found
        if fate == "is forgotten":
            raise NotFound("no such job")
        return {**found, "status": {"fails": "Failed", "takes too long": "Running"}[fate]}

    platform.item = item  # type: ignore[method-assign]
    result = play(platform)
    if job == "set" and fate == "fails":
        # Nothing was set, so that the next run does all of it.
        assert result["restart_pending"] == []
        assert "Only a restart" not in result["msg"]
        return
    assert result["restart_pending"] == ["a"]
    assert "gaussdb_instance with state=restarted" in result["msg"]
    assert "run this again" not in result["msg"]


def test_a_change_that_was_not_accepted_leaves_nothing() -> None:
    platform = ParameterPlatform()
    platform.before = raising("set_parameters", ConnectionFailed("Cannot connect"))
    result = play(platform)
    assert "restart" not in result["msg"]
    assert not result.get("restart_pending")
