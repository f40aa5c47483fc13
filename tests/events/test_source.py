# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The event source in ansible-rulebook: killed, without a token, without a platform."""

from __future__ import annotations

import os
import random
import secrets
from collections import Counter

from conftest import Platforms, Rulebook

KILLS = int(os.environ.get("KILL_ROUNDS", "3"))
SEED = os.environ.get("KILL_SEED") or secrets.token_hex(4)


def ids(*runs: Rulebook, kind: str = "") -> set[str]:
    return {event["id"] for run in runs for event in run.events if event["type"].startswith(kind)}


def test_no_alarm_is_lost_at_any_moment(platforms: Platforms) -> None:
    print(f"KILL_SEED={SEED}")
    chance = random.Random(SEED)
    failed: set[tuple[int, int]] = set()

    def change_something() -> None:
        site, node = chance.randrange(2), chance.randrange(3)
        platforms.node(site, node, recovered=(site, node) in failed)
        failed.symmetric_difference_update({(site, node)})
        # Reading makes the platform notice, and so each failure has an alarm of its own.
        platforms.alarms(site)

    runs = []
    for _round in range(KILLS):
        run = platforms.watch()
        runs.append(run)
        enough = chance.randrange(1, 6)
        # The moment is that of an event, and a bit of work later.
        while len(run.events) < enough:
            change_something()
            seen = len(run.events)
            run.until(lambda run=run, seen=seen: len(run.events) > seen)
        for _change in range(chance.randrange(4)):
            change_something()
        run.kill()
        # Also while nobody looks.
        for _change in range(chance.randrange(4)):
            change_something()
    last = platforms.watch()
    runs.append(last)
    expected = platforms.expected()
    last.until(lambda: expected <= ids(*runs))
    # Nothing is invented, and no process says the same twice.
    assert ids(*runs, kind="alarm_") == expected
    for run in runs:
        assert not [key for key, count in Counter(event["id"] for event in run.events).items() if count > 1]


def test_a_token_that_expires_and_a_platform_that_is_lost(platforms: Platforms) -> None:
    run = platforms.watch(lost_after=2)
    platforms.node(0, 1)
    run.wait_for("alarm_raised", "site-a")
    platforms.sites.admin(0, "tokens", method="DELETE")
    platforms.node(0, 1, recovered=True)
    run.wait_for("alarm_cleared", "site-a")
    platforms.down(1)
    lost = run.wait_for("site_lost", "site-b")
    (relation,) = lost["relations"]
    assert (relation["name"], relation["role"], relation["instance_name"]) == ("orders", "disaster", "orders-dr")
    exceeded = run.wait_for("rpo_exceeded", "site-a")["relation"]
    assert exceeded["rpo_seconds"] > exceeded["rpo_limit_seconds"] and exceeded["instance_name"] == "orders-prod"
    # The loss goes on while the source does not run.
    run.kill()
    platforms.up(1)
    again = platforms.watch(lost_after=2)
    assert again.wait_for("site_back", "site-b")["since_ms"] == lost["since_ms"]
    again.wait_for("rpo_recovered", "site-a")


def test_an_option_that_is_wrong_ends_the_rulebook(platforms: Platforms) -> None:
    run = platforms.watch(interval=0)
    run.wait()
    assert "interval: 0 is out of range" in run.text
    assert platforms.sites.server.password not in run.text
