# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the parts of ``make test`` three at a time and add up what they counted: ``run_tests.py [PART ...]``

Each part is a target of the Makefile whose output ends in "N passed, N failed". Its log goes to build/logs/PART.log and
is shown when the part fails. The last line printed is the sum.
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

# The longest first, so that the workers end at about the same time. There are more of them than a small machine has
# cores: much of its time a part waits for the simulator.
PARTS = (
    "integration-process",
    "integration",
    "molecule",
    "system-dr",
    "sanity-oldest",
    "sanity",
    "system",
    "browser",
    "simulator-test",
    "unit",
    "lint",
    "contract",
    "importer",
    "docs-lint",
)
LOGS = BUILD / "logs"


@dataclass(frozen=True)
class Outcome:
    """What one part counted, and how long it took in seconds."""

    part: str
    status: int
    passed: int
    failed: int
    skipped: int
    seconds: float


def run_part(part: str) -> Outcome:
    """Run one target of the Makefile and read its counts."""
    started = time.monotonic()
    log = LOGS / f"{part}.log"
    # A run of its own for every part: the flags of the make that started us speak of its own jobs.
    environment = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")}
    with log.open("wb") as output:
        command = ["make", "--no-print-directory", part]
        status = subprocess.run(
            command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, check=False
        ).returncode
    passed, failed, skipped = read_counts(log.read_text(encoding="utf-8", errors="replace"))
    if status and not failed:
        failed = 1
    return Outcome(part, status, passed, failed, skipped, time.monotonic() - started)


def read_counts(text: str) -> tuple[int, int, int]:
    """Return passed, failed and skipped of the last closing line; pytest's errors are failures."""
    for line in reversed(text.splitlines()):
        counts = {word: int(number) for number, word in re.findall(r"(\d+) (passed|failed|skipped|errors?)\b", line)}
        if counts and re.search(r"\d+ (passed|failed|errors?|skipped)", line):
            failed = counts.get("failed", 0) + counts.get("error", 0) + counts.get("errors", 0)
            return counts.get("passed", 0), failed, counts.get("skipped", 0)
    return 0, 0, 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--jobs", type=int, default=3, help="parts that run at the same time (default: 3)")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)} (default: all)")
    arguments = parser.parse_args()
    LOGS.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    outcomes = []
    with ThreadPoolExecutor(arguments.jobs) as pool:
        for future in as_completed([pool.submit(run_part, part) for part in arguments.parts or PARTS]):
            outcome = future.result()
            outcomes.append(outcome)
            print(f"{'ok    ' if not outcome.failed else 'FAILED'} {outcome.part} ({outcome.seconds:.0f} s)", flush=True)
            if outcome.failed:
                print(f"---- build/logs/{outcome.part}.log")
                print((LOGS / f"{outcome.part}.log").read_text(encoding="utf-8", errors="replace")[-20000:])
                print(f"---- end of build/logs/{outcome.part}.log", flush=True)
    print_table(outcomes, time.monotonic() - started)
    passed, failed, skipped = (sum(getattr(outcome, field) for outcome in outcomes) for field in ("passed", "failed", "skipped"))
    print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    return 1 if failed or not passed else 0


def print_table(outcomes: list[Outcome], seconds: float) -> None:
    print(f"\n{'part':22}{'passed':>8}{'failed':>8}{'skipped':>9}{'seconds':>9}")
    for outcome in sorted(outcomes, key=lambda each: PARTS.index(each.part) if each.part in PARTS else 99):
        print(f"{outcome.part:22}{outcome.passed:8}{outcome.failed:8}{outcome.skipped:9}{outcome.seconds:9.0f}")
    print(f"{'all':22}{'':25}{seconds:9.0f}\n")


if __name__ == "__main__":
    sys.exit(main())
