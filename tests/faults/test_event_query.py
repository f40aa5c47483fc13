# SPDX-License-Identifier: GPL-3.0-or-later
"""What AWX counts of a job: each query finds the objects in what its module really returns, and each object once."""

from __future__ import annotations

import json
from typing import Any

import jq
import pytest
import yaml
from cases import MODULES, ROOT, Play, documentation, every_case
from judge import Judge

PREFIX = "gaussdb.tpops."
QUERIES: dict[str, str] = {
    name.removeprefix(PREFIX): entry["query"]
    for name, entry in yaml.safe_load((ROOT / "extensions" / "audit" / "event_query.yml").read_text("utf-8")).items()
}
CASES = {name: case for name, case in every_case().items() if case.module in QUERIES}
KINDS = {"GaussDB instance": "gaussdb_instance_id", "GaussDB host": "gaussdb_host_id"}


def objects(result: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the objects of a result that have an ID."""
    found = [result.get("instance"), *(result.get("instances") or ()), *(result.get("hosts") or ())]
    return [each for each in found if each and each.get("id")]


def counted(module: str, result: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what the query of a module finds in the result of a task, as AWX has it: as JSON."""
    found: list[dict[str, Any]] = jq.compile(QUERIES[module]).input(json.loads(json.dumps(result))).all()
    return found


def test_each_module_that_manages_instances_or_hosts_has_a_query() -> None:
    returning = {name for name in MODULES if {"instance", "instances", "hosts"} & set(documentation(name, "RETURN"))}
    reading = {name for name in returning if name.endswith("_info")}
    # It writes a file about hosts that do not exist yet.
    assert set(QUERIES) == returning - reading - {"gaussdb_host_sheet"}


@pytest.mark.parametrize("name", CASES)
def test_what_a_module_returns_is_counted(name: str, judge: Judge) -> None:
    case = CASES[name]
    play = Play(judge.platform, case, judge.folder)
    planned, done = play.run(check_mode=True), play.run()
    assert not done.failed, done.message
    for result in (*planned.results, *done.results):
        found = counted(case.module, result)
        assert [(each["name"], *each["canonical_facts"].values()) for each in found] == [
            (each["name"], each["id"]) for each in objects(result)
        ]
        for each in found:
            assert list(each["canonical_facts"]) == [KINDS[each["facts"]["device_type"]]]


def test_nothing_is_counted_of_a_failed_task() -> None:
    assert [counted(module, {"failed": True, "msg": "no route"}) for module in QUERIES] == [[]] * len(QUERIES)


@pytest.mark.parametrize("module", QUERIES)
def test_there_is_a_case_with_something_to_count(module: str, judge: Judge) -> None:
    cases = [case for case in CASES.values() if case.module == module]
    assert any(
        counted(module, result) for case in cases for result in Play(judge.platform, case, judge.folder).run().results
    )
