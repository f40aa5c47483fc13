# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  wait:
    description:
      - Whether to wait until the platform has finished what the task started.
      - A task that is run again waits for an operation that is still in progress, as far as the platform reports it,
        instead of starting it a second time.
      - The task always waits for a job that one of its later steps depends on.
    type: bool
    default: true
  wait_timeout:
    description:
      - Time in seconds to wait before the task fails, from 1 to 2592000 (30 days). The job on the platform continues,
        and the task can be run again.
    type: int
    default: 3600
  wait_interval:
    description:
      - Longest time in seconds between two status checks, from 1 to 3600. The first checks follow each other faster.
    type: int
    default: 10
"""
