# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The plan from outside: it is what a run of site does, it sends no write, and it never shows a secret."""

from __future__ import annotations

import json
import re
import shutil
import stat
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from conftest import ESTATE, VAULT_KEY, Platform, Recap, common

from ansible_collections.gaussdb.tpops.plugins.module_utils.http.client import Connection
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.limit import Limit
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.reading import Description
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.reads import LimitedClient, SharedReads, SharedToken
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.survey import Survey, Surveyor
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.validation import examine
from ansible_collections.gaussdb.tpops.tests.unit.plugins.plugin_utils.estate.test_mutations import (
    MUTATIONS,
    estate_with_every_part,
    mutated,
)

PLAN, SITE = "gaussdb.tpops.plan", "gaussdb.tpops.site"
CHANGES = (
    ("failed_login_attempts: 4", "failed_login_attempts: 5"),
    ("keep_days: 14", "keep_days: 21"),
    ("      users:\n", "      users:\n        - {name: auditor, password: Auditor_2026}\n"),
    ("      databases:\n", "      databases:\n        - name: fraud\n"),
)
SUMMARY = "orders-prod: parameters 1, backup policy changed, user auditor new, database fraud new"


class Runs:
    """Playbooks with a copy of the example, in a folder of their own."""

    def __init__(self, platform: Platform, folder: Path) -> None:
        self.platform = platform
        self.folder = folder / "estate"
        shutil.copytree(ESTATE, self.folder)
        self.output = ""

    def play(self, *arguments: str) -> Recap:
        program = str(common.venv_bin() / "ansible-playbook")
        key = ["--vault-password-file", str(VAULT_KEY)]
        run = self.platform.run([program, "-i", "inventory.yml", *key, *arguments], cwd=self.folder)
        self.output += run.output
        return run

    def plan(self, *arguments: str, status: int = 0) -> dict[str, Any]:
        self.platform.forget_requests()
        run = self.play(PLAN, *arguments)
        assert run.status == status, run.output[-6000:]
        assert self.platform.writes() == []
        found: dict[str, Any] = json.loads((self.folder / "plan.json").read_text(encoding="utf-8"))
        return found

    def site(self) -> Counter[str]:
        self.platform.forget_requests()
        run = self.play(SITE)
        assert run.status == 0, run.output[-6000:]
        return Counter(self.platform.writes())

    def change(self, *replaced: tuple[str, str]) -> None:
        path = self.folder / "group_vars" / "tpops" / "estate.yml"
        text = path.read_text(encoding="utf-8")
        for old, new in replaced:
            assert old in text
            text = text.replace(old, new, 1)
        path.write_text(text, encoding="utf-8")


def operations(plan: dict[str, Any]) -> Counter[str]:
    return Counter(step["operation"] for step in plan["steps"])


def secrets_of(platform: Platform) -> list[str]:
    vault = (ESTATE / "group_vars" / "tpops" / "vault.yml").read_text(encoding="utf-8")
    assert "$ANSIBLE_VAULT" in vault
    tokens = [path.read_text() for path in platform.home.rglob("gaussdb_tpops/*") if path.is_file()]
    found = [token for text in tokens for token in re.findall(r'"token": "([^"]+)"', text)]
    assert found
    return [*found, platform.server.password, "Auditor_2026"]


@pytest.mark.long
def test_a_plan_is_what_site_does(platform: Platform, tmp_path: Path) -> None:
    runs = Runs(platform, tmp_path)
    new = runs.plan("-vvvvv")
    assert new["complete"] and not new["in_step"]
    assert {entry["outcome"] for entry in new["differences"] if entry["part"] == "instances"} == {"created"}
    runs.site()

    same = runs.plan()
    assert same["in_step"] and same["differences"] == [] and same["steps"] == []
    reads = Counter(entry["operation_id"] for entry in platform.requests())
    assert reads["list_instances"] == reads["list_hosts"] == reads["list_key_pairs"] == 1, reads
    assert reads["list_users"] == reads["list_databases"] == 2, reads

    runs.change(*CHANGES)
    plan = runs.plan("-vvvvv")
    assert SUMMARY in runs.output
    page = (runs.folder / "plan.md").read_text(encoding="utf-8")
    assert f"- {SUMMARY}" in page and "### orders-prod: database fraud: new" in page
    for name in ("plan.json", "plan.md"):
        assert stat.S_IMODE((runs.folder / name).stat().st_mode) == 0o600
    assert runs.plan()["digest"] == plan["digest"] != same["digest"]
    assert operations(plan) == runs.site()
    assert runs.plan()["in_step"]

    secrets = secrets_of(platform)
    written = [page, json.dumps(plan), json.dumps(new), runs.output]
    assert [secret for secret in secrets for text in written if secret in text] == []


def test_what_cannot_be_read_fails_after_the_plan_was_written(platform: Platform, tmp_path: Path) -> None:
    platform.admin(
        "POST", "estate", {"instances": [{"name": "orders-prod", "solution": "triset", "data_center": ["north"]}]}
    )
    runs = Runs(platform, tmp_path)
    reply = {"kind": "status", "status": 400, "body": {"error_code": "X", "error_msg": "Y"}}
    platform.admin("POST", "faults", [{"operation": "list_users", **reply}])
    plan = runs.plan(status=2)
    assert not plan["complete"]
    assert "instances[orders-prod].users" in {entry["path"] for entry in plan["failures"]}
    assert "The plan is not complete" in (runs.folder / "plan.md").read_text(encoding="utf-8")
    assert [entry for entry in plan["differences"] if entry["instance"] == "ledger-prod"]


def survey(platform: Platform, estate: dict[str, Any]) -> Survey:
    server = platform.server
    connection = {
        "endpoint": server.endpoint,
        "username": server.username,
        "password": server.password,
        "ca_path": str(server.ca_path),
        "busy_timeout": 0,
    }
    known, limit, token = Connection(**connection), Limit(4), SharedToken(False)
    reads = SharedReads(lambda: LimitedClient(known, limit, token))
    try:
        estate = filled(estate)
        tasks = examine(Description(estate, exists=True), "gaussdb_estate").tasks
        return Surveyor(estate, tasks, connection, reads, 4).survey()
    finally:
        reads.close()


def filled(data: Any) -> Any:
    if isinstance(data, dict):
        return {key: filled(value) for key, value in data.items()}
    if isinstance(data, list):
        return [filled(value) for value in data]
    return "Filled_2026" if isinstance(data, str) and "{{" in data else data


def told(found: Survey) -> set[tuple[str, str]]:
    failures = {(entry["path"], entry["reason"]) for entry in found.found.failures}
    return failures | {(entry["path"], str(entry["after"])) for entry in found.found.pending}


def test_a_mistake_that_only_a_platform_can_know_is_found_by_the_plan(platform: Platform, tmp_path: Path) -> None:
    """Some of them on a platform where the objects are yet to be created, the others where they exist."""
    mutations = [each for each in MUTATIONS if each.get("by") == "plan"]
    missed = dict(enumerate(mutations))
    for _platform in ("empty", "converged"):
        known = told(survey(platform, estate_with_every_part()))
        for index, mutation in list(missed.items()):
            more = told(survey(platform, mutated(mutation))) - known
            if [path for path, _reason in more if path and mutation["path"].startswith(path)]:
                del missed[index]
        if _platform == "empty":
            Runs(platform, tmp_path).site()
    assert missed == {}
