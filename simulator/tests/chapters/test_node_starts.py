# SPDX-License-Identifier: GPL-3.0-or-later
"""Nodes that do not come up, or late (estate key `node_failures`; 4.11.9 to 4.11.11, 4.11.14, 4.11.16, 4.11.19)."""

from __future__ import annotations

import pytest
from instance_helpers import accepted, address, estate, get, load, one, url


class Orders:
    def __init__(self, client):
        self.client = client
        load(client, estate())
        self.id = one(client)
        self.node = get(client, "orders")["nodes"][1]["id"]

    def order(self, node=1, **entry):
        load(self.client, {"node_failures": [{"instance": "orders", "node": node, **entry}]})

    def shows(self):
        shown = get(self.client, "orders")
        return shown["status"], [node["status"] for node in shown["nodes"]]

    def stop(self):
        assert accepted(self.client, self._post("db-stop"))["status"] == "Completed"

    def start(self, *nodes):
        return accepted(self.client, self._post("db-startup", *nodes or (self.node,)))

    def restart(self):
        return accepted(self.client, self.client.post(url(self.id, "restart"), json={}))

    def repair(self):
        reply = self.client.post(url(self.id, "nodes/repair"), json={"node_ids": [self.node]})
        self.client.advance(1000)
        return self.client.job(reply.json()["repair_nodes"][0]["job_id"])

    def _post(self, tail, *nodes):
        return self.client.post(url(self.id, tail), json={"node_ids": list(nodes or (self.node,))})


@pytest.fixture
def orders(fresh):
    return Orders(fresh())


UP, ONE_DOWN = ("ACTIVE", ["ACTIVE"] * 3), ("ACTIVE", ["ACTIVE", "FAILED", "ACTIVE"])


def test_a_node_that_stays_down_is_only_replaced(orders):
    orders.order(at="start", stays=True)
    assert orders.shows() == UP
    orders.stop()
    job = orders.start()
    assert job["status"] == "Failed" and "did not come up" in job["fail_reason"]
    assert orders.shows() == ONE_DOWN
    assert orders.start()["status"] == "Failed" and orders.repair()["status"] == "Failed"
    assert orders.restart()["status"] == "Failed"
    assert orders.shows() == ONE_DOWN
    reply = orders.client.post(
        url(orders.id, "nodes/replacement", "/v3"), json={"node_ids": [orders.node], "manage_ips": [address(5)]}
    )
    assert reply.status_code == 202, reply.text
    orders.client.advance(1000)
    assert orders.shows() == UP


def test_the_attempt_that_was_ordered_succeeds(orders):
    orders.order(until=3)
    assert orders.shows() == ONE_DOWN
    assert [orders.start()["status"], orders.restart()["status"]] == ["Failed", "Failed"]
    assert orders.shows() == ONE_DOWN
    assert orders.repair()["status"] == "Completed"
    assert orders.shows() == UP
    # The order has ended.
    orders.stop()
    assert orders.start()["status"] == "Completed" and orders.shows() == UP


def test_a_restart_of_a_node_can_fail_too(orders):
    orders.order(at="start", until=2)
    assert orders.start()["status"] == "Failed" and orders.shows() == ONE_DOWN
    assert orders.start()["status"] == "Completed" and orders.shows() == UP


def test_the_other_nodes_come_up(orders):
    orders.order(at="start", stays=True)
    nodes = [node["id"] for node in get(orders.client, "orders")["nodes"]]
    accepted(orders.client, orders._post("db-stop", *nodes))
    assert orders.shows()[0] == "SHUTDOWN"
    job = accepted(orders.client, orders.client.post(url(orders.id, "db-startup"), json={"node_ids": []}))
    assert job["status"] == "Failed" and orders.shows() == ONE_DOWN


def test_a_node_that_comes_up_late(orders):
    orders.order(at="start", after_seconds=5000)
    orders.stop()
    assert orders.start()["status"] == "Completed" and orders.shows() == ONE_DOWN
    orders.client.advance(5000)
    assert orders.shows() == UP


def test_an_order_is_ended_by_another_one(orders):
    orders.order(at="start", after_seconds=5000)
    orders.stop()
    orders.start()
    orders.order(recovered=True)
    assert orders.shows() == UP
    orders.order()
    orders.client.advance(9000)
    assert orders.shows() == ONE_DOWN


@pytest.mark.parametrize("seconds", [0, 60])
def test_a_task_without_duration_fails_as_well(orders, seconds):
    load(orders.client, {"job_seconds": {"StartGaussDBV5Instance": seconds}})
    orders.order(at="start", stays=True)
    orders.stop()
    assert orders.start()["status"] == "Failed" and orders.shows() == ONE_DOWN


def test_zones_that_are_started_by_force_or_come_back(orders):
    orders.order(node=0)
    orders.order(node=2)
    orders.order(node=1, at="start", until=2)

    def work(operation, zone):
        body = {"operation": operation, "availability_zone_id": zone}
        return accepted(orders.client, orders.client.post(url(orders.id, "repair", "/v3"), json=body), 200)["status"]

    assert work("forceStart", "west") == "Failed" and orders.shows()[0] == "FAILED"
    assert orders.repair()["status"] == "Completed" and orders.shows() == ("ACTIVE", ["FAILED", "ACTIVE", "FAILED"])
    orders.order(node=2, stays=True)
    assert work("resume", "east") == "Failed" and orders.shows() == ("ACTIVE", ["ACTIVE", "ACTIVE", "FAILED"])
