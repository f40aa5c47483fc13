# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Tolerant reading of the platform's replies, in one place.

Replies spell fields in more than one way, send numbers as strings and strings as numbers, and nest what other replies
keep flat. A :class:`Shape` defines once how an object is read from any of these, and what each value means: the RETURN
documentation of the modules is generated from it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from ..util.values import (
    as_bool,
    as_dict,
    as_int,
    as_list,
    as_number,
    as_str,
    as_words,
    find,
    fold_case,
    has_attribute,
    is_mapping,
    lookup,
)


class Words:
    """The words of an enumeration of the platform: its documented spellings, each with its alternatives.

    Case, white space, hyphens and underscores are ignored. An unknown word stays visible and equals none of the known
    ones.
    """

    def __init__(self, spellings: Mapping[str, Sequence[str]]) -> None:
        self.spellings = {word: (word, *others) for word, others in spellings.items()}
        self._known: dict[str, str] = {}
        for word, written in self.spellings.items():
            for each in written:
                if self._known.setdefault(fold_case(each), word) != word:
                    raise ValueError(f"{each} stands for two words")

    def find(self, value: Any) -> str | None:
        """Return the documented spelling, ``None`` for an unknown word or a non-word."""
        text = as_str(value)
        return self._known.get(fold_case(text)) if text else None

    def read(self, value: Any) -> str | None:
        """Return the documented spelling; an unknown word is only stripped of white space. A blank string is not a
        word."""
        text = as_str(value)
        return self.find(text) or ((text or "").strip() or None)

    def __contains__(self, value: object) -> bool:
        return self.find(value) is not None


@dataclass(frozen=True)
class Attr:
    """One value of an object.

    ``sources`` are its possible paths in the reply, the most reliable first; a dot steps into an object. A value of a
    wrong type counts as missing. Without sources the value has the name of the attribute. ``kind`` is ``str``, ``int``,
    ``number``, ``bool``, ``list`` (of strings) or ``dict``; with ``shape`` the value is an object, or a list of objects
    if the kind is ``list``. ``words`` is the enumeration. ``convert`` is for values that no kind covers; it accepts any
    JSON.

    The others are for the documentation. ``doc`` describes the value, with Ansible's markup. ``type`` overrides
    ``kind``, as for a ``convert`` that returns a list, and ``elements`` is the type of elements that are neither
    strings nor objects. ``returned`` is the condition for returning the key, ``sample`` an example of a value without a
    shape.
    """

    name: str
    sources: tuple[str, ...] = ()
    kind: str = "str"
    shape: Shape | None = None
    convert: Callable[[Any], Any] | None = None
    words: Words | None = None
    doc: str = ""
    type: str = ""
    elements: str = ""
    returned: str = ""
    sample: Any = None

    def read(self, raw: Mapping[str, Any]) -> Any:
        for path in self._paths:
            value = find(raw, path)
            found = None if value is None else self.converter(value)
            if found is not None:
                return found
        return [] if self.kind == "list" else None

    @cached_property
    def _paths(self) -> tuple[tuple[str, ...], ...]:
        return tuple(tuple(source.split(".")) for source in self.sources or (self.name,))

    @property
    def key(self) -> str | None:
        """The key whose value it is, if it is nothing but that."""
        return self._paths[0][0] if self.kind != "list" and len(self._paths) == len(self._paths[0]) == 1 else None

    @cached_property
    def converter(self) -> Callable[[Any], Any]:
        shape = self.shape
        if self.convert is not None:
            return self.convert
        if self.words is not None:
            return self.words.read
        if shape is None:
            return _CONVERTERS[self.kind]
        if self.kind == "list":
            return lambda value: [shape.read(item) for item in as_list(value) if isinstance(item, Mapping)]
        return lambda value: shape.read(value) if isinstance(value, Mapping) else None


@dataclass(frozen=True)
class Shape:
    """How one type of object is read from replies: a dictionary with a key for each attribute, ``None`` if absent.

    ``derive`` returns the object with values derived from its attributes. ``added`` documents the attributes that
    ``derive`` or a module adds after reading. ``sample`` is an example for the documentation.
    """

    attrs: tuple[Attr, ...]
    derive: Callable[[dict[str, Any]], dict[str, Any]] | None = None
    added: tuple[Attr, ...] = ()
    sample: Mapping[str, Any] | None = None

    def plus(self, *added: Attr, sample: Mapping[str, Any] | None = None) -> Shape:
        """Return the shape with more attributes, which are added after reading."""
        return replace(self, added=(*self.added, *added), sample={**(self.sample or {}), **(sample or {})} or None)

    def only(self, *names: str) -> Shape:
        """Return the shape with only some attributes."""
        sample = {name: value for name, value in (self.sample or {}).items() if name in names}
        return replace(self, attrs=tuple(attr for attr in self.attrs if attr.name in names), sample=sample or None)

    def without(self, *names: str) -> Shape:
        """Return the shape without some attributes."""
        return self.only(*(attr.name for attr in self.attrs if attr.name not in names))

    def recognizes(self, raw: Any) -> bool:
        """Return whether a reply is such an object: it has the key of at least one attribute, even with ``null``."""
        if is_mapping(raw) and not self._keys.isdisjoint(raw):
            return True
        return any(has_attribute(raw, source) for attr in self.attrs for source in attr.sources or (attr.name,))

    @cached_property
    def _keys(self) -> frozenset[str]:
        """The keys by which an object is recognized at once."""
        return frozenset(source for attr in self.attrs for source in attr.sources or (attr.name,) if "." not in source)

    def read(self, raw: Any) -> dict[str, Any]:
        source = raw if is_mapping(raw) else {}
        found = {}
        for name, key, convert, read in self._readers:
            if key is None:
                found[name] = read(source)
            else:
                value = source.get(key)
                found[name] = None if value is None else convert(value)
        return self.derive(found) if self.derive else found

    @cached_property
    def _readers(self) -> tuple[tuple[str, str | None, Callable[[Any], Any], Callable[[Any], Any]], ...]:
        """How each attribute is read: nearly all of them are the value of one key, and replies have tens of thousands
        of these."""
        return tuple((attr.name, attr.key, attr.converter, attr.read) for attr in self.attrs)


def first_list(data: Any, names: tuple[str, ...]) -> list[Any]:
    """Return the list that a reply has under one of the names; ``""`` is the reply itself.

    A single object counts as a list of one, as in the tables of 4.8.2 and 4.18.13.
    """
    for name in names:
        value = data if name == "" else lookup(data, name)
        if isinstance(value, list):
            return value
        if name and value and isinstance(value, Mapping):
            return [value]
    return []


def unwrap(data: Any, names: tuple[str, ...]) -> Any:
    """Return the page of a reply that is a list of one page, as in the reference's table of 4.11.3; otherwise the
    reply."""
    if (
        isinstance(data, list)
        and len(data) == 1
        and any(name and isinstance(lookup(data[0], name), list) for name in names)
    ):
        return data[0]
    return data


def total_of(data: Any) -> int | None:
    """Return the total number of objects, if the reply reports it."""
    return next(
        (
            value
            for name in ("total_count", "total", "totalCount", "count")
            if (value := as_int(lookup(data, name))) is not None
        ),
        None,
    )


_CONVERTERS: dict[str, Callable[[Any], Any]] = {
    "str": as_str,
    "int": as_int,
    "number": as_number,
    "bool": as_bool,
    "list": as_words,
    "dict": as_dict,
}
