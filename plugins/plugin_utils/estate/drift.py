# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A plan as a verdict: in step, drift, or cannot tell. One record for a platform, one document for those of a run."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.estate import INSTANCES

from .baseline import Entry
from .document import noun, summary

FORMAT = 1
IN_STEP, DRIFT, CANNOT_TELL = "in_step", "drift", "cannot_tell"
# The worst last: it is the verdict over several platforms.
VERDICTS = (IN_STEP, DRIFT, CANNOT_TELL)
DIFFERENCE, UNDESCRIBED, PENDING = "difference", "undescribed", "pending"


def judge(
    plan: Mapping[str, Any],
    entries: Sequence[Entry],
    parts: Collection[tuple[str, str]],
    now: datetime,
    count_pending: bool = False,
) -> dict[str, Any]:
    """Return the verdict about a platform, with everything that it rests on.

    ``parts`` are those that the description has, each with its instance: what it lacks of them is drift, and what it
    lacks of others is only reported.
    """
    site, today = str(plan["site"]), now.date()
    own = [entry for entry in entries if entry.is_for(site)]
    expired = [entry for entry in own if entry.is_expired(today)]
    valid = [entry for entry in own if entry not in expired]
    drift: list[dict[str, Any]] = []
    accepted: list[dict[str, Any]] = []
    reported: list[dict[str, Any]] = []
    used: set[str] = set()
    for finding, counts in _findings(plan, parts, count_pending):
        if not counts:
            reported.append(finding)
            continue
        rest, taken = _split(finding, valid)
        drift += rest
        accepted += taken
        used.update(each["accepted"]["entry"] for each in taken)
    verdict = CANNOT_TELL if not plan["complete"] else DRIFT if drift else IN_STEP
    return {
        "verdict": verdict,
        "checked": now.isoformat(timespec="seconds"),
        "digest": plan["digest"],
        "instances": plan["instances"],
        "drift": drift,
        "accepted": accepted,
        "reported": reported,
        "unsettled": plan["unsettled"],
        "failures": plan["failures"],
        "expired": [entry.as_data() for entry in expired],
        # What could not be read may be what an entry is about.
        "unused": [entry.as_data() for entry in valid if plan["complete"] and entry.path not in used],
    }


def not_compared() -> dict[str, Any]:
    """Return the record of a platform whose turn has not come yet: all that is left of it when the run is killed."""
    lists = ("instances", "drift", "accepted", "reported", "unsettled", "failures", "expired", "unused")
    return {"verdict": CANNOT_TELL, "checked": None, "digest": None, **{name: [] for name in lists}}


def _findings(
    plan: Mapping[str, Any], parts: Collection[tuple[str, str]], count_pending: bool
) -> Iterator[tuple[dict[str, Any], bool]]:
    """Yield everything that is not as described, and whether it counts."""
    for entry in plan["differences"]:
        yield {"kind": DIFFERENCE, **entry}, True
    for entry in plan["undescribed"]:
        place = (entry["part"], entry["instance"])
        for name in entry["names"]:
            finding = {"kind": UNDESCRIBED, **dict(zip(("part", "instance"), place)), "object": name, "fields": []}
            yield finding, place in parts
    for entry in plan["pending"]:
        field = {"name": entry["field"], "before": entry["before"], "after": entry["after"]}
        what = {"part": INSTANCES, "instance": entry["instance"], "object": entry["instance"], "fields": [field]}
        more = {name: entry[name] for name in ("path", "playbook", "window") if name in entry}
        yield {"kind": PENDING, **what, **more}, count_pending


def _split(finding: Mapping[str, Any], entries: Sequence[Entry]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return what is left of a finding, and what of it each entry accepts."""
    if not finding["fields"]:
        entry = next((entry for entry in entries if entry.covers(finding)), None)
        return ([], [_accepted(finding, entry, [])]) if entry else ([dict(finding)], [])
    rest: list[Any] = []
    taken: dict[str, tuple[Entry, list[Any]]] = {}
    for field in finding["fields"]:
        entry = next((entry for entry in entries if entry.covers(finding, field)), None)
        if entry:
            taken.setdefault(entry.path, (entry, []))[1].append(field)
        else:
            rest.append(field)
    left = [{**finding, "fields": rest}] if rest else []
    return left, [_accepted(finding, entry, fields) for entry, fields in taken.values()]


def _accepted(finding: Mapping[str, Any], entry: Entry, fields: list[Any]) -> dict[str, Any]:
    by = {"entry": entry.path, "reason": entry.data["reason"], "until": entry.data["until"]}
    return {**finding, "fields": fields, "accepted": by}


# What is shown


def lines(site: str, record: Mapping[str, Any]) -> Iterator[str]:
    """Yield the lines about a platform, the verdict last."""
    # Each failure has a line of its own.
    yield from (f"{name}: {text}" for name, text in summary({**as_plan(site, record), "failures": []}))
    yield from (f"{owner}: not described: {text}" for owner, text in undescribed(site, record["drift"]))
    yield from (f"{each['path'] or site}: {each['reason']}" for each in record["failures"])
    yield from (f"{each['entry']} expired on {each['until']}: {each['reason']}" for each in record["expired"])
    yield from (f"{each['entry']} accepts nothing any more: {each['reason']}" for each in record["unused"])
    yield verdict_line(site, record)


def as_plan(site: str, record: Mapping[str, Any]) -> dict[str, Any]:
    """Return what has drifted as a plan has it, with all that is pending."""
    pending = [each for each in (*record["drift"], *record["reported"]) if each["kind"] == PENDING]
    more = {each["instance"] for each in record["drift"] if each["kind"] == UNDESCRIBED}
    return {
        "site": site,
        # A plan would call an instance in step that has more than is described.
        "instances": [name for name in record["instances"] if name not in more],
        **{name: record[name] for name in ("failures", "unsettled")},
        "differences": [each for each in record["drift"] if each["kind"] == DIFFERENCE],
        "pending": [{**each, "field": field["name"], **field} for each in pending for field in each["fields"]],
    }


def undescribed(site: str, findings: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """Return, for the platform and each instance, what the description lacks."""
    owners: dict[str, list[str]] = {}
    for each in findings:
        if each["kind"] == UNDESCRIBED:
            owners.setdefault(each["instance"] or site, []).append(f"{noun(each['part'])} {each['object']}")
    return [(owner, ", ".join(names)) for owner, names in owners.items()]


def verdict_line(site: str, record: Mapping[str, Any]) -> str:
    """Return the verdict about a platform in one sentence."""
    drift = ", ".join(count(record["drift"]))
    more = [f"{len(record['accepted'])} accepted"] if record["accepted"] else []
    more += [f"{text} not counted" for text in count(record["reported"])]
    if record["verdict"] == CANNOT_TELL:
        number = len(record["failures"])
        why = f"for {number} reason{'s' * (number != 1)}" if number else "because it was not compared"
        begin = f"Cannot tell whether {site} is in step with its description, {why}"
        more = [f"{drift} known so far"] if drift else []
    elif drift:
        begin = f"{site} has drifted: {drift}"
    else:
        begin = f"{site} is in step with its description"
    return f"{begin} ({', '.join(more)})" if more else begin


def count(findings: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return how many findings there are of each kind."""
    found = Counter(each["kind"] for each in findings)
    plural = "s" * (found[DIFFERENCE] != 1)
    words = {DIFFERENCE: f"difference{plural}", UNDESCRIBED: "undescribed", PENDING: "pending"}
    return [f"{found[kind]} {word}" for kind, word in words.items() if found[kind]]


# The document of a run


def document(sites: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return the content of ``drift.json``."""
    worst = max((record["verdict"] for record in sites.values()), key=VERDICTS.index)
    return {"format": FORMAT, "verdict": worst, "sites": dict(sites)}


def as_text(whole: Mapping[str, Any]) -> str:
    # A value in a baseline may be a date.
    return json.dumps(whole, indent=2, ensure_ascii=False, default=str) + "\n"


@contextmanager
def records_of_run(folder: str, dest: str) -> Iterator[dict[str, Any]]:
    """Yield the records that the platforms of a run have so far, for one file, and keep what becomes of them.

    Platforms are compared by processes of their own. They meet in a file of the run's temporary ``folder``, one at a
    time: what an earlier run has left behind in ``dest`` is never read.
    """
    name = hashlib.sha256(os.path.realpath(dest).encode("utf-8", "surrogateescape")).hexdigest()
    handle = os.open(os.path.join(folder, f"gaussdb_drift_{name}"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "r+", encoding="utf-8") as file:
        # Closing the file releases the lock.
        fcntl.flock(file, fcntl.LOCK_EX)
        records: dict[str, Any] = json.loads(file.read() or "{}")
        yield records
        file.seek(0)
        file.write(as_text(records))
        file.truncate()
