# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Values of every type, and the result of each reader."""

from __future__ import annotations

import pytest

from ansible_collections.gaussdb.tpops.plugins.module_utils.util import values


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
    assert values.as_int(value) == read


@pytest.mark.parametrize(
    ("value", "read"),
    [
        *[("True", True), ("off", False), (1, True), (" t ", True), ("是", True), ("已关闭", False), ("0", False)],
        *[("maybe", None), (None, None), (2.5, None), ([], None), ({}, None), ("", None)],
    ],
)
def test_booleans(value: object, read: object) -> None:
    assert values.as_bool(value) == read


@pytest.mark.parametrize(
    ("value", "read"),
    [(True, "true"), (False, "false"), (3, "3"), ("x", "x"), (None, None), ([], None), ({"a": 1}, None)],
)
def test_text(value: object, read: object) -> None:
    assert values.as_str(value) == read


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
    assert values.as_words(value, ",/") == found


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
    assert values.as_number(value) == number


def test_lists() -> None:
    assert values.as_list(None) == []
    assert values.as_list((1, 2)) == [1, 2]
    assert values.as_list("a") == ["a"]
