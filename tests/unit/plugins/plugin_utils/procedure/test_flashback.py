# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether a table was flashed back: what was done is not done again, and what is unknown is not done silently."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.gaussdb.tpops.plugins.filter.flashback_stage import flashback_stage

REQUEST = {"database": "orders", "schema": "public", "table": "items", "time": "2026-01-05 08:00:00 UTC", "attempt": 1}
UNDROP = {**REQUEST, "time": "", "undrop": True}


def record(outcome: str, *steps: str, operations: Any = (), **request: Any) -> dict[str, Any]:
    found = [{"name": "flash_back", "outcome": step, "operations": list(operations)} for step in steps]
    return {"outcome": outcome, "request": {**REQUEST, **request}, "steps": found}


@pytest.mark.parametrize(
    ("request_", "records", "stage"),
    [
        (REQUEST, [], "new"),
        (REQUEST, [record("held")], "new"),
        (REQUEST, [record("done", "changed")], "complete"),
        (REQUEST, [record("failed", "changed")], "done"),
        (REQUEST, [record("unchanged"), record("failed", "changed")], "complete"),
        (REQUEST, [record("running", "running")], "unknown"),
        (REQUEST, [record("running", "running", operations=["flashback_tables"])], "done"),
        (REQUEST, [record("held"), record("running", "running")], "unknown"),
        # It was refused before, or failed after, the request was sent.
        (REQUEST, [record("failed", "failed")], "new"),
        (REQUEST, [record("failed", "failed", operations=["flashback_tables"])], "unknown"),
        (UNDROP, [record("running", "running", time="", undrop=True)], "new"),
        # The same table and moment in other words.
        (REQUEST, [record("done", "changed", table="ITEMS", time="2026-01-05T16:00:00+08:00")], "complete"),
        (REQUEST, [record("done", "changed", time="2026-01-05 09:00:00 UTC")], "new"),
        ({**REQUEST, "attempt": 2}, [record("done", "changed")], "new"),
    ],
)
def test_how_far_it_is(request_: Any, records: Any, stage: str) -> None:
    assert flashback_stage(request_, records) == stage
