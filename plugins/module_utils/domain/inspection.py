# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Shared code of the inspection modules: checks by name, settings, and the age of the last results."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..api import inspection as api
from ..api.shape import Attr, Shape
from ..engine.checks import pattern
from ..engine.context import Context
from ..engine.item import Item
from ..http.errors import InputError, JobFailed
from ..util import times
from .lookup import NameLookup, read_instance_names

title = pattern(
    r"[A-Za-z][A-Za-z0-9_-]{3,63}", "4 to 64 letters, digits, hyphens and underscores, and begin with a letter"
)

# See :func:`with_checks` and :func:`list_checks`.
_CHECKS = Attr("checks", kind="list", doc="Names of the checks.")
CHECK = api.CHECK.plus(
    Attr("category", doc="Category of the check, in the language of O(language)."),
    sample={
        "id": "8c2f6b1d-3a54-4e97-b0c8-1d2e3f4a5b6c",
        "name": "CPU usage",
        "category": "System resources",
        "description": "Checks the CPU usage of each node.",
    },
)
SCENE = api.SCENE.plus(
    _CHECKS,
    sample={
        "id": "6b1f1c52-9e48-4b60-8f21-5a6b7c8d9e01",
        "name": "before-upgrade",
        "is_default": False,
        "checks": ["CPU usage"],
        "check_ids": ["8c2f6b1d-3a54-4e97-b0c8-1d2e3f4a5b6c"],
    },
)


def build_inspection_shape(returned: str = "") -> Shape:
    """Return the shape of an inspection with its settings (:func:`settings_of`), which may only be returned on a
    condition."""
    return api.INSPECTION.plus(
        *(replace(attr, returned=returned) for attr in (*api.SETTINGS.attrs, _CHECKS)),
        sample={
            "id": "3d7a1c52-9e48-4b60-8f21-5a6b7c8d9e01",
            "name": "nightly-health",
            "policy": "periodic",
            "scope": "daily",
            "period": "daily",
            "time": "01:30:00",
            "day": 0,
            "instances": ["orders-prod"],
            "instance_ids": ["5f2d8c1b7a9e4d3fb6c0e1a2d3f4b5c6in14"],
            "checks": ["CPU usage"],
            "check_ids": ["8c2f6b1d-3a54-4e97-b0c8-1d2e3f4a5b6c"],
            "status": "completed",
            "last_run": "2026-01-12 01:30:00 UTC",
            "next_run": "2026-01-13 01:30:00 UTC",
            "created_at": "2026-01-01 08:00:00 UTC",
        },
    )


_DAYS = {"daily": (0, 0), "weekly": (1, 7), "monthly": (1, 31)}


def list_checks(ctx: Context) -> list[dict[str, Any]]:
    """Return all checks with ``id``, ``name``, ``description`` and ``category``, read once per task."""
    categories = ctx.cached("checks", lambda: ctx.items(api.list_inspection_items()))
    return [{**check, "category": category["name"]} for category in categories for check in category["checks"]]


def check_directory(ctx: Context) -> NameLookup:
    return NameLookup(ctx, "check", list_checks(ctx))


def labels_of(directory: NameLookup, values: Any, option: str) -> list[str]:
    """Return the names to show, each once, after checking that the objects exist."""
    directory.identities(values, option)
    return list(dict.fromkeys(directory.label(value) for value in values))


def with_checks(ctx: Context, entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return an inspection or a scene with the names of its checks."""
    directory = check_directory(ctx)
    return {**entry, "checks": [directory.label(each) for each in entry["check_ids"]]}


def settings_of(ctx: Context, entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return an inspection with its settings, which only the query of a single inspection returns."""
    return with_checks(ctx, {**entry, **(ctx.item(api.get_inspection(entry["id"])) or api.SETTINGS.read({}))})


def describe_scene(ctx: Context, scene: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return a scene with the names of its checks. Nobody can change a built-in one."""
    return [] if scene["is_default"] else [{**scene, "checks": sorted(with_checks(ctx, scene)["checks"])}]


def describe_inspection(ctx: Context, inspection: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return an inspection as tasks give its settings: names in place of IDs, and times in one format."""
    entry = settings_of(ctx, inspection)
    instances = read_instance_names(ctx)
    shown = {name: entry[name] for name in ("time", "start_time") if entry[name]}
    times_of_run = {name: value if check_time(value) else normalize_time(value) for name, value in shown.items()}
    if entry["period"] in _DAYS and times.epoch_ms(entry["time"]) is not None:
        # The platform may have turned a time of day into a moment.
        times_of_run["time"] = times_of_run["time"][11:19]
    described = {
        "instances": sorted(map(instances.label, entry["instance_ids"])) or sorted(entry["instances"]),
        "checks": sorted(entry["checks"]),
        # The checks say more: a scene may change.
        "scene": None,
        "day": entry["day"] if _DAYS.get(entry["period"], (0, 0))[0] else None,
    }
    return [{**entry, **times_of_run, **described}]


def check_time(value: Any) -> str | None:
    """Check a time of day or a date with time."""
    if times.time_of_day(value) or times.epoch_ms(value) is not None:
        return None
    return f"{value!r} is not allowed; use a time of day such as 01:30:00, or {times.MOMENT_WORDS}"


def normalize_time(value: Any) -> str:
    """Return a valid time of day or moment in the platform's format."""
    return times.time_of_day(value) or times.iso(times.epoch_ms(value) or 0)


def same_time(desired: Any, current: Any) -> bool:
    """Return whether two times of day or moments are the same. If the platform turned a time of day into a moment, the
    time of day counts."""
    if times.time_of_day(desired):
        return times.time_of_day(desired) in (times.time_of_day(current), str(current)[11:19])
    return times.epoch_ms(desired) == times.epoch_ms(current)


def build_settings(ctx: Context, item: Item) -> dict[str, Any]:
    """Return all settings that an inspection should have: the desired ones, otherwise the current ones."""
    desired, current = item.desired, item.current or {}
    period = item.value("period")
    moved = period != current.get("period")
    times_of_run = {
        name: desired.get(name) if period == "soon" and moved else item.value(name) for name in ("time", "start_time")
    }
    return {
        "name": item.value("name"),
        "period": period,
        "scope": desired.get("scope")
        or (current.get("scope") if not moved else None)
        or (period if period in api.SCOPES else "real_time"),
        "day": day_of(item),
        **times_of_run,
        "instance_ids": _ids(item, "instances", read_instance_names(ctx), current.get("instance_ids")),
        "check_ids": _ids(item, "checks", check_directory(ctx), current.get("check_ids")),
    }


def _ids(item: Item, option: str, directory: NameLookup, present: Any) -> list[str | None]:
    """The platform may omit the IDs that it has (4.10.5)."""
    return directory.identities(item.value(option), option) if option in item.desired or not present else present


def day_of(item: Item) -> int | None:
    """Return the day of a periodic inspection. Raises :class:`InputError` if the desired day does not fit or is
    missing."""
    current, period = item.current or {}, str(item.value("period"))
    day = item.desired.get("day")
    if period not in _DAYS:
        if day is not None:
            raise InputError("day", f"an inspection with period={period} has no day")
        return None
    least, most = _DAYS[period]
    if day is None:
        day = 0 if period == "daily" else current.get("day") if current.get("period") == period else None
    if not isinstance(day, int) or not least <= day <= most:
        allowed = f"{least} to {most}" if most else "0"
        given = "required" if day is None else f"{day} is out of range"
        raise InputError("day", f"{given} with period={period}; allowed are {allowed}")
    return day


def read_last_records(ctx: Context, current: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the records of the last run of an inspection."""
    begun = times.epoch_ms(current["last_run"]) if current.get("last_run") else None
    if begun is None:
        return []
    # Readable times have whole seconds.
    records = ctx.items(api.list_inspection_records(current["name"], start_ms=begun - 1000))
    return [record for record in records if record["inspection"] == current["name"]]


def is_fresh(ctx: Context, current: Mapping[str, Any], began_ms: int, age_ms: int) -> bool:
    """Return whether the last results were recent enough when the task started. Those of a run that may still be in
    progress are."""
    if current["status"] is not None and current["status"] not in api.SETTLED:
        return True
    if current["status"] == api.FAILED or not current.get("last_run"):
        return False
    ends = [record["end_time"] for record in read_last_records(ctx, current) if record["end_time"]] or [
        current["last_run"]
    ]
    newest = max(times.epoch_ms(end) or 0 for end in ends)
    return newest + 1000 > began_ms - age_ms


def read_results(ctx: Context, item: Item) -> dict[str, Any]:
    """Return a summary of the last results if recent ones are requested. The task fails if there are none because the
    run failed."""
    if not item.present or ctx.params["max_age"] is None or ctx.check_mode or not item.current:
        return {}
    records = read_last_records(ctx, item.current)
    if item.current["status"] == api.FAILED:
        names = ", ".join(str(record["instance_name"]) for record in records if record["status"] == api.FAILED)
        raise JobFailed(f"Inspection {item.label} failed" + (f" on {names}" if names else ""))
    return {"records": records}
