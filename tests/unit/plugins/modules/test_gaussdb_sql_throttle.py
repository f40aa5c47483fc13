# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The result if a deleted task could not be recreated."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.item import Item
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import ApiFailure
from ansible_collections.gaussdb.tpops.plugins.module_utils.util.times import epoch_ms
from ansible_collections.gaussdb.tpops.plugins.modules.gaussdb_sql_throttle import SPEC, build_interrupted_result

END = "2026-01-05T10:00:00+0000"
OLD = {
    "name": "few",
    "type": "sql_type",
    "parallel_size": 5,
    "sql_type": "select",
    "keywords": ["a1", "b1"],
    "databases": ["x"],
}


@pytest.mark.parametrize(
    ("now", "kept", "gone"), [("2026-01-05T09:00:00+0000", "end_time", "duration"), (END, "duration", "end_time")]
)
def test_left_to_make_has_either_an_end_or_a_duration(now: str, kept: str, gone: str) -> None:
    current = {
        **dict.fromkeys(each.attribute for each in SPEC.fields),
        **OLD,
        "start_time": "2026-01-05T08:00:00+0000",
        "end_time": END,
    }
    item = Item({"name": "few", "parallel_size": 9, "duration": "1h"}, "few", current=current)
    item.before = current
    ctx: Any = SimpleNamespace(client=SimpleNamespace(now_ms=lambda: epoch_ms(now)))
    left = build_interrupted_result(ctx, [item], ApiFailure("refused"))["left_to_make"]
    assert kept in left and gone not in left
    assert {name: left[name] for name in OLD} == {**OLD, "parallel_size": 9}
