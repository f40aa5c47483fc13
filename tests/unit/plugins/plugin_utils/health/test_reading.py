# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is read of a site: each list once, and nothing more of a site that does not answer."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import ApiFailure, ConnectionFailed
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.health import reading
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.health.reading import (
    PARTS,
    read_parts,
    read_site,
    read_sites,
)

CONNECTION = {"endpoint": "192.0.2.1:8002", "username": "auditor", "password": "Sentinel_2026"}
SETTINGS: dict[str, Any] = {"backup_age": "2d", "backup_types": [], "deep": False}


class Reads:
    """Answers each list with the entries of its operation, or raises an error."""

    def __init__(self, answers: dict[str, Any], login: Any = None, days: int | None = 30) -> None:
        self.answers, self.on_login, self.days = answers, login, days
        self.counts: Counter[str] = Counter()
        self.closed = False
        self.knows_time = True

    @property
    def informed(self) -> Reads:
        return self

    def login(self) -> None:
        if self.on_login:
            raise self.on_login

    def token_info(self) -> dict[str, Any]:
        return {"token": "T", "password_expiration_remaining_days": self.days}

    def now_ms(self) -> int:
        return 1_768_204_800_000

    def censor(self, data: Any) -> Any:
        return data

    def items(self, call: Any) -> list[dict[str, Any]]:
        self.counts[call.operation.name] += 1
        answer = self.answers.get(call.operation.name, [])
        if isinstance(answer, Exception):
            raise answer
        return [call.operation.shape.read(entry) for entry in answer] if call.operation.shape else list(answer)

    def close(self) -> None:
        self.closed = True


def instance(number: int, name: str = "") -> dict[str, Any]:
    node = {"id": f"no{number}", "name": f"node-{number}", "status": "ACTIVE"}
    return {"id": "in" + str(number), "name": name or f"orders-{number}", "status": "ACTIVE", "nodes": [node]}


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> Reads:
    found = Reads({"list_instances": [instance(1), instance(2)]})
    monkeypatch.setattr(reading, "open_reads", lambda connection, connections: found)
    return found


def test_each_list_is_read_once(reads: Reads) -> None:
    found = read_site(CONNECTION, SETTINGS)
    assert read_parts(found, PARTS) == list(PARTS), found
    assert (found["error"], found["silent"], found["now_ms"]) == ("", False, reads.now_ms())
    # The read of the metrics asks for the same list of instances, which the shared reads send once.
    assert dict(reads.counts) == {
        "list_instances": 2,
        "list_backups": 1,
        "list_alarms": 1,
        "list_agent_instances": 1,
        "list_dr_relations": 1,
        "list_hosts": 1,
        "list_metric_series": 1,
        "query_metrics": 1,
    }
    assert reads.closed


def test_instances_of_the_same_name_are_told_apart(reads: Reads) -> None:
    reads.answers["list_instances"] = [instance(1, "orders"), instance(2, "orders"), instance(3)]
    labels = [each["label"] for each in read_site(CONNECTION, SETTINGS)["parts"]["instances"]["entries"]]
    assert labels == ["in1", "in2", "orders-3"]


def test_a_site_without_instances_has_no_disks_to_read(reads: Reads) -> None:
    reads.answers["list_instances"] = []
    found = read_site(CONNECTION, SETTINGS)
    assert found["parts"]["disks"] == {"entries": []} and "query_metrics" not in reads.counts


@pytest.mark.parametrize(
    ("error", "silent"),
    [
        (ConnectionFailed("refused"), True),
        (ApiFailure("overloaded", status=503), True),
        (ApiFailure("no", status=401), False),
    ],
)
def test_nothing_is_read_of_a_site_without_a_login(reads: Reads, error: Exception, silent: bool) -> None:
    reads.on_login = error
    found = read_site(CONNECTION, SETTINGS)
    assert found["silent"] is silent and found["error"] and found["parts"] == {}
    assert not reads.counts and reads.closed


def test_a_kept_token_does_not_make_a_dead_site_alive(reads: Reads) -> None:
    reads.answers["list_instances"] = ConnectionFailed("refused")
    found = read_site(CONNECTION, SETTINGS)
    assert found["silent"] and set(reads.counts) == {"list_instances"}


def test_a_part_that_cannot_be_read_does_not_hide_the_others(reads: Reads) -> None:
    reads.answers["list_backups"] = ApiFailure("denied for Sentinel_2026", status=403)
    found = read_site(CONNECTION, SETTINGS)
    assert read_parts(found, PARTS) == [part for part in PARTS if part != "backups"]
    assert "denied" in found["parts"]["backups"]["error"] and "Sentinel_2026" not in str(found)


def test_the_disks_need_the_instances(reads: Reads) -> None:
    reads.answers["list_instances"] = ApiFailure("denied", status=403)
    found = read_site(CONNECTION, SETTINGS)
    assert set(PARTS) - set(read_parts(found, PARTS)) == {"instances", "disks"}
    assert not found["silent"]


@pytest.mark.parametrize(
    ("given", "days", "expected"),
    [
        ({}, 30, {"entries": [{"days": 30}]}),
        ({}, None, {"error": "", "silent": False}),
        ({"token": "T"}, None, {"entries": []}),
    ],
)
def test_the_password(reads: Reads, given: dict[str, Any], days: int | None, expected: Any) -> None:
    reads.days = days
    assert read_site({**CONNECTION, **given}, SETTINGS)["parts"]["password"] == expected


def test_a_mistake_in_a_connection_is_that_of_its_site(reads: Reads) -> None:
    found = read_sites({"a": CONNECTION, "b": {**CONNECTION, "timeout": "soon"}}, SETTINGS)
    assert found["a"]["error"] == "" and "timeout" in found["b"]["error"]
