# SPDX-License-Identifier: GPL-3.0-or-later
"""The 145 sections of the reference, the contract and the collection's operations agree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from catalogue import (
    API,
    CATALOGUE,
    CONTRACT,
    MODULES,
    ROOT,
    Row,
    contract_operation,
    names_that_call,
    names_used,
    resolve,
)
from tpops_simulator.contract import Operation as Promised

from ansible_collections.gaussdb.tpops.plugins.module_utils.api.operation import Operation

# The module that can call everything, so it does not cover any operation.
ANY_OPERATION = "gaussdb_api"
# Where the reference allows larger pages than this, the collection may still ask for pages of this size.
SENSIBLE_PAGE = 100

ROWS = [pytest.param(row, id=f"{row.section}-{row.operation_id}") for row in CATALOGUE]
OPERATIONS = [pytest.param(operation, id=name) for name, operation in sorted(API.items())]
CALLERS = names_that_call()
ROWS_BY_NAME = {row.operation_id: row for row in CATALOGUE}


def promised_by_contract(operation: Operation) -> Promised:
    promised = contract_operation(operation.method, operation.path)
    assert promised is not None, f"the contract has no {operation.method} {operation.path}"
    return promised


def test_the_catalogue_names_every_section_and_operation_once() -> None:
    assert len(CATALOGUE) == 145
    for column in ("section", "operation_id"):
        twice = [value for value, times in Counter(getattr(row, column) for row in CATALOGUE).items() if times > 1]
        assert not twice, column


def test_the_contract_fits_together() -> None:
    assert CONTRACT.problems == []


@pytest.mark.parametrize("name", sorted(CONTRACT.operations))
def test_the_contract_agrees_with_the_catalogue(name: str) -> None:
    promised = CONTRACT.operations[name]
    rows = [row for row in CATALOGUE if row.section in promised.sections]
    assert [row.section for row in rows] == sorted(
        promised.sections, key=lambda section: [int(part) for part in section.split(".")]
    )
    assert name in {row.operation_id for row in rows}
    assert {(row.method, row.path) for row in rows} == {(promised.method, promised.path)}
    assert {row.job for row in rows} == {promised.job is not None}


@pytest.mark.parametrize("operation", OPERATIONS)
def test_an_operation_agrees_with_the_catalogue(operation: Operation) -> None:
    row = ROWS_BY_NAME[operation.name]
    assert (operation.section, operation.method, operation.path, operation.job) == (
        row.section,
        row.method,
        row.path,
        row.job,
    )


@pytest.mark.parametrize("operation", OPERATIONS)
def test_an_operation_agrees_with_the_contract(operation: Operation) -> None:
    promised = promised_by_contract(operation)
    assert operation.section in promised.sections
    assert operation.read == promised.read, "x-read"
    assert operation.job == (promised.job is not None), "x-job"
    assert operation.anonymous == (not promised.needs_token), "security"


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_file_is_taken_for_one(operation: Operation) -> None:
    promised = promised_by_contract(operation)
    replies = CONTRACT.document["paths"][promised.path][promised.method.lower()]["responses"]
    media = resolve(replies[str(promised.success_status)]).get("content", {})
    assert operation.file == ("application/octet-stream" in media)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_the_page_size_is_allowed_and_not_needlessly_small(operation: Operation) -> None:
    promised = promised_by_contract(operation)
    limits = list(body_limits(promised)) if operation.page_in_body else query_limits(promised)
    if operation.page_size:
        (largest,) = limits
        # A few operations allow pages of any size; nobody needs a reply of two billion users.
        assert min(largest, SENSIBLE_PAGE) <= operation.page_size <= largest
    else:
        assert not limits, "the operation is paged, but its page_size is 0"


@pytest.mark.parametrize("operation", [each for each in OPERATIONS if each.values[0].items])
def test_the_list_stands_where_the_contract_puts_it(operation: Operation) -> None:
    schema = reply_schema(promised_by_contract(operation))
    if operation.items == ("",):
        assert schema.get("type") == "array"
        return
    lists = {name for name, each in properties(schema).items() if resolve(each).get("type") == "array"}
    assert operation.items[0] in lists


def query_limits(promised: Promised) -> list[Any]:
    return [
        resolve(each["schema"]).get("maximum")
        for each in promised.parameters
        if (each["in"], each["name"]) == ("query", "limit")
    ]


def body_limits(promised: Promised) -> Iterator[Any]:
    body = resolve(CONTRACT.document["paths"][promised.path][promised.method.lower()]["requestBody"])
    for media in body["content"].values():
        for name, schema in properties(resolve(media["schema"])).items():
            if name == "limit":
                # Some may be sent as a number or a string.
                bounds = [
                    each["maximum"]
                    for each in (resolve(schema), *resolve(schema).get("oneOf", ()))
                    if "maximum" in each
                ]
                yield bounds[0]


def reply_schema(promised: Promised) -> dict[str, Any]:
    responses = CONTRACT.document["paths"][promised.path][promised.method.lower()]["responses"]
    reply = resolve(responses[str(promised.success_status)])
    return resolve(reply["content"]["application/json"]["schema"])


def properties(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the properties of an object, also of one composed with allOf."""
    found = dict(schema.get("properties", {}))
    for part in schema.get("allOf", []):
        found |= properties(resolve(part))
    return found


@pytest.mark.parametrize("module", [name for name in MODULES if name != ANY_OPERATION])
def test_a_module_has_all_its_operations(module: str) -> None:
    needed = {row.operation_id for row in CATALOGUE if module in row.modules}
    assert needed, f"docs/operations.tsv does not name {module}"
    assert needed <= set(API)


@pytest.mark.parametrize("row", ROWS)
def test_every_row_names_its_modules(row: Row) -> None:
    """Each of them exists and calls the operation."""
    assert row.modules
    for module in row.modules:
        assert module in MODULES
        assert CALLERS[row.operation_id] & names_used(ROOT / "plugins" / "modules" / f"{module}.py"), module
