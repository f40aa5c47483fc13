# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The allowed values of an instance parameter, as far as ``value_range`` has a known form (4.3.1). Pure functions.

A parameter is a mapping with ``value``, ``value_range`` and ``type``. The reference has one example, ``on,off``, and no
rule. So a range only counts if it consists of words or of numbers ``low-high``, and the current value fits it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from ..engine.compare import equal_number

_NUMBER = re.compile(r"-?\d{1,20}(?:\.\d{1,20})?")
_BOUNDS = re.compile(rf"({_NUMBER.pattern})\s*[-~]\s*({_NUMBER.pattern})")
_WORD = re.compile(r"[\w.~+-]+")


def spelled(value: str, parameter: Mapping[str, Any]) -> str:
    """Return a value in the case of the matching word of the range, or unchanged."""
    return next((choice for choice in _choices(parameter) if choice.casefold() == value.strip().casefold()), value)


def problem_of(value: str, parameter: Mapping[str, Any]) -> str | None:
    """Return why the platform would reject a value, or ``None``. A value may be a comma-separated list."""
    choices = _choices(parameter)
    if not _fits(str(parameter.get("value")), choices):
        return None
    if not all(_fits(part.strip(), choices) for part in value.split(",")):
        return f"{value!r} is out of range; allowed is {parameter['value_range']}"
    number = _number(value)
    whole = str(parameter.get("type")).casefold() == "integer" and "." not in parameter["value_range"]
    return f"{value!r} is not an integer" if whole and number is not None and number % 1 else None


def _choices(parameter: Mapping[str, Any]) -> list[str]:
    choices = [word.strip() for word in str(parameter.get("value_range") or "").split(",")]
    known = all(map(_WORD.fullmatch, choices)) if len(choices) > 1 else _BOUNDS.fullmatch(choices[0])
    # The range of a string is a pattern in an unknown dialect.
    return choices if known and str(parameter.get("type")).casefold() != "string" else []


def _fits(value: str, choices: list[str]) -> bool:
    return any(_is_in(value, choice) for choice in choices)


def _is_in(value: str, choice: str) -> bool:
    bounds, number = _BOUNDS.fullmatch(choice), _number(value)
    if bounds and number is not None:
        return Decimal(bounds[1]) <= number <= Decimal(bounds[2])
    return equal_number(value, choice)


def _number(value: str) -> Decimal | None:
    return Decimal(value) if _NUMBER.fullmatch(value) else None
