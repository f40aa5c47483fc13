# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the records of a relation show about its instances."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.gaussdb.tpops.plugins.module_utils.api import disaster_recovery as api
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain import disaster_recovery as dr_life

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
        ("master", "something new", None, None, False, None),
        ("Master ", "NORMAL", "primary", True, True, False),
        ("灾备", " 正常", "standby", True, True, False),
    ],
)
def test_role_and_status_together(
    role: str, status: str, acts_as: Any, in_force: Any, protected: bool, drill: Any
) -> None:
    found = record(role, status)
    assert (found["acts_as"], found["in_force"], found["protected"], found["drill"]) == (
        acts_as,
        in_force,
        protected,
        drill,
    )


def test_the_own_instance_is_that_of_the_role_for_either_meaning_of_instance_id() -> None:
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
    assert [each["name"] for each in dr_life.relations_of("first", relations)] == ["live", "old", "lost"]
    assert dr_life.relations_of(None, relations) == []


# As 4.18.2 prints it: both instances on one platform, one record, which is that of the DR instance.
ONE = {
    "synchronization_id": "s",
    "name": "one",
    "disaster_role": "disaster",
    "status": "normal",
    "instance_id": "second",
    "instance_name": "b",
}


@pytest.mark.parametrize(
    ("instance", "role", "acts_as", "other", "name"),
    [("first", "master", "primary", "second", "a"), ("second", "disaster", "standby", "first", "b")],
)
def test_one_record_for_two_sides_is_seen_from_either(
    instance: str, role: str, acts_as: str, other: str, name: str
) -> None:
    relation = api.RELATION.read({**ONE, **SIDES})
    (found,) = dr_life.relations_of(instance, [relation], name)
    assert (found["role"], found["acts_as"], found["instance_id"], found["other_instance_id"]) == (
        role,
        acts_as,
        instance,
        other,
    )
    assert (found["instance_name"], found["protected"], found["synchronization_id"]) == (name, True, "s")
    assert dr_life.relations_of("third", [relation]) == []


@pytest.mark.parametrize("named", ["first", "second"])
@pytest.mark.parametrize("role", ["master", "disaster"])
def test_whichever_side_the_one_record_names(role: str, named: str) -> None:
    """In the table of 4.18.2 a record names the primary, in its example the DR instance."""
    relation = api.RELATION.read({**ONE, **SIDES, "disaster_role": role, "instance_id": named})
    assert [dr_life.relations_of(each, [relation])[0]["acts_as"] for each in ("first", "second")] == [
        "primary",
        "standby",
    ]


def test_of_a_record_for_each_side_the_own_one_counts() -> None:
    """Only the primary's record shows that the log is kept (4.18.11)."""
    relations = [
        record("disaster", "normal", synchronization_id="s", id="of second"),
        record("master", "dr_log_keep", synchronization_id="s", id="of first"),
    ]
    assert [[each["id"] for each in dr_life.relations_of(instance, relations)] for instance in ("first", "second")] == [
        ["of first"],
        ["of second"],
    ]


def test_a_record_without_its_other_side_is_that_of_the_instance_it_names() -> None:
    relation = api.RELATION.read({"disaster_role": "master", "status": "pre_checking", "instance_id": "first"})
    # As in practice: equal to the ID of the record, but a different object.
    assert dr_life.relations_of("".join(("fi", "rst")), [relation])[0]["role"] == "master"
    assert dr_life.relations_of("second", [relation]) == []


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
    assert (found["rpo_seconds"], found["rto_seconds"], found["failover_progress"], found["switchover_progress"]) == (
        12,
        0.5,
        40,
        None,
    )
    assert found["within_thresholds"] is False
    assert api.MONITOR.read({**texts, "rpo": "10"})["within_thresholds"] is True
    assert api.MONITOR.read({**texts, "rpo": "unknown"})["within_thresholds"] is None
    assert api.MONITOR.read({})["within_thresholds"] is None
