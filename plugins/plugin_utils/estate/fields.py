# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""All that is wrong with the options of a task, where Ansible and the engine would stop at the first.

The rules are theirs: the types are converted by Ansible's own functions, and values are checked by the modules' own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ansible.module_utils.common.parameters import DEFAULT_TYPE_VALIDATORS

from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.options import Field

from .problems import Problem, did_you_mean

WORDS = {
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "list": "a list",
    "dict": "a dictionary",
    "str": "a text",
    "path": "a path",
}


def typed_values(
    fields: Sequence[Field],
    values: Mapping[str, Any],
    problems: list[Problem],
    prefix: str = "",
    more: Iterable[str] = (),
) -> dict[str, Any]:
    """Return values in their types. ``problems`` gets what cannot be converted, is unknown, not allowed or missing,
    each by its path inside of the task; that is left out.

    ``more`` are names that the place knows besides the options, for guesses at what an unknown name stands for.
    """
    options = {name: each for each in fields if each.is_option for name in (each.name, *each.aliases)}
    found = {}
    for name, value in ((str(name), value) for name, value in values.items()):
        each = options.get(name)
        if each is None:
            guess = did_you_mean(name, (*options, *more))
            problems.append(Problem(prefix + name, f"unknown{guess}", about_name=True))
            continue
        value = _typed(each, value, problems, prefix + name, more)
        if value is not None:
            found[each.name] = value
    missing = [each.name for each in fields if each.is_option and each.required and each.name not in values]
    problems.extend(Problem(prefix + name, "required") for name in missing)
    return found


def _typed(each: Field, value: Any, problems: list[Problem], path: str, more: Iterable[str]) -> Any:
    converted = _converted(each, value)
    if converted is None:
        problems.append(Problem(path, f"not {WORDS[each.type]}"))
        return None
    if not each.elements:
        return _member(each, converted, problems, path, more)
    one = replace(each, type=each.elements, elements=None)
    entries = []
    for index, entry in enumerate(converted):
        entries.append(_typed(one, entry, problems, f"{path}[{index}]", more))
    # A list with fewer entries would be about something else.
    return None if None in entries else entries


def _member(each: Field, value: Any, problems: list[Problem], path: str, more: Iterable[str]) -> Any:
    if each.fields:
        return typed_values(each.fields, value, problems, f"{path}.", more)
    if each.choices and value not in each.choices:
        words = [str(word) for word in each.choices]
        # The value is not repeated: whoever has mixed up two options may have put a secret here.
        problems.append(Problem(path, f"not allowed{did_you_mean(str(value), words) or '; use ' + ', '.join(words)}"))
        return None
    return value


def _converted(each: Field, value: Any) -> Any:
    """Return a value in the type of its option, as Ansible converts it, or ``None``."""
    # Ansible would take a text apart.
    if (each.type == "dict" or (each.fields and each.type == "list")) and isinstance(value, str):
        return None
    try:
        return DEFAULT_TYPE_VALIDATORS[each.type](value)
    except (TypeError, ValueError):
        return None
