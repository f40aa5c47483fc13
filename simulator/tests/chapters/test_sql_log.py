# SPDX-License-Identifier: GPL-3.0-or-later
"""4.16: top SQL and slow SQL."""

from __future__ import annotations

import pytest
from sample_instances import add_instance

from tpops_simulator.model.entities import SHUTDOWN


@pytest.fixture
def instance(client):
    client.site.instances.clear()
    client.site._extensions.clear()
    made = add_instance(client.site, "orders")
    client.advance(7200)
    return made


def path(instance, rest):
    return f"/gaussdb/v3/instances/{instance.id}/{rest}"


def refused(reply, code="DBS.200001", status=400):
    assert (reply.status_code, reply.json().get("error_code")) == (status, code), reply.text


def top(client, instance, **changes):
    now = client.site.clock.now()
    body = {
        "start_time": client.site.clock.iso(now - 3600, zone=".000Z"),
        "end_time": client.site.clock.iso(now, zone=".86Z"),
        **changes,
    }
    return client.post(path(instance, "top-sqls"), json=body)


def slow(client, instance, what="list", **changes):
    now = client.site.clock.now_ms()
    body = {
        "instance_id": instance.id,
        "node_ids": [instance.nodes[0].id],
        "start_time": now - 3600_000,
        "end_time": now,
        **changes,
    }
    return client.post(path(instance, f"slow-sql-{what}"), json=body)


def test_top_sql(client, instance):
    found = top(client, instance).json()
    assert (found["limit"], found["offset"], found["total_page"]) == (10, 1, 1)
    totals = [row["db_time"] for row in found["rows"]]
    assert totals == sorted(totals, reverse=True) and len(totals) == found["total_count"] > 4
    assert found["rows"][0]["component_name"] == "dn_6001_6002_6003"
    assert round(sum(float(row["cpu_percent"].rstrip("%")) for row in found["rows"])) == 100
    second = top(client, instance, offset=2, limit=3).json()
    assert second["rows"] == found["rows"][3:6] and second["total_page"] == -(-found["total_count"] // 3)
    only = top(client, instance, sql_template="COUNT(*)").json()["rows"]
    assert [row["sql_template"] for row in only] == ["select count(*) from order_items where state = ?"]
    assert top(client, instance, db_user_name="nobody").json()["rows"] == []
    refused(top(client, instance, limit=101), "DBS.280439")
    for bad in ({"offset": 0}, {"start_time": "yesterday"}, {"end_time": "2020-01-01T00:00:00Z"}):
        refused(top(client, instance, **bad))


def test_nodes(client, instance):
    reply = client.post(path(instance, "slow-sql-execute-node"), json={"action": "slow"})
    node = instance.nodes[0]
    assert reply.json()["nodes"] == [
        {
            "node_id": node.id,
            "node_name": node.name,
            "role": "master",
            "instance_id": instance.id,
            "component_type": "DN",
        }
    ]
    assert client.post(path(instance, "slow-sql-execute-node")).json() == reply.json()
    refused(client.post(path(instance, "slow-sql-execute-node"), json={"action": "fast"}))
    spread = add_instance(client.site, "spread", "192.0.4", "hcs2")
    found = client.post(path(spread, "slow-sql-execute-node")).json()["nodes"]
    assert [n["component_type"] for n in found] == ["CN"] * 3
    spread.status = SHUTDOWN
    refused(client.post(path(spread, "slow-sql-execute-node")), "DBS.280011")


def test_slow_sql(client, instance):
    found = slow(client, instance, threshold=1).json()
    assert found["total"] == len(found["slow_sql_infos"]) >= 3
    assert all(float(s["avg_exec_time"]) >= 1000 for s in found["slow_sql_infos"])
    assert slow(client, instance, threshold=30).json()["total"] == 1
    assert slow(client, instance, threshold=1, node_ids=[instance.nodes[1].id]).json()["total"] == 0
    for statement in found["slow_sql_infos"]:
        detail = slow(client, instance, "detail", sql_id=statement["sql_id"]).json()
        assert detail["total"] == statement["calls"] == len(detail["slow_sql_details"])
        assert {d["sql_text"] for d in detail["slow_sql_details"]} == {statement["sql_text"]}
    number = int(found["slow_sql_infos"][0]["sql_id"])
    assert slow(client, instance, "detail", sql_id=number).json()["total"] > 0
    assert slow(client, instance, "detail", sql_id="none").json() == {"slow_sql_details": [], "total": 0}


def test_nothing_before_the_instance_or_after_now(client, instance):
    now = client.site.clock.now_ms()
    span = {"start_time": now - 100 * 86_400_000, "end_time": now + 86_400_000}
    whole = slow(client, instance, threshold=1, **span).json()["slow_sql_infos"]
    statement = next(s for s in whole if s["sql_text"].startswith("update"))
    assert 230 <= statement["calls"] <= 245
    client.advance(3600)
    later = slow(client, instance, threshold=1, **span).json()["slow_sql_infos"]
    assert next(s for s in later if s["sql_text"].startswith("update"))["calls"] > statement["calls"]


def test_refusals(client, instance):
    for bad in (
        {"threshold": 0},
        {"threshold": 100},
        {"threshold": 1, "node_ids": []},
        {"threshold": 1, "instance_id": "other"},
        {"threshold": 1, "start_time": 1686903754},
        {"threshold": 1, "end_time": client.site.clock.now_ms() - 7200_000},
        {},
    ):
        refused(slow(client, instance, **bad))
    refused(slow(client, instance, threshold=1, node_ids=["x"]), "DBS.216030")
    refused(slow(client, instance, "detail"))


def test_one_workload(client, instance):
    """Slow statements, templates to throttle and sessions have the same statements."""
    node = instance.nodes[0]
    slow_ids = {s["sql_id"] for s in slow(client, instance, threshold=1).json()["slow_sql_infos"]}
    templates = client.get(path(instance, "list-node-limit-sql-model"), params={"node_id": node.id, "limit": 100})
    known = {t["sql_id"] for t in templates.json()["node_limit_sql_model_list"]}
    assert slow_ids <= known
    where = {"node_id": node.id, "component_id": "dn_6001"}
    sessions = client.post(path(instance, "real-time-session"), json=where).json()["sessions"]
    assert {s["unique_sql_id"] for s in sessions} <= known
