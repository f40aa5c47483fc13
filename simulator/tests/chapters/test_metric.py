# SPDX-License-Identifier: GPL-3.0-or-later
"""4.15: values and groups of metrics."""

from __future__ import annotations

import pytest
from sample_instances import add_instance

from tpops_simulator.model.estate import load
from tpops_simulator.model.metrics import GROUPS, METRICS

DAY_MS = 86_400_000


@pytest.fixture
def instance(client):
    client.site.instances.clear()
    client.site._extensions.clear()
    made = add_instance(client.site, "orders")
    client.advance(7200)
    return made


def ask(client, instance, *names, seconds=600, **more):
    now = client.site.clock.now_ms()
    body = {
        "start_time": now - seconds * 1000,
        "end_time": now,
        "instances": [{"instance_id": instance.id}],
        "metric_names": list(names),
        **more,
    }
    return client.post("/v3/monitor/metrics", json=body)


def metric(reply, number=0):
    assert reply.status_code == 200, reply.text
    return reply.json()["metric_infos"][0]["metrics"][number]


def refused(reply, code):
    assert (reply.status_code, reply.json().get("errCode")) == (400, code), reply.text


def test_values(client, instance):
    reply = ask(client, instance, "sys001_cpu_usage", "sys002_idle_usage", "rds143_gaussv5_online_session")
    assert reply.json()["metric_infos"][0]["time_interval"] == 10
    usage, idle, sessions = (metric(reply, n) for n in range(3))
    assert set(usage["series"]) == {node.manage_ip for node in instance.nodes}
    assert usage["node_id"] == ",".join(node.id for node in instance.nodes)
    address = instance.nodes[0].manage_ip
    assert len(usage["series"][address]) == len(usage["timestamps"]) == 61
    assert {round(a + b) for a, b in zip(usage["series"][address], idle["series"][address], strict=True)} == {100}
    assert set(sessions["series"]) == {"dn_6001", "dn_6002", "dn_6003"}
    assert metric(ask(client, instance, "sys001_cpu_usage"))["series"] == usage["series"]
    longer = ask(client, instance, "sys001_cpu_usage", seconds=2 * 86400).json()["metric_infos"][0]
    assert longer["time_interval"] == 300
    assert longer["metrics"][0]["timestamps"][0] >= instance.created * 1000


def test_latest_and_single_nodes(client, instance):
    node = instance.nodes[1]
    wanted = [{"instance_id": instance.id, "node_ids": [node.id]}]
    latest = metric(ask(client, instance, "sys001_cpu_usage", instances=wanted, is_latest_point_only="true"))
    assert (list(latest["series"]), len(latest["timestamps"])) == ([node.manage_ip], 1)
    refused(ask(client, instance, "sys001_cpu_usage", instances=[{**wanted[0], "node_ids": ["x"]}]), "DBS.216030")


def test_status_metrics_show_the_state(client, instance):
    names = ("gaussdb_instance_status", "datanode_switch_status", "rds134_dn_startup_time", "rds138_cma_startup_time")
    latest = {"is_latest_point_only": "true"}
    reply = ask(client, instance, *names, **latest)
    assert metric(reply)["series"] == {instance.id: [1.0]}
    assert metric(reply, 1)["series"] == {"dn_6001": [1.0], "dn_6002": [0.0], "dn_6003": [0.0]}
    assert metric(reply, 2)["series"]["dn_6001"] == [float(int(instance.created))]
    instance.status = "FAILED"
    instance.nodes[0].status = "FAILED"
    for component in instance.nodes[0].components:
        component.status = "Down"
    reply = ask(client, instance, *names, **latest)
    assert metric(reply)["series"] == {instance.id: [0.0]}
    assert metric(reply, 1)["series"]["dn_6001"] == metric(reply, 3)["series"][instance.nodes[0].manage_ip] == [None]


def test_a_failed_host_has_no_values(client, instance):
    names = ("sys001_cpu_usage", "rds075_dbmanager_process_code")
    instance.nodes[0].status, instance.nodes[1].status = "FAILED", "SHUTDOWN"
    for number in range(len(names)):
        series = metric(ask(client, instance, *names, is_latest_point_only="true"), number)["series"]
        empty = [address for address, values in series.items() if values == [None]]
        assert empty == [instance.nodes[0].manage_ip]


def test_a_disk_that_fills(client, instance):
    names = ("sys065_disk_usage", "sys063_disk_used_size")
    before = metric(ask(client, instance, names[0]))["series"][instance.nodes[1].manage_ip]
    load(client.site, {"disk_usage": [{"instance": "orders", "node": 1, "percent": 85}]})
    client.advance(60)
    usage, used = (metric(ask(client, instance, *names), n)["series"] for n in (0, 1))
    address, other = instance.nodes[1].manage_ip, instance.nodes[0].manage_ip
    assert usage[address][-7:] == [85.0] * 7 and used[address][-1] == 2720.0
    assert usage[address][:-7] == before[6:-1]
    assert 85.0 not in usage[other]
    load(client.site, {"disk_usage": [{"instance": "orders", "node": 1, "percent": None}]})
    assert 85.0 not in metric(ask(client, instance, names[0]))["series"][address]


def test_disaster_recovery_metrics(client, instance):
    assert metric(ask(client, instance, "rds176_streaming_dr_rpo"))["series"] == {}
    add_instance(client.site, "standby", "192.0.7")
    entry = {"name": "pair", "master": "orders", "standby": "standby"}
    load(client.site, {"dr_relations": [entry]})
    assert metric(ask(client, instance, "rds176_streaming_dr_rpo"))["series"]["dn_6001"][0] == 0.0


def test_refusals(client, instance):
    refused(ask(client, instance), "DBS.280001")
    reply = ask(client, instance, "unknown")
    refused(reply, "DBS.280001")
    assert "[metric_names]" in reply.json()["externalMessage"]
    refused(ask(client, instance, "sys001_cpu_usage", seconds=30 * 86400), "DBS.280001")
    refused(ask(client, instance, "sys001_cpu_usage", seconds=0), "DBS.280001")
    many = [{"instance_id": instance.id}] * 100
    refused(ask(client, instance, *METRICS, seconds=3600, instances=many), "DBS.280001")
    refused(ask(client, instance, "sys001_cpu_usage", instances=[{"instance_id": "x"}]), "DBS.200002")
    refused(ask(client, instance, "sys001_cpu_usage", instances=[]), "DBS.200001")
    refused(ask(client, instance, "sys001_cpu_usage", is_latest_point_only="maybe"), "DBS.200001")


def test_all_metrics_have_values(client, instance):
    spread = add_instance(client.site, "spread", "192.0.4", "hcs2")
    client.advance(600)
    reply = ask(client, spread, *METRICS, is_latest_point_only="true")
    assert reply.status_code == 200, reply.text
    empty = {m["name"] for m in reply.json()["metric_infos"][0]["metrics"] if not m["series"]}
    assert empty == {m.name for m in GROUPS["FORDR"]}


def groups(client, *names):
    return client.get("/v3/monitor/metrics/series", params=[("name", name) for name in names])


def test_groups(client):
    assert len(GROUPS) == 11 and len(METRICS) == sum(map(len, GROUPS.values())) == 133
    found = groups(client, "CPUMEMORY").json()["series"]
    assert found[0]["metrics"][0] == {"name": "sys001_cpu_usage", "unit": "%"}
    assert [g["name"] for g in groups(client, "LOCK", "NETWORK").json()["series"]] == ["LOCK", "NETWORK"]
    assert [g["name"] for g in groups(client, "LOCK,NETWORK").json()["series"]] == ["LOCK", "NETWORK"]
    refused(groups(client, "LOCK", "OTHER"), "DBS.280270")
    refused(groups(client), "DBS.200001")
