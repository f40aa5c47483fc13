# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The arguments of a task, before anything looks at them: what is not given, and what cannot be sent."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from ..http.errors import InputError
from .options import Field, Fields

_SURROGATE = re.compile("[\ud800-\udfff]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
# What the databases and parsers behind the platform can hold.
_LARGEST = 2**63
_INFINITE = "is not a finite number"


def drop_unset(
    fields: Iterable[Field], values: Mapping[str, Any], problems: list[InputError], prefix: str = ""
) -> dict[str, Any]:
    """Return the arguments without those that are not given: null, and an empty or blank name, ID or path, at every
    depth.

    Ansible would count both as given, and turn a null in a list into the text ``None``. The values may not have been
    validated yet. What Ansible cannot even validate is left out, and so are members of lists that have no value:
    ``problems`` gets an error for each.
    """
    options = Fields.of(fields).by_name
    found = {}
    for name, value in values.items():
        each = options.get(name)
        if each is None:
            found[name] = value
        elif each.elements and isinstance(value, (list, tuple)):
            members = [
                _given(each, entry, problems, f"{prefix}{name}[{index}]", member=True)
                for index, entry in enumerate(value)
            ]
            found[name] = [entry for entry in members if entry is not None]
        else:
            kept = _given(each, value, problems, prefix + name)
            if kept is not None:
                found[name] = kept
    return found


def _given(each: Field, value: Any, problems: list[InputError], path: str, member: bool = False) -> Any:
    """Return one value, ``None`` for nothing."""
    problem = given_problem(each, value, member)
    if problem:
        problems.append(InputError(path, problem))
    if problem or is_unset(each, value):
        return None
    if each.fields and not isinstance(value, str):
        return drop_unset(each.fields, value, problems, f"{path}.")
    return value


def is_unset(each: Field, value: Any) -> bool:
    """Return whether a value counts as not given."""
    return value is None or (each.identifies and isinstance(value, str) and not value.strip())


def given_problem(each: Field, value: Any, member: bool = False) -> str | None:
    """Return why Ansible could not even validate a value, or a member of a list."""
    if is_unset(each, value):
        return "has no value; give one or leave the entry out" if member else None
    if isinstance(value, float) and not math.isfinite(value):
        return _INFINITE
    if not each.fields or isinstance(value, str):
        return None
    if isinstance(value, Mapping):
        return None if all(isinstance(key, str) for key in value) else "has a key that is not text"
    return f"has to be a {'list of dictionaries' if each.elements and not member else 'dictionary'}"


def prepare_arguments(fields: Sequence[Field], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments that a run goes by: what is not given has its default, and everything else has passed its
    checks.

    Raises :class:`InputError` that names the option by its path, before any call.
    """
    problems: list[InputError] = []
    found = drop_unset(fields, values, problems)
    if problems:
        raise problems[0]
    complete = complete_values(fields, found)
    check_sendable(fields, complete)
    check_values(fields, complete)
    return complete


def complete_values(fields: Iterable[Field], values: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return values with the defaults of what is not given. Raises :class:`InputError` where there is none."""
    fields = Fields.of(fields)
    complete = {**fields.defaults, **values}
    for name in fields.required:
        if complete[name] is None:
            raise InputError(prefix + name, "required")
    for each in fields.nested:
        value = complete[each.name]
        if isinstance(value, Mapping):
            complete[each.name] = complete_values(each.fields, value, f"{prefix}{each.name}.")
        elif value:
            complete[each.name] = [
                complete_values(each.fields, entry, f"{prefix}{each.name}[{index}].")
                for index, entry in enumerate(value)
            ]
    return complete


def check_values(fields: Iterable[Field], values: Mapping[str, Any], prefix: str = "", label: str = "") -> None:
    """Check values one by one, suboptions included. Raises :class:`InputError` naming the option."""
    for problem in value_problems(fields, values, prefix, label):
        raise problem


def value_problems(
    fields: Iterable[Field], values: Mapping[str, Any], prefix: str = "", label: str = "", new: bool = False
) -> Iterator[InputError]:
    """Yield an error for each value that is not allowed; with ``new`` for each that is only allowed where it exists."""
    for each in Fields.of(fields).checked:
        value = values.get(each.name)
        if value is None:
            continue
        check = each.validate_new if new else each.validate
        problem = check(value) if check else None
        if problem:
            yield InputError(prefix + each.name, problem, about=label if prefix else "")
        else:
            for path, entry in _parts(each, value, prefix):
                yield from value_problems(each.fields, entry, f"{path}.", str(entry.get("name") or ""), new)


def _parts(each: Field, value: Any, prefix: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield what has suboptions, with its path."""
    path = prefix + each.name
    if each.fields and isinstance(value, list):
        yield from ((f"{path}[{index}]", entry) for index, entry in enumerate(value))
    elif each.fields:
        yield path, value


def check_sendable(fields: Iterable[Field], values: Mapping[str, Any], prefix: str = "") -> None:
    """Check that there is nothing in the values that no request and no log could hold. Raises :class:`InputError`
    naming the option."""
    for problem in sendable_problems(fields, values, prefix):
        raise problem


def sendable_problems(fields: Iterable[Field], values: Mapping[str, Any], prefix: str = "") -> Iterator[InputError]:
    """Yield an error for each value that no request and no log could hold."""
    for each in fields:
        value = values.get(each.name)
        if value is None:
            continue
        for place, problem in () if each.fields else unsendable(value, each.identifies):
            yield InputError(f"{prefix}{each.name}{place}", problem)
        for path, entry in _parts(each, value, prefix):
            yield from sendable_problems(each.fields, entry, f"{path}.")


def unsendable(value: Any, identifies: bool = False, place: str = "") -> Iterator[tuple[str, str]]:
    """Yield where in a value, and why, something cannot be sent to any platform. The value itself is not repeated: it
    may be secret.

    A text that names something must not hold control characters or begin or end with a blank either.
    """
    if isinstance(value, Mapping):
        for key, entry in value.items():
            for _place, problem in unsendable(key):
                yield place, f"one of its keys {problem}"
            yield from unsendable(entry, identifies, f"{place}.{key}")
    elif isinstance(value, (list, tuple)):
        for index, entry in enumerate(value):
            yield from unsendable(entry, identifies, f"{place}[{index}]")
    else:
        wrong = _problem_of(value, identifies)
        if wrong:
            yield place, wrong


def is_plain(text: str) -> bool:
    """Return whether any request and any log can hold a text, as nearly all of them."""
    return text.isascii() and text.isprintable() and text == text.strip()


def _problem_of(value: Any, identifies: bool) -> str | None:
    if isinstance(value, str):
        if is_plain(value):
            return None
        if _SURROGATE.search(value):
            return "holds bytes that are not UTF-8, or half of a surrogate pair"
        if "\0" in value:
            return "holds a null character"
        if identifies and _CONTROL.search(value.strip()):
            return "holds a line break or another control character"
        if identifies and value != value.strip():
            return "begins or ends with a blank"
    elif isinstance(value, int) and not -_LARGEST <= value < _LARGEST:
        return "is a number of more than 64 bits"
    elif isinstance(value, float) and not math.isfinite(value):
        return _INFINITE
    elif isinstance(value, (bytes, date, set)):
        return "is a date, a set or binary, which JSON does not have; put it in quotes"
    return None
