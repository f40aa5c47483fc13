# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: workload_changes
short_description: Compare the workload of an instance with that of an earlier period
author: gaussdb.tpops contributors (@gaussdb-tpops)
version_added: 0.1.0
description:
  - Compares the average times of statements, the slow statements and the CPU usage of two periods, for example of an
    hour after an upgrade with the same hour a week before.
  - What has no data in one of the periods cannot be compared, and has neither passed nor failed.
positional: _input, before, limits
options:
  _input:
    description:
      - What was read of the period, with the keys C(statements) (as M(gaussdb.tpops.gaussdb_top_sql_info) returns
        them), C(slow_statements) (M(gaussdb.tpops.gaussdb_slow_sql_info)) and C(cpu) (C(metrics) of
        M(gaussdb.tpops.gaussdb_metric_info)). Null or missing is not known.
    type: dict
    required: true
  before:
    description: The same of the earlier period.
    type: dict
    required: true
  limits:
    description:
      - C(slow_factor), how many times as long a statement may take; C(min_calls), how often a statement must have run
        in both periods to be compared; C(new_slow_statements), how many slow statements may be new; and C(cpu_points),
        by how many percentage points the CPU usage may be higher.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Show the comparisons that have not passed
  ansible.builtin.debug:
    msg: "{{ {'statements': today.statements} | gaussdb.tpops.workload_changes({'statements': last_week.statements},
      {'slow_factor': 2, 'min_calls': 20, 'new_slow_statements': 5, 'cpu_points': 20}) | rejectattr('passed') }}"
"""

RETURN = r"""
_value:
  description: The comparisons.
  type: list
  elements: dict
  sample:
    - name: statements
      before: 12
      after: [{sql_id: "1252930335", template: select 1, calls: 40, before: 1.5, after: 4.5, factor: 3.0}]
      limit: {slow_factor: 2, min_calls: 20}
      passed: false
  contains:
    name:
      description: V(statements), V(slow_statements) or V(cpu).
      type: str
    before:
      description: The number of statements that could be compared, that of slow statements, or the CPU usage in
        percent. Null if unknown.
      type: raw
    after:
      description: The statements that are slower, the texts of new slow statements, or the CPU usage in percent.
      type: raw
    limit:
      description: What is allowed.
      type: raw
    passed:
      description: Whether it is within the limit, null if it cannot be compared.
      type: bool
"""

from collections.abc import Mapping
from typing import Any

from ansible_collections.gaussdb.tpops.plugins.plugin_utils.procedure.workload import compare_workload


def workload_changes(
    after: Mapping[str, Any], before: Mapping[str, Any], limits: Mapping[str, Any]
) -> list[dict[str, Any]]:
    return compare_workload(before, after, limits)


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"workload_changes": workload_changes}
