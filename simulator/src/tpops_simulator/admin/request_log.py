# SPDX-License-Identifier: GPL-3.0-or-later
"""The record of requests. Entries are redacted before they are added."""

from __future__ import annotations

import itertools
from collections import deque
from typing import Any


class RequestLog:
    """The last `size` requests, oldest first, each a dict that can be sent as JSON."""

    def __init__(self, size: int = 20000) -> None:
        self._entries: deque[dict[str, Any]] = deque(maxlen=size)
        self.last_sequence = 0

    def add(self, **entry: Any) -> dict[str, Any]:
        self.last_sequence += 1
        record = {"sequence": self.last_sequence, **entry}
        self._entries.append(record)
        return record

    def entries(self) -> list[dict[str, Any]]:
        return list(self._entries)

    def last(self, count: int) -> list[dict[str, Any]]:
        """The newest `count` entries, newest first."""
        return list(itertools.islice(reversed(self._entries), count))

    def clear(self) -> None:
        self._entries.clear()

    def __len__(self) -> int:
        return len(self._entries)
