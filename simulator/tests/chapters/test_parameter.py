# SPDX-License-Identifier: GPL-3.0-or-later
"""4.3: reading and setting parameters."""

from __future__ import annotations

import pytest

from tpops_simulator.model.entities import ACTIVE, Instance
from tpops_simulator.model.parameter_template import template


@pytest.fixture
def instance(client):
    site = client.site
    made = Instance(site.ids.suffixed("in14"), "orders", status=ACTIVE, version="8.1.0", created=site.clock.now())
    client.site.instances[made.id] = made
    return made


def read(client, instance, **headers):
    reply = client.get(f"/gaussdb/v3.1/instances/{instance.id}/configurations", headers=headers)
    assert reply.status_code == 200, reply.text
    return reply.json()


def values(client, instance):
    return {p["name"]: p["value"] for p in read(client, instance)["configuration_parameters"]}


def write(client, instance, **given):
    return client.put(f"/gaussdb/v3/instances/{instance.id}/configurations", json={"values": given})


@pytest.mark.parametrize("distributed", [False, True])
def test_defaults_are_valid(distributed):
    known = template(distributed)
    assert len(known) >= 40
    for parameter in known.values():
        assert parameter.accepts(parameter.default), parameter.name
        assert parameter.english and parameter.chinese
        if parameter.type == "boolean":
            assert parameter.value_range == "on,off"


def test_ranges():
    known = template(False)
    cases = {
        "failed_login_attempts": (["0", "1000"], ["-1", "1001", "", "1.5", "many"]),
        "query_dop": (["-64", "0"], ["-65", "65"]),
        "autovacuum_vacuum_scale_factor": (["0.5", "100"], ["100.1", "1e1", "nan"]),
        "audit_enabled": (["on", "off"], ["true", "ON,off", ""]),
        "wal_level": (["logical"], ["logical,minimal"]),
        "track_stmt_stat_level": (["L1,L2"], ["L1"]),
    }
    for name, (good, bad) in cases.items():
        assert all(known[name].accepts(v) for v in good), name
        assert not any(known[name].accepts(v) for v in bad), name


def test_languages_and_prefixes(client, instance):
    english = read(client, instance)["configuration_parameters"]
    chinese = read(client, instance, **{"X-Language": "zh-cn"})["configuration_parameters"]
    assert english[0]["description"].isascii() and not chinese[0]["description"].isascii()
    assert "enable_tsdb" in values(client, instance)
    instance.solution = "hcs1"
    names = values(client, instance)
    assert {"cn:enable_tsdb", "dn:enable_tsdb", "dn:wal_level", "failed_login_attempts"} <= set(names)
    assert not {"enable_tsdb", "cn:wal_level"} & set(names)


def test_change_takes_effect_when_the_task_ends(client, instance):
    before = read(client, instance)
    reply = write(client, instance, failed_login_attempts="4")
    assert reply.status_code == 200, reply.text
    assert reply.json()["restart_required"] is False
    assert client.job(reply.json()["job_id"])["name"] == "ModifyGaussDBV5InstanceParameter"
    assert values(client, instance)["failed_login_attempts"] == "10"
    busy = write(client, instance, failed_login_attempts="5")
    assert (busy.status_code, busy.json()["error_code"]) == (409, "DBS.200019")
    client.advance(60)
    after = read(client, instance)
    assert values(client, instance)["failed_login_attempts"] == "4"
    assert after["updated"] > before["updated"] and after["created"] == before["created"]
    write(client, instance, failed_login_attempts="10")
    client.advance(60)
    assert instance.parameters == {}


def test_restart_required_only_for_a_real_change(client, instance):
    assert write(client, instance, max_connections="1000").json()["restart_required"] is False
    client.advance(60)
    reply = client.put(
        f"/gaussdb/v3/instances/{instance.id}/configurations", json={"values": {"map": {"max_connections": "2000"}}}
    )
    assert reply.json()["restart_required"] is True
    client.advance(60)
    assert values(client, instance)["max_connections"] == "2000"
    assert instance.pending_parameters == {"max_connections": "2000"}


def test_refusals(client, instance):
    for given, word in (({"no_such": "1"}, "no_such"), ({"query_dop": "65"}, "query_dop"), ({}, "empty")):
        reply = write(client, instance, **given)
        assert (reply.status_code, reply.json()["error_code"]) == (400, "DBS.200001"), reply.text
        assert word in reply.json()["error_msg"]
    assert write(client, instance, query_dop=2).json()["error_code"] == "DBS.200001"
    instance.status = "SHUTDOWN"
    assert write(client, instance, query_dop="2").json()["error_code"] == "DBS.216009"
    assert read(client, instance)["datastore_version"] == "8.1.0"
    assert client.get("/gaussdb/v3.1/instances/none/configurations").json()["error_code"] == "DBS.200002"
    assert instance.parameters == {}


def test_failed_task_changes_nothing(client, instance):
    job = write(client, instance, query_dop="2").json()["job_id"]
    client.site.fail_job(job, "disk is full")
    assert client.job(job)["fail_reason"] == "disk is full"
    assert values(client, instance)["query_dop"] == "1"
