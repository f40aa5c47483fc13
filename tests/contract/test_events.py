# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The event source: its documentation and schema say what it takes, and no rulebook does what people have to decide."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from catalogue import ROOT
from event_schema import SCHEMA, documentation

from ansible_collections.gaussdb.tpops.plugins.plugin_utils.events.changes import TYPES
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.events.source import OPTIONS, parse_options

EDA = ROOT / "extensions" / "eda"
RULEBOOKS = sorted((EDA / "rulebooks").glob("*.yml"))
CREDENTIALS = sorted((EDA / "credential_types").glob("*.yml"))
# What a rule may start: reads, reports and tickets. Everything else is a decision of people.
HARMLESS = {"gaussdb.tpops.event_ticket", "gaussdb.tpops.health", "gaussdb.tpops.dr_status"}
PLAIN_VALUES = {
    "{{ gaussdb_platforms }}": [{"name": "a", "endpoint": "192.0.2.1"}],
    "{{ gaussdb_events_interval | default(30) }}": "30",
}


def load(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def actions(rulebook: Path) -> list[tuple[str, dict[str, Any]]]:
    rules = [rule for ruleset in load(rulebook) for rule in ruleset["rules"]]
    return [item for rule in rules for each in rule.get("actions") or [rule["action"]] for item in each.items()]


def test_the_documentation_has_every_option_with_its_default() -> None:
    documented = documentation(ROOT)["options"]
    assert list(documented) == [each.name for each in OPTIONS]
    for each in OPTIONS:
        option = documented[each.name]
        assert (option["type"], option.get("required", False)) == (each.type, each.required), each.name
        assert option.get("default") == each.default, each.name
        assert tuple(option.get("choices", ())) == tuple(each.choices), each.name


@pytest.mark.parametrize("path", RULEBOOKS, ids=lambda path: path.stem)
def test_the_options_of_a_rulebook_are_allowed(path: Path) -> None:
    schema = json.loads((ROOT / SCHEMA).read_text(encoding="utf-8"))
    for ruleset in load(path):
        for source in ruleset["sources"]:
            given = source["gaussdb.tpops.tpops_events"]
            jsonschema.validate(given, schema)
            texts = {key: PLAIN_VALUES[value] for key, value in given.items() if str(value) in PLAIN_VALUES}
            assert parse_options({**given, **texts}).cursor.endswith(f"/{path.stem}.json")


def test_the_schema_refuses_what_the_source_refuses() -> None:
    schema = json.loads((ROOT / SCHEMA).read_text(encoding="utf-8"))
    good = {"platforms": [{"name": "a", "endpoint": "192.0.2.1"}], "cursor": "/var/lib/c.json"}
    jsonschema.validate(good, schema)
    for change in ({"intervall": 1}, {"events": ["alarm"]}, {"platforms": [{"endpoint": "x"}]}, {"interval": []}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({**good, **change}, schema)


@pytest.mark.parametrize("path", RULEBOOKS, ids=lambda path: path.stem)
def test_no_rule_fails_over_or_changes_anything(path: Path) -> None:
    for kind, arguments in actions(path):
        assert kind in ("run_playbook", "run_workflow_template")
        if kind == "run_playbook":
            assert arguments["name"] in HARMLESS
    assert not re.search(r"confirm|waive", path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", RULEBOOKS, ids=lambda path: path.stem)
def test_conditions_name_types_that_exist(path: Path) -> None:
    ruleset = load(path)[0]
    named = set(ruleset["sources"][0]["gaussdb.tpops.tpops_events"]["events"])
    told = {word for rule in ruleset["rules"] for word in re.findall(r'tpops.type == "(\w+)"', rule["condition"])}
    assert told <= named <= set(TYPES)


@pytest.mark.parametrize("path", CREDENTIALS, ids=lambda path: path.stem)
def test_a_credential_gives_what_the_source_takes(path: Path) -> None:
    kind = load(path)
    fields = {field["id"]: field for field in kind["inputs"]["fields"]}
    assert {key for key, field in fields.items() if field.get("secret")} == {key for key in fields if "password" in key}
    platforms = kind["injectors"]["extra_vars"]["gaussdb_platforms"]
    used = set(re.findall(r"{{ (\w+) }}", json.dumps(kind["injectors"])))
    assert used == set(fields) == set(kind["inputs"]["required"])
    for each in platforms:
        assert set(each) == {"name", "endpoint", "username", "password", "ca_path"}
