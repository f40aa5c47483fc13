# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: proof_times
short_description: Return the checks of RTO and RPO of a restore
author: gaussdb.tpops contributors (@gaussdb-tpops)
version_added: 0.1.0
description:
  - Returns the checks of the time until restored data could be used (RTO), which is that of the restore and of the
    verification, and of the time whose data was lost (RPO).
positional: _input, job, seconds, limits, newest_transaction
options:
  _input:
    description: What was restored, C(begun) of P(gaussdb.tpops.proof_state#filter).
    type: dict
    required: true
  job:
    description: Begin and end of the restore, C(created) and C(ended), as M(gaussdb.tpops.gaussdb_job_info) returns
      them for its job, or as the platform writes them.
    type: dict
    required: true
  seconds:
    description: How long the verification took, in seconds.
    type: float
    required: true
  limits:
    description: The highest C(rto) and C(rpo) in seconds, 0 for no limit.
    type: dict
    default: {}
  newest_transaction:
    description: The moment of the newest transaction in what was restored, if it is known. Then the data since that
      moment was lost, and the check of the RPO is V(proof_rpo_data).
    type: str
    default: ""
"""

EXAMPLES = r"""
- name: Show how long a restore took
  ansible.builtin.debug:
    msg: "{{ {'rpo_seconds': 300} | gaussdb.tpops.proof_times(read.job, 12) }}"
"""

RETURN = r"""
_value:
  description: Two checks.
  type: list
  elements: dict
  sample:
    - {name: proof_rto, value: 912.0, expected: 3600, passed: true}
    - {name: proof_rpo, value: 300, expected: null, passed: true}
"""

from collections.abc import Mapping
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import TpopsError
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.procedure.proof import checks_of_times


def proof_times(
    begun: Mapping[str, Any],
    job: Mapping[str, Any],
    seconds: float,
    limits: Mapping[str, Any] | None = None,
    newest_transaction: Any = "",
) -> list[dict[str, Any]]:
    try:
        return checks_of_times(begun, job, float(seconds), limits or {}, newest_transaction)
    except TpopsError as error:
        raise AnsibleFilterError(error.message) from None


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"proof_times": proof_times}
