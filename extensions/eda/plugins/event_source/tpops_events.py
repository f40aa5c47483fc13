# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Event source for ansible-rulebook: what happens on platforms for GaussDB."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any

DOCUMENTATION = r"""
short_description: Events of GaussDB management platforms (TPOPS)
description:
  - Reads one or more platforms again and again, and sends an event for each alarm that is raised or cleared, each job
    that has ended, each RPO that leaves or enters its limit, and each platform that is lost or back.
  - The platform cannot list jobs, it only shows one whose ID is known (4.17.1). So the end of a job is what instances,
    backups and relations show, and a job that is shorter than O(interval) may pass unseen; when it fails, the platform
    raises an alarm.
  - An event arrives at least once. It is in the file O(cursor) before it is sent, and stays there for O(redeliver)
    seconds after it was; a new start sends it again with the same C(id).
  - An event has C(event.tpops.id), C(type), C(platform), C(time) and C(time_ms), and what it is about in C(alarm),
    C(object), C(relation) or C(relations).
options:
  platforms:
    description:
      - The platforms. Each has a C(name), which events bear as C(platform), and the options of a connection
        that modules have, with the same defaults and environment variables. Only C(timeout) is 10 and C(retries) 1.
    type: list
    elements: dict
    required: true
  cursor:
    description:
      - File with what was seen last. It needs a folder that survives a restart, and belongs to one source alone.
    type: path
    required: true
  events:
    description:
      - Types of events to send, by default all of them.
    type: list
    elements: str
    choices:
      - alarm_raised
      - alarm_cleared
      - job_ended
      - rpo_exceeded
      - rpo_recovered
      - site_lost
      - site_back
      - site_refused
      - site_accepted
      - catch_up_limited
      - heartbeat
  interval:
    description:
      - Seconds between two reads of a platform.
    type: int
    default: 30
  past_alarms_interval:
    description:
      - Seconds between two reads of the list of past alarms, which shows alarms that were raised and cleared between
        two reads. It is also read at the start, after a failure, and when an alarm has gone.
    type: int
    default: 300
  lost_after:
    description:
      - Number of reads in a row without an answer after which a platform is lost. A platform that refuses the request
        is not lost; it sends C(site_refused).
    type: int
    default: 3
  rpo_seconds:
    description:
      - RPO above which a relation sends C(rpo_exceeded). By default the platform's own threshold.
    type: float
  catch_up:
    description:
      - Alarms that were raised and cleared unseen are sent if they were cleared in the last so many seconds. The number
        of the others is in C(catch_up_limited).
    type: int
    default: 86400
  redeliver:
    description:
      - Seconds for which an event that was sent is kept, because what it has started may be killed. A new start sends
        these events again.
    type: int
    default: 60
  heartbeat:
    description:
      - Seconds between two events C(heartbeat) of a platform, V(0) for none.
    type: int
    default: 300
"""

EXAMPLES = r"""
- gaussdb.tpops.tpops_events:
    platforms:
      - name: site-a
        endpoint: "{{ site_a_endpoint }}"
        username: "{{ site_a_username }}"
        password: "{{ site_a_password }}"
    cursor: /var/lib/gaussdb-events/cursor.json
"""

# ansible-rulebook runs this file by its path and knows no collections: their root is seven folders up from here.
sys.path.append(str(Path(__file__).absolute().parents[7]))

from ansible_collections.gaussdb.tpops.plugins.plugin_utils.events.source import Source, parse_options  # noqa: E402


async def main(queue: asyncio.Queue[Any], args: dict[str, Any]) -> None:
    """Send events until ansible-rulebook ends."""
    await Source(parse_options(args), queue.put, args.get("eda_feedback_queue")).run()
