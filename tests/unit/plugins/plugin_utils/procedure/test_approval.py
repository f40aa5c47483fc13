# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The facts of an approval: what is one, and from which job they come."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from ansible_collections.gaussdb.tpops.plugins.plugin_utils.procedure.approval import (
    approved_digests,
    digests_of,
    facts_of,
    unapproved_facts,
)


def seen(version: str, primary: str = "site-a") -> dict[str, Any]:
    """Return a snapshot of a pair, of which one site does not answer."""
    return {
        "sites": {
            "site-a": {"instance": "orders-1", "instance_id": "in14", "engine_version": version, "alarms": []},
            "site-b": {"instance": "orders-2", "instance_id": "", "engine_version": ""},
        },
        "primaries": [primary] if primary else [],
    }


RECORD: dict[str, Any] = {
    "procedure": "upgrade",
    "subject": "orders",
    "request": {"version": "3.200.0", "until": "precheck", "confirm": ["orders-1"], "gates_waived": ""},
    "before": seen("3.103.0"),
    "after": {},
}
FACTS = {
    "request.version": "3.200.0",
    "site-a.instance": "orders-1",
    "site-a.instance_id": "in14",
    "site-a.engine_version": "3.103.0",
    "site-b.instance": "orders-2",
    "primaries": ["site-a"],
}


def test_facts_are_what_is_shown_and_does_not_differ_from_run_to_run() -> None:
    assert facts_of(RECORD) == FACTS


def test_what_is_handed_on_is_how_the_run_left_it() -> None:
    ended = facts_of({**RECORD, "after": seen("3.200.0", primary="")})
    assert ended == {name: value for name, value in FACTS.items() if name != "primaries"} | {
        "site-a.engine_version": "3.200.0"
    }


@pytest.mark.parametrize(
    ("handed_on", "expected"),
    [
        ({"orders": {"procedure": "upgrade", "facts": FACTS}}, FACTS),
        ({"orders": {"procedure": "upgrade_rollback", "facts": FACTS}}, None),
        ({"billing": {"procedure": "upgrade", "facts": FACTS}}, None),
        ({"orders": {"procedure": "upgrade"}}, None),
        ({"orders": "done"}, None),
        (None, None),
        ("", None),
    ],
)
def test_facts_come_from_the_same_procedure_of_the_same_subject(handed_on: Any, expected: Any) -> None:
    assert approved_digests(handed_on, RECORD) == expected


def test_a_digest_is_text_whatever_the_value_is() -> None:
    """AWX hands variables on as text, which ansible-core reads as YAML again: 1796093897000 becomes a number."""
    digests = digests_of({"request.to": "1796093897000", "request.backup": "", "request.proof": True})
    assert all(yaml.safe_load(digest) == digest for digest in digests.values())


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({}, []),
        ({"primaries": ["site-b"]}, [{"name": "primaries", "now": ["site-b"]}]),
        ({"request.version": "3"}, [{"name": "request.version", "now": "3"}]),
        ({"request.version": 3.2, "site-a.instance_id": "in15"}, ["request.version", "site-a.instance_id"]),
        # What the earlier job did not see.
        ({"site-b.instance_id": "in20"}, []),
    ],
)
def test_what_is_not_as_approved(change: dict[str, Any], found: list[Any]) -> None:
    changed = unapproved_facts(digests_of(FACTS), {**FACTS, **change})
    assert [each if isinstance(found[0], dict) else each["name"] for each in changed] == found


def test_what_is_not_shown_now_is_no_difference() -> None:
    assert unapproved_facts(digests_of(FACTS), {"request.version": "3.200.0"}) == []
