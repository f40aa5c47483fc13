# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The pipeline of GitLab, executed: each job has its own copy of the repository, and artifacts of the others."""

from __future__ import annotations

import json
import re

from conftest import ENVIRONMENTS, EXAMPLE, READER, TOKEN, Repository

VALIDATED = {"validate: [test]": 0, "validate: [production]": 0}
PREVIEW = {"preview test": 0, "preview production": 0}
TREE = "environments/{}/estate/instances/core.yml"
KEEP = "environments/{}/group_vars/tpops/values.yml"


def test_a_change_goes_from_a_request_to_production(repository: Repository) -> None:
    # The request: only a user who may read has been there.
    repository.commit("CODEOWNERS", old="@example", new="@bank")
    request = repository.request()
    assert request.jobs == {**VALIDATED, "promoted": 0, **PREVIEW, "comment": 0}, request.output
    assert all(repository.writes(each) == [] for each in ENVIRONMENTS)
    (comment,) = repository.api.comments
    for name in ENVIRONMENTS:
        assert f"# Plan of site-{name}" in comment["body"]

    repository.commit(*map(TREE.format, ENVIRONMENTS), old="failed_login_attempts: 4", new="failed_login_attempts: 5")
    assert repository.request().jobs["comment"] == 0
    assert [each["id"] for each in repository.api.comments] == [100]
    assert "failed_login_attempts" in repository.api.comments[0]["body"]

    # The merge: what has been waiting for an approval has changed nothing.
    first = repository.merge()
    assert first.jobs == {**VALIDATED, "plan test": 0, "apply test": 0, "compare test": 0, "plan production": 0}
    assert repository.writes("test") and repository.writes("production") == []

    # Somebody was faster than the approval.
    platform = repository.platforms["production"]
    platform.admin("POST", "estate", {"data_centers": [{"name": "north"}]})
    refused = repository.merge("apply production")
    assert refused.jobs == {"apply production": 2}, refused.output
    assert "the plan is no longer the one that was approved" in refused.output
    assert repository.writes("production") == []

    assert repository.merge("plan production").jobs == {"plan production": 0}
    approved = repository.merge("apply production")
    assert approved.jobs == {"apply production": 0}, approved.output
    assert repository.writes("production")
    repository.merged()

    # The night: in step. Then a merge that nobody has approved yet, and a test environment that is down.
    assert repository.night().jobs == {"compare test": 0, "compare production": 0}
    repository.commit(KEEP.format("production"), old="core_keep_days: 30", new="core_keep_days: 31")
    repository.platforms["test"].admin("POST", "site", {"up": False})
    night = repository.night()
    assert night.jobs == {"compare test": 4, "compare production": 2}, night.output
    verdicts = {
        name: json.loads(repository.artifact(f"compare {name}", "drift.json"))["verdict"] for name in ENVIRONMENTS
    }
    assert verdicts == {"test": "cannot_tell", "production": "drift"}

    written = [path.read_text(encoding="utf-8") for path in repository.artifacts() if path.suffix in (".json", ".md")]
    assert written
    shown = [repository.output, json.dumps(repository.api.comments), *written]
    assert [secret for secret in secrets_of(repository) for text in shown if secret in text] == []


def secrets_of(repository: Repository) -> list[str]:
    keys = [(EXAMPLE / "environments" / name / "vault-password.example").read_text().strip() for name in ENVIRONMENTS]
    passwords = [platform.password for platform in repository.platforms.values()]
    described = [f"Example_{name}_2026" for name in ENVIRONMENTS]
    return [*keys, *passwords, *described, READER["password"], TOKEN]


def test_the_request_of_a_fork_reaches_no_platform(repository: Repository) -> None:
    repository.commit(TREE.format("test"), old="failed_login_attempts: 4", new="failed_login_attempts: 5")
    request = repository.request(fork=True)
    assert request.jobs == {**VALIDATED, "promoted": 0}, request.output
    assert [platform.requests() for platform in repository.platforms.values()] == [[], []]
    assert repository.api.requests == []


def test_production_gets_nothing_that_test_does_not_have(repository: Repository) -> None:
    repository.commit(TREE.format("production"), old="failed_login_attempts: 4", new="failed_login_attempts: 5")
    request = repository.request()
    assert request.jobs["promoted"] == 1 and not set(request.jobs) & set(PREVIEW), request.output
    assert re.search(r"promoted .*environments/production/estate/instances/core.yml .* differ", request.output)
    assert request.status != 0

    repository.commit(TREE.format("test"), old="failed_login_attempts: 4", new="failed_login_attempts: 5")
    assert repository.run("promoted", **repository.of_request()).jobs == {"promoted": 0}


def test_a_mistake_ends_the_pipeline_before_it_reaches_a_platform(repository: Repository) -> None:
    repository.commit(TREE.format("test"), old="port: 8000", new="prot: 8000")
    request = repository.request()
    assert request.jobs["validate: [test]"] == 2 and not set(request.jobs) & set(PREVIEW), request.output
    assert "instances[core].prot: unknown, did you mean port?" in request.output


def test_a_plan_that_is_not_complete_is_shown_in_the_comment(repository: Repository) -> None:
    request = repository.request(VAULT_PASSWORD="wrong")
    assert (request.jobs["preview test"], request.jobs["comment"]) == (2, 0), request.output
    assert request.status != 0
    assert "**The plan is not complete:**" in repository.api.comments[0]["body"]


def test_production_waits_for_a_test_environment_that_is_as_described(repository: Repository) -> None:
    repository.commit(KEEP.format("production"), old="core_keep_days: 30", new="core_keep_days: 31")
    merge = repository.merge()
    # Test is empty.
    assert merge.jobs == {**VALIDATED, "compare test": 2}, merge.output
    assert repository.platforms["production"].requests() == []
