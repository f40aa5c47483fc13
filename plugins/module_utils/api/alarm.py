# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Alarms (reference 4.14)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..util.times import readable
from ..util.values import as_int, as_list
from . import vocabulary as words
from .operation import Call, Operation
from .shape import Attr, Shape

SEVERITIES = ("critical", "major", "minor", "notice")
TYPES = ("metric", "event", "system-metric", "system-event", "system")

ALARM = Shape(
    (
        Attr("id", doc="ID of the single alarm. Only with O(details=true)."),
        Attr("severity", words=words.ALARM_SEVERITY, doc="V(critical), V(major), V(minor) or V(notice)."),
        Attr("status", words=words.ALARM_STATUS, doc="V(activated), V(clear) or V(recovered)."),
        Attr("alarm_id", doc="ID of the alarm type."),
        Attr("name", ("alarm_name",), doc="Name of the alarm type."),
        Attr("type", ("alarm_type",), words=words.ALARM_TYPE, doc="Type of the alarm, as in O(types)."),
        Attr("category", ("alarm_category",), doc="Category, which shows where the alarm comes from."),
        Attr("description", doc="What happened. Only with O(details=true)."),
        Attr("remarks", ("alarm_remarks",), doc="What this type of alarm means. Only with O(details=true)."),
        Attr("instance_id", doc="ID of the instance."),
        Attr("instance_name", doc="Name of the instance."),
        Attr("component_name", doc="Type of component."),
        Attr("host_ip", doc="Address of the node. Only with O(details=true)."),
        Attr(
            "count",
            ("alarm_items_sum",),
            "int",
            doc="Number of single alarms in the entry. Empty with O(details=true).",
        ),
        Attr(
            "raise_count",
            ("alarm_detail_raise_count",),
            "int",
            doc="Number of times the alarm was raised. Only with O(details=true).",
        ),
        Attr("first_time", ("first_alarm_time",), convert=readable, doc="When it was first raised."),
        Attr("last_time", ("last_alarm_time",), convert=readable, doc="When it was last raised."),
        Attr("clear_time", ("clear_alarm_time",), convert=readable, doc="When it ended. Empty for active alarms."),
        Attr("duration", ("alarm_duration",), doc="How long it has lasted, as the platform shows it."),
        Attr("impact", ("impaction",), doc="What it affects. Only with O(details=true)."),
        Attr("possible_causes", doc="Possible cause. Only with O(details=true)."),
        Attr("processing_steps", doc="What to do about it. Only with O(details=true)."),
        Attr("notify_status", doc="Whether anyone was notified. Only with O(details=true)."),
        Attr("automatic_clear", kind="bool", doc="Whether it clears automatically. Only with O(details=true)."),
    ),
    sample={
        "severity": "major",
        "status": "activated",
        "alarm_id": "5010001",
        "name": "Node down",
        "type": "event",
        "category": "instance",
        "instance_id": "5f2d8c1b7a9e4d3fb6c0e1a2d3f4b5c6in14",
        "instance_name": "orders-prod",
        "component_name": "node",
        "count": 2,
        "first_time": "2026-01-12 08:00:00 UTC",
        "last_time": "2026-01-12 08:10:00 UTC",
        "duration": "600",
    },
)


def _counted(entries: Any) -> dict[str, int]:
    """The reference says that there are four entries, but not what they contain: the only number in one is its
    count."""
    counts = dict.fromkeys(SEVERITIES, 0)
    for entry in as_list(entries):
        values = entry if isinstance(entry, Mapping) else {}
        severity = words.ALARM_SEVERITY.read(values.get("severity"))
        if severity:
            numbers = (as_int(value) for value in (values.get("count"), *values.values()))
            counts[severity] = next((number for number in numbers if number is not None), 0)
    return counts


STATISTICS = Shape(
    (
        Attr(
            "system",
            ("system_severity_statistics",),
            "dict",
            convert=_counted,
            doc="Alarms of the platform itself, by severity.",
        ),
        Attr(
            "instance",
            ("instance_severity_statistics",),
            "dict",
            convert=_counted,
            doc="Alarms of instances, by severity.",
        ),
    ),
    sample={
        "system": {"critical": 0, "major": 1, "minor": 0, "notice": 2},
        "instance": {"critical": 0, "major": 2, "minor": 0, "notice": 0},
    },
)

LIST_ALARMS = Operation(
    "list_alarms",
    "POST",
    "/v3/alarm/records",
    "4.14.1",
    read=True,
    items=("records",),
    page_size=100,
    page_in_body=True,
    first_page=0,
    row_id=("id", "alarm_id", "instance_id", "status"),
    shape=ALARM,
)
COUNT_ALARMS = Operation("count_alarms", "GET", "/v3/alarm/records/statistic", "4.14.2", read=True, shape=STATISTICS)
COPY_ALARM_CONFIG = Operation("copy_alarm_config", "POST", "/v3/alarm/update/configs", "4.14.3")


def list_alarms(active: bool, grouped: bool, alarm_id: str | None = None, instance_id: str | None = None) -> Call:
    """List active or past alarms (4.14.1).

    ``grouped``: one entry for each type of alarm and instance with their number; otherwise the single alarms. The two
    IDs only work together, and only for single alarms.
    """
    both = alarm_id is not None and instance_id is not None and not grouped
    return LIST_ALARMS.call(
        body={
            "is_active": active,
            "is_convergence": grouped,
            "alarm_id": alarm_id if both else None,
            "instance_id": instance_id if both else None,
        }
    )


def count_alarms() -> Call:
    """Count the active alarms by severity, for the platform itself and for instances (4.14.2)."""
    return COUNT_ALARMS.call()


def copy_alarm_config(source_id: str | None, target_ids: Sequence[str | None]) -> Call:
    """Copy the alarm policy of an instance to others (4.14.3). The reply is the bare value ``true``.

    Error ``DBS.00100003``: the source has no policy.
    """
    return COPY_ALARM_CONFIG.call(body={"source_id": source_id, "target_instance_ids": list(target_ids)})
