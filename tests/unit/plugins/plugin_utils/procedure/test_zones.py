# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How an instance is that has lost availability zones, and the checks of each goal."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.components import with_condition
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.procedure.zones import zone_state


def node(number: int, status: str) -> dict[str, Any]:
    detail = "Disconnected" if status == "Down" else "Normal"
    replica = {"id": f"dn_600{number}", "type": "DN", "status": status, "detail": detail, "distributed_id": "60011"}
    place = {"hostname": f"db-0{number}", "availability_zone_id": f"dc{number}", "description": f"zone {number}"}
    names = {"id": f"no{number}", "name": f"node-{number}", "status": "normal", **place}
    return with_condition({**names, "components": [replica]}, {})


def seen(*statuses: str, status: str = "ACTIVE") -> dict[str, Any]:
    nodes = [node(number, each) for number, each in enumerate(statuses, 1)]
    return {"instance": "orders", "instance_status": status, "nodes": nodes or None}


LOST = seen("Down", "Down", "Down", status="FAILED")


@pytest.mark.parametrize(
    ("state", "alone", "healthy", "primary", "started", "resumed"),
    [
        (seen("Standby", "Standby", "Primary"), False, True, True, ["other_zones"], []),
        (seen("Primary", "Standby", "Standby"), False, True, False, ["other_zones"], []),
        (seen("Down", "Down", "Primary"), True, False, True, [], ["nodes"]),
        (
            seen("Down", "Down", "Standby", status="FAILED"),
            False,
            False,
            False,
            ["instance_status", "shards_without_primary"],
            ["instance_status", "nodes"],
        ),
        # What may run is not lost.
        (seen("Down", "Strange", "Primary"), False, False, True, ["other_zones"], ["nodes"]),
    ],
)
def test_the_state_of_a_zone(
    state: dict[str, Any], alone: bool, healthy: bool, primary: bool, started: list[str], resumed: list[str]
) -> None:
    found = zone_state(state, "dc3")
    assert (found["id"], found["others"], found["nodes"]) == ("dc3", ["dc1", "dc2"], ["node-3"])
    assert (found["alone"], found["healthy"], found["primary"]) == (alone, healthy, primary)
    failing = {
        goal: [each["name"] for each in checks if each["value"] != each["expected"]]
        for goal, checks in found["checks"].items()
    }
    assert (failing["force_started"], failing["resumed"]) == (started, resumed)


def test_a_zone_is_also_given_by_its_description() -> None:
    assert zone_state(LOST, "zone 2")["id"] == "dc2"


@pytest.mark.parametrize("given", ["dc9", ""])
def test_a_zone_that_does_not_exist(given: str) -> None:
    found = zone_state(LOST, given)
    assert (found["id"], found["nodes"], found["primary"], found["alone"]) == ("", [], False, False)
    assert found["others"] == ["dc1", "dc2", "dc3"]


def test_nothing_passes_that_cannot_be_read() -> None:
    found = zone_state(seen(), "dc1")
    assert [each["value"] for each in found["checks"]["force_started"]] == ["ACTIVE", None, None]
    assert (found["id"], found["alone"], found["healthy"]) == ("", False, False)
