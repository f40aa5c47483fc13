# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The lists that contain a backup, and the nearest moment that can be restored."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.gaussdb.tpops.plugins.module_utils.domain import backup as backups
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.backup import DAY_MS
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.context import Parent
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import InputError, NotFound

NOON = 1767614400000  # 2026-01-05 12:00:00 UTC
HOUR = 3_600_000


class FakeContext:
    """Restorable spans, cut at midnight as the platform cuts them, and backups by list."""

    parent = Parent("i1", "orders")

    def __init__(self, *spans: tuple[int, int], **lists: list[dict[str, Any]]) -> None:
        self.spans, self.lists = spans, lists
        self.client = SimpleNamespace(now_ms=lambda: NOON)
        self.asked: list[str] = []

    def items(self, calls: Any) -> list[dict[str, Any]]:
        found = []
        for call in calls if isinstance(calls, list) else [calls]:
            if call.operation.name == "get_restore_time":
                day = call.query["date"]
                self.asked.append(day)
                begin = backups.epoch_ms(f"{day} 00:00:00") or 0
                cut = [(max(a, begin), min(b, begin + DAY_MS - 1000)) for a, b in self.spans]
                found += [{"start_ms": a, "end_ms": b} for a, b in cut if a < b]
            else:
                found += self.lists.get(call.query.get("backup_type", call.operation.name), [])
        return found


def backup(name: str, hour: int, status: str = "COMPLETED") -> dict[str, Any]:
    return {"id": f"{name}-{hour}", "name": name, "begin_time": f"2026-01-05T{hour:02d}:00:00+0000", "status": status}


def test_a_moment_inside_costs_one_request() -> None:
    ctx = FakeContext((NOON - HOUR, NOON + HOUR))
    backups.check_restorable(ctx, "restore_time", NOON, "i1", "orders")
    assert ctx.asked == ["2026-01-05"]


@pytest.mark.parametrize(
    ("moment", "nearest"),
    [
        (NOON - 2 * HOUR, "2026-01-05 11:00:00 UTC"),
        (NOON + 2 * HOUR, "2026-01-05 13:00:00 UTC"),
        # On another day, and the nearer one of two days.
        (NOON - 3 * DAY_MS, "2026-01-05 11:00:00 UTC"),
        (NOON + 12 * DAY_MS, "2026-01-05 13:00:00 UTC"),
    ],
)
def test_the_nearest_moment_is_named(moment: int, nearest: str) -> None:
    with pytest.raises(InputError, match=re.escape(f"the nearest possible time is {nearest}, possible are")):
        backups.check_restorable(FakeContext((NOON - HOUR, NOON + HOUR)), "restore_time", moment, "i1", "orders")


def test_a_moment_on_the_other_side_of_midnight_may_be_nearer() -> None:
    midnight = NOON + 12 * HOUR
    ctx = FakeContext((NOON, midnight - 60_000), (midnight + 20 * HOUR, midnight + 21 * HOUR))
    with pytest.raises(InputError, match="the nearest possible time is 2026-01-05 23:59:00 UTC"):
        backups.check_restorable(ctx, "restore_time", midnight + HOUR, "i1", "orders")


def test_where_nothing_can_be_restored_no_moment_is_named() -> None:
    with pytest.raises(InputError, match="to no other moment near it"):
        backups.check_restorable(FakeContext(), "restore_time", NOON, "i1", "orders")


def test_what_people_are_told_is_inside() -> None:
    ctx = FakeContext((NOON + 500, NOON + HOUR + 500))
    with pytest.raises(InputError, match="nearest possible time is 2026-01-05 12:00:01 UTC"):
        backups.check_restorable(ctx, "restore_time", NOON, "i1", "orders")
    with pytest.raises(InputError, match="nearest possible time is 2026-01-05 13:00:00 UTC"):
        backups.check_restorable(ctx, "restore_time", NOON + 2 * HOUR, "i1", "orders")
    assert (
        backups.merged(ctx.items(backups.get_restore_time("i1", "2026-01-05")))[0]["start"] == "2026-01-05 12:00:01 UTC"
    )


def test_spans_that_are_cut_at_midnight_are_joined() -> None:
    ctx = FakeContext((NOON, NOON + 2 * DAY_MS))
    assert backups.days_between(NOON, NOON + 2 * DAY_MS) == ["2026-01-05", "2026-01-06", "2026-01-07"]
    ranges = ctx.items([backups.get_restore_time("i1", day) for day in backups.days_between(NOON, NOON + 2 * DAY_MS)])
    assert [(each["start_ms"], each["end_ms"]) for each in backups.merged(ranges)] == [(NOON, NOON + 2 * DAY_MS)]


def test_the_newest_completed_backup_of_a_name_is_found_in_any_list() -> None:
    found = [backup("a", 1), backup("a", 3), backup("a", 5, "FAILED")]
    for name in ("list_backups", "list_differential_backups", "OffSite_Log_Xbsa"):
        assert backups.find_backup(FakeContext(**{name: found}), "backup", "name", "a")["id"] == "a-3"
    with pytest.raises(InputError, match="backup: backup a is in status BUILDING"):
        backups.find_backup(FakeContext(list_backups=[backup("a", 1, "BUILDING")]), "backup", "name", "a")
    with pytest.raises(NotFound, match="backup: instance orders has no backup b"):
        backups.find_backup(FakeContext(list_backups=found), "backup", "name", "b")


def test_lists_have_no_end_unless_there_is_one() -> None:
    full, differential = backups.list_calls("i1", ("manual", "differential"))
    assert full.query == {"instance_id": "i1", "backup_type": "manual"}
    assert differential.query == {"begin_time": "1970-01-01T00:00:00+0000"}
    full, differential = backups.list_calls("i1", ("auto", "differential"), since=NOON)
    assert full.query["end_time"] == backups.FAR_FUTURE
    assert "end_time" not in differential.query


def test_a_list_that_the_platform_does_not_have_for_an_old_instance_is_empty_where_nobody_asked_for_it() -> None:
    words = ("unfiltered", "snapshot_xbsa", "log_xbsa", "offsite_snapshot_xbsa", "differential")
    assert [bool(call.none_if) for call in backups.list_calls("i1", words, if_known=True)] == [
        False,
        True,
        True,
        False,
        False,
    ]
    assert not any(call.none_if for call in backups.list_calls("i1", words))
