# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The lookup that fails a run that would do nothing."""

from __future__ import annotations

from typing import Any

import pytest
from ansible import context
from ansible.errors import AnsibleLookupError
from ansible.parsing.dataloader import DataLoader

from ansible_collections.gaussdb.tpops.plugins.lookup.platforms import LookupModule

GROUPS = {"all": ["site-a", "site-b", "web-1"], "tpops": ["site-a", "site-b"], "ungrouped": ["web-1"]}


def look(monkeypatch: pytest.MonkeyPatch, pattern: Any, limit: str | None = None, **arguments: Any) -> Any:
    monkeypatch.setattr(context, "CLIARGS", arguments)
    return LookupModule(loader=DataLoader()).run([pattern], {"groups": GROUPS, "ansible_limit": limit})


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("tpops", "tpops"),
        ("tpops:!site-a", "tpops,!site-a"),
        ("tpops[1]", "tpops[1]"),
        ("~site-.*", "~site-.*"),
        ("site-*,web-1", "site-*,web-1"),
        (["site-a", "site-b"], "site-a,site-b"),
        ("localhost", "localhost"),
    ],
)
def test_a_pattern_that_matches_is_returned(monkeypatch: pytest.MonkeyPatch, pattern: Any, found: str) -> None:
    assert look(monkeypatch, pattern) == [found]


def test_what_a_run_has_made_is_no_platform(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(GROUPS, "gaussdb_instances", ["orders@site-a"])
    monkeypatch.setitem(GROUPS, "gaussdb_nodes", ["n-1@orders@site-a"])
    monkeypatch.setitem(GROUPS, "all", [*GROUPS["all"], "orders@site-a", "n-1@orders@site-a"])
    assert look(monkeypatch, "all") == ["all,!gaussdb_instances,!gaussdb_nodes"]
    with pytest.raises(AnsibleLookupError, match="leaves no platform"):
        look(monkeypatch, "all", "orders@site-a")


@pytest.mark.parametrize("pattern", ["platforms", "site-a,site-c", "tpops:!site-c", "tpops:&dc1", ["site-a", "site-c"]])
def test_each_part_of_the_pattern_has_to_match(monkeypatch: pytest.MonkeyPatch, pattern: Any) -> None:
    with pytest.raises(
        AnsibleLookupError, match="^No host of the inventory matches .*(platforms|site-c|dc1): platforms are"
    ):
        look(monkeypatch, pattern)


@pytest.mark.parametrize("limit", ["site-a", "all", "!site-b", "site-a,*@site-a", "site-a,orders@site-a"])
def test_a_limit_that_leaves_a_platform_is_good(monkeypatch: pytest.MonkeyPatch, limit: str) -> None:
    assert look(monkeypatch, "tpops", limit) == ["tpops"]


@pytest.mark.parametrize(
    ("limit", "why"),
    [("web-1", "leaves no platform"), ("site-a,site-c", "matches site-c of --limit"), ("!tpops", "leaves no")],
)
def test_a_limit_that_leaves_none_or_knows_more_is_an_error(
    monkeypatch: pytest.MonkeyPatch, limit: str, why: str
) -> None:
    with pytest.raises(AnsibleLookupError, match=f"{why}.*-e gaussdb_sites=SITE, or --limit 'SITE,"):
        look(monkeypatch, "tpops", limit)


def test_a_run_cannot_start_in_the_middle(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(AnsibleLookupError, match="leave out --start-at-task"):
        look(monkeypatch, "tpops", start_at_task="Converge hosts")


@pytest.mark.parametrize("listing", ["syntax", "listhosts", "listtasks", "listtags"])
def test_what_only_looks_at_the_playbook_needs_no_inventory(monkeypatch: pytest.MonkeyPatch, listing: str) -> None:
    assert look(monkeypatch, "platforms", **{listing: True}) == ["platforms"]
