# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How values of parameters are spelt, and which of them wait for a restart."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.gaussdb.tpops.plugins.module_utils.errors import InputError
from ansible_collections.gaussdb.tpops.plugins.module_utils.plan import Item
from ansible_collections.gaussdb.tpops.plugins.modules import gaussdb_parameter


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


@pytest.mark.parametrize(("value", "problem"), [(None, "a value is missing"), ([1], "one value"), ({"a": 1}, "one value")])
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
    changed = Item({}, "a", current={"restart_required": True}, planned={"value": "2"})
    failed = Item({}, "b", current={"restart_required": True}, planned={"value": "2"}, failed=True)
    unchanged = Item({}, "c", current={"restart_required": True})
    harmless = Item({}, "d", current={"restart_required": False}, planned={"value": "2"})
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
    item = Item({}, "a", current={"restart_required": of_parameter}, planned={"value": "2"})
    replies = [SimpleNamespace(data={"restart_required": of_change, "job_id": "1"}), SimpleNamespace(data=None)]
    ctx = SimpleNamespace(params={"restart": restart}, replies=replies)
    assert gaussdb_parameter.summary(ctx, [item]) == {"restart_parameters": ["a"] * of_parameter, "restart_required": said}
    item.failed = True
    assert not gaussdb_parameter.summary(ctx, [item])["restart_required"]
