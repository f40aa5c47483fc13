# SPDX-License-Identifier: GPL-3.0-or-later
"""Read, once, everything that has to agree."""

from __future__ import annotations

import csv
import pkgutil
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from tpops_simulator import contract

from ansible_collections.gaussdb.tpops.plugins.module_utils import api
from ansible_collections.gaussdb.tpops.plugins.module_utils.operation import Operation

ROOT = Path(__file__).resolve().parent.parent.parent


@dataclass(frozen=True)
class Row:
    """One line of docs/operations.tsv: a section of the reference and what it became."""

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
    """Return the operations of module_utils/api by name; two with one name are a mistake that this finds."""
    found: dict[str, Operation] = {}
    for info in pkgutil.iter_modules(api.__path__):
        module = import_module(f"{api.__name__}.{info.name}")
        for value in vars(module).values():
            if isinstance(value, Operation) and found.setdefault(value.name, value) != value:
                raise ValueError(f"two different operations are named {value.name}")
    return found


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
MODULES = sorted(path.stem for path in (ROOT / "plugins" / "modules").glob("gaussdb_*.py"))
