#!/usr/bin/python
# Copyright: Contributors to the gaussdb.tpops project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: gaussdb_schema
short_description: Create schemas in a database
version_added: 0.1.0
author: gaussdb.tpops contributors (@gaussdb-tpops)
description:
  - Creates the missing schemas of a database, up to 20 with one request. All schemas are read with one request. If the
    platform refuses a request, its schemas are created one by one, so that a wrong one does not block the others.
  - The platform can neither change nor remove a schema, so the module cannot either. A difference from an existing
    schema is an error.
extends_documentation_fragment:
  - gaussdb.tpops.connection
  - gaussdb.tpops.instance_scope
  - gaussdb.tpops.attributes
options:
  database:
    description:
      - Name of the database.
    type: str
    required: true
  schemas:
    description:
      - Schemas that should exist. Others are left alone.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description:
          - Name of the schema, 1 to 63 letters, digits and underscores. It must not start with a digit or with V(pg),
            and must not be the name of a template database. The schemas V(public) and V(information_schema), which
            exist in every database, cannot be created.
        type: str
        required: true
      owner:
        description:
          - User that owns the schema. The user must exist. Required to create the schema.
        type: str
seealso:
  - module: gaussdb.tpops.gaussdb_schema_info
  - module: gaussdb.tpops.gaussdb_database
"""

EXAMPLES = r"""
- name: Create a schema for each service
  gaussdb.tpops.gaussdb_schema:
    instance: orders-prod
    database: orders
    schemas:
      - name: shipping
        owner: root
      - name: returns
        owner: root
"""

# RETURN:begin, written by `make generate` from SPEC, the shapes that it names and engine/returns.py.
RETURN = r"""
schemas:
  description: The schemas of the task as they are now, in check mode as they would be, as far as that is known.
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
outcomes:
  description: What became of each schema of the task.
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
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.read_errors import explain_missing_database
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine import checks
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.context import Context
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.item import Item, Policy
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.options import Field, Role
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import Find, Hooks, Resource, Write, Writes
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import InputError
from ansible_collections.gaussdb.tpops.plugins.module_utils.runner import run_module

# Every database has them, and the platform does not always list them.
SYSTEM_SCHEMAS = ("public", "information_schema")


def refuse_system_schema(ctx: Context, item: Item) -> None:
    name = item.desired["name"]
    if item.current is None and name in SYSTEM_SCHEMAS:
        problem = f"every database has the schema {name}, and the platform cannot create it"
        raise InputError(f"{item.path}name", problem)


SPEC = Resource(
    name="schema",
    plural="schemas",
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
        Field(
            "owner",
            required_to_create=True,
            role=Role.CREATE_ONLY,
            validate=checks.not_in(checks.SYSTEM_USERS, "a system user"),
        ),
    ),
    options=(Field("database", required=True),),
    find=Find(
        read=lambda ctx: api.list_schemas(ctx.parent.id, ctx.params["database"]), on_error=explain_missing_database
    ),
    writes=Writes(
        create=Write.batch(
            lambda ctx, items: api.create_schemas(
                ctx.parent.id, ctx.params["database"], [item.desired for item in items]
            ),
            "Create schema {names}",
            policy=Policy(split_on_refusal=True),
            size=api.SCHEMA_BATCH,
        )
    ),
    hooks=Hooks(refine=refuse_system_schema),
    returns=api.SCHEMA,
)


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
