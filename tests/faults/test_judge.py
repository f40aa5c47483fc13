# SPDX-License-Identifier: GPL-3.0-or-later
"""The harness detects modules that are wrong on purpose, each in one way."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from cases import Case
from cells import ALWAYS, FIRST, Cell
from judge import Judge, problem_of_text
from state import digest
from virtual import Platform

from ansible_collections.gaussdb.tpops.plugins.module_utils.api import backup, data_center, instance
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.item import Step
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.options import Field
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import Action
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import TpopsError

MODULES = "ansible_collections.gaussdb.tpops.plugins.modules"
ESTATE = {"data_centers": ["DC1"], "instances": [{"name": "orders", "solution": "single", "data_center": ["DC1"]}]}


def names(ctx: Any) -> set[str]:
    return {each["name"] for each in ctx.items(data_center.list_data_centers())}


def add(ctx: Any) -> Any:
    return ctx.client.send(data_center.add_data_centers([{"name": "AZ9"}]))


def make_backup(ctx: Any) -> Any:
    found = ctx.items(instance.list_instances())[0]["id"]
    return ctx.client.send(backup.create_backup(found, "fresh"))


def swallows_errors(ctx: Any) -> list[Step]:
    """Reports success regardless of the write's outcome."""
    if "AZ9" not in names(ctx):
        with suppress(TpopsError):
            add(ctx)
    return []


def sends_twice(ctx: Any) -> list[Step]:
    """Sends a write again without checking what the first one did."""
    if any(each["name"] == "fresh" for each in ctx.items(backup.list_backups(None))):
        return []
    try:
        make_backup(ctx)
    except TpopsError:
        make_backup(ctx)
    return []


def trips(ctx: Any) -> list[Step]:
    """Assumes that there is a reply."""
    if "AZ9" not in names(ctx):
        with suppress(TpopsError):
            add(ctx)
            return []
        raise KeyError("name")
    return []


def never_ends(ctx: Any) -> list[Step]:
    """Repeats without a limit."""
    while "AZ9" not in names(ctx):
        with suppress(TpopsError):
            add(ctx)
            ctx.waiter.pause(1)
    return []


def gives_up_for_ever(ctx: Any) -> list[Step]:
    """Cannot be run again if part of its work is done."""
    if "AZ9" in names(ctx):
        raise TpopsError("the data center AZ9 already exists, and nothing can be done")
    add(ctx)
    return []


def does_well(ctx: Any) -> list[Step]:
    """Adds the data center unless it exists."""
    return [] if "AZ9" in names(ctx) else [Step(data_center.add_data_centers([{"name": "AZ9"}]), "Add AZ9")]


@contextmanager
def module_of(plan: Callable[[Any], list[Step]]) -> Iterator[Case]:
    """A module with that plan, and a case with it."""
    name = f"gaussdb_toy_{plan.__name__}"
    module = ModuleType(f"{MODULES}.{name}")
    module.SPEC = Action("toy", fields=(Field("name"),), steps=lambda ctx, items: plan(ctx), sees_writes=True)  # type: ignore[attr-defined]
    sys.modules[module.__name__] = module
    try:
        task = {"name": "Do it", f"gaussdb.tpops.{name}": {"name": "AZ9"}}
        yield Case(f"toy: {plan.__name__}", name, [task], ESTATE, {}, {})
    finally:
        del sys.modules[module.__name__]


@pytest.mark.parametrize(
    ("plan", "operation", "fault", "series", "counter"),
    [
        (swallows_errors, "add_data_centers", "reset_before", FIRST, "false_ok"),
        (swallows_errors, "add_data_centers", "500", FIRST, "false_ok"),
        (sends_twice, "create_backup", "reset_after", FIRST, "duplicates"),
        (trips, "add_data_centers", "500", FIRST, "internal_errors"),
        (never_ends, "add_data_centers", "400", ALWAYS, "internal_errors"),
        (gives_up_for_ever, "add_data_centers", "reset_after", FIRST, "not_converged"),
    ],
)
def test_a_mistake_is_noticed(
    platform: Platform,
    tmp_path: Path,
    plan: Callable[[Any], list[Step]],
    operation: str,
    fault: str,
    series: str,
    counter: str,
) -> None:
    with module_of(plan) as case:
        judge = Judge(platform, tmp_path)
        if plan is gives_up_for_ever:
            # What cannot be run twice at all is exempt: the reference documents it.
            judge.reference(case).second.results = [{"changed": False}]
        problems = judge.judge(Cell(case, operation, fault, series)).problems
    assert counter in {found for found, _text in problems}


@pytest.mark.parametrize("fault", ["500", "reset_before", "reset_after", "timeout", "truncate", "site_down"])
def test_what_is_right_is_not_blamed(platform: Platform, tmp_path: Path, fault: str) -> None:
    with module_of(does_well) as case:
        assert Judge(platform, tmp_path).judge(Cell(case, "add_data_centers", fault, FIRST)).problems == []


def test_the_digest_tells_states_apart_and_not_runs(platform: Platform) -> None:
    def state(estate: dict[str, Any], seed: int) -> list[str]:
        platform.reset(seed)
        platform.load(estate)
        return digest(platform.site)

    other = {**ESTATE, "instances": [{**ESTATE["instances"][0], "port": 8001}]}  # type: ignore[dict-item]
    assert state(ESTATE, 1) == state(ESTATE, 2)
    assert state(ESTATE, 1) != state(other, 1)


def test_a_cell_is_the_same_alone_and_after_others(platform: Platform, tmp_path: Path) -> None:
    with module_of(swallows_errors) as case:
        cell = Cell(case, "add_data_centers", "reset_before", FIRST)
        judge = Judge(platform, tmp_path)
        first = judge.judge(cell).problems
        judge.judge(Cell(case, "add_data_centers", "site_down", ALWAYS))
        assert judge.judge(cell).problems == first != []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "failed",
        "Internal error of gaussdb_toy: KeyError",
        "Traceback (most recent call last): …",
        "x" * 20_000,
        "an error \x1b[31mred",
    ],
)
def test_a_bad_message_is_noticed(text: str) -> None:
    assert problem_of_text({"failed": True, "msg": text})
    assert not problem_of_text({"failed": True, "msg": "instance: there is no instance named orders"})
