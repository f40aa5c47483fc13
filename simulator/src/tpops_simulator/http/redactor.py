# SPDX-License-Identifier: GPL-3.0-or-later
"""Copies of requests without any secret, for the request log.

The contract says what is secret (`format: password`). What the contract does not describe is not shown either: nobody
can know what somebody put there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..contract import Contract, Operation, resolve

REDACTED = "********"


class Redactor:
    """Copies parts of requests without what must not be shown."""

    def __init__(self, contract: Contract) -> None:
        self._document = contract.document

    def body(self, operation: Operation | None, value: Any) -> Any:
        """The body of a request; all of it is hidden when the request belongs to no operation."""
        if value is None:
            return None
        return self._redact([media["schema"] for media in operation.content.values()] if operation else [], value)

    def query(self, operation: Operation | None, values: Mapping[str, str]) -> dict[str, str]:
        """The query parameters of a request."""
        parameters = operation.parameters if operation else ()
        schemas = {p["name"]: p["schema"] for p in parameters if p["in"] == "query"}
        return {k: v if k in schemas and not _is_secret(schemas[k]) else _hidden(v) for k, v in values.items()}

    def _redact(self, schemas: list[Any], value: Any) -> Any:
        """A copy of a JSON value that fits one of the schemas."""
        forms = [form for schema in schemas for form in self._forms(schema)]
        if any(_is_secret(form) for form in forms):
            return _hidden(value)
        if isinstance(value, dict):
            return {k: self._redact(list(_properties(forms, k)), v) for k, v in value.items()}
        if isinstance(value, list):
            return [self._redact([form["items"] for form in forms if "items" in form], v) for v in value]
        return value if any(form.get("type") not in ("object", "array") for form in forms) else _hidden(value)

    def _forms(self, schema: Any) -> Iterator[dict[str, Any]]:
        """The schema and those that it is put together from."""
        schema = resolve(self._document, schema)
        parts = [part for key in ("allOf", "anyOf", "oneOf") for part in schema.get(key, ())]
        if not parts or "properties" in schema:
            yield schema
        for part in parts:
            yield from self._forms(part)


def _is_secret(schema: dict[str, Any]) -> bool:
    return schema.get("format") == "password"


def _hidden(value: Any) -> Any:
    """That there is nothing is no secret, and tells a reader of the log a lot."""
    return value if value is None or value == "" else REDACTED


def _properties(forms: list[dict[str, Any]], name: str) -> Iterator[Any]:
    """What the forms say of the property; nothing when none of them describes it."""
    for form in forms:
        if name in form.get("properties", {}):
            yield form["properties"][name]
        elif isinstance(form.get("additionalProperties"), dict):
            yield form["additionalProperties"]
