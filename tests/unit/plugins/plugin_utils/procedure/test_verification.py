# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The checks of an instance that has taken over."""

from __future__ import annotations

from typing import Any

from ansible_collections.gaussdb.tpops.plugins.plugin_utils.procedure.verification import check_verification, checks_of


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
