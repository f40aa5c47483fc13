# SPDX-License-Identifier: GPL-3.0-or-later
"""Every module against replies with one value that violates the contract: an answer or a clear error, never a crash.

The tasks are the examples of the modules. Each reply is generated from the contract's schema, and one leaf at a time is
replaced.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from typing import Any

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from catalogue import API, CONTRACT, MODULES, contract_operation, resolve

from ansible_collections.gaussdb.tpops.plugins.module_utils.api.operation import Call
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import build_interface
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.client import Client, Reply
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.connection import Connection
from ansible_collections.gaussdb.tpops.plugins.module_utils.runner import run_spec

ODD = [
    None,
    "",
    "--",
    [],
    {},
    -1,
    10**30,
    "9" * 5000,
    "²",
    2.5,
    True,
    "x" * 300,
    [None],
    [[]],
    [{}],
    {"a": {}},
    "0001-01-01T00:00:00+14:00",
]
# Number of values to try for each leaf, chosen by a seed.
TRIED = 3
CONNECTION = {"endpoint": "https://tpops.example.com:8002", "token": "t", "token_cache": False, "busy_timeout": 5}
WAITING = {"wait_timeout": 30}
# Settled statuses, except those of an instance.
SETTLED = {
    "get_job": "Completed",
    "list_backups": "COMPLETED",
    "list_differential_backups": "COMPLETED",
    "list_dr_relations": "normal",
    "list_hosts": "in_use",
    "list_inspections": "completed",
    "list_inspection_records": "completed",
    "list_sql_throttles": "EXECUTING",
    "list_wdr_snapshots": "SUCCESS",
}


class Clock:
    """Time that only advances by waiting."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


class OddClient(Client):
    """Answers each operation from the contract, one of them with an odd value in one place."""

    def __init__(
        self, connection: Connection, names: dict[str, Any], odd: tuple[str, tuple[Any, ...], Any] | None, **more: Any
    ) -> None:
        clock = Clock()
        super().__init__(connection, clock=clock, sleep=clock.sleep, rng=lambda: 0.0, **more)
        self.names, self.odd = names, odd
        self.asked: list[str] = []

    def send(self, call: Call, wait_when_busy: bool = True) -> Reply:
        operation = call.operation
        self.asked.append(operation.name)
        data = sample(operation.name, tuple(sorted(self.names.items())))
        if self.odd is not None and self.odd[0] == operation.name:
            data = replaced(data, self.odd[1], self.odd[2])
        content = json.dumps(data).encode()
        return Reply(200, json.loads(content) if not operation.file else "text", {}, content)


@cache
def sample(operation: str, names: tuple[tuple[str, Any], ...]) -> Any:
    method, path = API[operation].method, API[operation].path
    promised = contract_operation(method, path)
    reply = resolve(CONTRACT.document["paths"][path][method.lower()]["responses"][str(promised.success_status)])
    media = reply.get("content", {}).get("application/json")
    return filled(resolve(media["schema"]), known(operation, dict(names))) if media else None


def known(operation: str, names: dict[str, Any]) -> dict[str, Any]:
    """Return values by the names of fields: in a list of instances the name is that of the task's instance."""
    name = (
        {"name": names["instance"]}
        if operation in ("list_instances", "list_dbmind_instances") and "instance" in names
        else {}
    )
    return {"status": SETTLED.get(operation, "ACTIVE"), **names, **name}


def filled(schema: dict[str, Any], names: dict[str, Any], name: str = "", depth: int = 0) -> Any:
    """Return a value that fits a schema; names and IDs are those of the task, so that it finds its objects."""
    for kind in ("allOf", "oneOf", "anyOf"):
        if kind in schema:
            parts = [filled(resolve(part), names, name, depth) for part in schema[kind]]
            merged = {key: value for part in parts if isinstance(part, dict) for key, value in part.items()}
            return merged or parts[0]
    if "properties" in schema or schema.get("type") == "object":
        return (
            {key: filled(resolve(inner), names, key, depth + 1) for key, inner in schema.get("properties", {}).items()}
            if depth < 8
            else {}
        )
    if schema.get("type") == "array":
        return [filled(resolve(schema["items"]), names, name.removesuffix("s"), depth + 1)]
    if name in names:
        return names[name]
    if "enum" in schema:
        return next(value for value in schema["enum"] if value is not None)
    if schema.get("type") in ("integer", "number"):
        return 1767600000000 if "time" in name else 3
    if schema.get("type") == "boolean":
        return True
    return (
        "2026-01-05 08:00:00"
        if name.endswith(("time", "created", "updated", "_at", "date"))
        else "192.0.2.1"
        if "ip" in name
        else "text"
    )


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Return the paths of everything in a value, except itself."""
    if path:
        yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inner:
        yield from leaves(each, (*path, key))


def replaced(value: Any, path: tuple[Any, ...], odd: Any) -> Any:
    if not path:
        return odd
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = replaced(value[path[0]], path[1:], odd)
    return copy


def tasks(name: str) -> list[dict[str, Any]]:
    """Return the options of the examples of a module."""
    examples = yaml.safe_load(import_module(f"ansible_collections.gaussdb.tpops.plugins.modules.{name}").EXAMPLES)
    action = f"gaussdb.tpops.{name}"
    return [concrete(dict(task[action] or {})) for task in examples if action in task]


def concrete(value: Any, name: str = "") -> Any:
    """Return options with values for the variables of an example, and without files that could be written."""
    if isinstance(value, dict):
        return {key: concrete(inner, key) for key, inner in value.items()}
    if isinstance(value, list):
        return [concrete(inner, name) for inner in value]
    if name.endswith("path"):
        return "/nowhere/at-all"
    if not isinstance(value, str) or "{{" not in value:
        return value
    return (
        "Sample_of-1234"
        if "password" in name
        else "2026-01-05 08:00:00"
        if name.endswith(("time", "since", "until"))
        else "text"
    )


def parameters(name: str) -> list[dict[str, Any]]:
    described = build_interface(spec_of(name))
    validator = ArgumentSpecValidator(described.argument_spec, **described.rules)
    known = {**CONNECTION, **(WAITING if "wait_timeout" in described.argument_spec else {})}
    results = [validator.validate({**task, **known}) for task in tasks(name)]
    return [result.validated_parameters for result in results if not result.error_messages]


def spec_of(name: str) -> Any:
    return import_module(f"ansible_collections.gaussdb.tpops.plugins.modules.{name}").SPEC


def names_in(params: dict[str, Any]) -> dict[str, Any]:
    """Return the names in replies by the names in a task."""
    texts = {key: value for key, value in params.items() if isinstance(value, str)}
    firsts = [value[0] for value in params.values() if isinstance(value, list) and value]
    named = [each.get("name") if isinstance(each, dict) else each for each in firsts]
    own = texts.get("name") or next((name for name in named if isinstance(name, str)), None) or texts.get("instance")
    found = {
        "name": own,
        "instance": texts.get("instance") or own,
        "instance_name": texts.get("instance") or own,
        "id": texts.get("instance_id"),
        "disaster_role": "master",
        **{f"{word}_name": own for word in ("task", "inspection", "patch", "node", "schema")},
        **{key: value for key, value in texts.items() if key.endswith("_id")},
    }
    return {key: value for key, value in found.items() if value is not None}


def run(
    name: str, params: dict[str, Any], odd: tuple[str, tuple[Any, ...], Any] | None
) -> tuple[dict[str, Any], OddClient]:
    clients = []

    def open_client(connection: Connection, **more: Any) -> OddClient:
        clients.append(OddClient(connection, names_in(params), odd, **more))
        return clients[-1]

    return run_spec(spec_of(name), name, params, open_client=open_client), clients[0]


# gaussdb_api returns the raw reply, and calls operations that the collection does not know.
RUNNABLE = [name for name in MODULES if name != "gaussdb_api"]


@pytest.mark.parametrize("name", RUNNABLE)
def test_one_odd_value_never_crashes_a_module(name: str) -> None:
    chance = random.Random(name)
    crashed = set()
    for params in parameters(name)[:3]:
        _result, client = run(name, params, None)
        for operation in dict.fromkeys(client.asked):
            data = sample(operation, tuple(sorted(names_in(params).items())))
            for path in leaves(data):
                for odd in chance.sample(ODD, TRIED):
                    result, _client = run(name, params, (operation, path, odd))
                    if str(result.get("msg")).startswith("Internal error"):
                        crashed.add((operation, path, repr(odd)[:30], result["msg"]))
    assert not crashed
