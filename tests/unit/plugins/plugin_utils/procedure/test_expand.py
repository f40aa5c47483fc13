# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which hosts an expansion adds, how, what stands against it, and what an interrupted run has left."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.gaussdb.tpops.plugins.filter.expand_config import FilterModule as ConfigFilter
from ansible_collections.gaussdb.tpops.plugins.filter.expansion_state import FilterModule as StateFilter
from ansible_collections.gaussdb.tpops.plugins.filter.job_seconds import FilterModule as SecondsFilter
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.procedure.expand import expansion_state

DISTRIBUTED, CENTRALIZED = {"mode": "combined"}, {"mode": "centralization_standard"}


def nodes(count: int, shards: int = 3, etcd: bool = True) -> list[dict[str, Any]]:
    """Return nodes with a replica of each shard."""
    more = [{"id": "etcd", "type": "ETCD", "distributed_id": None}] if etcd else []
    return [
        {
            "id": f"no{number}",
            "name": f"node-{number}",
            "hostname": f"db-{number}",
            "availability_zone_id": "dc1",
            "management_ip": f"192.0.2.{number}",
            "components": [{"id": f"dn_{shard}", "type": "DN", "distributed_id": str(shard)} for shard in range(shards)]
            + more,
        }
        for number in range(1, count + 1)
    ]


def hosts(*numbers: int) -> list[str]:
    return [f"192.0.2.{number}" for number in numbers]


def state(described: Any = None, given: Any = (), records: Any = (), **instance: Any) -> dict[str, Any]:
    seen = {"nodes": instance.pop("nodes", nodes(3))}
    spare = [{"name": f"spare-{number}", "manage_ip": f"192.0.2.{number}"} for number in range(4, 8)]
    return expansion_state(seen, {**DISTRIBUTED, **instance}, described or {}, given, spare, records)


def test_described_hosts_become_shards() -> None:
    found = state({"solution": "hcs2", "manage_ips": hosts(1, 2, 3, 4, 5, 6)})
    assert found == {
        "named": True,
        "new": hosts(4, 5, 6),
        "kind": "shards",
        "solution": "",
        "group": 3,
        "obstacles": [],
        "due": True,
        "unverified": False,
        "job_id": "",
        "begun": [],
        "undescribed": [],
    }
    assert StateFilter().filters()["expansion_state"]({"nodes": nodes(3)}, DISTRIBUTED)["due"] is False


@pytest.mark.parametrize(
    ("described", "new", "obstacles"),
    [
        ({}, [], []),
        ({"manage_ips": "192.0.2.1,192.0.2.2,192.0.2.3"}, [], []),
        ({"manage_ips": hosts(1, 2, 4)}, hosts(4), [{"code": "removed", "hosts": hosts(3)}]),
        ({"manage_ips": hosts(1, 2)}, [], [{"code": "removed", "hosts": hosts(3)}]),
        # What holds no data need not be among the nodes.
        ({"manage_ips": hosts(1, 2, 3), "arbiter_az_ips": hosts(9)}, [], []),
    ],
)
def test_what_an_expansion_cannot_do(described: Any, new: list[str], obstacles: Any) -> None:
    found = state(described)
    assert (found["new"], found["obstacles"], found["due"]) == (new, obstacles, bool(new or obstacles))
    assert found["named"] == bool(described)


def test_hosts_that_the_user_names_take_the_place_of_the_described_ones() -> None:
    found = state({"manage_ips": hosts(1, 2, 3, 4)}, ["spare-4", "192.0.2.5", "spare-6"])
    assert found["new"] == hosts(4, 5, 6) and found["undescribed"] == hosts(5, 6) and found["obstacles"] == []
    # Without a description there is nothing to correct.
    assert state({}, ["spare-4"])["undescribed"] == []


@pytest.mark.parametrize(
    ("count", "described", "etcd", "solution", "group"),
    [
        (3, "pentaset", True, "pentaset", 2),
        (3, "", True, "pentaset", 2),
        (3, "pentasetnoetcd", False, "pentasetnoetcd", 2),
        (3, "triset", True, "", 0),
        (5, "", True, "", 0),
        (1, "", True, "", 0),
    ],
)
def test_replicas_of_a_centralized_instance(count: int, described: str, etcd: bool, solution: str, group: int) -> None:
    own, new = hosts(*range(1, count + 1)), hosts(6, 7)
    found = state(
        {"solution": described, "manage_ips": own + new}, nodes=nodes(count, 1, etcd), replica_num=count, **CENTRALIZED
    )
    assert (found["kind"], found["new"], found["solution"], found["group"]) == ("replicas", new, solution, group)
    assert [each["code"] for each in found["obstacles"]] == ([] if solution else ["topology"])


def record(outcome: str, step: str = "add_nodes", **more: Any) -> dict[str, Any]:
    entry = {"name": step, "outcome": "running", "about": hosts(1), "jobs": [{"id": "job-1"}], **more}
    return {"outcome": outcome, "steps": [entry]}


@pytest.mark.parametrize(
    ("records", "unverified", "job_id"),
    [
        ([], False, ""),
        ([record("running")], True, "job-1"),
        ([record("failed", "check_expansion"), record("running")], True, "job-1"),
        ([record("failed", jobs=[])], True, ""),
        ([record("done")], False, ""),
        ([record("unchanged", "check_expansion"), record("running")], False, ""),
    ],
)
def test_what_an_interrupted_run_has_left(records: Any, unverified: bool, job_id: str) -> None:
    found = state({"manage_ips": hosts(1, 2, 3)}, records=records)
    assert (found["unverified"], found["job_id"]) == (unverified, job_id)
    assert found["begun"] == (hosts(1) if unverified else [])
    # While hosts are missing, they are added first.
    assert state({"manage_ips": hosts(1, 2, 3, 4)}, records=records)["unverified"] is False


def test_nodes_that_cannot_be_read_are_those_of_the_instance() -> None:
    shown = [{"management_ip": each} for each in hosts(1, 2, 3)]
    found = expansion_state(
        {"nodes": None}, {**DISTRIBUTED, "nodes": shown}, {"manage_ips": hosts(1, 2, 3, 4)}, [], [], []
    )
    assert (found["new"], found["group"]) == (hosts(4), 0)


def test_how_long_a_task_took() -> None:
    seconds = SecondsFilter().filters()["job_seconds"]
    assert seconds({"created": 1000, "ended": 301500}) == 300.5
    assert seconds({"created": 1000, "ended": None}) is seconds({}) is None


def test_what_a_description_says() -> None:
    estate = {
        "instance_defaults": {"solution": "hcs2"},
        "instances": [{"name": "ledger", "manage_ips": hosts(1), "port": 8000}],
    }
    config = ConfigFilter().filters()["expand_config"]
    assert config(estate, "ledger") == {"solution": "hcs2", "manage_ips": hosts(1)}
    assert config(estate, "other") == {}
