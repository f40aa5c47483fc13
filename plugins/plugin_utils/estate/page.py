# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A plan as a page of Markdown, for a merge request: made of the data of ``plan.json`` and of nothing else."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.estate import INSTANCES
from ansible_collections.gaussdb.tpops.plugins.module_utils.util.printable import printable

from .document import in_step, noun, summary

# Comments of GitHub have up to 65536 characters.
LARGEST = 60_000
# The summary and each section get so much of the page at most, as long as others need the rest.
LARGEST_SUMMARY = 20_000
LONGEST_VALUE = 200
MOST_NAMES = 20

_PLAIN = re.compile(r"[\w .:,/()+=→~-]*", re.ASCII)
_ENDINGS = {"created": "new", "updated": "changed", "removed": "removed"}


@dataclass
class Page:
    """Lines up to a size; what does not fit is counted."""

    left: int
    lines: list[str] = field(default_factory=list)
    cut: dict[str, int] = field(default_factory=dict)

    def add(self, *lines: str) -> bool:
        size = sum(len(line) + 1 for line in lines)
        if size > self.left:
            return False
        self.left -= size
        self.lines.extend(lines)
        return True


def render(plan: Mapping[str, Any], largest: int = LARGEST) -> str:
    """Return the page."""
    page = Page(largest - 600)
    page.add(f"# Plan of {text(plan['site'])}", "", _verdict(plan), "")
    add_summary(page, plan)
    for title, blocks in (
        ("Not known", failures(plan)),
        ("To be confirmed", _to_confirm(plan)),
        ("Differences", differences(plan)),
        ("Pending", _pending(plan)),
        ("Undescribed", _undescribed(plan)),
        ("Cannot be compared", _not_compared(plan)),
        ("Notes", _notes(plan)),
    ):
        add_section(page, title, blocks)
    if page.cut:
        what = ", ".join(f"{count} of {title}" for title, count in page.cut.items())
        page.lines += [f"**This page is cut.** Only plan.json has the rest: {what}.", ""]
    page.lines.append(f"Digest: `{plan['digest']}`")
    return "\n".join(page.lines) + "\n"


def _verdict(plan: Mapping[str, Any]) -> str:
    if not plan["complete"]:
        return "**The plan is not complete:** something is refused, or could not be read."
    if plan["in_step"]:
        return "The platform is in step with its description."
    counts = [
        f"{len(plan[section])} {words}{'s' * (len(plan[section]) != 1 and words == 'difference')}"
        for section, words in (("differences", "difference"), ("pending", "pending"))
        if plan[section]
    ]
    return f"{', '.join(counts)}."


def add_summary(page: Page, plan: Mapping[str, Any]) -> None:
    """Add a line for each instance that is not in step, and one for all others."""
    own = Page(min(page.left, LARGEST_SUMMARY))
    lines = [f"- {text(name)}: {text(line)}" for name, line in summary(plan)]
    fitting = [line for line in lines if own.add(line)]
    if len(fitting) < len(lines):
        page.cut["summary"] = len(lines) - len(fitting)
    others = in_step(plan)
    if others:
        names = list_names(others)
        fitting.append(f"- in step: {len(others)} instance{'s' * (len(others) != 1)} ({names})")
    if fitting:
        page.add(*fitting, "")


def add_section(page: Page, title: str, blocks: Iterator[list[str]]) -> None:
    """Add the blocks of a section as far as they fit, and count the others."""
    begun = False
    for block in blocks:
        head = [] if begun else [f"## {title}", ""]
        if title not in page.cut and page.add(*head, *block):
            begun = True
        else:
            page.cut[title] = page.cut.get(title, 0) + 1
    if begun:
        page.lines.append("")


def differences(plan: Mapping[str, Any]) -> Iterator[list[str]]:
    """Yield a block for each object that differs."""
    for entry in plan["differences"]:
        where = f"{text(entry['instance'])}: " if entry["instance"] and entry["part"] != "instances" else ""
        name = f" {text(entry['object'])}" if entry["object"] else ""
        restart = ", takes effect after a restart" if entry.get("restart_pending") else ""
        lines = [f"### {where}{noun(entry['part'])}{name}: {_ENDINGS[entry['outcome']]}{restart}", ""]
        if entry["fields"]:
            lines += ["| field | before | after |", "|---|---|---|"]
            lines += [
                f"| {cell(each['name'])} | {value(each, 'before')} | {value(each, 'after')} |"
                for each in entry["fields"]
            ]
            lines.append("")
        yield lines


def _pending(plan: Mapping[str, Any]) -> Iterator[list[str]]:
    for entry in plan["pending"]:
        what = text(str(entry["field"]).replace("_", " "))
        change = f"{value(entry, 'before')} → {value(entry, 'after')}"
        yield [f"- {text(entry['instance'])}: {what} {change}, {done_by(entry)}"]


def done_by(entry: Mapping[str, Any]) -> str:
    """Return which playbook makes a pending change."""
    window = f" in the window {text(entry['window'])}" if entry.get("window") else ""
    return f"by the playbook `{entry['playbook']}`{window}"


def _to_confirm(plan: Mapping[str, Any]) -> Iterator[list[str]]:
    for name in plan["to_confirm"]:
        removed = [each for each in plan["differences"] if each["instance"] == name and each.get("confirm")]
        whole = any(each["part"] == INSTANCES for each in removed)
        what = "the instance with its data" if whole else list_names([each["object"] for each in removed])
        yield [f"- {text(name)}: removes {what}. A run needs its name in `gaussdb_confirm`"]


def failures(plan: Mapping[str, Any]) -> Iterator[list[str]]:
    """Yield a line for each part that is refused or could not be read."""
    for entry in plan["failures"]:
        kind = "refused" if entry["kind"] == "refused" else "not read"
        yield [f"- {text(entry['path'] or plan['site'])}: {kind}: {text(shorten(entry['reason'], 1000))}"]


def _undescribed(plan: Mapping[str, Any]) -> Iterator[list[str]]:
    for entry in plan["undescribed"]:
        owner = f"{text(entry['instance'])}: " if entry["instance"] else ""
        yield [f"- {owner}{entry['part'].replace('_', ' ')}: {list_names(entry['names'])}"]


def _not_compared(plan: Mapping[str, Any]) -> Iterator[list[str]]:
    """What the platform does not show, for all instances in one line, except what each run sends."""
    hidden: dict[tuple[str, str], list[tuple[str, int]]] = {}
    for entry in plan["not_compared"]:
        fields = ", ".join(entry["fields"])
        if entry["sent"]:
            owner = f"{text(entry['instance'])}: " if entry["instance"] else ""
            names = list_names([name or entry["part"] for name in entry["objects"]])
            yield [f"- {owner}{entry['part'].replace('_', ' ')}, sent in each run: {names}"]
        else:
            hidden.setdefault((entry["part"], fields), []).append((entry["instance"], len(entry["objects"])))
    for (part, fields), owners in hidden.items():
        count = sum(number for _owner, number in owners)
        inside = {owner for owner, _number in owners if owner and part != "instances"}
        where = f" in {len(inside)} instance{'s' * (len(inside) != 1)}" if inside else ""
        yield [f"- {part.replace('_', ' ')}: {text(fields)} of {count} object{'s' * (count != 1)}{where}"]


def _notes(plan: Mapping[str, Any]) -> Iterator[list[str]]:
    for entry in plan["notes"]:
        owner = f"{text(entry['instance'])}: " if entry["instance"] else ""
        yield [f"- {owner}{text(shorten(entry['text'], 1000))}"]


def list_names(names: list[str]) -> str:
    """Return the first of many names, and how many more there are."""
    shown = ", ".join(text(shorten(name, LONGEST_VALUE)) for name in names[:MOST_NAMES])
    more = len(names) - MOST_NAMES
    return f"{shown} and {more} more" if more > 0 else shown


def value(entry: Mapping[str, Any], side: str) -> str:
    """Return a value for a table: a secret only as set or not."""
    found = entry[side]
    if entry.get("secret"):
        return "(set)" if found else "(not set)"
    if found is None:
        return "–"
    plain = found if isinstance(found, str) else json.dumps(found, ensure_ascii=False)
    return cell(shorten(plain, LONGEST_VALUE)) if plain else '""'


def shorten(plain: str, longest: int) -> str:
    """Return the beginning of a long text, with its length."""
    return plain if len(plain) <= longest else f"{plain[:longest]}… ({len(plain)} characters)"


def text(plain: Any) -> str:
    """Return a text as it is where nothing in it means anything to Markdown, otherwise as code."""
    found = _line(plain)
    return found if _PLAIN.fullmatch(found) and not found.startswith("_") else _code(found)


def cell(plain: Any) -> str:
    """Return a text for a cell of a table, as code."""
    return _code(_line(plain)).replace("|", "\\|")


def _line(plain: Any) -> str:
    """Return a text in one line, without characters that do something to a screen."""
    return printable(" ".join(str(plain).split()), LARGEST)


def _code(plain: str) -> str:
    longest = max((len(run) for run in re.findall("`+", plain)), default=0)
    fence = "`" * (longest + 1)
    space = " " if plain.startswith("`") or plain.endswith("`") or not plain else ""
    return f"{fence}{space}{plain}{space}{fence}"
