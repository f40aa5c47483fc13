# SPDX-License-Identifier: GPL-3.0-or-later
"""How a test of another program uses the simulator; copy from here."""

from __future__ import annotations

import json

import pytest
import requests

from tpops_simulator.testing import AdminRefused, start

ESTATE = {
    "data_centers": ["east"],
    "hosts": [{"name": "db-1", "manage_ip": "192.0.2.1", "data_center": "east"}],
    "instances": [{"name": "orders", "solution": "single", "data_center": "east", "password": "Gauss_2345"}],
}


class Client:
    """The program under test: it logs in, retries after a lost connection, and waits for tasks."""

    def __init__(self, site):
        self.http = requests.Session()
        self.http.trust_env = False
        self.http.verify = str(site.ca_file)
        self.base = f"{site.url}/rds"
        body = {"username": site.username, "password": site.password}
        self.http.headers["X-Mini-Token"] = self.http.post(
            f"{self.base}/v3/auth/mini-token", json=body, timeout=10
        ).json()["x_mini_token"]

    def send(self, method, path, **options):
        for _attempt in range(3):
            try:
                return self.http.request(method, self.base + path, timeout=10, **options)
            except requests.ConnectionError:
                continue
        raise AssertionError("no reply in three attempts")

    def restart(self, name):
        (found,) = self.send("GET", "/gaussdb/v3.1/instances", params={"name": name}).json()["instances"]
        return self.send("POST", f"/gaussdb/v3/instances/{found['id']}/restart").json()["job_id"]

    def job(self, job_id):
        return self.send("GET", "/v3/jobs", params={"id": job_id}).json()["job"]


@pytest.fixture(scope="module")
def running():
    with start(estate=ESTATE, seed=7) as site:
        yield site


@pytest.fixture
def site(running):
    """One simulator for all tests of the module, without the faults and the log of the test before."""
    running.remove_faults()
    running.forget_requests()
    return running


def test_a_task_is_awaited(site):
    client = Client(site)
    job_id = client.restart("orders")
    assert client.job(job_id)["status"] == "Running"
    site.finish_jobs()
    assert client.job(job_id)["status"] == "Completed"


def test_a_lost_connection_is_survived(site):
    client = Client(site)
    site.add_fault("reset_before", "list_instances")
    client.restart("orders")
    site.finish_jobs()
    assert [e["status"] for e in site.requests("list_instances")] == [None, 200]
    assert [e["operation_id"] for e in site.writes()] == ["restart_instance"]


def test_a_failed_task_is_reported(site):
    client = Client(site)
    site.add_fault("job_fail", "restart_*", step=2, reason="no space left")
    job_id = client.restart("orders")
    site.finish_jobs()
    job = client.job(job_id)
    assert (job["status"], "no space left" in job["fail_reason"]) == ("Failed", True)


def test_the_site_is_down(site):
    client = Client(site)
    site.go_down("503")
    assert client.send("GET", "/gaussdb/v3/hosts").status_code == 503
    site.come_up()
    assert client.send("GET", "/gaussdb/v3/hosts").status_code == 200
    site.expire_tokens()
    assert client.send("GET", "/gaussdb/v3/hosts").status_code == 401


def test_the_rest_of_the_admin_api(site):
    assert site.load({"data_centers": ["west"]}) == {"data_centers": 1}
    assert {d["name"] for d in site.estate()["data_centers"]} == {"east", "west"}
    assert site.state()["data_centers"] == 2
    with pytest.raises(AdminRefused, match="kind: must be one of"):
        site.add_fault("nonsense")
    rule = site.add_fault("busy", count=None)
    assert site.faults() == [rule]
    site.remove_faults(rule["id"])
    assert site.faults() == []
    job_id = Client(site).restart("orders")
    site.end_job(job_id, "Failed", "enough")
    assert next(j for j in site.jobs() if j["id"] == job_id)["fail_reason"] == "enough"


def test_two_linked_sites(tmp_path):
    file = tmp_path / "peer.yml"
    file.write_text(json.dumps({"data_centers": ["dr"]}))
    with start(peer_estate=file) as site:
        assert site.peer is not None
        assert [d["name"] for d in site.peer.estate()["data_centers"]] == ["dr"]
        site.advance(60)
        assert site.clock()["epoch"] == site.peer.clock()["epoch"]
