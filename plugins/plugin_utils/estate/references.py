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
from typing import Any

from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.estate import Form, Part, Reference, part_named
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.estate_tasks import Task

from .problems import Problem, did_you_mean


def check_references(tasks: Sequence[Task]) -> Iterator[Problem]:
    """Yield the problems between the objects of all tasks of a description."""
    entries = [(task, place, entry) for task in tasks for place, entry in _entries(task)]
    for task, place, entry in entries:
        for reference in task.part.references:
            yield from _unknown(task, place, entry, reference, tasks)
    for part in dict.fromkeys(task.part for task in tasks):
        for group in part.exclusive:
            yield from _claimed([each for each in entries if each[0].part is part], group)
        if part.same_as:
            yield from _set_twice(part, tasks)


def _entries(task: Task) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the objects of a task, each with its place in the task."""
    option = task.part.option
    if not option:
        yield "", task.arguments
    elif isinstance(task.arguments[option], Sequence):
        yield from ((f"{option}[{index}]", entry) for index, entry in enumerate(task.arguments[option]))


def _named(entry: Mapping[str, Any], option: str) -> Iterator[tuple[str, str]]:
    """Yield the names that an option holds, each with its place in the entry."""
    first, _dot, inner = option.partition(".")
    value = entry.get(first)
    for index, each in enumerate(value) if isinstance(value, (list, tuple)) else [(None, value)]:
        place = first if index is None else f"{first}[{index}]"
        name = each.get(inner) if inner and isinstance(each, Mapping) else each
        if isinstance(name, (str, int)) and not isinstance(name, bool) and name != "":
            yield f"{place}.{inner}" if inner else place, str(name)


def _unknown(
    task: Task, place: str, entry: Mapping[str, Any], reference: Reference, tasks: Sequence[Task]
) -> Iterator[Problem]:
    if any(entry.get(option) != value for option, value in reference.only.items()):
        return
    described = [name for part, key in reference.to for name in _described(part_named(part), key, task, tasks)]
    known = {_identity(name) for name in described}
    for option, name in _named(entry, reference.option) if known else ():
        if _identity(name) not in known and not (reference.known and re.fullmatch(reference.known, name)):
            parts = " or ".join(dict.fromkeys(part for part, _key in reference.to))
            text = f"{name} is not described in {parts}{did_you_mean(name, described)}"
            yield Problem(task.locate(f"{place}.{option}".lstrip(".")), text)


def _described(part: Part, key: str, task: Task, tasks: Sequence[Task]) -> list[str]:
    """Return the names of a part's objects that an entry of a task can mean: those of its own instance, if any."""
    own = task.arguments.get("instance") if part.parent else None
    return [
        str(entry[key])
        for each in tasks
        if each.part is part and (own is None or each.arguments.get("instance") == own)
        for _place, entry in _entries(each)
        if entry.get(key) is not None
    ]


def _claimed(entries: Sequence[tuple[Task, str, Mapping[str, Any]]], group: Sequence[str]) -> Iterator[Problem]:
    """Yield what two entries claim of which only one can have it."""
    owners: dict[str, tuple[int, str]] = {}
    for index, (task, place, entry) in enumerate(entries):
        if entry.get("state") == "absent":
            continue
        for option in group:
            for name_place, name in _named(entry, option):
                path = task.locate(f"{place}.{name_place}".lstrip("."))
                owner, first = owners.setdefault(_identity(name), (index, path))
                if owner != index:
                    yield Problem(path, f"{name} is used twice, also as {first}")


def _identity(name: str) -> str:
    """Return a name in the one way in which it can be compared: an IPv6 address has several spellings."""
    try:
        return str(ipaddress.ip_address(name))
    except ValueError:
        return name


def _set_twice(part: Part, tasks: Sequence[Task]) -> Iterator[Problem]:
    for task in tasks:
        other = next(
            (
                each
                for each in tasks
                if task.part is part
                and each.part.name == part.same_as
                and each.arguments.get("instance") == task.arguments.get("instance")
            ),
            None,
        )
        if other and part.form is Form.ONE:
            shared = set(task.arguments) & set(other.arguments) - {"instance", "instance_id"}
            yield from (
                Problem(task.locate(name), f"the same setting as {other.locate(name)}; keep one of the two")
                for name in sorted(shared)
            )
