# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The validation from outside: without a platform, without a key, and with all mistakes at once."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
import yaml
from conftest import ESTATE, ROOT, Recap, common, subprocess

VALIDATE = "gaussdb.tpops.validate"
SENTINEL = "Sentinel-Secret-7"
# What is wrong in the broken estate, by what is replaced.
MISTAKES = {
    ("data_center: south\n", "data_center: suoth\n"): "hosts[7].data_center: suoth is not described in data_centers",
    ("ssh_port: 22", "ssh_port: x"): "host_defaults.ssh_port: not a whole number",
    ("port: 8100", "port: 70000"): "instances[ledger-prod].port: 70000 is out of range",
    ("period: [6, 7]", "period: [6, 8]"): "instances[ledger-prod].backup_policy.period: 8 is out of range",
    ("10.20.0.17]", "10.20.0.13]"): "instances[ledger-prod].manage_ips[3]: 10.20.0.13 is used twice",
    ("keep_days: 14", 'keep_days: "{{ nowhere }}"'): "instances[orders-prod].backup_policy.keep_days: 'nowhere' is",
    ('    password: "{{ vault_orders_dba_password }}"', f"    pasword: {SENTINEL}"): (
        "instances[orders-prod].users[1].pasword: unknown, did you mean password?"
    ),
    ('"{{ vault_ledger_app_password }}"', f"{SENTINEL} 1"): (
        "instances[ledger-prod].users[0].password: holds a character that is not allowed"
    ),
    ("owner: ledger_app\n", "owner: leger_app\n"): (
        "instances[ledger-prod].databases[0].owner: leger_app is not described in users or roles, did you mean"
    ),
}


def play(folder: Path, *arguments: str) -> Recap:
    command = [str(common.venv_bin() / "ansible-playbook"), "-i", "inventory.yml", VALIDATE, *arguments]
    environment = common.ansible_environment("system") | {"NO_COLOR": "1", "ANSIBLE_NOCOLOR": "1"}
    run = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    return Recap(run.returncode, run.stdout + run.stderr)


@pytest.fixture
def example(tmp_path: Path) -> Path:
    """The example without the key to its vault, and without a platform."""
    folder = tmp_path / "estate"
    shutil.copytree(ESTATE, folder)
    (folder / "vault-password.example").unlink()
    return folder


def change(folder: Path, *replaced: tuple[str, str]) -> None:
    path = folder / "group_vars" / "tpops" / "estate.yml"
    text = path.read_text(encoding="utf-8")
    for old, new in replaced:
        assert old in text
        text = text.replace(old, new, 1)
    path.write_text(text, encoding="utf-8")


def test_the_example_is_valid_without_its_key(example: Path) -> None:
    run = play(example)
    assert run.status == 0, run.output
    assert "The estate of site-a is valid: data_centers 2, key_pairs 1, hosts 8, instances 2" in run.output


def test_secrets_that_are_not_there_do_not_matter(example: Path) -> None:
    (example / "group_vars" / "tpops" / "vault.yml").unlink()
    assert play(example).status == 0


def test_every_mistake_is_shown_at_once_with_its_line(example: Path) -> None:
    change(example, *MISTAKES)
    run = play(example)
    assert run.status == 2
    for problem in MISTAKES.values():
        (line,) = [line for line in run.output.splitlines() if line.startswith(problem)]
        assert re.search(r" \(group_vars/tpops/estate\.yml:\d+\)$", line), line
    assert f"The estate of site-a has {len(MISTAKES)} problems" in run.output
    assert "hosts_config" not in run.output and "argument_spec" not in run.output


def test_no_secret_is_shown_however_much_is_asked_for(example: Path) -> None:
    change(example, *MISTAKES)
    output = play(example, "-vvvvv").output
    assert "did you mean password?" in output
    assert SENTINEL not in output


def test_a_tree_is_validated_with_file_and_line(example: Path) -> None:
    source = example / "group_vars" / "tpops" / "estate.yml"
    estate = yaml.safe_load(source.read_text(encoding="utf-8"))["gaussdb_estate"]
    source.unlink()
    tree = example / "estate"
    (tree / "instances").mkdir(parents=True)
    for instance in estate.pop("instances"):
        (tree / "instances" / f"{instance['name']}.yml").write_text(yaml.safe_dump(instance))
    (tree / "site.yml").write_text(yaml.safe_dump(estate))
    there = ("-e", "gaussdb_estate_dir=estate")
    run = play(example, *there)
    assert run.status == 0 and "instances 2" in run.output, run.output

    shutil.copy(tree / "instances" / "orders-prod.yml", tree / "instances" / "z.yml")
    run = play(example, *there)
    assert run.status == 2
    assert "orders-prod is described in two files, also in estate/instances/orders-prod.yml:1" in run.output

    shutil.rmtree(tree / "instances")
    (tree / "site.yml").write_text("hostss: []\n")
    assert "hostss: unknown, did you mean hosts? (estate/site.yml:1)" in play(example, *there).output


@pytest.mark.parametrize("text", ["gaussdb_estate: {}\n", "gaussdb_estate:\n", "other: 1\n"])
def test_an_estate_that_is_missing_or_empty_is_an_error(example: Path, text: str) -> None:
    (example / "group_vars" / "tpops" / "estate.yml").write_text(text)
    run = play(example)
    assert run.status == 2 and "gaussdb_estate: is missing, or describes nothing" in run.output, run.output


def test_relations_are_validated_too(tmp_path: Path) -> None:
    folder = tmp_path / "dr"
    shutil.copytree(ROOT / "examples" / "dr", folder)
    path = folder / "group_vars" / "all" / "dr.yml"
    text = path.read_text(encoding="utf-8")
    for old, new in (
        ("primary_site: site-a", "primary_site: site-c"),
        ("site: site-b", "site: site-bb"),
        ("rpo_seconds: 10", "rpo_secs: 10"),
    ):
        assert old in text
        text = text.replace(old, new, 1)
    path.write_text(text, encoding="utf-8")
    output = play(folder).output
    for problem in (
        "dr_relations[0].primary_site: site-c is not the site of a member, did you mean site-a?",
        "dr_relations[0].members[1].site: site-bb is not a host of the inventory, did you mean site-b?",
        "dr_relations[0].thresholds.rpo_secs: unknown, did you mean rpo_seconds?",
    ):
        assert f"{problem} (group_vars/all/dr.yml:" in output, output
