# SPDX-License-Identifier: GPL-3.0-or-later
"""4.18: two linked platforms, and two instances on one."""

from __future__ import annotations

import pytest
from conftest import PASSWORD, Client

from tpops_simulator.http.app import Simulator
from tpops_simulator.http.server import Server
from tpops_simulator.model.clock import Clock
from tpops_simulator.model.dr_work import dump_dr_relations
from tpops_simulator.model.entities import ACTIVE, Component, Database, Instance, Node
from tpops_simulator.model.estate import load
from tpops_simulator.model.site import Site

STREAM = {"disaster_type": "stream"}
ROOT_PASSWORD = "Root-Pw-123"


def add_instance(site, name, net, **fields):
    node = Node(site.ids.suffixed("no14"), f"{name}_0", role="master", data_ip=f"{net}.11", manage_ip=f"{net}.111")
    node.components.append(Component("dn_6001", "DN", role="Primary", shard=1))
    made = Instance(
        site.ids.suffixed("in14"),
        name,
        **{
            "status": ACTIVE,
            "version": "3.200.0",
            "mode": "Ha",
            "root_password": ROOT_PASSWORD,
            "nodes": [node],
            "created": site.clock.now(),
            **fields,
        },
    )
    site.instances[made.id] = made
    return made


@pytest.fixture(scope="module")
def servers(tls):
    clock = Clock(0)
    sites = [Site(name=name, seed=name, clock=clock) for name in ("dc1", "dc2")]
    sites[0].link(sites[1])
    started = []
    for site in sites:
        site.add_user("admin", PASSWORD)
        server = Server(Simulator(site), tls)
        server.start()
        started.append(server)
    yield started
    for server in started:
        server.stop()


class Pair:
    """A primary on the first platform, a DR instance on the second one, each with a client."""

    def __init__(self, servers):
        self.one, self.two = (Client(server) for server in servers)
        for client in (self.one, self.two):
            client.site.up = True
            client.simulator.faults.clear()
            client.site.instances.clear()
            client.site._extensions.clear()
            client.site.job_seconds.clear()
            client.login()
        self.primary = add_instance(self.one.site, "orders", "192.0.2")
        self.standby = add_instance(self.two.site, "orders-dr", "198.51.100")
        self.primary.databases["shop"] = Database("shop")

    def act(self, client, instance, operation, **body):
        path = f"/gaussdb/v3.6/instances/{instance.id}/disaster-recovery/{operation}"
        return client.post(path, json={**STREAM, **body})

    def construct(self, **body):
        given = {
            "dr_ip": "198.51.100.11",
            "dr_user_name": "root",
            "dr_user_password": ROOT_PASSWORD,
            "dr_task_name": "to-dc2",
        }
        return self.act(self.one, self.primary, "construct", **{**given, **body})

    def done(self, reply, seconds=700, client=None, status="Completed"):
        assert reply.status_code == 202, reply.text
        client = client or self.one
        client.advance(seconds)
        job = client.job(reply.json()["job_id"])
        assert job["status"] == status, job
        return job

    def built(self):
        self.done(self.construct())
        return self

    def relations(self, client, **params):
        reply = client.get("/gaussdb/v3.6/disaster-recovery/relations", params=params)
        assert reply.status_code == 200, reply.text
        return reply.json()["relations"]

    def states(self):
        return [(r["disaster_role"], r["status"]) for c in (self.one, self.two) for r in self.relations(c)]

    def monitor(self, client, instance):
        return client.get(f"/gaussdb/v3.6/instances/{instance.id}/disaster-recovery/monitor").json()

    def lags(self, seconds=30):
        """RPO and RTO of the DR instance as metrics."""
        now = self.two.site.clock.now_ms()
        body = {
            "start_time": now - seconds * 1000,
            "end_time": now,
            "instances": [{"instance_id": self.standby.id}],
            "metric_names": ["rds176_streaming_dr_rpo", "rds177_streaming_dr_rto"],
        }
        rpo, rto = self.two.post("/v3/monitor/metrics", json=body).json()["metric_infos"][0]["metrics"]
        return rpo["series"]["dn_6001"], rto["series"]["dn_6001"]


@pytest.fixture
def pair(servers):
    return Pair(servers)


def code(reply):
    return reply.status_code, reply.json()["error_code"]


def test_construct(pair):
    reply = pair.construct()
    assert reply.status_code == 202
    assert pair.states() == [("master", "pre_checking")]
    assert code(pair.construct()) == (409, "DBS.200019")
    pair.one.advance(100)
    assert pair.states() == [("master", "pending"), ("disaster", "pending")]
    assert pair.monitor(pair.one, pair.primary)["status"] == "creating"
    assert code(pair.act(pair.two, pair.standby, "failover")) == (409, "DBS.200019")
    pair.done(reply)
    assert pair.states() == [("master", "normal"), ("disaster", "normal")]
    mine, theirs = pair.relations(pair.one)[0], pair.relations(pair.two)[0]
    assert mine["synchronization_id"] == theirs["synchronization_id"] and mine["id"] != theirs["id"]
    assert (mine["instance_id"], theirs["instance_id"]) == (pair.primary.id, pair.standby.id)
    assert mine["slave_region_instance_info"]["ip_address"] == "198.51.100.11"
    assert mine["master_region_instance_info"] == theirs["master_region_instance_info"]
    assert "shop" in pair.standby.databases
    assert pair.monitor(pair.one, pair.primary)["status"] == "archive"
    assert pair.monitor(pair.two, pair.standby)["status"] == "recovering"
    assert code(pair.construct()) == (400, "DBS.216009")
    assert code(pair.act(pair.two, pair.standby, "release")) == (400, "DBS.06013002")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"dr_ip": "203.0.113.9"}, "203.0.113.9"),
        ({"dr_user_password": "Wrong-Pw-123"}, "Wrong user"),
        ({"dr_user_name": "nobody"}, "Wrong user"),
    ],
)
def test_precheck_fails(pair, change, reason):
    job = pair.done(pair.construct(**change), status="Failed")
    assert reason in job["fail_reason"]
    record = pair.relations(pair.one)[0]
    assert record["status"] == "pre_check_failed" and reason in record["precheck_failed_reason"]
    assert pair.relations(pair.two) == []
    pair.built()  # a failed attempt does not prevent the next one


def test_precheck_compares_instances(pair):
    pair.standby.version = "3.103.0"
    assert "versions differ" in pair.done(pair.construct(), status="Failed")["fail_reason"]
    pair.two.site.up = False
    assert "reached" in pair.done(pair.construct(), status="Failed")["fail_reason"]


def test_construct_fails_later(pair):
    reply = pair.construct()
    pair.one.advance(100)
    pair.one.site.fail_job(reply.json()["job_id"], "disk full")
    assert pair.states() == [("master", "failed"), ("disaster", "failed")]
    assert not pair.two.site.running_jobs(pair.standby.id)
    pair.built()


def test_names(pair):
    pair.built()
    sync = pair.relations(pair.one)[0]["synchronization_id"]
    path = f"/gaussdb/v3.6/instances/{pair.primary.id}/disaster-recovery/rename"
    reply = pair.one.put(path, json={"synchronization_id": sync, "dr_task_name": "renamed"})
    assert (reply.status_code, reply.content) == (200, b"")
    assert [r["name"] for c in (pair.one, pair.two) for r in pair.relations(c)] == ["renamed"] * 2
    assert code(pair.one.put(path, json={"synchronization_id": "x", "dr_task_name": "y"})) == (400, "DBS.06020105")
    other = add_instance(pair.one.site, "billing", "192.0.3")
    body = {"dr_ip": "1.2.3.4", "dr_user_name": "root", "dr_user_password": "x", "dr_task_name": "renamed"}
    assert code(pair.act(pair.one, other, "construct", **body)) == (400, "DBS.200001")
    del body["dr_task_name"]
    assert pair.act(pair.one, other, "construct", **body).status_code == 202
    assert pair.relations(pair.one)[0]["name"].startswith("DR-task-")


def test_filters(pair):
    pair.built()
    assert len(pair.relations(pair.one, instance_name="orders")) == 1
    assert pair.relations(pair.one, instance_name="ord") == []
    assert pair.relations(pair.two, instance_id=pair.standby.id) == []
    assert len(pair.relations(pair.two, instance_name="orders")) == 1
    assert len(pair.relations(pair.two, instance_id=pair.primary.id)) == 1
    assert pair.relations(pair.one, offset=1) == []


@pytest.mark.parametrize("from_primary", [True, False])
def test_switchover(pair, from_primary):
    pair.built()
    client, instance = (pair.one, pair.primary) if from_primary else (pair.two, pair.standby)
    reply = pair.act(client, instance, "switchover")
    client.advance(60)
    assert pair.states() == [("master", "pending"), ("disaster", "pending")]
    for c, i in ((pair.one, pair.primary), (pair.two, pair.standby)):
        assert pair.monitor(c, i)["switchover_progress"] == "50%"
    assert code(pair.act(pair.one, pair.primary, "switchover")) == (409, "DBS.200019")
    pair.done(reply, client=client)
    assert pair.states() == [("disaster", "normal"), ("master", "normal")]
    assert pair.relations(pair.one)[0]["master_region_instance_info"]["instance_id"] == pair.standby.id
    pair.standby.databases["later"] = Database("later")
    assert "later" in pair.primary.databases
    pair.done(pair.act(pair.one, pair.primary, "switchover"))
    assert pair.states() == [("master", "normal"), ("disaster", "normal")]


def test_switchover_needs_both_platforms(pair):
    pair.built()
    pair.two.site.up = False
    job = pair.done(pair.act(pair.one, pair.primary, "switchover"), status="Failed")
    assert "reached" in job["fail_reason"]
    pair.two.site.up = True
    assert pair.states() == [("master", "normal"), ("disaster", "normal")]


def test_upgrades_while_the_dr_platform_is_away(pair):
    """The primary goes back without it, and is not committed: nobody knows the version of the other one."""
    for instance in (pair.primary, pair.standby):
        instance.version = "3.103.0"
    pair.built()

    def upgrade(action):
        body = {"target_version": "3.200.0", "upgrade_type": "grey", "upgrade_action": action, "upgrade_az": ""}
        body["upgrade_az"] = pair.primary.nodes[0].az = "a"
        return pair.one.put(f"/gaussdb/v3.1/instances/{pair.primary.id}/db-upgrade", json=body)

    pair.done(upgrade("upgrade"))
    pair.two.site.go_down()
    assert code(upgrade("commit")) == (400, "DBS.280660")
    pair.done(upgrade("rollback"))


def test_platform_lost_during_switchover(pair):
    pair.built()
    reply = pair.act(pair.one, pair.primary, "switchover")
    pair.one.advance(50)
    pair.one.site.up = False
    # The DR side cancels the operation, and can be promoted once its own instance is free again.
    assert pair.relations(pair.two)[0]["status"] == "normal"
    pair.two.advance(200)
    pair.done(pair.act(pair.two, pair.standby, "failover"), client=pair.two)
    pair.one.site.up = True
    assert pair.one.job(reply.json()["job_id"])["status"] == "Failed"
    assert pair.states() == [("master", "failover"), ("disaster", "failover")]


def test_failover_with_dead_primary_and_reestablish(pair):
    pair.built()
    pair.primary.databases["last"] = Database("last")
    pair.one.site.up = False
    assert pair.monitor(pair.two, pair.standby)["status"] == "stopped"
    pair.two.advance(30)
    assert pair.monitor(pair.two, pair.standby)["rpo"] == "30"
    assert pair.lags() == ([0.0, 10.0, 20.0, 30.0], [1.0, 11.0, 21.0, 31.0])
    reply = pair.act(pair.two, pair.standby, "failover", is_support_restore=True)
    pair.two.advance(60)
    assert pair.monitor(pair.two, pair.standby)["failover_progress"] == "50%"
    pair.done(reply, client=pair.two)
    assert [(r["disaster_role"], r["status"]) for r in pair.relations(pair.two)] == [("disaster", "failover")]
    assert "last" in pair.standby.databases
    job = pair.done(pair.act(pair.two, pair.standby, "restore"), client=pair.two, status="Failed")
    assert "reached" in job["fail_reason"]
    # The old primary comes back, notices, and becomes the DR instance.
    pair.one.site.up = True
    assert pair.states() == [("master", "failover"), ("disaster", "failover")]
    pair.primary.databases["lost"] = Database("lost")
    pair.standby.databases["new"] = Database("new")
    assert "new" not in pair.primary.databases
    assert code(pair.act(pair.one, pair.primary, "restore")) == (400, "DBS.216009")
    reply = pair.act(pair.two, pair.standby, "restore")
    pair.two.advance(300)
    assert pair.states() == [("master", "pending"), ("disaster", "pending")]
    pair.done(reply, client=pair.two)
    assert pair.states() == [("disaster", "normal"), ("master", "normal")]
    assert "new" in pair.primary.databases and "lost" not in pair.primary.databases
    # And back to the original roles.
    pair.done(pair.act(pair.two, pair.standby, "switchover"), client=pair.two)
    assert pair.states() == [("master", "normal"), ("disaster", "normal")]


def test_reestablish_after_the_record_was_deleted(pair):
    pair.built()
    pair.done(pair.act(pair.two, pair.standby, "failover", is_support_restore=True), client=pair.two)
    reply = pair.one.post("/gaussdb/v3/instances/disaster/record/delete", json={"disaster_name": "to-dc2"})
    assert reply.status_code == 200 and reply.json()["job_id"]
    pair.one.advance(10)
    assert pair.relations(pair.one) == []
    pair.done(pair.act(pair.two, pair.standby, "restore"), client=pair.two)
    assert pair.states() == [("disaster", "normal"), ("master", "normal")]


def test_failover_without_restore(pair):
    pair.built()
    assert code(pair.act(pair.one, pair.primary, "failover")) == (400, "DBS.216009")
    pair.done(pair.act(pair.two, pair.standby, "failover"), client=pair.two)
    assert code(pair.act(pair.two, pair.standby, "restore")) == (400, "DBS.216009")
    # The primary is alive: the relation can be released there.
    pair.done(pair.act(pair.one, pair.primary, "release"))
    assert pair.states() == [("master", "completed"), ("disaster", "completed")]


def test_restore_needs_a_version(pair):
    pair.primary.version = pair.standby.version = "2.100.0"
    pair.built()
    reply = pair.act(pair.two, pair.standby, "failover", is_support_restore=True)
    assert code(reply) == (400, "DBS.200856")


def test_release_and_delete(pair):
    pair.built()
    delete = {"disaster_name": "to-dc2"}
    path = "/gaussdb/v3/instances/disaster/record/delete"
    assert code(pair.one.post(path, json=delete)) == (400, "DBS.216009")
    assert code(pair.one.post(path, json={})) == (400, "DBS.200001")
    pair.done(pair.act(pair.one, pair.primary, "release"))
    assert pair.states() == [("master", "completed"), ("disaster", "completed")]
    assert pair.monitor(pair.one, pair.primary)["status"] == "stopped"
    pair.primary.databases["after"] = Database("after")
    assert "after" not in pair.standby.databases
    for client in (pair.one, pair.two):
        assert client.post(path, json=delete).status_code == 200
        client.advance(10)
        assert code(client.post(path, json=delete)) == (400, "DBS.06020105")
    monitor = f"/gaussdb/v3.6/instances/{pair.primary.id}/disaster-recovery/monitor"
    assert code(pair.one.get(monitor)) == (400, "DBS.06020105")


def test_release_while_the_dr_platform_is_away(pair):
    pair.built()
    pair.two.site.up = False
    pair.done(pair.act(pair.one, pair.primary, "release"))
    pair.two.site.up = True
    assert pair.states() == [("master", "completed"), ("disaster", "completed")]


@pytest.mark.parametrize("from_primary", [True, False])
def test_drill(pair, from_primary):
    pair.built()
    client, instance = (pair.one, pair.primary) if from_primary else (pair.two, pair.standby)
    if from_primary:
        assert code(pair.act(client, instance, "simulation-start")) == (400, "DBS.200001")
    ratio = {"xlog_keep_ratio": 50} if from_primary else {}
    pair.done(pair.act(client, instance, "simulation-start", **ratio), 60, client)
    assert pair.states() == [("master", "simulation"), ("disaster", "simulation")]
    pair.standby.databases["rehearsal"] = Database("rehearsal")
    pair.primary.databases["meanwhile"] = Database("meanwhile")
    assert "rehearsal" not in pair.primary.databases
    assert code(pair.act(pair.two, pair.standby, "failover")) == (400, "DBS.216009")
    assert code(pair.act(pair.one, pair.primary, "release")) == (400, "DBS.216009")
    assert code(pair.act(pair.one, pair.primary, "simulation-stop")) == (400, "DBS.216009")
    pair.done(pair.act(pair.two, pair.standby, "simulation-stop"), 60, pair.two)
    assert pair.states() == [("master", "normal"), ("disaster", "normal")]
    assert "meanwhile" in pair.standby.databases and "rehearsal" not in pair.standby.databases


def test_long_drill_requires_a_rebuild(pair):
    pair.built()
    pair.done(pair.act(pair.one, pair.primary, "simulation-start", xlog_keep_ratio=1), 60)
    pair.one.advance(3600)
    assert int(pair.monitor(pair.two, pair.standby)["rpo"]) >= 3600
    reply = pair.act(pair.two, pair.standby, "simulation-stop")
    pair.two.advance(120)
    assert pair.monitor(pair.two, pair.standby)["status"] == "data_sync"
    pair.done(reply, 600, pair.two)


def test_log_keep(pair):
    pair.built()
    assert code(pair.act(pair.two, pair.standby, "keep-log-start")) == (400, "DBS.06013002")
    assert code(pair.act(pair.one, pair.primary, "keep-log-stop")) == (400, "DBS.216009")
    pair.done(pair.act(pair.one, pair.primary, "keep-log-start", xlog_keep_ratio=30), 30)
    assert pair.states() == [("master", "dr_log_keep"), ("disaster", "normal")]
    # A drill on top of it ends in log keeping again.
    pair.done(pair.act(pair.two, pair.standby, "simulation-start"), 60, pair.two)
    pair.done(pair.act(pair.two, pair.standby, "simulation-stop"), 60, pair.two)
    assert pair.states() == [("master", "dr_log_keep"), ("disaster", "normal")]
    # Meanwhile the roles do not change either, on both sides.
    for client, instance in ((pair.one, pair.primary), (pair.two, pair.standby)):
        assert code(pair.act(client, instance, "switchover")) == (400, "DBS.216009")
    reply = pair.act(pair.one, pair.primary, "keep-log-stop")
    assert code(pair.act(pair.two, pair.standby, "switchover")) == (409, "DBS.200019")
    pair.done(reply, 30)
    assert pair.states() == [("master", "normal"), ("disaster", "normal")]


def test_a_log_kept_before_a_failover_does_not_overflow_after_it(pair):
    pair.built()
    pair.done(pair.act(pair.one, pair.primary, "keep-log-start", xlog_keep_ratio=1), 30)
    pair.done(pair.act(pair.two, pair.standby, "failover", is_support_restore=True), client=pair.two)
    pair.done(pair.act(pair.two, pair.standby, "restore"), client=pair.two)
    pair.done(pair.act(pair.two, pair.standby, "simulation-start", xlog_keep_ratio=50), 60, pair.two)
    # The old primary has the DR instance now: a minute of log needs no rebuild, which would take ten times as long.
    pair.done(pair.act(pair.one, pair.primary, "simulation-stop"), 60)


def test_dorado_has_no_drill(pair):
    pair.built()
    path = f"/gaussdb/v3.6/instances/{pair.primary.id}/disaster-recovery/"
    for operation in ("simulation-start", "simulation-stop", "keep-log-start", "keep-log-stop"):
        assert code(pair.one.post(path + operation, json={"disaster_type": "dorado"})) == (400, "DBS.200001")
    assert code(pair.one.post(path + "switchover", json={"disaster_type": "dorado"})) == (400, "DBS.200001")
    bad = pair.act(pair.one, pair.primary, "keep-log-start", xlog_keep_ratio=101)
    assert code(bad) == (400, "DBS.200001")


def test_candidates(pair):
    path = "/gaussdb/v3/instances/disaster/instanceList"
    ask = {"master_instance_id": pair.primary.id, "disaster_type": "stream"}
    assert pair.one.post(path, json=ask).json() == {"total": 0, "instance_list": []}
    found = pair.two.post(path, json=ask).json()
    assert [i["instance_name"] for i in found["instance_list"]] == ["orders-dr"]
    assert found["instance_list"][0]["consistency_protocol"] == "quorum"
    pair.standby.data["consistency_protocol"] = "paxos"
    assert pair.two.post(path, json=ask).json()["instance_list"][0]["consistency_protocol"] == "paxos"
    pair.built()
    assert pair.two.post(path, json=ask).json()["total"] == 0
    ask["master_instance_id"] = "0" * 32 + "in14"
    assert code(pair.one.post(path, json=ask)) == (400, "DBS.200002")


def test_both_instances_on_one_platform(pair):
    near = add_instance(pair.one.site, "orders-near", "192.0.9")
    pair.done(pair.construct(dr_ip="192.0.9.11"))
    (found,) = pair.relations(pair.one)
    assert (found["disaster_role"], found["status"], found["instance_name"]) == ("disaster", "normal", "orders-near")
    assert found["actions"] == ["STREAM_DISASTER_RELATION_MASTER_TAG"]
    assert [found[f"{side}_region_instance_info"]["instance_id"] for side in ("master", "slave")] == [
        pair.primary.id,
        near.id,
    ]
    assert pair.relations(pair.one, instance_id=pair.primary.id) == [found]
    assert pair.relations(pair.one, instance_name="orders") == [found]
    assert pair.relations(pair.one, instance_id=near.id) == pair.relations(pair.one, instance_name="orders-near") == []
    pair.done(pair.act(pair.one, pair.primary, "keep-log-start"))
    assert [r["status"] for r in pair.relations(pair.one)] == ["dr_log_keep"]
    pair.done(pair.act(pair.one, pair.primary, "keep-log-stop"))
    pair.done(pair.act(pair.one, near, "switchover"))
    (found,) = pair.relations(pair.one)
    assert (found["disaster_role"], found["instance_name"]) == ("disaster", "orders")


def test_other_chapters_respect_the_relation(pair):
    pair.built()
    database = {"name": "sales", "character_set": "UTF8"}
    path = "/gaussdb/v3/instances/{}/database"
    assert code(pair.two.post(path.format(pair.standby.id), json=database)) == (400, "DBS.06013002")
    reply = pair.one.post(path.format(pair.primary.id), json=database)
    assert reply.ok, reply.text
    listed = pair.two.get(f"/gaussdb/v3/instances/{pair.standby.id}/databases").json()
    assert "sales" in str(listed)
    restore = {"source": {"instance_id": pair.primary.id, "backup_id": "b", "type": "backup"}}
    restore["target"] = {"instance_id": pair.primary.id}
    assert code(pair.one.post("/gaussdb/v3/instances/recovery", json=restore)) == (400, "DBS.06013002")
    remove = {"clear_data": True, "rds_admin_password": ROOT_PASSWORD}
    reply = pair.one.delete(f"/gaussdb/v3/instances/{pair.primary.id}/management", json=remove)
    assert code(reply) == (400, "DBS.06013002")


def test_estate(pair):
    entry = {"name": "loaded", "master": "orders", "standby": "orders-dr", "user": "clerk"}
    load(pair.two.site, {"dr_relations": [entry]})
    assert pair.states() == [("master", "normal"), ("disaster", "normal")]
    dumped = dump_dr_relations(pair.one.site)
    assert dumped == [{**entry, "disaster_type": "stream"}]
    assert "shop" in pair.standby.databases
