# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which instances of a description are upgraded, and with which options."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.upgrades import find_subjects, find_upgrades

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


RELATION = {
    "name": "orders pair",
    "primary_site": "site-a",
    "members": [
        {"site": "site-a", "instance": "orders", "username": "root", "password": "s3cret"},
        {"site": "site-b", "instance": "orders-dr", "username": "root", "password": "s3cret"},
    ],
    "thresholds": {"rpo_seconds": 5},
    "drill": None,
}


def test_a_pair_is_upgraded_in_place_of_its_first_instance() -> None:
    chosen = {"site-a": ["core", "orders", "other"], "site-b": ["core", "orders-dr"]}
    subjects = find_subjects(chosen, [RELATION])
    assert [(each["site"], each["member_site"]) for each in subjects] == [("site-a", "site-a")] * 3 + [
        ("site-b", "site-b")
    ]
    hosts = [each["host"] for each in subjects]
    assert (hosts[0], hosts[2:]) == ("core@site-a", ["other@site-a", "core@site-b"])
    assert hosts[1].startswith("DR@orders_pair-")
    assert subjects[1]["members"] == {"site-a": "orders", "site-b": "orders-dr"}
    assert "s3cret" not in str(subjects)


def test_the_dr_instance_alone_brings_its_pair() -> None:
    (pair,) = find_subjects({"site-a": [], "site-b": ["orders-dr"]}, [RELATION])
    assert (pair["site"], pair["member_site"]) == ("site-b", "site-a")
    assert pair["relation"]["members"] == [
        {"site": "site-a", "instance": "orders"},
        {"site": "site-b", "instance": "orders-dr"},
    ]
    assert find_subjects({"site-b": ["orders-dr"]}, [])[0]["relation"] == {}
