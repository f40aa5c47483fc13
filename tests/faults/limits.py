# SPDX-License-Identifier: GPL-3.0-or-later
"""A fault that would exhaust the machine's memory ends in a MemoryError of the test instead."""

from __future__ import annotations

import contextlib
import resource
from collections.abc import Iterator
from pathlib import Path

_MOST_MEMORY = 3 * 1024**3
_MOST_MORE = 512 * 1024**2
_MOST_FILE = 256 * 1024**2


def hold() -> None:
    """Limit the memory of this process, and the size of the files that it writes."""
    for what, most in ((resource.RLIMIT_AS, _MOST_MEMORY), (resource.RLIMIT_FSIZE, _MOST_FILE)):
        _soft, hard = resource.getrlimit(what)
        resource.setrlimit(what, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))


@contextlib.contextmanager
def memory() -> Iterator[None]:
    """Limit the additional memory of a run: far more than any reply needs."""
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    used = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + _MOST_MORE, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
