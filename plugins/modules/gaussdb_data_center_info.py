#!/usr/bin/python
# Copyright: Contributors to the gaussdb.tpops project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: gaussdb_data_center_info
short_description: List data centers
version_added: 0.1.0
author: gaussdb.tpops contributors (@gaussdb-tpops)
description:
  - Lists the data centers of the platform with their number of hosts.
extends_documentation_fragment:
  - gaussdb.tpops.connection
  - gaussdb.tpops.info
options:
  name:
    description:
      - List only the data center with this name.
    type: str
  data_center_id:
    description:
      - List only the data center with this ID.
    type: str
  sort:
    description:
      - Field to sort by. By default, the platform's order is kept.
    type: str
    choices: [name, hosts_num]
  order:
    description:
      - Sort order for O(sort), ascending or descending.
    type: str
    choices: [asc, desc]
    default: asc
seealso:
  - module: gaussdb.tpops.gaussdb_data_center
"""

EXAMPLES = r"""
- name: List all data centers by number of hosts
  gaussdb.tpops.gaussdb_data_center_info:
    sort: hosts_num
    order: desc
  register: all

- name: Show how many hosts each has
  ansible.builtin.debug:
    msg: "{{ item.name }} has {{ item.hosts_num }} hosts"
  loop: "{{ all.data_centers }}"
"""

# RETURN:begin, written by `make generate` from SPEC, the shapes that it names and engine/returns.py.
RETURN = r"""
data_centers:
  description: The data centers.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: ID of the data center.
      type: str
    name:
      description: Name of the data center.
      type: str
    description:
      description: Description of the data center.
      type: str
    hosts_num:
      description: Number of its hosts.
      type: int
  sample:
    - id: 59ec7944-757a-4429-b448-bad7207ce7c6
      name: AZ1
      description: Hall 1, row A to F
      hosts_num: 4
"""
# RETURN:end

from ansible_collections.gaussdb.tpops.plugins.module_utils.api import data_center as api
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.compare import filter_equal, sort_by
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.options import Field
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import Find, Info
from ansible_collections.gaussdb.tpops.plugins.module_utils.runner import run_module

SPEC = Info(
    plural="data_centers",
    fields=(
        Field("name"),
        Field("data_center_id"),
        Field("sort", choices=("name", "hosts_num")),
        Field("order", choices=("asc", "desc"), default="asc"),
    ),
    find=Find(
        read=lambda ctx: api.list_data_centers(ctx.params["data_center_id"], ctx.params["name"]),
        select=lambda ctx, found: sort_by(
            filter_equal(found, name=ctx.params["name"], id=ctx.params["data_center_id"]),
            ctx.params["sort"],
            ctx.params["order"],
        ),
    ),
    returns=api.DATA_CENTER,
)


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
