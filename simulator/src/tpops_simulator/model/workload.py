# SPDX-License-Identifier: GPL-3.0-or-later
"""The invented workload of an instance: the statements that its applications run, and where.

Everything is derived from the ID of the instance and the seed, so that sessions, slow statements, SQL templates and
patches of one instance have the same statements.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from ..data import read_table
from .accounts import SYSTEM_USERS, TEMPLATES
from .entities import Component, Instance, Node
from .errors import ApiError
from .estate_hosts import refuse_unknown
from .instances import find_by_name, is_distributed
from .site import Site
from .topology import DOWN, is_leader, is_up, members
from .upgrades import list_versions
from .versions import version_key

HOUR_MS = 3_600_000


@dataclass(frozen=True)
class Statement:
    """One normalised statement. Times are milliseconds per execution."""

    sql_id: str
    template: str
    plan: str
    user: str
    application: str
    client_ip: str
    calls_per_hour: int
    elapsed: float
    cpu: float
    io: float
    rows_returned: int
    rows_fetched: int
    # From when to when it takes so many times as long, because of the version that runs (epoch milliseconds).
    changes: tuple[tuple[float, float, float], ...] = ()

    @property
    def step(self) -> int:
        """Milliseconds from one execution to the next."""
        return HOUR_MS // self.calls_per_hour

    def executions(self, start: int, end: int) -> Iterator[int]:
        """When it was run between two moments (epoch milliseconds): evenly spread, with its own phase."""
        return iter(range(start + (int(self.sql_id) - start) % self.step, end, self.step))

    def count(self, start: int, end: int) -> int:
        """How often it was run between two moments."""
        return len(range(start + (int(self.sql_id) - start) % self.step, end, self.step))

    def at(self, moment: int) -> Statement:
        """The statement with the times that it takes at a moment."""
        return self._slowed(math.prod(factor for begin, end, factor in self.changes if begin <= moment < end))

    def over(self, start: int, end: int) -> Statement:
        """The statement with the average times between two moments."""
        calls = self.count(start, end)
        if not calls or not self.changes:
            return self
        slowed = [
            (self.count(max(start, int(begin)), int(min(end, until))), factor) for begin, until, factor in self.changes
        ]
        return self._slowed(1 + sum(count * (factor - 1) for count, factor in slowed) / calls)

    def _slowed(self, factor: float) -> Statement:
        times = {name: round(getattr(self, name) * factor, 3) for name in ("elapsed", "cpu", "io")}
        return replace(self, **times)


@dataclass(frozen=True)
class StatementChange:
    """What an estate orders: statements with this text take `factor` times as long from a version on."""

    from_version: str
    sql: str
    factor: float


_STATEMENTS = read_table("statements")
_CLIENTS = (("order-service", "192.0.2.50"), ("billing-service", "192.0.2.51"), ("reporting", "192.0.2.60"))


def statements(site: Site, instance: Instance) -> list[Statement]:
    """The statements of an instance, the heaviest first."""
    dice = random.Random(f"{site.seed}:{instance.id}:statements")
    users = people(instance)
    made = []
    for row in _STATEMENTS:
        application, address = dice.choice(_CLIENTS)
        elapsed = row["elapsed"] * dice.uniform(0.9, 1.1)
        made.append(
            Statement(
                sql_id=str(dice.randint(1_000_000_000, 4_294_967_295)),
                template=row["template"],
                plan=row["plan"],
                user=users[dice.randrange(1 << 16) % len(users)],
                application=application,
                client_ip=address,
                calls_per_hour=row["calls_per_hour"],
                elapsed=round(elapsed, 3),
                cpu=round(elapsed * row["cpu"], 3),
                io=round(elapsed * row["io"], 3),
                rows_returned=row["rows_returned"],
                rows_fetched=row["rows_fetched"],
                changes=_changes(site, instance, row["template"]),
            )
        )
    return sorted(made, key=lambda s: -s.elapsed * s.calls_per_hour)


def _changes(site: Site, instance: Instance, template: str) -> tuple[tuple[float, float, float], ...]:
    return tuple(
        (begin * 1000, end * 1000, change.factor)
        for change in _ordered(site).get(instance.id, ())
        if change.sql.casefold() in template.casefold()
        for begin, end, version in list_versions(site, instance)
        if version_key(version) >= version_key(change.from_version)
    )


def load_statement_changes(site: Site, data: list[dict[str, Any]]) -> None:
    """`statement_changes: [{instance: orders, from_version: 3.200.0, sql: order_items, factor: 3}]`.

    The version is that of the zone with the primary.
    """
    for entry in data:
        refuse_unknown(entry, {"instance", "from_version", "sql", "factor"}, "a statement change")
        change = StatementChange(str(entry["from_version"]), str(entry["sql"]), float(entry["factor"]))
        if not 0 < change.factor <= 1e6:
            raise ValueError(f"{entry['factor']} is not a factor")
        if not any(change.sql.casefold() in row["template"].casefold() for row in _STATEMENTS):
            raise ValueError(f"no statement contains {change.sql}")
        _ordered(site).setdefault(find_by_name(site, entry["instance"]).id, []).append(change)


def _ordered(site: Site) -> dict[str, list[StatementChange]]:
    return site.extension("statement_changes", dict)


def people(instance: Instance) -> list[str]:
    """Users that applications may log in with; root if there are no others."""
    built_in = {"root", *SYSTEM_USERS}
    return sorted(u.name for u in instance.users.values() if u.name not in built_in and not u.system) or ["root"]


def user_databases(instance: Instance) -> list[str]:
    """Databases of the applications; postgres if there are no others."""
    return sorted(name for name in instance.databases if name not in TEMPLATES) or ["postgres"]


def access_points(instance: Instance) -> list[tuple[Node, Component]]:
    """The nodes that applications connect to: coordinators of a distributed instance, primary of a centralized one."""
    if is_distributed(instance):
        return [(n, c) for n, c in members(instance, "CN") if is_up(n) and c.status != DOWN]
    return [(n, c) for n, c in members(instance, "DN") if is_up(n) and is_leader(c)]


def node_of(instance: Instance, node_id: str) -> Node:
    node = instance.node(node_id)
    if node is None:
        raise ApiError("DBS.216030", node_id=node_id[:64])
    return node


def holds_data(node: Node) -> bool:
    """Whether the node has a CN or a DN; others only vote."""
    return any(c.type in ("CN", "DN") for c in node.components)


def serves(instance: Instance, node: Node) -> bool:
    """Whether applications connect to this node."""
    return any(n is node for n, _unused in access_points(instance))
