#!/usr/bin/python
# Copyright: Contributors to the gaussdb.tpops project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: gaussdb_user_info
short_description: Gather information about the users of an instance
version_added: 0.1.0
author: gaussdb.tpops contributors (@gaussdb-tpops)
description:
  - Lists the database users of an instance with their lock state, their attributes and their roles.
extends_documentation_fragment:
  - gaussdb.tpops.connection
  - gaussdb.tpops.instance_scope
  - gaussdb.tpops.info
options:
  name:
    description:
      - List only the user with this name.
    type: str
seealso:
  - module: gaussdb.tpops.gaussdb_user
"""

EXAMPLES = r"""
- name: List all users
  gaussdb.tpops.gaussdb_user_info:
    instance: orders-prod
  register: all

- name: Show the locked users
  ansible.builtin.debug:
    msg: "{{ all.users | selectattr('locked') | map(attribute='name') | list }}"
"""

# RETURN:begin, written by `make generate` from SPEC, the shapes that it names and engine/returns.py.
RETURN = r"""
users:
  description: The users.
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
"""
# RETURN:end

from ansible_collections.gaussdb.tpops.plugins.module_utils.api import database_user as api
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.parent import INSTANCE
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.options import Field
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import Find, Info
from ansible_collections.gaussdb.tpops.plugins.module_utils.runner import run_module

SPEC = Info(
    plural="users",
    parent=INSTANCE,
    fields=(Field("name"),),
    find=Find(
        read=lambda ctx: api.list_users(ctx.parent.id),
        select=lambda ctx, users: [entry for entry in users if ctx.params["name"] in (None, entry["name"])],
    ),
    returns=api.USER,
)


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
