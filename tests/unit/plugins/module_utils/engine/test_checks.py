# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Checks of single option values: what passes, and what the refusal says."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.gaussdb.tpops.plugins.module_utils.engine import checks

CASES = [
    (checks.pattern("[a-z]+", "small letters"), ["abc"], [("aBc", "use small letters")]),
    (checks.length(1, 3), ["a", "äöü"], [("", "0 characters long; allowed are 1 to 3"), ("abcd", "4 characters long")]),
    (checks.length(1, 3, "bytes"), ["abc"], [("äö", "4 bytes long")]),
    (checks.between(1, 5), [1, "5"], [(0, "0 is out of range"), (6, "allowed are 1 to 5")]),
    (checks.not_in(("root", 22), "taken"), ["toor", 23], [("ROOT", "ROOT is taken"), (22, "22 is taken")]),
    (
        checks.ip_address,
        ["10.0.0.1", "2001:db8::1"],
        [("10.0.0", "'10.0.0' is not an IP address"), ("", "is not an IP address")],
    ),
    (checks.each(checks.between(1, 5)), [[], [1, 5]], [([1, 9, 8], "9 is out of range")]),
    (checks.every(checks.between(1, 5), checks.multiple_of(2)), [4], [(3, "not a multiple of 2"), (8, "out of range")]),
    (checks.not_empty, [[1]], [([], "an empty list")]),
    (
        checks.password,
        ["Gauss_234", "abcdefg1-", "ABCDEFG1_", "Aa1~!@#$%^&*()-_=+[{}];:,<.>/?", "Aa1|" * 8],
        [
            ("Gauss_2", "8 to 32 characters"),
            ("Gauss_234" * 4, "8 to 32 characters"),
            ("gauss234", "three of these kinds"),
            *((f"Gauss_234{character}", "is not allowed") for character in "'\"` \t\n\0é密１"),
        ],
    ),
    (
        checks.identifier,
        ["orders", "_a1", "a" * 63],
        [("1a", "begin neither"), ("pg_x", "begin neither"), ("a-b", "letters"), ("a" * 64, "63")],
    ),
]


@pytest.mark.parametrize(("check", "good", "bad"), CASES)
def test_checks(check: checks.Check, good: list[Any], bad: list[tuple[Any, str]]) -> None:
    assert [check(value) for value in good] == [None] * len(good)
    for value, words in bad:
        assert words in str(check(value))


def test_a_list_has_so_many_members() -> None:
    assert checks.sized(1, 2)(["a"]) is None
    assert checks.sized(1, 2)([]) == "0 entries; allowed are 1 to 2"
    assert checks.sized(1, 2)(["a", "b", "c"]) == "3 entries; allowed are 1 to 2"
