# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""External text for a terminal."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from ansible_collections.gaussdb.tpops.plugins.module_utils.util.printable import printable


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("plain text, 中文 é", "plain text, 中文 é"),
        ("two  blanks stay", "two  blanks stay"),
        ("a\nb\r\nc\td\x0be\x85f\u2028g\u2029h\u3000i\xa0j", "a b c d e f g h i j"),
        ("\x1b[31mred\x1b[0m", "\ufffd[31mred\ufffd[0m"),
        ("\x9b2J\x00\x07\x7f", "\ufffd2J\ufffd\ufffd\ufffd"),
        ("a\u202eb\u2066c\u200fd\u200be\ufefff", "a\ufffdb\ufffdc\ufffdd\ufffde\ufffdf"),
        ("\ud800", "\ufffd"),
        (None, ""),
        (7, "7"),
        ({"a": ["\n"]}, "{'a': ['\\\\n']}".replace("\\\\", "\\")),
        ("x" * 20, "x" * 20),
        ("x" * 21, "x" * 19 + "…"),
        ("\n" * 10**6, " …"),
    ],
)
def test_printable(value: Any, shown: str) -> None:
    assert printable(value, 20 if not isinstance(value, str) or set(value) <= set("x\n") else 100) == shown


def test_no_character_controls_a_terminal() -> None:
    for start in range(0, sys.maxunicode + 1, 4096):
        assert printable("".join(map(chr, range(start, start + 4096))), 4096).isprintable()
