# SPDX-License-Identifier: GPL-3.0-or-later
"""What the result of a cell of the matrix must be.

The counters:

* ``internal_errors``: a run that says "Internal error", lets an exception escape, does not end, or has a useless error
  text: empty, a traceback, endless, with control characters.
* ``false_ok``: a run that reports success while the platform, once all of its jobs are over, is not in the same state
  as after the same run without a fault.
* ``duplicates``: a job that was executed more often than without a fault, or an object that exists twice.
* ``not_converged``: the second run, without a fault, fails or ends in another state than a run without a fault; or a
  third run of a state module reports a change.

A case that changes something with every run (a restart) may do its work again in the second run.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from pathlib import Path
from typing import Any

from cases import Case, Play, Run, Unfit
from cells import JOB_KINDS, Cell
from state import differences, digest, jobs, objects
from virtual import Platform, Runaway

COUNTERS = ("internal_errors", "false_ok", "duplicates", "not_converged")
_SHORTEST_MESSAGE, _LONGEST_MESSAGE = 10, 10_000
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


@dataclass
class Sight:
    """The state at one moment: of the site, and of the files that the task writes."""

    lines: list[str]
    jobs: Counter[tuple[str, str]]


@dataclass
class Reference:
    """A case without a fault: the operations it calls and how often, and the state before and after one run and after
    two.

    ``untouched`` is the state without any run after the jobs of earlier tasks are over: if such a job is still running,
    as for a task that stops it, the task may be too late, and this end is also valid.
    """

    operations: Counter[str]
    first: Run
    second: Run
    before: Sight
    after: Sight
    after_two: Sight
    untouched: Sight

    @property
    def goes_on(self) -> bool:
        return self.untouched.lines != self.before.lines

    @property
    def repeats(self) -> bool:
        return self.second.changed or self.second.failed


@dataclass
class Verdict:
    """The problem of a cell: ``(counter, text)``; ``message`` is that of the run with the fault."""

    message: str = ""
    problems: list[tuple[str, str]] = field(default_factory=list)

    def add(self, counter: str, text: str) -> None:
        self.problems.append((counter, text))


class Judge:
    """Runs cells on one platform, and returns their problems."""

    def __init__(self, platform: Platform, folder: Path) -> None:
        self.platform, self.folder = platform, folder
        self._references: dict[tuple[str, bool], Reference] = {}

    def reference(self, case: Case, broken: bool = False) -> Reference:
        """Return the runs of a case without a fault. Raises :class:`Unfit` if the first one fails."""
        key = case.name, broken
        if key not in self._references:
            Play(self.platform, case, self.folder)
            self.platform.settle()
            untouched = self.look(broken)
            play = Play(self.platform, case, self.folder)
            before, begun = self.look(broken), len(self.platform.requests)
            first = play.run()
            called = [entry["operation_id"] for entry in self.platform.requests[begun:]]
            if first.failed:
                raise Unfit(f"{case.name}: fails without any fault: {first.message}")
            self.platform.settle()
            after = self.look(broken)
            second = play.run()
            self.platform.settle()
            two = self.look(broken)
            self._references[key] = Reference(Counter(called), first, second, before, after, two, untouched)
        return self._references[key]

    def judge(self, cell: Cell) -> Verdict:
        """Run a cell: once with its fault, then without until nothing changes any more."""
        verdict = Verdict()
        broken = cell.fault == "node_down"
        expected = self.reference(cell.case, broken)
        play = Play(self.platform, cell.case, self.folder)
        self.platform.simulator.faults.add_all(cell.rules)
        try:
            first = play.run()
            verdict.message = first.message
            check_texts(first, verdict)
            self._recover(cell)
            seen = self.look(broken)
            if not first.failed and not self._is_promise(cell, play):
                self._check_success(expected, first, seen, verdict)
            _check_duplicates((expected.before, expected.untouched, expected.after), seen, verdict, "the run")
            self._check_second(cell, play, expected, broken, verdict)
        except Runaway as error:
            verdict.add("internal_errors", str(error))
        return verdict

    def look(self, broken: bool = False) -> Sight:
        """Return the current state. Only the first bytes of files count: the rest of a workbook depends on the time."""
        files = [f"file {path.name} = {path.read_bytes()[:4]!r}" for path in sorted(self.folder.iterdir())]
        return Sight([*digest(self.platform.site, broken), *files], jobs(self.platform.site))

    def _recover(self, cell: Cell) -> None:
        self.platform.simulator.faults.clear()
        self.platform.settle()
        if cell.fault == "node_down":
            instances = [instance.name for instance in self.platform.site.instances.values() if instance.nodes]
            self.platform.load(
                {"node_failures": [{"instance": name, "node": 0, "recovered": True} for name in instances]}
            )

    @staticmethod
    def _is_promise(cell: Cell, play: Play) -> bool:
        """Whether the task does not wait, so it cannot report the later outcome of its job."""
        waits = all(arguments.get("wait", True) for arguments in play.rounds)
        return not waits and any(kind in cell.fault for kind in JOB_KINDS)

    @staticmethod
    def _check_success(expected: Reference, first: Run, seen: Sight, verdict: Verdict) -> None:
        if seen.lines != expected.after.lines and not (expected.goes_on and seen.lines == expected.untouched.lines):
            verdict.add(
                "false_ok", f"ok (changed={first.changed}), but {differences(expected.after.lines, seen.lines)}"
            )
        elif (
            expected.first.changed
            and not first.changed
            and seen.lines not in (expected.before.lines, expected.untouched.lines)
        ):
            verdict.add("false_ok", "ok with changed=false, but the run has changed the platform")

    def _check_second(self, cell: Cell, play: Play, expected: Reference, broken: bool, verdict: Verdict) -> None:
        second = play.run()
        check_texts(second, verdict, "the second run: ")
        if second.failed and not expected.second.failed:
            verdict.add("not_converged", f"the second run fails: {second.message}")
            return
        self.platform.settle()
        seen = self.look(broken)
        wanted = [expected.after.lines]
        wanted += [expected.after_two.lines] if expected.repeats else []
        wanted += [expected.untouched.lines] if expected.goes_on else []
        if seen.lines not in wanted:
            verdict.add("not_converged", f"after the second run: {differences(expected.after.lines, seen.lines)}")
        _check_duplicates((expected.before, expected.untouched, expected.after_two), seen, verdict, "the second run")
        if cell.case.is_state and not expected.repeats and (third := play.run()).changed:
            verdict.add("not_converged", f"the third run changes something again: {_plan_of(third)}")


def check_texts(run: Run, verdict: Verdict, which: str = "") -> None:
    """A failure has one clear message, and never that of a bug."""
    if run.escaped:
        verdict.add("internal_errors", which + run.escaped)
    for result in run.results:
        if problem := problem_of_text(result):
            verdict.add("internal_errors", f"{which}{problem}: {str(result.get('msg'))[:300]!r}")


def problem_of_text(result: Mapping[str, Any]) -> str:
    """Return the problem of the message of a failed result; nothing for a good one."""
    if not result.get("failed"):
        return ""
    text = result.get("msg")
    if not isinstance(text, str) or len(text.strip()) < _SHORTEST_MESSAGE:
        return "no message"
    if text.startswith("Internal error"):
        return "internal error"
    if "Traceback" in text:
        return "a traceback"
    if len(text) > _LONGEST_MESSAGE:
        return f"a message of {len(text)} characters"
    return "control characters" if _CONTROL.search(text) else ""


def _check_duplicates(expected: Sequence[Sight], seen: Sight, verdict: Verdict, when: str) -> None:
    """Compare with the maximum number of each object in the expected states: what a failed run has not removed is not a
    duplicate."""
    for what, found, allowed in (
        ("job", seen.jobs, reduce(or_, (sight.jobs for sight in expected))),
        ("object", objects(seen.lines), reduce(or_, (objects(sight.lines) for sight in expected))),
    ):
        more = {key: count for key, count in (found - allowed).items() if allowed[key]}
        if more:
            verdict.add("duplicates", f"{what} more often than without a fault after {when}: {more}")


def _plan_of(run: Run) -> str:
    return "; ".join(step["summary"] for result in run.results for step in result.get("plan", []))
