# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Each workflow of examples/awx is walked on all of its edges: approved, denied, and not decided in time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from test_templates import want_a_database, want_the_new_version
from walker import FAILED, SUCCESSFUL, Controller
from workflow import APPROVE, DENY, FAILURE, TAKEN_BY, TIME_OUT, Edge, edges_of, nodes_of, walk
from world import AWAY, DR, HOME, LEAVING, NEW, OLD, PREFIX, PROD, RELATED, World


def untouched(world: World) -> bool:
    return not world.writes(HOME) and not world.writes(AWAY)


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
    start: str = ""
    prepare: Callable[[World], None] = lambda _world: None
    status: str = SUCCESSFUL
    check: Callable[[World], bool] = untouched


def good(*nodes: str) -> dict[str, str]:
    return dict.fromkeys(nodes, SUCCESSFUL)


def bad(*nodes: str) -> dict[str, str]:
    return dict.fromkeys(nodes, FAILED)


def undecided(
    what: str,
    walked: Walk,
    before: Mapping[str, str],
    node: str,
    after: Mapping[str, str] | None = None,
    check: Callable[[World], bool] | None = None,
) -> dict[str, Walk]:
    """Return the walks in which an approval is denied, and in which nobody decides in time."""
    ends = {**before, node: FAILED, **(after or {})}
    each = replace(walked, ends=ends, check=check or untouched, status=SUCCESSFUL if after else FAILED)
    return {
        f"{what} is denied": replace(each, decisions={node: DENY}),
        f"nobody decides on {what}": replace(each, decisions={node: TIME_OUT}),
    }


def databases(world: World) -> list[str]:
    return [each["name"] for each in world.instance()["databases"]]


def merge_another_change(world: World) -> None:
    """Somebody changes the description after it was approved."""
    world.describe(databases=[{"name": each} for each in ("orders", "returns", "unseen")])


def ask_for_another_upgrade(world: World) -> None:
    """Somebody changes what a failed upgrade should lead to, after the upgrade was approved."""
    world.describe(engine_version=NEW, upgrade={"on_failure": "rollback"})
    world.describe("site-b", DR, engine_version=NEW, upgrade={"on_failure": "rollback"})


def is_refused_as_not_approved(world: World) -> bool:
    told = "".join(job.stdout for job in world.controller.jobs)
    return untouched(world) and "request.on_failure is rollback now" in told


def run_another_job(world: World) -> None:
    """Somebody starts a job that does what was approved."""
    assert world.launch("site").status == SUCCESSFUL


def alarm(world: World) -> None:
    disk = {"instance": PROD, "alarm_id": "5010098", "name": "Disk broken", "severity": "critical"}
    world.load(HOME, alarms=[disk])


def break_zone(zone: str) -> Callable[[World], None]:
    """Return what breaks the primary as soon as a zone of it has the new version."""
    component = f"dn_600{zone[-1]}"
    fault = {"instance": PROD, "version": NEW, "zone": zone, "after_seconds": 0, "component": component}
    return lambda world: world.load(HOME, version_faults=[fault])


def versions(world: World) -> set[str]:
    return {str(world.instance(PROD, HOME)["version"]), str(world.instance(DR, AWAY)["version"])}


def is_back(world: World) -> bool:
    """Return whether no upgrade is under way any more, and both instances have the old version."""
    statuses = {world.instance(PROD, HOME)["status"], world.instance(DR, AWAY)["status"]}
    return versions(world) == {OLD} and statuses == {"ACTIVE"} and "upgrade_instance" in world.writes(HOME)


CHANGE = Walk("site change", {}, prepare=want_a_database)
FAILOVER = Walk(
    "DR failover workflow",
    {},
    {"dr_relation": "orders", "dr_primary_site": "site-b", "gaussdb_confirm": DR},
    start=RELATED,
    prepare=lambda world: world.lose(HOME),
)
LOST = Walk(
    "site lost",
    {},
    {"gaussdb_lost_site": "site-a", "gaussdb_lost_since": "2026-01-05T08:00:00Z", "gaussdb_lost_relations": ["orders"]},
    start=RELATED,
    prepare=lambda world: world.lose(HOME),
)
DRILL = Walk("DR drill workflow", {}, start=RELATED)
UPGRADE = Walk("upgrade workflow", {}, {"gaussdb_target": "orders-*"}, start=RELATED, prepare=want_the_new_version)
MAINTENANCE = Walk("node maintenance workflow", {}, {"node_maintenance_host": "10.200.0.1", "gaussdb_sites": "site-a"})
RESTORE = Walk(
    "restore workflow",
    {},
    lambda world: {"gaussdb_target": PROD, "restore_to": world.ago(600), "gaussdb_confirm": PROD},
)
LEAVING = Walk(
    "decommission workflow",
    {},
    {
        "gaussdb_target": "billing",
        "gaussdb_confirm": "billing",
        "decommission_keep_full_backup_days": 90,
        "decommission_proof": "false",
        # Each user of a simulated instance has sessions.
        "gaussdb_gates_waived": "no_sessions",
    },
    start=LEAVING,
)
PROOFS = Walk("backup proofs", {}, {"gaussdb_target": PROD, "proof_data_center": "spare"})

FIRST = good("precheck", "approve", "first_zone")
ZONES = FIRST | good("approve_zones", "zones")
RESTORED = ["create_backup", "restore_instance"]
WALKS = {
    "a change is approved": replace(
        CHANGE,
        ends=good("validate", "plan", "approve", "converge", "verify"),
        check=lambda world: "returns" in databases(world),
    ),
    **undecided("a change", CHANGE, good("validate", "plan"), "approve"),
    "the description is another one than what was approved": replace(
        CHANGE,
        ends=good("validate", "plan", "approve") | bad("converge"),
        before={"converge": merge_another_change},
        status=FAILED,
    ),
    "the platform is another one than what was approved": replace(
        CHANGE,
        ends=good("validate", "plan", "approve") | bad("converge"),
        before={"converge": run_another_job},
        status=FAILED,
        check=lambda world: "returns" in databases(world) and len(world.writes()) == 1,
    ),
    "a failover is approved": replace(
        FAILOVER,
        ends=good("report", "gates", "approve", "failover", "verify"),
        check=lambda world: bool(world.writes(AWAY)),
    ),
    **undecided("a failover", FAILOVER, good("report", "gates"), "approve"),
    "the site is back before the failover": replace(
        FAILOVER,
        ends=good("report", "gates", "approve") | bad("failover"),
        before={"failover": lambda world: world.find_again(HOME)},
        status=FAILED,
    ),
    "a lost site is seen": replace(LOST, ends=good("report", "decide")),
    "a lost site is not lost": replace(
        LOST, ends=good("report") | bad("decide"), decisions={"decide": DENY}, status=FAILED
    ),
    "a drill is approved": replace(
        DRILL,
        ends=good("gates", "approve", "drill", "stop", "report"),
        check=lambda world: world.primary() == PROD and bool(world.writes(AWAY)),
    ),
    **undecided("a drill", DRILL, good("gates"), "approve"),
    **{
        f"a drill fails, which is {said}": replace(
            DRILL,
            ends=good("gates", "approve", "stop", "report") | bad("drill") | {"failed": end},
            decisions={"failed": decision},
            before={"drill": alarm},
            status=end,
        )
        for said, decision, end in (
            ("said", APPROVE, SUCCESSFUL),
            ("denied", DENY, FAILED),
            ("not said", TIME_OUT, FAILED),
        )
    },
    "nothing tells whether a drill is stopped": replace(
        DRILL,
        ends=good("gates", "approve", "drill", "report") | bad("stop", "failed"),
        decisions={"failed": TIME_OUT},
        before={"stop": lambda world: world.lose(AWAY)},
        status=FAILED,
        check=lambda world: world.writes(AWAY) == ["start_dr_drill", "stop_dr_drill"],
    ),
    "an upgrade is approved": replace(
        UPGRADE, ends=ZONES | good("approve_commit", "commit"), check=lambda world: versions(world) == {NEW}
    ),
    **undecided("an upgrade", UPGRADE, good("precheck"), "approve"),
    **undecided("the other zones", UPGRADE, FIRST, "approve_zones", good("rollback"), is_back),
    **undecided("a commit", UPGRADE, ZONES, "approve_commit", good("rollback"), is_back),
    "the description of an upgrade is another one than what was approved": replace(
        UPGRADE,
        ends=good("precheck", "approve") | bad("first_zone", "decide"),
        decisions={"decide": DENY},
        before={"first_zone": ask_for_another_upgrade},
        status=FAILED,
        check=is_refused_as_not_approved,
    ),
    "the first zone fails and is rolled back": replace(
        UPGRADE,
        ends=good("precheck", "approve", "decide", "rollback") | bad("first_zone"),
        before={"first_zone": break_zone("dc2")},
        check=is_back,
    ),
    "the first zone fails and is left": replace(
        UPGRADE,
        ends=good("precheck", "approve") | bad("first_zone", "decide"),
        decisions={"decide": DENY},
        before={"first_zone": alarm},
        status=FAILED,
    ),
    "another zone fails and is rolled back": replace(
        UPGRADE,
        ends=FIRST | good("approve_zones", "decide", "rollback") | bad("zones"),
        before={"zones": break_zone("dc3")},
        check=is_back,
    ),
    # The old version is there again, and so is the broken disk, for which the verification fails.
    "a commit fails and is rolled back": replace(
        UPGRADE,
        ends=ZONES | good("approve_commit", "decide") | bad("commit", "rollback"),
        before={"commit": alarm},
        status=FAILED,
        check=is_back,
    ),
    "a host is back": replace(
        MAINTENANCE,
        ends=good("gates", "stop", "back", "start"),
        check=lambda world: world.writes() == ["switch_shard", "stop_instance", "start_instance", "switch_shard"],
    ),
    "a host is not back": replace(
        MAINTENANCE,
        ends=good("gates", "stop") | bad("back"),
        decisions={"back": DENY},
        status=FAILED,
        check=lambda world: world.writes() == ["switch_shard", "stop_instance"],
    ),
    "a restore is accepted": replace(
        RESTORE,
        ends=good("gates", "approve", "restore", "approve_data", "accept"),
        check=lambda world: world.writes() == [*RESTORED, "confirm_restore_data", "create_backup"],
    ),
    **undecided("a restore", RESTORE, good("gates"), "approve"),
    "restored data is not accepted": replace(
        RESTORE,
        ends=good("gates", "approve", "restore") | bad("approve_data"),
        decisions={"approve_data": DENY},
        status=FAILED,
        check=lambda world: world.writes() == RESTORED,
    ),
    "an instance leaves": replace(
        LEAVING,
        ends=good("gates", "approve_lock", "lock", "approve_removal", "remove"),
        check=lambda world: world.instance("billing") == {},
    ),
    **undecided("a lock", LEAVING, good("gates"), "approve_lock"),
    "an instance stays": replace(
        LEAVING,
        ends=good("gates", "approve_lock", "lock") | bad("approve_removal"),
        decisions={"approve_removal": DENY},
        status=FAILED,
        check=lambda world: world.writes() == ["lock_user"],
    ),
    "somebody describes the instance again before it is removed": replace(
        LEAVING,
        ends=good("gates", "approve_lock", "lock", "approve_removal") | bad("remove"),
        before={"remove": lambda world: world.describe(instance="billing", databases=[])},
        status=FAILED,
        check=lambda world: world.writes() == ["lock_user"],
    ),
    "a backup is proven": replace(
        PROOFS,
        ends=good("prove", "health"),
        check=lambda world: world.writes() == ["create_instance", "set_backup_policy", "delete_instance"],
    ),
    **{
        f"a proof fails, which is {said}": replace(
            PROOFS,
            ends=bad("prove") | good("health") | {"failed": end},
            answers={"gaussdb_target": PROD, "proof_data_center": "nowhere"},
            decisions={"failed": decision},
            status=end,
        )
        for said, decision, end in (
            ("said", APPROVE, SUCCESSFUL),
            ("denied", DENY, FAILED),
            ("not said", TIME_OUT, FAILED),
        )
    },
}
# The walks of `make test`.
SAMPLE = {"a change is approved", "the description is another one than what was approved"}


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
    made = {(each.workflow, node, each.decisions.get(node, APPROVE)) for each in WALKS.values() for node in each.ends}
    for name in world.controller.names("workflows"):
        nodes = nodes_of(world.controller.find("workflows", name))
        approvals = [node for node in nodes if nodes[node].get("approval_node")]
        short = name.removeprefix(f"{PREFIX} ")
        wanted = {(short, node, each) for node in approvals for each in (APPROVE, DENY, TIME_OUT)}
        # What waits for ever.
        wanted -= {(short, node, TIME_OUT) for node in approvals if not nodes[node]["approval_node"].get("timeout")}
        missing = wanted - made
        assert missing == set()


def test_no_workflow_ends_well_with_a_failed_job_that_nobody_has_seen(world: World) -> None:
    """Whoever approves after a failed job has seen it."""
    for each in WALKS.values():
        failed = [node for node, end in each.ends.items() if end == FAILED]
        nodes = nodes_of(world.controller.find("workflows", f"{PREFIX} {each.workflow}"))
        jobs = [node for node in failed if not nodes[node].get("approval_node")]
        if jobs and each.status == SUCCESSFUL:
            edges = edges_of(world.controller.find("workflows", f"{PREFIX} {each.workflow}"))
            children = {edge.child for edge in edges if edge.parent in jobs and edge.kind == FAILURE}
            assert any(nodes[child].get("approval_node") and each.ends[child] == SUCCESSFUL for child in children)


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[] if name in SAMPLE else pytest.mark.long) for name in WALKS]
)
def test_a_walk(world: World, name: str) -> None:
    each = WALKS[name]
    world.reset(each.start)
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
