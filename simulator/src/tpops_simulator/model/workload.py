# SPDX-License-Identifier: GPL-3.0-or-later
"""The invented workload of an instance: the statements that its applications run, and where.

Everything is derived from the ID of the instance and the seed, so that sessions, slow statements, SQL templates and
patches of one instance have the same statements.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

from ..data import read_table
from .accounts import SYSTEM_USERS, TEMPLATES
from .entities import Component, Instance, Node
from .errors import ApiError
from .instances import is_distributed
from .site import Site
from .topology import DOWN, is_leader, is_up, members

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
            )
        )
    return sorted(made, key=lambda s: -s.elapsed * s.calls_per_hour)


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
