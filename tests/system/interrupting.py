# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Kills a procedure in each of its steps, and runs it again with the same command."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Protocol

from conftest import Recap

WAITING = "wait for the platform to finish its work"
# The begin of a step, and the end of the last one.
STEP = re.compile(r"TASK \[gaussdb\.tpops\.\w+ : (?:Step: (.*)|Read the members and end the record)\]")
JOB = re.compile(r"gaussdb_\w+ \S+: (\w*GaussDBV5\w*)")


class Stepped(Protocol):
    """Platforms whose time stands still until a run waits for them."""

    def kill_when(self, is_moment: Callable[[str], bool], *arguments: str) -> Recap:
        """Run a playbook, and kill it at the first line of output for which ``is_moment`` is true."""

    def go_on(self, line: str) -> bool:
        """Advance the time once a line says that the run waits."""


class Steps:
    """Kill a procedure in each of its steps: while its job runs, or at the end of a step without a job.

    Time stands still, so that the next run finds the job running, and continues once that run is waiting.
    """

    def __init__(self, platforms: Stepped) -> None:
        self.platforms = platforms
        self.killed: dict[str, int] = {}

    def __call__(self, playbook: str, arguments: tuple[str, ...]) -> Recap:
        # The step after a kill is not counted separately.
        self.moments = {(WAITING, "")}
        while True:
            self.step = ""
            run = self.platforms.kill_when(self.is_new_moment, playbook, *arguments)
            if run.status != -9:
                self.killed[playbook] = len(self.moments) - 1
                return run

    def is_new_moment(self, line: str) -> bool:
        if found := STEP.match(line):
            ended, self.step = self.step, found[1] or ""
            return ended not in {"", *(step for step, _job in self.moments)} and self.note(ended, "")
        if (found := JOB.match(line)) and (self.step, found[1]) not in self.moments:
            return self.note(self.step, found[1])
        return self.platforms.go_on(line)

    def note(self, step: str, job: str) -> bool:
        self.moments.add((step, job))
        return True
