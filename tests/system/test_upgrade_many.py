# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Many instances in waves, a pair among them: what a failure in a wave stops, and the records of all others."""

from __future__ import annotations

import json
import os

import pytest
from fleet import NEW, OLD
from pair import Pair, steps

# `make fleets` has 40 subjects. The pair is in the second wave.
COUNT = int(os.environ.get("FLEET", "8"))
SINGLES = [f"core-{number:02}" for number in range(1, COUNT)]
SUBJECTS = [*SINGLES[:3], "orders", *SINGLES[3:]]
WAVES = [1, 3, 4] if COUNT == 8 else [1, 4, COUNT - 5]


def prepare(pair: Pair, *failing: str) -> None:
    """Give the first site the other instances, some of which fail in their zone, and describe all of them."""
    shape = {"solution": "single", "version": OLD, "data_center": ["z1"], "password": "Core-Root-1"}
    made = [{"name": name, **shape} for name in SINGLES]
    faults = [
        {
            "instance": name,
            "version": NEW,
            "zone": "z1",
            "after_seconds": 0,
            "alarm": {"alarm_id": "5010099", "severity": "critical"},
        }
        for name in failing
    ]
    pair.sites.admin(0, "estate", {"instances": made})
    pair.sites.admin(0, "estate", {"version_faults": faults})
    pair.replicate()
    names = ["orders-prod" if name == "orders" else name for name in SUBJECTS]
    described = [{"name": name, "engine_version": NEW} for name in names]
    settings = {"upgrade_waves": WAVES, "upgrade_max_fail_percentage": 40}
    pair.describe(estates=({"instances": described, **settings}, {}))


@pytest.mark.long
@pytest.mark.parametrize("failing", [SINGLES[1:2], SINGLES[1:3]], ids=["goes on", "stops"])
def test_upgrades_in_waves(pair: Pair, failing: list[str]) -> None:
    prepare(pair, *failing)
    run = pair.upgrade("--forks", "35")
    assert run.status != 0 and run.failed == len(failing), run.output[-6000:]
    found = {record["subject"]: record for record in pair.records()}
    played = SUBJECTS if len(failing) == 1 else SUBJECTS[: sum(WAVES[:2])]
    # The others of the wave have complete records.
    assert {name: record["outcome"] for name, record in found.items()} == {
        name: "held" if name in failing else "done" for name in played
    }
    assert all(record["ended"] and record["after"] for record in found.values())
    assert all(record["good_end"] == (name not in failing) for name, record in found.items())
    # Ansible includes a file once for all hosts with the same item of a loop, when the first of them has it: the others
    # of a wave do not change the order of the pair.
    assert steps(found["orders"], "upgrade_zones", "commit_upgrade") == [
        *["upgrade_zones orders-prod"] * 2,
        *["upgrade_zones orders-dr"] * 2,
        "commit_upgrade orders-dr",
        "commit_upgrade orders-prod",
    ]
    (page,) = pair.evidence.glob("*-upgrade.html")
    whole = page.read_text(encoding="utf-8")
    assert all(name in whole for name in played)


@pytest.mark.long
def test_one_goes_back_before_the_others_of_its_wave_go_on(pair: Pair) -> None:
    """The time that it is broken is not that of the others' zones, observations and commits."""
    prepare(pair, SINGLES[1])
    chosen = {"gaussdb_target": [SINGLES[1], "orders-prod"], "upgrade_waves": ["100%"]}
    run = pair.upgrade("-e", "upgrade_on_failure=rollback", "-e", json.dumps(chosen))
    assert run.status != 0 and run.failed == 1, run.output[-6000:]
    assert {record["subject"]: record["outcome"] for record in pair.records()} == {
        SINGLES[1]: "rolled_back",
        "orders": "done",
    }
    sent = [each["body"]["upgrade_action"] for each in pair.log(0) if each["operation_id"] == "upgrade_instance"]
    assert sent == ["upgrade", "upgrade", "rollback", "upgrade", "commit"]
