# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: file_of_site
short_description: Return the file of one platform in a run for one or several
author: gaussdb.tpops contributors (@gaussdb-tpops)
version_added: 0.1.0
description:
  - A run for one platform uses the file as it is named. In a run for several each has its own, C(plan-site-a.json) for
    C(plan.json).
positional: _input, site, sites
options:
  _input:
    description: The path. An empty one stays empty.
    type: path
    required: true
  site:
    description: The inventory host of the platform.
    type: str
    required: true
  sites:
    description: All platforms of the run.
    type: list
    elements: str
    required: true
"""

EXAMPLES = r"""
- name: Show the file
  ansible.builtin.debug:
    msg: "{{ 'plan.json' | gaussdb.tpops.file_of_site(inventory_hostname, ansible_play_hosts_all) }}"
"""

RETURN = r"""
_value:
  description: The path.
  type: path
  sample: plan-site-a.json
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ansible_collections.gaussdb.tpops.plugins.filter.host_name import host_name


def file_of_site(path: str, site: str, sites: Sequence[str]) -> str:
    if not path or len(sites) == 1:
        return path
    named = Path(path)
    return str(named.with_name(f"{named.stem}-{host_name(site)}{named.suffix}"))


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"file_of_site": file_of_site}
