# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How far an instance is with its upgrade, what is left in which order, and which checks it passes."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest

from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.components import with_condition
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.procedure.upgrade import (
    checks_of_upgrade,
    findings_of,
    is_good,
    key_of,
    summary_of,
    upgrade_state,
)
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.procedure.view import view_of

NOON = datetime(2026, 1, 5, 12, tzinfo=timezone.utc)
DESIRED = {"version": "3.200.0", "strategy": "grey"}
ALARM = {"alarm_id": "1", "instance_id": "in14", "name": "node down", "severity": "critical", "first_time": "8:00"}


def node(zone: str, *statuses: str, detail: str = "Normal") -> dict[str, Any]:
    components = [
        {"id": f"dn_{zone}_{index}", "type": "DN", "status": status, "detail": detail}
        for index, status in enumerate(statuses)
    ]
    return {"name": f"node-{zone}", "status": "normal", "availability_zone_id": zone, "components": components}


NODES = [node("dc1", "Primary", "Primary"), node("dc2", "Primary", "Standby"), node("dc3", "Standby", "Standby")]


def seen(upgrade: dict[str, Any], nodes: Any = None, desired: Any = None, **more: Any) -> dict[str, Any]:
    """Return what is known of an instance after a look at its upgrade."""
    nodes, desired = NODES if nodes is None else nodes, desired or DESIRED
    known = {"instance": "orders-prod", "instance_status": "ACTIVE", "instance_busy": False, "alarms_read": True}
    known |= {"reachable": True}
    known |= {"alarms": [], "engine_version": "3.103.0", **more}
    steps = [{"name": "upgrade", "enabled": True}, {"name": "commit", "enabled": False}]
    shown = {
        "version": "3.103.0",
        "target_version": None,
        "upgraded_zones": [],
        "remaining_zones": ["dc1", "dc2", "dc3"],
        "candidate_versions": ["3.200.0"],
        "strategies": [
            {"name": "grey", "enabled": True, "steps": steps},
            {"name": "inplace", "enabled": True, "steps": [{"name": "upgradeAutoCommit", "enabled": True}]},
        ],
    }
    known["nodes"] = [with_condition(each, {}) for each in nodes]
    return {**known, "upgrade": upgrade_state(known, {"upgrades": {"upgrades": [shown | upgrade]}}, desired, NOON)}


HALF = {"target_version": "3.200.0", "upgraded_zones": ["dc3"], "remaining_zones": ["dc1", "dc2"]}
DONE = {"version": "3.200.0", "candidate_versions": []}


def test_zones_with_the_fewest_primaries_come_first() -> None:
    upgrade = seen({})["upgrade"]
    assert upgrade["remaining_zones"] == ["dc3", "dc2", "dc1"]
    assert (upgrade["allowed"], upgrade["candidates"], upgrade["nodes"]) == (True, ["3.200.0"], 3)
    # Without components the order is that of the platform.
    assert seen({}, nodes=[])["upgrade"]["remaining_zones"] == ["dc1", "dc2", "dc3"]


@pytest.mark.parametrize(
    ("upgrade", "known", "stage"),
    [
        ({}, {}, "old"),
        (HALF, {}, "observed"),
        (HALF, {"instance_busy": True}, "working"),
        ({"target_version": "3.300.0"}, {}, "foreign"),
        (DONE, {}, "new"),
        (DONE, {"instance_busy": True}, "new"),
        ({}, {"instance_busy": True}, "working"),
        # The version that should be installed is the one before the upgrade that is under way.
        (DONE | {"target_version": "3.300.0"}, {}, "foreign"),
    ],
)
def test_how_far_it_is(upgrade: dict[str, Any], known: dict[str, Any], stage: str) -> None:
    found = seen(upgrade, **known)
    assert found["upgrade"]["stage"] == stage
    assert summary_of("site-a", found)["code"] == f"upgrade_{stage}"


@pytest.mark.parametrize(
    ("version", "upgrade", "stage"),
    [
        ("3.103.0.2", {}, "old"),
        ("3.103.0.2", {"version": "3.103.0.2"}, "new"),
        # The platform may show the version of the release all the same.
        ("3.103.0.1,3.103.0.2", {"removable_hotfixes": ["3.103.0.1", "3.103.0.2"]}, "new"),
        ("3.103.0.1, 3.103.0.2", {"removable_hotfixes": ["3.103.0.1"]}, "old"),
        ("3.103.0.2", HALF, "foreign"),
    ],
)
def test_how_far_hotfixes_are(version: str, upgrade: dict[str, Any], stage: str) -> None:
    found = seen({"candidate_hotfixes": ["3.103.0.2"]} | upgrade, desired={"version": version, "strategy": "hotfix"})
    assert (found["upgrade"]["stage"], found["upgrade"]["candidates"]) == (stage, ["3.103.0.2"])


def test_without_a_version_any_upgrade_is_meant() -> None:
    any_version = {"version": "", "strategy": "grey"}
    known = {"instance_busy": False}
    shown = {"upgrades": {"upgrades": [{"version": "3.103.0", "target_version": "3.200.0"}]}}
    assert upgrade_state(known, shown, {}, NOON)["stage"] == "observed"
    assert seen(HALF, desired=any_version)["upgrade"]["stage"] == "observed"
    back = seen({}, desired=any_version)
    assert back["upgrade"]["stage"] == "old" and is_good(back)
    assert failing(checks_of_upgrade(back, [], ())) == {}


def test_what_cannot_be_read_is_unknown() -> None:
    known = {"instance_busy": False}
    upgrade = upgrade_state(known, {"upgrades": {"failed": True}}, DESIRED, NOON)
    assert (upgrade["stage"], upgrade["nodes"], upgrade["remaining_zones"]) == ("unknown", 0, [])


def test_only_a_healthy_instance_with_the_version_is_a_good_end() -> None:
    broken = [*NODES[:2], node("dc3", "Standby", "Down")]
    assert is_good(seen(DONE))
    assert not is_good(seen(HALF))
    assert not is_good(seen(DONE, nodes=broken))
    assert seen(DONE, nodes=broken)["upgrade"]["unhealthy"] == ["node-dc3"]


def test_the_window() -> None:
    window = {"from": "01:00", "to": "05:00"}
    assert seen({})["upgrade"]["window_open"]
    assert not seen({}, desired=DESIRED | {"window": window})["upgrade"]["window_open"]


def failing(checks: list[dict[str, Any]]) -> dict[str, Any]:
    return {each["name"]: each["value"] for each in checks if not each.get("passed", each["value"] == each["expected"])}


def test_the_checks_of_upgraded_zones() -> None:
    status = {"instance_status": "UPGRADE TO BE OBSERVED"}
    assert failing(checks_of_upgrade(seen(HALF, **status), ["dc3"], ())) == {}
    assert failing(checks_of_upgrade(seen(HALF, **status), ["dc3", "dc2"], ())) == {"upgraded_zones": ["dc3"]}
    assert failing(checks_of_upgrade(seen(HALF, **status), [], ())) == {
        "instance_status": "UPGRADE TO BE OBSERVED",
        "engine_version": ["3.103.0"],
    }


def test_the_checks_of_a_committed_upgrade() -> None:
    assert failing(checks_of_upgrade(seen(DONE), [], ())) == {}
    assert failing(checks_of_upgrade(seen(DONE, instance_status="BACKING UP"), [], ())) == {}
    ill = seen(DONE, nodes=[node("dc1", "Down")], instance_status="FAILED", alarms=[ALARM])
    assert failing(checks_of_upgrade(ill, [], ())) == {
        "instance_status": "FAILED",
        "nodes": ["node-dc1"],
        "critical_alarms": ["node down"],
    }
    assert failing(checks_of_upgrade(seen(DONE, alarms=[ALARM]), [], {key_of(ALARM)})) == {}
    # Alarms that could not be read are not none.
    assert failing(checks_of_upgrade(seen(DONE, alarms_read=False), [], ())) == {"critical_alarms": None}


@pytest.mark.parametrize(
    ("known", "nodes", "kinds"),
    [
        ({}, NODES, []),
        ({"instance_status": "FAILED"}, [node("dc3", "Down")], ["components"]),
        ({"alarms": [ALARM]}, NODES, ["critical_alarm"]),
        # What cannot be read is no evidence against the new version.
        ({"alarms_read": False, "reachable": False, "instance_status": "unreachable"}, [], ["unread"]),
    ],
)
def test_what_the_checks_have_found(known: dict[str, Any], nodes: Any, kinds: list[str]) -> None:
    checks = checks_of_upgrade(seen(DONE, nodes=nodes, **known), [], ())
    assert findings_of({"jobs": []}, checks) == kinds
    own = {"name": "rows", "passed": False}
    assert findings_of({"jobs": [{"status": "Completed"}]}, [*checks, own]) == [*kinds, "tasks"]
    assert findings_of({"jobs": [{"status": "Failed"}]}, checks) == [*kinds, "job"]


@pytest.mark.parametrize(
    ("strategy", "at_once", "allowed"), [("grey", False, True), ("grey", True, False), ("inplace", True, True)]
)
def test_which_step_has_to_be_allowed(strategy: str, at_once: bool, allowed: bool) -> None:
    steps = [{"name": "upgrade", "enabled": True}, {"name": "upgradeAutoCommit", "enabled": False}]
    offers = [
        {"name": "grey", "enabled": True, "steps": steps},
        # A strategy without steps has the flag itself.
        {"name": "inplace", "enabled": True, "steps": []},
    ]
    desired = {"version": "3.200.0", "strategy": strategy, "at_once": at_once}
    assert seen({"strategies": offers}, desired=desired)["upgrade"]["allowed"] is allowed


def test_a_view_of_an_upgrade() -> None:
    view = view_of({"site-a": seen(HALF)}, {}, "", NOON, ["upgrades"])
    assert [each["code"] for each in view.summary] == ["upgrade_observed"]
    assert not view.good_end and view.snapshot["sites"] is view.sites
    assert view_of({"site-a": seen(DONE)}, {}, "", NOON, ["upgrades"]).good_end
