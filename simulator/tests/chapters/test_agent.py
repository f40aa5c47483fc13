# SPDX-License-Identifier: GPL-3.0-or-later
"""4.13: agents of instances, single and in batch."""

from __future__ import annotations

import pytest
from sample_instances import add_instance

from tpops_simulator.model.agents import INSTALLED, PACKAGE, dump_agents
from tpops_simulator.model.entities import SHUTDOWN
from tpops_simulator.model.estate import EstateError, load


@pytest.fixture
def instance(client):
    client.site.instances.clear()
    client.site._extensions.clear()
    return add_instance(client.site, "orders")


def refused(reply, code="DBS.200001", status=400):
    assert (reply.status_code, reply.json().get("error_code")) == (status, code), reply.text


def listed(client, **params):
    reply = client.get("/v3/instances", params=params)
    assert reply.status_code == 200, reply.text
    return reply.json()["instance_list"]


def upgrade(client, instance):
    return client.post(f"/gaussdb/v3/instances/{instance.id}/agent/upgrade")


def batch(client, body):
    return client.post("/v3/instances/agent/batch-upgrade", json=body)


def test_upgrade(client, instance):
    found = listed(client)[0]
    assert found["agent_info"] == {
        "upgrade_status": "Completed",
        "current_agent_version": INSTALLED,
        "target_agent_version": PACKAGE,
    }
    assert (found["mode"], found["status"]) == ("Ha", "ACTIVE")
    reply = upgrade(client, instance)
    assert reply.status_code == 200 and client.job(reply.json()["job_id"])["instance_id"] == instance.id
    refused(upgrade(client, instance), "DBS.200019", 409)
    nodes = client.get(f"/gaussdb/v3/instances/{instance.id}/agent/status").json()["node_list"]
    assert {(n["agent_status"], n["agent_info"]["upgrade_status"]) for n in nodes} == {("UPGRADING", "Running")}
    client.advance(60)
    nodes = client.get(f"/gaussdb/v3/instances/{instance.id}/agent/status").json()["node_list"]
    assert {n["agent_info"]["current_agent_version"] for n in nodes} == {PACKAGE}
    assert [n["role"] for n in nodes] == ["master", "slave", "slave"]
    refused(upgrade(client, instance), "DBS.06025016")


@pytest.mark.parametrize("bare", [True, False])
def test_batch(client, instance, bare):
    other = add_instance(client.site, "billing", "192.0.3")
    ids = [instance.id, other.id]
    reply = batch(client, ids if bare else {"instance_ids": ids})
    assert reply.status_code == 202, reply.text
    refused(upgrade(client, other), "DBS.200019", 409)
    refused(batch(client, [other.id]), "DBS.200019", 409)
    client.advance(60)
    assert client.job(reply.json()["job_id"])["status"] == "Completed"
    assert not client.site.running_jobs(other.id)
    assert {i["agent_info"]["current_agent_version"] for i in listed(client)} == {PACKAGE}


def test_failed_upgrade(client, instance):
    other = add_instance(client.site, "billing", "192.0.3")
    job_id = batch(client, {"instance_ids": [instance.id, other.id]}).json()["job_id"]
    client.site.fail_job(job_id, "no space")
    assert [i["name"] for i in listed(client, upgrade_status="Failed")] == ["orders", "billing"]
    assert not client.site.running_jobs(other.id)
    assert upgrade(client, instance).status_code == 200


def test_refusals(client, instance):
    other = add_instance(client.site, "billing", "192.0.3", status=SHUTDOWN)
    refused(upgrade(client, other), "DBS.06025017")
    refused(batch(client, [instance.id, other.id]), "DBS.06025017")
    refused(batch(client, [instance.id, "x"]), "DBS.200002")
    assert not client.site.running_jobs(instance.id)
    instance.nodes[1].status = "FAILED"
    refused(upgrade(client, instance), "DBS.06025017")
    refused(batch(client, []))
    refused(batch(client, {"ids": [instance.id]}))
    load(client.site, {"agents": {"package": None}})
    refused(upgrade(client, instance), "DBS.06025048")


def test_filters(client, instance):
    add_instance(client.site, "billing", "192.0.3", "hcs2", version="3.103.0")
    assert [i["name"] for i in listed(client, instance_name="bil")] == ["billing"]
    assert [i["mode"] for i in listed(client, engine_version="3.103.0")] == ["Enterprise"]
    assert [i["name"] for i in listed(client, instance_id=instance.id)] == ["orders"]
    assert listed(client, instance_status="SHUTDOWN") == listed(client, engine_name="other") == []
    assert [i["name"] for i in listed(client, offset=1, limit=1)] == ["billing"]
    assert client.get("/v3/instances", params={"limit": 101}).status_code == 400


def test_estate(client, instance):
    given = {"package": "agent_9", "instances": {"orders": "agent_8"}}
    load(client.site, {"agents": given})
    assert dump_agents(client.site) == given
    assert listed(client)[0]["agent_info"]["current_agent_version"] == "agent_8"
    for bad in ({"instances": {"none": "1"}}, {"color": 1}):
        with pytest.raises(EstateError):
            load(client.site, {"agents": bad})
