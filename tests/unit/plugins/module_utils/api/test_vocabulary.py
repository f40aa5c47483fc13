# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An unknown word of the platform: it never ends a wait, and is never a reason to repair or restart."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.gaussdb.tpops.plugins.module_utils.api import disaster_recovery, inspection
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.instance import COMPONENT_NODE, INSTANCE
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.metric import METRIC_INFO
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.restore import RANGE
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.session import SESSION
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain import availability_zone as zones
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain import backup as backups
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain import disaster_recovery as dr_life
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain import inspection as inspections
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain import instance as instance_life
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain import metric_query, session_end
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain import node as nodes
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain import restore as restores
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.components import with_condition
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.context import Parent
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.item import Item
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import InputError, TpopsError

WEIRD = "Weird"


def context(**params: Any) -> Any:
    given = {"manage_ip": None, "discard_transactions": False, **params}
    return SimpleNamespace(params=given, parent=Parent("in14", "orders"), warn=lambda _text: None, check_mode=False)


def node(number: int, *statuses: str, zone: str = "east", status: str = "normal") -> dict[str, Any]:
    components = [{"id": f"dn_{number}", "type": "DN", "status": word, "distributed_id": 6001} for word in statuses]
    raw = {
        "node_id": f"n{number}",
        "id": f"n{number}",
        "name": f"node-{number}",
        "availability_zone_id": zone,
        "status": status,
    }
    return with_condition(COMPONENT_NODE.read({**raw, "components": components}), {})


@pytest.mark.parametrize("state", ["started", "stopped", "repaired", "replaced"])
def test_nothing_is_done_to_a_node_of_which_nobody_can_tell_how_it_is(state: str) -> None:
    item = Item({}, "node-1", current=node(1, WEIRD), present=state != "replaced")
    with pytest.raises(TpopsError, match="the platform shows dn_1 Weird"):
        nodes.refine(context(state=state), item)


@pytest.mark.parametrize(
    ("state", "current"),
    [("repaired", node(1, "Primary", status=WEIRD)), ("replaced", node(1, "Primary", status=WEIRD))],
)
def test_a_node_in_an_unknown_status_is_not_broken(state: str, current: dict[str, Any]) -> None:
    with pytest.raises(TpopsError, match="the node Weird"):
        nodes.refine(context(state=state), Item({}, "node-1", current=current, present=state != "replaced"))


@pytest.mark.parametrize("current", [node(1, "PRIMARY "), node(1, "standby")])
def test_a_status_in_another_case_is_healthy(current: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="is healthy"):
        nodes.refine(context(state="replaced"), Item({}, "node-1", current=current, present=False))


@pytest.mark.parametrize("state", ["primary", "resumed"])
def test_nothing_is_done_to_a_zone_of_which_nobody_can_tell_how_it_is(
    state: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(zones, "read_instances", lambda ctx: [{"running": True}])
    monkeypatch.setattr(zones, "nodes_of", lambda instances, listed: listed)
    ctx = context(state=state, availability_zone="east", confirm_lost_zones=None)
    (zone,) = zones.select(ctx, [node(1, "Primary"), node(2, WEIRD)])
    with pytest.raises(TpopsError, match="dn_2 Weird"):
        zones.refine(ctx, Item({}, "east", current=zone))


@pytest.mark.parametrize("state", ["started", "stopped", "restarted"])
def test_an_instance_in_an_unknown_status_is_not_started_or_stopped(state: str) -> None:
    current = INSTANCE.read({"id": "in14", "name": "orders", "status": WEIRD})
    assert current["running"] is None
    item = Item({"running": state == "started"}, "orders", current=current, changes={"running": state == "started"})
    with pytest.raises(TpopsError, match="in status Weird"):
        instance_life.plan_power(context(state=state), [item])


@pytest.mark.parametrize(
    ("status", "seen"),
    [("ACTIVE", "done"), ("failed ", "failed"), ("restoring", "running"), ("恢复中", "running"), (WEIRD, "running")],
)
def test_a_restore_ends_with_a_known_status(status: str, seen: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(restores, "look", lambda ctx: INSTANCE.read({"status": status}))
    assert restores._observe(context()).state == seen


def test_no_restore_is_begun_where_nobody_can_tell_whether_one_is_running(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(restores, "look", lambda ctx: INSTANCE.read({"status": WEIRD}))
    ctx = context()
    ctx.cached = lambda _key, read: read()
    with pytest.raises(TpopsError, match="in status Weird"):
        restores.is_restoring(ctx)


@pytest.mark.parametrize(
    ("status", "state"),
    [("normal", "done"), ("NORMAL", "done"), ("failed", "done"), ("pending", "running"), (WEIRD, "running")],
)
def test_a_relation_is_settled_in_a_known_status(status: str, state: str) -> None:
    relation = {
        **disaster_recovery.RELATION.read({"name": "r", "status": status, "disaster_role": "master"}),
        "monitor": None,
    }
    ctx = context(until="settled", rpo_seconds=None, rto_seconds=None)
    assert dr_life.observe_until(ctx, [relation]).state == state


def test_a_run_of_an_inspection_that_may_be_going_on_is_not_started_again() -> None:
    current = inspection.INSPECTION.read({"status": WEIRD, "last_execute_time": 1704369907550})
    assert inspections.is_fresh(context(), current, 0, 0)


@pytest.mark.parametrize(
    ("state", "began", "busy"),
    [
        *[
            ("idle", "", False),
            ("IDLE", 0, False),
            ("空闲", None, False),
            ("Active", "--", False),
            ("idle", 1704369907550, True),
        ],
        *[("idle in transaction", None, True), ("Idle_In_Transaction", None, True), (WEIRD, None, True)],
    ],
)
def test_which_sessions_may_be_in_a_transaction(state: str, began: Any, busy: bool) -> None:
    sessions = [SESSION.read({"session_id": "1", "state": state, "transaction_start": began})]
    if not busy:
        session_end.check_transactions(context(), sessions)
        return
    with pytest.raises(InputError, match="sessions in a transaction would be lost"):
        session_end.check_transactions(context(), sessions)


def test_gaps_in_a_series(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metric_query.query, "read_metric_names", lambda ctx: {})
    monkeypatch.setattr(metric_query, "read_instance_names", lambda ctx: SimpleNamespace(label=str))
    metric = {"name": "cpu", "series": {"a": ["1.5", "--", None, "", {}, 3], "b": "--", "c": None}}
    metric["timestamps"] = ["1704369907550", 1704369917550, 1704369927550, "--", 1704369937550, 1704369947550]
    found = metric_query.build_rows(
        context(latest_only=False), [METRIC_INFO.read({"instance_id": "in14", "metrics": [metric]})]
    )
    assert [point["value"] for point in found[0]["points"]] == [1.5, None, None, None, 3]
    assert (found[0]["minimum"], found[0]["maximum"], found[0]["latest"], found[0]["average"]) == (1.5, 3, 3, 2.25)
    assert found[1]["latest"] is None


def test_a_span_without_an_end_is_none() -> None:
    spans = [
        RANGE.read(each)
        for each in (
            {"start_time": "1704369907550", "end_time": None},
            {"start_time": 1704369907550, "end_time": 1704369917550},
        )
    ]
    assert [each["start_ms"] for each in backups.merged(spans)] == [1704369907550]
