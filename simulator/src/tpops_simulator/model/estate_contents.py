# SPDX-License-Identifier: GPL-3.0-or-later
"""The content of an instance in an estate file: databases, accounts, parameters, backup settings, backups."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .accounts import ATTRIBUTES, ROOT, SYSTEM_SCHEMAS, TEMPLATES, find_account, furnish, new_account, new_database
from .backups import DEFAULT_POLICY, SHARED_SETTINGS, contents_of, picture
from .entities import Backup, Database, Instance, User
from .errors import ApiError
from .estate_hosts import refuse_unknown
from .parameters import check_parameters, store_parameters
from .site import Site
from .tables import FIGURES, declare_tables

KEYS = frozenset({"databases", "users", "roles", "parameters", "backup_policy", "backup_config", "backups"})
_DATABASE_FIELDS = ("owner", "character_set", "collate_set", "ctype", "template", "compatibility", "size_mb")
_TABLE_KEYS = {
    *("schema", "name", "live_rows", "dead_rows", "data_skew", "sequence_scan_percent", "dropped", "indexes"),
    *FIGURES,
}
_LOCK_KEYS = {
    *("table_name", "pid", "lock_obj_id", "lock_mode", "query_start_time", "query_id", "is_granted"),
    *("grant_lock_type", "app_name", "user_name"),
}
_BACKUP_KEYS = {"id", "name", "description", "type", "status", "size_mb", "age_seconds", "corrupt"}


def fill(site: Site, instance: Instance, entry: dict[str, Any]) -> None:
    """Add everything in the estate's entry to the instance."""
    try:
        _fill(site, instance, entry)
    except ApiError as exc:
        raise ValueError(f"instance {instance.name}: {exc}") from exc


def _fill(site: Site, instance: Instance, entry: dict[str, Any]) -> None:
    if any(entry.get(key) for key in ("databases", "users", "roles", "backups")):
        furnish(instance)
    _fill_accounts(site, instance.users, entry.get("users") or (), login=True)
    _fill_accounts(site, instance.roles, entry.get("roles") or (), login=False)
    for given in (*(entry.get("users") or ()), *(entry.get("roles") or ())):
        _join(instance, given)
    for given in entry.get("databases") or ():
        database = _database(site, instance, _named(given))
        instance.databases[database.name] = database
    parameters = {str(k): str(v) for k, v in (entry.get("parameters") or {}).items()}
    if parameters:
        check_parameters(instance, parameters)
        store_parameters(instance, parameters, site.clock.now())
        instance.pending_parameters.clear()
    instance.backup_policy = dict(entry.get("backup_policy") or {})
    refuse_unknown(instance.backup_policy, {*DEFAULT_POLICY, *SHARED_SETTINGS}, "a backup policy")
    instance.backup_config = dict(entry.get("backup_config") or {})
    refuse_unknown(instance.backup_config, {*SHARED_SETTINGS, "close_compression"}, "a backup configuration")
    for given in entry.get("backups") or ():
        _backup(site, instance, given)


def _named(given: Any) -> dict[str, Any]:
    """A string is short for an object with only that name."""
    return {"name": given} if isinstance(given, str) else given


def _fill_accounts(site: Site, target: dict[str, Any], entries: Iterable[Any], *, login: bool) -> None:
    for given in map(_named, entries):
        refuse_unknown(given, {"name", "password", "attributes", "locked", "member_of"}, "an account")
        attributes = {str(k): bool(v) for k, v in (given.get("attributes") or {}).items()}
        refuse_unknown(attributes, set(ATTRIBUTES), "the attributes of an account")
        name = str(given["name"])
        account = new_account(name, given.get("password"), site.clock.now(), **{"login": login, **attributes})
        account.locked = bool(given.get("locked", False))
        if name == ROOT and name in target:
            account.data["member_of"] = target[name].data["member_of"]
        target[name] = account


def _join(instance: Instance, given: Any) -> None:
    if not isinstance(given, str):
        for role in given.get("member_of") or ():
            find_account(instance, str(given["name"])).data["member_of"].append(str(role))


def _database(site: Site, instance: Instance, given: dict[str, Any]) -> Database:
    refuse_unknown(given, {"name", *_DATABASE_FIELDS, "schemas", "tables", "locks"}, "a database")
    if given["name"] in TEMPLATES:
        raise ValueError(f"{given['name']} is a template database, which every instance has")
    owner = find_account(instance, str(given.get("owner", ROOT)))
    database = new_database(str(given["name"]), owner.name, site.clock.now())
    for key in _DATABASE_FIELDS:
        if key in given:
            setattr(database, key, given[key])
    for schema in map(_named, given.get("schemas") or ()):
        refuse_unknown(schema, {"name", "owner"}, "a schema")
        database.schemas[str(schema["name"])] = find_account(instance, str(schema.get("owner", owner.name))).name
    for table in map(_named, given.get("tables") or ()):
        refuse_unknown(table, _TABLE_KEYS, "a table")
        entry = {**table, "name": str(table["name"])}
        entry["dropped_at"] = site.clock.now() if entry.pop("dropped", False) else None
        declare_tables(database, [entry])
    for lock in given.get("locks") or ():
        refuse_unknown(lock, _LOCK_KEYS, "a lock")
        texts = {k: v if k == "is_granted" else str(v) for k, v in lock.items()}
        database.data.setdefault("locks", []).append(texts)
    return database


def _backup(site: Site, instance: Instance, given: dict[str, Any]) -> None:
    refuse_unknown(given, _BACKUP_KEYS, "a backup")
    if given.get("corrupt") not in (None, "job", "content"):
        raise ValueError("corrupt is job or content")
    contents = contents_of(instance)
    ended = site.clock.now() - float(given.get("age_seconds", 0))
    backup = Backup(
        id=str(given.get("id") or site.ids.suffixed("br14")),
        instance_id=instance.id,
        name=str(given["name"]),
        description=str(given.get("description") or ""),
        type=str(given.get("type", "manual")),
        status=str(given.get("status", "COMPLETED")),
        size_mb=float(given.get("size_mb", 100)),
        begin=ended - 60,
        end=ended,
        databases=contents["databases"],
        users=contents["users"],
        data={**picture(site, instance), "roles": contents["roles"], "corrupt": given.get("corrupt")},
    )
    site.backups[backup.id] = backup


# -- write it ---------------------------------------------------------------------------------------------------------


def dump(site: Site, instance: Instance) -> dict[str, Any]:
    """The same keys, without secrets and without the built-in objects."""
    return {
        "databases": [_dump_database(d) for d in instance.databases.values() if d.name not in TEMPLATES],
        "users": [_dump_account(u) for u in instance.users.values() if not u.system and u.name != ROOT],
        "roles": [_dump_account(r) for r in instance.roles.values()],
        "parameters": dict(instance.parameters),
        "backup_policy": dict(instance.backup_policy),
        "backup_config": dict(instance.backup_config),
    }


def _dump_account(account: User) -> dict[str, Any]:
    entry = {"name": account.name, "attributes": dict(account.attributes), "locked": account.locked}
    return {**entry, "member_of": list(account.data["member_of"])} if account.data["member_of"] else entry


def _dump_database(database: Database) -> dict[str, Any]:
    entry: dict[str, Any] = {"name": database.name, **{key: getattr(database, key) for key in _DATABASE_FIELDS}}
    schemas = [{"name": n, "owner": o} for n, o in database.schemas.items() if n not in SYSTEM_SCHEMAS]
    tables = [
        {**{k: v for k, v in t.items() if k in _TABLE_KEYS}, "dropped": t.get("dropped_at") is not None}
        for t in database.data["tables"].values()
    ]
    more = {"schemas": schemas, "tables": tables, "locks": list(database.data.get("locks", ()))}
    return {**entry, **{key: value for key, value in more.items() if value}}
