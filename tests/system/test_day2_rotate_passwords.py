# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Rotations of secrets, from outside: staged, set, verified and current, killed and run again, and what refuses
them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, Recap, occurrences, reported
from day2 import Retried, options, refused, sent
from fleet import Fleet, announced, ended
from interrupting import ROUNDS, Moments, Steps
from pair import Pair

PLAYBOOK = "gaussdb.tpops.rotate_passwords"
EXAMPLES = ROOT / "examples" / "passwords"
SHOWN = {"ANSIBLE_SHOW_CUSTOM_STATS": "1"}
# These texts are in none of the files of the project.
STAGED = {
    "root": "Sentinel-Root-7",
    "rdsMetric": "Sentinel-Metric-7",
    "rdsBackup": "Sentinel-Backup-7",
    "clerk": "Sentinel-Clerk-7",
}
ACCOUNTS = [*STAGED, "report"]
CURRENT = {name: f"Earlier-{number}-Pass" for number, name in enumerate(ACCOUNTS)}
STEPS = ["check_rotation", "stage_secrets", "set_passwords", "verify_rotation", "prove_backups", "publish_secrets"]
SET = ["init_builtin_passwords", "reset_user_password"]
DISK = {"instance": "orders-prod", "alarm_id": "5010098", "name": "Disk broken", "severity": "critical"}


class Vault:
    """The folder with the secrets of each instance, and the options of a rotation with it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "secrets"
        self.folder.mkdir()

    def fill(self, staged: dict[str, Any], instance: str = "orders-prod", **more: Any) -> None:
        content = {"current": CURRENT, "staged": staged, **more}
        (self.folder / f"{instance}.json").write_text(json.dumps(content), encoding="utf-8")

    def shown(self, instance: str = "orders-prod") -> tuple[dict[str, str], dict[str, str]]:
        """Return the current and the staged secrets."""
        content = json.loads((self.folder / f"{instance}.json").read_text(encoding="utf-8"))
        return content["current"], content["staged"]

    def arguments(self, *accounts: str, **more: Any) -> tuple[str, ...]:
        given = {
            "gaussdb_target": "orders-prod",
            "gaussdb_confirm": "orders-prod",
            "rotate_passwords_accounts": ",".join(accounts or ACCOUNTS),
            "rotate_passwords_secret_tasks": EXAMPLES / "secrets.yml",
            "rotate_passwords_publish_tasks": EXAMPLES / "publish.yml",
            "rotate_passwords_verify_tasks": EXAMPLES / "verify.yml",
            "rotate_passwords_wait_interval": 1,
            "secrets_folder": self.folder,
            **more,
        }
        return options(**{name: value for name, value in given.items() if value is not None})


@pytest.fixture
def used(fleet: Fleet) -> Fleet:
    """A platform with an instance that has two users."""
    fleet.admin("DELETE", "estate")
    fleet.prepare("orders-prod", users=[{"name": name, "password": CURRENT[name]} for name in ("clerk", "report")])
    fleet.clock(advance=60)
    fleet.forget_requests()
    return fleet


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    made = Vault(tmp_path)
    made.fill(STAGED)
    return made


def steps(record: dict[str, Any]) -> list[str]:
    return [step["name"] for step in record["steps"]]


def notes(record: dict[str, Any]) -> dict[str, list[str]]:
    return {note["code"]: note.get("accounts") or note.get("hosts") for note in record["notes"]}


def test_what_is_staged_is_set_and_becomes_current(used: Fleet, vault: Vault) -> None:
    record = ended(used.play(PLAYBOOK, *vault.arguments()), "done", used)
    assert (steps(record), sent(used)) == (STEPS, [*SET, "create_backup"])
    assert vault.shown() == ({**CURRENT, **STAGED}, {})
    assert record["steps"][2]["about"] == list(STAGED) and notes(record) == {"current_secrets": ["report"]}
    assert all(check["passed"] for check in record["verification"])
    assert "secrets" in [check["name"] for check in record["verification"]]
    # Nothing is staged any more.
    record = ended(used.play(PLAYBOOK, *vault.arguments()), "unchanged", used)
    assert (steps(record), len(sent(used))) == (STEPS[:2], 3) and notes(record) == {"current_secrets": ACCOUNTS}


@pytest.mark.long
def test_check_mode_announces_what_the_run_then_does(used: Fleet, vault: Vault) -> None:
    planned = used.play(PLAYBOOK, *vault.arguments(), "--check", **SHOWN)
    assert planned.status == 0 and sent(used) == [] and not used.evidence.exists(), planned.output[-6000:]
    assert vault.shown() == (CURRENT, STAGED)
    run = used.play(PLAYBOOK, *vault.arguments(), **SHOWN)
    ended(run, "done", used)
    plan, done = (reported(each)["orders-prod"] for each in (planned, run))
    assert plan["outcome"] == "planned" and announced(plan) == announced(done)
    assert [name for step in announced(plan) for name in step[-1]] == sent(used)


def killed_at(fleet: Fleet, task: str, *arguments: str) -> Recap:
    run = fleet.kill_when(lambda line: line.startswith("TASK [") and f" : {task}]" in line, PLAYBOOK, *arguments)
    assert run.status == -9, run.output[-6000:]
    return run


@pytest.mark.long
@pytest.mark.parametrize(
    ("task", "before", "after"),
    # Staged and not set, one of two requests sent, set and not verified, proven and not current.
    [
        ("Set the passwords of built-in users", [], [*SET, "create_backup"]),
        ("Set the passwords of other users", SET[:1], [*SET, "create_backup"]),
        ("Read the members", SET, [*SET, "create_backup"]),
        ("Run the tasks that make them the current ones", [*SET, "create_backup"], [*SET, "create_backup"]),
    ],
)
def test_killed_between_the_phases(used: Fleet, vault: Vault, task: str, before: list[str], after: list[str]) -> None:
    """The vault still has both secrets, so the same command goes on. A backup is not made twice."""
    killed_at(used, task, *vault.arguments())
    assert (sent(used), vault.shown()) == (before, (CURRENT, STAGED))
    record = ended(used.play(PLAYBOOK, *vault.arguments()), "done", used)
    assert (steps(record), sent(used)) == (STEPS, after)
    assert vault.shown() == ({**CURRENT, **STAGED}, {})


@pytest.mark.long
def test_killed_in_each_step(used: Fleet, vault: Vault) -> None:
    used.clock(speed=0)
    killing = Steps(Retried(used))
    ended(killing(PLAYBOOK, vault.arguments()), "unchanged", used)
    used.clock(speed=600)
    assert killing.killed[PLAYBOOK] >= 6
    assert sent(used) == [*SET, "create_backup"] and vault.shown() == ({**CURRENT, **STAGED}, {})


@pytest.mark.long
@pytest.mark.parametrize("number", range(ROUNDS))
def test_killed_at_any_moment(used: Fleet, vault: Vault, number: int) -> None:
    moments = Moments(used, number, PLAYBOOK, *vault.arguments(), "--check")
    run = moments.several(PLAYBOOK, *vault.arguments())
    assert run.status == 0, run.output[-6000:]
    assert sent(used) == [*SET, "create_backup"] and vault.shown() == ({**CURRENT, **STAGED}, {})


@pytest.mark.long
def test_no_secret_is_shown_or_kept(used: Fleet, vault: Vault, tmp_path: Path) -> None:
    """Not with -vvvvv, not in a difference, not in the evidence, not in other files, not in the log of the platform.
    Also not if tasks of the user fail and show it."""
    bad = tmp_path / "bad.yml"
    secret = "{{ rotate_passwords_staged.clerk | default(rotate_passwords_names) }}"
    show = {"name": "Show it", "ansible.builtin.debug": {"msg": secret}}
    fail = {"name": "Fail with it", "ansible.builtin.command": {"argv": ["/bin/false", secret]}}
    bad.write_text(json.dumps([show, fail]), encoding="utf-8")
    leaks = tmp_path / "leaks.yml"
    check = "{'name': 'leak', 'value': 'it is ' ~ rotate_passwords_staged.clerk, 'expected': 'other'}"
    task = f'- name: Say it\n  ansible.builtin.set_fact:\n    procedure_checks: "{{{{ [{check}] }}}}"\n'
    leaks.write_text(task, encoding="utf-8")
    output = ""
    for outcome, more in (
        ("held", {"rotate_passwords_verify_tasks": bad}),
        ("held", {"rotate_passwords_verify_tasks": leaks}),
        ("held", {"rotate_passwords_publish_tasks": bad}),
        ("failed", {"rotate_passwords_secret_tasks": bad}),
        ("done", {}),
    ):
        run = used.play(PLAYBOOK, *vault.arguments(**more), "-vvvvv", "--diff", **SHOWN)
        ended(run, outcome, used)
        output += run.output
    log = json.dumps(used.requests())
    assert [secret for secret in STAGED.values() if secret in output or secret in log] == []
    for path in vault.folder.iterdir():
        path.unlink()
    assert occurrences(tmp_path, list(STAGED.values())) == []


@pytest.mark.long
@pytest.mark.parametrize("failing", ["verify", "publish"])
def test_what_fails_after_it_was_set_is_held(used: Fleet, vault: Vault, tmp_path: Path, failing: str) -> None:
    bad = tmp_path / "bad.yml"
    bad.write_text("- name: Try it\n  ansible.builtin.command: /bin/false\n", encoding="utf-8")
    run = used.play(PLAYBOOK, *vault.arguments(**{f"rotate_passwords_{failing}_tasks": bad}))
    record = ended(run, "held", used)
    assert vault.shown() == (CURRENT, STAGED) and "Try it" in record["steps"][-1]["message"]
    ended(used.play(PLAYBOOK, *vault.arguments()), "done", used)
    assert sent(used) == [*SET, "create_backup"] and vault.shown() == ({**CURRENT, **STAGED}, {})


@pytest.mark.long
def test_one_that_the_platform_refuses_is_held_and_then_done(used: Fleet, vault: Vault) -> None:
    """The others are set. None becomes the current one before all are."""
    vault.fill({**STAGED, "report": CURRENT["report"][::-1]})
    record = ended(used.play(PLAYBOOK, *vault.arguments()), "held", used)
    assert "report" in record["steps"][-1]["message"] and vault.shown()[0] == CURRENT
    vault.fill({**STAGED, "report": "Sentinel-Report-7"})
    ended(used.play(PLAYBOOK, *vault.arguments()), "done", used)
    assert vault.shown()[0] == {**CURRENT, **STAGED, "report": "Sentinel-Report-7"}


@pytest.mark.long
def test_gates_and_bad_input_refuse_it_before_a_write(used: Fleet, vault: Vault, tmp_path: Path) -> None:
    for more, said in (
        ({"gaussdb_target": None}, "Name the instances, for example -e gaussdb_target=orders-prod"),
        ({"gaussdb_confirm": "billing"}, "gaussdb_confirm=orders-prod. Given: gaussdb_confirm=billing"),
        ({"rotate_passwords_accounts": "root,root"}, "rotate_passwords_accounts names the accounts, each once"),
        ({"rotate_passwords_publish_tasks": None}, "rotate_passwords_publish_tasks is a file with your own tasks"),
        ({"rotate_passwords_publish_tasks": tmp_path / "no.yml"}, "There is no file"),
        ({"rotate_passwords_key_pair": "new"}, "rotate_passwords_old_key_pair names the key pair"),
        ({"gaussdb_gates_waived": "no_relation_account"}, "cannot name no_relation_account"),
        ({"gaussdb_evidence_dir": "/proc/none"}, "The evidence cannot be written, so nothing is done"),
        ({"rotate_passwords_accounts": "nobody"}, "accounts_exist: nobody"),
    ):
        assert said in refused(used, PLAYBOOK, *vault.arguments(**more)), said
    for staged, said in (
        ({"root": "short"}, "root: too weak"),
        ({"clerk": 12345678}, "clerk: is not a text"),
    ):
        vault.fill({**STAGED, **staged})
        assert said in refused(used, PLAYBOOK, *vault.arguments()), said
    vault.fill(STAGED)
    used.admin("POST", "estate", {"alarms": [DISK]})
    assert "no_critical_alarm: Disk broken" in refused(used, PLAYBOOK, *vault.arguments())
    ended(used.play(PLAYBOOK, *vault.arguments(gaussdb_gates_waived="no_critical_alarm")), "done", used)


@pytest.mark.long
@pytest.mark.parametrize(("operation", "skip"), [("get_job", 0), ("list_components", 2)])
def test_a_platform_that_is_away_for_ten_minutes(used: Fleet, vault: Vault, operation: str, skip: int) -> None:
    used.clock(speed=60)
    used.admin("POST", "faults", {"kind": "site_down", "operation": operation, "seconds": 600, "skip": skip})
    ended(used.play(PLAYBOOK, *vault.arguments()), "done", used)
    assert sent(used) == [*SET, "create_backup"] and vault.shown()[1] == {}


@pytest.mark.long
def test_several_instances_one_after_the_other(used: Fleet, vault: Vault) -> None:
    used.prepare("billing", users=[{"name": "clerk", "password": CURRENT["clerk"]}])
    vault.fill({"clerk": "Sentinel-Billing-7"}, "billing")
    names = "billing,orders-prod"
    both = json.dumps({"gaussdb_target": ["orders-prod", "billing"]})
    described = [{"name": name, "users": [{"name": "clerk", "password": "Earlier-9"}]} for name in names.split(",")]
    used.describe(*described)
    arguments = (*vault.arguments("clerk", gaussdb_target=None, gaussdb_confirm=names), "-e", both)
    run = used.play(PLAYBOOK, *arguments)
    assert run.status == 0, run.output[-6000:]
    assert {each["subject"]: each["outcome"] for each in used.records()} == {"orders-prod": "done", "billing": "done"}
    # The description has the password, and says so.
    assert notes(used.record())["described_passwords"] == ["clerk"]
    assert vault.shown("billing")[0]["clerk"] == "Sentinel-Billing-7"


@pytest.mark.long
def test_the_accounts_of_a_relation_are_refused(pair: Pair, tmp_path: Path) -> None:
    pair.replicate()
    vault = Vault(tmp_path)
    staged = {name: f"Sentinel-{number}-Seven" for number, name in enumerate(("root", "rdsRepl", "rdsMetric"))}
    for instance in ("orders-prod", "orders-dr"):
        vault.fill(staged, instance)

    def play(instance: str, *accounts: str) -> Recap:
        named = {"gaussdb_target": instance, "gaussdb_confirm": instance}
        return pair.play(PLAYBOOK, *vault.arguments(*accounts, **named))

    for instance, accounts, said in (
        ("orders-prod", ("root", "rdsMetric"), "no_relation_account: root"),
        ("orders-prod", ("rdsRepl",), "no_relation_account: rdsRepl"),
        ("orders-dr", ("rdsMetric",), "not_standby: standby"),
    ):
        run = play(instance, *accounts)
        assert run.status != 0 and said in " ".join(run.output.split()), run.output[-6000:]
    assert pair.sent(0) == pair.sent(1) == []
    run = play("orders-prod", "rdsMetric")
    assert run.status == 0 and "init_builtin_passwords" in pair.sent(0), run.output[-6000:]


def keys_of(fleet: Fleet, folder: Path) -> tuple[str, ...]:
    """Return the options of a rotation of key pairs, whose own tasks write the file "installed"."""
    fleet.admin("POST", "estate", {"key_pairs": ["ssh-1"]})
    fleet.forget_requests()
    installed = folder / "installed"
    own = folder / "install.yml"
    content = "{{ rotate_passwords_public_key }} {{ rotate_passwords_addresses | length }}"
    copy = {"content": content, "dest": str(installed), "mode": "0644"}
    own.write_text(json.dumps([{"name": "Install it", "ansible.builtin.copy": copy}]), encoding="utf-8")
    return options(
        gaussdb_target="orders-prod",
        gaussdb_confirm="orders-prod",
        rotate_passwords_key_pair="ssh-2",
        rotate_passwords_old_key_pair="ssh-1",
        rotate_passwords_key_tasks=own,
        rotate_passwords_wait_interval=1,
    )


@pytest.mark.long
def test_the_key_pair_of_hosts(used: Fleet, tmp_path: Path) -> None:
    """The old one is removed as soon as no host has it."""
    keys, installed = keys_of(used, tmp_path), tmp_path / "installed"
    planned = used.play(PLAYBOOK, *keys, "--check", **SHOWN)
    assert planned.status == 0 and sent(used) == [] and not installed.exists(), planned.output[-6000:]
    run = used.play(PLAYBOOK, *keys, **SHOWN)
    ended(run, "done", used)
    assert sent(used) == ["create_key_pair", "modify_hosts", "delete_key_pair"]
    assert announced(reported(planned)["orders-prod"]) == announced(reported(run)["orders-prod"])
    assert installed.read_text(encoding="utf-8").startswith("ssh-rsa ") and installed.read_text().endswith(" 3")
    ended(used.play(PLAYBOOK, *keys), "unchanged", used)
    assert len(sent(used)) == 3


@pytest.mark.long
def test_a_rotation_of_key_pairs_killed_in_each_step(used: Fleet, tmp_path: Path) -> None:
    keys = keys_of(used, tmp_path)
    killing = Steps(used)
    ended(killing(PLAYBOOK, keys), "unchanged", used)
    assert sent(used) == ["create_key_pair", "modify_hosts", "delete_key_pair"] and killing.killed[PLAYBOOK] >= 3


@pytest.mark.long
def test_certificates_are_installed_and_proven(used: Fleet, vault: Vault) -> None:
    pem = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"
    staged = {"ca_cert": pem, "client_cert": pem, "client_key": pem, "key_password": "Sentinel-Key-7"}
    vault.fill({}, staged_certificate=staged)
    arguments = vault.arguments(rotate_passwords_accounts=None, rotate_passwords_certificate="true")
    ended(used.play(PLAYBOOK, *arguments), "done", used)
    assert sent(used) == ["install_backup_certificates", "create_backup"]
    ended(used.play(PLAYBOOK, *arguments), "unchanged", used)
