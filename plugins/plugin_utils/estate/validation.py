# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The whole validation of a description: its outline, its parts, and what is between them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.estate import (
    INSTANCES,
    Form,
    Part,
    children_of,
    keys_of,
    part_named,
    settings_of,
)
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.estate_tasks import complete_entry, expand, labels_of

from .checking import Checked, check_tasks
from .fields import check_options
from .options import fields_of, option_of
from .problems import Position, Problem, did_you_mean
from .reading import Description, Place
from .references import check_references


@dataclass
class Examined:
    """A description in the hands of the modules: its tasks, and all that is wrong with it."""

    problems: list[Problem]
    tasks: list[Checked]


def validate(description: Description, name: str, allow_empty: bool = False) -> list[Problem]:
    """Return all problems of a description, in the order of the places where it is written."""
    return examine(description, name, allow_empty).problems


def examine(description: Description, name: str, allow_empty: bool = False) -> Examined:
    """Return the tasks of a description, and all problems in the order of the places where it is written.

    ``name`` is what people call it. With ``allow_empty`` it may say in so many words, ``{}``, that there is nothing.
    """
    problems: list[Problem] = []
    nothing_meant = allow_empty and description.data == {} and description.exists
    if (
        not nothing_meant
        and not description.problems
        and not any(value not in (None, [], {}) for value in description.data.values())
    ):
        text = "is missing, or describes nothing. If that is meant, it is {} and gaussdb_empty_estate is true"
        problems.append(Problem(name, text))
    outline = _Outline(problems)
    estate = outline.clean(description.data)
    tasks = list(expand(estate, everything=True))
    checked = check_tasks(tasks, problems)
    problems.extend(check_references(tasks))
    paths = Paths(description.data, name)
    return Examined(finish(problems, description, paths), checked)


def finish(problems: Iterable[Problem], description: Description, paths: Mapping[Place, str]) -> list[Problem]:
    """Return the problems with those of reading, with their positions, and in the order of these."""
    unseen = {paths[place] for place in description.unseen}
    found = [problem for problem in problems if problem.about_name or problem.path not in unseen]
    # What an unknown option should have held does not matter.
    names = {problem.path for problem in found if problem.about_name}
    found += [Problem(paths[place], text) for place, text in description.problems if paths[place] not in names]
    if not found:
        return []
    positions = {paths[place]: position for place, position in description.positions.items()}
    found = [replace(problem, position=_position(problem.path, positions)) for problem in dict.fromkeys(found)]
    return sorted(found, key=lambda each: (each.position.file, each.position.line) if each.position else ("", 0))


class _Outline:
    """Reports what is not a part, and parts in a wrong form; the rest is safe to expand."""

    def __init__(self, problems: list[Problem]) -> None:
        self._problems = problems

    def clean(self, estate: Mapping[str, Any]) -> dict[str, Any]:
        known = keys_of("")
        for key in estate:
            if key not in known:
                guess = did_you_mean(str(key), known)
                self._problems.append(Problem(str(key), f"unknown{guess}", about_name=True))
        return {key: value for key, value in self._holder("", estate, "").items() if key in known}

    def _holder(self, parent: str, holder: Mapping[Any, Any], path: str) -> dict[str, Any]:
        cleaned = dict(holder)
        self._settings(parent, holder, path)
        for part in children_of(parent):
            place = f"{path}.{part.name}" if path else part.name
            if holder.get(part.defaults) is not None:
                cleaned[part.defaults] = self._defaults(
                    part, holder[part.defaults], f"{path}.{part.defaults}".lstrip(".")
                )
            value = holder.get(part.name)
            if value is None:
                cleaned.pop(part.name, None)
            elif _is_list(part):
                cleaned[part.name] = self._entries(part, value, place)
            elif not isinstance(value, Mapping):
                self._problems.append(Problem(place, "not a dictionary"))
                del cleaned[part.name]
        return cleaned

    def _settings(self, parent: str, holder: Mapping[Any, Any], path: str) -> None:
        fields = [setting.field for setting in settings_of(parent)]
        given = {each.name: holder[each.name] for each in fields if holder.get(each.name) is not None}
        prefix = f"{path}." if path else ""
        check_options(fields, given, self._problems, prefix)

    def _defaults(self, part: Part, defaults: Any, path: str) -> dict[str, Any]:
        """Check the defaults by themselves, too: there may be no entry that they are for."""
        if not isinstance(defaults, Mapping):
            self._problems.append(Problem(path, "not a dictionary"))
            return {}
        cleaned = self._holder(part.name, defaults, path)
        inside = keys_of(part.name)
        full = complete_entry(part, {}, cleaned)
        own = {key: value for key, value in full.items() if key not in inside and value is not None}
        fields = [replace(each, required=False) for each in fields_of(part)]
        check_options(fields, own, self._problems, f"{path}.", inside)
        return cleaned

    def _entries(self, part: Part, value: Any, path: str) -> list[Any]:
        if not isinstance(value, list):
            self._problems.append(Problem(path, "not a list"))
            return []
        entries: list[Any] = []
        for label, entry in zip(labels_of(part, value), value):
            place = f"{path}[{label}]"
            if isinstance(entry, Mapping):
                entries.append(self._holder(part.name, entry, place))
            else:
                self._problems.append(Problem(place, "has no value" if entry is None else "not a dictionary"))
                entries.append(None)
        return entries


def _is_list(part: Part) -> bool:
    return part.form is Form.EACH or (part.form is Form.WHOLE and option_of(part).type == "list")


class Paths(dict[Place, str]):
    """The paths of places, in the form in which people read them."""

    def __init__(self, data: Mapping[str, Any], name: str) -> None:
        super().__init__({(): name})
        entries = data.get(INSTANCES)
        self._labels = labels_of(part_named(INSTANCES), entries) if isinstance(entries, list) else []

    def __missing__(self, place: Place) -> str:
        above, last = place[:-1], place[-1]
        if above == (INSTANCES,) and self._labels:
            last = self._labels[last]
        if isinstance(place[-1], int):
            path = f"{self[above]}[{last}]"
        else:
            path = f"{self[above]}.{last}" if above else str(last)
        self[place] = path
        return path


def _position(path: str, positions: Mapping[str, Position]) -> Position | None:
    """Return the position of a path, or of the closest one around it."""
    for place in _around(path):
        if place in positions:
            return positions[place]
    return None


def _around(path: str) -> Iterator[str]:
    while path:
        yield path
        path = path[: max(path.rfind("."), path.rfind("["), 0)]
