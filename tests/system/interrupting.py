# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Kills a procedure in each of its steps, or at random moments, and runs it again with the same command."""

from __future__ import annotations

import os
import random
import re
import secrets
import time
from collections.abc import Callable
from typing import Protocol

from conftest import Recap

# Number of rounds with random kills, and the seed of a failure.
ROUNDS = int(os.environ.get("KILL_ROUNDS", "5"))
SEED = os.environ.get("KILL_SEED") or secrets.token_hex(4)

WAITING = "wait for the platform to finish its work"
# The begin of a step, its result with the site that it is about, and the end of the last step.
STEP = re.compile(r"TASK \[gaussdb\.tpops\.\w+ : (?:Step: (.*)|Read the members and end the record)\]")
SITE = re.compile(r"ok: \[\S+ -> ([\w-]+)")
JOB = re.compile(r"gaussdb_\w+ \S+: (\w*GaussDBV5\w*)")


class Stepped(Protocol):
    """Platforms whose time stands still until a run waits for them."""

    def kill_when(self, is_moment: Callable[[str], bool], *arguments: str) -> Recap:
        """Run a playbook, and kill it at the first line of output for which ``is_moment`` is true."""

    def go_on(self, line: str) -> bool:
        """Advance the time once a line says that the run waits."""


class Interruptible(Protocol):
    """Platforms that a run can be killed on after a time."""

    def kill_after(self, seconds: float, *arguments: str) -> Recap:
        """Run a playbook, and kill it if it is still running after this many seconds."""

    def play(self, *arguments: str) -> Recap:
        """Run a playbook to its end."""


class Steps:
    """Kill a procedure in each of its steps: while its job runs, or at the end of a step without a job.

    Time stands still, so that the next run finds the job running, and continues once that run is waiting. A step of
    another site is another step. ``chosen`` says at which moments to kill, by the step and the job.
    """

    def __init__(self, platforms: Stepped, chosen: Callable[[str, str], bool] = lambda step, job: True) -> None:
        self.platforms = platforms
        self.chosen = chosen
        self.killed: dict[str, int] = {}

    def __call__(self, playbook: str, arguments: tuple[str, ...]) -> Recap:
        self.moments: set[tuple[str, str]] = set()
        while True:
            self.step = ""
            self.named = True
            run = self.platforms.kill_when(self.is_new_moment, playbook, *arguments)
            if run.status != -9:
                self.killed[playbook] = len(self.moments)
                return run

    def is_new_moment(self, line: str) -> bool:
        if found := STEP.match(line):
            ended, self.step, self.named = self.step, found[1] or "", False
            # The step after a kill is not counted separately.
            new = not ended.startswith(WAITING) and ended not in {"", *(step for step, _job in self.moments)}
            return new and self.note(ended, "")
        if (found := SITE.match(line)) and not self.named:
            self.step, self.named = f"{self.step} at {found[1]}", True
        if (found := JOB.match(line)) and (self.step, found[1]) not in self.moments and self.note(self.step, found[1]):
            return True
        return self.platforms.go_on(line)

    def note(self, step: str, job: str) -> bool:
        if not self.chosen(step, job):
            return False
        self.moments.add((step, job))
        return True


class Moments:
    """Kill a procedure at a moment within the duration of the longest run so far."""

    def __init__(self, platforms: Interruptible, round_number: int, *first: str) -> None:
        """``first`` is run to its end, to know a duration."""
        print(f"KILL_SEED={SEED}, round {round_number}")
        self.platforms, self.chance = platforms, random.Random(f"{SEED}:{round_number}")
        self.hits = 0
        self.longest = 0.0
        self.whole(*first)

    def __call__(self, playbook: str, arguments: tuple[str, ...]) -> Recap:
        self.kill(playbook, *arguments)
        return self.whole(playbook, *arguments)

    def several(self, playbook: str, *arguments: str) -> Recap:
        """Kill up to three runs one after the other, and return the one that comes after them."""
        for _time in range(self.chance.randint(1, 3)):
            self.kill(playbook, *arguments)
        return self.whole(playbook, *arguments)

    def kill(self, playbook: str, *arguments: str) -> Recap:
        seconds = self.chance.uniform(0, self.longest)
        killed = self.platforms.kill_after(seconds, playbook, *arguments)
        self.hits += killed.status == -9
        print(
            f"{playbook}: status {killed.status} after {seconds:.2f} s: {killed.output.rstrip().rpartition(chr(10))[2]}"
        )
        return killed

    def whole(self, *arguments: str) -> Recap:
        began = time.monotonic()
        run = self.platforms.play(*arguments)
        self.longest = max(self.longest, time.monotonic() - began)
        return run
