# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The verdicts of a run as a page of Markdown: made of the data of ``drift.json`` and of nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .document import noun
from .drift import CANNOT_TELL, DIFFERENCE, DRIFT, IN_STEP, PENDING, as_plan, undescribed, verdict_line
from .page import LARGEST, Page, add_section, add_summary, cell, differences, done_by, failures, shorten, text, value

WORDS = {IN_STEP: "in step", DRIFT: "**drift**", CANNOT_TELL: "**cannot tell**"}
_LONGEST_REASON = 1000


def render(whole: Mapping[str, Any], largest: int = LARGEST) -> str:
    """Return the page."""
    page, sites = Page(largest), whole["sites"]
    page.add("# Drift", "", "| platform | verdict | checked |", "|---|---|---|")
    for site, record in sites.items():
        page.add(f"| {cell(site)} | {WORDS[record['verdict']]} | {record['checked'] or '–'} |")
    for index, (site, record) in enumerate(sites.items()):
        # What one platform does not need is left to those after it.
        page.add(*_platform(site, record, page.left // (len(sites) - index)))
    return "\n".join(page.lines) + "\n"


def _platform(site: str, record: Mapping[str, Any], size: int) -> list[str]:
    page, plan = Page(size - 200), as_plan(site, record)
    page.add("", f"# {text(site)}", "", f"{text(verdict_line(site, record))}.", "")
    add_summary(page, plan)
    for title, blocks in (
        ("Not known", failures(plan)),
        ("Differences", differences(plan)),
        ("Undescribed", (f"- {text(owner)}: {text(names)}" for owner, names in undescribed(site, record["drift"]))),
        ("Pending, counted as drift", _pending(record["drift"])),
        ("Pending, not counted", _pending(record["reported"])),
        ("Undescribed, not counted", (f"- {text(o)}: {text(n)}" for o, n in undescribed(site, record["reported"]))),
        ("Accepted", _accepted(record)),
        ("To be removed from the baseline", _baseline(record)),
    ):
        add_section(page, title, ([block] if isinstance(block, str) else block for block in blocks))
    if page.cut:
        what = ", ".join(f"{count} of {title}" for title, count in page.cut.items())
        page.lines += [f"**This page is cut.** Only drift.json has the rest: {what}."]
    return page.lines if page.lines[-1] else page.lines[:-1]


def _pending(findings: list[Mapping[str, Any]]) -> Iterator[str]:
    for each in findings:
        if each["kind"] == PENDING:
            yield f"- {text(each['instance'])}: {_changes(each)}, {done_by(each)}"


def _changes(finding: Mapping[str, Any]) -> str:
    return ", ".join(
        f"{text(str(each['name']).replace('_', ' '))} {value(each, 'before')} → {value(each, 'after')}"
        for each in finding["fields"]
    )


def _accepted(record: Mapping[str, Any]) -> Iterator[str]:
    for each in record["accepted"]:
        owner = f"{text(each['instance'])}: " if each["instance"] else ""
        what = f"{noun(each['part'])} {each['object']}".strip()
        state = _changes(each) or (each["outcome"] if each["kind"] == DIFFERENCE else "not described")
        by = each["accepted"]
        reason = shorten(str(by["reason"]), _LONGEST_REASON)
        yield f"- {owner}{text(what)}: {state}, until {text(by['until'])}: {text(reason)}"


def _baseline(record: Mapping[str, Any]) -> Iterator[str]:
    for kind, why in (("expired", "expired on {until}"), ("unused", "accepts nothing any more")):
        for each in record[kind]:
            reason = shorten(str(each["reason"]), _LONGEST_REASON)
            yield f"- {text(each['entry'])} {text(why.format(until=each['until']))}: {text(reason)}"
