#!/usr/bin/python
# Copyright: Contributors to the gaussdb.tpops project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: gaussdb_database
short_description: Create databases in an instance
version_added: 0.1.0
author: gaussdb.tpops contributors (@gaussdb-tpops)
description:
  - Creates missing databases in an instance. All databases are read with one request.
  - The platform cannot change or remove databases, so the module cannot either. It is an error if an option differs
    from the existing database.
extends_documentation_fragment:
  - gaussdb.tpops.connection
  - gaussdb.tpops.instance_scope
  - gaussdb.tpops.attributes
options:
  databases:
    description:
      - Databases to create. Other databases are left unchanged.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description:
          - Name of the database, 1 to 63 letters, digits and underscores. It must not start with a digit or with V(pg),
            and must not be the name of a template database.
        type: str
        required: true
      owner:
        description:
          - User that owns the database. The user must exist. The platform's default is V(root).
        type: str
      template:
        description:
          - Template database to copy. It cannot be read back, so it is only used when the database is created.
        type: str
        choices: [postgres, template0, template1, templatem]
      character_set:
        description:
          - Character set, such as V(UTF8). The default is that of the template. Case, hyphens and underscores are
            ignored.
        type: str
      lc_collate:
        description:
          - Collation (C(LC_COLLATE)). The platform's default is V(C).
        type: str
      lc_ctype:
        description:
          - Character classification (C(LC_CTYPE)). The platform's default is V(C).
        type: str
seealso:
  - module: gaussdb.tpops.gaussdb_database_info
  - module: gaussdb.tpops.gaussdb_schema
"""

EXAMPLES = r"""
- name: Create two databases
  gaussdb.tpops.gaussdb_database:
    instance: orders-prod
    databases:
      - name: orders
        character_set: UTF8
        template: template0
      - name: billing
  register: result

- name: Show which are new
  ansible.builtin.debug:
    msg: "{{ result.outcomes | selectattr('outcome', 'equalto', 'created') | map(attribute='name') | list }}"
"""

# RETURN:begin, written by `make generate` from SPEC, the shapes that it names and engine/returns.py.
RETURN = r"""
databases:
  description: The databases of the task as they are now, in check mode as they would be, as far as that is known.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: Name of the database.
      type: str
    owner:
      description: Owner of the database.
      type: str
    size:
      description: Size with its unit, as the platform shows it.
      type: str
    character_set:
      description: Character set.
      type: str
    lc_collate:
      description: Collation order (LC_COLLATE).
      type: str
    lc_ctype:
      description: Character classification (LC_CTYPE).
      type: str
  sample:
    - name: orders
      owner: root
      size: 33 MB
      character_set: UTF8
      lc_collate: C
      lc_ctype: C
outcomes:
  description: What became of each database of the task.
  returned: success, and when some failed
  type: list
  elements: dict
  contains:
    name:
      description: Its name or ID, as the task has it.
      type: str
    outcome:
      description: V(created), V(unchanged) or V(failed).
      type: str
    msg:
      description: Why it failed.
      returned: when it failed
      type: str
plan:
  description: The writes that were sent, in check mode those that would be.
  returned: always
  type: list
  elements: dict
  contains:
    operation:
      description: Name of the operation.
      type: str
    method:
      description: HTTP method.
      type: str
    path:
      description: Path below C(/rds).
      type: str
    summary:
      description: What the request does, in one sentence.
      type: str
"""
# RETURN:end

from ansible_collections.gaussdb.tpops.plugins.module_utils.api import database as api
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.parent import INSTANCE
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine import checks
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.compare import equal_spelling
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.options import Field, Role
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import Find, Resource, Write, Writes
from ansible_collections.gaussdb.tpops.plugins.module_utils.runner import run_module

SPEC = Resource(
    name="database",
    plural="databases",
    batch=True,
    parent=INSTANCE,
    states=(),
    fields=(
        Field(
            "name",
            required=True,
            validate=checks.not_in(checks.TEMPLATE_DATABASES, "a template database"),
            validate_new=checks.identifier,
        ),
        Field("owner", role=Role.CREATE_ONLY, validate=checks.not_in(checks.SYSTEM_USERS, "a system user")),
        Field("template", choices=checks.TEMPLATE_DATABASES, role=Role.WRITE_ONLY),
        Field("character_set", role=Role.CREATE_ONLY, equal=equal_spelling),
        Field("lc_collate", role=Role.CREATE_ONLY, equal=equal_spelling),
        Field("lc_ctype", role=Role.CREATE_ONLY, equal=equal_spelling),
    ),
    find=Find(read=lambda ctx: api.list_databases(ctx.parent.id)),
    writes=Writes(
        create=Write.each(lambda ctx, item: api.create_database(ctx.parent.id, item.desired), "Create database {names}")
    ),
    returns=api.DATABASE,
)


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
