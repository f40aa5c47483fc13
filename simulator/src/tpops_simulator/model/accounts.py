# SPDX-License-Identifier: GPL-3.0-or-later
"""The initial content of every instance, and the rules for names and passwords inside it (4.4)."""

from __future__ import annotations

import re
from collections.abc import Container

from .dr import is_standby, reconcile
from .entities import Database, Instance, User
from .errors import ApiError
from .instances import READABLE, WRITABLE, instance_in
from .site import Site

ROOT = "root"
SYSTEM_USERS = ("rdsAdmin", "rdsMetric", "rdsBackup", "rdsRepl")
TEMPLATES = ("postgres", "template0", "template1", "templatem")
# Every database has them; like the template databases they are not listed.
SYSTEM_SCHEMAS = ("public", "information_schema")
# Roles of the engine; they can be granted but are not listed either.
ENGINE_ROLES = (
    "gs_role_copy_files",
    "gs_role_signal_backend",
    "gs_role_tablespace",
    "gs_role_replication",
    "gs_role_account_lock",
)
ATTRIBUTES = (
    "sysadmin",
    "createdb",
    "createrole",
    "auditadmin",
    "monadmin",
    "opradmin",
    "poladmin",
    "replication",
    "login",
)
EMPTY_DATABASE_MB = 13.0
SPECIAL = r"~!@#$%^&*()-_=+\|[{}];:,<.>/?"
_NAME = re.compile(r"(?!pg)[A-Za-z_][A-Za-z0-9_]{0,62}")


def open_instance(site: Site, instance_id: str, statuses: Container[str]) -> Instance:
    """The instance with its built-in objects, if its databases can be reached in its current state."""
    instance = instance_in(site, instance_id, statuses, code="DBS.280011")
    furnish(instance)
    return instance


def open_to_write(site: Site, instance_id: str) -> Instance:
    instance = open_instance(site, instance_id, WRITABLE)
    if is_standby(site, instance_id):
        raise ApiError("DBS.06013002")
    return instance


def open_to_read(site: Site, instance_id: str) -> Instance:
    return open_instance(site, instance_id, READABLE)


def furnish(instance: Instance) -> None:
    """Add missing built-in users and databases to the instance; on first use, since most instances are never read."""
    if ROOT not in instance.users:
        root = new_account(ROOT, instance.root_password, instance.created, createdb=True, createrole=True, login=True)
        root.data["member_of"] = list(ENGINE_ROLES)
        instance.users = {ROOT: root, **instance.users}
    for name in SYSTEM_USERS:
        if name not in instance.users:
            user = new_account(name, None, instance.created, sysadmin=True, login=True)
            user.system = True
            instance.users[name] = user
    for name in TEMPLATES:
        if name not in instance.databases:
            instance.databases[name] = new_database(name, SYSTEM_USERS[0], instance.created)


def new_account(name: str, password: str | None, moment: float, **attributes: bool) -> User:
    return User(
        name,
        password=password,
        attributes={a: attributes.get(a, False) for a in ATTRIBUTES},
        data={"created": moment, "password_set": moment, "member_of": []},
    )


def new_database(name: str, owner: str, moment: float) -> Database:
    database = Database(name, owner=owner, size_mb=EMPTY_DATABASE_MB, data={"created": moment, "tables": {}})
    database.schemas = {schema: SYSTEM_USERS[0] for schema in SYSTEM_SCHEMAS}
    return database


def is_system_user(name: str) -> bool:
    return name.lower() in {user.lower() for user in SYSTEM_USERS}


def check_name(name: str) -> None:
    """Refuse the name of a new user or role that violates the rules or belongs to the platform."""
    if not _NAME.fullmatch(name) or is_system_user(name) or name == ROOT or name in ENGINE_ROLES:
        raise ApiError("DBS.200062", name=name[:63])


def find_account(instance: Instance, name: str, *, managed: bool = False) -> User:
    """A user or role by name. The system users can never be changed; with `managed`, neither can root."""
    if is_system_user(name) or (managed and name == ROOT):
        raise ApiError("DBS.200062", name=name[:63])
    account = instance.users.get(name) or instance.roles.get(name)
    if account is None:
        raise ApiError("DBS.200824", name=name[:63])
    return account


def find_database(instance: Instance, name: str) -> Database:
    database = instance.databases.get(name)
    if database is None:
        raise ApiError("DBS.200044", detail="database", name=name[:63])
    return database


def owned_by(instance: Instance, name: str) -> list[str]:
    """Databases and schemas that belong to the user."""
    owned = [database.name for database in instance.databases.values() if database.owner == name]
    for database in instance.databases.values():
        owned += [f"{database.name}.{schema}" for schema, owner in database.schemas.items() if owner == name]
    return owned


def check_password(password: str, name: str, old: str | None = None) -> None:
    """Refuse a password that is weak, has characters the engine does not accept, or is too similar to the old one."""
    if not all(c.isascii() and (c.isalnum() or c in SPECIAL) for c in password):
        raise ApiError("DBS.6025117")
    kinds = [any(map(test, password)) for test in (str.isupper, str.islower, str.isdigit, SPECIAL.__contains__)]
    if not 8 <= len(password) <= 32 or sum(kinds) < 3 or password.lower() in (name.lower(), name[::-1].lower()):
        raise ApiError("DBS.200068")
    if old is not None and password == old:
        raise ApiError("DBS.200475")
    if old is not None and password == old[::-1]:
        raise ApiError("DBS.200476")


def set_password(site: Site, account: User, password: str) -> None:
    account.password = password
    account.data["password_set"] = site.clock.now()
    reconcile(site)
