# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Databases that nobody manages, from outside: found, adopted with a backup and a description, killed and run again,
and what refuses it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from conftest import Recap, occurrences, reported
from day2 import options, sent
from day2 import refused as refused_run
from fleet import NEW, Fleet, announced, ended, in_three_days
from interrupting import ROUNDS, Moments, Steps
from runbooks import Runbook

PLAYBOOK = "gaussdb.tpops.adopt"
SECRET = "Admin-of-ledger-4711"
HOSTS = ["198.51.100.61", "198.51.100.62", "198.51.100.63"]
STORAGE = {"device_id": "nas-1", "directory": "/backup", "mount_point": "/mnt/nas"}
LEDGER = {
    "name": "ledger",
    "manage_ips": HOSTS[:1],
    "admin_password": SECRET,
    "storage": STORAGE,
    "backup_policy": {"keep_days": 14, "start_time": "19:00-20:00"},
}
WHOLE = ["manage_instance", "upgrade_agent", "set_backup_policy", "create_backup"]
OWN = "- name: Check the books\n  ansible.builtin.assert:\n    that: procedure_instance == '{}'\n"
STEPS = [
    "check_adoption",
    "manage_database",
    "adopted_agents",
    "adopted_policy",
    "first_backup",
    "describe_instance",
    "verify_adoption",
]


class Slowly:
    """A platform whose time stands still, and goes on a little while a run waits for it.

    Ten minutes after the adoption an instance gets an automatic backup, which would be the first one.
    """

    def __init__(self, fleet: Fleet) -> None:
        self.fleet = fleet
        fleet.clock(speed=0)

    def kill_when(self, is_moment: Callable[[str], bool], *arguments: str) -> Recap:
        return self.fleet.kill_when(is_moment, *arguments)

    def go_on(self, line: str) -> bool:
        if line.startswith("gaussdb_") or "FAILED - RETRYING" in line:
            self.fleet.clock(advance=130)
        return False

    def play(self, *arguments: str) -> Recap:
        return self.fleet.kill_when(self.go_on, *arguments)


@pytest.fixture
def found(fleet: Fleet) -> Fleet:
    """A platform with a database on three hosts that it does not manage."""
    zones = ["dc1", "dc2", "dc3"]
    hosts = [
        {"name": f"db-6{number}", "manage_ip": ip, "data_center": zone}
        for number, (ip, zone) in enumerate(zip(HOSTS, zones), 1)
    ]
    fleet.admin("POST", "estate", {"hosts": hosts})
    fleet.admin(
        "POST",
        "estate",
        {
            "unmanaged_instances": [
                {
                    "name": "old-ledger",
                    "solution": "triset",
                    "version": NEW,
                    "hosts": [each["name"] for each in hosts],
                    "password": SECRET,
                    "databases": ["books"],
                    "backup_policy": {"period": in_three_days(fleet)},
                }
            ]
        },
    )
    fleet.forget_requests()
    return fleet


def adopting(fleet: Fleet, *entries: dict[str, Any], **more: Any) -> tuple[str, ...]:
    """Write the databases to adopt next to the inventory, and return options."""
    folder = fleet.folder / "group_vars"
    folder.mkdir(exist_ok=True)
    (folder / "tpops.yml").write_text(json.dumps({"gaussdb_adopt": list(entries or (LEDGER,))}), encoding="utf-8")
    return options(adopt_wait_interval=1, adopt_export_dir=fleet.folder / "estate", **more)


def steps(record: dict[str, Any]) -> list[str]:
    return [step["name"] for step in record["steps"]]


def names(fleet: Fleet) -> list[str]:
    return sorted(each["name"] for each in fleet.admin("GET", "estate")["instances"])


@pytest.mark.long
def test_without_a_list_it_shows_what_is_not_managed(found: Fleet) -> None:
    found.admin(
        "POST", "estate", {"unmanaged_instances": [{"name": "lost", "solution": "single", "data_center": "dc1"}]}
    )
    run = found.play(PLAYBOOK)
    record = ended(run, "unchanged", found)
    assert sent(found) == [] and steps(record) == ["find_databases"]
    assert [note["hosts"] for note in record["notes"] if note["hosts"] == HOSTS] == [HOSTS]
    assert len(record["notes"]) == 2 and f"a database on {', '.join(HOSTS)}, whose hosts" in run.output
    page = max(found.evidence.glob("*.html")).read_text(encoding="utf-8")
    assert "found, not managed" in page and HOSTS[2] in page
    run = found.play(PLAYBOOK, "-e", "gaussdb_evidence_language=zh", "--check")
    assert run.status == 0 and "发现未纳管的数据库" in run.output and len(found.records()) == 1


def test_a_database_is_adopted_and_again(found: Fleet) -> None:
    arguments, slowly = adopting(found), Slowly(found)
    record = ended(slowly.play(PLAYBOOK, *arguments), "done", found)
    assert (steps(record), sent(found)) == (STEPS, WHOLE)
    checks = {check["name"]: check for check in record["verification"]}
    assert all(check["passed"] for check in checks.values()) and checks["first_backup"]["value"].startswith("first-")
    assert record["good_end"] and names(found) == ["ledger", "orders-prod"]
    folder = found.folder / "estate"
    described = (folder / "instances" / "ledger.yml").read_text(encoding="utf-8")
    assert "keep_days: 14" in described and "from site-a, which" in described
    assert [note["code"] for note in record["notes"]] == ["described_with_secrets"]
    record = ended(slowly.play(PLAYBOOK, *arguments), "unchanged", found)
    assert (steps(record), sent(found)) == ([STEPS[0], *STEPS[2:]], WHOLE)


@pytest.mark.long
def test_check_mode_announces_what_the_run_then_does(found: Fleet) -> None:
    arguments = adopting(found)
    found.environment |= {"ANSIBLE_SHOW_CUSTOM_STATS": "1"}
    planned = found.play(PLAYBOOK, *arguments, "--check")
    assert planned.status == 0 and sent(found) == [] and not found.evidence.exists(), planned.output[-6000:]
    assert not (found.folder / "estate").exists()
    run = Slowly(found).play(PLAYBOOK, *arguments)
    ended(run, "done", found)
    plan, record = (reported(each)["ledger"] for each in (planned, run))
    assert plan["outcome"] == "planned" and steps(plan) == steps(record) == STEPS
    # Its agents are not known before the adoption, and a note says so.
    assert [each for step in announced(plan) for each in step[-1]] == [WHOLE[0], *WHOLE[2:]]
    assert [each for step in announced(record) for each in step[-1]] == sent(found) == WHOLE
    assert "agents_unknown" in [note["code"] for note in plan["notes"]]


@pytest.mark.long
def test_killed_in_each_step(found: Fleet) -> None:
    arguments = adopting(found)
    killing = Steps(Slowly(found))
    ended(killing(PLAYBOOK, arguments), "unchanged", found)
    assert sent(found) == WHOLE and names(found) == ["ledger", "orders-prod"]
    assert killing.killed[PLAYBOOK] >= len(STEPS)
    assert (found.folder / "estate" / "instances" / "ledger.yml").exists()


@pytest.mark.long
@pytest.mark.parametrize("number", range(ROUNDS))
def test_killed_at_any_moment(found: Fleet, number: int) -> None:
    """An automatic backup may be the first one, if the run that would make it comes late."""
    arguments = adopting(found)
    found.clock(speed=60)
    moments = Moments(found, number, PLAYBOOK, *arguments, "--check")
    run = moments.several(PLAYBOOK, *arguments)
    assert run.status == 0, run.output[-6000:]
    assert sent(found) in (WHOLE, WHOLE[:3]) and names(found) == ["ledger", "orders-prod"]
    assert all(check["passed"] for check in found.record()["verification"])


@pytest.mark.long
@pytest.mark.parametrize("operation", ["get_job", "list_components"])
def test_a_platform_that_is_away_for_ten_minutes(found: Fleet, operation: str) -> None:
    """While the adoption is waited for, and while the instance is verified."""
    arguments = adopting(found)
    found.clock(speed=60)
    found.admin("POST", "faults", {"kind": "site_down", "operation": operation, "seconds": 600, "skip": 1})
    run = found.play(PLAYBOOK, *arguments)
    record = ended(run, "done", found)
    # Meanwhile the platform may have made an automatic backup.
    assert sent(found)[:3] == WHOLE[:3] and all(check["passed"] for check in record["verification"])


@pytest.mark.long
def test_an_adoption_that_fails_is_tried_again(found: Fleet) -> None:
    arguments, slowly = adopting(found), Slowly(found)
    found.admin("POST", "faults", {"kind": "job_fail", "operation": "manage_instance"})
    record = ended(slowly.play(PLAYBOOK, *arguments), "failed", found)
    assert steps(record) == STEPS[:2] and "fault was injected" in record["steps"][-1]["message"]
    assert [note["code"] for note in record["notes"]] == ["runs_on"] and names(found) == ["orders-prod"]
    ended(slowly.play(PLAYBOOK, *arguments), "done", found)
    assert sent(found) == ["manage_instance", *WHOLE]


@pytest.mark.long
def test_a_backup_that_fails_is_made_again(found: Fleet) -> None:
    arguments, slowly = adopting(found), Slowly(found)
    found.admin("POST", "faults", {"kind": "job_fail", "operation": "create_backup"})
    record = ended(slowly.play(PLAYBOOK, *arguments), "failed", found)
    assert record["steps"][-1]["name"] == "first_backup" and record["notes"] == []
    record = ended(slowly.play(PLAYBOOK, *arguments), "done", found)
    assert sent(found) == [*WHOLE, "create_backup"] and record["good_end"]


@pytest.mark.long
def test_a_verification_that_fails(found: Fleet) -> None:
    own = found.folder / "verify.yml"
    own.write_text(OWN.format("billing"), encoding="utf-8")
    arguments, slowly = adopting(found, adopt_verify_tasks=own), Slowly(found)
    record = ended(slowly.play(PLAYBOOK, *arguments), "failed", found)
    assert record["steps"][-1]["name"] == "verify_adoption" and "Check the books" in record["steps"][-1]["message"]
    own.write_text(OWN.format("ledger"), encoding="utf-8")
    ended(slowly.play(PLAYBOOK, *arguments), "unchanged", found)
    assert sent(found) == WHOLE


@pytest.mark.long
def test_it_is_inspected_once(found: Fleet) -> None:
    arguments, slowly = adopting(found, {**LEDGER, "inspection": "Health Check"}), Slowly(found)
    for outcome in ("done", "unchanged"):
        record = ended(slowly.play(PLAYBOOK, *arguments), outcome, found)
        (note,) = (note for note in record["notes"] if note["code"] == "inspected")
        assert note["scene"] == "Health Check" and note["total"] > 0 and "first_inspection" in steps(record)
    assert [each for each in sent(found) if each not in WHOLE] == ["create_inspection"]


def refused(fleet: Fleet, *arguments: str) -> str:
    said = refused_run(fleet, PLAYBOOK, *arguments)
    assert SECRET not in said
    return said


@pytest.mark.long
@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ({"manage_ips": ["198.51.100.9"]}, "database_found: no database that is not managed"),
        ({"manage_ips": HOSTS[:2]}, "database_found: 198.51.100.61, 198.51.100.62, 198.51.100.63"),
        ({"name": "orders-prod"}, "name_free: "),
        ({"engine_version": "1.0.0"}, "engine_known: 1.0.0"),
        ({"admin_password": ""}, "gaussdb_adopt[0].admin_password: required"),
        ({"storage": {"device_id": "nas-1"}}, "gaussdb_adopt[0].storage.directory: required"),
        ({"manage_ip": HOSTS[0]}, "gaussdb_adopt[0].manage_ip: not an option"),
        ({"name": "x"}, "gaussdb_adopt[0].name: should have 4 to 64 letters"),
    ],
)
def test_gates_and_bad_input_refuse_it_before_a_write(found: Fleet, entry: dict[str, Any], said: str) -> None:
    assert said in refused(found, *adopting(found, {**LEDGER, **entry}))


@pytest.mark.long
def test_what_cannot_be_written_refuses_it_before_a_write(found: Fleet) -> None:
    arguments = adopting(found)
    assert "The evidence cannot be written" in refused(found, *arguments, "-e", "gaussdb_evidence_dir=/proc/none")
    assert "adopt_export_dir: " in refused(found, *arguments, "-e", "adopt_export_dir=/proc/none")
    assert "gaussdb_adopt has no database leger" in refused(found, *arguments, "-e", "gaussdb_target=leger")
    own = found.folder / "estate" / "instances" / "ledger.yml"
    own.parent.mkdir(parents=True)
    own.write_text("name: ledger\n", encoding="utf-8")
    assert "because it has files that no export" in refused(found, *arguments)
    assert own.read_text(encoding="utf-8") == "name: ledger\n"
    ended(found.play(PLAYBOOK, *arguments, "-e", "adopt_export_dir="), "done", found)


GONE = {"name": "db-63", "os_root_password": "Root-Pass-1"}
REMOVE_HOST = {
    "hosts": "tpops",
    "gather_facts": False,
    "module_defaults": {"group/gaussdb.tpops.tpops": "{{ hostvars[inventory_hostname] | gaussdb.tpops.connection }}"},
    "tasks": [{"name": "Remove a host", "gaussdb.tpops.gaussdb_host": {"hosts": [GONE], "state": "absent"}}],
}


@pytest.mark.long
def test_hosts_that_are_not_added_are_named(found: Fleet) -> None:
    remove = found.folder / "remove.yml"
    remove.write_text(json.dumps([REMOVE_HOST]), encoding="utf-8")
    run = found.play(str(remove))
    assert run.status == 0, run.output[-3000:]
    record = ended(found.play(PLAYBOOK), "unchanged", found)
    (note,) = record["notes"]
    assert note == {"code": "unmanaged_hosts_missing", "hosts": HOSTS, "missing": HOSTS[2:]}
    assert f"hosts_added: {HOSTS[2]} is not added" in refused(found, *adopting(found))


@pytest.mark.long
def test_only_what_is_selected_is_adopted(found: Fleet) -> None:
    found.admin(
        "POST", "estate", {"unmanaged_instances": [{"name": "lost", "solution": "single", "data_center": "dc1"}]}
    )
    ended(found.play(PLAYBOOK), "unchanged", found)
    (address,) = [ip for note in found.record()["notes"] for ip in note["hosts"] if ip not in HOSTS]
    entry = {**LEDGER, "name": "lost-ledger", "manage_ips": [address]}
    ended(found.play(PLAYBOOK, *adopting(found, LEDGER, entry), "-e", "gaussdb_target=lost-*"), "done", found)
    assert names(found) == ["lost-ledger", "orders-prod"]


@pytest.mark.long
def test_a_gate_that_is_waived_is_on_the_page(found: Fleet) -> None:
    arguments = adopting(found, {**LEDGER, "engine_version": "1.0.0"})
    run = found.play(
        PLAYBOOK, *arguments, "-e", "gaussdb_gates_waived=engine_known", "-e", "gaussdb_evidence_language=zh"
    )
    record = ended(run, "done", found)
    assert [gate["name"] for gate in record["gates"] if gate["outcome"] == "waived"] == ["engine_known"]
    page = max(found.evidence.glob("*.html")).read_text(encoding="utf-8")
    assert "纳管: ledger" in page and "engine_known" in page and "首次备份" in page


@pytest.mark.long
def test_no_secret_is_left_anywhere(found: Fleet) -> None:
    run = found.play(PLAYBOOK, *adopting(found), "-vvvvv", "--diff", ANSIBLE_SHOW_CUSTOM_STATS="1")
    ended(run, "done", found)
    assert SECRET not in run.output
    assert occurrences(found.evidence, [SECRET]) == occurrences(found.folder / "estate", [SECRET]) == []
    assert SECRET not in json.dumps(found.requests())


@pytest.mark.long
def test_the_commands_of_the_runbook_work(found: Fleet) -> None:
    adopting(found)
    (found.folder / "group_vars" / "all.yml").write_text(json.dumps({"adopt_wait_interval": 1}), encoding="utf-8")
    runbook = Runbook("adopt", found, found.folder)
    listing = found.folder / "group_vars" / "tpops.yml"
    described = listing.read_text(encoding="utf-8")
    listing.unlink()
    assert "found, not managed" in runbook.run(PLAYBOOK).output
    listing.write_text(described, encoding="utf-8")
    assert runbook.run(f"{PLAYBOOK} --check").status == 0 and sent(found) == []
    assert runbook.run(f"{PLAYBOOK} -e gaussdb_target=ledger").status == 0
    # Meanwhile the platform may have made an automatic backup.
    assert found.record()["outcome"] == "done" and sent(found)[:3] == WHOLE[:3]
    assert runbook.left == set()
