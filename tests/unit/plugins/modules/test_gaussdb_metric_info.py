# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Queries for a long period."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.gaussdb.tpops.plugins.module_utils.domain import metric_query

DAY_MS = 86_400_000


def test_a_long_period_is_queried_in_parts_of_less_than_30_days(monkeypatch: pytest.MonkeyPatch) -> None:
    end = 1_800_000_000_000
    monkeypatch.setattr(metric_query.query, "choose_places", lambda ctx: [{"instance_id": "in14"}])
    monkeypatch.setattr(metric_query.query, "choose_metrics", lambda ctx: ["cpu"])
    monkeypatch.setattr(metric_query, "read_period", lambda ctx: (end - 61 * DAY_MS, end))
    ctx: Any = SimpleNamespace(
        params={"metrics": ["cpu"], "groups": [], "gather": [], "instances": ["orders"], "latest_only": False}
    )
    spans = [(int(call.body["start_time"]), int(call.body["end_time"])) for call in metric_query.read(ctx)]
    assert (spans[0][0], spans[-1][1]) == (end - 61 * DAY_MS, end)
    assert all(0 < last - first < 30 * DAY_MS for first, last in spans)
    assert all(after[0] - before[1] == 1 for before, after in zip(spans, spans[1:]))
