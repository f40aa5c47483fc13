# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Every limit, pause and size of the collection, compared with ``__snapshots__``: a change shows up in a review."""

from __future__ import annotations

import ast
import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path

from syrupy.assertion import SnapshotAssertion

from ansible_collections.gaussdb.tpops.plugins import module_utils
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.options import CONNECTION, WAIT, Field

_MOST = 2**40


def test_numbers_of_the_code(snapshot: SnapshotAssertion) -> None:
    assert "\n".join(numbers()) == snapshot


def test_ranges_of_the_options_that_modules_share(snapshot: SnapshotAssertion) -> None:
    assert (
        "\n".join(f"{each.name}: {bounds(each)}, {each.default}" for each in (*CONNECTION, *WAIT) if each.type == "int")
        == snapshot
    )


def test_defaults_of_the_options_that_modules_share(snapshot: SnapshotAssertion) -> None:
    assert "\n".join(f"{each.name}: {each.default}" for each in (*CONNECTION, *WAIT)) == snapshot


def numbers() -> Iterator[str]:
    """Yield the constants that are numbers, where they are defined."""
    for found in sorted(
        pkgutil.walk_packages(module_utils.__path__, f"{module_utils.__name__}."), key=lambda each: each.name
    ):
        module = importlib.import_module(found.name)
        tree = ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))
        targets = [target for node in tree.body if isinstance(node, ast.Assign) for target in node.targets]
        for target in targets:
            value = getattr(module, target.id) if isinstance(target, ast.Name) else None
            if isinstance(value, (int, float)) and not isinstance(value, bool):
                yield f"{found.name.removeprefix(module_utils.__name__)[1:]}.{target.id} = {value}"


def bounds(field: Field) -> tuple[int, int]:
    """Return the smallest and the largest number that an option takes."""
    assert field.validate is not None
    low = next(value for value in range(-2, 100) if not field.validate(value))
    inside, outside = low, _MOST
    while outside - inside > 1:
        middle = (inside + outside) // 2
        inside, outside = (inside, middle) if field.validate(middle) else (middle, outside)
    return low, inside
