# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What only a procedure can change is pending; what nothing can change is left to the module, which refuses it."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.pending import find_pending, is_newer

HOSTS = ["10.0.0.1", "10.0.0.2", "10.0.0.3"]


def instance(**values: Any) -> dict[str, Any]:
    nodes = [{"management_ip": host} for host in values.pop("hosts", HOSTS)]
    base = {"status": "ACTIVE", "mode": "centralization_standard", "engine_version": "3.103.0", "replica_num": 3}
    return {**base, "nodes": nodes, **values}


def pending(described: dict[str, Any], **values: Any) -> list[tuple[str, str]]:
    return [(each.what, each.playbook.rpartition(".")[2]) for each in find_pending(described, instance(**values))]


@pytest.mark.parametrize(
    ("version", "other", "newer"),
    [
        ("3.200.0", "3.103.0", True),
        ("3.103.0", "3.200.0", False),
        ("3.103.0", "3.103.0", False),
        ("10.1", "9.9", True),
        ("3.200.0.1", "3.200.0", True),
        ("V5R2.20", "V5R2.3", True),
    ],
)
def test_versions_are_compared_number_by_number(version: str, other: str, newer: bool) -> None:
    assert is_newer(version, other) is newer


def test_nothing_is_pending_for_what_is_the_same() -> None:
    assert pending({"engine_version": "3.103.0", "solution": "triset", "manage_ips": HOSTS}) == []
    assert pending({}) == []


def test_a_newer_version_waits_for_an_upgrade_and_an_older_one_is_refused() -> None:
    (found,) = find_pending({"engine_version": "3.200.0"}, instance())
    assert (found.before, found.after, found.playbook) == ("3.103.0", "3.200.0", "gaussdb.tpops.upgrade")
    assert pending({"engine_version": "3.100.0"}) == []
    assert pending({"engine_version": "3.200.0"}, engine_version=None) == []


def test_more_replicas_wait_for_an_expansion() -> None:
    more = [*HOSTS, "10.0.0.4", "10.0.0.5"]
    described = {"solution": "pentaset", "manage_ips": more}
    assert pending(described) == [("solution", "expand"), ("hosts", "expand")]
    (solution, hosts) = find_pending(described, instance())
    assert (solution.before, solution.after) == ("triset", "pentaset")
    assert (hosts.before, hosts.after) == (HOSTS, more)
    assert {"manage_ips", "master_az_ips"} <= set(hosts.options)


def test_another_mode_is_refused() -> None:
    assert pending({"solution": "single", "manage_ips": HOSTS}) == []


def test_more_nodes_of_a_distributed_instance_wait_and_fewer_are_refused() -> None:
    distributed = {"mode": "combined", "replica_num": 3}
    assert pending({"manage_ips": [*HOSTS, "10.0.0.4"]}, **distributed) == [("hosts", "expand")]
    assert pending({"manage_ips": HOSTS[:2]}, **distributed) == []


def test_another_host_waits_for_a_repair() -> None:
    assert pending({"manage_ips": [*HOSTS[:2], "10.0.0.9"]}) == [("hosts", "node_repair")]


def test_nodes_that_change_at_the_moment_are_not_compared() -> None:
    described = {"manage_ips": [*HOSTS[:2], "10.0.0.9"], "engine_version": "3.200.0"}
    assert pending(described, status="EXPANDING") == [("engine_version", "upgrade")]


def test_nothing_is_pending_for_an_instance_that_should_not_exist() -> None:
    assert pending({"state": "absent", "engine_version": "3.200.0"}) == []
