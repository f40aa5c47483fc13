# SPDX-License-Identifier: GPL-3.0-or-later
"""The default parameter template: which parameters an instance knows, their defaults and their ranges."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from ..data import read_table

_RANGE = re.compile(r"(-?\d+(?:\.\d+)?)-(-?\d+(?:\.\d+)?)")
_INTEGER = re.compile(r"-?\d{1,19}")
_NUMBER = re.compile(r"-?\d{1,19}(?:\.\d{1,12})?")

# Where a parameter lives on a distributed instance; a centralized one knows each by its plain name.
EVERYWHERE, PER_KIND = "everywhere", "per kind"
_ROWS = read_table("parameters")


@dataclass(frozen=True)
class Parameter:
    name: str
    default: str
    value_range: str
    type: str
    restart_required: bool
    english: str
    chinese: str

    def accepts(self, value: str) -> bool:
        """Whether `value` lies in `value_range`, interpreted by the type."""
        if self.type == "string":
            return len(value) <= 1024 and (not self.value_range or re.fullmatch(self.value_range, value) is not None)
        if self.type in ("integer", "float"):
            shape = _INTEGER if self.type == "integer" else _NUMBER
            bounds = _RANGE.fullmatch(self.value_range)
            return bool(shape.fullmatch(value) and bounds and float(bounds[1]) <= float(value) <= float(bounds[2]))
        return value in self.value_range.split(",")


def _names(name: str, scope: str, distributed: bool) -> Iterator[str]:
    if not distributed or scope == EVERYWHERE:
        yield name
        return
    if scope == PER_KIND:
        yield f"cn:{name}"
    yield f"dn:{name}"


@cache
def template(distributed: bool) -> dict[str, Parameter]:
    """All parameters of an instance by name; on a distributed one most exist per kind of node, as `cn:` and `dn:`."""
    entries = [
        Parameter(full, row["default"], row["range"], row["type"], row["restart_required"], row["en"], row["zh"])
        for row in _ROWS
        for full in _names(row["name"], row["scope"], distributed)
    ]
    return {p.name: p for p in sorted(entries, key=lambda p: p.name)}
