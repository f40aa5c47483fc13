# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Comparison of desired with current values. Pure functions: no request, no option, no side effect.

An option that was not given is ``None`` and is never compared; ``""``, ``[]`` and ``{}`` are values like any other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from ..util.values import as_bool

EMPTY: tuple[Any, ...] = (None, "", [], {})


def equal(desired: Any, current: Any) -> bool:
    """Return whether a desired value is reached, whatever types the platform answers with.

    ``30`` equals ``"30"``, ``true`` equals ``"true"``, an absent value equals an empty one. Lists are compared without
    regard to order. Of an object only the desired keys are compared.
    """
    if type(desired) is type(current) and desired == current:
        return True
    if desired in EMPTY or current in EMPTY:
        return desired in EMPTY and current in EMPTY
    if isinstance(desired, Mapping):
        return isinstance(current, Mapping) and all(
            equal(value, current.get(key)) for key, value in desired.items() if value is not None
        )
    if isinstance(desired, (list, tuple)):
        return isinstance(current, (list, tuple)) and _equal_members(list(desired), list(current))
    if isinstance(desired, bool) or isinstance(current, bool):
        return as_bool(desired) == as_bool(current)
    return str(desired).strip() == str(current).strip()


def equal_text(desired: Any, current: Any) -> bool:
    """Like :func:`equal` for values the platform compares without regard to case."""
    return equal(_folded(desired), _folded(current))


def equal_number(desired: Any, current: Any) -> bool:
    """Like :func:`equal` for values that may be numbers: ``0.10`` equals ``0.1``."""
    numbers = [_number(value) for value in (desired, current)]
    return equal(desired, current) if None in numbers else numbers[0] == numbers[1]


def equal_spelling(desired: Any, current: Any) -> bool:
    """Like :func:`equal` for words that are also spelt in another case, with hyphens or with underscores: ``utf-8`` is
    ``UTF8``."""
    return equal(_plain(desired), _plain(current))


def filter_equal(objects: Sequence[Mapping[str, Any]], **wanted: Any) -> list[Any]:
    """Return the objects that have these values. Many filters of the platform find whatever contains the text."""
    return [
        entry
        for entry in objects
        if all(value is None or equal(value, entry.get(name)) for name, value in wanted.items())
    ]


def sort_by(objects: Sequence[Mapping[str, Any]], attribute: str | None, order: str) -> list[Any]:
    """Return the objects sorted by an attribute, ``asc`` or ``desc``, those without a value last; as they are without
    an attribute.

    The platform's own order says nothing about equal values, so that the pages of a list could overlap.
    """
    if attribute is None:
        return list(objects)
    known = [entry for entry in objects if entry.get(attribute) is not None]
    rest = [entry for entry in objects if entry.get(attribute) is None]
    return [*sorted(known, key=lambda entry: entry[attribute], reverse=order == "desc"), *rest]


def _number(value: Any) -> Decimal | None:
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _plain(value: Any) -> Any:
    return value.casefold().replace("-", "").replace("_", "") if isinstance(value, str) else value


def _folded(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value


def _equal_members(desired: list[Any], current: list[Any]) -> bool:
    if len(desired) != len(current):
        return False
    rest = list(current)
    for value in desired:
        match = next((index for index, other in enumerate(rest) if equal(value, other)), None)
        if match is None:
            return False
        del rest[match]
    return True
