# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a run of site does only when it is told to: removals, a plan that was approved, some instances, some parts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from conftest import Recap
from test_site import Platforms, hosts_of, said

import simulator

SITE, PLAN = "gaussdb.tpops.site", "gaussdb.tpops.plan"
PREPARED = """\
instances:
  - {name: orders-prod, solution: single, data_center: [dc1], password: Orders-Root-1}
  - {name: billing, solution: single, data_center: [dc1], password: Billing-Root-1}
"""


class Runs:
    """Runs for one platform with two instances. ``describe`` writes the estate of the next run."""

    def __init__(self, server: simulator.Simulator, folder: Path) -> None:
        self.platforms = Platforms(server, folder)
        prepared = folder / "both.yml"
        prepared.write_text(PREPARED)
        self.platforms.sites.admin(0, "estate", method="DELETE")
        self.platforms.sites.admin(0, "estate", prepared)
        self.folder = folder

    def describe(self, orders: dict[str, Any], billing: dict[str, Any] | None = None, **platform: Any) -> None:
        instances = [{"name": "orders-prod", **orders}, {"name": "billing", **(billing or {})}]
        host = self.platforms.connection(0) | {"gaussdb_estate": {"instances": instances, **platform}}
        self.platforms.write_inventory({"site-a": host})

    def play(self, name: str, *arguments: str, status: int = 0, **extra: Any) -> Recap:
        self.platforms.sites.admin(0, "requests", method="DELETE")
        given = ["-e", json.dumps(extra)] if extra else []
        run = self.platforms.play(name, *arguments, *given, cwd=self.folder)
        assert run.status == status, run.output[-6000:]
        return run

    def writes(self) -> list[str]:
        return self.platforms.writes_of(0)


@pytest.fixture
def runs(linked_platforms: simulator.Simulator, tmp_path: Path) -> Iterator[Runs]:
    yield Runs(linked_platforms, tmp_path)


def summary_of(run: Recap) -> str:
    return said(run).rpartition("TASK [Summarize]")[2]


def test_only_what_was_approved_is_done(runs: Runs) -> None:
    runs.describe({"databases": [{"name": "orders"}]}, {"parameters": {"failed_login_attempts": 4}})
    runs.play(PLAN)
    # Somebody changes the platform in between.
    runs.describe({}, {"parameters": {"failed_login_attempts": 4}})
    runs.play(SITE)
    runs.describe({"databases": [{"name": "orders"}]}, {"parameters": {"failed_login_attempts": 4}})
    refused = runs.play(SITE, status=2, gaussdb_approved_plan="plan.json")
    assert runs.writes() == []
    for text in (
        "the plan is no longer the one that was approved",
        "approved, but no longer so: billing: parameter failed_login_attempts changed, value 10 → 4",
    ):
        assert text in said(refused), refused.output[-6000:]

    runs.play(PLAN)
    done = runs.play(SITE, gaussdb_approved_plan="plan.json")
    assert runs.writes() == ["create_database"]
    assert "orders-prod: database orders new: done" in summary_of(done) and "billing: in step" in summary_of(done)
    assert "billing@site-a" not in hosts_of(done)
    runs.play(SITE, status=2, gaussdb_approved_plan="plan.json")
    assert runs.writes() == []


def test_a_run_after_a_plan_in_a_workflow_does_only_what_was_planned(runs: Runs) -> None:
    runs.describe({"databases": [{"name": "orders"}]})
    runs.play(PLAN)
    digest = json.loads((runs.folder / "plan.json").read_text(encoding="utf-8"))["digest"]
    for plans in ({"site-a": {"digest": "0" * 64}}, {"site-b": {"digest": digest}}):
        refused = runs.play(SITE, status=2, gaussdb_plans=plans)
        assert "the plan is no longer the one that was approved" in said(refused) and runs.writes() == []
    runs.play(SITE, gaussdb_plans={"site-a": {"digest": digest, "summary": []}})
    assert runs.writes() == ["create_database"]


@pytest.mark.long
def test_a_survey_gives_several_instances_with_commas(runs: Runs) -> None:
    runs.describe({"databases": [{"name": "orders"}]}, {"databases": [{"name": "bills"}]})
    assert "gone, given in gaussdb_target" in said(runs.play(SITE, status=2, gaussdb_target="orders-prod,gone"))
    # An empty answer selects everything, as a variable that is not given.
    for target in ("", "orders-prod, billing"):
        done = runs.play(SITE, "--check", gaussdb_target=target)
        assert set(hosts_of(done)) >= {"orders-prod@site-a", "billing@site-a"}, done.output[-4000:]


def test_an_instance_is_removed_only_by_its_name(runs: Runs) -> None:
    runs.describe({"state": "absent"})
    for more in ({}, {"gaussdb_confirm": ["billing"]}, {"gaussdb_plan_first": False}):
        refused = runs.play(SITE, status=2, **more)
        assert "gaussdb_confirm" in said(refused) and runs.writes() == [], refused.output[-6000:]
    runs.describe({"state": "absent", "protected": True})
    protected = runs.play(SITE, status=2, gaussdb_confirm=["orders-prod"])
    assert "orders-prod is protected" in said(protected) and runs.writes() == []
    runs.describe({"state": "absent"})
    runs.play(SITE, gaussdb_confirm="orders-prod")
    assert runs.writes() == ["delete_instance"]
    assert "orders-prod: in step" in summary_of(runs.play(SITE))
    runs.play(SITE, gaussdb_plan_first=False)
    assert runs.writes() == []


@pytest.mark.long
@pytest.mark.parametrize("plan_first", [True, False], ids=["plan first", "roles only"])
def test_an_exclusive_list_removes_only_what_is_confirmed(runs: Runs, plan_first: bool) -> None:
    guest = {"name": "guest", "password": "Guest-Pass-2026"}
    app = {"name": "app", "password": "App-Pass-2026"}
    runs.describe({"users": [app, guest]})
    runs.play(SITE)
    runs.describe({"users": [app], "users_exclusive": True})
    refused = runs.play(SITE, status=2, gaussdb_plan_first=plan_first)
    assert "gaussdb_confirm" in said(refused) and runs.writes() == [], refused.output[-6000:]
    planned = runs.play(SITE, "--check", gaussdb_plan_first=plan_first, gaussdb_confirm=["orders-prod"])
    done = runs.play(SITE, gaussdb_plan_first=plan_first, gaussdb_confirm=["orders-prod"])
    assert (planned.changed, done.changed, runs.writes()) == (1, 1, ["delete_user"])
    runs.play(SITE, gaussdb_plan_first=plan_first)
    assert runs.writes() == []


def test_a_run_is_limited_to_instances_and_to_parts(runs: Runs) -> None:
    both = {"databases": [{"name": "new"}], "parameters": {"failed_login_attempts": 4}}
    runs.describe(both, both)
    runs.play(SITE, "--tags", "databases", gaussdb_target="bill*")
    assert runs.writes() == ["create_database"]
    runs.play(SITE, "--skip-tags", "databases", gaussdb_target=["billing"], gaussdb_plan_first=False)
    assert runs.writes() == ["set_parameters"]
    assert "billing: in step" in summary_of(runs.play(SITE, gaussdb_target="billing"))
    assert runs.writes() == []
    runs.play(SITE)
    assert sorted(runs.writes()) == ["create_database", "set_parameters"]


@pytest.mark.long
def test_without_a_plan_the_same_is_done(runs: Runs) -> None:
    """By a run of all roles: the same requests, and nothing left for the planner."""
    described = {
        "parameters": {"failed_login_attempts": 4},
        "backup_policy": {"keep_days": 9},
        "users": [{"name": "app", "password": "App-Pass-2026"}],
        "databases": [{"name": "orders", "schemas": [{"name": "x", "owner": "app"}]}],
    }
    wrote = []
    for plan_first in (True, False):
        runs.platforms.sites.admin(0, "estate", method="DELETE")
        runs.platforms.sites.admin(0, "estate", runs.folder / "both.yml")
        runs.describe(described, described, data_centers=[{"name": "dc9"}])
        runs.play(SITE, gaussdb_plan_first=plan_first)
        wrote.append(sorted(runs.writes()))
        again = runs.play(SITE, gaussdb_plan_first=not plan_first)
        assert (again.changed, runs.writes()) == (0, [])
    assert wrote[0] == wrote[1] and len(wrote[0]) > 8


def test_what_only_a_procedure_can_change_is_pending_and_the_rest_is_done(runs: Runs) -> None:
    newer = {"engine_version": "99.1.0", "databases": [{"name": "orders"}]}
    runs.describe(newer)
    run = runs.play(SITE)
    assert runs.writes() == ["create_database"]
    assert "upgrade pending" in summary_of(run) and "99.1.0" in summary_of(run)
    assert "upgrade pending" in summary_of(runs.play(SITE)) and runs.writes() == []
    roles = runs.play(SITE, gaussdb_plan_first=False)
    assert "by the playbook gaussdb.tpops.upgrade" in said(roles) and runs.writes() == []
    runs.describe({"engine_version": "1.0.0"})
    older = runs.play(SITE, status=2)
    assert "instances[orders-prod].engine_version" in said(older) and "gaussdb_upgrade" in said(older)


@pytest.mark.parametrize(
    "plan_first", [True, pytest.param(False, marks=pytest.mark.long)], ids=["plan first", "roles only"]
)
def test_outside_of_the_window_nothing_interrupts_the_service(runs: Runs, plan_first: bool) -> None:
    now = datetime.now(timezone.utc)
    times = [f"{now + timedelta(hours=hours):%H:%M}" for hours in (3, 5)]
    closed, opened = (dict(zip(keys, times)) for keys in (("from", "to"), ("to", "from")))
    orders = {
        "parameters": {"max_connections": 2000, "failed_login_attempts": 4},
        "parameter_restart": "if_required",
    }
    runs.describe(orders, {"state": "stopped"}, window=closed)
    waits = runs.play(SITE, gaussdb_plan_first=plan_first)
    assert runs.writes() == ["set_parameters"]
    if plan_first:
        assert "max connections 1000 → 2000 pending (window daily" in summary_of(waits), waits.output[-6000:]
        assert "billing: state ACTIVE → stopped pending (window daily" in summary_of(waits)
    runs.describe(orders, {"state": "stopped"}, window=opened)
    runs.play(SITE, gaussdb_plan_first=plan_first)
    assert sorted(runs.writes()) == ["restart_instance", "set_parameters", "stop_instance"]
