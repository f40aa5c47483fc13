# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The commands of docs/install.md: each one that needs no hub and no container engine is run as it is written."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from conftest import ROOT, Platform, common

from ansible_test import copy_checkout

HOME = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))["repository"]
# Commands that are not run, and what they need.
NEEDS = {
    "ansible-galaxy collection install gaussdb.tpops": "Galaxy",
    "ansible-galaxy collection install -r requirements.yml": "Galaxy, but see the test of Git",
    "ansible-builder build": "a container engine",
    "podman build": "a container engine",
    "ansible-navigator run": "a container engine",
}


def commands(language: str = "") -> list[str]:
    """Return the commands of the page, in their order."""
    text = (ROOT / "docs" / f"install{language}.md").read_text(encoding="utf-8")
    return re.findall(r"^\$ (.*)$", text, re.MULTILINE)


def test_both_languages_have_the_same_commands() -> None:
    assert commands() == commands(".zh-CN")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """The checkout as it is, as a repository to clone."""
    folder = tmp_path / "server" / "tpops"
    copy_checkout(folder)
    git = ["git", "-c", "user.name=x", "-c", "user.email=x@example.com"]
    subprocess.run([*git, "commit", "--quiet", "--no-verify", "-m", "x"], cwd=folder, check=True)
    subprocess.run(["git", "branch", "--force", "main"], cwd=folder, check=True)
    return folder


@pytest.mark.long
def test_the_commands_do_what_the_page_says(platform: Platform, repository: Path, tmp_path: Path) -> None:
    """One shell runs them all, so that it stays in the folder that a command goes to."""
    installed, collections = tmp_path / "opt" / "gaussdb", tmp_path / "collections"
    python = subprocess.run(
        [str(ROOT / "tools" / "find-python.sh"), "3.12", "3.13"], check=True, capture_output=True, text=True
    ).stdout.strip()
    run = [each for each in commands() if not any(each.startswith(name) for name in NEEDS)]
    replaced = {HOME: f"file://{repository}", "/opt/gaussdb": str(installed), "python3.12": python}
    script = ["set -eux"]
    for command in run:
        for text, real in replaced.items():
            command = command.replace(text, real)
        script.append(command)
    environment = {**platform.environment, "ANSIBLE_COLLECTIONS_PATH": str(collections)}
    done = subprocess.run(
        ["bash", "-c", "\n".join(script)],
        cwd=tmp_path,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-6000:]
    assert "localhost | SUCCESS" in done.stdout and '"data_centers":' in done.stdout
    # The read was sent by what had been installed, and not by the checkout.
    assert (collections / "ansible_collections" / "gaussdb" / "tpops" / "MANIFEST.json").is_file()
    context = next(tmp_path.glob("*/context"))
    assert list((context / "_build" / "wheels").glob("ansible_core-*.whl"))
    # What was carried over is enough to play with.
    play = [{"hosts": "localhost", "gather_facts": False, "tasks": [{"gaussdb.tpops.gaussdb_data_center_info": {}}]}]
    (tmp_path / "play.yml").write_text(json.dumps(play), encoding="utf-8")
    own = {name: value for name, value in environment.items() if name != "ANSIBLE_PYTHON_INTERPRETER"}
    command = [str(installed / "bin" / "ansible-playbook"), str(tmp_path / "play.yml")]
    done = subprocess.run(command, env=own, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_git_as_the_page_says(repository: Path, tmp_path: Path) -> None:
    blocks = re.findall(r"```yaml\n(.*?)```", (ROOT / "docs" / "install.md").read_text(encoding="utf-8"), re.DOTALL)
    (block,) = [each for each in blocks if "type: git" in each]
    (tmp_path / "requirements.yml").write_text(block.replace(HOME, f"file://{repository}"), encoding="utf-8")
    environment = {**common.ansible_environment(), "ANSIBLE_COLLECTIONS_PATH": str(tmp_path / "collections")}
    command = [str(common.venv_bin() / "ansible-galaxy"), "collection", "install", "-r", "requirements.yml"]
    done = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "collections" / "ansible_collections" / "gaussdb" / "tpops" / "MANIFEST.json").is_file()
    shutil.rmtree(tmp_path / "collections")
