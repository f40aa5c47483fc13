# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Texts for codes and values. tests/contract checks that every code has a text."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.gaussdb.tpops.plugins.filter.words import FilterModule, words


@pytest.mark.parametrize(
    ("value", "section", "english", "chinese"),
    [
        ("start_drill", "steps", "Start the drill", "启动容灾演练"),
        ({"code": "drill_running"}, "deviations", "a drill is running", "正在进行容灾演练"),
        (
            {"code": "rpo_above", "seconds": 45, "limit": 10.0},
            "deviations",
            "RPO 45 s is above 10 s",
            "RPO 45 s 超过阈值 10 s",
        ),
        ({"code": "rpo", "seconds": None}, "summary", "RPO unknown", "RPO 未知"),
        ({"code": "rpo"}, "summary", "RPO unknown", "RPO 未知"),
        (
            {"code": "status", "statuses": ["normal", "strange"]},
            "summary",
            "status normal, strange",
            "状态正常、strange",
        ),
        ({"name": "rpo", "limit": 7.5}, "gate_limits", "at most 7.5 s", "不超过 7.5 s"),
        ({"name": "relation_normal", "value": []}, "gate_values", "no relation", "无容灾关系"),
        ({"name": "no_critical_alarm", "value": []}, "gate_values", "none", "无"),
        (
            {"name": "no_critical_alarm", "value": ["disk full", {"code": "unread", "site": "b"}]},
            "gate_values",
            "disk full, unknown at b",
            "disk full、b 未知",
        ),
        (
            {"name": "primary_down", "value": {"status": "unreachable", "relation": "normal", "error": ""}},
            "gate_values",
            "unreachable, relation normal",
            "不可达，容灾关系正常",
        ),
        (
            {"name": "primary_down", "value": {"status": "unknown", "relation": None, "error": "refused"}},
            "gate_values",
            "unknown, relation unknown, refused",
            "未知，容灾关系未知，refused",
        ),
        ({"name": "rows of mine", "value": 7}, "check_values", "7", "7"),
        ({"name": "rows of mine", "value": True}, "check_values", "yes", "是"),
        ("rows of mine", "checks", "rows of mine", "rows of mine"),
        ({"name": "rows of mine", "value": 7}, "checks", "rows of mine", "rows of mine"),
        (None, "statuses", "unknown", "未知"),
    ],
)
def test_words(value: Any, section: str, english: str, chinese: str) -> None:
    assert words(value, section) == english
    assert words(value, section, "zh") == chinese


def test_a_list_stays_a_list() -> None:
    assert FilterModule().filters()["words"](["ok", {"name": "changed"}, "odd"], "outcomes") == [
        "ok",
        "changed",
        "odd",
    ]
    assert words([], "deviations") == []


@pytest.mark.parametrize(
    "value",
    [
        "{0.__class__} {site}",
        {"code": "{site.__class__}", "site": "x"},
        {"code": "site_unreachable", "site": "{error} {{ 1 }} <b>"},
        {"code": ["site_unreachable"], "site": None},
        {"code": "rpo_above", "seconds": {"odd": 1}, "limit": [[], [None]]},
        {"name": "log_space", "value": "text", "limit": {}},
        {},
        [[]],
    ],
)
def test_nothing_in_a_value_is_a_template_or_an_error(value: Any) -> None:
    assert "class '" not in str(words(value, "deviations")) + str(words(value, "gate_values"))
    if isinstance(value, dict) and value.get("code") == "site_unreachable":
        assert words(value, "deviations") == "{error} {{ 1 }} <b> is unreachable"


@pytest.mark.parametrize(
    ("section", "language", "text"),
    [
        ("sentences", "en", "there is no section sentences of texts"),
        ("steps", "fr", "gaussdb_evidence_language must be one of en, zh, not fr"),
    ],
)
def test_an_unknown_section_or_language_is_an_error(section: str, language: str, text: str) -> None:
    with pytest.raises(AnsibleFilterError, match=text):
        words("ok", section, language)
