#!/usr/bin/python
# Copyright: Contributors to the gaussdb.tpops project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: gaussdb_privilege
short_description: Grant and revoke privileges of database users and roles
version_added: 0.1.0
author: gaussdb.tpops contributors (@gaussdb-tpops)
description:
  - Grants or revokes a list of privileges. Each entry names a grantee, privileges and objects.
  - The platform has two operations for this, which support different kinds of objects. The module uses the right one
    and sends up to 30 grants with one request. If the platform refuses the request, its grants are sent one by one, so
    that a wrong grant does not block the others.
extends_documentation_fragment:
  - gaussdb.tpops.connection
  - gaussdb.tpops.instance_scope
  - gaussdb.tpops.attributes
attributes:
  diff_mode:
    support: none
    details: The platform does not list privileges. RV(plan) shows what is granted or revoked.
  idempotent:
    support: partial
    details:
      - The platform shows memberships in roles and the attributes V(sysadmin), V(createdb), V(createrole),
        V(replication) and V(login). These are compared, and nothing is sent if they are as desired.
      - All other privileges cannot be read. They are sent on every run, which is harmless, and the run reports a
        change.
options:
  privileges:
    description:
      - Privileges to grant or revoke.
    type: list
    elements: dict
    required: true
    suboptions:
      grantee:
        description:
          - User or role to grant the privileges to or revoke them from. According to the API reference it is a user for
            V(column), V(database), V(function), V(procedure) and V(tablespace).
        type: str
        required: true
      type:
        description:
          - Type of the objects. V(table) includes views.
          - V(any) stands for all objects of a kind in a database, V(attribute) for the attributes of a user or role in
            the whole instance.
          - V(new_table) and V(new_sequence) stand for objects that O(privileges[].owner) creates in the future.
          - V(role) makes O(privileges[].grantee) a member of the roles or users in O(privileges[].objects), so that it
            inherits their privileges.
        type: str
        required: true
        choices: [table, sequence, schema, any, attribute, new_table, new_sequence, role, column, database, function,
          procedure, tablespace]
      privileges:
        description:
          - Privileges, in upper or lower case. Required for every type except V(role), which takes none.
          - V(table) and V(new_table) take V(all), V(select), V(insert), V(update), V(delete), V(truncate),
            V(references), V(trigger), V(alter), V(drop), V(comment), V(index) and V(vacuum).
          - V(column) takes V(select), V(insert), V(update), V(references) and V(comment).
          - V(sequence) and V(new_sequence) take V(all), V(select), V(usage), V(update), V(alter), V(drop) and
            V(comment).
          - V(schema) takes V(all), V(usage), V(create), V(alter), V(drop) and V(comment).
          - V(database) and V(tablespace) take V(create), V(alter), V(drop) and V(comment), V(function) and V(procedure)
            take V(alter), V(drop) and V(comment).
          - V(attribute) takes V(sysadmin), V(createdb), V(createrole), V(auditadmin), V(monadmin), V(opradmin),
            V(poladmin), V(replication) and V(login).
          - V(any) takes V(select_any_table), V(create_any_table), V(alter_any_table), V(drop_any_table),
            V(insert_any_table), V(update_any_table), V(delete_any_table), V(create_any_sequence),
            V(alter_any_sequence), V(drop_any_sequence), V(select_any_sequence), V(create_any_index),
            V(alter_any_index), V(drop_any_index), V(create_any_function), V(execute_any_function),
            V(create_any_package), V(execute_any_package), V(create_any_type), V(alter_any_type), V(drop_any_type),
            V(create_any_trigger), V(alter_any_trigger), V(drop_any_trigger), V(create_any_synonym) and
            V(drop_any_synonym).
        type: list
        elements: str
      database:
        description:
          - Database of the objects, or the database itself for V(database). Required for every type except
            V(tablespace), V(attribute) and V(role).
        type: str
      schema:
        description:
          - Schema of the objects, or the schema itself for V(schema). Required for V(table), V(column), V(sequence),
            V(schema), V(function) and V(procedure). If omitted for V(new_table) and V(new_sequence), all schemas are
            meant.
        type: str
      table:
        description:
          - Table of the columns. Required for V(column), and not allowed for other types.
        type: str
      objects:
        description:
          - Names of the tables, sequences, columns, functions, procedures, tablespaces or roles.
          - Required for V(column), V(function), V(procedure), V(tablespace) and V(role). If omitted for V(table) and
            V(sequence), all of them in the schema are meant.
        type: list
        elements: str
      argument_types:
        description:
          - Types of all arguments of the function or procedure, in order.
        type: list
        elements: str
      owner:
        description:
          - User or role that will create the objects. Required for V(new_table) and V(new_sequence), and not allowed
            for other types.
        type: str
      grant_option:
        description:
          - Whether a new member of a role may grant the membership to others. Only for V(role). The platform does not
            show it, so with V(true) the membership is granted on every run.
        type: bool
  state:
    description:
      - Whether to grant or to revoke the privileges.
    type: str
    choices: [present, absent]
    default: present
seealso:
  - module: gaussdb.tpops.gaussdb_role
  - module: gaussdb.tpops.gaussdb_user
"""

EXAMPLES = r"""
- name: Let the role readonly read all current and future tables in a schema
  gaussdb.tpops.gaussdb_privilege:
    instance: orders-prod
    privileges:
      - grantee: readonly
        type: schema
        database: orders
        schema: shipping
        privileges: [usage]
      - grantee: readonly
        type: table
        database: orders
        schema: shipping
        privileges: [select]
      - grantee: readonly
        type: new_table
        owner: root
        database: orders
        schema: shipping
        privileges: [select]

- name: Make two users members of the role
  gaussdb.tpops.gaussdb_privilege:
    instance: orders-prod
    privileges:
      - {grantee: orders_app, type: role, objects: [readonly]}
      - {grantee: orders_dba, type: role, objects: [readonly], grant_option: true}
  register: members

- name: Show the outcomes
  ansible.builtin.debug:
    var: members.outcomes

- name: Revoke a privilege on two columns
  gaussdb.tpops.gaussdb_privilege:
    instance: orders-prod
    privileges:
      - grantee: orders_app
        type: column
        database: orders
        schema: shipping
        table: parcels
        objects: [weight, price]
        privileges: [update]
    state: absent
"""

# RETURN:begin, written by `make generate` from SPEC, the shapes that it names and engine/returns.py.
RETURN = r"""
outcomes:
  description: The outcome for each grant of the task. C(name) describes the grant. An entry with several objects is
    several grants. V(changed) means that the grant was sent.
  returned: success, and when some failed
  type: list
  elements: dict
  contains:
    name:
      description: Its name or ID, as the task has it.
      type: str
    outcome:
      description: V(changed), V(unchanged) or V(failed).
      type: str
    msg:
      description: Why it failed.
      returned: when it failed
      type: str
  sample:
    - name: 'table orders.shipping.parcels: select, insert for orders_app'
      outcome: changed
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


from ansible_collections.gaussdb.tpops.plugins.module_utils.api import privilege as api
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.database_user import list_users
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.shape import Attr
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain import privilege as privileges
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.parent import INSTANCE
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine import checks
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.options import Field
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import Action, Hooks
from ansible_collections.gaussdb.tpops.plugins.module_utils.runner import run_module

SPEC = Action(
    name="privileges",
    parent=INSTANCE,
    fields=(
        Field(
            "privileges",
            type="list",
            elements="dict",
            required=True,
            fields=(
                Field(
                    "grantee",
                    required=True,
                    validate=checks.every(checks.length(1, 63), checks.not_in(checks.SYSTEM_USERS, "a system user")),
                ),
                Field("type", required=True, choices=tuple(api.KINDS)),
                Field("privileges", type="list", elements="str"),
                *(Field(name) for name in ("database", "schema", "table", "owner")),
                Field("objects", type="list", elements="str"),
                Field("argument_types", type="list", elements="str"),
                Field("grant_option", type="bool"),
            ),
        ),
        Field("state", default="present", choices=("present", "absent")),
    ),
    items=privileges.build_items,
    steps=privileges.plan,
    shortfall=privileges.find_missing,
    sees_writes=True,
    hooks=Hooks(describe=privileges.describe, described_from=lambda ctx: list_users(ctx.parent.id)),
    also_returns=(
        Attr(
            "outcomes",
            doc=(
                "The outcome for each grant of the task. C(name) describes the grant. An entry with several objects is "
                "several grants. V(changed) means that the grant was sent."
            ),
            sample=[{"name": "table orders.shipping.parcels: select, insert for orders_app", "outcome": "changed"}],
        ),
    ),
)


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
