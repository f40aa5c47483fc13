# SPDX-License-Identifier: GPL-3.0-or-later
"""SQL throttling tasks: the rules for creating one, and its life cycle."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .entities import Instance
from .errors import ApiError
from .site import Site
from .times import from_iso
from .workload import holds_data, node_of

CREATING, WAITING, RUNNING, OVER = "CREATING", "WAIT_EXCUTE", "EXCUTING", "TIME_OVER"
NODE_DOWN = "NODE_SHUT_DOWN"
SQL_ID, SQL_TYPE, ACTIVE_SESSIONS = "SQL_ID", "SQL_TYPE", "SESSION_ACTIVE_MAX_COUNT"
SCOPES = {"SQL": (SQL_ID, SQL_TYPE), "SESSION": (ACTIVE_SESSIONS,)}
KINDS = ("select", "update", "insert", "delete", "merge")
CPU_OR_MEMORY = "CPU_OR_MEMORY"
# How long the platform takes to activate a rule in the kernel.
CREATE_SECONDS = 5.0
# The start may be this far in the past.
GRACE = 120.0


@dataclass
class Throttle:
    """One task. `settings` are the arguments of its creation; times are epoch seconds."""

    id: str
    instance_id: str
    rule: str
    settings: dict[str, Any]
    creator: str | None
    created: float
    begin: float | None
    end: float | None

    @property
    def name(self) -> str:
        return str(self.settings["task_name"])

    def status(self, now: float) -> str:
        if self.end is not None and now >= self.end:
            return OVER
        if now < self.created + CREATE_SECONDS:
            return CREATING
        return WAITING if self.begin is not None and now < self.begin else RUNNING

    def updated(self, now: float) -> float:
        """When the status last changed."""
        changes = [self.created, self.created + CREATE_SECONDS, self.begin, self.end]
        return max(moment for moment in changes if moment is not None and moment <= max(now, self.created))


@dataclass
class Throttles:
    """The tasks of a site, and the IDs of those that were deleted."""

    tasks: dict[str, Throttle] = field(default_factory=dict)
    deleted: set[str] = field(default_factory=set)


def throttles(site: Site) -> Throttles:
    """The tasks; those of a deleted instance no longer exist."""
    found = site.extension("sql_throttle", Throttles)
    if any(task.instance_id not in site.instances for task in found.tasks.values()):
        found.tasks = {key: task for key, task in found.tasks.items() if task.instance_id in site.instances}
    return found


def check(site: Site, instance: Instance, body: dict[str, Any]) -> tuple[float | None, float | None]:
    """Checks beyond the contract; returns start and end."""
    kind = body["limit_type"]
    if kind not in SCOPES[body["task_scope"]]:
        raise ApiError("DBS.200001", detail=f"limit_type {kind} does not go with task_scope {body['task_scope']}")
    {SQL_ID: _check_sql_id, SQL_TYPE: _check_sql_type, ACTIVE_SESSIONS: _check_sessions}[kind](instance, body)
    return _check_times(site, body)


def _check_sql_id(instance: Instance, body: dict[str, Any]) -> None:
    for name in ("sql_model", "node_infos"):
        if not body.get(name):
            raise ApiError("DBS.200001", detail=f"{name} is mandatory for {SQL_ID}")
    for entry in body["node_infos"]:
        if not holds_data(node_of(instance, entry["node_id"])):
            raise ApiError("DBS.200001", detail="node_infos.node_id: the node has no CN or DN")
        if entry["sql_id"] != body["limit_type_value"]:
            raise ApiError("DBS.200001", detail="node_infos.sql_id differs from limit_type_value")


def _check_sql_type(instance: Instance, body: dict[str, Any]) -> None:
    if body["limit_type_value"].lower() not in KINDS:
        raise ApiError("DBS.200001", detail=f"limit_type_value is one of {', '.join(KINDS)}")
    for name in ("key_words", "databases"):
        if not body.get(name):
            raise ApiError("DBS.200001", detail=f"{name} is mandatory for {SQL_TYPE}")
    words = body["key_words"].split(",")
    if not 2 <= len(words) <= 100:
        raise ApiError("DBS.200001", detail="key_words are 2 to 100")
    for word in words:
        bare = word.strip(" ")
        if not 2 <= len(bare) <= 64 or bare.lower() == "null" or any(c in '"\\{} ' for c in bare):
            raise ApiError("DBS.200001", detail="key_words: one is too short, too long or has forbidden characters")


def _check_sessions(instance: Instance, body: dict[str, Any]) -> None:
    if body["limit_type_value"] != CPU_OR_MEMORY:
        raise ApiError("DBS.200001", detail=f"limit_type_value is {CPU_OR_MEMORY}")
    for name in ("cpu_utilization", "memory_utilization"):
        if body.get(name) is None:
            raise ApiError("DBS.200001", detail=f"{name} is mandatory for {ACTIVE_SESSIONS}")
    if not body["cpu_utilization"] and not body["memory_utilization"]:
        raise ApiError("DBS.200001", detail="cpu_utilization and memory_utilization are both 0")


def _check_times(site: Site, body: dict[str, Any]) -> tuple[float | None, float | None]:
    begin, end = (from_iso(body[n], n) if body.get(n) else None for n in ("start_time", "end_time"))
    if body["task_scope"] == "SQL" and (begin is None or end is None):
        raise ApiError("DBS.200001", detail="start_time and end_time are mandatory for scope SQL")
    now = site.clock.now()
    if begin is not None and begin < now - GRACE:
        raise ApiError("DBS.200001", detail="start_time lies in the past")
    if end is not None and end <= max(begin or now, now):
        raise ApiError("DBS.200001", detail="end_time must be later than start_time and now")
    return begin, end
