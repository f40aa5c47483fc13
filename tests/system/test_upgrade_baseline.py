# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What an upgraded instance is compared with, and the full backup after the commit of a major version."""

from __future__ import annotations

import json
from typing import Any

import pytest
from conftest import occurrences
from fleet import NEW, OLD, Fleet, ended

OWN = """\
- name: Change the instance while it is upgraded
  gaussdb.tpops.gaussdb_database: {instance: "{{ upgrade_instance }}", databases: [{name: intruder}]}
"""
SECRET = "Sentinel_Secret-7"


def answer(fleet: Fleet, operation: str, body: dict[str, Any], count: int | None = None) -> None:
    """Let the platform answer so many requests with a body, or all of them."""
    fault = {"kind": "status", "status": 200, "operation": operation, "body": body, "count": count}
    fleet.admin("POST", "faults", fault)


def parameters(**values: str) -> dict[str, Any]:
    more = {"restart_required": False, "value_range": "", "type": "string", "description": ""}
    return {
        "datastore_version": OLD,
        "datastore_name": "GaussDB",
        "created": "2026-01-05 08:00:00",
        "updated": "2026-01-05 08:00:00",
        "configuration_parameters": [{"name": name, "value": value, **more} for name, value in values.items()],
    }


def options(**values: Any) -> tuple[str, str]:
    return "-e", json.dumps({f"upgrade_{name}": value for name, value in values.items()})


def checks(record: dict[str, Any]) -> dict[str, Any]:
    return {check.get("parameter", check["name"]): check["passed"] for check in record["verification"]}


@pytest.mark.long
def test_an_instance_is_compared_with_what_it_was(fleet: Fleet) -> None:
    keep = options(keep_parameters=["session_timeout"])
    kept = {"session_timeout": "600", "conninfo": f"host=192.0.2.1 password={SECRET}"}
    answer(fleet, "get_parameters", parameters(failed_login_attempts="10", **kept), count=1)
    answer(fleet, "get_parameters", parameters(failed_login_attempts="7", added="1", **kept))
    run = fleet.upgrade(*keep)
    record = ended(run, "done", fleet)
    baseline = record["baseline"]["site-a"]
    assert baseline["databases"] == ["orders"]
    assert baseline["parameters"] == {"failed_login_attempts": "10", "session_timeout": "600"}
    assert occurrences(fleet.folder, [SECRET]) == [] and SECRET not in run.output
    found = checks(record)
    assert found["databases_kept"] and found["users_kept"] and found["session_timeout"] and found["full_backup"]
    (changed,) = [each for each in record["comparisons"] if each["name"] == "parameters"]
    assert changed["after"] == [{"parameter": "failed_login_attempts", "before": "10", "after": "7"}]
    assert changed["passed"] is True and "failed_login_attempts: 10 → 7" in run.output
    assert [note["code"] for note in record["notes"]] == ["backup_to_go_back", "restorable_again"]
    # A run that finds the new version has nothing to compare with.
    record = ended(fleet.upgrade(*keep, "-e", "gaussdb_target=orders-prod"), "unchanged", fleet)
    assert [checks(record)[name] for name in ("databases_kept", "users_kept", "session_timeout")] == [None] * 3
    page = min(fleet.evidence.glob("*.html")).read_text(encoding="utf-8")
    assert f"{OLD} → {NEW}" in page and "failed_login_attempts" in page


def test_a_parameter_that_does_not_exist_is_an_error_before_any_write(fleet: Fleet) -> None:
    run = fleet.upgrade(*options(keep_parameters=["session_time"]))
    ended(run, "failed", fleet)
    assert "upgrade_keep_parameters: session_time is no parameter" in run.output and fleet.writes() == []


@pytest.mark.long
def test_a_new_database_and_a_backup_that_does_not_begin(fleet: Fleet) -> None:
    """The one fails the verification of a zone, also that of the next run, which knows it from the record of the first.
    Without the other, no moment after the commit can be restored."""
    (fleet.folder / "own.yml").write_text(OWN, encoding="utf-8")
    first = ("-e", "gaussdb_until=first_zone")
    problem = "own databases: gone: none, new: intruder (expected: as before the upgrade"
    for arguments in ((*first, "-e", "upgrade_observe_tasks=own.yml"), first):
        run = fleet.upgrade(*arguments)
        ended(run, "held", fleet)
        assert problem in run.output
    answer(fleet, "list_backups", {"backups": [], "total_count": 0})
    run = fleet.upgrade(*options(compare_objects=False, wait_timeout=9, wait_interval=3))
    record = ended(run, "held", fleet)
    assert [step["name"] for step in record["steps"] if step["outcome"] == "failed"] == ["verify_version"]
    assert (checks(record)["full_backup"], checks(record)["databases_kept"]) == (False, None)
    assert "otherwise make one (module gaussdb_backup)" in run.output
