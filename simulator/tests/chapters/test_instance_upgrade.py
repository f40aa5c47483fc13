# SPDX-License-Identifier: GPL-3.0-or-later
"""4.11.17 and 4.11.18: upgrades."""

from __future__ import annotations

import pytest
from instance_helpers import accepted, code, estate, fail, get, load, one, url


@pytest.fixture
def client(fresh):
    made = fresh()
    load(made, estate())
    return made


def candidates(client, instance_id):
    reply = client.get(url(instance_id, "db-upgrade/candidate-versions"))
    assert reply.status_code == 200, reply.text
    return reply.json()


def enabled(shown):
    return {
        f"{kind['upgrade_type']}/{action['upgrade_action']}"
        for kind in shown["upgrade_type_list"]
        for action in kind["upgrade_action_list"] or ()
        if action["enable"]
    }


def upgrade(client, instance_id, kind, action=None, az=None, target="3.200.0"):
    body = {"target_version": target, "upgrade_type": kind, "upgrade_action": action, "upgrade_az": az}
    body = {k: v for k, v in body.items() if v is not None}
    return client.put(url(instance_id, "db-upgrade", "/gaussdb/v3.1"), json=body)


def version(client):
    return get(client, "orders")["datastore"]["version"]


def test_upgrade_in_place(client):
    instance_id = one(client, version="3.103.0")
    shown = candidates(client, instance_id)
    assert shown["upgrade_candidate_versions"] == ["3.200.0"] and shown["target_version"] is None
    assert enabled(shown) == {"grey/upgrade", "grey/upgradeAutoCommit", "inplace/upgradeAutoCommit"}
    for kind, action, az, target, expected in (
        ("sideways", None, None, "3.200.0", "DBS.280657"),
        ("inplace", "commit", None, "3.200.0", "DBS.280657"),
        ("grey", None, None, "3.200.0", "DBS.280657"),
        ("inplace", None, None, "3.103.0", "DBS.05000008"),
        ("inplace", None, None, "4.0.0", "DBS.280236"),
        ("grey", "upgrade", None, "3.200.0", "DBS.280658"),
        ("grey", "upgrade", "north", "3.200.0", "DBS.280658"),
        ("grey", "commit", None, "3.200.0", "DBS.280660"),
        ("hotfix", "rollback", None, "3.200.0", "DBS.280236"),
    ):
        assert code(upgrade(client, instance_id, kind, action, az, target)) == expected, (kind, action, az, target)
    fail(client, "upgrade_instance")
    accepted(client, upgrade(client, instance_id, "inplace"))
    assert (get(client, "orders")["status"], version(client)) == ("ACTIVE", "3.103.0")
    reply = upgrade(client, instance_id, "inplace")
    assert get(client, "orders")["status"] == "UPGRADING"
    accepted(client, reply)
    assert (get(client, "orders")["status"], version(client)) == ("ACTIVE", "3.200.0")
    assert candidates(client, instance_id)["upgrade_candidate_versions"] == []


def test_grey_upgrade(client):
    instance_id = one(client, version="3.103.0")
    accepted(client, upgrade(client, instance_id, "grey", "upgrade", "west"))
    assert (get(client, "orders")["status"], version(client)) == ("UPGRADE TO BE OBSERVED", "3.103.0")
    shown = candidates(client, instance_id)
    assert shown["target_version"] == "3.200.0" and shown["rollback_enabled"]
    assert shown["roll_upgrade_progress"]["already_upgraded_az"] == "west"
    assert shown["roll_upgrade_progress"]["not_fully_upgraded_az"] == "east"
    assert enabled(shown) == {"grey/upgrade", "grey/rollback"}
    assert code(upgrade(client, instance_id, "grey", "commit")) == "DBS.280660"
    assert code(upgrade(client, instance_id, "grey", "upgrade", "west")) == "DBS.280658"
    assert code(upgrade(client, instance_id, "grey", "rollback", target="3.103.0")) == "DBS.280236"
    assert code(upgrade(client, instance_id, "inplace")) == "DBS.280011"
    accepted(client, upgrade(client, instance_id, "grey", "rollback"))
    assert (get(client, "orders")["status"], version(client)) == ("ACTIVE", "3.103.0")
    accepted(client, upgrade(client, instance_id, "grey", "upgrade", "west, east"))
    assert enabled(candidates(client, instance_id)) == {"grey/commit", "grey/rollback"}
    fail(client, "upgrade_instance")
    accepted(client, upgrade(client, instance_id, "grey", "commit"))
    assert get(client, "orders")["status"] == "UPGRADE TO BE OBSERVED"
    accepted(client, upgrade(client, instance_id, "grey", "commit"))
    assert (get(client, "orders")["status"], version(client)) == ("ACTIVE", "3.200.0")


def state(client, instance_id):
    """Status, upgraded zones and enabled actions."""
    shown = candidates(client, instance_id)
    zones = shown["roll_upgrade_progress"]["already_upgraded_az"]
    return get(client, "orders")["status"], shown["target_version"] and zones, enabled(shown)


def broken(client):
    return [n["availability_zone"] for n in get(client, "orders")["nodes"] if n["status"] == "FAILED"]


@pytest.mark.parametrize(
    ("trouble", "status"),
    [
        ([{"node_failures": [{"instance": "orders", "node": 1}]}], "UPGRADE TO BE OBSERVED"),
        ([{"node_failures": [{"instance": "orders", "node": n}]} for n in (0, 1)], "FAILED"),
        ([{"disk_usage": [{"instance": "orders", "node": 1, "percent": 96}]}], "STORAGE FULL"),
    ],
)
def test_an_observed_upgrade_outlives_faults(client, trouble, status):
    instance_id = one(client, version="3.103.0")
    accepted(client, upgrade(client, instance_id, "grey", "upgrade", "west"))
    calm = state(client, instance_id)
    assert calm == ("UPGRADE TO BE OBSERVED", "west", {"grey/upgrade", "grey/rollback"})
    for entry in trouble:
        load(client, entry)
    forward = {"grey/upgrade"} if status == "UPGRADE TO BE OBSERVED" else set()
    assert state(client, instance_id) == (status, "west", {"grey/rollback", *forward})
    for node in (0, 1):
        load(client, {"node_failures": [{"instance": "orders", "node": node, "recovered": True}]})
        load(client, {"disk_usage": [{"instance": "orders", "node": node, "percent": None}]})
    assert state(client, instance_id) == calm


def test_an_upgrade_in_trouble_can_be_rolled_back(client):
    instance_id = one(client, version="3.103.0")
    accepted(client, upgrade(client, instance_id, "grey", "upgrade", "west"))
    load(client, {"node_failures": [{"instance": "orders", "node": node} for node in (0, 1)]})
    assert code(upgrade(client, instance_id, "grey", "upgrade", "east")) == "DBS.280011"
    accepted(client, upgrade(client, instance_id, "grey", "rollback"))
    assert state(client, instance_id)[:2] == ("FAILED", None)


THREE = ("a", "b", "c")


def three_zones(client, **rule):
    load(client, {"instances": [{"name": "orders", "solution": "triset", "version": "3.103.0", "data_center": THREE}]})
    load(client, {"upgrade_rules": [{"instance": "orders", **rule}]})
    return get(client, "orders")["id"]


def fail_in(client, step):
    rule = {"kind": "job_fail", "operation": "upgrade_instance", "step": step}
    assert client.raw("POST", "/_simulator/faults", json=rule).status_code == 200


@pytest.mark.parametrize(
    ("leaves", "step", "left"),
    [
        ("before", 3, ("ACTIVE", None, [])),
        ("partial", 1, ("ACTIVE", None, [])),
        ("partial", 2, ("ACTIVE", None, [])),
        ("partial", 3, ("UPGRADE TO BE OBSERVED", "a", [])),
        ("partial", 4, ("UPGRADE TO BE OBSERVED", "a,b", [])),
        ("failed", 1, ("FAILED", "", ["a"])),
        ("failed", 3, ("FAILED", "a", ["b"])),
        ("failed", 4, ("FAILED", "a", ["b"])),
    ],
)
def test_what_a_failed_upgrade_leaves(client, leaves, step, left):
    instance_id = three_zones(client, leaves=leaves)
    fail_in(client, step)
    accepted(client, upgrade(client, instance_id, "grey", "upgrade", "a,b"))
    assert (*state(client, instance_id)[:2], broken(client)) == left
    if left[1] is not None:
        accepted(client, upgrade(client, instance_id, "grey", "rollback"))
    assert (*state(client, instance_id)[:2], broken(client)) == ("ACTIVE", None, [])
    assert version(client) == "3.103.0"


@pytest.mark.parametrize("action", ["commit", "rollback"])
def test_a_commit_or_a_rollback_that_fails_halfway(client, action):
    instance_id = three_zones(client, leaves="failed")
    accepted(client, upgrade(client, instance_id, "grey", "upgrade", "a,b,c"))
    for _attempt in range(2 if action == "rollback" else 1):
        fail_in(client, 2)
        accepted(client, upgrade(client, instance_id, "grey", action))
    zones = "a" if action == "rollback" else "a,b"
    assert (state(client, instance_id), broken(client)[0]) == (("FAILED", zones, {"grey/rollback"}), "c")
    accepted(client, upgrade(client, instance_id, "grey", "rollback"))
    assert (*state(client, instance_id)[:2], broken(client)) == ("ACTIVE", None, [])


def test_an_upgrade_in_place_that_fails_halfway(client):
    instance_id = three_zones(client, leaves="failed")
    fail_in(client, 2)
    accepted(client, upgrade(client, instance_id, "inplace"))
    assert (state(client, instance_id), broken(client)) == (("FAILED", None, set()), ["a", "b", "c"])


def test_flags_and_refusals_on_order(client):
    instance_id = three_zones(client, disable=["rollback"], refuse=["commit"])
    accepted(client, upgrade(client, instance_id, "grey", "upgrade", "a,b,c"))
    assert state(client, instance_id) == ("UPGRADE TO BE OBSERVED", "a,b,c", {"grey/commit"})
    assert not candidates(client, instance_id)["rollback_enabled"]
    for action in ("commit", "rollback"):
        assert code(upgrade(client, instance_id, "grey", action)) == "DBS.280660"
    assert client.raw("GET", "/_simulator/estate").json()["upgrade_rules"] == [
        {"instance": "orders", "disable": ["rollback"], "refuse": ["commit"], "leaves": "before"}
    ]
    load(client, {"upgrade_rules": [{"instance": "orders"}]})
    accepted(client, upgrade(client, instance_id, "grey", "commit"))
    assert version(client) == "3.200.0"


@pytest.mark.parametrize(
    ("rule", "problem"),
    [
        ({"instance": "ledger"}, "ledger does not exist"),
        ({"leaves": "half"}, "leaves is one of before, partial, failed"),
        ({"refuse": ["undo"]}, "undo is not an upgrade action"),
        ({"deny": ["commit"]}, "an upgrade rule has no deny"),
    ],
)
def test_rules_that_cannot_be(client, rule, problem):
    one(client)
    reply = client.raw("POST", "/_simulator/estate", json={"upgrade_rules": [{"instance": "orders", **rule}]})
    assert reply.status_code == 400 and problem in reply.text


def session_ids(client, instance_id):
    nodes = client.get(url(instance_id, "key-view-execute-node")).json()["nodes"]
    where = next({"node_id": n["node_id"], "component_id": n["component_id"]} for n in nodes if n["role"] == "master")
    found = client.post(url(instance_id, "real-time-session"), json=where).json()["sessions"]
    return {session["session_id"] for session in found}


def test_upgrades_restart_what_they_upgrade(client):
    instance_id = one(client, version="3.103.0")
    master = client.site.instances[instance_id].master.az
    other = {"west": "east", "east": "west"}[master]
    before = session_ids(client, instance_id)
    accepted(client, upgrade(client, instance_id, "grey", "upgrade", other))
    assert session_ids(client, instance_id) == before
    accepted(client, upgrade(client, instance_id, "grey", "rollback"))
    assert session_ids(client, instance_id) == before
    for kind, action, zone in (("grey", "upgrade", master), ("grey", "rollback", None), ("inplace", None, None)):
        accepted(client, upgrade(client, instance_id, kind, action, zone))
        after = session_ids(client, instance_id)
        assert after and not after & before
        before = after


def test_grey_upgrade_at_once(client):
    instance_id = one(client, version="3.103.0")
    accepted(client, upgrade(client, instance_id, "grey", "upgradeAutoCommit"))
    assert version(client) == "3.200.0"


def test_hotfixes_are_removed_in_descending_order(client):
    load(client, {"engine_versions": ["3.200.0", "3.200.0.1", "3.200.0.2"]})
    instance_id = one(client, version="3.200.0")
    shown = candidates(client, instance_id)
    assert shown["hotfix_upgrade_candidate_versions"] == ["3.200.0.1", "3.200.0.2"]
    assert enabled(shown) == {"hotfix/upgradeAutoCommit"}
    for hotfix in ("3.200.0.1", "3.200.0.2"):
        accepted(client, upgrade(client, instance_id, "hotfix", "upgradeAutoCommit", target=hotfix))
        assert version(client) == hotfix
    shown = candidates(client, instance_id)
    assert shown["hotfix_rollback_candidate_versions"] == ["3.200.0.1", "3.200.0.2"]
    for target in ("3.200.0", "3.200.0.1"):
        assert code(upgrade(client, instance_id, "hotfix", "rollback", target=target)) == "DBS.280236"
    accepted(client, upgrade(client, instance_id, "hotfix", "rollback", target="3.200.0.2"))
    assert version(client) == "3.200.0.1"
    accepted(client, upgrade(client, instance_id, "hotfix", "rollback", target="3.200.0.1"))
    assert version(client) == "3.200.0"
    assert candidates(client, instance_id)["hotfix_rollback_candidate_versions"] == []
