# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Each workflow of examples/awx is walked on all of its edges: approved, denied, and not decided in time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from test_templates import want_a_database
from walker import FAILED, SUCCESSFUL, Controller
from workflow import APPROVE, DENY, TAKEN_BY, TIME_OUT, Edge, edges_of, nodes_of, walk
from world import AWAY, HOME, PREFIX, World


@dataclass
class Walk:
    """A walk through a workflow: what it is given and decided, how each node that runs ends, and what is so then.

    ``before`` are changes to the world just before a node.
    """

    workflow: str
    ends: Mapping[str, str]
    answers: Mapping[str, Any] | Callable[[World], Mapping[str, Any]] = field(default_factory=dict)
    decisions: Mapping[str, str] = field(default_factory=dict)
    before: Mapping[str, Callable[[World], None]] = field(default_factory=dict)
    related: bool = False
    prepare: Callable[[World], None] = lambda _world: None
    status: str = SUCCESSFUL
    check: Callable[[World], bool] = lambda world: not world.writes(HOME) and not world.writes(AWAY)


def good(*nodes: str) -> dict[str, str]:
    return dict.fromkeys(nodes, SUCCESSFUL)


def bad(*nodes: str) -> dict[str, str]:
    return dict.fromkeys(nodes, FAILED)


def databases(world: World) -> list[str]:
    return [each["name"] for each in world.instance()["databases"]]


def merge_another_change(world: World) -> None:
    """Somebody changes the description after it was approved."""
    world.describe(databases=[{"name": each} for each in ("orders", "returns", "unseen")])


SITE = "site change"
WALKS = {
    "a change is approved": Walk(
        SITE,
        good("validate", "plan", "approve", "converge", "verify"),
        related=True,
        prepare=want_a_database,
        check=lambda world: "returns" in databases(world),
    ),
    "a change is denied": Walk(
        SITE,
        good("validate", "plan") | bad("approve"),
        decisions={"approve": DENY},
        related=True,
        prepare=want_a_database,
        status=FAILED,
    ),
    "nobody decides on a change": Walk(
        SITE,
        good("validate", "plan") | bad("approve"),
        decisions={"approve": TIME_OUT},
        related=True,
        prepare=want_a_database,
        status=FAILED,
    ),
    "what was approved is not what there is": Walk(
        SITE,
        good("validate", "plan", "approve") | bad("converge"),
        before={"converge": merge_another_change},
        related=True,
        prepare=want_a_database,
        status=FAILED,
    ),
}
# The walks of `make test`.
SAMPLE = {"a change is approved", "what was approved is not what there is"}


def edges_taken(controller: Controller) -> set[Edge]:
    """Return the edges that the walks take, by how their nodes end."""
    return {
        edge
        for each in WALKS.values()
        for edge in edges_of(controller.find("workflows", f"{PREFIX} {each.workflow}"))
        if edge.child in each.ends and edge.parent in each.ends and edge.kind in TAKEN_BY[each.ends[edge.parent]]
    }


def test_every_edge_of_every_workflow_is_taken(world: World) -> None:
    workflows = [world.controller.find("workflows", name) for name in world.controller.names("workflows")]
    missing = {edge for each in workflows for edge in edges_of(each)} - edges_taken(world.controller)
    assert missing == set()


def test_every_decision_of_every_workflow_is_made(world: World) -> None:
    """Each approval is given once, denied once, and once nobody decides in time."""
    made = {
        (each.workflow, node, each.decisions.get(node, APPROVE)) for each in WALKS.values() for node in each.ends
    }
    for name in world.controller.names("workflows"):
        nodes = nodes_of(world.controller.find("workflows", name))
        approvals = [node for node in nodes if nodes[node].get("approval_node")]
        short = name.removeprefix(f"{PREFIX} ")
        missing = {(short, node, each) for node in approvals for each in (APPROVE, DENY, TIME_OUT)} - made
        assert missing == set()


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[] if name in SAMPLE else pytest.mark.long) for name in WALKS]
)
def test_a_walk(world: World, name: str) -> None:
    each = WALKS[name]
    world.reset(related=each.related)
    each.prepare(world)
    world.forget_requests()
    known = len(world.controller.jobs)
    walked = walk(
        world.controller,
        f"{PREFIX} {each.workflow}",
        each.answers(world) if callable(each.answers) else each.answers,
        decide=lambda node: each.decisions.get(node, APPROVE),
        before=lambda node: each.before.get(node, lambda _world: None)(world),
    )
    told = "\n".join(f"{node}: {job.status}\n{job.stdout[-3000:]}" for node, job in walked.jobs.items())
    assert {node: job.status for node, job in walked.jobs.items()} == each.ends, told
    assert walked.status == each.status, told
    assert walked.edges <= edges_taken(world.controller)
    assert each.check(world), (world.writes(HOME), world.writes(AWAY), told)
    assert world.leaks(world.controller.jobs[known:]) == []
