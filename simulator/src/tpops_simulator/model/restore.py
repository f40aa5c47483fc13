# SPDX-License-Identifier: GPL-3.0-or-later
"""4.11.7: the content of a new instance from the backups of another one."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field, replace
from typing import Any

from .accounts import ROOT, SYSTEM_SCHEMAS
from .backups import COMPLETED, backups_of, catch_up, contents_at, covered, find_damage, is_restorable
from .entities import Backup, Database, Instance, User
from .errors import ApiError
from .site import Site
from .tables import declare_tables


@dataclass
class Origin:
    """The source of the new instance and its future content."""

    source: Instance | None
    solution: str | None = None
    version: str | None = None
    databases: dict[str, Any] = field(default_factory=dict)
    users: dict[str, Any] = field(default_factory=dict)
    roles: dict[str, Any] = field(default_factory=dict)
    damage: str | None = None

    def pour_into(self, instance: Instance) -> None:
        """Deep copies, so that the two instances are independent; root has the password of the new one."""
        if self.damage == "content":
            return
        instance.databases = copy.deepcopy(self.databases)
        instance.users = copy.deepcopy(self.users)
        instance.roles = copy.deepcopy(self.roles)
        root = instance.users.get("root")
        if isinstance(root, User):
            root.password = instance.root_password


def find_origin(site: Site, body: dict[str, Any]) -> Origin:
    """The origin that restore_point names, refused if there is no backup for it."""
    point = body["restore_point"]
    source_id = point.get("instance_id")
    if source_id is None:
        # An archive of the user's own backup software: the platform learns its content only while restoring.
        if body.get("xbsa_extension_infos"):
            return Origin(source=None)
        raise ApiError("DBS.200001", detail="restore_point.instance_id is required")
    source = site.instances.get(source_id)
    if source is not None:
        catch_up(site, source)
    backups = [b for b in backups_of(site, source_id) if b.status == COMPLETED]
    if source is None and not backups:
        raise ApiError("DBS.200002", instance_id=source_id)
    restore_time = point.get("restore_time", point.get("restore_point"))
    kind = point.get("type") or ("backup" if point.get("backup_id") or restore_time is None else "timestamp")
    if kind == "backup":
        moment = _of_backup(backups, point)
    else:
        moment = _of_time(site, source, backups, restore_time)
    origin = _origin(site, source, backups, moment)
    if point.get("restore_source_type") == "DATABASE_TABLE":
        _keep_tables(origin, point)
    elif point.get("table_list"):
        raise ApiError("DBS.200001", detail="table_list needs restore_source_type DATABASE_TABLE")
    return origin


def _of_backup(backups: list[Backup], point: dict[str, Any]) -> float:
    if not point.get("backup_id"):
        raise ApiError("DBS.200001", detail="restore_point.backup_id is required")
    backup = next((b for b in backups if b.id == point["backup_id"]), None)
    if backup is None:
        raise ApiError("DBS.200751", backup_id=point["backup_id"])
    return backup.begin


def _of_time(site: Site, source: Instance | None, backups: list[Backup], restore_time: Any) -> float:
    if restore_time is None:
        raise ApiError("DBS.200001", detail="restore_point.restore_time is required")
    if not backups:
        raise ApiError("DBS.200751", detail="the instance has no completed backup")
    moment = int(restore_time) / 1000
    if source is not None:
        possible = is_restorable(site, source, moment)
    else:
        possible = moment <= site.clock.now() and covered(backups, moment)
    if not possible:
        raise ApiError("DBS.200001", detail="restore_time is outside the time that the backups cover")
    return moment


def _origin(site: Site, source: Instance | None, backups: list[Backup], moment: float) -> Origin:
    """The shape and the contents at the moment. For a deleted instance they come from its backups."""
    last = max((b for b in backups if b.begin <= moment), key=lambda b: b.begin)
    origin = Origin(
        source=source,
        solution=last.data.get("solution") or (source.solution if source else None),
        version=last.data.get("version") or (source.version if source else None),
        damage=find_damage(backups, moment),
    )
    if source is not None:
        contents = contents_at(site, source, moment)
        origin.databases, origin.users, origin.roles = (contents[k] for k in ("databases", "users", "roles"))
        return origin
    filled = [b for b in backups if b.databases and b.begin <= moment]
    if filled:
        backup = max(filled, key=lambda b: b.begin)
        origin.databases, origin.users = backup.databases, backup.users
        origin.roles = backup.data.get("roles", {})
    return origin


def _tables(point: dict[str, Any]) -> list[dict[str, Any]]:
    found = []
    for entry in point.get("table_list") or ():
        found += entry["table_list"] if "table_list" in entry else [entry]
    return found


def _keep_tables(origin: Origin, point: dict[str, Any]) -> None:
    """Keep only the given objects, with their new names. A restore of tables has no accounts: root owns everything."""
    wanted = _tables(point)
    if not wanted:
        raise ApiError("DBS.200001", detail="table_list is required")
    kept: dict[str, Database] = {}
    for entry in wanted:
        name = entry["db_name"]
        source = origin.databases.get(name)
        if source is not None:
            new_name = entry.get("new_db_name") or name
            _keep_part(source, entry, kept.setdefault(new_name, _emptied(source, new_name)))
        elif origin.databases:
            raise ApiError("DBS.200044", detail=f"database {name}")
    origin.databases, origin.users, origin.roles = kept, {}, {}


def _emptied(source: Database, name: str) -> Database:
    """A database with the settings of another one, and nothing but the built-in schemas in it."""
    schemas = {schema: owner for schema, owner in source.schemas.items() if schema in SYSTEM_SCHEMAS}
    return replace(source, name=name, owner=ROOT, schemas=schemas, data={**source.data, "tables": {}, "locks": []})


def _keep_part(source: Database, entry: dict[str, Any], target: Database) -> None:
    """Take over a table, a schema, or all schemas. Only an estate defines the tables of a schema."""
    schema, table = entry.get("schema_name"), entry.get("table_name")
    if schema and schema not in source.schemas:
        raise ApiError("DBS.200044", detail=f"schema {schema} of database {source.name}")
    for name in [schema] if schema else source.schemas:
        target.schemas.setdefault((schema and entry.get("new_schema_name")) or name, ROOT)
    for found in source.data["tables"].values():
        if schema in (None, found["schema"]) and table in (None, found["name"]):
            names = {"schema": schema and entry.get("new_schema_name"), "name": table and entry.get("new_table_name")}
            declare_tables(target, [{**found, **{key: new for key, new in names.items() if new}}])
