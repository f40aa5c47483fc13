# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Many hosts and one platform: logins, the token cache, and progress output."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from conftest import AS_RANDOM_USER, Platform

from common import ROOT

READ = {"gaussdb.tpops.gaussdb_data_center_info": {}}
BOTH_WAYS = pytest.mark.parametrize("in_controller", [True, False], ids=["in the controller", "as a process"])


class Controller:
    """Plays of one task for four hosts of the controller, each for three items of a loop."""

    def __init__(self, platform: Platform, folder: Path, in_controller: bool) -> None:
        self.platform, self.folder = platform, folder
        self.variables = {"ansible_connection": "local", "run_in_controller": in_controller}

    def play(
        self,
        *tasks: dict[str, Any],
        play: dict[str, Any] | None = None,
        prefix: Sequence[str] = (),
        unset: str = "",
        **environment: str,
    ) -> Any:
        """Run the tasks, by a command with ``prefix``, and return the process with separate streams."""
        playbook = self.folder / "play.yml"
        common = {"hosts": "all", "gather_facts": False, "vars": self.variables}
        playbook.write_text(json.dumps([{**common, **(play or {}), "tasks": list(tasks)}]))
        everything = self.platform.environment | environment
        return subprocess.run(
            [*prefix, *self.platform.command()[:1], "-i", "h1,h2,h3,h4", str(playbook)],
            env={name: value for name, value in everything.items() if name != unset},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            cwd=self.folder,
        )

    @property
    def operations(self) -> Counter[str]:
        return Counter(entry["operation_id"] for entry in self.platform.requests())


@pytest.fixture
def controller(platform: Platform, tmp_path: Path, in_controller: bool) -> Controller:
    return Controller(platform, tmp_path, in_controller)


@BOTH_WAYS
def test_a_wrong_password_is_tried_once_in_a_run(controller: Controller) -> None:
    task = {**READ, "loop": [1, 2, 3]}
    for attempt in (1, 2):
        run = controller.play(task, GAUSSDB_TPOPS_PASSWORD="Wrong-Password-1")
        assert run.returncode == 2
        assert controller.operations == {"create_token": attempt}
        assert "no login is tried again for a minute" in run.stdout + run.stderr
    right = controller.play(task)
    assert right.returncode == 0, right.stdout + right.stderr
    assert controller.operations == {"create_token": 3, "list_data_centers": 12}


@BOTH_WAYS
def test_tokens_that_cannot_be_kept_are_told(controller: Controller) -> None:
    """The home of the task is a file; Ansible's own home is not. So its temporary folder has the token of the run."""
    (controller.folder / "file").touch()
    home = {"ANSIBLE_HOME": str(controller.folder / "file")}
    run = controller.play({**READ, "loop": [1, 2, 3], "environment": home})
    assert run.returncode == 0, run.stdout + run.stderr
    assert " ".join((run.stdout + run.stderr).split()).count("The token is only kept for this run") == 1
    assert controller.operations == {"create_token": 1, "list_data_centers": 12}
    nowhere = {**home, "GAUSSDB_TPOPS_RUN_DIR": str(controller.folder / "file")}
    run = controller.play({**READ, "loop": [1, 2, 3], "environment": nowhere})
    assert run.returncode == 0, run.stdout + run.stderr
    assert " ".join((run.stdout + run.stderr).split()).count("The token cannot be kept, so every task logs in") == 1
    assert controller.operations["list_data_centers"] == 24


def shipped() -> dict[Path, int]:
    """Return the files and folders of the collection that Ansible reads, each with its time."""
    folders = [ROOT / name for name in ("meta", "playbooks", "plugins", "roles")]
    return {path: path.stat().st_mtime_ns for folder in folders for path in (folder, *folder.rglob("*"))}


@BOTH_WAYS
def test_a_random_user_without_a_home_logs_in_once(controller: Controller) -> None:
    """As in a container of a cluster. Nothing is written to the current folder or to the collection."""
    temporary = controller.folder / "temporary"
    temporary.mkdir()
    temporary.chmod(0o1777)
    before = shipped()
    # That capability does not count where a program asks whether it may read a file.
    with tempfile.NamedTemporaryFile() as certificate:
        Path(certificate.name).write_bytes(controller.platform.server.ca_path.read_bytes())
        Path(certificate.name).chmod(0o644)
        run = controller.play(
            {**READ, "loop": [1, 2, 3]},
            prefix=AS_RANDOM_USER,
            unset="ANSIBLE_HOME",
            HOME="/nonexistent",
            ANSIBLE_LOCAL_TEMP=str(temporary),
            ANSIBLE_REMOTE_TEMP=str(temporary),
            GAUSSDB_TPOPS_CA_PATH=certificate.name,
        )
    assert run.returncode == 0, run.stdout + run.stderr
    assert (run.stdout + run.stderr).count("The token is only kept for this run") == 1
    assert controller.operations == {"create_token": 1, "list_data_centers": 12}
    assert {path.name for path in controller.folder.iterdir()} == {"play.yml", "temporary"}
    assert before == shipped()
    assert list(temporary.iterdir()) == []


@BOTH_WAYS
def test_tokens_are_kept_in_the_home_of_the_configuration(controller: Controller) -> None:
    home = controller.folder / "configured"
    configuration = controller.folder / "ansible.cfg"
    configuration.write_text(f"[defaults]\nhome = {home}\n")
    run = controller.play(
        READ, unset="ANSIBLE_HOME", HOME=str(controller.folder / "of-the-user"), ANSIBLE_CONFIG=str(configuration)
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert len([path for path in (home / "gaussdb_tpops").iterdir() if not path.suffix]) == 1
    assert not (controller.folder / "of-the-user" / ".ansible" / "gaussdb_tpops").exists()
    assert controller.operations["create_token"] == 1


@pytest.mark.long
@pytest.mark.parametrize("in_controller", [True], ids=["in the controller"])
def test_progress_is_shown_on_standard_error_only(controller: Controller) -> None:
    """And never for a task with no_log, set by the task, its block or its play."""

    def lines(task: dict[str, Any], play: dict[str, Any] | None = None, **environment: str) -> tuple[int, int]:
        controller.platform.admin(
            "POST", "faults", {"kind": "status", "status": 503, "operation": "list_data_centers", "count": 1}
        )
        run = controller.play(task, play=play, **environment)
        assert run.returncode == 0, run.stdout + run.stderr
        return run.stdout.count("trying again"), run.stderr.count("trying again")

    assert lines(READ) == (0, 1)
    assert lines({**READ, "no_log": True}) == (0, 0)
    assert lines({**READ, "no_log": "{{ true }}", "loop": [1]}) == (0, 0)
    assert lines({"block": [READ], "no_log": True}) == (0, 0)
    assert lines(READ, {"no_log": True}) == (0, 0)
    assert lines({**READ, "vars": {"gaussdb_progress": False}}) == (0, 0)
    assert lines({**READ, "environment": {"GAUSSDB_TPOPS_PROGRESS": "false"}}) == (0, 0)
    assert lines(READ, GAUSSDB_TPOPS_PROGRESS="false") == (0, 0)
