# SPDX-License-Identifier: GPL-3.0-or-later
"""A fault that eats the machine ends in a MemoryError of the test instead."""

from __future__ import annotations

import resource

_MOST_MEMORY = 3 * 1024**3
_MOST_FILE = 256 * 1024**2


def hold() -> None:
    """Limit the memory of this process, and the size of the files that it writes."""
    for what, most in ((resource.RLIMIT_AS, _MOST_MEMORY), (resource.RLIMIT_FSIZE, _MOST_FILE)):
        _soft, hard = resource.getrlimit(what)
        resource.setrlimit(what, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))
