# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Reading replies in any of their spellings."""

from __future__ import annotations

import pytest

from ansible_collections.gaussdb.tpops.plugins.module_utils.api import shape
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


def test_lists() -> None:
    assert shape.first_list({"a": {"b": [1]}}, ("x", "a.b")) == [1]
    assert shape.first_list([1, 2], ("",)) == [1, 2]
    assert shape.first_list({"a": 1}, ("a",)) == []
    assert shape.first_list({"a": {"b": 1}}, ("a",)) == [{"b": 1}]
    assert shape.first_list({"a": {}}, ("a",)) == []
    assert shape.first_list({"b": 1}, ("",)) == []


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
    assert shape.total_of({"total": "7"}) == 7
    assert shape.total_of({"total_count": True, "count": 3}) == 3
    assert shape.total_of({"total_count": "many"}) is None


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
    assert shape.unwrap(data, ("nodes",)) == page


def test_a_shape_is_documented_with_what_is_added_and_without_what_is_left_out() -> None:
    shape = Shape((Attr("id"), Attr("name")), sample={"id": "1", "name": "a"})
    more = shape.plus(Attr("size", kind="int"), sample={"size": 2})
    assert [attr.name for attr in (*more.attrs, *more.added)] == ["id", "name", "size"]
    assert more.sample == {"id": "1", "name": "a", "size": 2}
    assert more.read({"id": 1, "name": "a", "size": 2}) == {"id": "1", "name": "a"}
    assert shape.only("name") == shape.without("id") == Shape((Attr("name"),), sample={"name": "a"})
    assert Shape((Attr("id"),)).only("id").sample is None
