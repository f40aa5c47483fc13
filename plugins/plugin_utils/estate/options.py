# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the parts of an estate may hold: the options of their modules."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from importlib import import_module

from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.estate import PARTS, Form, Part, children_of
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.options import CONNECTION, Field
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import Action, Resource, options_of

MODULES = "ansible_collections.gaussdb.tpops.plugins.modules"


@cache
def spec_of(part: Part) -> Resource | Action:
    """Return the spec of the part's module."""
    spec: Resource | Action = import_module(f"{MODULES}.{part.module}").SPEC
    return spec


@cache
def fields_of(part: Part) -> tuple[Field, ...]:
    """Return the options that a description may hold: of an entry where the part is a list, else of the part."""
    options = {each.name: each for each in options_of(spec_of(part)) if each not in CONNECTION}
    if part.form is Form.WHOLE:
        return tuple(each for each in options[part.option].fields if each.is_option)
    parent = next((each for each in PARTS if each.name == part.parent), None)
    barred = {*part.without, *(parent.scope if parent else ())}
    return tuple(_restricted(part, each) for name, each in options.items() if each.is_option and name not in barred)


def _restricted(part: Part, each: Field) -> Field:
    if each.name == "state" and part.states:
        return replace(each, choices=part.states)
    return replace(each, required=True) if each.name in part.required else each


def field_beside(part: Part, key: str) -> Field:
    """Return the option behind a key next to the part."""
    return next(each for each in options_of(spec_of(part)) if each.name == part.beside[key])


def option_of(part: Part) -> Field:
    """Return the option that the part is as a whole."""
    return next(each for each in options_of(spec_of(part)) if each.name == part.option)


@cache
def secret_places() -> frozenset[tuple[str, ...]]:
    """Return where secrets are in a description: the keys from its top, without positions in lists."""
    return frozenset(_secrets("", ()))


def _secrets(parent: str, above: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for part in children_of(parent):
        for key in (part.name, part.defaults):
            if key and part.form is not Form.PAIRS:
                yield from secret_fields(fields_of(part), (*above, key))
                yield from _secrets(part.name, (*above, key))


def secret_fields(fields: Sequence[Field], above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield where secrets are among options."""
    for each in fields:
        place = (*above, each.name)
        if each.no_log:
            yield place
        yield from secret_fields(each.fields, place)
