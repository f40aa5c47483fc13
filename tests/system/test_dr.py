# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Disaster recovery between two sites, from outside: what the playbooks do, what they refuse, and what they write down."""

from __future__ import annotations

import hashlib
import json
import re
import stat
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import demo_dr
import pytest
from conftest import Platform, Recap

import common
import simulator

TO_B = ("-e", "dr_primary_site=site-b")
FAILOVER = (*TO_B, "-e", "dr_confirm=orders-dr")
JOINED = [{"name": "orders", "master": "orders-prod", "standby": "orders-dr"}]


class TwoSites(Platform):
    """Two linked platforms, and the playbooks with the inventory of examples/dr."""

    def __init__(self, server: simulator.Simulator, home: Path) -> None:
        super().__init__(server, home)
        self.sites = demo_dr.sites_of(server)
        self.evidence = home.parent / "evidence"
        self.environment = common.ansible_environment() | self.sites.environment()
        self.environment |= {"ANSIBLE_HOME": str(home), "DR_EVIDENCE_DIR": str(self.evidence)}

    def command(self, *arguments: str) -> list[str]:
        key = ["--vault-password-file", str(demo_dr.VAULT_PASSWORD), "-e", '{"dr_probe_timeout": 2}']
        return [str(common.venv_bin() / "ansible-playbook"), "-i", str(demo_dr.EXAMPLE / "inventory.yml"), *key, *arguments]

    def dr(self, playbook: str, *arguments: str) -> Recap:
        return self.play(f"gaussdb.tpops.dr_{playbook}", *arguments)

    def fault(self, site: int, **rule: Any) -> None:
        self.sites.admin(site, "faults", rule)

    def site(self, up: bool) -> None:
        self.sites.admin(0, "site", {"up": up, "mode": "reset"})

    def record(self) -> dict[str, Any]:
        """Return the newest record."""
        return dict(json.loads(max(self.evidence.glob("*.json"), key=lambda path: path.stat().st_mtime_ns).read_text(encoding="utf-8")))

    def outcomes(self) -> dict[str, str]:
        return {step["name"]: step["outcome"] for step in self.record()["steps"]}


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[TwoSites]:
    """Two sites whose instances have nothing to do with each other."""
    with simulator.running(speed=120, options=("--peer-port", "0")) as server:
        sites = TwoSites(server, tmp_path / "home")
        sites.sites.fill()
        yield sites


@pytest.fixture
def joined(empty: TwoSites) -> TwoSites:
    """Two sites with a relation."""
    empty.sites.admin(1, "estate", {"dr_relations": JOINED})
    return empty


def done(run: Recap, changed: int) -> None:
    assert run.status == 0, run.output[-6000:]
    assert run.changed == changed, run.output[-6000:]


def refused(run: Recap, text: str) -> None:
    assert run.status != 0, run.output[-3000:]
    assert text in re.sub(r"\s+", " ", run.output), run.output[-4000:]


def test_protection_is_set_up_once_and_taken_down(empty: TwoSites) -> None:
    done(empty.dr("setup"), 1)
    assert empty.record()["after"]["protected"]
    done(empty.dr("setup"), 0)
    assert empty.record()["outcome"] == "unchanged"
    refused(empty.dr("teardown"), "dr_confirm=orders-prod")
    done(empty.dr("teardown", "-e", "dr_confirm=orders-prod"), 2)
    done(empty.dr("teardown"), 0)


def test_a_dr_instance_with_data_is_not_overwritten(empty: TwoSites) -> None:
    empty.sites.admin(1, "estate", {"instances": []})
    other = {"instances": [{"name": "orders-dr2", "solution": "single", "data_center": ["dc2"], "databases": ["precious"]}]}
    empty.sites.admin(1, "estate", other)
    config = {
        "dr_relations": [
            {
                "name": "orders",
                "primary_site": "site-a",
                "members": [
                    {"site": "site-a", "instance": "orders-prod"},
                    {"site": "site-b", "instance": "orders-dr2", "username": "root", "password": "x"},
                ],
            }
        ]
    }
    refused(empty.dr("setup", "-e", json.dumps(config)), "standby_empty: precious")


def test_drill_and_its_evidence(joined: TwoSites) -> None:
    done(joined.dr("drill"), 2)
    record = joined.record()
    assert [step["outcome"] for step in record["steps"]] == ["ok", "changed", "ok", "changed", "ok"]
    assert record["before"]["primary"] == record["after"]["primary"] == ["site-a"]
    assert record["after"]["status"] == "normal"
    assert {gate["outcome"] for gate in record["gates"]} == {"passed"}
    assert {"databases", "users", "sessions", "parameters", "database orders"} <= {check["name"] for check in record["verification"]}
    assert record["samples"] and record["tools"]["collection"]
    (text,), (page,) = list(joined.evidence.glob("*.json")), list(joined.evidence.glob("*.html"))
    assert hashlib.sha256(text.read_bytes()).hexdigest() in page.read_text(encoding="utf-8")
    assert stat.S_IMODE(page.stat().st_mode) == stat.S_IMODE(text.stat().st_mode) == 0o640
    assert not re.search(r"(?:src|href)=", page.read_text(encoding="utf-8"))
    assert demo_dr.ROOT_PASSWORD not in text.read_text(encoding="utf-8")


def test_a_drill_whose_verification_fails_is_stopped_all_the_same(joined: TwoSites, tmp_path: Path) -> None:
    verify = tmp_path / "verify.yml"
    verify.write_text("- name: Count the orders\n  ansible.builtin.fail:\n    msg: there are none\n", encoding="utf-8")
    config = joined_config(verify_tasks=str(verify))
    refused(joined.dr("drill", "-e", json.dumps(config)), "there are none")
    assert joined.outcomes()["Verify the drilled instance"] == "failed"
    assert joined.outcomes()["Stop the drill"] == "changed"
    assert joined.record()["outcome"] == "failed"
    assert "status normal, protected" in joined.record()["end_state"]


def joined_config(**drill: Any) -> dict[str, Any]:
    members = [{"site": "site-a", "instance": "orders-prod"}, {"site": "site-b", "instance": "orders-dr"}]
    return {"dr_relations": [{"name": "orders", "primary_site": "site-a", "members": members, "drill": drill, "wait": {"interval": 1}}]}


def test_a_stop_that_fails_once_is_tried_again(joined: TwoSites) -> None:
    joined.fault(1, kind="job_fail", operation="stop_dr_drill", step=1, reason="a replica did not answer")
    run = joined.dr("drill")
    assert run.status == 0, run.output[-6000:]
    assert joined.record()["after"]["status"] == "normal"


def test_switchover_and_back(joined: TwoSites) -> None:
    done(joined.dr("switchover"), 0)
    done(joined.dr("switchover", *TO_B), 1)
    assert joined.record()["after"]["primary"] == ["site-b"]
    done(joined.dr("switchover", *TO_B), 0)
    status = joined.dr("status")
    done(status, 0)
    assert "the primary is site-b, wished is site-a" in status.output
    refused(joined.dr("status", "-e", "dr_status_strict=true"), "orders deviates")
    done(joined.dr("switchover"), 1)
    assert joined.record()["after"]["primary"] == ["site-a"]


def test_gates_hold_and_are_loosened_by_name(joined: TwoSites) -> None:
    body = {"instance_id": "0" * 32, "status": "recovering", "rpo": "45", "rto": "3", "rpo_threshold": "10", "rto_threshold": "900"}
    body |= {"switchover_progress": "", "failover_progress": ""}
    for site in (0, 1):
        joined.fault(site, kind="status", operation="get_dr_monitor", status=200, body=body, count=None)
    refused(joined.dr("switchover", *TO_B), "rpo: 45 s: at most 10")
    assert joined.record()["after"]["primary"] == ["site-a"]
    refused(joined.dr("drill"), "dr_gates_loosened=rpo")
    assert "Stop the drill" not in joined.outcomes()
    names = "relation_normal,rpo,rto,no_critical_alarm,recent_backup,no_other_job,versions_equal"
    refused(joined.dr("switchover", *TO_B, "-e", f"dr_gates_loosened={names}"), "never all of them")
    joined.dr("switchover", *TO_B, "-e", "dr_gates_loosened=rpo", "-e", json.dumps({"dr_relations": loose_wait()}))
    assert {gate["name"]: gate["outcome"] for gate in joined.record()["gates"]}["rpo"] == "loosened"
    assert joined.record()["after"]["primary"] == ["site-b"]


def loose_wait() -> list[dict[str, Any]]:
    (relation,) = joined_config(calm_timeout=1)["dr_relations"]
    return [{**relation, "thresholds": {"rpo_seconds": 10}}]


def test_failover_needs_the_name_of_the_instance(joined: TwoSites) -> None:
    for wrong in ((), TO_B, ("-e", "dr_confirm=orders-dr"), (*TO_B, "-e", "dr_confirm=orders-prod")):
        refused(joined.dr("failover", *wrong), "confirm it with the name of its instance")
    refused(joined.dr("failover", *FAILOVER), "a switchover loses nothing")


def test_the_primary_is_lost_and_comes_back(joined: TwoSites) -> None:
    joined.site(up=False)
    began = time.monotonic()
    run = joined.dr("failover", *FAILOVER)
    done(run, 1)
    assert time.monotonic() - began < 120
    assert "LOST: the last" in run.output
    record = joined.record()
    assert record["after"]["primary"] == ["site-b"]
    assert not record["after"]["sites"]["site-a"]["reachable"]
    done(joined.dr("failover", *FAILOVER), 0)
    refused(joined.dr("reestablish", "-e", "dr_confirm=orders-prod"), "site-a is unreachable")
    joined.site(up=True)
    status = joined.dr("status")
    assert "a failover has happened and nothing is protected" in status.output
    refused(joined.dr("switchover"), "After a failover the relation is rebuilt first")
    refused(joined.dr("setup"), "Use dr_reestablish")
    refused(joined.dr("reestablish"), "dr_confirm=orders-prod")
    done(joined.dr("reestablish", "-e", "dr_confirm=orders-prod"), 1)
    done(joined.dr("reestablish", "-e", "dr_confirm=orders-prod"), 0)
    done(joined.dr("switchover"), 1)
    assert joined.record()["after"]["primary"] == ["site-a"]


def test_a_silent_site_does_not_hold_a_failover_up(joined: TwoSites) -> None:
    joined.fault(0, kind="timeout", operation="*", count=None)
    began = time.monotonic()
    done(joined.dr("failover", *FAILOVER), 1)
    assert time.monotonic() - began < 180


@pytest.mark.parametrize(
    ("playbook", "arguments", "text", "primary"),
    [
        ("drill", (), "StartDisasterRecoveryDrill 0%", "site-a"),
        ("drill", (), "Read its databases", "site-a"),
        ("drill", (), "StopDisasterRecoveryDrill", "site-a"),
        ("switchover", TO_B, "SwitchoverDisasterRecovery", "site-b"),
    ],
)
def test_killed_and_run_again(joined: TwoSites, playbook: str, arguments: tuple[str, ...], text: str, primary: str) -> None:
    output = joined.kill_when(text, f"gaussdb.tpops.dr_{playbook}", *arguments)
    assert text in output
    run = joined.dr(playbook, *arguments)
    assert run.status == 0, run.output[-6000:]
    after = joined.record()["after"]
    assert (after["primary"], after["status"], after["protected"]) == ([primary], "normal", True)
