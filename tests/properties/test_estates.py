# SPDX-License-Identifier: GPL-3.0-or-later
"""What holds for every estate: its plan is what ``site --check`` and then ``site`` do, and after that nothing
differs."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import pytest
import yaml
from estates import NEVER_WRITTEN, RUN_OPTIONS, WRITTEN, histories, options_of
from hypothesis import HealthCheck, given, note, seed, settings
from runs import Runs, problems_of
from virtual import Platform

from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.estate import PARTS
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.options import fields_of

# So many estates with each seed. ESTATE_ROUNDS tries more seeds.
EXAMPLES = 25
ROUNDS = int(os.environ.get("ESTATE_ROUNDS", "8"))


@pytest.mark.parametrize("round_number", range(ROUNDS))
def test_a_plan_is_what_is_done(round_number: int, platform: Platform) -> None:
    @seed(round_number)
    @settings(max_examples=EXAMPLES, database=None, deadline=None, suppress_health_check=list(HealthCheck))
    @given(descriptions=histories())
    def hold(descriptions: list[Any]) -> None:
        runs = Runs(platform)
        for description in descriptions:
            estate = runs.known(description)
            note(yaml.safe_dump(estate, allow_unicode=True, sort_keys=False))
            check_one(runs, estate)

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


def check_one(runs: Runs, estate: dict[str, Any]) -> None:
    same("problem", [str(problem) for problem in problems_of(estate)])
    plan = runs.plan(estate)
    same("failure of the plan", [(each["path"], each["reason"]) for each in plan.found.failures])
    same("write of the plan", runs.writes())
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
    again = runs.plan(estate)
    same("difference afterwards", [*again.found.differences, *again.found.failures])
