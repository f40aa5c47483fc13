# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Converging estates whose instances protect each other: it reports where the primary is, and does not move it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import demo_dr
import pytest
from conftest import Platform

import common
import simulator

SITE, STATUS = "gaussdb.tpops.site", "gaussdb.tpops.dr_status"


class Pair(Platform):
    """Two linked platforms with a relation, and the inventory of examples/dr."""

    def __init__(self, server: simulator.Simulator, home: Path) -> None:
        super().__init__(server, home)
        self.sites = demo_dr.sites_of(server)
        self.sites.fill()
        self.sites.admin(
            1, "estate", {"dr_relations": [{"name": "orders", "master": "orders-prod", "standby": "orders-dr"}]}
        )
        self.evidence = home.parent / "evidence"
        self.environment = common.ansible_environment() | self.sites.environment()
        self.environment |= {"ANSIBLE_HOME": str(home), "DR_EVIDENCE_DIR": str(self.evidence)}

    def command(self, *arguments: str) -> list[str]:
        fixed = ["-i", str(demo_dr.EXAMPLE / "inventory.yml"), "--vault-password-file", str(demo_dr.VAULT_PASSWORD)]
        return [
            str(common.venv_bin() / "ansible-playbook"),
            *fixed,
            "-e",
            json.dumps({"dr_probe_timeout": 6}),
            *arguments,
        ]

    def silence(self) -> None:
        self.sites.admin(0, "faults", {"kind": "timeout", "operation": "*", "count": None})


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Pair]:
    with simulator.running(speed=600, options=("--peer-port", "0")) as server:
        yield Pair(server, tmp_path / "home")


@pytest.mark.long
def test_a_moved_primary_is_reported_and_left_alone(pair: Pair) -> None:
    moved = pair.play("gaussdb.tpops.dr_switchover", "-e", "dr_primary_site=site-b")
    assert moved.status == 0, moved.output[-6000:]
    pair.forget_requests()
    run = pair.play(SITE)
    assert (run.status, run.changed) == (0, 0), run.output[-6000:]
    assert "orders deviates: the primary is site-b, expected site-a" in run.output
    agreed = pair.play(SITE, "-e", "dr_primary_site=site-b", "--check", "--diff")
    assert (agreed.status, agreed.changed) == (0, 0), agreed.output[-6000:]
    assert "orders is as described" in agreed.output
    assert pair.writes() == []


def test_a_silent_site_is_reported_too(pair: Pair) -> None:
    pair.silence()
    # Only the estate of the other site: a platform that does not answer cannot be converged.
    run = pair.play(SITE, "-e", "gaussdb_sites=site-b")
    assert (run.status, run.changed) == (0, 0), run.output[-6000:]
    assert "orders deviates: site-a, the primary, does not answer" in run.output


def test_an_estate_without_relations_has_nothing_to_report(pair: Pair) -> None:
    run = pair.play(SITE, "-e", json.dumps({"dr_relations": []}))
    assert (run.status, run.changed) == (0, 0), run.output[-6000:]
    assert "gaussdb.tpops.dr" not in run.output and "gaussdb_dr_relations" not in run.output


@pytest.mark.long
def test_status_is_one_page_of_all_sites(pair: Pair) -> None:
    other = {"instances": [{"name": "stray-prod", "solution": "single", "data_center": ["dc1"]}]}
    pair.sites.admin(0, "estate", other)
    stray = {"instances": [{"name": "stray-dr", "solution": "single", "data_center": ["dc2"]}]}
    pair.sites.admin(1, "estate", stray)
    pair.sites.admin(1, "estate", {"dr_relations": [{"name": "stray", "master": "stray-prod", "standby": "stray-dr"}]})
    assert pair.play(STATUS).status == 0
    (page,) = pair.evidence.glob("*-status.html")
    text = re.sub(r"<[^>]*>|\s+", " ", page.read_text(encoding="utf-8").partition("<body>")[2])
    for expected in (
        "orders-prod",
        "orders-dr",
        "Log kept",
        "at most 10 s",
        "at most 900 s",
        *pair.sites.endpoints,
        "stray (stray-prod, primary, normal)",
    ):
        assert expected in text, text
    pair.silence()
    strict = pair.play(STATUS, "-e", "dr_status_strict=true")
    assert "orders deviates: site-a, the primary, does not answer" in strict.output and strict.status
    newest = max(pair.evidence.glob("*-status.html"))
    assert newest != page and "Alarms could not be read: site-a" in newest.read_text(encoding="utf-8")
    wrong = pair.play(STATUS, "-e", "gaussdb_evidence_language=fr")
    assert "gaussdb_evidence_language must be one of en, zh, not fr" in wrong.output
