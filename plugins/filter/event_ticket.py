# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: event_ticket
short_description: Turn an event of a platform into the payload of a ticket
author: gaussdb.tpops contributors (@gaussdb-tpops)
version_added: 0.1.0
description:
  - Returns what a ticket system needs of an event that the event source C(gaussdb.tpops.tpops_events) has sent.
  - The event that something is wrong and the one that it is well again have the same C(key), so that the second closes
    the ticket of the first. An event may arrive more than once, and then gives the same payload.
  - The title has the platform's own names, which are in the language of its connection, and codes.
positional: _input
options:
  _input:
    description: The event, C(event.tpops) of a rulebook.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Show the payload
  ansible.builtin.debug:
    msg: "{{ ansible_eda.event.tpops | gaussdb.tpops.event_ticket }}"
"""

RETURN = r"""
_value:
  description: The payload.
  type: dict
  contains:
    key:
      description: What the ticket is about, the same for all of its events.
      type: str
    status:
      description: V(open) while something is wrong, V(closed) when it is well again, V(note) for what needs no ticket.
      type: str
    severity:
      description: V(critical), V(major), V(minor) or V(notice).
      type: str
    title:
      description: One line.
      type: str
    platform:
      description: The platform.
      type: str
    instance:
      description: The instance. Empty if there is none.
      type: str
    time:
      description: When it was noticed.
      type: str
    event_id:
      description: ID of the event.
      type: str
    details:
      description: The event.
      type: dict
  sample:
    key: site-a:alarm:6f1c
    status: open
    severity: major
    title: "site-a orders-prod: Node down"
    platform: site-a
    instance: orders-prod
    time: 2026-01-12 08:00:00 UTC
"""

from collections.abc import Mapping
from typing import Any

from ansible.errors import AnsibleFilterError

# One by one: ansible-doc understands no assignment of several.
OPEN = "open"
CLOSED = "closed"
NOTE = "note"
# For each type of event: what its tickets are about, what it does to one, and how bad it is.
_KINDS = {
    "alarm_raised": ("alarm", OPEN, "major"),
    "alarm_cleared": ("alarm", CLOSED, "major"),
    "rpo_exceeded": ("rpo", OPEN, "major"),
    "rpo_recovered": ("rpo", CLOSED, "major"),
    "site_lost": ("site", OPEN, "critical"),
    "site_back": ("site", CLOSED, "critical"),
    "site_refused": ("access", OPEN, "major"),
    "site_accepted": ("access", CLOSED, "major"),
    "job_ended": ("job", NOTE, "notice"),
    "catch_up_limited": ("catch_up", NOTE, "minor"),
}


def event_ticket(event: Any) -> dict[str, Any]:
    """Return the payload of an event."""
    kind = event.get("type") if isinstance(event, Mapping) else None
    if kind not in _KINDS:
        raise AnsibleFilterError(f"event_ticket: not an event that can have a ticket: type {kind!r}")
    about, status, severity = _KINDS[kind]
    alarm, relation, done = (event.get(part) or {} for part in ("alarm", "relation", "object"))
    if done and event.get("failed"):
        status, severity = OPEN, "major"
    instance = alarm.get("instance_name") or relation.get("instance_name") or done.get("instance_name")
    # What needs no closing has a ticket of its own each time.
    own = str(event["id"]).split(":")[2:] if status == NOTE or done else []
    subject = [alarm.get("key"), relation.get("key"), *own]
    return {
        "key": ":".join([str(event["platform"]), about, *(str(part) for part in subject if part is not None)]),
        "status": status,
        "severity": alarm.get("severity") or severity,
        "title": f"{event['platform']}{f' {instance}' if instance else ''}: {_title(event, alarm, relation, done)}",
        "platform": event["platform"],
        "instance": instance or "",
        "time": event.get("time"),
        "event_id": event["id"],
        "details": dict(event),
    }


def _title(
    event: Mapping[str, Any], alarm: Mapping[str, Any], relation: Mapping[str, Any], done: Mapping[str, Any]
) -> str:
    if alarm:
        return str(alarm.get("name") or alarm.get("alarm_id"))
    if relation:
        figures = f"{relation.get('rpo_seconds')} s, limit {relation.get('rpo_limit_seconds')} s"
        return f"{event['type']} {relation.get('name')} ({figures})"
    if done:
        return f"{event['type']} {done.get('kind')} {done.get('name')} ({event.get('after')})"
    return str(event["type"])


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"event_ticket": event_ticket}
