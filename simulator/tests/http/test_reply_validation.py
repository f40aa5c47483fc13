# SPDX-License-Identifier: GPL-3.0-or-later
"""The fast check of replies must not accept anything that a full validator refuses."""

from __future__ import annotations

import pytest
from openapi_schema_validator import OAS30ReadValidator
from resolved import accepts, compile_reply

SCHEMA = {
    "type": "object",
    "required": ["id"],
    "additionalProperties": False,
    "properties": {
        "id": {"type": "string", "minLength": 2, "pattern": "^[a-z]+$", "default": "ab"},
        "size": {"type": "integer", "minimum": 1, "maximum": 9, "exclusiveMaximum": True, "nullable": True},
        "kind": {"type": "string", "enum": ["a", "b"], "nullable": True},
        "tags": {"type": "array", "maxItems": 2, "uniqueItems": True, "items": {"type": "string"}},
        "either": {"oneOf": [{"type": "string"}, {"type": "integer"}]},
        "map": {"type": "object", "additionalProperties": {"type": "boolean"}},
        "password": {"type": "string", "writeOnly": True},
        "components": {"type": "string"},
    },
    "components": {"schemas": {}},
}
BODIES = [
    {"id": "ab"},
    {"id": "ab", "size": None, "kind": None, "tags": [], "either": 1, "map": {"x": True}},
    {"id": "ab", "size": 8, "kind": "a", "tags": ["x", "y"], "either": "1", "components": "x"},
    {"id": "a"},
    {"id": "AB"},
    {"id": None},
    {},
    None,
    [],
    "text",
    {"id": "ab", "size": 0},
    {"id": "ab", "size": 9},
    {"id": "ab", "size": "3"},
    {"id": "ab", "size": True},
    {"id": "ab", "kind": "c"},
    {"id": "ab", "tags": ["x", "x"]},
    {"id": "ab", "tags": ["x", "y", "z"]},
    {"id": "ab", "tags": [1]},
    {"id": "ab", "tags": None},
    {"id": "ab", "either": None},
    {"id": "ab", "map": {"x": 1}},
    {"id": "ab", "password": "x"},
    {"id": "ab", "other": 1},
]


@pytest.mark.parametrize("body", BODIES, ids=str)
def test_the_same_verdict(body):
    check = compile_reply(SCHEMA)
    assert check is not None
    assert accepts(check, body) == OAS30ReadValidator(SCHEMA).is_valid(body)


def test_every_reply_schema_compiles(client):
    from resolved import Specification

    document = Specification.from_dict(client.simulator.contract.document).spec
    compiled = 0
    for path, item in document["paths"].items():
        for method, spec in item.items():
            if not isinstance(spec, dict) or "responses" not in spec:
                continue
            for status, reply in spec["responses"].items():
                schema = reply.get("content", {}).get("application/json", {}).get("schema")
                if schema is not None:
                    assert compile_reply(schema), f"{method} {path} {status}"
                    compiled += 1
    assert compiled > len(client.simulator.contract.operations) / 2
