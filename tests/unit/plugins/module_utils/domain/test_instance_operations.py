# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The state of components, upgrades, the wait for an instance, and what the engine does for them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.gaussdb.tpops.plugins.module_utils.api.disaster_recovery import FAILOVER_DR
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.instance import (
    COMPONENT_NODE,
    INSTANCE,
    LIST_INSTANCES,
    NODE,
)
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.instance_operations import REPAIR_NODES, UPGRADE
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.operation import Call
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain import components
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain import node as nodes
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain import upgrade as upgrades
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.parent import resolve_idle_instance
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine import flow
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.context import Parent
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.execution import job_ids_of
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.item import Item, Step
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.options import Field
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.planning import match
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import Action
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import (
    InputError,
    JobTimeout,
    NotFound,
    TpopsError,
)
from ansible_collections.gaussdb.tpops.tests.unit.plugins.module_utils.platform import (
    CHANGE,
    POLICY,
    SPEC,
    FakeReply,
    Platform,
    context,
    variant,
)

# Components


def node(
    number: int, *statuses: str, zone: str = "east", status: str = "normal", detail: str | None = None
) -> dict[str, Any]:
    kinds = ("DN", "ETCD")
    shown = [
        {
            "id": f"{kind.lower()}_{number}",
            "type": kind,
            "status": word,
            "distributed_id": 6001 if kind == "DN" else None,
            "detail": detail,
        }
        for kind, word in zip(kinds, statuses)
    ]
    raw = {
        "id": f"n{number}",
        "name": f"node-{number}",
        "hostname": f"host-{number}",
        "availability_zone_id": zone,
        "status": status,
    }
    return COMPONENT_NODE.read({**raw, "components": shown})


THREE = [
    node(1, "Primary", "StateLeader"),
    node(2, "Standby", "StateFollower"),
    node(3, "Down", "Down", status="abnormal"),
]


@pytest.mark.parametrize(
    ("stopped", "lost"),
    [
        (["n1"], ["shard 6001 (1 of 3)", "ETCD (1 of 3)"]),
        (["n3"], []),
        ([], []),
    ],
)
def test_what_loses_its_majority(stopped: list[str], lost: list[str]) -> None:
    assert components.without_majority(THREE, stopped) == lost


def test_what_may_be_running_is_counted_before_and_not_afterwards() -> None:
    doubtful = [node(1, "Primary", "StateLeader"), node(2, "Weird", "StateFollower"), node(3, "Weird", "StateFollower")]
    assert components.without_majority(doubtful, ["n3"]) == ["shard 6001 (1 of 3)"]


def test_what_has_no_majority_cannot_lose_it() -> None:
    assert components.without_majority([THREE[0], THREE[2], node(4, "Down", "Down")], ["n1"]) == []


@pytest.mark.parametrize(
    ("listed", "known", "condition"),
    [
        (node(1, "Primary", "StateLeader"), {"status": "ACTIVE"}, (True, False, True)),
        (node(1, "Primary", "Down"), {"status": "ACTIVE"}, (True, False, False)),
        (node(1, "Primary", "StateLeader", status="abnormal"), {}, (True, False, False)),
        (node(1, "Down", "Down", status="abnormal"), {"status": "FAILED"}, (False, False, False)),
        (node(1, "Down", "Down", status="abnormal"), {"status": "shutdown"}, (False, True, False)),
        (node(1, "Down", "Down", status="abnormal", detail="Manually stopped"), {}, (False, True, False)),
        (node(1, "primary ", "STATELEADER", status="正常"), {}, (True, False, True)),
        (node(1, "Primary", "Weird"), {}, (True, False, None)),
        (node(1, "Weird", "Down"), {}, (None, False, False)),
        (node(1, "Primary", "StateLeader", status="weird"), {}, (True, False, None)),
        (node(1, "Weird", "Odd", status="weird"), {"status": "SHUTDOWN"}, (None, False, None)),
    ],
)
def test_how_a_node_is(listed: dict[str, Any], known: dict[str, Any], condition: tuple[bool, ...]) -> None:
    found = components.with_condition(listed, NODE.read(known))
    assert (found["running"], found["stopped"], found["healthy"]) == condition


@pytest.mark.parametrize(
    ("reply", "labels"),
    [
        ({"repair_nodes": [{"node_id": "n1", "job_id": "j1"}, {"node_id": "n2", "error_code": "DBS.216011"}]}, ["two"]),
        ({"node_id": "n1", "error_code": "DBS.216011", "error_msg": "normal"}, ["one"]),
        ({"node_id": "n1", "job_id": "j1", "error_code": None}, []),
        ({"repair_nodes": [{"node_id": "n9", "error_code": "DBS.216011"}, None]}, []),
        ([], []),
        (None, []),
    ],
)
def test_nodes_that_are_not_repaired_are_told_in_either_form(reply: Any, labels: list[str]) -> None:
    items = [Item({}, label, current={"id": node_id}) for label, node_id in (("one", "n1"), ("two", "n2"))]
    assert list(nodes.refused(reply, items)) == labels


# Upgrades


def upgrade(**given: Any) -> dict[str, Any]:
    kinds = [
        {
            "upgrade_type": "grey",
            "enable": True,
            "upgrade_action_list": [{"upgrade_action": "upgrade", "enable": True}],
        },
        {"upgrade_type": "hotfix", "enable": False, "upgrade_action_list": None},
    ]
    progress = {"already_upgraded_az": given.pop("done", ""), "not_fully_upgraded_az": given.pop("left", "a, b")}
    base = {
        "source_version": "1.0",
        "upgrade_candidate_versions": ["2.0"],
        "upgrade_type_list": kinds,
        "roll_upgrade_progress": progress,
    }
    return UPGRADE.read({**base, **given})


def planned(current: dict[str, Any], **params: Any) -> list[tuple[Any, Any]]:
    given = {"version": "2.0", "strategy": "grey", "state": "upgraded", "zones": None, **params}
    ctx = context(Platform())
    ctx.params = given
    ctx.parent = Parent("in1")
    (desired,) = upgrades.build_desired(ctx)
    item = Item({name: value for name, value in desired.items() if value is not None}, "orders", current=current)
    item = upgrades.refine(ctx, item)
    wanted = {
        **item.current,
        "version": current["version"],
        "zones": current["upgraded_zones"],
        "target_version": current["target_version"],
    }
    item.changes = {
        name: value
        for name, value in item.desired.items()
        if not (upgrades.covers(value, wanted[name]) if name == "zones" else (value or None) == wanted[name])
    }
    return [
        (step.call.body.get("upgrade_action"), step.call.body.get("upgrade_az"))
        for step in upgrades.plan_steps(ctx, [item])
    ]


@pytest.mark.parametrize(
    ("current", "params", "steps"),
    [
        (upgrade(), {}, [("upgradeAutoCommit", None)]),
        (upgrade(), {"strategy": "inplace"}, [(None, None)]),
        (upgrade(source_version="2.0"), {}, []),
        (upgrade(), {"state": "observed", "zones": ["b"]}, [("upgrade", "b")]),
        (upgrade(), {"state": "observed"}, [("upgrade", "a,b")]),
        (upgrade(done="b", left="a", target_version="2.0"), {"state": "observed", "zones": ["b"]}, []),
        (upgrade(done="b", left="a", target_version="2.0"), {"state": "observed"}, [("upgrade", "a")]),
        (upgrade(done="b", left="a", target_version="2.0"), {}, [("upgrade", "a"), ("commit", None)]),
        (upgrade(done="a,b", left="", target_version="2.0"), {}, [("commit", None)]),
        (upgrade(done="b", left="a", target_version="2.0"), {"state": "rolled_back"}, [("rollback", None)]),
        (upgrade(), {"state": "rolled_back"}, []),
        (upgrade(source_version="2.0"), {"state": "observed"}, []),
        (upgrade(), {"strategy": "hotfix", "state": "rolled_back"}, []),
        (upgrade(hotfix_rollback_candidate_versions=["1.0.1"]), {"strategy": "hotfix", "version": "1.0.1"}, []),
    ],
)
def test_steps_to_a_version(current: dict[str, Any], params: dict[str, Any], steps: list[Any]) -> None:
    assert planned(current, **params) == steps


@pytest.mark.parametrize(
    ("current", "params", "problem"),
    [
        (upgrade(), {"version": "3.0"}, "version: 1.0 cannot be upgraded to 3.0 with grey, only to 2.0"),
        (upgrade(), {"strategy": "hotfix", "version": "1.0.1"}, "with hotfix, only to nothing"),
        (
            upgrade(hotfix_upgrade_candidate_versions=["1.0.1"]),
            {"strategy": "hotfix", "version": "1.0.1"},
            "does not allow upgradeAutoCommit",
        ),
        (upgrade(), {"zones": ["a"]}, "zones: can only be used with state observed"),
        (upgrade(), {"state": "observed", "zones": ["c"]}, "zones: the instance has no zone c, only a, b"),
        (upgrade(), {"state": "observed", "strategy": "inplace"}, "state: observed needs strategy grey"),
        (upgrade(), {"state": "rolled_back", "strategy": "inplace"}, "cannot be rolled back"),
        (upgrade(target_version="2.0"), {"version": "3.0"}, "to 2.0 is under way"),
        (upgrade(target_version="2.0"), {"strategy": "inplace"}, "to 2.0 is under way"),
    ],
)
def test_no_way_to_a_version(current: dict[str, Any], params: dict[str, Any], problem: str) -> None:
    with pytest.raises(TpopsError, match=problem):
        planned(current, **params)


# Waiting for an instance


class Resting(Platform):
    """Shows one instance with the statuses of a script, whose last entry is repeated."""

    def __init__(self, *statuses: str) -> None:
        super().__init__()
        self.statuses = list(statuses)

    def items(self, call: Call) -> list[dict[str, Any]]:
        assert call.operation is LIST_INSTANCES
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        return [INSTANCE.read({"id": "in1", "name": "orders", "status": status})] if status else []


def resting(platform: Resting, name: str | None = "orders", instance_id: str | None = None, **mode: Any) -> Any:
    return context(platform, instance=name, instance_id=instance_id, busy_timeout=20, **mode)


@pytest.mark.parametrize("wait", [True, False])
def test_nothing_begins_before_the_instance_rests(wait: bool) -> None:
    platform = Resting("UPGRADING", "UPGRADING", "ACTIVE")
    ctx = resting(platform, wait=wait)
    found = resolve_idle_instance(ctx)
    assert (found.id, found.label, found.data["status"]) == ("in1", "orders", "ACTIVE")
    assert platform.statuses == ["ACTIVE"]


def test_an_unknown_status_is_no_reason_to_wait() -> None:
    ctx = resting(Resting("SOMETHING ELSE"), None, "in1")
    found = resolve_idle_instance(ctx)
    assert (found.id, found.label) == ("in1", "in1")


def test_without_waiting_the_busy_timeout_counts() -> None:
    with pytest.raises(JobTimeout, match="last seen: UPGRADING"):
        resolve_idle_instance(resting(Resting("UPGRADING"), wait=False))


def test_a_check_does_not_wait() -> None:
    ctx = resting(Resting("UPGRADING"), check_mode=True)
    found = resolve_idle_instance(ctx)
    assert (found.id, found.label) == ("in1", "orders")
    assert "UPGRADING" in ctx.warnings[0]


def test_an_instance_that_is_not_there() -> None:
    with pytest.raises(NotFound, match="no instance with ID in2"):
        resolve_idle_instance(resting(Resting("ACTIVE"), None, "in2", check_mode=True))
    assert resolve_idle_instance(resting(Resting(""), check_mode=True)) == Parent(None, "orders")


# The engine


def test_the_jobs_of_a_reply() -> None:
    each = FakeReply(
        {
            "repair_nodes": [
                {"node_id": "a", "job_id": "1"},
                {"node_id": "b", "job_id": None},
                {"node_id": "c", "job_id": "2"},
            ]
        }
    )
    assert job_ids_of(REPAIR_NODES, each) == ["1", "2"]
    assert job_ids_of(REPAIR_NODES, FakeReply({"job_id": "3"})) == ["3"]
    assert job_ids_of(REPAIR_NODES, FakeReply(None, headers={"job_id": "4"})) == ["4"]
    assert job_ids_of(REPAIR_NODES, FakeReply({})) == []
    for body in ("8bf0175e-562e-45f6-942a-2e2c72c577d7", ' "975d1377bc8b70ebf3c41d3a1fdbc434"\n'):
        assert job_ids_of(FAILOVER_DR, FakeReply(body)) == [body.strip(' "\n')]
    assert job_ids_of(FAILOVER_DR, FakeReply("success")) == []
    assert job_ids_of(CHANGE, FakeReply({"job_id": "5"})) == []


def test_an_object_may_be_named_by_several_attributes() -> None:
    spec = variant(
        SPEC, identified_by=("name",), fields=[replace(SPEC.fields[0], also_matches=("id", "colour")), *SPEC.fields[1:]]
    )
    current = [
        {"id": "id-a", "name": "a", "colour": "red"},
        {"id": "b", "name": "b", "colour": "b"},
        {"id": "id-c", "name": "c", "colour": "red"},
    ]
    items = [Item({"name": name}, name) for name in ("id-a", "b", "d")]
    match(spec, items, current)
    assert [item.current and item.current["name"] for item in items] == ["a", "b", None]
    with pytest.raises(InputError, match="2 widgets are named red: id-a, id-c"):
        match(spec, [Item({"name": "red"}, "red")], current)


def test_one_object_is_made_of_a_list() -> None:
    listed = replace(SPEC.find.read(None), operation=replace(SPEC.find.read(None).operation, path="/widgets"))
    spec = variant(POLICY, read=lambda ctx: listed, select=lambda ctx, found: [{"size": len(found), "colour": "red"}])
    ctx = context(Platform(a={}, b={}), check_mode=True, house="h")
    ctx.params = {**ctx.params, "size": 2, "colour": "red"}
    result: dict[str, Any] = {"changed": False}
    flow.run_task(spec, ctx, result)
    assert not result["changed"]
    assert result["policy"] == {"size": 2, "colour": "red"}


def test_two_writes_of_one_operation_are_two() -> None:
    platform = Platform(a={})
    steps = [Step(CHANGE.call(body={"name": "a", "size": size}), f"Change it to {size}") for size in (2, 3)]
    result: dict[str, Any] = {"changed": False}
    flow.run_task(Action("widget", (Field("name"),), steps=lambda ctx, items: steps), context(platform), result)
    assert [step["summary"] for step in result["plan"]] == ["Change it to 2", "Change it to 3"]
    assert platform.widgets["a"]["size"] == 3
