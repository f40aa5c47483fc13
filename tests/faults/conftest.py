# SPDX-License-Identifier: GPL-3.0-or-later
"""The platform of all tests here, the command line options, and the table at the end."""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
# Both must be set before ansible and the collection are first imported.
os.environ["ANSIBLE_COLLECTIONS_PATH"] = str(ROOT / "build" / "collections")
os.environ["ANSIBLE_DEPRECATION_WARNINGS"] = "false"

from ansible.plugins.loader import init_plugin_loader  # noqa: E402

init_plugin_loader()

import limits  # noqa: E402
from cases import environment  # noqa: E402
from judge import COUNTERS, Judge  # noqa: E402
from virtual import Platform  # noqa: E402

COUNTS = ("cells", "inputs", "hostile_shapes", *COUNTERS, "listed_exceptions")
# Minimum numbers of a full run.
LEAST = {"cells": 5000, "inputs": 10000, "hostile_shapes": 60}
TOTALS = pytest.StashKey["Totals"]()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("faults")
    group.addoption(
        "--sample",
        type=float,
        default=1.0,
        metavar="SHARE",
        help="try only this share of everything, the same in each run",
    )
    group.addoption("--cell", default="*", metavar="GLOB", help="try only the cells, inputs or replies of these names")
    group.addoption("--faults-report", default="", metavar="FILE", help="write the counts to this file")


class Totals:
    """The counts of all tests, including other worker processes."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.shapes: set[str] = set()
        self.begun = time.monotonic()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A single process and the controller of the workers get every report."""
        for name, value in report.user_properties if report.when == "call" else ():
            if name == "shapes":
                self.shapes.update(value)
            elif name in COUNTS:
                self.counts[name] += value

    def as_dict(self) -> dict[str, Any]:
        counts = {**self.counts, "hostile_shapes": len(self.shapes)}
        return {**{name: counts.get(name, 0) for name in COUNTS}, "seconds": round(time.monotonic() - self.begun)}


def pytest_configure(config: pytest.Config) -> None:
    config.stash[TOTALS] = Totals()
    config.pluginmanager.register(config.stash[TOTALS])


def pytest_sessionstart(session: pytest.Session) -> None:
    limits.hold()


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    config = session.config
    if hasattr(config, "workerinput") or not config.getoption("faults_report"):
        return
    counts = config.stash[TOTALS].as_dict()
    path = Path(config.getoption("faults_report"))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(counts, indent=2) + "\n", encoding="utf-8")
    whole = config.getoption("sample") == 1 and config.getoption("cell") == "*" and not config.getoption("keyword")
    if whole and any(counts[name] < least for name, least in LEAST.items()):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    if config.getoption("faults_report"):
        terminalreporter.section("faults")
        for name, count in config.stash[TOTALS].as_dict().items():
            least = f"  (at least {LEAST[name]} in a whole run)" if name in LEAST else ""
            terminalreporter.line(f"{name.replace('_', ' '):20}{count:8}{least}")


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


@pytest.fixture(scope="session")
def the_judge(the_platform: Platform, tmp_path_factory: pytest.TempPathFactory) -> Judge:
    """One judge for all tests of a process: it remembers how each case ends without a fault."""
    return Judge(the_platform, tmp_path_factory.mktemp("files"))


@pytest.fixture
def judge(the_judge: Judge, platform: Platform) -> Judge:
    return the_judge


@pytest.fixture
def share(pytestconfig: pytest.Config) -> float:
    return pytestconfig.getoption("sample")


@pytest.fixture
def wanted(pytestconfig: pytest.Config) -> str:
    return pytestconfig.getoption("cell")
