# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Many relations in one run: all primaries of a site that is lost and their way home, and drills in waves."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
from two_sites import AWAY, HOME, TwoSites, done, refused


def relate(sites: TwoSites, names: list[str], **wrong: dict[str, Any]) -> tuple[str, str]:
    """Give both platforms relations of these names, and return the option that describes them. ``wrong`` replaces parts
    of a description."""
    described = sites.sites.relate(names, {"backups": [{"name": "b", "age_seconds": 9}]})
    wait = {"wait": {"interval": 1, "timeout": 120}}
    return "-e", json.dumps({"dr_relations": [{**each, **wait, **wrong.get(each["name"], {})} for each in described]})


def records(sites: TwoSites, procedure: str) -> dict[str, dict[str, Any]]:
    """Return the records of a procedure by the name of their relation."""
    found = [json.loads(path.read_text(encoding="utf-8")) for path in sites.evidence.glob(f"*-{procedure}-*.json")]
    assert len({each["subject"] for each in found}) == len(found)
    return {each["subject"]: each for each in found}


def page(sites: TwoSites, procedure: str) -> Path:
    """Return the page of all relations of a run."""
    (found,) = sites.evidence.glob(f"*-{procedure}.html")
    return found


NAMES = ["cards", "core", "loans"]
UNKNOWN = [{"site": HOME, "instance": "x-prod"}, {"site": AWAY, "instance": "x-dr"}]
LOST = ("-e", f"gaussdb_confirm={HOME}", "--forks", "10")


def test_all_primaries_of_a_lost_site_are_promoted_at_the_same_time_and_go_home(sites: TwoSites) -> None:
    described = relate(sites, NAMES)
    sites.down(0)
    sites.clock(speed=0)
    promoted: set[str] = set()

    def go_on(line: str) -> bool:
        """Let the time go on once every relation waits for its own job."""
        promoted.update(re.findall(r"^gaussdb_dr_role (\w+)-dr: GaussDBV5Failover", line))
        return promoted >= set(NAMES) and sites.go_on(line)

    done(sites.kill_when(go_on, "gaussdb.tpops.dr_failover", *LOST, *described), 3)
    found = records(sites, "failover")
    assert {name: each["after"]["primary"] for name, each in found.items()} == {name: [AWAY] for name in NAMES}
    assert all(each["loss"]["confirmed_with"] == HOME and each["loss"]["rpo_seconds"] >= 0 for each in found.values())
    whole = page(sites, "failover").read_text(encoding="utf-8")
    assert all(f"of {name}-prod" in whole for name in NAMES) and "3 × " in whole

    sites.up(0)
    sites.clock(speed=600)
    done(sites.dr("failover", *LOST, *described), 0)
    refused(sites.dr("reestablish", *described, "--forks", "10"), f"gaussdb_confirm={HOME}")
    done(sites.dr("reestablish", *LOST, *described), 3)
    done(sites.dr("switchover", *described, "--forks", "10"), 3)
    assert {name: each["after"]["primary"] for name, each in records(sites, "switchover").items()} == {
        name: [HOME] for name in NAMES
    }


@pytest.mark.long
def test_what_a_lost_site_did_not_hold_is_left_alone(sites: TwoSites) -> None:
    described = relate(sites, NAMES, loans={"members": UNKNOWN})
    done(sites.dr("switchover", "-e", "dr_relation=core", "-e", f"dr_primary_site={AWAY}", *described), 1)
    sites.down(0)
    run = sites.dr("failover", *LOST, *described)
    refused(run, "there is no instance named x-dr")
    assert run.changed == 1 and run.failed == 1
    found = records(sites, "failover")
    assert {name: each["outcome"] for name, each in found.items()} == {
        "cards": "done",
        "core": "unchanged",
        "loans": "failed",
    }
    whole = page(sites, "failover").read_text(encoding="utf-8")
    assert whole.index("loans") < whole.index("cards") < whole.index("core")


@pytest.mark.parametrize("confirmed", ["site-c", f"{HOME},{AWAY}", AWAY])
def test_a_site_that_is_not_lost_or_not_known_promotes_nothing(sites: TwoSites, confirmed: str) -> None:
    described = relate(sites, NAMES[:1])
    run = sites.dr("failover", "-e", f"gaussdb_confirm={confirmed}", *described)
    if confirmed == AWAY:
        # Its other site has the primary already.
        done(run, 0)
    else:
        refused(run, "A failover loses what the primary has not sent")
    assert not [entry for entry in sites.requests() if entry["write"]]


# `make fleets` has 40.
WAVES = [f"r{number:02}" for number in range(1, int(os.environ.get("FLEET", "8")) + 1)]
TOLERANT = ("-e", json.dumps({"gaussdb_waves": [1, 4, len(WAVES) - 5], "gaussdb_max_fail_percentage": 40}))
TOO_OLD = {"thresholds": {"backup_age": "1s"}}


@pytest.mark.long
@pytest.mark.parametrize(("failing", "goes_on"), [(("r03",), True), (("r03", "r04"), False)])
def test_drills_in_waves(sites: TwoSites, failing: tuple[str, ...], goes_on: bool) -> None:
    described = relate(sites, WAVES, **dict.fromkeys(failing, TOO_OLD))
    run = sites.dr("drill", *TOLERANT, *described, "--forks", "35")
    assert run.status != 0 and run.failed == len(failing), run.output[-6000:]
    found = records(sites, "drill")
    played = WAVES if goes_on else WAVES[:5]
    # The others of the wave have complete records.
    assert {name: each["outcome"] for name, each in found.items()} == {
        name: "held" if name in failing else "done" for name in played
    }
    assert all(each["ended"] and each["after"]["protected"] for each in found.values())
    whole = page(sites, "drill").read_text(encoding="utf-8")
    assert all(name in whole for name in played)
