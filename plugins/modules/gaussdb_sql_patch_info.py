#!/usr/bin/python
# Copyright: Contributors to the gaussdb.tpops project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: gaussdb_sql_patch_info
short_description: Gather information about the SQL patch of a statement
version_added: 0.1.0
author: gaussdb.tpops contributors (@gaussdb-tpops)
description:
  - Returns the SQL patch of a statement on a node, if it has one. The platform cannot list the patches of all
    statements.
extends_documentation_fragment:
  - gaussdb.tpops.connection
  - gaussdb.tpops.instance_scope
  - gaussdb.tpops.info
options:
  node_id:
    description:
      - ID of the node with the coordinator or data node that runs the statement. M(gaussdb.tpops.gaussdb_slow_sql_info)
        and M(gaussdb.tpops.gaussdb_component_info) return it.
    type: str
    required: true
  sql_id:
    description:
      - ID of the normalized statement, as M(gaussdb.tpops.gaussdb_slow_sql_info) lists it.
    type: str
    required: true
seealso:
  - module: gaussdb.tpops.gaussdb_sql_patch
  - module: gaussdb.tpops.gaussdb_slow_sql_info
"""

EXAMPLES = r"""
- name: List the nodes of the instance
  gaussdb.tpops.gaussdb_component_info:
    instance: orders-prod
    type: DN
  register: data

- name: Read the patch of a statement
  gaussdb.tpops.gaussdb_sql_patch_info:
    instance: orders-prod
    node_id: "{{ data.nodes[0].id }}"
    sql_id: "2987311045"
  register: found

- name: Show the hint
  ansible.builtin.debug:
    msg: "{{ found.sql_patches[0].hint }}"
  when: found.sql_patches | length > 0
"""

# RETURN:begin, written by `make generate` from SPEC, the shapes that it names and engine/returns.py.
RETURN = r"""
sql_patches:
  description: The patch, or an empty list if there is none.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: Name of the patch.
      type: str
    hint:
      description: Hint of the patch.
      type: str
    enabled:
      description: Whether the patch is in effect.
      type: bool
    node_id:
      description: ID of the node.
      type: str
    sql_id:
      description: ID of the statement.
      type: str
  sample:
    - name: parcels_by_weight
      hint: indexscan(parcels)
      enabled: true
      node_id: 1a2b3c4d5e6f40718293a4b5c6d7e8f9no14
      sql_id: '2987311045'
"""
# RETURN:end

from ansible_collections.gaussdb.tpops.plugins.module_utils.api.shape import Attr
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.parent import INSTANCE
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.sql_patch import (
    PATCH,
    PLACE,
    add_place,
    is_without_patch,
    read_patch,
)
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import Find, Info
from ansible_collections.gaussdb.tpops.plugins.module_utils.runner import run_module

SPEC = Info(
    plural="sql_patches",
    parent=INSTANCE,
    fields=PLACE,
    find=Find(read=read_patch, on_error=is_without_patch, select=add_place),
    returns=PATCH,
    also_returns=(Attr("sql_patches", doc="The patch, or an empty list if there is none."),),
)


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
