# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a run that takes up an upgrade is compared with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.gaussdb.tpops.plugins.plugin_utils.procedure.store import (
    Kept,
    earlier_records,
    find_baseline,
)

BASELINE = {"databases": ["orders"]}


def record(stage: str, baseline: Any = None, version: str = "3.200.0", instance: str = "orders-prod") -> dict[str, Any]:
    return {
        "members": {"site-a": instance},
        "request": {"version": version},
        "before": {"sites": {"site-a": {"upgrade": {"stage": stage}}}},
        "baseline": {"site-a": baseline} if baseline else {},
    }


@pytest.mark.parametrize(
    ("stage", "earlier", "found"),
    [
        ("observed", [record("old", BASELINE)], BASELINE),
        ("observed", [record("old", BASELINE), record("observed")], BASELINE),
        # Another run has begun it, or another upgrade.
        ("observed", [record("old", BASELINE), record("old")], None),
        ("observed", [record("old", BASELINE, version="3.300.0")], None),
        ("observed", [record("old", BASELINE), record("old", BASELINE, instance="other")], BASELINE),
        ("observed", [], None),
        # After the commit the instance may be used, and before it each run has a baseline of its own.
        ("new", [record("old", BASELINE)], None),
        ("old", [record("old", BASELINE)], None),
    ],
)
def test_the_run_that_began_it(stage: str, earlier: list[dict[str, Any]], found: Any, tmp_path: Path) -> None:
    for number, each in enumerate(earlier):
        (tmp_path / f"2026010{number}T080000Z-upgrade-orders-prod.json").write_text(json.dumps(each), encoding="utf-8")
    for name, text in (("8", "{"), ("9", "[]")):
        (tmp_path / f"2026010{name}T080000Z-upgrade-orders-prod.json").write_text(text, encoding="utf-8")
    (tmp_path / "20260107T080000Z-upgrade_rollback-orders-prod.json").write_text("{}", encoding="utf-8")
    kept = Kept(record(stage), "20260110T080000.5Z-upgrade-orders-prod", str(tmp_path), "en")
    assert find_baseline(kept, "site-a") == found


def test_earlier_records_are_those_of_the_same_subject_the_newest_first(tmp_path: Path) -> None:
    for number, each in enumerate((record("old"), record("observed"), record("old", instance="other"))):
        (tmp_path / f"2026010{number}T080000Z-upgrade-orders-prod.json").write_text(json.dumps(each), encoding="utf-8")
    (tmp_path / "20260108T080000Z-upgrade-orders-prod.json").write_text("{", encoding="utf-8")
    own = "20260110T080000.5Z-upgrade-orders-prod"
    (tmp_path / f"{own}.json").write_text(json.dumps(record("new")), encoding="utf-8")
    assert list(earlier_records(Kept(record("new"), own, str(tmp_path), "en"))) == [record("observed"), record("old")]


def test_its_own_baseline_comes_first(tmp_path: Path) -> None:
    kept = Kept(record("old", BASELINE), "20260110T080000.5Z-upgrade-orders-prod", str(tmp_path), "en")
    assert find_baseline(kept, "site-a") == BASELINE
