# SPDX-License-Identifier: GPL-3.0-or-later
"""The JSON Schema of the options of the event source, from its table of options and its documentation."""

from __future__ import annotations

import ast
import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml
from plugin_docs import import_plugin

FOLDER = Path("extensions") / "eda" / "plugins" / "event_source"
SOURCE = FOLDER / "tpops_events.py"
SCHEMA = FOLDER / "schemas" / "tpops_events.json"
_TYPES = {"int": "integer", "float": "number", "bool": "boolean", "list": "array", "dict": "object"}

Plain = Callable[[str], str]


def documentation(root: Path) -> dict[str, Any]:
    """Return the documentation of the source, which cannot be imported without ansible-rulebook's way to find it."""
    for node in ast.parse((root / SOURCE).read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "DOCUMENTATION":
            return dict(yaml.safe_load(ast.literal_eval(node.value)))
    raise ValueError(f"{SOURCE} has no DOCUMENTATION")


def event_schema(root: Path, url: str, plain: Plain) -> str:
    """Return the schema as the text of its file."""
    source = import_plugin("plugin_utils.events.source")
    documented = documentation(root)
    options = _properties(source.OPTIONS, documented["options"], plain)
    connection = yaml.safe_load(import_plugin("doc_fragments.connection").ModuleDocFragment.DOCUMENTATION)["options"]
    inside = {"name": {"description": "Name of the platform."}, **connection}
    options["platforms"]["items"] = _object(source.PLATFORM, _properties(source.PLATFORM, inside, plain))
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": url,
        "$comment": "Made by tools/generate.py: run `make generate`.",
        "title": documented["short_description"],
        **_object(source.OPTIONS, options),
    }
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def _object(fields: Iterable[Any], properties: Mapping[str, Any]) -> dict[str, Any]:
    required = [each.name for each in fields if each.required]
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def _properties(fields: Iterable[Any], documented: Mapping[str, Any], plain: Plain) -> dict[str, Any]:
    found = {}
    for each in fields:
        kind = _TYPES.get(each.type, "string")
        # A template of a rulebook is text until its variables are known.
        entry: dict[str, Any] = {"type": kind if kind in ("string", "array") else [kind, "string"]}
        if kind == "array":
            entry = {"type": ["array", "string"], "items": {"type": _TYPES.get(each.elements, "string")}}
        if each.choices:
            (entry["items"] if kind == "array" else entry)["enum"] = list(each.choices)
        if each.default is not None:
            entry["default"] = each.default
        text = documented[each.name]["description"]
        entry["description"] = plain(text if isinstance(text, str) else " ".join(text))
        found[each.name] = entry
    return found
