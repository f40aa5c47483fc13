# SPDX-License-Identifier: GPL-3.0-or-later
"""What an estate orders inspections to find: the status of an item on an instance, with values that go with it."""

from __future__ import annotations

from typing import Any

from .entities import Instance
from .estate_hosts import refuse_unknown
from .inspection_items import ITEMS, Item
from .instances import find_by_name
from .site import Site

NORMAL, ABNORMAL, FAIL = "normal", "abnormal", "fail"


def find_order(site: Site, instance: Instance, item: Item) -> str | None:
    """The status that was ordered for the item, or None."""
    return _orders(site).get((instance.id, item.key))


def fit_values(item: Item, status: str, values: list[float]) -> list[float]:
    """The values of a node, changed where they contradict the status: the last one shows that a limit is exceeded."""
    if item.limit is None:
        return values
    if status == ABNORMAL:
        return [*values[:-1], item.limit - 1 if item.least else item.limit + 1]
    return [value if item.passes(value) else item.limit for value in values]


def load_inspection_findings(site: Site, data: list[dict[str, Any]]) -> None:
    """`inspection_findings: [{instance: orders, item: slow_sql, status: abnormal}]`.

    All later runs on the instance report this; an entry replaces the one for the same item, and `status: null` ends it.
    """
    for entry in data:
        refuse_unknown(entry, {"instance", "item", "status"}, "an inspection finding")
        item, status = str(entry["item"]), entry["status"]
        if item not in ITEMS:
            raise ValueError(f"unknown item {item}")
        if status not in (NORMAL, ABNORMAL, FAIL, None):
            raise ValueError(f"status is {NORMAL}, {ABNORMAL}, {FAIL} or null")
        key = find_by_name(site, entry["instance"]).id, item
        if status is None:
            _orders(site).pop(key, None)
        else:
            _orders(site)[key] = status


def dump_inspection_findings(site: Site) -> list[dict[str, Any]]:
    return [
        {"instance": site.instances[instance_id].name, "item": item, "status": status}
        for (instance_id, item), status in _orders(site).items()
        if instance_id in site.instances
    ]


def _orders(site: Site) -> dict[tuple[str, str], str]:
    return site.extension("inspection_findings", dict)
