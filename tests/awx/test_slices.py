# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Sliced jobs: several jobs at once, each with some of the platforms."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import content
import pytest
from walker import FAILED, SUCCESSFUL, Controller, Job

import simulator

COUNT = 8
PASSWORD = "Slices-Sentinel-1"
# In the environment of each job, like the login.
ROOT = "{{ lookup('ansible.builtin.env', 'GAUSSDB_TPOPS_PASSWORD') }}"
NAMES = [f"site-{number}" for number in range(1, COUNT + 1)]
# Each name comes in the same slice as its other half, in four slices of eight sites.
PAIRS = [(NAMES[number], NAMES[number + 4]) for number in range(4)]
SITE = {"name": "site", "playbook": "playbooks/site.yml", "inventory": "platforms", "credentials": ["login"]}


def estate_of(number: int) -> dict[str, Any]:
    """Return the description of a platform, each with another number of objects."""
    host = {"name": f"db-{number}", "manage_ip": f"192.0.2.{number}", "data_ip": f"198.51.100.{number}"}
    host |= {
        "type": "BMS",
        "os_type": "kylin",
        "cpu_spec": "kunpeng",
        "storage_type": "localssd",
        "data_center": "north",
    }
    instance = {"name": f"orders-{number}", "solution": "single", "manage_ips": [host["manage_ip"]]}
    instance |= {"os_type": "Kylin", "cpu_spec": "Kunpeng", "arch": "ARM", "root_password": ROOT, "wait_interval": 1}
    instance["databases"] = [{"name": f"db{each}"} for each in range(number % 3 + 1)]
    hosts, instances = [{**host, "virtual_ip": f"203.0.113.{number}", "key_pair": "login"}], [instance]
    if number == 1:
        # One platform has two instances, so that they come in different slices.
        second = {"name": "db-9", "manage_ip": "192.0.2.9", "data_ip": "198.51.100.9", "virtual_ip": "203.0.113.9"}
        hosts.append({**hosts[0], **second})
        instances.append({**instance, "name": "billing-1", "manage_ips": [second["manage_ip"]]})
        instances[-1]["databases"] = [{"name": "bills"}]
    return {
        "data_centers": [{"name": "north"}],
        "hosts": hosts,
        "key_pairs": [{"name": "login"}],
        "instances": instances,
    }


class Sites:
    """Platforms with one login, and a controller whose only inventory has them as hosts."""

    def __init__(self, servers: Sequence[simulator.Simulator], environment: dict[str, str], folder: Path) -> None:
        self.servers = dict(zip(NAMES, servers))
        self._environment, self._folder = environment, folder
        self.project = folder / "project"
        shutil.copytree(content.PROJECT / "playbooks", self.project / "playbooks")
        (folder / "jobs").mkdir()

    def controller(self, *templates: dict[str, Any], **variables: Any) -> Controller:
        """Write two inventories, with ``variables`` of all platforms, and return a controller with job templates.

        The hosts of ``platforms`` are the platforms, and those of ``instances`` what the inventory plugin finds.
        """
        hosts = {
            name: {"tpops_endpoint": server.endpoint, "gaussdb_estate": estate_of(number)}
            for number, (name, server) in enumerate(self.servers.items(), 1)
        }
        group = {"hosts": hosts, "vars": {"ansible_connection": "local", **variables}}
        group["vars"]["ansible_python_interpreter"] = "{{ ansible_playbook_python }}"
        (self.project / "hosts.yml").write_text(json.dumps({"tpops": group}), encoding="utf-8")
        listed = [{"name": name, "endpoint": server.endpoint} for name, server in self.servers.items()]
        (self.project / "live.tpops.yml").write_text(json.dumps({"plugin": "gaussdb.tpops.tpops", "platforms": listed}))
        (self.project / "group_vars").mkdir(exist_ok=True)
        (self.project / "group_vars" / "all.yml").write_text(json.dumps(variables), encoding="utf-8")
        fields = [{"id": name, "type": "string"} for name in ("username", "password", "ca")]
        injected = {"username": "{{ username }}", "password": "{{ password }}", "ca_path": "{{ tower.filename.ca }}"}
        injectors = {"env": {f"GAUSSDB_TPOPS_{name.upper()}": text for name, text in injected.items()}}
        injectors["file"] = {"template.ca": "{{ ca }}"}
        (first, *_others) = self.servers.values()
        certificates = "".join(server.ca_path.read_text(encoding="utf-8") for server in self.servers.values())
        login = {"username": first.username, "password": PASSWORD, "ca": certificates}
        return Controller(
            {
                "credential_types": [{"name": "Login", "inputs": {"fields": fields}, "injectors": injectors}],
                "credentials": [{"name": "login", "credential_type": "Login", "inputs": login}],
                "inventories": [{"name": "platforms"}, {"name": "instances"}],
                "inventory_sources": [
                    {"name": "hosts", "inventory": "platforms", "source_path": "hosts.yml"},
                    {
                        "name": "live",
                        "inventory": "instances",
                        "source_path": "live.tpops.yml",
                        "credential": "login",
                    },
                ],
                "templates": list(templates),
            },
            self.project,
            self._environment,
            self._folder / "jobs",
        )

    def reset(self) -> None:
        for server in self.servers.values():
            for what in ("estate", "faults"):
                server.admin("DELETE", what)
        self.forget_requests()

    def forget_requests(self) -> None:
        for server in self.servers.values():
            server.admin("DELETE", "requests")

    def writes(self) -> dict[str, list[str]]:
        """Return the accepted writes to each platform, with what they are about."""
        return {
            name: [_about(each) for each in server.requests() if each["write"] and each["status"] < 400]
            for name, server in self.servers.items()
        }

    def state(self) -> dict[str, Any]:
        return {name: _lasting(server.admin("GET", "estate")) for name, server in self.servers.items()}


def _about(entry: dict[str, Any]) -> str:
    body = entry.get("body")
    named = body if isinstance(body, dict) else {}
    return f"{entry['operation_id']} {named.get('name') or named.get('instance_name') or named.get('db_name') or ''}"


def _lasting(shown: Any) -> Any:
    """Return what a platform has, without IDs, moments and counters, which differ from run to run."""
    if isinstance(shown, dict):
        passing = ("id", "_id", "time", "created", "updated", "password", "public_key", "last_")
        return {key: _lasting(value) for key, value in shown.items() if not key.endswith(passing)}
    return [_lasting(each) for each in shown] if isinstance(shown, list) else shown


@pytest.fixture(scope="module")
def sites(environment: dict[str, str], machine: Path) -> Iterator[Sites]:
    folder = machine / "slices"
    folder.mkdir()
    with ExitStack() as stack:
        servers = [stack.enter_context(simulator.running(600, password=PASSWORD)) for _name in NAMES]
        yield Sites(servers, environment, folder)


@pytest.mark.long
def test_eight_slices_at_once_end_like_one_run(sites: Sites) -> None:
    found = {}
    for count in (1, COUNT):
        sites.reset()
        controller = sites.controller({**SITE, "job_slice_count": count})
        job = controller.launch("site")
        assert job.status == SUCCESSFUL, job.stdout[-6000:]
        assert len(job.slices) == (count if count > 1 else 0)
        writes = {name: sorted(each) for name, each in sites.writes().items()}
        # Whatever is created is created once.
        assert all(max(Counter(each).values()) == 1 for each in writes.values()), writes
        found[count] = sites.state(), writes
        assert [len(state["instances"]) for state in found[count][0].values()] == [2, *[1] * (COUNT - 1)]
        assert PASSWORD not in job.stdout + json.dumps(job.events) + "".join(controller.imported)
    assert found[1] == found[COUNT]
    sites.forget_requests()
    assert controller.launch("site").status == SUCCESSFUL
    assert not any(sites.writes().values())


def relations(*pairs: tuple[str, str]) -> list[dict[str, Any]]:
    """Return relations between the instances of sites."""
    return [
        {
            "name": f"of-{first}",
            "primary_site": first,
            "members": [{"site": site, "instance": f"orders-{site[-1]}"} for site in (first, second)],
        }
        for first, second in pairs
    ]


def refused(job: Job, text: str) -> bool:
    """Return whether each slice has failed and said why."""
    return all(part.status == FAILED and text in " ".join(part.stdout.split()) for part in job.slices)


@pytest.mark.long
def test_half_a_relation_is_refused_and_a_whole_one_is_not(sites: Sites) -> None:
    sites.reset()
    described = {"dr_relations": relations(*PAIRS)}
    names = ("plan", "site", "upgrade", "dr_status", "dr_setup")
    others = [{**SITE, "name": name, "playbook": f"playbooks/{name}.yml", "job_slice_count": 3} for name in names]
    for more in ({}, {"gaussdb_sliced": True}):
        controller = sites.controller(*others, **described, **more)
        for name in names if not more else names[1:3]:
            job = controller.launch(name)
            text = "Not a host of the inventory" if name.startswith("dr_") else "is not a host of the inventory"
            assert len(job.slices) == 3 and refused(job, text), job.stdout[-6000:]
    assert not any(sites.writes().values())
    # With four slices each pair is in one of them, but only says so with gaussdb_sliced.
    whole = {**SITE, "job_slice_count": 4}
    assert refused(sites.controller(whole, **described).launch("site"), "is not a host of the inventory")
    assert not any(sites.writes().values())
    job = sites.controller(whole, **described, gaussdb_sliced=True).launch("site")
    assert len(job.slices) == 4 and job.status == SUCCESSFUL, job.stdout[-6000:]
    assert all(sites.writes().values())
    # What works on many instances looks itself: it needs no description that is valid as a whole.
    sites.forget_requests()
    restart = {**others[0], "name": "restart", "playbook": "playbooks/restart.yml"}
    job = sites.controller(restart, **described, gaussdb_sliced=True).launch("restart")
    assert refused(job, "this run has only one half"), job.stdout[-6000:]
    assert not any(sites.writes().values())


@pytest.mark.long
def test_slices_of_instances_end_like_one_run(sites: Sites) -> None:
    """The platform of an instance is in another slice, and the two instances of a platform are not in the same one."""
    sites.reset()
    assert sites.controller(SITE).launch("site").status == SUCCESSFUL
    restart = {"name": "restart", "playbook": "playbooks/restart.yml", "inventory": "instances"}
    restart |= {"credentials": ["login"], "extra_vars": {"gaussdb_sliced": True, "restart_force": True}}
    # A new instance has a session with a long transaction.
    restart["extra_vars"] |= {"gaussdb_target": "*", "restart_transaction_seconds": 10**7}
    found = {}
    for count in (1, 5):
        sites.forget_requests()
        job = sites.controller({**restart, "job_slice_count": count}).launch("restart")
        assert job.status == SUCCESSFUL, job.stdout[-6000:]
        restarted = sites.writes()
        assert [len(each) for each in restarted.values()] == [2, *[1] * (COUNT - 1)], restarted
        found[count] = sites.state(), restarted
    assert found[1] == found[5]
    # Without gaussdb_sliced a slice does not work on what others have, and one without a platform fails.
    sites.forget_requests()
    job = sites.controller({**restart, "job_slice_count": COUNT + 9, "extra_vars": {}}).launch("restart")
    without = [each for each in job.slices if each.status == FAILED]
    assert len(without) == COUNT + 1 and not any(sites.writes().values()), job.stdout[-6000:]
    assert all("No host of the inventory matches tpops" in " ".join(each.stdout.split()) for each in without)
    # Without a description nothing waits. A slice that may just not have it says so.
    job = sites.controller({**restart, "job_slice_count": 5, "extra_vars": {"gaussdb_sliced": True}}).launch("restart")
    unknown = [each for each in job.slices if "has no description of it" in " ".join(each.stdout.split())]
    assert len(unknown) == 5 and {each.status for each in unknown} == {FAILED}, job.stdout[-6000:]
    # Its other half is in another slice.
    pair = {"dr_relations": relations(PAIRS[0])}
    job = sites.controller({**restart, "job_slice_count": 5}, **pair).launch("restart")
    halves = [each for each in job.slices if "this run has only one half" in " ".join(each.stdout.split())]
    assert len(halves) == 2 and {each.status for each in halves} == {FAILED}, job.stdout[-6000:]
    # The slice of orders-1 also has orders-6, and that of orders-5 has billing-1.
    writes = sites.writes()
    assert [name for name in NAMES if writes[name]] == ["site-2", "site-3", "site-4", "site-7", "site-8"]


@pytest.mark.long
def test_a_slice_without_a_platform_says_so(sites: Sites) -> None:
    """Its hosts are only instances, and a plan is about platforms."""
    sites.reset()
    assert sites.controller(SITE).launch("site").status == SUCCESSFUL
    template = {**SITE, "name": "drift", "playbook": "playbooks/drift.yml", "inventory": "instances"}
    job = sites.controller({**template, "job_slice_count": 2 * COUNT + 1}).launch("drift")
    alone = [each for each in job.slices if "No host of the inventory matches tpops" in " ".join(each.stdout.split())]
    assert len(alone) == COUNT + 1 and {each.status for each in alone} == {FAILED}
