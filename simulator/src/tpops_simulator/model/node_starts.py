# SPDX-License-Identifier: GPL-3.0-or-later
"""Nodes that an estate orders not to come up when a task starts them, or to come up late."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from .entities import Instance, Node
from .site import Site
from .topology import FAILED, RESTING, repair, settle

# Key in Instance.data: the orders by the ID of their node. A replacement has another ID.
_KEY = "node_starts"
# A task that waits for a node gives up when this share of its time has passed.
_GIVES_UP = 0.95


@dataclass
class StartOrder:
    """`until` is the number of the attempt that succeeds, None if none does; `after_seconds` is how much later."""

    until: int | None = 1
    after_seconds: float = 0
    attempts: int = 0

    @property
    def fails_next(self) -> bool:
        return self.until is None or self.attempts + 1 < self.until


def order_start(instance: Instance, node: Node, order: StartOrder | None) -> None:
    """Set what happens when the node is started from now on; None ends an order."""
    orders = _orders(instance)
    orders.pop(node.id, None)
    if order is not None:
        orders[node.id] = order


def list_coming_up(site: Site, instance: Instance, nodes: Iterable[Node]) -> list[Node]:
    """Those of the nodes that come up now that they are started; all others are FAILED, some of them for a while."""
    coming = []
    for node in nodes:
        order = _orders(instance).get(node.id)
        if order is None:
            coming.append(node)
            continue
        fails = order.fails_next
        order.attempts += 1
        if fails or order.after_seconds:
            node.status = FAILED
        if not fails and order.after_seconds:
            site.schedule(order.after_seconds, lambda here, node=node, order=order: _come_late(instance, node, order))
        elif not fails:
            order_start(instance, node, None)
            repair(node)
            coming.append(node)
    return coming


def fail_without(
    site: Site, job_id: str, instance: Instance, find_nodes: Callable[[], list[Node]], work: Callable[[], object]
) -> None:
    """Let a task that starts nodes fail if one of them does not come up. The rest of its work is done before that."""
    job = site.jobs[job_id]

    def look(here: Site) -> None:
        orders = _orders(instance)
        stuck = [node.name for node in find_nodes() if node.id in orders and orders[node.id].fails_next]
        if job.running and stuck:
            work()
            here.fail_job(job.id, f"Nodes that did not come up: {', '.join(stuck)}.")

    if job.seconds <= 0:
        look(site)
    else:
        site.schedule(job.seconds * _GIVES_UP, look)


def _come_late(instance: Instance, node: Node, order: StartOrder) -> None:
    if _orders(instance).get(node.id) is not order:
        return
    order_start(instance, node, None)
    repair(node)
    if instance.status in RESTING:
        settle(instance)


def _orders(instance: Instance) -> dict[str, StartOrder]:
    found: dict[str, StartOrder] = instance.data.setdefault(_KEY, {})
    return found
