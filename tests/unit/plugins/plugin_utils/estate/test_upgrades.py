# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which instances of a description are upgraded, and with which options."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.upgrades import find_upgrades

WINDOW = {"from": "01:00", "to": "05:00"}
ESTATE: dict[str, Any] = {
    "window": WINDOW,
    "instance_defaults": {"engine_version": "3.200.0"},
    "upgrade_defaults": {"observe_minutes": 30, "on_failure": "rollback"},
    "instances": [
        {"name": "core-a"},
        {"name": "core-b", "upgrade": {"observe_minutes": 5, "on_failure": None}},
        {"name": "other", "upgrade": {"version": "3.300.0"}, "window": None},
        {"name": "gone", "state": "absent"},
        {"name": "free", "engine_version": None},
        None,
    ],
}
CURRENT = [{"name": name, "status": "ACTIVE", "engine_version": "3.103.0"} for name in ("core-a", "core-b", "other")]


def test_the_options_of_each_upgrade() -> None:
    assert find_upgrades(ESTATE, CURRENT) == {
        "core-a": {"version": "3.200.0", "observe_minutes": 30, "on_failure": "rollback", "window": WINDOW},
        "core-b": {"version": "3.200.0", "observe_minutes": 5, "on_failure": "rollback", "window": WINDOW},
        "other": {"version": "3.300.0", "observe_minutes": 30, "on_failure": "rollback", "window": WINDOW},
    }


@pytest.mark.parametrize(
    ("instances", "names"),
    [
        ([], []),
        ([{"name": "core-a", "status": "ACTIVE", "engine_version": "3.200.0"}], []),
        ([{"name": "core-a", "status": "ACTIVE", "engine_version": "3.300.0"}], []),
        # What is under way has to be brought to its end, whatever the version is.
        ([{"name": "core-a", "status": "UPGRADE TO BE OBSERVED", "engine_version": "3.200.0"}], ["core-a"]),
        ([{"name": "gone", "status": "ACTIVE", "engine_version": "3.103.0"}], []),
        ([{"name": "unknown", "status": "ACTIVE", "engine_version": "3.103.0"}], []),
    ],
)
def test_what_is_pending_or_under_way(instances: list[dict[str, Any]], names: list[str]) -> None:
    assert list(find_upgrades(ESTATE, instances)) == names


@pytest.mark.parametrize(
    ("targets", "names"),
    [(["core-*"], ["core-a", "core-b"]), (["free", "other"], ["other", "free"]), (["nothing"], []), (["gone"], [])],
)
def test_targets_are_upgraded_whatever_their_version_is(targets: list[str], names: list[str]) -> None:
    assert list(find_upgrades(ESTATE, [], targets)) == names


def test_lower_waves_come_first() -> None:
    waves = [("a", None), ("b", 2), ("c", 1), ("d", 2), ("e", None)]
    instances = [{"name": name, "engine_version": "3.200.0", "upgrade": {"wave": wave}} for name, wave in waves]
    assert list(find_upgrades({"instances": instances}, [], ["*"])) == ["c", "b", "d", "a", "e"]
