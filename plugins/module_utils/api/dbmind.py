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
        Attr("id"),
        Attr("name"),
        Attr("status", ("instance_status",), words=words.DBMIND_STATUS),
        Attr("port", kind="int"),
        Attr("arch"),
        Attr("cpu", kind="int"),
        Attr("memory_gb", ("mem",), "int"),
        Attr("engine_name"),
        Attr("engine_version"),
        Attr("mode", ("ha_mode",)),
        Attr("volume_type"),
        Attr("virtualization_type"),
        Attr("server_type"),
        Attr("flavor", ("spec_code",)),
        Attr("created_at_ms", ("create_at",), "int"),
        Attr("managed_count", ("managed_num",), "int"),
        Attr("manageable_limit", kind="int"),
        Attr("metadata_id"),
        Attr("metadata_name"),
        Attr("project_id"),
        Attr("vpc_id"),
        Attr("vpc_ids", kind="list"),
        Attr("actions", kind="list"),
    )
)
INSTANCE = Shape(
    (
        Attr("id"),
        Attr("name"),
        Attr("status", words=words.INSTANCE_STATUS),
        Attr("manage_status", words=words.MANAGE_STATUS),
        Attr("engine_name"),
        Attr("engine_version"),
        Attr("mode", ("ha_mode",)),
        Attr("volume_type"),
        Attr("virtualization_type"),
        Attr("server_type"),
        Attr("vpc_id"),
        Attr("vpc_ids", kind="list"),
        Attr("actions", kind="list"),
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
    """List the DBMind instances (4.6.3). The platform's name filter may find every name that contains the text."""
    return LIST_DBMIND_INSTANCES.call(query={"instance_id": dbmind_id, "instance_name": name})


def list_managed(dbmind_id: str | None) -> Call:
    """List the instances that a DBMind instance manages (4.6.2)."""
    return LIST_MANAGEABLE_DBMIND_INSTANCES.call(query={"db_assist_id": dbmind_id, "manage_type": ENABLED})


def list_manageable(dbmind_id: str | None) -> Call:
    """List the instances that nothing manages and a DBMind instance could: those of its architecture (4.6.2)."""
    other_list = replace(LIST_MANAGEABLE_DBMIND_INSTANCES, items=("unmanaged_instances",))
    return other_list.call(query={"db_assist_id": dbmind_id, "manage_type": DISABLED})


def manage_instances(dbmind_id: str | None, instance_ids: Sequence[str | None], managed: bool) -> Call:
    """Let a DBMind instance manage instances, or no longer (4.6.1)."""
    body = {
        "db_assist_id": dbmind_id,
        "instance_ids": list(instance_ids),
        "manage_type": ENABLED if managed else DISABLED,
    }
    return MANAGE_DBMIND_INSTANCES.call(body=body)
