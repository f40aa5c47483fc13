# SPDX-License-Identifier: GPL-3.0-or-later
"""4.4 privileges: 4.4.6 single ones on objects, 4.4.18 whole sets.

No operation lists privileges, so they are only kept with the account (`User.privileges`), each as a plain dict.
list_users shows attributes and memberships.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from ..model.accounts import ATTRIBUTES, ENGINE_ROLES, find_account, open_to_write
from ..model.entities import Instance, User
from ..model.errors import ApiError
from ..model.privileges import SCOPES
from ..model.request import Request
from ..model.site import Site

GRANT = "grant"
DEFAULT_DATABASE = "postgres"


def _apply(account: User, privilege: dict[str, Any], granted: bool) -> None:
    """Granting an existing privilege and revoking a missing one both succeed, as in SQL."""
    if granted and privilege not in account.privileges:
        account.privileges.append(privilege)
    elif not granted and privilege in account.privileges:
        account.privileges.remove(privilege)


def _check_place(instance: Instance, database_name: str, schema_name: str | None) -> None:
    """Refuse a database or a schema that does not exist. The platform cannot know the content of a schema."""
    database = instance.databases.get(database_name)
    if database is None:
        raise ApiError("DBS.200821", detail=f"database {database_name} does not exist")
    if schema_name and schema_name not in database.schemas:
        raise ApiError("DBS.200821", detail=f"schema {schema_name} does not exist")


# -- 4.4.6 ------------------------------------------------------------------------------------------------------------


def _object_privilege(instance: Instance, entry: dict[str, Any]) -> dict[str, Any]:
    scope = SCOPES[entry["scope"]]
    if entry["privilege"] not in scope.privileges:
        raise ApiError("DBS.200001", detail=f"privilege: {entry['privilege']} is not for the scope {entry['scope']}")
    for field in scope.fields:
        if not entry.get(field):
            raise ApiError("DBS.200001", detail=f"{field} is required for the scope {entry['scope']}")
    if "database_name" in scope.fields:
        _check_place(instance, entry["database_name"], entry["schema_name"] if "schema_name" in scope.fields else None)
    fields = (*scope.fields, "arg_type") if entry["scope"] in ("function", "procedure") else scope.fields
    return {key: entry[key] for key in ("scope", "privilege", *fields) if key in entry}


def set_user_privileges(site: Site, request: Request) -> None:
    """4.4.6. Everything is checked before any change."""
    instance = open_to_write(site, request.path["instance_id"])
    changes = [
        (find_account(instance, entry["name"]), _object_privilege(instance, entry), entry["operation"] == GRANT)
        for entry in request.body["privileges"]
    ]
    for account, privilege, granted in changes:
        _apply(account, privilege, granted)


# -- 4.4.18 -----------------------------------------------------------------------------------------------------------

# Fields of an operation that locate its privileges.
_PLACE = ("database_name", "schema_name", "table_name", "sequence_name")
Change = Callable[[], None]


def _privilege_changes(instance: Instance, kind: str, entry: dict[str, Any], granted: bool) -> Iterator[Change]:
    """For the groups whose attributes are privileges on an object."""
    account = find_account(instance, entry.get("target_name") or entry["name"])
    database = entry.get("database_name") or DEFAULT_DATABASE
    _check_place(instance, database, entry.get("schema_name"))
    place = {**{key: entry[key] for key in _PLACE if entry.get(key)}, "database_name": database}
    if "source_name" in entry:
        place["source_name"] = find_account(instance, entry["source_name"]).name
    for attribute, chosen in entry["attributes"].items():
        if chosen:
            privilege = {"kind": kind, "privilege": attribute.removesuffix("_enabled"), **place}
            yield lambda privilege=privilege: _apply(account, privilege, granted)


def _attribute_changes(instance: Instance, kind: str, entry: dict[str, Any], granted: bool) -> Iterator[Change]:
    """For system_permissions: the same attributes that set_user_attributes sets."""
    account = find_account(instance, entry["name"], managed=True)
    for attribute in ATTRIBUTES:
        if entry["attributes"].get(f"{attribute}_enabled"):
            yield lambda attribute=attribute: account.attributes.update({attribute: granted})


def _membership_changes(instance: Instance, kind: str, entry: dict[str, Any], granted: bool) -> Iterator[Change]:
    """For user_role_permissions: all privileges of the source, for the target."""
    source, target = entry["source_name"], find_account(instance, entry["target_name"])
    if source not in ENGINE_ROLES:
        find_account(instance, source)
    if granted and source in _members_below(instance, target.name):
        raise ApiError("DBS.200821", detail=f"{source} is a member of {target.name} already")

    def change() -> None:
        memberships: list[str] = target.data["member_of"]
        if granted and source not in memberships:
            memberships.append(source)
        elif not granted and source in memberships:
            memberships.remove(source)
        _apply(target, {"kind": kind, "privilege": "admin option", "source_name": source}, granted and passed_on)

    passed_on = bool(entry.get("is_reuse", False))
    yield change


def _members_below(instance: Instance, name: str) -> set[str]:
    """The account and all its members, direct or not: granting one of them to it would create a cycle."""
    found = {name}
    accounts = (*instance.users.values(), *instance.roles.values())
    while more := {a.name for a in accounts if a.name not in found and found & set(a.data["member_of"])}:
        found |= more
    return found


_GROUPS = {
    "any_permissions": _privilege_changes,
    "system_permissions": _attribute_changes,
    "schema_permissions": _privilege_changes,
    "table_permissions": _privilege_changes,
    "sequence_permissions": _privilege_changes,
    "newly_table_permissions": _privilege_changes,
    "newly_sequence_permissions": _privilege_changes,
    "user_role_permissions": _membership_changes,
}


def set_custom_privileges(site: Site, request: Request) -> None:
    """4.4.18. Everything is checked before any change."""
    instance = open_to_write(site, request.path["instance_id"])
    if not request.body:
        raise ApiError("DBS.200001", detail="no permissions given")
    changes: list[Change] = []
    for group, content in request.body.items():
        granted = content["operation_type"] == GRANT
        for entry in content["operations"]:
            changes += _GROUPS[group](instance, group.removesuffix("_permissions"), entry, granted)
    for change in changes:
        change()
