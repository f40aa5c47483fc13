# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The content for AWX, run as AWX does it."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

from world import World  # noqa: E402

import common  # noqa: E402
import simulator  # noqa: E402


@pytest.fixture(scope="session")
def world(machine: Path, environment: dict[str, str]) -> Iterator[World]:
    """Two linked platforms and a controller, for all tests of a run."""
    with simulator.running(600, options=("--peer-port", "0")) as server:
        yield World(server, environment, machine)


@pytest.fixture(scope="session")
def machine() -> Iterator[Path]:
    """A folder that every user may enter, for the jobs."""
    with tempfile.TemporaryDirectory(prefix="awx-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


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


@pytest.fixture(autouse=True)
def evidence_is_sent(request: pytest.FixtureRequest) -> Iterator[None]:
    """Each record and page is in the sink, too."""
    yield
    if "world" in request.fixturenames:
        assert request.getfixturevalue("world").unsent() == []
