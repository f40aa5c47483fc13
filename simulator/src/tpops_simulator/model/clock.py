# SPDX-License-Identifier: GPL-3.0-or-later
"""Simulated time: faster than real time, or stepped manually."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

# A stepped clock starts here, so that two runs with one seed also agree on every time they report.
STEPPED_START = datetime(2026, 1, 1, tzinfo=UTC).timestamp()


class Clock:
    """Seconds since 1970 (UTC) of simulated time.

    `speed` simulated seconds pass in one real second; with `speed=0` time stands still until `advance()` moves it.
    """

    def __init__(
        self,
        speed: float = 1.0,
        *,
        start: float | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        if speed < 0:
            raise ValueError("speed must not be negative")
        self._monotonic = monotonic
        self._origin = monotonic()
        self._base = start if start is not None else (time.time() if speed else STEPPED_START)
        self._pinned: float | None = None
        self.speed = speed

    @property
    def stepped(self) -> bool:
        return self.speed == 0

    def read(self) -> float:
        """The current time, even while `now()` is pinned."""
        return self._base + (self._monotonic() - self._origin) * self.speed

    def now(self) -> float:
        """The time as handlers and timers see it: it stands still while one of them runs."""
        return self.read() if self._pinned is None else self._pinned

    def now_ms(self) -> int:
        return int(self.now() * 1000)

    def pin(self, moment: float | None) -> None:
        """Pin `now()` to a moment; None lets it run again."""
        self._pinned = moment

    def run_at(self, speed: float) -> None:
        """Continue at another speed from now on."""
        if speed < 0:
            raise ValueError("speed must not be negative")
        self._base, self._origin = self.read(), self._monotonic()
        self.speed = speed

    def advance(self, seconds: float) -> None:
        """Jump ahead. Timers that are due run at the site's next `advance()`."""
        if seconds < 0:
            raise ValueError("time does not run backwards")
        self._base += seconds

    def iso(self, moment: float | None = None, *, zone: str = "+0000") -> str:
        """`2026-01-01T00:00:00+0000`, the form most replies use."""
        return (
            datetime.fromtimestamp(self.now() if moment is None else moment, UTC).strftime("%Y-%m-%dT%H:%M:%S") + zone
        )
