# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Pages: every row once, and an end for any behaviour of the platform."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.gaussdb.tpops.plugins.module_utils.api.operation import Call, Operation
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import ApiFailure, InvalidReply, NotFound
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.pages import read_pages
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.replies import Reply
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.transport import LARGEST_REPLY

LIST = Operation("list_rows", "GET", "/v3/rows", "4.0", read=True, items=("rows", "result.rows"), page_size=100)
IN_BODY = Operation(
    "query_rows", "POST", "/v3/rows", "4.0", read=True, items=("rows",), page_size=100, page_in_body=True
)
UNPAGED = Operation("list_rows", "GET", "/v3/rows", "4.0", read=True, items=("rows",))
BARE = Operation("list_rows", "GET", "/v3/rows", "4.0", read=True, items=("",))


class Platform:
    """A paged list of rows, with the possible behaviours of a platform."""

    def __init__(
        self,
        count: int,
        *,
        cap: int = 1000,
        total: str | None = "total_count",
        report: Callable[[int], Any] = int,
        ignore_offset: bool = False,
        past_end: Exception | None = None,
        empty_from: int | None = None,
        total_at: list[int] | None = None,
    ) -> None:
        self.empty_from, self.total_at = empty_from, total_at
        self.rows = [{"id": number} for number in range(count)]
        self.cap, self.total, self.report, self.ignore_offset, self.past_end = (
            cap,
            total,
            report,
            ignore_offset,
            past_end,
        )
        self.windows: list[tuple[int, int]] = []

    def send(self, call: Call) -> Reply:
        window = call.body if call.operation.page_in_body else call.query
        offset, limit = window["offset"], window["limit"]
        self.windows.append((offset, limit))
        if self.past_end and offset >= len(self.rows):
            raise self.past_end
        start = 0 if self.ignore_offset else offset
        gone = self.empty_from is not None and offset >= self.empty_from
        data: dict[str, Any] = {"rows": [] if gone else self.rows[start : start + min(limit, self.cap)]}
        if self.total and (self.total_at is None or offset in self.total_at):
            data[self.total] = self.report(len(self.rows))
        return reply(data)


def reply(data: Any) -> Reply:
    return Reply(200, data, {}, b"", "trace-9")


@pytest.mark.parametrize("operation", [LIST, IN_BODY])
@pytest.mark.parametrize(
    ("platform", "requests"),
    [
        (Platform(0), 1),
        (Platform(3), 1),
        (Platform(100), 1),
        (Platform(101), 2),
        (Platform(250, total="total", report=str), 3),
        (Platform(250, cap=30), 9),
        (Platform(0, total=None), 1),
        (Platform(3, total=None), 2),
        (Platform(100, total=None), 2),
        (Platform(250, total=None), 3),
        (Platform(120, cap=50, total=None), 3),
        (Platform(100, cap=50, total=None), 3),
        (Platform(30, ignore_offset=True), 1),
        (Platform(30, ignore_offset=True, total=None), 2),
        (Platform(200, report=lambda _n: 0), 3),
        (Platform(30, total=None, past_end=ApiFailure("offset", status=400)), 2),
    ],
)
def test_all_rows_once(operation: Operation, platform: Platform, requests: int) -> None:
    platform.windows.clear()
    rows = read_pages(operation.call(), platform.send)
    assert rows == platform.rows
    assert len(platform.windows) == requests
    assert platform.windows[0] == (0, 100)


@pytest.mark.parametrize("operation", [LIST, IN_BODY])
@pytest.mark.parametrize(
    ("platform", "words"),
    [
        # The platform counts pages instead of rows: page number 100 is empty.
        (Platform(150, empty_from=100), "100 of 150"),
        (Platform(30, report=lambda _n: 999), "30 of 999"),
        (Platform(150, ignore_offset=True), "100 of 150"),
        (Platform(150, empty_from=100, total_at=[0]), "100 of 150"),
    ],
)
def test_a_list_that_ends_before_its_own_total_is_an_error(
    operation: Operation, platform: Platform, words: str
) -> None:
    with pytest.raises(InvalidReply, match=f"the list ends after {words} entries"):
        read_pages(operation.call(), platform.send)


def test_window_of_the_caller_is_kept() -> None:
    platform = Platform(25)
    assert len(read_pages(LIST.call(query={"limit": "10", "offset": 5, "name": "x"}), platform.send)) == 20
    assert platform.windows == [(5, 10), (15, 10)]
    platform.windows.clear()
    assert len(read_pages(IN_BODY.call(body={"limit": 20, "name": "x"}), platform.send)) == 25
    assert platform.windows == [(0, 20), (20, 20)]
    platform.windows.clear()
    read_pages(LIST.call(query={"limit": "many"}), platform.send)
    assert platform.windows[0] == (0, 100)


def test_other_parameters_go_with_every_page() -> None:
    seen: list[Any] = []

    def send(call: Call) -> Reply:
        seen.append((call.query, call.body))
        return reply({"rows": [len(seen)] if len(seen) < 3 else [], "total": 2})

    assert read_pages(IN_BODY.call(query={"q": 1}, body={"name": "x"}), send) == [1, 2]
    assert len(seen) == 2
    assert seen[1] == ({"q": 1}, {"name": "x", "offset": 1, "limit": 100})


def test_refused_offset_counts_as_the_end_only_where_the_end_was_guessed() -> None:
    for platform in (
        Platform(30, total=None, past_end=NotFound("x", status=400)),
        Platform(30, total=None, past_end=ApiFailure("x", status=500)),
        Platform(30, total=None, past_end=ApiFailure("x")),
        Platform(100, total=None, past_end=ApiFailure("x", status=400)),
        Platform(30, report=lambda _n: 99, past_end=ApiFailure("x", status=400)),
    ):
        with pytest.raises(type(platform.past_end)):  # type: ignore[arg-type]
            read_pages(LIST.call(), platform.send)


def test_list_without_an_end() -> None:
    numbers = iter(range(10**9))
    with pytest.raises(InvalidReply, match="no end after 1000 pages"):
        read_pages(LIST.call(), lambda _call: reply({"rows": [next(numbers)]}))
    assert next(numbers) == 1000


def test_list_whose_pages_are_far_too_large() -> None:
    numbers = iter(range(10**9))
    with pytest.raises(InvalidReply, match="no end after 5 pages"):
        read_pages(LIST.call(), lambda _call: Reply(200, {"rows": [next(numbers)]}, {}, bytes(LARGEST_REPLY), None))


def test_unpaged_lists() -> None:
    assert read_pages(UNPAGED.call(), lambda call: reply({"rows": [1], **call.query})) == [1]
    assert read_pages(BARE.call(), lambda _call: reply([1, 2])) == [1, 2]
    assert read_pages(BARE.call(), lambda _call: reply([])) == []


@pytest.mark.parametrize(
    "data", [{"rows": []}, {"rows": None}, {"total": 0, "offset": 0, "limit": 10}, {"result": {"rows": []}}]
)
def test_nothing_is_an_empty_list(data: Any) -> None:
    assert read_pages(LIST.call(), lambda _call: reply(data)) == []


@pytest.mark.parametrize(
    "data",
    [
        None,
        {},
        [],
        {"x": None},
        {"total": 3},
        {"total": None},
        {"other_rows": [1]},
        {"result": {}},
        {"total": 0, "x": []},
        [1],
        "text",
    ],
)
def test_list_under_another_name_is_no_empty_list(data: Any) -> None:
    with pytest.raises(InvalidReply, match="rows or result.rows") as caught:
        read_pages(LIST.call(), lambda _call: reply(data))
    assert (caught.value.status, caught.value.trace_id) == (200, "trace-9")


def test_a_page_may_come_in_a_list_of_one() -> None:
    platform = Platform(3, cap=2)

    def send(call: Call) -> Reply:
        return reply([platform.send(call).data])

    assert read_pages(LIST.call(), send) == platform.rows
    assert platform.windows == [(0, 100), (2, 100)]


BY_PAGE = Operation("query_rows", "POST", "/v3/rows", "4.0", True, False, ("rows",), 100, True, 1, ("id",))


@pytest.mark.parametrize(("count", "offsets"), [(0, [1]), (100, [1]), (250, [1, 2, 3])])
def test_an_offset_may_count_pages(count: int, offsets: list[int]) -> None:
    platform = Platform(count)

    def send(call: Call) -> Reply:
        platform.windows.append((call.body["offset"], call.body["limit"]))
        start = (call.body["offset"] - 1) * call.body["limit"]
        return reply({"rows": platform.rows[start : start + call.body["limit"]], "total_count": count})

    assert read_pages(BY_PAGE.call(body={}), send) == platform.rows
    assert [offset for offset, _limit in platform.windows] == offsets


@pytest.mark.parametrize("count", [100, 101, 150, 250])
def test_an_offset_that_counts_rows_after_all_is_noticed(count: int) -> None:
    rows = [{"id": number, "age": 0} for number in range(count)]

    def send(call: Call) -> Reply:
        start = call.body["offset"] - 1
        # Keys that do not identify rows may change between two requests.
        page = [{**row, "age": start} for row in rows[start : start + call.body["limit"]]]
        return reply({"rows": page, "total_count": count})

    found = read_pages(BY_PAGE.call(body={}), send)
    assert [row["id"] for row in found] == list(range(count))


def test_a_row_that_moves_to_the_next_page_meanwhile_is_listed_once() -> None:
    rows = [{"id": number} for number in range(150)]

    def send(call: Call) -> Reply:
        start = (call.body["offset"] - 1) * 100
        now = rows if start == 0 else [{"id": "new"}, *rows]
        return reply({"rows": now[start : start + 100], "total_count": len(now)})

    assert read_pages(BY_PAGE.call(body={}), send) == rows
