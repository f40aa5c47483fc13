# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What has happened between two reads of a platform, as events.

An event is plain data with ``id``, ``type``, ``platform``, ``time`` and ``time_ms`` (when it was noticed, by the
platform's clock), and what it is about. The same event has the same ID, whenever it is computed again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.gaussdb.tpops.plugins.module_utils.api import disaster_recovery as dr
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.instance import is_transient
from ansible_collections.gaussdb.tpops.plugins.module_utils.util.times import epoch_ms, utc

ALARM_RAISED, ALARM_CLEARED, JOB_ENDED = "alarm_raised", "alarm_cleared", "job_ended"
RPO_EXCEEDED, RPO_RECOVERED = "rpo_exceeded", "rpo_recovered"
SITE_LOST, SITE_BACK, SITE_REFUSED, SITE_ACCEPTED = "site_lost", "site_back", "site_refused", "site_accepted"
CATCH_UP_LIMITED, HEARTBEAT = "catch_up_limited", "heartbeat"
TYPES = (
    *(ALARM_RAISED, ALARM_CLEARED, JOB_ENDED, RPO_EXCEEDED, RPO_RECOVERED),
    *(SITE_LOST, SITE_BACK, SITE_REFUSED, SITE_ACCEPTED, CATCH_UP_LIMITED, HEARTBEAT),
)

_RUNNING_BACKUP = "BUILDING"
_FAILED = frozenset({"BUILD_FAILED", "FAILED", *dr.FAILED})


def make_event(kind: str, platform: str, subject: str, time_ms: int, **data: Any) -> dict[str, Any]:
    """Return an event. ``subject`` tells it apart from others of its type on its platform, for ever."""
    return {
        "id": f"{platform}:{kind}:{subject}",
        "type": kind,
        "platform": platform,
        "time": utc(time_ms),
        "time_ms": time_ms,
        **data,
    }


def find_changes(
    platform: str, before: Mapping[str, Any] | None, now: Mapping[str, Any], rpo_seconds: float | None, catch_up: float
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return what the next read is to be compared with, and the events since ``before``.

    Both are what ``reading`` has read, ``before`` by way of this function; it is ``None`` at the first read,
    which reports what is wrong now. ``rpo_seconds`` replaces the platform's own threshold. Alarms that were raised and
    ended unseen are reported for so many seconds back.
    """
    state = {**now, "relations": _with_excess(before, now, rpo_seconds)}
    known = None if before is None else {*before["past"]}
    state["past"] = sorted(now["past"]) if now["past"] is not None else sorted(known or ())
    events = [
        *_of_alarms(platform, before, now, known, catch_up),
        *_of_instances(platform, before, now),
        *_of_backups(platform, before, now),
        *_of_relations(platform, before, state),
    ]
    if before is not None:
        ended = {*before["alarms"]} - {*now["alarms"]}
        state["past"] = sorted({*state["past"], *ended})
    return state, events


def needs_past(before: Mapping[str, Any] | None, active: Mapping[str, Any]) -> bool:
    """Whether an alarm has ended since the last read: only the list of past alarms says when."""
    return before is not None and not {*before["alarms"]} <= {*active}


def _of_alarms(
    platform: str, before: Mapping[str, Any] | None, now: Mapping[str, Any], known: set[str] | None, catch_up: float
) -> Iterator[dict[str, Any]]:
    old = before["alarms"] if before else {}
    past = now["past"] or {}
    time_ms = now["time_ms"]
    skipped = 0
    seen = None if known is None else {*known, *old, *now["alarms"]}
    unseen = [] if seen is None else [key for key in past if key not in seen]
    for key in sorted(unseen, key=lambda each: str(past[each].get("first_time"))):
        ended = epoch_ms(past[key].get("clear_time"))
        if ended is not None and ended < time_ms - catch_up * 1000:
            skipped += 1
            continue
        yield make_event(ALARM_RAISED, platform, key, time_ms, alarm={"key": key, **past[key]}, late=True)
        yield make_event(ALARM_CLEARED, platform, key, time_ms, alarm={"key": key, **past[key]}, late=True)
    if skipped:
        yield make_event(CATCH_UP_LIMITED, platform, str(time_ms), time_ms, alarms=skipped, seconds=catch_up)
    for key, alarm in old.items():
        if key not in now["alarms"]:
            ended_as = {**alarm, **past.get(key, {})}
            yield make_event(ALARM_CLEARED, platform, key, time_ms, alarm={"key": key, **ended_as}, late=False)
    for key, alarm in now["alarms"].items():
        if key not in old:
            yield make_event(ALARM_RAISED, platform, key, time_ms, alarm={"key": key, **alarm}, late=False)


def _of_instances(platform: str, before: Mapping[str, Any] | None, now: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for key, old in (before["instances"] if before else {}).items():
        if not is_transient(old["status"]):
            continue
        instance = now["instances"].get(key)
        status = instance["status"] if instance else None
        if instance is None or not is_transient(status):
            yield _ended(platform, "instance", key, now, old, status, instance_name=old["name"])


def _of_backups(platform: str, before: Mapping[str, Any] | None, now: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    if before is None:
        return
    for key, backup in now["backups"].items():
        old = before["backups"].get(key)
        # One that is new and complete began and ended between the reads.
        if backup["status"] != _RUNNING_BACKUP and (old is None or old["status"] == _RUNNING_BACKUP):
            old = old or {"name": backup["name"], "status": None}
            yield _ended(platform, "backup", key, now, old, backup["status"], instance_name=backup["instance_name"])


def _of_relations(platform: str, before: Mapping[str, Any] | None, now: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    records = before["relations"] if before else {}
    for key, relation in now["relations"].items():
        old = records.get(key)
        if old and old["status"] in dr.BUSY and relation["status"] not in dr.BUSY:
            yield _ended(
                platform, "relation", key, now, old, relation["status"], instance_name=relation["instance_name"]
            )
        if relation["exceeded"] and not (old and old["exceeded"]):
            yield _of_rpo(RPO_EXCEEDED, platform, key, now, relation)
    for key, old in records.items():
        relation = now["relations"].get(key)
        if old["exceeded"] and not (relation and relation["exceeded"]):
            gone = {**old, "status": None, "rpo_seconds": None}
            yield _of_rpo(RPO_RECOVERED, platform, key, now, relation or gone)


def _of_rpo(kind: str, platform: str, key: str, now: Mapping[str, Any], relation: Mapping[str, Any]) -> dict[str, Any]:
    return make_event(kind, platform, f"{key}:{now['time_ms']}", now["time_ms"], relation={"key": key, **relation})


def _ended(
    platform: str, kind: str, key: str, now: Mapping[str, Any], old: Mapping[str, Any], after: Any, **data: Any
) -> dict[str, Any]:
    return make_event(
        JOB_ENDED,
        platform,
        f"{kind}:{key}:{now['time_ms']}",
        now["time_ms"],
        object={"kind": kind, "id": key, "name": old["name"], **data},
        before=old["status"],
        after=after,
        failed=after in _FAILED,
    )


def _with_excess(
    before: Mapping[str, Any] | None, now: Mapping[str, Any], rpo_seconds: float | None
) -> dict[str, dict[str, Any]]:
    """Return the relations with ``exceeded``: whether the RPO is above its limit. An RPO that cannot be read changes
    nothing while the relation is in force."""
    found = {}
    for key, relation in now["relations"].items():
        limit = relation["rpo_threshold_seconds"] if rpo_seconds is None else rpo_seconds
        old = (before["relations"].get(key) if before else None) or {"exceeded": False}
        if relation["rpo_seconds"] is None or limit is None:
            exceeded = old["exceeded"] and relation["in_force"] is not False
        else:
            exceeded = relation["rpo_seconds"] > limit
        found[key] = {**relation, "rpo_limit_seconds": limit, "exceeded": exceeded}
    return found
