# SPDX-License-Identifier: GPL-3.0-or-later
"""4.10: tasks, their schedule, their records, scenes."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sample_instances import add_instance

from tpops_simulator.model.clock import Clock
from tpops_simulator.model.entities import SHUTDOWN
from tpops_simulator.model.estate import EstateError, load
from tpops_simulator.model.inspection_findings import dump_inspection_findings
from tpops_simulator.model.inspection_items import BY_ID, ITEMS
from tpops_simulator.model.inspections import Inspection, dump_inspection_scenes, dump_inspections, plan
from tpops_simulator.model.site import Site

BASE = "/gaussdb/v3/inspections"
CPU, LONG = ITEMS["cpu_usage"].id, ITEMS["long_transaction"].id


@pytest.fixture
def instance(client):
    client.site.instances.clear()
    client.site._extensions.clear()
    client.site._timers.clear()
    return add_instance(client.site, "orders")


def create(client, instance, name="nightly", **fields):
    body = {
        "inspection_name": name,
        "instance_ids": [instance.id],
        "inspection_scope": "daily",
        "inspection_policy": "periodic",
        "inspection_period": "daily",
        "inspection_time": "01:00:00",
        "item_ids": [CPU, LONG],
        **fields,
    }
    return client.post(BASE, json={k: v for k, v in body.items() if v is not None})


ONCE = {"inspection_scope": "real_time", "inspection_policy": "single", "inspection_period": "soon"}


def wait(client, seconds):
    """Tokens expire within days."""
    client.advance(seconds)
    client.login()


def tasks(client, **params):
    reply = client.get(BASE, params=params)
    assert reply.status_code == 201, reply.text
    return reply.json()["inspections"]


def records(client, **body):
    reply = client.post(f"{BASE}/records", json={"limit": 100, "offset": 0, **body})
    assert reply.status_code == 200, reply.text
    return reply.json()["records"]


def refused(reply, code="DBS.200001", status=400):
    assert (reply.status_code, reply.json().get("errCode")) == (status, code), reply.text
    assert reply.json()["externalMessage"]


def test_items_in_both_languages(client):
    english = client.get(f"{BASE}/items").json()
    chinese = client.get(f"{BASE}/items", headers={"X-Language": "zh-cn"}).json()
    assert english["total_count"] == len(english["inspections"]) == 5
    assert "系统资源" in {c["name"] for c in chinese["inspections"]}
    ids = [i["id"] for c in english["inspections"] for i in c["items"]]
    assert sorted(ids) == sorted(BY_ID) and len(set(ids)) == len(ids)


def test_run_at_once(client, instance):
    reply = create(client, instance, "check-now", inspection_time=None, **ONCE)
    assert (reply.status_code, reply.text) == (201, "success")
    assert reply.headers["content-type"].startswith("text/plain")
    task = tasks(client)[0]
    assert (task["status"], task["next_execute_time"], task["instance_names"]) == ("running", None, "orders")
    record = records(client)[0]
    assert (record["status"], record["end_time"], record["total_count"]) == ("running", None, 2)
    refused(client.post(f"{BASE}/{task['id']}/start"), "DBS.200019", 409)
    assert client.post(f"{BASE}/batch-delete", json={"inspection_ids": [task["id"], "x"]}).json()["results"] == [
        {"inspction_id": task["id"], "result": "failure"},
        {"inspction_id": "x", "result": "failure"},
    ]
    client.advance(10)
    assert records(client)[0]["progress"] == "50"
    client.advance(10)
    done = records(client)[0]
    assert (done["status"], done["progress"], done["normal_count"]) == ("completed", "100", 2)
    detail = client.get(f"{BASE}/records/{done['record_id']}").json()
    assert [r["item"] for r in detail["inspection_results"]] == ["cpu_usage", "long_transaction"]
    assert len(detail["inspection_results"][0]["indicators"][0]["metrics"]) == 3
    statistic = client.get(f"{BASE}/records/{done['record_id']}/statistic").json()
    assert statistic["global_statistics"] == {"total": 2, "fail": 0, "abnormal": 0, "normal": 2}
    assert {c["name"] for c in statistic["category_statistics"]} == {"System resources", "Database performance"}
    assert client.post(f"{BASE}/{task['id']}/start").text == "success"
    assert len(records(client)) == 2


def test_problems_are_found(client, instance):
    add_instance(client.site, "stopped", "192.0.3", status=SHUTDOWN)
    stopped = list(client.site.instances.values())[1]
    instance.nodes[1].status = "FAILED"
    everything = {"instance_ids": [instance.id, stopped.id], "item_ids": list(BY_ID), "inspection_time": None}
    create(client, instance, "check-all", **everything, **ONCE)
    del client.site.instances[stopped.id]
    client.advance(1000)
    found = {r["instance_name"]: r for r in records(client)}
    assert found["orders"]["abnormal_count"] >= 1 and found["orders"]["status"] == "completed"
    assert (found["stopped"]["status"], found["stopped"]["failed_count"]) == ("failed", len(BY_ID))
    assert tasks(client)[0]["status"] == "failed"
    assert tasks(client)[0]["scene"] == "Health Check"


def test_a_full_disk_is_found(client, instance):
    load(client.site, {"disk_usage": [{"instance": "orders", "node": 2, "percent": 81}]})
    create(client, instance, "disks", item_ids=[ITEMS["disk_usage"].id], inspection_time=None, **ONCE)
    client.advance(100)
    (record,) = records(client)
    assert record["abnormal_count"] == 1
    found = client.get(f"{BASE}/records/{record['record_id']}").json()["inspection_results"][0]
    worst = max(found["indicators"][0]["metrics"], key=lambda node: node["max"])
    assert (worst["ip"], worst["max"]) == (instance.nodes[2].manage_ip, 81)


def run_all(client, instance):
    """Status and values of each item, in a new run."""
    name = f"check-{len(tasks(client))}"
    create(client, instance, name, item_ids=list(BY_ID), inspection_time=None, **ONCE)
    client.advance(1000)
    record = next(r for r in records(client) if r["task_name"] == name)
    results = client.get(f"{BASE}/records/{record['record_id']}").json()["inspection_results"]
    return record, {r["item"]: (r["status"], r["indicators"]) for r in results}


def test_ordered_findings_are_reported_until_they_are_ended(client, instance):
    statuses = {"slow_sql": "abnormal", "buffer_hit_ratio": "abnormal", "db_size": "abnormal", "lock_wait": "fail"}
    orders = [{"instance": "orders", "item": item, "status": status} for item, status in statuses.items()]
    calm = [{"instance": "orders", "item": item, "status": "normal"} for item in ITEMS if item not in statuses]
    load(client.site, {"inspection_findings": [*orders, *calm]})
    record, found = run_all(client, instance)
    assert (record["abnormal_count"], record["failed_count"], record["normal_count"]) == (3, 1, len(ITEMS) - 4)
    assert {item: found[item][0] for item in statuses} == statuses
    # The values agree with the status.
    for item, (status, indicators) in found.items():
        for node in (indicators or [{"metrics": []}])[0]["metrics"]:
            passed = all(map(ITEMS[item].passes, node["data"]["metrics"]))
            assert passed is (status == "normal" or ITEMS[item].limit is None), (item, node)
    assert found["lock_wait"][1] is None
    assert dump_inspection_findings(client.site) == [*orders, *calm]
    load(client.site, {"inspection_findings": [{**entry, "status": None} for entry in orders]})
    load(client.site, {"inspection_findings": [{"instance": "orders", "item": "slow_sql", "status": "normal"}]})
    assert {item for item, (status, _values) in run_all(client, instance)[1].items() if status != "normal"} == set()


def test_ordered_findings_are_for_one_instance(client, instance):
    other = add_instance(client.site, "ledger", "192.0.3")
    load(client.site, {"inspection_findings": [{"instance": "orders", "item": "cpu_usage", "status": "fail"}]})
    assert run_all(client, other)[1]["cpu_usage"][0] == "normal"
    assert run_all(client, instance)[1]["cpu_usage"][0] == "fail"


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"inspection_period": "daily", "inspection_time": "01:00:00"}, "2026-03-05 01:00"),
        ({"inspection_period": "daily", "inspection_time": "2024-01-22T20:30:00+08:00"}, "2026-03-04 12:30"),
        ({"inspection_period": "weekly", "inspection_time": "13:00:00", "inspection_day": "3"}, "2026-03-04 13:00"),
        ({"inspection_period": "weekly", "inspection_time": "13:00:00", "inspection_day": "2"}, "2026-03-10 13:00"),
        ({"inspection_period": "monthly", "inspection_time": "00:00:00", "inspection_day": "31"}, "2026-03-31 00:00"),
        ({"inspection_period": "fixed", "inspection_time": "06:00:00"}, "2026-03-04 18:00"),
        ({"inspection_period": "daily", "task_start_time": "2026-04-01T00:00:00+00:00"}, "2026-04-01 01:00"),
        (
            {
                "inspection_policy": "single",
                "inspection_period": "later",
                "inspection_time": "2026-05-01T10:00:00+02:00",
            },
            "2026-05-01 08:00",
        ),
    ],
)
def test_schedule(fields, expected):
    noon = datetime(2026, 3, 4, 12, tzinfo=UTC).timestamp()  # a Wednesday
    site = Site(clock=Clock(0, start=noon))
    settings = {"inspection_policy": "periodic", "inspection_time": "01:00:00", **fields}
    task = Inspection("id", settings, noon)
    plan(site, task)
    assert task.next is not None
    assert datetime.fromtimestamp(task.next, UTC).strftime("%Y-%m-%d %H:%M") == expected


def test_no_further_run():
    site = Site(clock=Clock(0))
    for past in ({"inspection_time": "2024-01-01T00:00:00+0000"}, {}, {"task_start_time": "2024-01-01T00:00:00+0000"}):
        task = Inspection("id", {"inspection_policy": "single", "inspection_period": "later", **past}, 0)
        plan(site, task)
        assert task.next is None


def test_runs_periodically(client, instance):
    create(client, instance)
    wait(client, 3 * 86400)
    assert len(records(client)) == 3
    task = tasks(client)[0]
    assert task["last_execute_time"] + 86400_000 == task["next_execute_time"]
    reply = client.post(f"{BASE}/batch-delete", json={"inspection_ids": [task["id"]]})
    assert reply.json()["results"][0]["result"] == "success"
    wait(client, 3 * 86400)
    assert len(records(client)) == 3 and tasks(client) == []
    ids = [r["record_id"] for r in records(client)]
    gone = client.post(f"{BASE}/records/batch-delete", json=[*ids, "none"]).json()
    assert [r["result"] for r in gone["records"]] == ["success"] * 3 + ["failure"]
    assert records(client) == []


def test_modify(client, instance):
    create(client, instance)
    task = tasks(client)[0]
    body = {
        "instance_ids": [instance.id],
        "item_ids": [CPU],
        "inspection_period": "weekly",
        "inspection_scope": "weekly",
    }
    assert client.put(f"{BASE}/{task['id']}", json=body).text == "success"
    detail = client.get(f"{BASE}/{task['id']}")
    assert detail.status_code == 201
    assert detail.json() | body == detail.json()
    assert (detail.json()["inspection_name"], detail.json()["inspection_time"]) == ("nightly", "01:00:00")
    create(client, instance, "other")
    refused(client.put(f"{BASE}/{task['id']}", json={**body, "inspection_name": "other"}))
    soon = {**body, "inspection_policy": "single", "inspection_period": "soon"}
    assert client.put(f"{BASE}/{task['id']}", json=soon).status_code == 201
    assert records(client)[0]["status"] == "running"
    refused(client.put(f"{BASE}/{task['id']}", json=body), "DBS.200019", 409)
    refused(client.put(f"{BASE}/unknown", json=body), "DBS.200044")
    refused(client.get(f"{BASE}/unknown"), "DBS.200044")


@pytest.mark.parametrize(
    "fields",
    [
        {"inspection_name": "abc"},
        {"inspection_name": "1abc"},
        {"inspection_name": "ab c d"},
        {"inspection_name": "abcd\n"},
        {"inspection_period": "weekly", "inspection_day": "1", "task_start_time": "9999-12-31T00:00:00Z"},
        {"task_start_time": "0001-01-01T00:00:00+2359"},
        {"item_ids": ["unknown"]},
        {"item_ids": []},
        {"instance_ids": []},
        {"inspection_policy": "single"},
        {"inspection_period": "soon"},
        {"inspection_period": "weekly"},
        {"inspection_period": "weekly", "inspection_day": "8"},
        {"inspection_day": "1"},
        {"inspection_period": "monthly", "inspection_day": "0"},
        {"inspection_time": "25:00:00"},
        {"task_start_time": "tomorrow"},
        {"extra": 1},
    ],
)
def test_bad_tasks(client, instance, fields):
    refused(create(client, instance, **fields))
    assert tasks(client) == []


def test_unknown_instance_and_duplicate(client, instance):
    refused(create(client, instance, instance_ids=["x"]), "DBS.200002")
    assert create(client, instance).status_code == 201
    refused(create(client, instance))


def test_filters_and_order(client, instance):
    billing = add_instance(client.site, "billing", "192.0.3")
    create(client, instance, "task-b")
    client.advance(60)
    create(client, billing, "task-a", inspection_time="02:00:00")
    assert [t["inspection_name"] for t in tasks(client)] == ["task-a", "task-b"]
    by_name = {"sort": "inspection_name", "order": "asc"}
    assert [t["inspection_name"] for t in tasks(client, **by_name, limit=1, offset=1)] == ["task-b"]
    assert [t["inspection_name"] for t in tasks(client, instance_name="bill")] == ["task-a"]
    assert [t["inspection_name"] for t in tasks(client, inspection_name="sk-b")] == ["task-b"]
    first = datetime.fromtimestamp(tasks(client)[1]["create_at"] / 1000, UTC).strftime("%Y/%m/%d %H:%M:%S")
    span = {"create_time_start": first, "create_time_end": first}
    assert [t["inspection_name"] for t in tasks(client, **span)] == ["task-b"]
    assert len(tasks(client, create_time_start=first)) == 2
    assert tasks(client, last_execute_time_start=first, last_execute_time_end=first) == []
    refused(client.get(BASE, params={"create_time_start": "x", "create_time_end": "y"}))
    wait(client, 2 * 86400)
    assert {r["task_name"] for r in records(client, instance_name=["billing"])} == {"task-a"}
    assert len(records(client, limit=1, offset=1)) == 1
    started = records(client, order="asc")[0]["start_time"]
    assert len(records(client, inspection_start_time_range=[{"start_time": str(started), "end_time": started}])) == 1
    assert records(client, inspection_start_time_range={"end_time": "1"}) == []
    assert records(client, status="running", task_name="task") == []


def test_scenes(client, instance):
    path = f"{BASE}/scenes"
    names = [s["name"] for s in client.get(path).json()["scenes"]]
    assert "Health Check" in names
    assert client.post(path, json={"name": "before-upgrade", "item_ids": [CPU, LONG]}).text == "success"
    refused(client.post(path, json={"name": "before-upgrade", "item_ids": [CPU]}))
    refused(client.post(path, json={"name": "other", "item_ids": ["x"]}))
    change = {"name": "before-upgrade", "item_ids": [LONG], "modify_name": "after-upgrade"}
    assert client.put(path, json=change).text == "success"
    refused(client.put(path, json=change), "DBS.200044")
    scene = client.get(path).json()["scenes"][-1]
    assert (scene["name"], scene["item_ids"], scene["is_default"]) == ("after-upgrade", [LONG], False)
    gone = client.delete(path, json={"names": ["after-upgrade", "Health Check", "none"]})
    assert [r["result"] for r in gone.json()["results"]] == ["1", "0", "0"]
    assert [s["name"] for s in client.get(path).json()["scenes"]] == names


def test_estate(client, instance):
    entry = {
        "inspection_name": "nightly",
        "instances": ["orders"],
        "items": ["cpu_usage"],
        "inspection_scope": "daily",
        "inspection_policy": "periodic",
        "inspection_period": "daily",
    }
    scenes = [{"name": "small", "items": ["cpu_usage"]}]
    load(client.site, {"inspections": [entry], "inspection_scenes": scenes})
    assert dump_inspections(client.site) == [entry]
    assert dump_inspection_scenes(client.site) == scenes
    for bad in ({**entry, "instances": ["x"]}, entry, {**entry, "colour": "red"}):
        with pytest.raises(EstateError):
            load(client.site, {"inspections": [bad]})
