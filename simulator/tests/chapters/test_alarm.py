# SPDX-License-Identifier: GPL-3.0-or-later
"""4.14: alarms appear and clear with their cause; policies are copied."""

from __future__ import annotations

import pytest
from sample_instances import add_instance

from tpops_simulator.model.alarms import dump_alarm_policies
from tpops_simulator.model.entities import ACTIVE, HOST_INITIALIZE_FAILED, SHUTDOWN, Host
from tpops_simulator.model.estate import EstateError, dump, load


@pytest.fixture
def instance(client):
    site = client.site
    for collection in (site.instances, site.hosts, site.jobs, site._extensions):
        collection.clear()
    return add_instance(site, "orders")


def refused(reply, code="DBS.200001", status=400):
    assert (reply.status_code, reply.json().get("error_code")) == (status, code), reply.text


def alarms(client, active=True, grouped=False, language="en-us", **more):
    body = {"is_active": active, "is_convergence": grouped, **more}
    reply = client.post("/v3/alarm/records", json=body, headers={"X-Language": language})
    assert reply.status_code == 200, reply.text
    return reply.json()["records"]


def counts(client):
    body = client.get("/v3/alarm/records/statistic").json()
    return tuple(
        {e["severity"]: e["count"] for e in body[f"{who}_severity_statistics"] if e["count"]}
        for who in ("system", "instance")
    )


def test_an_alarm_appears_and_clears(client, instance):
    assert alarms(client) == []
    instance.nodes[1].status = "FAILED"
    raised = alarms(client)[0]
    assert (raised["alarm_name"], raised["status"], raised["severity"]) == ("Node down", "activated", "major")
    assert (raised["instance_name"], raised["host_ip"]) == ("orders", instance.nodes[1].manage_ip)
    assert raised["clear_alarm_time"] is None and instance.nodes[1].name in raised["description"]
    client.advance(600)
    again = alarms(client)[0]
    assert (again["id"], again["first_alarm_time"]) == (raised["id"], raised["first_alarm_time"])
    assert again["alarm_duration"] == "600"
    assert alarms(client, language="zh-cn")[0]["alarm_name"] == "节点异常"
    assert counts(client) == ({}, {"major": 1})
    instance.nodes[1].status = ACTIVE
    assert alarms(client) == []
    past = alarms(client, active=False)[0]
    assert (past["id"], past["status"]) == (raised["id"], "recovered") and past["clear_alarm_time"]
    assert counts(client) == ({}, {})


def fill(client, percent, node=1):
    entry = {"instance": "orders", "node": node, "percent": percent}
    load(client.site, {"disk_usage": [entry]})


def test_a_disk_that_fills(client, instance):
    fill(client, 79)
    assert alarms(client) == []
    fill(client, 82.5)
    client.advance(60)
    (raised,) = alarms(client)
    assert (raised["alarm_type"], raised["host_ip"]) == ("metric", instance.nodes[1].manage_ip)
    assert "82.5 percent" in raised["description"] and raised["alarm_duration"] == "60"
    assert instance.status == ACTIVE
    fill(client, 96)
    (again,) = alarms(client)
    assert again["id"] == raised["id"] and "96 percent" in again["description"]
    assert instance.status == "STORAGE FULL"
    kept = dump(client.site)["disk_usage"]
    assert kept == [{"instance": "orders", "node": instance.nodes[1].manage_ip, "percent": 96.0}]
    reply = client.post(f"/gaussdb/v3/instances/{instance.id}/database", json={"name": "shop"})
    refused(reply, "DBS.280011")
    fill(client, None)
    assert (alarms(client), instance.status) == ([], ACTIVE)
    assert alarms(client, active=False)[0]["status"] == "recovered"
    for wrong in ({"percent": 101}, {"node": 9}, {"instance": "none"}, {"percent": "much"}, {"colour": 1}):
        entry = {"instance": "orders", "node": 1, "percent": 50, **wrong}
        with pytest.raises(EstateError):
            load(client.site, {"disk_usage": [entry]})


def test_groups_and_pages(client, instance):
    other = add_instance(client.site, "billing", "192.0.3")
    for node in (*instance.nodes[1:], other.nodes[0]):
        node.status = "FAILED"
    lines = alarms(client, grouped=True)
    assert sorted((line["instance_name"], line["alarm_items_sum"]) for line in lines) == [("billing", 1), ("orders", 2)]
    assert "description" not in lines[0]
    one = alarms(client, alarm_id=lines[0]["alarm_id"], instance_id=other.id)
    assert [a["instance_name"] for a in one] == ["billing"]
    assert len(alarms(client, instance_id=other.id)) == 3
    pages = [alarms(client, limit=2, offset=n) for n in (0, 1, 2)]
    assert [len(page) for page in pages] == [2, 1, 0]
    for bad in ({"limit": 0}, {"limit": 101}, {"offset": -1}, {"is_active": None}):
        body = {"is_active": True, "is_convergence": True, **bad}
        refused(client.post("/v3/alarm/records", json=body), "DBS.280439" if "limit" in bad else "DBS.200001")


def test_failed_tasks_and_hosts(client, instance):
    job = client.site.start_job("BackupSnapshot", instance_id=instance.id, seconds=60)
    assert alarms(client) == []
    client.site.fail_job(job.id, "disk {full}")
    assert alarms(client)[0]["description"] == "Task BackupSnapshot failed: disk {full}"
    client.site.hosts["h"] = Host("h", "h", "192.0.2.200", status=HOST_INITIALIZE_FAILED)
    host = next(a for a in alarms(client) if a["alarm_type"] == "system-event")
    assert (host["instance_id"], host["host_ip"]) == (None, "192.0.2.200")
    assert counts(client) == ({"minor": 1}, {"major": 1})
    client.advance(86400)
    client.login()
    assert [a["alarm_type"] for a in alarms(client)] == ["system-event"]


def test_stopped_instance(client, instance):
    instance.status = SHUTDOWN
    for node in instance.nodes:
        node.status = SHUTDOWN
    assert [(a["severity"], a["alarm_name"]) for a in alarms(client)] == [("critical", "Instance unavailable")]


def test_policies(client, instance):
    other = add_instance(client.site, "billing", "192.0.3")
    policy = {"instance": "orders", "configured": True, "disabled": ["5010001"], "severities": {"5010002": "notice"}}
    load(client.site, {"alarm_policies": [policy]})
    other.nodes[0].status = "FAILED"
    other.status = "FAILED"
    assert {a["severity"] for a in alarms(client)} == {"major", "critical"}
    body = {"source_id": instance.id, "target_instance_ids": [other.id]}
    reply = client.post("/v3/alarm/update/configs", json=body)
    assert (reply.status_code, reply.json()) == (200, True)
    assert [a["alarm_name"] for a in alarms(client)] == ["Instance unavailable"]
    assert alarms(client, active=False)[0]["status"] == "clear"
    assert dump_alarm_policies(client.site) == [policy, {**policy, "instance": "billing"}]
    refused(client.post("/v3/alarm/update/configs", json={**body, "source_id": "x"}), "DBS.200002")
    refused(client.post("/v3/alarm/update/configs", json={**body, "target_instance_ids": ["x"]}), "DBS.200002")
    refused(client.post("/v3/alarm/update/configs", json={**body, "target_instance_ids": []}))
    load(client.site, {"alarm_policies": [{"instance": "orders", "configured": False}]})
    refused(client.post("/v3/alarm/update/configs", json=body), "DBS.00100003")


def test_estate(client, instance):
    entries = [
        {"instance": "orders", "alarm_id": "5010099", "name": "CPU usage", "severity": "minor", "age_seconds": 60},
        {"alarm_id": "7", "description": "The platform is tired."},
    ]
    load(client.site, {"alarms": entries})
    client.advance(10)
    found = {a["alarm_id"]: a for a in alarms(client)}
    assert (found["5010099"]["alarm_type"], found["5010099"]["alarm_duration"]) == ("metric", "70")
    assert (found["7"]["alarm_type"], found["7"]["description"]) == ("system", "The platform is tired.")
    assert counts(client) == ({"major": 1}, {"minor": 1})
    for key, bad in (
        ("alarms", {"alarm_id": "1", "instance": "none"}),
        ("alarms", {"alarm_id": "1", "severity": "huge"}),
        ("alarms", {"alarm_id": "1", "type": "huge"}),
        ("alarms", {"color": 1}),
        ("alarm_policies", {"instance": "none"}),
        ("alarm_policies", {"instance": "orders", "severities": {"1": "huge"}}),
    ):
        with pytest.raises(EstateError):
            load(client.site, {key: [bad]})
