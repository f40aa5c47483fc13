# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""All that is wrong with the options of a task, where Ansible and the engine would stop at the first.

The rules are theirs: the types are converted by Ansible's own functions, and values are checked by the modules' own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ansible.module_utils.common.parameters import DEFAULT_TYPE_VALIDATORS

from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.arguments import (
    given_problem,
    is_plain,
    is_unset,
    unsendable,
)
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.options import Field, Fields

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


def check_options(
    fields: Iterable[Field],
    values: Mapping[str, Any],
    problems: list[Problem],
    prefix: str = "",
    more: Iterable[str] = (),
    new: bool = False,
) -> dict[str, Any]:
    """Return values in their types, without those that count as not given. ``problems`` gets what cannot be converted,
    is unknown, not allowed or missing, each by its path inside of the task; what is not known then is left out.

    ``more`` are names that the place knows besides the options, for guesses at what an unknown name stands for. With
    ``new`` there are warnings about what only an object that exists may have.
    """
    fields = Fields.of(fields)
    found = {}
    for name, value in values.items():
        path = f"{prefix}{name}"
        each = fields.by_name.get(name)
        if each is None:
            guess = did_you_mean(str(name), (*fields.by_name, *more))
            problems.append(Problem(path, f"unknown{guess}", about_name=True))
        elif not is_unset(each, value):
            checked = _checked(each, value, problems, path, more, new)
            if checked is not None:
                found[each.name] = checked
    for name in fields.required:
        if name not in found and is_unset(fields.by_name[name], values.get(name)):
            problems.append(Problem(prefix + name, "required"))
    return found


def _checked(
    each: Field, value: Any, problems: list[Problem], path: str, more: Iterable[str], new: bool, member: bool = False
) -> Any:
    known = len(problems)
    if each.elements or each.fields or member or not isinstance(value, str):
        listed = each.elements and isinstance(value, (list, tuple))
        problem = None if listed else given_problem(each, value, member)
        if problem:
            problems.append(Problem(path, problem))
            return None
    value = _converted(each, value)
    if value is None:
        problems.append(Problem(path, f"not {WORDS[each.type]}"))
        return None
    if each.elements:
        one = each.element
        value = [
            _checked(one, entry, problems, f"{path}[{index}]", more, new, member=True)
            for index, entry in enumerate(value)
        ]
        if None in value:
            # A list with fewer entries would be about something else.
            return None
    elif each.fields:
        value = check_options(each.fields, value, problems, f"{path}.", more, new)
    elif each.choices and value not in each.choices:
        words = [str(word) for word in each.choices]
        # The value is not repeated: whoever has mixed up two options may have put a secret here.
        problems.append(Problem(path, f"not allowed{did_you_mean(str(value), words) or '; use ' + ', '.join(words)}"))
        return None
    elif not isinstance(value, str) or not is_plain(value):
        problems.extend(Problem(path + place, problem) for place, problem in unsendable(value, each.identifies))
    problem = each.validate(value) if each.validate else None
    if problem:
        problems.append(Problem(path, problem))
    elif new and each.validate_new and len(problems) == known:
        # A value with a problem needs no warning.
        problem = each.validate_new(value)
        if problem:
            problems.append(Problem(path, problem, warning=True))
    return value


def _converted(each: Field, value: Any) -> Any:
    """Return a value in the type of its option, as Ansible converts it, or ``None``."""
    if each.type == "str" and isinstance(value, str):
        return value
    # Ansible would take a text apart.
    if (each.type == "dict" or (each.fields and each.type == "list")) and isinstance(value, str):
        return None
    try:
        return DEFAULT_TYPE_VALIDATORS[each.type](value)
    except (TypeError, ValueError):
        return None
