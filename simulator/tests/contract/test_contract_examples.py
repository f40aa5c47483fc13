# SPDX-License-Identifier: GPL-3.0-or-later
"""The examples in the contract must be valid: people copy them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from openapi_schema_validator import OAS30ReadValidator, OAS30WriteValidator

from tpops_simulator import chapters, contract
from tpops_simulator.contract import load, resolve

CONTRACT = load()


def examples() -> Iterator[Any]:
    document = CONTRACT.document
    for operation in CONTRACT.operations.values():
        spec = document["paths"][operation.path][operation.method.lower()]
        bodies = [("request", resolve(document, spec.get("requestBody", {})).get("content", {}))]
        for status, reply in spec["responses"].items():
            bodies.append((f"reply-{status}", resolve(document, reply).get("content", {})))
        for what, content in bodies:
            media = content.get("application/json", {})
            found = [media["example"]] if "example" in media else []
            found += [resolve(document, e)["value"] for e in (media.get("examples") or {}).values()]
            for number, example in enumerate(found):
                yield pytest.param(media["schema"], example, what, id=f"{operation.operation_id}-{what}-{number}")


@pytest.mark.parametrize(("schema", "example", "what"), list(examples()))
def test_example_is_valid(schema, example, what):
    validator = OAS30WriteValidator if what == "request" else OAS30ReadValidator
    validator({**schema, "components": CONTRACT.document["components"]}).validate(example)


def test_operations_are_in_the_expected_files():
    """Operations in contract/NAME.yaml are implemented in chapters/NAME.py, and none of these files is too long."""
    registry = chapters.load(CONTRACT.operations)
    places = {name: function.__module__.rpartition(".")[2] for name, function in registry.handlers.items()}
    assert places == {o.operation_id: o.chapter for o in CONTRACT.operations.values()}
    folder = Path(contract.__file__).parent
    lengths = {p.name: len(p.read_text().splitlines()) for p in folder.glob("*.yaml")}
    assert {name: length for name, length in lengths.items() if length > 550} == {}


@pytest.mark.parametrize("operation", list(CONTRACT.operations.values()), ids=lambda o: o.operation_id)
def test_operation_is_described(operation):
    spec = CONTRACT.document["paths"][operation.path][operation.method.lower()]
    assert spec["summary"] and len(spec["description"]) > 30 and spec["tags"]
    assert all(re.fullmatch(r"4\.\d+\.\d+", section) for section in operation.sections)
    assert "default" in spec["responses"]
    assert not (operation.read and operation.job)
    if operation.method == "GET":
        assert operation.read
