# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  since:
    description:
      - Where the period begins. This is how long ago, such as V(90m), V(2h) or V(7d), or a time such as V(2026-01-05
        08:00:00 UTC) or V(2026-01-05T16:00:00+08:00), or milliseconds since 1970. A time without an offset is UTC.
      - How long ago is at most V(3650d), and a time is in the years 1970 to 9899.
      - How long ago goes by the clock of the platform, which may cost one more request when the instance is given by
        its ID.
    type: str
    default: 1h
  until:
    description:
      - Where the period ends, written like O(since), or V(now).
    type: str
    default: now
"""
