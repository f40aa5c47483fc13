# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The payload of tickets."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.gaussdb.tpops.plugins.filter.event_ticket import FilterModule, event_ticket
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.events.changes import HEARTBEAT, TYPES, make_event

ALARM = {"key": "6f", "name": "Node down", "severity": "minor", "instance_name": "orders-prod"}
RELATION = {"key": "r", "name": "orders", "instance_name": "orders-dr", "rpo_seconds": 11, "rpo_limit_seconds": 10}
BACKUP = {"kind": "backup", "id": "b", "name": "full", "instance_name": "orders-prod"}


def ticket(kind: str, subject: str = "1", **data: Any) -> dict[str, Any]:
    return event_ticket(make_event(kind, "site-a", subject, 1_800_000_000_000, **data))


@pytest.mark.parametrize(
    ("bad", "good", "data", "key"),
    [
        ("alarm_raised", "alarm_cleared", {"alarm": ALARM}, "site-a:alarm:6f"),
        ("rpo_exceeded", "rpo_recovered", {"relation": RELATION}, "site-a:rpo:r"),
        ("site_lost", "site_back", {}, "site-a:site"),
        ("site_refused", "site_accepted", {}, "site-a:access"),
    ],
)
def test_what_is_well_again_closes_the_ticket(bad: str, good: str, data: Any, key: str) -> None:
    opened, closed = ticket(bad, "1", **data), ticket(good, "2", **data)
    assert (opened["key"], opened["status"]) == (key, "open")
    assert (closed["key"], closed["status"]) == (key, "closed")
    assert opened["event_id"] != closed["event_id"]


def test_the_same_event_gives_the_same_payload() -> None:
    assert ticket("alarm_raised", alarm=ALARM) == ticket("alarm_raised", alarm=ALARM)


@pytest.mark.parametrize(
    ("kind", "data", "title", "severity"),
    [
        ("alarm_raised", {"alarm": ALARM}, "site-a orders-prod: Node down", "minor"),
        ("alarm_raised", {"alarm": {"key": "6f", "alarm_id": "5"}}, "site-a: 5", "major"),
        ("rpo_exceeded", {"relation": RELATION}, "site-a orders-dr: rpo_exceeded orders (11 s, limit 10 s)", "major"),
        ("site_lost", {}, "site-a: site_lost", "critical"),
        (
            "job_ended",
            {"object": BACKUP, "after": "FAILED", "failed": True},
            "site-a orders-prod: job_ended backup full (FAILED)",
            "major",
        ),
    ],
)
def test_title_and_severity(kind: str, data: Any, title: str, severity: str) -> None:
    made = ticket(kind, **data)
    assert (made["title"], made["severity"]) == (title, severity)


def test_only_a_job_that_failed_has_a_ticket_of_its_own() -> None:
    done = {"object": BACKUP, "before": "BUILDING"}
    assert ticket("job_ended", "backup:b:1", after="COMPLETED", failed=False, **done)["status"] == "note"
    failed = [ticket("job_ended", f"backup:b:{number}", after="FAILED", failed=True, **done) for number in (1, 2)]
    assert [each["status"] for each in failed] == ["open", "open"] and failed[0]["key"] != failed[1]["key"]


def test_every_type_of_event_but_heartbeats_has_a_payload() -> None:
    for kind in TYPES:
        if kind != HEARTBEAT:
            assert ticket(kind)["key"].startswith("site-a:")


@pytest.mark.parametrize("event", [None, "text", {}, {"type": "heartbeat"}])
def test_what_is_no_such_event_is_an_error(event: Any) -> None:
    with pytest.raises(AnsibleFilterError, match="not an event that can have a ticket"):
        FilterModule().filters()["event_ticket"](event)
