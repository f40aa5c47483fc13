# SPDX-License-Identifier: GPL-3.0-or-later
"""Backups of an instance (4.2): their content, the automatic ones, and the moments that can be restored.

Automatic backups are created on demand when they are read: with thousands of instances, a differential backup every
half hour would keep the clock busy. The result is the same, since they depend only on the policy and the time.
"""

from __future__ import annotations

import copy
import hashlib
import math
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from . import entities
from .entities import Backup, Instance
from .jobs import Job
from .site import Site
from .topology import CENTRALIZED, find_grey, members, solution_of, zones

BUILDING, COMPLETED, FAILED = "BUILDING", "COMPLETED", "FAILED"
AUTO, MANUAL, DIFFERENTIAL = "auto", "manual", "differential"
NAS, XBSA = "NAS", "XBSA"
FULL_SECONDS, DIFFERENTIAL_SECONDS = 300, 60
# A new instance gets its first automatic full backup this long after its creation began.
FIRST_BACKUP_AFTER = 600
DAY = 86400
DEFAULT_POLICY = {
    "keep_days": 7,
    "start_time": "17:00-18:00",
    "period": "1,2,3,4,5,6,7",
    "differential_period": "30",
    "file_split_size": 4,
}
# Settings that the policy (4.2.1) and the extended configuration (4.2.4) have in common.
SHARED_SETTINGS = {"rate_limit": 75, "prefetch_block": 64, "enable_standby_backup": False}
_NOT_THERE_YET = (entities.BUILD, entities.BUILD_FAILED)
_NOT_RUNNING = (entities.SHUTDOWN, "FAILED", "FROZEN")


@dataclass
class Series:
    """Automatic backups of one kind, oldest first. Those up to `seen` exist, the next one is due at `idle_until`."""

    seen: float
    idle_until: float = 0.0
    ids: deque[str] = field(default_factory=deque)


@dataclass
class BackupState:
    """The state of the backup chapter for one instance. Times are epoch seconds."""

    series: dict[str, Series]
    medium: str = NAS
    # Spans without logs, and since when no logs are archived because a restore has not been confirmed.
    gaps: list[tuple[float, float]] = field(default_factory=list)
    restored_to: float | None = None
    archive_stopped: float | None = None
    # Moments from which on the logs are of no use until the next full backup is complete.
    breaks: list[float] = field(default_factory=list)
    certificates: bool = False


def state_of(instance: Instance) -> BackupState:
    state = instance.data.get("backup")
    if state is None:
        state = instance.data["backup"] = BackupState({kind: Series(instance.created) for kind in (AUTO, DIFFERENTIAL)})
    return state


def on_xbsa(instance: Instance) -> bool:
    return state_of(instance).medium == XBSA


def policy_of(instance: Instance) -> dict[str, Any]:
    """The whole automatic policy with its defaults."""
    own = {k: v for k, v in instance.backup_policy.items() if k in DEFAULT_POLICY or k in SHARED_SETTINGS}
    shared = {k: instance.backup_config[k] for k in SHARED_SETTINGS if k in instance.backup_config}
    policy = {**DEFAULT_POLICY, **SHARED_SETTINGS, **own, **shared}
    return {**policy, "keep_days": int(policy["keep_days"]), "differential_period": str(policy["differential_period"])}


# -- content of a backup ----------------------------------------------------------------------------------------------


def picture(site: Site, instance: Instance) -> dict[str, Any]:
    """The shape of the instance, which a restore target must match."""
    shape = solution_of(instance)
    return {
        "solution": instance.solution,
        "version": instance.version,
        "mode": "Ha" if shape.mode == CENTRALIZED else "Combined",
        "nodes": len(instance.nodes) or shape.hosts,
        "coordinators": sum(1 for _unused in members(instance, "CN")),
        "shards": shape.shards,
        "replicas": shape.replicas,
        "volume_type": volume(site, instance)[0],
        "volume_gb": volume(site, instance)[1],
    }


def volume(site: Site, instance: Instance) -> tuple[str, int]:
    """Kind and size in GB of the data disk, taken from the first host."""
    host = next((site.hosts[n.host_id] for n in instance.nodes if n.host_id in site.hosts), None)
    if host is None:
        return "LOCALSSD", 500
    return host.storage_type.upper(), int(host.data_disk_size) if host.data_disk_size.isdecimal() else 500


def contents_of(instance: Instance) -> dict[str, dict[str, Any]]:
    """A copy of everything in the databases, apart from the instance."""
    return copy.deepcopy({"databases": instance.databases, "users": instance.users, "roles": instance.roles})


def contents_at(site: Site, instance: Instance, moment: float) -> dict[str, dict[str, Any]]:
    """The content of the instance at a moment: the last backup with contents before it, and what was created since."""
    held = [b for b in backups_of(site, instance.id) if b.databases and b.status == COMPLETED and b.begin <= moment]
    base = max(held, key=lambda b: b.begin, default=None)
    then: dict[str, dict[str, Any]] = {"databases": {}, "users": {}, "roles": {}}
    since = -math.inf
    if base is not None:
        then = copy.deepcopy({"databases": base.databases, "users": base.users, "roles": base.data.get("roles", {})})
        since = base.begin
    for kind, now in contents_of(instance).items():
        for name, thing in now.items():
            if since < thing.data.get("created", instance.created) <= moment:
                then[kind].setdefault(name, thing)
    return then


def file_name(site: Site, backup: Backup) -> str:
    return "" if backup.type not in (AUTO, MANUAL) else f"{medium_path(site, backup.instance_id)}/Data/{backup.id}"


def medium_path(site: Site, instance_id: str) -> str:
    """Folder of an instance on the NAS; one part identifies the site."""
    return f"{hashlib.sha256(f'{site.name}:{site.seed}'.encode()).hexdigest()[:32]}_{instance_id}"


# -- find, create, end ------------------------------------------------------------------------------------------------


def backups_of(site: Site, instance_id: str) -> list[Backup]:
    return [b for b in site.backups.values() if b.instance_id == instance_id]


def is_full(backup: Backup) -> bool:
    return backup.type in (AUTO, MANUAL)


def new_backup(
    site: Site, instance: Instance, name: str, kind: str, *, shape: dict[str, Any] | None = None, **more: Any
) -> Backup:
    """Add a backup in progress. `shape` is the shape of the instance, for callers that add many at a time."""
    backup = Backup(
        id=site.ids.suffixed("br14"),
        instance_id=instance.id,
        name=name,
        type=kind,
        begin=more.pop("begin", site.clock.now()),
        **more,
    )
    backup.data.update(shape or picture(site, instance))
    site.backups[backup.id] = backup
    return backup


def end_backup(site: Site, backup: Backup, status: str, moment: float | None = None) -> None:
    """End a backup in progress; one that has ended is not changed."""
    if backup.status != BUILDING:
        return
    backup.status = status
    backup.end = site.clock.now() if moment is None else moment
    backup.size_mb = backup.data.get("expected_mb", 0.0) if status == COMPLETED else 0.0


def expected_mb(instance: Instance, kind: str) -> float:
    """Differential backups are small; a full one has the databases and the engine's own files."""
    if kind == DIFFERENTIAL:
        return 16.0
    return 1024.0 + sum(database.size_mb for database in instance.databases.values())


# -- automatic backups ------------------------------------------------------------------------------------------------


def forget_schedule(site: Site, instance: Instance) -> None:
    """To be called before a change of the policy: what was due under the old one exists from now on."""
    catch_up(site, instance, differentials=True)
    for series in state_of(instance).series.values():
        series.idle_until = 0.0


def catch_up(site: Site, instance: Instance, *, differentials: bool = False) -> None:
    """Create the automatic full backups that are due since the last call, on demand also the differential ones.

    The latter are so many that they are created only when the backups of one instance are read.
    """
    state, now = state_of(instance), site.clock.now()
    if instance.status in _NOT_THERE_YET:
        return
    kinds = (AUTO, DIFFERENTIAL) if differentials else (AUTO,)
    wanted = [kind for kind in kinds if state.series[kind].idle_until <= now]
    if instance.status in _NOT_RUNNING or state.medium == XBSA or is_between_versions(instance):
        for series in state.series.values():
            series.seen = now
        return
    policy = policy_of(instance) if wanted else {}
    for kind in wanted:
        series = state.series[kind]
        oldest = now - policy["keep_days"] * DAY
        shape = picture(site, instance)
        for moment in _due(instance, kind, policy, max(series.seen, oldest), first=not series.ids):
            if moment > now:
                series.idle_until = moment
                break
            _make_automatic(site, instance, series, moment, kind, shape)
        series.seen = now
        _expire(site, series, kind, oldest)


def is_between_versions(instance: Instance) -> bool:
    """Whether an upgrade is being done, or only some zones have the new version: such an instance is not backed up."""
    grey = find_grey(instance)
    return instance.status == entities.UPGRADING or (grey is not None and set(grey.zones) != set(zones(instance)))


def break_log(site: Site, instance: Instance) -> None:
    """Archiving is off from now on: what is written until the next full backup is complete cannot be restored."""
    state_of(instance).breaks.append(site.clock.now())


def start_automatic(site: Site, instance: Instance) -> None:
    """Start a full backup, in addition to those of the policy."""
    series = state_of(instance).series[AUTO]
    if not on_xbsa(instance):
        _make_automatic(site, instance, series, site.clock.now(), AUTO, picture(site, instance))


def _due(instance: Instance, kind: str, policy: dict[str, Any], since: float, *, first: bool) -> Iterator[float]:
    """The moments after `since` at which backups of the kind start, in order of time and without end."""
    start = instance.created + FIRST_BACKUP_AFTER
    if kind == DIFFERENTIAL:
        yield from _differential_moments(policy, max(since, start + FULL_SECONDS))
        return
    if first:
        since = max(since, start)
        yield since
    yield from _full_moments(instance, policy, since)


def _full_moments(instance: Instance, policy: dict[str, Any], since: float) -> Iterator[float]:
    days = set(range(1, 8)) & {int(day) for day in policy["period"].split(",")}
    # Instances start at different minutes of the hour, so that the medium is not overloaded.
    offset = int(policy["start_time"][:2]) * 3600 + int(hashlib.sha256(instance.id.encode()).hexdigest()[:4], 16) % 1800
    day = since // DAY * DAY
    while days:
        if day + offset > since and datetime.fromtimestamp(day, UTC).isoweekday() in days:
            yield day + offset
        day += DAY


def _differential_moments(policy: dict[str, Any], since: float) -> Iterator[float]:
    step = int(policy["differential_period"]) * 60
    moment = since // step * step + step
    while True:
        yield moment
        moment += step


def _make_automatic(
    site: Site, instance: Instance, series: Series, moment: float, kind: str, shape: dict[str, Any]
) -> None:
    word, seconds = ("full", FULL_SECONDS) if kind == AUTO else (DIFFERENTIAL, DIFFERENTIAL_SECONDS)
    stamp = datetime.fromtimestamp(moment, UTC).strftime("%Y%m%d%H%M%S")
    backup = new_backup(site, instance, f"auto-{word}-{stamp}", kind, begin=moment, shape=shape)
    backup.data.update(automatic=True, expected_mb=expected_mb(instance, kind))
    series.ids.append(backup.id)
    end = moment + seconds
    if end <= site.clock.now():
        end_backup(site, backup, COMPLETED, end)
    else:
        site.schedule(end - site.clock.now(), lambda site: end_backup(site, backup, COMPLETED))


def _expire(site: Site, series: Series, kind: str, oldest: float) -> None:
    """Drop automatic backups past their days, but keep the last full one that can be restored."""
    whole = (i for i in reversed(series.ids) if i in site.backups and site.backups[i].status == COMPLETED)
    kept = next(whole, None) if kind == AUTO else None
    while series.ids:
        backup = site.backups.get(series.ids[0])
        if backup is not None and (backup.begin >= oldest or backup.id == kept or backup.status == BUILDING):
            return
        if backup is not None:
            del site.backups[backup.id]
        series.ids.popleft()


# -- moments that can be restored -------------------------------------------------------------------------------------


def restorable_spans(site: Site, instance: Instance) -> list[tuple[float, float]]:
    """Spans of time to which a full backup and the archived logs can restore the instance."""
    full = [b for b in backups_of(site, instance.id) if is_full(b) and b.status == COMPLETED]
    ends = [b.end for b in full if b.end is not None]
    if not ends or on_xbsa(instance):
        return []
    state = state_of(instance)
    gaps = [*state.gaps, *((moment, _end_of_break(full, moment)) for moment in state.breaks)]
    if state.archive_stopped is not None:
        gaps.append((state.archive_stopped, math.inf))
    spans = [(min(ends), site.clock.now())]
    for begin, end in gaps:
        spans = [part for span in spans for part in ((span[0], min(span[1], begin)), (max(span[0], end), span[1]))]
        spans = [(a, b) for a, b in spans if a < b]
    return spans


def _end_of_break(full: list[Backup], moment: float) -> float:
    return min((b.end for b in full if b.begin >= moment and b.end is not None), default=math.inf)


def archives_log(site: Site, instance: Instance) -> bool:
    """Whether logs are archived now."""
    state = state_of(instance)
    full = [b for b in backups_of(site, instance.id) if is_full(b) and b.status == COMPLETED]
    return state.archive_stopped is None and all(_end_of_break(full, m) < math.inf for m in state.breaks)


def find_damage(backups: list[Backup], moment: float) -> str | None:
    """What is wrong with the full backup that a restore of a moment begins with: `job`, `content` or None."""
    full = [b for b in backups if is_full(b) and b.status == COMPLETED and b.begin <= moment]
    damage: str | None = max(full, key=lambda b: b.begin).data.get("corrupt") if full else None
    return damage


def damage_job(site: Site, job: Job) -> None:
    """Let a restore fail while it reads a damaged backup."""
    site.schedule(job.seconds / 2, lambda here: here.fail_job(job.id, "The backup is damaged."))


def is_restorable(site: Site, instance: Instance, moment: float) -> bool:
    """Whether the instance can be restored to a moment.

    The logs of one that backs up to an XBSA medium are kept elsewhere (4.2.7): any moment after a backup counts.
    """
    if on_xbsa(instance):
        return moment <= site.clock.now() and covered(backups_of(site, instance.id), moment)
    return any(a <= moment <= b for a, b in restorable_spans(site, instance))


def covered(backups: list[Backup], moment: float) -> bool:
    """Whether one of the backups was complete by then."""
    return any(b.status == COMPLETED and b.end is not None and b.end <= moment for b in backups)


def backup_strategy(instance: Instance) -> dict[str, Any]:
    policy = policy_of(instance)
    return {"start_time": policy["start_time"], "keep_days": policy["keep_days"]}
