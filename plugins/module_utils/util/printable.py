# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Text from outside, made fit for a terminal.

What the platform sends may hold control characters, which move the cursor or change colours, line breaks, which look
like lines of Ansible's own, and characters that turn the direction of writing; and it may be of any length.
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
    """Return a text on one line, of at most ``longest`` characters, none of which controls a terminal; ``""`` for
    ``None``.

    Line breaks, tabs and other blanks become a plain blank. What else cannot be printed becomes U+FFFD.
    """
    text = "" if value is None else str(value)
    # Cut first as well: what is left of a hundred million characters need not be looked at.
    line = _BREAKS.sub(" ", text[: 2 * longest])
    line = "".join(char if char.isprintable() else _REPLACEMENT for char in line)
    return line if len(line) <= longest and len(text) <= 2 * longest else line[: longest - 1] + "…"
