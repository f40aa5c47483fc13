#!/usr/bin/python
# Copyright: Contributors to the gaussdb.tpops project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: gaussdb_user
short_description: Manage database users
version_added: 0.1.0
author: gaussdb.tpops contributors (@gaussdb-tpops)
description:
  - Creates, changes, locks and removes users of an instance. All users are read with one request.
extends_documentation_fragment:
  - gaussdb.tpops.connection
  - gaussdb.tpops.instance_scope
  - gaussdb.tpops.attributes
attributes:
  idempotent:
    support: partial
    details:
      - A password cannot be read. With O(update_password=always) it is sent on every run, and the run reports a change
        unless the platform answers that the password is unchanged.
      - The platform only shows the attributes V(sysadmin), V(createdb), V(createrole), V(replication) and V(login). The
        others are set when the user is created and when one of the visible attributes changes, or on every run with
        O(update_attributes=always). The module warns if a given attribute could not be compared.
options:
  users:
    description:
      - Users to create, change or remove. Others are left alone.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description:
          - Name of the user. The platform's own users cannot be managed, and V(root) cannot be removed.
        type: str
        required: true
      password:
        description:
          - Password of the user. Required to create the user.
          - It has 8 to 32 characters and includes at least three of uppercase letters, lowercase letters, digits and
            special characters. Quotes, backticks, blanks and non-ASCII characters are not allowed.
        type: str
      login_only:
        description:
          - Whether a new user may only log in. Otherwise the user may also create users and databases. Only used to
            create the user. Use O(users[].attributes) to change this later.
        type: bool
      locked:
        description:
          - Whether the user is locked.
        type: bool
      attributes:
        description:
          - Attributes of the user. Omitted attributes stay as they are.
        type: dict
        suboptions:
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
  update_password:
    description:
      - When to set a given password. V(on_create) sets it for new users only, V(always) on every run.
    type: str
    choices: [always, on_create]
    default: on_create
  update_attributes:
    description:
      - When to set the attributes of an existing user. V(on_change) sets the given attributes if a visible one differs.
        V(always) sets them on every run, which then always reports a change.
    type: str
    choices: [always, on_change]
    default: on_change
  state:
    description:
      - Whether the users should exist. A user that owns databases or schemas cannot be removed.
    type: str
    choices: [present, absent]
    default: present
seealso:
  - module: gaussdb.tpops.gaussdb_user_info
"""

EXAMPLES = r"""
- name: Create two users
  gaussdb.tpops.gaussdb_user:
    instance: orders-prod
    users:
      - name: orders_app
        password: "{{ orders_app_password }}"
        login_only: true
      - name: orders_dba
        password: "{{ orders_dba_password }}"
        attributes:
          createdb: true
          createrole: true

- name: Change the password of a user
  gaussdb.tpops.gaussdb_user:
    instance: orders-prod
    users:
      - name: orders_app
        password: "{{ orders_app_new_password }}"
    update_password: always

- name: Lock a user
  gaussdb.tpops.gaussdb_user:
    instance: orders-prod
    users:
      - name: orders_dba
        locked: true
  register: locked

- name: Show whether the user is locked
  ansible.builtin.debug:
    var: locked.users[0].locked

- name: Remove a user
  gaussdb.tpops.gaussdb_user:
    instance: orders-prod
    users:
      - name: orders_dba
    state: absent
"""

# RETURN:begin, written by `make generate` from SPEC, the shapes that it names and engine/returns.py.
RETURN = r"""
users:
  description: The users of the task as they are now, in check mode as they would be, as far as that is known. Removed
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
  description: What became of each user of the task.
  returned: success, and when some failed
  type: list
  elements: dict
  contains:
    name:
      description: Its name or ID, as the task has it.
      type: str
    outcome:
      description: V(created), V(updated), V(removed), V(unchanged) or V(failed).
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

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.gaussdb.tpops.plugins.module_utils.api import database_user as api
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.account import describe_user
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.parent import INSTANCE
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine import checks
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.compare import equal
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.context import Context
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.item import Item, Policy
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.options import Field, Role
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import Find, Hooks, Resource, Write, Writes
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import InputError
from ansible_collections.gaussdb.tpops.plugins.module_utils.runner import run_module

# Stands for the attributes of a user that has not been created yet.
UNKNOWN = object()


def same_as_shown(desired: Mapping[str, Any], current: Any) -> bool:
    """Compare the attributes that the platform shows. Hidden attributes cannot be compared."""
    if current is UNKNOWN:
        return not desired
    current = current or {}
    return all(
        equal(value, current[name])
        for name, value in desired.items()
        if value is not None and current.get(name) is not None
    )


def keep_root(ctx: Context, item: Item) -> None:
    if not item.present and item.desired["name"] == "root":
        raise InputError(f"{item.path}name", "root is the administrator of the instance and cannot be removed")


def lock_summary(item: Item) -> str:
    return f"{'Lock' if item.desired['locked'] else 'Unlock'} user {item.label}"


def hidden_of(item: Item) -> list[str]:
    """Return the desired attributes that could not be compared and were not set."""
    if not item.present or item.was_absent or "attributes" in item.first_changes:
        return []
    shown = (item.current or {}).get("attributes") or {}
    return [
        name
        for name, value in item.desired.get("attributes", {}).items()
        if value is not None and shown.get(name) is None
    ]


def warn_of_hidden(ctx: Context, items: Sequence[Item]) -> dict[str, Any]:
    names = "; ".join(f"{', '.join(hidden_of(item))} of {item.label}" for item in items if hidden_of(item))
    if names:
        ctx.warn(f"The platform does not show {names}, so it was left as it is. Use update_attributes=always to set it")
    return {}


SPEC = Resource(
    name="user",
    plural="users",
    batch=True,
    parent=INSTANCE,
    fields=(
        Field("name", required=True, validate=checks.not_in(checks.SYSTEM_USERS, "a system user")),
        Field(
            "password",
            no_log=True,
            role=Role.WRITE_ONLY,
            required_to_create=True,
            send_always_if="update_password",
            validate=checks.password,
        ),
        Field("login_only", type="bool", role=Role.WRITE_ONLY),
        Field("locked", type="bool", platform_default=False),
        Field(
            "attributes",
            type="dict",
            fields=[Field(name, type="bool") for name in api.ATTRIBUTE_NAMES],
            equal=same_as_shown,
            send_always_if="update_attributes",
            platform_default=UNKNOWN,
        ),
    ),
    options=(
        Field("update_password", choices=("always", "on_create"), default="on_create", no_log=False),
        Field("update_attributes", choices=("always", "on_change"), default="on_change"),
    ),
    find=Find(read=lambda ctx: api.list_users(ctx.parent.id)),
    writes=Writes(
        create=Write.each(
            lambda ctx, item: api.create_user(
                ctx.parent.id, item.desired["name"], item.desired["password"], item.desired.get("login_only")
            ),
            "Create user {names}",
            fields=("name", "password", "login_only"),
        ),
        updates=(
            Write.each(
                lambda ctx, item: api.reset_user_password(
                    ctx.parent.id, item.desired["name"], item.desired["password"]
                ),
                "Set the password of user {names}",
                fields=("password",),
                policy=Policy(done_codes=(api.SAME_PASSWORD,)),
            ),
            Write.each(
                lambda ctx, item: api.set_user_attributes(
                    ctx.parent.id, item.desired["name"], item.desired["attributes"]
                ),
                "Set attributes of user {names}",
                fields=("attributes",),
            ),
            Write.each(
                lambda ctx, item: api.set_user_lock(ctx.parent.id, item.desired["name"], item.desired["locked"]),
                lock_summary,
                fields=("locked",),
            ),
        ),
        delete=Write.each(
            lambda ctx, item: api.delete_user(ctx.parent.id, item.desired["name"]), "Remove user {names}"
        ),
    ),
    hooks=Hooks(validate=keep_root, result=warn_of_hidden, describe=describe_user),
    returns=api.USER,
)


def main() -> None:
    run_module(SPEC)


if __name__ == "__main__":
    main()
