# SPDX-License-Identifier: GPL-3.0-or-later
"""Inspection tasks: when they run, and their results."""

from __future__ import annotations

import calendar
import random
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from . import entities
from .disks import disk_of
from .entities import Instance
from .errors import ApiError
from .inspection_findings import ABNORMAL, FAIL, NORMAL, find_order, fit_values
from .inspection_items import BY_ID, ITEMS, Item
from .request import Request
from .site import Site, Timer
from .times import from_iso
from .topology import DOWN, is_up

WAITING, RUNNING, COMPLETED, FAILED = "waiting", "running", "completed", "failed"
PERIODS = {"single": ("later", "soon"), "periodic": ("fixed", "daily", "weekly", "monthly")}
DAYS = {"daily": range(0, 1), "weekly": range(1, 8), "monthly": range(1, 32)}
DAY = 86400.0
# Duration of a run, and of each item.
RUN_SECONDS, ITEM_SECONDS = 10.0, 5.0
# Records that the platform keeps; otherwise a fast clock with many tasks would fill the memory.
MAX_RECORDS = 2000
POINTS, POINT_SECONDS = 12, 300
_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d):([0-5]\d)")
CREATE_FIELDS = (
    "inspection_name",
    "instance_ids",
    "inspection_scope",
    "inspection_policy",
    "inspection_period",
    "inspection_time",
    "item_ids",
    "task_start_time",
    "inspection_day",
)


@dataclass
class Finding:
    """The result of one item. `values` has one list of numbers for each node (address, name)."""

    item: Item
    status: str
    values: list[tuple[str, str, list[float]]] = field(default_factory=list)


@dataclass
class InspectionRecord:
    """A run on one instance. Times are epoch seconds."""

    id: str
    task_name: str
    instance_id: str
    instance_name: str
    policy: str
    scope: str
    item_ids: tuple[str, ...]
    started: float
    seconds: float
    ended: float | None = None
    status: str = RUNNING
    findings: list[Finding] = field(default_factory=list)

    def progress(self, now: float) -> str:
        if self.ended is not None:
            return "100"
        return str(min(int((now - self.started) / self.seconds * 100), 99))

    def count(self, status: str) -> int:
        return sum(f.status == status for f in self.findings)


@dataclass
class Inspection:
    """A task. `settings` are the arguments of create and modify."""

    id: str
    settings: dict[str, Any]
    created: float
    instance_names: dict[str, str] = field(default_factory=dict)
    status: str = WAITING
    last: float | None = None
    next: float | None = None
    timer: Timer | None = None

    @property
    def name(self) -> str:
        return str(self.settings["inspection_name"])


@dataclass
class Scene:
    id: str
    name: str
    item_ids: list[str]
    is_default: bool = False


@dataclass
class Inspections:
    tasks: dict[str, Inspection] = field(default_factory=dict)
    records: dict[str, InspectionRecord] = field(default_factory=dict)
    scenes: dict[str, Scene] = field(default_factory=dict)


def store(site: Site) -> Inspections:
    def make() -> Inspections:
        health = Scene(site.ids.uuid(), "Health Check", list(BY_ID), is_default=True)
        status = [item.id for item in ITEMS.values() if item.category == "status"]
        quick = Scene(site.ids.uuid(), "Status Check", status, is_default=True)
        return Inspections(scenes={scene.name: scene for scene in (health, quick)})

    return site.extension("inspection", make)


def check_settings(site: Site, settings: dict[str, Any]) -> None:
    """Checks beyond the contract: instances and items exist; policy, period, day and times are consistent."""
    for instance_id in settings["instance_ids"]:
        if instance_id not in site.instances:
            raise ApiError("DBS.200002", instance_id=instance_id)
    check_items(settings["item_ids"])
    policy, period = settings["inspection_policy"], settings["inspection_period"]
    if period not in PERIODS[policy]:
        raise ApiError("DBS.200001", detail=f"inspection_period {period} does not go with {policy}")
    _day(settings)
    _moment(site, settings)
    if start := settings.get("task_start_time"):
        from_iso(start, "task_start_time")


def check_items(item_ids: Iterable[str]) -> None:
    if unknown := [i for i in item_ids if i not in BY_ID]:
        raise ApiError("DBS.200001", detail=f"item_ids: {unknown[0][:64]} does not exist")


def plan(site: Site, task: Inspection) -> None:
    """Set the time of the next run, and the timer for it."""
    if task.timer:
        task.timer.cancel()
        task.timer = None
    task.next = _next(site, task.settings)
    if task.next is not None:
        task.timer = site.schedule(task.next - site.clock.now(), lambda here: _due(here, task))


def run(site: Site, task: Inspection) -> None:
    """Start a run on every instance of the task."""
    now = site.clock.now()
    settings = task.settings
    task.status, task.last = RUNNING, now
    seconds = RUN_SECONDS + ITEM_SECONDS * len(settings["item_ids"])
    begun: list[InspectionRecord] = []
    records = store(site).records
    for instance_id in settings["instance_ids"]:
        record = InspectionRecord(
            id=site.ids.uuid(),
            task_name=task.name,
            instance_id=instance_id,
            instance_name=task.instance_names.get(instance_id, ""),
            policy=settings["inspection_policy"],
            scope=settings["inspection_scope"],
            item_ids=tuple(settings["item_ids"]),
            started=now,
            seconds=seconds,
        )
        records[record.id] = record
        begun.append(record)
    _forget(records)
    site.schedule(seconds, lambda here: _finish(here, task, begun))


def _due(site: Site, task: Inspection) -> None:
    if task.status != RUNNING:
        run(site, task)
    plan(site, task)


def _finish(site: Site, task: Inspection, records: list[InspectionRecord]) -> None:
    for record in records:
        instance = site.instances.get(record.instance_id)
        record.findings = [_inspect(site, record, instance, BY_ID[i]) for i in record.item_ids]
        record.status = COMPLETED if instance else FAILED
        record.ended = site.clock.now()
    task.status = COMPLETED if all(r.status == COMPLETED for r in records) else FAILED


def _forget(records: dict[str, InspectionRecord]) -> None:
    old = [r.id for r in records.values() if r.ended is not None]
    for record_id in old[: max(0, len(records) - MAX_RECORDS)]:
        del records[record_id]


def _inspect(site: Site, record: InspectionRecord, instance: Instance | None, item: Item) -> Finding:
    order = find_order(site, instance, item) if instance else None
    if instance is None or order == FAIL or (item.needs_database and instance.status == entities.SHUTDOWN):
        return Finding(item, FAIL)
    finding = Finding(item, NORMAL)
    for node in instance.nodes:
        if item.key == "node_status":
            values = [float(not is_up(node))]
        elif item.key == "component_status":
            values = [float(sum(c.status == DOWN for c in node.components))]
        elif item.key == "disk_usage" and (disk := disk_of(instance, node)):
            values = [disk.percent]
        else:
            dice = random.Random(f"{site.seed}:{record.id}:{item.key}:{node.id}")
            values = [round(dice.uniform(*item.usual), 2) for _unused in range(POINTS)]
        finding.values.append((node.manage_ip, node.name, fit_values(item, order, values) if order else values))
    if order:
        finding.status = order
    elif not all(item.passes(v) for _ip, _name, values in finding.values for v in values):
        finding.status = ABNORMAL
    return finding


def _next(site: Site, settings: dict[str, Any]) -> float | None:
    """The next time from the settings, or None."""
    now = site.clock.now()
    start = settings.get("task_start_time")
    after = max(now, from_iso(start, "task_start_time")) if start else now
    period = settings["inspection_period"]
    moment = _moment(site, settings)
    if period == "soon":
        return None
    if period == "later":
        if not settings.get("inspection_time"):
            return None if not start or after <= now else after
        if not isinstance(moment, timedelta):
            return moment if moment > now else None
        return _daily(after, moment)
    if period == "fixed":
        return after + (moment.total_seconds() if isinstance(moment, timedelta) and moment else DAY)
    clock = moment if isinstance(moment, timedelta) else timedelta(seconds=moment % DAY)
    if period == "daily":
        return _daily(after, clock)
    day = _day(settings)
    fits = _is_weekday if period == "weekly" else _is_day_of_month
    candidate = _daily(after, clock)
    while not fits(candidate, day):
        candidate += DAY
    return candidate


def _daily(after: float, clock: timedelta) -> float:
    midnight = after - after % DAY
    candidate = midnight + clock.total_seconds()
    return candidate if candidate > after else candidate + DAY


def _is_weekday(moment: float, day: int) -> bool:
    return datetime.fromtimestamp(moment, UTC).isoweekday() == day


def _is_day_of_month(moment: float, day: int) -> bool:
    """In a shorter month, its last day replaces the missing one."""
    date = datetime.fromtimestamp(moment, UTC)
    return date.day == min(day, calendar.monthrange(date.year, date.month)[1])


def _moment(site: Site, settings: dict[str, Any]) -> float | timedelta:
    """`inspection_time`: a time of day (UTC), or a full time; midnight if it is not given."""
    text = settings.get("inspection_time")
    if not text:
        return timedelta()
    if match := _CLOCK.fullmatch(text):
        hours, minutes, seconds = map(int, match.groups())
        return timedelta(hours=hours, minutes=minutes, seconds=seconds)
    return from_iso(text, "inspection_time")


def _day(settings: dict[str, Any]) -> int:
    """`inspection_day`, checked; a weekly or monthly task without one runs on the first day."""
    period, text = settings["inspection_period"], settings.get("inspection_day")
    allowed = DAYS.get(period)
    if allowed is None:
        return 0
    if text in (None, ""):
        return allowed[0]
    if not re.fullmatch(r"\d{1,2}", text) or int(text) not in allowed:
        raise ApiError("DBS.200001", detail=f"inspection_day of a {period} task is {allowed[0]} to {allowed[-1]}")
    return int(text)


def item_ids_of(keys: Iterable[str]) -> list[str]:
    """IDs of items by their keys, as in an estate file."""
    keys = list(keys)
    if unknown := [str(key) for key in keys if key not in ITEMS]:
        raise ValueError(f"unknown item {', '.join(unknown)}")
    return [ITEMS[key].id for key in keys]


def in_language(request: Request, texts: tuple[str, str]) -> str:
    return texts[request.language == "zh-cn"]


def in_order(items: list[Any], key: Callable[[Any], Any], order: str) -> list[Any]:
    """Sorted; entries without the value come last in either order."""
    present = [item for item in items if key(item) is not None]
    missing = [item for item in items if key(item) is None]
    return sorted(present, key=key, reverse=order == "desc") + missing


def load_inspections(site: Site, data: list[dict[str, Any]]) -> None:
    """`inspections: [{...}]`: as create_inspection takes it, with names of `instances` and keys of `items`."""
    ids = {instance.name: instance.id for instance in site.instances.values()}
    for entry in data:
        settings = dict(entry)
        settings["instance_ids"] = [ids[name] for name in settings.pop("instances")]
        settings["item_ids"] = item_ids_of(settings.pop("items", list(ITEMS)))
        if unknown := set(settings) - set(CREATE_FIELDS):
            raise ValueError(f"an inspection has no {', '.join(sorted(unknown))}")
        settings.setdefault("inspection_scope", "real_time")
        try:
            check_task_name(site, settings["inspection_name"])
            create_task(site, settings)
        except ApiError as error:
            raise ValueError(str(error)) from error


def dump_inspections(site: Site) -> list[dict[str, Any]]:
    dumped = []
    for task in store(site).tasks.values():
        entry = {key: value for key, value in task.settings.items() if key not in ("instance_ids", "item_ids")}
        entry["instances"] = [site.instances[i].name for i in task.settings["instance_ids"] if i in site.instances]
        entry["items"] = [BY_ID[i].key for i in task.settings["item_ids"]]
        if entry["instances"]:
            dumped.append(entry)
    return dumped


def create_task(site: Site, body: dict[str, Any]) -> None:
    settings = {key: body[key] for key in CREATE_FIELDS if key in body}
    check_settings(site, settings)
    task = Inspection(site.ids.uuid(), settings, site.clock.now())
    task.instance_names = {i: site.instances[i].name for i in settings["instance_ids"]}
    store(site).tasks[task.id] = task
    plan(site, task)
    if settings["inspection_period"] == "soon":
        run(site, task)


def check_task_name(site: Site, name: str) -> None:
    if any(task.name == name for task in store(site).tasks.values()):
        raise ApiError("DBS.200001", detail=f"inspection_name {name} exists already")


def load_inspection_scenes(site: Site, data: list[dict[str, Any]]) -> None:
    """`inspection_scenes: [{name: before-upgrade, items: [cpu_usage]}]`."""
    for entry in data:
        if unknown := set(entry) - {"name", "items"}:
            raise ValueError(f"a scene has no {', '.join(sorted(unknown))}")
        try:
            create_scene(site, str(entry["name"]), item_ids_of(entry["items"]))
        except ApiError as error:
            raise ValueError(str(error)) from error


def dump_inspection_scenes(site: Site) -> list[dict[str, Any]]:
    return [
        {"name": scene.name, "items": [BY_ID[i].key for i in scene.item_ids]}
        for scene in store(site).scenes.values()
        if not scene.is_default
    ]


def create_scene(site: Site, name: str, item_ids: list[str]) -> None:
    scenes = store(site).scenes
    if name in scenes:
        raise ApiError("DBS.200001", detail=f"name {name} exists already")
    check_items(item_ids)
    scenes[name] = Scene(site.ids.uuid(), name, list(dict.fromkeys(item_ids)))
