# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""External text, made safe for a terminal.

The platform's text may contain control characters that move the cursor or change colours, line breaks that look like
Ansible's own lines, and characters that change the writing direction; and it may have any length.
"""

from __future__ import annotations

import re
from typing import Any

LONGEST_MESSAGE = 10_000
LONGEST_LINE = 500
LONGEST_WORD = 100

_REPLACEMENT = "\ufffd"
_BREAKS = re.compile(r"[^\S ]+")


def printable(value: Any, longest: int) -> str:
    """Return a text as one line of at most ``longest`` characters without terminal control characters; ``""`` for
    ``None``.

    Line breaks, tabs and other white space become a space. Other non-printable characters become U+FFFD.
    """
    text = "" if value is None else str(value)
    # Also cut first: a hundred million characters need not be processed.
    line = _BREAKS.sub(" ", text[: 2 * longest])
    line = "".join(char if char.isprintable() else _REPLACEMENT for char in line)
    return line if len(line) <= longest and len(text) <= 2 * longest else line[: longest - 1] + "…"
