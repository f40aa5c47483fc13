# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An upgrade and a rollback, killed and run again with the same command, end in the requested state."""

from __future__ import annotations

from collections import Counter

from fleet import LAST, NEW, OLD, Fleet, ended
from interrupting import Steps

UPGRADE, ROLLBACK = "gaussdb.tpops.upgrade", "gaussdb.tpops.upgrade_rollback"
NAMED = ("-e", "gaussdb_target=orders-prod")


def actions(fleet: Fleet) -> Counter[str]:
    """Return how often the platform accepted each action of an upgrade."""
    sent = [entry for entry in fleet.requests() if entry["operation_id"] == "upgrade_instance"]
    return Counter(entry["body"]["upgrade_action"] for entry in sent if entry["status"] < 400)


def test_killed_in_each_step(fleet: Fleet) -> None:
    """No zone is upgraded twice, and the commit comes after a run that has verified all of them."""
    fleet.clock(speed=0)
    steps = Steps(fleet)
    # By name, because nothing is pending any more after the commit.
    run = steps(UPGRADE, NAMED)
    record = ended(run, "unchanged", fleet)
    assert fleet.state() == (NEW, "", [])
    assert fleet.zones() == LAST and actions(fleet) == {"upgrade": 3, "commit": 1}
    assert Counter(entry["operation_id"] for entry in fleet.requests() if entry["write"])["upgrade_agent"] == 1
    # The last run found the new version, and has only verified it.
    assert [step["name"] for step in record["steps"]] == ["check_upgrade", "verify_version"]
    assert steps.killed == {UPGRADE: 15}


def test_a_rollback_killed_in_each_step(fleet: Fleet) -> None:
    ended(fleet.upgrade("-e", "gaussdb_until=first_zone"), "paused", fleet)
    fleet.clock(speed=0)
    steps = Steps(fleet)
    run = steps(ROLLBACK, NAMED)
    ended(run, "unchanged", fleet)
    assert fleet.state() == (OLD, "", []) and actions(fleet) == {"upgrade": 1, "rollback": 1}
    assert steps.killed == {ROLLBACK: 3}
