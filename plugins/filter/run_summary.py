# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: run_summary
short_description: Return what a run of site did to a platform, with a line for each instance
author: gaussdb.tpops contributors (@gaussdb-tpops)
version_added: 0.1.0
description:
  - Each line of the plan gets an end that says whether the instance is as described now.
positional: _input, site, tried, done
options:
  _input:
    description: The lines of the plan, RV(gaussdb.tpops.gaussdb_plan#module:lines).
    type: dict
    required: true
  site:
    description: The inventory host of the platform.
    type: str
    required: true
  tried:
    description: The instances that the run had something to do about.
    type: list
    elements: str
    required: true
  done:
    description: Those of them that are as described now.
    type: list
    elements: str
    required: true
"""

EXAMPLES = r"""
- name: Show what was done
  ansible.builtin.debug:
    msg: "{{ planned.lines | gaussdb.tpops.run_summary('site-a', ['orders-prod'], ['orders-prod']) }}"
"""

RETURN = r"""
_value:
  description: The lines.
  type: list
  elements: str
  sample: ["site-a: host db-1 new", "orders-prod: users +1: done", "cards-prod: in step"]
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any


def run_summary(lines: Mapping[str, str], site: str, tried: Collection[str], done: Iterable[str]) -> list[str]:
    ended = set(done)
    summary = []
    for name, line in lines.items():
        end = "" if name not in tried else ": done" if name in ended else ": NOT DONE"
        summary.append(f"{name or site}: {line}{end}")
    return summary


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"run_summary": run_summary}
