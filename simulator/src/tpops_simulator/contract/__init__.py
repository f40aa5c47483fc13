# SPDX-License-Identifier: GPL-3.0-or-later
"""The contract: one OpenAPI file per chapter, merged into a single document."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent
COMMON = "common.yaml"
METHODS = ("get", "put", "post", "delete", "patch", "head", "options")
# The C loader reads the 145 operations in a tenth of the time; the pure one is the fallback.
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_FILE_REF = re.compile(r"^[\w-]+\.yaml#/")


class ContractError(Exception):
    """The contract files are not consistent; `problems` lists the reasons."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class Operation:
    """What the pipeline needs to know about one operation, from the contract."""

    operation_id: str
    method: str
    path: str
    chapter: str
    sections: tuple[str, ...]
    read: bool
    job: str | None
    exclusive: bool
    success_status: int
    success_has_body: bool
    camel_errors: bool
    parameters: tuple[dict[str, Any], ...]
    summary: str = ""
    needs_token: bool = True
    query_defaults: dict[str, Any] = field(default_factory=dict)
    # The request's body by media type, and the replies by status, as the document has them.
    content: dict[str, Any] = field(default_factory=dict)
    body_required: bool = False
    responses: dict[str, Any] = field(default_factory=dict)


@dataclass
class Contract:
    """The merged document, its operations by ID, and the problems of single files."""

    document: dict[str, Any]
    operations: dict[str, Operation]
    problems: list[str]


def load(directory: Path = HERE, *, strict: bool = False) -> Contract:
    """Merge all chapter files below `directory`.

    With `strict` any problem (unreadable file, a name or a path defined twice, a dangling reference) raises
    ContractError; otherwise the file or part concerned is left out and named in `problems`, so that one broken
    chapter does not stop the rest.
    """
    problems: list[str] = []
    document: dict[str, Any] = {
        "openapi": "3.0.3",
        "info": {"title": "TPOPS API as simulated", "version": "24.1.30"},
        "servers": [{"url": "/rds"}],
        "security": [{"MiniToken": []}, {"AuthToken": []}],
        "paths": {},
        "components": {},
    }
    chapters: dict[tuple[str, str], str] = {}
    names = sorted(p.name for p in directory.glob("*.yaml"))
    for name in sorted(names, key=lambda n: n != COMMON):
        try:
            part = yaml.load((directory / name).read_text(encoding="utf-8"), Loader=_Loader)
        except (OSError, yaml.YAMLError, UnicodeDecodeError) as exc:
            problems.append(f"{name}: cannot be read: {exc}")
            continue
        if not isinstance(part, dict):
            problems.append(f"{name}: is not an OpenAPI document")
            continue
        _merge_components(document, _localize(part.get("components") or {}), name, problems)
        _merge_paths(document, _localize(part.get("paths") or {}), name, chapters, problems)
    _drop_dangling(document, problems)
    operations = {op.operation_id: op for op in _operations(document, chapters, problems)}
    if strict and problems:
        raise ContractError(problems)
    return Contract(document=document, operations=operations, problems=problems)


def _localize(node: Any, key: str = "") -> Any:
    """Turn references to other files into references within the merged document."""
    if isinstance(node, dict):
        return {str(k): _localize(v, str(k)) for k, v in node.items()}
    if isinstance(node, list):
        return [_localize(v) for v in node]
    return _FILE_REF.sub("#/", node) if isinstance(node, str) and key == "$ref" else node


def _merge_components(document: dict[str, Any], components: dict[str, Any], name: str, problems: list[str]) -> None:
    for kind, entries in components.items():
        target = document["components"].setdefault(kind, {})
        for key, value in (entries or {}).items():
            if isinstance(value, dict) and value.get("$ref") == f"#/components/{kind}/{key}":
                continue  # a chapter that lists a shared part in its own components, to be self-contained
            if key in target and target[key] != value:
                problems.append(f"{name}: components/{kind}/{key} is defined elsewhere with another content")
                continue
            target[key] = value


def _merge_paths(
    document: dict[str, Any],
    paths: dict[str, Any],
    name: str,
    chapters: dict[tuple[str, str], str],
    problems: list[str],
) -> None:
    for path, item in paths.items():
        target = document["paths"].setdefault(path, {})
        for key, value in (item or {}).items():
            if key in METHODS:
                if key in target:
                    problems.append(f"{name}: {key.upper()} {path} is defined twice")
                    continue
                # Both header names are accepted everywhere: the documents disagree on the name.
                if value.get("security") != []:
                    value.pop("security", None)
                chapters[path, key] = name.removesuffix(".yaml")
                target[key] = value
            else:
                target.setdefault(key, value)


def _refs(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "$ref" and isinstance(value, str):
                yield value
            else:
                yield from _refs(value)
    elif isinstance(node, list):
        for value in node:
            yield from _refs(value)


def resolve(document: dict[str, Any], node: Any) -> Any:
    """Follow a local reference, if `node` is one."""
    while isinstance(node, dict) and isinstance(node.get("$ref"), str):
        target: Any = document
        for step in node["$ref"].removeprefix("#/").split("/"):
            target = target[step.replace("~1", "/").replace("~0", "~")]
        node = target
    return node


def _drop_dangling(document: dict[str, Any], problems: list[str]) -> None:
    """Leave out operations that refer to a part that does not exist: their schemas could not be compiled."""

    def dangling(node: Any, seen: set[str]) -> str | None:
        for ref in _refs(node):
            if ref in seen:
                continue
            seen.add(ref)
            try:
                target = resolve(document, {"$ref": ref})
            except (KeyError, TypeError):
                return ref
            if (inner := dangling(target, seen)) is not None:
                return inner
        return None

    for path, item in list(document["paths"].items()):
        for method in [m for m in METHODS if m in item]:
            if (ref := dangling(item[method], set())) is not None:
                problems.append(f"{method.upper()} {path}: {ref} does not exist")
                del item[method]
        if not any(m in item for m in METHODS):
            del document["paths"][path]
    for kind, entries in document["components"].items():
        for key in [k for k, v in entries.items() if dangling(v, set()) is not None]:
            problems.append(f"components/{kind}/{key} refers to a part that does not exist")
            del entries[key]


def _operations(
    document: dict[str, Any], chapters: dict[tuple[str, str], str], problems: list[str]
) -> Iterator[Operation]:
    seen: set[str] = set()
    for path, item in document["paths"].items():
        for method in [m for m in METHODS if m in item]:
            spec = item[method]
            operation_id = spec.get("operationId")
            if not operation_id or operation_id in seen:
                problems.append(f"{method.upper()} {path}: operationId {operation_id!r} is missing or used twice")
                continue
            seen.add(operation_id)
            yield _operation(document, path, method, spec, item, chapters[path, method])


def _operation(
    document: dict[str, Any], path: str, method: str, spec: dict[str, Any], item: dict[str, Any], chapter: str
) -> Operation:
    responses = spec.get("responses", {})
    body = resolve(document, spec.get("requestBody", {}))
    success = min((int(s) for s in responses if str(s).startswith("2")), default=200)
    reply = resolve(document, responses.get(str(success), {}))
    error = resolve(document, responses.get("default", {}))
    media = error.get("content", {}).get("application/json", {})
    error_schema = resolve(document, media.get("schema", {}))
    parameters = tuple(_with_schema(document, p) for p in (*item.get("parameters", ()), *spec.get("parameters", ())))
    sections = spec.get("x-sections") or [spec.get("x-section", "")]
    return Operation(
        operation_id=spec["operationId"],
        method=method.upper(),
        path=path,
        chapter=chapter,
        sections=tuple(str(s) for s in sections),
        read=bool(spec.get("x-read", False)),
        job=spec.get("x-job"),
        exclusive=spec.get("x-exclusive") == "instance",
        success_status=success,
        success_has_body=bool(reply.get("content")),
        camel_errors="errCode" in error_schema.get("properties", {}),
        parameters=parameters,
        summary=spec.get("summary", ""),
        needs_token=spec.get("security") != [],
        query_defaults={
            p["name"]: p["schema"]["default"] for p in parameters if p["in"] == "query" and "default" in p["schema"]
        },
        content={media: _with_schema(document, part) for media, part in body.get("content", {}).items()},
        body_required=bool(body.get("required")),
        responses={str(status): resolve(document, reply) for status, reply in responses.items()},
    )


def _with_schema(document: dict[str, Any], node: Any) -> dict[str, Any]:
    """A parameter or a body, with what references to it and to its schema lead to in their place."""
    node = resolve(document, node)
    return {**node, "schema": resolve(document, node.get("schema", {}))}
