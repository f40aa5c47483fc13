# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The action that gives a verdict: whatever goes wrong is "cannot tell", and never drift."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock

import pytest
from ansible import constants as C
from ansible.parsing.dataloader import DataLoader
from ansible.playbook.play_context import PlayContext
from ansible.template import Templar

from ansible_collections.gaussdb.tpops.plugins.action import gaussdb_drift as action
from ansible_collections.gaussdb.tpops.plugins.action import gaussdb_plan
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import ApiFailure
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.reads import SharedReads
from ansible_collections.gaussdb.tpops.tests.unit.plugins.action.test_gaussdb_plan import (
    SECRET,
    Platform,
    trust_as_template,
)

USER = {"name": "app", "password": trust_as_template("{{ secret }}")}
SAME = {"instances": [{"name": "core", "users": [USER]}]}
LOCKED = {"instances": [{"name": "core", "users": [{**USER, "locked": True}]}]}
VARIABLES = {
    "inventory_hostname": "site-a",
    "secret": SECRET,
    "gaussdb_estate": SAME,
    "tpops_endpoint": "tpops.example.com:8002",
    "tpops_username": "automation",
    "tpops_password": trust_as_template("{{ secret }}"),
}
ACCEPTED = {"part": "users", "field": "locked", "reason": "CHG-1", "until": "2999-12-31"}
DRIFTED, IN_STEP = "site-a has drifted: 1 difference", "site-a is in step with its description"


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    shown: list[str] = []
    monkeypatch.setattr(action.display, "display", lambda text, **_options: shown.append(text))
    return shown


@pytest.fixture(autouse=True)
def platform(monkeypatch: pytest.MonkeyPatch, lines: list[str]) -> Platform:
    found = Platform()
    client: Any = found
    monkeypatch.setattr(gaussdb_plan, "open_reads", lambda *_arguments: SharedReads(lambda: client))
    return found


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A folder to run in, and a temporary folder of the run."""
    (tmp_path / "run").mkdir()
    monkeypatch.setattr(C, "DEFAULT_LOCAL_TMP", str(tmp_path / "run"))
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path / "here"


def run(
    transport: str = "local", check_mode: bool = False, args: dict[str, Any] | None = None, **variables: Any
) -> dict[str, Any]:
    task = MagicMock(args=args or {}, async_val=0, check_mode=check_mode, no_log=False, environment=None, diff=False)
    everything = {**VARIABLES, **variables}
    loader = DataLoader()
    connection = MagicMock(transport=transport)
    connection._shell.env_prefix.return_value = ""
    templar = Templar(loader=loader, variables=everything)
    module = action.ActionModule(task, connection, PlayContext(), loader, templar, MagicMock())
    return module.run(task_vars=everything)


def written(name: str = "drift.json") -> dict[str, Any]:
    found: dict[str, Any] = json.loads(Path(name).read_text(encoding="utf-8"))
    return found


def verdict(result: dict[str, Any]) -> str:
    """Return the verdict, which the result, Ansible and the file agree on."""
    flags = {"in_step": (False, False), "drift": (True, False), "cannot_tell": (False, True)}
    assert (result["failed"], result.get("unreachable", False)) == flags[result["verdict"]]
    assert written()["sites"]["site-a"]["verdict"] == result["verdict"]
    return str(result["verdict"])


def test_a_platform_as_described_is_in_step(lines: list[str], folder: Path, platform: Platform) -> None:
    result = run()
    assert verdict(result) == "in_step" and not result["changed"]
    assert lines == [IN_STEP] == [result["msg"]]
    assert (result["dest"], result["page_dest"]) == ("drift.json", "drift.md")
    for path in folder.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "| `site-a` | in step |" in (folder / "drift.md").read_text()
    assert result["warnings"] == ["not kept"] and platform.closed


def test_a_difference_is_drift(lines: list[str]) -> None:
    result = run(gaussdb_estate=LOCKED)
    assert verdict(result) == "drift"
    assert lines == ["core: user app changed", DRIFTED]
    assert result["summary"] == lines[:1]


def test_what_is_accepted_is_no_drift(folder: Path, lines: list[str]) -> None:
    (folder / "accepted.yml").write_text(f"- {json.dumps(ACCEPTED)}\n")
    for given in ([ACCEPTED], "accepted.yml", trust_as_template("{{ kept }}")):
        lines.clear()
        assert verdict(run(gaussdb_estate=LOCKED, gaussdb_drift_baseline=given, kept=[ACCEPTED])) == "in_step"
        assert lines == [f"{IN_STEP} (1 accepted)"]
    assert verdict(run(gaussdb_estate=LOCKED, args={"baseline": [ACCEPTED]})) == "in_step"


def test_variables_and_options_say_what_to_do(folder: Path) -> None:
    run(gaussdb_drift_dest="other.json")
    assert written("other.json") and not (folder / "drift.json").exists()
    run(gaussdb_drift_dest="other.json", args={"dest": "a.json", "page_dest": "b.md"})
    assert written("a.json") and (folder / "b.md").exists()


def test_only_a_described_part_makes_an_object_drift(lines: list[str], platform: Platform) -> None:
    assert verdict(run(gaussdb_estate={"instances": [{"name": "core"}]})) == "in_step"
    assert lines == [f"{IN_STEP} (1 undescribed not counted)"]
    run(gaussdb_estate={"instances": [{"name": "core", "users": [{**USER, "name": "other"}]}]})
    assert "core: not described: user app" in lines


def test_another_instance_is_drift(lines: list[str], platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    only = platform.items

    def items(call: Any) -> list[dict[str, Any]]:
        more = {"id": "2", "name": "cards", "status": "ACTIVE"}
        return only(call) + [call.operation.shape.read(more)] * (call.operation.name == "list_instances")

    monkeypatch.setattr(platform, "items", items)
    assert verdict(run()) == "drift"
    assert lines[0] == "site-a: not described: instance cards"


def test_a_platform_that_describes_nothing_is_in_step() -> None:
    assert verdict(run(gaussdb_estate={}, gaussdb_empty_estate=True)) == "in_step"
    assert verdict(run(gaussdb_estate={})) == "cannot_tell"


# Cannot tell

NOWHERE = trust_as_template("{{ nowhere }}")


@pytest.mark.parametrize(
    ("variables", "reason"),
    [
        ({"gaussdb_estate": NOWHERE}, "gaussdb_estate: 'nowhere' is undefined"),
        ({"gaussdb_estate": None}, "gaussdb_estate: is missing, or describes nothing"),
        ({"gaussdb_estate": {"hosts": NOWHERE}}, "hosts: 'nowhere' is undefined"),
        (
            {"gaussdb_estate": {"instances": [{"name": "core", "users": [{"name": "app", "password": NOWHERE}]}]}},
            "instances[core].users[0].password: 'nowhere' is undefined",
        ),
        ({"gaussdb_estate": {"instnaces": []}}, "instnaces: unknown, did you mean instances?"),
        ({"gaussdb_estate": {"instances": [{"name": "core", "port": 99999}]}}, "instances[core].port: 99999 is out"),
        ({"gaussdb_estate_dir": "nowhere", "gaussdb_estate": None}, "gaussdb_estate_dir: "),
        ({"gaussdb_estate_dir": NOWHERE}, "gaussdb_estate_dir: 'nowhere' is undefined"),
        ({"gaussdb_plan_connections": 0}, "gaussdb_plan_connections: 0 is out of range"),
        ({"gaussdb_drift_pending": "maybe"}, "gaussdb_drift_pending: not true or false"),
        ({"gaussdb_drift_baseline": "nowhere.yml"}, "gaussdb_drift_baseline: cannot be read: "),
        ({"gaussdb_drift_baseline": NOWHERE}, "gaussdb_drift_baseline: 'nowhere' is undefined"),
        ({"gaussdb_drift_baseline": {}}, "gaussdb_drift_baseline: not a list"),
        ({"gaussdb_drift_baseline": [{**ACCEPTED, "until": "later"}]}, "gaussdb_drift_baseline[0].until: is not a day"),
        ({"tpops_password": NOWHERE}, "tpops_password: 'nowhere' is undefined"),
        ({"tpops_timeout": "long"}, "tpops_timeout: not a whole number"),
        ({"tpops_language": "fr"}, "tpops_language: not allowed"),
        ({"transport": "ssh"}, "site-a: A plan needs a local connection, not ssh"),
        ({"args": {"unknown": 1}}, "site-a: "),
        ({"args": {"approved": "plan.json"}}, "site-a: "),
        ({"dr_relations": [{"nmae": "x"}]}, "dr_relations[0].nmae: unknown, did you mean name?"),
        ({"args": {"connections": 0}}, "connections: 0 is out of range"),
    ],
)
def test_what_is_wrong_is_no_drift(lines: list[str], variables: dict[str, Any], reason: str) -> None:
    result = run(**variables)
    assert verdict(result) == "cannot_tell"
    assert [line for line in lines if line.startswith(reason)], lines
    assert result["msg"] == lines[-1] and lines[-1].startswith("Cannot tell whether site-a is in step")
    assert SECRET not in repr(result) + repr(lines) + Path("drift.json").read_text() + Path("drift.md").read_text()


def test_a_secret_that_is_read_as_a_template_is_not_quoted(lines: list[str]) -> None:
    broken = trust_as_template(SECRET + "{{ x")
    user = {"name": "app", "password": broken}
    for variables in (
        {"tpops_password": broken},
        {"gaussdb_estate": {"instances": [{"name": "core", "users": [user]}]}},
    ):
        assert verdict(run(**variables)) == "cannot_tell"
    assert lines and SECRET not in repr(lines) + Path("drift.json").read_text()


def test_all_that_is_wrong_with_variables_is_reported_at_once(lines: list[str]) -> None:
    run(tpops_timeout="long", tpops_password=NOWHERE, gaussdb_plan_connections=0)
    assert {line.partition(":")[0] for line in lines[:-1]} == {
        "tpops_password",
        "tpops_timeout",
        "gaussdb_plan_connections",
    }


def test_a_file_in_which_nothing_is_left_accepts_nothing(folder: Path) -> None:
    (folder / "accepted.yml").write_text("# Everything was fixed.\n")
    assert verdict(run(gaussdb_drift_baseline="accepted.yml")) == "in_step"


def test_a_mistake_in_a_file_is_found_by_its_line(folder: Path, lines: list[str]) -> None:
    (folder / "accepted.yml").write_text("- part: users\n  reason: a\n  until: never\n")
    assert verdict(run(gaussdb_drift_baseline="accepted.yml")) == "cannot_tell"
    assert lines[0].endswith("(accepted.yml:3)"), lines


@pytest.mark.parametrize("error", [ApiFailure("no answer"), RuntimeError(SECRET)])
def test_a_platform_that_cannot_be_read_is_no_drift(platform: Platform, lines: list[str], error: Exception) -> None:
    platform.error = error
    assert verdict(run(gaussdb_estate=LOCKED)) == "cannot_tell"
    assert SECRET not in repr(lines)


def test_a_bug_is_no_drift(monkeypatch: pytest.MonkeyPatch, lines: list[str]) -> None:
    monkeypatch.setattr(action.drift_page, "render", lambda _whole: 1 / 0)
    result = run()
    assert result["unreachable"] and "ZeroDivisionError" in lines[0]


# The file


def test_it_is_not_written_where_that_is_impossible(lines: list[str]) -> None:
    result = run(gaussdb_drift_dest="nowhere/drift.json")
    assert result["unreachable"] and lines[0].startswith("gaussdb_drift_dest: nowhere/drift.json cannot be written")
    lines.clear()
    result = run(gaussdb_drift_dest=NOWHERE)
    assert result["unreachable"] and "dest" not in result
    assert lines[0] == "gaussdb_drift_dest: 'nowhere' is undefined"


def test_in_check_mode_it_is_not_written(folder: Path) -> None:
    assert run(check_mode=True)["verdict"] == "in_step"
    assert list(folder.iterdir()) == []


def test_all_platforms_of_a_play_are_in_it(folder: Path) -> None:
    (folder / "drift.json").write_text('{"sites": {"old": {}}}')
    sites = {"ansible_play_hosts_all": ["site-b", "site-a", "site-c"]}
    run(**sites)
    found = written()
    assert {name: record["verdict"] for name, record in found["sites"].items()} == {
        "site-b": "cannot_tell",
        "site-a": "in_step",
        "site-c": "cannot_tell",
    }
    assert found["verdict"] == "cannot_tell"
    run(**sites, inventory_hostname="site-c", gaussdb_estate=LOCKED)
    run(**sites, inventory_hostname="site-b")
    assert {name: record["verdict"] for name, record in written()["sites"].items()} == {
        "site-b": "in_step",
        "site-a": "in_step",
        "site-c": "drift",
    }
    assert written()["verdict"] == "drift"


@pytest.mark.parametrize(
    ("variables", "verdict", "outcome"),
    [
        ({}, "in_step", {"failed": False}),
        ({"gaussdb_estate": LOCKED}, "drift", {"failed": True}),
        ({"gaussdb_estate": None}, "cannot_tell", {"failed": False, "unreachable": True}),
    ],
)
def test_a_second_task_has_the_verdict_as_its_outcome(
    variables: dict[str, Any], verdict: str, outcome: dict[str, Any], lines: list[str]
) -> None:
    """Ansible takes statistics only from a task that is ok."""
    found = run(args={"enforced": False}, **variables)
    assert not found.get("failed") and not found.get("unreachable") and found["verdict"] == verdict
    (statistic,) = found["ansible_stats"]["data"]["gaussdb_drift"].values()
    assert statistic["verdict"] == statistic["record"]["verdict"] == verdict
    lines.clear()
    ended = run(args={"verdict": found}, gaussdb_estate=None)
    assert ended == {"changed": False, "msg": found["msg"], **outcome} and lines == []


def test_a_wrong_sink_is_no_drift() -> None:
    found = run(gaussdb_evidence_sink=[{"kind": "ftp"}])
    assert found["verdict"] == "cannot_tell" and "gaussdb_evidence_sink[0].kind" in str(found["summary"])
