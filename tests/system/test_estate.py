# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""End-to-end tests of the guarantees: the example estate on a simulated platform."""

from __future__ import annotations

import json
import re
import socket
import sys
from collections import Counter
from pathlib import Path

import pytest
import yaml
from ansible.parsing.vault import VaultLib, VaultSecret
from conftest import ESTATE, ROOT, Platform, common, occurrences, subprocess


class VaultLoader(yaml.SafeLoader):
    """Reads individually encrypted values as strings."""


VaultLoader.add_constructor("!vault", lambda loader, node: loader.construct_scalar(node))


def vault_of(example: Path) -> dict[str, str]:
    """Return the variables of an example's vault, decrypted."""
    (path,) = example.glob("group_vars/*/vault.yml")
    key = (example / "vault-password.example").read_bytes().strip()
    vault = VaultLib([("default", VaultSecret(key))])
    encrypted = yaml.load(path.read_text(encoding="utf-8"), VaultLoader)
    return {name: vault.decrypt(text.encode()).decode() for name, text in encrypted.items()}


# The named objects in the estate of a simulator.
NAMED = ("data_centers", "hosts", "instances", "key_pairs")


def secrets_of_the_estate(platform: Platform) -> list[str]:
    found = list(vault_of(ESTATE).values())
    assert len(found) > 3
    return [*found, platform.server.password]


@pytest.mark.parametrize(
    "example", [path.parent for path in sorted(ROOT.glob("examples/*/inventory.yml"))], ids=lambda path: path.name
)
def test_an_inventory_is_listed_without_the_key_to_its_vault(example: Path) -> None:
    """AWX synchronises an inventory like this, without the key."""
    secrets = vault_of(example)
    assert secrets
    command = [str(common.venv_bin() / "ansible-inventory"), "-i", str(example / "inventory.yml"), "--list", "--export"]
    listed = subprocess.run(
        command, env=common.ansible_environment("system"), capture_output=True, text=True, check=False
    )
    assert listed.returncode == 0, listed.stderr
    for name, secret in secrets.items():
        assert f'"{name}"' in listed.stdout
        assert secret not in listed.stdout
    assert listed.stdout.count("$ANSIBLE_VAULT") == len(secrets)


def test_converge_repeat_and_check(platform: Platform) -> None:
    """From scratch to a running estate; then nothing to do; and check mode never writes."""
    planned = platform.play("gaussdb.tpops.site", "--check", "--diff")
    assert planned.status == 0, planned.output
    assert planned.changed > 0
    assert platform.writes() == []

    first = platform.play()
    assert first.status == 0, first.output
    # A plan on an empty platform is the same as the following run.
    assert first.changed == planned.changed

    platform.forget_requests()
    second = platform.play()
    assert second.status == 0, second.output
    assert second.changed == 0, second.output
    assert platform.writes() == []
    counts = Counter(entry["operation_id"] for entry in platform.requests())
    assert counts.pop("create_token", 0) == 0, "the token of the first run is still good"
    # The plan reads each list of the platform once, and those of the two instances once each.
    assert counts == {
        "list_data_centers": 1,
        "list_key_pairs": 1,
        "list_hosts": 1,
        "list_instances": 1,
        "get_parameters": 2,
        "get_backup_policy": 2,
        "list_users": 2,
        "list_databases": 2,
        "list_schemas": 1,
    }

    third = platform.play("gaussdb.tpops.site", "--check", "--diff")
    assert third.status == 0, third.output
    assert third.changed == 0
    assert platform.writes() == []


@pytest.mark.long
def test_two_runs_at_the_same_time_end_well_and_make_each_object_once(platform: Platform) -> None:
    """Neither knows of the other: the later one finds existing objects, or waits until the other one has finished with
    an instance."""
    runs = [platform.start("gaussdb.tpops.site") for _number in range(2)]
    outputs = [run.communicate()[0] for run in runs]
    assert [run.returncode for run in runs] == [0, 0], "\n".join(outputs)
    created = Counter(
        entry["operation_id"]
        for entry in platform.requests()
        if entry["write"] and entry["status"] < 300 and "create" in entry["operation_id"]
    )
    assert created["create_instance"] == 2
    platform.forget_requests()
    again = platform.play()
    assert (again.status, again.changed) == (0, 0), again.output
    assert platform.writes() == []
    held = {
        kind: sorted(each["name"] for each in found)
        for kind, found in platform.admin("GET", "estate").items()
        if kind in NAMED
    }
    assert all(len(names) == len(set(names)) > 0 for names in held.values()), held


@pytest.mark.speed(60)
def test_a_killed_run_is_taken_up_by_the_next_one(platform: Platform) -> None:
    """Killed while instances are being created: the next run waits for these, and creates no others."""
    killed = platform.kill_when(lambda line: "CreateGaussDBV5Instance" in line, "gaussdb.tpops.site")
    assert "PLAY RECAP" not in killed.output
    rerun = platform.play()
    assert rerun.status == 0, rerun.output
    writes = Counter(platform.writes())
    assert writes["create_instance"] == 2
    assert writes["add_hosts"] == 1
    assert platform.play().changed == 0


def test_a_demo_that_is_told_to_end_leaves_nothing_behind() -> None:
    """Neither a listening simulator, nor a playbook, nor the keys of either."""
    demo = subprocess.Popen(
        [sys.executable, str(ROOT / "tools" / "demo.py")],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    assert demo.stdout is not None
    # Other tests that run at the same time have simulators too.
    its_own = f"simulator-{demo.pid}-*"
    address = ""
    for line in demo.stdout:
        address = address or "".join(re.findall(r"listens on https://([\d.:]+)", line))
        if "CreateGaussDBV5Instance" in line:
            assert list(common.BUILD.glob(its_own))
            demo.terminate()
            break
    try:
        assert demo.wait(60) == 130
    finally:
        demo.kill()
        demo.stdout.close()
    host, port = address.split(":")
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((host, int(port)))
    assert not list(common.BUILD.glob(its_own))


@pytest.mark.parametrize(
    "where", ["true", pytest.param("false", marks=pytest.mark.long)], ids=["in the controller", "as processes"]
)
def test_no_secret_is_shown_or_written(platform: Platform, tmp_path: Path, where: str) -> None:
    """Not with -vvvvv, not in a diff, not in files, not in the platform's log."""
    secrets = secrets_of_the_estate(platform)
    run = platform.play("gaussdb.tpops.site", "-vvvvv", "--diff", "-e", f"run_in_controller={where}")
    assert run.status == 0, run.output[-4000:]
    assert run.changed > 0
    # Fails with the secrets among its arguments.
    platform.admin(
        "POST",
        "faults",
        [
            {
                "operation": "list_users",
                "kind": "status",
                "status": 400,
                "count": None,
                "body": {"error_code": "X", "error_msg": "Y"},
            }
        ],
    )
    broken = platform.play("gaussdb.tpops.site", "-vvvvv", "--diff", "-e", f"run_in_controller={where}")
    assert broken.status != 0
    tokens = [path.read_text() for path in platform.home.rglob("gaussdb_tpops/*") if path.is_file()]
    tokens = [token for text in tokens for token in re.findall(r'"token": "([^"]+)"', text)]
    assert tokens, "only the token cache may contain the token"
    for text in (run.output, broken.output, str(platform.requests()), platform.server.log.read_text()):
        assert [secret for secret in [*secrets, *tokens] if secret in text] == []
    assert occurrences(tmp_path, secrets) == []
    for path in platform.home.rglob("gaussdb_tpops"):
        assert path.stat().st_mode & 0o777 == 0o700
        assert all(entry.stat().st_mode & 0o077 == 0 for entry in path.iterdir())


@pytest.mark.parametrize(
    "where", ["true", pytest.param("false", marks=pytest.mark.long)], ids=["in the controller", "as processes"]
)
def test_wrong_input_ends_in_one_sentence_before_any_write(platform: Platform, tmp_path: Path, where: str) -> None:
    hosts = [
        {
            "name": f"db-{number}",
            "manage_ip": f"10.0.0.{number}",
            "data_ip": f"10.0.1.{number}",
            "virtual_ip": f"10.0.2.{number}",
            "ssh_port": 22,
        }
        for number in range(1, 52)
    ]
    hosts[37]["ssh_port"] = 8002
    instance = {
        "name": "orders-prod",
        "solution": "single",
        "manage_ips": ["10.0.0.1"],
        "os_type": "Kylin",
        "cpu_spec": "Intel",
        "arch": "X86",
    }
    cases = [
        ("gaussdb_host", {"hosts": hosts}, r"hosts\[37\]\.ssh_port"),
        ("gaussdb_instance", {**instance, "port": 2379}, r"\bport\b"),
        ("gaussdb_instance", {**instance, "port": 80}, r"\bport\b"),
        ("gaussdb_instance", {**instance, "solution": "octoset"}, r"\bsolution\b"),
        ("gaussdb_instance", {**instance, "solution": "triset"}, r"\bmanage_ips\b"),
        ("gaussdb_instance", {**instance, "name": "9 lives"}, r"\bname\b"),
        (
            "gaussdb_data_center",
            {"data_centers": [{"name": "too long a name for a data center"}]},
            r"data_centers\[0\]\.name",
        ),
        ("gaussdb_data_center_info", {"ca_path": "/nowhere/ca.pem"}, r"\bca_path\b"),
        ("gaussdb_data_center_info", {"endpoint": "http://localhost"}, r"\bendpoint\b"),
        (
            "gaussdb_instance",
            {"name": "", "instance_id": " ", "state": "stopped"},
            "one of the following is required: name, instance_id",
        ),
        (
            "gaussdb_instance",
            {**instance, "root_password": "Quoted-1'"},
            "root_password: holds a character that is not allowed",
        ),
        ("gaussdb_instance", {**instance, "wait_interval": 0}, "wait_interval: 0 is out of range"),
        ("gaussdb_data_center", {"data_centers": [{"name": "DC1"}, None]}, r"data_centers\[1\]: has no value"),
        (
            "gaussdb_data_center",
            {"data_centers": [{"name": "DC1", "description": "a\0b"}]},
            "description: holds a null character",
        ),
        ("gaussdb_node", {"instance": "orders-prod", "nodes": ["one", None]}, r"nodes\[1\]: has no value"),
        (
            "gaussdb_node",
            {"instance": "orders-prod", "nodes": ["one", "one"]},
            r"nodes\[1\]: one is listed twice, also as nodes\[0\]",
        ),
        ("gaussdb_host_sheet", {"path": "/dev/zero"}, "path: /dev/zero cannot be read: it is not a regular file"),
        ("gaussdb_host_sheet", {"path": "a\0b"}, "path: holds a null character"),
        ("gaussdb_data_center_info", {"timeout": 10**10}, "timeout: 10000000000 is out of range"),
        ("gaussdb_top_sql_info", {"instance": "orders-prod", "since": "999999w"}, "since: '999999w' is not allowed"),
        ("gaussdb_top_sql_info", {"instance": "orders-prod", "until": "9999-12-31T23:59:59-12:00"}, "until: '9999"),
    ]
    tasks = [
        {
            "name": f"{module} {number}",
            f"gaussdb.tpops.{module}": options,
            "ignore_errors": True,
            "register": f"case_{number}",
        }
        for number, (module, options, _words) in enumerate(cases)
    ]
    names = [f"case_{number}" for number in range(len(cases))]
    tasks.append(
        {"name": "Tell", "ansible.builtin.debug": {"msg": "{{ '%%' ~ lookup('vars', item).msg }}"}, "loop": names}
    )
    playbook = tmp_path / "wrong.yml"
    # JSON is YAML.
    playbook.write_text(json.dumps([{"name": "Wrong", "hosts": "tpops", "gather_facts": False, "tasks": tasks}]))
    run = platform.play(str(playbook), "-e", f"run_in_controller={where}")
    assert run.status == 0, run.output
    messages = re.findall(r'"msg": "%%(.*)"', run.output)
    assert len(messages) == len(cases)
    for message, (module, _options, words) in zip(messages, cases):
        assert re.search(words, message), f"{module}: {message}"
        assert "Traceback" not in message
    assert platform.writes() == []
