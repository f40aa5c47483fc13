# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: unanswered
short_description: Return whether a platform did not answer
author: gaussdb.tpops contributors (@gaussdb-tpops)
version_added: 0.1.0
description:
  - Returns whether a task failed because the platform did not answer, or only something in between did. It may answer
    later. Any other error is an answer.
options:
  _input:
    description: The result of a module of this collection.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: List the hosts as soon as the platform answers
  gaussdb.tpops.gaussdb_host_info:
  register: read
  until: not read | gaussdb.tpops.unanswered
  retries: 60
  delay: 10
"""

RETURN = r"""
_value:
  description: Whether there was no answer.
  type: bool
  sample: true
"""

from collections.abc import Mapping
from typing import Any

from ansible_collections.gaussdb.tpops.plugins.plugin_utils.procedure.observer import is_silence


def unanswered(result: Mapping[str, Any]) -> bool:
    return is_silence(result)


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"unanswered": unanswered}
