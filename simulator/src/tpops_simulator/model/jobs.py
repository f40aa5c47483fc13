# SPDX-License-Identifier: GPL-3.0-or-later
"""Asynchronous tasks of the platform."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

RUNNING, COMPLETED, FAILED = "Running", "Completed", "Failed"


@dataclass
class JobFault:
    """The effect of fault rules on a job."""

    fail_step: int | None = None
    reason: str = "The task failed because a fault was injected."
    factor: float = 1.0
    vanish: bool = False


@dataclass
class Job:
    """One task. Times are epoch milliseconds of simulated time."""

    id: str
    name: str
    instance_id: str | None
    created: int
    seconds: float
    steps: tuple[str, ...]
    status: str = RUNNING
    ended: int | None = None
    fail_reason: str | None = None
    on_done: Callable[[], object] | None = None
    on_fail: Callable[[str], object] | None = None
    fault: JobFault | None = None
    exclusive: bool = True

    @property
    def hidden(self) -> bool:
        """The platform does not know this job, although its effects take place."""
        return bool(self.fault and self.fault.vanish)

    @property
    def running(self) -> bool:
        return self.status == RUNNING

    def fraction(self, now_ms: int) -> float:
        if self.status == COMPLETED or self.seconds <= 0:
            return 1.0
        until = self.ended if self.ended is not None else now_ms
        return max(0.0, min(1.0, (until - self.created) / (self.seconds * 1000)))

    def progress(self, now_ms: int) -> str:
        """Percentage as the platform reports it; a running job never shows 100."""
        percent = int(self.fraction(now_ms) * 100)
        return str(percent if self.status == COMPLETED else min(percent, 99))

    def step(self, now_ms: int) -> str | None:
        if not self.steps:
            return None
        return self.steps[min(int(self.fraction(now_ms) * len(self.steps)), len(self.steps) - 1)]

    def as_reply(self, now_ms: int) -> dict[str, object]:
        """The `job` object of get_job (4.17.1)."""
        return {
            "id": self.id,
            "name": self.name,
            "status": self.status,
            "created": self.created,
            "ended": self.ended,
            "progress": self.progress(now_ms),
            "instance_id": self.instance_id,
            "fail_reason": self.fail_reason,
        }
