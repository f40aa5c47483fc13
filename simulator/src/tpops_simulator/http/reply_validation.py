# SPDX-License-Identifier: GPL-3.0-or-later
"""A fast path in front of connexion's validation of replies.

A list of a hundred entries costs jsonschema 50 ms and more, compiled code a fraction of that. Only a reply that the
compiled code accepts is spared the slow way, so what is wrong with a reply is still said by connexion.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import fastjsonschema
from connexion.datastructures import MediaTypeDict
from connexion.validators import JSONResponseBodyValidator, TextResponseBodyValidator

# What bears on validity in OpenAPI 3.0; anything else in a schema is there for readers.
_KEPT = frozenset(
    "type enum format pattern minLength maxLength minimum maximum exclusiveMinimum exclusiveMaximum multipleOf "
    "minItems maxItems uniqueItems minProperties maxProperties required".split()
)
_LISTS = ("allOf", "anyOf", "oneOf")
Check = Callable[[Any], Any]


def validators() -> dict[str, Any]:
    """A validator map for connexion, with a cache of its own."""
    compiled: dict[int, tuple[dict[str, Any], Check | None]] = {}

    class FastJson(JSONResponseBodyValidator):
        def _validate(self, body: Any) -> None:
            # The schema is kept beside its check: its id is not given to another object as long as it lives.
            key = id(self._schema)
            if key not in compiled:
                compiled[key] = (self._schema, _compile(self._schema))
            check = compiled[key][1]
            if check is None or not _accepts(check, body):
                super()._validate(body)

    return {"response": MediaTypeDict({"*/*json": FastJson, "text/plain": TextResponseBodyValidator})}


def _accepts(check: Check, body: Any) -> bool:
    try:
        check(body)
    except fastjsonschema.JsonSchemaException:
        return False
    return True


def _compile(schema: dict[str, Any]) -> Check | None:
    try:
        return fastjsonschema.compile(_draft4(schema), use_default=False)
    except (fastjsonschema.JsonSchemaException, RecursionError, SyntaxError):
        return None  # connexion's own validator may still know what to do with it


def _draft4(schema: Any) -> dict[str, Any]:
    """The JSON schema (draft 4) that means for a reply what connexion takes the OpenAPI schema for."""
    if not isinstance(schema, dict):
        return {}
    if schema.get("writeOnly"):
        return {"not": {}}
    made: dict[str, Any] = {"$schema": "http://json-schema.org/draft-04/schema"}
    made |= {k: v for k, v in schema.items() if k in _KEPT}
    if schema.get("nullable") or schema.get("x-nullable"):
        if "type" in made:
            made["type"] = [made["type"], "null"]
        if "enum" in made and None not in made["enum"]:
            made["enum"] = [*made["enum"], None]
    if isinstance(schema.get("properties"), dict):
        made["properties"] = {name: _draft4(inner) for name, inner in schema["properties"].items()}
    if "items" in schema:
        made["items"] = _draft4(schema["items"])
    if "not" in schema:
        made["not"] = _draft4(schema["not"])
    extra = schema.get("additionalProperties")
    if extra is not None:
        made["additionalProperties"] = extra if isinstance(extra, bool) else _draft4(extra)
    for key in _LISTS:
        if key in schema:
            made[key] = [_draft4(inner) for inner in schema[key]]
    return made
