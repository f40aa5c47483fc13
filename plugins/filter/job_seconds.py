# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: job_seconds
short_description: Return how long a task of the platform took
author: gaussdb.tpops contributors (@gaussdb-tpops)
version_added: 0.1.0
description:
  - Returns the seconds from the begin of a task of the platform to its end.
positional: _input
options:
  _input:
    description: The task as M(gaussdb.tpops.gaussdb_job_info) returns it, or an empty dictionary.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Show how long the task took
  ansible.builtin.debug:
    msg: "{{ read.jobs[0] | gaussdb.tpops.job_seconds }} s"
"""

RETURN = r"""
_value:
  description: The seconds, null if they are not known.
  type: float
  sample: 912.0
"""

from collections.abc import Mapping
from typing import Any

from ansible_collections.gaussdb.tpops.plugins.plugin_utils.procedure import expand


def job_seconds(job: Mapping[str, Any]) -> float | None:
    return expand.seconds_of(job)


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"job_seconds": job_seconds}
