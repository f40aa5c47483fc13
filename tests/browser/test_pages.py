# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The pages in a browser: the evidence pages of disaster recovery, and the page of the simulator. Those of upgrades are
in test_upgrade_pages.py."""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
import subprocess
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import demo_dr
import pytest
from conftest import PAPER, Browser

import common
import simulator
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.procedure import page
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.procedure.record import BAD, GOOD, RUNNING

JOINED = {"dr_relations": [{"name": "orders", "master": "orders-prod", "standby": "orders-dr"}]}
# No disk is that empty: the gate fails, and is waived.
STRICT = {
    "gaussdb_gates_waived": "log_space",
    "dr_relations": [
        {
            "name": "orders",
            "primary_site": "site-a",
            "members": [{"site": "site-a", "instance": "orders-prod"}, {"site": "site-b", "instance": "orders-dr"}],
            "thresholds": {"rpo_seconds": 10, "rto_seconds": 900, "disk_used_percent": 1},
            "wait": {"interval": 1},
        }
    ],
}
# The site is lost with the primary of one relation, and there is no instance of another one.
LOST = {
    "gaussdb_confirm": "site-a",
    "dr_relations": [
        {
            "name": name,
            "primary_site": "site-a",
            "members": [{"site": "site-a", "instance": f"{name}-prod"}, {"site": "site-b", "instance": f"{name}-dr"}],
            "wait": {"interval": 1},
        }
        for name in ("orders", "payments-of-all-branches")
    ],
}
FAILOVER = {"dr_primary_site": "site-b", "gaussdb_confirm": "orders-dr", "gaussdb_evidence_language": "zh"}


def play(playbook: str, variables: dict[str, Any], environment: dict[str, str], status: int = 0) -> None:
    inventory = ["-i", str(demo_dr.EXAMPLE / "inventory.yml"), "--vault-password-file", str(demo_dr.VAULT_PASSWORD)]
    command = [
        str(common.venv_bin() / "ansible-playbook"),
        *inventory,
        f"gaussdb.tpops.{playbook}",
        "-e",
        json.dumps(variables),
    ]
    done = subprocess.run(
        command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    assert done.returncode == status, done.stdout[-6000:] + done.stderr


@contextlib.contextmanager
def two_sites(folder: Path, lost: bool) -> Iterator[dict[str, str]]:
    """Run two sites with a relation, one of which may be lost, and give the environment to play in."""
    with simulator.running(speed=120, options=("--peer-port", "0")) as server:
        sites = demo_dr.sites_of(server)
        sites.fill()
        sites.admin(1, "estate", JOINED)
        if lost:
            sites.admin(0, "site", {"up": False, "mode": "reset"})
        environment = common.ansible_environment() | sites.environment()
        yield environment | {"DR_EVIDENCE_DIR": str(folder), "ANSIBLE_HOME": str(folder / "home")}


def leave_evidence(folder: Path, playbook: str, variables: dict[str, Any], lost: bool) -> Path:
    """Run a playbook and return the record."""
    with two_sites(folder, lost) as environment:
        play(playbook, variables, environment)
        (record,) = folder.glob("*.json")
        if lost:
            play("dr_status", {}, environment)
        else:
            play("evidence_page", {"gaussdb_record": str(record), "gaussdb_evidence_language": "zh"}, environment)
    return record


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A drill with a waived gate, and a failover without the primary."""
    return {
        "drill": leave_evidence(tmp_path_factory.mktemp("drill"), "dr_drill", STRICT, False),
        "failover": leave_evidence(tmp_path_factory.mktemp("failover"), "dr_failover", FAILOVER, True),
    }


# Of each plot: its marks, site by site, each with its place on the axis of time (0 to 1), and its width.
MARKS = """
return [...document.querySelectorAll("svg.plot")].map(plot => {
  const axis = plot.querySelector("path.axis").getBoundingClientRect();
  const marks = [...plot.querySelectorAll("g[class^=site]:not([transform]) > :is(circle, rect)")];
  return [plot.dataset.figure, marks.map(mark => { const box = mark.getBoundingClientRect();
    return [(box.x + box.width / 2 - axis.x) / axis.width, box.width] })];
});
"""


def expected_places(record: dict[str, Any], samples: list[dict[str, Any]]) -> list[float]:
    """Return where the samples belong on the axis of time: 0 is where the run began, 1 where it ended."""
    began, ended = (datetime.strptime(record[name], "%Y-%m-%dT%H:%M:%SZ") for name in ("began", "ended"))
    found = []
    for site in record["members"]:
        for sample in samples:
            if sample["site"] == site:
                since = datetime.strptime(sample["time"], "%Y-%m-%d %H:%M:%S UTC") - began
                found.append(min(max(since / max(ended - began, timedelta(seconds=1)), 0), 1))
    return found


@pytest.mark.parametrize(
    ("name", "file", "language"),
    [("drill", "{}.html", "en"), ("drill", "{}.zh.html", "zh-CN"), ("failover", "{}.html", "zh-CN")],
)
def test_evidence(browser: Browser, records: dict[str, Path], name: str, file: str, language: str) -> None:
    path = records[name]
    record = json.loads(path.read_text(encoding="utf-8"))
    address = path.with_name(file.format(path.stem)).as_uri()
    browser.open(address)
    browser.shoot(f"{name}-{language}")
    assert browser.ask("return document.documentElement.lang") == language

    # Nothing is loaded from elsewhere, and there are no errors.
    assert browser.requests() == [address]
    assert browser.complaints() == []

    # Every sample is a mark in the plot, at its time.
    browser.size(1100)
    plots = dict(browser.ask(MARKS))
    assert [figure["name"] for figure in record["figures"]] == list(plots) == ["rpo_seconds", "rto_seconds"]
    for figure in record["figures"]:
        places, widths = zip(*plots[figure["name"]], strict=True)
        assert list(places) == pytest.approx(expected_places(record, figure["samples"]), abs=0.005)
        assert len(places) > 2
        assert min(widths) > 3

    # It has the data for an auditor.
    text = browser.ask("return document.body.innerText")
    assert hashlib.sha256(path.read_bytes()).hexdigest() in text
    for expected in (
        *(step["began"][11:19] for step in record["steps"]),
        *(gate["name"] for gate in record["gates"]),
        record["run_by"],
    ):
        assert expected in text
    jobs = [job["id"] for step in record["steps"] for job in step["jobs"]]
    assert jobs and all(job in text for job in jobs)
    if language == "zh-CN":
        assert browser.english() == []

    # It fits: on a screen, on a phone and on paper.
    assert browser.cut_off(1100) == []
    assert browser.cut_off(420) == []
    assert browser.cut_off(PAPER, "print") == []
    assert 1 <= browser.print(f"{name}-{language}") <= 3


def test_the_color_tells_the_outcome(browser: Browser, records: dict[str, Path], tmp_path: Path) -> None:
    """Green is only what is done, even where the end state is a good one."""
    record = json.loads(records["drill"].read_text(encoding="utf-8"))
    colors = {}
    for outcome in (*GOOD, RUNNING, *BAD):
        path = tmp_path / f"{outcome}.html"
        path.write_text(page.render_run(record | {"outcome": outcome}, "drill", "", "en"), encoding="utf-8")
        browser.open(path.as_uri())
        colors[outcome] = browser.ask(
            "return ['.lead', '.verdict .mark'].map(each => getComputedStyle(document.querySelector(each)))"
            ".map((style, index) => index ? style.color : style.borderLeftColor)"
        )
    green, grey, amber, red = (colors[each][0] for each in ("done", "unchanged", "planned", "failed"))
    assert len({green, grey, amber, red}) == 4
    for outcome in ("planned", "paused", RUNNING, "held", "rolled_back"):
        assert colors[outcome] == [amber, amber], outcome
    assert colors["done"] == [green, green]
    assert colors["failed"] == [red, red]


def test_what_has_to_catch_the_eye(browser: Browser, records: dict[str, Path]) -> None:
    browser.open(records["drill"].with_suffix(".html").as_uri())
    assert "log_space" in browser.ask("return document.querySelector('.lead').innerText")
    assert browser.ask("return document.querySelector('tr.flag').innerText").startswith("Space for the kept log")
    browser.open(records["failover"].with_suffix(".html").as_uri())
    lead = browser.ask("return document.querySelector('.lead').innerText")
    assert "未受保护" in lead and "site-a (orders-prod)" in lead and "site-b (orders-dr)" in lead
    assert re.search(r"orders-prod 最后 \d+ s", lead)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_all_relations_of_a_run(browser: Browser, tmp_path: Path, language: str) -> None:
    """The page of a run with several relations, and the pages that it links to."""
    with two_sites(tmp_path, True) as environment:
        play("dr_failover", LOST | {"gaussdb_evidence_language": language}, environment, 2)
    (fleet,) = tmp_path.glob("*-failover.html")
    browser.open(fleet.as_uri())
    browser.shoot(f"fleet-{language}")
    assert browser.requests() == [fleet.as_uri()]
    assert browser.complaints() == []
    rows = browser.ask("return [...document.querySelectorAll('table.fleet tr')].map(row => row.innerText)")
    assert [row.split()[0] for row in rows[1:]] == ["payments-of-all-branches", "orders"]
    assert re.search(r"(the last \d+ s of orders-prod|orders-prod 最后 \d+ s)", rows[2])
    # The reason is the module's, which is in English.
    reason = "site-b cannot be read: instance: there is no instance named payments-of-all-branches-dr"
    assert reason in rows[1]
    if language == "zh":
        (text,) = browser.english()
        assert text.endswith(reason)
    assert [browser.cut_off(*where) for where in ((1100,), (420,), (PAPER, "print"))] == [[], [], []]
    pages = browser.ask("return [...document.links].map(each => each.href)")
    assert len(pages) == 2
    assert browser.ask("return [...document.links].every(each => each.getClientRects().length === 1)")
    for address in pages:
        browser.open(address)
        assert browser.ask("return document.querySelector('table.sign') !== null")


def test_status(browser: Browser, records: dict[str, Path]) -> None:
    (status,) = records["failover"].parent.glob("*-status.html")
    browser.open(status.as_uri())
    browser.shoot("status")
    assert "a failover has happened; nothing is protected" in browser.ask("return document.body.innerText")
    assert browser.requests() == [status.as_uri()]
    assert browser.complaints() == []
    assert [browser.cut_off(*where) for where in ((1100,), (420,), (PAPER, "print"))] == [[], [], []]


def test_an_interrupted_run(browser: Browser, records: dict[str, Path], tmp_path: Path) -> None:
    """The record of a killed run also has a page."""
    record = json.loads(records["drill"].read_text(encoding="utf-8"))
    record |= {
        "outcome": "running",
        "ended": "",
        "end_state": [],
        "after": {},
        "steps": record["steps"][:2],
        "verification": [],
    }
    left = tmp_path / "left.json"
    left.write_text(json.dumps(record), encoding="utf-8")
    play("evidence_page", {"gaussdb_record": str(left)}, common.ansible_environment())
    browser.open((tmp_path / "left.en.html").as_uri())
    assert "Interrupted or still running" in browser.ask("return document.querySelector('.lead').innerText")
    assert browser.complaints() == [] and browser.cut_off(1100) == []


def test_simulator(browser: Browser) -> None:
    with simulator.running(speed=120, options=("--peer-port", "0")) as server:
        sites = demo_dr.sites_of(server)
        sites.fill()
        sites.admin(1, "estate", JOINED)
        address = f"https://{server.endpoint}/"
        browser.open(address)
        browser.shoot("simulator")
        assert "orders-prod" in browser.ask("return document.body.innerText")
        assert browser.requests() == [address]
        assert browser.complaints() == []
        assert browser.cut_off(1100) == []
        assert browser.cut_off(420) == []
