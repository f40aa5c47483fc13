# SPDX-License-Identifier: GPL-3.0-or-later
"""The JSON Schemas of what people describe, from the table of the estate and the documentation of the modules.

Editors show descriptions and complete keys with them. They are more lenient than ``gaussdb.tpops.validate``, which
knows what templates stand for, and what is between objects.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from plugin_docs import import_plugin
from role_specs import module_options

FOLDER = Path("docs") / "schemas"
ESTATE = FOLDER / "gaussdb_estate.schema.json"
RELATIONS = FOLDER / "dr_relations.schema.json"
# Files with the line that makes editors use a schema.
EXAMPLES = {
    Path("examples/estate/group_vars/tpops/estate.yml"): ESTATE,
    Path("examples/upgrade/group_vars/tpops/estate.yml"): ESTATE,
    Path("examples/dr/group_vars/all/dr.yml"): RELATIONS,
    Path("examples/upgrade/group_vars/all/dr.yml"): RELATIONS,
    **{
        Path(f"examples/gitops/environments/{environment}/estate/{file}.yml"): ESTATE
        for environment in ("test", "production")
        for file in ("site", "instances/core")
    },
    Path("examples/awx/project/inventories/prod/group_vars/all/dr.yml"): RELATIONS,
    **{
        Path(f"examples/awx/project/inventories/{environment}/estates/{site}/{file}.yml"): ESTATE
        for environment, site, instance in (
            ("dev", "site-dev", "orders-dev"),
            ("prod", "site-a", "orders-prod"),
            ("prod", "site-b", "orders-dr"),
        )
        for file in ("site", f"instances/{instance}")
    },
}
MARK = "# yaml-language-server: $schema="
# Null means that nothing is given, and what a template stands for no schema can know.
_OPEN: list[dict[str, Any]] = [{"type": "null"}, {"$ref": "#/definitions/template"}]
_TEMPLATE = {"type": "string", "pattern": r"\{\{|\{%", "description": "A template of Ansible."}
_TYPES: dict[str, Any] = {
    "str": ["string", "number", "boolean"],
    "path": "string",
    "int": "integer",
    "float": "number",
    "bool": "boolean",
    "dict": "object",
    "list": "array",
}
CREATED_ONLY = "Used only to create the object: later changes of the value have no effect."
CHANGED_ON_REQUEST = "Used when the object is created, later only with {option}: always."

Plain = Callable[[str], str]


def schemas(address: Callable[[str], str], plain: Plain) -> dict[Path, str]:
    """Return each schema by its path. ``address`` returns the URL of a file, ``plain`` a text without markup."""
    return {
        ESTATE: _text(address(ESTATE.as_posix()), "The estate: the description of one platform", _estate(plain)),
        RELATIONS: _text(address(RELATIONS.as_posix()), "Relations of disaster recovery", _relations(plain)),
    }


def with_schema_line(text: str, schema: str) -> str:
    """Return the text of an example with the line that names its schema, below the licence."""
    licence, *lines = text.splitlines(keepends=True)
    return "".join([licence, f"{MARK}{schema}\n", *(line for line in lines if not line.startswith(MARK))])


def _text(url: str, title: str, schema: Mapping[str, Any]) -> str:
    whole = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$id": url,
        "$comment": "Made by tools/generate.py from the documentation of the modules: run `make generate`.",
        "title": title,
        **schema,
    }
    return json.dumps(whole, indent=2, ensure_ascii=False) + "\n"


def _estate(plain: Plain) -> dict[str, Any]:
    """Return the schema of a file of variables, of the file for a platform, and of the file for one instance."""
    table = import_plugin("module_utils.domain.estate")
    instance = {"$ref": f"#/definitions/{table.INSTANCES}"}
    return {
        "if": {"required": ["gaussdb_estate"]},
        "then": {"properties": {"gaussdb_estate": {"$ref": "#/definitions/estate"}}},
        "else": {"if": {"required": ["name"]}, "then": instance, "else": {"$ref": "#/definitions/estate"}},
        "definitions": {
            "template": _TEMPLATE,
            "estate": _object(_children("", plain)),
            table.INSTANCES: _entry(table.part_named(table.INSTANCES), plain),
        },
    }


def _children(name: str, plain: Plain) -> dict[str, Any]:
    """Return the schemas of the keys that the parts inside of another one take."""
    table = import_plugin("module_utils.domain.estate")
    found: dict[str, Any] = {}
    for part in table.children_of(name):
        documented = dict(module_options(part.module))
        about = f"Made so by the module {part.module}."
        is_instance = part.name == table.INSTANCES
        entry = {"$ref": f"#/definitions/{part.name}"} if is_instance else _entry(part, plain)
        found[part.name] = _part(table, part, entry, documented, plain, about)
        if part.defaults:
            defaults = entry if is_instance else {key: value for key, value in entry.items() if key != "required"}
            found[part.defaults] = {**_open(defaults), "description": f"Values of all {part.name} without their own."}
        for key, option in part.beside.items():
            found[key] = _option(documented[option], plain)
    return found | {setting.field.name: _setting(setting) for setting in table.settings_of(name)}


def _setting(setting: Any) -> dict[str, Any]:
    """Return the schema of a key that no module knows."""
    spec = setting.field.spec()
    _describe(spec, setting.inside, "")
    return _option({**spec, "description": setting.doc}, lambda text: re.sub(r"\b[OV]\((.*?)\)", r"\1", text))


def _describe(spec: dict[str, Any], inside: Mapping[str, str], path: str) -> None:
    """Add their descriptions, which are by path, to the options inside a setting."""
    for name, option in spec.get("options", {}).items():
        option["description"] = inside[f"{path}{name}"]
        _describe(option, inside, f"{path}{name}.")


def _part(
    table: Any, part: Any, entry: dict[str, Any], documented: Mapping[str, Any], plain: Plain, about: str
) -> dict[str, Any]:
    if part.form is table.Form.PAIRS:
        return {**_open({"type": "object"}), "description": f"Names with their values. {about}"}
    if part.form is table.Form.ONE:
        return {**_open(entry), "description": about}
    description = f"{plain(documented[part.option]['description'])} {about}" if part.option else about
    if part.option and documented[part.option]["type"] == "dict":
        return {**_open({"type": "object"}), "description": description}
    items = {"allOf": [entry], "required": ["name"]} if "$ref" in entry else entry
    return {**_open({"type": "array", "items": items}), "description": description}


def _entry(part: Any, plain: Plain) -> dict[str, Any]:
    """Return the schema of an entry of a part, or of the part where it is none of a list."""
    options = import_plugin("plugin_utils.estate.options")
    documented = dict(module_options(part.module, part.option or None)) if _has_entries(part) else {}
    fields = {each.name: each for each in options.fields_of(part) if each.name in documented}
    properties = {}
    for name, each in fields.items():
        described = dict(documented[name])
        if each.choices:
            # Both spellings, where two modules have one each.
            other = {word.lower() for word in part.spelled.get(name, ())} | set(part.spelled.get(name, ()))
            described["choices"] = list(dict.fromkeys([*each.choices, *sorted(other)]))
        properties[name] = _option(described, plain, _when_used(each))
    properties |= _children(part.name, plain)
    named = part.name == import_plugin("module_utils.domain.estate").INSTANCES
    return _object(properties, [name for name, each in fields.items() if each.required and not named])


def _has_entries(part: Any) -> bool:
    form = import_plugin("module_utils.domain.estate").Form
    field = import_plugin("plugin_utils.estate.options").option_of
    return part.form in (form.EACH, form.ONE) or (part.form is form.WHOLE and bool(field(part).fields))


def _when_used(each: Any) -> str:
    role = import_plugin("module_utils.engine.options").Role
    if each.role is not role.WRITE_ONLY or not each.no_log:
        return ""
    return CHANGED_ON_REQUEST.format(option=each.send_always_if) if each.send_always_if else CREATED_ONLY


def _relations(plain: Plain) -> dict[str, Any]:
    options = import_plugin("plugin_utils.estate.relations").relation_options()
    relation = _object({name: _option(option, plain) for name, option in options.items()}, _required(options))
    listed = {**_open({"type": "array", "items": relation}), "description": "Relations between instances of two sites."}
    return {"type": "object", "properties": {"dr_relations": listed}, "definitions": {"template": _TEMPLATE}}


def _option(option: Mapping[str, Any], plain: Plain, more: str = "") -> dict[str, Any]:
    """Return the schema of an option as an argument spec has it."""
    kind = option.get("type", "str")
    if option.get("options"):
        inside = {name: _option(each, plain) for name, each in option["options"].items()}
        value: dict[str, Any] = _object(inside, _required(option["options"]))
    elif option.get("choices"):
        value = {"enum": list(option["choices"])}
    else:
        value = {"type": _TYPES[option.get("elements", kind) if kind == "list" else kind]} if kind != "raw" else {}
    if kind == "list":
        value = {"type": "array", "items": _open(value) if "properties" not in value else value}
    description = " ".join(filter(None, (_words(option["description"], plain), more)))
    schema = {**_open(value), "description": description}
    if option.get("default") is not None:
        schema["default"] = option["default"]
    return schema


def _words(description: str | list[str], plain: Plain) -> str:
    return " ".join(map(plain, [description] if isinstance(description, str) else description))


def _required(options: Mapping[str, Any]) -> list[str]:
    return [name for name, option in options.items() if option.get("required")]


def _object(properties: Mapping[str, Any], required: list[str] | None = None) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "object", "additionalProperties": False, "properties": dict(properties)}
    return {**schema, "required": required} if required else schema


def _open(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {"anyOf": [dict(schema), *_OPEN]} if schema else {}
