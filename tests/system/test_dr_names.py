# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Names of relations are data: for any name, a run works on exactly the named relation."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from two_sites import AWAY, HOME, MEMBERS, TO_AWAY, TwoSites, done, refused

# Names with a meaning in a host pattern, a regular expression, a path, a template, YAML or JSON, and names without one.
ODD = [
    "orders.1",
    "orders-1",
    "orders+1",
    "orders/1",
    "a b",
    "a:22",
    "a,b",
    "a[0:2]",
    "!x",
    "~x",
    "&x",
    "@x",
    "*",
    ".x",
    "-x",
    "a'b",
    'a"b',
]
ODD += [
    "a\\b",
    "a%b",
    "{a: 1}",
    "[1]",
    "#x",
    "True",
    "localhost",
    "all",
    "site-a",
    "订单",
    "账单",
    2024,
    "Orders.1",
    "x" * 300,
]


def described(*names: Any) -> tuple[str, str]:
    """Return the option that describes relations with these names, all between the instances of ``examples/dr``."""
    return "-e", json.dumps(
        {"dr_relations": [{"name": name, "primary_site": HOME, "members": MEMBERS} for name in names]}
    )


@pytest.mark.long
def test_every_name_finds_its_relation(sites: TwoSites) -> None:
    sites.join()
    run = sites.dr("status", *described(*ODD), "--forks", "10")
    done(run, 0)
    told = [json.loads(text) for text in re.findall(r'"msg": (".* is as described")', run.output)]
    assert sorted(told) == sorted(f"{name} is as described" for name in ODD)


@pytest.mark.parametrize("name", [2024, "orders+1"])
def test_one_is_chosen_by_its_name(sites: TwoSites, name: str | int) -> None:
    sites.join()
    run = sites.dr("status", *described(*ODD), "-e", json.dumps({"dr_relation": name}))
    done(run, 0)
    assert re.findall(r'"msg": "(.*) is as described"', run.output) == [str(name)]


def test_a_switchover_of_one_leaves_that_of_a_similar_name_alone(sites: TwoSites) -> None:
    for site, name in ((0, "billing-prod"), (1, "billing-dr")):
        sites.sites.admin(
            site, "estate", {"instances": [{"name": name, "solution": "single", "data_center": [f"dc{site + 1}"]}]}
        )
    sites.join()
    sites.sites.admin(
        1, "estate", {"dr_relations": [{"name": "billing", "master": "billing-prod", "standby": "billing-dr"}]}
    )
    pairs = {"orders-1": ("billing-prod", "billing-dr"), "orders.1": ("orders-prod", "orders-dr")}
    both = [
        {
            "name": name,
            "primary_site": HOME,
            "members": [{"site": HOME, "instance": first}, {"site": AWAY, "instance": second}],
        }
        for name, (first, second) in pairs.items()
    ]
    described_both = ("-e", json.dumps({"dr_relations": both}))
    done(sites.dr("switchover", *TO_AWAY, "-e", "dr_relation=orders.1", *described_both), 1)
    assert [json.loads(path.read_text(encoding="utf-8"))["subject"] for path in sites.evidence.glob("*.json")] == [
        "orders.1"
    ]
    shown = sites.dr("status", *described_both).output
    assert "orders.1 deviates: the primary is site-b, expected site-a" in shown
    assert "orders-1 is as described" in shown


@pytest.mark.parametrize("chosen", ["orders.*", "Orders.1", 0, ["orders.1"]])
def test_a_name_that_is_none_is_an_error(sites: TwoSites, chosen: Any) -> None:
    refused(
        sites.dr("failover", *described("orders.1", "orders-1"), "-e", json.dumps({"dr_relation": chosen})),
        "They are: orders.1, orders-1",
    )
    assert sites.requests() == []


@pytest.mark.parametrize("names", [(2024, "2024"), ("orders", ""), ()])
def test_every_relation_needs_a_name_of_its_own(sites: TwoSites, names: tuple[Any, ...]) -> None:
    refused(sites.dr("switchover", *described(*names)), "a unique name for each relation")
    assert sites.requests() == []


@pytest.mark.long
def test_each_relation_has_a_record_of_its_own(sites: TwoSites) -> None:
    sites.join()
    names = ["订单", "账单", "a/b", "a_b", "../x", "名" * 64]
    for _run in range(2):
        done(sites.dr("switchover", *described(*names), "--forks", "10"), 0)
    records = list(sites.evidence.glob("*.json"))
    told = [json.loads(record.read_text(encoding="utf-8"))["subject"] for record in records]
    assert sorted(told) == sorted(names * 2)
    # Each has a page, and each run one page of all of them.
    pages = {record.with_suffix(".html") for record in records}
    whole = set(sites.evidence.rglob("*")) - {*records, *pages}
    assert pages < set(sites.evidence.rglob("*")) and len(whole) == 2
    assert all(name in page.read_text(encoding="utf-8") for name in names for page in whole)
    assert [record.name for record in records if record.name.endswith("-switchover-订单.json")]
    # The names of one relation's records only differ in the time.
    assert len({record.name.partition("-")[2] for record in records}) == len(names)
