# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A module as a process: what reaches its runner, and what ends it earlier."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible.module_utils.testing import patch_module_args

from ansible_collections.gaussdb.tpops.plugins.module_utils import runner
from ansible_collections.gaussdb.tpops.plugins.modules.gaussdb_user import SPEC

ARGUMENTS = {
    "endpoint": "localhost:1",
    "username": "admin",
    "password": "Sentinel-1",
    "instance": "orders",
    "users": [{"name": "app"}],
}


def run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], **given: Any
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the options that the runner gets, and what the process prints."""
    seen: dict[str, Any] = {}

    def execute(_spec: Any, _name: str, params: Any, check_mode: bool = False) -> dict[str, Any]:
        seen.update(params)
        return {"changed": False}

    monkeypatch.setattr(runner, "run_spec", execute)
    with patch_module_args({**ARGUMENTS, **given}), pytest.raises(SystemExit):
        runner.run_module(SPEC)
    return seen, json.loads(capsys.readouterr().out)


def test_null_and_an_empty_id_are_dropped_before_ansible_validates(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    seen, _printed = run(monkeypatch, capsys, instance_id="", timeout=None, state=None)
    assert (seen["instance_id"], seen["timeout"], seen["state"]) == (None, 30, "present")
    seen, printed = run(monkeypatch, capsys, instance=" ")
    assert not seen
    assert printed["msg"] == "one of the following is required: instance, instance_id"


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"users": [{"name": "app"}, None]}, "users[1]: has no value; give one or leave the entry out"),
        ({"users": [{"name": "a\0"}]}, "users[0].name: holds a null character"),
    ],
)
def test_what_nobody_can_send_ends_the_process_before_it_writes_to_any_log(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], given: dict[str, Any], problem: str
) -> None:
    seen, printed = run(monkeypatch, capsys, **given)
    assert not seen
    assert printed["failed"]
    assert printed["msg"] == problem
