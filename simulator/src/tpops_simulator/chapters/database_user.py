# SPDX-License-Identifier: GPL-3.0-or-later
"""4.4 users and roles of an instance: 4.4.4, 4.4.5, 4.4.7 to 4.4.11, 4.4.13, 4.4.16, 4.4.17."""

from __future__ import annotations

from typing import Any

from ..model.accounts import (
    ATTRIBUTES,
    ROOT,
    SYSTEM_USERS,
    check_name,
    check_password,
    find_account,
    new_account,
    open_to_read,
    open_to_write,
    owned_by,
    set_password,
)
from ..model.dr import reconcile
from ..model.entities import Instance, User
from ..model.errors import ApiError
from ..model.parameters import parameter_value
from ..model.request import Request
from ..model.site import Site

# Field prefixes of init_builtin_passwords and their users.
BUILTIN = dict(zip(("admin", "metric", "backup", "repl", "root"), (*SYSTEM_USERS, ROOT), strict=True))


def _check_new(instance: Instance, name: str) -> None:
    check_name(name)
    if name in instance.users or name in instance.roles:
        raise ApiError("DBS.200001", detail=f"{name} exists already")


def _drop(instance: Instance, account: User, collection: dict[str, Any]) -> None:
    if owned := owned_by(instance, account.name):
        raise ApiError("DBS.200818", detail=f"{account.name} owns {owned[0]}")
    del collection[account.name]
    for other in (*instance.users.values(), *instance.roles.values()):
        other.data["member_of"] = [name for name in other.data["member_of"] if name != account.name]
        other.privileges = [p for p in other.privileges if p.get("source_name") != account.name]


def create_user(site: Site, request: Request) -> None:
    """4.4.4."""
    instance = open_to_write(site, request.path["instance_id"])
    name, password = request.body["name"], request.body["password"]
    _check_new(instance, name)
    check_password(password, name)
    more = not request.body.get("is_login_only", False)
    instance.users[name] = new_account(name, password, site.clock.now(), login=True, createdb=more, createrole=more)


def delete_user(site: Site, request: Request) -> None:
    """4.4.5. A role is deleted by delete_role only."""
    instance = open_to_write(site, request.path["instance_id"])
    name = request.body["name"]
    account = find_account(instance, name, managed=True)
    if name not in instance.users:
        raise ApiError("DBS.200824", name=name)
    _drop(instance, account, instance.users)
    reconcile(site)


def set_user_attributes(site: Site, request: Request) -> None:
    """4.4.7. Accepts both spellings of the three attributes that the table writes without the last letter."""
    instance = open_to_write(site, request.path["instance_id"])
    account = find_account(instance, request.body["name"], managed=True)
    given = request.body["attributes"]
    for attribute in ATTRIBUTES:
        for field in (f"{attribute}_enable", f"{attribute}_enabled"):
            if isinstance(given.get(field), bool):
                account.attributes[attribute] = given[field]


def init_builtin_passwords(site: Site, request: Request) -> None:
    """4.4.8. Everything is checked before any change."""
    instance = open_to_write(site, request.path["instance_id"])
    body = request.body or {}
    changes: list[tuple[User, str]] = []
    for prefix, name in BUILTIN.items():
        given, password = body.get(f"{prefix}_name"), body.get(f"{prefix}_password")
        if given is None and password is None:
            continue
        if given is None or password is None:
            raise ApiError("DBS.200001", detail=f"{prefix}_name and {prefix}_password belong together")
        if given != name:
            raise ApiError("DBS.200062", detail=f"{prefix}_name must be {name}")
        user = instance.users[name]
        check_password(password, name, user.password)
        changes.append((user, password))
    if not changes:
        raise ApiError("DBS.200001", detail="no password given")
    for user, password in changes:
        set_password(site, user, password)


def reset_user_password(site: Site, request: Request) -> None:
    """4.4.9."""
    instance = open_to_write(site, request.path["instance_id"])
    account = find_account(instance, request.body["name"])
    check_password(request.body["password"], account.name, account.password)
    set_password(site, account, request.body["password"])


def _lock(site: Site, request: Request, locked: bool) -> None:
    instance = open_to_write(site, request.path["instance_id"])
    find_account(instance, request.body["name"], managed=True).locked = locked


def lock_user(site: Site, request: Request) -> None:
    """4.4.10."""
    _lock(site, request, True)


def unlock_user(site: Site, request: Request) -> None:
    """4.4.11."""
    _lock(site, request, False)


def _password_deadline(site: Site, instance: Instance, account: User) -> str:
    days = float(parameter_value(instance, "password_effect_time"))
    if not days:
        return ""
    left = max(0, int(account.data["password_set"] + days * 86400 - site.clock.now()))
    hours, rest = divmod(left % 86400, 3600)
    return f"{left // 86400} days {hours:02d}:{rest // 60:02d}:{rest % 60:02d}"


def _describe(site: Site, instance: Instance, account: User) -> dict[str, Any]:
    has = account.attributes
    return {
        "name": account.name,
        "lock_status": account.locked,
        "attribute": {
            "rolsuper": has["sysadmin"],
            "rolinherit": True,
            "rolcreaterole": has["createrole"],
            "rolcreatedb": has["createdb"],
            "rolcanlogin": has["login"],
            "rolconnlimit": -1,
            "rolreplication": has["replication"],
            "rolbypassrls": False,
            "rolpassworddeadline": _password_deadline(site, instance, account),
        },
        "memberof": "{" + ",".join(account.data["member_of"]) + "}",
    }


def list_users(site: Site, request: Request) -> dict[str, Any]:
    """4.4.13."""
    instance = open_to_read(site, request.path["instance_id"])
    accounts = [a for a in (*instance.users.values(), *instance.roles.values()) if not a.system]
    return {
        "users": [_describe(site, instance, account) for account in site.page(accounts, request)],
        "total_count": len(accounts),
    }


def create_role(site: Site, request: Request) -> None:
    """4.4.16."""
    instance = open_to_write(site, request.path["instance_id"])
    name, password = request.body["name"], request.body["password"]
    _check_new(instance, name)
    check_password(password, name)
    instance.roles[name] = new_account(name, password, site.clock.now())


def delete_role(site: Site, request: Request) -> None:
    """4.4.17."""
    instance = open_to_write(site, request.path["instance_id"])
    name = request.body["name"]
    check_name(name)
    role = instance.roles.get(name)
    if role is None:
        raise ApiError("DBS.200824", name=name)
    _drop(instance, role, instance.roles)
