# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How parameter values are spelled, and which of them need a restart."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.gaussdb.tpops.plugins.module_utils.api.operation import Call
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain import parameter
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine import flow
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.context import Parent
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
    ctx = SimpleNamespace(params={"restart": restart}, replies=replies, parent=Parent(label="orders"), warnings=[])
    ctx.warn = ctx.warnings.append
    return ctx


def desired_values(**parameters: Any) -> dict[str, Any]:
    context = SimpleNamespace(params={"parameters": parameters})
    return {entry["name"]: entry["value"] for entry in parameter.build_desired(context)}


def test_numbers_have_no_exponent() -> None:
    assert desired_values(a=1, b=0.1, c=0.00001, d=1e20, e="0.10", f="") == {
        "a": "1",
        "b": "0.1",
        "c": "0.00001",
        "d": "100000000000000000000",
        "e": "0.10",
        "f": "",
    }


@pytest.mark.parametrize(
    ("value", "problem"), [(None, "a value is missing"), ([1], "a single value"), ({"a": 1}, "a single value")]
)
def test_a_value_must_be_a_single_value(value: Any, problem: str) -> None:
    with pytest.raises(InputError, match=f"parameters.a: .*{problem}"):
        desired_values(a=value)


@pytest.mark.parametrize(
    ("value", "value_range", "current", "spelled"),
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
def test_a_boolean_is_spelled_as_the_parameter_does(value: Any, value_range: Any, current: Any, spelled: str) -> None:
    item = Item({"name": "a", "value": value}, "a", current={"value": current, "value_range": value_range})
    assert parameter.spell(context("never"), item).desired["value"] == spelled


def test_a_value_is_validated_against_the_value_range() -> None:
    current = {"value": "10", "value_range": "0-1000", "type": "integer"}
    with pytest.raises(InputError, match="parameters.a: '1001' is out of range; allowed is 0-1000"):
        parameter.spell(context("never"), Item({"name": "a", "value": "1001"}, "a", current=current))
    # The current value needs no write, so the range does not matter.
    current = {"value": "1001", "value_range": "0-1000", "type": "integer"}
    parameter.spell(context("never"), Item({"name": "a", "value": "1001"}, "a", current=current))


def test_a_boolean_of_an_instance_that_does_not_exist_yet() -> None:
    item = Item({"name": "a", "value": False}, "a", current={})
    assert parameter.spell(context("never"), item).desired["value"] == "off"


def test_a_changed_parameter_needs_a_restart_even_if_it_shows_the_new_value() -> None:
    changed = Item({}, "a", current={"restart_required": True}, first_changes={"value": "2"})
    failed = Item({}, "b", current={"restart_required": True}, first_changes={"value": "2"}, failed=True)
    unchanged = Item({}, "c", current={"restart_required": True})
    harmless = Item({}, "d", current={"restart_required": False}, first_changes={"value": "2"})
    assert parameter.waiting_of([changed, failed, unchanged, harmless]) == [changed]


@pytest.mark.parametrize(
    ("of_parameter", "of_change", "restart", "warned"),
    [
        (True, False, "never", True),
        (False, True, "never", True),
        (False, "true", "never", True),
        (False, False, "never", False),
        (False, None, "never", False),
        # The restart is part of the plan, which is created before the platform has replied to the change.
        (True, True, "if_required", False),
        (False, True, "if_required", True),
    ],
)
def test_the_platform_reports_a_restart_for_each_parameter_and_for_the_change(
    of_parameter: bool, of_change: Any, restart: str, warned: bool
) -> None:
    item = Item({}, "a", current={"restart_required": of_parameter}, first_changes={"value": "2"})
    replies = [SimpleNamespace(data={"restart_required": of_change, "job_id": "1"}), SimpleNamespace(data=None)]
    ctx = context(restart, *replies)
    found = parameter.build_result(ctx, [item])
    pending = ["a"] * warned
    assert found == {
        "restart_parameters": ["a"] * of_parameter,
        "restart_required": warned,
        "restart_pending": pending,
        "restart_deferred": [],
    }
    assert len(ctx.warnings) == warned
    assert all("a will only take effect" in text for text in ctx.warnings)
    assert all("gaussdb_instance with state=restarted" in text for text in ctx.warnings)
    item.failed = True
    assert parameter.build_result(ctx, [item])["restart_pending"] == []


def test_a_parameter_that_needs_a_restart_waits_for_it() -> None:
    ctx = context("defer")
    ctx.params["parameters"] = {"a": True, "b": 2, "c": "10.0"}
    items = [
        Item(
            {"name": "a", "value": True},
            "a",
            current={"value": "off", "value_range": "on,off", "restart_required": True},
        ),
        Item({"name": "b", "value": "2"}, "b", current={"value": "1", "restart_required": False}),
        Item({"name": "c", "value": "10.0"}, "c", current={"value": "10", "restart_required": True}),
    ]
    assert [parameter.spell(ctx, item).desired["value"] for item in items] == ["off", "2", "10.0"]
    assert parameter.build_result(ctx, items)["restart_deferred"] == ["a"]
    assert parameter.restart(ctx, items) == []


def test_the_plan_names_the_parameters_that_need_a_restart() -> None:
    items = [
        Item({}, name, current={"restart_required": needed})
        for name, needed in (("a", True), ("b", False), ("c", True))
    ]
    assert parameter.set_summary(items) == "Set a, b, c; a, c will only take effect after a restart"
    assert parameter.set_summary(items[1:2]) == "Set b"


# Outcomes of a task that changes one parameter and must restart the instance for it


class ParameterPlatform(Platform):
    """An instance with a parameter that takes effect after a restart."""

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
        flow.run_task(gaussdb_parameter.SPEC, ctx, result)
    except TpopsError as error:
        result["msg"] = error.as_result()["msg"]
    result["warned"] = ctx.warnings
    return result


def raising(operation: str, error: Exception) -> Any:
    def trouble(call: Call) -> None:
        if call.operation.name == operation:
            raise error

    return trouble


def test_a_task_that_restarts_the_instance_leaves_no_pending_restart() -> None:
    platform = ParameterPlatform()
    result = play(platform)
    assert platform.writes == ["set_parameters", "restart_instance"]
    assert (result["restart_pending"], result["restart_required"], result["warned"]) == ([], False, [])
    assert play(platform)["restart_pending"] == []


def test_a_task_that_does_not_restart_returns_the_pending_restart() -> None:
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
        (raising("restart_instance", ApiFailure("the instance is not healthy", status=400, code="DBS.216009")), None),
    ],
    ids=["lost reply", "unreachable platform", "busy instance", "refused by the platform"],
)
def test_a_failed_restart_fails_the_task_and_the_error_names_the_fix(before: Any, after: Any) -> None:
    platform = ParameterPlatform()
    platform.before, platform.after = before, after
    result = play(platform)
    assert "a will only take effect after a restart" in result["msg"]
    assert "gaussdb_instance with state=restarted" in result["msg"]
    assert "again" not in result["msg"]
    assert result["restart_pending"] == ["a"]
    assert result["changed"]
    # The pending restart is not visible to the next run.
    platform.before = platform.after = None
    assert not play(platform)["changed"]


@pytest.mark.parametrize("job", ["set", "restart"])
@pytest.mark.parametrize("fate", ["fails", "is forgotten", "takes too long"])
def test_a_failed_job_fails_the_task_and_the_error_names_the_fix(job: str, fate: str) -> None:
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
        # Nothing was set, so the next run makes the change.
        assert result["restart_pending"] == []
        assert "only take effect after a restart" not in result["msg"]
        return
    assert result["restart_pending"] == ["a"]
    assert "gaussdb_instance with state=restarted" in result["msg"]
    assert "run this again" not in result["msg"]


def test_a_refused_change_leaves_no_pending_restart() -> None:
    platform = ParameterPlatform()
    platform.before = raising("set_parameters", ConnectionFailed("Cannot connect"))
    result = play(platform)
    assert "restart" not in result["msg"]
    assert not result.get("restart_pending")
