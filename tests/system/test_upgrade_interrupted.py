# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An upgrade and a rollback, of an instance and of a pair, killed and run again with the same command, end in the
requested state."""

from __future__ import annotations

from collections import Counter

import pair as pairs
import pytest
from fleet import LAST, NEW, OLD, WHOLE, Fleet, broken, ended
from interrupting import ROUNDS, Moments, Steps
from pair import STREAM, Pair
from two_sites import AWAY, HOME

UPGRADE, ROLLBACK = "gaussdb.tpops.upgrade", "gaussdb.tpops.upgrade_rollback"
TWO_DAYS = 2 * 86400


def actions(fleet: Fleet) -> Counter[str]:
    """Return how often the platform accepted each action of an upgrade."""
    sent = [entry for entry in fleet.requests() if entry["operation_id"] == "upgrade_instance"]
    return Counter(entry["body"]["upgrade_action"] for entry in sent if entry["status"] < 400)


@pytest.mark.long
def test_killed_in_each_step(fleet: Fleet) -> None:
    """No zone is upgraded twice, and the commit comes after a run that has verified all of them."""
    fleet.clock(speed=0)
    steps = Steps(fleet)
    run = steps(UPGRADE, ())
    record = ended(run, "unchanged", fleet)
    assert fleet.state() == (NEW, "", [])
    assert fleet.zones() == LAST and actions(fleet) == {"upgrade": 3, "commit": 1}
    assert Counter(entry["operation_id"] for entry in fleet.requests() if entry["write"])["upgrade_agent"] == 1
    # The last run found the new version, and has only verified it.
    assert [step["name"] for step in record["steps"]] == ["check_upgrade", "verify_version"]
    assert steps.killed == {UPGRADE: 16}


@pytest.mark.long
def test_killed_where_a_zone_fails_its_verification(fleet: Fleet) -> None:
    """However often the run is killed, what is broken is not committed, and no further zone is upgraded."""
    fleet.admin("POST", "estate", {"version_faults": [broken("dc2")]})
    fleet.clock(speed=0)
    steps = Steps(fleet, lambda step, job: "dc2" in step)
    ended(steps(UPGRADE, ("-e", "upgrade_on_failure=rollback")), "rolled_back", fleet)
    assert actions(fleet) == {"upgrade": 1, "rollback": 1} and fleet.state() == (OLD, "", [])
    assert steps.killed == {UPGRADE: 2}


@pytest.mark.long
def test_a_rollback_killed_in_each_step(fleet: Fleet) -> None:
    ended(fleet.upgrade("-e", "gaussdb_until=first_zone"), "paused", fleet)
    fleet.clock(speed=0)
    steps = Steps(fleet)
    run = steps(ROLLBACK, ("-e", "gaussdb_target=orders-prod"))
    ended(run, "unchanged", fleet)
    assert fleet.state() == (OLD, "", []) and actions(fleet) == {"upgrade": 1, "rollback": 1}
    assert steps.killed == {ROLLBACK: 3}


@pytest.mark.long
def test_what_was_killed_after_the_commit_is_verified_by_the_same_command(fleet: Fleet) -> None:
    """The platform shows no upgrade any more, but that the instance was changed a short time ago."""
    fleet.clock(speed=0)
    kill = fleet.kill_when(lambda line: "Step: verify the version" in line or fleet.go_on(line), UPGRADE)
    assert kill.status == -9 and fleet.record()["outcome"] == "running"
    fleet.forget_requests()
    fleet.admin("POST", "estate", {"node_failures": [{"instance": "orders-prod", "node": "orders-prod_root_2"}]})
    run = fleet.upgrade()
    record = ended(run, "held", fleet)
    assert "unhealthy nodes: orders-prod_root_2" in run.output
    # What is kept after a failure may be a snapshot, which changes nothing.
    assert [step["name"] for step in record["steps"]] == ["check_upgrade", "verify_version", "diagnose"]
    known = len(fleet.records())
    refused = fleet.upgrade("-e", "upgrade_verify_age=soon")
    assert refused.status != 0 and "upgrade_verify_age is a length of time" in refused.output
    for seconds, age in ((0, ("-e", "upgrade_verify_age=0s")), (TWO_DAYS, ())):
        fleet.clock(advance=seconds)
        run = fleet.upgrade(*age)
        assert run.status == 0 and "No upgrade is pending" in run.output, run.output[-3000:]
    assert len(fleet.records()) == known and set(fleet.writes()) <= {"create_wdr_snapshot"}


def ends_as_undisturbed(pair: Pair) -> None:
    """Check that both members were upgraded once, in their order, and that the last run has verified both."""
    assert pair.order() == STREAM and pair.versions() == [NEW, NEW]
    assert [Counter(pair.sent(site))["upgrade_agent"] for site in (0, 1)] == [1, 1]
    assert pairs.steps(pair.records()[-1], "verify_version") == [
        "verify_version orders-dr",
        "verify_version orders-prod",
    ]


@pytest.mark.long
def test_a_pair_killed_while_its_jobs_run(pair: Pair) -> None:
    """Among these moments, one member is committed and the other one is not, and both are committed."""
    pair.replicate()
    pair.clock(speed=0)
    moments = {f"commit the upgrade at {AWAY}", f"commit the upgrade at {HOME}", f"verify the version at {HOME}"}
    steps = Steps(pair, lambda step, job: step in moments)
    ended_pair(steps(UPGRADE, ()), pair)
    ends_as_undisturbed(pair)
    assert steps.killed == {UPGRADE: len(moments)}


def ended_pair(run: pairs.Recap, pair: Pair) -> None:
    pairs.ended(run, "done" if pair.records()[-1]["changed"] else "unchanged", pair)


@pytest.mark.long
def test_a_pair_killed_in_each_step(pair: Pair) -> None:
    """`make kills` has this one."""
    pair.replicate()
    pair.clock(speed=0)
    steps = Steps(pair)
    ended_pair(steps(UPGRADE, ()), pair)
    ends_as_undisturbed(pair)
    assert steps.killed == {UPGRADE: 27}


@pytest.mark.long
def test_a_rollback_of_a_pair_killed_in_each_job(pair: Pair) -> None:
    pair.replicate()
    pairs.ended(pair.upgrade("-e", "gaussdb_until=zones"), "paused", pair)
    pair.clock(speed=0)
    steps = Steps(pair, lambda step, job: bool(job))
    run = steps(ROLLBACK, ("-e", "gaussdb_target=orders-*"))
    pairs.ended(run, "unchanged", pair)
    assert pair.order() == [*STREAM[:4], "dr rollback", "prod rollback"] and pair.versions() == [OLD, OLD]
    assert steps.killed == {ROLLBACK: 2}


@pytest.mark.long
@pytest.mark.parametrize("number", range(ROUNDS))
def test_an_instance_killed_at_any_moment(fleet: Fleet, number: int) -> None:
    moments = Moments(fleet, number, UPGRADE, "--check")
    run = moments.several(UPGRADE)
    assert run.status == 0, run.output[-6000:]
    assert fleet.state() == (NEW, "", []) and fleet.record()["verification"]
    assert fleet.zones() == LAST and actions(fleet) == {"upgrade": 3, "commit": 1}
    assert set(fleet.writes()) == set(WHOLE)


@pytest.mark.long
@pytest.mark.parametrize("number", range(ROUNDS))
def test_a_pair_killed_at_any_moment(pair: Pair, number: int) -> None:
    pair.replicate()
    moments = Moments(pair, number, UPGRADE, "--check")
    run = moments.several(UPGRADE)
    assert run.status == 0, run.output[-6000:]
    ends_as_undisturbed(pair)
