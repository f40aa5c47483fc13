# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How many requests a platform gets at a time: fewer when it is overloaded, and slowly more again."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

# A reply that takes so many seconds shows that the platform is overloaded.
SLOW_SECONDS = 5.0


@dataclass
class Turn:
    """One request. ``refused`` says that the platform had no time for it."""

    began: float
    refused: bool = False


class Limit:
    """Lets at most ``most`` requests run at a time.

    Each refused or slow request halves the number, all of those that run at the same moment only once; each quick one
    adds a little, so that one more request runs after as many quick ones as are allowed at a time.
    """

    def __init__(
        self, most: int, clock: Callable[[], float] = time.monotonic, slow_seconds: float = SLOW_SECONDS
    ) -> None:
        self._most = most
        self._clock = clock
        self._slow_seconds = slow_seconds
        self._allowed = float(most)
        self._running = 0
        self._halved = float("-inf")
        self._changed = threading.Condition()

    @property
    def allowed(self) -> int:
        """The number of requests that may run at the moment."""
        return int(self._allowed)

    def divide(self, parts: int) -> None:
        """Let only so many run that as many other limits may have the same number."""
        self._most = max(1, self._most // parts)
        self._allowed = min(self._allowed, float(self._most))

    @contextmanager
    def turn(self) -> Iterator[Turn]:
        """Wait until a request may be sent, and learn from how long it takes and whether it was refused."""
        with self._changed:
            self._changed.wait_for(lambda: self._running < self.allowed)
            self._running += 1
        turn = Turn(self._clock())
        try:
            yield turn
        finally:
            with self._changed:
                self._running -= 1
                self._learn(turn)
                self._changed.notify_all()

    def _learn(self, turn: Turn) -> None:
        now = self._clock()
        if not turn.refused and now - turn.began < self._slow_seconds:
            self._allowed = min(float(self._most), self._allowed + 1 / self._allowed)
        elif turn.began >= self._halved:
            self._allowed = max(1.0, self._allowed / 2)
            self._halved = now
