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
      - A task that is run again waits for what is still going on, as far as the platform shows it, instead of starting
        it a second time.
      - A job that a later step of the same task depends on is waited for in any case.
    type: bool
    default: true
  wait_timeout:
    description:
      - Seconds to wait before the task fails, from 1 to 2592000, which are 30 days. The job on the platform goes on,
        and the task can be run again.
    type: int
    default: 3600
  wait_interval:
    description:
      - Longest pause, in seconds, between two looks at the platform, from 1 to 3600. The first looks follow each other
        faster.
    type: int
    default: 10
"""
