# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Instances: the lifecycle from creation to removal (reference 4.11.1 to 4.11.11)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from ..util.values import as_words
from . import vocabulary as words
from .backup import CERTIFICATES
from .instance_parts import BACKUP_STRATEGY, COMPONENT_NODE, FLAVOR, NODE, VOLUME
from .operation import Call, Operation
from .shape import Attr, Shape

DISTRIBUTED = "combined"
CENTRALIZED = "centralization_standard"

# Transient statuses: the platform is working on the instance (4.11.8, and the sister API).
TRANSIENT = frozenset(
    {
        *(
            "BUILD",
            "REBOOTING",
            "MODIFYING",
            "RESTORING",
            "DELETING",
            "UPGRADING",
            "SWITCHOVER",
            "REPAIRING",
            "EXPANDING",
        ),
        *("REDUCING", "MIGRATING", "BACKING UP", "MODIFYING DATABASE PORT"),
    }
)

# Statuses in which the database does not run, and those that do not show it.
_STOPPED = frozenset({"SHUTDOWN", "STOPPED"})
_UNCERTAIN = frozenset({"BUILD_FAILED", "FAILED", "FROZEN", "DELETING"})


def mode_of(kind: Any) -> str | None:
    """Return ``combined`` or ``centralization_standard`` for the spellings of an instance's type, ``None`` for
    others."""
    return words.INSTANCE_TYPE.find(kind)


def is_transient(status: Any) -> bool:
    """Return whether the status of an instance is transient."""
    return words.INSTANCE_STATUS.find(status) in TRANSIENT


def is_settled(status: Any) -> bool:
    """Return whether an instance in this status works, and the platform does nothing with it."""
    return words.INSTANCE_STATUS.find(status) == "ACTIVE"


def is_running(status: Any) -> bool | None:
    """Return whether an instance in this status has a running database, or soon will; ``None`` if unknown."""
    word = words.INSTANCE_STATUS.find(status)
    return None if word is None or word in _UNCERTAIN else word not in _STOPPED


def _addresses(value: Any) -> list[str]:
    """Return a list of addresses: the example has all in one string, separated by slashes."""
    return as_words(value, "/,")


INSTANCE = Shape(
    (
        Attr("id", ("id", "instance_id"), doc="ID of the instance."),
        Attr("name", doc="Name of the instance."),
        Attr(
            "status",
            words=words.INSTANCE_STATUS,
            doc="Status, such as V(BUILD), V(ACTIVE), V(FAILED), V(REBOOTING) or V(SHUTDOWN).",
        ),
        Attr(
            "running",
            ("status",),
            "bool",
            convert=is_running,
            doc=(
                "Whether the database runs, derived from the status. Empty if the status does not show it, as "
                "with V(FAILED)."
            ),
        ),
        Attr("type", doc="Type of the instance, as the platform spells it."),
        Attr(
            "mode",
            ("type", "ha.mode"),
            convert=mode_of,
            doc="V(combined) for a distributed instance, V(centralization_standard) for a centralized one.",
        ),
        Attr("solution", doc="Topology. Empty, as the platform does not show it."),
        Attr("port", kind="int", doc="Port of the database."),
        Attr("engine_type", ("datastore.type",), words=words.ENGINE, doc="Database engine."),
        Attr("engine_version", ("datastore.version",), doc="Version of the engine."),
        Attr(
            "consistency",
            ("ha.consistency",),
            words=words.CONSISTENCY,
            doc="Consistency of transactions, of distributed instances.",
        ),
        Attr(
            "replication_mode",
            ("ha.replication_mode",),
            words=words.REPLICATION,
            doc="Replication mode of the standbys.",
        ),
        Attr(
            "consistency_protocol",
            ("ha.consistency_protocol",),
            words=words.CONSISTENCY_PROTOCOL,
            doc="Protocol between the replicas.",
        ),
        Attr("private_ips", kind="list", convert=_addresses, doc="Addresses of the nodes for database clients."),
        Attr("replica_num", ("replica_num", "replice_num"), "int", doc="Number of replicas of each shard."),
        Attr("time_zone", doc="Time zone."),
        Attr("created", doc="When the instance was created."),
        Attr("updated", doc="When it was last changed."),
        Attr(
            "busy",
            ("status",),
            "bool",
            convert=is_transient,
            doc="Whether the status is transient because the platform is working on the instance.",
        ),
        Attr("db_user_name", doc="Name of the administrator of the database."),
        Attr("flavor_ref", doc="Code of the hardware specification."),
        Attr(
            "flavor_info",
            kind="dict",
            shape=FLAVOR,
            doc="Size of a node.",
        ),
        Attr(
            "volume",
            kind="dict",
            shape=VOLUME,
            doc="Storage of a node.",
        ),
        Attr(
            "backup_strategy",
            kind="dict",
            shape=BACKUP_STRATEGY,
            doc="When automatic backups start, and how long they are kept.",
        ),
        Attr("instance_mode", doc="Edition of the instance."),
        Attr("nodes", ("nodes",), "list", NODE, doc="Nodes of the instance."),
    ),
    sample={
        "id": "4f2e1d0c9b8a79685746352413020100in14",
        "name": "orders-prod",
        "status": "ACTIVE",
        "running": True,
        "mode": "centralization_standard",
        "port": 8000,
        "engine_version": "3.200.0",
        "private_ips": ["203.0.113.11", "203.0.113.12", "203.0.113.13"],
    },
)
EXTENSION = Shape(
    (Attr("key", doc="Name of the value."), Attr("value", doc="The value.")),
    sample={"key": "BackupSet", "value": "/etc/xbsa.conf"},
)
# The keys of the extended information that the reference names. The platform cannot list those that are set.
EXTENSION_KEYS = ("BackupSet", "XbsaRoute")

_INSTANCE = "/gaussdb/v3/instances/{instance_id}"
SET_INSTANCE_EXTENSION = Operation("set_instance_extension", "PUT", _INSTANCE + "/extend-info", "4.11.1")
GET_INSTANCE_EXTENSION = Operation(
    "get_instance_extension", "GET", _INSTANCE + "/extend-info", "4.11.2", read=True, shape=EXTENSION
)
LIST_COMPONENTS = Operation(
    "list_components",
    "GET",
    _INSTANCE + "/components",
    "4.11.3",
    read=True,
    items=("nodes",),
    page_size=100,
    shape=COMPONENT_NODE,
)
SWITCH_SHARD = Operation("switch_shard", "POST", _INSTANCE + "/switch-shard", "4.11.4", job=True)
DELETE_INSTANCE = Operation("delete_instance", "DELETE", _INSTANCE + "/management", "4.11.5", job=True)
CREATE_INSTANCE = Operation("create_instance", "POST", "/gaussdb/v3/instances", "4.11.6", job=True)
RESTORE_TO_NEW_INSTANCE = Operation("restore_to_new_instance", "POST", "/gaussdb/v3/instances", "4.11.7", job=True)
LIST_INSTANCES = Operation(
    "list_instances",
    "GET",
    "/gaussdb/v3.1/instances",
    "4.11.8",
    read=True,
    items=("instances", "instance_list"),
    page_size=100,
    shape=INSTANCE,
)
STOP_INSTANCE = Operation("stop_instance", "POST", _INSTANCE + "/db-stop", "4.11.9", job=True)
RESTART_INSTANCE = Operation("restart_instance", "POST", _INSTANCE + "/restart", "4.11.10", job=True)
START_INSTANCE = Operation("start_instance", "POST", _INSTANCE + "/db-startup", "4.11.11", job=True)


def extension_as_text(value: Any) -> str:
    """Return a value of the extended information as a string: non-string values are sent as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def set_instance_extension(instance_id: str | None, key: str, value: str) -> Call:
    """Store a value under a key of the extended information (4.11.1)."""
    return SET_INSTANCE_EXTENSION.call({"instance_id": instance_id}, body={"key": key, "value": value})


def get_instance_extension(instance_id: str | None, key: str) -> Call:
    """Read the value under a key of the extended information (4.11.2): ``key``, ``value``."""
    return GET_INSTANCE_EXTENSION.call({"instance_id": instance_id}, query={"key": key})


def list_components(
    instance_id: str | None,
    component_type: str | None = None,
    availability_zone_id: str | None = None,
    node_name: str | None = None,
    node_id: str | None = None,
    hostname: str | None = None,
) -> Call:
    """List the nodes of an instance, each with its ``components`` (4.11.3).

    The zone is that of a component's primary: all replicas of a shard are listed with it.
    """
    query = {
        "component_type": component_type,
        "availability_zone_id": availability_zone_id,
        "node_name": node_name,
        "node_id": node_id,
        "hostname": hostname,
    }
    return LIST_COMPONENTS.call({"instance_id": instance_id}, query=query)


def switch_shard(instance_id: str | None, shards: Sequence[Mapping[str, str | None]]) -> Call:
    """Promote standby DNs, each given by ``node_id`` and ``component_id`` (4.11.4). Error ``DBS.200079``: not possible
    now."""
    return SWITCH_SHARD.call({"instance_id": instance_id}, body={"shards": [dict(shard) for shard in shards]})


def delete_instance(
    instance_id: str | None,
    clear_data: bool,
    keep_full_backup_days: int | None = None,
    keep_differential_backup_days: int | None = None,
    rds_admin_password: str | None = None,
    force: bool | None = None,
) -> Call:
    """Uninstall an instance, or with ``clear_data`` false only stop managing it (4.11.5).

    The latter requires a new password for ``rdsAdmin`` unless it is forced.
    """
    body = {
        "clear_data": clear_data,
        "keep_db_backup": keep_full_backup_days,
        "keep_difference_backup": keep_differential_backup_days,
        "rds_admin_password": rds_admin_password,
        "is_force_remove_instance": force,
    }
    return DELETE_INSTANCE.call({"instance_id": instance_id}, body=body)


# Options of a new instance and their names in the request.
_NEW = {
    "name": "name",
    "os_type": "os_type",
    "host_type": "host_type",
    "cpu_spec": "cpu_spec",
    "arch": "arch",
    "solution": "solution",
    "root_password": "password",
    "manage_ips": "manage_ip",
    "master_az_ips": "master_az_ip",
    "slave_az_ips": "slave_az_ip",
    "arbiter_az_ips": "arbiter_az_ip",
    "logger_az_ips": "logger_az_ip",
    "configuration_id": "configuration_id",
    "time_zone": "time_zone",
}
_TABLE = {
    "database": "db_name",
    "schema": "schema_name",
    "table": "table_name",
    "new_database": "new_db_name",
    "new_schema": "new_schema_name",
    "new_table": "new_table_name",
}


def create_instance(desired: Mapping[str, Any]) -> Call:
    """Create an empty instance (4.11.6).

    ``desired`` has the options of ``gaussdb_instance`` and ``mode``. Errors: ``DBS.200021`` name, ``DBS.200025`` zones,
    ``DBS.200052`` password, ``DBS.06025010`` to ``DBS.06025015`` and ``DBS.06025031`` hosts.
    """
    body = {
        **_new(desired),
        "datastore": {"type": desired.get("engine_type") or "GaussDB", "version": desired.get("engine_version")},
        "ha": {
            "mode": desired["mode"],
            "consistency": desired.get("consistency") or "strong",
            "replication_mode": desired.get("replication_mode") or "sync",
            "consistency_protocol": desired.get("consistency_protocol"),
        },
    }
    directories = [
        {"dir_name": name, "dir": path} for name, path in (desired.get("install_dirs") or {}).items() if path
    ]
    components = [dict(entry) for entry in desired.get("component_distributions") or ()]
    if directories or components:
        body["diy_install_settings"] = {
            "dir_settings": directories or None,
            "component_distributions": components or None,
        }
    return CREATE_INSTANCE.call(body=body, other=_with_plain_float_ip(body))


def restore_to_new_instance(desired: Mapping[str, Any], instance_id: str | None, restore_time: str | None) -> Call:
    """Create an instance from a backup or a point in time of the instance with this ID (4.11.7).

    ``desired`` is that of :func:`create_instance` with ``restore``; ``restore_time`` is in epoch milliseconds. Error
    ``DBS.200751``: no such backup.
    """
    restore = desired["restore"]
    tables = [
        {_TABLE[key]: value for key, value in entry.items() if value is not None}
        for entry in restore.get("tables") or ()
    ]
    point = {
        "type": "timestamp" if restore_time else "backup",
        "instance_id": instance_id,
        "backup_id": restore.get("backup_id"),
        "restore_time": restore_time,
        "restore_source_type": "DATABASE_TABLE" if tables else None,
        "table_list": tables or None,
    }
    body = {**_new(desired), "restore_point": point}
    xbsa = restore.get("xbsa") or {}
    if xbsa.get("ca_cert"):
        body["xbsa_ssl_certs"] = {name: xbsa.get(option) for option, name in CERTIFICATES.items()}
    if xbsa.get("extensions"):
        body["xbsa_extension_infos"] = [
            {"key": key, "value": extension_as_text(value)} for key, value in xbsa["extensions"].items()
        ]
    return RESTORE_TO_NEW_INSTANCE.call(body=body, other=_with_plain_float_ip(body))


def _new(desired: Mapping[str, Any]) -> dict[str, Any]:
    port, float_ip = desired.get("port"), desired.get("float_ip")
    more = {"port": None if port is None else str(port), "float_ip": [float_ip] if float_ip else None}
    return {**{field: desired.get(option) for option, field in _NEW.items()}, **more}


def _with_plain_float_ip(body: Mapping[str, Any]) -> dict[str, Any] | None:
    """The floating address is a string in the table but a list in all examples."""
    return {**body, "float_ip": body["float_ip"][0]} if body["float_ip"] else None


def list_instances(
    instance_id: str | None = None,
    name: str | None = None,
    instance_type: str | None = None,
    datastore_type: str | None = None,
) -> Call:
    """List instances with their nodes (4.11.8).

    A leading ``*`` in the ID or name asks for a fuzzy match. ``instance_type`` is ``Enterprise`` (distributed) or
    ``Ha`` (primary/standby).
    """
    return LIST_INSTANCES.call(
        query={"id": instance_id, "name": name, "type": instance_type, "datastore_type": datastore_type}
    )


def stop_instance(instance_id: str | None, node_ids: Sequence[str] = ()) -> Call:
    """Stop nodes, or without any the whole instance (4.11.9). The IDs are a string in the table but a list in the
    example."""
    return _on_nodes(STOP_INSTANCE, instance_id, node_ids)


def restart_instance(instance_id: str | None) -> Call:
    """Restart an instance (4.11.10). The job's ID is also a header of the reply."""
    return RESTART_INSTANCE.call({"instance_id": instance_id})


def start_instance(instance_id: str | None, node_ids: Sequence[str] = ()) -> Call:
    """Start nodes, or restart running ones; without any, start the whole instance (4.11.11).

    Error ``DBS.301147``: the given nodes are not a majority of a stopped instance.
    """
    return _on_nodes(START_INSTANCE, instance_id, node_ids)


def _on_nodes(operation: Operation, instance_id: str | None, node_ids: Sequence[str]) -> Call:
    # In check mode the values of an instance that does not exist yet are unknown.
    other = {"node_ids": ",".join(filter(None, node_ids))} if node_ids else None
    return operation.call({"instance_id": instance_id}, body={"node_ids": list(node_ids)}, other=other)
