# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  since:
    description:
      - Start of the period. Either an age such as V(90m), V(2h) or V(7d), a time such as V(2026-01-05 08:00:00 UTC) or
        V(2026-01-05T16:00:00+08:00), or milliseconds since 1970. A time without an offset is UTC.
      - An age can be at most V(3650d). A time must be in the years 1970 to 9899.
      - An age is relative to the platform's clock, which can need one more request if the instance is given by its ID.
    type: str
    default: 1h
  until:
    description:
      - End of the period, in the same format as O(since), or V(now).
    type: str
    default: now
"""
