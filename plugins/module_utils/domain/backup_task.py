# Copyright: Contributors to the gaussdb.tpops project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Backups that a task creates, stops or deletes: what to look for, and the requests."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from ..api import backup as api
from ..api.operation import Call
from ..engine import checks
from ..engine.compare import equal
from ..engine.context import Context
from ..engine.item import Item, Policy, Step
from ..engine.options import Field, Role
from ..http.errors import ApiFailure, InputError, TpopsError
from .backup import (
    EVERY_LIST,
    UNFILTERED,
    list_calls,
    sort_newest_first,
)

# The lists with the backups that this module can create.
CREATABLE = {"full": (UNFILTERED, "snapshot_xbsa"), "differential": ("differential",), "log": ("log_xbsa",)}
MANUAL = ("manual", "manual_database_table")
GONE = "DBS.200751"

TEXT = "up to 256 characters except >!<\"&'="


def same_description(desired: Any, current: Any) -> bool:
    """The list of differential backups does not include descriptions."""
    return current is None or equal(desired, current)


FIELDS = (
    Field(
        "name",
        validate_new=checks.pattern(
            r"[A-Za-z][A-Za-z0-9_-]{3,63}", "4 to 64 letters, digits, hyphens and underscores, starting with a letter"
        ),
    ),
    Field("backup_id", reads="id"),
    Field(
        "description",
        role=Role.CREATE_ONLY,
        equal=same_description,
        validate=checks.pattern(r"""[^>!<"&'=]{0,256}""", TEXT),
    ),
    Field("type", choices=tuple(api.NEW_TYPES), role=Role.WRITE_ONLY),
    Field("depends_on", identifier=True, type="list", elements="str", role=Role.WRITE_ONLY),
)


def build_desired(ctx: Context) -> list[dict[str, Any]]:
    params = ctx.params
    named = next((name for name in ("name", "backup_id", "backup_ids") if params[name] is not None), None)
    if params["state"] == "stopped":
        if named:
            raise InputError(named, "cannot be used with state=stopped, which stops any backup that is being created")
        return []
    if params["backup_ids"] is None:
        return [{each.name: params[each.name] for each in FIELDS}]
    if params["state"] != "absent":
        raise InputError("backup_ids", "only allowed with state=absent")
    return [{"backup_id": backup_id} for backup_id in dict.fromkeys(params["backup_ids"])]


def check(ctx: Context, item: Item) -> None:
    log = ctx.params["type"] == "log"
    if ctx.params["depends_on"] and not log:
        raise InputError("depends_on", "only allowed with type=log")
    if log and ctx.params["medium"] == "nas":
        raise InputError("medium", "log backups exist on XBSA media only")


def read(ctx: Context) -> list[Call]:
    params = ctx.params
    if ctx.parent.id is None or params["state"] == "stopped":
        return []
    creatable = CREATABLE[params["type"] or "full"]
    words: Sequence[str] = creatable if params["state"] == "present" else EVERY_LIST
    if params["type"]:
        words = [word for word in words if word in (*creatable, f"offsite_{creatable[-1]}")]
    return list_calls_on_medium(ctx, words)


def list_calls_on_medium(ctx: Context, words: Iterable[str]) -> list[Call]:
    medium = ctx.params["medium"]
    searched = [
        word for word in words if medium is None or word == "differential" or ("xbsa" in word) == (medium == "xbsa")
    ]
    return list_calls(ctx.parent.id, searched, if_known=medium is None)


def choose(ctx: Context, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Of several backups of one name, take the newest that has not failed; skip failed ones that cannot be deleted."""
    if ctx.params["state"] != "present" or ctx.params["backup_id"]:
        return found
    usable = [backup for backup in sort_newest_first(found) if backup["status"] != "FAILED"]
    failed = [
        backup
        for backup in sort_newest_first(found)
        if backup["status"] == "FAILED" and "xbsa" not in str(backup["type"]).lower()
    ]
    chosen: dict[str, dict[str, Any]] = {}
    for backup in usable + failed:
        chosen.setdefault(backup["name"], backup)
    return list(chosen.values())


def look_closer(ctx: Context, item: Item) -> None:
    if (
        item.current is not None
        and not item.present
        and not ctx.params["force"]
        and item.current["type"] not in (*MANUAL, "differential")
    ):
        raise InputError(
            "force", f"backup {item.label} is of type {item.current['type']}, which is only deleted with force=true"
        )


def is_plain(ctx: Context, item: Item) -> bool:
    """Whether it is deleted as a manual backup. The list of differential ones does not show how they were created."""
    return item.existing["type"] in MANUAL or (item.existing["type"] == "differential" and not ctx.params["force"])


def refused(data: Any, items: Sequence[Item]) -> dict[str, TpopsError]:
    labels = {item.existing["id"]: item.label for item in items}
    problems = api.undeleted_of(data)
    return {
        labels[backup_id]: ApiFailure(f"backup {backup_id}: {text}", code=code, operation="delete_backup_data")
        for backup_id, (code, text) in problems.items()
        if code != GONE and backup_id in labels
    }


def create_backup(ctx: Context, item: Item) -> Call:
    desired = item.desired
    return api.create_backup(
        ctx.parent.id, desired["name"], desired.get("type"), desired.get("description"), desired.get("depends_on")
    )


def stop(ctx: Context, items: Sequence[Item]) -> list[Step]:
    if ctx.params["state"] != "stopped" or ctx.parent.id is None:
        return []
    calls = list_calls_on_medium(ctx, (UNFILTERED, "snapshot_xbsa", "differential", "log_xbsa"))
    # A backup in an unknown status may still be in progress.
    over = ("COMPLETED", "FAILED", "STOPPED", "DELETING")
    running = [str(backup["name"]) for backup in ctx.items(calls) if backup["status"] not in over]
    summary = f"Stop backup {', '.join(running)} of instance {ctx.parent.label}"
    # The platform does not show that a stop is in progress.
    return [Step(api.stop_backup(ctx.parent.id), summary, policy=Policy(repeatable=False))] if running else []


def build_result(ctx: Context, items: Sequence[Item]) -> dict[str, Any]:
    """A task for one backup also returns it under the singular key."""
    if ctx.params["state"] != "present" or (items[0].current is None and items[0].failed):
        return {}
    return {"backup": items[0].current or {key: items[0].desired.get(key) for key in ("name", "description")}}
