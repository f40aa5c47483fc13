# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The upgrade of the two instances of a relation, at two sites: one subject, in the order of its replication, and never
half of it."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from conftest import Recap, occurrences, reported
from fleet import NEW, OLD, announced
from pair import INSTANCES, STREAM, WHOLE, Pair, ended, steps
from two_sites import AWAY, HOME, MEMBERS


@pytest.mark.long
def test_a_pair_is_upgraded_in_the_order_of_its_replication_and_again(pair: Pair) -> None:
    pair.replicate()
    run = pair.upgrade()
    record = ended(run, "done", pair)
    assert (record["subject"], record["members"]) == ("orders", {HOME: "orders-prod", AWAY: "orders-dr"})
    assert pair.versions() == [NEW, NEW] and record["good_end"]
    assert pair.order() == STREAM
    assert (pair.sent(0), pair.sent(1)) == WHOLE
    # After each entry of the order, the relation is protected again.
    assert [step["name"] for step in record["steps"]].count("wait_protected") == 4
    assert all(figure["samples"] for figure in record["figures"])
    pair.forget()
    assert "No upgrade is pending" in pair.upgrade().output
    ended(pair.upgrade("-e", "gaussdb_target=orders-dr"), "unchanged", pair)
    assert (pair.sent(0), pair.sent(1)) == ([], [])


@pytest.mark.long
def test_check_mode_announces_the_steps_of_both(pair: Pair) -> None:
    pair.replicate()
    shown = {"ANSIBLE_SHOW_CUSTOM_STATS": "1"}
    planned = pair.upgrade("--check", **shown)
    assert planned.status == 0, planned.output[-9000:]
    assert (pair.sent(0), pair.sent(1)) == ([], []) and not pair.evidence.exists()
    assert "the plan assumes that earlier tasks" in planned.output
    run = pair.upgrade(**shown)
    ended(run, "done", pair)
    plan, done = (reported(each)["orders"] for each in (planned, run))
    assert announced(plan) == announced(done)
    for site, name in enumerate(INSTANCES):
        sent = [operation for step in announced(plan) if step[1] == name for operation in step[-1]]
        assert sent == pair.sent(site) == WHOLE[site]
    assert planned.changed == run.changed == sum(map(len, WHOLE))


@pytest.mark.long
def test_a_pair_is_paused_and_goes_on(pair: Pair) -> None:
    pair.replicate()
    ended(pair.upgrade("-e", "gaussdb_until=precheck"), "paused", pair)
    assert (pair.sent(0), pair.sent(1)) == ([], [])
    ended(pair.upgrade("-e", "gaussdb_until=first_zone"), "paused", pair)
    assert pair.order() == STREAM[:1]
    record = ended(pair.upgrade("-e", "gaussdb_until=zones"), "paused", pair)
    assert pair.order() == STREAM[:4]
    assert steps(record, "observe_zones")[0] == "observe_zones orders-prod"
    # A commit that the platform refuses leaves one member committed: the next run goes on there.
    pair.sites.admin(0, "estate", {"upgrade_rules": [{"instance": "orders-prod", "refuse": ["commit"]}]})
    record = ended(pair.upgrade("-e", "upgrade_on_failure=rollback"), "held", pair)
    assert pair.order() == STREAM[:5] and pair.versions() == [OLD, NEW]
    # What is upgraded but not committed was verified before the first commit.
    assert steps(record, "verify_zones") == ["verify_zones orders-prod", "verify_zones orders-dr"]
    # The first commit ends the way back.
    pair.forget()
    run = pair.rollback()
    ended(run, "held", pair)
    assert "rollback_possible" in run.output and pair.order() == []
    pair.sites.admin(0, "estate", {"upgrade_rules": [{"instance": "orders-prod"}]})
    record = ended(pair.upgrade(), "done", pair)
    assert pair.order() == STREAM[5:] and pair.versions() == [NEW, NEW]
    assert steps(record, "verify_zones", "verify_version") == [
        "verify_zones orders-prod",
        "verify_version orders-dr",
        "verify_version orders-prod",
    ]


@pytest.mark.long
def test_a_pair_is_rolled_back_from_the_dr_instance(pair: Pair) -> None:
    """By policy, and by hand."""
    pair.replicate()
    broken = {"instance": "orders-dr", "version": NEW, "zone": "z2", "after_seconds": 0, "component": "dn_6002"}
    pair.sites.admin(1, "estate", {"version_faults": [broken]})
    run = pair.upgrade("-e", "upgrade_on_failure=rollback")
    record = ended(run, "rolled_back", pair)
    assert pair.versions() == [OLD, OLD] and pair.order()[-2:] == ["dr rollback", "prod rollback"]
    assert steps(record, "roll_back") == ["roll_back orders-dr", "roll_back orders-prod"]


@pytest.mark.long
def test_a_pair_is_rolled_back_by_hand(pair: Pair) -> None:
    pair.replicate()
    ended(pair.upgrade("-e", "gaussdb_until=zones"), "paused", pair)
    pair.forget()
    planned = pair.rollback("--check")
    assert (planned.status, planned.changed) == (0, 2), planned.output[-6000:]
    assert pair.order() == []
    record = ended(pair.rollback(), "done", pair)
    assert pair.order() == ["dr rollback", "prod rollback"] and record["good_end"]
    assert record["subject"] == "orders" and pair.versions() == [OLD, OLD]
    ended(pair.rollback(), "unchanged", pair)


def refuses(run: Recap, pair: Pair, *texts: str) -> None:
    """Check that a run was refused with a reason and the way out, and sent nothing."""
    output = " ".join(run.output.split())
    assert run.status != 0 and all(text in output for text in texts), run.output[-6000:]
    assert (pair.sent(0), pair.sent(1)) == ([], [])


def test_half_a_pair_is_refused(pair: Pair) -> None:
    together = "orders-prod and orders-dr are in the relation orders, and are only upgraded together"
    pair.replicate()
    for playbook in (pair.upgrade, pair.rollback):
        run = playbook("-e", "gaussdb_sites=site-a")
        refuses(run, pair, together, "does not have site-b", "-e gaussdb_sites=site-a,site-b")
    pair.describe(dr=False)
    refuses(pair.upgrade(), pair, together, "Describe orders-dr in gaussdb_estate")
    # A relation that the platform has and the description has not.
    pair.describe(dr_relations=[])
    run = pair.upgrade()
    refuses(run, pair, "pair_known: orders: none, or one that dr_relations describes")
    assert {record["outcome"] for record in pair.records()} == {"held"}
    pair.describe(dr={"engine_version": "3.300.0"})
    refuses(pair.upgrade(), pair, "must describe the same version", "grey 3.300.0", "grey 3.200.0")
    pair.describe(dr={"window": {"from": "01:00", "to": "05:00"}})
    refuses(pair.upgrade(), pair, "the same window", "01:00")
    pair.describe()
    run = pair.upgrade("-e", json.dumps({"upgrade_dr_order": {"stream": ["observe both"]}}))
    refuses(run, pair, "Each entry of upgrade_dr_order", "observe both")


@pytest.mark.long
def test_platforms_that_do_not_agree_on_the_waves_are_refused(pair: Pair) -> None:
    pair.replicate()
    pair.describe(estates=({"upgrade_waves": [1, 4]}, {"upgrade_waves": [2]}))
    refuses(pair.upgrade(), pair, "upgrade_waves is [1, 4] of site-a and [2] of site-b", "-e gaussdb_sites=")
    assert not pair.evidence.exists()
    refuses(pair.upgrade("-e", "upgrade_waves=few"), pair, "upgrade_waves is a list of numbers", "Given: few")
    # What is given for the run, and a platform that says nothing, is no disagreement.
    precheck = ("-e", "gaussdb_until=precheck")
    ended(pair.upgrade("-e", '{"upgrade_waves": [1]}', *precheck), "paused", pair)
    pair.describe(estates=({"upgrade_waves": [1, 4]}, {}))
    ended(pair.upgrade(*precheck), "paused", pair)


@pytest.mark.long
def test_a_pair_that_is_not_protected_is_refused(pair: Pair) -> None:
    """The relation does not exist, or is not within its thresholds."""
    refuses(pair.upgrade(), pair, "failed for orders-prod: pair_known: no relation", "dr_setup")
    pair.replicate()
    relation = {"name": "orders", "primary_site": HOME, "members": MEMBERS, "thresholds": {"rto_seconds": 0.5}}
    pair.describe(dr_relations=[relation])
    refuses(pair.upgrade(), pair, "pair_protected: normal, RPO 0 s, RTO 1 s: normal, RPO at most 10 s, RTO at most 0.5")


@pytest.mark.long
def test_a_pair_whose_run_was_killed_is_taken_up(pair: Pair) -> None:
    pair.replicate()
    pair.clock(speed=0)

    def of_dr_instance(line: str) -> bool:
        return (line.startswith("gaussdb_upgrade ") and len(pair.order()) == 3) or pair.go_on(line)

    run = pair.kill_when(of_dr_instance, "gaussdb.tpops.upgrade")
    assert run.status == -9, run.output[-6000:]
    assert steps(pair.records()[-1])[-1] == "upgrade_zones orders-dr"
    run = pair.kill_when(pair.go_on, "gaussdb.tpops.upgrade")
    record = ended(run, "done", pair)
    assert pair.order() == STREAM
    assert steps(record, "observe_zones", "upgrade_zones")[:3] == [
        "observe_zones orders-prod",
        "observe_zones orders-dr",
        "upgrade_zones orders-dr",
    ]


@pytest.mark.long
def test_storage_replication_has_another_order(pair: Pair) -> None:
    pair.replicate("dorado")
    ended(pair.upgrade("-e", "gaussdb_until=zones"), "paused", pair)
    assert pair.order() == ["prod upgrade"] * 2
    ended(pair.upgrade(), "done", pair)
    assert pair.order() == [*["prod upgrade"] * 2, "prod commit", *["dr upgrade"] * 2, "dr commit"]
    assert pair.versions() == [NEW, NEW]


@pytest.mark.long
def test_hotfixes_come_to_the_dr_instance_first(pair: Pair) -> None:
    pair.replicate()
    for site in (0, 1):
        pair.sites.admin(site, "estate", {"engine_versions": [OLD, f"{OLD}.1", NEW]})
    hotfix = {"engine_version": None, "upgrade": {"strategy": "hotfix", "version": f"{OLD}.1"}}
    pair.describe(hotfix, hotfix)
    record = ended(pair.upgrade(), "done", pair)
    assert pair.order() == ["dr upgradeAutoCommit", "prod upgradeAutoCommit"]
    assert steps(record, "verify_version") == ["verify_version orders-dr", "verify_version orders-prod"]


@pytest.mark.long
def test_a_member_that_has_the_version_already_is_left_alone(pair: Pair) -> None:
    pair.fill(1, NEW)
    pair.replicate()
    ended(pair.upgrade(), "done", pair)
    assert pair.order() == ["prod upgrade", "prod upgrade", "prod commit"]


@pytest.mark.long
def test_the_site_of_the_dr_instance_is_lost_while_the_pair_is_observed(pair: Pair) -> None:
    pair.replicate()
    ended(pair.upgrade("-e", "gaussdb_until=zones"), "paused", pair)
    pair.down(1)
    run = pair.upgrade("-e", "gaussdb_target=orders-*")
    assert run.status != 0 and "site-b" in run.output
    pair.up(1)
    ended(pair.upgrade(), "done", pair)
    assert pair.order() == STREAM


@pytest.mark.long
def test_a_pair_is_rolled_back_after_a_failover(pair: Pair) -> None:
    """There is no relation to wait for any more. The page says how to build it again."""
    pair.replicate()
    ended(pair.upgrade("-e", "gaussdb_until=zones"), "paused", pair)
    pair.down(0)
    run = pair.play("gaussdb.tpops.dr_failover", "-e", f"dr_primary_site={AWAY}", "-e", f"gaussdb_confirm={HOME}")
    assert run.status == 0, run.output[-6000:]
    pair.up(0)
    record = ended(pair.rollback(), "done", pair)
    # The former DR instance is the primary now, and the primary goes last.
    assert pair.order()[4:] == ["prod rollback", "dr rollback"] and pair.versions() == [OLD, OLD]
    assert {"code": "relation_promoted"} in record["notes"]


@pytest.mark.long
def test_disaster_recovery_finds_the_relations_among_the_variables_of_the_platforms(pair: Pair) -> None:
    pair.replicate()
    run = pair.play("gaussdb.tpops.dr_status")
    assert run.status == 0 and "orders is as described" in run.output, run.output[-6000:]


SENTINELS = ("Sentinel-Root-1", "Sentinel-User-1", "Sentinel-Dr-1", "Sentinel-Peer-1")


def test_no_secret_is_shown_or_written(pair: Pair) -> None:
    """Not with -vvvvv, not in a plan, a failure, a rollback, not in records and pages, not in the platforms' logs."""
    pair.replicate()
    root, user, *members = SENTINELS
    secret = {"root_password": root, "users": [{"name": "app", "password": user}]}
    relation: dict[str, Any] = {"name": "orders", "primary_site": HOME}
    relation["members"] = [
        {**member, "username": "drm", "password": password} for member, password in zip(MEMBERS, members)
    ]
    pair.describe(secret, secret, dr_relations=[relation])
    loud = ("-vvvvv", "--diff")
    runs = [pair.upgrade("--check", *loud)]
    assert runs[0].status == 0, runs[0].output[-3000:]
    broken = {"instance": "orders-dr", "version": NEW, "zone": "z2", "after_seconds": 0, "component": "dn_6002"}
    pair.sites.admin(1, "estate", {"version_faults": [broken]})
    runs.append(pair.upgrade("-e", "upgrade_on_failure=rollback", *loud))
    ended(runs[-1], "rolled_back", pair)
    refused = {"operation": "list_users", "kind": "status", "status": 400, "count": None}
    pair.sites.admin(0, "faults", {**refused, "body": {"error_code": "X", "error_msg": "Y"}})
    runs.append(pair.rollback(*loud))
    assert runs[-1].status != 0 and pair.records()[-1]["outcome"] == "failed"
    tokens = [path.read_text() for path in pair.home.rglob("gaussdb_tpops/*") if path.is_file()]
    tokens = [token for text in tokens for token in re.findall(r'"token": "([^"]+)"', text)]
    assert tokens, "only the token cache may contain the token"
    secrets = [*SENTINELS, pair.server.password, *tokens]
    logs = [pair.server.log.read_text(), *(str(pair.sites.admin(site, "requests", method="GET")) for site in (0, 1))]
    for text in (*(run.output for run in runs), *logs):
        assert [secret for secret in secrets if secret in text] == []
    assert occurrences(pair.evidence, secrets) == [] and len(list(pair.evidence.iterdir())) >= 4
