# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Checks of single option values, made before any call. Each returns what is wrong in words, or ``None``."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Sequence
from typing import Any

Check = Callable[[Any], "str | None"]


def pattern(expression: str, words: str) -> Check:
    """The whole text matches; ``words`` say what is allowed."""
    compiled = re.compile(expression)
    return lambda value: None if compiled.fullmatch(str(value)) else f"{value!r} is not allowed; use {words}"


def length(least: int, most: int, unit: str = "characters") -> Check:
    """The text has so many characters, or bytes of UTF-8 when the unit is ``bytes``."""

    def check(value: Any) -> str | None:
        size = len(str(value).encode()) if unit == "bytes" else len(str(value))
        return None if least <= size <= most else f"{size} {unit} long; allowed are {least} to {most}"

    return check


def sized(least: int, most: int) -> Check:
    """The list has so many members."""
    return lambda value: None if least <= len(value) <= most else f"{len(value)} entries; allowed are {least} to {most}"


def between(least: int, most: int) -> Check:
    """The number lies in the range, bounds included."""
    return lambda value: (
        None if least <= int(value) <= most else f"{value} is out of range; allowed are {least} to {most}"
    )


def not_in(values: Sequence[Any], words: str) -> Check:
    """The value is none of these, compared without regard to case."""
    taken = {str(value).casefold() for value in values}
    return lambda value: f"{value} is {words}" if str(value).casefold() in taken else None


def ip_address(value: Any) -> str | None:
    """The text is an IPv4 or IPv6 address."""
    try:
        ipaddress.ip_address(str(value))
    except ValueError:
        return f"{value!r} is not an IP address"
    return None


def each(check: Check) -> Check:
    """Every member of the list passes."""
    return lambda values: next((problem for problem in map(check, values) if problem), None)


def every(*checks: Check) -> Check:
    """All of the checks pass; the first problem counts."""
    return lambda value: next((problem for problem in (check(value) for check in checks) if problem), None)


TEMPLATE_DATABASES = ("postgres", "template0", "template1", "templatem")
SYSTEM_USERS = ("rdsAdmin", "rdsMetric", "rdsBackup", "rdsRepl")


def identifier(value: Any) -> str | None:
    """The text names a database or a schema as the platform allows it (4.4.1, 4.4.2)."""
    text = str(value)
    if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]{0,62}", text) and not text.startswith("pg"):
        return None
    return (
        f"{value!r} is not allowed; use 1 to 63 letters, digits and underscores, and begin neither with a digit nor "
        "with pg"
    )


# Of the list in 4.4.16 the scan has lost some; these are the engine's. Quotes and blanks are not among them.
SPECIAL_CHARACTERS = r"~!@#$%^&*()-_=+\|[{}];:,<.>/?"


def password(value: Any) -> str | None:
    """The text meets the rules for passwords of database accounts (4.4.16). The answer never quotes it."""
    text = str(value)
    kinds = [any(map(test, text)) for test in (str.isupper, str.islower, str.isdigit, SPECIAL_CHARACTERS.__contains__)]
    if not all(character.isascii() and (character.isalnum() or character in SPECIAL_CHARACTERS) for character in text):
        return f"holds a character that is not allowed; use letters (A-Z, a-z), digits and {SPECIAL_CHARACTERS}"
    if 8 <= len(text) <= 32 and sum(kinds) >= 3:
        return None
    return (
        "too weak; use 8 to 32 characters of three of these kinds: upper case letters, lower case letters, digits, "
        "special characters"
    )


def not_empty(value: Any) -> str | None:
    """There is at least one member."""
    return None if value else "an empty list is not allowed"


def multiple_of(number: int) -> Check:
    """The number is a multiple of another one."""
    return lambda value: None if int(value) % number == 0 else f"{value} is not a multiple of {number}"
