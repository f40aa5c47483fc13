# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The verdict about a platform: what counts, what the baseline accepts, and what people see of it."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate import document, drift, drift_page
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.baseline import Entry, read_entries
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.outcomes import Found
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.problems import Problem
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.survey import Survey

NOW = datetime(2026, 11, 27, 2, 0, tzinfo=timezone.utc)
PLACE = {"instance": "core", "path": "instances[core]"}
PARAMETER = {
    **PLACE,
    "part": "parameters",
    "object": "max_connections",
    "outcome": "updated",
    "fields": [{"name": "value", "before": "3000", "after": "500"}],
}
USER = {
    **PLACE,
    "part": "users",
    "object": "app",
    "outcome": "updated",
    "fields": [{"name": "locked", "before": True, "after": False}, {"name": "limit", "before": 5, "after": 10}],
}
DATABASE = {**PLACE, "part": "databases", "object": "fraud", "outcome": "created", "fields": []}
GHOSTS = {"part": "users", "instance": "core", "names": ["ghost", "spook"]}
UPGRADE = {**PLACE, "field": "engine_version", "before": "3.1", "after": "3.2", "playbook": "gaussdb.tpops.upgrade"}
FAILURE = {**PLACE, "part": "users", "kind": "unreadable", "reason": "no answer"}
PARTS = {("instances", ""), ("users", "core"), ("parameters", "core")}


def plan(undescribed: Any = (), **found: Any) -> dict[str, Any]:
    survey = Survey(Found(**found), list(undescribed), ["core", "cards"])
    return document.build("site-a", survey, lambda data: data)


def entries(*given: dict[str, Any]) -> list[Entry]:
    more = {"reason": "CHG-1", "until": "2026-12-31"}
    problems: list[Problem] = []
    found = read_entries([{**more, **each} for each in given], "baseline", problems)
    assert problems == []
    return found


def judge(planned: dict[str, Any], *baseline: dict[str, Any], **more: Any) -> dict[str, Any]:
    return drift.judge(planned, entries(*baseline), PARTS, NOW, **more)


def names(findings: list[dict[str, Any]]) -> list[tuple[str, list[str]]]:
    return [(each["object"], [field["name"] for field in each["fields"]]) for each in findings]


# The verdict


def test_what_is_as_described_is_in_step() -> None:
    record = judge(plan())
    assert record["verdict"] == "in_step" and record["checked"] == "2026-11-27T02:00:00+00:00"
    assert list(drift.lines("site-a", record)) == ["site-a is in step with its description"]


def test_what_differs_is_drift() -> None:
    record = judge(plan(differences=[PARAMETER, DATABASE]))
    assert record["verdict"] == "drift"
    assert list(drift.lines("site-a", record)) == [
        "core: parameters 1, database fraud new",
        "site-a has drifted: 2 differences",
    ]


def test_what_is_pending_is_shown_and_counts_only_on_request() -> None:
    planned = plan(pending=[UPGRADE])
    record = judge(planned)
    assert record["verdict"] == "in_step"
    pending = "core: upgrade pending 3.1 → 3.2"
    assert list(drift.lines("site-a", record)) == [
        pending,
        "site-a is in step with its description (1 pending not counted)",
    ]
    record = judge(planned, count_pending=True)
    assert record["verdict"] == "drift"
    assert list(drift.lines("site-a", record)) == [pending, "site-a has drifted: 1 pending"]
    accepted = judge(planned, {"part": "instances", "object": "core", "field": "engine_version"}, count_pending=True)
    assert accepted["verdict"] == "in_step"


def test_an_object_that_the_description_lacks_is_drift_where_it_has_others_of_its_kind() -> None:
    others = {"part": "databases", "instance": "core", "names": ["own"]}
    hosts = {"part": "hosts", "instance": "", "names": ["db-9"]}
    record = judge(plan([GHOSTS, others, hosts]))
    assert record["verdict"] == "drift"
    assert names(record["drift"]) == [("ghost", []), ("spook", [])]
    assert names(record["reported"]) == [("own", []), ("db-9", [])]
    assert list(drift.lines("site-a", record)) == [
        "core: not described: user ghost, user spook",
        "site-a has drifted: 2 undescribed (2 undescribed not counted)",
    ]
    assert judge(plan([others, hosts]))["verdict"] == "in_step"


def test_what_could_not_be_read_wins_over_drift() -> None:
    record = judge(plan(differences=[PARAMETER], failures=[FAILURE, {**FAILURE, "path": "b"}]), {"part": "users"})
    assert record["verdict"] == "cannot_tell"
    assert list(drift.lines("site-a", record)) == [
        "core: parameters 1",
        "instances[core]: no answer",
        "b: no answer",
        "Cannot tell whether site-a is in step with its description, for 2 reasons (1 difference known so far)",
    ]
    # The entry may be about what could not be read.
    assert record["unused"] == []


# The baseline


@pytest.mark.parametrize(
    ("entry", "left"),
    [
        ({"part": "parameters"}, []),
        ({"part": "parameters", "instance": "c*", "object": "max_*", "field": "value"}, []),
        ({"part": "parameters", "value": 3000}, []),
        ({"part": "parameters", "value": "3000", "site": "site-?"}, []),
        ({"part": "parameters", "value": 3001}, [("max_connections", ["value"])]),
        ({"part": "parameters", "instance": "cards"}, [("max_connections", ["value"])]),
        ({"part": "parameters", "object": "other"}, [("max_connections", ["value"])]),
        ({"part": "parameters", "field": "other"}, [("max_connections", ["value"])]),
        ({"part": "parameters", "site": "site-b"}, [("max_connections", ["value"])]),
        ({"part": "users"}, [("max_connections", ["value"])]),
    ],
)
def test_an_entry_accepts_what_it_is_about(entry: dict[str, Any], left: list[Any]) -> None:
    record = judge(plan(differences=[PARAMETER]), entry)
    assert names(record["drift"]) == left
    assert record["verdict"] == ("drift" if left else "in_step")
    assert len(record["accepted"]) == (not left)


def test_fields_of_an_object_are_accepted_one_by_one() -> None:
    record = judge(plan(differences=[USER]), {"part": "users", "field": "locked"})
    assert names(record["drift"]) == [("app", ["limit"])]
    assert names(record["accepted"]) == [("app", ["locked"])]
    assert record["accepted"][0]["accepted"] == {"entry": "baseline[0]", "reason": "CHG-1", "until": "2026-12-31"}
    record = judge(plan(differences=[USER]), {"part": "users", "field": "l*"})
    assert record["drift"] == [] and names(record["accepted"]) == [("app", ["locked", "limit"])]


def test_an_entry_for_a_field_does_not_accept_an_object() -> None:
    planned = plan([GHOSTS], differences=[DATABASE])
    for more in ({"field": "*"}, {"value": 1}):
        record = judge(planned, {"part": "databases", **more}, {"part": "users", **more})
        assert names(record["drift"]) == [("fraud", []), ("ghost", []), ("spook", [])]
        assert len(record["unused"]) == 2
    record = judge(planned, {"part": "databases"}, {"part": "users", "object": "gh*"})
    assert names(record["drift"]) == [("spook", [])]


@pytest.mark.parametrize(("until", "verdict"), [("2026-11-27", "in_step"), ("2026-11-26", "drift")])
def test_an_entry_ends_with_its_last_day(until: str, verdict: str) -> None:
    record = judge(plan(differences=[PARAMETER]), {"part": "parameters", "until": until})
    assert record["verdict"] == verdict
    expired = ["baseline[0] expired on 2026-11-26: CHG-1"] * (verdict == "drift")
    assert [line for line in drift.lines("site-a", record) if "expired" in line] == expired


def test_an_entry_that_accepts_nothing_is_reported() -> None:
    record = judge(plan(differences=[PARAMETER]), {"part": "parameters"}, {"part": "hosts"}, {"part": "parameters"})
    # The third one is about the same as the first.
    assert [entry["entry"] for entry in record["unused"]] == ["baseline[1]", "baseline[2]"]
    assert "baseline[1] accepts nothing any more: CHG-1" in list(drift.lines("site-a", record))
    assert judge(plan(), {"part": "hosts", "site": "site-b"})["unused"] == []


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        ("text", "baseline[0]: not a dictionary"),
        ({"reason": "a", "until": "2026-01-01"}, "baseline[0].part: required"),
        ({"part": "users", "until": "2026-01-01"}, "baseline[0].reason: required"),
        ({"part": "users", "reason": " ", "until": "2026-01-01"}, "baseline[0].reason: required"),
        ({"part": "users", "reason": "a"}, "baseline[0].until: required"),
        ({"part": "user", "reason": "a", "until": "2026-01-01"}, "baseline[0].part: not allowed, did you mean users?"),
        ({"part": "users", "reason": "a", "until": "soon"}, "baseline[0].until: is not a day such as 2027-01-31"),
        ({"part": "users", "reason": "a", "until": "20260101"}, "baseline[0].until: is not a day such as 2027-01-31"),
        ({"part": "users", "reason": "a", "until": "2026-01-01", "objekt": 1}, "baseline[0].objekt: unknown, did you "),
    ],
)
def test_a_mistake_in_an_entry_is_named_by_its_path(entry: Any, problem: str) -> None:
    problems: list[Problem] = []
    read_entries([entry], "baseline", problems)
    assert [str(each).startswith(problem) for each in problems] == [True], problems


def test_a_baseline_in_another_form_is_a_mistake() -> None:
    problems: list[Problem] = []
    assert read_entries({"part": "users"}, "baseline", problems) == []
    assert [str(each) for each in problems] == ["baseline: not a list"]


# Several platforms


def test_the_worst_verdict_is_the_one_over_all_platforms() -> None:
    same, drifted = judge(plan()), judge(plan(differences=[PARAMETER]))
    for sites, verdict in (
        ({"a": same}, "in_step"),
        ({"a": drifted, "b": same}, "drift"),
        ({"a": drift.not_compared(), "b": drifted, "c": same}, "cannot_tell"),
    ):
        assert drift.document(sites)["verdict"] == verdict


def test_the_records_of_a_run_meet_in_its_folder(tmp_path: Path) -> None:
    for site in ("a", "b"):
        with drift.records_of_run(str(tmp_path), "drift.json") as records:
            records[site] = {"verdict": "x" * (3 if site == "a" else 1)}
    with drift.records_of_run(str(tmp_path), "drift.json") as records:
        assert records == {"a": {"verdict": "xxx"}, "b": {"verdict": "x"}}
        records.clear()
    with drift.records_of_run(str(tmp_path), "drift.json") as records:
        assert records == {}
    with drift.records_of_run(str(tmp_path), "other.json") as records:
        assert records == {}
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}


# The page


def page(*records: dict[str, Any], **options: Any) -> str:
    sites = {f"site-{name}": record for name, record in zip("abc", records)}
    return drift_page.render(json.loads(drift.as_text(drift.document(sites))), **options)


def test_the_page_says_everything() -> None:
    planned = plan(
        [GHOSTS, {"part": "databases", "instance": "core", "names": ["own"]}],
        differences=[PARAMETER, USER],
        pending=[UPGRADE],
    )
    record = judge(
        planned,
        {"part": "users", "object": "app", "field": "locked"},
        {"part": "users", "object": "spook", "reason": "a|b"},
        {"part": "hosts", "until": "2026-01-01"},
        {"part": "key_pairs"},
    )
    found = page(record, drift.not_compared())
    for line in (
        "| `site-a` | **drift** | 2026-11-27T02:00:00+00:00 |",
        "| `site-b` | **cannot tell** | – |",
        "site-a has drifted: 2 differences, 1 undescribed"
        " (2 accepted, 1 undescribed not counted, 1 pending not counted).",
        "Cannot tell whether site-b is in step with its description, because it was not compared.",
        "- core: parameters 1, user app changed, upgrade pending 3.1 → 3.2",
        "- in step: 1 instance (cards)",
        "### core: parameter max_connections: changed",
        "| `value` | `3000` | `500` |",
        "| `limit` | `5` | `10` |",
        "- core: user ghost",
        "## Pending, not counted",
        "- core: engine version `3.1` → `3.2`, by the playbook `gaussdb.tpops.upgrade`",
        "- core: database own",
        "- core: user app: locked `true` → `false`, until 2026-12-31: CHG-1",
        "- core: user spook: not described, until 2026-12-31: `a|b`",
        "- `baseline[2]` expired on 2026-01-01: CHG-1",
        "- `baseline[3]` accepts nothing any more: CHG-1",
    ):
        assert line in found.splitlines(), f"{line}\nin\n{found}"
    assert "| `locked` |" not in found and "## Pending, counted" not in found


def test_an_instance_with_an_undescribed_object_is_not_called_in_step() -> None:
    assert "- in step: 1 instance (cards)" in page(judge(plan([GHOSTS])))
    assert "in step:" not in page(judge(plan(failures=[{**FAILURE, "part": "", "instance": ""}])))


def test_a_page_of_many_platforms_has_something_of_each() -> None:
    many = [{**PARAMETER, "object": f"parameter_{index}"} for index in range(500)]
    record = judge(plan(differences=many))
    found = page(record, record, record, largest=20_000)
    assert len(found) <= 20_000
    assert found.count("**This page is cut.** Only drift.json has the rest:") == 3
    assert found.count("# site-") == 3
