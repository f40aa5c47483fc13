# SPDX-License-Identifier: GPL-3.0-or-later
"""4.14 alarms."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from typing import Any

from ..model.alarms import (
    ACTIVATED,
    SEVERITIES,
    Alarm,
    Pair,
    alarms,
    policies,
)
from ..model.errors import ApiError
from ..model.instances import find_instance
from ..model.request import Request
from ..model.site import Site
from ..model.times import milliseconds


def list_alarms(site: Site, request: Request) -> dict[str, Any]:
    """4.14.1. The offset counts pages."""
    body = request.body
    state = alarms(site)
    found: Iterable[Alarm] = list(state.active.values()) if body["is_active"] else state.past
    if body["is_convergence"]:
        records = _grouped(request, found, site)
    else:
        alarm_id, instance_id = body.get("alarm_id"), body.get("instance_id")
        if alarm_id and instance_id:
            found = [a for a in found if (a.kind.alarm_id, a.instance_id) == (alarm_id, instance_id)]
        newest_first = sorted(found, key=lambda a: -a.last)
        records = [_single(request, alarm, site) for alarm in newest_first]
    limit = body.get("limit", 100)
    start = body.get("offset", 0) * limit
    return {"records": records[start : start + limit], "total_count": len(records)}


def count_alarms(site: Site, request: Request) -> dict[str, Any]:
    """4.14.2."""
    active = list(alarms(site).active.values())

    def counts(of_instance: bool) -> list[dict[str, Any]]:
        chosen = [a.severity for a in active if a.kind.of_instance == of_instance]
        return [{"severity": severity, "count": chosen.count(severity)} for severity in SEVERITIES]

    return {"system_severity_statistics": counts(False), "instance_severity_statistics": counts(True)}


def copy_alarm_config(site: Site, request: Request) -> bool:
    """4.14.3. Every instance has the platform's policy at first; only an estate can remove it."""
    body = request.body
    source = find_instance(site, body["source_id"])
    targets = [find_instance(site, instance_id) for instance_id in dict.fromkeys(body["target_instance_ids"])]
    state = policies(site)
    policy = state.policy(source.id)
    if not policy.configured:
        raise ApiError("DBS.00100003", detail="the source instance has no alarm policy")
    for target in targets:
        state.policies[target.id] = copy.deepcopy(policy)
    return True


def _in(request: Request, texts: Pair, fields: dict[str, str] | None = None) -> str:
    text = texts[request.language == "zh-cn"]
    # Not str.format: a reason may contain braces.
    for name, value in (fields or {}).items():
        text = text.replace(f"{{{name}}}", value)
    return text


def _common(request: Request, alarm: Alarm) -> dict[str, Any]:
    kind = alarm.kind
    return {
        "severity": alarm.severity,
        "status": alarm.status,
        "alarm_id": kind.alarm_id,
        "alarm_name": _in(request, kind.name),
        "alarm_category": "instance" if kind.of_instance else "system",
        "instance_id": alarm.instance_id if kind.of_instance else None,
        "instance_name": alarm.instance_name if kind.of_instance else None,
        "alarm_type": kind.type,
        "component_name": kind.component,
    }


def _times(first: float, last: float, cleared: float | None, now: float) -> dict[str, Any]:
    return {
        "first_alarm_time": milliseconds(first),
        "last_alarm_time": milliseconds(last),
        "alarm_duration": str(int((now if cleared is None else cleared) - first)),
        "clear_alarm_time": milliseconds(cleared),
    }


def _single(request: Request, alarm: Alarm, site: Site) -> dict[str, Any]:
    kind = alarm.kind
    return {
        "id": alarm.id,
        **_common(request, alarm),
        **_times(alarm.first, alarm.last, alarm.cleared, site.clock.now()),
        "description": _in(request, kind.description, alarm.fields),
        "alarm_remarks": _in(request, kind.remarks),
        "host_ip": alarm.host_ip,
        "alarm_detail_raise_count": alarm.raised,
        "alarm_items_sum": None,
        "impaction": _in(request, kind.impact),
        "possible_causes": _in(request, kind.causes),
        "processing_steps": _in(request, kind.steps),
        "notify_status": "unsent",
        "automatic_clear": "false" if alarm.pinned else "true",
    }


def _grouped(request: Request, found: Iterable[Alarm], site: Site) -> list[dict[str, Any]]:
    """One line for each kind and instance, the one with the newest alarm first."""
    groups: dict[tuple[str, str | None, str], list[Alarm]] = {}
    for alarm in found:
        groups.setdefault((alarm.kind.alarm_id, alarm.instance_id, alarm.status), []).append(alarm)
    lines = []
    for group in sorted(groups.values(), key=lambda g: -max(a.last for a in g)):
        worst = min(group, key=lambda a: SEVERITIES.index(a.severity))
        cleared = None if worst.status == ACTIVATED else max(a.cleared or 0 for a in group)
        first, last = min(a.first for a in group), max(a.last for a in group)
        line = {**_common(request, worst), **_times(first, last, cleared, site.clock.now())}
        lines.append({**line, "alarm_items_sum": len(group)})
    return lines
