# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The proof of a backup, from outside: restored, verified, measured and removed, killed and run again, bad backups, and
spare hosts that are free again."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from conftest import reported
from day2 import options, sent
from day2 import refused as refused_run
from fleet import Fleet, announced, ended
from interrupting import ROUNDS, Moments, Steps
from runbooks import Runbook

PLAYBOOK = "gaussdb.tpops.backup_proof"
SPARE = ["198.51.100.1", "198.51.100.2", "198.51.100.3"]
SECRET = "Proof-Root-7"
PROVE = (*options(proof_data_center="spare", proof_root_password=SECRET, proof_wait_interval=1),)
WHOLE = ["create_instance", "set_backup_policy", "delete_instance"]
ANNOUNCED = ["restore_to_new_instance", *WHOLE[1:]]
STEPS = ["check_proof", "restore_backup", "isolate_proof", "verify_proof", "remove_proof"]
SHOWN = {"ANSIBLE_SHOW_CUSTOM_STATS": "1"}


@pytest.fixture
def spared(fleet: Fleet) -> Fleet:
    """A platform with spare hosts and a backup."""
    hosts = [{"name": f"spare-{number}", "manage_ip": ip, "data_center": "spare"} for number, ip in enumerate(SPARE)]
    fleet.admin("POST", "estate", {"data_centers": ["spare"], "hosts": hosts})
    bring(fleet, "billing-prod")
    return fleet


def bring(fleet: Fleet, *names: str, **backup: Any) -> None:
    """Create instances with a backup, which are what is described."""
    fleet.prepare(*names, backups=[{"name": "full-1", "age_seconds": 30, **backup}])
    fleet.describe(*({"name": name} for name in names))


def occupied(fleet: Fleet) -> list[str]:
    """Return the spare hosts that are in use, and the proof instances that exist."""
    estate = fleet.admin("GET", "estate")
    hosts = [each["manage_ip"] for each in estate["hosts"] if each["manage_ip"] in SPARE and each["status"] == "in_use"]
    return hosts + [each["name"] for each in estate["instances"] if "-proof-" in each["name"]]


def test_a_proof_and_again(spared: Fleet) -> None:
    for _time in range(2):
        spared.forget_requests()
        run = spared.play(PLAYBOOK, *PROVE)
        record = ended(run, "done", spared)
        assert (sent(spared), occupied(spared)) == (WHOLE, []), run.output[-6000:]
        assert [step["name"] for step in record["steps"]] == STEPS
        checks = {check["name"]: check for check in record["verification"]}
        assert all(check["passed"] for check in record["verification"]) and record["good_end"]
        assert checks["databases_restored"]["value"] == {"missing": [], "more": []}
        assert checks["proof_rto"]["value"] > 1 and checks["proof_rpo"]["value"] >= 0
    (note,) = record["notes"]
    page = max(spared.evidence.glob("*.html")).read_text(encoding="utf-8")
    assert "Proof of a backup: billing-prod" in page and SPARE[0] in page and note["backup"] in page


@pytest.mark.long
def test_check_mode_announces_what_the_run_then_does(spared: Fleet) -> None:
    planned = spared.play(PLAYBOOK, *PROVE, "--check", **SHOWN)
    assert planned.status == 0, planned.output[-6000:]
    assert sent(spared) == [] and not spared.evidence.exists()
    run = spared.play(PLAYBOOK, *PROVE, **SHOWN)
    ended(run, "done", spared)
    plan, done = (reported(each)["billing-prod"] for each in (planned, run))
    assert plan["outcome"] == "planned"
    assert without_names(plan) == without_names(done)
    assert [operation for step in announced(plan) for operation in step[-1]] == ANNOUNCED
    assert sent(spared) == WHOLE
    assert SECRET not in planned.output + run.output


def without_names(record: dict[str, Any]) -> list[Any]:
    """Return the steps of a record without the name of the new instance, which has the time in it."""
    return [(name, about and about[0][:-14], operations) for name, _site, about, operations in announced(record)]


@pytest.mark.long
@pytest.mark.parametrize(
    ("corrupt", "failing", "said"),
    [
        ("job", "restore_backup", "The backup is damaged."),
        ("content", "verify_proof", "own databases: missing: orders"),
    ],
)
def test_a_bad_backup_is_found_and_nothing_is_left(spared: Fleet, corrupt: str, failing: str, said: str) -> None:
    bring(spared, "ledger", corrupt=corrupt)
    spared.clock(speed=20)
    run = spared.play(PLAYBOOK, *PROVE, "-e", "gaussdb_target=ledger")
    record = ended(run, "failed", spared)
    assert {step["name"]: said in step["message"] for step in record["steps"] if step["outcome"] == "failed"} == {
        failing: True
    }
    assert said in " ".join(run.output.rpartition("PLAY RECAP")[0].split())
    assert (occupied(spared), sent(spared)[-1], record["steps"][-1]["name"]) == ([], "delete_instance", "remove_proof")


@pytest.mark.long
def test_killed_in_each_step(spared: Fleet) -> None:
    """Nothing is restored or removed twice, and no spare host is left occupied."""
    spared.clock(speed=0)
    steps = Steps(spared)
    ended(steps(PLAYBOOK, PROVE), "done", spared)
    assert (sent(spared), occupied(spared)) == (WHOLE, [])
    # In each step, or in the job of it.
    assert steps.killed == {PLAYBOOK: 5}
    (began,) = {note["proof"] for record in spared.records() for note in record["notes"]}
    checks = {check["name"]: check["value"] for check in spared.record()["verification"]}
    assert began.startswith("billing-prod-proof-") and checks["proof_rto"] > 1 and checks["proof_rpo"] is not None


@pytest.mark.long
@pytest.mark.parametrize("number", range(ROUNDS))
def test_killed_at_any_moment(spared: Fleet, number: int) -> None:
    moments = Moments(spared, number, PLAYBOOK, *PROVE, "--check")
    ended(moments.several(PLAYBOOK, *PROVE), "done", spared)
    # A run that comes after the end of another one proves once more.
    assert occupied(spared) == [] and sent(spared) == WHOLE * sent(spared).count("delete_instance")


@pytest.mark.long
@pytest.mark.parametrize("operation", ["get_job", "list_hosts", "list_databases"])
def test_a_platform_that_is_away_for_ten_minutes(spared: Fleet, operation: str) -> None:
    """While the restore is waited for, between two steps, and while it is verified: the next run ends what is left."""
    spared.clock(speed=60)
    spared.admin("POST", "faults", {"kind": "site_down", "operation": operation, "seconds": 600, "skip": 1})
    run = spared.play(PLAYBOOK, *PROVE)
    if run.status != 0:
        run = spared.play(PLAYBOOK, *PROVE)
    ended(run, "done", spared)
    assert occupied(spared) == [] and sent(spared).count("create_instance") == sent(spared).count("delete_instance")


@pytest.mark.long
def test_a_job_that_fails(spared: Fleet) -> None:
    """A restore is removed, and a removal that fails is held: the same command again removes it."""
    spared.admin("POST", "faults", {"kind": "job_fail", "operation": "create_instance"})
    record = ended(spared.play(PLAYBOOK, *PROVE), "failed", spared)
    assert occupied(spared) == [] and "fault was injected" in record["steps"][1]["message"]
    spared.admin("POST", "faults", {"kind": "job_fail", "operation": "delete_instance"})
    run = spared.play(PLAYBOOK, *PROVE)
    record = ended(run, "held", spared)
    assert [note["code"] for note in record["notes"]] == ["proof_begun", "proof_left"]
    assert all(check["passed"] for check in record["verification"])
    assert occupied(spared)[:3] == SPARE
    spared.forget_requests()
    record = ended(spared.play(PLAYBOOK, *PROVE), "done", spared)
    assert (occupied(spared), sent(spared)) == ([], ["delete_instance"])


@pytest.mark.long
def test_a_restore_that_failed_while_nobody_watched(spared: Fleet) -> None:
    bring(spared, "ledger", corrupt="job")
    spared.clock(speed=0)
    arguments = (*PROVE, "-e", "gaussdb_target=ledger")
    spared.kill_when(lambda line: "CloneGaussDBV5NewInstance" in line, PLAYBOOK, *arguments)
    spared.clock(advance=3600)
    spared.clock(speed=600)
    record = ended(spared.play(PLAYBOOK, *arguments), "failed", spared)
    assert "BUILD_FAILED" in record["steps"][1]["message"] and occupied(spared) == []


@pytest.mark.long
def test_a_proof_that_is_kept_and_one_without_its_records(spared: Fleet) -> None:
    record = ended(spared.play(PLAYBOOK, *PROVE, "-e", "proof_keep=true"), "done", spared)
    assert [note["code"] for note in record["notes"]] == ["proof_begun", "proof_kept"]
    assert occupied(spared)[:3] == SPARE
    for path in spared.evidence.iterdir():
        path.unlink()
    spared.forget_requests()
    record = ended(spared.play(PLAYBOOK, *PROVE), "done", spared)
    assert (occupied(spared), sent(spared)) == ([], ["delete_instance"])
    checks = {check["name"]: check for check in record["verification"]}
    assert checks["proof_rpo"]["value"] is None and checks["databases_restored"]["passed"]


@pytest.mark.long
def test_points_solutions_and_limits(spared: Fleet) -> None:
    single = options(proof_hosts="spare-1", proof_solution="single", proof_point="now", proof_root_password=SECRET)
    record = ended(spared.play(PLAYBOOK, *single, "-e", "proof_wait_interval=1"), "done", spared)
    (note,) = record["notes"]
    assert (note["hosts"], note["backup"]) == (["198.51.100.2"], None)
    record = ended(spared.play(PLAYBOOK, *PROVE, "-e", "proof_rto_seconds=1"), "failed", spared)
    assert {check["name"]: check["passed"] for check in record["verification"]}["proof_rto"] is False
    assert occupied(spared) == []


@pytest.mark.long
def test_own_tasks_that_fail(spared: Fleet) -> None:
    (spared.folder / "verify.yml").write_text(
        '- name: Count the orders\n  ansible.builtin.fail:\n    msg: "{{ proof_instance }} has no orders"\n',
        encoding="utf-8",
    )
    record = ended(spared.play(PLAYBOOK, *PROVE, "-e", "proof_verify_tasks=verify.yml"), "failed", spared)
    (task,) = (check for check in record["verification"] if check["name"] == "task")
    assert task["task"] == "Count the orders" and task["value"].endswith("has no orders")
    assert occupied(spared) == []


@pytest.mark.long
def test_own_tasks_find_the_newest_transaction(spared: Fleet) -> None:
    own = spared.folder / "verify.yml"
    told = '- name: Find the newest order\n  ansible.builtin.set_fact:\n    proof_newest_transaction: "{}"\n'
    own.write_text(told.format("{{ now(utc=true, fmt='%Y-%m-%dT%H:%M:%SZ') }}"), encoding="utf-8")
    own_tasks = (*PROVE, "-e", "proof_verify_tasks=verify.yml")
    record = ended(spared.play(PLAYBOOK, *own_tasks), "done", spared)
    checks = {check["name"]: check["value"] for check in record["verification"]}
    assert checks["proof_rpo_data"] >= 0 and "proof_rpo" not in checks
    own.write_text(told.format("yesterday"), encoding="utf-8")
    record = ended(spared.play(PLAYBOOK, *own_tasks), "failed", spared)
    assert "proof_newest_transaction: 'yesterday' is not allowed" in record["steps"][-2]["message"]
    assert occupied(spared) == []


@pytest.mark.long
def test_one_after_the_other_and_whose_turn_it_is(spared: Fleet) -> None:
    """Those that were never proven come first; a bad backup does not keep the others from being proven."""
    # No automatic backup takes the place of the bad one.
    spared.clock(speed=20)
    bring(spared, "core-a", corrupt="job")
    spared.prepare("core-b", "core-c", backups=[{"name": "full-1"}])
    spared.describe(*({"name": name} for name in ("core-a", "core-b", "core-c")))
    run = spared.play(PLAYBOOK, *PROVE, "-e", "gaussdb_target=core-*")
    assert run.status != 0 and occupied(spared) == []
    assert {record["subject"]: record["outcome"] for record in spared.records()} == {
        "core-a": "failed",
        "core-b": "done",
        "core-c": "done",
    }
    run = spared.play(PLAYBOOK, *PROVE, "-e", "gaussdb_target=core-*", "-e", "proof_limit=1")
    assert "Left for a later run, because of proof_limit: core-b@site-a, core-c@site-a" in run.output
    assert spared.record()["subject"] == "core-a"
    run = spared.play(PLAYBOOK, *PROVE, "-e", '{"gaussdb_target": ["core-c", "core-b"]}', "-e", "proof_limit=1")
    assert spared.record()["subject"] == "core-b", run.output[-3000:]


def refused(fleet: Fleet, *arguments: str) -> str:
    said = refused_run(fleet, PLAYBOOK, *arguments)
    assert SECRET not in said
    return said


@pytest.mark.long
def test_what_refuses_it_before_a_write(spared: Fleet, tmp_path: Path) -> None:
    for arguments, said in (
        (options(proof_data_center="spare"), "needs proof_root_password"),
        (options(proof_root_password=SECRET), "proof_hosts, or proof_data_center"),
        ((*PROVE, "-e", "proof_verify_tasks=none.yml"), "there is no file"),
        ((*PROVE, "-e", "proof_point=yesterday"), "yesterday is neither newest_backup, nor now, nor a moment"),
        ((*PROVE, "-e", "proof_data_center=dc1"), "hosts_free: 0 of 3 that are needed"),
        ((*PROVE, "-e", "proof_hosts=spare-0,spare-1,10.9.9.9"), "10.9.9.9 is not a host of the platform"),
        ((*PROVE, "-e", "proof_hosts=spare-0,spare-1"), "hosts_free: 2 of 3 that are needed"),
        ((*PROVE, "-e", "proof_parameters=no_such_one"), "proof_parameters: no_such_one"),
        ((*PROVE, "-e", "gaussdb_gates_waived=hosts_free"), "cannot name hosts_free"),
        ((*PROVE, "-e", "gaussdb_evidence_dir=/proc/none"), "The evidence cannot be written, so nothing is done"),
        ((*PROVE, "-e", "proof_root_password=short"), "root_password"),
    ):
        assert said in refused(spared, *arguments), said


@pytest.mark.long
def test_a_moment_that_cannot_be_restored(spared: Fleet) -> None:
    early = f"{datetime.now(timezone.utc) - timedelta(days=3):%Y-%m-%d %H:%M:%S} UTC"
    said = refused(spared, *PROVE, "-e", json.dumps({"proof_point": early}))
    assert f"proof_point: {early} cannot be restored. Can be restored: " in said, said[-3000:]


@pytest.mark.long
def test_the_password_is_nowhere(spared: Fleet) -> None:
    run = spared.play(PLAYBOOK, *PROVE, "-vvvvv", "--diff")
    ended(run, "done", spared)
    # It is in the command line, which Ansible shows at this verbosity.
    lines = [line for line in run.output.splitlines() if SECRET in line]
    assert all("proof_root_password=" in line for line in lines), lines
    assert not [path for path in spared.evidence.iterdir() if SECRET in path.read_text(encoding="utf-8")]


@pytest.mark.long
def test_the_commands_of_the_runbook_work(spared: Fleet) -> None:
    spared.prepare("shipping", solution="single", backups=[{"name": "full-1"}])
    spared.describe({"name": "orders-prod"}, {"name": "shipping"})
    (spared.folder / "group_vars").mkdir()
    settings = {"proof_data_center": "spare", "proof_root_password": SECRET, "proof_wait_interval": 1}
    (spared.folder / "group_vars" / "all.yml").write_text(
        json.dumps({**settings, "gaussdb_evidence_dir": "evidence"}), encoding="utf-8"
    )
    runbook = Runbook("backup-proofs", spared, spared.folder)
    prove = f"{PLAYBOOK} -e gaussdb_target=orders-prod"
    assert runbook.run(f"{prove} --check").status == 0
    ended(runbook.run(prove), "done", spared)
    ended(runbook.run(f"{prove} -e proof_keep=true"), "done", spared)
    assert occupied(spared)[:3] == SPARE
    ended(spared.play(PLAYBOOK, "-e", "gaussdb_target=orders-prod"), "done", spared)
    ended(runbook.run(f"{prove} -e proof_point=now -e proof_solution=single"), "done", spared)
    ended(runbook.run(f"{PLAYBOOK} -e proof_limit=1"), "done", spared)
    assert spared.record()["subject"] == "shipping" and occupied(spared) == []
    record = min(spared.evidence.glob("*-backup_proof-orders-prod.json"))
    assert runbook.run("gaussdb.tpops.evidence_page", record).status == 0
    assert runbook.left == set()
