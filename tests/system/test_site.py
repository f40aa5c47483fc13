# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Converging several platforms: each of them, regardless of the others; and a run that skips something reports it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import demo_dr
import pytest
from conftest import Platform, Recap

import common
import simulator

SITE = "gaussdb.tpops.site"
PREPARED = "instances: [{name: orders-prod, solution: single, data_center: [dc1], password: Orders-Root-1}]\n"
ORDERS = {"name": "orders-prod", "databases": [{"name": "orders"}]}
# These lead nowhere: the variables of the platforms' hosts must override them.
ALL = {
    "ansible_become": True,
    "ansible_become_exe": "/nowhere/sudo",
    "ansible_connection": "ssh",
    "ansible_host": "192.0.2.1",
    "ansible_python_interpreter": "/nowhere/python",
}
LOCAL = {
    "ansible_become": False,
    "ansible_connection": "local",
    "ansible_python_interpreter": "{{ ansible_playbook_python }}",
}


class Platforms(Platform):
    """Two platforms, each with the instance orders-prod, and inventories for them."""

    def __init__(self, server: simulator.Simulator, folder: Path) -> None:
        super().__init__(server, folder / "home")
        self.folder = folder
        self.sites = demo_dr.sites_of(server)
        # The connection is in the inventory alone.
        self.environment = common.ansible_environment() | {"ANSIBLE_HOME": str(self.home)}
        prepared = folder / "prepared.yml"
        prepared.write_text(PREPARED)
        for site in (0, 1):
            for what in ("estate", "faults", "requests"):
                self.sites.admin(site, what, method="DELETE")
            self.sites.admin(site, "estate", prepared)

    def connection(self, site: int) -> dict[str, Any]:
        return {
            "tpops_endpoint": self.sites.endpoints[site],
            "tpops_username": self.server.username,
            "tpops_password": self.server.password,
            "tpops_ca_path": str(self.server.ca_path),
            "tpops_retries": 0,
        }

    def write_inventory(self, hosts: dict[str, dict[str, Any]], group: str = "tpops", **of_all: Any) -> None:
        inventory = {
            "all": {
                "vars": of_all,
                "children": {group: {"hosts": hosts, "vars": LOCAL}, "web": {"hosts": {"web-1": {}}}},
            }
        }
        # JSON is YAML.
        (self.folder / "inventory.yml").write_text(json.dumps(inventory))

    def command(self, *arguments: str) -> list[str]:
        return [str(common.venv_bin() / "ansible-playbook"), "-i", str(self.folder / "inventory.yml"), *arguments]

    def writes_of(self, site: int) -> list[str]:
        log = self.sites.admin(site, "requests", method="GET")["requests"]
        return [entry["operation_id"] for entry in log if entry["write"]]


@pytest.fixture
def platforms(linked_platforms: simulator.Simulator, tmp_path: Path) -> Iterator[Platforms]:
    yield Platforms(linked_platforms, tmp_path)


def hosts_of(run: Recap) -> list[str]:
    return re.findall(r"^(\S+) +: ok=", run.output.partition("PLAY RECAP")[2], re.MULTILINE)


def said(run: Recap) -> str:
    return re.sub(r"\s+", " ", run.output)


@pytest.mark.long
def test_each_platform_is_converged_regardless_of_the_others(platforms: Platforms) -> None:
    """The first without instances, the others with an instance of the same name, with settings that lead elsewhere."""
    unverified = platforms.connection(1) | {"tpops_ca_path": None, "tpops_validate_certs": False}
    nulls = {
        "name": "orders-prod",
        "port": None,
        "state": None,
        "backup_policy": None,
        "parameters": None,
        "users": None,
    }
    estate = {
        "data_centers": None,
        "instances": [nulls | {"databases": [{"name": "orders", "owner": None, "schemas": None}]}],
    }
    platforms.write_inventory(
        {
            "empty": platforms.connection(0) | {"gaussdb_estate": {}, "gaussdb_empty_estate": True},
            "site-a": platforms.connection(0) | {"gaussdb_estate": {"instances": [ORDERS]}},
            "site-b": unverified | {"gaussdb_estate": estate},
        },
        **ALL,
    )
    run = platforms.play(SITE, ANSIBLE_STRATEGY="free", ANSIBLE_FORKS="1")
    assert run.status == 0, run.output[-6000:]
    assert {"empty", "site-a", "orders-prod@site-a", "site-b", "orders-prod@site-b"} <= set(hosts_of(run))
    assert platforms.writes_of(0) == platforms.writes_of(1) == ["create_database"]
    again = platforms.play(SITE, ANSIBLE_STRATEGY="host_pinned")
    assert (again.status, again.changed) == (0, 0), again.output[-6000:]


@pytest.mark.long
def test_every_option_of_a_module_can_be_described(platforms: Platforms) -> None:
    """Some that the roles do not list themselves; and an unknown option is rejected with its path."""
    host = {"name": "db-1", "manage_ip": "192.0.2.41", "data_ip": "192.0.3.41", "virtual_ip": "192.0.4.41"}
    described = {"type": "BMS", "os_type": "kylin", "cpu_spec": "kunpeng", "storage_type": "localssd"}
    instance = {
        "name": "billing",
        "solution": "single",
        "root_password": "Billing-Root-1",
        "manage_ips": ["192.0.2.41"],
        "os_type": "Kylin",
        "cpu_spec": "Kunpeng",
        "arch": "ARM",
        "engine_type": "GaussDB",
        "install_dirs": {"log_dir": "/data/logs"},
        "wait_timeout": 7000,
        "users": [{"name": "clerk", "password": "Billing-Clerk-1", "attributes": {"createdb": True}}],
        "update_attributes": "on_change",
    }
    estate = {
        "data_centers": [{"name": "dc9"}],
        "key_pairs": [{"name": "login", "algorithm": "RSA_4096", "return_public_key": True}],
        "host_defaults": described | {"data_center": "dc9", "key_pair": "login", "remove_chroot_dir": True},
        "hosts": [host],
        "instances": [instance],
    }
    platforms.write_inventory({"site-a": platforms.connection(0) | {"gaussdb_estate": estate}})
    run = platforms.play(SITE)
    assert run.status == 0, run.output[-6000:]
    log = platforms.sites.admin(0, "requests", method="GET")["requests"]
    (created,) = [entry["body"] for entry in log if entry["operation_id"] == "create_instance"]
    assert "/data/logs" in json.dumps(created)
    again = platforms.play(SITE)
    assert (again.status, again.changed) == (0, 0), again.output[-6000:]
    for part, wrong, named in (
        ("hosts", [host | {"ssh_prot": 22}], "hosts[0].ssh_prot: unknown, did you mean ssh_port?"),
        ("host_defaults", {"os": "kylin"}, "host_defaults.os: unknown"),
        ("key_pairs", [{"name": "login", "algorithm": "DSA"}], "key_pairs[0].algorithm: not allowed"),
        (
            "instances",
            [instance | {"install_dir": "/data"}],
            "instances[billing].install_dir: unknown, did you mean install_dirs?",
        ),
    ):
        platforms.write_inventory({"site-a": platforms.connection(0) | {"gaussdb_estate": estate | {part: wrong}}})
        refused = platforms.play(SITE)
        assert refused.status == 2 and named in said(refused), refused.output[-6000:]


def plans_of(platforms: Platforms, *names: str) -> list[dict[str, Any]]:
    """Plan, and return the plans from their files."""
    folder = platforms.folder / "plans"
    folder.mkdir(exist_ok=True)
    run = platforms.play("gaussdb.tpops.plan", cwd=folder)
    assert run.status == 0, run.output[-6000:]
    assert {path.name for path in folder.iterdir()} == {name + end for name in names for end in (".json", ".md")}
    return [json.loads((folder / f"{name}.json").read_text(encoding="utf-8")) for name in names]


def test_each_platform_has_a_plan_of_its_own(platforms: Platforms) -> None:
    unverified = platforms.connection(1) | {"tpops_ca_path": None, "tpops_validate_certs": False}
    platforms.write_inventory(
        {
            "site-a": platforms.connection(0) | {"gaussdb_estate": {"instances": [ORDERS]}},
            "site-b": unverified | {"gaussdb_estate": {}, "gaussdb_empty_estate": True, "ansible_become": True},
        },
        **ALL,
    )
    first, second = plans_of(platforms, "plan-site-a", "plan-site-b")
    assert first["site"] == "site-a" and [each["object"] for each in first["differences"]] == ["orders"]
    assert (
        second["in_step"] and {"part": "instances", "instance": "", "names": ["orders-prod"]} in second["undescribed"]
    )
    assert platforms.writes_of(0) == platforms.writes_of(1) == []


def test_every_part_that_is_described_is_converged(platforms: Platforms) -> None:
    """With either spelling of words, and with defaults. Only what the platform does not show is sent again."""
    host = {"name": "db-1", "manage_ip": "192.0.2.41", "data_ip": "192.0.3.41", "virtual_ip": "192.0.4.41"}
    orders = {
        "name": "orders-prod",
        "roles": [{"name": "readonly", "password": "Readonly-Role-1"}],
        "users": [{"name": "clerk", "password": "Billing-Clerk-1"}],
        "databases": [{"name": "orders", "owner": "clerk"}],
        "privileges": [{"grantee": "clerk", "type": "role", "objects": ["readonly"]}],
        "sql_throttles": [{"name": "busy_cpu", "type": "sessions", "parallel_size": 200, "cpu_utilization": 80}],
        "extensions": {"BackupSet": "/etc/xbsa.conf"},
        "backup_config": {"rate_limit_mb": 60},
    }
    billing = {"name": "billing", "root_password": "Billing-Root-1", "manage_ips": ["192.0.2.41"], "solution": "single"}
    inspection = {"name": "nightly-health", "instances": ["orders-prod"], "period": "daily", "time": "01:30:00"}
    estate = {
        "data_centers": [{"name": "dc9"}],
        "key_pairs": [{"name": "login"}],
        "host_defaults": {"os_type": "Kylin", "cpu_spec": "Kunpeng", "data_center": "dc9", "key_pair": "login"},
        "hosts": [host],
        "instance_defaults": {"os_type": "kylin", "cpu_spec": "kunpeng", "arch": "ARM"},
        "instances": [orders, billing],
        "inspection_scenes": [{"name": "before-upgrade", "checks": ["CPU usage"]}],
        "inspections": [inspection | {"scene": "before-upgrade"}],
    }
    platforms.write_inventory({"site-a": platforms.connection(0) | {"gaussdb_estate": estate}})
    planned = platforms.play(SITE, "--check")
    (plan,) = plans_of(platforms, "plan")
    assert planned.status == 0 and platforms.writes_of(0) == [], planned.output[-6000:]
    run = platforms.play(SITE)
    assert (run.status, run.changed) == (0, planned.changed), run.output[-6000:]
    writes = platforms.writes_of(0)
    assert sorted(step["operation"] for step in plan["steps"]) == sorted(writes)
    for operation in (
        "create_role",
        "set_instance_extension",
        "create_sql_throttle",
        "set_backup_config",
        "create_inspection_scene",
        "create_inspection",
    ):
        assert operation in writes, writes
    again = platforms.play(SITE)
    assert (again.status, again.changed) == (0, 0), again.output[-6000:]
    (plan,) = plans_of(platforms, "plan")
    assert plan["in_step"] and plan["steps"] == [], plan

    policy = {"alarm_policies": [{"source": "orders-prod", "targets": ["billing"]}]}
    platforms.write_inventory({"site-a": platforms.connection(0) | {"gaussdb_estate": estate | policy}})
    withheld = platforms.play(SITE)
    assert (withheld.status, withheld.changed) == (0, 0), withheld.output[-6000:]
    assert "alarm policies not sent" in said(withheld).rpartition("TASK [Summarize]")[2]
    assert [platforms.play(SITE, "-e", "gaussdb_resend=true").changed for _run in range(2)] == [1, 1]


@pytest.mark.long
def test_a_tree_is_converged_like_a_variable(platforms: Platforms) -> None:
    tree = platforms.folder / "estate"
    (tree / "instances").mkdir(parents=True)
    (tree / "site.yml").write_text("data_centers: [{name: '{{ hall }}'}]\n")
    (tree / "instances" / "orders-prod.yml").write_text(json.dumps(ORDERS))
    where = {"gaussdb_estate_dir": "{{ inventory_dir }}/estate", "hall": "dc9"}
    platforms.write_inventory({"site-a": platforms.connection(0) | where})
    run = platforms.play(SITE)
    assert run.status == 0, run.output[-6000:]
    assert platforms.writes_of(0) == ["add_data_centers", "create_database"]
    assert platforms.play(SITE).changed == 0


def test_a_platform_that_fails_leaves_the_others_alone(platforms: Platforms) -> None:
    """One that does not answer, one without a description, one with an unknown key."""
    described = {"gaussdb_estate": {"data_centers": [{"name": "dc1"}], "instances": [ORDERS]}}
    platforms.write_inventory(
        {
            "away": platforms.connection(0) | described | {"tpops_endpoint": "127.0.0.1:1"},
            "nothing": platforms.connection(0) | {"gaussdb_estates": {"instances": [ORDERS]}},
            "null": platforms.connection(0) | {"gaussdb_estate": None},
            "misspelt": platforms.connection(0) | {"gaussdb_estate": {"instnaces": [ORDERS]}},
            "twice": platforms.connection(0) | {"gaussdb_estate": {"instances": [{"name": 22}, {"name": "22"}]}},
            "undefined": platforms.connection(0) | described | {"tpops_password": "{{ vault_of_nobody }}"},
            "site-b": platforms.connection(1) | described,
        }
    )
    run = platforms.play(SITE)
    assert run.status == 2, run.output[-6000:]
    assert run.failed == 6, run.output[-6000:]
    assert "orders-prod@site-b" in hosts_of(run) and "orders-prod@away" not in hosts_of(run)
    assert platforms.writes_of(0) == []
    assert "create_database" in platforms.writes_of(1)
    for text in (
        "gaussdb_estate: is missing, or describes nothing",
        "instnaces: unknown, did you mean instances?",
        "instances[1].name: 22 is listed twice",
        "not defined",
    ):
        assert text in said(run).replace("is undefined", "is not defined"), text


def test_a_run_that_leaves_something_out_fails_and_says_what_works(platforms: Platforms) -> None:
    two = platforms.folder / "two.yml"
    two.write_text("instances: [{name: billing, solution: single, data_center: [dc1], password: Billing-Root-1}]\n")
    platforms.sites.admin(0, "estate", two)
    billing = {"name": "billing", "databases": [{"name": "billing"}]}
    described = {"gaussdb_estate": {"instances": [ORDERS, billing]}}
    hosts = {
        "site-a": platforms.connection(0) | described,
        "site-b": platforms.connection(1) | {"gaussdb_estate": {"instances": [ORDERS]}},
    }
    platforms.write_inventory(hosts)
    one = "Use -e gaussdb_sites=site-b instead, or --limit 'site-b,*@site-b,DR@*'"
    for arguments, text in (
        (
            ["--limit", "site-b"],
            f"orders-prod@site-b was skipped. A limit also applies to the hosts that a run adds. {one}",
        ),
        (["--limit", "site-a,orders-prod@site-a"], "billing@site-a was skipped"),
        (["--limit", "orders-prod@site-b"], "no hosts to target"),
        (["--limit", "web-1"], "--limit web-1 leaves no platform"),
        (["-e", "gaussdb_sites=site-b,site-c"], "No host of the inventory matches site-c"),
        (["--start-at-task", "Converge hosts"], "leave out --start-at-task"),
        (["--tags", "user"], "The tags of this run select nothing. Tags are the parts: data_centers, key_pairs"),
        (["--skip-tags", "always"], "leave out --skip-tags always"),
        (["-e", "gaussdb_target=order-prod"], "No platform of this run describes order-prod"),
    ):
        run = platforms.play(SITE, *arguments, "--check")
        assert run.status != 0, f"{arguments}: {run.output[-3000:]}"
        assert text in said(run), f"{arguments}: {run.output[-3000:]}"
    platforms.write_inventory(hosts, group="platforms")
    renamed = platforms.play(SITE)
    assert renamed.status != 0 and "No host of the inventory matches tpops" in said(renamed), renamed.output[-3000:]
    assert platforms.writes_of(0) == platforms.writes_of(1) == []

    limited = ["-e", "gaussdb_sites=platforms", "--limit", "site-b,*@site-b"]
    for arguments, is_host in ((limited, True), (["-e", "gaussdb_sites=site-b"], False)):
        run = platforms.play(SITE, *arguments)
        assert run.status == 0, run.output[-6000:]
        assert ("orders-prod@site-b" in hosts_of(run)) is is_host
        assert f"orders-prod: {'database orders new: done' if is_host else 'in step'}" in said(run)
    assert platforms.writes_of(1) == ["create_database"]
    assert platforms.writes_of(0) == []


def test_an_odd_name_gets_a_host_of_its_own(platforms: Platforms) -> None:
    names = ["订单", "a.b", "a/b", "a_b", "10:22", "x@y", "[1:3]", "a,b", "!a", "~a"]
    estate = {"instances": [{"name": name} for name in [*names, 22]]}
    platforms.write_inventory({"site-a": platforms.connection(0) | {"gaussdb_estate": estate}})
    show = {"name": "Show", "hosts": "gaussdb_instances", "gather_facts": False}
    show["tasks"] = [{"name": "Show the name", "ansible.builtin.debug": {"msg": "%%{{ gaussdb_instance_name }}%%"}}]
    hand_on = {"name": "Hand on", "hosts": "tpops", "gather_facts": False}
    role = {"name": "gaussdb.tpops.estate", "tasks_from": "hand_on"}
    described = {"estate_names": "{{ gaussdb_estate.instances | map(attribute='name') | map('string') | list }}"}
    hand_on["tasks"] = [{"name": "Hand on", "ansible.builtin.import_role": role, "vars": described}]
    playbook = platforms.folder / "names.yml"
    playbook.write_text(json.dumps([hand_on, show]))
    run = platforms.play(str(playbook))
    assert run.status == 0, run.output[-6000:]
    hosts = {host.removesuffix("@site-a") for host in hosts_of(run) if "@" in host}
    assert len(hosts) == len(names) + 1, run.output[-6000:]
    assert {"订单", "a.b", "a_b", "22"} < hosts
    # Names that --limit and other patterns would interpret.
    assert not set("".join(hosts)) & set("/:@[],!~")
    for name in (*names, "22"):
        assert f"%%{name}%%" in run.output


def test_instances_are_converged_where_their_platform_is(platforms: Platforms, tmp_path: Path) -> None:
    """A host with a non-local connection also runs the modules of its instances."""
    bastion = {"ansible_connection": "bastion", "gaussdb_estate": {"instances": [ORDERS]}}
    platforms.write_inventory({"site-a": platforms.connection(0) | bastion})
    log = tmp_path / "bastion.log"
    folder = str(Path(__file__).parent / "connection")
    run = platforms.play(SITE, ANSIBLE_CONNECTION_PLUGINS=folder, BASTION_LOG=str(log))
    assert run.status == 0, run.output[-6000:]
    assert platforms.writes_of(0) == ["create_database"]
    assert {"site-a gaussdb_instance", "site-a gaussdb_database"} <= set(log.read_text().splitlines())


@pytest.mark.parametrize(
    "where", ["true", pytest.param("false", marks=pytest.mark.long)], ids=["in the controller", "as processes"]
)
def test_a_relative_path_is_taken_from_the_current_folder(platforms: Platforms, tmp_path: Path, where: str) -> None:
    """Neither from the folder of the playbook nor from that of a collection."""
    current, elsewhere = tmp_path / "current", tmp_path / "elsewhere"
    current.mkdir()
    elsewhere.mkdir()
    (current / "ca.pem").write_bytes(platforms.server.ca_path.read_bytes())
    connection = platforms.connection(0) | {"tpops_ca_path": "ca.pem"}
    estate = {"key_pairs": [{"name": "estate-key", "public_key_path": "estate.pub"}]}
    platforms.write_inventory({"site-a": connection | {"gaussdb_estate": estate}})
    task = {"name": "Keep a key", "gaussdb.tpops.gaussdb_key_pair": {"name": "own-key", "public_key_path": "own.pub"}}
    options = {
        "endpoint": connection["tpops_endpoint"],
        "username": connection["tpops_username"],
        "password": connection["tpops_password"],
    }
    play = {"name": "Keep", "hosts": "tpops", "gather_facts": False, "tasks": [task]}
    play["module_defaults"] = {"group/gaussdb.tpops.tpops": options}
    playbook = elsewhere / "play.yml"
    playbook.write_text(json.dumps([play]))
    for name in (SITE, str(playbook)):
        run = platforms.play(name, "-e", f"run_in_controller={where}", cwd=current, GAUSSDB_TPOPS_CA_PATH="ca.pem")
        assert run.status == 0, run.output[-6000:]
    assert sorted(path.name for path in current.iterdir()) == ["ca.pem", "estate.pub", "own.pub"]
    assert [path.name for path in elsewhere.iterdir()] == ["play.yml"]


@pytest.mark.long
def test_what_waits_for_a_restart_is_reported_at_the_end(platforms: Platforms) -> None:
    """For each instance, also in check mode; and nothing is reported if nothing is pending."""
    waiting = {"name": "orders-prod", "parameters": {"max_connections": 2000, "failed_login_attempts": 4}}
    platforms.write_inventory(
        {
            "site-a": platforms.connection(0) | {"gaussdb_estate": {"instances": [waiting]}},
            "site-b": platforms.connection(1)
            | {"gaussdb_estate": {"instances": [waiting | {"parameter_restart": "if_required"}]}},
        }
    )
    report = (
        "orders-prod@site-a must be restarted for max_connections to take effect. Use gaussdb_instance with state "
        "restarted when it suits you"
    )
    for arguments in (["--check", "--diff"], []):
        run = platforms.play(SITE, *arguments)
        assert run.status == 0, run.output[-6000:]
        assert report in said(run).rpartition("TASK [Report parameters")[2], run.output[-6000:]
        assert "orders-prod@site-b must be restarted" not in said(run)
    later = platforms.play(SITE)
    assert (later.status, later.changed) == (0, 0), later.output[-6000:]
    assert "must be restarted" not in later.output
