# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Mistakes in the description of disaster recovery are found by its own documentation, and among the sites."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from typing import Any, cast

import pytest

from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.options import Field
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.options import Secrets
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.relations import (
    check_relations,
    halves,
    relation_fields,
    relations_here,
)

RELATION: dict[str, Any] = {
    "name": "orders",
    "primary_site": "site-a",
    "members": [
        {"site": "site-a", "instance": "orders-prod", "password": "{{ vault }}"},
        {"site": "site-b", "instance": "orders-dr"},
    ],
    "thresholds": {"rpo_seconds": 10},
}


def found(relations: list[Any], sites: tuple[str, ...] = ("site-a", "site-b"), sliced: bool = False) -> list[str]:
    described = {"site-a": {"orders-prod"}, "site-b": set[str](), "site-c": set[str]()}
    checked = check_relations(relations, "dr_relations", sites, lambda site: described[site], sliced)
    return [str(problem) for problem in checked]


def test_a_relation_without_a_mistake_has_no_problem() -> None:
    assert found([RELATION]) == []


def test_the_password_of_a_member_is_a_secret() -> None:
    found = {}

    def collect(secrets: Secrets, options: Sequence[Field], above: str = "") -> None:
        for each in options:
            inside = secrets.inside(each.name)
            assert inside is not None
            found[above + each.name] = inside.itself
            collect(inside, each.fields, f"{above}{each.name}.")

    collect(Secrets(relation_fields()), relation_fields())
    assert [name for name, secret in found.items() if secret] == ["members.password"]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda each: each.pop("name"), "dr_relations[0].name: required"),
        (lambda each: each.update(names="x"), "dr_relations[0].names: unknown, did you mean name?"),
        (
            lambda each: each["thresholds"].update(rpo_seconds="ten"),
            "dr_relations[0].thresholds.rpo_seconds: not a number",
        ),
        (lambda each: each.update(members="both"), "dr_relations[0].members: not a list"),
        (
            lambda each: each["members"].pop(),
            "dr_relations[0].members: must be two instances, each at a site of its own",
        ),
        (
            lambda each: each["members"][1].update(site="site-a"),
            "dr_relations[0].members: must be two instances, each at a site of its own",
        ),
        (
            lambda each: each.update(primary_site="site-c"),
            "dr_relations[0].primary_site: site-c is not the site of a member, did you mean site-b?",
        ),
        (
            lambda each: each["members"][1].update(site="site-z"),
            "dr_relations[0].members[1].site: site-z is not a host of the inventory, did you mean site-b?",
        ),
        (
            lambda each: each["members"][0].update(instance="order-prod"),
            "dr_relations[0].members[0].instance: order-prod is not described in the estate of site-a, did you mean "
            "orders-prod?",
        ),
    ],
)
def test_a_mistake_is_found_where_it_is(change: Callable[[dict[str, Any]], Any], problem: str) -> None:
    relation = copy.deepcopy(RELATION)
    change(relation)
    assert problem in found([relation])


def test_relations_have_names_of_their_own_and_are_dictionaries() -> None:
    assert found([RELATION, RELATION, "orders"]) == [
        "dr_relations[1].name: orders is listed twice, also as dr_relations[0].name",
        "dr_relations[2]: not a dictionary",
    ]


def test_half_a_relation_is_refused_also_in_a_slice_of_the_inventory() -> None:
    problem = "dr_relations[0].members[1].site: site-b is not a host of the inventory"
    for sliced in (False, True):
        (line,) = found([RELATION], ("site-a", "site-c"), sliced)
        assert line.startswith(problem)
    assert len(found([RELATION], ("site-c",))) == 2


def test_a_relation_of_another_slice_is_left_out_and_its_mistakes_are_not() -> None:
    assert found([RELATION], ("site-c",), sliced=True) == []
    assert found([{**RELATION, "names": "x"}], ("site-c",), sliced=True) == [
        "dr_relations[0].names: unknown, did you mean name?"
    ]
    (problem,) = found([{**RELATION, "members": "both"}], ("site-c",), sliced=True)
    assert problem == "dr_relations[0].members: not a list"


def test_a_slice_is_about_the_relations_of_its_sites() -> None:
    odd = ["orders", {"name": "no members"}]
    assert relations_here([RELATION, *odd], ["site-c"]) == [RELATION, *odd]
    assert relations_here([RELATION, *odd], ["site-c"], sliced=True) == odd
    assert relations_here([RELATION], ["site-b", "site-c"], sliced=True) == [RELATION]


def test_the_missing_half_of_a_relation_is_named() -> None:
    subjects = [{"members": {"site-a": "orders-prod"}}, {"members": {"site-a": "billing"}}]
    assert halves([RELATION, "orders"], subjects, ["site-a"]) == ["orders (orders-dr of site-b)"]
    assert halves([RELATION], subjects, ["site-a", "site-b"]) == []
    assert halves([RELATION], subjects[1:], ["site-a"]) == []
    # Where a run is only about the instances of its inventory, it needs both of them.
    members = cast(list[dict[str, str]], RELATION["members"])
    first, second = ({"gaussdb_site": each["site"], "gaussdb_instance_name": each["instance"]} for each in members)
    assert halves([RELATION], subjects, ["site-a", "site-b"], [first]) == ["orders (orders-dr of site-b)"]
    assert halves([RELATION], subjects, ["site-a", "site-b"], [first, {}, second]) == []
