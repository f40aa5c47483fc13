# SPDX-License-Identifier: GPL-3.0-or-later
"""Specs are data: each attribute is explained where it is declared, hooks change nothing, no old name comes back."""

from __future__ import annotations

import ast
import re
from dataclasses import fields, is_dataclass
from inspect import signature
from pathlib import Path
from typing import Any

import pytest
from catalogue import ROOT

from ansible_collections.gaussdb.tpops.plugins.module_utils.engine import (
    context,
    execution,
    item,
    options,
    spec,
    waiting,
)
from ansible_collections.gaussdb.tpops.plugins.module_utils.http import outcomes

UTILS = ROOT / "plugins" / "module_utils"
DECLARED = (UTILS / "engine" / "spec.py", UTILS / "engine" / "options.py", UTILS / "engine" / "item.py")
# Where hooks are: what is special about a module is in it, or in domain/ when it is long.
HOOKS = [*sorted((ROOT / "plugins" / "modules").glob("*.py")), *sorted((UTILS / "domain").glob("*.py"))]
# The names that these classes had before they were renamed.
OLD = {
    options.Field: "attr also same check renew initial option managed create_only write_only",
    spec.Write: "already patient divisible refused only",
    spec.Resource: "keys scope expand prepare after unreadable watch waits default_state read create updates delete",
    spec.Action: "plan decides",
    item.Item: "option planned fresh first",
    item.Step: "remake late shown",
    execution.Execution: "keep_going lost outdated doubts decides",
    waiting.Waiter: "beside at_any_rate",
    outcomes.Lost: "passing",
    context.Context: "once pick settled scope_id scope_label",
}


def names_of(cls: Any) -> set[str]:
    """Return the names of the fields, attributes, methods and parameters of a class."""
    found = set(vars(cls)) | set(signature(cls).parameters)
    if is_dataclass(cls):
        found |= {each.name for each in fields(cls)}
    return found


@pytest.mark.parametrize(("cls", "old"), OLD.items(), ids=lambda value: getattr(value, "__name__", ""))
def test_no_old_name_is_left(cls: Any, old: str) -> None:
    assert names_of(cls) & set(old.split()) == set()


def attributes() -> list[Any]:
    """Return the attributes of the dataclasses and enumerations of the spec, each with the lines of its file."""
    found = []
    for path in DECLARED:
        text = path.read_text(encoding="utf-8")
        for cls in ast.parse(text).body:
            if not isinstance(cls, ast.ClassDef):
                continue
            for node in cls.body:
                target = node.target if isinstance(node, ast.AnnAssign) else None
                target = node.targets[0] if isinstance(node, ast.Assign) else target
                if isinstance(target, ast.Name) and "ClassVar" not in ast.unparse(getattr(node, "annotation", node)):
                    found.append(pytest.param(text.splitlines(), node.lineno, id=f"{cls.name}.{target.id}"))
    return found


@pytest.mark.parametrize(("lines", "number"), attributes())
def test_a_sentence_above_each_attribute_says_what_it_is(lines: list[str], number: int) -> None:
    assert re.fullmatch(r"    # .*[.:]", lines[number - 2])


@pytest.mark.parametrize("path", [pytest.param(path, id=path.stem) for path in HOOKS])
def test_hooks_change_nothing_but_what_they_return(path: Path) -> None:
    """The values of an item are read-only mappings, which mypy holds. This is about the item and the context."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        for target in targets:
            while isinstance(target, ast.Attribute | ast.Subscript):
                target = target.value
                assert not (isinstance(target, ast.Name) and target.id in ("item", "ctx")), node.lineno
