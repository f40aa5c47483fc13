# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which standbys take over from the primaries on nodes that should have none."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.gaussdb.tpops.plugins.module_utils.api.instance import COMPONENT_NODE
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain import shard_primary as primaries
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.components import components_of
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.context import Parent
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import TpopsError
from ansible_collections.gaussdb.tpops.tests.unit.plugins.module_utils.platform import Platform, context


def node(number: int, *replicas: tuple[str, str], zone: str = "east", detail: str = "Normal") -> dict[str, Any]:
    """A node with a replica of each shard that is given with its status."""
    components = [
        {
            "id": f"{shard}{number}",
            "type": "DN",
            "status": status,
            "distributed_id": shard,
            "detail": detail,
        }
        for shard, status in replicas
    ]
    name = {"id": f"n{number}", "name": f"node-{number}", "hostname": f"host-{number}", "availability_zone_id": zone}
    return COMPONENT_NODE.read({**name, "status": "normal", "components": components})


def plan(nodes: list[dict[str, Any]], *avoid: str, known: bool = True) -> list[str]:
    ctx = context(Platform())
    ctx.params = {"components": None, "avoid_nodes": list(avoid)}
    ctx.parent = Parent("in1" if known else None, "orders")
    ctx.listed, ctx.found = nodes, components_of(nodes)
    steps = primaries.plan_moves(ctx, [])
    shown = [each["id"] for each in primaries.build_result(ctx, [])["components"]]
    moved = [each["component_id"] for step in steps for each in step.call.body["shards"]]
    assert set(moved) <= set(shown)
    return moved


def three(*statuses: str, zones: str = "eee", details: str = "...") -> list[dict[str, Any]]:
    where = {"e": "east", "w": "west"}
    return [
        node(i + 1, ("a", status), zone=where[zone], detail="Normal" if detail == "." else "Catching up")
        for i, (status, zone, detail) in enumerate(zip(statuses, zones, details))
    ]


@pytest.mark.parametrize(
    ("nodes", "avoid", "moved"),
    [
        (three("Primary", "Standby", "Standby"), ["node-1"], ["a2"]),
        (three("Primary", "Standby", "Standby"), ["n1", "host-2"], ["a3"]),
        (three("Primary", "Standby", "Standby"), ["node-2"], []),
        (three("Primary", "Down", "Standby"), ["node-1"], ["a3"]),
        (three("Primary", "Standby", "Standby", zones="ewe"), ["node-1"], ["a3"]),
        (three("Primary", "Standby", "Standby", zones="eew", details=".-."), ["node-1"], ["a3"]),
        # Without a primary there is none to move.
        (three("Down", "Standby", "Standby"), ["node-1"], []),
        # Two primaries go to different nodes.
        (
            [
                node(1, ("a", "Primary"), ("b", "Primary")),
                node(2, ("a", "Standby"), ("b", "Standby")),
                node(3, ("a", "Standby"), ("b", "Standby")),
            ],
            ["node-1"],
            ["a2", "b3"],
        ),
    ],
)
def test_who_takes_over(nodes: list[dict[str, Any]], avoid: list[str], moved: list[str]) -> None:
    assert plan(nodes, *avoid) == moved


@pytest.mark.parametrize(
    ("nodes", "avoid", "problem"),
    [
        (three("Primary", "Down", "Standby"), ["node-1", "node-3"], "avoid_nodes: shard a has no running standby"),
        (three("Primary", "Standby", "Standby"), ["node-9"], r"avoid_nodes\[0\]: instance orders has no node node-9"),
    ],
)
def test_what_cannot_be_avoided(nodes: list[dict[str, Any]], avoid: list[str], problem: str) -> None:
    with pytest.raises(TpopsError, match=problem):
        plan(nodes, *avoid)


def test_an_instance_that_is_yet_to_be_created_has_nothing_to_move() -> None:
    assert plan([], "node-1", known=False) == []
