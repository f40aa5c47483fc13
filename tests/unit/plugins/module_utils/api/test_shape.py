# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Reading replies in any of their spellings."""

from __future__ import annotations

import pytest

from ansible_collections.gaussdb.tpops.plugins.module_utils.api import shape as wire
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.shape import Attr, Shape, Words

INNER = Shape((Attr("name"),))
SHAPE = Shape(
    (
        Attr("id", ("id", "instance_id")),
        Attr("ip", ("ip.manage_ip", "manage_ip")),
        Attr("port", kind="int"),
        Attr("on", kind="bool"),
        Attr("tags", kind="list"),
        Attr("parts", kind="list", shape=INNER),
        Attr("part", kind="dict", shape=INNER),
        Attr("extra", kind="dict"),
        Attr("days", convert=lambda value: value.split(",")),
    )
)


def test_a_shape_reads_every_spelling() -> None:
    first = SHAPE.read(
        {
            "id": "a",
            "ip": {"manage_ip": "1"},
            "port": "30",
            "on": "true",
            "tags": "x",
            "parts": [{"name": 1}],
            "part": {"name": "n"},
        }
    )
    second = SHAPE.read(
        {
            "instance_id": "a",
            "manage_ip": "1",
            "port": 30,
            "on": True,
            "tags": ["x"],
            "parts": {"name": "1"},
            "part": {"name": "n"},
        }
    )
    assert first == second
    assert first["parts"] == [{"name": "1"}]
    assert first["part"] == {"name": "n"}


def test_what_is_absent_is_none_and_a_list_is_empty() -> None:
    read = SHAPE.read({"ip": "no object", "extra": {"x": 1}, "days": "1,2"})
    assert read["id"] is None
    assert read["ip"] is None
    assert read["tags"] == []
    assert read["extra"] == {"x": 1}
    assert read["days"] == ["1", "2"]
    assert SHAPE.read("no object")["port"] is None


@pytest.mark.parametrize(
    ("value", "read"),
    [
        *[
            ("30", 30),
            (" 7 ", 7),
            (30, 30),
            (30.0, 30),
            ("30.0", 30),
            ("-1", -1),
            (True, None),
            (None, None),
            ("many", None),
            ("", None),
        ],
        *[
            ("--", None),
            (2.5, None),
            ("1e400", None),
            ("9" * 5000, None),
            ("²", None),
            ("１２", None),
            ([], None),
            ({}, None),
            (10**30, 10**30),
        ],
        *[(float("inf"), None), (float("nan"), None)],
    ],
)
def test_numbers(value: object, read: object) -> None:
    assert wire.as_int(value) == read


@pytest.mark.parametrize(
    ("value", "read"),
    [
        *[("True", True), ("off", False), (1, True), (" t ", True), ("是", True), ("已关闭", False), ("0", False)],
        *[("maybe", None), (None, None), (2.5, None), ([], None), ({}, None), ("", None)],
    ],
)
def test_booleans(value: object, read: object) -> None:
    assert wire.as_bool(value) == read


@pytest.mark.parametrize(
    ("value", "read"),
    [(True, "true"), (False, "false"), (3, "3"), ("x", "x"), (None, None), ([], None), ({"a": 1}, None)],
)
def test_text(value: object, read: object) -> None:
    assert wire.as_str(value) == read


def test_lists() -> None:
    assert wire.as_list(None) == []
    assert wire.as_list((1, 2)) == [1, 2]
    assert wire.as_list("a") == ["a"]
    assert wire.first_list({"a": {"b": [1]}}, ("x", "a.b")) == [1]
    assert wire.first_list([1, 2], ("",)) == [1, 2]
    assert wire.first_list({"a": 1}, ("a",)) == []
    assert wire.first_list({"a": {"b": 1}}, ("a",)) == [{"b": 1}]
    assert wire.first_list({"a": {}}, ("a",)) == []
    assert wire.first_list({"b": 1}, ("",)) == []


def test_a_value_of_the_wrong_type_is_missing_and_the_next_spelling_counts() -> None:
    read = SHAPE.read(
        {
            "id": {},
            "instance_id": "a",
            "port": ["30"],
            "on": "perhaps",
            "tags": [1, {}, None],
            "parts": [None, "x", {}],
            "part": "p",
        }
    )
    assert read["id"] == "a"
    assert (read["port"], read["on"], read["tags"], read["parts"], read["part"]) == (
        None,
        None,
        ["1"],
        [{"name": None}],
        None,
    )


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("a,b/ c", ["a", "b", "c"]),
        (["a,b", 3, None, {}, ["x"], " "], ["a", "b", "3"]),
        (None, []),
        ({"a": 1}, []),
        (True, ["true"]),
    ],
)
def test_texts_one_by_one(value: object, found: list[str]) -> None:
    assert wire.texts(value, ",/") == found


WORDS = Words({"IN_USE": ("使用中", "busy"), "FREE": ()})


@pytest.mark.parametrize(
    "value", ["IN_USE", "in_use", "In Use", " in-use ", "INUSE", "使用中", " 使用中 ", "BUSY", "\uff29\uff2e_USE"]
)
def test_every_spelling_of_a_word_is_the_documented_one(value: str) -> None:
    assert WORDS.read(value) == WORDS.find(value) == "IN_USE"
    assert value in WORDS


@pytest.mark.parametrize(
    ("value", "shown"),
    [(" used up ", "used up"), ("", None), (" ", None), (7, "7"), (None, None), ([], None), ({"a": 1}, None)],
)
def test_an_unknown_word_stays_visible_and_equals_none(value: object, shown: object) -> None:
    assert WORDS.read(value) == shown
    assert WORDS.find(value) is None
    assert value not in WORDS


def test_a_spelling_stands_for_one_word() -> None:
    with pytest.raises(ValueError, match="stands for two words"):
        Words({"A": ("x",), "B": ("X",)})


def test_totals() -> None:
    assert wire.total_of({"total": "7"}) == 7
    assert wire.total_of({"total_count": True, "count": 3}) == 3
    assert wire.total_of({"total_count": "many"}) is None


@pytest.mark.parametrize(
    ("data", "page"),
    [
        ([{"nodes": [1], "total_count": 1}], {"nodes": [1], "total_count": 1}),
        ({"nodes": [1]}, {"nodes": [1]}),
        ([{"id": 1}], [{"id": 1}]),
        ([{"nodes": [1]}, {"nodes": [2]}], [{"nodes": [1]}, {"nodes": [2]}]),
        (None, None),
    ],
)
def test_a_page_in_a_list_of_one_is_taken_out(data: object, page: object) -> None:
    assert wire.unwrapped(data, ("nodes",)) == page


@pytest.mark.parametrize(
    ("value", "number"),
    [
        *[("5000.25", 5000.25), ("30", 30), (0.5, 0.5), ("0.03%", 0.03), ("40%", 40), (" .5 ", 0.5), ("1e3", 1000.0)],
        *[
            ("nan", None),
            ("n/a", None),
            (None, None),
            ("--", None),
            ("", None),
            ("1e999", None),
            ("9" * 5000, None),
            ("²", None),
        ],
        *[(True, None), ([1], None), ({}, None), (float("inf"), None)],
    ],
)
def test_a_number_may_have_a_fraction(value: object, number: object) -> None:
    assert wire.as_number(value) == number
