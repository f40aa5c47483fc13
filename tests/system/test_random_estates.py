# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The properties of tests/properties for a few random estates, by the playbooks that people run.

They take a minute each, so `make estate-properties` runs them.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import ROOT, Platform
from hypothesis import HealthCheck, Phase, given, seed, settings
from test_export import EXPORT, PLAN, SECRET, SITE, Folder, second

from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.estate import INSTANCES, PARTS

sys.path.append(str(ROOT / "tests" / "properties"))

from estates import EMPTY, SENTINEL, elsewhere, histories

MODULES = {f"gaussdb.tpops.{part.module}" for part in PARTS}
# Steps that are taken in each run, because they were asked for.
ASKED_FOR = ("reset_user_password", "set_user_attributes")


def history_of(number: int) -> list[dict[str, Any]]:
    """Return the largest of the histories that a seed draws: the first ones are all but empty."""
    found: list[list[dict[str, Any]]] = []
    limits = settings(max_examples=50, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))

    @seed(number)
    @limits
    @given(histories(EMPTY))
    def draw(history: list[tuple[Any, Any]]) -> None:
        found.append([without_windows(elsewhere(form)) for _plain, form in history])

    draw()
    return max(found, key=lambda history: len(json.dumps(history)))


def without_windows(estate: Mapping[str, Any]) -> dict[str, Any]:
    """Return an estate for any time of the day."""
    found = {name: value for name, value in estate.items() if name != "window"}
    for entry in found.get(INSTANCES) or ():
        entry.pop("window", None)
    return found


class Playbooks(Folder):
    """Playbooks with one estate after the other."""

    def __init__(self, path: Path, platform: Platform) -> None:
        super().__init__(path, platform)
        self.results = path / "results.jsonl"
        platform.admin("POST", "estate", EMPTY)
        platform.environment |= {
            "ANSIBLE_CALLBACK_PLUGINS": str(ROOT / "tests" / "system" / "callback"),
            "ANSIBLE_CALLBACKS_ENABLED": "example_results",
            "EXAMPLE_RESULTS": str(self.results),
        }

    def describe(self, estate: Mapping[str, Any]) -> None:
        """Make an estate that of the following runs, which may remove everything that it says."""
        names = [str(entry["name"]) for entry in estate.get(INSTANCES) or ()]
        given = {"gaussdb_estate": estate, "gaussdb_confirm": names}
        (self.path / "given.json").write_text(json.dumps(given), encoding="utf-8")

    def plan(self) -> dict[str, Any]:
        self.play(PLAN, "-e", "@given.json")
        found: dict[str, Any] = json.loads((self.path / "plan.json").read_text(encoding="utf-8"))
        assert found["complete"], found["failures"]
        return found

    def site(self, *arguments: str) -> list[tuple[str, str]]:
        """Return the steps that the modules say."""
        self.platform.forget_requests()
        self.results.unlink(missing_ok=True)
        self.play(SITE, "-e", "@given.json", *arguments)
        lines = self.results.read_text(encoding="utf-8").splitlines()
        tasks = [each for each in map(json.loads, lines) if each["action"] in MODULES]
        done = [one for each in tasks for one in each["result"].get("results", [each["result"]])]
        return [(step["operation"], step["summary"]) for one in done for step in one.get("plan", ())]


@pytest.mark.parametrize("number", [0, *(pytest.param(number, marks=pytest.mark.long) for number in (1, 2))])
def test_a_random_estate_is_planned_checked_done_exported_and_made_again(
    number: int, platform: Platform, tmp_path: Path
) -> None:
    runs = Playbooks(tmp_path / "made", platform)
    for estate in history_of(number):
        runs.describe(estate)
        plan = runs.plan()
        planned = [(step["operation"], step["summary"]) for step in plan["steps"]]
        assert Counter(runs.site("--check")) == Counter(planned)
        assert platform.writes() == []
        done = runs.site()
        assert Counter(platform.writes()) == Counter(operation for operation, _summary in done)
        again = runs.plan()
        assert (again["differences"], again["pending"]) == ([], [])
        assert [step for step in again["steps"] if step["operation"] not in ASKED_FOR] == []
        new = {entry["part"] for entry in plan["differences"] if entry["outcome"] == "created"}
        assert INSTANCES in new or Counter(done) == Counter(planned)
    check_export(runs, tmp_path)


def check_export(runs: Playbooks, tmp_path: Path) -> None:
    runs.play(EXPORT)
    tree = runs.tree("estate")
    assert [path for path, text in tree.items() if SENTINEL.encode() in text] == []
    runs.play(EXPORT)
    assert runs.tree("estate") == tree
    here = Folder(tmp_path / "here", runs.platform, gaussdb_estate_dir=str(runs.path / "estate"))
    runs.platform.forget_requests()
    check = here.play(SITE, "--check", "-e", "@../made/estate/vault.example.yml")
    assert check.changed == 0 and runs.platform.writes() == []
    with second(tmp_path) as other:
        other.admin("POST", "estate", EMPTY)
        there = Folder(tmp_path / "there", other, gaussdb_estate_dir=str(runs.path / "estate"))
        names = yaml.safe_load(tree["vault.example.yml"]) or {}
        (there.path / "vault.json").write_text(json.dumps(dict.fromkeys(names, SECRET)), encoding="utf-8")
        there.play(SITE, "-e", "@vault.json")
        there.play(EXPORT)
        assert there.tree("estate") == tree
