# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Mistakes that people make in an estate: each is found, at the right place, and none of them leads to another one."""

from __future__ import annotations

import copy
import random
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.errors import AnsibleError

from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.estate import PARTS, children_of
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.options import Secrets
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.problems import Problem
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.reading import Reader
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.validation import validate

HERE = Path(__file__).parent
EXAMPLE = HERE.parents[4] / "examples" / "estate" / "group_vars" / "tpops" / "estate.yml"
MUTATIONS = yaml.safe_load((HERE / "mutations.yml").read_text(encoding="utf-8"))


def estate_with_every_part() -> dict[str, Any]:
    return copy.deepcopy(_read())


@cache
def _read() -> dict[str, Any]:
    estate: dict[str, Any] = yaml.safe_load(EXAMPLE.read_text(encoding="utf-8"))["gaussdb_estate"]
    more = yaml.safe_load((HERE / "every_part.yml").read_text(encoding="utf-8"))
    estate.update(more["platform"])
    estate["instances"][0].update(more["instance"])
    return estate


def no_variable(template: str) -> Any:
    raise AnsibleError(f"{template} refers to a variable that is not defined")


def problems_of(estate: Any) -> list[Problem]:
    reader = Reader({"gaussdb_estate": estate}, no_variable, no_variable, Secrets(part=""))
    return validate(reader.read_variable("gaussdb_estate"), "gaussdb_estate")


def holder_of(estate: Any, path: str) -> tuple[Any, Any]:
    """Return the list or dictionary that a path leads into, and the last step."""
    *steps, last = (int(step) if step.isdigit() else step for step in path.split("."))
    for step in steps:
        estate = estate[step]
    return estate, last


def mutated(mutation: dict[str, Any]) -> dict[str, Any]:
    estate = estate_with_every_part()
    for path, value in mutation.get("set", {}).items():
        holder, last = holder_of(estate, path)
        holder[last] = value
    for path, name in mutation.get("rename", {}).items():
        holder, last = holder_of(estate, path)
        holder[name] = holder.pop(last)
    for path, entry in mutation.get("add", {}).items():
        holder, last = holder_of(estate, path)
        holder[last].append(entry)
    if "remove" in mutation:
        holder, last = holder_of(estate, mutation["remove"])
        del holder[last]
    return estate


def test_the_estate_without_a_mutation_has_every_part_and_no_problem() -> None:
    estate = estate_with_every_part()
    inside = {key for instance in estate["instances"] for key in instance}
    inside |= {key for instance in estate["instances"] for base in instance["databases"] for key in base}
    assert {part.name for part in PARTS} <= set(estate) | inside
    assert {part.defaults for part in children_of("") if part.defaults} <= set(estate)
    assert problems_of(estate) == []


def test_there_are_enough_mutations() -> None:
    found = [mutation for mutation in MUTATIONS if mutation.get("by", "validate") == "validate"]
    assert len(found) >= 60


@pytest.mark.parametrize(
    "mutation", [pytest.param(each, id=f"{index}-{each['path']}") for index, each in enumerate(MUTATIONS)]
)
def test_a_mutation_is_found_where_it_is(mutation: dict[str, Any]) -> None:
    found = problems_of(mutated(mutation))
    by = mutation.get("by", "validate")
    here = [problem for problem in found if problem.path == mutation["path"]]
    if by == "plan":
        assert not found
    else:
        assert [problem.warning for problem in here] == [by == "warning"], list(map(str, found))
        assert mutation.get("text", "") in here[0].text


def test_what_means_the_same_in_another_form_has_no_problem() -> None:
    estate = estate_with_every_part()
    orders, ledger = estate["instances"]
    orders["manage_ips"] = ",".join(orders["manage_ips"])
    ledger["arbiter_az_ips"] = ledger["arbiter_az_ips"][0]
    orders["backup_config"]["rate_limit_mb"] = orders["backup_policy"]["rate_limit_mb"] = None
    estate["inspections"][0]["instances"] = "orders-prod,ledger-prod"
    assert problems_of(estate) == []


def test_a_host_in_a_list_that_is_one_text_is_looked_for() -> None:
    estate = estate_with_every_part()
    estate["instances"][0]["manage_ips"] = "10.20.0.11,10.20.0.12,10.20.0.99"
    (problem,) = problems_of(estate)
    assert problem.path == "instances[orders-prod].manage_ips[2]"


# What templates, editors and people in a hurry leave behind.
ODD = (
    None,
    True,
    0,
    -1,
    3.5,
    "",
    " ",
    "x",
    "\0",
    "a,b",
    [],
    [None],
    [[]],
    ["x", 1],
    {},
    {"name": None},
    {"x": {}},
    {1: 2},
)


def places_of(node: Any, place: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [place] if place else []
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return found + [inner for key, value in children for inner in places_of(value, (*place, key))]


@pytest.mark.parametrize("seed", range(8))
def test_nothing_that_is_written_stops_the_validation(seed: int) -> None:
    choice = random.Random(seed)
    places = places_of(estate_with_every_part())
    for _round in range(60):
        estate = estate_with_every_part()
        *steps, last = choice.choice(places)
        holder = estate
        for step in steps:
            holder = holder[step]
        holder[last] = choice.choice(ODD)
        for problem in problems_of(estate):
            assert problem.path and problem.text
            assert not re.search(r"_config\b|argument_spec|<class|Traceback", problem.text)
