# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Points in time in every form that users and the platform write."""

from __future__ import annotations

import pytest

from ansible_collections.gaussdb.tpops.plugins.module_utils.util.times import (
    check_duration,
    check_moment,
    check_past,
    checked,
    epoch_ms,
    http_date_ms,
    iso,
    length_ms,
    past_ms,
    readable,
    time_of_day,
    utc,
    with_milliseconds,
    with_offset,
)
from ansible_collections.gaussdb.tpops.plugins.module_utils.util.values import as_str

MOMENT = 1767600000000


@pytest.mark.parametrize(
    "text",
    [
        "1767600000000",
        " 1767600000000 ",
        MOMENT,
        "2026-01-05 08:00:00 UTC",
        "2026-01-05T08:00:00Z",
        "2026-01-05 08:00:00",
        "2026-01-05T16:00:00+08:00",
        "2026-01-05T16:00:00+0800",
        "2026-01-05 16:00:00.000119+08",
        "2026-01-05T07:30:00.000-0030",
    ],
)
def test_a_moment_is_read(text: str) -> None:
    assert epoch_ms(text) == MOMENT
    assert check_moment(text) is None


@pytest.mark.parametrize("text", ["", "yesterday", "1767600000", "2026-13-01", "08:00"])
def test_what_is_no_moment_is_refused(text: str) -> None:
    assert epoch_ms(text) is None
    assert "2026-01-05 08:00:00 UTC" in (check_moment(text) or "")


@pytest.mark.parametrize(
    "text",
    [
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-12:00",
        "9900-01-01",
        "1970-01-01",
        "1969-12-31",
        "1831372800000000",
        "000000000001",
        "999999w",
        "3651d",
        "522w",
        "\ud800",
        "9" * 5000,
    ],
)
def test_a_moment_that_cannot_be_written_everywhere_is_none(text: str) -> None:
    assert epoch_ms(text) is None
    assert past_ms(text, MOMENT) is None
    assert "in the years 1970 to 9899" in (check_moment(text) or "")
    assert "up to 3650d" in (check_past(text) or "")


@pytest.mark.parametrize("text", ["1970-01-02", "9899-12-31T23:59:59+14:00", "99999999999999", "3650d"])
def test_a_moment_that_is_read_can_be_written_in_every_form_also_when_the_longest_time_is_added(text: str) -> None:
    milliseconds = past_ms(text, MOMENT)
    assert milliseconds
    for write in (utc, with_offset, iso, with_milliseconds):
        assert write(milliseconds)
        assert write(milliseconds + (length_ms("3650d") or 0))


@pytest.mark.parametrize(
    ("text", "ago"),
    [("now", 0), ("45s", 45_000), ("90m", 5_400_000), ("2h", 7_200_000), ("7 D", 604_800_000), ("1w", 604_800_000)],
)
def test_a_moment_may_be_told_by_how_long_ago_it_was(text: str, ago: int) -> None:
    assert past_ms(text, MOMENT) == MOMENT - ago
    assert check_past(text) is None


def test_a_moment_of_the_past_may_be_told_like_any_other() -> None:
    assert past_ms("2026-01-05T08:00:00Z", 0) == MOMENT
    assert "90m" in (check_past("2 fortnights") or "")


def test_moments_are_written_for_people_and_for_the_platform() -> None:
    assert utc(MOMENT) == "2026-01-05 08:00:00 UTC"
    assert with_offset(MOMENT) == "2026-01-05T08:00:00+0000"


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [("0s", 0), ("90m", 5_400_000), ("7 D", 604_800_000), ("90", None), ("-1h", None), ("1h30m", None)],
)
def test_a_length_of_time_is_read(text: str, milliseconds: int | None) -> None:
    assert length_ms(text) == milliseconds
    assert (check_duration(text) is None) == (milliseconds is not None)


@pytest.mark.parametrize(
    ("given", "shown"),
    [(MOMENT, "2026-01-05 08:00:00 UTC"), ("1767600000", "2026-01-05 08:00:00 UTC"), ("soon", "soon"), (None, None)],
)
def test_what_the_platform_sends_is_made_readable(given: object, shown: object) -> None:
    assert readable(given) == shown


@pytest.mark.parametrize(
    ("given", "clock"),
    [
        ("8:30", "08:30:00"),
        ("08:30:15", "08:30:15"),
        (39600, "11:00:00"),
        ("24:00", None),
        ("8", None),
        (86400, None),
        ("8:60", None),
        ("9" * 5000, None),
    ],
)
def test_a_time_of_day_is_read(given: object, clock: str | None) -> None:
    assert time_of_day(given) == clock


def test_moments_are_written_in_the_forms_of_single_operations() -> None:
    assert iso(MOMENT) == "2026-01-05T08:00:00+00:00"
    assert with_milliseconds(MOMENT + 7) == "2026-01-05T08:00:00.007Z"


def test_the_date_of_a_reply_is_read() -> None:
    assert http_date_ms("Mon, 05 Jan 2026 08:00:00 GMT") == MOMENT
    assert http_date_ms("Thu, 01 Jan 1970 00:00:00 GMT") is None
    for absurd in (
        "today",
        "Mon, 05 Jan 10000 08:00:00 GMT",
        "Mon, 00 Jan 0000 00:00:00 GMT",
        "Mon, 05 Jan 2026 25:00:00 GMT",
    ):
        assert http_date_ms(absurd) is None
    for absurd in (
        "9" * 5000,
        "99999999999999999999",
        "+9999",
        "-9999",
        "+99999999999999999999",
        "\u00b2",
        "nan",
        "inf",
    ):
        assert http_date_ms(f"Mon, 05 Jan 2026 08:00:00 {absurd}") in (None, MOMENT)
        assert http_date_ms(f"Mon, 05 Jan {absurd} 08:00:00 GMT") is None
        assert http_date_ms(absurd) is None
    assert http_date_ms(None) is None


@pytest.mark.parametrize(
    "value", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", {}, [], None, "", "\u00b2", "9" * 5000, 10**400]
)
def test_moments_of_the_platform_that_nobody_can_write_stay_the_text_that_they_are(value: object) -> None:
    assert readable(value) == as_str(value)


def test_a_value_that_has_passed_its_check_is_known() -> None:
    assert checked(length_ms("0m")) == 0
    with pytest.raises(ValueError, match="neither a moment"):
        checked(epoch_ms("tomorrow"))
