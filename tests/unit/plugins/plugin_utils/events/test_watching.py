# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""When a platform counts as lost."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import (
    ApiFailure,
    AuthenticationFailed,
    ConnectionFailed,
    InvalidReply,
    TpopsError,
)
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.events.watching import (
    UNKNOWN,
    is_silent,
    note_failure,
    note_success,
)

SILENT, REFUSED = ConnectionFailed("no route"), AuthenticationFailed("wrong password", status=401)
ROWS = {"r": {"name": "orders", "role": "master"}}


def follow(*outcomes: Any) -> list[list[str]]:
    """Return the types of the events after each read: an error, or None for one that worked; lost after three."""
    contact: dict[str, Any] = dict(UNKNOWN)
    found = []
    for number, outcome in enumerate(outcomes):
        if outcome is None:
            contact, events = note_success("a", contact, number)
        else:
            contact, events = note_failure("a", contact, outcome, number, 3, ROWS)
        found.append([event["id"].removeprefix("a:") for event in events])
    return found


@pytest.mark.parametrize(
    ("error", "silent"),
    [
        (SILENT, True),
        (ApiFailure("gateway", status=502), True),
        (ApiFailure("overloaded", status=503), True),
        (ApiFailure("broken", status=500), False),
        (REFUSED, False),
        (InvalidReply("a login page", status=200), False),
        (TpopsError("KeyError: name"), False),
    ],
)
def test_only_a_platform_that_does_not_answer_is_silent(error: Exception, silent: bool) -> None:
    assert is_silent(error) is silent


def test_a_platform_is_lost_after_three_reads_and_back_with_the_first() -> None:
    seen = follow(None, SILENT, SILENT, SILENT, SILENT, None, None)
    assert seen == [[], [], [], ["site_lost:1"], [], ["site_back:1"], []]


def test_an_answer_in_between_begins_the_count_again() -> None:
    assert follow(SILENT, SILENT, None, SILENT, SILENT) == [[]] * 5
    assert follow(SILENT, SILENT, REFUSED, SILENT, SILENT, SILENT) == [
        [],
        [],
        ["site_refused:2"],
        [],
        [],
        ["site_lost:3"],
    ]


def test_a_refusal_is_reported_once_until_the_platform_accepts() -> None:
    seen = follow(REFUSED, REFUSED, SILENT, REFUSED, None)
    assert seen == [["site_refused:0"], [], [], [], ["site_accepted:0"]]


def test_a_lost_platform_that_refuses_is_back() -> None:
    assert follow(SILENT, SILENT, SILENT, REFUSED)[3] == ["site_back:0", "site_refused:3"]


def test_a_lost_platform_comes_with_the_relations_that_it_had() -> None:
    contact = {**UNKNOWN, "failures": 2, "silent": True, "failing_since_ms": 5}
    _contact, (event,) = note_failure("a", contact, SILENT, 9, 3, ROWS)
    assert event["relations"] == [{"key": "r", "name": "orders", "role": "master"}]
    assert (event["since_ms"], event["time_ms"], event["error"]) == (5, 9, "no route")
