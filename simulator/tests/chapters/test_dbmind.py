# SPDX-License-Identifier: GPL-3.0-or-later
"""4.6: DBMind instances and what they manage; SQL patches."""

from __future__ import annotations

import pytest
from sample_instances import add_instance

from tpops_simulator.model.dbmind import dump_dbmind_instances
from tpops_simulator.model.entities import SHUTDOWN
from tpops_simulator.model.estate import EstateError, load

LIST = "/v3/db-assist/manageable-instances"


@pytest.fixture
def instance(client):
    client.site.instances.clear()
    client.site._extensions.clear()
    return add_instance(client.site, "orders")


@pytest.fixture
def keeper(client, instance):
    load(client.site, {"dbmind_instances": [{"name": "mind", "manageable_limit": 2}]})
    return client.get("/v3/db-assist/instances").json()["instances"][0]


def refused(reply, code="DBS.200001", status=400):
    assert (reply.status_code, reply.json().get("error_code")) == (status, code), reply.text


def manage(client, keeper, *ids, what="ENABLED"):
    body = {"db_assist_id": keeper["id"], "instance_ids": list(ids), "manage_type": what}
    return client.post("/v3/db-assist/manage-instance", json=body)


def names(client, what, **params):
    reply = client.get(LIST, params={"manage_type": what, **params})
    assert reply.status_code == 200, reply.text
    body = reply.json()
    used, empty = ("managed_instances", "unmanaged_instances")[:: 1 if what == "ENABLED" else -1]
    assert body[empty] == []
    return [i["name"] for i in body[used]]


def test_manage_and_stop(client, instance, keeper):
    assert (keeper["managed_num"], keeper["manageable_limit"], keeper["id"][-4:]) == (0, 2, "in20")
    assert names(client, "DISABLED") == ["orders"]
    reply = manage(client, keeper, instance.id)
    assert reply.status_code == 202
    refused(manage(client, keeper, instance.id), "DBS.200019", 409)
    assert names(client, "ENABLED") == []
    client.advance(60)
    job = client.job(reply.json()["job_id"])
    assert (job["status"], job["instance_id"]) == ("Completed", keeper["id"])
    assert names(client, "ENABLED") == names(client, "ENABLED", db_assist_id=keeper["id"]) == ["orders"]
    assert names(client, "DISABLED") == []
    refused(manage(client, keeper, instance.id))
    manage(client, keeper, instance.id, what="DISABLED")
    client.advance(60)
    assert names(client, "DISABLED", instance_name="ord") == ["orders"]
    refused(manage(client, keeper, instance.id, what="DISABLED"))


def test_refusals(client, instance, keeper):
    refused(manage(client, {"id": "none"}, instance.id), "DBS.200044")
    refused(manage(client, keeper, "none"), "DBS.200002")
    refused(manage(client, keeper))
    refused(client.get(LIST))
    refused(client.get(LIST, params={"manage_type": "ENABLED", "db_assist_id": "none"}), "DBS.200044")
    others = [add_instance(client.site, f"other-{n}", f"192.0.{n}").id for n in (3, 4)]
    refused(manage(client, keeper, instance.id, *others), "DBS.06280028")
    instance.data["os_arch"] = "aarch64"
    assert names(client, "DISABLED", db_assist_id=keeper["id"]) == ["other-3", "other-4"]
    refused(manage(client, keeper, instance.id))
    instance.data["os_arch"] = "x86"
    instance.status = SHUTDOWN
    refused(manage(client, keeper, instance.id), "DBS.216009")
    del client.site.instances[others[0]]
    assert names(client, "DISABLED", limit=1, offset=1) == ["other-4"]


def test_failed_task_changes_nothing(client, instance, keeper):
    job_id = manage(client, keeper, instance.id).json()["job_id"]
    client.site.fail_job(job_id, "no agent")
    assert names(client, "ENABLED") == []


def test_estate(client, instance):
    entry = {"id": "m1", "name": "m", "arch": "ARM", "status": "FAILED", "manageable_limit": 3, "managed": ["orders"]}
    load(client.site, {"dbmind_instances": [entry]})
    assert dump_dbmind_instances(client.site) == [entry]
    found = client.get("/v3/db-assist/instances", params={"instance_name": "m"}).json()["instances"][0]
    assert (found["instance_status"], found["managed_num"]) == ("FAILED", 1)
    refused(manage(client, found, instance.id, what="DISABLED"), "DBS.280011")
    for bad in ({"name": "x", "managed": ["none"]}, {"name": "x", "color": 1}, {}):
        with pytest.raises(EstateError):
            load(client.site, {"dbmind_instances": [bad]})


def patch(client, instance, **changes):
    body = {"node_id": instance.nodes[0].id, "sql_id": "123", "patch_name": "p1", "hint": "indexscan(t1)"}
    return client.post(f"/gaussdb/v3/instances/{instance.id}/sql-patch", json={**body, **changes})


def read(client, instance, **options):
    return client.get(f"/gaussdb/v3/instances/{instance.id}/sql-patch", **options)


def handle(client, instance, action, **changes):
    body = {"node_id": instance.nodes[0].id, "sql_id": "123", "patch_name": "p1", "action": action, **changes}
    return client.post(f"/gaussdb/v3/instances/{instance.id}/handle-sql-patch", json=body)


def test_life_of_a_patch(client, instance):
    where = {"node_id": instance.nodes[0].id, "sql_id": "123"}
    refused(read(client, instance, json=where), "DBS.200044")
    reply = patch(client, instance)
    assert (reply.status_code, reply.text) == (200, "success")
    expected = {"patch_name": "p1", "hint": "indexscan(t1)", "patch_status": "enabled"}
    assert read(client, instance, json=where).json() == read(client, instance, params=where).json() == expected
    for action, status in (("close", "disabled"), ("close", "disabled"), ("open", "enabled")):
        assert handle(client, instance, action).text == "success"
        assert read(client, instance, json=where).json()["patch_status"] == status
    refused(handle(client, instance, "drop", patch_name="p2"), "DBS.6013036")
    refused(handle(client, instance, "burn"))
    assert handle(client, instance, "drop").text == "success"
    refused(handle(client, instance, "drop"), "DBS.200044")
    assert patch(client, instance, enabled=False).status_code == 200
    assert read(client, instance, json=where).json()["patch_status"] == "disabled"


@pytest.mark.parametrize("character", ' ;<>\\"{}[]~?!\n')
def test_hint_characters(client, instance, character):
    for hint in (f"a{character}b", f"ab{character}"):
        refused(patch(client, instance, hint=hint), "DBS.6013037")


def test_bad_patches(client, instance):
    patch(client, instance)
    refused(patch(client, instance, sql_id="456"), "DBS.6013035")
    reply = patch(client, instance, patch_name="p2")
    refused(reply, "DBS.6013038")
    assert "duplicate" in reply.json()["error_msg"]
    refused(patch(client, instance, node_id="x"), "DBS.216030")
    refused(patch(client, instance, patch_name=" "), "DBS.6013036")
    refused(patch(client, instance, patch_name="p" * 64), "DBS.6013036")
    for hint in ("", "h" * 1025):
        refused(patch(client, instance, hint=hint), "DBS.6013037")
    refused(patch(client, instance, enabled="yes"))
    refused(read(client, instance))
    refused(read(client, instance, params={"node_id": instance.nodes[0].id}))
    refused(read(client, instance, json={"node_id": instance.nodes[0].id}))
    instance.status = SHUTDOWN
    refused(patch(client, instance), "DBS.280011")
