# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A new inspection that runs once later, on a platform whose clock goes on between two looks at it."""

from __future__ import annotations

import itertools
from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.gaussdb.tpops.plugins.module_utils.domain import inspection_task
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.item import Item

NOW = 1767614400000  # 2026-01-05 12:00:00 UTC


@pytest.mark.parametrize(
    ("given", "warned"),
    [
        ({}, False),
        ({"time": "2026-01-05 11:59:59 UTC"}, True),
        ({"time": "2026-01-05 12:30:00 UTC"}, False),
    ],
)
def test_only_a_time_that_is_given_can_be_in_the_past(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, Any], warned: bool
) -> None:
    ticks = itertools.count(NOW)
    warnings: list[str] = []
    ctx: Any = SimpleNamespace(
        params={"scene": None}, client=SimpleNamespace(now_ms=lambda: next(ticks)), warn=warnings.append
    )
    monkeypatch.setattr(inspection_task.common, "check_directory", lambda ctx: None)
    monkeypatch.setattr(inspection_task.common, "labels_of", lambda directory, values, option: values)
    desired = {"name": "nightly", "checks": ["CPU usage"], "period": "later", **given}
    inspection_task.refine(ctx, Item(desired, "nightly"))
    assert bool(warnings) is warned
