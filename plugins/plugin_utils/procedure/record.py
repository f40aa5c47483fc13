# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The record of a procedure: what it was asked to do, what it saw and did, and how it ended.

It is plain data with codes and values, and is what the JSON file of a run holds. It is complete at any moment: a run
that dies leaves the step that it was in.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timezone
from typing import Any

from ansible_collections.gaussdb.tpops.plugins.module_utils.util.values import is_number

# Version of the format. Raise it with each incompatible change.
SCHEMA = 2

RUNNING = "running"
# Outcomes with which a run fails, so that a wave counts them.
BAD = ("held", "rolled_back", "failed")
GOOD = ("unchanged", "planned", "done", "paused")
OUTCOMES = (*GOOD, *BAD)

Data = Mapping[str, Any]


def utc_now() -> datetime:
    """Return the time of the controller, which is that of all times in a record."""
    return datetime.now(timezone.utc)


def stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


class Record:
    """A record in the making. ``data`` is the record itself, ``step_began`` the exact begin of its running step."""

    def __init__(self, data: dict[str, Any], step_began: float | None = None) -> None:
        self.data = data
        self.step_began = step_began

    @classmethod
    def begin(
        cls,
        moment: datetime,
        *,
        procedure: str,
        subject: str,
        members: Data,
        before: Data,
        figures: Sequence[Data] = (),
        samples: Iterable[Data] = (),
        **more: Any,
    ) -> Record:
        """Return the record of a run that begins.

        ``members`` are the instances by site, ``before`` is the state that was seen, ``figures`` are what is plotted:
        ``name``, ``unit`` and ``limit``. ``more`` are further facts, such as ``request`` and ``tools``.
        """
        record = cls(
            {
                "schema": SCHEMA,
                "procedure": procedure,
                "subject": subject,
                "members": dict(members),
                "began": stamp(moment),
                "ended": "",
                "outcome": RUNNING,
                "end_state": [],
                "good_end": False,
                "changed": False,
                "before": dict(before),
                "after": {},
                "loss": {},
                "steps": [],
                "gates": [],
                "baseline": {},
                "verification": [],
                "comparisons": [],
                "diagnosis": [],
                "notes": [],
                "figures": [{**figure, "samples": []} for figure in figures],
                **more,
            }
        )
        record.add_samples(samples)
        return record

    @property
    def step(self) -> dict[str, Any] | None:
        """The step that runs, if any."""
        last: dict[str, Any] | None = self.data["steps"][-1] if self.data["steps"] else None
        return last if last and last["outcome"] == RUNNING else None

    def begin_step(self, moment: datetime, name: str, site: str = "", about: Sequence[str] = ()) -> None:
        """End the running step, and begin the next one, which is ``about`` these parts of the subject."""
        self.end_step(moment)
        self.data["steps"].append(
            {
                "name": name,
                "site": site,
                "instance": self.data["members"].get(site, ""),
                "about": list(about),
                "began": stamp(moment),
                "ended": "",
                "seconds": None,
                "outcome": RUNNING,
                "message": "",
                "reasons": {},
                "changed": False,
                "operations": [],
                "jobs": [],
            }
        )
        self.step_began = moment.timestamp()

    def add_result(self, result: Data) -> None:
        """Add what a module has returned, or its results in a loop, to the running step."""
        step = self.step
        for each in result.get("results") or [result]:
            site = self._site_of(each.get("item")) or (step or {}).get("site", "")
            self.add_samples({"site": site, **sample} for sample in each.get("samples") or ())
            if step is not None:
                step["changed"] = step["changed"] or bool(each.get("changed"))
                step["operations"] += [entry["operation"] for entry in each.get("plan") or ()]
                # A job that was read again takes the place of what was known of it.
                jobs = each.get("jobs") or []
                again = {job.get("id") for job in jobs}
                step["jobs"] = [job for job in step["jobs"] if job.get("id") not in again] + jobs
            self.data["changed"] = self.data["changed"] or bool(each.get("changed"))

    def _site_of(self, item: Any) -> str:
        """Return the site of an item of a loop over members or sites."""
        site = item.get("site") if isinstance(item, Mapping) else item
        return str(site) if site in self.data["members"] else ""

    def add_samples(self, samples: Iterable[Data]) -> None:
        """Add figures: each sample has a ``time``, a ``site``, and numbers by the names of figures."""
        for sample in samples:
            for figure in self.data["figures"]:
                value = sample.get(figure["name"])
                entry = {"time": sample.get("time"), "site": sample.get("site", ""), "value": value}
                if is_number(value):
                    figure["samples"].append(entry)

    def fail_step(self, moment: datetime, failure: Data) -> None:
        """End the running step with what a failed task has returned."""
        # Without a step the failure is between the steps.
        if self.step is None:
            self.begin_step(moment, "between")
        self.add_result(failure)
        self.end_step(moment, message_of(failure))

    def end_step(self, moment: datetime, message: str = "") -> None:
        step = self.step
        if step is None:
            return
        step["ended"] = stamp(moment)
        step["seconds"] = round(max(moment.timestamp() - (self.step_began or moment.timestamp()), 0), 1)
        step["message"] = message
        step["reasons"] = step["reasons"] if message else {}
        changed = step.pop("changed")
        step["outcome"] = "failed" if message else "changed" if changed else "ok"
        self.step_began = None

    def add(self, entries: Data) -> None:
        """Add ``gates``, ``comparisons``, ``verification``, ``diagnosis`` and ``notes``, the first three with the site
        of the running step; set ``loss``. A verification takes the place of an earlier one of the same site."""
        site = (self.step or {}).get("site", "")
        for name, value in entries.items():
            self._keep_reasons(name, value)
            if name == "loss":
                self.data[name] = copy.deepcopy(value)
            elif name in ("notes", "diagnosis"):
                self.data[name] += value
            else:
                others = [entry for entry in self.data[name] if name != "verification" or entry["site"] != site]
                self.data[name] = others + [{**entry, "site": site} for entry in value]

    def judge(self, gates: Sequence[Data]) -> None:
        """Add ``gates``, in place of what the running step has found before."""
        step, again = len(self.data["steps"]), {entry["name"] for entry in gates}
        self.data["gates"] = [
            entry for entry in self.data["gates"] if (entry["step"], entry["name"] in again) != (step, True)
        ]
        self.add({"gates": [{**entry, "step": step} for entry in gates]})

    def _keep_reasons(self, name: str, entries: Any) -> None:
        """Keep in the running step which of these entries are why it fails, if any is."""
        if self.step is not None and name in ("gates", "verification", "comparisons"):
            failed = [each for each in entries if each.get("outcome", each.get("passed")) in ("failed", False)]
            others = {key: value for key, value in self.step["reasons"].items() if key != name}
            self.step["reasons"] = {**others, name: failed} if failed else others

    def end(
        self, moment: datetime, *, after: Data, end_state: Sequence[Any], good_end: bool, outcome: str = ""
    ) -> None:
        """End the run. ``outcome`` is given by a procedure that knows more than its steps say, such as ``paused``."""
        self.end_step(moment)
        self.data |= {
            "ended": stamp(moment),
            "after": dict(after),
            "end_state": list(end_state),
            "good_end": bool(good_end),
        }
        self.data["outcome"] = outcome or outcome_of(self.data)
        for figure in self.data["figures"]:
            figure["samples"].sort(key=lambda sample: str(sample["time"]))


def outcome_of(record: Data) -> str:
    """Return the outcome that follows from the steps and gates of a run.

    A gate that fails before anything was changed holds the run: a person decides.
    """
    if any(step["outcome"] == "failed" for step in record["steps"]):
        stopped = any(gate["outcome"] == "failed" for gate in record["gates"])
        return "held" if stopped and not record["changed"] else "failed"
    if not record["changed"]:
        return "unchanged"
    return "planned" if record.get("check_mode") else "done"


def message_of(failure: Data) -> str:
    """Return why a task has failed, for a loop why its first failed item has."""
    for each in failure.get("results") or ():
        if each.get("failed"):
            return message_of(each)
    return str(failure.get("msg") or failure.get("reason") or "failed")
