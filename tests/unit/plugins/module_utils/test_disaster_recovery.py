# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the records of a relation say about its instances."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.gaussdb.tpops.plugins.module_utils import dr_life
from ansible_collections.gaussdb.tpops.plugins.module_utils.api import disaster_recovery as api

SIDES = {
    "master_region_instance_info": {"instance_id": "first", "ip_address": "192.0.2.1,192.0.2.2"},
    "slave_region_instance_info": {"instance_id": "second", "ip_address": "198.51.100.1"},
}


def record(role: str, status: str, **more: Any) -> dict[str, Any]:
    return api.RELATION.read({"disaster_role": role, "status": status, **SIDES, **more})


@pytest.mark.parametrize(
    ("role", "status", "acts_as", "in_force", "protected", "drill"),
    [
        ("master", "normal", "primary", True, True, False),
        ("disaster", "normal", "standby", True, True, False),
        ("master", "dr_log_keep", "primary", True, True, False),
        ("master", "simulation", "primary", True, False, True),
        ("disaster", "simulation", "standby", True, False, True),
        ("disaster", "failover", "primary", False, False, False),
        ("master", "failover", "former_primary", False, False, False),
        ("master", "completed", None, False, False, False),
        ("master", "failed", None, False, False, False),
        ("disaster", "pending", "standby", None, False, None),
        ("master", "something new", "primary", None, False, None),
    ],
)
def test_role_and_status_together(role: str, status: str, acts_as: Any, in_force: Any, protected: bool, drill: Any) -> None:
    found = record(role, status)
    assert (found["acts_as"], found["in_force"], found["protected"], found["drill"]) == (acts_as, in_force, protected, drill)


def test_the_own_instance_is_that_of_the_role_whatever_instance_id_is_said_to_mean() -> None:
    found = record("disaster", "normal", instance_id="first")
    assert (found["instance_id"], found["other_instance_id"]) == ("second", "first")
    checking = api.RELATION.read({"disaster_role": "master", "status": "pre_checking", "instance_id": "first"})
    assert (checking["instance_id"], checking["other_instance_id"], checking["standby"]) == ("first", None, None)
    assert found["primary"]["ip_addresses"] == ["192.0.2.1", "192.0.2.2"]


def test_what_binds_an_instance_comes_before_what_is_over_and_the_newest_first() -> None:
    relations = [
        record("master", "completed", name="old", created="2026-01-03 00:00:00"),
        record("master", "failover", name="lost", created="2026-01-02 00:00:00"),
        record("master", "normal", name="live", created="2026-01-01 00:00:00"),
        record("disaster", "normal", name="of the other one"),
    ]
    assert [each["name"] for each in dr_life.own("first", relations)] == ["live", "old", "lost"]
    assert dr_life.own(None, relations) == []


def test_figures_of_the_monitor() -> None:
    texts = {
        "rpo": "12",
        "rto": "0.5",
        "rpo_threshold": "10",
        "rto_threshold": "900",
        "failover_progress": "40%",
        "switchover_progress": "",
    }
    found = api.MONITOR.read(texts)
    assert (found["rpo_seconds"], found["rto_seconds"], found["failover_progress"], found["switchover_progress"]) == (12, 0.5, 40, None)
    assert found["within_thresholds"] is False
    assert api.MONITOR.read({**texts, "rpo": "10"})["within_thresholds"] is True
    assert api.MONITOR.read({**texts, "rpo": "unknown"})["within_thresholds"] is None
    assert api.MONITOR.read({})["within_thresholds"] is None
