# SPDX-License-Identifier: GPL-3.0-or-later
"""The imports between files of plugins/, by absolute or relative names."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from common import ROOT

PLUGINS = ROOT / "plugins"
PACKAGE = "ansible_collections.gaussdb.tpops.plugins"


@cache
def imports_of(path: Path) -> tuple[Path, ...]:
    """Return the files that one file imports, at any place; packages themselves are left out."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = {file for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for file in _files(path, node)}
    return tuple(sorted(found))


def all_imports_of(paths: list[Path], without: Path | None = None) -> list[Path]:
    """Return the files and everything they import, directly or not, except what is under ``without``."""
    found: list[Path] = []
    left = list(paths)
    while left:
        path = left.pop()
        if path not in found and (without is None or without not in path.parents):
            found.append(path)
            left += imports_of(path)
    return sorted(found)


def _files(path: Path, node: ast.ImportFrom) -> Iterator[Path]:
    if node.level:
        base = path.parents[node.level - 1]
        base = base.joinpath(*(node.module or "").split(".")) if node.module else base
    elif f"{node.module}.".startswith(f"{PACKAGE}."):
        base = PLUGINS.joinpath(*str(node.module).removeprefix(PACKAGE).strip(".").split("."))
    else:
        return
    for name in (base, *(base / alias.name for alias in node.names)):
        if (file := name.with_suffix(".py")).is_file():
            yield file
