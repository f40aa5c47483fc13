# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: seen
short_description: Combine what was read of several instances
author: gaussdb.tpops contributors (@gaussdb-tpops)
version_added: 0.1.0
description:
  - Returns what is known of each instance, by the inventory host of its platform, from the results of reads in a loop.
  - A platform that does not answer is C(silent). One that answers with an error, for example because the instance does
    not exist, is not, although nothing could be read either.
positional: _input, instances, alarms
options:
  _input:
    description: The C(results) of M(gaussdb.tpops.gaussdb_dr_info) in a loop over items with C(site) and C(instance).
    type: list
    elements: dict
    required: true
  instances:
    description: The C(results) of M(gaussdb.tpops.gaussdb_instance_info) in a loop over the same items.
    type: list
    elements: dict
    required: true
  alarms:
    description: The C(results) of M(gaussdb.tpops.gaussdb_alarm_info) in a loop over the same items.
    type: list
    elements: dict
    required: true
seealso:
  - plugin: gaussdb.tpops.dr_state
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Show which platforms do not answer
  ansible.builtin.debug:
    msg: "{{ seen | dict2items | selectattr('value.silent') | map(attribute='key') | list }}"
  vars:
    seen: "{{ relations.results | gaussdb.tpops.seen(instances.results, alarms.results) }}"
"""

RETURN = r"""
_value:
  description: The instances, by the inventory host of their platform.
  type: dict
  sample:
    site-a:
      reachable: true
      silent: false
      error: ""
      instance: orders-prod
      instance_id: 9b1c2d3e4f5a6b7c8d9e0f1a2b3c4d5ein14
      instance_status: ACTIVE
      instance_busy: false
      instance_running: true
      engine_version: 3.200.0
      relation: {}
      alarms_read: true
      alarms: []
"""

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.gaussdb.tpops.plugins.module_utils.util.values import as_number

# There was no answer, or something in between answered.
NO_ANSWER = ("ConnectionFailed", "InvalidReply")
# Records of relations that have ended.
ENDED = ("completed", "pre_check_failed")

Results = Sequence[Mapping[str, Any]]


def seen(relations: Results, instances: Results, alarms: Results) -> dict[str, Any]:
    """Return what was read of each instance, by site."""
    return {
        str(relation["item"]["site"]): _seen(relation, instance, alarm)
        for relation, instance, alarm in zip(relations, instances, alarms)
    }


def _seen(relation: Mapping[str, Any], instance: Mapping[str, Any], alarm: Mapping[str, Any]) -> dict[str, Any]:
    reachable = "relations" in relation
    error = relation.get("error") or {}
    silent = not reachable and (error.get("kind") in NO_ANSWER or (as_number(error.get("status")) or 0) >= 500)
    current = [each for each in relation.get("relations") or () if each.get("status") not in ENDED]
    found: Mapping[str, Any] = next(iter(instance.get("instances") or ()), {})
    return {
        "reachable": reachable,
        "silent": silent,
        "error": "" if reachable else relation.get("msg") or "no answer",
        "instance": str(relation["item"]["instance"]),
        "instance_id": found.get("id") or "",
        "instance_status": found.get("status") or ("unreachable" if silent else "unknown"),
        "instance_busy": bool(found.get("busy")),
        "instance_running": found.get("running"),
        "engine_version": found.get("engine_version") or "",
        "relation": current[0] if current else {},
        "alarms_read": "alarms" in alarm,
        "alarms": alarm.get("alarms") or [],
    }


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"seen": seen}
