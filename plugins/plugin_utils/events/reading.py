# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the event source reads of one platform at a time: plain data, which the cursor keeps and the next read is
compared with.

The platform cannot list jobs: 4.17.1 asks for the ID of one. What instances, backups and relations show tells when the
work on them has ended.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.gaussdb.tpops.plugins.module_utils.api.alarm import list_alarms
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.backup import list_backups
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.disaster_recovery import (
    get_dr_monitor,
    list_dr_relations,
)
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.instance import list_instances
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.client import Client
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import ApiFailure, Busy, NotFound
from ansible_collections.gaussdb.tpops.plugins.module_utils.util.times import with_offset

# Backups that began earlier, and still run, are not seen; so far ahead is no clock.
BACKUP_DAYS = 2
_DAY_MS = 86_400_000
_ALARM = (
    *("severity", "alarm_id", "name", "type", "category", "description", "instance_id", "instance_name", "host_ip"),
    *("component_name", "first_time", "last_time", "clear_time", "impact", "possible_causes", "processing_steps"),
)


def read_platform(client: Client, needs_past: Callable[[Mapping[str, Any]], bool]) -> dict[str, Any]:
    """Return what a platform shows now: ``time_ms`` by its clock, and by their IDs ``alarms``, ``instances``,
    ``backups`` and ``relations``.

    ``past`` has the alarms that ended. It is ``None`` unless ``needs_past`` asks for it when it has seen the active
    ones: no filter makes that list shorter. Raises the error of the read that failed.
    """
    instances = {str(each["id"]): _pick(each, "name", "status") for each in client.items(list_instances())}
    now = client.now_ms()
    relations = {}
    for record in client.items(list_dr_relations()):
        relations[str(record["id"])] = {
            **_pick(
                record,
                *("name", "status", "synchronization_id", "role", "acts_as", "disaster_type", "in_force"),
                *("instance_id", "other_instance_id"),
            ),
            "instance_name": (instances.get(str(record["instance_id"])) or {}).get("name") or record["instance_name"],
            **_read_monitor(client, record),
        }
    window = {"begin_time": with_offset(now - BACKUP_DAYS * _DAY_MS), "end_time": with_offset(now + _DAY_MS)}
    backups = {
        str(each["id"]): {
            **_pick(each, "name", "status", "instance_id", "detail_message"),
            "instance_name": (instances.get(str(each["instance_id"])) or {}).get("name"),
        }
        for each in client.items(list_backups(**window))
    }
    alarms = _read_alarms(client, active=True)
    return {
        "time_ms": now,
        "alarms": alarms,
        "past": _read_alarms(client, active=False) if needs_past(alarms) else None,
        "instances": instances,
        "backups": backups,
        "relations": relations,
    }


def _read_alarms(client: Client, active: bool) -> dict[str, dict[str, Any]]:
    found = {}
    for alarm in client.items(list_alarms(active, grouped=False)):
        entry = {name: alarm[name] for name in _ALARM if alarm[name] is not None}
        found[str(alarm["id"] or _digest(entry))] = entry
    return found


def _digest(alarm: Mapping[str, Any]) -> str:
    """Return an ID for an alarm that the platform shows without one."""
    what = [alarm.get(name) for name in ("alarm_id", "instance_id", "host_ip", "first_time")]
    return hashlib.sha256(json.dumps(what).encode()).hexdigest()[:16]


def _read_monitor(client: Client, record: Mapping[str, Any]) -> dict[str, Any]:
    """Return the RPO of a relation in force, and its threshold; both are ``None`` where they cannot be read."""
    unknown = {"rpo_seconds": None, "rpo_threshold_seconds": None}
    if not record["in_force"] or not record["instance_id"]:
        return unknown
    try:
        monitor = client.item(get_dr_monitor(record["instance_id"], record["disaster_type"]))
    except (ApiFailure, Busy, NotFound) as error:
        # One relation that is being removed must not hide everything else; a platform that fails must not look well.
        if isinstance(error, ApiFailure) and error.status is not None and error.status >= 500:
            raise
        return unknown
    return _pick(monitor, *unknown)


def _pick(data: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: data.get(name) for name in names}
