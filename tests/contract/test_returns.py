# SPDX-License-Identifier: GPL-3.0-or-later
"""What a module can show in check mode is in its RETURN, whether or not an example shows it; nobody writes RETURN."""

from __future__ import annotations

import re
from importlib import import_module
from typing import Any

import pytest
from catalogue import MODULES, ROOT

from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.options import Role
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.returns import return_values
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import Resource


def spec_of(module: str) -> Any:
    return import_module(f"ansible_collections.gaussdb.tpops.plugins.modules.{module}").SPEC


@pytest.mark.parametrize("module", [name for name in MODULES if isinstance(spec_of(name), Resource)])
def test_what_a_task_may_set_is_documented_as_returned(module: str) -> None:
    spec = spec_of(module)
    objects = return_values(spec, starts_jobs=False)[0]
    shown = {each.attribute for each in spec.fields if each.role not in (Role.CONTROL, Role.WRITE_ONLY)}
    # Of an object without a shape nothing is returned.
    documented = {attr.name for attr in (*objects.shape.attrs, *objects.shape.added)} if objects.shape else shown
    assert shown - documented == set()


@pytest.mark.parametrize("module", MODULES)
def test_return_is_between_the_marks_of_the_generator(module: str) -> None:
    text = (ROOT / "plugins" / "modules" / f"{module}.py").read_text(encoding="utf-8")
    generated = re.search(r"^# RETURN:begin.*?^# RETURN:end$", text, re.DOTALL | re.MULTILINE)
    assert generated and generated[0].count("\nRETURN = ") == text.count("\nRETURN = ") == 1
