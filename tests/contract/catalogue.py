# SPDX-License-Identifier: GPL-3.0-or-later
"""Read everything that must agree, once."""

from __future__ import annotations

import ast
import csv
import inspect
import pkgutil
import sys
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from tpops_simulator import contract

from ansible_collections.gaussdb.tpops.plugins.module_utils import api
from ansible_collections.gaussdb.tpops.plugins.module_utils.api.operation import Operation

ROOT = Path(__file__).resolve().parent.parent.parent
API_FOLDER = ROOT / "plugins" / "module_utils" / "api"
sys.path.insert(0, str(ROOT / "tools"))

from imports import all_imports_of  # noqa: E402

from common import module_names  # noqa: E402


@dataclass(frozen=True)
class Row:
    """One line of docs/operations.tsv: a section of the reference and its operation."""

    section: str
    operation_id: str
    method: str
    path: str
    job: bool
    modules: tuple[str, ...]


def _read_catalogue() -> list[Row]:
    with (ROOT / "docs" / "operations.tsv").open(encoding="utf-8", newline="") as lines:
        return [
            Row(
                entry["section"],
                entry["operation_id"],
                entry["method"],
                entry["path"],
                entry["job"] not in ("", "-"),
                tuple(entry["modules"].replace(",", " ").split()),
            )
            for entry in csv.DictReader(lines, delimiter="\t")
        ]


def _read_api() -> dict[str, Operation]:
    """Return the operations of module_utils/api by name; duplicate names are detected here."""
    found: dict[str, Operation] = {}
    for module in api_modules():
        for value in vars(module).values():
            if isinstance(value, Operation) and found.setdefault(value.name, value) != value:
                raise ValueError(f"two different operations are named {value.name}")
    return found


def api_modules() -> list[ModuleType]:
    return [import_module(f"{api.__name__}.{info.name}") for info in pkgutil.iter_modules(api.__path__)]


def names_that_call() -> dict[str, set[str]]:
    """Return, for each operation, its names in module_utils/api: those of its functions, and its own."""
    found: dict[str, set[str]] = {name: set() for name in API}
    for module in api_modules():
        for name, value in vars(module).items():
            used = {name: value} if not inspect.isfunction(value) else _globals_of(value)
            for operation in used.values():
                if isinstance(operation, Operation):
                    found[operation.name].add(name)
    return found


def _globals_of(function: Any) -> dict[str, Any]:
    """Return the names that a function uses, directly and through functions of the same file."""
    used = dict(inspect.getclosurevars(function).globals)
    for value in list(used.values()):
        if inspect.isfunction(value) and value.__module__ == function.__module__ and value is not function:
            used |= _globals_of(value)
    return used


def names_used(path: Path) -> set[str]:
    """Return every name in the code of a file, and of the files of module_utils that it imports, except api/."""
    found: set[str] = set()
    for file in all_imports_of([path], without=API_FOLDER):
        found |= _names_in(file)
    return found


@cache
def _names_in(file: Path) -> frozenset[str]:
    nodes = ast.walk(ast.parse(file.read_text(encoding="utf-8")))
    return frozenset(getattr(node, "id", None) or getattr(node, "attr", "") for node in nodes)


def resolve(node: Any) -> Any:
    """Follow a reference within the contract."""
    return contract.resolve(CONTRACT.document, node)


def contract_operation(method: str, path: str) -> contract.Operation | None:
    """Return the contract's operation of a method and path: two sections may share one."""
    return BY_ROUTE.get((method, path))


CATALOGUE = _read_catalogue()
CONTRACT = contract.load()
BY_ROUTE = {(operation.method, operation.path): operation for operation in CONTRACT.operations.values()}
API = _read_api()
MODULES = module_names()
