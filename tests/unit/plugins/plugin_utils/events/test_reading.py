# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the event source reads of a platform."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import ApiFailure, NotFound
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.events.reading import read_platform

RECORD = {
    "id": "r",
    "name": "orders",
    "status": "normal",
    "synchronization_id": "s",
    "role": "master",
    "acts_as": "primary",
    "disaster_type": "stream",
    "in_force": True,
    "instance_id": "i",
    "other_instance_id": "j",
    "instance_name": None,
}
MONITOR = {"rpo_seconds": 3, "rpo_threshold_seconds": 10, "rto_seconds": 1, "status": "archive"}
ALARM = dict.fromkeys(
    (
        *("id", "severity", "alarm_id", "name", "type", "category", "description", "instance_id", "instance_name"),
        *("host_ip", "component_name", "first_time", "last_time", "clear_time", "impact", "possible_causes"),
        "processing_steps",
    )
)


class FakeClient:
    """Answers by the name of the operation."""

    def __init__(self, **replies: Any) -> None:
        self.replies, self.asked = replies, []

    def now_ms(self) -> int:
        return 1_800_000_000_000

    def items(self, call: Any) -> Any:
        self.asked.append(call)
        return self._reply(call, [])

    def item(self, call: Any) -> Any:
        return self._reply(call, MONITOR)

    def _reply(self, call: Any, default: Any) -> Any:
        reply = self.replies.get(call.operation.name, default)
        reply = reply(call) if callable(reply) else reply
        if isinstance(reply, Exception):
            raise reply
        return reply


def read(client: FakeClient, past: bool = False) -> dict[str, Any]:
    return read_platform(client, lambda _active: past)  # type: ignore[arg-type]


def test_a_relation_has_the_name_of_its_instance_and_its_rpo() -> None:
    instances = [{"id": "i", "name": "orders-prod", "status": "ACTIVE", "nodes": []}]
    seen = read(FakeClient(list_dr_relations=[RECORD], list_instances=instances))
    assert seen["relations"]["r"]["instance_name"] == "orders-prod"
    assert (seen["relations"]["r"]["rpo_seconds"], seen["relations"]["r"]["rpo_threshold_seconds"]) == (3, 10)
    assert seen["instances"] == {"i": {"name": "orders-prod", "status": "ACTIVE"}}


@pytest.mark.parametrize("error", [NotFound("none"), ApiFailure("no", status=400)])
def test_an_rpo_that_cannot_be_read_is_unknown(error: Exception) -> None:
    assert read(FakeClient(list_dr_relations=[RECORD], get_dr_monitor=error))["relations"]["r"]["rpo_seconds"] is None


def test_a_platform_that_fails_is_not_read_in_part() -> None:
    with pytest.raises(ApiFailure):
        read(FakeClient(list_dr_relations=[RECORD], get_dr_monitor=ApiFailure("overloaded", status=503)))


def test_a_relation_that_is_not_in_force_has_no_rpo() -> None:
    def asked(_call: Any) -> Any:
        raise AssertionError("the monitor is not read")

    over = {**RECORD, "in_force": False, "status": "completed"}
    assert read(FakeClient(list_dr_relations=[over], get_dr_monitor=asked))["relations"]["r"]["rpo_seconds"] is None


def test_past_alarms_are_read_when_they_are_asked_for() -> None:
    client = FakeClient(list_alarms=lambda call: [{**ALARM, "id": "1" if call.body["is_active"] else "2"}])
    assert read(client)["past"] is None
    assert [*read(client, past=True)["past"]] == ["2"] and [*read(client)["alarms"]] == ["1"]


def test_an_alarm_without_an_id_gets_one_that_stays() -> None:
    rows = [{**ALARM, "alarm_id": "5", "host_ip": ip} for ip in ("192.0.2.1", "192.0.2.2")]
    first, second = (read(FakeClient(list_alarms=rows))["alarms"] for _unused in range(2))
    assert len(first) == 2 and first == second


def test_only_recent_backups_are_read() -> None:
    client = FakeClient()
    read(client)
    (call,) = [each for each in client.asked if each.operation.name == "list_backups"]
    assert call.query["begin_time"] == "2027-01-13T08:00:00+0000" and call.query["end_time"] > call.query["begin_time"]
