#!/usr/bin/python
# Copyright: Contributors to the gaussdb.tpops project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: gaussdb_alarm_info
short_description: List alarms and count them
version_added: 0.1.0
author: gaussdb.tpops contributors (@gaussdb-tpops)
description:
  - Lists the active or the cleared alarms of the platform and its instances.
  - Identical alarms of an instance are returned as one entry, unless O(details=true).
extends_documentation_fragment:
  - gaussdb.tpops.connection
  - gaussdb.tpops.info
options:
  active:
    description:
      - Whether to list active alarms. With V(false), alarms that have recovered or were cleared are listed.
    type: bool
    default: true
  details:
    description:
      - Whether to list each alarm separately, with its cause and how to handle it.
    type: bool
    default: false
  instance:
    description:
      - List only alarms of the instance with this name.
    type: str
  instance_id:
    description:
      - List only alarms of the instance with this ID.
    type: str
  alarm_id:
    description:
      - List only alarms with this alarm ID, such as V(5010001).
    type: str
  severities:
    description:
      - List only alarms of these severities.
    type: list
    elements: str
    choices: [critical, major, minor, notice]
  types:
    description:
      - List only alarms of these types. V(metric) and V(event) concern instances, the others the platform.
    type: list
    elements: str
    choices: [metric, event, system-metric, system-event, system]
  gather:
    description:
      - Additional information to gather. V(statistics) counts the active alarms of each severity with one more request.
    type: list
    elements: str
    choices: [statistics]
    default: []
seealso:
  - module: gaussdb.tpops.gaussdb_alarm_policy
  - module: gaussdb.tpops.gaussdb_metric_info
"""

EXAMPLES = r"""
- name: List the active alarms and count them
  gaussdb.tpops.gaussdb_alarm_info:
    gather: [statistics]
  register: alarms

- name: Fail if there is a critical alarm
  ansible.builtin.assert:
    that: alarms.statistics.instance.critical == 0

- name: List each severe alarm of one instance
  gaussdb.tpops.gaussdb_alarm_info:
    instance: orders-prod
    severities: [critical, major]
    details: true
  register: severe

- name: Show how to handle them
  ansible.builtin.debug:
    msg: "{{ item.description }} {{ item.processing_steps }}"
  loop: "{{ severe.alarms }}"
  loop_control:
    label: "{{ item.name }}"
"""

# RETURN:begin, written by `make generate` from SPEC, the shapes that it names and engine/returns.py.
RETURN = r"""
alarms:
  description: The alarms, in the platform's order.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: ID of the single alarm. Only with O(details=true).
      type: str
    severity:
      description: V(critical), V(major), V(minor) or V(notice).
      type: str
    status:
      description: V(activated), V(clear) or V(recovered).
      type: str
    alarm_id:
      description: ID of the alarm type.
      type: str
    name:
      description: Name of the alarm type.
      type: str
    type:
      description: Type of the alarm, as in O(types).
      type: str
    category:
      description: Category, which shows where the alarm comes from.
      type: str
    description:
      description: What happened. Only with O(details=true).
      type: str
    remarks:
      description: What this type of alarm means. Only with O(details=true).
      type: str
    instance_id:
      description: ID of the instance.
      type: str
    instance_name:
      description: Name of the instance.
      type: str
    component_name:
      description: Type of component.
      type: str
    host_ip:
      description: Address of the node. Only with O(details=true).
      type: str
    count:
      description: Number of single alarms in the entry. Empty with O(details=true).
      type: int
    raise_count:
      description: Number of times the alarm was raised. Only with O(details=true).
      type: int
    first_time:
      description: When it was first raised.
      type: str
    last_time:
      description: When it was last raised.
      type: str
    clear_time:
      description: When it ended. Empty for active alarms.
      type: str
    duration:
      description: How long it has lasted, as the platform shows it.
      type: str
    impact:
      description: What it affects. Only with O(details=true).
      type: str
    possible_causes:
      description: Possible cause. Only with O(details=true).
      type: str
    processing_steps:
      description: What to do about it. Only with O(details=true).
      type: str
    notify_status:
      description: Whether anyone was notified. Only with O(details=true).
      type: str
    automatic_clear:
      description: Whether it clears automatically. Only with O(details=true).
      type: bool
  sample:
    - severity: major
      status: activated
      alarm_id: '5010001'
      name: Node down
      type: event
      category: instance
      instance_id: 5f2d8c1b7a9e4d3fb6c0e1a2d3f4b5c6in14
      instance_name: orders-prod
      component_name: node
      count: 2
      first_time: 2026-01-12 08:00:00 UTC
      last_time: 2026-01-12 08:10:00 UTC
      duration: '600'
statistics:
  description: Number of active alarms of each severity, regardless of O(active) and the filters.
  returned: when O(gather) has V(statistics)
  type: dict
  contains:
    system:
      description: Alarms of the platform itself, by severity.
      type: dict
    instance:
      description: Alarms of instances, by severity.
      type: dict
  sample:
    system:
      critical: 0
      major: 1
      minor: 0
      notice: 2
    instance:
      critical: 0
      major: 2
      minor: 0
      notice: 0
"""
# RETURN:end

from typing import Any

from ansible_collections.gaussdb.tpops.plugins.module_utils.api import alarm as api
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.operation import Call
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.shape import Attr
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.compare import filter_equal
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.context import Context
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.options import Field
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import Find, Info
from ansible_collections.gaussdb.tpops.plugins.module_utils.runner import run_module


def read(ctx: Context) -> Call:
    return api.list_alarms(
        ctx.params["active"], not ctx.params["details"], ctx.params["alarm_id"], ctx.params["instance_id"]
    )


def select(ctx: Context, alarms: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The platform can only filter by alarm ID and instance."""
    params = ctx.params
    found = filter_equal(
        alarms, alarm_id=params["alarm_id"], instance_id=params["instance_id"], instance_name=params["instance"]
    )
    for option, attribute in (("severities", "severity"), ("types", "type")):
        found = [alarm for alarm in found if params[option] is None or alarm[attribute] in params[option]]
    return found


SPEC = Info(
    plural="alarms",
    fields=(
        Field("active", type="bool", default=True),
        Field("details", type="bool", default=False),
        Field("instance"),
        Field("instance_id"),
        Field("alarm_id"),
        Field("severities", type="list", elements="str", choices=api.SEVERITIES),
        Field("types", type="list", elements="str", choices=api.TYPES),
        Field("gather", type="list", elements="str", choices=("statistics",), default=[]),
    ),
    find=Find(read=read, select=select),
    result=lambda ctx, alarms: (
        {"statistics": ctx.item(api.count_alarms())} if "statistics" in ctx.params["gather"] else {}
    ),
    returns=api.ALARM,
    also_returns=(
        Attr("alarms", doc="The alarms, in the platform's order."),
        Attr(
            "statistics",
            kind="dict",
            shape=api.STATISTICS,
            doc="Number of active alarms of each severity, regardless of O(active) and the filters.",
            returned="when O(gather) has V(statistics)",
        ),
    ),
)


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
