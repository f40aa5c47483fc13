# SPDX-License-Identifier: GPL-3.0-or-later
"""4.5: sessions, analyses, WDR snapshots and reports."""

from __future__ import annotations

import io
import zipfile

import pytest
from sample_instances import add_instance

from tpops_simulator.model.entities import SHUTDOWN
from tpops_simulator.model.estate import EstateError, load


@pytest.fixture
def instance(client):
    client.site.instances.clear()
    client.site._extensions.clear()
    return add_instance(client.site, "orders")


def path(instance, rest):
    return f"/gaussdb/v3/instances/{instance.id}/{rest}"


def refused(reply, code="DBS.200001", status=400):
    assert (reply.status_code, reply.json().get("error_code")) == (status, code), reply.text


def nodes(client, instance):
    reply = client.get(path(instance, "key-view-execute-node"))
    assert reply.status_code == 200, reply.text
    return reply.json()["nodes"]


def primary(client, instance):
    found = next(n for n in nodes(client, instance) if n["role"] == "master")
    return {"node_id": found["node_id"], "component_id": found["component_id"]}


def sessions(client, instance, where, **query_info):
    body = {**where, **({"query_info": query_info} if query_info else {})}
    reply = client.post(path(instance, "real-time-session"), json=body)
    assert reply.status_code == 200, reply.text
    return reply.json()["sessions"]


def stamp(client, seconds=0):
    return client.site.clock.iso(client.site.clock.now() + seconds)


def test_nodes(client, instance):
    assert [n["component_id"] for n in nodes(client, instance)] == ["dn_6001", "dn_6002", "dn_6003"]
    spread = add_instance(client.site, "spread", "192.0.4", "hcs2")
    assert {n["type"] for n in nodes(client, spread)} == {"CN", "DN"}
    instance.nodes[0].components[:] = [c for c in instance.nodes[0].components if c.type != "DN"]
    refused(client.get(path(instance, "key-view-execute-node")), "DBS.216011")
    spread.status = SHUTDOWN
    refused(client.get(path(spread, "key-view-execute-node")), "DBS.280011")
    refused(client.get("/gaussdb/v3/instances/" + "0" * 36 + "/key-view-execute-node"), "DBS.200002")
    refused(client.get("/gaussdb/v3/instances/short/key-view-execute-node"))


def test_sessions_stay_until_killed(client, instance):
    where = primary(client, instance)
    found = sessions(client, instance, where)
    assert {s["state"] for s in found} == {"active", "idle", "idle in transaction"}
    client.advance(10)
    again = sessions(client, instance, where)
    assert [s["session_id"] for s in again] == [s["session_id"] for s in found]
    assert int(again[0]["exec_time"]) == int(found[0]["exec_time"]) + 10
    assert found[0]["query_runtime"] == "00:00:22.000000"
    blocked = next(s for s in found if s["wait"] == "t")
    assert blocked["block_session"] == found[0]["session_id"]
    kill = {**where, "session_ids": [found[0]["session_id"]]}
    assert client.post(path(instance, "kill-session"), json=kill).json() == {
        "session_ids": kill["session_ids"],
        "success": True,
    }
    assert client.post(path(instance, "kill-session"), json=kill).json()["success"] is False
    left = sessions(client, instance, where)
    assert len(left) == len(found) - 1 and all(s["wait"] == "f" for s in left)
    assert client.post(path(instance, "kill-free-session"), json=where).json() == {"success": True}
    assert {s["state"] for s in sessions(client, instance, where)} == {"active", "idle in transaction"}
    standby = {"node_id": instance.nodes[1].id, "component_id": "dn_6002"}
    assert sessions(client, instance, standby) == []


def test_session_filters(client, instance):
    entry = {"instance": "orders", "user": "app", "database": "shop", "client_ip": "192.0.2.99", "state": "active"}
    load(client.site, {"database_sessions": [entry]})
    where = primary(client, instance)
    assert len(sessions(client, instance, where, user_name="app", database_name="shop")) == 1
    assert len(sessions(client, instance, where, client_ip="192.0.2.99")) == 1
    assert sessions(client, instance, where, user_name="nobody") == []
    for bad in ({"instance": "none"}, {"instance": "orders", "component": "cn_1"}, {"instance": "orders", "x": 1}):
        with pytest.raises(EstateError):
            load(client.site, {"database_sessions": [bad]})


def reply_of(client, instance, method, rest, **body):
    reply = client.request(method, path(instance, rest), json=body)
    assert reply.ok, reply.text
    client.advance(3600)


def test_sessions_end_with_their_component(client, instance):
    where = primary(client, instance)
    ids = {s["session_id"] for s in sessions(client, instance, where)}
    reply_of(client, instance, "POST", "db-stop", node_ids=[])
    refused(client.post(path(instance, "real-time-session"), json=where), "DBS.280011")
    reply_of(client, instance, "POST", "db-startup", node_ids=[])
    for work in (None, "restart"):
        if work:
            reply_of(client, instance, "POST", work)
        found = sessions(client, instance, where)
        assert not ids & {s["session_id"] for s in found}
        assert {s["exec_time"] for s in found} == {"0"}
        ids |= {s["session_id"] for s in found}
    standby = {"node_id": instance.nodes[1].id, "component_id": "dn_6002"}
    reply_of(client, instance, "POST", "switch-shard", shards=[standby])
    assert sessions(client, instance, where) == []
    assert {s["exec_time"] for s in sessions(client, instance, standby)} == {"0"}
    # Restarting a standby closes no connection.
    ids = {s["session_id"] for s in sessions(client, instance, standby)}
    reply_of(client, instance, "POST", "db-startup", node_ids=[where["node_id"]])
    assert {s["session_id"] for s in sessions(client, instance, standby)} == ids


def test_a_restore_ends_all_sessions(client, instance):
    where = primary(client, instance)
    before = {s["session_id"] for s in sessions(client, instance, where)}
    made = client.post("/gaussdb/v3/backups", json={"instance_id": instance.id, "name": "manual-1"}).json()
    client.advance(300)
    source = {"instance_id": instance.id, "type": "backup", "backup_id": made["backup"]["id"]}
    body = {"source": source, "target": {"instance_id": instance.id}}
    assert client.post("/gaussdb/v3/instances/recovery", json=body).status_code == 202
    client.advance(3600)
    assert not before & {s["session_id"] for s in sessions(client, instance, where)}


def test_sessions_that_are_not_shown(client, instance):
    entries = [
        {"instance": "orders", "user": "rdsMetric", "database": "shop"},
        {"instance": "orders", "user": "app", "database": "shop", "client_ip": ""},
    ]
    load(client.site, {"database_sessions": entries})
    assert sessions(client, instance, primary(client, instance), database_name="shop") == []


def test_sessions_count_in_the_activity_of_their_database(client, instance):
    def activity():
        reply = client.get(path(instance, "database/relation-and-lock"), params={"name": "postgres"}).json()
        return int(reply["user_count"]), int(reply["app_count"])

    where = primary(client, instance)
    found = sessions(client, instance, where)
    users, applications = ({s[key] for s in found} for key in ("user_name", "application_name"))
    # The monitoring session is also connected.
    assert activity() == (len(users) + 1, len(applications) + 1)
    kill = {**where, "session_ids": [s["session_id"] for s in found]}
    assert client.post(path(instance, "kill-session"), json=kill).json()["success"]
    assert activity() == (1, 1)


def test_wrong_component(client, instance):
    where = primary(client, instance)
    for operation in ("real-time-session", "kill-free-session"):
        refused(client.post(path(instance, operation), json={**where, "node_id": "x"}), "DBS.216030")
        refused(client.post(path(instance, operation), json={**where, "component_id": "cm_1"}))
    refused(client.post(path(instance, "kill-free-session"), json={**where, "instance_id": "other"}))
    refused(client.post(path(instance, "kill-session"), json={**where, "session_ids": []}))
    assert client.post(path(instance, "kill-free-session"), json={**where, "instance_id": instance.id}).ok


def analysis(client, instance, what, name, **changes):
    now = client.site.clock.now_ms()
    body = {
        "object_name": name,
        "offset": 0,
        "limit": 10,
        "start_time": now - 3600_000,
        "end_time": now,
        "order_by": "",
    }
    return client.post(path(instance, f"database-{what}-analysis"), json={**body, **changes})


def test_analyses(client, instance):
    items = {"name": "items", "live_rows": 10, "seq_scan": 7, "indexes": ["items_pkey", "items_state"]}
    entry = {"name": "fresh", "solution": "single", "databases": [{"name": "shop", "tables": [items, {"name": "x"}]}]}
    load(client.site, {"instances": [entry]})
    instance = next(i for i in client.site.instances.values() if i.name == "fresh")
    client.advance(3600)
    found = analysis(client, instance, "table", "item").json()
    assert found["total_count"] == 1
    assert found["table_infos"][0] | {"rel_name": "items", "seq_scan": 7} == found["table_infos"][0]
    assert analysis(client, instance, "table", "", limit="1", offset="1").json()["table_infos"][0]["rel_name"] == "x"
    indexes = analysis(client, instance, "index", "items_").json()["index_infos"]
    assert [i["index_rel_name"] for i in indexes] == ["items_pkey", "items_state"]
    assert analysis(client, instance, "index", "x_pkey").json()["total_count"] == 1
    for bad in ({"limit": 0}, {"limit": "101"}):
        refused(analysis(client, instance, "table", "", **bad), "DBS.280439")
    for bad in ({"offset": -1}, {"order_by": "color"}, {"start_time": 1}):
        refused(analysis(client, instance, "table", "", **bad))
    now = client.site.clock.now_ms()
    refused(analysis(client, instance, "table", "", start_time=now, end_time=now - 1))


def wdr_status(client, instance):
    return client.get(path(instance, "wdr-snapshot/status")).json()


def test_wdr_switch_and_snapshots(client, instance):
    client.advance(7300)
    status = wdr_status(client, instance)
    assert status["status"] == "ON"
    assert status["start_time"].endswith("+00") and status["end_time"] > status["start_time"]
    assert client.post(path(instance, "wdr-snapshots")).json() == {}
    newest = wdr_status(client, instance)["end_time"]
    assert newest > status["end_time"]
    off = client.put(path(instance, "wdr-snapshot/status"), json={"status": "Off"})
    assert (off.status_code, off.json()) == (202, {})
    assert instance.parameters["enable_wdr_snapshot"] == "off"
    client.advance(7300)
    assert wdr_status(client, instance) == {**status, "status": "OFF", "end_time": newest}
    refused(client.post(path(instance, "wdr-snapshots")), "DBS.06013004")
    refused(client.put(path(instance, "wdr-snapshot/status"), json={"status": "MAYBE"}))
    client.put(path(instance, "wdr-snapshot/status"), json={"status": "ON"})
    assert wdr_status(client, instance)["end_time"] > newest
    client.advance(9 * 86400)
    client.login()
    assert wdr_status(client, instance)["start_time"] > newest


def test_wdr_follows_the_parameter(client, instance):
    client.advance(3600)
    reply = client.put(
        f"/gaussdb/v3/instances/{instance.id}/configurations", json={"values": {"enable_wdr_snapshot": "off"}}
    )
    assert reply.status_code == 200, reply.text
    client.advance(60)
    assert wdr_status(client, instance)["status"] == "OFF"


def collect(client, instance, *wdr_type, start=-7200, end=0):
    body = {"start_time": stamp(client, start), "end_time": stamp(client, end), "wdr_type": list(wdr_type)}
    return client.post(path(instance, "wdr-snapshots/collect"), json=body)


def test_wdr_report(client, instance):
    client.advance(7300)
    reply = collect(client, instance, "dn_6001", "dn_6002")
    assert reply.ok, reply.text
    job_id = reply.json()["job_id"]
    entry = client.get(path(instance, "wdr-snapshots")).json()["wdr_snapshots"][0]
    assert (entry["status"], entry["wdr_type"], entry["notes"]) == ("EXPORTING", "component", "dn_6001,dn_6002")
    refused(client.post(path(instance, "wdr-snapshots/download"), json={"job_id": job_id}), "DBS.06013003")
    client.advance(30)
    entry = client.get(path(instance, "wdr-snapshots")).json()["wdr_snapshots"][0]
    assert entry["status"] == "SUCCESS" and entry["file_size"] > 0 and entry["download_url"].startswith("https://")
    reply = client.post(path(instance, "wdr-snapshots/download"), json={"job_id": job_id})
    assert reply.headers["content-type"] == "application/octet-stream"
    archive = zipfile.ZipFile(io.BytesIO(reply.content))
    assert archive.namelist() == ["wdr_dn_6001.html", "wdr_dn_6002.html"]
    assert b"order_items" in archive.read("wdr_dn_6001.html")
    refused(client.post(path(instance, "wdr-snapshots/download"), json={"job_id": "none"}), "DBS.200044")
    assert collect(client, instance, "cluster").status_code == 202
    listed = client.get(path(instance, "wdr-snapshots"), params={"limit": 1}).json()
    assert listed["total_count"] == 2 and listed["wdr_snapshots"][0]["wdr_type"] == "cluster"
    late = client.get(path(instance, "wdr-snapshots"), params={"start_time": stamp(client)}).json()
    assert late == {"wdr_snapshots": [], "total_count": 0}


def test_wdr_report_refused_or_failed(client, instance):
    refused(collect(client, instance, "cluster"), "DBS.06013003")
    client.advance(7300)
    refused(collect(client, instance, "cluster", "dn_6001"), "DBS.06013001")
    refused(collect(client, instance, "dn_9999"), "DBS.06013001")
    refused(collect(client, instance, "cluster", start=0, end=-7200))
    refused(collect(client, instance), "DBS.06013001")
    job_id = collect(client, instance, "cluster").json()["job_id"]
    client.site.fail_job(job_id, "disk full")
    assert client.get(path(instance, "wdr-snapshots")).json()["wdr_snapshots"][0]["status"] == "FAILED"
    client.put(path(instance, "wdr-snapshot/status"), json={"status": "OFF"})
    refused(collect(client, instance, "cluster"), "DBS.06013004")


def test_dr_instance_has_no_reports(client, instance):
    add_instance(client.site, "standby", "192.0.7")
    entry = {"name": "pair", "master": "standby", "standby": "orders"}
    load(client.site, {"dr_relations": [entry]})
    client.advance(7300)
    refused(collect(client, instance, "cluster"), "DBS.06013002")
    refused(client.put(path(instance, "wdr-snapshot/status"), json={"status": "OFF"}), "DBS.06013002")
    refused(client.post(path(instance, "wdr-snapshots")), "DBS.06013002")
