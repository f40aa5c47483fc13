# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""From specs to what Ansible validates with."""

from __future__ import annotations

from ansible_collections.gaussdb.tpops.plugins.module_utils.api.operation import Operation
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.context import Parent
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.options import Field
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import (
    Action,
    Find,
    Info,
    ParentOptions,
    Rules,
    build_interface,
)
from ansible_collections.gaussdb.tpops.tests.unit.plugins.module_utils.platform import LIST, ONE, SPEC, variant


def test_a_field_becomes_an_option() -> None:
    whole = Field("name", required=True, aliases=("alias",), choices=("a", "b"), default="a", no_log=False, env="NAME")
    spec = whole.spec()
    assert spec.pop("fallback")[1] == ["NAME"]
    assert spec == {
        "type": "str",
        "required": True,
        "default": "a",
        "no_log": False,
        "choices": ["a", "b"],
        "aliases": ["alias"],
    }
    nested = Field("parts", type="list", elements="dict", fields=(Field("size", type="int"),)).spec()
    assert nested == {"type": "list", "elements": "dict", "options": {"size": {"type": "int"}}}
    assert Field("flag", type="bool", default=False).spec() == {"type": "bool", "default": False}


def test_a_batch_has_its_objects_in_a_list() -> None:
    options = build_interface(SPEC).argument_spec
    assert set(options["widgets"]["options"]) == {"name", "widget_id", "size", "colour", "password", "locked"}
    assert options["widgets"]["options"]["password"]["no_log"] is True
    assert options["state"] == {"type": "str", "default": "present", "choices": ["present", "absent"]}
    assert {"endpoint", "wait_timeout", "update_password"} <= set(options)


def test_a_single_object_has_its_options_at_the_top() -> None:
    options = build_interface(ONE).argument_spec
    assert "widgets" not in options
    assert options["size"] == {"type": "int"}


def test_a_form_of_its_own_replaces_the_list() -> None:
    spec = variant(SPEC, desired=lambda ctx: [], states=(), starts_jobs=False)
    assert set(build_interface(spec).argument_spec) & {"widgets", "state", "wait"} == set()


def test_rules_of_the_scope_and_of_the_module_are_joined() -> None:
    scope = ParentOptions((Field("house"), Field("house_id")), (("house", "house_id"),), lambda ctx: Parent())
    action = Action(
        "ping",
        (Field("times", type="int"),),
        steps=lambda ctx, items: [],
        parent=scope,
        rules=Rules(required_one_of=(("times", "house"),)),
    )
    assert build_interface(action).rules == {"required_one_of": [("house", "house_id"), ("times", "house")]}
    assert {"house", "house_id", "times"} <= set(build_interface(action).argument_spec)
    assert build_interface(Info("widgets", find=Find(read=lambda ctx: LIST.call()))).rules == {}
    assert "wait" not in build_interface(action).argument_spec
    assert "wait" in build_interface(variant(action, starts_jobs=True)).argument_spec


def test_a_call_leaves_out_what_is_not_given_and_quotes_ids() -> None:
    operation = Operation("get", "GET", "/things/{thing_id}/parts/{part}", "1.1", read=True)
    call = operation.call(
        path={"thing_id": "a/b?c"}, query={"x": None, "y": 0}, body={"list": [{"a": None, "b": ""}], "none": None}
    )
    assert call.path == "/things/a%2Fb%3Fc/parts/{part}"
    assert not call.complete
    assert call.query == {"y": 0}
    assert call.body == {"list": [{"b": ""}]}
    assert operation.call(path={"thing_id": 1, "part": "é"}).complete
