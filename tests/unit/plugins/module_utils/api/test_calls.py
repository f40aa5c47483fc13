# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The request of each call for its arguments, compared with ``__snapshots__``.

Calls that take whole objects are left to the cases of tests/faults.
"""

from __future__ import annotations

import importlib
import inspect
import json
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from ansible_collections.gaussdb.tpops.plugins.module_utils import api
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.operation import Call
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.sql_throttle import list_sql_throttles

# The possible values of an argument by its annotation: each is tried.
_VALUES: Mapping[str, Callable[[str], list[Any]]] = {
    "str": lambda name: [f"a {name}"],
    "int": lambda name: [0, 7],
    "bool": lambda name: [True, False],
    "Sequence[str]": lambda name: [[], [f"{name} 1", f"{name} 2"]],
}


def calls() -> Iterator[tuple[str, Callable[..., Call]]]:
    for found in pkgutil.iter_modules(api.__path__):
        module = importlib.import_module(f"{api.__name__}.{found.name}")
        for name, made in vars(module).items():
            if (
                inspect.isfunction(made)
                and made.__module__ == module.__name__
                and not name.startswith("_")
                and is_plain(made)
            ):
                yield f"{found.name}.{name}", made


def is_plain(function: Callable[..., Any]) -> bool:
    signature = inspect.signature(function)
    kinds = [annotation(parameter) for parameter in signature.parameters.values()]
    return str(signature.return_annotation).partition(" ")[0] == "Call" and all(kind in _VALUES for kind in kinds)


def annotation(parameter: inspect.Parameter) -> str:
    return str(parameter.annotation).removesuffix(" | None").replace("Sequence[str | None]", "Sequence[str]")


CALLS = dict(calls())


def test_filters_of_throttling_tasks() -> None:
    every = {
        "scope": "SQL",
        "type": "sessions",
        "value": "v",
        "name": "n",
        "sql_model": "m",
        "rule_name": "r",
        "status": None,
    }
    sent = {"task_scope": "SQL", "limit_type": "SESSION_ACTIVE_MAX_COUNT", "limit_type_value": "v", "task_name": "n"}
    assert list_sql_throttles("in14", **every).query == {**sent, "sql_model": "m", "rule_name": "r"}


@pytest.mark.parametrize("name", CALLS)
def test_what_a_call_sends(name: str, snapshot: SnapshotAssertion) -> None:
    assert "\n".join(lines(CALLS[name])) == snapshot


def lines(function: Callable[..., Call]) -> Iterator[str]:
    """Yield the requests with all arguments, and with each of them with other values or left out."""
    parameters = [each for each in inspect.signature(function).parameters.values() if each.kind != each.VAR_KEYWORD]
    whole = {each.name: _VALUES[annotation(each)](each.name)[-1] for each in parameters}
    yield shown(function, whole, "")
    for each in parameters:
        for value in _VALUES[annotation(each)](each.name)[:-1]:
            yield shown(function, {**whole, each.name: value}, f"{each.name}={value}")
        if each.default is not each.empty:
            yield shown(
                function, {name: value for name, value in whole.items() if name != each.name}, f"without {each.name}"
            )


def shown(function: Callable[..., Call], arguments: Mapping[str, Any], which: str) -> str:
    call = function(**arguments)
    parts = {"query": call.query, "body": call.body, "other": call.other, "none_if": list(call.none_if)}
    told = [f"{name} {json.dumps(value, ensure_ascii=False)}" for name, value in parts.items() if value]
    return " ".join([f"{which}:" if which else "", call.operation.method, call.path, *told]).strip()
