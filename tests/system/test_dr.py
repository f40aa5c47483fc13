# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""End-to-end tests of disaster recovery between two sites: output and evidence, and what extensions/molecule cannot
test."""

from __future__ import annotations

import hashlib
import re
import stat
import subprocess
from collections import Counter
from pathlib import Path

import pytest
from two_sites import AWAY, HOME, MEMBERS, TO_AWAY, TwoSites, done, refused, relations

import common

# The secrets in the vault of examples/dr.
ROOT_PASSWORD = "Example-Orders-Root-1"
FAILOVER = (*TO_AWAY, "-e", "gaussdb_confirm=orders-dr")
# A step of a job with percent and RPO, and the waiting time.
PROGRESS = re.compile(
    r"^gaussdb_dr_drill orders-dr: GaussDBV5(\w+)DisasterRecoveryDrill (\d+)%.*, RPO \d+ s \(\d+s\)", re.MULTILINE
)


def test_a_drill_under_ansible_runner_shows_progress_and_leaves_evidence(sites: TwoSites, tmp_path: Path) -> None:
    sites.join()
    sites.clock(speed=20)
    command = [str(common.venv_bin() / "ansible-runner"), "run", str(tmp_path / "runner"), "--ident", "drill"]
    command += ["-p", "gaussdb.tpops.dr_drill", "--inventory", sites.inventory]
    run = subprocess.run(
        command, env=sites.environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout[-6000:] + run.stderr
    told = (tmp_path / "runner" / "artifacts" / "drill" / "stdout").read_text(encoding="utf-8")
    percents: dict[str, list[int]] = {}
    for job, percent in PROGRESS.findall(told.replace("\r", "")):
        percents.setdefault(job, []).append(int(percent))
    assert list(percents) == ["Start", "Stop"], told[-6000:]
    assert all(each == sorted(each) and each[0] < each[-1] == 100 for each in percents.values())

    (text,), (page,) = list(sites.evidence.glob("*.json")), list(sites.evidence.glob("*.html"))
    assert hashlib.sha256(text.read_bytes()).hexdigest() in page.read_text(encoding="utf-8")
    assert stat.S_IMODE(page.stat().st_mode) == stat.S_IMODE(text.stat().st_mode) == 0o640
    assert not re.search(r"(?:src|href)=", page.read_text(encoding="utf-8"))
    assert ROOT_PASSWORD not in text.read_text(encoding="utf-8") + told
    record = sites.record()
    assert record["outcome"] == "done"
    assert all(figure["samples"] for figure in record["figures"]) and record["tools"]["collection"]


def test_a_dr_instance_with_data_is_not_overwritten(sites: TwoSites) -> None:
    other = {
        "instances": [{"name": "orders-dr2", "solution": "single", "data_center": ["dc2"], "databases": ["precious"]}]
    }
    sites.sites.admin(1, "estate", other)
    members = [MEMBERS[0], {"site": "site-b", "instance": "orders-dr2", "username": "root", "password": "x"}]
    refused(sites.dr("setup", *relations(members=members)), "standby_empty: precious")


def test_protection_is_taken_down_after_a_confirmation(sites: TwoSites) -> None:
    sites.join()
    refused(sites.dr("teardown"), "gaussdb_confirm=orders-prod")
    assert sites.record()["after"]["protected"]
    done(sites.dr("teardown", "-e", "gaussdb_confirm=orders-prod"), 2)
    done(sites.dr("teardown"), 0)


def test_a_failover_judges_when_the_platform_has_ended_what_it_was_doing(sites: TwoSites) -> None:
    """The relation is still being created: the gates of a failover are checked once it exists."""
    sites.clock(speed=0)
    assert sites.kill_when(lambda line: "ConstructDisasterRecovery" in line, "gaussdb.tpops.dr_setup").status == -9
    # After the check of the construction, so that both platforms know the relation.
    sites.clock(advance=100)
    run = sites.kill_when(sites.go_on, "gaussdb.tpops.dr_failover", *FAILOVER)
    refused(run, "a switchover loses nothing")
    after = sites.record()["after"]
    assert (after["primary"], after["protected"]) == ([HOME], True)


# The platform's nightly backup, started by a task that does not wait for it.
NIGHTLY = """\
- hosts: site-a
  gather_facts: false
  module_defaults:
    group/gaussdb.tpops.tpops: "{{ hostvars[inventory_hostname] | gaussdb.tpops.connection }}"
  tasks:
    - gaussdb.tpops.gaussdb_backup: {instance: orders-prod, name: of-tonight, wait: false}
"""


def test_a_backup_is_waited_for_and_is_no_sign_of_a_dead_primary(sites: TwoSites, tmp_path: Path) -> None:
    sites.join()
    sites.clock(speed=0)
    nightly = tmp_path / "nightly.yml"
    nightly.write_text(NIGHTLY, encoding="utf-8")
    done(sites.play(str(nightly)), 1)
    refused(sites.dr("failover", *FAILOVER), "primary_down: BACKING UP")
    run = sites.kill_when(sites.go_on, "gaussdb.tpops.dr_switchover", *TO_AWAY)
    done(run, 1)
    assert "gaussdb_instance_info: orders-prod BACKING UP (0s)" in run.output
    assert "no_other_job | passed | ACTIVE, ACTIVE" in run.output
    assert sites.record()["steps"][0]["name"] == "wait_idle"


def test_a_platform_that_answers_is_not_taken_for_a_lost_one(sites: TwoSites) -> None:
    """It rejects the request or does not know the instance: whether the primary runs is unknown, so the gate fails."""
    sites.join()
    misspelt = relations(members=[{"site": HOME, "instance": "orders-prd"}, {"site": AWAY, "instance": "orders-dr"}])
    run = sites.dr("failover", *FAILOVER, *misspelt)
    refused(run, "primary_down: unknown, relation normal, instance: there is no instance named orders-prd")
    assert sites.record()["after"]["primary"] == []
    run = sites.dr("status", *misspelt)
    assert f"{HOME}, orders-prd: cannot be read: instance: there is no instance named orders-prd" in run.output
    denied = {"error_code": "DBS.00110007", "error_msg": "You have no permission."}
    sites.fault(0, kind="status", status=403, operation="list_*", body=denied, count=None)
    refused(sites.dr("failover", *FAILOVER), "primary_down: unknown, relation normal, list_")
    after = sites.record()["after"]
    assert (after["primary"], after["lost_primary"]) == ([], [])
    assert {"code": "no_primary"} in after["deviations"]


@pytest.mark.long
def test_a_silent_site_does_not_hold_a_failover_up(sites: TwoSites) -> None:
    """It does not answer at all. It is only probed: before and after, with one retry each."""
    sites.join()
    sites.fault(0, kind="timeout", operation="*", count=None)
    run = sites.dr("failover", *FAILOVER)
    done(run, 1)
    assert "LOST: the last" in run.output
    record = sites.record()
    assert record["after"]["primary"] == ["site-b"]
    assert not record["after"]["sites"]["site-a"]["reachable"]
    asked = Counter(entry["operation_id"] for entry in sites.requests())
    assert asked == {"create_token": 4}
