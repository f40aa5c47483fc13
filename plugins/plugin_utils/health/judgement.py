# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is wrong at a site: pure functions of what was read and of the limits.

A finding is a code with its values. Its color is red, amber, or ``unread`` for what could not be read, which is never
taken for healthy. ``about`` tells findings of one code and one instance apart, and is the same on the next day.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.gaussdb.tpops.plugins.module_utils.api.disaster_recovery import BUSY, OVER
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.instance import is_settled, is_transient
from ansible_collections.gaussdb.tpops.plugins.module_utils.util.values import is_number

from ..estate.pending import UPGRADE, is_newer
from ..estate.upgrades import UNDER_WAY
from ..procedure.upgrade import OBSERVING
from .reading import (
    AGENTS,
    ALARMS,
    BACKUPS,
    DEEP_PARTS,
    DISKS,
    HOSTS,
    INSPECTION,
    INSTANCES,
    PARTS,
    PASSWORD,
    RELATIONS,
    REPLICATION,
    RESTORE,
    SLOW_SQL,
    read_parts,
)

Data = Mapping[str, Any]
Finding = dict[str, Any]

GREEN, AMBER, UNREAD, RED = COLORS = ("green", "amber", "unread", "red")
# What the description of a site says, and the site itself.
ESTATE, SITE = "estate", "site"
FAILED_HOST = ("initialize_failed", "delete_failed")
BACKING_UP = "BACKING UP"
# An instance is only as healthy as these parts show.
OF_INSTANCE = (BACKUPS, ALARMS, DISKS, AGENTS, RELATIONS)
MINUTE_MS = 60_000
# What is shown of each instance.
FIGURES = ("status", "version", "backup", "disk_percent", "restorable_until", "rpo_seconds", "rto_seconds")


def judge_site(site: str, reading: Data, described: Data, limits: Data) -> dict[str, Any]:
    """Return what a page shows of a site: its ``findings``, its ``instances`` by their names, and what was ``read``.

    ``described`` has the ``instances`` of its description by their names, and in ``relations`` the instance that each
    described relation of disaster recovery has here. A mistake in them is an ``error``. Without a description it is
    empty.
    """
    parts = read_parts(reading, (*PARTS, *DEEP_PARTS))
    read = [SITE, *parts]
    if described and not described.get("error"):
        read.append(ESTATE)
    if reading["error"]:
        code = "site_silent" if reading["silent"] else "site_refused"
        found = [_finding(RED, SITE, code, detail=reading["error"])]
        return {"read": read, "findings": _of(site, found), "instances": {}, "alarms": {}, "password_days": None}
    found = [*_unread(reading, limits), *_described(described, reading)]
    for part, judge in JUDGES.items():
        if part in read:
            found += judge(reading, described, limits)
    password = entries(reading, PASSWORD)
    return {
        "read": read,
        "findings": sorted(_of(site, found), key=lambda each: (-COLORS.index(each["color"]), each["instance"])),
        "instances": _instances(reading, found, read),
        "alarms": dict(Counter(str(each["severity"]) for each in entries(reading, ALARMS))),
        "password_days": password[0]["days"] if password else None,
    }


def entries(reading: Data, part: str) -> Sequence[Data]:
    found: Sequence[Data] = reading["parts"].get(part, {}).get("entries") or ()
    return found


def _finding(color: str, part: str, code: str, instance: str = "", about: str = "", **values: Any) -> Finding:
    return {"color": color, "part": part, "code": code, "instance": instance, "about": about, **values}


def _of(site: str, findings: Iterable[Finding]) -> list[Finding]:
    return [{"site": site, **each} for each in findings]


def _names(reading: Data) -> dict[str, str]:
    """Return the name of each instance by its ID."""
    return {str(each["id"]): str(each["label"]) for each in entries(reading, INSTANCES)}


def _unread(reading: Data, limits: Data) -> Iterator[Finding]:
    """Yield the parts that could not be read. The disks cannot be asked for where the instances are not known."""
    parts = reading["parts"]
    for name in (*PARTS, *(DEEP_PARTS if limits["deep"] else ())):
        if name not in parts:
            yield _finding(UNREAD, name, "part_unread", about=name, unread=name)
        elif "error" in parts[name]:
            yield _finding(UNREAD, name, "part_unread", about=name, unread=name, detail=parts[name]["error"])


def _described(described: Data, reading: Data) -> Iterator[Finding]:
    if described.get("error"):
        yield _finding(UNREAD, ESTATE, "part_unread", about=ESTATE, unread=ESTATE, detail=described["error"])
    if described.get("instances") and "error" not in reading["parts"].get(INSTANCES, {"error": ""}):
        existing = {each["label"] for each in entries(reading, INSTANCES)}
        for name in described["instances"]:
            if name not in existing:
                yield _finding(RED, ESTATE, "instance_missing", name)
        for name in sorted(existing - set(described["instances"])):
            yield _finding(AMBER, ESTATE, "instance_undescribed", name)


def _judge_instances(reading: Data, described: Data, _limits: Data) -> Iterator[Finding]:
    known = described.get("instances") or {}
    for each in entries(reading, INSTANCES):
        name, status = each["label"], each["status"]
        wanted = known.get(name, {})
        if status == OBSERVING:
            yield _finding(AMBER, INSTANCES, "upgrade_observed", name, since=each["updated"])
        elif each["running"] is False:
            if wanted.get("state") != "stopped":
                yield _finding(RED, INSTANCES, "instance_stopped", name, status=status)
        elif each["busy"]:
            # Backups are made every day.
            if status != BACKING_UP:
                yield _finding(AMBER, INSTANCES, "instance_busy", name, status=status)
        elif not is_settled(status):
            yield _finding(RED, INSTANCES, "instance_status", name, status=status)
        if each["running"] is not False:
            yield from _judge_nodes(name, each["nodes"])
        yield from _judge_version(name, each, wanted)


def _judge_nodes(name: str, nodes: Sequence[Data]) -> Iterator[Finding]:
    if not nodes or any(node["status"] is None for node in nodes):
        yield _finding(UNREAD, INSTANCES, "nodes_unread", name)
    for node in nodes:
        status = node["status"]
        if status is not None and not is_settled(status) and not is_transient(status):
            yield _finding(RED, INSTANCES, "node_unhealthy", name, str(node["name"]), node=node["name"], status=status)


def _judge_version(name: str, instance: Data, wanted: Data) -> Iterator[Finding]:
    desired, version = wanted.get("versions") or [], str(instance["engine_version"] or "")
    if instance["status"] in UNDER_WAY or not desired or version in desired:
        return
    if not version:
        yield _finding(UNREAD, INSTANCES, "version_unread", name)
        return
    values = {"version": version, "described": ", ".join(desired)}
    if any(is_newer(each, version) for each in desired):
        yield _finding(AMBER, INSTANCES, "upgrade_pending", name, playbook=UPGRADE, **values)
    else:
        yield _finding(AMBER, INSTANCES, "version_ahead", name, **values)


def _judge_backups(reading: Data, _described: Data, limits: Data) -> Iterator[Finding]:
    """The list has the full backups of each instance that began within the age, the newest first."""
    backups = _backups_by_instance(reading)
    for identity, name in _names(reading).items():
        own = backups.get(identity, [])
        settled = [each for each in own if each["status"] in ("COMPLETED", "FAILED")]
        complete = [each for each in settled if each["status"] == "COMPLETED"]
        if settled and settled[0]["status"] == "FAILED":
            yield _finding(RED, BACKUPS, "backup_failed", name, begin=settled[0]["begin_time"])
        elif len(settled) > len(complete):
            failed = [each for each in settled if each["status"] == "FAILED"]
            yield _finding(AMBER, BACKUPS, "backup_failed_before", name, begin=failed[0]["begin_time"])
        if not complete:
            yield _finding(RED, BACKUPS, "backup_missing", name, limit=limits["backup_age"])


def _backups_by_instance(reading: Data) -> dict[str, list[Data]]:
    found: dict[str, list[Data]] = {}
    for each in entries(reading, BACKUPS):
        found.setdefault(str(each["instance_id"]), []).append(each)
    return found


def _judge_alarms(reading: Data, _described: Data, limits: Data) -> Iterator[Finding]:
    names = _names(reading)
    for each in entries(reading, ALARMS):
        severity = str(each["severity"])
        color = RED if severity in limits["alarms_red"] else AMBER if severity in limits["alarms_amber"] else GREEN
        if color == GREEN:
            continue
        instance = names.get(str(each["instance_id"]), str(each["instance_name"] or ""))
        about = "|".join(str(each[key]) for key in ("alarm_id", "name", "component_name"))
        yield _finding(
            color, ALARMS, "alarm", instance, about, severity=severity, since=each["first_time"], detail=each["name"]
        )


def _judge_disks(reading: Data, _described: Data, limits: Data) -> Iterator[Finding]:
    usage = _usage_by_instance(reading)
    for each in entries(reading, INSTANCES):
        name, disks = each["label"], usage.get(str(each["id"]), {})
        if each["running"] and (not disks or None in disks.values()):
            yield _finding(UNREAD, DISKS, "disk_unread", name)
        for node, used in disks.items():
            if not is_number(used) or used < limits["disk_amber_percent"]:
                continue
            color = RED if used >= limits["disk_red_percent"] else AMBER
            limit = limits["disk_red_percent" if color == RED else "disk_amber_percent"]
            yield _finding(color, DISKS, "disk_used", name, node, node=node, used=used, limit=limit)


def _usage_by_instance(reading: Data) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for each in entries(reading, DISKS):
        found.setdefault(str(each["instance_id"]), {})[str(each["dimension"])] = each["latest"]
    return found


def _judge_agents(reading: Data, _described: Data, _limits: Data) -> Iterator[Finding]:
    agents = {str(each["id"]): each for each in entries(reading, AGENTS)}
    for identity, name in _names(reading).items():
        agent = agents.get(identity)
        if agent is None:
            yield _finding(UNREAD, AGENTS, "agent_unread", name)
        elif not agent["up_to_date"]:
            values = {"version": agent["current_version"], "target": agent["target_version"]}
            yield _finding(AMBER, AGENTS, "agent_old", name, **values)


def _judge_relations(reading: Data, described: Data, _limits: Data) -> Iterator[Finding]:
    names, current = _names(reading), set()
    for each in entries(reading, RELATIONS):
        instance = names.get(str(each["instance_id"]), str(each["instance_name"] or ""))
        if each["status"] in OVER:
            continue
        current.add(instance)
        values = {"relation": each["name"], "status": each["status"]}
        if each["drill"]:
            yield _finding(AMBER, RELATIONS, "relation_drill", instance, str(each["name"]), **values)
        elif each["status"] in BUSY:
            yield _finding(AMBER, RELATIONS, "relation_busy", instance, str(each["name"]), **values)
        elif not each["protected"]:
            yield _finding(RED, RELATIONS, "relation_unprotected", instance, str(each["name"]), **values)
    for relation, instance in (described.get("relations") or {}).items():
        if instance not in current:
            yield _finding(RED, RELATIONS, "relation_missing", instance, relation, relation=relation)


def _judge_hosts(reading: Data, _described: Data, _limits: Data) -> Iterator[Finding]:
    for each in entries(reading, HOSTS):
        if each["status"] in FAILED_HOST:
            host = str(each["name"] or each["manage_ip"])
            values = {"host": host, "status": each["status"], "detail": each["error_message"] or ""}
            yield _finding(AMBER, HOSTS, "host_failed", about=host, **values)


def _judge_password(reading: Data, _described: Data, limits: Data) -> Iterator[Finding]:
    for each in entries(reading, PASSWORD):
        days = each["days"]
        if days <= limits["password_amber_days"]:
            color = RED if days <= limits["password_red_days"] else AMBER
            yield _finding(color, PASSWORD, "password_expires", days=days)


def _judge_replication(reading: Data, _described: Data, _limits: Data) -> Iterator[Finding]:
    """The limits are those of the platform. A relation that does not protect is a finding already."""
    names = _names(reading)
    for each in entries(reading, REPLICATION):
        if not each["protected"]:
            continue
        instance, monitor = names.get(str(each["instance_id"]), str(each["instance_name"] or "")), each["monitor"] or {}
        if monitor.get("within_thresholds") is None:
            yield _finding(
                UNREAD, REPLICATION, "replication_unread", instance, str(each["name"]), relation=each["name"]
            )
        elif not monitor["within_thresholds"]:
            values = {name: monitor[f"{name}_seconds"] for name in ("rpo", "rto", "rpo_threshold", "rto_threshold")}
            yield _finding(
                AMBER, REPLICATION, "replication_late", instance, str(each["name"]), relation=each["name"], **values
            )


def _judge_restore(reading: Data, _described: Data, limits: Data) -> Iterator[Finding]:
    """The platform's own time decides, because the controller's clock may differ."""
    names, allowed = _names(reading), float(limits["restore_minutes"])
    for identity, found in reading["parts"][RESTORE]["by_instance"].items():
        name = names[identity]
        if "error" in found:
            yield _finding(UNREAD, RESTORE, "restore_unread", name, detail=found["error"])
            continue
        newest = newest_moment(found)
        if newest is None:
            yield _finding(RED, RESTORE, "restore_none", name)
        elif newest["end_ms"] < reading["now_ms"] - allowed * MINUTE_MS:
            yield _finding(AMBER, RESTORE, "restore_late", name, until=newest["end"], limit=limits["restore_minutes"])


def newest_moment(found: Data) -> Data | None:
    return max(found.get("entries") or (), key=lambda span: span["end_ms"], default=None)


def _judge_slow_sql(reading: Data, _described: Data, limits: Data) -> Iterator[Finding]:
    """The statements themselves stay on the platform: a page may go to more people."""
    names = _names(reading)
    for identity, found in reading["parts"][SLOW_SQL]["by_instance"].items():
        name = names[identity]
        if "error" in found:
            yield _finding(UNREAD, SLOW_SQL, "slow_sql_unread", name, detail=found["error"])
            continue
        slow = found["entries"]
        different = {str(each["sql_id"]) for each in slow}
        if len(different) > limits["slow_sql_most"]:
            worst = max(slow, key=lambda each: each["avg_exec_time_ms"] or 0)
            values = {"count": len(different), "limit": limits["slow_sql_most"], "sql_id": worst["sql_id"]}
            seconds = round((worst["avg_exec_time_ms"] or 0) / 1000, 1)
            yield _finding(AMBER, SLOW_SQL, "slow_sql", name, slowest=seconds, **values)


def _judge_inspection(reading: Data, _described: Data, limits: Data) -> Iterator[Finding]:
    records = {str(each["instance_id"]): each for each in entries(reading, INSPECTION)}
    for each in entries(reading, INSTANCES):
        name, record = each["label"], records.get(str(each["id"]))
        if record is None or record["status"] != "completed":
            if each["running"]:
                yield _finding(UNREAD, INSPECTION, "inspection_unread", name, limit=limits["inspection_age"])
            continue
        for result in record["results"]:
            color = AMBER if result["status"] == "abnormal" else UNREAD
            code = "inspection_abnormal" if color == AMBER else "inspection_not_run"
            texts = [str(result[key]) for key in ("name", "result", "suggestions") if result[key]]
            yield _finding(color, INSPECTION, code, name, str(result["check"]), detail=" · ".join(texts))


JUDGES = {
    INSTANCES: _judge_instances,
    BACKUPS: _judge_backups,
    ALARMS: _judge_alarms,
    DISKS: _judge_disks,
    AGENTS: _judge_agents,
    RELATIONS: _judge_relations,
    HOSTS: _judge_hosts,
    PASSWORD: _judge_password,
    REPLICATION: _judge_replication,
    RESTORE: _judge_restore,
    SLOW_SQL: _judge_slow_sql,
    INSPECTION: _judge_inspection,
}


def _instances(reading: Data, findings: Sequence[Finding], read: Sequence[str]) -> dict[str, Any]:
    """Return a line for each instance, the worst first. Without one of its parts it is not known to be healthy."""
    backups, usage = _backups_by_instance(reading), _usage_by_instance(reading)
    moments = reading["parts"].get(RESTORE, {}).get("by_instance", {})
    monitors = {
        str(each["instance_id"]): each["monitor"] or {} for each in entries(reading, REPLICATION) if each["protected"]
    }
    unread = any(part not in read for part in OF_INSTANCE)
    lines = {}
    for each in entries(reading, INSTANCES):
        name, identity = each["label"], str(each["id"])
        complete = [backup for backup in backups.get(identity, ()) if backup["status"] == "COMPLETED"]
        moment = newest_moment(moments.get(identity, {}))
        disks = [used for used in usage.get(identity, {}).values() if is_number(used)]
        own = {finding["color"] for finding in findings if finding["instance"] == name}
        lines[name] = {
            "status": each["status"],
            "version": each["engine_version"],
            "color": worst([*own, *([UNREAD] if unread else [])]),
            "backup": complete[0]["begin_time"] if complete else None,
            "disk_percent": max(disks, default=None),
            "restorable_until": moment["end"] if moment else None,
            "rpo_seconds": monitors.get(identity, {}).get("rpo_seconds"),
            "rto_seconds": monitors.get(identity, {}).get("rto_seconds"),
        }
    for finding in findings:
        if finding["instance"] and finding["instance"] not in lines:
            color = worst(each["color"] for each in findings if each["instance"] == finding["instance"])
            nothing = dict.fromkeys(FIGURES)
            lines[finding["instance"]] = {**nothing, "color": color}
    return dict(sorted(lines.items(), key=lambda line: (-COLORS.index(line[1]["color"]), line[0])))


def worst(colors: Iterable[str]) -> str:
    return max(colors, key=COLORS.index, default=GREEN)
