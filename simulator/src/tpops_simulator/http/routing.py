# SPDX-License-Identifier: GPL-3.0-or-later
"""Which operation a request is for. A tree of path steps finds it among hundreds in the time that a few steps take."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from starlette.exceptions import HTTPException

from ..contract import Operation

PREFIX = "/rds"
ANY = "{}"


class Router:
    """Finds the operation of a method and a path, and the path's parameters."""

    def __init__(self, operations: Iterable[Operation]) -> None:
        # A step leads to the steps that may follow it, and the last one through None to the operations by method.
        self._tree: dict[str | None, Any] = {}
        for operation in operations:
            node = self._tree
            for step in _steps(PREFIX + operation.path):
                node = node.setdefault(ANY if step.startswith("{") else step, {})
            node.setdefault(None, {})[operation.method] = operation

    def find(self, method: str, path: str) -> tuple[Operation, dict[str, str]]:
        """The operation and its path parameters; HTTPException where nothing has this path or takes this method."""
        steps = _steps(path)
        # A read can be asked for its head; the server then leaves the body out.
        wanted = "GET" if method == "HEAD" else method
        allowed: list[str] = []
        for operations in _ends(self._tree, steps):
            if operation := operations.get(wanted):
                named = zip(_steps(PREFIX + operation.path), steps, strict=True)
                return operation, {name[1:-1]: value for name, value in named if name.startswith("{")}
            allowed = allowed or sorted(operations)
        if allowed:
            raise HTTPException(405, headers={"Allow": ", ".join(allowed)})
        raise HTTPException(404, f"There is no operation {method} {path}")


def _steps(path: str) -> list[str]:
    return path.removeprefix("/").split("/")


def _ends(node: dict[str | None, Any], steps: Sequence[str]) -> Iterator[dict[str, Operation]]:
    """The operations at the ends of all ways that the steps can go. A name goes before what takes any name."""
    if not steps:
        if None in node:
            yield node[None]
        return
    first, *rest = steps
    for step in (first, ANY) if first else ():
        if step in node:
            yield from _ends(node[step], rest)
