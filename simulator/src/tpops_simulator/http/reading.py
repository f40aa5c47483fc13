# SPDX-License-Identifier: GPL-3.0-or-later
"""Parameters and bodies of requests: read as the contract says, and validated against it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from starlette.formparsers import MultiPartException
from starlette.requests import Request as HttpRequest

from ..contract import Operation, resolve
from ..model.errors import ApiError
from .context import Context
from .schemas import OTHER_CODE, Schema

FORMS = ("multipart/form-data", "application/x-www-form-urlencoded")
_CONVERTERS = {"integer": int, "number": float, "boolean": lambda text: {"true": True, "false": False}[text.lower()]}


class Parameters:
    """The parameters of one operation."""

    def __init__(self, operation: Operation, document: Mapping[str, Any]) -> None:
        self._schemas: dict[str, Schema] = {}
        self._headers = [p["name"] for p in operation.parameters if p["in"] == "header"]
        self._types = {p["name"]: p["schema"] for p in operation.parameters if p["in"] == "query"}
        self._defaults = operation.query_defaults
        for place in ("query", "path", "header"):
            parameters = [p for p in operation.parameters if p["in"] == place]
            schema = {
                "type": "object",
                "properties": {p["name"]: p["schema"] for p in parameters},
                "additionalProperties": False,
            }
            if required := [p["name"] for p in parameters if p.get("required")]:
                schema["required"] = required
            self._schemas[place] = Schema(schema, document)

    def read(self, context: Context, path: dict[str, str]) -> dict[str, Any]:
        """The query with its defaults; ApiError where query, path or headers are outside the contract."""
        query = _convert_all(context.query, self._types)
        headers = {name: context.headers[name.lower()] for name in self._headers if name.lower() in context.headers}
        for place, values in (("query", query), ("path", path), ("header", headers)):
            _hold(self._schemas[place], values, place)
        return {**self._defaults, **query}


class Body:
    """The body of one operation's requests, as JSON or as a form."""

    def __init__(self, operation: Operation, document: Mapping[str, Any]) -> None:
        self._required = operation.body_required
        self._schemas = {media: Schema(part["schema"], document) for media, part in operation.content.items()}
        self._forms = {
            media: {name: resolve(document, schema) for name, schema in part["schema"].get("properties", {}).items()}
            for media, part in operation.content.items()
            if media in FORMS
        }

    async def read(self, context: Context) -> Any:
        """The body; ApiError where it is outside the contract. An operation that takes none does not look at it."""
        if not self._schemas:
            return None
        media = context.media_type or next(iter(self._schemas))
        if media not in self._schemas:
            text = f"Invalid Content-type ({media}), expected {list(self._schemas)}"
            raise ApiError(OTHER_CODE, detail=text, status=415)
        if not context.body:
            if self._required:
                raise ApiError("DBS.200006")
            return None
        try:
            value = await _read_form(context, self._forms[media]) if media in self._forms else context.json
            _hold(self._schemas[media], value, "body")
        except UnicodeError as exc:
            raise ApiError(OTHER_CODE, detail="the body is not UTF-8", status=400) from exc
        except (ValueError, LookupError, RecursionError, MultiPartException) as exc:
            text = str(exc) if isinstance(exc, json.JSONDecodeError) else "the body cannot be read"
            raise ApiError(OTHER_CODE, detail=text, status=400) from exc
        return value


async def _read_form(context: Context, schemas: Mapping[str, Any]) -> dict[str, Any]:
    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": context.body, "more_body": False}

    headers = [(b"content-type", context.headers["content-type"].encode("latin-1"))]
    async with HttpRequest({"type": "http", "headers": headers}, receive).form() as form:
        # A file is not text, and the contract has no field for one.
        texts = [(name, value if isinstance(value, str) else None) for name, value in form.multi_items()]
    return _convert_all(texts, schemas)


def _convert_all(texts: Iterable[tuple[str, Any]], schemas: Mapping[str, Any]) -> dict[str, Any]:
    """The values by name. The last of several counts, except for an array, which all of them make up."""
    found: dict[str, Any] = {}
    for name, text in texts:
        schema = schemas.get(name, {})
        if schema.get("type") == "array":
            found.setdefault(name, []).extend(_convert(part, schema["items"]) for part in str(text).split(","))
        else:
            found[name] = _convert(text, schema)
    return found


def _convert(text: Any, schema: Mapping[str, Any]) -> Any:
    """The value that a text stands for; what stands for none is left to the schema to refuse."""
    convert = _CONVERTERS.get(schema.get("type", ""))
    if convert is None or not isinstance(text, str):
        return text
    try:
        return convert(text)
    except (ValueError, LookupError):
        return text


def _hold(schema: Schema, value: Any, whole: str) -> None:
    if violation := schema.find_violation(value, whole):
        raise ApiError(violation.code, detail=violation.text, status=400)
