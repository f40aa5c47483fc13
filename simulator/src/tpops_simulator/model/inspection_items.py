# SPDX-License-Identifier: GPL-3.0-or-later
"""The inspection items: the simulator's catalogue in both languages. The reference shows four items, five
categories."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from ..data import read_table

# Fixed for all sites and seeds, so that examples can use them.
_SPACE = uuid.uuid5(uuid.NAMESPACE_URL, "tpops-simulator:inspection-items")

_TABLE = read_table("inspection_items")
# key: (English, Chinese)
CATEGORIES: dict[str, tuple[str, str]] = {key: (en, zh) for key, (en, zh) in _TABLE["categories"].items()}


@dataclass(frozen=True)
class Item:
    """One item. A value above `limit` (below it with `least`) does not pass; without a limit it is only recorded.

    `usual` is the range of values of a healthy instance. A database item needs a running database.
    """

    key: str
    category: str
    names: tuple[str, str]
    descriptions: tuple[str, str]
    unit: str
    usual: tuple[float, float]
    limit: float | None = None
    least: bool = False

    @property
    def id(self) -> str:
        return str(uuid.uuid5(_SPACE, self.key))

    @property
    def needs_database(self) -> bool:
        return self.category not in ("system", "status")

    def passes(self, value: float) -> bool:
        if self.limit is None:
            return True
        return value >= self.limit if self.least else value <= self.limit


_ITEMS = [
    Item(**{key: tuple(value) if isinstance(value, list) else value for key, value in row.items()})
    for row in _TABLE["items"]
]
ITEMS = {item.key: item for item in _ITEMS}
BY_ID = {item.id: item for item in _ITEMS}
