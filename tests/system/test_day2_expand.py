# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Expansions, from outside: the described hosts are added once, killed and run again, and what cannot be done is said
before."""

from __future__ import annotations

import json
from typing import Any

import pytest
from conftest import occurrences, reported
from day2 import Retried, options, refused, sent
from fleet import OLD, Fleet, announced, ended
from interrupting import ROUNDS, Moments, Steps
from runbooks import Runbook

PLAYBOOK = "gaussdb.tpops.expand"
SPARE = [f"198.51.100.{number}" for number in range(1, 7)]
QUICK = options(expand_wait_interval=1)
CONFIRMED = (*QUICK, *options(gaussdb_confirm="ledger,orders-prod"))
STEPS = ["check_expansion", "add_nodes", "verify_expansion"]
SHOWN = {"ANSIBLE_SHOW_CUSTOM_STATS": "1"}
DISK = {"instance": "ledger", "alarm_id": "5010098", "name": "Disk broken", "severity": "critical"}
SMALL = {"name": "small", "manage_ip": "198.51.100.9", "data_center": "dc1", "vcpus": "8"}


@pytest.fixture
def growing(fleet: Fleet) -> Fleet:
    """A platform with six spare hosts, and a distributed instance whose description has three of them too."""
    hosts = [{"name": f"spare-{number}", "manage_ip": ip, "data_center": "dc1"} for number, ip in enumerate(SPARE, 1)]
    fleet.admin("POST", "estate", {"hosts": hosts})
    fleet.prepare("ledger", solution="hcs2", data_center="dc1", backups=[{"name": "full-1", "age_seconds": 30}])
    fleet.clock(advance=60)
    # The backup stays recent.
    fleet.clock(speed=60)
    describe(fleet, 3)
    fleet.forget_requests()
    return fleet


def own_hosts(fleet: Fleet, instance: str = "ledger") -> list[str]:
    found = next(each for each in fleet.admin("GET", "estate")["instances"] if each["name"] == instance)
    return [str(host) for host in found["hosts"]]


def describe(fleet: Fleet, more: int, **options: Any) -> None:
    """Describe the instance with so many spare hosts besides its own."""
    entry = {"name": "ledger", "engine_version": OLD, "solution": "hcs2"}
    fleet.describe({**entry, "manage_ips": own_hosts(fleet)[:3] + SPARE[:more], **options})


def steps(record: dict[str, Any]) -> list[str]:
    return [step["name"] for step in record["steps"]]


def test_the_described_hosts_are_added_once(growing: Fleet) -> None:
    site = growing.play("gaussdb.tpops.site", "--check")
    assert site.status == 0 and "ledger: hosts pending" in site.output
    record = ended(growing.play(PLAYBOOK, *CONFIRMED), "done", growing)
    assert (steps(record), sent(growing)) == (STEPS, ["expand_instance"])
    assert own_hosts(growing)[3:] == SPARE[:3] and all(check["passed"] for check in record["verification"])
    (note,) = record["notes"]
    assert note["hosts"] == SPARE[:3] and note["seconds"] >= 300 and record["good_end"]
    record = ended(growing.play(PLAYBOOK, *CONFIRMED), "unchanged", growing)
    assert (steps(record), sent(growing)) == (STEPS[:1], ["expand_instance"])
    site = growing.play("gaussdb.tpops.site", "--check")
    assert site.status == 0 and site.changed == 0 and "pending" not in site.output, site.output[-4000:]


@pytest.mark.long
def test_check_mode_announces_what_the_run_then_does(growing: Fleet) -> None:
    planned = growing.play(PLAYBOOK, *CONFIRMED, "--check", **SHOWN)
    assert planned.status == 0 and sent(growing) == [] and not growing.evidence.exists(), planned.output[-6000:]
    run = growing.play(PLAYBOOK, *CONFIRMED, **SHOWN)
    ended(run, "done", growing)
    plan, record = (reported(each)["ledger"] for each in (planned, run))
    assert plan["outcome"] == "planned" and announced(plan) == announced(record)
    assert [each for step in announced(plan) for each in step[-1]] == sent(growing) == ["expand_instance"]


@pytest.mark.long
def test_killed_in_each_step(growing: Fleet) -> None:
    growing.clock(speed=0)
    killing = Steps(Retried(growing))
    ended(killing(PLAYBOOK, CONFIRMED), "unchanged", growing)
    assert sent(growing) == ["expand_instance"] and own_hosts(growing)[3:] == SPARE[:3]
    assert killing.killed[PLAYBOOK] >= len(STEPS)
    # What was added by a run that was killed is verified by the next one, which also knows its task.
    notes = [note for record in growing.records() for note in record["notes"] if note["code"] == "expanded"]
    assert notes and all(note["hosts"] == SPARE[:3] for note in notes)


@pytest.mark.long
@pytest.mark.parametrize("number", range(ROUNDS))
def test_killed_at_any_moment(growing: Fleet, number: int) -> None:
    moments = Moments(growing, number, PLAYBOOK, *CONFIRMED, "--check")
    run = moments.several(PLAYBOOK, *CONFIRMED)
    assert run.status == 0, run.output[-6000:]
    assert sent(growing) == ["expand_instance"] and own_hosts(growing)[3:] == SPARE[:3]


@pytest.mark.long
@pytest.mark.parametrize(("operation", "skip"), [("get_job", 0), ("list_components", 3)])
def test_a_platform_that_is_away_for_ten_minutes(growing: Fleet, operation: str, skip: int) -> None:
    growing.clock(speed=60)
    growing.admin("POST", "faults", {"kind": "site_down", "operation": operation, "seconds": 600, "skip": skip})
    ended(growing.play(PLAYBOOK, *CONFIRMED), "done", growing)
    assert sent(growing) == ["expand_instance"]


@pytest.mark.long
def test_an_expansion_that_fails_is_tried_again(growing: Fleet) -> None:
    before = own_hosts(growing)
    growing.admin("POST", "faults", {"kind": "job_fail", "operation": "expand_instance"})
    record = ended(growing.play(PLAYBOOK, *CONFIRMED), "failed", growing)
    assert "is Failed" in record["steps"][-1]["message"] and own_hosts(growing) == before
    record = ended(growing.play(PLAYBOOK, *CONFIRMED), "done", growing)
    assert sent(growing) == ["expand_instance"] * 2 and own_hosts(growing)[3:] == SPARE[:3]


@pytest.mark.long
def test_a_verification_that_fails(growing: Fleet) -> None:
    own = growing.folder / "verify.yml"
    check = "- name: Check the shards\n  ansible.builtin.assert:\n    that: procedure_instance == '{}'\n"
    own.write_text(check.format("billing"), encoding="utf-8")
    arguments = (*CONFIRMED, "-e", f"expand_verify_tasks={own}")
    record = ended(growing.play(PLAYBOOK, *arguments), "failed", growing)
    assert "Check the shards" in record["steps"][-1]["message"]
    own.write_text(check.format("ledger"), encoding="utf-8")
    # What was not verified is, also after the hosts were added.
    ended(growing.play(PLAYBOOK, *arguments), "unchanged", growing)
    assert sent(growing) == ["expand_instance"] and growing.record()["steps"][-1]["name"] == "verify_expansion"


@pytest.mark.long
def test_two_groups_of_hosts_that_are_named(growing: Fleet) -> None:
    """By their names, in place of the described ones; the run says what to write into the description."""
    names = ",".join(f"spare-{number}" for number in range(1, 7))
    named = (*CONFIRMED, *options(gaussdb_target="ledger", expand_hosts=names))
    record = ended(growing.play(PLAYBOOK, *named), "done", growing)
    assert own_hosts(growing)[3:] == SPARE and sent(growing) == ["expand_instance"]
    assert record["notes"][-1] == {"code": "describe_hosts", "instance": "ledger", "hosts": SPARE[3:]}
    ended(growing.play(PLAYBOOK, *named), "unchanged", growing)


@pytest.mark.long
def test_replicas_of_a_centralized_instance(growing: Fleet) -> None:
    growing.prepare("billing", data_center="dc1", backups=[{"name": "full-1", "age_seconds": 30}])
    growing.clock(advance=60)
    hosts = own_hosts(growing, "billing")
    growing.describe(
        {"name": "billing", "engine_version": OLD, "solution": "pentaset", "manage_ips": hosts + SPARE[:2]}
    )
    growing.forget_requests()
    record = ended(growing.play(PLAYBOOK, *QUICK, "-e", "gaussdb_confirm=billing"), "done", growing)
    assert sent(growing) == ["change_solution"] and record["good_end"]
    assert own_hosts(growing, "billing") == hosts + SPARE[:2]
    ended(growing.play(PLAYBOOK, *QUICK), "unchanged", growing)


@pytest.mark.long
def test_what_refuses_it_before_a_write(growing: Fleet) -> None:
    named = (*CONFIRMED, "-e", "gaussdb_target=ledger")
    growing.admin("POST", "estate", {"hosts": [SMALL]})
    for arguments, said in (
        (QUICK, "which cannot be removed again. Confirm it with gaussdb_confirm=ledger"),
        ((*QUICK, "-e", "gaussdb_confirm=orders-prod"), "Confirm it with gaussdb_confirm=ledger"),
        ((*CONFIRMED, "-e", "gaussdb_evidence_dir=/proc/none"), "The evidence cannot be written, so nothing is done"),
        ((*named, "-e", "expand_hosts=spare-1,spare-2"), "groups_fit: 2"),
        ((*named, "-e", "expand_hosts=spare-1,spare-2,other"), "hosts_free: other is not a host of the platform"),
        ((*named, "-e", "expand_hosts=spare-1,spare-2,small"), "hosts_alike: 198.51.100.9 has vcpus 8"),
        ((*named, "-e", "gaussdb_gates_waived=hosts_free"), "cannot name hosts_free"),
        ((*CONFIRMED, "-e", "expand_hosts=spare-1"), "Name the instances, for example"),
        ((*CONFIRMED, "-e", "gaussdb_target=orders-prod"), "Neither the description of orders-prod nor expand_hosts"),
        ((*named, "-e", "expand_backup_age=1s"), "recent_backup"),
    ):
        output = refused(growing, PLAYBOOK, *arguments)
        assert said in output, f"{said}: {output[-3000:]}"
    growing.admin("POST", "estate", {"alarms": [DISK]})
    assert "no_critical_alarm: Disk broken" in refused(growing, PLAYBOOK, *named)


@pytest.mark.long
def test_what_cannot_be_done_is_said(growing: Fleet) -> None:
    hosts = own_hosts(growing)
    growing.describe(
        {"name": "ledger", "engine_version": OLD, "solution": "hcs2", "manage_ips": [*hosts[:2], *SPARE[:4]]}
    )
    found = refused(growing, PLAYBOOK, *CONFIRMED, "-e", "gaussdb_target=ledger")
    assert f"expandable: the description does not have its hosts {hosts[2]}" in found
    # No spare host: another instance has taken one.
    describe(growing, 3)
    growing.prepare("billing", solution="single", hosts=["spare-2"])
    assert f"hosts_free: {SPARE[1]} is in_use" in refused(growing, PLAYBOOK, *CONFIRMED)


@pytest.mark.long
def test_a_gate_that_is_waived_is_on_the_page(growing: Fleet) -> None:
    growing.admin("POST", "estate", {"alarms": [DISK]})
    waived = (*CONFIRMED, *options(gaussdb_gates_waived="no_critical_alarm", gaussdb_evidence_language="zh"))
    record = ended(growing.play(PLAYBOOK, *waived), "done", growing)
    assert [gate["name"] for gate in record["gates"] if gate["outcome"] == "waived"] == ["no_critical_alarm"]
    page = max(growing.evidence.glob("*.html")).read_text(encoding="utf-8")
    assert "扩容: ledger" in page and "no_critical_alarm" in page and "重分布数据用时" in page


@pytest.mark.long
def test_no_secret_is_left_anywhere(growing: Fleet) -> None:
    password = growing.server.password
    run = growing.play(PLAYBOOK, *CONFIRMED, "-vvvvv", "--diff", **SHOWN)
    ended(run, "done", growing)
    assert password not in run.output and occurrences(growing.evidence, [password]) == []


@pytest.mark.long
def test_the_commands_of_the_runbook_work(growing: Fleet) -> None:
    (growing.folder / "group_vars").mkdir()
    (growing.folder / "group_vars" / "all.yml").write_text(json.dumps({"expand_wait_interval": 1}), encoding="utf-8")
    runbook = Runbook("expand", growing, growing.folder)
    assert runbook.run("gaussdb.tpops.site --check").status == 0
    named = f"{PLAYBOOK} -e gaussdb_target=ledger -e gaussdb_confirm=ledger"
    assert runbook.run(f"{named} --check").status == 0 and sent(growing) == []
    assert runbook.run(named).status == 0 and growing.record()["outcome"] == "done"
    assert runbook.run(f"{named} -e expand_hosts=spare-4,spare-5,spare-6").status == 0
    assert own_hosts(growing)[3:] == SPARE and runbook.left == set()
