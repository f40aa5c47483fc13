# SPDX-License-Identifier: GPL-3.0-or-later
"""The state of one simulated site, and the passing of its time."""

from __future__ import annotations

import functools
import heapq
import itertools
import logging
import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from .clock import Clock
from .entities import Backup, DataCenter, Host, Instance, KeyPair
from .errors import where
from .ids import Ids
from .jobs import COMPLETED, FAILED, Job, JobFault
from .platform_users import PlatformUser, Sessions
from .request import Request

T = TypeVar("T")
log = logging.getLogger(__name__)


class Timer:
    """A future event; `cancel()` prevents it."""

    __slots__ = ("due", "function", "cancelled")

    def __init__(self, due: float, function: Callable[[Site], object]) -> None:
        self.due = due
        self.function = function
        self.cancelled = False

    def cancel(self) -> None:
        self.cancelled = True


class Site:
    """Everything one TPOPS site knows.

    Collections are dicts by ID; a chapter with its own state uses `extension()`.
    """

    def __init__(
        self,
        *,
        name: str = "site",
        seed: str | int = 0,
        clock: Clock | None = None,
        session_timeout: int = 1440,
    ) -> None:
        self.name = name
        self.seed = seed
        self.clock = clock or Clock()
        self.ids = Ids(seed)
        self.sessions = Sessions(self.clock, session_timeout)
        self.up = True
        self.down_since: float | None = None
        self.down_mode = "reset"
        self._coming_up: Timer | None = None
        # The other site of a disaster recovery pair, where there is one.
        self.peer: Site | None = None
        self.data_centers: dict[str, DataCenter] = {}
        self.key_pairs: dict[str, KeyPair] = {}
        self.hosts: dict[str, Host] = {}
        self.instances: dict[str, Instance] = {}
        self.backups: dict[str, Backup] = {}
        self.engine_versions: list[Any] = []
        self.jobs: dict[str, Job] = {}
        # Durations that an estate file sets for jobs, by job name.
        self.job_seconds: dict[str, float] = {}
        self._extensions: dict[str, Any] = {}
        self._timers: list[tuple[float, int, Timer]] = []
        self._order = itertools.count()
        self._running: dict[str, set[str]] = {}
        # The faults for a job that starts now. The pipeline sets it while a handler runs.
        self.next_job_fault: Callable[[], JobFault | None] | None = None

    def forget(self) -> None:
        """Clear the site. Users, tokens, the clock, a link to another site and the counters of IDs stay."""
        for collection in (self.data_centers, self.key_pairs, self.hosts, self.instances, self.backups, self.jobs):
            collection.clear()
        self.job_seconds.clear()
        self._extensions.clear()
        self._running.clear()
        for entries in (self.engine_versions, self._timers):
            entries.clear()

    # -- time -----------------------------------------------------------------------------------------------------

    def schedule(self, delay_seconds: float, function: Callable[[Site], object]) -> Timer:
        """Call `function(site)` when that much simulated time has passed."""
        timer = Timer(self.clock.now() + max(0.0, delay_seconds), function)
        heapq.heappush(self._timers, (timer.due, next(self._order), timer))
        return timer

    def advance(self) -> None:
        """Run everything that is due here and at the linked site, each at its own moment and in order of time.

        A failing timer is logged and does not stop the others: the server must survive a bug in one handler.
        """
        until = self.clock.read()
        sites = [self, self.peer] if self.peer else [self]
        try:
            while (site := min(sites, key=Site._first_due))._first_due() <= until:
                due, _number, timer = heapq.heappop(site._timers)
                if timer.cancelled:
                    continue
                self.clock.pin(due)
                try:
                    timer.function(site)
                except Exception as exc:
                    log.error("a timer failed: %s", where(exc))
        finally:
            self.clock.pin(None)

    def _first_due(self) -> float:
        return self._timers[0][0] if self._timers else math.inf

    def link(self, peer: Site) -> None:
        """Make two sites the two ends of disaster recovery. They must share one clock."""
        if peer.clock is not self.clock:
            raise ValueError("linked sites must share one clock")
        self.peer, peer.peer = peer, self

    def next_due(self) -> float | None:
        """When the next timer is due, or None."""
        return min((t.due for _unused, _unused, t in self._timers if not t.cancelled), default=None)

    # -- jobs -----------------------------------------------------------------------------------------------------

    def start_job(
        self,
        name: str,
        *,
        instance_id: str | None = None,
        seconds: float = 60,
        steps: Sequence[str] = (),
        on_done: Callable[[Site], object] | None = None,
        on_fail: Callable[[Site, str], object] | None = None,
        exclusive: bool = True,
    ) -> Job:
        """Start a task that ends after `seconds` of simulated time (an estate's `job_seconds` overrides that).

        With `instance_id` and `exclusive` it locks the instance meanwhile.
        `on_done(site)` or `on_fail(site, reason)` runs at its end.
        """
        fault = self.next_job_fault() if self.next_job_fault else None
        seconds = self.job_seconds.get(name, seconds) * (fault.factor if fault else 1.0)
        job = Job(
            id=self.ids.uuid(),
            name=name,
            instance_id=instance_id,
            created=self.clock.now_ms(),
            seconds=seconds,
            steps=tuple(steps),
            on_done=functools.partial(on_done, self) if on_done else None,
            on_fail=functools.partial(on_fail, self) if on_fail else None,
            fault=fault,
            exclusive=exclusive,
        )
        self.jobs[job.id] = job
        if instance_id and exclusive:
            self._running.setdefault(instance_id, set()).add(job.id)
        if fault and fault.fail_step is not None:
            share = min(fault.fail_step / max(len(job.steps), 1), 1.0)
            where = f" (step {job.steps[min(fault.fail_step, len(job.steps)) - 1]})" if job.steps else ""
            reason = fault.reason + where
            self.schedule(seconds * share, lambda site: site.fail_job(job.id, reason))
        else:
            self.schedule(seconds, lambda site: site._complete(job))
        return job

    def fail_job(self, job_id: str, reason: str) -> None:
        """End a running job as failed, now."""
        job = self.jobs[job_id]
        if not job.running:
            return
        self._end(job, FAILED)
        job.fail_reason = reason
        if job.on_fail:
            job.on_fail(reason)

    def complete_job(self, job_id: str) -> None:
        """End a running job successfully, now."""
        self._complete(self.jobs[job_id])

    def _complete(self, job: Job) -> None:
        if not job.running:
            return
        self._end(job, COMPLETED)
        if job.on_done:
            job.on_done()

    def _end(self, job: Job, status: str) -> None:
        job.status = status
        job.ended = self.clock.now_ms()
        if job.instance_id:
            holders = self._running.get(job.instance_id, set())
            holders.discard(job.id)
            if not holders:
                self._running.pop(job.instance_id, None)

    def running_jobs(self, instance_id: str) -> list[Job]:
        """The exclusive jobs that lock the instance, oldest first."""
        held = self._running.get(instance_id, ())
        return sorted((self.jobs[i] for i in held), key=lambda j: j.created)

    # -- up and down ----------------------------------------------------------------------------------------------

    def go_down(self, mode: str = "reset", seconds: float | None = None) -> None:
        """Stop responding: connections are reset, or refused with `503`; for so many seconds, if given."""
        since = self.clock.now() if self.up else self.down_since
        self.come_up()
        self.up, self.down_since, self.down_mode = False, since, mode
        if seconds is not None:
            self._coming_up = self.schedule(seconds, Site.come_up)

    def come_up(self) -> None:
        self.up, self.down_since = True, None
        if self._coming_up:
            self._coming_up.cancel()

    # -- users ----------------------------------------------------------------------------------------------------

    def add_user(self, name: str, password: str, *, read_only: bool = False) -> PlatformUser:
        user = PlatformUser(id=self.ids.uuid(), name=name, password=password, read_only=read_only)
        self.sessions.add_user(user)
        return user

    # -- helpers --------------------------------------------------------------------------------------------------

    def extension(self, name: str, factory: Callable[[], T]) -> T:
        """The private state of one chapter: created by `factory()` on first use."""
        if name not in self._extensions:
            self._extensions[name] = factory()
        return self._extensions[name]

    @staticmethod
    def page(items: Iterable[T], request: Request, *, offset: str = "offset", limit: str = "limit") -> list[T]:
        """The slice of `items` that the query (or the body) asks for with `offset` and `limit`."""
        given = {**request.query, **(request.body if isinstance(request.body, dict) else {})}
        start = max(int(given.get(offset) or 0), 0)
        count = given.get(limit)
        stop = None if count is None else start + int(count)
        if isinstance(items, Sequence):
            return list(items[start:stop])
        return list(itertools.islice(items, start, stop))
