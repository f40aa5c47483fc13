# SPDX-License-Identifier: GPL-3.0-or-later
"""Verdicts, and their schema."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import Any

import jsonschema
import pytest
from catalogue import ROOT
from test_plan import PLACE, build, full

from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate import drift
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.baseline import FIELDS, Entry

SCHEMA = json.loads((ROOT / "docs" / "schemas" / "gaussdb_drift.schema.json").read_text(encoding="utf-8"))
NOW = datetime(2026, 11, 27, tzinfo=timezone.utc)


def entry(index: int, **data: Any) -> Entry:
    return Entry(f"gaussdb_drift_baseline[{index}]", {"reason": "CHG-1", "until": "2026-12-31", **data})


def whole() -> dict[str, Any]:
    """Verdicts with everything that they can hold."""
    everything = {each.name: "x" for each in FIELDS}
    entries = [
        entry(0, part="users", field="locked"),
        entry(1, part="users", until="2026-01-01"),
        entry(2, **{**everything, "site": "site-a", "until": "2026-12-31"}),
    ]
    failed = build(full())
    failed["differences"][0]["confirm"] = True
    failed["pending"][0]["window"] = "Sat 22:00-02:00"
    plan = {**failed, "complete": True}
    sites = {
        "site-a": drift.judge(plan, entries, {(PLACE["part"], PLACE["instance"])}, NOW, count_pending=True),
        "site-b": drift.judge(failed, (), (), NOW),
        "site-c": drift.not_compared(),
    }
    found: dict[str, Any] = json.loads(drift.as_text(drift.document(sites)))
    return found


def validate(found: dict[str, Any]) -> list[Any]:
    return list(jsonschema.Draft7Validator(SCHEMA).iter_errors(found))


def test_verdicts_fit_their_schema() -> None:
    found = whole()
    assert validate(found) == []
    record = found["sites"]["site-a"]
    assert all(record[name] for name in ("drift", "accepted", "unsettled", "expired", "unused"))
    assert {each["kind"] for each in record["drift"]} == {"difference", "undescribed", "pending"}
    assert found["sites"]["site-b"]["reported"]


def test_the_schema_knows_all_keys() -> None:
    found = whole()
    definitions = SCHEMA["definitions"]
    assert set(found) == set(SCHEMA["properties"])
    for record in found["sites"].values():
        assert set(record) == set(definitions["site"]["properties"])
    assert set(definitions["entry"]["properties"]) == {"entry", *(each.name for each in FIELDS)}
    known = {key for each in found["sites"]["site-a"]["drift"] for key in each} | {"accepted"}
    assert known == set(definitions["finding"]["properties"])


@pytest.mark.parametrize(
    "change",
    [
        lambda found: found.update(verdict="unknown"),
        lambda found: found["sites"]["site-a"].update(more=1),
        lambda found: found["sites"]["site-a"]["drift"][0].update(kind="other"),
        lambda found: found["sites"]["site-c"].pop("checked"),
    ],
)
def test_the_schema_refuses_what_is_wrong(change: Any) -> None:
    found = whole()
    change(found)
    assert validate(found)
