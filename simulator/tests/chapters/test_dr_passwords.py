# SPDX-License-Identifier: GPL-3.0-or-later
"""Passwords that a streaming relation depends on (4.4.8, 4.4.9, 4.18)."""

from __future__ import annotations

import pytest
from instance_helpers import accepted, get, load, one, url

ROOT, OTHER, CLERK, OLD = "Root-Pw-123", "Other-Pw-456", "Clerk-Pass1", "Replica-Pw-1"
ACCOUNTS = {"password": ROOT, "users": [{"name": "clerk", "password": CLERK}, {"name": "rdsRepl", "password": OLD}]}


class Pair:
    """`orders` and its DR instance `orders-dr` on one platform, in a relation that was built with root."""

    def __init__(self, client, **relation):
        self.client = client
        load(
            client,
            {"instances": [{"name": name, "solution": "triset", **ACCOUNTS} for name in ("orders", "orders-dr")]},
        )
        if relation.get("disaster_type") != "none":
            load(client, {"dr_relations": [{"name": "pair", "master": "orders", "standby": "orders-dr", **relation}]})
        client.advance(1)
        self.ids = {name: get(client, name)["id"] for name in ("orders", "orders-dr")}

    def set_password(self, user, password):
        reply = self.client.put(url(self.ids["orders"], "db-user/password"), json={"name": user, "password": password})
        assert reply.status_code == 200, reply.text

    def set_builtin(self, **fields):
        reply = self.client.put(url(self.ids["orders"], "db-user/init-password"), json=fields)
        assert reply.status_code == 200, reply.text

    def act(self, operation, name="orders", **body):
        path = f"/gaussdb/v3.6/instances/{self.ids[name]}/disaster-recovery/{operation}"
        return self.client.post(path, json={"disaster_type": "stream", **body})

    def monitor(self, name="orders-dr", kind="stream"):
        path = f"/gaussdb/v3.6/instances/{self.ids[name]}/disaster-recovery/monitor"
        shown = self.client.get(path, params={"disaster_type": kind}).json()
        return shown["status"], int(shown["rpo"])

    def alarms(self):
        reply = self.client.post("/v3/alarm/records", json={"is_active": True, "is_convergence": False})
        assert reply.status_code == 200, reply.text
        return {alarm["alarm_name"] for alarm in reply.json()["records"]}


@pytest.fixture
def pair(fresh):
    return Pair(fresh())


def test_the_password_of_the_account_stops_the_replication_until_it_is_as_before(pair):
    pair.client.advance(100)
    assert pair.monitor() == ("recovering", 0)
    pair.set_password("root", OTHER)
    pair.client.advance(100)
    assert pair.monitor() == ("stopped", 100) and pair.monitor("orders") == ("archive", 100)
    assert "Replication rejected" in pair.alarms()
    # Another wrong password does not make it younger.
    pair.set_password("root", "Third-Pw-789")
    pair.client.advance(50)
    assert pair.monitor()[1] == 150
    pair.set_password("root", ROOT)
    assert pair.monitor() == ("recovering", 0) and "Replication rejected" not in pair.alarms()


def test_rdsrepl_stops_the_replication_and_other_accounts_do_not(pair):
    pair.set_password("clerk", OTHER)
    pair.set_builtin(backup_name="rdsBackup", backup_password=OTHER)
    pair.client.advance(10)
    assert pair.monitor() == ("recovering", 0)
    pair.set_builtin(repl_name="rdsRepl", repl_password=OTHER)
    pair.client.advance(10)
    assert pair.monitor() == ("stopped", 10)


def test_the_account_may_be_another_one_than_root(fresh):
    pair = Pair(fresh(), user="clerk")
    pair.set_password("root", OTHER)
    pair.client.advance(10)
    assert pair.monitor()[1] == 0
    pair.set_password("clerk", OTHER)
    pair.client.advance(10)
    assert pair.monitor()[1] == 10


def test_without_the_account_nothing_is_replicated(fresh):
    pair = Pair(fresh(), user="clerk")
    reply = pair.client.delete(url(pair.ids["orders"], "db-user"), json={"name": "clerk"})
    assert reply.status_code == 200, reply.text
    pair.client.advance(10)
    assert pair.monitor() == ("stopped", 10)


def test_a_switchover_fails_and_a_failover_does_not(pair):
    pair.set_password("root", OTHER)
    job = accepted(pair.client, pair.act("switchover"))
    assert (job["status"], "password" in job["fail_reason"]) == ("Failed", True)
    assert accepted(pair.client, pair.act("failover", "orders-dr", is_support_restore=True))["status"] == "Completed"
    # Rebuilding the relation binds the passwords of that moment.
    assert accepted(pair.client, pair.act("restore", "orders-dr"))["status"] == "Completed"
    assert pair.monitor("orders") == ("recovering", 0)


def test_a_relation_that_was_built_again_has_the_new_password(pair):
    pair.set_password("root", OTHER)
    assert accepted(pair.client, pair.act("release"))["status"] == "Completed"
    standby = get(pair.client, "orders-dr")
    body = {"dr_ip": standby["nodes"][0]["data_ip"], "dr_user_name": "root", "dr_user_password": OTHER}
    assert accepted(pair.client, pair.act("construct", **body))["status"] == "Completed"
    assert pair.monitor() == ("recovering", 0)
    pair.set_password("root", ROOT)
    pair.client.advance(10)
    assert pair.monitor()[1] == 10


def test_a_drill_does_not_hide_it(pair):
    assert accepted(pair.client, pair.act("simulation-start", "orders-dr"))["status"] == "Completed"
    pair.set_password("root", OTHER)
    assert accepted(pair.client, pair.act("simulation-stop", "orders-dr"))["status"] == "Completed"
    status, rpo = pair.monitor()
    assert status == "stopped" and rpo > 0


def test_storage_replication_needs_no_password(fresh):
    pair = Pair(fresh(), disaster_type="dorado")
    pair.set_password("root", OTHER)
    pair.client.advance(10)
    assert pair.monitor(kind="dorado") == ("recovering", 0)


def test_alone_an_instance_may_have_any_password(fresh):
    client = fresh()
    instance_id = one(client, password=ROOT, hosts=None)
    reply = client.put(url(instance_id, "db-user/password"), json={"name": "root", "password": OTHER})
    assert reply.status_code == 200, reply.text
