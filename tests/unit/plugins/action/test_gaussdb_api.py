# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The action that runs modules inside the controller: when it does, what it passes on, and what it hides."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import MagicMock

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.playbook.play_context import PlayContext

from ansible_collections.gaussdb.tpops.plugins.action import gaussdb_api as action
from ansible_collections.gaussdb.tpops.plugins.module_utils.http import token_cache

ENDPOINT = {"endpoint": "localhost:1", "username": "admin", "password": "hunter2"}


class PlainTemplar:
    """Replaces Ansible's: these tests have no templates."""

    def template(self, value: Any, **_options: Any) -> Any:
        return value


def make(
    monkeypatch: pytest.MonkeyPatch,
    args: dict[str, Any],
    name: str = "gaussdb.tpops.gaussdb_user",
    transport: str = "local",
    **task: Any,
) -> tuple[action.ActionModule, dict[str, Any]]:
    """Return the action for a task and what its runner sees."""
    fake_task = MagicMock()
    values = {
        "action": name,
        "args": args,
        "async_val": 0,
        "check_mode": False,
        "environment": None,
        "diff": False,
        "no_log": False,
    }
    for key, value in {**values, **task}.items():
        setattr(fake_task, key, value)
    connection = SimpleNamespace(transport=transport, become=task.get("become"), _shell=MagicMock(tmpdir=None))
    module = action.ActionModule(fake_task, connection, PlayContext(), MagicMock(), PlainTemplar(), MagicMock())
    seen: dict[str, Any] = {}

    def execute(
        spec: Any, module_name: str, params: Any, check_mode: bool = False, progress: Any = None
    ) -> dict[str, Any]:
        seen.update(spec=spec, name=module_name, params=params, check_mode=check_mode, progress=progress)
        seen["proxy"] = os.environ.get("HTTPS_PROXY")
        return {"changed": True, "echo": f"the password is {params['password']}"}

    monkeypatch.setattr(action, "run_spec", execute)
    monkeypatch.setattr(module, "_execute_module", lambda **given: {"as_process": given})
    return module, seen


USERS = {**ENDPOINT, "instance_id": "1in14", "users": [{"name": "app", "password": "s3cret-of-app"}]}


def test_the_spec_of_the_named_module_is_run_with_validated_arguments(monkeypatch: pytest.MonkeyPatch) -> None:
    module, seen = make(monkeypatch, dict(USERS), check_mode=True)
    result = module.run(task_vars={})
    assert seen["spec"].plural == "users"
    assert seen["name"] == "gaussdb_user"
    assert seen["check_mode"] is True
    assert seen["params"]["update_password"] == "on_create"
    assert seen["params"]["users"][0]["locked"] is None
    assert result["changed"]
    assert "hunter2" not in str(result)


@pytest.mark.parametrize(
    ("variables", "given"),
    [
        ({"run_in_controller": False}, {}),
        ({"run_in_controller": "no"}, {}),
        ({}, {"transport": "ssh"}),
        ({}, {"async_val": 30}),
        ({}, {"become": object()}),
    ],
)
def test_anything_else_is_left_to_the_module(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, Any], given: dict[str, Any]
) -> None:
    module, seen = make(monkeypatch, dict(USERS), **given)
    result = module.run(task_vars=variables)
    assert result["as_process"]["module_name"] == "gaussdb.tpops.gaussdb_user"
    assert seen == {}


@pytest.mark.parametrize("there", [True, False])
def test_a_delegated_task_goes_by_the_switch_of_the_other_host(monkeypatch: pytest.MonkeyPatch, there: bool) -> None:
    module, _seen = make(monkeypatch, dict(USERS), delegate_to="site-a")
    variables = {"run_in_controller": not there, "ansible_delegated_vars": {"site-a": {"run_in_controller": there}}}
    assert ("as_process" in module.run(task_vars=variables)) is not there


def test_a_process_starts_in_the_current_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    module, _seen = make(monkeypatch, dict(USERS), transport="ssh")
    module._loader = DataLoader()
    module._loader.set_basedir(str(tmp_path / "playbooks"))
    monkeypatch.setattr(module, "_execute_module", lambda **_given: {"basedir": module._loader.get_basedir()})
    monkeypatch.chdir(tmp_path)
    assert module.run(task_vars={})["basedir"] == str(tmp_path)
    assert module._loader.get_basedir() == str(tmp_path / "playbooks")


def test_the_switch_is_an_environment_variable_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(action.SWITCH_ENV, "false")
    module, _seen = make(monkeypatch, dict(USERS))
    assert "as_process" in module.run(task_vars={})
    assert "as_process" not in module.run(task_vars={"run_in_controller": True})


def test_without_requests_the_module_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    module, _seen = make(monkeypatch, dict(USERS))
    monkeypatch.setattr(action, "HAS_REQUESTS", False)
    assert "as_process" in module.run(task_vars={})


def test_the_environment_of_the_task_holds_while_it_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """As for a process: options, a proxy and the trusted certificates come from it."""
    monkeypatch.setenv("GAUSSDB_TPOPS_USERNAME", "from-controller")
    monkeypatch.delenv("HTTPS_PROXY", raising=False)
    environment = [
        {"GAUSSDB_TPOPS_ENDPOINT": "a:1", "GAUSSDB_TPOPS_USERNAME": "first", "GAUSSDB_TPOPS_TIMEOUT": 7},
        {"GAUSSDB_TPOPS_USERNAME": "last", "HTTPS_PROXY": "http://proxy:3128"},
    ]
    args = {"password": "given", "instance": "x", "users": []}
    module, seen = make(monkeypatch, args, environment=[*environment, {"GAUSSDB_TPOPS_PASSWORD": "not taken"}])
    module.run(task_vars={})
    assert {key: seen["params"][key] for key in ("endpoint", "username", "password", "timeout")} == {
        "endpoint": "a:1",
        "username": "last",
        "password": "given",
        "timeout": 7,
    }
    assert seen["proxy"] == "http://proxy:3128"
    assert "HTTPS_PROXY" not in os.environ
    assert os.environ["GAUSSDB_TPOPS_USERNAME"] == "from-controller"


def test_a_password_of_the_environment_is_not_echoed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GAUSSDB_TPOPS_PASSWORD", "hunter3")
    module, _seen = make(monkeypatch, {"endpoint": "localhost:1", "language": "hunter3", "instance": "x", "users": []})
    result = module.run(task_vars={})
    assert "language" in result["msg"]
    assert "hunter3" not in str(result)


def test_a_value_in_the_wrong_option_is_not_echoed(monkeypatch: pytest.MonkeyPatch) -> None:
    users = [{"name": "app", "password": "s3cret-of-app", "locked": "s3cret-of-app"}]
    module, seen = make(monkeypatch, {**USERS, "users": users})
    result = module.run(task_vars={})
    assert result["failed"]
    assert "locked" in result["msg"]
    assert "s3cret-of-app" not in str(result)
    assert seen == {}


def test_secrets_are_found_wherever_they_are_nested() -> None:
    spec = {
        "a": {"no_log": True},
        "b": {"options": {"c": {"no_log": True}, "d": {}}},
        "e": {"elements": "dict", "options": {"f": {"no_log": True, "aliases": ["g"]}}},
    }
    arguments = {"a": {"x": ["1", 2], "y": True}, "b": {"c": "3", "d": "shown"}, "e": [{"g": "4"}, "no dict"]}
    assert sorted(action._secrets(spec, arguments)) == ["1", "2", "3", "4"]
    assert list(action._secrets(spec, "no dict")) == []


@pytest.mark.parametrize(
    ("configured", "verbosity", "there"), [(None, 2, False), (None, 3, True), (False, 3, False), (True, 0, True)]
)
def test_the_invocation_is_shown_on_request_and_masked(
    monkeypatch: pytest.MonkeyPatch, configured: bool | None, verbosity: int, there: bool
) -> None:
    """Older versions of ansible-core have no such setting, and show it in verbose mode."""
    module, _seen = make(monkeypatch, dict(USERS))
    monkeypatch.setattr(action.display, "verbosity", verbosity)
    monkeypatch.delattr(action.C, "INJECT_INVOCATION", raising=False)
    if configured is not None:
        monkeypatch.setattr(action.C, "INJECT_INVOCATION", configured, raising=False)
    result = module.run(task_vars={})
    assert ("invocation" in result) == there
    if there:
        shown = result["invocation"]["module_args"]
        assert shown["users"][0]["name"] == "app"
        assert shown["users"][0]["password"] == action.HIDDEN
        assert shown["password"] == action.HIDDEN
        assert shown["token"] is None


def progress_lines(
    monkeypatch: pytest.MonkeyPatch, *lines: str, variables: dict[str, Any] | None = None, **task: Any
) -> list[str]:
    """Run a task that reports the lines, and return the standard error; nothing goes to standard output."""
    module, seen = make(monkeypatch, dict(USERS), **task)
    shown: list[str] = []

    def display(text: str, stderr: bool = False) -> None:
        assert stderr
        shown.append(text)

    monkeypatch.setattr(action.display, "display", display)
    module.run(task_vars=variables or {})
    for line in lines if seen["progress"] else ():
        seen["progress"](line)
    return shown


def test_progress_lines_are_shown_without_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    line = "gaussdb_user app: Job 45% (2m10s), hunter2"
    assert progress_lines(monkeypatch, line) == ["gaussdb_user app: Job 45% (2m10s), ********"]


def test_progress_lines_cannot_control_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    odd = "job \x1b[2J\x1b]0;title\x07 90%\r\nok: [host]\u202e\u2028PLAY RECAP\x00\ud800 \u4e2d\u6587"
    (line,) = progress_lines(monkeypatch, odd)
    assert line == "job \ufffd[2J\ufffd]0;title\ufffd 90% ok: [host]\ufffd PLAY RECAP\ufffd\ufffd \u4e2d\u6587"
    (long,) = progress_lines(monkeypatch, "x" * 100_000)
    assert len(long) == 500


@pytest.mark.parametrize(
    ("variables", "environment", "task"),
    [
        ({}, {}, {"no_log": True}),
        ({"gaussdb_progress": False}, {}, {}),
        ({"gaussdb_progress": "no"}, {"GAUSSDB_TPOPS_PROGRESS": "yes"}, {}),
        ({}, {"GAUSSDB_TPOPS_PROGRESS": "0"}, {}),
        ({}, {}, {"environment": [{"GAUSSDB_TPOPS_PROGRESS": "false"}]}),
        ({}, {"GAUSSDB_TPOPS_PROGRESS": "true"}, {"environment": [{"GAUSSDB_TPOPS_PROGRESS": "false"}]}),
    ],
)
def test_progress_lines_can_be_turned_off(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, Any], environment: dict[str, str], task: dict[str, Any]
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert progress_lines(monkeypatch, "a line", variables=variables, **task) == []


def test_a_module_learns_the_run_and_the_home_from_the_controller(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether it runs here or as a process. The environment of the task takes precedence, and a home has no meaning for
    another host or user."""

    def known(origin: str, environment: Any = None, **given: Any) -> dict[str, str]:
        monkeypatch.setattr(action.C.config, "get_config_value_and_origin", lambda _name: ("/configured", origin))
        module, _seen = make(monkeypatch, dict(USERS), environment=environment, **given)
        found: dict[str, str] = {"stale": "x"}
        module._compute_environment_string(found)
        module._connection._shell.env_prefix.assert_called_with(**found)
        return found

    run = {token_cache.RUN_VARIABLE: action.RUN}
    here = {**run, token_cache.RUN_DIRECTORY: action.C.DEFAULT_LOCAL_TMP}
    assert known("ansible.cfg") == {**here, "ANSIBLE_HOME": "/configured"}
    assert known("ansible.cfg", [{"ANSIBLE_HOME": "/of/the/task", "A": "b"}]) == {
        **here,
        "ANSIBLE_HOME": "/of/the/task",
        "A": "b",
    }
    assert known("default") == here
    assert known("ansible.cfg", transport="ssh") == run
    assert known("ansible.cfg", become=object()) == run
    assert len(action.RUN) == 16


def test_null_and_an_empty_id_are_dropped_before_ansible_validates(monkeypatch: pytest.MonkeyPatch) -> None:
    arguments = {**USERS, "instance": "orders", "instance_id": "", "timeout": None, "state": None, "ca_path": ""}
    module, seen = make(monkeypatch, arguments)
    assert module.run(task_vars={})["changed"]
    assert seen["params"]["instance_id"] is None
    assert seen["params"]["timeout"] == 30
    assert seen["params"]["state"] == "present"


def test_a_member_of_a_list_without_a_value_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    module, seen = make(monkeypatch, {**USERS, "users": [*USERS["users"], None]})
    result = module.run(task_vars={})
    assert result["failed"]
    assert result["msg"] == "users[1]: has no value; give one or leave the entry out"
    assert not seen
