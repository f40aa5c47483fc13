# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Restores of backups (reference 4.2.9 to 4.2.11, 4.2.13, 4.2.14)."""

from __future__ import annotations

from ..util.times import stamp_ms
from .instance import mode_of
from .operation import Call, Operation
from .shape import Attr, Shape

SNAPSHOT = Shape(
    (
        Attr(
            "mode",
            ("cluster_mode",),
            convert=mode_of,
            doc="V(combined) for a distributed instance, V(centralization_standard) for a centralized one.",
        ),
        Attr("instance_mode", doc="Edition, V(enterprise)."),
        Attr("solution", doc="Topology, such as V(triset)."),
        Attr("node_num", kind="int", doc="Number of nodes."),
        Attr("coordinator_num", kind="int", doc="Number of coordinators."),
        Attr("sharding_num", kind="int", doc="Number of shards."),
        Attr("replica_num", kind="int", doc="Number of replicas of each shard."),
        Attr("data_volume_size_gb", ("data_volume_size",), "int", doc="Size of the data disk in GB."),
        Attr("engine_version", doc="Version of the engine."),
    )
)
RESTORABLE_INSTANCE = Shape(
    (
        Attr("id", ("instance_id",), doc="ID of the instance."),
        Attr("name", ("instance_name",), doc="Name of the instance."),
        Attr(
            "mode",
            convert=mode_of,
            doc="V(combined) for a distributed instance, V(centralization_standard) for a centralized one.",
        ),
        Attr("instance_mode", doc="Edition, V(enterprise)."),
        Attr("volume_type", doc="Type of the data disk."),
        Attr("data_volume_size_gb", ("data_volume_size",), "int", doc="Size of the data disk in GB."),
        Attr("engine_version", ("version",), doc="Version of the engine."),
    )
)
RANGE = Shape((Attr("start_ms", ("start_time",), convert=stamp_ms), Attr("end_ms", ("end_time",), convert=stamp_ms)))

GET_INSTANCE_SNAPSHOT = Operation(
    "get_instance_snapshot", "GET", "/gaussdb/v3/instance-snapshot", "4.2.9", read=True, shape=SNAPSHOT
)
LIST_RESTORABLE_INSTANCES = Operation(
    "list_restorable_instances",
    "GET",
    "/gaussdb/v3/restorable-instances",
    "4.2.10",
    read=True,
    items=("instances", "instance_list"),
    page_size=100,
    shape=RESTORABLE_INSTANCE,
)
GET_RESTORE_TIME = Operation(
    "get_restore_time",
    "GET",
    "/gaussdb/v3/instances/{instance_id}/restore-time",
    "4.2.11",
    read=True,
    items=("restore_time",),
    shape=RANGE,
)
RESTORE_INSTANCE = Operation("restore_instance", "POST", "/gaussdb/v3/instances/recovery", "4.2.13", job=True)
CONFIRM_RESTORE_DATA = Operation(
    "confirm_restore_data", "POST", "/gaussdb/v3/backups/{instance_id}/confirm-restore-data", "4.2.14", job=True
)


def _point(backup_id: str | None, restore_ms: int | None) -> dict[str, str | None]:
    """A backup or a moment in epoch milliseconds: only one of them may be sent."""
    return {"backup_id": backup_id} if backup_id else {"restore_time": None if restore_ms is None else str(restore_ms)}


def get_instance_snapshot(instance_id: str | None, backup_id: str | None = None, restore_ms: int | None = None) -> Call:
    """Get the topology of an instance in a backup or at a point in time (4.2.9). Error ``DBS.200751``: no backup is
    that old."""
    return GET_INSTANCE_SNAPSHOT.call(query={"instance_id": instance_id, **_point(backup_id, restore_ms)})


def list_restorable_instances(
    source_instance_id: str | None, backup_id: str | None = None, restore_ms: int | None = None
) -> Call:
    """List instances to which a backup or a point in time of the source can be restored (4.2.10)."""
    return LIST_RESTORABLE_INSTANCES.call(
        query={"source_instance_id": source_instance_id, **_point(backup_id, restore_ms)}
    )


def get_restore_time(instance_id: str | None, date: str) -> Call:
    """List the spans of a day (``yyyy-mm-dd``, UTC) that an instance can be restored to (4.2.11). Not for XBSA
    instances."""
    return GET_RESTORE_TIME.call({"instance_id": instance_id}, query={"date": date})


def restore_instance(instance_id: str | None, backup_id: str | None = None, restore_ms: int | None = None) -> Call:
    """Restore an instance in place, from a backup of its own or to a moment (4.2.13)."""
    source = {
        "instance_id": instance_id,
        "type": "backup" if backup_id else "timestamp",
        **_point(backup_id, restore_ms),
    }
    return RESTORE_INSTANCE.call(body={"source": source, "target": {"instance_id": instance_id}})


def confirm_restore_data(instance_id: str | None) -> Call:
    """Confirm the data after a restore in place (4.2.14).

    Deletes the archived log after the restored moment and resumes archiving. Error ``DBS.216009``: nothing to confirm.
    """
    return CONFIRM_RESTORE_DATA.call({"instance_id": instance_id})
