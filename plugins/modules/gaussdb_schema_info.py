#!/usr/bin/python
# Copyright: Contributors to the gaussdb.tpops project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: gaussdb_schema_info
short_description: Gather information about the schemas of a database
version_added: 0.1.0
author: gaussdb.tpops contributors (@gaussdb-tpops)
description:
  - Lists the schemas of one database with their owners.
extends_documentation_fragment:
  - gaussdb.tpops.connection
  - gaussdb.tpops.instance_scope
  - gaussdb.tpops.info
options:
  database:
    description:
      - Name of the database.
    type: str
    required: true
seealso:
  - module: gaussdb.tpops.gaussdb_schema
"""

EXAMPLES = r"""
- name: List the schemas of a database
  gaussdb.tpops.gaussdb_schema_info:
    instance: orders-prod
    database: orders
  register: found

- name: Show their names
  ansible.builtin.debug:
    msg: "{{ found.schemas | map(attribute='name') | list }}"
"""

# RETURN:begin, written by `make generate` from SPEC, the shapes that it names and engine/returns.py.
RETURN = r"""
schemas:
  description: The schemas.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: Name of the schema.
      type: str
    owner:
      description: Owner of the schema.
      type: str
  sample:
    - name: shipping
      owner: root
"""
# RETURN:end

from ansible_collections.gaussdb.tpops.plugins.module_utils.api import database as api
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.parent import INSTANCE
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.read_errors import explain_missing_database
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.options import Field
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import Find, Info
from ansible_collections.gaussdb.tpops.plugins.module_utils.runner import run_module

SPEC = Info(
    plural="schemas",
    parent=INSTANCE,
    fields=(Field("database", required=True),),
    find=Find(
        read=lambda ctx: api.list_schemas(ctx.parent.id, ctx.params["database"]), on_error=explain_missing_database
    ),
    returns=api.SCHEMA,
)


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
