# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the parts of an estate may hold: the options of their modules."""

from __future__ import annotations

from collections.abc import Sequence
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


class Secrets:
    """Where secrets are in a value: whether it is one itself, and the same for the keys inside of it.

    ``fields`` are the options that it holds. ``part`` says that it is an entry of this part, or a whole description for
    ``""``: what is inside of a part is not looked at before somebody has such a part.
    """

    def __init__(self, fields: Sequence[Field] = (), part: str | None = None, itself: bool = False) -> None:
        self.itself = itself
        self._part = part
        self._inside: dict[str, Secrets | None] = {
            each.name: Secrets(each.fields, itself=bool(each.no_log)) for each in fields
        }

    def inside(self, key: str) -> Secrets | None:
        """Return where secrets are in the value of a key; ``None`` if nothing is known of the key."""
        if key not in self._inside:
            self._inside[key] = self._of_part(key)
        return self._inside[key]

    def _of_part(self, key: str) -> Secrets | None:
        for part in () if self._part is None else children_of(self._part):
            if key in (part.name, part.defaults) and part.form is not Form.PAIRS:
                return Secrets(fields_of(part), part.name)
        return None
