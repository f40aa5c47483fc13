# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The export from outside: it says what is there, it makes the same platform again, and it never shows a secret."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from conftest import Platform, Recap, common
from test_plan import filled, secrets_of, survey

import simulator
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.estate import PARTS
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.estate_tasks import expand
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.arguments import drop_unset
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import build_interface, options_of
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.client import Connection
from ansible_collections.gaussdb.tpops.plugins.module_utils.runner import run_spec
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.export import Export, export_platform
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.limit import Limit
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.options import spec_of
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.reads import LimitedClient, SharedReads, SharedToken
from ansible_collections.gaussdb.tpops.tests.unit.plugins.plugin_utils.estate.test_mutations import (
    estate_with_every_part,
)

EXPORT, PLAN, SITE = "gaussdb.tpops.export", "gaussdb.tpops.plan", "gaussdb.tpops.site"
SECRET = "Filled_2026"
DBMIND = {"dbmind_instances": [{"name": "dbmind-north", "arch": "ARM"}]}
# What nobody can make on an empty platform: it needs a relation, and the IDs of nodes.
NOT_MADE = ("dr_log_keep", "sql_patches")


@contextlib.contextmanager
def second(tmp_path: Path) -> Iterator[Platform]:
    with simulator.running(speed=600) as server:
        yield Platform(server, tmp_path / "second-home")


class Folder:
    """A folder with an inventory of one platform, in which playbooks run."""

    def __init__(self, path: Path, platform: Platform, **variables: Any) -> None:
        path.mkdir()
        self.path = path
        self.platform = platform
        host = {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}
        inventory = {"tpops": {"hosts": {"site-a": {**host, **variables}}}}
        (path / "inventory.yml").write_text(json.dumps(inventory), encoding="utf-8")

    def play(self, *arguments: str, status: int = 0) -> Recap:
        program = str(common.venv_bin() / "ansible-playbook")
        run = self.platform.run([program, "-i", "inventory.yml", *arguments], cwd=self.path)
        assert run.status == status, run.output[-6000:]
        return run

    def tree(self, name: str) -> dict[str, bytes]:
        root = self.path / name
        return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def described() -> dict[str, Any]:
    estate: dict[str, Any] = filled(estate_with_every_part())
    for instance in estate["instances"]:
        for part in NOT_MADE:
            instance.pop(part, None)
        for throttle in instance.get("sql_throttles", ()):
            # Hours pass in seconds here, and a task that is over is not described.
            del throttle["duration"]
            throttle["end_time"] = "2099-01-01 08:00:00"
    return estate


@pytest.mark.long
def test_an_export_is_in_step_and_makes_the_same_platform_again(platform: Platform, tmp_path: Path) -> None:
    platform.admin("POST", "estate", DBMIND)
    Folder(tmp_path / "made", platform, gaussdb_estate=described()).play(SITE)
    platform.forget_requests()
    folder = Folder(tmp_path / "here", platform, gaussdb_estate_dir="estate")
    run = folder.play(EXPORT, "-vvvvv")
    assert run.changed == 1 and "site-a: 2 instances in estate, 4 files written" in run.output
    tree = folder.tree("estate")
    assert sorted(tree) == [
        *("instances/ledger-prod.yml", "instances/orders-prod.yml"),
        *("site.yml", "vault.example.yml"),
    ]
    texts = [run.output, *(text.decode() for text in tree.values())]
    assert [secret for secret in (SECRET, *secrets_of(platform)) for text in texts if secret in text] == []
    assert folder.play(EXPORT).changed == 0 and folder.tree("estate") == tree
    # The secrets of what exists are not needed.
    unknown = ("-e", "@estate/vault.example.yml")
    folder.play(PLAN, *unknown)
    plan = json.loads((folder.path / "plan.json").read_text(encoding="utf-8"))
    assert plan["in_step"] and plan["complete"] and plan["undescribed"] == [], plan
    assert folder.play(SITE, "--check", *unknown).changed == 0
    assert platform.writes() == []

    with second(tmp_path) as other:
        other.admin("POST", "estate", DBMIND)
        again = Folder(tmp_path / "there", other, gaussdb_estate_dir=str(folder.path / "estate"))
        names = yaml.safe_load(tree["vault.example.yml"])
        (again.path / "vault.json").write_text(json.dumps(dict.fromkeys(names, SECRET)), encoding="utf-8")
        again.play(SITE, "-e", "@vault.json")
        again.play(EXPORT)
        assert again.tree("estate") == tree


def test_a_change_shows_in_one_file_and_a_file_of_the_user_stops_everything(platform: Platform, tmp_path: Path) -> None:
    platform.admin(
        "POST", "estate", {"instances": [{"name": name, "solution": "single"} for name in ("a-one", "b-two")]}
    )
    folder = Folder(tmp_path / "here", platform)
    folder.play(EXPORT)
    before = folder.tree("estate")
    platform.admin("POST", "estate", {"instances": [{"name": "c-three", "solution": "single"}]})
    diff = folder.play(EXPORT, "--check", "--diff", "-e", "gaussdb_target=c-*")
    assert diff.changed == 1 and "+name: c-three" in diff.output and folder.tree("estate") == before
    folder.play(EXPORT, "-e", "gaussdb_target=c-*")
    after = folder.tree("estate")
    assert {path for path in after if after[path] != before.get(path)} == {"instances/c-three.yml", "vault.example.yml"}
    refused = folder.play(EXPORT, "-e", "gaussdb_target=d-*", status=2)
    assert (
        "No platform of this run has d-*, given in gaussdb_target." in refused.output and folder.tree("estate") == after
    )

    mine = folder.path / "estate" / "instances" / "a-one.yml"
    mine.write_bytes(mine.read_bytes().partition(b"\n")[2])
    platform.admin("POST", "estate", {"instances": [{"name": "e-five", "solution": "single"}]})
    after = folder.tree("estate")
    refused = folder.play(EXPORT, status=2)
    assert "that no export of site-a has written: instances/a-one.yml" in refused.output
    assert folder.tree("estate") == after


# In this process, for more of what a platform can have


def connection_of(platform: Platform) -> dict[str, Any]:
    server = platform.server
    login = {"endpoint": server.endpoint, "username": server.username, "password": server.password}
    return {**login, "ca_path": str(server.ca_path), "token_cache": False}


def export(platform: Platform) -> Export:
    known, limit, token = Connection(**connection_of(platform)), Limit(4), SharedToken(False)
    reads = SharedReads(lambda: LimitedClient(known, limit, token))
    try:
        return export_platform(reads, threads=4)
    finally:
        reads.close()


def converge(platform: Platform, estate: dict[str, Any]) -> None:
    for task in expand(filled(estate)):
        spec = spec_of(task.part)
        waits = {"wait_interval": 1} if spec.starts_jobs else {}
        given = drop_unset(options_of(spec), {**task.arguments, **connection_of(platform), **waits}, [])
        validation = ArgumentSpecValidator(build_interface(spec).argument_spec).validate(given)
        assert not validation.error_messages
        params = validation.validated_parameters
        result = run_spec(spec, task.part.module, params)
        assert not result.get("failed"), (task.path, result["msg"])


def estate_of(found: Export) -> dict[str, Any]:
    loaded = {path: yaml.safe_load(text) for path, text in found.files.items()}
    return {**loaded.pop("site.yml"), "instances": list(loaded.values())}


def assert_in_step(platform: Platform, found: Export) -> None:
    assert (found.failures, found.unread) == ([], [])
    assert export(platform).files == found.files
    plan = survey(platform, estate_of(found)).found
    assert (plan.failures, plan.differences, plan.pending, plan.steps) == ([], [], [], [])


HOSTS = {"triset": "nss", "quadruset": "nnssa", "hcs1": "nnnnssssa", "hcs4": "nnnns", "hcs2": "nsa", "single": "n"}
ZONES = {
    "triset": {"master_az_ips": "s", "manage_ips": "n"},
    "quadruset": {"master_az_ips": "s", "slave_az_ips": "n", "arbiter_az_ips": "a"},
    "hcs1": {"master_az_ips": "n", "slave_az_ips": "s", "arbiter_az_ips": "a"},
    "hcs4": {"manage_ips": "n", "arbiter_az_ips": "s"},
}
HALLS = {"n": "north", "s": "south", "a": "arbiter"}
ACCOUNTS = {
    "roles": [{"name": "readers", "password": SECRET}, {"name": "writers", "password": SECRET}],
    "users": [
        {"name": "app", "password": SECRET, "login_only": True},
        {"name": "old", "password": SECRET, "locked": True, "attributes": {"replication": True, "createdb": False}},
    ],
    "privileges": [
        {"grantee": "app", "type": "role", "objects": ["readers", "writers", "gs_role_copy_files"]},
        {"grantee": "writers", "type": "role", "objects": ["readers"]},
        {"grantee": "readers", "type": "attribute", "privileges": ["createdb", "createrole"]},
    ],
    "databases": [
        {"name": "orders", "owner": "app", "character_set": "GBK", "schemas": [{"name": "b", "owner": "old"}]},
        {
            "name": "Billing",
            "owner": "readers",
            "schemas": [{"name": "z", "owner": "app"}, {"name": "a", "owner": "app"}],
        },
    ],
}
SETTINGS = {
    "parameters": {"max_connections": 777, "autovacuum_naptime": 61, "log_connections": True},
    "extensions": {"BackupSet": {"path": "/etc/xbsa.conf"}, "XbsaRoute": "10.0.0.1"},
    "backup_policy": {
        "keep_days": 732,
        "start_time": "23:00-00:00",
        "period": [7, 1],
        "standby_backup": True,
        "differential_period_minutes": 1440,
        "file_split_size_gb": 0,
        "rate_limit_mb": 0,
    },
    "backup_config": {"compression": True},
    "sql_throttles": [
        {"name": "busy", "type": "sessions", "parallel_size": 5, "cpu_utilization": 80},
        {"name": "later", "type": "sql_type", "parallel_size": 1, "sql_type": "delete", "keywords": ["zeta", "alpha"]}
        | {"databases": ["orders"], "start_time": "2099-01-01 08:00:00", "end_time": "2099-01-02 08:00:00"},
    ],
}
INSPECTIONS = [
    {"name": "daily", "period": "daily", "time": "1:30"},
    {"name": "weekly", "period": "weekly", "day": 7, "time": "23:59:59", "start_time": "2099-01-01 00:00:00"},
    {"name": "monthly", "period": "monthly", "day": 31, "time": "12:00:00", "scope": "monthly"},
    {"name": "later", "period": "later", "time": "2099-01-01 00:00:00"},
    {"name": "at-once", "period": "soon"},
]


def wide_estate() -> dict[str, Any]:
    """Return a description with topologies in several zones, and with each kind of value."""
    hosts, instances, shown = [], [], iter(range(1, 200))
    for solution, letters in HOSTS.items():
        lists: dict[str, list[str]] = {}
        for letter in letters:
            number = next(shown)
            addresses = {f"{kind}_ip": f"10.{net}.0.{number}" for net, kind in enumerate(("manage", "data", "virtual"))}
            login = {"os_root_password": SECRET} if letter == "a" else {"key_pair": "login"}
            hosts.append({"name": f"db-{number}", "data_center": HALLS[letter], **addresses, **login})
            zone = {letter: name for name, letter in ZONES.get(solution, {}).items()}.get(letter, "manage_ips")
            lists.setdefault(zone, []).append(addresses["manage_ip"])
        name = f"The-{solution}"
        instances.append({"name": name, "solution": solution, "port": 9000, **lists, **ACCOUNTS})
    instances[0] |= SETTINGS
    instances[-1] |= {"engine_version": "3.103.0", "time_zone": "UTC"}
    checks = {"instances": ["The-single", "The-triset"], "checks": ["Memory usage", "CPU usage"]}
    return {
        "data_centers": [{"name": name, "description": f"Hall: {name} # 1"} for name in HALLS.values()],
        "key_pairs": [{"name": "login", "description": "'quoted' \"twice\""}],
        "host_defaults": {"os_type": "kylin", "cpu_spec": "kunpeng", "ssh_port": 2222},
        "hosts": hosts,
        "instance_defaults": {"os_type": "Kylin", "cpu_spec": "Kunpeng", "arch": "ARM", "root_password": SECRET},
        "instances": instances,
        "inspection_scenes": [{"name": "some-checks", "checks": ["Memory usage", "CPU usage"]}],
        "inspections": [each | checks for each in INSPECTIONS],
        "dbmind_instances": [{"dbmind_instance": "dbmind-north", "instances": ["The-triset", "The-single"]}],
    }


@pytest.mark.long
def test_everything_that_can_be_described_comes_back(platform: Platform, tmp_path: Path) -> None:
    before = {**DBMIND, "engine_versions": ["3.103.0", "3.200.0"]}
    platform.admin("POST", "estate", before)
    estate = wide_estate()
    converge(platform, estate)
    found = export(platform)
    assert_in_step(platform, found)
    exported = estate_of(found)
    assert {part.name for part in PARTS if part.shown_by} - named(exported) == {"dr_log_keep"}
    by_name = {entry["name"]: entry for entry in exported["instances"]}
    for instance in estate["instances"]:
        entry = by_name[instance["name"]]
        lists = {name: sorted(value) for name, value in instance.items() if name.endswith("_ips")}
        assert lists == {name: sorted(value) for name, value in entry.items() if name.endswith("_ips")}, instance
        assert entry["solution"] == instance["solution"]
    with second(tmp_path) as other:
        other.admin("POST", "estate", before)
        converge(other, exported)
        again = export(other)
    assert again.files == found.files


def named(node: Any) -> set[str]:
    """Return all keys of a description."""
    if isinstance(node, dict):
        return set(node).union(*map(named, node.values()))
    return set().union(*map(named, node)) if isinstance(node, list) else set()


def test_a_platform_that_was_not_made_from_a_description_is_in_step(platform: Platform) -> None:
    """With names that are odd, and with objects in states in which they cannot be described."""
    odd = ["a/b", "A/B", "订单", ".hidden", "con", "x].users[0]", "with blanks"]
    instances: list[dict[str, Any]] = [{"name": name, "solution": "single"} for name in odd]
    users = [{"name": "Odd Name"}, {"name": "app", "member_of": ["readers"]}]
    more = {"users": users, "roles": ["readers"], "databases": [{"name": "sales", "schemas": {"s": "readers"}}]}
    instances.append({"name": "plain", "solution": "trisetnoetcd", "data_center": ["e", "w"], **more})
    instances.append({"name": "stopped", "solution": "hcs6", "status": "SHUTDOWN"})
    instances.append({"name": "broken", "solution": "single", "status": "BUILD_FAILED"})
    hosts = [{"name": "x", "manage_ip": "10.9.9.9", "data_center": "e", "status": "initialize_failed"}]
    platform.admin("POST", "estate", {"data_centers": ["e", "w"], "hosts": hosts, "instances": instances})
    found = export(platform)
    assert_in_step(platform, found)
    assert len(found.files) == len({path.casefold() for path in found.files}) == len(odd) + 3
    assert "state: stopped" in found.files["instances/stopped.yml"]
    assert "Instance broken is in status BUILD_FAILED" in found.files["site.yml"]


def test_the_log_that_a_primary_keeps_is_described(tmp_path: Path) -> None:
    with simulator.running(speed=600, options=("--peer-port", "0")) as server:
        platform = Platform(server, tmp_path / "home")
        relation = {"name": "r", "master": "first", "standby": "second"}
        instances = [{"name": name, "solution": "single"} for name in ("first", "second")]
        platform.admin("POST", "estate", {"instances": instances, "dr_relations": [relation]})
        found = export(platform)
        assert_in_step(platform, found)
        assert "\ndr_log_keep:\n  state: stopped\n" in found.files["instances/first.yml"]
        assert "dr_log_keep" not in found.files["instances/second.yml"]
