# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is told by how long ago it was is so by the platform's clock, which need not agree with that of the
controller."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.gaussdb.tpops.plugins.module_utils.domain import backup as backups
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.context import Parent
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.item import Item
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import InputError
from ansible_collections.gaussdb.tpops.plugins.module_utils.util import times
from ansible_collections.gaussdb.tpops.plugins.modules import (
    gaussdb_backup_info,
    gaussdb_backup_metadata,
    gaussdb_restore_info,
    gaussdb_sql_throttle,
)

NOW = 1804136400000  # 2027-03-04 05:00:00 UTC


class Ctx(SimpleNamespace):
    """A platform of another day than ours; the first request tells what its clock shows."""

    def __init__(self, **params: Any) -> None:
        client = SimpleNamespace(now_ms=self.now_ms, knows_time=False)
        super().__init__(params=params, client=client, parent=Parent("in1", "orders"), asked=[])

    def now_ms(self) -> int:
        assert self.client.knows_time
        return NOW

    def items(self, calls: Any) -> list[Any]:
        self.client.knows_time = True
        self.asked += calls if isinstance(calls, list) else [calls]
        return []


def test_backups_of_the_last_day() -> None:
    ctx = Ctx(instance="orders", instance_id=None, types=None, backup_id=None, since="1d", until="now")
    (call,) = gaussdb_backup_info.read(ctx)
    assert (call.query["begin_time"], call.query["end_time"]) == (
        "2027-03-03T05:00:00+0000",
        "2027-03-04T05:00:00+0000",
    )


def test_all_backups_need_no_clock() -> None:
    ctx = Ctx(instance="orders", instance_id=None, types=None, backup_id=None, since=None, until=None)
    gaussdb_backup_info.read(ctx)
    assert ctx.asked == []


def test_metadata_of_the_last_week() -> None:
    ctx = Ctx(source_instance=None, source_instance_id="in9", since="7d", until="now")
    (step,) = gaussdb_backup_metadata.plan(ctx, [])
    assert step.summary == "Look for backups of instance in9 from 2027-02-25 to 2027-03-04"


def test_moments_of_the_last_day_that_can_be_restored() -> None:
    ctx = Ctx(gather=["times"], since="1d", until="now", restore_time=None)
    assert [call.query["date"] for call in gaussdb_restore_info.read(ctx)] == ["2027-03-03", "2027-03-04"]


def test_an_instance_as_it_was_an_hour_ago() -> None:
    ctx = Ctx(gather=["instances"], backup=None, backup_id=None, restore_time="1h")
    gaussdb_restore_info.read_instances_at_moment(ctx, [])
    assert ctx.asked[-1].query["restore_time"] == str(NOW - 3_600_000)


def test_without_any_moment_near_it_todays_are_offered() -> None:
    ctx = Ctx()
    with pytest.raises(InputError, match="to no other moment near it"):
        backups.check_restorable(ctx, "restore_time", 0, "in1", "orders")
    assert ctx.asked[-1].query["date"] == "2027-03-04"


def test_whether_a_throttling_task_has_begun() -> None:
    begun, yet = (times.with_offset(NOW + hours * 3_600_000) for hours in (-1, 1))
    for current, same in ((begun, True), (yet, False)):
        ctx = Ctx()
        ctx.client.knows_time = True
        desired = {"start_time": "2026-01-01", "type": None}
        item = Item(desired, "one", current={"start_time": current, "type": None})
        item = gaussdb_sql_throttle.check_task(ctx, item)
        assert (item.desired["start_time"] == current) is same
