# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What each type of SQL throttling task needs, and when the tasks are in effect."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.gaussdb.tpops.plugins.module_utils.api import sql_throttle as api
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.operation import Call
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain import sql_throttle as throttle
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import InputError
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.pages import read_pages
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.replies import Reply

NOW = 1767600000000
TASK = dict.fromkeys(("type", *throttle.OF_TYPES, "start_time", "end_time", "duration"))
BY_TYPE = {
    **TASK,
    "type": "sql_type",
    "sql_type": "select",
    "keywords": ["a", "b"],
    "databases": ["orders"],
    "duration": "2h",
}


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({}, None),
        ({"sql_id": "1"}, ("sql_id", "has no meaning with type=sql_type")),
        ({"databases": None}, ("databases", "required with type=sql_type")),
        ({"duration": None}, ("end_time", "either this or duration is required with type=sql_type")),
        (
            {"type": "sessions", "sql_type": None, "keywords": None, "databases": None, "cpu_utilization": 0},
            ("cpu_utilization", "this or memory_utilization must be more than 0 with type=sessions"),
        ),
    ],
)
def test_a_task_has_what_its_type_needs(changes: dict[str, Any], problem: tuple[str, str] | None) -> None:
    task = {**BY_TYPE, **changes}
    found = throttle.problem_of(task, task, new=True)
    assert found == problem


def test_a_task_that_is_there_needs_nothing_more() -> None:
    task = {**BY_TYPE, "databases": None, "duration": None}
    assert throttle.problem_of({}, task, new=False) is None


@pytest.mark.parametrize(
    ("times", "window"),
    [
        ({"duration": "2h"}, ["2026-01-05T08:00:00+0000", "2026-01-05T10:00:00+0000"]),
        (
            {"start_time": "2026-01-01", "end_time": "2026-01-06"},
            ["2026-01-05T08:00:00+0000", "2026-01-06T00:00:00+0000"],
        ),
        ({"start_time": "2026-01-07", "duration": "1d"}, ["2026-01-07T00:00:00+0000", "2026-01-08T00:00:00+0000"]),
        ({"end_time": "2026-01-04", "duration": "1h"}, ["2026-01-05T08:00:00+0000", "2026-01-05T09:00:00+0000"]),
        ({"end_time": "2026-01-07", "duration": "1h"}, ["2026-01-05T08:00:00+0000", "2026-01-07T00:00:00+0000"]),
        ({"type": "sessions"}, [None, None]),
        ({"type": "sessions", "duration": "1h"}, ["2026-01-05T08:00:00+0000", "2026-01-05T09:00:00+0000"]),
    ],
)
def test_the_time_that_a_task_is_in_effect(times: dict[str, Any], window: list[str | None]) -> None:
    assert throttle.build_window({**TASK, "type": "sql_type", **times}, {}, NOW) == window


def test_a_task_cannot_end_before_it_begins() -> None:
    with pytest.raises(
        InputError, match="end_time: 2026-01-04 00:00:00 UTC is not after the begin, 2026-01-05 08:00:00 UTC"
    ):
        throttle.build_window({**TASK, "type": "sql_type", "end_time": "2026-01-04"}, {"end_time": "2026-01-04"}, NOW)


def test_a_begin_that_is_over_is_as_good_as_another_one() -> None:
    assert throttle.has_begun("2026-01-01", "2026-01-05T08:00:00+0000", NOW)
    assert not throttle.has_begun("2026-01-01", "2026-01-06T08:00:00+0000", NOW)
    assert not throttle.has_begun("2026-01-01", None, NOW)
    assert not throttle.has_begun(None, "2026-01-01", NOW)
    assert throttle.same_moment("2026-01-07", "2026-01-07T08:00:00+0800")


@pytest.mark.parametrize(
    ("call", "name", "key"),
    [
        (api.list_sql_throttles("i1"), "limit_task_list", "task_id"),
        (api.list_sql_templates("i1", "n1"), "node_limit_sql_model_list", "sql_id"),
        (api.list_sql_templates("i1", "n1"), "list", "sql_id"),
    ],
)
def test_what_comes_in_two_pages_is_listed_once(call: Call, name: str, key: str) -> None:
    rows = [{key: str(number)} for number in range(150)]

    def send(page: Call) -> Reply:
        start = page.query["offset"]
        # The newest comes first, so that one more pushes a row onto the next page.
        now = [{key: "new"}, *rows] if start else rows
        return Reply(200, {name: now[start : start + 100], "total_count": len(now)}, {}, b"", None)

    assert read_pages(call, send) == rows
