# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Intelligent operation: DBMind instances and the instances they manage (reference 4.6.1 to 4.6.3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from . import vocabulary as words
from .operation import Call, Operation
from .shape import Attr, Shape

ENABLED, DISABLED = "ENABLED", "DISABLED"

DBMIND = Shape(
    (
        Attr("id", doc="ID of the DBMind instance."),
        Attr("name", doc="Name of the DBMind instance."),
        Attr("status", ("instance_status",), words=words.DBMIND_STATUS, doc="Status of the DBMind instance."),
        Attr("port", kind="int", doc="Port of the database."),
        Attr("arch", doc="Architecture, which its managed instances must share."),
        Attr("cpu", kind="int", doc="Number of CPUs."),
        Attr("memory_gb", ("mem",), "int", doc="Memory in GB."),
        Attr("engine_name", doc="Name of the engine."),
        Attr("engine_version", doc="Version of the engine."),
        Attr("mode", ("ha_mode",), doc="V(Ha) for a primary/standby instance, V(Enterprise) for a distributed one."),
        Attr("volume_type", doc="Type of the disks."),
        Attr("virtualization_type", doc="Type of virtualization, such as V(bms)."),
        Attr("server_type", doc="Type of the servers."),
        Attr("flavor", ("spec_code",), doc="Name of the flavor."),
        Attr("created_at_ms", ("create_at",), "int", doc="When it was created, in milliseconds since 1970."),
        Attr("managed_count", ("managed_num",), "int", doc="Number of instances that it manages."),
        Attr("manageable_limit", kind="int", doc="Maximum number of instances that it can manage."),
        Attr("metadata_id", doc="ID of the instance that keeps its data."),
        Attr("metadata_name", doc="Name of the instance that keeps its data."),
        Attr("project_id", doc="ID of the project."),
        Attr("vpc_id", doc="ID of the VPC."),
        Attr("vpc_ids", kind="list", doc="IDs of the VPCs."),
        Attr("actions", kind="list", doc="Operations that are running on the instance."),
    )
)
INSTANCE = Shape(
    (
        Attr("id", doc="ID of the instance."),
        Attr("name", doc="Name of the instance."),
        Attr("status", words=words.INSTANCE_STATUS, doc="Status of the instance."),
        Attr(
            "manage_status",
            words=words.MANAGE_STATUS,
            doc="V(ENABLED) for a managed instance. Not every platform reports it.",
        ),
        Attr("engine_name", doc="Name of the engine."),
        Attr("engine_version", doc="Version of the engine."),
        Attr("mode", ("ha_mode",), doc="V(Ha) for a primary/standby instance, V(Enterprise) for a distributed one."),
        Attr("volume_type", doc="Type of the disks."),
        Attr("virtualization_type", doc="Type of virtualization, such as V(bms)."),
        Attr("server_type", doc="Type of the servers."),
        Attr("vpc_id", doc="ID of the VPC."),
        Attr("vpc_ids", kind="list", doc="IDs of the VPCs."),
        Attr("actions", kind="list", doc="Operations that are running on the instance."),
    )
)

MANAGE_DBMIND_INSTANCES = Operation(
    "manage_dbmind_instances", "POST", "/v3/db-assist/manage-instance", "4.6.1", job=True
)
LIST_MANAGEABLE_DBMIND_INSTANCES = Operation(
    "list_manageable_dbmind_instances",
    "GET",
    "/v3/db-assist/manageable-instances",
    "4.6.2",
    read=True,
    items=("managed_instances",),
    page_size=100,
    shape=INSTANCE,
)
LIST_DBMIND_INSTANCES = Operation(
    "list_dbmind_instances",
    "GET",
    "/v3/db-assist/instances",
    "4.6.3",
    read=True,
    items=("instances",),
    page_size=100,
    shape=DBMIND,
)


def list_dbmind_instances(dbmind_id: str | None = None, name: str | None = None) -> Call:
    """List the DBMind instances (4.6.3). The platform's name filter may match substrings."""
    return LIST_DBMIND_INSTANCES.call(query={"instance_id": dbmind_id, "instance_name": name})


def list_managed(dbmind_id: str | None) -> Call:
    """List the instances that a DBMind instance manages (4.6.2)."""
    return LIST_MANAGEABLE_DBMIND_INSTANCES.call(query={"db_assist_id": dbmind_id, "manage_type": ENABLED})


def list_manageable(dbmind_id: str | None) -> Call:
    """List the unmanaged instances that a DBMind instance could manage: those of its architecture (4.6.2)."""
    other_list = replace(LIST_MANAGEABLE_DBMIND_INSTANCES, items=("unmanaged_instances",))
    return other_list.call(query={"db_assist_id": dbmind_id, "manage_type": DISABLED})


def manage_instances(dbmind_id: str | None, instance_ids: Sequence[str | None], managed: bool) -> Call:
    """Start or stop managing instances with a DBMind instance (4.6.1)."""
    body = {
        "db_assist_id": dbmind_id,
        "instance_ids": list(instance_ids),
        "manage_type": ENABLED if managed else DISABLED,
    }
    return MANAGE_DBMIND_INSTANCES.call(body=body)
