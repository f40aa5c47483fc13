# SPDX-License-Identifier: GPL-3.0-or-later
"""The record of requests, without any secret."""

from __future__ import annotations

import itertools
import re
from collections import deque
from typing import Any

REDACTED = "********"
_SECRET = re.compile(
    r"passw|passwd|password|pwd|passphrase|_pass$|secret|token|private_?key|client_(key|crt)|credential|^(ssl_?)?key$|"
    r"key_content|^sk$|^ak$|access_key|ssh_key$|cert(ificate)?_content|authorization|cookie",
    re.IGNORECASE,
)


def is_secret(name: str) -> bool:
    """Whether a field of this name holds something that must not be shown."""
    return bool(_SECRET.search(name))


def redact(value: Any) -> Any:
    """A copy of a JSON value with the content of secret fields blotted out."""
    if isinstance(value, dict):
        return {k: REDACTED if is_secret(str(k)) and v not in (None, "") else redact(v) for k, v in value.items()}
    if isinstance(value, list):
        return [redact(v) for v in value]
    return value


class RequestLog:
    """The last `size` requests, oldest first, each a dict that can be sent as JSON."""

    def __init__(self, size: int = 20000) -> None:
        self._entries: deque[dict[str, Any]] = deque(maxlen=size)
        self._sequence = itertools.count(1)

    def add(self, **entry: Any) -> dict[str, Any]:
        record = {"sequence": next(self._sequence), **entry}
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
