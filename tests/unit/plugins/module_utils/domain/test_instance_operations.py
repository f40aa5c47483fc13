# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The state of components, the wait for an instance, and what the engine does for them."""

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
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.instance_operations import REPAIR_NODES
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.operation import Call
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain import components
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain import node as nodes
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
    ("stopped", "told", "refused"), [(True, False, True), (True, True, False), (False, False, False)]
)
def test_a_node_that_was_only_stopped_is_not_replaced_without_being_told_to(
    stopped: bool, told: bool, refused: bool
) -> None:
    ctx = context(Platform())
    ctx.params = {"state": "replaced", "manage_ip": "192.0.2.9", "replace_stopped": told}
    item = Item({"node": "node-1"}, "node-1", current={"healthy": False, "stopped": stopped})
    try:
        nodes.refine(ctx, item)
    except InputError as error:
        assert refused and str(error).startswith("replace_stopped: must be true, because node node-1 was stopped")
    else:
        assert not refused


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
