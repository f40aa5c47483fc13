# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The pages of upgrades in a browser: of an instance, of a pair, and of all of a run."""

from __future__ import annotations

import hashlib
import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import demo_dr
import demo_upgrade
import pytest
from conftest import PAPER, Browser

import common
import simulator
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.procedure import page

DAY = 86400
OBSERVED = {"upgrade_observe_minutes": 0.04, "upgrade_sample_minutes": 0.02, "upgrade_waves": ["100%"]}
TARGETS = ["orders", "payments", "shipping", "ledger-north"]
# The statement is three times as slow with the new version, and the zone has a node that does not come up.
STATEMENT = "order_items"
SLOWER = {"instance": "shipping", "from_version": demo_upgrade.NEW, "sql": STATEMENT, "factor": 3}

Record = tuple[Path, dict[str, Any]]
Run = dict[str, Record]


def _play(environment: Mapping[str, str], until: str) -> None:
    """Upgrade the instances in one wave, one of which fails."""
    variables = {**OBSERVED, "gaussdb_target": TARGETS, "gaussdb_until": until, "gaussdb_ticket": "CHG0012345"}
    program, *rest = demo_upgrade.command("upgrade", *demo_upgrade.QUICK, "-e", json.dumps(variables))
    done = subprocess.run(
        [str(common.venv_bin() / program), *rest],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2, done.stdout[-6000:] + done.stderr


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[Run]:
    """The records of two runs by their subjects: all zones, and after some hours the commit. One is rolled back, and
    one is held."""
    folder = tmp_path_factory.mktemp("upgrade")
    found: list[Run] = []
    with simulator.running(speed=600, options=("--peer-port", "0")) as server:
        sites = demo_dr.sites_of(server)
        sites.fill(demo_upgrade.EXAMPLE)
        sites.admin(0, "estate", {"version_faults": [demo_upgrade.FAULT], "statement_changes": [SLOWER]})
        sites.admin(0, "clock", {"advance": 8 * DAY})
        environment = demo_upgrade.environment(sites, folder) | {"ANSIBLE_HOME": str(folder / "home")}
        for until in ("zones", "committed"):
            older = set(folder.glob("*.json"))
            _play(environment, until)
            sites.admin(0, "clock", {"advance": DAY / 4})
            new = {path: json.loads(path.read_text(encoding="utf-8")) for path in set(folder.glob("*.json")) - older}
            found.append({record["subject"]: (path, record) for path, record in new.items()})
    return found


PAGES = [
    (0, "orders", "paused"),
    (0, "payments", "rolled_back"),
    (0, "ledger", "paused"),
    (1, "orders", "done"),
    (1, "shipping", "held"),
    (1, "ledger", "done"),
]


def _fits(browser: Browser) -> None:
    assert [browser.cut_off(*where) for where in ((1100,), (420,), (PAPER, "print"))] == [[], [], []]


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(("run", "subject", "outcome"), PAGES)
def test_evidence(
    browser: Browser, runs: list[Run], run: int, subject: str, outcome: str, language: str, tmp_path: Path
) -> None:
    path, record = runs[run][subject]
    assert record["outcome"] == outcome
    content = path.read_bytes()
    shown = tmp_path / "page.html"
    shown.write_text(page.render_record(content, path.stem, language), encoding="utf-8")
    name = f"upgrade-{subject}-{outcome}-{language}"
    browser.open(shown.as_uri())
    browser.shoot(name)
    assert browser.requests() == [shown.as_uri()]
    assert browser.complaints() == []

    # It has the data for an auditor.
    text = browser.ask("return document.body.innerText")
    jobs = [job["id"] for step in record["steps"] for job in step["jobs"]]
    for expected in (
        hashlib.sha256(content).hexdigest(),
        "CHG0012345",
        record["run_by"],
        *record["members"].values(),
        *(step["began"][11:19] for step in record["steps"]),
        *(gate["name"] for gate in record["gates"]),
        *jobs,
    ):
        assert expected in text
    failed = [number for number, step in enumerate(record["steps"], 1) if step["outcome"] == "failed"]
    assert all(f"{number}. " in browser.ask("return document.querySelector('.lead').innerText") for number in failed)
    if language == "zh":
        assert [text for text in browser.english() if STATEMENT not in text] == []

    _fits(browser)
    # The steps of two instances with three zones each need most.
    assert 1 <= browser.print(name) <= 8


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("run", [0, 1])
def test_all_of_a_run(browser: Browser, runs: list[Run], run: int, language: str, tmp_path: Path) -> None:
    """The page of a run and its links, the worst outcome first."""
    for path, _record in runs[run].values():
        content = path.read_bytes()
        (tmp_path / f"{path.stem}.html").write_text(page.render_record(content, path.stem, language), encoding="utf-8")
    shown = tmp_path / "fleet.html"
    records = {path.stem: record for path, record in runs[run].values()}
    shown.write_text(page.render_fleet(records, language), encoding="utf-8")
    browser.open(shown.as_uri())
    browser.shoot(f"upgrade-fleet-{run}-{language}")
    assert browser.requests() == [shown.as_uri()]
    assert browser.complaints() == []
    rows = browser.ask(
        "return [...document.querySelectorAll('table.fleet td:first-child')].map(each => each.innerText)"
    )
    worst = (["payments"], ["payments", "shipping"])[run]
    assert rows[: len(worst)] == worst and sorted(rows) == ["ledger", "orders", "payments", "shipping"]
    if language == "zh":
        assert [text for text in browser.english() if STATEMENT not in text] == []
    _fits(browser)
    assert browser.print(f"upgrade-fleet-{run}-{language}") == 1
    links = browser.ask("return [...document.links].map(each => each.href)")
    assert len(links) == 4
    for link in links:
        browser.open(link)
        assert browser.ask("return document.querySelector('table.sign') !== null")


def test_the_color_tells_the_outcome(browser: Browser, runs: list[Run], tmp_path: Path) -> None:
    colors = {}
    for run, subject, outcome in PAGES:
        path, _record = runs[run][subject]
        shown = tmp_path / f"{subject}-{outcome}.html"
        shown.write_text(page.render_record(path.read_bytes(), path.stem, "en"), encoding="utf-8")
        browser.open(shown.as_uri())
        color = browser.ask("return getComputedStyle(document.querySelector('.lead')).borderLeftColor")
        colors.setdefault(outcome, set()).add(color)
    assert {outcome: len(found) for outcome, found in colors.items()} == dict.fromkeys(colors, 1)
    assert colors["paused"] == colors["rolled_back"] == colors["held"] != colors["done"]
