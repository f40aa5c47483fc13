# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The same task from several controllers at the same moment: each has seen that nothing exists before any of them
writes."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from tpops_simulator.testing import Running, start

from ansible_collections.gaussdb.tpops.plugins.module_utils import runner
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.operation import Call
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import build_interface
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.client import Client
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.replies import Reply

RUNS = 4
ESTATE = {
    "data_centers": ["east"],
    "hosts": [{"name": f"h{number}", "manage_ip": f"10.0.0.{number}", "data_center": "east"} for number in range(1, 5)],
    "instances": [{"name": "orders", "solution": "single", "hosts": ["h1"], "databases": [{"name": "shop"}]}],
}
PASSWORD = "Gr4ss-Hopper"
USER = {"name": "app", "password": PASSWORD}
NEW_INSTANCE = {
    "name": "billing",
    "solution": "single",
    "manage_ips": ["10.0.0.2"],
    "os_type": "Kylin",
    "cpu_spec": "Intel",
    "arch": "X86",
    "root_password": PASSWORD,
    "wait_interval": 1,
}
# The creations and removals of objects.
CREATIONS: dict[str, tuple[str, dict[str, Any]]] = {
    "data center": ("data_center", {"data_centers": [{"name": "west"}]}),
    "key pair": ("key_pair", {"name": "ops"}),
    "database": ("database", {"instance": "orders", "databases": [{"name": "billing"}]}),
    "schema": (
        "schema",
        {"instance": "orders", "database": "shop", "schemas": [{"name": "shipping", "owner": "root"}]},
    ),
    "role": ("role", {"instance": "orders", "roles": [{"name": "reader", "password": PASSWORD}]}),
    "user": ("user", {"instance": "orders", "users": [USER]}),
    "several users": (
        "user",
        {"instance": "orders", "users": [USER, {**USER, "name": "admin2"}, {**USER, "name": "third"}]},
    ),
    "instance": ("instance", NEW_INSTANCE),
}
REMOVALS: dict[str, tuple[str, dict[str, Any]]] = {
    "data center": ("data_center", {"data_centers": [{"name": "west"}], "state": "absent"}),
    "key pair": ("key_pair", {"name": "ops", "state": "absent"}),
    "user": ("user", {"instance": "orders", "users": [{"name": "app"}], "state": "absent"}),
    "role": ("role", {"instance": "orders", "roles": [{"name": "reader"}], "state": "absent"}),
    "instance": ("instance", {"name": "billing", "state": "absent", "wait_interval": 1}),
}


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    monkeypatch.setenv("ANSIBLE_HOME", str(tmp_path))
    with start(estate=ESTATE, speed=600) as running:
        yield running


def at_once(site: Running, name: str, options: dict[str, Any]) -> list[dict[str, Any]]:
    """Run a module several times at once: the first write of each is sent once all of them are ready to send it."""
    spec = import_module(f"ansible_collections.gaussdb.tpops.plugins.modules.gaussdb_{name}").SPEC
    barrier, met, results = threading.Barrier(RUNS, timeout=60), [], []

    class Waiting(Client):
        def send(self, call: Call, wait_when_busy: bool = True) -> Reply:
            if not call.operation.read and self not in met:
                met.append(self)
                barrier.wait()
            return super().send(call, wait_when_busy)

    login = {
        "endpoint": site.endpoint,
        "username": site.username,
        "password": site.password,
        "ca_path": str(site.ca_file),
    }
    validated = ArgumentSpecValidator(build_interface(spec).argument_spec).validate({**login, **options})
    assert validated.error_messages == []

    def run() -> None:
        results.append(runner.run_spec(spec, f"gaussdb_{name}", validated.validated_parameters, open_client=Waiting))

    threads = [threading.Thread(target=run) for _number in range(RUNS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(met) == RUNS and not barrier.broken, "each of them has sent a write"
    return results


@pytest.mark.parametrize("what", CREATIONS)
def test_what_several_create_at_once_is_there_once_and_none_of_them_fails(site: Running, what: str) -> None:
    name, options = CREATIONS[what]
    results = at_once(site, name, options)
    assert [result.get("msg") for result in results] == [None] * RUNS
    if len(options.get("users", ())) <= 1:
        assert [result["changed"] for result in results].count(True) == 1
    accepted = [entry for entry in site.requests() if entry["write"] and entry["status"] < 300]
    assert len(accepted) == max(1, len(options.get("users", ())))


@pytest.mark.parametrize("what", REMOVALS)
def test_what_several_remove_at_once_is_gone_and_none_of_them_fails(site: Running, what: str) -> None:
    name, options = CREATIONS[what]
    at_once(site, name, options)
    name, options = REMOVALS[what]
    results = at_once(site, name, options)
    assert [result.get("msg") for result in results] == [None] * RUNS
    assert [result["changed"] for result in results].count(True) == 1
