# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Leaves out of a description what no task could be about: its validation and its plan decide.

A platform may have what its own interface would not accept any more, or show a value in a form that no option takes.
The plan is made of the answers that the description was made of, so that it asks nothing again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any, NamedTuple

from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.estate import INSTANCES, keys_of, part_named
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.estate_tasks import labels_of
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import TpopsError

from .reading import Description
from .reads import SharedReads
from .survey import Surveyor
from .validation import examine

# Where in a description: keys, and positions in lists.
Place = tuple[Any, ...]
# Without the option at fault an entry may have another fault, but this ends.
ROUNDS = 10
NAME = "gaussdb_estate"
# The tasks of the plan have to have one, and none of them uses it.
_CONNECTION = {"endpoint": "localhost", "token": "none"}


class Note(NamedTuple):
    """What a description cannot say: of an instance, or of the platform if that is empty; and of which part."""

    instance: str
    part: str
    text: str


def leave_out(estate: dict[str, Any], reads: SharedReads, threads: int) -> list[Note]:
    """Take out of a description what is refused or would be changed, and return what that is."""
    notes: list[Note] = []
    for _round in range(ROUNDS):
        problems: dict[Place, str] = {}
        for path, reason in _problems(estate, reads, threads):
            place = _whole(estate, _find(estate, path))
            if not place:
                raise TpopsError(f"{path}: {reason}", hint="Please report it.")
            problems.setdefault(place, reason)
        if not problems:
            return notes
        # From the last to the first, so that the positions of the others stay true.
        for place in sorted(_outermost(problems), key=_order, reverse=True):
            notes.append(_note(estate, place, problems[place]))
            _remove(estate, place)
    raise TpopsError(f"There is no end to what cannot be described: {notes[-1].text}", hint="Please report it.")


def _outermost(places: Collection[Place]) -> list[Place]:
    return [place for place in places if not any(place[:length] in places for length in range(len(place)))]


def _problems(estate: Mapping[str, Any], reads: SharedReads, threads: int) -> Iterator[tuple[str, str]]:
    """Yield the paths and the reasons of what is wrong. The plan is only made of what is valid."""
    description = Description(dict(estate), exists=True)
    examined = examine(description, NAME, allow_empty=True)
    invalid = [each for each in examined.problems if not each.warning]
    if invalid:
        yield from ((each.path, each.text) for each in invalid)
        return
    survey = Surveyor(estate, examined.tasks, _CONNECTION, reads, threads).survey()
    for entry in survey.found.failures:
        if entry["kind"] == "refused":
            yield entry["path"], entry["reason"]
    for entry in survey.found.pending:
        yield entry["path"], f"the platform has {entry['before']}"
    for entry in survey.found.differences:
        names = [each["name"] for each in entry["fields"]]
        inside = [f"{entry['path']}.{name}" for name in names] if entry["outcome"] == "updated" else []
        # What a part has by name has no path of its own.
        named = f"{entry['path']}.{entry['object']}"
        for path in [named] if _find(estate, named) != _find(estate, entry["path"]) else inside or [entry["path"]]:
            yield path, "the platform shows it in a form that would be changed"


def _find(estate: Any, path: str) -> Place:
    """Return the place of a path, or of the closest one around it that exists."""
    place: Place = ()
    node, rest = estate, f".{path}"
    while True:
        # A name may look like the beginning of another one, and have any character in it.
        written = {step: text for step, text in _steps(node, place) if f"{rest}.".startswith((f"{text}.", f"{text}["))}
        if not written:
            return place
        step = max(written, key=lambda step: len(written[step]))
        node, rest, place = node[step], rest[len(written[step]) :], (*place, step)


def _steps(node: Any, place: Place) -> Iterator[tuple[Any, str]]:
    """Yield the steps from here to the inside, as a path has them."""
    if isinstance(node, Mapping):
        yield from ((key, f".{key}") for key in node)
    elif isinstance(node, list):
        labels = labels_of(part_named(INSTANCES), node) if place == (INSTANCES,) else range(len(node))
        yield from ((index, f"[{label}]") for index, label in enumerate(labels))


def _at(estate: Any, place: Place) -> Any:
    for step in place:
        estate = estate[step]
    return estate


def _whole(estate: Any, place: Place) -> Place:
    """Return the entry in place of its first option, without which nobody knows what the others are about."""
    if len(place) > 1 and isinstance(place[-2], int) and isinstance(place[-1], str):
        return place[:-1] if next(iter(_at(estate, place[:-1]))) == place[-1] else place
    return place


def _order(place: Place) -> list[tuple[bool, Any]]:
    return [(isinstance(step, str), step) for step in place]


def _remove(estate: dict[str, Any], place: Place) -> None:
    """Remove what is at a place, and what is empty without it."""
    holder = _at(estate, place[:-1])
    if isinstance(holder, list) or place[-1] in holder:
        del holder[place[-1]]
    if not holder and len(place) > 1:
        _remove(estate, place[:-1])


def _note(estate: Mapping[str, Any], place: Place, reason: str) -> Note:
    """Return what is to be said of what is left out, where people look for it: with the instance that it is inside
    of."""
    inside = len(place) > 2 and place[0] == INSTANCES
    instance, steps = (str(estate[INSTANCES][place[1]]["name"]), place[2:]) if inside else ("", place)
    part = str(steps[0]) if steps[0] in keys_of(INSTANCES if inside else "") else ""
    node: Any = _at(estate, place[:2]) if inside else estate
    words = ""
    for step in steps:
        node = node[step]
        named = node.get("name", step) if isinstance(step, int) and isinstance(node, Mapping) else step
        words += f"[{named}]" if isinstance(step, int) else f".{step}" if words else str(step)
    return Note(instance, part, f"{words} is not described: {reason}")
