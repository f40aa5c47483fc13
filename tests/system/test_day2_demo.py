# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A day of a database team, as `make demo-day2` shows it."""

from __future__ import annotations

import json

import demo_day2
import pytest
from conftest import run_demo


@pytest.mark.long
def test_a_backup_is_proven_and_a_node_repaired_and_the_page_of_the_morning_shows_it() -> None:
    older = set(demo_day2.EVIDENCE.glob("*"))
    run_demo("demo_day2")
    new = sorted(set(demo_day2.EVIDENCE.glob("*")) - older)
    found = [json.loads(path.read_text(encoding="utf-8")) for path in new if path.suffix == ".json"]
    health = [record for record in found if record.get("kind") == "health"]
    others = [record for record in found if "procedure" in record]
    assert [(record["procedure"], record["outcome"]) for record in others] == [
        ("backup_proof", "done"),
        ("node_repair", "done"),
        ("node_repair", "unchanged"),
    ]
    assert [(record["color"], record["counts"]["red"]) for record in health[1:]] == [("red", 1), ("amber", 0)]
    assert [each["code"] for each in health[1]["findings"] if each["color"] == "red"] == ["node_unhealthy"]
    assert "node_unhealthy" in [each["code"] for each in health[2]["gone"]]
    # No spare host is left occupied: the last page has no other instance than the first one.
    assert [set(record["sites"]["site-a"]["instances"]) for record in health] == [{"orders", "billing"}] * 3
    # The last page is in Chinese.
    pages = [path.read_text(encoding="utf-8") for path in new if path.suffix == ".html"]
    assert ['lang="zh-CN"' in page for page in pages] == [False] * 5 + [True]
