# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How far a node is, whether the goal of its maintenance is reached, and which primaries belong on it."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest

from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.components import with_condition
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.procedure.nodes import (
    is_good,
    next_rung,
    node_state,
    summary_of,
)
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.procedure.view import view_of

NOON = datetime(2026, 1, 5, 12, tzinfo=timezone.utc)
STOPPED = "Manually stopped"


def node(number: int, *statuses: str, detail: str = "Normal", status: str = "normal") -> dict[str, Any]:
    """Return a node with a replica of each shard, from the first one on."""
    replicas = [
        {"id": f"dn_{shard}{number}", "type": "DN", "status": each, "detail": detail, "distributed_id": f"shard{shard}"}
        for shard, each in enumerate(statuses, 1)
    ]
    names = {"id": f"no{number}", "name": f"node-{number}", "hostname": f"db-0{number}", "availability_zone_id": "dc1"}
    return with_condition({**names, "status": status, "components": replicas}, {"management_ip": f"192.0.2.{number}"})


def seen(*nodes: dict[str, Any], status: str = "ACTIVE") -> dict[str, Any]:
    return {"instance": "orders", "instance_status": status, "nodes": list(nodes) or None}


FIRST, SECOND, THIRD = node(1, "Primary"), node(2, "Standby"), node(3, "Standby")
WELL = seen(FIRST, SECOND, THIRD)
DRAINED = seen(node(1, "Standby"), node(2, "Primary"), THIRD)
AWAY = seen(node(1, "Down", detail=STOPPED, status="abnormal"), node(2, "Primary"), THIRD)
BROKEN = seen(node(1, "Down", detail="Disconnected"), node(2, "Primary"), THIRD)


@pytest.mark.parametrize("given", ["node-1", "no1", "db-01", "192.0.2.1"])
def test_a_node_has_several_names(given: str) -> None:
    state = node_state(WELL, given)
    assert (state["ids"], state["names"], state["hostnames"], state["addresses"]) == (
        ["no1"],
        ["node-1"],
        ["db-01"],
        ["192.0.2.1"],
    )


@pytest.mark.parametrize(
    ("state", "stage", "ready", "unhealthy"),
    [
        (WELL, "in_use", True, "node-1"),
        (DRAINED, "drained", True, "node-1"),
        (AWAY, "stopped", False, f"node-1 the node abnormal, dn_11 Down {STOPPED}"),
        (BROKEN, "broken", False, "node-1 dn_11 Down Disconnected"),
        (seen(node(1, "Rebuilding")), "unknown", False, "node-1 dn_11 Rebuilding Normal"),
        (seen(node(1, "Standby", detail="Catchup")), "drained", False, "node-1 dn_11 Standby Catchup"),
    ],
)
def test_how_far_a_node_is(state: dict[str, Any], stage: str, ready: bool, unhealthy: str) -> None:
    found = node_state(state, "db-01")
    assert (found["stage"], found["ready"], found["unhealthy"][0].strip()) == (stage, ready, unhealthy)


def test_a_node_that_is_not_shown() -> None:
    for state in (WELL, seen()):
        found = node_state(state, "db-09")
        assert (found["stage"], found["ids"], found["ready"], found["healthy"]) == ("unknown", [], False, None)
    assert node_state(WELL, "")["ids"] == []


def failing(state: dict[str, Any], goal: str) -> list[str]:
    return [each["name"] for each in node_state(state, "db-01")["checks"][goal] if each["value"] != each["expected"]]


@pytest.mark.parametrize(
    ("state", "drained", "stopped", "started"),
    [
        (WELL, ["primaries_on_node"], ["primaries_on_node", "running_nodes"], []),
        (DRAINED, [], ["running_nodes"], []),
        (AWAY, [], [], ["nodes", "replicas"]),
        (BROKEN, [], [], ["nodes", "replicas"]),
        (
            seen(node(1, "Down", detail=STOPPED), SECOND, THIRD, status="FAILED"),
            ["shards_without_primary"],
            ["shards_without_primary"],
            ["instance_status", "nodes", "replicas"],
        ),
        (
            seen(node(1, "Standby"), node(2, "Primary"), node(3, "Down")),
            ["other_nodes"],
            ["other_nodes", "running_nodes"],
            ["nodes"],
        ),
    ],
)
def test_the_checks_of_each_goal(
    state: dict[str, Any], drained: list[str], stopped: list[str], started: list[str]
) -> None:
    assert [failing(state, goal) for goal in ("drained", "stopped", "started")] == [drained, stopped, started]


def test_nothing_passes_that_cannot_be_read() -> None:
    checks = node_state(seen(), "db-01")["checks"]
    assert all(each["value"] is None and each["passed"] is False for each in checks["stopped"])
    assert [each["value"] for each in checks["started"]] == ["ACTIVE", None, None]


# A component is broken; one more node is.
SICK = seen(node(1, "Primary", status="abnormal"), SECOND, THIRD)
ALONE = seen(node(1, "Primary", status="abnormal"), node(2, "Down", detail="Disconnected"), node(3, "Standby"))


@pytest.mark.parametrize(
    ("state", "tried", "limit", "rung"),
    [
        (WELL, [], "replaced", ""),
        (seen(), [], "replaced", ""),
        # What was only stopped is started, and is replaced only after that.
        (AWAY, [], "started", "started"),
        (AWAY, [], "replaced", "started"),
        (AWAY, ["started"], "repaired", ""),
        (AWAY, ["started"], "replaced", "replaced"),
        (AWAY, ["started", "replaced"], "replaced", ""),
        (BROKEN, [], "started", ""),
        (BROKEN, [], "repaired", "restarted"),
        (BROKEN, ["restarted"], "repaired", "repaired"),
        (BROKEN, ["started", "restarted"], "repaired", "repaired"),
        (BROKEN, ["restarted", "repaired"], "repaired", ""),
        (BROKEN, ["restarted", "repaired"], "replaced", "replaced"),
        (SICK, [], "replaced", "restarted"),
        # Its restart would take the majority away.
        (ALONE, [], "repaired", "repaired"),
        (ALONE, [], "restarted", ""),
    ],
)
def test_what_to_do_next(state: dict[str, Any], tried: list[str], limit: str, rung: str) -> None:
    assert next_rung(node_state(state, "db-01"), tried, limit) == rung


def test_the_checks_of_a_repair() -> None:
    def failing_of(state: dict[str, Any]) -> list[Any]:
        return [each["value"] for each in node_state(state, "db-01")["checks"]["repaired"]]

    # Whatever the other nodes are.
    assert failing_of(seen(FIRST, node(2, "Down", detail="Disconnected"))) == [[], []]
    assert failing_of(BROKEN) == [["node-1"], ["dn_11 Disconnected"]]
    assert failing_of(seen()) == [None, None]


def repair(outcome: str, *steps: str, node: str = "db-01") -> dict[str, Any]:
    return {"request": {"node": node}, "outcome": outcome, "steps": [{"name": step} for step in steps]}


@pytest.mark.parametrize(
    ("records", "restarted"),
    [
        ([repair("running", "check_repair", "restart_node")], True),
        (
            [repair("running", "check_repair"), repair("running", "repair_node"), repair("running", "restart_node")],
            True,
        ),
        ([repair("running", "check_repair")], False),
        # A run that has ended has said that it did not help: a person tries it again.
        ([repair("held", "restart_node")], False),
        ([repair("running", "check_repair"), repair("held", "restart_node"), repair("running", "restart_node")], False),
        ([repair("running", "restart_node", node="db-02")], False),
        ([{}], False),
        ([], False),
    ],
)
def test_a_restart_is_not_repeated_after_a_kill(records: list[Any], restarted: bool) -> None:
    assert node_state(BROKEN, "db-01", records)["restarted"] is restarted


def record(before: dict[str, Any], until: str = "stopped", outcome: str = "paused", host: str = "db-01") -> Any:
    return {
        "request": {"host": host, "until": until},
        "outcome": outcome,
        "before": {"sites": {"site-a": before}},
    }


OTHER = seen(FIRST, node(2, "Down", detail=STOPPED), THIRD)


@pytest.mark.parametrize(
    ("records", "home", "known"),
    [
        ([record(WELL)], ["dn_11"], True),
        # A run that was repeated has seen the node without its primaries.
        ([record(AWAY), record(DRAINED), record(WELL)], ["dn_11"], True),
        ([record(AWAY, until="started", outcome="running"), record(WELL, host="192.0.2.1")], ["dn_11"], True),
        # The node had none.
        ([record(DRAINED)], [], True),
        # An earlier maintenance has ended, and so has one of another host.
        ([record(DRAINED), record(AWAY, until="started", outcome="done"), record(WELL)], [], True),
        ([record(OTHER, host="db-02"), record(DRAINED, until="started", outcome="done", host="db-02")], [], False),
        ([record(DRAINED, until="started", outcome="done", host="db-02"), record(WELL)], ["dn_11"], True),
        ([], [], False),
        ([{}, {"before": None}, {"before": {"sites": {}}}], [], False),
    ],
)
def test_the_primaries_before_the_maintenance(records: list[Any], home: list[str], known: bool) -> None:
    found = node_state(DRAINED, "db-01", records)
    assert (found["home"], found["home_known"]) == (home, known)


def test_what_is_home_already_does_not_move() -> None:
    assert node_state(WELL, "db-01", [record(WELL)])["home"] == []


def test_without_a_record_no_node_gets_two_primaries_less_than_another() -> None:
    """Of the fullest node, the shard with the lowest replica on this node moves first."""
    empty = node(1, *["Standby"] * 5)
    full = node(2, *["Primary"] * 4, "Standby")
    half = node(3, *["Standby"] * 4, "Primary")
    assert node_state(seen(empty, full, half), "db-01")["home"] == ["dn_11", "dn_21"]
    assert node_state(DRAINED, "db-01")["home"] == []
    # A shard without a replica on the node stays where it is.
    assert node_state(seen(node(1), full, half), "db-01")["home"] == []


def test_the_state_in_one_sentence() -> None:
    assert summary_of("site-a", AWAY) == {
        "code": "nodes_unhealthy",
        "site": "site-a",
        "instance": "orders",
        "status": "ACTIVE",
        "stopped": ["node-1"],
        "unhealthy": [],
    }
    assert summary_of("site-a", BROKEN)["unhealthy"] == ["node-1"]
    assert [summary_of("site-a", each)["code"] for each in (WELL, seen())] == ["nodes_healthy", "nodes_unknown"]
    assert not is_good(seen(FIRST, status="FAILED"))


def test_a_view_of_nodes() -> None:
    view = view_of({"site-a": AWAY}, {}, "", NOON, ["components", "upgrades"])
    assert ([each["code"] for each in view.summary], view.good_end) == (["nodes_unhealthy"], False)
    assert view_of({"site-a": WELL}, {}, "", NOON, ["components"]).good_end
    assert view_of({"site-a": AWAY}, {}, "", NOON).summary == []
