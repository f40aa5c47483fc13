# SPDX-License-Identifier: GPL-3.0-or-later
"""What holds for every platform: its export describes it, and makes an empty platform the same."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest
import yaml
from estates import EMPTY, SENTINEL, elsewhere, histories
from hypothesis import note
from runs import Runs, everything_of, problems_of
from test_estates import ROUNDS, same, tried
from virtual import Platform

from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate import document
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.files import SITE

# Whatever it was, it is the same on both platforms.
SECRET = f"{SENTINEL}-1"


@pytest.mark.parametrize("round_number", range(ROUNDS))
def test_an_export_describes_what_is_there_and_makes_it_again(round_number: int, platform: Platform) -> None:
    @tried(round_number, history=histories(EMPTY))
    def hold(history: list[tuple[Any, Any]]) -> None:
        runs = Runs(platform, EMPTY)
        for _plain, form in history:
            converge(runs, runs.known(form))
        first, second = runs.export(), runs.export()
        note("\n".join(f"# {path}\n{text}" for path, text in first.files.items()))
        assert first == second, "another export of the same platform"
        same("failure", first.failures)
        assert SENTINEL not in str(first), "a secret is shown"
        estate = described_by(first.files)
        check_in_step(runs, estate)
        check_copy(Runs(platform, EMPTY), estate, first.files)

    hold()


def converge(runs: Runs, estate: Mapping[str, Any]) -> None:
    plan = runs.plan(estate, resend=True)
    same("failure of the plan", plan["failures"])
    runs.site(estate, document.parts_to_converge(plan), check_mode=False)


def check_in_step(runs: Runs, estate: Mapping[str, Any]) -> None:
    """Neither a plan nor a check of everything finds a difference."""
    same("problem", list(map(str, problems_of(estate))))
    plan = runs.plan(estate)
    same("difference", [*plan["differences"], *plan["pending"], *plan["failures"]])
    check = runs.site(estate, everything_of(estate), check_mode=True)
    same("change", [step for done in check for step in done.steps])
    assert not any(done.result["changed"] for done in check)


def check_copy(empty: Runs, estate: Mapping[str, Any], files: Mapping[str, str]) -> None:
    """An empty platform becomes the same, as far as the description can say it on another platform."""
    portable = elsewhere(estate)
    converge(empty, portable)
    made = empty.export().files
    if portable != estate:
        assert described_by(made) == portable
        return
    for path, text in files.items():
        same(path, made.get(path, "").splitlines(), text.splitlines())
    same("file", sorted(made), sorted(files))


def described_by(files: Mapping[str, str]) -> dict[str, Any]:
    """Return what the files of an export describe, with a value for each secret."""
    read = {path: yaml.safe_load(re.sub(r"\{\{ vault_\w+ \}\}", SECRET, text)) for path, text in files.items()}
    estate = read.pop(SITE)
    return {**estate, "instances": list(read.values())} if read else estate
