# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What may go wrong while an instance is upgraded, and how each of it ends."""

from __future__ import annotations

import json
from typing import Any

import pytest
from fleet import LAST, NEW, OLD, Fleet, ended

ROLLBACK = ("-e", "upgrade_on_failure=rollback")
FIRST = ("-e", "gaussdb_until=first_zone")
ZONES = ("-e", "gaussdb_until=zones")
# Both zones without a primary at the same time.
GROUPS = ("-e", json.dumps({"upgrade_zone_groups": [["dc2", "dc3"], ["dc1"]]}))


def order(fleet: Fleet, **rules: Any) -> None:
    fleet.admin("POST", "estate", {"upgrade_rules": [{"instance": "orders-prod", **rules}]})


def fault(fleet: Fleet, kind: str, **more: Any) -> None:
    fleet.admin("POST", "faults", {"kind": kind, "operation": "upgrade_instance", **more})


def notes(record: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {note["code"]: note for note in record["notes"]}


@pytest.mark.long
@pytest.mark.parametrize(
    ("leaves", "outcome", "upgraded"),
    [("before", "paused", ["dc2", "dc3"]), ("partial", "paused", ["dc2", "dc3"]), ("failed", "held", ["dc2"])],
)
def test_another_attempt_is_made_where_the_instance_is_healthy(
    fleet: Fleet, leaves: str, outcome: str, upgraded: list[str]
) -> None:
    order(fleet, leaves=leaves)
    fault(fleet, "job_fail", step=3)
    record = ended(fleet.upgrade(*GROUPS, *FIRST, "-e", "upgrade_zone_attempts=2"), outcome, fleet)
    assert fleet.state()[2] == upgraded
    attempts = [["dc2", "dc3"], ["dc3"] if leaves == "partial" else ["dc2", "dc3"]]
    assert fleet.zones() == (attempts if outcome == "paused" else attempts[:1])
    assert ("tried_again" in notes(record)) == (outcome == "paused")


@pytest.mark.long
def test_a_task_that_leaves_a_part_of_its_zones_follows_the_policy(fleet: Fleet) -> None:
    """What was seen is kept before it is undone."""
    order(fleet, leaves="partial")
    fault(fleet, "job_fail", step=3)
    record = ended(fleet.upgrade(*GROUPS, *ROLLBACK), "rolled_back", fleet)
    assert [step["name"] for step in record["steps"]][-3:] == ["upgrade_zones", "diagnose", "roll_back"]


@pytest.mark.long
def test_a_task_that_the_platform_no_longer_knows_is_taken_up(fleet: Fleet) -> None:
    """For example after a restart of the platform: the state of the instance shows how it has ended."""
    fault(fleet, "job_vanish")
    run = fleet.upgrade(*FIRST)
    assert fleet.zones() == LAST[:1]
    if run.status:
        ended(run, "held", fleet)
        ended(fleet.upgrade(*FIRST), "paused", fleet)
    assert fleet.state() == (OLD, NEW, ["dc2"]) and fleet.zones() == LAST[:1]


BROKEN = {"instance": "orders-prod", "version": NEW, "zone": "dc2", "after_seconds": 0}
ALARM = {"alarm": {"alarm_id": "5010099", "severity": "critical"}}


@pytest.mark.long
@pytest.mark.parametrize(
    ("broken", "outcome"), [({"component": "dn_6002"}, "held"), ({"component": "dn_6002", **ALARM}, "rolled_back")]
)
def test_only_what_the_policy_names_rolls_back(fleet: Fleet, broken: dict[str, Any], outcome: str) -> None:
    fleet.admin("POST", "estate", {"version_faults": [{**BROKEN, **broken}]})
    only = ("-e", json.dumps({"upgrade_rollback_on": ["critical_alarm"]}))
    record = ended(fleet.upgrade(*FIRST, *ROLLBACK, *only), outcome, fleet)
    (seen,) = record["diagnosis"]
    assert seen["unhealthy"] == ["orders-prod_root_1"] and seen["nodes"] and seen["snapshot"]
    assert bool(seen["alarms"]) == (outcome == "rolled_back")


@pytest.mark.long
def test_what_cannot_be_read_holds_and_is_noted(fleet: Fleet) -> None:
    """It is no evidence against the new version, and does not end the run before its record is complete."""
    ended(fleet.upgrade(*FIRST), "paused", fleet)
    reply = {"kind": "status", "status": 400, "body": {"error_code": "DBS.1", "error_msg": "no"}, "count": None}
    fleet.admin("POST", "faults", {**reply, "operation": "list_components"})
    fleet.admin("POST", "faults", {**reply, "operation": "create_wdr_snapshot"})
    record = ended(fleet.upgrade(*FIRST, *ROLLBACK), "held", fleet)
    assert {"no_snapshot", "not_diagnosed"} <= set(notes(record))
    assert fleet.state()[2] == ["dc2"]


@pytest.mark.long
@pytest.mark.parametrize("how", ["disable", "fail"])
def test_a_rollback_that_is_not_possible_is_held_with_what_is_left(fleet: Fleet, how: str) -> None:
    fleet.admin("POST", "estate", {"version_faults": [{**BROKEN, "component": "dn_6002"}]})
    if how == "fail":
        fault(fleet, "job_fail", body_contains="rollback")
    else:
        order(fleet, disable=["rollback"])
    record = ended(fleet.upgrade(*ROLLBACK), "held", fleet)
    left = notes(record)["ways_left"]
    assert left["backup"].startswith("before-upgrade-") and left["moment"] != "unknown"
    (page,) = fleet.evidence.glob("*-upgrade-orders-prod.html")
    text = page.read_text(encoding="utf-8")
    assert "the support of the vendor" in text and left["backup"] in text and "What was seen after the failure" in text


BY_HAND = """\
- name: Roll back as somebody else
  gaussdb.tpops.gaussdb_upgrade:
    instance: orders-prod
    version: 3.200.0
    strategy: grey
    state: rolled_back
"""


@pytest.mark.long
def test_a_commit_that_is_not_possible_is_held(fleet: Fleet) -> None:
    """It can be tried again, unless somebody else has rolled back: then a person decides whether to begin again."""
    ended(fleet.upgrade(*ZONES), "paused", fleet)
    order(fleet, disable=["commit"])
    ended(fleet.upgrade(*ROLLBACK), "held", fleet)
    order(fleet)
    fault(fleet, "job_fail", body_contains="commit")
    ended(fleet.upgrade(*ROLLBACK), "held", fleet)
    assert fleet.state() == (OLD, NEW, ["dc2", "dc3", "dc1"])
    # The last look before the commit still shows the upgrade.
    (fleet.folder / "own.yml").write_text(BY_HAND, encoding="utf-8")
    run = fleet.upgrade("-e", "upgrade_verify_tasks=own.yml", *ROLLBACK)
    record = ended(run, "held", fleet)
    assert "there is nothing to commit" in run.output and fleet.state() == (OLD, "", [])
    assert record["steps"][-1]["name"] == "commit_upgrade"
