# SPDX-License-Identifier: GPL-3.0-or-later
"""Clock, timers, jobs, the lock that a job holds, and the effect of a seed."""

from __future__ import annotations

import pytest

from tpops_simulator.model.clock import Clock
from tpops_simulator.model.ids import Ids
from tpops_simulator.model.site import Site


def test_clock_runs_faster():
    real = [100.0]
    clock = Clock(60, start=1000, monotonic=lambda: real[0])
    real[0] += 2
    assert clock.now() == 1120
    clock.advance(5)
    assert clock.now() == 1125
    with pytest.raises(ValueError):
        clock.advance(-1)
    with pytest.raises(ValueError):
        Clock(-1)


def test_timers_run_in_order_and_at_their_moment():
    site = Site(clock=Clock(0, start=0))
    seen = []

    def chain(s):
        seen.append(("chain", s.clock.now()))
        s.schedule(5, lambda s: seen.append(("link", s.clock.now())))

    site.schedule(20, lambda s: seen.append(("late", s.clock.now())))
    site.schedule(10, chain)
    site.schedule(12, lambda s: 1 / 0)
    site.schedule(13, lambda s: seen.append(("never", 0))).cancel()
    site.clock.advance(100)
    site.advance()
    assert seen == [("chain", 10), ("link", 15), ("late", 20)]
    assert site.clock.now() == 100


def test_linked_sites_share_time():
    one = Site(clock=Clock(0, start=0))
    two = Site(clock=one.clock)
    one.link(two)
    seen = []
    two.schedule(1, lambda s: seen.append(s is two))
    one.schedule(2, lambda s: seen.append(s is one))
    one.clock.advance(3)
    two.advance()
    assert seen == [True, True]


def test_job_locks_the_instance_until_it_ends():
    site = Site(clock=Clock(0, start=0))
    ended = []
    job = site.start_job("Work", instance_id="i", seconds=10, on_done=lambda s: ended.append(s.clock.now()))
    beside = site.start_job("Look", instance_id="i", seconds=99, exclusive=False)
    assert site.running_jobs("i") == [job]
    site.clock.advance(11)
    site.advance()
    assert ended == [10]
    assert (job.status, job.ended, beside.status) == ("Completed", 10_000, "Running")
    assert site.running_jobs("i") == []
    site.fail_job(job.id, "too late")
    assert job.status == "Completed"


def test_a_running_job_is_a_conflict(client):
    client.site.start_job("Work", instance_id="i14", seconds=10)
    tried = set()
    for operation in client.simulator.contract.operations.values():
        document = client.simulator.contract.document
        spec = document["paths"][operation.path][operation.method.lower()]
        content = spec.get("requestBody", {}).get("content", {}).get("application/json", {})
        if operation.exclusive and "example" in content and operation.path.count("{") == 1:
            path = operation.path.replace("{instance_id}", "i14")
            reply = client.request(operation.method, path, json=content["example"])
            assert reply.status_code == 409, operation.operation_id
            assert "DBS.200019" in reply.text
            assert "Work" in reply.text
            tried.add(operation.operation_id)
    assert {"expand_instance", "start_instance", "upgrade_instance"} <= tried


def test_seed_fixes_ids_and_traces():
    one, same, other = Ids(7), Ids(7), Ids(8)
    assert [one.trace() for _unused in range(3)] == [same.trace() for _unused in range(3)]
    assert one.uuid() == same.uuid() != other.uuid()
    assert one.suffixed("in14") == same.suffixed("in14")
    assert len(one.suffixed("in14")) == 36


def test_runs_with_one_seed_agree(fresh):
    def run(client):
        job = client.site.start_job("Work", seconds=10)
        client.advance(4)
        reply = client.get("/v3/jobs", params={"id": job.id})
        return reply.json(), reply.headers["X-Trace-Id"]

    assert run(fresh(seed=5)) == run(fresh(seed=5)) != run(fresh(seed=6))


def test_viewing_the_page_changes_no_id(fresh):
    def run(look):
        client = fresh(seed=7)
        failure = {"instance": "orders", "node": 0}
        estate = {"instances": [{"name": "orders", "solution": "triset"}], "node_failures": [failure]}
        client.raw("POST", "/_simulator/estate", json=estate)
        if look:
            assert "Node down" in client.raw("GET", "/").text
        return client.site.ids.uuid()

    assert run(look=True) == run(look=False)
