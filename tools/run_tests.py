# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the parts of ``make test`` four at a time and add up what they counted: ``run_tests.py [PART ...]``

Each part is a target of the Makefile whose output ends in "N passed, N failed". Its log goes to build/logs/PART.log. If
the part fails, its failures are shown. The last line printed is the sum.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass

from common import BUILD, ROOT

# The longest first, so that the workers end at about the same time. There are more workers than cores on a small
# machine, because a part often waits for the simulator.
PARTS = (
    "integration",
    "system",
    "system-upgrade",
    "system-dr",
    "system-day2",
    "sanity",
    "sanity-oldest",
    "faults-sample",
    "integration-process",
    "simulator-test",
    "properties",
    "molecule",
    "gitops",
    "events",
    "awx-sample",
    "awx-content",
    "browser",
    "unit",
    "lint",
    "contract",
    "importer",
    "docs-lint",
)
LOGS = BUILD / "logs"

# Maximum lines of a log to show: around a failure, or the last ones if no failure is found.
MOST_LINES, LINES_BEFORE, LINES_AFTER, LAST_LINES = 400, 25, 10, 80

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
# pytest reports its failures between two of these.
_PYTEST_SECTION = re.compile(r"=+ (FAILURES|ERRORS|short test summary info) =+")
_PYTEST_RULE = re.compile(r"=+ .+ =+|=+")
# A playbook. Many tasks of the tests should fail: the actual failure is the last one before the recap.
_TASK_FAILED = re.compile(r"(fatal|failed): \[")
_IGNORED = "...ignoring"
_RECAP_FAILED = re.compile(r"\S+ +: ok=.*\b(failed|unreachable)=[1-9]")
# Linters, ansible-test and make.
_CHECK_FAILED = re.compile(
    r"(FAILED|ERROR:|CRITICAL|Traceback|make: \*\*\*)|\S+:\d+(:\d+)?: (error|[A-Z]+\d+)\b|.+ is not called by|No "
    r"target has"
)


@dataclass(frozen=True)
class Outcome:
    """The counts of one part, its duration, and the processor time of all its processes, in seconds.

    Other work on the machine changes the duration but hardly the processor time.
    """

    part: str
    status: int
    passed: int
    failed: int
    skipped: int
    seconds: float
    cpu: float


def run_part(part: str) -> Outcome:
    """Run one target of the Makefile and read its counts."""
    started = time.monotonic()
    log = LOGS / f"{part}.log"
    # A separate run for every part: the flags of the calling make refer to its own jobs.
    environment = {
        name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")
    }
    with log.open("wb") as output:
        command = ["make", "--no-print-directory", part]
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
        )
        # Unlike Popen.wait, it returns what this process and those that it waited for have used.
        _pid, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    passed, failed, skipped = read_counts(log.read_text(encoding="utf-8", errors="replace"))
    if process.returncode and not failed:
        failed = 1
    seconds, cpu = time.monotonic() - started, usage.ru_utime + usage.ru_stime
    return Outcome(part, process.returncode, passed, failed, skipped, seconds, cpu)


def read_counts(text: str) -> tuple[int, int, int]:
    """Return passed, failed and skipped of the last closing line; pytest's errors are failures."""
    for line in reversed(text.splitlines()):
        counts = {word: int(number) for number, word in re.findall(r"(\d+) (passed|failed|skipped|errors?)\b", line)}
        if counts and re.search(r"\d+ (passed|failed|errors?|skipped)", line):
            failed = counts.get("failed", 0) + counts.get("error", 0) + counts.get("errors", 0)
            return counts.get("passed", 0), failed, counts.get("skipped", 0)
    return 0, 0, 0


def what_failed(text: str) -> str:
    """Return the lines of a log that show the failures, with context: of pytest, playbooks and linters.

    If there are too many, the first ones are shown; if there are none, the end of the log.
    """
    lines = _COLOUR.sub("", text).splitlines()
    found = _of_pytest(lines) or _around(_failed_tasks(lines), lines) or _around(_failed_checks(lines), lines)
    found = found or list(range(max(0, len(lines) - LAST_LINES), len(lines)))
    shown, previous = [], -1
    for number in [*found[:MOST_LINES], len(lines)]:
        if number > previous + 1:
            shown.append(f"[lines {previous + 2} to {number} are left out]")
        shown += lines[number : number + 1]
        previous = number
    return "\n".join(shown)


def _of_pytest(lines: list[str]) -> list[int]:
    """The summary lists all failed tests, so it is kept complete and the details are cut."""
    sections: dict[str, list[int]] = {}
    name = ""
    for number, line in enumerate(lines):
        match = _PYTEST_SECTION.fullmatch(line)
        if match or _PYTEST_RULE.fullmatch(line):
            name = match[1] if match else ""
        if name:
            sections.setdefault(name, []).append(number)
    summary = sections.pop("short test summary info", [])[:MOST_LINES]
    details = [number for numbers in sections.values() for number in numbers]
    return sorted([*details[: MOST_LINES - len(summary)], *summary])


def _failed_tasks(lines: list[str]) -> list[int]:
    """Return the last task that failed before each recap with a failure, and the recap."""
    found, last = [], None
    for number, line in enumerate(lines):
        if _TASK_FAILED.match(line) and _IGNORED not in lines[number + 1 : number + 2]:
            last = number
        elif _RECAP_FAILED.match(line):
            found += [number] if last is None else [last, number]
            last = None
    return found


def _failed_checks(lines: list[str]) -> list[int]:
    return [number for number, line in enumerate(lines) if _CHECK_FAILED.match(line)]


def _around(numbers: list[int], lines: list[str]) -> list[int]:
    near = (range(max(0, number - LINES_BEFORE), min(len(lines), number + LINES_AFTER + 1)) for number in numbers)
    return sorted({number for each in near for number in each})


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--jobs", type=int, default=4, help="parts that run at the same time (default: 4)")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)} (default: all)")
    arguments = parser.parse_args()
    LOGS.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    outcomes = []
    with ThreadPoolExecutor(arguments.jobs) as pool:
        for future in as_completed([pool.submit(run_part, part) for part in arguments.parts or PARTS]):
            outcome = future.result()
            outcomes.append(outcome)
            took = f"{outcome.seconds:.0f} s, {outcome.cpu:.0f} s of processor time"
            print(f"{'ok    ' if not outcome.failed else 'FAILED'} {outcome.part} ({took})", flush=True)
            if outcome.failed:
                print(f"---- what failed, of build/logs/{outcome.part}.log")
                print(what_failed((LOGS / f"{outcome.part}.log").read_text(encoding="utf-8", errors="replace")))
                print(f"---- end of what failed, of build/logs/{outcome.part}.log", flush=True)
    print_table(outcomes, time.monotonic() - started)
    passed, failed, skipped = (
        sum(getattr(outcome, field) for outcome in outcomes) for field in ("passed", "failed", "skipped")
    )
    print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    return 1 if failed or not passed else 0


def print_table(outcomes: list[Outcome], seconds: float) -> None:
    print(f"\n{'part':22}{'passed':>8}{'failed':>8}{'skipped':>9}{'seconds':>9}{'cpu':>9}")
    for outcome in sorted(outcomes, key=lambda each: PARTS.index(each.part) if each.part in PARTS else 99):
        counts = f"{outcome.passed:8}{outcome.failed:8}{outcome.skipped:9}"
        print(f"{outcome.part:22}{counts}{outcome.seconds:9.0f}{outcome.cpu:9.0f}")
    print(f"{'all':22}{'':25}{seconds:9.0f}{sum(outcome.cpu for outcome in outcomes):9.0f}\n")


if __name__ == "__main__":
    sys.exit(main())
