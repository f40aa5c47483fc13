# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The action that plans: what it takes, writes, returns and shows."""

from __future__ import annotations

import copy
import json
import stat
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.playbook.play_context import PlayContext
from ansible.template import Templar
from ansible.utils.unsafe_proxy import wrap_var

from ansible_collections.gaussdb.tpops.plugins.action import gaussdb_plan as action
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import ApiFailure
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.reads import SharedReads

try:
    from ansible.template import trust_as_template
except ImportError:  # Before ansible-core 2.19 all texts are templates.

    def trust_as_template(value: str) -> str:
        return value


SECRET = "Sentinel_Secret-7"
CONNECTION = {"endpoint": "tpops.example.com:8002", "username": "automation", "password": SECRET}
ESTATE = {
    "instances": [
        {"name": "core", "users": [{"name": "app", "password": trust_as_template("{{ secret }}"), "locked": True}]}
    ]
}


class Platform:
    """Has one instance with one user. ``error`` is raised by every read, or only by ``failing``."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.failing = ""
        self.requests_sent, self.knows_time, self.warnings, self.closed = 0, True, ["not kept"], False
        self.calls: list[Any] = []

    def token(self) -> str:
        return "token"

    def items(self, call: Any) -> list[dict[str, Any]]:
        self.calls.append(call)
        if self.error and self.failing in ("", call.operation.name):
            raise self.error
        rows: dict[str, list[Any]] = {
            "list_instances": [{"id": "1", "name": "core", "status": "ACTIVE"}],
            "list_users": [{"name": "app", "lock_status": False}],
        }
        return [call.operation.shape.read(row) for row in copy.deepcopy(rows.get(call.operation.name, []))]

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    shown: list[str] = []
    monkeypatch.setattr(action.display, "display", lambda text, **_options: shown.append(text))
    return shown


@pytest.fixture
def platform(monkeypatch: pytest.MonkeyPatch) -> Platform:
    found = Platform()
    client: Any = found
    monkeypatch.setattr(action, "open_reads", lambda *_arguments: SharedReads(lambda: client))
    return found


def run(variables: dict[str, Any], transport: str = "local", check_mode: bool = False, **args: Any) -> dict[str, Any]:
    args = {**CONNECTION, **args}
    task = MagicMock(args=args, async_val=0, check_mode=check_mode, no_log=False, environment=None, diff=False)
    everything = {"inventory_hostname": "site-a", "secret": SECRET, **variables}
    loader = DataLoader()
    templar = Templar(loader=loader, variables=everything)
    connection = MagicMock(transport=transport)
    connection._shell.env_prefix.return_value = ""
    module = action.ActionModule(task, connection, PlayContext(), loader, templar, MagicMock())
    return module.run(task_vars=everything)


def test_a_plan_is_written_shown_and_returned(lines: list[str], platform: Platform, tmp_path: Path) -> None:
    dest = tmp_path / "plan.json"
    result = run({"gaussdb_estate": ESTATE}, dest=str(dest))
    assert not result["failed"] and result["changed"]
    assert result["summary"] == ["core: user app changed"] == lines[:1]
    assert lines[-1] == result["msg"] == "The plan of site-a: 1 difference, 0 pending"
    assert (result["in_step"], result["complete"], result["parts"]) == (False, True, {"core": ["users"]})
    plan = json.loads(dest.read_text())
    assert plan["digest"] == result["digest"] and plan["site"] == "site-a"
    assert result["page_dest"] == str(tmp_path / "plan.md")
    for path in (dest, tmp_path / "plan.md"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert SECRET not in path.read_text()
    assert SECRET not in repr(result) + repr(lines)
    assert result["reads"] == {"list_databases": 1, "list_hosts": 1, "list_instances": 1, "list_users": 1}
    assert platform.closed
    assert not run({"gaussdb_estate": ESTATE}, dest=str(dest))["changed"]


def test_in_check_mode_no_file_is_written(lines: list[str], platform: Platform, tmp_path: Path) -> None:
    result = run({"gaussdb_estate": ESTATE}, check_mode=True, dest=str(tmp_path / "plan.json"))
    assert result["changed"] and list(tmp_path.iterdir()) == []


def test_what_could_not_be_read_fails_the_task_after_the_plan_was_written(
    lines: list[str], platform: Platform, tmp_path: Path
) -> None:
    platform.error = ApiFailure("no answer")
    result = run({"gaussdb_estate": ESTATE}, dest=str(tmp_path / "a.json"), page_dest=str(tmp_path / "b.md"))
    assert result["failed"] and not result["complete"]
    assert "site-a: no answer" in lines
    assert "not complete" in result["msg"]
    assert json.loads((tmp_path / "a.json").read_text())["complete"] is False
    assert "no answer" in (tmp_path / "b.md").read_text()


NOTHING = "is missing, or describes nothing. If that is meant, it is {} and gaussdb_empty_estate is true"


@pytest.mark.parametrize(
    ("variables", "path", "reason"),
    [
        ({}, "gaussdb_estate", NOTHING),
        ({"gaussdb_estate": {}}, "gaussdb_estate", NOTHING),
        ({"gaussdb_estate": ["a"]}, "gaussdb_estate", "not a dictionary"),
        ({"gaussdb_estate": {"hosts": trust_as_template("{{ nowhere }}")}}, "hosts", "'nowhere' is undefined"),
        (
            {"gaussdb_estate": {"instances": [{"name": "core", "root_password": trust_as_template("{{ nowhere }}")}]}},
            "instances[core].root_password",
            "'nowhere' is undefined",
        ),
    ],
)
def test_a_description_that_cannot_be_read_is_a_plan_that_says_so(
    lines: list[str], platform: Platform, tmp_path: Path, variables: dict[str, Any], path: str, reason: str
) -> None:
    dest = tmp_path / "plan.json"
    result = run(variables, dest=str(dest))
    assert result["failed"] and not result["complete"] and not platform.calls
    (failure,) = json.loads(dest.read_text())["failures"]
    assert (failure["path"], failure["kind"], failure["reason"]) == (path, "refused", reason)


def test_all_that_is_wrong_with_a_description_is_shown_before_any_request(
    lines: list[str], platform: Platform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "site.yml").write_text(
        f"instances:\n  - name: core\n    port: 0\n    users: [{{name: app, password: {SECRET[:8]}, lockd: true}}]\n"
    )
    result = run({}, estate_dir=str(tmp_path))
    assert result["failed"] and not platform.calls
    assert lines[1:4] == [
        "instances[core].port: 0 is out of range; allowed are 1 to 65535 (site.yml:3)",
        lines[2],
        "instances[core].users[0].lockd: unknown, did you mean locked? (site.yml:4)",
    ]
    assert lines[2].startswith("instances[core].users[0].password: too weak")
    assert "3 parts refused or not read" in lines[-1]
    assert SECRET[:8] not in repr(result) + repr(lines)


def test_relations_are_validated_where_there_are_any(lines: list[str], platform: Platform) -> None:
    assert not run({"gaussdb_estate": ESTATE}, relations="dr_relations")["failed"]
    relations = [{"name": "core", "members": [{"site": "site-x", "instance": "core"}]}]
    hosts = {"groups": {"all": ["site-a"]}}
    result = run({"gaussdb_estate": ESTATE, "dr_relations": relations, **hosts}, relations="dr_relations")
    assert result["failed"]
    assert "dr_relations[0].members[0].site: site-x is not a host of the inventory, did you mean site-a?" in lines


def test_a_text_that_is_marked_is_not_a_template(lines: list[str], platform: Platform) -> None:
    estate = copy.deepcopy(ESTATE)
    estate["instances"][0]["users"][0]["password"] = wrap_var("{{As-it-is_7}}")
    result = run({"gaussdb_estate": estate})
    assert not result["failed"] and "As-it-is_7" not in repr(result) + repr(lines)


def test_a_tree_is_planned_too(lines: list[str], platform: Platform, tmp_path: Path) -> None:
    (tmp_path / "site.yml").write_text("instances: [{name: core}]\n")
    assert run({}, estate_dir=str(tmp_path))["in_step"]
    assert lines == ["site-a is in step with its description"]


@pytest.mark.parametrize(
    ("args", "msg"),
    [
        ({"connections": 0}, "connections"),
        ({"dest": "/nowhere/plan.json"}, "dest"),
        ({"dest": "plan.md"}, "page_dest"),
        ({"transport": "ssh"}, "local connection"),
        ({"unknown": 1}, "unknown"),
    ],
)
def test_what_it_cannot_do_is_refused_before_any_read(
    lines: list[str], platform: Platform, args: dict[str, Any], msg: str
) -> None:
    result = run({"gaussdb_estate": ESTATE}, **args)
    assert result["failed"] and msg in result["msg"]


def test_a_run_must_not_remove_what_nobody_has_confirmed(lines: list[str], platform: Platform) -> None:
    estate = {"instances": [{"name": "core", "state": "absent"}]}
    assert not run({"gaussdb_estate": estate})["failed"]
    refused = run({"gaussdb_estate": estate}, before_run=True)
    assert refused["failed"] and "gaussdb_confirm" in refused["msg"] and '["core"]' in refused["msg"]
    confirmed = run({"gaussdb_estate": estate}, before_run=True, confirm=["core"])
    assert not confirmed["failed"] and confirmed["parts"] == {"core": ["instances"]}


def test_a_run_finds_out_itself_what_could_not_be_read_but_not_what_is_refused(
    lines: list[str], platform: Platform
) -> None:
    platform.error, platform.failing = ApiFailure("no answer"), "list_users"
    found = run({"gaussdb_estate": ESTATE}, before_run=True)
    assert not found["failed"] and not found["complete"] and "users" in found["parts"]["core"]
    platform.failing = ""
    assert run({"gaussdb_estate": ESTATE}, before_run=True)["failed"]
    platform.error = None
    refused = run({"gaussdb_estate": {"instances": [{"name": "new1"}]}}, before_run=True)
    assert refused["failed"] and "Nothing was changed on site-a" in refused["msg"]


def test_a_run_follows_only_the_plan_that_was_approved(lines: list[str], platform: Platform, tmp_path: Path) -> None:
    approved = tmp_path / "plan.json"
    run({"gaussdb_estate": ESTATE}, dest=str(approved))
    assert not run({"gaussdb_estate": ESTATE}, before_run=True, approved=str(approved))["failed"]
    other = copy.deepcopy(ESTATE)
    other["instances"][0]["users"][0]["locked"] = False
    refused = run({"gaussdb_estate": other}, before_run=True, approved=str(approved))
    assert refused["failed"] and "no longer the one that was approved" in refused["msg"]
    assert "core: user app changed" in refused["msg"]
    missing = run({"gaussdb_estate": ESTATE}, before_run=True, approved=str(tmp_path / "none.json"))
    assert missing["failed"] and missing["msg"].startswith("approved: ")


def test_a_plan_hands_its_digest_on_and_a_run_compares_it(lines: list[str], platform: Platform) -> None:
    planned = run({"gaussdb_estate": ESTATE})
    stats = planned["ansible_stats"]
    assert (stats["per_host"], stats["aggregate"]) == (False, True)
    assert stats["data"] == {"gaussdb_plans": {"site-a": {"digest": planned["digest"], "summary": planned["summary"]}}}
    done = run({"gaussdb_estate": ESTATE}, before_run=True, approved_digest=planned["digest"])
    assert not done["failed"] and "ansible_stats" not in done
    for digest in (planned["digest"][:-1], "none"):
        refused = run({"gaussdb_estate": ESTATE}, before_run=True, approved_digest=digest)
        assert refused["failed"] and f"{digest} was approved" in refused["msg"]
    # What could not be read may have been read differently by who approved.
    platform.error, platform.failing = ApiFailure("no answer"), "list_users"
    assert "ansible_stats" not in run({"gaussdb_estate": ESTATE})
    refused = run({"gaussdb_estate": ESTATE}, before_run=True, approved_digest=planned["digest"])
    assert refused["failed"] and "its plan is not complete" in refused["msg"]


def test_without_a_comparison_everything_selected_is_to_be_converged(lines: list[str], platform: Platform) -> None:
    estate = {**ESTATE, "hosts": []}
    found = run({"gaussdb_estate": estate}, transport="ssh", before_run=True, compare=False, parts=["users", "hosts"])
    assert found["parts"] == {"": ["hosts"], "core": ["users"]}
    assert not platform.calls
    for option in ("approved", "approved_digest"):
        refused = run({"gaussdb_estate": estate}, before_run=True, compare=False, **{option: "plan.json"})
        assert refused["failed"] and refused["msg"].startswith(f"{option}: ")
