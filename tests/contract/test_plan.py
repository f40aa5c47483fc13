# SPDX-License-Identifier: GPL-3.0-or-later
"""Plans, and their schema."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest
from catalogue import ROOT

from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate import document
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.outcomes import Found
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.survey import Survey

SCHEMA = json.loads((ROOT / "docs" / "schemas" / "gaussdb_plan.schema.json").read_text(encoding="utf-8"))
PLACE = {"part": "users", "instance": "core"}


def full() -> Survey:
    fields = [
        {"name": "locked", "before": None, "after": True},
        {"name": "password", "secret": True, "before": None, "after": "set"},
    ]
    difference = {**PLACE, "object": "app", "path": "instances[core].users[0]", "outcome": "created", "fields": fields}
    pending = {"instance": "core", "path": "instances[core]", "field": "hosts", "before": ["a"], "after": ["b"]}
    return Survey(
        Found(
            differences=[difference, {**difference, "outcome": "updated", "restart_pending": True, "fields": []}],
            steps=[{**PLACE, "operation": "create_user", "method": "POST", "summary": "Create user app"}],
            not_compared=[{**PLACE, "object": "b", "fields": ["password"], "sent": False}],
            pending=[{**pending, "playbook": "gaussdb.tpops.expand"}],
            failures=[{**PLACE, "path": "instances[core].users", "kind": "unreadable", "reason": "no answer"}],
            notes=[{**PLACE, "text": "Something"}],
        ),
        [{**PLACE, "names": ["ghost"]}],
        ["core"],
        [{"instance": "core", "status": "REBOOTING"}],
    )


def build(survey: Survey) -> dict[str, Any]:
    return document.build("site-a", survey, lambda data: data)


@pytest.mark.parametrize("survey", [full(), Survey()], ids=["full", "empty"])
def test_a_plan_fits_its_schema(survey: Survey) -> None:
    jsonschema.validate(build(survey), SCHEMA, jsonschema.Draft7Validator)


def test_the_schema_knows_all_keys() -> None:
    assert set(build(full())) == set(SCHEMA["properties"]) == set(SCHEMA["required"])
    assert SCHEMA["additionalProperties"] is False


@pytest.mark.parametrize(
    "change",
    [
        lambda plan: plan.update(more=1),
        lambda plan: plan["differences"][0].update(outcome="other"),
        lambda plan: plan["differences"][0]["fields"][1].update(after="secret"),
        lambda plan: plan.update(digest="none"),
    ],
)
def test_the_schema_refuses_what_is_wrong(change: Any) -> None:
    plan = build(full())
    change(plan)
    assert list(jsonschema.Draft7Validator(SCHEMA).iter_errors(plan))
