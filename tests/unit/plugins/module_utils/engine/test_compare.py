# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Comparing desired values with what replies say."""

from __future__ import annotations

import pytest

from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.compare import (
    equal,
    equal_number,
    equal_spelling,
    equal_text,
    filter_equal,
    sort_by,
)


@pytest.mark.parametrize(
    ("desired", "current"),
    [
        (30, "30"),
        ("30", 30),
        (True, "true"),
        (False, "off"),
        (True, 1),
        ("", None),
        ([], None),
        ({}, None),
        (" a", "a "),
        ([1, 2], ["2", "1"]),
        (["a", "a", "b"], ("b", "a", "a")),
        ({"a": 1}, {"a": "1", "b": 2}),
        ({"a": 1, "b": None}, {"a": 1}),
        ([{"a": 1}], [{"a": "1", "c": 3}]),
    ],
)
def test_same(desired: object, current: object) -> None:
    assert equal(desired, current)


@pytest.mark.parametrize(
    ("desired", "current"),
    [
        (30, 31),
        ("a", "A"),
        (True, "false"),
        (False, None),
        ("", "a"),
        ("a", ""),
        ([1, 1, 2], [1, 2, 2]),
        ([1], [1, 2]),
        ([1], "1"),
        ({"a": 1}, {"a": 2}),
        ({"a": 1}, "a"),
        ({"a": 1}, {}),
    ],
)
def test_different(desired: object, current: object) -> None:
    assert not equal(desired, current)


def test_text_is_folded_and_other_values_are_not_touched() -> None:
    assert equal_text("UTF8", "utf8")
    assert equal_text(8, "8")
    assert not equal_text("UTF8", "GBK")


def test_chosen_takes_what_is_exactly_asked_for() -> None:
    objects = [{"id": "1", "name": "AZ1"}, {"id": "2", "name": "AZ10"}]
    assert filter_equal(objects, name="AZ1", id=None) == objects[:1]
    assert filter_equal(objects, name=None, id="2") == objects[1:]
    assert filter_equal(objects, name="AZ1", id="2") == []
    assert filter_equal(objects) == objects


@pytest.mark.parametrize(
    ("desired", "current", "equal"),
    [
        ("0.10", "0.1", True),
        (1, "1.0", True),
        ("1e3", "1000", True),
        ("0.2", "0.1", False),
        ("on", "on", True),
        ("on", "off", False),
        ("4GB", "4GB", True),
        ("", None, True),
        ("", "0", False),
        ("nan", "nan", True),
    ],
)
def test_numbers_are_equal_however_they_are_written(desired: object, current: object, equal: bool) -> None:
    assert equal_number(desired, current) is equal


def test_spellings_of_character_sets() -> None:
    assert equal_spelling("utf-8", "UTF8")
    assert equal_spelling("EUC_CN", "euc-cn")
    assert not equal_spelling("GBK", "GB18030")


def test_in_order() -> None:
    hosts = [{"name": "b", "size": 1}, {"name": "c", "size": None}, {"name": "a", "size": 3}]

    def names(attribute: str | None, order: str) -> str:
        return "".join(host["name"] for host in sort_by(hosts, attribute, order))

    assert names(None, "desc") == "bca"
    assert (names("name", "asc"), names("name", "desc")) == ("abc", "cba")
    assert (names("size", "asc"), names("size", "desc")) == ("bac", "abc")
