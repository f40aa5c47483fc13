# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A plan as data: what ``plan.json`` holds, its digest, and its summary."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.estate import (
    INSTANCES,
    PARTS,
    children_of,
    part_named,
)
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.estate_tasks import top_of

from .pending import line_of
from .survey import Survey

FORMAT = 1
# The sections of which the summary speaks.
_SAID = ("differences", "pending", "failures", "unsettled")
_MARKS = {"created": "+", "updated": "~", "removed": "-"}
_WORDS = {"created": "new", "updated": "changed", "removed": "removed"}
_OF_INSTANCE = (INSTANCES, *(part.name for part in children_of(INSTANCES)))
# Fields whose values the platform gives out: a change of one counts, but not what it is.
_ID = re.compile(r"(.*_)?ids?")


def build(site: str, survey: Survey, censor: Callable[[Any], Any]) -> dict[str, Any]:
    """Return a plan. ``censor`` removes secrets that something quotes."""
    found = survey.found
    plan: dict[str, Any] = {
        "format": FORMAT,
        "site": site,
        "complete": not found.failures,
        "in_step": not (found.differences or found.pending or found.failures),
        "instances": survey.instances,
        "differences": found.differences,
        "pending": found.pending,
        "failures": found.failures,
        "unsettled": survey.unsettled,
        "to_confirm": survey.to_confirm,
        "undescribed": survey.undescribed,
        "not_compared": group(found.not_compared),
        "notes": found.notes,
        "steps": found.steps,
    }
    plan = dict(censor(plan))
    return {**plan, "digest": digest(plan)}


def group(entries: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return what cannot be compared with one entry for the objects of a part that lack the same fields."""
    groups: dict[str, dict[str, Any]] = {}
    for entry in entries:
        shared = {name: value for name, value in entry.items() if name != "object"}
        key = _text(shared)
        groups.setdefault(key, {**shared, "objects": []})["objects"].append(entry["object"])
    return list(groups.values())


def digest(plan: Mapping[str, Any]) -> str:
    """Return what two plans have in common that do the same to the same objects.

    It depends on objects, fields and their values before and after, and on what is sent or could not be read; neither
    on order nor on IDs, and secrets are no part of a plan.
    """
    whole = "\n".join([_text(plan["site"]), *sorted(line for line, _words in _statements(plan))])
    return f"sha256:{hashlib.sha256(whole.encode('utf-8', 'surrogatepass')).hexdigest()}"


def _statements(plan: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield all that a plan does: as a line of the digest, and in words."""
    for entry in plan["differences"]:
        what = " ".join(filter(None, (noun(entry["part"]), entry["object"], _WORDS[entry["outcome"]])))
        where = f"{entry['instance'] or plan['site']}: {what}"
        for each in entry["fields"] or [{"name": "", "before": None, "after": None}]:
            before, after = _values(each)
            line = _text(
                entry["part"], entry["instance"], entry["object"], entry["outcome"], each["name"], before, after
            )
            words = f", {each['name']} {_shown(each['before'])} → {_shown(each['after'])}" if each["name"] else ""
            yield line, where + words
    for entry in plan["not_compared"]:
        if entry["sent"]:
            for name in entry["objects"]:
                line = _text(entry["part"], entry["instance"], name, "sent", *sorted(entry["fields"]))
                yield line, f"{entry['instance'] or plan['site']}: {noun(entry['part'])} {name} sent"
    for entry in plan["failures"]:
        line = _text(entry["part"], entry["instance"], entry["path"], entry["kind"])
        yield line, f"{entry['path'] or plan['site']}: {entry['reason']}"


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def compare(approved: Mapping[str, Any], current: Mapping[str, Any]) -> list[str]:
    """Return what is only in one of two plans, in words."""
    old, new = (dict(_statements(plan)) for plan in (approved, current))
    gone = [f"approved, but no longer so: {words}" for line, words in old.items() if line not in new]
    added = [f"not approved: {words}" for line, words in new.items() if line not in old]
    return [*gone, *added]


def read_approved(text: str) -> dict[str, Any]:
    """Return the plan in the text of a ``plan.json``. Raises ``ValueError`` for what this code has not written."""
    plan = json.loads(text)
    try:
        known = plan["format"] == FORMAT and plan["digest"] == digest(plan)
    except (KeyError, TypeError, AttributeError):
        raise ValueError("it is not a plan of gaussdb.tpops.plan") from None
    if not known:
        raise ValueError("it is of another version of gaussdb.tpops.plan, or was changed since")
    if not plan["complete"]:
        raise ValueError("it is not complete")
    return dict(plan)


def parts_to_converge(plan: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return the parts that a run has something to do about, by instance; those of the platform by ``""``.

    What is unsettled or could not be read counts, because a run knows more.
    """
    found: dict[str, set[str]] = {}
    for section in ("differences", "failures"):
        for entry in plan[section]:
            if entry["part"]:
                found.setdefault(entry["instance"], set()).add(top_of(part_named(entry["part"])).name)
    for entry in plan["not_compared"]:
        if entry["sent"]:
            found.setdefault(entry["instance"], set()).add(entry["part"])
    for entry in plan["unsettled"]:
        found.setdefault(entry["instance"], set()).update(_OF_INSTANCE)
    order = [part.name for part in PARTS]
    return {owner: sorted(parts, key=order.index) for owner, parts in found.items()}


def _values(each: Mapping[str, Any]) -> tuple[Any, Any]:
    if _ID.fullmatch(str(each["name"])):
        return None, None
    return _sorted(each["before"]), _sorted(each["after"])


def _sorted(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _sorted(each) for key, each in value.items() if not _ID.fullmatch(str(key))}
    if isinstance(value, (list, tuple)):
        return sorted((_sorted(each) for each in value), key=_text)
    return value


def _text(*values: Any) -> str:
    return json.dumps(values, sort_keys=True, ensure_ascii=True, default=str)


def as_text(plan: Mapping[str, Any]) -> str:
    """Return the content of ``plan.json``."""
    return json.dumps(plan, indent=2, ensure_ascii=False) + "\n"


# The summary


def summary(plan: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return a name and a line for the platform and for each instance about which there is something to say."""
    return [(owner or plan["site"], line) for owner, line in _owners(plan)]


def _owners(plan: Mapping[str, Any]) -> list[tuple[str, str]]:
    owners: dict[str, dict[str, list[Mapping[str, Any]]]] = {name: {} for name in ("", *plan["instances"])}
    for section in _SAID:
        for entry in plan[section]:
            owners.setdefault(entry["instance"], {}).setdefault(section, []).append(entry)
    found = ((owner, ", ".join(_of_owner(owner, said))) for owner, said in owners.items())
    return [(owner, line) for owner, line in found if line]


def lines(plan: Mapping[str, Any]) -> dict[str, str]:
    """Return a line for each instance, whether there is something to say or not, and for the platform by ``""``.

    What is described and neither compared nor sent is named, so that nobody takes it for done.
    """
    said = dict(_owners(plan))
    withheld: dict[str, list[str]] = {}
    for entry in plan["not_compared"]:
        if entry.get("withheld"):
            withheld.setdefault(entry["instance"], []).append(f"{entry['part'].replace('_', ' ')} not sent")
    return {
        name: ", ".join([said.get(name) or "in step", *dict.fromkeys(withheld.get(name, ()))])
        for name in ("", *plan["instances"])
        if name or said.get(name) or withheld.get(name)
    }


def in_step(plan: Mapping[str, Any]) -> list[str]:
    """Return the instances about which the summary says nothing, none where nothing could be compared."""
    if any(not entry["part"] for entry in plan["failures"]):
        return []
    said = {name for name, _line in summary(plan)}
    return [name for name in plan["instances"] if name not in said]


def _of_owner(owner: str, said: Mapping[str, Sequence[Mapping[str, Any]]]) -> Iterator[str]:
    by_part: dict[str, list[Mapping[str, Any]]] = {}
    for entry in said.get("differences", ()):
        by_part.setdefault(entry["part"], []).append(entry)
    for part, entries in by_part.items():
        yield _of_part(part, owner, entries)
    yield from map(line_of, said.get("pending", ()))
    yield from (f"in status {entry['status']}" for entry in said.get("unsettled", ()))
    failures = Counter(entry["kind"] for entry in said.get("failures", ()))
    if failures["refused"]:
        yield f"{failures['refused']} refused"
    if failures["unreadable"]:
        yield f"{failures['unreadable']} not read"


def _of_part(part: str, owner: str, entries: Sequence[Mapping[str, Any]]) -> str:
    restart = " (restart pending)" if any(entry.get("restart_pending") for entry in entries) else ""
    if part == "parameters":
        return f"parameters {len(entries)}{restart}"
    if len(entries) == 1:
        (entry,) = entries
        name = "" if entry["object"] in ("", owner) else f" {entry['object']}"
        return f"{noun(part)}{name} {_WORDS[entry['outcome']]}{restart}"
    counts = Counter(entry["outcome"] for entry in entries)
    marks = [f"{mark}{counts[outcome]}" for outcome, mark in _MARKS.items() if counts[outcome]]
    return f"{part.replace('_', ' ')} {' '.join(marks)}{restart}"


def noun(part: str) -> str:
    """Return the name of one object of a part."""
    words = part.replace("_", " ")
    if part.endswith("ies"):
        return f"{words[:-3]}y"
    if part.endswith("ches"):
        return words[:-2]
    return words.removesuffix("s")
