# SPDX-License-Identifier: GPL-3.0-or-later
"""Alarms: raised for problems of the site, cleared once the problem is solved.

The site is checked whenever alarms are read; an estate can add more alarms, which stay.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ..data import read_table
from . import entities
from .disks import disk_of
from .dr import get_records, reconcile
from .estate_hosts import refuse_unknown
from .instances import find_by_name
from .jobs import FAILED, Job
from .site import Site
from .topology import FAILED as BROKEN
from .topology import is_up, members, zones
from .version_faults import VersionFault, get_version_faults, order_fault

SEVERITIES = ("critical", "major", "minor", "notice")
ACTIVATED, CLEAR, RECOVERED = "activated", "clear", "recovered"
# A failed task raises an alarm for a day.
NEWS_SECONDS = 86400.0
# Past alarms that are kept.
MAX_PAST = 2000
Pair = tuple[str, str]
_VERSION_FAULT_KEYS = {"instance", "version", "zone", "after_seconds", "component", "alarm"}
_ALARM_KEYS = {"instance", "host_ip", "alarm_id", "name", "severity", "type", "description", "age_seconds"}


@dataclass(frozen=True)
class Kind:
    """One kind of alarm; all texts in English and Chinese. `{...}` in a description is filled in."""

    alarm_id: str
    type: str
    severity: str
    component: str
    name: Pair
    description: Pair
    remarks: Pair
    impact: Pair
    causes: Pair
    steps: Pair

    @property
    def of_instance(self) -> bool:
        return self.type in ("metric", "event")


_BY_NAME = {
    name: Kind(**{key: tuple(value) if isinstance(value, list) else value for key, value in row.items()})
    for name, row in read_table("alarms").items()
}
NODE_DOWN = _BY_NAME["node_down"]
INSTANCE_DOWN = _BY_NAME["instance_down"]
DISK_FULL = _BY_NAME["disk_full"]
TASK_FAILED = _BY_NAME["task_failed"]
DR_BROKEN = _BY_NAME["dr_broken"]
DR_DENIED = _BY_NAME["dr_denied"]
HOST_FAILED = _BY_NAME["host_failed"]
KINDS = {kind.alarm_id: kind for kind in _BY_NAME.values()}


@dataclass(frozen=True)
class Condition:
    """A current problem. `since` is set if known."""

    kind: Kind
    instance_id: str | None
    where: str
    host_ip: str | None = None
    fields: tuple[tuple[str, str], ...] = ()
    since: float | None = None

    @property
    def key(self) -> tuple[str, str | None, str]:
        return self.kind.alarm_id, self.instance_id, self.where


@dataclass
class Alarm:
    """A single alarm. Times are epoch seconds; `pinned` ones come from an estate."""

    id: str
    kind: Kind
    severity: str
    instance_id: str | None
    instance_name: str | None
    host_ip: str | None
    fields: dict[str, str]
    first: float
    last: float
    raised: int = 1
    status: str = ACTIVATED
    cleared: float | None = None
    pinned: bool = False


@dataclass
class Policy:
    """The alarm policy of an instance: which kinds it raises, and severities that differ from the default."""

    configured: bool = True
    disabled: list[str] = field(default_factory=list)
    severities: dict[str, str] = field(default_factory=dict)


@dataclass
class Alarms:
    active: dict[tuple[str, str | None, str], Alarm] = field(default_factory=dict)
    past: list[Alarm] = field(default_factory=list)
    policies: dict[str, Policy] = field(default_factory=dict)
    # Tasks that had not ended when last looked at, and how many had been looked at.
    open_jobs: dict[str, Job] = field(default_factory=dict)
    jobs_seen: int = 0
    failed_jobs: list[Job] = field(default_factory=list)

    def policy(self, instance_id: str) -> Policy:
        return self.policies.setdefault(instance_id, Policy())


def alarms(site: Site) -> Alarms:
    """The current alarms."""
    state = site.extension("alarms", Alarms)
    _look(site, state)
    return state


def policies(site: Site) -> Alarms:
    return site.extension("alarms", Alarms)


def raise_alarm(site: Site, state: Alarms, condition: Condition) -> Alarm | None:
    """A new alarm, unless the policy of its instance excludes that kind."""
    kind = condition.kind
    severity = kind.severity
    if kind.of_instance and condition.instance_id:
        policy = state.policies.get(condition.instance_id)
        if policy and kind.alarm_id in policy.disabled:
            return None
        severity = policy.severities.get(kind.alarm_id, severity) if policy else severity
    instance = site.instances.get(condition.instance_id or "")
    since = site.clock.now() if condition.since is None else condition.since
    alarm = Alarm(
        id=site.ids.alarm(),
        kind=kind,
        severity=severity,
        instance_id=condition.instance_id,
        instance_name=instance.name if instance else None,
        host_ip=condition.host_ip,
        fields=dict(condition.fields),
        first=since,
        last=since,
    )
    state.active[condition.key] = alarm
    return alarm


def _look(site: Site, state: Alarms) -> None:
    now = site.clock.now()
    present = {condition.key: condition for condition in _conditions(site, state)}
    for key, alarm in list(state.active.items()):
        policy = state.policies.get(alarm.instance_id or "")
        muted = policy is not None and alarm.kind.alarm_id in policy.disabled
        if alarm.pinned or (key in present and not muted):
            continue
        del state.active[key]
        alarm.status, alarm.cleared = (CLEAR if muted else RECOVERED), now
        state.past.append(alarm)
    for key, condition in present.items():
        found = state.active.get(key)
        if found is None:
            raise_alarm(site, state, condition)
        elif condition.kind is not TASK_FAILED:
            found.last, found.fields = now, dict(condition.fields)
    del state.past[: max(0, len(state.past) - MAX_PAST)]


def _conditions(site: Site, state: Alarms) -> Iterator[Condition]:
    for instance in site.instances.values():
        if instance.status in (entities.SHUTDOWN, BROKEN, entities.BUILD_FAILED):
            yield Condition(INSTANCE_DOWN, instance.id, "", fields=(("status", instance.status),))
        if instance.status == entities.SHUTDOWN:
            continue
        for node in instance.nodes:
            if not is_up(node) and not site.running_jobs(instance.id):
                yield Condition(NODE_DOWN, instance.id, node.id, node.manage_ip, (("node", node.name),))
            if (disk := disk_of(instance, node)) and disk.high:
                fields = (("node", node.name), ("percent", f"{disk.percent:g}"))
                yield Condition(DISK_FULL, instance.id, node.id, node.manage_ip, fields, disk.since)
    for fault, since in get_version_faults(site).since.items():
        if fault.alarm:
            yield Condition(fault.alarm, fault.instance_id, f"version:{fault.zone}", since=since)
    reconcile(site)
    for record in get_records(site).by_id.values():
        if not record.over and record.broken_since is not None:
            fields = (("relation", record.name),)
            yield Condition(DR_BROKEN, record.instance_id, record.id, None, fields, record.broken_since)
        if not record.over and record.denied_since is not None:
            fields = (("relation", record.name),)
            yield Condition(DR_DENIED, record.instance_id, record.id, None, fields, record.denied_since)
    for host in site.hosts.values():
        if host.status == entities.HOST_INITIALIZE_FAILED:
            yield Condition(HOST_FAILED, None, host.id, host.manage_ip, (("host", host.manage_ip),))
    yield from _failed_jobs(site, state)


def _failed_jobs(site: Site, state: Alarms) -> Iterator[Condition]:
    """Tasks on instances that failed within the last day; every task is checked only until it has ended."""
    for job in itertools.islice(site.jobs.values(), state.jobs_seen, None):
        state.open_jobs[job.id] = job
    state.jobs_seen = len(site.jobs)
    for job in [j for j in state.open_jobs.values() if not j.running]:
        del state.open_jobs[job.id]
        if job.status == FAILED and job.instance_id in site.instances:
            state.failed_jobs.append(job)
    now = site.clock.now_ms()
    state.failed_jobs = [j for j in state.failed_jobs if now - (j.ended or 0) < NEWS_SECONDS * 1000]
    for job in state.failed_jobs:
        fields = (("job", job.name), ("reason", job.fail_reason or ""))
        yield Condition(TASK_FAILED, job.instance_id, job.id, None, fields, (job.ended or 0) / 1000)


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
            raise ValueError(f"instance {name} does not exist")
        since = site.clock.now() - float(entry.get("age_seconds", 0))
        alarm_id = str(entry["alarm_id"])
        kind = KINDS.get(alarm_id) or _kind(entry, alarm_id, name is not None)
        where = site.ids.uuid()
        made = raise_alarm(site, state, Condition(kind, ids.get(name or ""), where, entry.get("host_ip"), (), since))
        if made:
            made.pinned = True
            made.severity = entry.get("severity", made.severity)


def load_version_faults(site: Site, data: list[dict[str, Any]]) -> None:
    """`version_faults: [{instance: orders, version: 3.200.0, zone: east, after_seconds: 60, component: dn_6002}]`.

    `alarm`, with `alarm_id`, `name`, `severity` and more as in `alarms`, in place of `component` or with it. An entry
    without both ends what was ordered for its version and zone.
    """
    for entry in data:
        refuse_unknown(entry, _VERSION_FAULT_KEYS, "a version fault")
        instance, alarm = find_by_name(site, entry["instance"]), entry.get("alarm")
        refuse_unknown(alarm or {}, _ALARM_KEYS, "an alarm")
        fault = VersionFault(
            instance.id,
            str(entry["version"]),
            str(entry["zone"]),
            float(entry.get("after_seconds", 0)),
            entry.get("component"),
            alarm and _kind(alarm, str(alarm["alarm_id"]), True),
        )
        if fault.zone not in zones(instance):
            raise ValueError(f"instance {instance.name} has no zone {fault.zone}")
        if fault.component not in (None, *(c.id for _node, c in members(instance))):
            raise ValueError(f"instance {instance.name} has no component {fault.component}")
        order_fault(site, fault)


def load_alarm_policies(site: Site, data: list[dict[str, Any]]) -> None:
    """`alarm_policies: [{instance: orders, disabled: ['5010001'], severities: {'5020001': critical}}]`.

    `configured: false` stands for an instance without a configured policy.
    """
    ids = {instance.name: instance.id for instance in site.instances.values()}
    for entry in data:
        if unknown := set(entry) - {"instance", "configured", "disabled", "severities"}:
            raise ValueError(f"an alarm policy has no {', '.join(sorted(unknown))}")
        if entry["instance"] not in ids:
            raise ValueError(f"instance {entry['instance']} does not exist")
        severities = {str(k): str(v) for k, v in (entry.get("severities") or {}).items()}
        if wrong := set(severities.values()) - set(SEVERITIES):
            raise ValueError(f"{wrong.pop()} is not a severity")
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
    """A kind that only the estate defines, in one language."""
    severity = entry.get("severity", "major")
    if severity not in SEVERITIES:
        raise ValueError(f"{severity} is not a severity")
    name = str(entry.get("name") or f"Alarm {alarm_id}")
    text = str(entry.get("description") or name)
    same = (text, text)
    kind = str(entry.get("type") or ("metric" if of_instance else "system"))
    if kind not in ("metric", "event", "system-metric", "system-event", "system"):
        raise ValueError(f"{kind} is not an alarm type")
    return Kind(alarm_id, kind, severity, "node", (name, name), same, same, ("", ""), ("", ""), ("", ""))
