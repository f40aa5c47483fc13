# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An object that exists can be named whatever it is called: the rules for new names are for new names."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest

from ansible_collections.gaussdb.tpops.plugins import modules
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.options import Field
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import Resource

NAMES = ("x", "db1", "x" * 300, "1-a", "订单 1", "pg_old", "a.b/c")
# These are not names that people give: an address, and the ID of a statement.
NO_NAMES = {"manage_ip", "sql_id"}


def naming_options() -> Iterator[Any]:
    for info in pkgutil.iter_modules(modules.__path__):
        spec = getattr(import_module(f"{modules.__name__}.{info.name}"), "SPEC", None)
        for field in spec.fields if isinstance(spec, Resource) else ():
            if field.name in spec.find.identified_by and field.name not in NO_NAMES:
                yield pytest.param(field, id=f"{info.name}-{field.name}")


@pytest.mark.parametrize("field", list(naming_options()))
def test_no_rule_for_new_names_holds_for_existing_objects(field: Field) -> None:
    assert [name for name in NAMES if field.validate and field.validate(name)] == []


def test_the_rules_hold_for_new_names() -> None:
    rules = {parameter.id: parameter.values[0].validate_new for parameter in naming_options()}
    for name in (
        "database",
        "schema",
        "role",
        "inspection",
        "inspection_scene",
        "instance",
        "instance_adoption",
        "backup",
        "data_center",
    ):
        assert rules[f"gaussdb_{name}-name"]("1 订单/" * 20), name
