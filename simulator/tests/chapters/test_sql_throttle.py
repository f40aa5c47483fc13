# SPDX-License-Identifier: GPL-3.0-or-later
"""4.7: throttling tasks of the three kinds, and the templates they need."""

from __future__ import annotations

import pytest
from sample_instances import add_instance

from tpops_simulator.model.entities import SHUTDOWN


@pytest.fixture
def instance(client):
    client.site.instances.clear()
    client.site._extensions.clear()
    return add_instance(client.site, "orders")


def refused(reply, code="DBS.200001", status=400):
    assert (reply.status_code, reply.json().get("error_code")) == (status, code), reply.text


def moment(client, seconds):
    return client.site.clock.iso(client.site.clock.now() + seconds)


def sql_type(client, **changes):
    body = {
        "task_scope": "SQL",
        "limit_type": "SQL_TYPE",
        "limit_type_value": "select",
        "task_name": "reports",
        "key_words": "order_items, state",
        "databases": "shop",
        "parallel_size": 5,
        "start_time": moment(client, 60),
        "end_time": moment(client, 3600),
    }
    return {k: v for k, v in {**body, **changes}.items() if v is not None}


def session(**changes):
    body = {
        "task_scope": "SESSION",
        "limit_type": "SESSION_ACTIVE_MAX_COUNT",
        "limit_type_value": "CPU_OR_MEMORY",
        "task_name": "guard",
        "cpu_utilization": 80,
        "memory_utilization": 0,
        "parallel_size": 100,
    }
    return {k: v for k, v in {**body, **changes}.items() if v is not None}


def create(client, instance, body):
    return client.post(f"/gaussdb/v3/instances/{instance.id}/limit-task", json=body)


def listed(client, instance, **params):
    reply = client.get(f"/gaussdb/v3/instances/{instance.id}/limit-task-list", params=params)
    assert reply.status_code == 200, reply.text
    return reply.json()["limit_task_list"]


def templates(client, instance, node, **params):
    path = f"/gaussdb/v3/instances/{instance.id}/list-node-limit-sql-model"
    return client.get(path, params={"node_id": node.id, **params})


def test_life_of_a_task(client, instance):
    reply = create(client, instance, sql_type(client))
    assert reply.status_code == 200, reply.text
    made = reply.json()
    assert (made["status"], made["key_words"], made["creator"]) == ("CREATING", "order_items, state", "admin")
    states = []
    for seconds in (10, 60, 4000):
        client.advance(seconds)
        states.append(listed(client, instance)[0]["status"])
    assert states == ["WAIT_EXCUTE", "EXCUTING", "TIME_OVER"]
    path = f"/gaussdb/v3/instances/{instance.id}/limit-task/{made['task_id']}"
    reply = client.delete(path)
    assert (reply.status_code, reply.content) == (200, b"")
    assert listed(client, instance) == []
    refused(client.delete(path), "DBS.280005", 500)
    refused(client.delete(path[:-4] + "0000"), "DBS.06010013")


def test_session_task_needs_no_times(client, instance):
    made = create(client, instance, session()).json()
    assert (made["cpu_utilization"], made["memory_utilization"], made["start_time"]) == (80, None, None)
    client.advance(5)
    assert listed(client, instance)[0]["status"] == "EXCUTING"


def test_one_statement(client, instance):
    node = instance.nodes[0]
    found = templates(client, instance, node, sql_model="ORDER_ITEMS set").json()
    assert found["total_count"] == 1
    template = found["node_limit_sql_model_list"][0]
    body = sql_type(
        client,
        limit_type="SQL_ID",
        limit_type_value=template["sql_id"],
        key_words=None,
        sql_model=template["sql_model"],
        node_infos=[{"node_id": node.id, "sql_id": template["sql_id"]}],
        start_time=moment(client, 0),
    )
    made = create(client, instance, body)
    assert made.status_code == 200, made.text
    assert made.json()["node_infos"] == body["node_infos"]
    client.advance(5)
    assert listed(client, instance)[0]["status"] == "EXCUTING"
    node.status = SHUTDOWN
    assert listed(client, instance)[0]["status"] == "NODE_SHUT_DOWN"
    refused(create(client, instance, {**body, "task_name": "b", "sql_model": ""}))
    refused(create(client, instance, {**body, "task_name": "b", "limit_type_value": "1"}))
    refused(
        create(client, instance, {**body, "task_name": "b", "node_infos": [{"node_id": "x", "sql_id": "1"}]}),
        "DBS.216030",
    )
    # A node that only votes runs no statement.
    instance.nodes[1].components[:] = []
    voter = [{"node_id": instance.nodes[1].id, "sql_id": template["sql_id"]}]
    refused(create(client, instance, {**body, "task_name": "b", "node_infos": voter}))


@pytest.mark.parametrize(
    "changes",
    [
        {"limit_type": "SESSION_ACTIVE_MAX_COUNT"},
        {"limit_type_value": "drop"},
        {"task_name": "with-hyphen"},
        {"task_name": ""},
        {"parallel_size": -1},
        {"parallel_size": 2147483648},
        {"key_words": "single"},
        {"key_words": "ab,c"},
        {"key_words": "ab,c d"},
        {"key_words": "ab,null"},
        {"key_words": 'ab,c"d'},
        {"key_words": ",".join(["ab"] * 101)},
        {"key_words": None},
        {"databases": None},
        {"start_time": None},
        {"end_time": None},
        {"start_time": "2026-01-01"},
        {"start_time": "2020-01-01T00:00:00Z"},
        {"end_time": "2020-01-01T00:00:00Z"},
    ],
)
def test_bad_sql_type(client, instance, changes):
    refused(create(client, instance, sql_type(client, **changes)))
    assert listed(client, instance) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"limit_type_value": "CPU"},
        {"cpu_utilization": None},
        {"memory_utilization": None},
        {"cpu_utilization": 0},
        {"cpu_utilization": 100},
        {"limit_type": "SQL_TYPE"},
    ],
)
def test_bad_session(client, instance, changes):
    refused(create(client, instance, session(**changes)))


def test_duplicates_and_states(client, instance):
    assert create(client, instance, session()).status_code == 200
    refused(create(client, instance, session()))
    other = add_instance(client.site, "billing", "192.0.3")
    assert create(client, other, session()).status_code == 200
    other.status = SHUTDOWN
    refused(create(client, other, session(task_name="more")), "DBS.280011")
    assert len(listed(client, other)) == 1


def test_filters(client, instance):
    create(client, instance, session())
    create(client, instance, sql_type(client))
    rule = listed(client, instance, task_name="gua")[0]["rule_name"]
    for params in (
        {"rule_name": rule},
        {"task_scope": "SESSION"},
        {"limit_type": "SESION_ACTIVE_MAX_COUNT"},
        {"limit_type_value": "CPU"},
    ):
        assert [t["task_name"] for t in listed(client, instance, **params)] == ["guard"], params
    span = {"start_time": moment(client, 0), "end_time": moment(client, 7200)}
    assert [t["task_name"] for t in listed(client, instance, **span)] == ["reports"]
    assert [t["task_name"] for t in listed(client, instance, offset=1, limit=1)] == ["guard"]
    assert listed(client, instance, sql_model="select") == []
    path = f"/gaussdb/v3/instances/{instance.id}/limit-task-list"
    for bad in ({"limit": 101}, {"offset": 10001}, {"task_scope": "ALL"}):
        assert client.get(path, params=bad).status_code == 400


def test_templates(client, instance):
    assert templates(client, instance, instance.nodes[1]).json()["node_limit_sql_model_list"] == []
    page = templates(client, instance, instance.nodes[0], limit=2, offset=1).json()
    assert (len(page["node_limit_sql_model_list"]), page["limit"], page["offset"]) == (2, 2, 1)
    refused(templates(client, instance, instance.nodes[0], sql_model="a'b"))
    path = f"/gaussdb/v3/instances/{instance.id}/list-node-limit-sql-model"
    refused(client.get(path, params={"node_id": "x"}), "DBS.216030")
    refused(client.get(path))
