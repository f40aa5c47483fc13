# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Databases that are not managed: which there are, what is wrong with those that are to be adopted, and the checks."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.gaussdb.tpops.plugins.filter.adoption_checks import FilterModule as ChecksFilter
from ansible_collections.gaussdb.tpops.plugins.filter.adoption_problems import FilterModule as ProblemsFilter
from ansible_collections.gaussdb.tpops.plugins.filter.adoption_state import FilterModule as StateFilter
from ansible_collections.gaussdb.tpops.plugins.filter.unmanaged_databases import FilterModule as DatabasesFilter
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.procedure.adopt import (
    adoption_state,
    checks_of_adoption,
    databases_of,
    notes_of,
    problems_of,
)

LEDGER = {
    "name": "ledger",
    "manage_ips": ["192.0.2.61"],
    "admin_password": "s3cret-of-ledger",
    "storage": {"device_id": "nas-1", "directory": "/backup", "mount_point": "/mnt"},
}


def host(number: int, added: bool = True) -> dict[str, Any]:
    return {"manage_ip": f"192.0.2.{number}", "added": added}


def test_hosts_of_one_database_are_listed_once() -> None:
    pair = [host(62, added=False), host(61)]
    databases = databases_of([pair, list(reversed(pair)), [host(1)], []])
    assert databases == [
        {"hosts": ["192.0.2.1"], "missing": []},
        {"hosts": ["192.0.2.61", "192.0.2.62"], "missing": ["192.0.2.62"]},
    ]
    assert [note["code"] for note in notes_of(databases)] == ["unmanaged_database", "unmanaged_hosts_missing"]
    assert notes_of([]) == [{"code": "no_unmanaged_database"}]
    assert DatabasesFilter().filters()["unmanaged_databases"]([[host(1)]]) == notes_of(databases[:1])


@pytest.mark.parametrize(
    ("entries", "problems"),
    [
        ([LEDGER], []),
        ([], []),
        ([{**LEDGER, "admin_user": "rdsAdmin", "engine_version": "3.200.0", "inspection": "Health Check"}], []),
        ("ledger", ["gaussdb_adopt: should be a list of databases"]),
        (None, ["gaussdb_adopt: should be a list of databases"]),
        (["ledger"], ["gaussdb_adopt[0]: should have name, manage_ips, admin_password, storage"]),
        (
            [LEDGER, {**LEDGER, "manage_ips": "192.0.2.61"}],
            [
                "gaussdb_adopt[0].name: ledger is listed twice",
                "gaussdb_adopt[0].manage_ips: 192.0.2.61 is listed twice",
                "gaussdb_adopt[1].name: ledger is listed twice",
                "gaussdb_adopt[1].manage_ips: 192.0.2.61 is listed twice",
            ],
        ),
        ([{**LEDGER, "manage_ips": []}], ["gaussdb_adopt[0].manage_ips: required"]),
        ([{**LEDGER, "admin_password": None}], ["gaussdb_adopt[0].admin_password: required"]),
        ([{**LEDGER, "storage": "nas-1"}], ["gaussdb_adopt[0].storage: should have device_id, directory, mount_point"]),
        (
            [{**LEDGER, "storage": {"device_id": "nas-1", "directory": ""}}],
            ["gaussdb_adopt[0].storage.directory: required", "gaussdb_adopt[0].storage.mount_point: required"],
        ),
    ],
)
def test_what_is_wrong_with_a_request(entries: Any, problems: list[str]) -> None:
    assert problems_of(entries) == ProblemsFilter().filters()["adoption_problems"](entries) == problems


def test_other_options_and_bad_names() -> None:
    (unknown,) = problems_of([{**LEDGER, "manage_ip": "192.0.2.61"}])
    assert unknown.startswith("gaussdb_adopt[0].manage_ip: not an option; there are name, manage_ips,")
    for name in ("abc", "1ledger", "led ger", "l" * 65):
        (problem,) = problems_of([{**LEDGER, "name": name}])
        assert problem.startswith("gaussdb_adopt[0].name: should have 4 to 64 letters")
    assert "s3cret" not in str([unknown, problems_of([{**LEDGER, "admin_passwort": "s3cret"}])])


@pytest.mark.parametrize(
    ("hosts", "given", "state"),
    [
        ([], ["1"], ("unmanaged", ["1"])),
        (["1", "2"], ["1"], ("adopted", ["1", "2"])),
        (["1", "2"], ["2", "1"], ("adopted", ["1", "2"])),
        (["1", "2"], ["3"], ("unmanaged", ["3"])),
    ],
)
def test_how_far_an_adoption_is(hosts: list[str], given: list[str], state: tuple[str, list[str]]) -> None:
    instance = {"nodes": [{"management_ip": each} for each in hosts]} if hosts else {}
    assert adoption_state(instance, given) == {"stage": state[0], "hosts": state[1]}
    assert StateFilter().filters()["adoption_state"](instance, given)["stage"] == state[0]


def agent(*nodes: tuple[bool, str]) -> dict[str, Any]:
    listed = enumerate(nodes)
    return {"nodes": [{"name": f"node-{n}", "up_to_date": new, "agent_status": word} for n, (new, word) in listed]}


@pytest.mark.parametrize(
    ("agents", "old"),
    [
        ([agent((True, "WORKING"), (False, "WORKING"), (True, "ABNORMAL"))], ["node-1", "node-2"]),
        ([agent((True, "WORKING"))], []),
        ([agent()], None),
        ([], None),
    ],
)
def test_the_checks_of_an_adopted_instance(agents: Any, old: Any) -> None:
    everything = {"agents": True, "backup": True}
    seen, versions, backups = {"engine_version": "3.200.0"}, ["3.200.0"], [{"name": "first-1"}]
    version, agent_check, backup = checks_of_adoption(seen, versions, agents, backups, everything)
    assert version == {"name": "known_version", "value": "3.200.0", "expected": ["3.200.0"], "passed": True}
    assert agent_check == {"name": "old_agents", "value": old, "expected": []}
    assert backup == {"name": "first_backup", "value": "first-1", "expected": None, "passed": True}


def test_what_is_not_wanted_is_not_checked() -> None:
    nothing = {"agents": False, "backup": False}
    assert ChecksFilter().filters()["adoption_checks"]({"engine_version": "1.0"}, ["2.0"], [], [], nothing) == [
        {"name": "known_version", "value": "1.0", "expected": ["2.0"], "passed": False}
    ]
    (_version, backup) = checks_of_adoption({"engine_version": "1.0"}, ["1.0"], [], [], {**nothing, "backup": True})
    assert backup["passed"] is False and backup["value"] is None
