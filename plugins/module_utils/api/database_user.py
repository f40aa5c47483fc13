# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Database users and roles (reference 4.4.4, 4.4.5, 4.4.7 to 4.4.11, 4.4.13, 4.4.16, 4.4.17)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..util.values import as_words
from .operation import Call, Operation
from .shape import Attr, Shape

# Option, name in a request (4.4.7), place in a reply if there is one (4.4.13), and meaning.
ATTRIBUTE_NAMES = {
    "sysadmin": ("sysadmin_enabled", ("rolsystemadmin", "rolsuper"), "Whether the user is a database administrator."),
    "createdb": ("createdb_enabled", ("rolcreatedb",), "Whether the user may create databases."),
    "createrole": ("createrole_enabled", ("rolcreaterole",), "Whether the user may create users."),
    "auditadmin": ("auditadmin_enabled", ("rolauditadmin",), "Whether the user is an audit administrator."),
    "monadmin": ("monadmin_enabled", ("rolmonitoradmin",), "Whether the user is a monitoring administrator."),
    "opradmin": ("opradmin_enabled", ("roloperatoradmin",), "Whether the user is an operations administrator."),
    "poladmin": ("poladmin_enabled", ("rolpolicyadmin",), "Whether the user is a security policy administrator."),
    "replication": ("replication_enabled", ("rolreplication",), "Whether the user may use streaming replication."),
    "login": ("login_enabled", ("rolcanlogin",), "Whether the user may log in."),
}
# Those that the reference shows in a reply (4.4.13); of the others it is not known whether a user has them.
SHOWN_ATTRIBUTES = ("sysadmin", "createdb", "createrole", "replication", "login")


def role_names(value: Any) -> list[str]:
    """Read ``{role_a,role_b}``."""
    return [name.strip('"') for name in as_words(value, ",{}")]


ATTRIBUTES = Shape(
    (
        *(Attr(option, sources, "bool", doc=doc) for option, (_sent, sources, doc) in ATTRIBUTE_NAMES.items()),
        Attr("inherit", ("rolinherit",), "bool", doc="Whether the user inherits the rights of its roles."),
        Attr("bypass_rls", ("rolbypassrls",), "bool", doc="Whether the user bypasses row-level security policies."),
        Attr("connection_limit", ("rolconnlimit",), "int", doc="Maximum number of connections, V(-1) for no limit."),
        Attr(
            "password_deadline",
            ("rolpassworddeadline", "rolpasswordd eadline"),
            doc="Time left until the password expires.",
        ),
    )
)
USER = Shape(
    (
        Attr("name", doc="Name of the user or role."),
        Attr("locked", ("lock_status",), "bool", doc="Whether the user or role is locked."),
        Attr(
            "attributes",
            ("attribute", "attributes"),
            "dict",
            ATTRIBUTES,
            doc="Attributes of the user or role. Empty if the platform does not show them.",
        ),
        Attr("member_of", ("memberof",), convert=role_names, type="list", doc="Roles that it is a member of."),
    ),
    sample={
        "name": "orders_app",
        "locked": False,
        "attributes": {"createdb": False, "createrole": False, "login": True, "replication": False, "sysadmin": False},
        "member_of": ["gs_role_copy_files"],
    },
)

_BASE = "/gaussdb/v3/instances/{instance_id}/db-user"

CREATE_USER = Operation("create_user", "POST", _BASE, "4.4.4")
DELETE_USER = Operation("delete_user", "DELETE", _BASE, "4.4.5")
SET_USER_ATTRIBUTES = Operation("set_user_attributes", "POST", _BASE + "/attributes", "4.4.7")
INIT_BUILTIN_PASSWORDS = Operation("init_builtin_passwords", "PUT", _BASE + "/init-password", "4.4.8")
RESET_USER_PASSWORD = Operation("reset_user_password", "PUT", _BASE + "/password", "4.4.9")
LOCK_USER = Operation("lock_user", "PUT", _BASE + "/lock", "4.4.10")
UNLOCK_USER = Operation("unlock_user", "PUT", _BASE + "/unlock", "4.4.11")
LIST_USERS = Operation(
    "list_users",
    "GET",
    "/gaussdb/v3/instances/{instance_id}/db-users",
    "4.4.13",
    read=True,
    items=("users",),
    page_size=100,
    shape=USER,
)
CREATE_ROLE = Operation("create_role", "POST", "/gaussdb/v3/instances/{instance_id}/db-role", "4.4.16")
DELETE_ROLE = Operation("delete_role", "DELETE", "/gaussdb/v3/instances/{instance_id}/db-role", "4.4.17")

# Prefix of the names in a request (4.4.8), and the user that it stands for.
BUILTIN_USERS = {"admin": "rdsAdmin", "metric": "rdsMetric", "repl": "rdsRepl", "backup": "rdsBackup", "root": "root"}
# The platform's error for an unchanged password (A.3).
SAME_PASSWORD = "DBS.200475"


def list_users(instance_id: str | None) -> Call:
    """List the users and roles of an instance with lock state, attributes and roles (4.4.13)."""
    return LIST_USERS.call(path={"instance_id": instance_id})


def create_user(instance_id: str | None, name: str, password: str | None, login_only: bool | None) -> Call:
    """Create a user (4.4.4); without ``login_only`` it may also create roles and databases."""
    return CREATE_USER.call(
        path={"instance_id": instance_id}, body={"name": name, "password": password, "is_login_only": login_only}
    )


def delete_user(instance_id: str | None, name: str) -> Call:
    """Delete a user (4.4.5). Error ``DBS.200818``: it still owns something."""
    return DELETE_USER.call(path={"instance_id": instance_id}, body={"name": name})


def set_user_attributes(instance_id: str | None, name: str, attributes: Mapping[str, bool]) -> Call:
    """Set attributes, named as in :data:`ATTRIBUTE_NAMES`; the others stay as they are (4.4.7)."""
    sent = {ATTRIBUTE_NAMES[option][0]: value for option, value in attributes.items() if value is not None}
    return SET_USER_ATTRIBUTES.call(path={"instance_id": instance_id}, body={"name": name, "attributes": sent})


def reset_user_password(instance_id: str | None, name: str, password: str) -> Call:
    """Give a user a new password (4.4.9). Error ``DBS.200475``: it is the current one."""
    return RESET_USER_PASSWORD.call(path={"instance_id": instance_id}, body={"name": name, "password": password})


def set_user_lock(instance_id: str | None, name: str, locked: bool) -> Call:
    """Lock (4.4.10) or unlock (4.4.11) a user."""
    return (LOCK_USER if locked else UNLOCK_USER).call(path={"instance_id": instance_id}, body={"name": name})


def init_builtin_passwords(instance_id: str | None, passwords: Mapping[str, str]) -> Call:
    """Set passwords of built-in users, by the prefixes of :data:`BUILTIN_USERS` (4.4.8). Error ``DBS.200475``: one is
    the current one."""
    body = {}
    for prefix, password in passwords.items():
        body.update({f"{prefix}_name": BUILTIN_USERS[prefix], f"{prefix}_password": password})
    return INIT_BUILTIN_PASSWORDS.call(path={"instance_id": instance_id}, body=body)


def create_role(instance_id: str | None, name: str, password: str) -> Call:
    """Create a role (4.4.16)."""
    return CREATE_ROLE.call(path={"instance_id": instance_id}, body={"name": name, "password": password})


def delete_role(instance_id: str | None, name: str) -> Call:
    """Delete a role (4.4.17). Error ``DBS.200818``: it still owns something."""
    return DELETE_ROLE.call(path={"instance_id": instance_id}, body={"name": name})
