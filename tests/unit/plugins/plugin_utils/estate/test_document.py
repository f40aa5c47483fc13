# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A plan as data and as a page: both say the same, and neither depends on what does not matter."""

from __future__ import annotations

import copy
import json
import random
from typing import Any

import pytest

from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate import document, page
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.outcomes import Found
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.survey import Survey


def difference(part: str, name: str, outcome: str = "updated", instance: str = "core-prod", **more: Any) -> Any:
    fields = more.pop("fields", [{"name": "value", "before": 1, "after": 2}])
    where = {"part": part, "instance": instance, "object": name, "path": f"{part}[0]"}
    return {**where, "outcome": outcome, "fields": fields, **more}


def example() -> Survey:
    found = Found(
        differences=[
            difference("parameters", "max_connections", restart_pending=True),
            difference("parameters", "timeout"),
            difference(
                "users", "a", "created", fields=[{"name": "password", "secret": True, "before": None, "after": "set"}]
            ),
            difference("users", "b", fields=[{"name": "locked", "before": False, "after": True}]),
            difference("users", "c"),
            difference("databases", "fraud", "created", "cards-prod", fields=[]),
            difference("backup_policy", "", instance="cards-prod"),
            difference("hosts", "db-1", "removed", ""),
        ],
        steps=[
            {
                "part": "users",
                "instance": "core-prod",
                "operation": "create_user",
                "method": "POST",
                "summary": "Create",
            }
        ],
        not_compared=[
            {"part": "users", "instance": "core-prod", "object": name, "fields": ["password"], "sent": False}
            for name in ("a", "b")
        ]
        + [
            {"part": "privileges", "instance": "core-prod", "object": "x for y", "fields": ["privileges"], "sent": True}
        ],
        pending=[
            {
                "instance": "ledger",
                "path": "instances[ledger]",
                "field": "engine_version",
                "before": "3.1",
                "after": "3.2",
                "playbook": "gaussdb.tpops.upgrade",
            }
        ],
        notes=[{"part": "users", "instance": "core-prod", "text": "The platform does not show login"}],
    )
    instances = ["core-prod", "cards-prod", "ledger", "quiet"]
    return Survey(found, [{"part": "users", "instance": "quiet", "names": ["ghost"]}], instances)


def build(survey: Survey | None = None) -> dict[str, Any]:
    return document.build("site-a", survey or example(), lambda data: data)


def broken() -> Survey:
    survey = example()
    failure = {"part": "users", "instance": "quiet", "path": "instances[quiet].users", "kind": "unreadable"}
    survey.found.failures.append({**failure, "reason": "no answer"})
    return survey


def test_the_file_holds_the_plan() -> None:
    assert json.loads(document.as_text(build())) == build()


def test_the_summary_has_a_line_for_each_instance_with_something_to_say() -> None:
    assert document.summary(build()) == [
        ("site-a", "host db-1 removed"),
        ("core-prod", "parameters 2 (restart pending), users +1 ~2"),
        ("cards-prod", "database fraud new, backup policy changed"),
        ("ledger", "upgrade pending 3.1 → 3.2"),
    ]
    assert document.in_step(build()) == ["quiet"]
    assert dict(document.summary(build(broken())))["quiet"] == "1 not read"


@pytest.mark.parametrize(
    ("part", "noun"),
    [
        ("users", "user"),
        ("sql_patches", "sql patch"),
        ("alarm_policies", "alarm policy"),
        ("backup_policy", "backup policy"),
        ("data_centers", "data center"),
        ("databases", "database"),
    ],
)
def test_one_object_has_its_own_word(part: str, noun: str) -> None:
    assert document.noun(part) == noun


def test_a_plan_says_whether_it_is_complete_and_the_platform_in_step() -> None:
    assert (build()["complete"], build()["in_step"]) == (True, False)
    assert (build(broken())["complete"], build(broken())["in_step"]) == (False, False)
    assert build(Survey())["in_step"]


# The digest


def test_the_digest_does_not_depend_on_order_notes_or_ids() -> None:
    plan = build()
    other = copy.deepcopy(plan)
    for section in ("differences", "not_compared", "notes", "undescribed", "steps", "instances"):
        random.Random(1).shuffle(other[section])
    other["notes"], other["undescribed"], other["steps"] = [], [], []
    for entry in other["differences"]:
        entry["path"] = "elsewhere"
        entry["fields"].reverse()
    assert document.digest(other) == plan["digest"]
    for entry in (plan, other):
        entry["differences"][0]["fields"] = [{"name": "data_center_id", "before": "1", "after": entry["site"]}]
    other["differences"][0]["object"] = plan["differences"][0]["object"] = "same"


def test_the_digest_does_not_depend_on_values_that_the_platform_gives_out() -> None:
    def with_id(value: str) -> str:
        survey = example()
        fields = [{"name": "data_center_id", "before": None, "after": value}]
        survey.found.differences.append(difference("hosts", "db-2", fields=fields))
        return str(build(survey)["digest"])

    assert with_id("1") == with_id("2") != build()["digest"]


def test_the_order_in_a_list_does_not_matter() -> None:
    def with_list(value: list[int]) -> str:
        survey = example()
        survey.found.differences[0]["fields"] = [{"name": "period", "before": [], "after": value}]
        return str(build(survey)["digest"])

    assert with_list([1, 2]) == with_list([2, 1]) != with_list([1])


@pytest.mark.parametrize(
    "change",
    [
        lambda plan: plan["differences"][0].update(object="other"),
        lambda plan: plan["differences"][0].update(instance="other"),
        lambda plan: plan["differences"][0].update(outcome="created"),
        lambda plan: plan["differences"][0]["fields"][0].update(after=3),
        lambda plan: plan["differences"][0]["fields"][0].update(before=3),
        lambda plan: plan["differences"].pop(),
        lambda plan: plan["not_compared"].pop(),
        lambda plan: plan.update(site="site-b"),
        lambda plan: plan["failures"].append(
            {"part": "a", "instance": "", "path": "a", "kind": "unreadable", "reason": "r"}
        ),
    ],
)
def test_the_digest_depends_on_all_that_is_done(change: Any) -> None:
    plan = build()
    change(plan)
    assert document.digest(plan) != build()["digest"]


def test_what_quotes_a_secret_is_censored() -> None:
    survey = example()
    survey.found.notes[0]["text"] = "it was hunter2"
    plan = document.build("a", survey, lambda data: json.loads(json.dumps(data).replace("hunter2", "***")))
    assert "hunter2" not in document.as_text(plan)


# The page


def test_the_page_begins_with_the_summary_and_has_every_difference() -> None:
    rendered = page.render(build())
    lines = rendered.splitlines()
    assert lines[0] == "# Plan of site-a"
    assert "8 differences, 1 pending." in lines
    assert "- core-prod: parameters 2 (restart pending), users +1 ~2" in lines
    assert "- in step: 1 instance (quiet)" in lines
    assert "### core-prod: parameter max_connections: changed, takes effect after a restart" in lines
    assert "### cards-prod: database fraud: new" in lines
    assert "### host db-1: removed" in lines
    assert "| `password` | (not set) | (set) |" in lines
    assert "| `locked` | `false` | `true` |" in lines
    assert "- ledger: engine version `3.1` → `3.2`, by the playbook `gaussdb.tpops.upgrade`" in lines
    assert "- quiet: users: ghost" in lines
    assert "- users: password of 2 objects in 1 instance" in lines
    assert "- core-prod: privileges, sent in each run: x for y" in lines
    assert lines[-1] == f"Digest: `{build()['digest']}`"
    assert page.render(build()) == rendered


def test_what_could_not_be_read_comes_first() -> None:
    rendered = page.render(build(broken()))
    assert "**The plan is not complete:**" in rendered
    assert "- `instances[quiet].users`: not read: no answer" in rendered
    assert rendered.index("## Not known") < rendered.index("## Differences")


def test_a_platform_in_step_has_a_short_page() -> None:
    rendered = page.render(build(Survey(instances=["a", "b"])))
    assert "in step with its description" in rendered and "## " not in rendered


def test_a_large_page_is_cut_and_says_what_is_missing() -> None:
    survey = Survey(instances=[f"core-{number}" for number in range(1200)])
    for name in survey.instances:
        survey.found.differences += [difference("users", f"user-{number}", instance=name) for number in range(3)]
    rendered = page.render(build(survey))
    assert len(rendered) <= page.LARGEST
    assert "**This page is cut.** Only plan.json has the rest: " in rendered
    shown = rendered.count("\n### ")
    assert f"{3600 - shown} of Differences" in rendered and shown > 100
    assert "of summary" in rendered
    assert rendered.splitlines()[-1].startswith("Digest: ")


def test_long_values_are_cut() -> None:
    survey = Survey()
    fields = [{"name": "value", "before": "x" * 5000, "after": ["y" * 900]}]
    survey.found.differences.append(difference("parameters", "p", fields=fields))
    rendered = page.render(build(survey))
    assert "… (5000 characters)" in rendered and len(rendered) < 1500


@pytest.mark.parametrize(
    ("plain", "shown"),
    [
        ("core-prod", "core-prod"),
        ("a|b", "`a|b`"),
        ("<b>@all</b>", "`<b>@all</b>`"),
        ("a``b", "```a``b```"),
        ("`", "`` ` ``"),
        ("two\nlines", "two lines"),
        ("__bold__", "`__bold__`"),
        ("数据", "`数据`"),
        ("a\x1b[31mb", "`a\ufffd[31mb`"),
    ],
)
def test_nothing_that_somebody_named_means_anything_to_markdown(plain: str, shown: str) -> None:
    assert page.text(plain) == shown


def test_a_cell_does_not_end_its_table() -> None:
    assert page.cell("a|b\n|c") == "`a\\|b \\|c`"
    assert page.value({"before": None, "after": ""}, "before") == "–"
    assert page.value({"before": None, "after": ""}, "after") == '""'


def test_a_run_converges_what_differs_is_sent_or_is_unknown() -> None:
    assert document.parts_to_converge(build(broken())) == {
        "": ["hosts"],
        "core-prod": ["parameters", "users", "privileges"],
        "cards-prod": ["backup_policy", "databases"],
        "quiet": ["users"],
    }
    survey = Survey(instances=["core"], unsettled=[{"instance": "core", "status": "FAILED"}])
    assert document.parts_to_converge(build(survey))["core"][0] == "instances"
    nested = Survey(Found(differences=[difference("schemas", "orders.x", "created")]), instances=["core-prod"])
    assert document.parts_to_converge(build(nested)) == {"core-prod": ["databases"]}


def test_two_plans_are_compared_in_words() -> None:
    approved, current = build(), example()
    del current.found.differences[1]
    current.found.differences.append(
        difference("users", "d", fields=[{"name": "locked", "before": False, "after": True}])
    )
    assert document.compare(approved, build(current)) == [
        "approved, but no longer so: core-prod: parameter timeout changed, value 1 → 2",
        "not approved: core-prod: user d changed, locked false → true",
    ]
    assert document.compare(approved, build()) == []


def test_only_a_whole_and_untouched_plan_is_an_approved_one() -> None:
    assert document.read_approved(document.as_text(build())) == build()
    changed = build()
    changed["differences"][1]["fields"][0]["after"] = 3
    for text, problem in (
        (document.as_text(changed), "changed since"),
        (document.as_text(build(broken())), "not complete"),
        (document.as_text({**build(), "format": 0}), "another version"),
        ("[]", "not a plan"),
        ("{}", "not a plan"),
        ("{", "Expecting"),
    ):
        with pytest.raises(ValueError, match=problem):
            document.read_approved(text)


def test_the_page_says_what_has_to_be_confirmed() -> None:
    survey = Survey(
        Found(differences=[difference("users", "guest", "removed", confirm=True)]), [], ["core-prod"], [], ["core-prod"]
    )
    assert "- core-prod: removes guest. A run needs its name in `gaussdb_confirm`" in page.render(build(survey))
    survey.found.differences.append(difference("instances", "core-prod", "removed", confirm=True))
    assert "- core-prod: removes the instance with its data." in page.render(build(survey))


def test_the_lines_name_each_instance() -> None:
    lines = document.lines(build())
    assert list(lines) == ["", "core-prod", "cards-prod", "ledger", "quiet"]
    assert lines["quiet"] == "in step" and lines[""] == "host db-1 removed"
    assert list(document.lines(build(Survey(instances=["core"])))) == ["core"]
    hidden = {"part": "privileges", "instance": "core", "object": "a", "fields": ["privileges"], "sent": True}
    found = Found(not_compared=[hidden])
    found.withhold()
    assert document.lines(build(Survey(found, instances=["core"]))) == {"core": "in step, privileges not sent"}
