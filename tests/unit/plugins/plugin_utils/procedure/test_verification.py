# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The checks of an instance that has taken over, or is upgraded."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import InputError, TpopsError
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.procedure.verification import (
    baseline_of,
    check_verification,
    checks_of,
    compare_kept,
    compare_objects,
    compare_parameters,
)


def test_checks_pass_by_what_is_expected() -> None:
    found = check_verification(
        [
            {"name": "databases", "value": ["a"], "expected": ["a"]},
            {"name": "databases", "value": ["a"], "expected": ["a", "b"]},
            {"name": "sessions", "value": 3},
            {"name": "own", "value": 1, "expected": 2, "passed": True},
            {"name": "own", "value": 1, "passed": 0},
            {"name": "task", "task": "Count", "failure": {"msg": "there are none"}},
        ]
    )
    assert [each["passed"] for each in found] == [True, False, True, True, False, False]
    assert found[-1] == {"name": "task", "task": "Count", "value": "there are none", "passed": False}


def results(databases: list[str], users: list[str], parameters: dict[str, str]) -> dict[str, Any]:
    return {
        "databases": {"databases": [{"name": name} for name in databases]},
        "users": {"users": [{"name": name} for name in users]},
        "parameters": {"parameters": [{"name": name, "value": value} for name, value in parameters.items()]},
        "sessions": {"sessions": [{}] * 3},
    }


def test_two_instances() -> None:
    own = results(["postgres", "orders"], ["app"], {"a": "1", "b": "2"})
    other = results(["orders", "postgres"], ["app", "new"], {"a": "7"})
    assert checks_of(own, other, ["a", "b", "c"]) == [
        {"name": "databases", "value": ["orders", "postgres"], "expected": ["orders", "postgres"], "passed": True},
        {"name": "users", "value": ["app"], "expected": ["app", "new"], "passed": False},
        {"name": "sessions", "value": 3, "passed": True},
        {"name": "parameters", "value": 2, "passed": True},
        {"name": "parameter", "parameter": "a", "value": "1", "expected": "7", "passed": False},
        {"name": "parameter", "parameter": "b", "value": "2", "expected": None, "passed": False},
        {"name": "parameter", "parameter": "c", "value": None, "expected": None, "passed": True},
    ]


def test_nothing_to_compare_with() -> None:
    found = checks_of(results(["orders"], ["app"], {}), None, ["a"])
    assert [each.get("expected") for each in found] == [None] * 4
    assert found[-1] == {"name": "parameters", "value": 0, "passed": False}


def test_what_could_not_be_read_does_not_pass() -> None:
    other = {"databases": {"failed": True, "msg": "no permission"}}
    found = checks_of(results(["orders"], ["app"], {"a": "1"}), other, ["a"])
    assert found == [{"name": "databases", "value": "no permission", "passed": False}]


BEFORE = results(["postgres", "orders"], ["app", "rdsAdmin", "gs_role_x"], {"a": "1", "b": "2"})
NOTHING_READ = {"databases": {"failed": True, "msg": "no permission"}}


def test_a_check_with_nothing_to_compare_with_has_not_passed() -> None:
    """However often it is checked. A null alone is a check that has failed."""
    (found,) = check_verification(check_verification([{"name": "own", "value": None, "compared": False}]))
    assert found["passed"] is None
    assert check_verification([{"name": "own", "passed": None}])[0]["passed"] is False


def test_what_an_instance_has_before() -> None:
    assert baseline_of(BEFORE, ["a"]) == {"databases": ["orders"], "users": ["app"], "parameters": {"a": "1", "b": "2"}}
    with pytest.raises(InputError, match="upgrade_keep_parameters: c is no parameter"):
        baseline_of(BEFORE, ["a", "c"])
    with pytest.raises(TpopsError, match="The databases cannot be read: no permission"):
        baseline_of(NOTHING_READ, [])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ssl_key_password", "Sentinel_Secret-7"),
        ("primary_conninfo", "host=192.0.2.1 password = 'Sentinel_Secret-7'"),
        ("archive_command", "cp %p sftp://backup:Sentinel_Secret-7@192.0.2.2/%f"),
    ],
)
def test_no_secret_is_recorded(name: str, value: str) -> None:
    before = results([], [], {"a": "1", name: value})
    assert baseline_of(before, [])["parameters"] == {"a": "1"}
    with pytest.raises(InputError):
        baseline_of(before, [name])
    # A parameter that holds one only afterwards.
    baseline = baseline_of(results([], [], {name: "none"}), []) | {"parameters": {name: "none"}}
    assert "Sentinel" not in str(compare_parameters(before, baseline))


def test_databases_and_users_are_those_of_before() -> None:
    baseline = baseline_of(BEFORE, [])
    now = results(["new", "template_pdb"], ["app", "pg_new"], {})
    assert [(each["name"], each["value"], each["passed"]) for each in compare_objects(now, baseline)] == [
        ("databases_kept", {"gone": ["orders"], "new": ["new"]}, False),
        ("users_kept", {"gone": [], "new": []}, True),
    ]
    assert [each["passed"] for each in compare_objects(now, None)] == [None, None]
    assert compare_objects(NOTHING_READ, baseline) == []


def test_parameters_may_change_except_for_some() -> None:
    baseline = baseline_of(BEFORE, ["a", "b"])
    now = results([], [], {"a": "1", "b": "3", "new": "4"})
    changed = [{"parameter": "b", "before": "2", "after": "3"}]
    found = compare_parameters(now, baseline)
    assert (found["before"], found["after"], found["passed"]) == (2, changed, True)
    assert compare_parameters(results([], [], {"a": "1"}), baseline)["after"] == [changed[0] | {"after": None}]
    for cannot in (compare_parameters(now, None), compare_parameters(NOTHING_READ, baseline)):
        assert (cannot["before"], cannot["after"], cannot["passed"]) == (None, [], None)
    assert [each["passed"] for each in compare_kept(now, baseline, ["a", "b"])] == [True, False]
    assert [each["passed"] for each in compare_kept(now, None, ["a", "b"])] == [None, None]
