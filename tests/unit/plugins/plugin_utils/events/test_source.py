# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The event source, with platforms that are played."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import ConnectionFailed, TpopsError
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.events import source as sources
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.events.changes import TYPES
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.events.source import Source, parse_options

PLATFORM = {"name": "a", "endpoint": "192.0.2.1", "username": "admin", "password": "secret"}


def arguments(tmp_path: Path, *names: str, **more: Any) -> dict[str, Any]:
    platforms = [{**PLATFORM, "name": name} for name in names or ("a",)]
    return {"platforms": platforms, "cursor": str(tmp_path / "cursor.json"), "interval": 1, "heartbeat": 0, **more}


class FakePlatform:
    """What a client is for the source; ``show`` is what the next reads show."""

    def __init__(self) -> None:
        self.show: Any = {}
        self.reads = 0

    def now_ms(self) -> int:
        return 1_800_000_000_000 + self.reads * 1000


def play(monkeypatch: pytest.MonkeyPatch, played: dict[str, FakePlatform]) -> Callable[[Any], FakePlatform]:
    """Let the platforms be read, by the name of their user."""

    def read(client: FakePlatform, needs_past: Callable[[Any], bool]) -> dict[str, Any]:
        client.reads += 1
        shown = client.show() if callable(client.show) else client.show
        if isinstance(shown, Exception):
            raise shown
        alarms = shown.get("alarms", {})
        empty: dict[str, Any] = {"instances": {}, "backups": {}, "relations": {}}
        past = shown.get("past", {}) if needs_past(alarms) else None
        return {"time_ms": client.now_ms(), "alarms": alarms, "past": past, **empty}

    monkeypatch.setattr(sources, "read_platform", read)
    left = list(played.values())
    return lambda _connection: left.pop(0)


class Run:
    """A source that runs, and the events that it has handed on."""

    def __init__(self, options: dict[str, Any], make_client: Any, feedback: asyncio.Queue[Any] | None = None) -> None:
        self.queue: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.source = Source(parse_options(options), self.queue.put, feedback, make_client=make_client)

    async def __aenter__(self) -> Run:
        self.task = asyncio.ensure_future(self.source.run())
        return self

    async def __aexit__(self, *_exc: object) -> None:
        self.task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await self.task

    async def next(self) -> dict[str, Any]:
        return dict((await asyncio.wait_for(self.queue.get(), 60))["tpops"])


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a second of waiting be a moment."""
    real = asyncio.sleep

    async def sleep(seconds: float) -> None:
        await real(seconds / 200)

    monkeypatch.setattr(sources.asyncio, "sleep", sleep)


def test_a_kill_loses_no_event(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def run() -> None:
        platform = FakePlatform()
        platform.show = {"alarms": {"1": {"name": "Node down"}}}
        async with Run(arguments(tmp_path), play(monkeypatch, {"a": platform})) as first:
            assert (await first.next())["id"] == "a:alarm_raised:1"
        # It had been handed on, but nobody knows whether what it started has ended. Then the alarm is cleared.
        platform.show = {"past": {"1": {"name": "Node down", "clear_time": "2027-01-15 08:00:00 UTC"}}}
        async with Run(arguments(tmp_path), play(monkeypatch, {"a": platform})) as second:
            assert [(await second.next())["id"] for _unused in range(2)] == ["a:alarm_raised:1", "a:alarm_cleared:1"]

    asyncio.run(run())


def test_what_was_handed_on_long_ago_is_not_sent_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def run() -> None:
        platform = FakePlatform()
        platform.show = {"alarms": {"1": {}}}
        options = arguments(tmp_path, redeliver=0)
        async with Run(options, play(monkeypatch, {"a": platform})) as first:
            await first.next()
            while first.source._cursor._outbox:
                await asyncio.sleep(1)
        platform.show = {"alarms": {"1": {}, "2": {}}}
        async with Run(options, play(monkeypatch, {"a": platform})) as second:
            assert (await second.next())["id"] == "a:alarm_raised:2"

    asyncio.run(run())


def test_a_platform_that_hangs_holds_up_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def run() -> None:
        hanging, well, released = FakePlatform(), FakePlatform(), threading.Event()

        def hang() -> dict[str, Any]:
            released.wait(60)
            return {}

        hanging.show, well.show = hang, {"alarms": {"1": {}}}
        try:
            make_client = play(monkeypatch, {"a": hanging, "b": well})
            async with Run(arguments(tmp_path, "a", "b", heartbeat=1), make_client) as running:
                found = {(each := await running.next())["type"] + each["platform"] for _unused in range(8)}
                assert found == {"alarm_raisedb", "heartbeata", "heartbeatb"}
        finally:
            released.set()

    asyncio.run(run())


def test_an_outage_is_survived_and_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def run() -> None:
        platform = FakePlatform()
        platform.show = ConnectionFailed("no route")
        async with Run(arguments(tmp_path), play(monkeypatch, {"a": platform})) as running:
            assert (await running.next())["type"] == "site_lost" and platform.reads >= 3
            platform.show = {"alarms": {"1": {}}}
            assert [(await running.next())["type"] for _unused in range(2)] == ["site_back", "alarm_raised"]
            # An error that nobody expects is one of the platform, too.
            platform.show = KeyError("name")
            refused = await running.next()
            assert (refused["type"], refused["error"]) == ("site_refused", "KeyError: 'name'")

    asyncio.run(run())


def test_an_outage_goes_on_after_a_kill(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def run() -> None:
        platform = FakePlatform()
        platform.show = ConnectionFailed("no route")
        options = arguments(tmp_path, redeliver=0)
        async with Run(options, play(monkeypatch, {"a": platform})) as first:
            lost = await first.next()
            while first.source._cursor._outbox:
                await asyncio.sleep(1)
        platform.show = {}
        async with Run(options, play(monkeypatch, {"a": platform})) as second:
            back = await second.next()
        assert (back["type"], back["since_ms"]) == ("site_back", lost["since_ms"])

    asyncio.run(run())


def test_reads_that_failed_before_a_break_do_not_count_after_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def run() -> None:
        platform = FakePlatform()
        platform.show = ConnectionFailed("no route")
        async with Run(arguments(tmp_path, lost_after=1000), play(monkeypatch, {"a": platform})):
            # The third read begins when the second one has been written.
            while platform.reads < 3:
                await asyncio.sleep(1)
        platform.reads = 0
        async with Run(arguments(tmp_path, lost_after=3), play(monkeypatch, {"a": platform})) as second:
            assert (await second.next())["type"] == "site_lost" and platform.reads >= 3

    asyncio.run(run())


def test_a_disk_that_is_full_delays_events(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def run() -> None:
        platform = FakePlatform()
        platform.show = {"alarms": {"1": {}}}
        full = threading.Event()
        real = sources.cursors.write

        def write(*what: Any) -> None:
            if not full.is_set():
                full.set()
                raise OSError(28, "No space left on device")
            real(*what)

        monkeypatch.setattr(sources.cursors, "write", write)
        async with Run(arguments(tmp_path), play(monkeypatch, {"a": platform})) as running:
            assert (await running.next())["id"] == "a:alarm_raised:1"
        assert full.is_set()

    asyncio.run(run())


def test_the_next_event_waits_for_the_confirmation_of_the_one_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def run() -> None:
        platform = FakePlatform()
        platform.show = {"alarms": {"1": {}, "2": {}}}
        feedback: asyncio.Queue[Any] = asyncio.Queue(1)
        async with Run(arguments(tmp_path), play(monkeypatch, {"a": platform}), feedback) as running:
            await running.next()
            assert running.source._cursor.waiting == 2 and running.queue.empty()
            await feedback.put({})
            await running.next()
            assert running.source._cursor.waiting == 1

    asyncio.run(run())


def test_other_types_are_not_sent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def run() -> None:
        platform = FakePlatform()
        platform.show = {"alarms": {"1": {}}}
        options = arguments(tmp_path, events=["site_refused"])
        async with Run(options, play(monkeypatch, {"a": platform})) as running:
            while not platform.reads:
                await asyncio.sleep(1)
            platform.show = TpopsError("no", status=400)
            assert (await running.next())["type"] == "site_refused"

    asyncio.run(run())


def test_platforms_are_not_read_while_too_many_events_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def run() -> None:
        monkeypatch.setattr(sources, "MOST_WAITING", 2)
        platform = FakePlatform()
        platform.show = {"alarms": {"1": {}, "2": {}, "3": {}}}
        feedback: asyncio.Queue[Any] = asyncio.Queue(1)
        async with Run(arguments(tmp_path), play(monkeypatch, {"a": platform}), feedback) as running:
            await running.next()
            reads = platform.reads
            for _unused in range(5):
                await asyncio.sleep(2)
            assert platform.reads == reads
            for _unused in range(2):
                await feedback.put({})
                await running.next()
            while platform.reads == reads:
                await asyncio.sleep(1)

    asyncio.run(run())


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"platforms": []}, "platforms: must not be an empty list"),
        ({"platforms": [PLATFORM, PLATFORM]}, "platforms[1].name: a is listed twice"),
        ({"platforms": [{**PLATFORM, "endpoint": "http://x"}]}, "platforms[0].endpoint"),
        ({"platforms": [{**PLATFORM, "name": None}]}, "name"),
        ({"platforms": None}, "platforms"),
        ({"cursor": None}, "cursor"),
        ({"interval": 0}, "interval"),
        ({"interval": "often"}, "interval"),
        ({"events": ["alarm"]}, "events"),
        ({"rpo_seconds": -1}, "rpo_seconds: must not be negative"),
        ({"intervall": 3}, "intervall"),
    ],
)
def test_bad_options_are_named(tmp_path: Path, change: dict[str, Any], problem: str) -> None:
    with pytest.raises(TpopsError) as refused:
        parse_options({**arguments(tmp_path), **change})
    assert problem in str(refused.value)
    assert "secret" not in str(refused.value)


def test_options_and_their_defaults(tmp_path: Path) -> None:
    given = {"platforms": [PLATFORM], "cursor": str(tmp_path / "c"), "eda_feedback_queue": None, "feedback": True}
    options = parse_options(given)
    connection = options.platforms["a"]
    assert (connection.address, connection.timeout, connection.retries) == ("192.0.2.1:8002", 10, 1)
    assert (options.interval, options.lost_after, options.rpo_seconds, options.redeliver) == (30, 3, None, 60)
    assert options.events == frozenset(TYPES)
