#!/usr/bin/python
# Copyright: Contributors to the gaussdb.tpops project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: gaussdb_metric_info
short_description: Query metrics of instances
version_added: 0.1.0
author: gaussdb.tpops contributors (@gaussdb-tpops)
description:
  - Returns the metrics of instances over a period, or only their latest values.
  - There is one row for each metric and dimension (the object it was measured on), with the unit, the minimum, maximum,
    average and latest value, and all values with their times.
extends_documentation_fragment:
  - gaussdb.tpops.connection
  - gaussdb.tpops.period
  - gaussdb.tpops.info
options:
  metrics:
    description:
      - Names of the metrics, such as V(sys001_cpu_usage). O(gather=names) returns all of them.
      - One of O(metrics), O(groups) and O(gather) is required.
    type: list
    elements: str
  groups:
    description:
      - Groups of metrics. All metrics of the groups are queried.
    type: list
    elements: str
    choices:
      - CPUMEMORY
      - IOSTORAGE
      - NETWORK
      - CONNECTION
      - TRANSACTION
      - LOCK
      - SYNCSTAT
      - PROCESSRESOURCE
      - INSTATUS
      - AGENTSTATUS
      - FORDR
  instances:
    description:
      - The instances, each given by its name or its ID. Required with O(metrics) and O(groups).
      - Names cost one more request than IDs.
    type: list
    elements: str
  nodes:
    description:
      - Query only these nodes of the instances, each given by its name or its ID. Costs one more request.
    type: list
    elements: str
  latest_only:
    description:
      - Whether to return only the latest value of each row. The period then limits how old it may be.
    type: bool
    default: false
  gather:
    description:
      - Additional information to return. V(names) returns the names, units and groups of all metrics.
    type: list
    elements: str
    choices: [names]
    default: []
notes:
  - The longer the period, the larger the interval between the values. A period of 30 days or more is queried in parts.
seealso:
  - module: gaussdb.tpops.gaussdb_instance_info
  - module: gaussdb.tpops.gaussdb_alarm_info
"""

EXAMPLES = r"""
- name: Query CPU and memory of two instances over the last two hours
  gaussdb.tpops.gaussdb_metric_info:
    instances: [orders-prod, billing-prod]
    metrics: [sys001_cpu_usage, sys010_mem_usage]
    since: 2h
  register: load

- name: Show where a value was above 80 percent
  ansible.builtin.debug:
    msg: "{{ item.instance }}: {{ item.title }} of {{ item.dimension }} was {{ item.maximum }} {{ item.unit }}"
  loop: "{{ load.metrics | selectattr('maximum') | selectattr('maximum', '>', 80) }}"
  loop_control:
    label: "{{ item.dimension }}"

- name: Query the latest values of all connection metrics
  gaussdb.tpops.gaussdb_metric_info:
    instances: [orders-prod]
    groups: [CONNECTION]
    latest_only: true

- name: List all metrics
  gaussdb.tpops.gaussdb_metric_info:
    gather: [names]
"""

# RETURN:begin, written by `make generate` from SPEC, the shapes that it names and engine/returns.py.
RETURN = r"""
metrics:
  description: One row for each instance, metric and dimension. Metrics that an instance does not have are omitted.
  returned: success
  type: list
  elements: dict
  contains:
    instance:
      description: Name of the instance, or its ID if that was given.
      type: str
    instance_id:
      description: ID of the instance.
      type: str
    metric:
      description: Name of the metric.
      type: str
    title:
      description: What the metric measures. Empty for metrics that the API reference does not list.
      type: str
    group:
      description: Group of the metric.
      type: str
    unit:
      description: Unit of the values.
      type: str
    dimension:
      description: What was measured, such as the address of a node or the ID of a component.
      type: str
    node_ids:
      description: IDs of the nodes that the platform measured, for all dimensions of the metric together.
      type: list
      elements: str
    time_interval:
      description: Interval between the values, as the platform reports it. It depends on the period. The reference
        gives no unit.
      type: int
    collection_frequency:
      description: Interval between measurements, as the platform reports it. The reference gives no unit.
      type: int
    latest:
      description: The last value. Empty if there is none.
      type: float
    minimum:
      description: The lowest value.
      type: float
    maximum:
      description: The highest value.
      type: float
    average:
      description: The average of the values.
      type: float
    points:
      description: The values in chronological order.
      type: list
      elements: dict
      contains:
        time:
          description: Time of the measurement.
          type: str
        time_ms:
          description: The same in milliseconds since 1970.
          type: int
        value:
          description: The value. Empty if nothing could be measured.
          type: float
  sample:
    - instance: orders-prod
      instance_id: 5f2d8c1b7a9e4d3fb6c0e1a2d3f4b5c6in14
      metric: sys001_cpu_usage
      title: CPU usage
      group: CPUMEMORY
      unit: '%'
      dimension: 192.0.2.11
      node_ids:
        - 1a2b3c4d5e6f40718293a4b5c6d7e8f9no14
      time_interval: 10
      collection_frequency: 10
      latest: 13.07
      minimum: 13.07
      maximum: 23.05
      average: 18.06
      points:
        - time: 2026-01-12 08:00:00 UTC
          time_ms: 1768204800000
          value: 23.05
        - time: 2026-01-12 08:00:10 UTC
          time_ms: 1768204810000
          value: 13.07
names:
  description: All metrics that can be queried.
  returned: when O(gather) has V(names)
  type: list
  elements: dict
  contains:
    name:
      description: Name of the metric.
      type: str
    title:
      description: What the metric measures. Empty for metrics that the API reference does not list.
      type: str
    group:
      description: Group of the metric.
      type: str
    unit:
      description: Unit of the values.
      type: str
  sample:
    - name: sys001_cpu_usage
      title: CPU usage
      group: CPUMEMORY
      unit: '%'
"""
# RETURN:end


from ansible_collections.gaussdb.tpops.plugins.module_utils.api import metric_names as known
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.shape import Attr
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain import metric as query
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain import metric_query as metrics
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.period import PERIOD
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.checks import not_empty
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.options import Field
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import Find, Info
from ansible_collections.gaussdb.tpops.plugins.module_utils.runner import run_module

SPEC = Info(
    plural="metrics",
    fields=(
        Field("metrics", type="list", elements="str", validate=not_empty),
        Field("groups", type="list", elements="str", choices=known.GROUPS, validate=not_empty),
        Field("instances", type="list", elements="str", validate=not_empty),
        Field("nodes", type="list", elements="str", validate=not_empty),
        *PERIOD,
        Field("latest_only", type="bool", default=False),
        Field("gather", type="list", elements="str", choices=("names",), default=[]),
    ),
    find=Find(read=metrics.read, select=metrics.build_rows),
    result=metrics.read_catalogue,
    returns=query.SERIES,
    also_returns=(
        Attr(
            "metrics",
            doc="One row for each instance, metric and dimension. Metrics that an instance does not have are omitted.",
        ),
        Attr(
            "names",
            kind="list",
            shape=query.NAME,
            doc="All metrics that can be queried.",
            returned="when O(gather) has V(names)",
        ),
    ),
)


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
