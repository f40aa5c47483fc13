# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The event source: reads several platforms, and hands on what has happened.

Each platform has a task that reads it in a thread, so that the event loop never waits for one. What changed is written
to the cursor first; one task hands the events on, in their order.
"""

from __future__ import annotations

import asyncio
import functools
import logging
import os
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.arguments import drop_unset, prepare_arguments
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.checks import between
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.options import (
    CONNECTION,
    Field,
    build_argument_spec,
)
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.client import Client, Connection
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import InputError, TpopsError

from . import cursor as cursors
from .changes import HEARTBEAT, TYPES, find_changes, make_event, needs_past
from .reading import read_platform
from .watching import UNKNOWN, note_failure, note_success

T = TypeVar("T")
Event = Mapping[str, Any]
log = logging.getLogger("gaussdb.tpops.events")

# A source reads again soon: it does not insist.
_DEFAULTS = {"timeout": 10, "retries": 1}
_CONNECTION = tuple(replace(each, default=_DEFAULTS.get(each.name, each.default)) for each in CONNECTION)
PLATFORM = (Field("name", required=True), *_CONNECTION)
OPTIONS = (
    Field("platforms", type="list", elements="dict", required=True, fields=PLATFORM),
    Field("cursor", type="path", required=True),
    Field("events", type="list", elements="str", choices=TYPES),
    Field("interval", type="int", default=30, validate=between(1, 86400)),
    Field("past_alarms_interval", type="int", default=300, validate=between(1, 86400)),
    Field("lost_after", type="int", default=3, validate=between(1, 1000)),
    Field("rpo_seconds", type="float"),
    Field("catch_up", type="int", default=86400, validate=between(0, 31_536_000)),
    Field("redeliver", type="int", default=60, validate=between(0, 86400)),
    Field("heartbeat", type="int", default=300, validate=between(0, 86400)),
)
# What ansible-rulebook adds to the options of a source that asks for feedback.
_OF_RULEBOOK = ("feedback", "eda_feedback_queue")
# While so many events wait, platforms are not read: the next read finds what has changed by then.
MOST_WAITING = 1000
# How long (s) a confirmation may take, and how often the cursor is tidied.
_FEEDBACK_SECONDS, _TIDY_SECONDS = 300.0, 5.0


@dataclass(frozen=True)
class Options:
    """The options of a source, validated: ``platforms`` are connections by their names; for the others see its
    documentation."""

    platforms: dict[str, Connection]
    cursor: str
    events: frozenset[str]
    interval: float
    past_alarms_interval: float
    lost_after: int
    rpo_seconds: float | None
    catch_up: float
    redeliver: float
    heartbeat: float


def parse_options(arguments: Mapping[str, Any]) -> Options:
    """Return the options. Raises :class:`TpopsError`, which names the option, for anything that is not allowed."""
    problems: list[InputError] = []
    own = {name: value for name, value in arguments.items() if name not in _OF_RULEBOOK}
    given = drop_unset(OPTIONS, own, problems)
    if problems:
        raise problems[0]
    checked = ArgumentSpecValidator(build_argument_spec(OPTIONS)).validate(given)
    if checked.error_messages:
        raise TpopsError("; ".join(checked.error_messages))
    values = prepare_arguments(OPTIONS, checked.validated_parameters)
    platforms: dict[str, Connection] = {}
    for number, entry in enumerate(values.pop("platforms")):
        path, name = f"platforms[{number}].", str(entry.pop("name"))
        if name in platforms:
            raise InputError(f"{path}name", f"{name} is listed twice")
        try:
            platforms[name] = Connection(**entry)
        except InputError as error:
            raise InputError(f"{path}{error.option}", error.problem, hint=error.hint) from None
    if not platforms:
        raise InputError("platforms", "must not be an empty list")
    if values["rpo_seconds"] is not None and not values["rpo_seconds"] >= 0:
        raise InputError("rpo_seconds", "must not be negative")
    values["events"] = frozenset(TYPES if values["events"] is None else values["events"])
    values["cursor"] = os.path.abspath(os.path.expanduser(values["cursor"]))
    return Options(platforms=platforms, **values)


class Watch:
    """What this process knows of one platform beyond the cursor. Its reads run in a thread, one at a time."""

    def __init__(self, name: str, options: Options, client: Client, clock: Callable[[], float]) -> None:
        self.name, self.client = name, client
        self._options, self._clock = options, clock
        # When past alarms were read last: never, so that what ended while nobody looked is found.
        self._past_read: float | None = None
        self._is_first = True
        self.contact: dict[str, Any] = dict(UNKNOWN)
        self.last_read_ms: int | None = None

    def look(self, seen: Mapping[str, Any] | None) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """Read the platform once; return what the cursor should keep of it, and the events. Never fails."""
        seen = seen or {}
        before, contact = seen.get("state"), {**UNKNOWN, **(seen.get("contact") or {})}
        if self._is_first:
            # Reads that failed before a break and after it are not in a row.
            self._is_first = False
            contact["failures"] = 0
        try:
            now = read_platform(self.client, lambda active: self._needs_past(before, active))
            state, events = find_changes(self.name, before, now, self._options.rpo_seconds, self._options.catch_up)
        except Exception as error:  # whatever a platform sends, the source goes on
            if not isinstance(error, TpopsError):
                log.exception("%s: unexpected error", self.name)
                error = TpopsError(f"{type(error).__name__}: {error}")
            self._past_read = None
            relations = before["relations"] if before else {}
            self.contact, events = note_failure(
                self.name, contact, error, self.client.now_ms(), self._options.lost_after, relations
            )
            return {"state": before, "contact": self.contact}, self._wanted(events)
        if now["past"] is not None:
            self._past_read = self._clock()
        self.last_read_ms = now["time_ms"]
        self.contact, news = note_success(self.name, contact, now["time_ms"])
        return {"state": state, "contact": self.contact}, self._wanted([*news, *events])

    def beat(self, waiting: int) -> dict[str, Any]:
        """Return a heartbeat: that the source runs, and how it gets on with the platform."""
        now = self.client.now_ms()
        return make_event(
            HEARTBEAT,
            self.name,
            str(now),
            now,
            reachable=not self.contact["failures"],
            failures=self.contact["failures"],
            error=self.contact["error"],
            last_read_ms=self.last_read_ms,
            waiting=waiting,
        )

    def _needs_past(self, before: Mapping[str, Any] | None, active: Mapping[str, Any]) -> bool:
        due = self._past_read is None or self._clock() - self._past_read >= self._options.past_alarms_interval
        return due or needs_past(before, active)

    def _wanted(self, events: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [event for event in events if event["type"] in self._options.events]


class Source:
    """Watches the platforms until it is cancelled. ``put`` hands on one event; ``feedback`` has one entry for each that
    was processed, where ansible-rulebook offers that."""

    def __init__(
        self,
        options: Options,
        put: Callable[[dict[str, Any]], Awaitable[Any]],
        feedback: asyncio.Queue[Any] | None = None,
        *,
        make_client: Callable[[Connection], Client] = Client,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._options, self._put, self._feedback, self._clock = options, put, feedback, clock
        self._watches = [
            Watch(name, options, make_client(connection), clock) for name, connection in options.platforms.items()
        ]
        self._beats: deque[dict[str, Any]] = deque(maxlen=len(self._watches))
        self._pool = ThreadPoolExecutor(len(self._watches) + 1, thread_name_prefix="tpops-events")

    async def run(self) -> None:
        """Run until cancelled. Raises :class:`TpopsError` where the cursor cannot be used."""
        with cursors.opened(self._options.cursor) as cursor:
            self._cursor = cursor
            self._writing, self._news = asyncio.Lock(), asyncio.Event()
            self._news.set()
            work = [self._deliver(), self._tidy(), *map(self._watch, self._watches)]
            if self._options.heartbeat and HEARTBEAT in self._options.events:
                work += map(self._beat, self._watches)
            tasks = [asyncio.ensure_future(each) for each in work]
            try:
                await asyncio.gather(*tasks)
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
                # A read may still take as long as its timeout; its result is not wanted any more.
                self._pool.shutdown(wait=False, cancel_futures=True)

    async def _watch(self, watch: Watch) -> None:
        while True:
            if self._cursor.waiting < MOST_WAITING:
                seen = self._cursor.seen(watch.name)
                now, events = await self._in_thread(watch.look, seen)
                if events or _is_news(seen, now):
                    await self._write(watch.name, now, events)
            await asyncio.sleep(self._options.interval)

    async def _write(self, name: str, seen: dict[str, Any], events: list[dict[str, Any]]) -> None:
        async with self._writing:
            try:
                await self._in_thread(self._cursor.keep, name, seen, events)
            except OSError as error:
                # Nothing is handed on that is not written; the next read finds it again.
                log.error("The cursor %s cannot be written: %s", self._options.cursor, error.strerror or error)
                return
        if events:
            self._news.set()

    async def _deliver(self) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            while (event := self._cursor.next_event()) is not None:
                await self._hand_on(event)
                self._cursor.note_handed(event["id"], self._clock())
            while self._beats:
                await self._hand_on(self._beats.popleft())

    async def _hand_on(self, event: dict[str, Any]) -> None:
        await self._put({"tpops": event})
        if self._feedback is None:
            return
        try:
            await asyncio.wait_for(self._feedback.get(), _FEEDBACK_SECONDS)
        except asyncio.TimeoutError:
            log.error("Event %s was not confirmed within %g s", event["id"], _FEEDBACK_SECONDS)

    async def _tidy(self) -> None:
        while True:
            await asyncio.sleep(_TIDY_SECONDS)
            async with self._writing:
                try:
                    moment = self._clock() - self._options.redeliver
                    await self._in_thread(self._cursor.forget_before, moment)
                except OSError as error:
                    log.error("The cursor %s cannot be written: %s", self._options.cursor, error.strerror or error)

    async def _beat(self, watch: Watch) -> None:
        while True:
            await asyncio.sleep(self._options.heartbeat)
            self._beats.append(watch.beat(self._cursor.waiting))
            self._news.set()

    async def _in_thread(self, function: Callable[..., T], *arguments: Any) -> T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, functools.partial(function, *arguments))


def _is_news(seen: Mapping[str, Any] | None, now: Mapping[str, Any]) -> bool:
    """Return whether more than the time of a read has changed."""
    if seen is None:
        return True
    states = [{**(each["state"] or {}), "time_ms": None, "known": each["state"] is not None} for each in (seen, now)]
    return states[0] != states[1] or seen["contact"] != now["contact"]
