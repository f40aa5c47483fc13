# SPDX-License-Identifier: GPL-3.0-or-later
"""4.2: backup settings, backups and restores."""

from __future__ import annotations

import base64

import pytest

from tpops_simulator.model.entities import ACTIVE, Instance

PASSWORD = "Orders-pw-1"
DAY = 86400


class Backups:
    """Calls on its own instance."""

    def __init__(self, client, solution="triset", version="3.301.0"):
        self.client, self.site = client, client.site
        site = self.site
        self.instance = Instance(
            site.ids.suffixed("in14"),
            "orders",
            status=ACTIVE,
            solution=solution,
            version=version,
            created=site.clock.now(),
            updated=site.clock.now(),
        )
        self.id = self.instance.id
        site.instances[self.id] = self.instance
        self.of_instance = f"/gaussdb/v3/instances/{self.id}"

    def call(self, method, path, expect=200, **options):
        """`expect` is a status of success or an error code."""
        reply = self.client.request(method, path, **options)
        if isinstance(expect, int):
            assert reply.status_code == expect, reply.text
            return reply.json() if reply.content else None
        assert reply.status_code == (409 if expect == "DBS.200019" else 400), reply.text
        assert reply.json()["error_code"] == expect, reply.text
        return reply.json()["error_msg"]

    def pass_time(self, seconds):
        self.client.advance(seconds)
        self.client.login()

    def start(self, name="manual-1", expect=202, **more):
        return self.call("POST", "/gaussdb/v3/backups", expect, json={"instance_id": self.id, "name": name, **more})

    def make(self, name="manual-1", **more):
        made = self.start(name, **more)
        self.pass_time(180)
        assert self.client.job(made["job_id"])["status"] == "Completed"
        return made["backup"]["id"]

    def list(self, **query):
        found = self.call("GET", "/gaussdb/v3.1/backups", params={"instance_id": self.id, **query})
        assert found["total_count"] >= len(found["backups"])
        return found["backups"]

    def differentials(self, **query):
        return self.call("GET", f"{self.of_instance}/differential-backups", params=query)

    def spans(self, **query):
        found = self.call("GET", f"{self.of_instance}/restore-time", params=query)["restore_time"]
        return [(s["start_time"] / 1000, s["end_time"] / 1000) for s in found]

    def restore(self, expect=202, **source):
        body = {"source": {"instance_id": self.id, **source}, "target": {"instance_id": self.id}}
        return self.call("POST", "/gaussdb/v3/instances/recovery", expect, json=body)

    def databases(self):
        return [d["name"] for d in self.call("GET", f"{self.of_instance}/databases")["databases"]]

    def to_xbsa(self):
        self.call("PUT", f"{self.of_instance}/change-backup-media", 202, json={"type": "xbsa"})
        self.pass_time(60)


@pytest.fixture
def backups(client):
    return Backups(client)


# -- settings ---------------------------------------------------------------------------------------------------------

POLICY = {"keep_days": 14, "start_time": "01:00-02:00", "period": "1,3", "differential_period": "60"}


def test_policy(backups):
    path = f"{backups.of_instance}/backups/policy"
    assert backups.call("GET", path)["backup_policy"] == {
        "keep_days": 7,
        "start_time": "17:00-18:00",
        "period": "1,2,3,4,5,6,7",
        "differential_period": "30",
        "rate_limit": 75,
        "prefetch_block": 64,
        "file_split_size": 4,
        "enable_standby_backup": False,
    }
    backups.call("PUT", path, json={"backup_policy": {**POLICY, "rate_limit": 100, "enable_standby_backup": "true"}})
    backups.call("PUT", path, json={"backup_policy": {**POLICY, "period": "6/7", "differential_period": 15}})
    now = backups.call("GET", path)["backup_policy"]
    assert (now["rate_limit"], now["enable_standby_backup"]) == (100, True)
    assert (now["period"], now["differential_period"], now["keep_days"]) == ("6,7", "15", 14)
    assert backups.call("GET", f"{backups.of_instance}/backups/config")["rate_limit"] == 100
    for change, code in (
        ({"keep_days": 733}, "DBS.280125"),
        ({"keep_days": 0}, "DBS.280125"),
        ({"start_time": "01:00-03:00"}, "DBS.280125"),
        ({"start_time": "01:30-02:30"}, "DBS.280125"),
        ({"start_time": "23:00-22:00"}, "DBS.280125"),
        ({"period": "0,1"}, "DBS.280125"),
        ({"period": "1,1"}, "DBS.280125"),
        ({"differential_period": "45"}, "DBS.280125"),
        ({"rate_limit": 1025}, "DBS.200001"),
        ({"prefetch_block": 0}, "DBS.200001"),
        ({"file_split_size": 6}, "DBS.200001"),
        ({"surprise": 1}, "DBS.200001"),
    ):
        backups.call("PUT", path, code, json={"backup_policy": {**POLICY, **change}})
    for missing in POLICY:
        backups.call("PUT", path, "DBS.200001", json={"backup_policy": {k: POLICY[k] for k in POLICY if k != missing}})
    assert backups.call("GET", path)["backup_policy"] == now
    backups.call("PUT", path, json={"backup_policy": {**POLICY, "start_time": "23:00-00:00"}})
    backups.instance.solution = "single"
    backups.call("PUT", path, "DBS.280125", json={"backup_policy": {**POLICY, "enable_standby_backup": True}})


def test_config(backups):
    path = f"{backups.of_instance}/backups/config"
    defaults = {"rate_limit": 75, "prefetch_block": 64, "enable_standby_backup": False, "close_compression": False}
    assert backups.call("GET", path) == defaults
    backups.call("PUT", path, json={"rate_limit": 76, "close_compression ": True})
    assert backups.call("GET", path) == {**defaults, "rate_limit": 76, "close_compression": True}
    token = backups.client.token
    backups.call("PUT", path, json={"prefetch_block": 65}, headers={"X-Auth-Token": token}, token=None)
    assert backups.call("GET", path)["prefetch_block"] == 65
    assert backups.call("GET", f"{backups.of_instance}/backups/policy")["backup_policy"]["prefetch_block"] == 65
    backups.call("PUT", path, "DBS.200006", json={})
    backups.call("PUT", path, "DBS.200001", json={"rate_limit": -1})
    backups.instance.version = "3.99.9"
    backups.call("PUT", path, "DBS.200001", json={"enable_standby_backup": True})


def test_medium_and_certificates(backups):
    path = backups.call("GET", f"{backups.of_instance}/archive-log-path")["path"]
    assert path.endswith(f"_{backups.id}/Log")
    backups.call("PUT", f"{backups.of_instance}/change-backup-media", "DBS.200001", json={"type": "nas"})
    parts = ("ca_cert_pem", "client_crt", "client_key", "rand_pass")
    body = {part: base64.b64encode(b"x" * 40).decode() for part in parts}
    job = backups.call("POST", f"{backups.of_instance}/backups/ssl-certs", 202, json=body)["job_id"]
    backups.call("PUT", f"{backups.of_instance}/change-backup-media", "DBS.200019", json={"type": "xbsa"})
    backups.pass_time(60)
    assert backups.client.job(job)["status"] == "Completed"
    logged = backups.client.simulator.requests.entries()
    shown = next(e["body"] for e in logged if e["operation_id"] == "install_backup_certificates")
    assert body["client_key"] not in (shown["client_key"], shown["rand_pass"])
    backups.call("POST", f"{backups.of_instance}/backups/ssl-certs", "DBS.200001", json={**body, "client_crt": "***"})
    backups.to_xbsa()
    backups.call("PUT", f"{backups.of_instance}/change-backup-media", "DBS.200001", json={"type": "xbsa"})
    backups.call("GET", f"{backups.of_instance}/backups/policy", "DBS.280125")
    backups.call("PUT", f"{backups.of_instance}/backups/policy", "DBS.280125", json={"backup_policy": POLICY})
    backups.call("GET", f"{backups.of_instance}/archive-log-path", "DBS.200001")
    backups.call("GET", f"{backups.of_instance}/restore-time", "DBS.200001")
    backups.call("GET", f"{backups.of_instance}/backups/config")


# -- backups ----------------------------------------------------------------------------------------------------------


def test_manual_backup(backups):
    made = backups.start(description="before the release")
    assert made["backup"]["status"] == "BUILDING" and made["backup"]["type"] == "manual"
    assert backups.instance.status == "BACKING UP"
    backup_id = made["backup"]["id"]
    (shown,) = backups.list()
    assert (shown["id"], shown["status"], shown["end_time"], shown["size"]) == (backup_id, "BUILDING", None, 0)
    backups.start("manual-2", "DBS.200019")
    backups.call("DELETE", f"/gaussdb/v3/backups/{backup_id}", "DBS.200019")
    backups.pass_time(120)
    assert backups.instance.status == "ACTIVE"
    (shown,) = backups.list(backup_type="manual")
    assert shown["status"] == "COMPLETED" and shown["end_time"] > shown["begin_time"] and shown["size"] > 1000
    assert shown["description"] == "before the release" and shown["datastore"]["version"] == "3.301.0"
    assert shown["file_name"].endswith(backup_id) and len(shown["file_name"]) <= 256
    assert backups.client.job(made["job_id"])["name"] == "BackupSnapshotGaussDBV5InInstance"
    backups.call("DELETE", f"/gaussdb/v3/backups/{backup_id}")
    backups.call("DELETE", f"/gaussdb/v3/backups/{backup_id}", "DBS.200751")
    assert backups.list() == []


def test_refused_backups(backups):
    for name in ("abc", "1abc", "a b c", "x" * 65):
        backups.start(name, "DBS.200001")
    backups.start("good", "DBS.200001", description="a > b")
    backups.start("good", "DBS.200001", description="x" * 257)
    backups.start("good", "DBS.200001", backup_type="log")
    backups.start("good", "DBS.200751", backup_type="differential")
    backups.instance.status = "STORAGE FULL"
    backups.start("good", "DBS.216009")
    body = {"instance_id": "none", "name": "good"}
    backups.call("POST", "/gaussdb/v3/backups", "DBS.200002", json=body)


def test_differential_backup(backups):
    backups.make()
    made = backups.make("manual-diff", backup_type="differential")
    assert [b["name"] for b in backups.list()] == ["manual-1"]
    found = backups.differentials()
    assert [b["id"] for b in found["differential_backups"]] == [made] and found["total_count"] == 1
    backups.call("DELETE", f"/gaussdb/v3/backups/{made}")
    backups.call("GET", "/gaussdb/v3/instances/none/differential-backups", "DBS.200002")


def test_stop_and_fail(backups):
    backups.call("POST", f"{backups.of_instance}/backups/stop", "DBS.216009")
    made = backups.start()
    backups.pass_time(20)
    stop = backups.call("POST", f"{backups.of_instance}/backups/stop", 202)["job_id"]
    backups.pass_time(10)
    assert backups.client.job(stop)["status"] == "Completed"
    assert backups.client.job(made["job_id"])["status"] == "Failed"
    assert (backups.list()[0]["status"], backups.instance.status) == ("FAILED", "ACTIVE")
    again = backups.start("manual-2")
    backups.site.fail_job(again["job_id"], "disk is full")
    assert (backups.list()[0]["status"], backups.instance.status) == ("FAILED", "ACTIVE")


def test_automatic_backups(backups):
    assert backups.list() == []
    backups.pass_time(601)
    (first,) = backups.list()
    assert (first["type"], first["status"], first["end_time"]) == ("auto", "BUILDING", None)
    backups.pass_time(600)
    (first,) = backups.list()
    assert first["status"] == "COMPLETED"
    backups.call("DELETE", f"/gaussdb/v3/backups/{first['id']}", "DBS.201218")
    backups.pass_time(3 * DAY)
    assert len(backups.list(backup_type="auto")) == 4
    found = backups.differentials(limit=100)
    assert 47 <= found["total_count"] <= 49
    newest, oldest = found["differential_backups"][0], found["differential_backups"][-1]
    assert newest["begin_time"] > oldest["begin_time"]
    assert len(backups.differentials()["differential_backups"]) == 10
    backups.pass_time(400 * DAY)
    kept = backups.list()
    assert len(kept) in (7, 8) and first["id"] not in [b["id"] for b in kept]
    assert all(b["status"] == "COMPLETED" for b in kept)


def test_policy_governs_automatic_backups(backups):
    backups.pass_time(DAY)
    before = len(backups.list())
    policy = {**POLICY, "keep_days": 30, "differential_period": "1440"}
    backups.call("PUT", f"{backups.of_instance}/backups/policy", json={"backup_policy": policy})
    backups.pass_time(28 * DAY)
    assert len(backups.list()) == before + 8
    begins = {b["begin_time"][11:13] for b in backups.list()[:8]}
    assert begins == {"01"}
    moment = backups.list()[0]["begin_time"]
    assert len(backups.list(begin_time=moment, end_time=backups.site.clock.iso())) == 1
    backups.call("GET", "/gaussdb/v3.1/backups", "DBS.200001", params={"begin_time": moment})
    backups.call("GET", "/gaussdb/v3.1/backups", "DBS.200001", params={"begin_time": moment, "end_time": moment})
    backups.call("GET", "/gaussdb/v3.1/backups", "DBS.280439", params={"limit": 101})
    assert [len(backups.list(limit=1)), len(backups.list(offset=before + 7))] == [1, 1]


def test_backups_outlive_their_instance(backups):
    made = backups.make()
    del backups.site.instances[backups.id]
    assert [b["id"] for b in backups.list()] == [made]
    query = {"instance_id": backups.id, "backup_id": made}
    snapshot = backups.call("GET", "/gaussdb/v3/instance-snapshot", params=query)
    assert (snapshot["solution"], snapshot["node_num"], snapshot["cluster_mode"]) == ("triset", 3, "Ha")
    assert backups.list(backup_id="other") == []


def test_xbsa_backups(backups):
    backups.to_xbsa()
    made = backups.make()
    assert backups.list() == []
    (shown,) = backups.list(backup_type="Snapshot_Xbsa")
    assert (shown["id"], shown["file_name"]) == (made, "")
    backups.call("DELETE", f"/gaussdb/v3/backups/{made}", "DBS.201218")
    log = backups.make("log-1", backup_type="log", depend_backupIds=[made])
    assert [b["id"] for b in backups.list(backup_type="Log_Xbsa")] == [log]
    backups.start("log-2", "DBS.200751", backup_type="log", depend_backupIds=["other"])
    backups.instance.version = "3.300.9"
    backups.start("log-2", "DBS.200001", backup_type="log")
    for wanted in ("Snapshot_Xbsa", "Log_Xbsa"):
        query = {"instance_id": backups.id, "backup_type": wanted}
        assert "3.301" in backups.call("GET", "/gaussdb/v3.1/backups", "DBS.200001", params=query)
        assert len(backups.call("GET", "/gaussdb/v3.1/backups", params={"backup_type": wanted})["backups"]) == 1
    backups.pass_time(3 * DAY)
    assert backups.list() == []


def test_an_xbsa_instance_goes_back_to_any_moment_after_a_backup(backups):
    backups.to_xbsa()
    before = backups.site.clock.now()
    backups.make()
    create_database(backups, "early")
    backups.pass_time(100)
    moment = backups.site.clock.now()
    backups.pass_time(100)
    create_database(backups, "late")
    for wrong in (before, backups.site.clock.now() + 60):
        backups.restore("DBS.200001", type="timestamp", restore_time=str(int(wrong * 1000)))
    backups.restore(type="timestamp", restore_time=str(int(moment * 1000)))
    backups.pass_time(300)
    assert backups.databases() == ["early"]


def test_synchronised_metadata(backups):
    now = int(backups.site.clock.now())
    body = {
        "source_instance_id": "lost-in14",
        "prepared_instance_id": backups.id,
        "media_type": "XBSA",
        "start_time": str(now - 10 * DAY),
        "end_time": str(now * 1000),
    }
    path = "/gaussdb/v3/backups/sync-metadata"
    backups.call("POST", path, "DBS.200001", json=body)
    backups.to_xbsa()
    backups.call("POST", path, "DBS.200001", json={**body, "start_time": str(now - 101 * DAY)})
    backups.call("POST", path, "DBS.200001", json={**body, "end_time": body["start_time"]})
    for _unused in range(2):
        backups.call("POST", path, 202, json=body)
        backups.pass_time(60)
    query = {"instance_id": "lost-in14", "backup_type": "OffSite_Snapshot_Xbsa"}
    (found,) = backups.list(**query)
    delete = {"instance_id": "lost-in14", "backup_ids": [found["id"], "other"]}
    results = backups.call("DELETE", "/gaussdb/v3/backups/batch-delete", json=delete)["delete_results"]
    assert [(r["backup_id"], r["error_code"]) for r in results] == [(found["id"], "0"), ("other", "DBS.200751")]
    assert results[0]["error_msg"] == "Success"
    backups.call("DELETE", "/gaussdb/v3/backups/batch-delete", "DBS.200002", json=delete)


# -- restores ---------------------------------------------------------------------------------------------------------


def create_database(backups, name):
    backups.call("POST", f"{backups.of_instance}/database", json={"name": name})


def test_restore_from_backup(backups):
    create_database(backups, "early")
    made = backups.make()
    create_database(backups, "late")
    backups.start("meanwhile")
    backups.restore("DBS.200019", backup_id=made)
    backups.pass_time(120)
    early = backups.instance.databases["early"]
    early.schemas["later_schema"] = "root"
    job = backups.restore(backup_id=made, type="backup")["job_id"]
    assert backups.instance.status == "RESTORING"
    backups.restore("DBS.200019", backup_id=made)
    backups.call("DELETE", f"/gaussdb/v3/backups/{made}", "DBS.200019")
    backups.pass_time(300)
    assert backups.client.job(job)["name"] == "RestoreGaussDBV5InInstance"
    assert (backups.instance.status, backups.databases()) == ("ACTIVE", ["early"])
    assert "later_schema" not in backups.instance.databases["early"].schemas
    backups.call("DELETE", f"/gaussdb/v3/backups/{made}")


def test_restore_to_moment_and_confirm(backups):
    confirm = f"/gaussdb/v3/backups/{backups.id}/confirm-restore-data"
    backups.call("POST", confirm, "DBS.216009")
    assert backups.spans() == []
    backups.pass_time(1000)
    create_database(backups, "early")
    backups.pass_time(1000)
    moment = backups.site.clock.now()
    backups.pass_time(1000)
    create_database(backups, "late")
    ((begin, end),) = backups.spans()
    assert begin < moment < end == backups.site.clock.now()
    for wrong in (begin - 1, end + 1):
        backups.restore("DBS.200001", type="timestamp", restore_time=str(int(wrong * 1000)))
    backups.restore(restore_time=str(int(moment * 1000)))
    backups.pass_time(300)
    stopped = backups.site.clock.now()
    assert backups.databases() == ["early"]
    backups.pass_time(500)
    assert backups.spans() == [(begin, stopped)]
    assert backups.call("GET", f"{backups.of_instance}/archive-log-path")["path"] == ""
    backups.call("POST", confirm, 202)
    backups.pass_time(30)
    confirmed = backups.site.clock.now()
    backups.pass_time(100)
    assert backups.spans() == [(begin, moment), (confirmed, backups.site.clock.now())]
    assert backups.call("GET", f"{backups.of_instance}/archive-log-path")["path"] != ""
    day = backups.site.clock.iso()[:10]
    assert len(backups.spans(date=day)) == 2
    assert backups.spans(date="2020-01-01") == []
    backups.call("GET", f"{backups.of_instance}/restore-time", "DBS.200001", params={"date": "2026-02-30"})
    backups.call("POST", confirm, "DBS.216009")


def test_refused_and_failed_restores(backups, client):
    made = backups.make()
    other = Backups(client)
    foreign = other.make()
    body = {"source": {"instance_id": backups.id, "backup_id": made}, "target": {"instance_id": other.id}}
    backups.call("POST", "/gaussdb/v3/instances/recovery", "DBS.200001", json=body)
    backups.restore("DBS.200001", type="backup")
    backups.restore("DBS.200001", type="timestamp", backup_id=made)
    backups.restore("DBS.200001")
    backups.restore("DBS.200751", backup_id=foreign)
    job = backups.restore(backup_id=made)["job_id"]
    backups.site.fail_job(job, "disk is full")
    assert backups.instance.status == "FAILED"
    backups.restore(backup_id=made)
    backups.pass_time(300)
    assert backups.instance.status == "ACTIVE"


def test_targets(backups, client):
    made = backups.make()
    twin, distributed, older = Backups(client), Backups(client, "hcs1"), Backups(client, version="3.200.0")
    query = {"source_instance_id": backups.id, "backup_id": made}
    found = backups.call("GET", "/gaussdb/v3/restorable-instances", params=query)
    ids = [i["instance_id"] for i in found["instances"]]
    assert {backups.id, twin.id} <= set(ids) and not {distributed.id, older.id} & set(ids)
    assert found["instances"][0]["mode"] == "Ha"
    query = {"source_instance_id": backups.id}
    backups.call("GET", "/gaussdb/v3/restorable-instances", "DBS.200001", params=query)
    path = "/gaussdb/v3/instance-snapshot"
    now = str(int(backups.site.clock.now() * 1000))
    assert backups.call("GET", path, params={"instance_id": backups.id, "restore_time": now})["replica_num"] == 3
    for query, code in (
        ({"instance_id": backups.id}, "DBS.200001"),
        ({"instance_id": "none", "backup_id": made}, "DBS.200002"),
        ({"instance_id": backups.id, "backup_id": "none"}, "DBS.200751"),
        ({"instance_id": backups.id, "restore_time": "1000"}, "DBS.200751"),
        ({"instance_id": backups.id, "restore_time": "yesterday"}, "DBS.200001"),
    ):
        backups.call("GET", path, code, params=query)
