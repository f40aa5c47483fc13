# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Reads of several instances: over one connection each, at the same time, and what follows from them."""

from __future__ import annotations

import threading
from datetime import datetime, timezone
from typing import Any

import pytest

from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import InputError
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.procedure import observer
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.procedure.observer import (
    check_looks,
    read,
    read_all,
    seen_of,
    state_of,
)

INSTANCE = {"id": "in14", "status": "ACTIVE", "busy": False, "running": True, "engine_version": "3.200.0"}


def look(relation: Any = None, instance: Any = None, alarm: Any = None) -> dict[str, Any]:
    relation = {"relations": []} if relation is None else relation
    instance = {"instances": [INSTANCE]} if instance is None else instance
    alarm = {"alarms": []} if alarm is None else alarm
    return state_of("orders-prod", {"relations": relation, "instances": instance, "alarms": alarm})


def test_all_of_it() -> None:
    alarm = {"name": "disk full"}
    live, old = {"name": "orders", "status": "normal"}, {"name": "orders", "status": "completed"}
    assert look({"relations": [old, live], "now_ms": 1767600000000}, alarm={"alarms": [alarm]}) == {
        "reachable": True,
        "silent": False,
        "missing": False,
        "error": "",
        "now_ms": 1767600000000,
        "instance": "orders-prod",
        "instance_id": "in14",
        "instance_status": "ACTIVE",
        "instance_busy": False,
        "instance_running": True,
        "engine_version": "3.200.0",
        "relation": live,
        "alarms_read": True,
        "alarms": [alarm],
    }


@pytest.mark.parametrize("status", ["completed", "pre_check_failed"])
def test_a_relation_that_has_ended(status: str) -> None:
    assert look({"relations": [{"status": status}]})["relation"] == {}


@pytest.mark.parametrize(
    ("error", "silent"),
    [
        ({"kind": "ConnectionFailed", "status": None}, True),
        ({"kind": "InvalidReply", "status": 200}, True),
        ({"kind": "ApiFailure", "status": 503}, True),
        ({"kind": "NotFound", "status": None}, False),
        ({"kind": "PermissionDenied", "status": 403}, False),
        (None, False),
    ],
)
def test_a_site_that_could_not_be_read(error: Any, silent: bool) -> None:
    found = state_of("orders-prod", {"relations": {"msg": "no", "error": error}})
    assert (found["reachable"], found["silent"], found["error"]) == (False, silent, "no")
    assert found["instance_status"] == ("unreachable" if silent else "unknown")
    assert (found["alarms_read"], found["alarms"], found["instance_running"]) == (False, [], None)


def test_what_could_not_be_read_of_a_site_that_answers() -> None:
    found = look(instance={"msg": "no"}, alarm={"msg": "no"})
    assert (found["reachable"], found["instance_status"], found["alarms_read"]) == (True, "unknown", False)
    assert look({})["error"] == "no answer"


NOON = datetime(2026, 1, 5, 12, tzinfo=timezone.utc)
REPLICA = {"id": "dn_6001", "type": "DN", "status": "Primary", "detail": "Normal", "distributed_id": "60011"}
NODE = {"id": "no14", "name": "node-1", "hostname": "db-01", "availability_zone_id": "dc1", "status": "normal"}
FOUND: dict[str, Any] = {
    "relations": {"relations": []},
    "instances": {"instances": [{**INSTANCE, "nodes": [{"id": "no14", "management_ip": "192.0.2.1"}]}]},
    "alarms": {"alarms": []},
    "components": {"nodes": [{**NODE, "components": [REPLICA]}]},
    "backups": {"backups": [{"name": "new"}, {"name": "old"}]},
    "upgrades": {"upgrades": [{"version": "3.200.0"}]},
}


def test_looks_add_what_they_are_asked_for() -> None:
    """Whatever their order: an upgrade is seen with the nodes."""
    plain = seen_of("orders", FOUND, [], {}, NOON)
    assert plain == {**state_of("orders", FOUND), "unanswered": []}
    seen = seen_of("orders", FOUND, ["upgrades", "backups", "components"], {}, NOON)
    assert seen.keys() - plain.keys() == {"nodes", "newest_backup", "upgrade"}
    assert (seen["newest_backup"], seen["upgrade"]["nodes"]) == ({"name": "new"}, 1)
    (node,) = seen["nodes"]
    assert (node["management_ip"], node["healthy"], node["stopped"]) == ("192.0.2.1", True, False)


def test_what_looks_could_not_read() -> None:
    found = {look: FOUND[look] for look in ("relations", "instances", "alarms")}
    seen = seen_of("orders", found, ["components", "backups", "upgrades"], {}, NOON)
    assert (seen["nodes"], seen["newest_backup"], seen["upgrade"]["stage"]) == (None, None, "unknown")


@pytest.mark.parametrize(
    ("result", "unanswered"),
    [
        ({"msg": "no", "error": {"kind": "ConnectionFailed"}}, ["components"]),
        ({"msg": "no", "error": {"kind": "ApiFailure", "status": 503}}, ["components"]),
        # An answer that is not the desired one does not change by waiting.
        ({"msg": "no", "error": {"kind": "PermissionDenied", "status": 403}}, []),
        ({"msg": "no"}, []),
    ],
)
def test_what_a_platform_may_still_answer(result: Any, unanswered: list[str]) -> None:
    found = {**FOUND, "components": result}
    assert seen_of("orders", found, ["components"], {}, NOON)["unanswered"] == unanswered
    assert seen_of("orders", found, [], {}, NOON)["unanswered"] == []


@pytest.mark.parametrize(
    ("kind", "unanswered"),
    [
        ("ConnectionFailed", ["relations", "instances", "alarms", "backups"]),
        # An instance that does not exist. The rest is not read then, either.
        ("NotFound", []),
    ],
)
def test_after_the_first_look_fails_the_rest_is_not_read(kind: str, unanswered: list[str]) -> None:
    found = {"relations": {"msg": "no", "error": {"kind": kind}}}
    assert seen_of("orders", found, ["backups"], {}, NOON)["unanswered"] == unanswered


def test_a_look_that_does_not_exist() -> None:
    with pytest.raises(InputError, match="procedure_looks: can have components, backups, upgrades. Unknown: disks"):
        check_looks(["components", "disks"])


CONNECTION = {"endpoint": "tpops.example.com", "username": "u", "password": "p"}


@pytest.fixture
def clients(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Replace the runner: each look opens a client, asks for its instance, and closes the client."""
    opened: list[Any] = []

    def run_spec(_spec: Any, name: str, params: Any, open_client: Any) -> dict[str, Any]:
        client = open_client(observer.Connection(**CONNECTION))
        if client not in opened:
            opened.append(client)
        client.close()
        instance = params.get("instance") or params.get("name")
        if instance == "lost":
            return {"failed": True, "msg": "no reply", "error": {"kind": "ConnectionFailed"}}
        key = {"gaussdb_dr_info": "relations"}.get(name, name.removeprefix("gaussdb_").removesuffix("_info") + "s")
        return {key: [instance]}

    monkeypatch.setattr(observer, "run_spec", run_spec)
    return opened


def test_all_looks_share_a_connection(clients: list[Any]) -> None:
    found = read("orders", CONNECTION, ("relations", "instances", "alarms"))
    assert found == {look: {look: ["orders"]} for look in ("relations", "instances", "alarms")}
    assert len(clients) == 1


def test_the_clock_of_a_platform_that_has_shown_it(clients: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock of the controller is not a stand-in for it."""
    assert "now_ms" not in read("orders", CONNECTION, ("relations",))["relations"]
    monkeypatch.setattr(observer.SharedClient, "knows_time", True)
    monkeypatch.setattr(observer.SharedClient, "now_ms", lambda _client: 1767600000000)
    assert read("orders", CONNECTION, ("relations",))["relations"] == {"relations": ["orders"], "now_ms": 1767600000000}


def test_a_platform_that_does_not_answer_is_asked_once(clients: list[Any]) -> None:
    assert list(read("lost", CONNECTION, ("relations", "instances", "alarms"))) == ["relations"]


def test_options_that_are_not_valid_are_a_result() -> None:
    found = read("orders", {**CONNECTION, "timeout": "soon"}, ("relations",))
    assert found["relations"]["failed"] and "timeout" in found["relations"]["msg"]


def test_all_sites_are_read_at_the_same_time(monkeypatch: pytest.MonkeyPatch) -> None:
    both = threading.Barrier(2, timeout=30)

    def meet(instance: str, *_arguments: Any) -> dict[str, Any]:
        both.wait()
        return {"relations": {"relations": [instance]}}

    monkeypatch.setattr(observer, "read", meet)
    members = {"site-a": "orders-prod", "site-b": "orders-dr"}
    found = read_all(members, dict.fromkeys(members, CONNECTION), ("relations",))
    assert found == {site: {"relations": {"relations": [instance]}} for site, instance in members.items()}
