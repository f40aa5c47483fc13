# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The inventory plugin as Ansible and AWX use it: ansible-inventory, and playbooks on its hosts."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import demo_dr
import pytest
import yaml
from conftest import Platform, Recap, occurrences

import common
import simulator

SITE = "gaussdb.tpops.site"
INSTANCES = ("orders-prod", "billing", "订单/2026", "10:22")
STATE = {
    "instances": [
        {"name": name, "solution": "single", "data_center": ["dc1"], "password": "Sentinel-Root-1"}
        for name in INSTANCES
    ]
}
# What group_vars next to the inventory have: the login, which the plugin does not pass on.
LOGIN = {
    "tpops_username": "{{ lookup('ansible.builtin.env', 'TPOPS_USER') }}",
    "tpops_password": "{{ lookup('ansible.builtin.env', 'TPOPS_PASSWORD') }}",
}
# A relation as the platforms are filled with it, and as playbooks know it.
DR_RELATION = {"name": "orders", "master": "orders-prod", "standby": "orders-dr"}
MEMBERS = [{"site": "east", "instance": "orders-prod"}, {"site": "west", "instance": "orders-dr"}]
DR_RELATIONS = {"dr_relations": [{"name": "orders", "primary_site": "east", "members": MEMBERS}]}
TO_WEST = ("-e", "dr_primary_site=west")


class Inventory(Platform):
    """Two platforms, and a folder with an inventory of them."""

    def __init__(self, server: simulator.Simulator, folder: Path) -> None:
        super().__init__(server, folder / "home")
        self.folder = folder / "inventory"
        (self.folder / "group_vars").mkdir(parents=True)
        (self.folder / "group_vars" / "tpops.yml").write_text(yaml.safe_dump(LOGIN))
        self.cache = folder / "cache"
        self.sites = demo_dr.sites_of(server)
        self.environment = common.ansible_environment() | {"ANSIBLE_HOME": str(self.home)}
        self.environment |= {"TPOPS_USER": server.username, "TPOPS_PASSWORD": server.password}
        for site in (0, 1):
            self.sites.admin(site, "site", {"up": True})
            for what in ("estate", "faults", "requests"):
                self.sites.admin(site, what, method="DELETE")
            self.sites.admin(site, "estate", STATE)
        self.configure()

    def configure(self, **options: Any) -> None:
        """Write the configuration: both platforms, and more options."""
        platforms = [
            {"name": name, "endpoint": endpoint} for name, endpoint in zip(("east", "west"), self.sites.endpoints)
        ]
        config = {
            "plugin": "gaussdb.tpops.tpops",
            "username": LOGIN["tpops_username"],
            "password": LOGIN["tpops_password"],
            "ca_path": str(self.server.ca_path),
            "retries": 0,
            "platforms": platforms,
        }
        (self.folder / "test.tpops.yml").write_text(yaml.safe_dump(config | options, allow_unicode=True))

    def configure_cache(self, **options: Any) -> None:
        self.configure(cache=True, cache_plugin="jsonfile", cache_connection=str(self.cache), **options)

    @property
    def path(self) -> str:
        return str(self.folder / "test.tpops.yml")

    def command(self, *arguments: str) -> list[str]:
        return [str(common.venv_bin() / "ansible-playbook"), "-i", self.path, *arguments]

    def look(self, *arguments: str, **environment: str) -> Recap:
        """Run ansible-inventory."""
        command = [str(common.venv_bin() / "ansible-inventory"), "-i", self.path, *arguments]
        run = self.run(command, **environment)
        assert run.status == 0, run.output[-3000:]
        return run

    def export(self, *arguments: str) -> dict[str, Any]:
        """Return the inventory as AWX imports it."""
        text = self.look("--list", "--export", *arguments).output
        data: dict[str, Any] = json.loads(text[text.index("{\n") :])
        return data

    def log(self) -> list[str]:
        """Return the operations that both platforms were asked for, and forget them."""
        found = []
        for site in (0, 1):
            found += [each["operation_id"] for each in self.sites.admin(site, "requests", method="GET")["requests"]]
            self.sites.admin(site, "requests", method="DELETE")
        return sorted(found)

    def down(self, site: int) -> None:
        self.sites.admin(site, "site", {"up": False, "mode": "reset"})


@pytest.fixture
def inventory(linked_platforms: simulator.Simulator, tmp_path: Path) -> Iterator[Inventory]:
    world = Inventory(linked_platforms, tmp_path)
    yield world
    for site in (0, 1):
        world.sites.admin(site, "site", {"up": True})


def test_the_export_has_all_hosts_and_is_always_the_same(inventory: Inventory) -> None:
    first = inventory.look("--list", "--export").output
    # One login for each platform, and one list.
    assert inventory.log() == ["create_token"] * 2 + ["list_instances"] * 2
    assert inventory.look("--list", "--export").output == first
    # The token is cached, as that of modules.
    assert inventory.log() == ["list_instances"] * 2
    data = json.loads(first)
    assert data["tpops"]["hosts"] == ["east", "west"]
    assert len(data["gaussdb_instances"]["hosts"]) == 8
    assert "orders-prod@west" in inventory.look("--graph", "gaussdb_site_west").output
    host = json.loads(inventory.look("--host", "orders-prod@east").output)
    assert (host["gaussdb_site"], host["gaussdb_instance_name"]) == ("east", "orders-prod")
    assert host["ansible_connection"] == "local"


def test_a_cached_run_sends_nothing_and_shows_the_same(inventory: Inventory) -> None:
    inventory.configure(gather=["nodes", "relations", "topology", "details"])
    live = inventory.look("--list", "--export").output
    inventory.configure_cache(gather=["nodes", "relations", "topology", "details"])
    assert inventory.look("--list", "--export").output == live
    inventory.log()
    assert inventory.look("--list", "--export").output == live
    assert inventory.log() == []
    assert inventory.look("--list", "--flush-cache").output
    assert "list_instances" in inventory.log()


def test_of_a_platform_that_is_down_the_cached_hosts_are_stale(inventory: Inventory) -> None:
    inventory.configure_cache()
    before = inventory.export()
    inventory.down(1)
    run = inventory.look("--list", "--export", "--flush-cache")
    assert "Platform west cannot be read" in run.output and "marked as stale" in run.output
    data = json.loads(run.output[run.output.index("{\n") :])
    stale = data.pop("gaussdb_stale")["hosts"]
    assert sorted(stale) == sorted(host for host in before["_meta"]["hostvars"] if host.endswith("west"))
    for host, variables in data["_meta"]["hostvars"].items():
        assert variables["gaussdb_stale"] is (host in stale)
    inventory.configure_cache(strict_platforms=True)
    strict = inventory.run(
        [str(common.venv_bin() / "ansible-inventory"), "-i", inventory.path, "--list", "--flush-cache"],
        ANSIBLE_INVENTORY_UNPARSED_FAILED="True",
    )
    assert strict.status != 0 and "Platform west cannot be read" in strict.output


def test_no_secret_is_shown_or_written(inventory: Inventory, tmp_path: Path) -> None:
    inventory.configure_cache(gather=["nodes", "relations", "topology", "details"])
    inventory.down(1)
    secrets = [inventory.server.password, "Sentinel-Root-1"]
    for arguments in (("--list", "--export"), ("--list",), ("--list", "--flush-cache")):
        output = inventory.look(*arguments, "-vvvvv").output
        assert not [text for text in secrets if text in output]
    assert occurrences(tmp_path, secrets) == []
    inventory.configure(token="Sentinel-Token-1 {{ nothing }}", platforms=None, endpoint="127.0.0.1")
    broken = inventory.look("--list", "-vvvvv").output
    assert "token: refers to a variable that is not defined" in broken and "Sentinel-Token-1" not in broken
    inventory.configure_cache()
    wrong = inventory.look(
        "--list", "--flush-cache", "-vvvvv", TPOPS_PASSWORD="Sentinel-Wrong-1", ANSIBLE_HOME=str(tmp_path / "other")
    )
    assert "Platform east cannot be read" in wrong.output and "Sentinel-Wrong-1" not in wrong.output
    assert occurrences(tmp_path, ["Sentinel-Wrong-1"]) == []


def test_an_instance_is_the_host_that_a_run_makes(inventory: Inventory, tmp_path: Path) -> None:
    """Without the plugin, hand_on makes the same hosts of the same names, with the same variables."""
    role = {"name": "gaussdb.tpops.estate", "tasks_from": "hand_on"}
    names = {"estate_names": list(INSTANCES)}
    show = "{{ hostvars | dict2items | selectattr('key', 'contains', '@') | items2dict | to_json }}"
    tasks = [
        {"ansible.builtin.import_role": role, "vars": names},
        {"ansible.builtin.copy": {"content": show, "dest": str(tmp_path / "made.json")}, "run_once": True},
    ]
    playbook = tmp_path / "made.yml"
    playbook.write_text(json.dumps([{"hosts": "tpops", "gather_facts": False, "connection": "local", "tasks": tasks}]))
    made_inventory = tmp_path / "made-inventory.yml"
    made_inventory.write_text(json.dumps({"tpops": {"hosts": {"east": {}, "west": {}}}}))
    command = [str(common.venv_bin() / "ansible-playbook"), "-i", str(made_inventory), str(playbook)]
    run = inventory.run(command)
    assert run.status == 0, run.output[-3000:]
    made = json.loads((tmp_path / "made.json").read_text(encoding="utf-8"))
    read = inventory.export()
    assert sorted(made) == sorted(read["gaussdb_instances"]["hosts"])
    for host, variables in made.items():
        for name in ("gaussdb_site", "gaussdb_instance_name"):
            assert read["_meta"]["hostvars"][host][name] == variables[name]


@pytest.mark.long
def test_site_runs_on_it(inventory: Inventory) -> None:
    """Only the selected instance that differs is converged, although the inventory has all."""
    described = [{"name": name, "databases": [{"name": "books"}]} for name in INSTANCES]
    inventory.folder.joinpath("group_vars", "tpops.yml").write_text(
        yaml.safe_dump(LOGIN | {"gaussdb_estate": {"instances": described}})
    )
    run = inventory.play(SITE, "-e", json.dumps({"gaussdb_target": ["订单/*"]}))
    assert run.status == 0, run.output[-6000:]
    assert inventory.log().count("create_database") == 2
    assert "orders-prod@" not in run.output.partition("PLAY RECAP")[2]
    everything = inventory.play(SITE, "-e", "gaussdb_sites=east")
    assert everything.status == 0, everything.output[-6000:]
    assert inventory.log().count("create_database") == 3
    again = inventory.play(SITE, "-e", "gaussdb_sites=east")
    assert (again.status, again.changed) == (0, 0), again.output[-6000:]


@pytest.mark.long
def test_disaster_recovery_runs_on_it(inventory: Inventory, tmp_path: Path) -> None:
    for site in (0, 1):
        inventory.sites.admin(site, "estate", method="DELETE")
    inventory.sites.fill()
    inventory.sites.admin(1, "estate", {"dr_relations": [DR_RELATION]})
    inventory.configure(gather=["relations"])
    data = inventory.export()
    assert data["gaussdb_dr_role_primary"]["hosts"] == ["orders-prod@east"]
    assert data["gaussdb_dr_role_standby"]["hosts"] == ["orders-dr@west"]
    variables = ("-e", json.dumps(DR_RELATIONS | {"gaussdb_evidence_dir": str(tmp_path / "evidence")}))
    status = inventory.play("gaussdb.tpops.dr_status", *variables, "-e", "dr_status_strict=true")
    assert status.status == 0, status.output[-6000:]
    switched = inventory.play("gaussdb.tpops.dr_switchover", *variables, *TO_WEST)
    assert switched.status == 0, switched.output[-6000:]
    assert inventory.export()["gaussdb_dr_role_primary"]["hosts"] == ["orders-dr@west"]


def test_a_failover_runs_on_it_although_the_site_of_the_primary_is_lost(inventory: Inventory, tmp_path: Path) -> None:
    for site in (0, 1):
        inventory.sites.admin(site, "estate", method="DELETE")
    inventory.sites.fill()
    inventory.sites.admin(1, "estate", {"dr_relations": [DR_RELATION]})
    inventory.configure_cache(gather=["relations"])
    inventory.export()
    inventory.down(0)
    variables = {
        "gaussdb_evidence_dir": str(tmp_path / "evidence"),
        "dr_probe_timeout": 6,
        "gaussdb_confirm": ["orders-dr"],
    }
    run = inventory.play(
        "gaussdb.tpops.dr_failover", "--flush-cache", "-e", json.dumps(DR_RELATIONS | variables), *TO_WEST
    )
    assert run.status == 0, run.output[-6000:]
    assert "Platform east cannot be read" in run.output
    data = inventory.export("--flush-cache")
    assert "orders-dr@west" in data["gaussdb_dr_role_primary"]["hosts"]
    assert data["_meta"]["hostvars"]["orders-dr@west"]["gaussdb_dr_status"] == "failover"
    # What is known of the lost one is from before.
    assert "orders-prod@east" in data["gaussdb_stale"]["hosts"]


@pytest.mark.long
def test_the_hosts_are_safe_in_patterns(inventory: Inventory) -> None:
    hosts = inventory.export()["gaussdb_instances"]["hosts"]
    for host in hosts:
        run = inventory.run(
            [str(common.venv_bin() / "ansible"), "-i", inventory.path, host, "-m", "ansible.builtin.ping"],
        )
        assert run.status == 0 and run.output.startswith(f"{host} | SUCCESS"), run.output[-2000:]


def test_an_unwritable_home_is_a_line_and_no_more(inventory: Inventory, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    lost = {"HOME": str(tmp_path / "file"), "ANSIBLE_HOME": str(tmp_path / "file"), "ANSIBLE_LOCAL_TEMP": "/tmp"}
    before = set(os.listdir())
    run = inventory.look("--list", **lost)
    assert "orders-prod@east" in run.output
    assert "The token cannot be kept" in run.output
    assert inventory.log() == ["create_token"] * 2 + ["list_instances"] * 2
    assert set(os.listdir()) == before
