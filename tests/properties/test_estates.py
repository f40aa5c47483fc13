# SPDX-License-Identifier: GPL-3.0-or-later
"""What holds for every estate: its plan is what ``site --check`` and then ``site`` do, and after that nothing
differs."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml
from estates import NEVER_WRITTEN, RUN_OPTIONS, SENTINEL, WRITTEN, histories, options_of
from hypothesis import HealthCheck, given, note, seed, settings
from jsonschema import Draft7Validator
from role_tasks import MODULES, PREFIX, tasks_of_roles
from runs import Runs, prepared, problems_of
from virtual import Platform

from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.estate import PARTS, part_named
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.estate_tasks import expand
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate import document, page
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.options import fields_of
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.secrets import ManySecrets
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.survey import Survey

# So many estates with each seed. ESTATE_ROUNDS tries more seeds.
EXAMPLES = 25
ROUNDS = int(os.environ.get("ESTATE_ROUNDS", "8"))


ROOT = Path(__file__).parents[2]
SCHEMA = Draft7Validator(json.loads((ROOT / "docs" / "schemas" / "gaussdb_plan.schema.json").read_text("utf-8")))
# Steps that are taken in each run, because they were asked for: see update_password and update_attributes.
ASKED_FOR = ("reset_user_password", "set_user_attributes")


def of_histories(round_number: int) -> Any:
    """Draw the histories of one round."""
    draw = given(history=histories())
    limits = settings(max_examples=EXAMPLES, database=None, deadline=None, suppress_health_check=list(HealthCheck))
    return lambda function: seed(round_number)(limits(draw(function)))


@pytest.mark.parametrize("round_number", range(ROUNDS))
def test_a_plan_is_what_is_done(round_number: int, platform: Platform) -> None:
    @of_histories(round_number)
    def hold(history: list[tuple[Any, Any]]) -> None:
        runs = Runs(platform)
        for plain, form in history:
            estate = runs.known(form)
            note(yaml.safe_dump(estate, allow_unicode=True, sort_keys=False))
            check_one(runs, runs.known(plain), estate)

    hold()


@pytest.mark.parametrize("round_number", range(ROUNDS))
def test_the_roles_run_the_tasks_that_are_planned(round_number: int) -> None:
    @of_histories(round_number)
    def hold(history: list[tuple[Any, Any]]) -> None:
        for _plain, estate in history:
            note(yaml.safe_dump(estate, allow_unicode=True, sort_keys=False))
            check_roles(estate)

    hold()


def test_every_option_of_every_part_is_written_or_left_out_on_purpose() -> None:
    for part in PARTS:
        names = {each.name for each in fields_of(part) if each.name not in RUN_OPTIONS}
        left_out = {option for name, option in NEVER_WRITTEN if name == part.name}
        fixed, free = options_of(part.name)
        assert names == {*fixed, *free, *WRITTEN.get(part.name, ()), *left_out}


def same(what: str, found: Sequence[Any], expected: Sequence[Any] = ()) -> None:
    """Fail with what is found and not expected, and the other way round."""
    more = [each for each in found if each not in expected]
    less = [each for each in expected if each not in found]
    assert list(found) == list(expected), f"{what}: {more} and not {less}" if more or less else f"{what}: another order"


def check_roles(estate: dict[str, Any]) -> None:
    expected = [(task.part, prepared(task.part, task.arguments)) for task in expand(estate)]
    found = [(MODULES[f"{PREFIX}{name}"], arguments) for name, arguments in tasks_of_roles(estate)]
    same("module", [part.module for part, _arguments in found], [part.module for part, _arguments in expected])
    for (part, arguments), (_part, planned) in zip(found, expected):
        same(f"arguments of {part.module}", sorted(prepared(part, arguments).items()), sorted(planned.items()))


def check_one(runs: Runs, plain: dict[str, Any], estate: dict[str, Any]) -> None:
    same("problem", [str(problem) for problem in problems_of(estate)])
    plan = runs.plan(estate)
    same("failure of the plan", [(each["path"], each["reason"]) for each in plan.found.failures])
    same("write of the plan", runs.writes())
    check_document(runs, plan, runs.plan(plain))
    check_steps(runs, estate, plan)
    again = runs.plan(estate)
    same("difference afterwards", [*again.found.differences, *again.found.failures])
    left = [each for each in again.found.steps if each["operation"] not in ASKED_FOR]
    same("step afterwards", [each for each in left if not part_named(each["part"]).not_shown])
    check_steps(runs, estate, again)


def check_document(runs: Runs, plan: Survey, same_plan: Survey) -> None:
    """The plan as people get it: by its schema, without a secret, and the same for the same description."""
    first, second = (document.build("site-a", each, ManySecrets().censor) for each in (plan, same_plan))
    SCHEMA.validate(first)
    shown = document.as_text(first) + page.render(first)
    assert SENTINEL not in shown, "a secret is shown"
    same("step in another form", plan.found.steps, same_plan.found.steps)
    assert first["digest"] == second["digest"], "another digest in another form"


def check_steps(runs: Runs, estate: dict[str, Any], plan: Survey) -> None:
    """What is planned is what a check announces and what is then done."""
    planned = [(each["part"], each["operation"], each["summary"]) for each in plan.found.steps]
    check = list(runs.run(estate, check_mode=True))
    same("failure of the check", [(done.task.path, done.result["msg"]) for done in check if done.result.get("failed")])
    same("check", [step for done in check for step in done.steps], planned)
    same("write of the check", [done.writes for done in check if done.writes])
    for expected, done in zip(check, runs.run(estate, check_mode=False)):
        assert not done.result.get("failed"), f"failure of the run: {done.task.path}: {done.result['msg']}"
        steps = expected.steps
        if expected.is_assumed:
            # Only the platform knows the defaults of a new object, and what needs a restart of it.
            more = [each for each in done.steps if each[1] == "restart_instance"]
            steps = [each for each in steps if each[1] in done.writes and each[1] != "restart_instance"] + more
            steps = [(*step[:2], each[2]) for step, each in zip(steps, done.steps)]
        same("write", done.writes, [operation for _part, operation, _text in steps])
        # A password that is sent in each run may turn out to be the same one.
        rest = [each for each in steps if each[1] != "reset_user_password" or each in done.steps]
        same("step of the run", done.steps, rest)
