# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What an upgrade is refused for, before anything is written: each gate with its reason and the way out."""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any

import pytest
from fleet import DAYS, NEW, OLD, Fleet, ended

PRECHECK = ("-e", "gaussdb_until=precheck")
NEW_AGENT = "gaussdbv5_agent_2.24.01.130"


def options(**values: Any) -> tuple[str, str]:
    return "-e", json.dumps({f"upgrade_{name}": value for name, value in values.items()})


def refused(fleet: Fleet, *arguments: str) -> tuple[dict[str, str], str]:
    """Return the message about each gate that refuses an upgrade, and the output."""
    run = fleet.upgrade(*arguments)
    record = ended(run, "held", fleet)
    assert fleet.writes() == [] and record["steps"][-1]["name"] == "check_upgrade"
    names = [gate["name"] for gate in record["gates"] if gate["outcome"] == "failed"]
    message = record["steps"][-1]["message"]
    assert message in run.output.replace('\\"', '"')
    # Each gate begins where the one before it ends.
    ends = [*(message.index(f" {name}: ") for name in names[1:]), len(message)]
    return {name: message[message.index(f" {name}: ") : end] for name, end in zip(names, ends, strict=True)}, run.output


def test_each_gate_says_why_and_what_to_do(fleet: Fleet) -> None:
    """All of them at once. What cannot pass by itself is not waited for."""
    closed = {"days": [DAYS[(datetime.now().isoweekday() + 2) % 7]], "from": "01:00", "to": "01:01"}
    fleet.describe({"name": "orders-prod"}, window=closed)
    fleet.admin("POST", "estate", {"disk_usage": [{"instance": "orders-prod", "node": 1, "percent": 79}]})
    alarm = {"instance": "orders-prod", "alarm_id": "5010099", "name": "CPU usage", "severity": "critical"}
    fleet.admin("POST", "estate", {"alarms": [alarm], "agents": {"required": {NEW: NEW_AGENT}}})
    required = {"agents": "require", "backup": "require", "inspection": "Health Check", "transaction_seconds": 1}
    found, output = refused(fleet, *options(**required))
    assert set(found) == {
        "in_window",
        "disks",
        "no_critical_alarm",
        "no_long_transaction",
        "agents_up_to_date",
        "recent_backup",
        "inspection_clean",
    }
    assert "closed: open: 01:00 to 01:01" in found["in_window"] and "change the window" in found["in_window"]
    assert "79 %: at most 75 %. Free or add disk space; if" in found["disks"]
    assert "CPU usage: none. Remove the cause" in found["no_critical_alarm"]
    assert re.search(r"\d s: at most 1 s\. .*terminate its session", found["no_long_transaction"])
    assert "_root_" in found["agents_up_to_date"] and "upgrade_agents=upgrade" in found["agents_up_to_date"]
    assert "upgrade_backup=make" in found["recent_backup"]
    assert "no inspection" in found["inspection_clean"] and "scene Health Check" in found["inspection_clean"]
    assert "RETRYING" not in output
    # Whoever knows better names them.
    waived = ("-e", f"gaussdb_gates_waived={','.join(found)}")
    record = ended(fleet.upgrade(*PRECHECK, *options(**required), *waived), "paused", fleet)
    assert {gate["name"] for gate in record["gates"] if gate["outcome"] == "waived"} == set(found)


@pytest.mark.long
def test_a_package_that_is_missing_and_a_node_that_is_down(fleet: Fleet) -> None:
    fleet.admin("POST", "estate", {"node_failures": [{"instance": "orders-prod", "node": "orders-prod_root_2"}]})
    found, _output = refused(fleet, *options(version="3.300.0"))
    assert "Upload the package of the version" in found["package_uploaded"]
    assert "Choose a version that is possible" in found["version_possible"]
    assert "orders-prod_root_2: all healthy. Start, repair or replace the node" in found["nodes_healthy"]


@pytest.mark.long
def test_an_agent_that_is_too_old_is_upgraded_first(fleet: Fleet) -> None:
    fleet.admin("POST", "estate", {"agents": {"required": {NEW: NEW_AGENT}}})
    run = fleet.upgrade(*options(agents="ignore"))
    ended(run, "failed", fleet)
    assert f"{NEW} needs the agent {NEW_AGENT}" in run.output
    ended(fleet.upgrade("-e", "gaussdb_until=first_zone"), "paused", fleet)
    assert fleet.state() == (OLD, NEW, ["dc2"])


@pytest.mark.long
def test_what_is_only_noted_stops_nothing(fleet: Fleet) -> None:
    managing = [{"name": "dbmind-1", "engine_version": "8.1.0", "managed": ["orders-prod"]}]
    fleet.admin("POST", "estate", {"engine_versions": [OLD, NEW, "3.300.0"], "dbmind_instances": managing})
    run = fleet.upgrade(*PRECHECK, *options(version="3.300.0"))
    gates = {gate["name"]: gate["outcome"] for gate in ended(run, "paused", fleet)["gates"]}
    # The first backup of the instance may be complete or not.
    assert gates.pop("can_be_restored") in ("noted", "passed")
    noted = {name for name, outcome in gates.items() if outcome == "noted"}
    assert noted == {"estate_agrees", "dbmind_fits", "public_schema"}
    assert "dbmind-1 8.1.0 | not managed | Upgrade DBMind" in run.output
    assert f"estate_agrees | noted | {NEW}" in run.output
    run = fleet.upgrade(*PRECHECK, "-e", "gaussdb_gates_waived=dbmind_fits")
    assert "gaussdb_gates_waived: cannot name dbmind_fits: it stops nothing" in re.sub(r"\s+", " ", run.output)


ENDING = """\
- name: End the sessions
  hosts: site-a
  gather_facts: false
  module_defaults:
    group/gaussdb.tpops.tpops: "{{ hostvars[inventory_hostname] | gaussdb.tpops.connection }}"
  tasks:
    - name: End the sessions
      gaussdb.tpops.gaussdb_session: {instance: orders-prod, database: orders, discard_transactions: true}
"""


@pytest.mark.long
def test_a_transaction_may_end_within_the_patience(fleet: Fleet) -> None:
    (fleet.folder / "ending.yml").write_text(ENDING, encoding="utf-8")
    ends = []

    def end_it(line: str) -> bool:
        if "RETRYING" in line and not ends:
            ends.append(fleet.play(str(fleet.folder / "ending.yml")))
        return False

    run = fleet.kill_when(end_it, "gaussdb.tpops.upgrade", *PRECHECK, *options(transaction_seconds=1000))
    assert [each.status for each in ends] == [0], run.output[-3000:]
    gates = ended(run, "paused", fleet)["gates"]
    assert [gate["outcome"] for gate in gates if gate["name"] == "no_long_transaction"] == ["passed"]
