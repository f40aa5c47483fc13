#!/usr/bin/python
# Copyright: Contributors to the gaussdb.tpops project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: gaussdb_role
short_description: Manage database roles
version_added: 0.1.0
author: gaussdb.tpops contributors (@gaussdb-tpops)
description:
  - Creates and removes roles of an instance. A role is a set of privileges that can be granted to users and other roles
    together. M(gaussdb.tpops.gaussdb_privilege) grants privileges to it.
  - All roles are read with one request. M(gaussdb.tpops.gaussdb_user_info) also lists roles. They are the entries that
    may not log in.
extends_documentation_fragment:
  - gaussdb.tpops.connection
  - gaussdb.tpops.instance_scope
  - gaussdb.tpops.attributes
attributes:
  idempotent:
    support: partial
    details: The platform can neither show nor change the password of a role, so the password of an existing role is
      left as it is.
options:
  roles:
    description:
      - Roles to create or remove. Others are left alone.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description:
          - Name of the role, 1 to 63 letters, digits and underscores. It must not start with a digit or with V(pg), and
            must not be the name of one of the platform's own users.
        type: str
        required: true
      password:
        description:
          - Password. Required to create the role, and used only then.
          - It has 8 to 32 characters and includes at least three of uppercase letters, lowercase letters, digits and
            special characters. Quotes, backticks, blanks and non-ASCII characters are not allowed.
        type: str
  state:
    description:
      - Whether the roles should exist. A role that owns databases or schemas cannot be removed.
    type: str
    choices: [present, absent]
    default: present
seealso:
  - module: gaussdb.tpops.gaussdb_privilege
  - module: gaussdb.tpops.gaussdb_user
  - module: gaussdb.tpops.gaussdb_user_info
"""

EXAMPLES = r"""
- name: Create two roles
  gaussdb.tpops.gaussdb_role:
    instance: orders-prod
    roles:
      - name: readonly
        password: "{{ readonly_password }}"
      - name: readwrite
        password: "{{ readwrite_password }}"
  register: created

- name: Show the outcomes
  ansible.builtin.debug:
    msg: "{{ created.outcomes | items2dict('name', 'outcome') }}"

- name: Remove a role
  gaussdb.tpops.gaussdb_role:
    instance: orders-prod
    roles:
      - name: readwrite
    state: absent
"""

# RETURN:begin, written by `make generate` from SPEC, the shapes that it names and engine/returns.py.
RETURN = r"""
roles:
  description: The roles of the task as they are now, in check mode as they would be, as far as that is known. Removed
    ones are left out.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: Name of the user or role.
      type: str
    locked:
      description: Whether the user or role is locked.
      type: bool
    attributes:
      description: Attributes of the user or role. Empty if the platform does not show them.
      type: dict
      contains:
        sysadmin:
          description: Whether the user is a database administrator.
          type: bool
        createdb:
          description: Whether the user may create databases.
          type: bool
        createrole:
          description: Whether the user may create users.
          type: bool
        auditadmin:
          description: Whether the user is an audit administrator.
          type: bool
        monadmin:
          description: Whether the user is a monitoring administrator.
          type: bool
        opradmin:
          description: Whether the user is an operations administrator.
          type: bool
        poladmin:
          description: Whether the user is a security policy administrator.
          type: bool
        replication:
          description: Whether the user may use streaming replication.
          type: bool
        login:
          description: Whether the user may log in.
          type: bool
        inherit:
          description: Whether the user inherits the rights of its roles.
          type: bool
        bypass_rls:
          description: Whether the user bypasses row-level security policies.
          type: bool
        connection_limit:
          description: Maximum number of connections, V(-1) for no limit.
          type: int
        password_deadline:
          description: Time left until the password expires.
          type: str
    member_of:
      description: Roles that it is a member of.
      type: list
      elements: str
  sample:
    - name: orders_app
      locked: false
      attributes:
        createdb: false
        createrole: false
        login: true
        replication: false
        sysadmin: false
      member_of:
        - gs_role_copy_files
outcomes:
  description: What became of each role of the task.
  returned: success, and when some failed
  type: list
  elements: dict
  contains:
    name:
      description: Its name or ID, as the task has it.
      type: str
    outcome:
      description: V(created), V(removed), V(unchanged) or V(failed).
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

from ansible_collections.gaussdb.tpops.plugins.module_utils.api import database_user as api
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.account import describe_role
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.parent import INSTANCE
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine import checks
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.context import Context
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.item import Item
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.options import Field, Role
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import Find, Hooks, Resource, Write, Writes
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import InputError
from ansible_collections.gaussdb.tpops.plugins.module_utils.runner import run_module

OTHERS = tuple(api.BUILTIN_USERS.values())


def refuse_user(ctx: Context, item: Item) -> None:
    """Refuse users: they are in the same list as roles, but only users may log in."""
    if ((item.current or {}).get("attributes") or {}).get("login"):
        problem = f"{item.label} may log in, so it is a user, not a role; use gaussdb_user"
        raise InputError(f"{item.path}name", problem)


SPEC = Resource(
    name="role",
    plural="roles",
    batch=True,
    parent=INSTANCE,
    fields=(
        Field(
            "name",
            required=True,
            validate=checks.not_in(OTHERS, "a user of the platform"),
            validate_new=checks.identifier,
        ),
        Field("password", no_log=True, role=Role.WRITE_ONLY, required_to_create=True, validate=checks.password),
    ),
    find=Find(read=lambda ctx: api.list_users(ctx.parent.id)),
    writes=Writes(
        create=Write.each(
            lambda ctx, item: api.create_role(ctx.parent.id, item.desired["name"], item.desired["password"]),
            "Create role {names}",
        ),
        delete=Write.each(
            lambda ctx, item: api.delete_role(ctx.parent.id, item.desired["name"]), "Remove role {names}"
        ),
    ),
    hooks=Hooks(refine=refuse_user, describe=describe_role),
    returns=api.USER,
)


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
