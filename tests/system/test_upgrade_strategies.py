# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Upgrades in one task, which have no way back, and which zones are upgraded together."""

from __future__ import annotations

import functools
import json
import re
from typing import Any

import pytest
from fleet import NEW, OLD, Fleet, ended

# A minor version: the platform makes no backup of its own after it.
MINOR = "3.103.5"
INPLACE = {"strategy": "inplace"}
CONFIRMED = ("-e", "gaussdb_confirm=orders-prod")
WHOLE = ["upgrade_agent", "create_backup", "create_wdr_snapshot", "upgrade_instance"]
PREPARED = ["check_upgrade", "note_baseline", "upgrade_agents", "back_up", "snapshot_workload"]
STEPS = [*PREPARED, "upgrade_at_once", "verify_version", "close_gap"]


def describe(fleet: Fleet, version: str, **options: Any) -> None:
    fleet.admin("POST", "estate", {"engine_versions": [OLD, MINOR, NEW]})
    fleet.describe({"name": "orders-prod", "engine_version": version, "upgrade": options})


def steps(record: dict[str, Any]) -> list[str]:
    return [step["name"] for step in record["steps"]]


@pytest.mark.long
def test_an_upgrade_in_one_task_is_followed_by_a_full_backup(fleet: Fleet) -> None:
    """Check mode announces just that."""
    describe(fleet, MINOR, **INPLACE)
    planned = fleet.upgrade(*CONFIRMED, "--check")
    assert (planned.status, planned.changed) == (0, len(WHOLE) + 1), planned.output[-6000:]
    assert fleet.writes() == []
    run = fleet.upgrade(*CONFIRMED)
    record = ended(run, "done", fleet)
    assert fleet.writes() == [*WHOLE, "create_backup"] and steps(record) == STEPS
    announced, done = (re.findall(r"TASK \[.*Step: (.*)\]", each.output) for each in (planned, run))
    assert announced == done
    assert [note["code"] for note in record["notes"]] == ["backup_to_go_back", "recovery_gap", "service_down"]
    assert fleet.state() == (MINOR, "", []) and fleet.zones() == []


@pytest.mark.long
def test_a_run_that_was_killed_before_its_last_backup_makes_it(fleet: Fleet) -> None:
    """Killed while the task of the upgrade runs, and while that backup is made."""
    describe(fleet, MINOR, **INPLACE)
    fleet.clock(speed=0)

    def is_moment(module: str, sent: list[str], line: str) -> bool:
        return (line.startswith(module) and fleet.writes() == sent) or fleet.go_on(line)

    for module, sent in (("gaussdb_upgrade ", WHOLE), ("gaussdb_backup ", [*WHOLE, "create_backup"])):
        run = fleet.kill_when(functools.partial(is_moment, module, sent), "gaussdb.tpops.upgrade", *CONFIRMED)
        assert run.status == -9, run.output[-6000:]
    run = fleet.kill_when(fleet.go_on, "gaussdb.tpops.upgrade", *CONFIRMED)
    record = ended(run, "unchanged", fleet)
    assert record["good_end"] and steps(record)[-2:] == ["verify_version", "close_gap"]
    assert fleet.writes() == [*WHOLE, "create_backup"]


@pytest.mark.long
def test_the_backup_that_the_platform_makes_itself_is_enough(fleet: Fleet) -> None:
    """It follows the upgrade to a major version."""
    describe(fleet, NEW, auto_commit=True)
    record = ended(fleet.upgrade(*CONFIRMED), "done", fleet)
    assert fleet.writes() == WHOLE and fleet.state()[0] == NEW
    assert [note["code"] for note in record["notes"]] == ["backup_to_go_back", "recovery_gap"]


def refuses(fleet: Fleet, texts: tuple[str, ...], *arguments: str) -> None:
    """Check that a run is refused with a reason and the way out, and has sent nothing."""
    run = fleet.upgrade(*arguments)
    output = " ".join(run.output.split())
    assert run.status != 0 and all(text in output for text in texts), run.output[-6000:]
    assert fleet.writes() == []


def test_each_instance_has_to_be_confirmed(fleet: Fleet) -> None:
    """Before the first one is upgraded."""
    fleet.prepare("billing")
    fleet.describe({"name": "billing"}, {"name": "orders-prod", "upgrade": INPLACE}, upgrade_waves=[1, 1])
    reason = ("in place, which stops the service", "-e gaussdb_confirm=orders-prod", "Given: gaussdb_confirm=billing")
    refuses(fleet, reason, "-e", "gaussdb_confirm=billing")
    assert not fleet.evidence.exists()
    one = ("-e", json.dumps({"gaussdb_target": "orders-prod", "gaussdb_confirm": ["billing", "orders-prod"]}))
    refuses(fleet, ("has no zones to stop at", "gaussdb_until=zones"), *one, "-e", "gaussdb_until=zones")
    refuses(fleet, ("can only be hold",), *one, "-e", "upgrade_on_failure=rollback")


@pytest.mark.long
def test_an_upgrade_in_place_that_breaks_the_instance_is_held(fleet: Fleet) -> None:
    """The page says what is left, because there is no way back."""
    describe(fleet, MINOR, **INPLACE)
    fleet.admin("POST", "estate", {"upgrade_rules": [{"instance": "orders-prod", "leaves": "failed"}]})
    fleet.admin("POST", "faults", {"kind": "job_fail", "operation": "upgrade_instance"})
    record = ended(fleet.upgrade(*CONFIRMED), "held", fleet)
    notes = {note["code"]: note for note in record["notes"]}
    assert notes["ways_left"]["backup"].startswith("before-upgrade-") and "unknown" not in notes["ways_left"].values()
    assert record["diagnosis"][0]["status"] == "FAILED"


def grouped(*groups: list[str]) -> tuple[str, str]:
    return "-e", json.dumps({"upgrade_zone_groups": groups})


@pytest.mark.long
def test_zones_are_upgraded_in_groups(fleet: Fleet) -> None:
    """The first zone is the first group. What is done is taken out of the groups."""
    groups, wrong = grouped(["dc3", "dc2"], ["dc1"]), "upgrade_zone_groups has to name each zone of orders-prod once"
    refuses(
        fleet,
        (wrong, "dc1, dc2, dc3", "Left out: dc2", "dc9", "'dc1', 'dc1'"),
        *grouped(["dc3", "dc9"], ["dc1", "dc1"]),
    )
    ended(fleet.upgrade(*groups, "-e", "gaussdb_until=first_zone"), "paused", fleet)
    assert fleet.zones() == [["dc2", "dc3"]]
    # An upgrade that is under way is not committed in one task.
    fleet.forget_requests()
    reasons = ("strategy_fits: a grey upgrade is under way", "without upgrade_auto_commit")
    refuses(fleet, reasons, *CONFIRMED, "-e", "upgrade_auto_commit=true")
    assert fleet.record()["outcome"] == "held"
    ended(fleet.upgrade(*groups), "done", fleet)
    assert fleet.zones() == [["dc1"]]
