# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The primary, the protection and the deviations, derived from the data of two sites."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.gaussdb.tpops.plugins.filter.dr_state import FilterModule, dr_state

HOME, AWAY = "site-a", "site-b"
RELATION: dict[str, Any] = {
    "name": "orders",
    "primary_site": HOME,
    "members": [{"site": HOME, "instance": "orders-prod"}, {"site": AWAY, "instance": "orders-dr"}],
    "thresholds": {"rpo_seconds": 20, "rto_seconds": 600},
}
SILENT = {
    "reachable": False,
    "silent": True,
    "error": "No reply\n  from the platform",
    "instance_status": "unreachable",
}
REFUSED = {"reachable": False, "silent": False, "error": "there is no\ninstance", "instance_status": "unknown"}
NO_RELATION: dict[str, Any] = {"relation": {}}


def monitor(rpo: Any = 0, rto: Any = 1, **more: Any) -> dict[str, Any]:
    return {"rpo_seconds": rpo, "rto_seconds": rto, **more}


def relation(acts_as: str | None, status: str = "normal", **more: Any) -> dict[str, Any]:
    follows = status in ("normal", "dr_log_keep")
    return {"name": "orders", "acts_as": acts_as, "status": status, "protected": follows, "monitor": monitor(), **more}


def seen(home: dict[str, Any], away: dict[str, Any]) -> dict[str, Any]:
    """Return the data of both sites: a settled instance without alarms by default."""
    rest = {"reachable": True, "silent": False, "error": "", "instance_status": "ACTIVE", "instance_busy": False}
    rest |= {"relation": {}, "alarms_read": True, "alarms": []}
    return {HOME: {**rest, **home}, AWAY: {**rest, **away}}


def state(home: dict[str, Any], away: dict[str, Any], **more: Any) -> dict[str, Any]:
    return dr_state(seen(home, away), {**RELATION, **more})


def protected(**away: Any) -> dict[str, Any]:
    return state({"relation": relation("primary")}, {"relation": relation("standby", **away)})


def codes(found: dict[str, Any], part: str = "deviations") -> list[str]:
    return [each["code"] for each in found[part]]


def test_all_is_as_described() -> None:
    found = protected()
    assert (found["primaries"], found["primary"], found["standby"]) == ([HOME], HOME, AWAY)
    assert (found["status"], found["statuses"], found["protected"]) == ("normal", ["normal", "normal"], True)
    assert (found["rpo_seconds"], found["rto_seconds"]) == (0, 1)
    assert (found["rpo_limit"], found["rto_limit"], found["rpo_within"], found["rto_within"]) == (20, 600, True, True)
    assert found["reachable"] == [HOME, AWAY]
    assert not any(found[each] for each in ("unreachable", "silent", "lost_primaries", "pending", "busy", "deviations"))
    assert not found["promoted"] and not found["drill"]
    assert found["summary"] == [
        {"code": "primary", "members": [{"code": "member", "site": HOME, "instance": "orders-prod"}]},
        {"code": "status", "statuses": ["normal"]},
        {"code": "protected"},
        {"code": "rpo", "seconds": 0},
    ]
    assert found["sites"][1] == {
        "code": "in_relation",
        "site": AWAY,
        "instance": "orders-dr",
        "status": "ACTIVE",
        "alarms": [],
        "acts_as": "standby",
        "relation": "orders",
        "relation_status": "normal",
        "log": "not_kept",
        "rpo_seconds": 0,
        "rpo_limit": 20,
        "rto_seconds": 1,
        "rto_limit": 600,
    }


def test_the_primary_is_at_the_other_site() -> None:
    observed = seen({"relation": relation("standby")}, {"relation": relation("primary")})
    found = dr_state(observed, RELATION)
    assert (found["primaries"], found["primary"], found["standby"]) == ([AWAY], AWAY, HOME)
    assert found["deviations"] == [{"code": "other_primary", "site": AWAY, "desired": HOME}]
    assert dr_state(observed, RELATION, AWAY)["deviations"] == []
    assert dr_state(observed, RELATION, None)["deviations"] == found["deviations"]


def test_both_sites_act_as_the_primary() -> None:
    found = state({"relation": relation("primary")}, {"relation": relation("primary", "failover")})
    assert (found["primaries"], found["primary"], found["status"]) == ([HOME, AWAY], HOME, "differs")
    assert found["deviations"][0] == {"code": "two_primaries", "sites": [HOME, AWAY]}
    assert [each["site"] for each in found["summary"][0]["members"]] == [HOME, AWAY]
    assert found["summary"][1] == {"code": "status", "statuses": ["normal", "failover"]}


def test_nobody_acts_as_the_primary() -> None:
    found = state({"relation": relation(None, "strange")}, {"relation": relation("standby", "strange")})
    assert (found["primaries"], found["lost_primaries"], found["primary"]) == ([], [], HOME)
    assert codes(found) == ["no_primary", "not_protected"]
    assert codes(found, "summary") == ["no_primary", "status", "not_protected", "rpo"]
    assert found["status"] == "strange"


def test_there_is_no_relation() -> None:
    found = state(NO_RELATION, NO_RELATION)
    assert (found["status"], found["statuses"], found["protected"]) == ("no_relation", [], False)
    assert codes(found) == ["no_relation"]
    assert codes(found, "summary") == ["no_primary", "no_relation", "not_protected", "rpo"]
    assert codes(found, "sites") == ["without_relation", "without_relation"]


def test_only_one_site_knows_of_a_relation() -> None:
    found = state({"relation": relation("primary")}, NO_RELATION)
    assert not found["protected"]
    assert codes(found) == ["not_protected"]


def test_a_drill_is_running() -> None:
    drilled = {"drill": True, "log_keep": False}
    found = state(
        {"relation": relation("primary", "simulation", **drilled)},
        {"relation": relation("standby", "simulation", monitor=monitor(759), **drilled)},
    )
    assert found["drill"] and not found["protected"]
    assert found["deviations"] == [{"code": "drill_running"}, {"code": "rpo_above", "seconds": 759, "limit": 20}]
    assert found["sites"][0]["log"] == "kept_for_drill"


def test_a_failover_has_happened() -> None:
    promoted = {"relation": relation("primary", "failover", protected=False)}
    found = state({"relation": relation("former_primary", "failover")}, promoted)
    assert (found["primary"], found["standby"], found["promoted"]) == (AWAY, HOME, True)
    assert codes(found) == ["other_primary", "promoted"]
    lost = state(SILENT, promoted)
    assert lost["lost_primaries"] == []
    assert codes(lost) == ["other_primary", "promoted", "site_unreachable"]


def test_the_site_of_the_primary_is_lost() -> None:
    found = state(SILENT, {"relation": relation("standby", monitor=monitor(1904))})
    assert (found["primaries"], found["lost_primaries"], found["primary"]) == ([], [HOME], HOME)
    assert (found["reachable"], found["unreachable"], found["silent"]) == ([AWAY], [HOME], [HOME])
    assert (found["status"], found["protected"], found["rpo_seconds"]) == ("normal", False, 1904)
    assert found["deviations"] == [
        {"code": "primary_lost", "site": HOME},
        {"code": "rpo_above", "seconds": 1904, "limit": 20},
        {"code": "site_unreachable", "site": HOME},
    ]
    assert codes(found, "summary") == ["primary_lost", "status", "not_protected", "rpo", "unreachable"]
    assert found["sites"][0] == {
        "code": "unreachable",
        "site": HOME,
        "instance": "orders-prod",
        "error": "No reply from the platform",
    }


def test_the_site_of_the_dr_instance_is_lost() -> None:
    found = state({"relation": relation("primary")}, SILENT)
    assert (found["primary"], found["lost_primaries"]) == (HOME, [])
    assert codes(found) == ["site_unreachable"]


def test_a_site_that_refuses_is_not_lost() -> None:
    found = state(REFUSED, {"relation": relation("standby")})
    assert (found["lost_primaries"], found["silent"], found["unreachable"]) == ([], [], [HOME])
    assert found["deviations"] == [
        {"code": "no_primary"},
        {"code": "site_unreadable", "site": HOME, "error": "there is no instance"},
    ]
    assert codes(found, "sites") == ["unreadable", "in_relation"]


@pytest.mark.parametrize(
    ("home", "away", "status"),
    [(SILENT, SILENT, "unreachable"), (REFUSED, SILENT, "unreachable"), (REFUSED, REFUSED, "unknown")],
)
def test_nobody_can_be_read(home: dict[str, Any], away: dict[str, Any], status: str) -> None:
    found = state(home, away)
    assert (found["status"], found["protected"], found["rpo_seconds"]) == (status, False, None)
    assert codes(found)[0] == "no_relation"


def test_nothing_was_observed_yet() -> None:
    found = dr_state({}, RELATION)
    assert (found["status"], found["primary"], found["sites"], found["busy"]) == ("unknown", HOME, [], [])


@pytest.mark.parametrize("status", ["pending", "pre_checking", "搭建中"])
def test_the_platform_is_working_on_the_relation(status: str) -> None:
    found = state({"relation": relation("primary", status), "instance_busy": True}, {"instance_busy": True})
    assert (found["pending"], found["busy"]) == ([HOME], [HOME, AWAY])
    assert codes(found) == ["pending"]


def test_a_status_is_read_in_every_spelling() -> None:
    found = state({"relation": relation("primary", "正常")}, {"relation": relation("standby", "Normal")})
    assert (found["status"], found["statuses"]) == ("normal", ["normal", "normal"])
    assert found["sites"][0]["relation_status"] == "normal"
    assert state({"relation": relation("primary", "演练中")}, NO_RELATION)["drill"]
    assert state({"relation": relation("primary", "已升主")}, NO_RELATION)["promoted"]


@pytest.mark.parametrize(
    ("rpo", "rto", "expected"),
    [
        (20, 600, []),
        (20.5, 600, [{"code": "rpo_above", "seconds": 20.5, "limit": 20}]),
        (0, 601, [{"code": "rto_above", "seconds": 601, "limit": 600}]),
        (None, 1, [{"code": "figures_unknown"}]),
        ("soon", 601, [{"code": "rto_above", "seconds": 601, "limit": 600}, {"code": "figures_unknown"}]),
        (True, 1, [{"code": "figures_unknown"}]),
    ],
)
def test_figures_against_their_limits(rpo: Any, rto: Any, expected: list[dict[str, Any]]) -> None:
    found = protected(monitor=monitor(rpo, rto))
    assert found["deviations"] == expected
    assert found["rpo_within"] is (rpo == 20 or rpo == 0 and rpo is not False)
    assert found["rto_within"] is (rto <= 600)


@pytest.mark.parametrize(
    ("thresholds", "shown", "expected"),
    [
        ({"rpo_seconds": 5}, {"rpo_threshold_seconds": 30}, (5, 900)),
        ({"rpo_seconds": "7.5", "rto_seconds": None}, {"rto_threshold_seconds": 60}, (7.5, 60)),
        ({}, {"rpo_threshold_seconds": 30, "rto_threshold_seconds": 60}, (30, 60)),
        (None, {"rpo_threshold_seconds": None}, (10, 900)),
    ],
)
def test_a_limit_is_described_or_that_of_the_platform(
    thresholds: dict[str, Any] | None, shown: dict[str, Any], expected: tuple[float, float]
) -> None:
    away = {"relation": relation("standby", monitor=monitor(**shown))}
    found = state({"relation": relation("primary")}, away, thresholds=thresholds)
    assert (found["rpo_limit"], found["rto_limit"]) == expected


def test_figures_are_those_of_the_dr_instance_if_it_has_any() -> None:
    home = {"relation": relation("primary", monitor=monitor(3))}
    assert state(home, {"relation": relation("standby", monitor=monitor(4))})["rpo_seconds"] == 4
    assert state(home, {"relation": relation("standby", monitor=None)})["rpo_seconds"] == 3
    assert state(home, SILENT)["rpo_seconds"] == 3


def test_the_alarms_of_a_site() -> None:
    alarms = [{"name": "disk full"}, {"name": "disk full"}, {"name": "replication"}]
    found = state({"relation": relation("primary", log_keep=True), "alarms": alarms}, {"alarms_read": False})
    assert found["sites"][0]["alarms"] == ["disk full", "replication"]
    assert found["sites"][0]["log"] == "kept"
    assert found["sites"][1]["alarms"] is None


def test_nothing_that_was_handed_in_is_changed() -> None:
    observed = seen({"relation": relation("primary")}, SILENT)
    before = repr(observed)
    FilterModule().filters()["dr_state"](observed, RELATION)
    assert repr(observed) == before


@pytest.mark.parametrize(
    "wrong", [{"members": []}, {"members": RELATION["members"][:1]}, {"primary_site": "elsewhere"}]
)
def test_a_description_without_a_primary_or_two_members_is_an_error(wrong: dict[str, Any]) -> None:
    with pytest.raises(AnsibleFilterError, match="a relation needs two members"):
        dr_state({}, {**RELATION, **wrong})
