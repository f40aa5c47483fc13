# SPDX-License-Identifier: GPL-3.0-or-later
"""4.14 alarms."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from typing import Any

from ..model.alarms import (
    ACTIVATED,
    KINDS,
    SEVERITIES,
    Alarm,
    Condition,
    Kind,
    Pair,
    Policy,
    alarms,
    policies,
    raise_alarm,
)
from ..model.errors import ApiError
from ..model.instances import find_instance
from ..model.request import Request
from ..model.site import Site
from ..model.times import milliseconds

_ALARM_KEYS = {"instance", "host_ip", "alarm_id", "name", "severity", "type", "description", "age_seconds"}


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
    """4.14.3. Every instance has the platform's policy at first; only an estate can take it away."""
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


def load_alarms(site: Site, data: list[dict[str, Any]]) -> None:
    """`alarms: [{instance: orders, alarm_id: '5010099', name: CPU usage, severity: major, host_ip: 192.0.2.1}]`.

    They stay active. Without `instance` they are alarms of the platform itself.
    """
    state = policies(site)
    ids = {instance.name: instance.id for instance in site.instances.values()}
    for entry in data:
        if unknown := set(entry) - _ALARM_KEYS:
            raise ValueError(f"an alarm has no {', '.join(sorted(unknown))}")
        name = entry.get("instance")
        if name is not None and name not in ids:
            raise ValueError(f"there is no instance {name}")
        since = site.clock.now() - float(entry.get("age_seconds", 0))
        alarm_id = str(entry["alarm_id"])
        kind = KINDS.get(alarm_id) or _kind(entry, alarm_id, name is not None)
        where = site.ids.uuid()
        made = raise_alarm(site, state, Condition(kind, ids.get(name or ""), where, entry.get("host_ip"), (), since))
        if made:
            made.pinned = True
            made.severity = entry.get("severity", made.severity)


def load_alarm_policies(site: Site, data: list[dict[str, Any]]) -> None:
    """`alarm_policies: [{instance: orders, disabled: ['5010001'], severities: {'5020001': critical}}]`.

    `configured: false` stands for an instance whose policy nobody has set up.
    """
    ids = {instance.name: instance.id for instance in site.instances.values()}
    for entry in data:
        if unknown := set(entry) - {"instance", "configured", "disabled", "severities"}:
            raise ValueError(f"an alarm policy has no {', '.join(sorted(unknown))}")
        if entry["instance"] not in ids:
            raise ValueError(f"there is no instance {entry['instance']}")
        severities = {str(k): str(v) for k, v in (entry.get("severities") or {}).items()}
        if wrong := set(severities.values()) - set(SEVERITIES):
            raise ValueError(f"{wrong.pop()} is no severity")
        policies(site).policies[ids[entry["instance"]]] = Policy(
            configured=bool(entry.get("configured", True)),
            disabled=[str(alarm_id) for alarm_id in entry.get("disabled") or ()],
            severities=severities,
        )


def dump_alarm_policies(site: Site) -> list[dict[str, Any]]:
    return [
        {"instance": site.instances[instance_id].name, **vars(policy)}
        for instance_id, policy in policies(site).policies.items()
        if instance_id in site.instances and policy != Policy()
    ]


def _kind(entry: dict[str, Any], alarm_id: str, of_instance: bool) -> Kind:
    """A kind that only the estate knows, in one language."""
    severity = entry.get("severity", "major")
    if severity not in SEVERITIES:
        raise ValueError(f"{severity} is no severity")
    name = str(entry.get("name") or f"Alarm {alarm_id}")
    text = str(entry.get("description") or name)
    same = (text, text)
    kind = str(entry.get("type") or ("metric" if of_instance else "system"))
    if kind not in ("metric", "event", "system-metric", "system-event", "system"):
        raise ValueError(f"{kind} is no type of alarm")
    return Kind(alarm_id, kind, severity, "node", (name, name), same, same, ("", ""), ("", ""), ("", ""))


def _in(request: Request, texts: Pair, fields: dict[str, str] | None = None) -> str:
    text = texts[request.language == "zh-cn"]
    # Not str.format: a reason may hold braces.
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
