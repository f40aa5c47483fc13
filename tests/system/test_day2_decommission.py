# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The end of an instance, from outside: locked, backed up, proven and removed, killed and run again, and what refuses
it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from conftest import occurrences, reported
from day2 import options, refused, sent
from fleet import Fleet, announced
from interrupting import ROUNDS, Moments, Steps
from runbooks import Runbook

PLAYBOOK = "gaussdb.tpops.decommission"
SPARE = ["198.51.100.1", "198.51.100.2", "198.51.100.3"]
SECRET = "Proof-Root-7"
PROOF = options(proof_data_center="spare", proof_root_password=SECRET, proof_wait_interval=1)
NAMED = options(
    gaussdb_target="billing",
    gaussdb_confirm="billing",
    decommission_keep_full_backup_days=90,
    decommission_wait_interval=1,
    # Each user of a simulated instance has sessions.
    gaussdb_gates_waived="no_sessions",
)
REMOVE = (*NAMED, *PROOF, "-e", "gaussdb_until=removed")
LOCKED = ["lock_user", "lock_user"]
REMOVED = [
    "create_backup",
    *["create_instance", "set_backup_policy", "delete_instance"],
    *["manage_dbmind_instances", "delete_inspections", "modify_inspection"],
    "delete_instance",
]
SHOWN = {"ANSIBLE_SHOW_CUSTOM_STATS": "1"}
FREED = options(decommission_proof="false", decommission_free_hosts="remove", decommission_host_password=SECRET)


@pytest.fixture
def leaving(fleet: Fleet) -> Fleet:
    """A platform with spare hosts and an instance that is not described, but managed and inspected."""
    hosts = [{"name": f"spare-{number}", "manage_ip": ip, "data_center": "spare"} for number, ip in enumerate(SPARE)]
    fleet.admin("POST", "estate", {"data_centers": ["spare"], "hosts": hosts})
    users = [{"name": name, "password": "Clerk-Pass-1"} for name in ("clerk", "report")]
    fleet.prepare("billing", solution="single", data_center="dc1", users=users)
    inspection = {"items": ["cpu_usage"], "inspection_policy": "periodic", "inspection_period": "daily"}
    fleet.admin(
        "POST",
        "estate",
        {
            "dbmind_instances": [{"name": "dbmind-1", "arch": "X86", "manageable_limit": 8, "managed": ["billing"]}],
            "inspections": [
                {**inspection, "inspection_name": "nightly", "instances": ["billing", "orders-prod"]},
                {**inspection, "inspection_name": "billing-only", "instances": ["billing"]},
            ],
        },
    )
    return fleet


def left(fleet: Fleet) -> tuple[list[str], list[str]]:
    """Return the instances, and the hosts in use by others than orders-prod."""
    estate = fleet.admin("GET", "estate")
    names = [each["name"] for each in estate["instances"]]
    return names, [
        each["name"] for each in estate["hosts"] if each["status"] == "in_use" and "orders" not in each["name"]
    ]


def of(fleet: Fleet, procedure: str = "decommission") -> dict[str, Any]:
    """Return the newest record of a procedure."""
    return [record for record in fleet.records() if record["procedure"] == procedure][-1]


def done(fleet: Fleet, outcome: str, *arguments: str) -> dict[str, Any]:
    run = fleet.play(PLAYBOOK, *arguments)
    record = of(fleet)
    assert record["outcome"] == outcome, run.output[-6000:]
    assert (run.status == 0) == (outcome in {"unchanged", "done", "paused"}), run.output[-3000:]
    return record


def test_locked_and_removed_and_again(leaving: Fleet) -> None:
    for arguments, outcome, writes in (
        (NAMED, "paused", LOCKED),
        (NAMED, "paused", []),
        (REMOVE, "done", REMOVED),
        (REMOVE, "unchanged", []),
        (NAMED, "unchanged", []),
    ):
        leaving.forget_requests()
        record = done(leaving, outcome, *arguments)
        assert sent(leaving) == writes, record["steps"]
    assert left(leaving)[0] == ["orders-prod"]
    checks = {check["name"]: check for check in record["verification"]}
    assert all(check["passed"] for check in checks.values()) and checks["last_backup"]["value"].startswith("last-")
    (note,) = record["notes"]
    assert note["backup"] == checks["last_backup"]["value"] and record["good_end"]
    page = max(leaving.evidence.glob("*-decommission-billing.html")).read_text(encoding="utf-8")
    assert f"restore.backup_id={note['backup_id']}" in page and f"is kept until {note['until']}" in page
    assert of(leaving, "backup_proof")["notes"][0]["backup"] == note["backup"]


@pytest.mark.long
def test_check_mode_announces_what_each_half_then_does(leaving: Fleet) -> None:
    own = [each for each in REMOVED if each not in ("create_instance", "set_backup_policy")]
    for arguments, outcome, writes, announces in (
        (NAMED, "paused", LOCKED, LOCKED),
        # The proof has a record of its own, and its writes are those between the backup and DBMind.
        (REMOVE, "done", REMOVED, [own[0], *own[2:]]),
    ):
        leaving.forget_requests()
        known = len(leaving.records()) if leaving.evidence.exists() else 0
        planned = leaving.play(PLAYBOOK, *arguments, "--check", **SHOWN)
        assert planned.status == 0, planned.output[-6000:]
        assert sent(leaving) == [] and (len(leaving.records()) if leaving.evidence.exists() else 0) == known
        run = leaving.play(PLAYBOOK, *arguments, **SHOWN)
        assert of(leaving)["outcome"] == outcome, run.output[-6000:]
        plan, record = (reported(each)["billing"] for each in (planned, run))
        assert plan["outcome"] == "planned" and sent(leaving) == writes
        assert [(step[0], step[-1]) for step in announced(plan)] == [(step[0], step[-1]) for step in announced(record)]
        assert [operation for step in announced(plan) for operation in step[-1]] == announces


@pytest.mark.long
def test_killed_in_each_step(leaving: Fleet) -> None:
    """Both at once, with the proof in between: nothing is done twice, and nothing is left but the backup."""
    leaving.clock(speed=0)
    # While DBMind lets the instance go, a run that comes after waits without a line that would let time go on.
    steps = Steps(leaving, lambda step, job: "DBMind" not in job)
    run = steps(PLAYBOOK, REMOVE)
    assert of(leaving)["outcome"] == "unchanged", run.output[-6000:]
    assert sent(leaving) == [*LOCKED, *REMOVED] and left(leaving)[0] == ["orders-prod"]
    assert steps.killed[PLAYBOOK] > 8
    assert all(check["passed"] for check in of(leaving)["verification"])


@pytest.mark.long
def test_killed_in_each_step_with_its_hosts(leaving: Fleet) -> None:
    leaving.describe({"name": "orders-prod"})
    leaving.clock(speed=0)
    steps = Steps(leaving, lambda step, job: "DBMind" not in job)
    run = steps(PLAYBOOK, (*REMOVE, *FREED))
    assert of(leaving)["outcome"] == "unchanged", run.output[-6000:]
    assert sent(leaving) == [*LOCKED, REMOVED[0], *REMOVED[4:], "delete_hosts"] and steps.killed[PLAYBOOK] > 5
    assert left(leaving)[0] == ["orders-prod"]


@pytest.mark.long
@pytest.mark.parametrize("number", range(ROUNDS))
def test_killed_at_any_moment(leaving: Fleet, number: int) -> None:
    moments = Moments(leaving, number, PLAYBOOK, *REMOVE, "--check")
    run = moments.several(PLAYBOOK, *REMOVE)
    assert run.status == 0, run.output[-6000:]
    assert sent(leaving) == [*LOCKED, *REMOVED] and left(leaving)[0] == ["orders-prod"]


@pytest.mark.long
def test_a_platform_that_is_away_for_ten_minutes(leaving: Fleet) -> None:
    """While a task of it is waited for."""
    leaving.clock(speed=60)
    leaving.admin("POST", "faults", {"kind": "site_down", "operation": "get_job", "seconds": 600, "skip": 1})
    run = leaving.play(PLAYBOOK, *REMOVE, "-e", "decommission_proof=false")
    assert of(leaving)["outcome"] == "done", run.output[-6000:]
    assert sent(leaving) == [*LOCKED, REMOVED[0], *REMOVED[4:]] and left(leaving)[0] == ["orders-prod"]


@pytest.mark.long
def test_its_hosts_are_removed_from_the_platform(leaving: Fleet) -> None:
    (host,) = next(each for each in leaving.admin("GET", "estate")["instances"] if each["name"] == "billing")["hosts"]
    freed = (*REMOVE, *FREED)
    description = {"hosts": [{"manage_ip": host, "data_center": "dc1"}]}
    leaving.describe({"name": "orders-prod"}, **description)
    assert f"hosts_not_described: {host}" in refused(leaving, PLAYBOOK, *freed)
    leaving.describe({"name": "orders-prod"})
    planned = leaving.play(PLAYBOOK, *freed, "--check", **SHOWN)
    assert planned.status == 0 and sent(leaving) == [], planned.output[-6000:]
    assert announced(reported(planned)["billing"])[-2] == ("free_hosts", "billing", (host,), ())
    for outcome, writes in (("done", [*LOCKED, REMOVED[0], *REMOVED[4:], "delete_hosts"]), ("unchanged", [])):
        leaving.forget_requests()
        record = done(leaving, outcome, *freed)
        assert sent(leaving) == writes and all(check["passed"] for check in record["verification"])
        assert host not in [each["manage_ip"] for each in leaving.admin("GET", "estate")["hosts"]]
    assert SECRET not in json.dumps(leaving.records())


@pytest.mark.long
def test_what_fails_holds_it(leaving: Fleet) -> None:
    """A last backup that cannot be restored, and DBMind that does not let it go: the users stay locked."""
    leaving.admin("POST", "faults", {"kind": "job_fail", "operation": "create_instance"})
    record = done(leaving, "held", *REMOVE)
    assert "The last backup is not proven" in record["steps"][-1]["message"]
    assert sorted(left(leaving)[0]) == ["billing", "orders-prod"]
    leaving.forget_requests()
    leaving.admin("POST", "faults", {"kind": "job_fail", "operation": "manage_dbmind_instances"})
    done(leaving, "held", *REMOVE)
    # The backup is not made twice.
    assert sent(leaving) == REMOVED[1:5]
    leaving.forget_requests()
    done(leaving, "done", *REMOVE)
    # Neither is it proven twice.
    assert sent(leaving) == REMOVED[4:] and left(leaving)[0] == ["orders-prod"]


@pytest.mark.long
def test_what_refuses_it_before_a_write(leaving: Fleet) -> None:
    leaving.prepare("ledger", "ledger-dr", solution="single", data_center="dc1")
    leaving.admin("POST", "estate", {"dr_relations": [{"name": "ledger", "master": "ledger", "standby": "ledger-dr"}]})
    for arguments, said in (
        ((*NAMED, "-e", "gaussdb_confirm=orders-prod"), "Confirm it with gaussdb_confirm=billing"),
        ((*NAMED, "-e", "decommission_keep_full_backup_days="), "decommission_keep_full_backup_days"),
        ((*NAMED, "-e", "decommission_keep_full_backup_days=0"), "0 only with decommission_last_backup=false"),
        ((*NAMED, "-e", "gaussdb_until=removed"), "That needs proof_root_password"),
        ((*NAMED, "-e", "gaussdb_until=gone"), "gaussdb_until"),
        ((*NAMED, "-e", "gaussdb_gates_waived="), "no_sessions: clerk, report"),
        ((*NAMED, "-e", "gaussdb_evidence_dir=/proc/none"), "The evidence cannot be written, so nothing is done"),
        ((*NAMED, *options(gaussdb_target="orders-prod", gaussdb_confirm="orders-prod")), "not_described: orders-prod"),
        ((*NAMED, *options(gaussdb_target="ledger", gaussdb_confirm="ledger")), "no_relation: ledger"),
        (
            (*NAMED, *options(gaussdb_target="biling", gaussdb_confirm="biling")),
            "has no instance biling, and no record",
        ),
        ((*NAMED, "-e", "gaussdb_target=ledger*"), "This is done to one instance at a time"),
    ):
        assert said in refused(leaving, PLAYBOOK, *arguments), said


@pytest.mark.long
def test_the_commands_of_the_runbook_work(leaving: Fleet) -> None:
    (leaving.folder / "group_vars").mkdir()
    settings = {"proof_data_center": "spare", "proof_root_password": SECRET, "proof_wait_interval": 1}
    (leaving.folder / "group_vars" / "all.yml").write_text(
        json.dumps({**settings, "decommission_wait_interval": 1}), encoding="utf-8"
    )
    runbook = Runbook("decommission", leaving, leaving.folder)
    beginning = f"{PLAYBOOK} -e gaussdb_target=billing -e gaussdb_confirm=billing"
    named = f"{beginning} -e decommission_keep_full_backup_days=90"
    checked = runbook.run(f"{named} --check")
    assert checked.status != 0 and "no_sessions" in checked.output
    assert runbook.run(f"{named} -e gaussdb_gates_waived=no_sessions").status == 0
    assert of(leaving)["outcome"] == "paused"
    run = runbook.run(f"{named} -e gaussdb_until=removed -e gaussdb_gates_waived=no_sessions")
    assert of(leaving)["outcome"] == "done", run.output[-6000:]
    assert runbook.left == set() and SECRET not in run.output


@pytest.mark.long
def test_no_secret_is_shown_or_kept(leaving: Fleet) -> None:
    """The password of the hosts is in a file, because Ansible prints its own command line."""
    leaving.describe({"name": "orders-prod"})
    given = leaving.folder / "given.json"
    given.write_text(json.dumps({"decommission_host_password": SECRET}), encoding="utf-8")
    freed = options(decommission_proof="false", decommission_free_hosts="remove")
    run = leaving.play(
        PLAYBOOK, *NAMED, "-e", "gaussdb_until=removed", *freed, "-e", f"@{given}", "-vvvvv", "--diff", **SHOWN
    )
    assert of(leaving)["outcome"] == "done", run.output[-6000:]
    secrets = [leaving.server.password, SECRET]
    assert [each for each in secrets if each in run.output] == occurrences(leaving.evidence, secrets) == []
    assert SECRET not in json.dumps(leaving.requests())
