# SPDX-License-Identifier: GPL-3.0-or-later
"""What holds for every estate: its plan is what ``site --check`` and then ``site`` do, and after that nothing
differs."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml
from estates import NEVER_WRITTEN, RUN_OPTIONS, SENTINEL, WRITTEN, histories, options_of
from hypothesis import HealthCheck, given, note, seed, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator
from runs import Runs, Step, problems_of
from virtual import Platform

from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.estate import INSTANCES, PARTS, part_named
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate import document, page
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.options import fields_of

# So many histories with each seed, of two estates on average. ESTATE_ROUNDS tries more seeds.
EXAMPLES = 7
ROUNDS = int(os.environ.get("ESTATE_ROUNDS", "5"))
ROOT = Path(__file__).parents[2]
SCHEMA = Draft7Validator(json.loads((ROOT / "docs" / "schemas" / "gaussdb_plan.schema.json").read_text("utf-8")))
# Steps that are taken in each run, because they were asked for: see update_password and update_attributes.
ASKED_FOR = ("reset_user_password", "set_user_attributes")


def tried(round_number: int, **drawn: Any) -> Any:
    """Try a property with what is drawn in one round."""
    limits = settings(max_examples=EXAMPLES, database=None, deadline=None, suppress_health_check=list(HealthCheck))
    return lambda function: seed(round_number)(limits(given(**drawn)(function)))


@pytest.mark.parametrize("round_number", range(ROUNDS))
def test_a_plan_is_what_is_done(round_number: int, platform: Platform) -> None:
    @tried(round_number, history=histories(), resend=st.booleans())
    def hold(history: list[tuple[Any, Any]], resend: bool) -> None:
        runs = Runs(platform)
        for plain, form in history:
            estate = runs.known(form)
            note(yaml.safe_dump(estate, allow_unicode=True, sort_keys=False))
            check_one(runs, runs.known(plain), estate, resend)

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


def check_one(runs: Runs, plain: dict[str, Any], estate: dict[str, Any], resend: bool) -> None:
    same("problem", [str(problem) for problem in problems_of(estate)])
    plan = runs.plan(estate, resend)
    same("failure of the plan", [(each["path"], each["reason"]) for each in plan["failures"]])
    same("write of the plan", runs.writes())
    check_document(plan, runs.plan(plain, resend))
    check_steps(runs, estate, plan)
    again = runs.plan(estate, resend)
    same("difference afterwards", [*again["differences"], *again["failures"]])
    # What waits for a window waits on. Only the platform knows which parameters of a new instance wait, too.
    created = [
        each["instance"] for each in plan["differences"] if each["outcome"] == "created" and each["part"] == INSTANCES
    ]
    waiting = [each for each in again["pending"] if each in plan["pending"] or each["instance"] not in created]
    same("pending afterwards", waiting, plan["pending"])
    left = [each for each in again["steps"] if each["operation"] not in ASKED_FOR]
    same("step afterwards", [each for each in left if not (resend and part_named(each["part"]).not_shown)])
    check_steps(runs, estate, again)


def check_document(plan: dict[str, Any], same_plan: dict[str, Any]) -> None:
    """The plan as people get it: by its schema, without a secret, and the same for the same description."""
    SCHEMA.validate(plan)
    assert SENTINEL not in document.as_text(plan) + page.render(plan), "a secret is shown"
    same("step in another form", plan["steps"], same_plan["steps"])
    assert plan["digest"] == same_plan["digest"], "another digest in another form"


def check_steps(runs: Runs, estate: dict[str, Any], plan: dict[str, Any]) -> None:
    """What is planned is what a check announces and what is then done."""
    planned = [(each["instance"], each["part"], each["operation"], each["summary"]) for each in plan["steps"]]
    parts = document.parts_to_converge(plan)
    check = runs.site(estate, parts, check_mode=True)
    # Instances are converged at the same time: only the order inside of one matters.
    announced = [step for done in check for step in done.steps]
    same("check", sorted(announced, key=owner_of), sorted(planned, key=owner_of))
    same("write of the check", [done.writes for done in check if done.writes])
    run = runs.site(estate, parts, check_mode=False)
    same("task", [(done.owner, done.part.name) for done in run], [(done.owner, done.part.name) for done in check])
    for expected, done in zip(check, run):
        steps = expected.steps
        if expected.is_assumed:
            # Only the platform knows the defaults of a new object, and what needs a restart of it.
            known = Counter(operation for _owner, _part, operation, _text in steps if operation != "restart_instance")
            taken = Counter(operation for _owner, _part, operation, _text in done.steps)
            same("more of the run", [each for each in taken - known if each != "restart_instance"])
            steps = done.steps
        same("write", done.writes, [operation for _owner, _part, operation, _text in steps])
        # A password that is sent in each run may turn out to be the same one.
        rest = [each for each in steps if each[2] != "reset_user_password" or each in done.steps]
        same("step of the run", done.steps, rest)


def owner_of(step: Step) -> str:
    return step[0]
