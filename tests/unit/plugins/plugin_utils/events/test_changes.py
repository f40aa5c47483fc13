# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What two reads of a platform say about what has happened between them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.gaussdb.tpops.plugins.plugin_utils.events.changes import find_changes, needs_past

NOW = 1_800_000_000_000
DOWN = {"severity": "major", "name": "Node down", "first_time": "2027-01-15 07:59:00 UTC"}
ENDED = {**DOWN, "clear_time": "2027-01-15 07:59:30 UTC"}


def read(**parts: Any) -> dict[str, Any]:
    return {"time_ms": NOW, "alarms": {}, "past": {}, "instances": {}, "backups": {}, "relations": {}, **parts}


def relation(rpo: Any = 0, status: str = "normal", limit: Any = 10, **more: Any) -> dict[str, Any]:
    shown = {"rpo_seconds": rpo, "rpo_threshold_seconds": limit, "in_force": status == "normal"}
    return {"name": "orders", "status": status, "instance_name": "orders", **shown, **more}


def follow(*reads: dict[str, Any], rpo_seconds: float | None = None, catch_up: float = 3600) -> list[list[str]]:
    """Return the IDs of the events of each read, without their platform. The first read is the first ever."""
    return [
        [event["id"].partition(":")[2] for event in events] for events in walk(*reads, rpo=rpo_seconds, up=catch_up)
    ]


def walk(*reads: dict[str, Any], rpo: float | None = None, up: float = 3600) -> list[list[dict[str, Any]]]:
    state, found = None, []
    for each in reads:
        state, events = find_changes("a", state, each, rpo, up)
        # What the cursor keeps is what JSON keeps.
        state = json.loads(json.dumps(state))
        found.append(events)
    return found


def test_the_first_read_reports_what_is_wrong_now_and_nothing_that_has_ended() -> None:
    first = read(
        alarms={"1": DOWN},
        past={"0": ENDED},
        instances={"i": {"name": "orders", "status": "ACTIVE"}},
        backups={"b": {"name": "full", "status": "COMPLETED", "instance_name": "orders"}},
        relations={"r": relation(rpo=11)},
    )
    assert follow(first, first) == [["alarm_raised:1", f"rpo_exceeded:r:{NOW}"], []]


def test_an_alarm_is_raised_and_cleared_once() -> None:
    before, during = read(), read(alarms={"1": DOWN}, past=None)
    after = read(past={"1": ENDED})
    assert follow(before, during, during, after, after) == [[], ["alarm_raised:1"], [], ["alarm_cleared:1"], []]
    (cleared,) = walk(before, during, after)[2]
    assert cleared["alarm"]["clear_time"] == ENDED["clear_time"] and not cleared["late"]


def test_an_alarm_that_was_cleared_is_not_reported_again_by_the_list_of_past_ones() -> None:
    # The list of past alarms is not read every time.
    reads = [read(alarms={"1": DOWN}), read(past=None), read(past=None), read(past={"1": ENDED})]
    assert follow(*reads) == [["alarm_raised:1"], ["alarm_cleared:1"], [], []]


def test_an_alarm_that_came_and_went_unseen_is_reported_late() -> None:
    (events,) = walk(read(), read(past={"1": ENDED}))[1:]
    assert [(event["type"], event["late"]) for event in events] == [("alarm_raised", True), ("alarm_cleared", True)]
    assert follow(read(), read(past={"1": ENDED}), read(past={"1": ENDED}))[2] == []


def test_an_alarm_that_ends_between_the_two_lists_is_in_both() -> None:
    both = read(alarms={"1": DOWN}, past={"1": ENDED})
    assert follow(read(), both, read(past={"1": ENDED})) == [[], ["alarm_raised:1"], ["alarm_cleared:1"]]


def test_catching_up_is_bounded_and_says_so() -> None:
    reads = [read(), read(past={"1": ENDED, "2": {**ENDED, "clear_time": "2027-01-15 06:00:00 UTC"}})]
    assert follow(*reads)[1] == ["alarm_raised:1", "alarm_cleared:1", f"catch_up_limited:{NOW}"]
    assert walk(*reads)[1][2]["alarms"] == 1


@pytest.mark.parametrize(
    ("before", "active", "needed"),
    [
        (None, {"1": DOWN}, False),
        ({}, {}, False),
        ({"1": DOWN}, {"1": DOWN, "2": DOWN}, False),
        ({"1": DOWN}, {}, True),
    ],
)
def test_past_alarms_are_needed_when_one_has_ended(before: Any, active: Any, needed: bool) -> None:
    assert needs_past(None if before is None else read(alarms=before), active) is needed


@pytest.mark.parametrize(
    ("statuses", "ended"),
    [
        (["ACTIVE", "BACKING UP", "ACTIVE"], ("BACKING UP", "ACTIVE", False)),
        (["BUILD", "BUILD", "BUILD_FAILED"], ("BUILD", "BUILD_FAILED", True)),
        (["UPGRADING", "UPGRADE TO BE OBSERVED"], ("UPGRADING", "UPGRADE TO BE OBSERVED", False)),
        (["DELETING", None], ("DELETING", None, False)),
        # No job: alarms tell of it.
        (["ACTIVE", "FAILED", "ACTIVE", None], None),
        (["MODIFYING", "REBOOTING"], None),
    ],
)
def test_a_job_on_an_instance_has_ended(statuses: list[Any], ended: Any) -> None:
    reads = [read(instances={"i": {"name": "orders", "status": each}} if each else {}) for each in statuses]
    found = [event for events in walk(*reads) for event in events]
    assert [(event["before"], event["after"], event["failed"]) for event in found] == ([ended] if ended else [])
    assert all(event["object"]["name"] == "orders" for event in found)


def backup(status: str) -> dict[str, Any]:
    return {"b": {"name": "full", "status": status, "instance_name": "orders"}}


@pytest.mark.parametrize(
    ("reads", "ended"),
    [
        (["BUILDING", "COMPLETED", "COMPLETED"], [("BUILDING", "COMPLETED", False)]),
        (["BUILDING", "FAILED"], [("BUILDING", "FAILED", True)]),
        ([None, "COMPLETED"], [(None, "COMPLETED", False)]),
        ([None, "BUILDING", None], []),
    ],
)
def test_a_backup_has_ended(reads: list[Any], ended: Any) -> None:
    found = walk(*(read(backups=backup(each) if each else {}) for each in reads))
    assert [(each["before"], each["after"], each["failed"]) for events in found for each in events] == ended


def test_work_on_a_relation_has_ended() -> None:
    reads = [read(relations={"r": relation(None, status)}) for status in ("pre_checking", "pending", "normal")]
    assert follow(*reads) == [[], [], [f"job_ended:relation:r:{NOW}"]]
    failed = walk(reads[0], read(relations={"r": relation(None, "pre_check_failed")}))[1]
    assert [event["failed"] for event in failed] == [True]


def of_rpo(*rpos: Any, **more: Any) -> list[list[str]]:
    return [[each.split(":")[0] for each in ids] for ids in follow(*(read(relations={"r": x}) for x in rpos), **more)]


def test_an_rpo_is_above_its_limit_and_below_it_again() -> None:
    seen = of_rpo(relation(10), relation(11), relation(500), relation(10), relation(11))
    assert seen == [[], ["rpo_exceeded"], [], ["rpo_recovered"], ["rpo_exceeded"]]


def test_the_limit_of_the_source_replaces_that_of_the_platform() -> None:
    assert of_rpo(relation(11), relation(61), rpo_seconds=60) == [[], ["rpo_exceeded"]]
    assert of_rpo(relation(11, limit=None), relation(61, limit=None)) == [[], []]


def test_an_rpo_that_cannot_be_read_changes_nothing_while_the_relation_is_in_force() -> None:
    assert of_rpo(relation(11), relation(None), relation(11)) == [["rpo_exceeded"], [], []]
    assert of_rpo(relation(11), relation(None, "failover")) == [["rpo_exceeded"], ["rpo_recovered"]]


def test_a_relation_that_is_gone_does_not_stay_above_its_limit() -> None:
    (events,) = walk(read(relations={"r": relation(11)}), read())[1:]
    assert [(event["type"], event["relation"]["rpo_seconds"]) for event in events] == [("rpo_recovered", None)]


def test_the_same_change_has_the_same_id() -> None:
    reads = [read(), read(alarms={"1": DOWN}, relations={"r": relation(99)})]
    assert walk(*reads)[1] == walk(*reads)[1]
    ids = [event["id"] for event in walk(*reads)[1]]
    assert len(set(ids)) == len(ids) and all(each.startswith("a:") for each in ids)
