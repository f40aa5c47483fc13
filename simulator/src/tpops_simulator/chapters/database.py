# SPDX-License-Identifier: GPL-3.0-or-later
"""4.4 databases, schemas and tables: 4.4.1 to 4.4.3, 4.4.12, 4.4.14, 4.4.15."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from ..model.accounts import (
    SYSTEM_SCHEMAS,
    TEMPLATES,
    find_account,
    find_database,
    new_database,
    open_to_read,
    open_to_write,
)
from ..model.database_sessions import sessions_in
from ..model.entities import Instance
from ..model.errors import ApiError
from ..model.instances import is_distributed
from ..model.parameters import parameter_value
from ..model.request import Request
from ..model.site import Site

CHARACTER_SETS = ("UTF8", "GBK", "GB18030", "GB18030_2022", "ZHS16GBK", "EUC_CN", "BIG5", "LATIN1", "SQL_ASCII")
_BY_SPELLING = {name.replace("_", ""): name for name in CHARACTER_SETS}
# A query of the database always shows the session of the monitoring itself.
_MONITORING_LOCK = {
    "table_name": "pg_class",
    "pid": "140471800882944",
    "lock_obj_id": "1259",
    "lock_mode": "AccessShareLock",
    "query_id": "0",
    "is_granted": True,
    "grant_lock_type": "relation",
    "app_name": "MetricCollector",
    "user_name": "rdsMetric",
}


def _character_set(given: str) -> str:
    """The engine's spelling; `utf-8` means UTF8."""
    found = _BY_SPELLING.get(given.upper().replace("-", "").replace("_", ""))
    if found is None:
        raise ApiError("DBS.200001", detail="character_set is unknown")
    return found


def create_database(site: Site, request: Request) -> None:
    """4.4.1."""
    instance = open_to_write(site, request.path["instance_id"])
    body = request.body
    name = body["name"]
    if name in TEMPLATES:
        raise ApiError("DBS.200001", detail=f"name: {name} is a template database")
    if name in instance.databases:
        raise ApiError("DBS.200001", detail=f"name: the database {name} exists already")
    owner = find_account(instance, body.get("owner", "root"))
    template = instance.databases[body.get("template", "template0")]
    database = new_database(name, owner.name, site.clock.now())
    database.template = template.name
    database.character_set = _character_set(body.get("character_set", template.character_set))
    database.collate_set = body.get("lc_collate", "C")
    database.ctype = body.get("lc_ctype", "C")
    instance.databases[name] = database


def create_schemas(site: Site, request: Request) -> None:
    """4.4.2. If one cannot be created, none is created."""
    instance = open_to_write(site, request.path["instance_id"])
    body = request.body
    if body["db_name"] in TEMPLATES:
        raise ApiError("DBS.200001", detail=f"db_name: {body['db_name']} is a template database")
    database = find_database(instance, body["db_name"])
    wanted: dict[str, str] = {}
    for schema in body["schemas"]:
        name = schema["name"]
        if name in TEMPLATES or name in database.schemas or name in wanted:
            raise ApiError("DBS.200001", detail=f"schemas: {name} is reserved or exists already")
        wanted[name] = find_account(instance, schema["owner"]).name
    database.schemas.update(wanted)


def list_schemas(site: Site, request: Request) -> dict[str, Any]:
    """4.4.3."""
    instance = open_to_read(site, request.path["instance_id"])
    database = find_database(instance, request.query["db_name"])
    schemas = [
        {"schema_name": name, "owner": owner} for name, owner in database.schemas.items() if name not in SYSTEM_SCHEMAS
    ]
    return {"database_schemas": site.page(schemas, request), "total_count": len(schemas)}


def list_databases(site: Site, request: Request) -> dict[str, Any]:
    """4.4.12."""
    instance = open_to_read(site, request.path["instance_id"])
    databases = [d for d in instance.databases.values() if d.name not in TEMPLATES]
    return {
        "databases": [
            {
                "name": d.name,
                "owner": d.owner,
                "size": f"{d.size_mb:.0f} MB",
                "character_set": d.character_set,
                "collate_set": d.collate_set,
                "datctype": d.ctype,
            }
            for d in site.page(databases, request)
        ],
        "total_count": len(databases),
    }


def get_database_activity(site: Site, request: Request) -> dict[str, Any]:
    """4.4.14. Tables, and locks beyond the monitoring's own, are those an estate file declares.

    A user that holds or waits for a lock is connected, like the sessions of 4.5.2.
    """
    instance = open_to_read(site, request.path["instance_id"])
    database = find_database(instance, request.query["name"])
    now = str(int(site.clock.now()))
    locks = [{**_MONITORING_LOCK, "query_start_time": now}]
    locks += [{**locks[0], **lock} for lock in database.data.get("locks", ())]
    kinds = [lock["grant_lock_type"].lower() for lock in locks]
    on_tables, on_rows = sum(k in ("relation", "table") for k in kinds), kinds.count("tuple")
    tables = [t for t in database.data["tables"].values() if t.get("dropped_at") is None]
    sessions = sessions_in(site, instance, database.name)
    return {
        "user_count": str(len({lock["user_name"] for lock in locks} | {s.user for s in sessions})),
        "app_count": str(len({lock["app_name"] for lock in locks} | {s.application for s in sessions})),
        "relations_info": [_table_statistics(t) for t in tables[: request.query["table_limit"]]],
        "locks_info": locks,
        "total_lock_count": str(len(locks)),
        "rel_lock_count": str(on_tables),
        "row_lock_count": str(on_rows),
        "other_lock_count": str(len(locks) - on_tables - on_rows),
    }


def _table_statistics(table: dict[str, Any]) -> dict[str, str]:
    return {
        "table_name": table["name"],
        "data_skew": str(table.get("data_skew", 0.0)),
        "sequence_scan_percent": str(table.get("sequence_scan_percent", 0.0)),
        "live_rows": str(table.get("live_rows", 0)),
        "dead_rows": str(table.get("dead_rows", 0)),
    }


def flashback_tables(site: Site, request: Request) -> None:
    """4.4.15."""
    instance = open_to_write(site, request.path["instance_id"])
    body = request.body
    if is_distributed(instance):
        raise ApiError("DBS.200001", detail="only centralized instances can flash tables back")
    for parameter in ("enable_default_ustore_table", "enable_recyclebin"):
        if parameter_value(instance, parameter) != "on":
            raise ApiError("DBS.200001", detail=f"{parameter} is off")
    database = find_database(instance, body["db_name"])
    table = database.data["tables"].get(f"{body['schema_name']}.{body['table_name']}".lower())
    if body["action"] == "back_drop":
        _undo_drop(site, instance, table)
    else:
        _turn_back(site, instance, table, body.get("flashback_time"))


def _undo_drop(site: Site, instance: Instance, table: dict[str, Any] | None) -> None:
    kept = float(parameter_value(instance, "recyclebin_retention_time"))
    dropped = table.get("dropped_at") if table else None
    if table is None or dropped is None or site.clock.now() - dropped > kept:
        raise ApiError("DBS.200044", detail="the table is not in the recycle bin")
    table["dropped_at"] = None


def _turn_back(site: Site, instance: Instance, table: dict[str, Any] | None, wanted: str | None) -> None:
    if wanted is None:
        raise ApiError("DBS.200001", detail="flashback_time is required")
    try:
        moment = datetime.strptime(wanted, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC).timestamp()
    except ValueError:
        raise ApiError("DBS.200001", detail="flashback_time is not a date and time") from None
    if table is None or table.get("dropped_at") is not None:
        raise ApiError("DBS.200044", detail="the table does not exist")
    kept = float(parameter_value(instance, "undo_retention_time"))
    if not site.clock.now() - kept <= moment <= site.clock.now():
        raise ApiError("DBS.200001", detail="flashback_time is outside undo_retention_time")
    table["flashed_back_to"] = moment
