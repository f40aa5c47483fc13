# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The action that validates: what it reads, and how it shows what it found."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import MagicMock

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.playbook.play_context import PlayContext
from ansible.template import Templar

from ansible_collections.gaussdb.tpops.plugins.action import gaussdb_validate as action

GOOD = {"data_centers": [{"name": "north"}], "instances": [{"name": "orders"}]}
HOST = {"inventory_hostname": "site-a", "groups": {"all": ["site-a", "site-b"]}}


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    shown: list[str] = []
    monkeypatch.setattr(action.display, "display", lambda text, **_options: shown.append(text))
    return shown


def run(variables: dict[str, Any], no_log: bool = False, **args: Any) -> dict[str, Any]:
    task = MagicMock(args=args, async_val=0, check_mode=False, no_log=no_log, environment=None, diff=False)
    everything = {**HOST, **variables}
    hosts = {"site-a": everything, "site-b": {"gaussdb_estate": {"instances": [{"name": "orders-dr"}]}}}
    everything["hostvars"] = SimpleNamespace(raw_get=hosts.get)
    loader = DataLoader()
    templar = Templar(loader=loader, variables=everything)
    module = action.ActionModule(task, MagicMock(), PlayContext(), loader, templar, MagicMock())
    return module.run(task_vars=everything)


def test_a_valid_estate_is_summed_up_in_a_line(lines: list[str]) -> None:
    result = run({"gaussdb_estate": GOOD})
    assert (result["failed"], result["changed"], result["problems"]) == (False, False, [])
    assert lines == ["The estate of site-a is valid: data_centers 1, instances 1"] == [result["msg"]]


def test_each_problem_is_a_line_and_a_value_of_the_result(lines: list[str]) -> None:
    result = run({"estate": {"instances": [{"name": "orders", "port": 0}], "host": []}}, estate="estate")
    assert result["failed"]
    assert lines == [
        "host: unknown, did you mean hosts?",
        "instances[orders].port: 0 is out of range; allowed are 1 to 65535",
    ]
    assert [problem["path"] for problem in result["problems"]] == ["host", "instances[orders].port"]
    assert "2 problems" in result["msg"]


def test_with_no_log_nothing_is_shown(lines: list[str]) -> None:
    assert run({"gaussdb_estate": {}}, no_log=True)["failed"]
    assert lines == []


def test_what_matters_only_for_a_new_object_is_a_warning(lines: list[str]) -> None:
    result = run({"gaussdb_estate": {"instances": [{"name": "orders", "port": 8015}]}})
    assert not result["failed"]
    assert result["warnings"][0].startswith("instances[orders].port: 8015 is")


def test_nothing_may_be_described_on_purpose_only(lines: list[str]) -> None:
    assert run({"gaussdb_estate": {}})["failed"]
    assert not run({"gaussdb_estate": {}, "gaussdb_empty_estate": "yes"})["failed"]
    assert lines[-1] == "The estate of site-a is valid: nothing is described"


def test_a_variable_and_a_tree_are_too_much(lines: list[str], tmp_path: Path) -> None:
    (tmp_path / "site.yml").write_text("data_centers: [{name: north}]\n")
    assert not run({}, estate_dir=str(tmp_path))["failed"]
    result = run({"gaussdb_estate": GOOD}, estate_dir=str(tmp_path))
    assert [problem["problem"] for problem in result["problems"]] == ["cannot be used together with gaussdb_estate_dir"]


def test_relations_are_compared_with_what_the_sites_describe(lines: list[str]) -> None:
    members = [{"site": "site-a", "instance": "orders"}, {"site": "site-b", "instance": "order-dr"}]
    relations = [{"name": "orders", "primary_site": "site-a", "members": members}]
    result = run({"gaussdb_estate": GOOD, "dr_relations": relations}, relations="dr_relations")
    assert [problem["path"] for problem in result["problems"]] == ["dr_relations[0].members[1].instance"]
    members[1]["instance"] = "orders-dr"
    assert run({"dr_relations": relations}, relations="dr_relations")["msg"] == "dr_relations is valid: relations 1"


def test_without_relations_there_is_nothing_to_say(lines: list[str]) -> None:
    assert not run({}, relations="dr_relations")["failed"]
    assert lines == []


def test_an_unknown_option_fails(lines: list[str]) -> None:
    assert run({}, estates="gaussdb_estate")["failed"]
