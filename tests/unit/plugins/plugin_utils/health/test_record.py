# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is new and what is gone since an earlier record, and which record that is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.gaussdb.tpops.plugins.plugin_utils.health.record import build_record, find_earlier
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.procedure import page

DISK = {"site": "a", "instance": "orders", "part": "disks", "code": "disk_used", "about": "n1", "color": "amber"}
DISK |= {"node": "n1", "used": 84, "limit": 80}
SILENT = {"site": "a", "instance": "", "part": "site", "code": "site_silent", "about": "", "color": "red"}
UNREAD = {"site": "a", "instance": "", "part": "disks", "code": "part_unread", "about": "disks", "color": "unread"}
UNREAD |= {"unread": "disks"}


def record(*findings: dict[str, Any], read: Any = ("site", "disks"), earlier: Any = None) -> dict[str, Any]:
    line = {"color": "amber", "status": "ACTIVE", "version": "1", "backup": None, "disk_percent": 84}
    instances = {"orders": {**line, "restorable_until": None}} if "disks" in read else {}
    judged = {"read": list(read), "findings": list(findings), "instances": instances, "alarms": {}}
    built = build_record({"a": {**judged, "password_days": None}}, earlier, time="2026-01-12T06:00:00Z", deep=False)
    return {**built, "name": "earlier"}


def new(found: dict[str, Any]) -> list[Any]:
    return [each["new"] for each in found["findings"]]


def test_without_an_earlier_record() -> None:
    found = record(DISK)
    assert (new(found), found["compared"], found["gone"]) == ([None], None, [])
    assert found["counts"] == {"red": 0, "unread": 0, "amber": 1, "new": 0, "gone": 0, "sites": 1, "instances": 1}
    assert found["color"] == found["sites"]["a"]["color"] == "amber"
    assert record()["color"] == "green"


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        ([], [DISK], [True]),
        ([DISK], [DISK], [False]),
        ([DISK], [{**DISK, "used": 86}], [False]),
        ([DISK], [{**DISK, "about": "n2"}], [True]),
        ([DISK], [{**DISK, "color": "red"}], [True]),
        ([{**DISK, "color": "red"}], [DISK], [False]),
        ([], [UNREAD], [True]),
    ],
)
def test_what_is_new(before: list[Any], now: list[Any], expected: list[bool]) -> None:
    assert new(record(*now, earlier=record(*before))) == expected


def test_what_was_not_read_before_is_not_compared() -> None:
    assert new(record(DISK, earlier=record(UNREAD, read=["site"]))) == [None]
    assert new(record(DISK, earlier=record(SILENT, read=["site"]))) == [None]
    assert new(record(SILENT, read=["site"], earlier=record(DISK))) == [True]


def test_what_is_gone() -> None:
    found = record(earlier=record(DISK))
    assert [each["code"] for each in found["gone"]] == ["disk_used"] and "new" not in found["gone"][0]
    assert found["counts"]["gone"] == 1
    # What cannot be read now may still be wrong.
    assert record(UNREAD, read=["site"], earlier=record(DISK))["gone"] == []
    assert [each["code"] for each in record(earlier=record(SILENT, read=["site"]))["gone"]] == ["site_silent"]


def keep(folder: Path, name: str, content: Any) -> None:
    text = content if isinstance(content, str) else json.dumps(content)
    (folder / f"{name}-health.json").write_text(text, encoding="utf-8")


def test_the_newest_record_of_the_same_sites(tmp_path: Path) -> None:
    assert find_earlier(str(tmp_path / "nowhere"), ["a"]) is None
    keep(tmp_path, "1", record(DISK))
    keep(tmp_path, "2", record())
    keep(tmp_path, "3", {**record(), "sites": {"a": {"read": []}, "b": {"read": []}}})
    keep(tmp_path, "4", {**record(), "schema": 0})
    keep(tmp_path, "5", "{")
    keep(tmp_path, "6", [])
    keep(tmp_path, "7", {**record(), "findings": [{"site": "a"}]})
    keep(tmp_path, "8", {**record(DISK), "findings": [{**DISK, "color": "blue"}]})
    keep(tmp_path, "9", {**record(), "sites": {"a": {}}})
    found = find_earlier(str(tmp_path), ["a"])
    assert found is not None and (found["name"], found["findings"]) == ("2-health", [])
    assert find_earlier(str(tmp_path), ["b"]) is None


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_page_is_made_of_the_record_alone(language: str) -> None:
    found = record({**DISK, "detail": "<script>"}, SILENT, earlier=record(UNREAD))
    text = page.render_record(json.dumps(found).encode(), "20260112-health", language)
    assert "84 %" in text and "&lt;script&gt;" in text and "<script>" not in text
