# SPDX-License-Identifier: GPL-3.0-or-later
"""The platform of all tests here: the one of tests/faults, in this process and with a virtual clock."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests" / "faults"), str(ROOT / "tests" / "properties")]
# Both must be set before ansible and the collection are first imported.
os.environ["ANSIBLE_COLLECTIONS_PATH"] = str(ROOT / "build" / "collections")
os.environ["ANSIBLE_DEPRECATION_WARNINGS"] = "false"

from ansible.plugins.loader import init_plugin_loader  # noqa: E402

init_plugin_loader()

from cases import environment  # noqa: E402
from virtual import Platform  # noqa: E402


@pytest.fixture(scope="session")
def the_platform() -> Platform:
    """One platform for all tests of a process: creating one takes half a second, emptying it no time."""
    return Platform()


@pytest.fixture
def platform(the_platform: Platform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Platform]:
    """An empty platform that controls the clock and the environment of this process. Relative paths stay in a temporary
    folder."""
    monkeypatch.chdir(tmp_path)
    the_platform.reset()
    with the_platform.connected(), environment():
        yield the_platform
