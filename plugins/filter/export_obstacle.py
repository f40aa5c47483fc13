# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: export_obstacle
short_description: Return why the description of an instance could not be written
author: gaussdb.tpops contributors (@gaussdb-tpops)
version_added: 0.1.0
description:
  - Returns why M(gaussdb.tpops.gaussdb_export) would refuse to write the description of one instance into a folder, for
    example because it has a file of that name that no export has written. It reads the folder and writes nothing.
positional: _input, site, instance
options:
  _input:
    description: The folder, which need not exist.
    type: path
    required: true
  site:
    description: The inventory host of the platform.
    type: str
    required: true
  instance:
    description: Name of the instance.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Show whether the description could be written
  ansible.builtin.debug:
    msg: "{{ 'estate' | gaussdb.tpops.export_obstacle('site-a', 'orders-prod') | default('it could', true) }}"
"""

RETURN = r"""
_value:
  description: The reason, empty if there is none.
  type: str
  sample: ""
"""

from typing import Any

from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.export_files import obstacle_of


def export_obstacle(folder: str, site: str, instance: str) -> str:
    return obstacle_of(str(folder), site, instance)


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"export_obstacle": export_obstacle}
