# SPDX-License-Identifier: GPL-3.0-or-later
"""Schemas of the contract, translated to JSON Schema and compiled once, so that checking a value is cheap."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from operator import getitem
from typing import Any, NamedTuple

from jsonschema_rs import Draft4Validator, ValidationError

from ..contract import resolve
from ..contract.violations import describe_violation, find_nearest

OTHER_CODE = "DBS.200001"


class Violation(NamedTuple):
    """What is wrong with a value, without the value, and the platform's code for it."""

    text: str
    code: str


class Schema:
    """A schema of the contract for what is received, or with `reply` for what is sent."""

    def __init__(self, schema: Any, document: Mapping[str, Any] | None = None, *, reply: bool = False) -> None:
        self._schema = _to_draft4(schema, document or {}, reply)
        self._validator = Draft4Validator(self._schema)

    def accepts(self, value: Any) -> bool:
        """Whether the value obeys the schema; ValueError for one that JSON has no words for."""
        return self._validator.is_valid(value)

    def find_violation(self, value: Any, whole: str = "body") -> Violation | None:
        """What is wrong with the value, if anything is. `whole` names it where no field of it is to blame."""
        if self.accepts(value):  # which costs a fraction of looking for the reason
            return None
        error = next(self._validator.iter_errors(value))
        return Violation(describe_violation(error, whole), self._code(error))

    def _code(self, error: ValidationError) -> str:
        """`x-error-code` of the schema that is violated, or of the forms it is one of."""
        for each in reversed(find_nearest(error)):
            schema = reduce(getitem, each.schema_path[:-1], self._schema)
            if "x-error-code" in schema:
                return schema["x-error-code"]
        return OTHER_CODE


def _to_draft4(schema: Any, document: Mapping[str, Any], reply: bool) -> Any:
    """A schema of OpenAPI 3.0 in words of JSON Schema, draft 4: no references, no `nullable`, no `writeOnly`."""
    if not isinstance(schema, dict):
        return schema  # additionalProperties may be a boolean
    made = dict(resolve(document, schema))
    if reply and made.get("writeOnly"):
        return {"not": {}}
    if made.get("nullable") and "type" in made:
        made["type"] = [made["type"], "null"]
    for key in ("items", "not", "additionalProperties"):
        if key in made:
            made[key] = _to_draft4(made[key], document, reply)
    for key in ("allOf", "anyOf", "oneOf"):
        if key in made:
            made[key] = [_to_draft4(form, document, reply) for form in made[key]]
    if "properties" in made:
        made["properties"] = {name: _to_draft4(inner, document, reply) for name, inner in made["properties"].items()}
    return made
