# SPDX-License-Identifier: GPL-3.0-or-later
"""Shapes against the schemas of the replies: every value has a place there, and every word of an enumeration is
known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import pytest
from catalogue import API, CONTRACT, MODULES, api_modules, contract_operation, resolve

from ansible_collections.gaussdb.tpops.plugins.module_utils.api import (
    backup,
    dbmind,
    inspection,
    instance_operations,
    parameter,
    vocabulary,
)
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.operation import Operation
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.shape import Attr, Shape
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.item import Item
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.options import Field, Role
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.planning import is_failed, is_pending
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import Resource

# Shapes of replies, or of parts of them, without their own operation: the operation, and their place in its reply.
OTHERS = [
    (API["get_parameters"], "", parameter.TEMPLATE),
    (API["list_manageable_dbmind_instances"], "unmanaged_instances", dbmind.INSTANCE),
    (API["repair_nodes"], "repair_nodes", instance_operations.REPAIRED_NODE),
    (API["delete_backup_data"], "delete_results", backup.DELETED),
    (API["delete_inspections"], "results", inspection.DELETED),
    (API["delete_inspection_records"], "records", inspection.DELETED),
]

# Enumerations of the contract that are shown unchanged: nothing is compared with them.
PLAIN = {"instance_mode", "mode", "volume_type", "solution", "type"}


# Values without a place in the contract, and why they are read anyway.
NEWER = "the kernel has the attribute, and a newer platform may show it"
ELSEWHERE = "the other list of backups has it, and both list the same objects"
UNPLACED = {
    **dict.fromkeys((f"list_users-{name}" for name in ("auditadmin", "monadmin", "opradmin", "poladmin")), NEWER),
    **dict.fromkeys(
        (
            f"list_differential_backups-{name}"
            for name in ("description", "detail_message", "engine_type", "engine_version", "instance_id", "file_name")
        ),
        ELSEWHERE,
    ),
    "list_instances-solution": "the request for a new instance has it, and it is compared where a platform shows it",
}


@dataclass(frozen=True)
class Place:
    """An attribute of a shape, and the schema that it is read from."""

    operation: Operation
    attr: Attr
    schema: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.operation.name}-{self.attr.name}"

    def candidates(self) -> Iterator[dict[str, Any]]:
        for source in self.attr.sources or (self.attr.name,):
            found = step_into(self.schema, source)
            if found is not None:
                yield found


def step_into(schema: dict[str, Any], path: str) -> dict[str, Any] | None:
    """Return the schema at a dotted path, ``None`` if there is none."""
    for name in filter(None, path.split(".")):
        inner = properties(schema).get(name)
        if inner is None:
            return None
        schema = whole(inner)
    return schema


def whole(schema: dict[str, Any]) -> dict[str, Any]:
    return resolve(schema)


def properties(schema: dict[str, Any]) -> dict[str, Any]:
    found = dict(schema.get("properties", {}))
    for kind in ("allOf", "oneOf", "anyOf"):
        for part in schema.get(kind, []):
            found |= properties(whole(part))
    return found


def rows_of(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of the rows of a list, or of the one object that it is."""
    return whole(schema["items"]) if schema.get("type") == "array" else schema


def reply_of(operation: Operation) -> dict[str, Any]:
    promised = contract_operation(operation.method, operation.path)
    assert promised is not None, f"the contract does not have {operation.name}"
    reply = resolve(
        CONTRACT.document["paths"][promised.path][promised.method.lower()]["responses"][str(promised.success_status)]
    )
    return whole(reply["content"]["application/json"]["schema"])


def places(operation: Operation, shape: Shape, schema: dict[str, Any]) -> Iterator[Place]:
    for attr in shape.attrs:
        place = Place(operation, attr, schema)
        yield place
        if attr.shape is not None:
            for inner in list(place.candidates())[:1]:
                yield from places(operation, attr.shape, rows_of(inner))


def read() -> Iterator[tuple[Operation, str, Shape]]:
    for operation in API.values():
        if operation.shape is not None:
            yield operation, operation.items[0] if operation.items else "", operation.shape
    yield from OTHERS


def all_places() -> list[Place]:
    found = []
    for operation, where, shape in read():
        schema = step_into(reply_of(operation), where)
        assert schema is not None, f"the reply of {operation.name} has no {where}"
        found += places(operation, shape, rows_of(schema))
    return found


PLACES = all_places()


def shapes_in(shape: Shape) -> Iterator[Shape]:
    yield shape
    for attr in shape.attrs:
        if attr.shape is not None:
            yield from shapes_in(attr.shape)


def test_every_shape_is_looked_at() -> None:
    known = [inner for _operation, _where, shape in read() for inner in shapes_in(shape)]
    for module in api_modules():
        for name, value in vars(module).items():
            assert not isinstance(value, Shape) or any(value is each for each in known), f"{module.__name__}.{name}"


@pytest.mark.parametrize("place", PLACES, ids=str)
def test_every_value_has_a_place_in_the_reply(place: Place) -> None:
    assert bool(list(place.candidates())) != (str(place) in UNPLACED), (
        f"none of {place.attr.sources or place.attr.name} is in the reply of {place.operation.name}"
    )


def enumerated(schema: dict[str, Any]) -> list[Any]:
    found = list(schema.get("enum", ()))
    for kind in ("allOf", "oneOf", "anyOf"):
        for part in schema.get(kind, []):
            found += enumerated(whole(part))
    return [value for value in found if value is not None and value != ""]


ENUMERATED = [(place, enumerated(schema)) for place in PLACES for schema in place.candidates() if enumerated(schema)]


@pytest.mark.parametrize(("place", "values"), [pytest.param(*each, id=str(each[0])) for each in ENUMERATED])
def test_every_word_that_the_contract_lists_is_known(place: Place, values: list[Any]) -> None:
    attr = place.attr
    if attr.words is not None:
        assert [value for value in values if value not in attr.words] == []
    elif attr.convert is not None or attr.kind != "str":
        assert [
            value for value in values if Shape((attr,)).read(dict.fromkeys(attr.sources or (attr.name,), value)) is None
        ] == []
    else:
        assert attr.name in PLAIN, "an enumeration that is read as any text"


WORDED = sorted({id(place.attr): place for place in PLACES if place.attr.words is not None}.values(), key=str)
SPELLINGS = (
    str,
    str.upper,
    str.lower,
    str.title,
    lambda word: f"  {word}\t",
    lambda word: word.replace(" ", "_"),
    lambda word: word.replace("_", "-"),
)


def nested(source: str, value: Any) -> Any:
    for name in reversed(source.split(".")):
        value = {name: value}
    return value


@pytest.mark.parametrize("place", WORDED, ids=str)
def test_every_spelling_reads_the_same(place: Place) -> None:
    attr = place.attr
    for word, written in attr.words.spellings.items():
        for source in attr.sources or (attr.name,):
            read_as = {attr.read(nested(source, spelt(each))) for each in written for spelt in SPELLINGS}
            assert read_as == {word}


@pytest.mark.parametrize("place", WORDED, ids=str)
def test_an_unknown_word_stays_visible_and_is_none_of_the_known_ones(place: Place) -> None:
    attr = place.attr
    for unknown in ("never heard of", "从未听说", "not " + next(iter(attr.words.spellings))):
        found = attr.read(nested((attr.sources or (attr.name,))[0], f" {unknown} "))
        assert found == unknown
        assert found not in attr.words


def specs_with_a_status() -> Iterator[Any]:
    for name in MODULES:
        spec = getattr(import_module(f"ansible_collections.gaussdb.tpops.plugins.modules.{name}"), "SPEC", None)
        if isinstance(spec, Resource) and spec.status is not None:
            yield pytest.param(spec, id=name)


@pytest.mark.parametrize("spec", list(specs_with_a_status()))
def test_a_module_goes_by_documented_spellings(spec: Resource) -> None:
    used = [*spec.status.pending, *spec.status.settled, *spec.status.failed]
    vocabularies = [place.attr.words for place in WORDED if place.attr.name == spec.status.attribute]
    assert any(all(words.find(word) == word for word in used) for words in vocabularies), used


@pytest.mark.parametrize("spec", list(specs_with_a_status()))
def test_an_unknown_status_is_neither_the_end_nor_a_failure(spec: Resource) -> None:
    item = Item({}, "x", current={spec.status.attribute: "never heard of"})
    assert not is_failed(spec, item)
    # A failover must not wait for an unknown status: its result is shown by ``acts_as``, which is empty then.
    assert is_pending(spec, item) != (spec.fields[0].name == "acts_as")


# The topology of an instance is not a word of a reply: the module derives it from the components.
DERIVED = {"gaussdb_instance_solution"}


def chosen_fields() -> Iterator[Any]:
    """Return the options of state modules with choices that are compared with a reply."""
    for name in MODULES:
        spec = getattr(import_module(f"ansible_collections.gaussdb.tpops.plugins.modules.{name}"), "SPEC", None)
        for field in spec.fields if isinstance(spec, Resource) else ():
            if (
                field.choices
                and field.type == "str"
                and field.role not in (Role.CONTROL, Role.WRITE_ONLY)
                and name not in DERIVED
            ):
                yield pytest.param(field, id=f"{name}-{field.name}")


@pytest.mark.parametrize("field", list(chosen_fields()))
def test_what_an_option_chooses_from_is_compared_by_documented_spellings(field: Field) -> None:
    vocabularies = [place.attr.words for place in WORDED if place.attr.name == field.attribute]
    vocabularies += [vocabulary.SQL_TYPE] if field.name == "sql_type" else []
    fitting = any(all(words.find(choice) == choice for choice in field.choices) for words in vocabularies)
    assert fitting or all(field.equal(choice, choice.upper()) for choice in field.choices)
