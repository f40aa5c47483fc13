# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The model of AWX does what AWX does, where examples/awx does not need it, or must not notice it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from walker import FAILED, SUCCESSFUL, Controller, Inventory, LaunchError, defaults_of, marked, wrong_with
from workflow import APPROVE, DENY, Walked, walk


def controller(**data: Any) -> Controller:
    return Controller(data, Path(), {}, Path())


def walked(nodes: list[dict[str, Any]], *denied: str) -> Walked:
    """Walk through a workflow that only has approvals."""
    approvals = [{**each, "approval_node": {"name": each["identifier"]}} for each in nodes]
    workflow = {"name": "w", "simplified_workflow_nodes": approvals}
    return walk(controller(workflows=[workflow]), "w", decide=lambda node: DENY if node in denied else APPROVE)


@pytest.mark.parametrize(("together", "expected"), [(False, ["a", "b", "c", "d"]), (True, ["a", "b"])])
def test_parents_converge(together: bool, expected: list[str]) -> None:
    nodes: list[dict[str, Any]] = [{"identifier": name, "success_nodes": ["c"]} for name in ("a", "b")]
    nodes += [{"identifier": "c", "all_parents_must_converge": together, "always_nodes": ["d"]}, {"identifier": "d"}]
    found = walked(nodes, "b")
    # The denied one is not handled.
    assert (found.order, found.status) == (expected, FAILED)
    assert walked(nodes).order == ["a", "b", "c", "d"]


def test_a_failure_that_something_follows_is_no_failure_of_the_workflow() -> None:
    nodes: list[dict[str, Any]] = [{"identifier": "a", "failure_nodes": ["b"]}, {"identifier": "b"}]
    found = walked(nodes, "a")
    assert (found.order, found.status) == (["a", "b"], SUCCESSFUL)
    assert walked(nodes).order == ["a"]


def test_an_edge_leads_to_a_node() -> None:
    with pytest.raises(LaunchError, match="a leads to b"):
        walked([{"identifier": "a", "success_nodes": ["b"]}])


@pytest.mark.parametrize(
    ("question", "good", "bad"),
    [
        ({"type": "text", "min": 1, "max": 3}, ["a", "abc"], ["", "abcd", 1, None]),
        ({"type": "integer", "min": 0, "max": 9}, [0, 9], [-1, 10, "1", True, ""]),
        ({"type": "multiplechoice", "choices": "a\nb\n"}, ["a", "b"], ["c", ""]),
        ({"type": "multiselect", "choices": ["a", "b"]}, [[], ["a", "b"]], [["c"], "a"]),
    ],
)
def test_answers(question: dict[str, Any], good: list[Any], bad: list[Any]) -> None:
    question = {**question, "variable": "v"}
    assert [value for value in good if wrong_with(question, {"v": value})] == []
    assert [value for value in bad if not wrong_with(question, {"v": value})] == []
    assert wrong_with(question, {}) == [] and wrong_with({**question, "required": True}, {}) != []


def test_an_empty_default_of_a_text_is_an_answer_and_that_of_a_choice_is_not() -> None:
    questions = [
        {"variable": "text", "type": "text", "default": ""},
        {"variable": "choice", "type": "multiplechoice", "choices": ["a"], "default": ""},
        {"variable": "none", "type": "text"},
    ]
    assert defaults_of({"survey_enabled": True, "survey_spec": {"spec": questions}}) == {"text": ""}
    assert defaults_of({"survey_enabled": False, "survey_spec": {"spec": questions}}) == {}


def test_only_what_the_template_says_itself_is_trusted() -> None:
    text = marked({"own": "{{ a }}", "given": "{{ b }}"}, {"own": "{{ a }}"})
    assert text == "own: '{{ a }}'\n!unsafe 'given': !unsafe '{{ b }}'\n"


def test_other_variables_are_dropped_unless_the_template_asks_for_them() -> None:
    template: dict[str, Any] = {"name": "t", "extra_vars": {"same": 1}}
    given = {"same": 1, "other": 2}
    assert controller().accept(template, given) == ({}, {"other": 2}, [])
    assert controller().accept({**template, "ask_variables_on_launch": True}, given) == (given, {}, [])


def test_a_slice_has_some_hosts_and_all_groups() -> None:
    inventory = Inventory()
    hosts = ["c", "a", "b"]
    inventory.add({"tpops": {"hosts": hosts, "vars": {"v": 1}}, "_meta": {"hostvars": {"b": {"w": 2}}}})
    first, second = (inventory.script_data(number, 2) for number in (1, 2))
    assert [set(each["_meta"]["hostvars"]) for each in (first, second)] == [{"a", "c"}, {"b"}]
    assert [each["tpops"]["vars"] for each in (first, second)] == [{"v": 1}] * 2
    assert second["_meta"]["hostvars"]["b"]["w"] == 2 and yaml.safe_dump(first)


@pytest.mark.parametrize(
    ("kind", "wrong"),
    [
        ({"injectors": {"env": {"ANSIBLE_CONFIG": "x"}}}, "may set ANSIBLE_CONFIG"),
        ({"inputs": {"fields": [{"id": "user"}], "required": ["user"]}}, "needs user"),
        ({}, "has no input password"),
    ],
)
def test_credentials_that_awx_refuses(tmp_path: Path, kind: dict[str, Any], wrong: str) -> None:
    inputs = {"password": "x"} if "password" in wrong else {}
    known = controller(
        credential_types=[{"name": "T", **kind}], credentials=[{"name": "c", "credential_type": "T", "inputs": inputs}]
    )
    with pytest.raises(LaunchError, match=wrong):
        known.inject(["c"], {}, [], tmp_path)


def test_a_job_takes_one_credential_of_a_type(tmp_path: Path) -> None:
    credentials = [{"name": name, "credential_type": "T"} for name in ("c", "d")]
    with pytest.raises(LaunchError, match="one credential of the type T"):
        controller(credential_types=[{"name": "T"}], credentials=credentials).inject(["c", "d"], {}, [], tmp_path)
