# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is known of an instance from three reads, each of which may fail."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.gaussdb.tpops.plugins.filter.seen import FilterModule

ITEM = {"site": "site-a", "instance": "orders-prod"}
INSTANCE = {"id": "in14", "status": "ACTIVE", "busy": False, "running": True, "engine_version": "3.200.0"}


def look(relation: Any = None, instance: Any = None, alarm: Any = None) -> dict[str, Any]:
    relation = {"relations": []} if relation is None else relation
    instance = {"instances": [INSTANCE]} if instance is None else instance
    alarm = {"alarms": []} if alarm is None else alarm
    reads = [[{"item": ITEM, **read}] for read in (relation, instance, alarm)]
    (found,) = FilterModule().filters()["seen"](*reads).items()
    assert found[0] == "site-a"
    return dict(found[1])


def test_all_of_it() -> None:
    alarm = {"name": "disk full"}
    live, old = {"name": "orders", "status": "normal"}, {"name": "orders", "status": "completed"}
    assert look({"relations": [old, live]}, alarm={"alarms": [alarm]}) == {
        "reachable": True,
        "silent": False,
        "error": "",
        "instance": "orders-prod",
        "instance_id": "in14",
        "instance_status": "ACTIVE",
        "instance_busy": False,
        "instance_running": True,
        "engine_version": "3.200.0",
        "relation": live,
        "alarms_read": True,
        "alarms": [alarm],
    }


@pytest.mark.parametrize("status", ["completed", "pre_check_failed"])
def test_a_relation_that_has_ended(status: str) -> None:
    assert look({"relations": [{"status": status}]})["relation"] == {}


@pytest.mark.parametrize(
    ("error", "silent"),
    [
        ({"kind": "ConnectionFailed", "status": None}, True),
        ({"kind": "InvalidReply", "status": 200}, True),
        ({"kind": "ApiFailure", "status": 503}, True),
        ({"kind": "NotFound", "status": None}, False),
        ({"kind": "PermissionDenied", "status": 403}, False),
        (None, False),
    ],
)
def test_a_site_that_could_not_be_read(error: Any, silent: bool) -> None:
    found = look({"msg": "no", "error": error}, {"skipped": True}, {"skipped": True})
    assert (found["reachable"], found["silent"], found["error"]) == (False, silent, "no")
    assert found["instance_status"] == ("unreachable" if silent else "unknown")
    assert (found["alarms_read"], found["alarms"], found["instance_running"]) == (False, [], None)


def test_what_could_not_be_read_of_a_site_that_answers() -> None:
    found = look(instance={"msg": "no"}, alarm={"msg": "no"})
    assert (found["reachable"], found["instance_status"], found["alarms_read"]) == (True, "unknown", False)
    assert look({})["error"] == "no answer"
