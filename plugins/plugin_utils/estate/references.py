# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is wrong between the objects of a description: names of nothing, and what two of them claim.

Only what is described can be known: an option may name anything of a kind that the description leaves out as a whole.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.estate import Part, Reference, part_named
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.estate_tasks import Task

from .options import fields_of
from .problems import Problem, did_you_mean

# An object of a task, with its place there.
Entry = tuple[Task, str, Mapping[str, Any]]


def check_references(tasks: Sequence[Task]) -> Iterator[Problem]:
    """Yield the problems between the objects of all tasks of a description."""
    entries = [(task, place, entry) for task in tasks for place, entry in _entries(task)]
    described = _described(entries)
    for task, place, entry in entries:
        for reference in task.part.references:
            yield from _unknown(task, place, entry, reference, described)
    for part in dict.fromkeys(task.part for task in tasks):
        own = [each for each in entries if each[0].part is part]
        for group in part.exclusive:
            yield from _claimed(own, group)
        if part.same_as:
            yield from _set_twice(part, tasks)


def _entries(task: Task) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the objects of a task, each with its place in the task."""
    option = task.part.option
    if not option:
        yield "", task.arguments
    elif isinstance(task.arguments[option], Sequence):
        yield from ((f"{option}[{index}]", entry) for index, entry in enumerate(task.arguments[option]))


def _named(part: Part, entry: Mapping[str, Any], option: str) -> Iterator[tuple[str, str]]:
    """Yield the names that an option holds, each with its place in the entry."""
    first, _dot, inner = option.partition(".")
    value = entry.get(first)
    if isinstance(value, str) and first in _lists_of(part):
        # As Ansible reads a text that stands for a list.
        value = value.split(",")
    for index, each in enumerate(value) if isinstance(value, (list, tuple)) else [(None, value)]:
        place = first if index is None else f"{first}[{index}]"
        name = each.get(inner) if inner and isinstance(each, Mapping) else each
        if isinstance(name, (str, int)) and not isinstance(name, bool) and name != "":
            yield f"{place}.{inner}" if inner else place, str(name)


@cache
def _lists_of(part: Part) -> frozenset[str]:
    return frozenset(each.name for each in fields_of(part) if each.elements)


def _described(entries: Sequence[Entry]) -> dict[tuple[str, str, str], dict[str, str]]:
    """Return the names that are described, by part, option and instance; each by what identifies it."""
    keys = {(part, key) for task, _place, _entry in entries for each in task.part.references for part, key in each.to}
    options = {part: [key for name, key in keys if name == part] for part, _key in keys}
    found: dict[tuple[str, str, str], dict[str, str]] = {}
    for task, _place, entry in entries:
        for key in options.get(task.part.name, ()):
            if entry.get(key) is not None:
                names = found.setdefault((task.part.name, key, _instance(task, task.part)), {})
                names[_identity(str(entry[key]))] = str(entry[key])
    return found


def _instance(task: Task, part: Part) -> str:
    """Return the instance of a task, for a part whose names are known inside of one instance only."""
    return str(task.arguments.get("instance")) if part.parent else ""


def _unknown(
    task: Task,
    place: str,
    entry: Mapping[str, Any],
    reference: Reference,
    described: Mapping[tuple[str, str, str], Mapping[str, str]],
) -> Iterator[Problem]:
    if any(entry.get(option) != value for option, value in reference.only.items()):
        return
    known = [described.get((part, key, _instance(task, part_named(part))), {}) for part, key in reference.to]
    for option, name in _named(task.part, entry, reference.option) if any(known) else ():
        identity = _identity(name)
        if not any(identity in names for names in known) and not re.fullmatch(reference.known or "(?!)", name):
            parts = " or ".join(dict.fromkeys(part for part, _key in reference.to))
            guess = did_you_mean(name, [each for names in known for each in names.values()])
            yield Problem(task.locate(f"{place}.{option}".lstrip(".")), f"{name} is not described in {parts}{guess}")


def _claimed(entries: Sequence[Entry], group: Sequence[str]) -> Iterator[Problem]:
    """Yield what two entries claim of which only one can have it."""
    owners: dict[str, tuple[int, str]] = {}
    for index, (task, place, entry) in enumerate(entries):
        if entry.get("state") == "absent":
            continue
        for option in group:
            for name_place, name in _named(task.part, entry, option):
                here = f"{place}.{name_place}".lstrip(".")
                owner, first = owners.setdefault(_identity(name), (index, here))
                if owner != index:
                    text = f"{name} is used twice, also as {entries[owner][0].locate(first)}"
                    yield Problem(task.locate(here), text)


def _identity(name: str) -> str:
    """Return a name in the one way in which it can be compared: an IPv6 address has several spellings."""
    if ":" not in name:
        return name
    try:
        return str(ipaddress.ip_address(name))
    except ValueError:
        return name


def _set_twice(part: Part, tasks: Sequence[Task]) -> Iterator[Problem]:
    """Yield what is set in two parts of one instance."""
    others: dict[str, Task] = {}
    for task in tasks:
        if task.part.name == part.same_as:
            others.setdefault(_instance(task, part), task)
    for task in tasks:
        other = others.get(_instance(task, part)) if task.part is part else None
        if other:
            shared = _given(task) & _given(other) - {"instance", "instance_id"}
            yield from (
                Problem(task.locate(name), f"the same setting as {other.locate(name)}; keep one of the two")
                for name in sorted(shared)
            )


def _given(task: Task) -> set[str]:
    return {name for name, value in task.arguments.items() if value is not None}
