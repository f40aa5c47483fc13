# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Tolerant reading of the platform's replies, in one place.

Replies spell fields in more than one way, send numbers as strings and strings as numbers, and nest what other replies
keep flat. A :class:`Shape` says once how an object of the collection is read from any of these.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Attr:
    """One value of an object.

    ``sources`` are the places where the reply may have it, the most credible first; a dot steps into an object.
    Without sources the value has the name of the attribute. ``kind`` is ``str``, ``int``, ``number``, ``bool``,
    ``list``, ``dict`` or ``raw``; with ``shape`` the value is an object, or a list of objects when the kind is ``list``. ``convert`` is for
    values that no kind covers.
    """

    name: str
    sources: tuple[str, ...] = ()
    kind: str = "str"
    shape: Shape | None = None
    convert: Callable[[Any], Any] | None = None

    def read(self, raw: Mapping[str, Any]) -> Any:
        for source in self.sources or (self.name,):
            value = lookup(raw, source)
            if value is not None:
                return self._converted(value)
        return [] if self.kind == "list" else None

    def _converted(self, value: Any) -> Any:
        if self.convert is not None:
            return self.convert(value)
        if self.shape is not None:
            if self.kind == "list":
                return [self.shape.read(item) for item in as_list(value)]
            return self.shape.read(value)
        return _CONVERTERS[self.kind](value)


@dataclass(frozen=True)
class Shape:
    """How one kind of object is read from replies: a dictionary with a key for each attribute, ``None`` when absent.

    ``derive`` returns the object with what follows from several of its attributes.
    """

    attrs: tuple[Attr, ...]
    derive: Callable[[dict[str, Any]], dict[str, Any]] | None = None

    def recognizes(self, raw: Any) -> bool:
        """Return whether a reply is such an object: it has the place of at least one attribute, be it with ``null``."""
        return any(has(raw, source) for attr in self.attrs for source in attr.sources or (attr.name,))

    def read(self, raw: Any) -> dict[str, Any]:
        source = raw if isinstance(raw, Mapping) else {}
        found = {attr.name: attr.read(source) for attr in self.attrs}
        return self.derive(found) if self.derive else found


def lookup(raw: Any, source: str) -> Any:
    """Return the value at a dotted path, or ``None``."""
    for step in source.split("."):
        if not isinstance(raw, Mapping):
            return None
        raw = raw.get(step)
    return raw


def has(raw: Any, source: str) -> bool:
    """Return whether there is such a place at all, whatever is in it."""
    parent, _dot, key = source.rpartition(".")
    holder = lookup(raw, parent) if parent else raw
    return isinstance(holder, Mapping) and key in holder


def as_int(value: Any) -> Any:
    """Return an integer for ``30``, ``"30"`` and ``" 30 "``; anything else unchanged."""
    if isinstance(value, bool) or value is None:
        return value
    try:
        return int(str(value).strip())
    except ValueError:
        return value


def as_number(value: Any) -> Any:
    """Return a number for ``0.5``, ``"0.5"`` and ``"0.5%"``; anything else unchanged."""
    number = as_int(value)
    if not isinstance(number, str):
        return number
    try:
        fraction = float(number.strip().removesuffix("%"))
    except ValueError:
        return value
    return fraction if math.isfinite(fraction) else value


def as_bool(value: Any) -> Any:
    """Return a boolean for the spellings of one; anything else unchanged."""
    if isinstance(value, str):
        return {"true": True, "false": False, "on": True, "off": False, "yes": True, "no": False}.get(value.strip().lower(), value)
    if isinstance(value, int):
        return bool(value)
    return value


def as_str(value: Any) -> Any:
    """Return text for scalars, with booleans spelt as JSON does; anything else unchanged."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, (int, float)) else value


def as_list(value: Any) -> list[Any]:
    """Return a list: a scalar becomes a list of one, ``None`` an empty one."""
    if value is None:
        return []
    return list(value) if isinstance(value, (list, tuple)) else [value]


def first_list(data: Any, names: tuple[str, ...]) -> list[Any]:
    """Return the list a reply carries under one of the names; ``""`` is the reply itself.

    An object in its place is a list of one, as the tables of 4.8.2 and 4.18.13 have it.
    """
    for name in names:
        value = data if name == "" else lookup(data, name)
        if isinstance(value, list):
            return value
        if name and value and isinstance(value, Mapping):
            return [value]
    return []


def unwrapped(data: Any, names: tuple[str, ...]) -> Any:
    """Return the page of a reply that is a list of one page, as the reference's table has it in 4.11.3; else the reply."""
    if isinstance(data, list) and len(data) == 1 and any(name and isinstance(lookup(data[0], name), list) for name in names):
        return data[0]
    return data


def total_of(data: Any) -> int | None:
    """Return how many objects there are in all, as far as the reply says so."""
    for name in ("total_count", "total", "totalCount", "count"):
        value = as_int(lookup(data, name))
        if isinstance(value, int) and not isinstance(value, bool):
            return value
    return None


def _same(value: Any) -> Any:
    return value


_CONVERTERS = {"str": as_str, "int": as_int, "number": as_number, "bool": as_bool, "list": as_list, "dict": _same, "raw": _same}
