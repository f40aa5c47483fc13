# SPDX-License-Identifier: GPL-3.0-or-later
"""The subpackages of the simulator: imports go in one direction, chapters contain operations, no file is too long.

Every import counts, also inside a function or under TYPE_CHECKING.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import tpops_simulator
from tpops_simulator import contract

PACKAGE = Path(tpops_simulator.__file__).parent
NAME = PACKAGE.name
# What each subpackage may import in addition to itself. A module outside of them counts as one, like the package,
# which has the version.
ALLOWED = {
    NAME: set(),
    "contract": set(),
    "data": set(),
    "model": {"data"},
    "chapters": {"model"},
    "admin": {NAME, "chapters", "contract", "model"},
    "http": {"admin", "chapters", "contract", "model"},
    "cli": {NAME, "http", "admin", "chapters", "contract", "model"},
    "testing": {"http", "chapters", "contract", "model"},
    "bench": set(),
    "__main__": {"cli"},
}
LONGEST = 400
OPERATIONS = set(contract.load().operations)


def modules() -> dict[str, Path]:
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


MODULES = modules()


def imports(module: str) -> set[str]:
    """The modules of the package that a module imports anywhere."""
    path = MODULES[module]
    base = module.split(".") if path.name == "__init__.py" else module.split(".")[:-1]
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names if alias.name.partition(".")[0] == NAME}
        elif isinstance(node, ast.ImportFrom):
            start = base[: len(base) + 1 - node.level] if node.level else []
            source = ".".join([*start, *([node.module] if node.module else [])])
            if source.partition(".")[0] == NAME:
                names = {f"{source}.{alias.name}" for alias in node.names}
                found |= {name if name in MODULES else source for name in names}
    return found - {module}


IMPORTS = {module: imports(module) for module in MODULES}


def subpackage(module: str) -> str:
    return module.split(".")[1] if "." in module else module


def circle(start: str) -> Iterator[str]:
    """An import cycle through the module, if there is one."""
    ways = [[start]]
    seen: set[str] = set()
    while ways:
        way = ways.pop()
        for following in sorted(IMPORTS[way[-1]]):
            if following == start:
                yield " → ".join([*way, start])
                return
            if following not in seen:
                seen.add(following)
                ways.append([*way, following])


def test_every_module_is_in_a_subpackage():
    assert {subpackage(module) for module in MODULES} == set(ALLOWED)


@pytest.mark.parametrize("module", MODULES)
def test_imports_go_in_one_direction(module):
    own = subpackage(module)
    assert {each for each in IMPORTS[module] if subpackage(each) not in {own, *ALLOWED[own]}} == set()


@pytest.mark.parametrize("module", [module for module in MODULES if subpackage(module) == "chapters"])
def test_chapters_never_import_each_other(module):
    assert {each for each in IMPORTS[module] if subpackage(each) == "chapters"} == set()


def test_there_is_no_import_cycle():
    assert [way for module in MODULES for way in circle(module)] == []


@pytest.mark.parametrize("module", [module for module in MODULES if module.startswith(f"{NAME}.chapters.")])
def test_public_functions_of_chapters_are_operations(module):
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    defined = [node for node in ast.parse(MODULES[module].read_text(encoding="utf-8")).body if isinstance(node, kinds)]
    shown = {node.name for node in defined if not node.name.startswith("_")}
    assert shown - OPERATIONS == set()


@pytest.mark.parametrize("module", MODULES)
def test_no_file_is_too_long(module):
    assert len(MODULES[module].read_text(encoding="utf-8").splitlines()) <= LONGEST
