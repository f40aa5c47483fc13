# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the range of a parameter means for a value, and when it has no meaning."""

from __future__ import annotations

import pytest

from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.value_range import problem_of, spelled


def parameter(value_range: str | None, value: str | None, kind: str | None = "integer") -> dict[str, str | None]:
    return {"value_range": value_range, "value": value, "type": kind}


@pytest.mark.parametrize(
    ("value", "value_range", "current", "kind"),
    [
        ("1001", "0-1000", "10", "integer"),
        ("-1", "0-1000", "10", "integer"),
        ("-101", "-100-10000", "100", "integer"),
        ("-2", "-5--3", "-4", "integer"),
        ("0.51", "0-0.5", "0.1", "float"),
        ("1001", "0 ~ 1000", "10", "integer"),
        ("many", "0-1000", "10", "integer"),
        ("10s", "0-1000", "10", "integer"),
        ("", "0-1000", "10", "integer"),
        ("perhaps", "on,off", "on", "integer"),
        ("remote", "local,remote_write,on,off", "on", "list"),
        ("on,perhaps", "on,off", "on", "list"),
        ("5", "0,1,2", "0", "integer"),
        ("11", "off,1-10", "off", "integer"),
    ],
)
def test_a_value_out_of_range_is_refused(value: str, value_range: str, current: str, kind: str) -> None:
    assert (
        problem_of(value, parameter(value_range, current, kind))
        == f"{value!r} is out of range; allowed is {value_range}"
    )


@pytest.mark.parametrize(
    ("value", "value_range", "current", "kind"),
    [
        ("0", "0-1000", "10", "integer"),
        ("1000", "0-1000", "10", "integer"),
        ("-1", f"-1-{2**31 - 1}", "5", "integer"),
        ("0.5", "0-1", "0.1", "float"),
        ("1.0", "0-5", "1", "integer"),
        ("off", "on, off", "on", "boolean"),
        ("7", "off,1-10", "off", "integer"),
        ("a,b", "a,b,c", "c", "list"),
    ],
)
def test_a_value_in_range_is_fine(value: str, value_range: str, current: str, kind: str) -> None:
    assert problem_of(value, parameter(value_range, current, kind)) is None


@pytest.mark.parametrize(
    ("value_range", "current", "kind"),
    [
        (None, None, None),
        ("", "10", "integer"),
        ("any text", "x", "list"),
        ("a text, or nothing", "a text", "list"),
        ("[A-Z]{1,5}", "UTC", "string"),
        ("0-9", "5", "string"),
        # The current value does not fit, so the range must have another meaning.
        ("0-1000", "10MB", "integer"),
        ("low,high", "medium", "list"),
    ],
)
def test_a_range_that_nobody_can_read_is_no_reason_to_refuse(
    value_range: str | None, current: str | None, kind: str | None
) -> None:
    assert problem_of("1001", parameter(value_range, current, kind)) is None


def test_a_part_of_a_whole_number_is_refused() -> None:
    assert problem_of("1.5", parameter("0-10", "1")) == "'1.5' is not an integer"
    assert problem_of("1.5", parameter("0-10", "1", "float")) is None
    assert problem_of("1.5", parameter("0.5-10", "1")) is None


def test_a_word_is_spelled_as_in_the_range() -> None:
    assert spelled(" ON", parameter("on,off", "off")) == "on"
    assert spelled("l0", parameter("OFF,L0", "OFF", "list")) == "L0"
    assert spelled("utc", parameter("[A-Z]{1,5}", "UTC", "string")) == "utc"
    assert spelled("5", parameter("0-9", "1")) == "5"
