# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What counts as given, and what nobody could send."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from ansible_collections.gaussdb.tpops.plugins.module_utils.engine import checks
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.arguments import drop_unset, prepare_arguments
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.options import Field
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import InputError

PARTS = (
    Field("name", required=True),
    Field("size", type="int", default=1, validate=checks.between(1, 9)),
    Field("colour"),
)
FIELDS = (
    Field("house_id"),
    Field("colour"),
    Field("names", type="list", elements="str"),
    Field("words", type="list", elements="str"),
    Field("parts", type="list", elements="dict", fields=PARTS),
    Field("roof", type="dict", fields=PARTS),
    Field("body", type="dict"),
    Field("label", default="none", identifier=True, aliases=("title",)),
)


def test_null_and_empty_names_are_dropped_at_every_depth_and_nothing_else() -> None:
    problems: list[InputError] = []
    arguments = {
        "house_id": " ",
        "colour": "",
        "words": ["", "a"],
        "parts": [{"name": "a", "size": None, "colour": ""}, {"name": "\t"}],
        "roof": {"name": "", "colour": None},
        "body": {"house_id": "", "null": None},
        "title": "",
        "_ansible_check_mode": None,
    }
    assert drop_unset(FIELDS, arguments, problems) == {
        "colour": "",
        "words": ["", "a"],
        "parts": [{"name": "a", "colour": ""}, {}],
        "roof": {},
        "body": {"house_id": "", "null": None},
        "_ansible_check_mode": None,
    }
    assert problems == []
    assert arguments["house_id"] == " "


def test_what_is_not_validated_yet_is_left_to_ansible() -> None:
    arguments = {"names": "a,b", "words": {"a": 1}, "parts": "text", "roof": "name=x", "body": 1, "colour": 5}
    assert drop_unset(FIELDS, arguments, []) == arguments


def test_members_without_a_value_are_told_by_their_path() -> None:
    problems: list[InputError] = []
    arguments = {"names": ["a", "", None], "words": [None, ""], "parts": [None, {"name": "a"}]}
    assert drop_unset(FIELDS, arguments, problems) == {"names": ["a"], "words": [""], "parts": [{"name": "a"}]}
    assert [problem.option for problem in problems] == ["names[1]", "names[2]", "words[0]", "parts[0]"]
    with pytest.raises(InputError, match=r"names\[1\]: has no value"):
        prepare_arguments(FIELDS, arguments)


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"roof": 5}, "roof: has to be a dictionary"),
        ({"roof": ["x"]}, "roof: has to be a dictionary"),
        ({"roof": {1: 2}}, "roof: has a key that is not text"),
        ({"parts": {1: 2}}, "parts: has a key that is not text"),
        ({"parts": 5}, "parts: has to be a list of dictionaries"),
        ({"parts": [{"name": "a"}, True]}, "parts[1]: has to be a dictionary"),
        ({"roof": {"size": float("inf")}}, "roof.size: is not a finite number"),
        ({"parts": [{"size": float("nan")}]}, "parts[0].size: is not a finite number"),
    ],
)
def test_what_would_break_ansibles_own_validation_is_told_instead(arguments: dict[str, Any], problem: str) -> None:
    problems: list[InputError] = []
    drop_unset(FIELDS, arguments, problems)
    assert [str(each) for each in problems] == [problem]


def test_a_run_goes_by_defaults_where_nothing_is_given() -> None:
    found = prepare_arguments(
        FIELDS, {"house_id": "", "label": None, "parts": [{"name": "a", "size": None}], "roof": {"name": "b"}}
    )
    assert found["house_id"] is None
    assert found["label"] == "none"
    assert found["parts"] == [{"name": "a", "size": 1, "colour": None}]
    assert found["roof"] == {"name": "b", "size": 1, "colour": None}


def test_what_is_required_inside_has_to_be_given() -> None:
    with pytest.raises(InputError, match=r"parts\[1\]\.name: required") as caught:
        prepare_arguments(FIELDS, {"parts": [{"name": "a"}, {"name": ""}]})
    assert caught.value.option == "parts[1].name"


@pytest.mark.parametrize(
    ("arguments", "option", "problem"),
    [
        ({"colour": "\udcff"}, "colour", "not UTF-8"),
        ({"parts": [{"name": "a", "colour": "\ud800"}]}, "parts[0].colour", "not UTF-8"),
        ({"body": {"a": [{"b": "\udfff"}]}}, "body.a[0].b", "not UTF-8"),
        ({"body": {"\udfff": 1}}, "body", "one of its keys holds bytes that are not UTF-8"),
        ({"colour": "a\0"}, "colour", "null character"),
        ({"house_id": "a\nb"}, "house_id", "control character"),
        ({"house_id": "a "}, "house_id", "begins or ends with a blank"),
        ({"names": ["a", "b\x7f"]}, "names[1]", "control character"),
        ({"body": {"a": 2**63}}, "body.a", "more than 64 bits"),
        ({"roof": {"name": "a", "size": -(2**5000)}}, "roof.size", "more than 64 bits"),
        ({"body": {"a": float("nan")}}, "body.a", "not a finite number"),
        ({"body": {"a": float("-inf")}}, "body.a", "not a finite number"),
        ({"body": {"a": date(2026, 1, 5)}}, "body.a", "put it in quotes"),
        ({"body": {"a": b"x"}}, "body.a", "put it in quotes"),
    ],
)
def test_what_nobody_can_send_is_told_by_its_path_and_not_repeated(
    arguments: dict[str, Any], option: str, problem: str
) -> None:
    with pytest.raises(InputError) as caught:
        prepare_arguments(FIELDS, arguments)
    assert caught.value.option == option
    assert str(caught.value).startswith(f"{option}: ")
    assert problem in str(caught.value)
    str(caught.value).encode()


def test_what_can_be_sent_is_left_as_it_is() -> None:
    arguments = {
        "colour": "line\nline\ttab ",
        "names": ["a b"],
        "body": {"a": [-(2**63), 2**63 - 1, 0.5, True, None, "密 "]},
    }
    assert {name: prepare_arguments(FIELDS, arguments)[name] for name in arguments} == arguments
