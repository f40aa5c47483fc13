# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Disaster recovery (reference: 4.18).

A relation connects a primary with a DR instance, usually on two platforms. Then each platform has its own record for
its instance; if both instances are on one platform, it may have one record for both. Most requests contain the instance
and the replication type of the relation.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..util.values import as_words
from . import vocabulary as words
from .operation import Call, Operation
from .shape import Attr, Shape

STREAM = "stream"
TYPES = (STREAM, "dorado")
MASTER, DISASTER = "master", "disaster"

# The reference gives no values of a status; these are the sister API's.
NORMAL, LOG_KEEP, DRILL, PROMOTED, RELEASED = "normal", "dr_log_keep", "simulation", "failover", "completed"
BUSY = ("pending", "pre_checking")
FAILED = ("failed", "pre_check_failed")
# In these statuses the two instances belong together.
IN_FORCE = (NORMAL, LOG_KEEP, DRILL)
SETTLED = (*IN_FORCE, PROMOTED, RELEASED)
OVER = (RELEASED, *FAILED)


def addresses_of(value: Any) -> list[str]:
    """Return the addresses of a comma-separated string."""
    return as_words(value, ",")


def _acts_as(role: Any, status: Any) -> str | None:
    """Return the effective role of the instance. After a failover the platform does not change the roles (4.18.5).

    ``None`` for an unknown status.
    """
    if status == PROMOTED:
        return {MASTER: "former_primary", DISASTER: "primary"}.get(role)
    if status in OVER or status not in words.DR_STATUS:
        return None
    return {MASTER: "primary", DISASTER: "standby"}.get(role)


def _derived(record: dict[str, Any]) -> dict[str, Any]:
    """Return a record from the side of its own instance, given by its role."""
    own = {MASTER: "primary", DISASTER: "standby"}.get(record["role"])
    own_id = (record[own] or {}).get("instance_id") if own else None
    instance_id = own_id or record["instance_id"]
    return _seen({**record, "instance_id": record["instance_id"] or instance_id}, instance_id, record["role"])


def view_from(record: Mapping[str, Any], instance_id: Any) -> dict[str, Any] | None:
    """Return a record of :data:`RELATION` from the side of one of its two instances, ``None`` for other instances.

    The role follows from the side that the instance is on.
    """
    sides = ((MASTER, record["primary"]), (DISASTER, record["standby"]))
    role = next((role for role, side in sides if (side or {}).get("instance_id") == instance_id), None)
    if role is None and record["instance_id"] != instance_id:
        return None
    return _seen(record, instance_id, role or record["role"])


def _seen(record: Mapping[str, Any], instance_id: Any, role: Any) -> dict[str, Any]:
    status = record["status"]
    known = status in SETTLED or status in FAILED
    other = record["primary" if role == DISASTER else "standby"]
    # Name and status belong to the instance of the record.
    named = record["instance_id"] == instance_id
    return {
        **record,
        "role": role,
        "instance_id": instance_id,
        "instance_name": record["instance_name"] if named else None,
        "instance_status": record["instance_status"] if named else None,
        "other_instance_id": (other or {}).get("instance_id"),
        "acts_as": _acts_as(role, status),
        "in_force": status in IN_FORCE if known else None,
        "protected": status in (NORMAL, LOG_KEEP),
        "drill": status == DRILL if known else None,
        "log_keep": status == LOG_KEEP if known else None,
    }


SIDE = Shape(
    (
        Attr("instance_id", doc="ID of the instance."),
        Attr("project_id", doc="ID of its project."),
        Attr("project_name", doc="Name of its project."),
        Attr("region_code", doc="Code of its region."),
        Attr("ip_addresses", ("ip_address",), convert=addresses_of, type="list", doc="Addresses of its nodes."),
    )
)
RELATION = Shape(
    (
        Attr("id", doc="ID of this platform's record."),
        Attr("synchronization_id", doc="ID of the relation, the same on both platforms."),
        Attr("name", doc="Name of the relation."),
        Attr("disaster_type", words=words.DR_TYPE, doc="Replication type, V(stream) or V(dorado)."),
        Attr(
            "role",
            ("disaster_role",),
            words=words.DR_ROLE,
            doc=(
                "Side of the instance, V(master) or V(disaster). It stays the same after a "
                "failover, which C(acts_as) takes into account."
            ),
        ),
        Attr(
            "status",
            words=words.DR_STATUS,
            doc=(
                "Status of the record, such as V(pre_checking), V(pre_check_failed), V(pending), V(normal), "
                "V(dr_log_keep), V(simulation) (a drill is running), V(failover), V(failed) or V(completed) "
                "(released)."
            ),
        ),
        Attr("instance_id", doc="ID of this platform's instance."),
        Attr("instance_name", doc="Name of the instance, if the record or the task has it."),
        Attr("instance_status", words=words.INSTANCE_STATUS, doc="Status of the instance, if the record has it."),
        Attr(
            "primary",
            ("master_region_instance_info",),
            "dict",
            SIDE,
            doc="The primary.",
        ),
        Attr(
            "standby",
            ("slave_region_instance_info",),
            "dict",
            SIDE,
            doc="The DR instance. Empty until the platform has found it.",
        ),
        Attr("created", doc="When the record was created."),
        Attr("updated", doc="When the record was last changed."),
        Attr("precheck_failed_reason", doc="Reason why the check before the setup failed."),
        Attr(
            "actions",
            ("actions", "action"),
            "list",
            doc="Data of the instance in the relation.",
        ),
    ),
    derive=_derived,
    added=(
        Attr(
            "acts_as",
            doc=(
                "Effective role of the instance. V(primary), also after a failover; V(standby), also during a "
                "drill; V(former_primary) if the other instance was promoted; empty if the relation has ended, or in "
                "an unknown status."
            ),
        ),
        Attr(
            "in_force",
            kind="bool",
            doc="Whether the two instances are connected. Empty while this is unknown.",
        ),
        Attr(
            "protected",
            kind="bool",
            doc="Whether the DR instance follows the primary. False during a drill, and in any unknown status.",
        ),
        Attr("drill", kind="bool", doc="Whether a drill is running. Empty while this is unknown."),
        Attr(
            "log_keep",
            kind="bool",
            doc=(
                "Whether the primary keeps its log, as the platform of the primary reports. Empty while this is "
                "unknown."
            ),
        ),
        Attr("other_instance_id", doc="ID of the instance on the other side."),
    ),
    sample={
        "id": "0f2a4c6e-8b1d-4e3f-9a5c-7d9e1b3f5a72",
        "name": "orders-to-dc2",
        "role": "master",
        "status": "normal",
        "acts_as": "primary",
        "protected": True,
    },
)


def _within(monitor: dict[str, Any]) -> dict[str, Any]:
    """Whether both figures are within their thresholds; ``None`` if one of the four is not a number."""
    pairs = [
        (monitor[name], monitor[f"{name.partition('_')[0]}_threshold_seconds"])
        for name in ("rpo_seconds", "rto_seconds")
    ]
    known = all(isinstance(value, (int, float)) for pair in pairs for value in pair)
    return {**monitor, "within_thresholds": all(value <= limit for value, limit in pairs) if known else None}


MONITOR = Shape(
    (
        Attr(
            "status",
            words=words.DR_MONITOR_STATUS,
            doc=("State of the replication, such as V(archive), V(recovering), V(creating), V(promote) or V(stopped)."),
        ),
        Attr("rpo_seconds", ("rpo",), "number", doc="Seconds of changes on the primary that would be lost now (RPO)."),
        Attr("rto_seconds", ("rto",), "number", doc="Seconds that a takeover would need now (RTO)."),
        Attr(
            "rpo_threshold_seconds", ("rpo_threshold",), "number", doc="RPO above which the platform raises an alarm."
        ),
        Attr(
            "rto_threshold_seconds", ("rto_threshold",), "number", doc="RTO above which the platform raises an alarm."
        ),
        Attr("switchover_progress", kind="number", doc="Progress of a switchover in percent. Empty if there is none."),
        Attr("failover_progress", kind="number", doc="Progress of a failover in percent. Empty if there is none."),
    ),
    derive=_within,
    added=(
        Attr(
            "within_thresholds",
            kind="bool",
            doc="Whether RPO and RTO are within their thresholds. Empty if one of the figures is missing.",
        ),
    ),
    sample={
        "status": "archive",
        "rpo_seconds": 0,
        "rto_seconds": 0,
        "rpo_threshold_seconds": 10,
        "rto_threshold_seconds": 900,
        "within_thresholds": True,
    },
)
CANDIDATE = Shape(
    (
        Attr("id", ("instance_id", "id"), doc="ID of the instance."),
        Attr("name", ("instance_name", "name"), doc="Name of the instance."),
        Attr("status", ("instance_status",), words=words.INSTANCE_STATUS, doc="Status of the instance."),
        Attr("type", ("instance_type",), doc="Type, V(Ha) for centralized ones."),
        Attr("engine_version", doc="Version of the database engine."),
        Attr("solution", ("deploy_type",), doc="Topology."),
        Attr("consistency_protocol", words=words.CONSISTENCY_PROTOCOL, doc="Protocol between the replicas."),
        Attr("disaster_role", words=words.DR_ROLE, doc="Role in a relation."),
        Attr("disaster_type", words=words.DR_TYPE, doc="Replication type."),
        Attr("disaster_status", words=words.DR_STATUS, doc="Status of a relation."),
        Attr("operations", kind="list", doc="Operations that the platform offers for it."),
    )
)

_BASE = "/gaussdb/v3.6/instances/{instance_id}/disaster-recovery"
RENAME_DR_RELATION = Operation("rename_dr_relation", "PUT", _BASE + "/rename", "4.18.1")
LIST_DR_RELATIONS = Operation(
    "list_dr_relations",
    "GET",
    "/gaussdb/v3.6/disaster-recovery/relations",
    "4.18.2",
    read=True,
    items=("relations",),
    page_size=100,
    shape=RELATION,
)
GET_DR_MONITOR = Operation("get_dr_monitor", "GET", _BASE + "/monitor", "4.18.3", read=True, shape=MONITOR)
CONSTRUCT_DR = Operation("construct_dr", "POST", _BASE + "/construct", "4.18.4", job=True)
FAILOVER_DR = Operation("failover_dr", "POST", _BASE + "/failover", "4.18.5", job=True)
RELEASE_DR = Operation("release_dr", "POST", _BASE + "/release", "4.18.6", job=True)
SWITCHOVER_DR = Operation("switchover_dr", "POST", _BASE + "/switchover", "4.18.7", job=True)
REESTABLISH_DR = Operation("reestablish_dr", "POST", _BASE + "/restore", "4.18.8", job=True)
START_DR_DRILL = Operation("start_dr_drill", "POST", _BASE + "/simulation-start", "4.18.9", job=True)
STOP_DR_DRILL = Operation("stop_dr_drill", "POST", _BASE + "/simulation-stop", "4.18.10", job=True)
START_DR_LOG_KEEP = Operation("start_dr_log_keep", "POST", _BASE + "/keep-log-start", "4.18.11", job=True)
STOP_DR_LOG_KEEP = Operation("stop_dr_log_keep", "POST", _BASE + "/keep-log-stop", "4.18.12", job=True)
LIST_DR_CANDIDATES = Operation(
    "list_dr_candidates",
    "POST",
    "/gaussdb/v3/instances/disaster/instanceList",
    "4.18.13",
    read=True,
    items=("instance_list",),
    shape=CANDIDATE,
)
DELETE_DR_RECORD = Operation(
    "delete_dr_record", "POST", "/gaussdb/v3/instances/disaster/record/delete", "4.18.14", job=True
)


def rename_dr_relation(instance_id: str | None, synchronization_id: str, name: str) -> Call:
    """Rename a relation, on either platform (4.18.1)."""
    return RENAME_DR_RELATION.call(
        {"instance_id": instance_id}, body={"synchronization_id": synchronization_id, "dr_task_name": name}
    )


def list_dr_relations() -> Call:
    """List the records of this platform (4.18.2). Without filters: they only find the primary."""
    return LIST_DR_RELATIONS.call()


def get_dr_monitor(instance_id: str | None, disaster_type: str | None) -> Call:
    """Read how far the DR instance is behind (4.18.3). Error ``DBS.06020105``: the instance is in no relation."""
    return GET_DR_MONITOR.call({"instance_id": instance_id}, query={"disaster_type": disaster_type or STREAM})


def construct_dr(
    instance_id: str | None, disaster_type: str | None, ip: str, username: str, password: str, name: str | None
) -> Call:
    """Create a relation, on the platform of the primary (4.18.4). ``ip`` is any data IP of the DR instance, which loses
    its data."""
    body = {
        "disaster_type": disaster_type or STREAM,
        "dr_ip": ip,
        "dr_user_name": username,
        "dr_user_password": password,
        "dr_task_name": name,
    }
    return CONSTRUCT_DR.call({"instance_id": instance_id}, body=body)


def failover_dr(instance_id: str | None, disaster_type: str | None, reestablish: bool) -> Call:
    """Promote the DR instance, on its platform (4.18.5). ``reestablish`` needs engine 3.100, otherwise
    ``DBS.200856``."""
    body = {"disaster_type": disaster_type or STREAM, "is_support_restore": reestablish}
    return FAILOVER_DR.call({"instance_id": instance_id}, body=body)


def release_dr(instance_id: str | None, disaster_type: str | None) -> Call:
    """End a relation, on the platform of the primary (4.18.6); elsewhere ``DBS.06013002``."""
    return _typed(RELEASE_DR, instance_id, disaster_type)


def switchover_dr(instance_id: str | None, disaster_type: str | None) -> Call:
    """Switch over between primary and DR instance, on either platform (4.18.7)."""
    return _typed(SWITCHOVER_DR, instance_id, disaster_type)


def reestablish_dr(instance_id: str | None, disaster_type: str | None) -> Call:
    """Make the former primary the DR instance of the promoted one, on the latter's platform (4.18.8)."""
    return _typed(REESTABLISH_DR, instance_id, disaster_type)


def start_dr_drill(instance_id: str | None, log_keep_percent: int | None) -> Call:
    """Start a drill, on either platform (4.18.9). The share of free disk space for the log is required on the
    primary's."""
    return _typed(START_DR_DRILL, instance_id, STREAM, xlog_keep_ratio=log_keep_percent)


def stop_dr_drill(instance_id: str | None) -> Call:
    """End a drill, on the platform of the DR instance (4.18.10)."""
    return _typed(STOP_DR_DRILL, instance_id, STREAM)


def start_dr_log_keep(instance_id: str | None, log_keep_percent: int | None) -> Call:
    """Keep the log for the DR instance, on the platform of the primary (4.18.11)."""
    return _typed(START_DR_LOG_KEEP, instance_id, STREAM, xlog_keep_ratio=log_keep_percent)


def stop_dr_log_keep(instance_id: str | None) -> Call:
    """Stop keeping the log, on the platform of the primary (4.18.12)."""
    return _typed(STOP_DR_LOG_KEEP, instance_id, STREAM)


def list_dr_candidates(primary_id: str | None, disaster_type: str | None) -> Call:
    """List this platform's instances that are compatible with a primary, which may be on another platform (4.18.13)."""
    return LIST_DR_CANDIDATES.call(body={"master_instance_id": primary_id, "disaster_type": disaster_type})


def delete_dr_record(name: str) -> Call:
    """Delete the records with this name on this platform (4.18.14). Error ``DBS.06020105``: there are none."""
    return DELETE_DR_RECORD.call(body={"disaster_name": name})


def _typed(operation: Operation, instance_id: str | None, disaster_type: str | None, **more: Any) -> Call:
    return operation.call({"instance_id": instance_id}, body={"disaster_type": disaster_type or STREAM, **more})
