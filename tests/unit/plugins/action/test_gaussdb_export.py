# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The action that exports: what it takes, writes, returns and shows."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from unittest.mock import MagicMock

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.playbook.play_context import PlayContext
from ansible.template import Templar

from ansible_collections.gaussdb.tpops.plugins.action import gaussdb_export as action
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import ApiFailure, AuthenticationFailed
from ansible_collections.gaussdb.tpops.plugins.modules.gaussdb_export import DOCUMENTATION
from ansible_collections.gaussdb.tpops.tests.unit.plugins.plugin_utils.estate.test_export import CORE, Platform

SECRET = "Sentinel_Secret-7"
CONNECTION = {"endpoint": "tpops.example.com:8002", "username": "automation", "password": SECRET}
FILES = ["instances/core.yml", "instances/other.yml", "site.yml", "vault.example.yml"]


class Client(Platform):
    """A platform with two instances, one of which is described with a secret by mistake."""

    def __init__(self) -> None:
        center = {"id": "d1", "name": "hall-1", "description": f"Login {SECRET}"}
        super().__init__(list_instances=[CORE, {**CORE, "id": "i2", "name": "other"}], list_data_centers=[center])
        self.closed = False
        self.warnings = ["not kept"]

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    shown: list[str] = []
    monkeypatch.setattr(action.display, "display", lambda text, **_options: shown.append(text))
    return shown


@pytest.fixture
def platform(monkeypatch: pytest.MonkeyPatch) -> Client:
    found = Client()
    monkeypatch.setattr(action, "LimitedClient", lambda *_arguments: found)
    return found


def run(
    folder: Path,
    transport: str = "local",
    check_mode: bool = False,
    diff: bool = False,
    variables: dict[str, Any] | None = None,
    **args: Any,
) -> dict[str, Any]:
    args = {**CONNECTION, "dest": str(folder), **args}
    task = MagicMock(args=args, async_val=0, check_mode=check_mode, no_log=False, environment=None, diff=diff)
    loader = DataLoader()
    templar = Templar(loader=loader, variables={})
    connection = MagicMock(transport=transport)
    connection._shell.env_prefix.return_value = ""
    module = action.ActionModule(task, connection, PlayContext(), loader, templar, MagicMock())
    return module.run(task_vars={"inventory_hostname": "site-a", **(variables or {})})


def files_in(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_an_export_is_written_shown_and_returned(lines: list[str], platform: Client, tmp_path: Path) -> None:
    result = run(tmp_path)
    assert result["changed"] and not result["failed"]
    assert files_in(tmp_path) == sorted(result["written"]) == FILES
    assert lines == [result["msg"]] == [f"site-a: 2 instances in {tmp_path}, 4 files written"]
    assert (result["instances"], result["removed"], result["failures"]) == (["core", "other"], [], [])
    assert "vault_core_root_password" in result["secrets"]
    assert {"instance": "", "part": "key_pairs", "text": "the platform does not show algorithm"} in (
        result["not_described"]
    )
    assert result["reads"]["list_instances"] == 1 and result["reads"]["list_users"] == 2
    assert platform.closed and result["warnings"] == ["not kept"]
    again = run(tmp_path)
    assert not again["changed"] and "diff" not in again


def test_the_host_of_an_instance_exports_as_its_platform(lines: list[str], platform: Client, tmp_path: Path) -> None:
    run(tmp_path)
    again = run(tmp_path, variables={"inventory_hostname": "core@site-a", "gaussdb_site": "site-a"})
    assert not again["changed"] and not again["failed"] and lines[-1].startswith("site-a: 2 instances")


def test_no_secret_of_the_connection_is_written_or_returned(lines: list[str], platform: Client, tmp_path: Path) -> None:
    result = run(tmp_path)
    texts = [path.read_text() for path in tmp_path.rglob("*.yml")]
    assert "description: Login " in "".join(texts)
    assert SECRET not in repr(result) + repr(lines) + "".join(texts)


def test_in_check_mode_nothing_is_written(lines: list[str], platform: Client, tmp_path: Path) -> None:
    result = run(tmp_path / "new", check_mode=True, diff=True)
    assert result["changed"] and files_in(tmp_path) == []
    assert sorted(diff["after_header"].rpartition("new/")[2] for diff in result["diff"]) == FILES


def test_a_target_is_exported_alone(lines: list[str], platform: Client, tmp_path: Path) -> None:
    result = run(tmp_path, instances="core,oth?r")
    assert sorted(result["written"]) == FILES[:2] + FILES[3:] and result["matched"] == ["core", "oth?r"]
    platform.lists["list_instances"] = [CORE]
    assert run(tmp_path, instances=["core"])["removed"] == []
    assert run(tmp_path)["removed"] == ["instances/other.yml"]
    assert lines[-1].endswith(", 2 files written, 1 removed")


def test_what_could_not_be_read_fails_the_task_after_the_rest_was_written(
    lines: list[str], platform: Client, tmp_path: Path
) -> None:
    platform.lists["get_parameters"] = {"i1": ApiFailure("no answer")}
    result = run(tmp_path)
    assert result["failed"] and result["changed"]
    assert files_in(tmp_path) == FILES[1:]
    assert lines == ["core.parameters: no answer", result["msg"]]
    assert result["msg"].endswith(", 1 part not read, so 1 file left as before")


def test_what_is_not_there_is_not_exported(lines: list[str], platform: Client, tmp_path: Path) -> None:
    result = run(tmp_path / "new", instances=["nothing"])
    assert (result["changed"], result["instances"], result["matched"]) == (False, [], [])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"transport": "ssh"}, "needs a local connection, not ssh"),
        ({"connections": 0}, "connections: 0 is out of range"),
        ({"dest": None}, "required"),
        ({"user": "x"}, "user"),
    ],
)
def test_what_cannot_be_done_is_refused_before_any_write(
    lines: list[str], platform: Client, tmp_path: Path, options: Any, message: str
) -> None:
    result = run(tmp_path / "new", **options)
    assert result["failed"] and message in result["msg"]
    assert list(tmp_path.iterdir()) == [] and lines == []


def test_a_platform_that_does_not_answer_is_an_error(lines: list[str], platform: Client, tmp_path: Path) -> None:
    platform.lists["list_instances"] = AuthenticationFailed("refused")
    result = run(tmp_path / "new")
    assert result["failed"] and result["msg"] == "refused" and platform.closed
    assert list(tmp_path.iterdir()) == []


def test_without_the_library_for_http_it_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(action, "HAS_REQUESTS", False)
    assert "requests is required" in run(tmp_path)["msg"]


def test_every_option_is_documented() -> None:
    for each in action.FIELDS[-4:]:
        assert f"\n  {each.name}:\n" in DOCUMENTATION
