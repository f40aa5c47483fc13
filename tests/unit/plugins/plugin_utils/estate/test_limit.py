# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Fewer requests at a time for a platform that has no time, and slowly more again."""

from __future__ import annotations

import threading

from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.limit import Limit
from ansible_collections.gaussdb.tpops.tests.unit.support import FakeClock


def use(limit: Limit, times: int = 1, refused: bool = False, clock: FakeClock | None = None, takes: float = 0) -> int:
    for _time in range(times):
        with limit.turn() as turn:
            turn.refused = refused
            if clock:
                clock.sleep(takes)
    return limit.allowed


def test_all_connections_are_used_as_long_as_the_platform_is_quick(clock: FakeClock) -> None:
    assert use(Limit(10, clock), 50, clock=clock, takes=1) == 10


def test_a_refusal_halves_and_quick_replies_add_one_at_a_time(clock: FakeClock) -> None:
    limit = Limit(8, clock)
    clock.sleep(1)
    assert use(limit, refused=True) == 4
    allowed = [use(limit) for _time in range(6)]
    assert allowed == [4, 4, 4, 4, 5, 5]
    assert use(limit, 100) == 8


def test_there_is_always_one_left(clock: FakeClock) -> None:
    limit = Limit(8, clock)
    assert use(limit, 20, refused=True, clock=clock, takes=1) == 1


def test_requests_of_the_same_moment_halve_once(clock: FakeClock) -> None:
    limit = Limit(8, clock)
    clock.sleep(1)
    first, second = limit.turn(), limit.turn()
    turns = [first.__enter__(), second.__enter__()]
    clock.sleep(1)
    for turn in turns:
        turn.refused = True
    for manager in (first, second):
        manager.__exit__(None, None, None)
    assert limit.allowed == 4
    assert use(limit, refused=True) == 2


def test_a_slow_platform_gets_fewer(clock: FakeClock) -> None:
    limit = Limit(8, clock, slow_seconds=5)
    assert use(limit, clock=clock, takes=4.9) == 8
    assert use(limit, clock=clock, takes=5) == 4


def test_an_exception_ends_a_turn(clock: FakeClock) -> None:
    limit = Limit(1, clock)
    try:
        with limit.turn():
            raise OSError
    except OSError:
        pass
    assert use(limit) == 1


def test_no_more_run_at_a_time_than_are_allowed() -> None:
    limit, running, most, lock = Limit(3), 0, 0, threading.Lock()
    gate = threading.Event()

    def work() -> None:
        nonlocal running, most
        with limit.turn():
            with lock:
                running += 1
                most = max(most, running)
            gate.wait(0.02)
            with lock:
                running -= 1

    threads = [threading.Thread(target=work) for _number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 3
