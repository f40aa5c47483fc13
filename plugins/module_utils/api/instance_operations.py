# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Operations on running instances: zones, nodes, versions, topologies, ports, and taking over a database (reference
4.11.12 to 4.11.22)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..util.values import as_words
from . import vocabulary as words
from .operation import Call, Operation
from .shape import Attr, Shape


def _zones(value: Any) -> list[str]:
    """Return a list of zones: the platform has a comma-separated string."""
    return as_words(value, ",")


def _is_added(status: Any) -> bool:
    return words.ADDED.find(status) is not None


MANAGEABLE_HOST = Shape(
    (
        Attr("name", ("host_name",), doc="Name of the host."),
        Attr("manage_ip", doc="Management address."),
        Attr("added", ("is_online",), "bool", convert=_is_added, doc="Whether the host was added to the platform."),
        Attr("status", ("is_online",), words=words.ADDED, doc="The platform's word for this, such as V(added)."),
        Attr("type", ("host_type",), words=words.HOST_TYPE, doc="Type of host, such as V(BMS)."),
    ),
    sample={
        "name": "db-east-01",
        "manage_ip": "192.0.2.61",
        "added": True,
        "status": "added",
        "type": "BMS",
    },
)
REPAIRED_NODE = Shape((Attr("node_id"), Attr("error_code"), Attr("error_msg")))
UPGRADE_ACTION = Shape(
    (
        Attr("name", ("upgrade_action",), words=words.UPGRADE_ACTION, doc="Name of the step."),
        Attr("enabled", ("enable",), "bool", doc="Whether the platform allows the step now."),
    )
)
UPGRADE_STRATEGY = Shape(
    (
        Attr("name", ("upgrade_type",), words=words.UPGRADE_TYPE, doc="Name of the strategy."),
        Attr("enabled", ("enable",), "bool", doc="Whether the platform allows the strategy now."),
        Attr("steps", ("upgrade_action_list",), "list", UPGRADE_ACTION, doc="Steps of the strategy."),
    )
)
UPGRADE = Shape(
    (
        Attr("version", ("source_version",), doc="Current version of the instance."),
        Attr("target_version", doc="Target version of the grey upgrade in progress. Empty if there is none."),
        Attr("rollback_enabled", kind="bool", doc="Whether the grey upgrade can be rolled back now."),
        Attr(
            "upgraded_zones",
            ("roll_upgrade_progress.already_upgraded_az",),
            "list",
            convert=_zones,
            doc="Zones already upgraded by the grey upgrade.",
        ),
        Attr(
            "remaining_zones",
            ("roll_upgrade_progress.not_fully_upgraded_az",),
            "list",
            convert=_zones,
            doc="Zones not upgraded yet. All zones before an upgrade.",
        ),
        Attr(
            "zone_descriptions",
            ("roll_upgrade_progress.az_description_map",),
            "dict",
            doc="Descriptions of the zones, by ID.",
        ),
        Attr(
            "candidate_versions",
            ("upgrade_candidate_versions",),
            "list",
            doc="Versions that the instance can be upgraded to.",
        ),
        Attr("candidate_hotfixes", ("hotfix_upgrade_candidate_versions",), "list", doc="Hotfixes that can be applied."),
        Attr(
            "removable_hotfixes", ("hotfix_rollback_candidate_versions",), "list", doc="Hotfixes that can be removed."
        ),
        Attr(
            "strategies",
            ("upgrade_type_list",),
            "list",
            UPGRADE_STRATEGY,
            doc="Currently allowed strategies.",
        ),
    ),
    sample={
        "version": "3.103.0",
        "upgraded_zones": [],
        "remaining_zones": ["dc-east", "dc-west"],
        "candidate_versions": ["3.200.0"],
    },
)

_INSTANCE = "/gaussdb/v3/instances/{instance_id}"
CHECK_HOSTS_MANAGEABLE = Operation(
    "check_hosts_manageable",
    "POST",
    "/v3/instances/management/check-hosts-manageable",
    "4.11.12",
    read=True,
    items=("host_status_info",),
    shape=MANAGEABLE_HOST,
)
MANAGE_INSTANCE = Operation("manage_instance", "POST", "/v3/instances/management", "4.11.13", job=True)
REPAIR_AVAILABILITY_ZONE = Operation(
    "repair_availability_zone", "POST", "/v3/instances/{instance_id}/repair", "4.11.14", job=True
)
EXPAND_INSTANCE = Operation("expand_instance", "POST", _INSTANCE + "/expansion", "4.11.15", job=True)
REPLACE_NODE = Operation(
    "replace_node",
    "POST",
    "/v3/instances/{instance_id}/nodes/replacement",
    "4.11.16",
    job=True,
    items=("replace_min_node_responses",),
)
LIST_UPGRADE_VERSIONS = Operation(
    "list_upgrade_versions", "GET", _INSTANCE + "/db-upgrade/candidate-versions", "4.11.17", read=True, shape=UPGRADE
)
UPGRADE_INSTANCE = Operation(
    "upgrade_instance", "PUT", "/gaussdb/v3.1/instances/{instance_id}/db-upgrade", "4.11.18", job=True
)
REPAIR_NODES = Operation(
    "repair_nodes", "POST", _INSTANCE + "/nodes/repair", "4.11.19", job=True, items=("repair_nodes",)
)
CHANGE_SOLUTION = Operation("change_solution", "PUT", _INSTANCE + "/solution", "4.11.20", job=True)
ENABLE_MYSQL_PORT = Operation("enable_mysql_port", "POST", _INSTANCE + "/mysql-compatibility", "4.11.21", job=True)
MODIFY_MYSQL_PORT = Operation("modify_mysql_port", "PUT", _INSTANCE + "/mysql-compatibility", "4.11.22", job=True)


def check_hosts_manageable(manage_ip: str | None) -> Call:
    """List all hosts of the database that runs on a host, and whether each of them was added to the platform (4.11.12).

    Without an address it lists the hosts of every unmanaged database; the platform requires ``null`` for this.
    """
    return replace(CHECK_HOSTS_MANAGEABLE.call(), body={"manage_ip": manage_ip})


def manage_instance(name: str, manage_ips: Sequence[str], user: str, password: str, storage: Mapping[str, Any]) -> Call:
    """Start managing a running database (4.11.13). Errors: ``DBS.06025031`` and ``DBS.06025015`` hosts, ``DBS.200029``
    user or password."""
    body = {
        "instance_name": name,
        "manage_ip_list": list(manage_ips),
        "manage_user": user,
        "manage_userpass": password,
        "storage_device": {
            "device_id": storage["device_id"],
            "device_directory": storage["directory"],
            "real_path": storage["mount_point"],
            "is_manually_mount": storage["manually_mounted"],
        },
    }
    return MANAGE_INSTANCE.call(body=body)


def repair_availability_zone(instance_id: str | None, operation: str, availability_zone_id: str | None = None) -> Call:
    """``switch`` to a zone, ``forceStart`` only this zone, or ``resume`` lost zones (4.11.14).

    Error ``DBS.6013005``: more than one zone works, so a forced start is not allowed.
    """
    body = {"availability_zone_id": availability_zone_id, "operation": operation}
    return REPAIR_AVAILABILITY_ZONE.call({"instance_id": instance_id}, body=body)


def expand_instance(instance_id: str | None, groups: int, manage_ips: Sequence[str]) -> Call:
    """Add groups of nodes to a distributed instance (4.11.15). Only the example has ``nodes``, not the table."""
    nodes = {"count": groups, "manage_ip": list(manage_ips)}
    return EXPAND_INSTANCE.call(
        {"instance_id": instance_id}, body={"expand_cluster": {"nodes": nodes}}, other={"expand_cluster": nodes}
    )


def replace_node(instance_id: str | None, node_id: str, manage_ip: str, reset_server: bool | None = None) -> Call:
    """Rebuild an abnormal node on another host (4.11.16): one at a time."""
    body = {"node_ids": [node_id], "manage_ips": [manage_ip], "is_reset_server": reset_server}
    return REPLACE_NODE.call({"instance_id": instance_id}, body=body)


def list_upgrade_versions(instance_id: str | None) -> Call:
    """Read the possible upgrades of an instance and the progress of a grey upgrade (4.11.17)."""
    return LIST_UPGRADE_VERSIONS.call({"instance_id": instance_id})


def upgrade_instance(
    instance_id: str | None,
    target_version: str,
    upgrade_type: str,
    upgrade_action: str | None = None,
    zones: Sequence[str] = (),
) -> Call:
    """Do one step of an upgrade (4.11.18).

    Errors: ``DBS.05000008`` same version, ``DBS.280236`` version, ``DBS.280657`` type or action, ``DBS.280658`` zones,
    ``DBS.280660`` wrong order.
    """
    body = {
        "target_version": target_version,
        "upgrade_type": upgrade_type,
        "upgrade_action": upgrade_action,
        "upgrade_az": ",".join(zones) or None,
    }
    return UPGRADE_INSTANCE.call({"instance_id": instance_id}, body=body)


def repair_nodes(instance_id: str | None, node_ids: Sequence[str]) -> Call:
    """Reinstall the broken components of 1 to 3 nodes, with a job for each node (4.11.19)."""
    return REPAIR_NODES.call({"instance_id": instance_id}, body={"node_ids": list(node_ids)})


def change_solution(
    instance_id: str | None, solution: str, manage_ips: Sequence[str] = (), node_ids: Sequence[str] = ()
) -> Call:
    """Add hosts to a centralized instance, or drop nodes from it (4.11.20)."""
    body = {"solution": solution, "manage_ip": list(manage_ips) or None, "node_id": list(node_ids) or None}
    return CHANGE_SOLUTION.call({"instance_id": instance_id}, body=body)


def enable_mysql_port(instance_id: str | None, port: int) -> Call:
    """Open the M-compatibility port (4.11.21). It is a string in the table."""
    return ENABLE_MYSQL_PORT.call({"instance_id": instance_id}, body={"port": str(port)})


def modify_mysql_port(instance_id: str | None, port: int) -> Call:
    """Change the M-compatibility port, or close it with 0 (4.11.22)."""
    return MODIFY_MYSQL_PORT.call({"instance_id": instance_id}, body={"port": str(port)})
