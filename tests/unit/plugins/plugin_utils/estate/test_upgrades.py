# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which instances of a description are upgraded, and with which options."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.upgrades import join_upgrades, plan_upgrades

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
    more = {"on_failure": "rollback", "engine_version": "3.200.0", "window": WINDOW}
    options = plan_upgrades(ESTATE, CURRENT)["options"]
    assert {name: options[name] for name in ("core-a", "core-b", "other")} == {
        "core-a": {"version": "3.200.0", "observe_minutes": 30, **more},
        "core-b": {"version": "3.200.0", "observe_minutes": 5, **more},
        "other": {"version": "3.300.0", "observe_minutes": 30, **more},
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
    assert plan_upgrades(ESTATE, instances)["chosen"] == names


@pytest.mark.parametrize(
    ("targets", "names"),
    [(["core-*"], ["core-a", "core-b"]), (["free", "other"], ["other", "free"]), (["nothing"], []), (["gone"], [])],
)
def test_targets_are_upgraded_whatever_their_version_is(targets: list[str], names: list[str]) -> None:
    assert plan_upgrades(ESTATE, [], targets)["chosen"] == names


@pytest.mark.parametrize(
    ("seen", "found"),
    [
        ({"status": "ACTIVE", "engine_version": "3.200.0"}, True),
        ({"status": "FAILED", "running": None, "engine_version": "3.200.0"}, True),
        ({"status": "SHUTDOWN", "running": False, "engine_version": "3.200.0"}, False),
        ({"status": "UPGRADING", "engine_version": "3.200.0"}, False),
        ({"status": "ACTIVE", "engine_version": "3.103.0"}, False),
        ({"status": "ACTIVE", "engine_version": "3.300.0"}, False),
    ],
)
def test_what_has_its_version(seen: dict[str, Any], found: bool) -> None:
    assert plan_upgrades(ESTATE, [{"name": "core-a", **seen}])["upgraded"] == ["core-a"] * found
    assert plan_upgrades(ESTATE, [])["upgraded"] == []


@pytest.mark.parametrize(
    ("version", "chosen"), [("3.103.0", True), ("3.103.0.1", True), ("3.103.0.2", False), ("3.103.0.10", False)]
)
def test_the_newest_of_several_hotfixes_counts(version: str, chosen: bool) -> None:
    upgrade = {"strategy": "hotfix", "version": "3.103.0.1,3.103.0.2"}
    plan = plan_upgrades(
        {"instances": [{"name": "core", "upgrade": upgrade}]},
        [{"name": "core", "status": "ACTIVE", "engine_version": version}],
    )
    assert plan["chosen"] == ["core"] * chosen
    assert plan["upgraded"] == ["core"] * (version == "3.103.0.2")


def test_variables_of_the_platform_replace_what_is_described() -> None:
    """The host of an instance does not have the variables of its platform."""
    variables = {"upgrade_observe_minutes": 60, "upgrade_dr_order": {"stream": ["observe primary"]}, "upgrade_x": 1}
    variables |= {"upgrade_version": "9.9.9"}
    plan = plan_upgrades(ESTATE, [], [], variables)
    assert plan["options"]
    for options in plan["options"].values():
        assert (options["observe_minutes"], options["dr_order"]) == (60, {"stream": ["observe primary"]})
        assert "x" not in options and options["version"] != "9.9.9"


def test_lower_waves_come_first() -> None:
    waves = [("a", None), ("b", 2), ("c", 1), ("d", 2), ("e", None)]
    instances = [{"name": name, "engine_version": "3.200.0", "upgrade": {"wave": wave}} for name, wave in waves]
    plan = plan_upgrades({"instances": instances}, [], ["*"])
    assert plan["chosen"] == list(plan["options"]) == ["c", "b", "d", "a", "e"]


def test_only_what_is_described_is_a_setting_of_the_run() -> None:
    assert plan_upgrades(ESTATE, [])["settings"] == {}
    settings = {"upgrade_waves": [1, "20%"], "upgrade_max_fail_percentage": 0, "upgrade_verify_age": "2d"}
    assert plan_upgrades({**settings, "instances": None, "upgrade_defaults": None}, [])["settings"] == settings


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


def plan(*chosen: str, recent: tuple[str, ...] = (), **more: Any) -> dict[str, Any]:
    """Return the plan of a site, which describes these instances."""
    options = {name: {} for name in (*chosen, *recent)} | more.pop("options", {})
    return {"options": options, "chosen": list(chosen), "recent": list(recent), "settings": more}


def hosts(plans: dict[str, Any], relations: Any = (), pending: bool = True) -> list[str]:
    subjects = join_upgrades(plans, relations)["subjects"]
    return [each["host"] for each in subjects if each["pending"] is pending]


def test_a_pair_is_upgraded_in_place_of_its_first_instance() -> None:
    plans = {"site-a": plan("core", "orders", "other"), "site-b": plan("core", "orders-dr")}
    subjects = join_upgrades(plans, [RELATION])["subjects"]
    assert [(each["site"], each["member_site"]) for each in subjects] == [("site-a", "site-a")] * 3 + [
        ("site-b", "site-b")
    ]
    names = [each["host"] for each in subjects]
    assert (names[0], names[2:]) == ("core@site-a", ["other@site-a", "core@site-b"])
    assert names[1].startswith("DR@orders_pair-")
    assert subjects[1]["members"] == {"site-a": "orders", "site-b": "orders-dr"}
    assert "s3cret" not in str(subjects)


def test_the_dr_instance_alone_brings_its_pair() -> None:
    plans = {"site-a": plan(), "site-b": plan("orders-dr")}
    (pair,) = join_upgrades(plans, [RELATION])["subjects"]
    assert (pair["site"], pair["member_site"]) == ("site-b", "site-a")
    assert pair["relation"]["members"] == [
        {"site": "site-a", "instance": "orders"},
        {"site": "site-b", "instance": "orders-dr"},
    ]
    assert join_upgrades({"site-b": plan("orders-dr")}, [])["subjects"][0]["relation"] == {}


def test_waves_are_those_of_all_sites() -> None:
    plans = {
        "site-a": plan("a", "orders", options={"a": {"wave": 3}}),
        "site-b": plan("b", options={"b": {"wave": 2}, "orders-dr": {"wave": 1}}),
    }
    assert hosts(plans) == ["b@site-b", "a@site-a", "orders@site-a"]
    assert [host.partition("-")[0] for host in hosts(plans, [RELATION])] == ["DR@orders_pair", "b@site", "a@site"]


def test_what_is_not_pending_is_only_verified_if_all_of_it_is_in_the_run() -> None:
    plans = {"site-a": plan("core", recent=("orders", "other"))}
    assert (hosts(plans), hosts(plans, pending=False)) == (["core@site-a"], ["orders@site-a", "other@site-a"])
    assert hosts(plans, [RELATION], pending=False) == ["other@site-a"]
    plans["site-b"] = plan(recent=("orders-dr",))
    assert len(hosts(plans, [RELATION], pending=False)) == 2
    # One member is pending.
    plans["site-b"] = plan("orders-dr")
    assert (len(hosts(plans, [RELATION])), hosts(plans, [RELATION], pending=False)) == (2, ["other@site-a"])


def test_the_settings_are_those_of_sites_with_something_to_upgrade() -> None:
    plans = {
        "site-a": plan("core", upgrade_waves=[1]),
        "site-b": plan("core", upgrade_waves=[2], upgrade_max_fail_percentage=5),
        "site-c": plan(recent=("core",), upgrade_waves=[3]),
        "site-d": plan("core"),
    }
    assert join_upgrades(plans, [])["settings"] == {
        "upgrade_waves": {"site-a": [1], "site-b": [2]},
        "upgrade_max_fail_percentage": {"site-b": 5},
    }
