# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of the estate agrees with the modules, the roles, and the schemas that are made of it."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from catalogue import MODULES, ROOT

from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.estate import (
    PARTS,
    Form,
    Part,
    children_of,
    keys_of,
    part_named,
)
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.options import CONNECTION
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import options_of
from ansible_collections.gaussdb.tpops.plugins.plugin_utils.estate.options import (
    field_beside,
    fields_of,
    option_of,
    spec_of,
)

sys.path.insert(0, str(ROOT / "tools"))

from estate_schema import EXAMPLES, MARK

EVERY_PART = ROOT / "tests" / "unit" / "plugins" / "plugin_utils" / "estate" / "every_part.yml"
ESTATE = json.loads((ROOT / "docs" / "schemas" / "gaussdb_estate.schema.json").read_text(encoding="utf-8"))
RELATIONS = json.loads((ROOT / "docs" / "schemas" / "dr_relations.schema.json").read_text(encoding="utf-8"))
# Options of modules that have no place in a description although they are about an object: a batch is present.
ABSENT_ONLY = {"state"}


def named(parts: tuple[Part, ...] = PARTS) -> list[Any]:
    return [pytest.param(part, id=part.name) for part in parts]


class VaultLoader(yaml.SafeLoader):
    """Reads what is encrypted as text."""


VaultLoader.add_constructor("!vault", lambda loader, node: loader.construct_scalar(node))


def load(path: Path) -> Any:
    return yaml.load(path.read_text(encoding="utf-8"), VaultLoader)


def estate_with_every_part() -> dict[str, Any]:
    example, more = load(ROOT / next(iter(EXAMPLES))), load(EVERY_PART)
    estate: dict[str, Any] = {**example["gaussdb_estate"], **more["platform"]}
    estate["instances"][0] |= more["instance"]
    return estate


@pytest.mark.parametrize("part", named())
def test_a_part_names_a_module_and_its_option(part: Part) -> None:
    assert part.module in MODULES
    names = {each.name for each in options_of(spec_of(part))}
    assert {*filter(None, (part.option,)), *part.beside.values(), *part.without} <= names
    assert bool(part.option) == (part.form is Form.WHOLE)


@pytest.mark.parametrize("part", named())
def test_a_part_names_options_of_its_entries(part: Part) -> None:
    options = {each.name for each in fields_of(part)}
    named_options = {
        *part.required,
        *part.within,
        *part.spelled,
        *part.scope.values(),
        *part.not_shown,
        *part.local,
        *(name for group in part.exclusive for name in group),
        *(reference.option.split(".")[0] for reference in part.references),
    }
    assert named_options - options == set()


@pytest.mark.parametrize("part", named())
def test_references_lead_to_options_of_parts(part: Part) -> None:
    for reference in part.references:
        for name, key in reference.to:
            assert key in {each.name for each in fields_of(part_named(name))}


@pytest.mark.parametrize("part", named(tuple(part for part in PARTS if part.spelled)))
def test_words_are_spelled_as_the_module_of_the_part_spells_them(part: Part) -> None:
    choices = {each.name: set(each.choices) for each in fields_of(part)}
    assert {name: set(words) for name, words in part.spelled.items()} == {name: choices[name] for name in part.spelled}


@pytest.mark.parametrize("part", named())
def test_every_option_of_a_module_can_be_described(part: Part) -> None:
    """As an entry, beside the part, or by where the part is; or the table says that none is meant to."""
    scope = {name for above in PARTS for name in above.scope if part.parent}
    written = {each.name for each in fields_of(part)} | {part.option, *part.beside.values(), *part.without, *scope}
    options = {each.name for each in options_of(spec_of(part)) if each not in CONNECTION and each.is_option}
    waits = {"wait", "wait_timeout", "wait_interval"}
    left = options - written - (ABSENT_ONLY | waits if part.form is Form.WHOLE else set())
    assert left == set()


def tasks_of(role: str) -> Iterator[dict[str, Any]]:
    for path in sorted((ROOT / "roles" / role / "tasks").glob("*.yml")):
        yield from load(path)


@pytest.mark.parametrize("role", sorted({part.role for part in PARTS}))
def test_a_role_has_one_task_for_each_of_its_parts(role: str) -> None:
    """Besides reading, and removing what an exclusive list lacks."""
    keys = (key for task in tasks_of(role) for key in task if not str(task.get("name")).startswith("Remove "))
    modules = [key for key in keys if key.startswith("gaussdb.tpops.gaussdb_") and not key.endswith("_info")]
    assert sorted(modules) == sorted(f"gaussdb.tpops.{part.module}" for part in PARTS if part.role == role)


def test_keys_are_unique_where_they_are_written() -> None:
    for name in ("", *(part.name for part in PARTS if children_of(part.name))):
        own = {each.name for each in fields_of(part_named(name))} if name else set()
        keys = keys_of(name)
        assert len(set(keys)) == len(keys) and not own & set(keys)


@pytest.mark.parametrize("part", named())
def test_a_part_says_how_it_is_read_or_why_it_is_not(part: Part) -> None:
    spec = spec_of(part)
    assert part.shown_by or part.hidden
    assert not part.shown_by or part.shown_by in MODULES and part.shown_by.endswith("_info")
    # What is shown is read by the spec of the part itself.
    assert not part.shown_by or spec.find or spec.hooks.described_from
    assert not part.hidden.endswith(".") and part.hidden[:1].islower() == bool(part.hidden)
    assert set(part.made) <= {each.name for each in fields_of(part)}


@pytest.mark.parametrize("part", named(tuple(part for part in PARTS if part.shown_by)))
def test_what_shows_a_part_reads_the_same(part: Part) -> None:
    """An info module that has nothing to do with the part would not help anybody."""
    source = (ROOT / "plugins" / "modules" / f"{part.module}.py").read_text(encoding="utf-8")
    info = (ROOT / "plugins" / "modules" / f"{part.shown_by}.py").read_text(encoding="utf-8")
    assert set(read_files(source)) & set(read_files(info))


def read_files(source: str) -> list[str]:
    """Return the files of operations and of domain code that a module imports."""
    names = re.findall(r"module_utils\.(?:api|domain)(?:\.| import )(\w+)", source)
    return [name for name in names if name not in ("parent", "operation", "shape")]


@pytest.mark.parametrize("schema", [ESTATE, RELATIONS], ids=["estate", "relations"])
def test_a_schema_is_a_schema(schema: dict[str, Any]) -> None:
    jsonschema.Draft7Validator.check_schema(schema)


@pytest.mark.parametrize("schema", [ESTATE, RELATIONS], ids=["estate", "relations"])
def test_everything_in_a_schema_is_described(schema: dict[str, Any]) -> None:
    assert set(undescribed(schema)) <= {"gaussdb_estate"}


def undescribed(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        properties = node.get("properties", {})
        yield from (name for name, value in properties.items() if "description" not in value)
        node = [*node.values(), *properties.values()]
    if isinstance(node, list):
        for inner in node:
            yield from undescribed(inner)


@pytest.mark.parametrize("path", EXAMPLES, ids=str)
def test_a_schema_accepts_the_example_that_names_it(path: Path) -> None:
    text = (ROOT / path).read_text(encoding="utf-8")
    (line,) = [line for line in text.splitlines() if line.startswith(MARK)]
    schema = (ROOT / path).parent / line.removeprefix(MARK)
    jsonschema.validate(load(ROOT / path), json.loads(schema.read_text(encoding="utf-8")), jsonschema.Draft7Validator)


def test_the_schema_accepts_every_part_and_the_files_of_a_tree() -> None:
    estate = estate_with_every_part()
    for document in ({"gaussdb_estate": estate}, estate, estate["instances"][0]):
        jsonschema.validate(document, ESTATE, jsonschema.Draft7Validator)


@pytest.mark.parametrize(
    "wrong",
    [
        {"instnaces": []},
        {"hosts": [{"manage_ip": "10.0.0.1", "os_type": "suse"}]},
        {"instances": [{"solution": "single"}]},
        {"instances": [{"name": "a", "port": "eight"}]},
        {"instances": [{"name": "a", "users": [{"name": "b", "pasword": "c"}]}]},
        {"instances": [{"name": "a", "state": "restarted"}]},
    ],
    ids=str,
)
def test_the_schema_refuses_what_is_wrong(wrong: dict[str, Any]) -> None:
    assert list(jsonschema.Draft7Validator(ESTATE).iter_errors({"gaussdb_estate": wrong}))


def test_the_schema_says_when_a_password_is_used() -> None:
    properties = ESTATE["definitions"]["instances"]["properties"]
    assert "only to create" in properties["root_password"]["description"]


def test_the_hook_for_pipelines_runs_the_playbook() -> None:
    (hook,) = load(ROOT / ".pre-commit-hooks.yaml")
    assert hook["entry"] == "ansible-playbook gaussdb.tpops.validate" and hook["pass_filenames"] is False


@pytest.mark.parametrize("part", named(tuple(part for part in PARTS if part.option)))
def test_a_key_beside_a_part_is_an_option_of_the_whole_task(part: Part) -> None:
    assert option_of(part).name == part.option
    for key in part.beside:
        assert field_beside(part, key).name == part.beside[key]
