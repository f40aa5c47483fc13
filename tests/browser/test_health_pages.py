# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The page of the morning in a browser: of a healthy fleet, and of one with every kind of finding."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
from conftest import PAPER, Browser

from ansible_collections.gaussdb.tpops.plugins.plugin_utils.health import judgement
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.health.reading import DEEP_PARTS, PARTS
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.health.record import build_record
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.procedure import page
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.procedure.words import read_words

TIME = "2026-01-12T06:00:00Z"
VALUES = {
    "status": "UPGRADE TO BE OBSERVED",
    "node": "orders-prod-of-the-head-office_root_1",
    "since": "2026-01-12T05:40:11+0000",
    "begin": "2026-01-12T01:00:00+0000",
    "until": "2026-01-12 03:00:00 UTC",
    "version": "gaussdbv5_agent_2.24.01.100",
    "target": "gaussdbv5_agent_2.24.01.130",
    "described": "3.200.0",
    "playbook": "gaussdb.tpops.upgrade",
    "severity": "critical",
    "relation": "orders-between-both-data-centers",
    "host": "db-east-01.data-center.example.com",
    "unread": "relations",
    "limit": 80,
    "used": 93.5,
    "days": 3,
    "count": 12,
    "slowest": 2.5,
    "sql_id": "2987311045",
}
DETAIL = "Cannot connect to the platform at platform-of-site-b.data-center.example.com:8002: timed out"


def _record(*, troubled: bool) -> dict[str, Any]:
    """Return a record of three sites: one of them is dead, and one has every finding."""
    read = ["site", *PARTS, *DEEP_PARTS]
    line = {"status": "ACTIVE", "version": "3.103.0", "backup": "2026-01-12T01:00:00+0000", "disk_percent": 43.2}
    line |= {"restorable_until": "2026-01-12 05:58:12 UTC", "color": "green"}
    line |= {"rpo_seconds": 3, "rto_seconds": 4.5} if troubled else {}
    codes = [code for code in read_words("en")["findings"] if not code.startswith("site_")] if troubled else []
    findings = [
        {
            **VALUES,
            "site": "site-a",
            "part": "instances",
            "code": code,
            "about": "",
            "color": judgement.COLORS[1 + number % 3],
            "instance": f"orders-prod-{number}" if number % 5 else "",
            "detail": DETAIL if number % 3 else "",
        }
        for number, code in enumerate(codes)
    ]
    instances = {each["instance"]: {**line, "color": each["color"]} for each in findings if each["instance"]}
    instances |= {f"ledger-prod-{number:02}": line for number in range(8)}
    judged = {"read": read, "alarms": {"critical": 1, "minor": 2} if troubled else {}, "password_days": 90}
    sites = {"site-a": {**judged, "findings": findings, "instances": instances}}
    silent = {"site": "site-b", "part": "site", "code": "site_silent", "about": "", "color": "red", "instance": ""}
    if troubled:
        dead = {"findings": [{**silent, "detail": DETAIL}], "instances": {}, "alarms": {}, "password_days": None}
        sites["site-b"] = {**dead, "read": ["site"]}
    sites["site-c"] = {**judged, "findings": [], "instances": {"hr-prod": line}}
    before = {"name": "earlier", "time": "2026-01-11T06:00:00Z", "sites": {site: {"read": read} for site in sites}}
    before["findings"] = [*findings[::2], *({**each, "about": "gone"} for each in findings[:3])]
    return build_record(sites, before if troubled else None, time=TIME, deep=True)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("kind", ["healthy", "troubled"])
def test_the_page(browser: Browser, kind: str, language: str, tmp_path: Path) -> None:
    record = _record(troubled=kind == "troubled")
    shown = tmp_path / "page.html"
    shown.write_text(page.render_record(json.dumps(record).encode(), "x-health", language), encoding="utf-8")
    name = f"health-{kind}-{language}"
    browser.open(shown.as_uri())
    browser.shoot(name)
    assert browser.requests() == [shown.as_uri()]
    assert browser.complaints() == []
    text = browser.ask("return document.body.innerText")
    for site, judged in record["sites"].items():
        assert site in text and all(instance in text for instance in judged["instances"])
    # The worst site and the worst instance come first.
    shown_sites = browser.ask("return [...document.querySelectorAll('h2')].map(each => each.innerText.split(' ')[0])")
    order = ["site-a", "site-b", "site-c"] if kind == "troubled" else ["site-a", "site-c"]
    assert [each for each in shown_sites if each.startswith("site-")] == order
    rows = "[...document.querySelector('.fleet').rows].slice(1)"
    marks = browser.ask(f"return {rows}.map(row => row.cells[1].firstElementChild.classList[1])")
    assert marks == sorted(marks, key=judgement.COLORS.index, reverse=True)
    assert (DETAIL in text) == (kind == "troubled")
    if language == "zh":
        assert browser.english() == []
    assert [browser.cut_off(*where) for where in ((1100,), (420,), (320,), (PAPER, "print"))] == [[], [], [], []]
    assert browser.ask("return document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    # Of a page with every finding, each is in three places.
    assert 1 <= browser.print(name) <= max(math.ceil(len(record["findings"]) / 4), 1)


def test_the_color_tells_the_worst(browser: Browser, tmp_path: Path) -> None:
    colors = {}
    for color in judgement.COLORS:
        record = {**_record(troubled=True), "color": color}
        shown = tmp_path / f"{color}.html"
        shown.write_text(page.render_record(json.dumps(record).encode(), "x-health", "en"), encoding="utf-8")
        browser.open(shown.as_uri())
        colors[color] = browser.ask("return getComputedStyle(document.querySelector('.lead')).borderLeftColor")
    assert colors["amber"] == colors["unread"] and len(set(colors.values())) == 3
