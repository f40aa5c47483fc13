# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The content for AWX, run as AWX does it."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

import common  # noqa: E402

# What a project has of this repository.
PROJECT = ("examples", "playbooks", "roles")


@pytest.fixture(scope="session")
def machine() -> Iterator[Path]:
    """A folder that every user may enter, for the jobs."""
    with tempfile.TemporaryDirectory(prefix="awx-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        (Path(folder) / "jobs").mkdir(mode=0o755)
        yield Path(folder)


@pytest.fixture(scope="session")
def project(machine: Path) -> Iterator[Path]:
    """The project, which no job may write to. It is compared at the end."""
    folder = machine / "project"
    for name in PROJECT:
        shutil.copytree(ROOT / name, folder / name)
    before = set(folder.rglob("*"))
    for path in (folder, *before):
        path.chmod(0o555 if path.is_dir() else 0o444)
    yield folder
    assert set(folder.rglob("*")) == before
    for path in (folder, *folder.rglob("*/")):
        path.chmod(0o755)


@pytest.fixture(scope="session")
def environment() -> dict[str, str]:
    """The environment of an execution environment: its programs and collections, and nothing of this machine."""
    common.link_collection()
    return {
        "PATH": f"{common.venv_bin()}{os.pathsep}{os.environ['PATH']}",
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
        "PYTHONDONTWRITEBYTECODE": "1",
        "ANSIBLE_COLLECTIONS_PATH": str(common.COLLECTIONS),
    }
