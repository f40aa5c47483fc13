# SPDX-License-Identifier: GPL-3.0-or-later
"""4.11.17 and 4.11.18: upgrades."""

from __future__ import annotations

import pytest
from instance_helpers import accepted, code, components, estate, fail, get, load, one, url


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


def top(client, instance_id, since, until):
    body = {name: client.site.clock.iso(t, zone=".000Z") for name, t in (("start_time", since), ("end_time", until))}
    rows = client.post(url(instance_id, "top-sqls"), json={**body, "limit": 100}).json()["rows"]
    return {row["sql_template"]: row["avg_elapse_time"] for row in rows}


def slow(client, instance_id, since, until):
    nodes = [n["id"] for n in get(client, "orders")["nodes"]]
    body = {"instance_id": instance_id, "node_ids": nodes, "threshold": 10}
    body |= {"start_time": int(since * 1000), "end_time": int(until * 1000)}
    found = client.post(url(instance_id, "slow-sql-list"), json=body).json()["slow_sql_infos"]
    return {info["sql_text"] for info in found}


UPDATE = "update order_items set state = ? where order_id = ?"


def test_statements_that_take_longer_in_a_new_version(client):
    instance_id = three_zones(client)
    master = client.site.instances[instance_id].master.az
    other = next(zone for zone in THREE if zone != master)
    change = {"instance": "orders", "from_version": "3.200.0", "sql": UPDATE, "factor": 4}
    load(client, {"statement_changes": [change]})
    clock = client.site.clock
    moments = [clock.now()]

    def after(*steps):
        for action, zones in steps:
            accepted(client, upgrade(client, instance_id, "grey", action, zones))
        moments.append(clock.now())
        client.advance(7200)
        return moments[-1], clock.now()

    before = after()
    old = top(client, instance_id, *before)
    assert UPDATE not in slow(client, instance_id, *before)
    assert top(client, instance_id, *after(("upgrade", other)))[UPDATE] == old[UPDATE]
    span = after(("upgrade", master))
    new = top(client, instance_id, *span)
    assert new[UPDATE] == pytest.approx(4 * old[UPDATE]) and UPDATE in slow(client, instance_id, *span)
    assert {sql: time for sql, time in new.items() if sql != UPDATE} == {k: v for k, v in old.items() if k != UPDATE}
    assert top(client, instance_id, *before) == old
    mixed = top(client, instance_id, span[0] - 3600, span[1])[UPDATE]
    assert old[UPDATE] < mixed < new[UPDATE]
    assert top(client, instance_id, *after(("rollback", None)))[UPDATE] == old[UPDATE]


ALARM = {"alarm_id": "5010099", "name": "Checksum errors", "severity": "critical"}


def alarm_ids(client):
    reply = client.post("/v3/alarm/records", json={"is_active": True, "is_convergence": False})
    return {record["alarm_id"] for record in reply.json()["records"]}


def test_faults_of_a_version_begin_after_a_while_and_end_with_it(client):
    instance_id = three_zones(client)
    where = next(c for c in components(client, instance_id, component_type="DN") if c["status"] == "Standby")
    zone = next(n.az for n in client.site.instances[instance_id].nodes if n.id == where["node"])
    fault = {"instance": "orders", "version": "3.200.0", "zone": zone, "after_seconds": 600}
    load(client, {"version_faults": [{**fault, "component": where["id"]}, {**fault, "alarm": ALARM}]})

    def seen():
        found = next(c for c in components(client, instance_id) if c["id"] == where["id"])
        return found["status"], alarm_ids(client)

    reply = upgrade(client, instance_id, "grey", "upgrade", zone)
    client.advance(301)
    assert seen() == ("Standby", set())
    client.advance(600)
    assert seen() == ("Down", {"5010099"})
    assert client.job(reply.json()["job_id"])["status"] == "Completed"
    assert get(client, "orders")["status"] == "UPGRADE TO BE OBSERVED"
    accepted(client, upgrade(client, instance_id, "grey", "rollback"))
    assert seen() == ("Standby", set())


def test_no_fault_of_a_version_after_its_rollback(client):
    instance_id = three_zones(client)
    fault = {"instance": "orders", "version": "3.200.0", "zone": "a", "after_seconds": 600, "alarm": ALARM}
    load(client, {"version_faults": [fault]})
    reply = upgrade(client, instance_id, "grey", "upgrade", "a")
    client.advance(301)
    assert client.job(reply.json()["job_id"])["status"] == "Completed"
    upgrade(client, instance_id, "grey", "rollback")
    client.advance(3600)
    assert get(client, "orders")["status"] == "ACTIVE" and alarm_ids(client) == set()


def test_a_fault_of_a_version_that_was_fixed(client):
    instance_id = three_zones(client)
    fault = {"instance": "orders", "version": "3.200.0", "zone": "a"}
    load(client, {"version_faults": [{**fault, "alarm": ALARM}, {**fault, "zone": "b", "alarm": ALARM}]})
    load(client, {"version_faults": [fault]})
    accepted(client, upgrade(client, instance_id, "grey", "upgrade", "a"))
    assert alarm_ids(client) == set()
    accepted(client, upgrade(client, instance_id, "grey", "upgrade", "b"))
    assert alarm_ids(client) == {"5010099"}


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"zone": "z"}, "has no zone z"),
        ({"component": "dn_9"}, "has no component dn_9"),
        ({"alarm": {**ALARM, "severity": "bad"}}, "bad is not a severity"),
        ({"alarm": {**ALARM, "colour": "red"}}, "an alarm has no colour"),
    ],
)
def test_version_faults_that_cannot_be(client, change, problem):
    three_zones(client)
    fault = {"instance": "orders", "version": "3.200.0", "zone": "a", **change}
    reply = client.raw("POST", "/_simulator/estate", json={"version_faults": [fault]})
    assert reply.status_code == 400 and problem in reply.text


HOUR = 3600


def wait_hours(client, hours):
    client.advance(hours * HOUR)
    client.login()


def backups(client, instance_id, kind=None):
    reply = client.get("/gaussdb/v3.1/backups", params={"instance_id": instance_id, "limit": 100})
    assert reply.status_code == 200, reply.text
    return [b["name"] for b in reply.json()["backups"] if kind in (None, b["type"])]


def back_up(client, instance_id):
    return client.post("/gaussdb/v3/backups", json={"instance_id": instance_id, "name": "mine"})


def spans(client, instance_id):
    found = client.get(url(instance_id, "restore-time")).json()["restore_time"]
    return [(entry["start_time"] // 1000, entry["end_time"] // 1000) for entry in found]


def test_no_backup_while_only_some_zones_are_upgraded(client):
    instance_id = three_zones(client)
    wait_hours(client, 24)
    accepted(client, upgrade(client, instance_id, "grey", "upgrade", "a"))
    before = backups(client, instance_id)
    wait_hours(client, 48)
    assert backups(client, instance_id) == before
    assert code(back_up(client, instance_id)) == "DBS.216009"
    accepted(client, upgrade(client, instance_id, "grey", "upgrade", "b,c"))
    accepted(client, back_up(client, instance_id), status=202)
    assert state(client, instance_id)[0] == "UPGRADE TO BE OBSERVED"
    wait_hours(client, 24)
    assert len(backups(client, instance_id, "auto")) == 1 + len([n for n in before if n.startswith("auto-full")])


def test_a_major_upgrade_ends_with_a_full_backup_and_a_gap(client):
    instance_id = three_zones(client)
    wait_hours(client, 24)
    accepted(client, upgrade(client, instance_id, "grey", "upgrade", "a,b,c"))
    assert len(spans(client, instance_id)) == 1
    full = backups(client, instance_id, "auto")
    reply = upgrade(client, instance_id, "grey", "commit")
    client.advance(60)
    committed = int(client.site.clock.now())
    assert client.job(reply.json()["job_id"])["status"] == "Completed"
    assert len(backups(client, instance_id, "auto")) == len(full) + 1
    assert [end for _begin, end in spans(client, instance_id)] == [committed]
    client.advance(HOUR)
    assert spans(client, instance_id)[-1] == (committed + 300, committed + HOUR)


@pytest.mark.parametrize(("kind", "action"), [("inplace", None), ("grey", "upgradeAutoCommit")])
def test_an_upgrade_at_once_archives_nothing_until_the_next_full_backup(client, kind, action):
    load(client, {"engine_versions": ["3.103.0", "3.103.1"]})
    instance_id = three_zones(client)
    wait_hours(client, 24)
    path = url(instance_id, "archive-log-path")
    assert client.get(path).json()["path"]
    begun = int(client.site.clock.now())
    full = backups(client, instance_id, "auto")
    accepted(client, upgrade(client, instance_id, kind, action, target="3.103.1"))
    assert backups(client, instance_id, "auto") == full
    assert client.get(path).json()["path"] == "" and spans(client, instance_id)[-1][1] == begun
    accepted(client, back_up(client, instance_id))
    assert client.get(path).json()["path"] and spans(client, instance_id)[-1][0] > begun


def test_a_minor_upgrade_that_was_observed_has_no_gap(client):
    load(client, {"engine_versions": ["3.103.0", "3.103.1"]})
    instance_id = three_zones(client)
    wait_hours(client, 24)
    for action, zones in (("upgrade", "a,b,c"), ("commit", None)):
        accepted(client, upgrade(client, instance_id, "grey", action, zones, target="3.103.1"))
    assert len(spans(client, instance_id)) == 1


def test_a_version_that_needs_a_newer_agent(client):
    instance_id = three_zones(client)
    load(client, {"agents": {"required": {"3.200.0": "gaussdbv5_agent_2.24.01.130"}}})
    for kind, action, zones in (("grey", "upgrade", "a"), ("grey", "upgradeAutoCommit", None), ("inplace", None, None)):
        assert code(upgrade(client, instance_id, kind, action, zones)) == "DBS.280660"
    accepted(client, client.post(url(instance_id, "agent/upgrade")), status=200)
    accepted(client, upgrade(client, instance_id, "grey", "upgrade", "a"))


def test_a_version_is_possible_once_its_package_is_uploaded(client):
    load(client, {"engine_versions": ["3.103.0"]})
    instance_id = three_zones(client)
    assert candidates(client, instance_id)["upgrade_candidate_versions"] == []
    assert code(upgrade(client, instance_id, "grey", "upgrade", "a")) == "DBS.280236"
    load(client, {"engine_versions": ["3.103.0", "3.200.0"]})
    assert candidates(client, instance_id)["upgrade_candidate_versions"] == ["3.200.0"]
