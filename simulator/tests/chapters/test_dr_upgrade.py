# SPDX-License-Identifier: GPL-3.0-or-later
"""Upgrades of the two instances of a relation (4.11.18, 4.18)."""

from __future__ import annotations

import pytest
from instance_helpers import accepted, code, get, load, url

NEW = "3.200.0"


class Pair:
    """`orders` and its DR instance `orders-dr` on one platform, both with two zones and the old version."""

    def __init__(self, client, disaster_type="stream"):
        self.client = client
        shape = {"solution": "triset", "version": "3.103.0", "data_center": ["a", "b"]}
        load(client, {"instances": [{"name": name, **shape} for name in ("orders", "orders-dr")]})
        relation = {"name": "pair", "master": "orders", "standby": "orders-dr", "disaster_type": disaster_type}
        load(client, {"dr_relations": [relation]})
        client.advance(1)
        self.ids = {name: get(client, name)["id"] for name in ("orders", "orders-dr")}

    def upgrade(self, name, action, zones=None, kind="grey", target=NEW):
        body = {"target_version": target, "upgrade_type": kind, "upgrade_action": action, "upgrade_az": zones}
        body = {key: value for key, value in body.items() if value is not None}
        return self.client.put(url(self.ids[name], "db-upgrade", "/gaussdb/v3.1"), json=body)

    def take(self, *steps):
        for name, action in steps:
            accepted(self.client, self.upgrade(name, action, "a,b" if action == "upgrade" else None))

    def refused(self, name, action, zones=None, **more):
        return code(self.upgrade(name, action, zones, **more))

    def enabled(self, name):
        shown = self.client.get(url(self.ids[name], "db-upgrade/candidate-versions")).json()
        return {
            f"{kind['upgrade_type']}/{action['upgrade_action']}"
            for kind in shown["upgrade_type_list"]
            for action in kind["upgrade_action_list"] or ()
            if action["enable"]
        }

    def version(self, name):
        return get(self.client, name)["datastore"]["version"]

    def act(self, operation, name="orders", **body):
        path = f"/gaussdb/v3.6/instances/{self.ids[name]}/disaster-recovery/{operation}"
        return self.client.post(path, json={"disaster_type": "stream", **body})

    def rpo(self):
        path = f"/gaussdb/v3.6/instances/{self.ids['orders-dr']}/disaster-recovery/monitor"
        return int(self.client.get(path, params={"disaster_type": "stream"}).json()["rpo"])


@pytest.fixture
def pair(fresh):
    return Pair(fresh())


@pytest.fixture
def dorado(fresh):
    return Pair(fresh(), "dorado")


def test_the_primary_is_upgraded_first_and_committed_last(pair):
    assert pair.enabled("orders") == {"grey/upgrade"} and pair.enabled("orders-dr") == set()
    assert pair.refused("orders-dr", "upgrade", "a") == "DBS.280660"
    accepted(pair.client, pair.upgrade("orders", "upgrade", "a"))
    assert pair.refused("orders-dr", "upgrade", "a") == "DBS.280660"
    accepted(pair.client, pair.upgrade("orders", "upgrade", "b"))
    assert pair.enabled("orders") == {"grey/rollback"} and pair.enabled("orders-dr") == {"grey/upgrade"}
    pair.take(("orders-dr", "upgrade"))
    assert pair.refused("orders", "commit") == "DBS.280660"
    assert pair.refused("orders", "rollback") == "DBS.280660"
    pair.take(("orders-dr", "commit"))
    assert pair.enabled("orders") == {"grey/commit"}
    assert pair.refused("orders", "rollback") == "DBS.280660"
    pair.take(("orders", "commit"))
    assert (pair.version("orders"), pair.version("orders-dr")) == (NEW, NEW)


def test_the_way_back_begins_at_the_dr_instance(pair):
    pair.take(("orders", "upgrade"), ("orders-dr", "upgrade"))
    assert pair.enabled("orders-dr") == {"grey/commit", "grey/rollback"}
    pair.take(("orders-dr", "rollback"), ("orders", "rollback"))
    assert get(pair.client, "orders")["status"] == get(pair.client, "orders-dr")["status"] == "ACTIVE"


def test_both_get_the_same_version(pair):
    load(pair.client, {"engine_versions": ["3.103.0", "3.200.0", "3.300.0"]})
    pair.take(("orders", "upgrade"))
    assert pair.refused("orders-dr", "upgrade", "a,b", target="3.300.0") == "DBS.280660"


def test_storage_replication_follows_a_primary_that_is_committed(dorado):
    dorado.take(("orders", "upgrade"))
    assert dorado.refused("orders-dr", "upgrade", "a,b") == "DBS.280660"
    dorado.take(("orders", "commit"), ("orders-dr", "upgrade"), ("orders-dr", "commit"))
    assert dorado.version("orders-dr") == NEW


@pytest.mark.parametrize("name", ["orders", "orders-dr"])
def test_nothing_upgrades_a_member_at_once(pair, name):
    for kind, action in (("inplace", None), ("inplace", "upgradeAutoCommit"), ("grey", "upgradeAutoCommit")):
        assert pair.refused(name, action, kind=kind) == "DBS.280657"


def test_hotfixes_are_nothing_to_a_relation(pair):
    load(pair.client, {"engine_versions": ["3.103.0", "3.103.0.1", "3.200.0"]})
    for name in ("orders-dr", "orders"):
        accepted(pair.client, pair.upgrade(name, "upgradeAutoCommit", kind="hotfix", target="3.103.0.1"))


def test_the_roles_stay_until_both_have_one_version(pair):
    pair.take(("orders", "upgrade"))
    for operation, body in (("switchover", {}), ("simulation-start", {"xlog_keep_ratio": 10})):
        assert code(pair.act(operation, **body)) == "DBS.216009"
    pair.take(("orders-dr", "upgrade"), ("orders-dr", "commit"))
    assert code(pair.act("switchover")) == "DBS.216009"
    pair.take(("orders", "commit"))
    accepted(pair.client, pair.act("switchover"))


def test_no_upgrade_begins_in_a_drill(pair):
    accepted(pair.client, pair.act("simulation-start", xlog_keep_ratio=10))
    assert pair.refused("orders", "upgrade", "a") == "DBS.280660"
    assert pair.enabled("orders") == set()


def test_a_failover_ends_the_order(pair):
    pair.take(("orders", "upgrade"), ("orders-dr", "upgrade"))
    accepted(pair.client, pair.act("failover", "orders-dr", is_support_restore=True))
    assert code(pair.act("restore", "orders-dr")) == "DBS.216009"
    pair.take(("orders", "rollback"), ("orders-dr", "rollback"))
    accepted(pair.client, pair.act("restore", "orders-dr"))


def test_the_dr_instance_falls_behind_while_it_is_upgraded(pair):
    reply = pair.upgrade("orders", "upgrade", "a,b")
    pair.client.advance(100)
    assert pair.rpo() == 0
    accepted(pair.client, reply)
    reply = pair.upgrade("orders-dr", "upgrade", "a,b")
    pair.client.advance(100)
    assert pair.rpo() == 100
    accepted(pair.client, reply)
    assert pair.rpo() == 0
