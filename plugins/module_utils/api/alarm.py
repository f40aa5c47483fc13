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
        Attr("id"),
        Attr("severity", words=words.ALARM_SEVERITY),
        Attr("status", words=words.ALARM_STATUS),
        Attr("alarm_id"),
        Attr("name", ("alarm_name",)),
        Attr("type", ("alarm_type",), words=words.ALARM_TYPE),
        Attr("category", ("alarm_category",)),
        Attr("description"),
        Attr("remarks", ("alarm_remarks",)),
        Attr("instance_id"),
        Attr("instance_name"),
        Attr("component_name"),
        Attr("host_ip"),
        Attr("count", ("alarm_items_sum",), "int"),
        Attr("raise_count", ("alarm_detail_raise_count",), "int"),
        Attr("first_time", ("first_alarm_time",), convert=readable),
        Attr("last_time", ("last_alarm_time",), convert=readable),
        Attr("clear_time", ("clear_alarm_time",), convert=readable),
        Attr("duration", ("alarm_duration",)),
        Attr("impact", ("impaction",)),
        Attr("possible_causes"),
        Attr("processing_steps"),
        Attr("notify_status"),
        Attr("automatic_clear", kind="bool"),
    )
)


def _counted(entries: Any) -> dict[str, int]:
    """The reference tells that there are four entries, not what is in them: the only number of one is its count."""
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
        Attr("system", ("system_severity_statistics",), convert=_counted),
        Attr("instance", ("instance_severity_statistics",), convert=_counted),
    )
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
    """List alarms (4.14.1), those that are active or those that are over.

    ``grouped``: one entry for each kind of alarm and instance, with how many there are; else the single alarms. The two
    IDs count only together, and only for single alarms.
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
    """Count the active alarms of each severity, those of the platform itself and those of instances (4.14.2)."""
    return COUNT_ALARMS.call()


def copy_alarm_config(source_id: str | None, target_ids: Sequence[str | None]) -> Call:
    """Give instances the alarm policy of another one (4.14.3). The reply is the bare value ``true``.

    Error ``DBS.00100003``: the source has no policy.
    """
    return COPY_ALARM_CONFIG.call(body={"source_id": source_id, "target_instance_ids": list(target_ids)})
