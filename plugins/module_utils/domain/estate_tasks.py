# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""From the description of a platform to the tasks of its modules, and to what each role converges."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from ..api.operation import without_none
from .estate import INSTANCES, PARTS, Form, Part, children_of, keys_of, part_named
from .window import WINDOW, is_open

# In states in which nothing inside of an instance can be read or changed.
IDLE_STATES = ("absent", "stopped")
# The options of an instance that say which one it is.
_IDENTITY = ("name", "instance_id")
# What holds the name and the value of a part with one task for each key.
PAIR = ("key", "value")


@dataclass(frozen=True)
class Task:
    """What a part asks of its module."""

    # The part.
    part: Part
    # The options of the module.
    arguments: Mapping[str, Any]
    # Where the description has it: the part, or the entry of one that is a list.
    path: str
    # The values that each entry got from the defaults, by the position of the entry in the description.
    inherited: Mapping[int, frozenset[str]] = field(default_factory=dict)
    # Where the defaults are.
    defaults_path: str = ""
    # Whether it is inside of something that should not exist or not run: then nothing of it can be read or changed.
    idle: bool = False

    def locate(self, option: str) -> str:
        """Return where the description has an option of the task, such as ``users[1].password``."""
        part = self.part
        if not option:
            return self.path
        first = _first_of(option)
        if part.form is Form.PAIRS:
            return self.path if first in PAIR else f"{self.path}.{option}"
        if part.form is not Form.WHOLE:
            return self._own(option, next(iter(self.inherited), 0), self.path)
        key = next((key for key, name in part.beside.items() if name == first), None)
        if key:
            return _beside(self.path, key)
        rest = option.removeprefix(part.option)
        entry = re.match(r"\[(\d+)\](?:\.(.*))?$", rest) if first == part.option else None
        if entry is None:
            return self.path + (rest if first == part.option else f".{option}")
        index = list(self.inherited)[int(entry[1])]
        return self._own(entry[2] or "", index, f"{self.path}[{index}]")

    def _own(self, option: str, index: int, path: str) -> str:
        inherited = bool(option) and _first_of(option) in self.inherited.get(index, ())
        return f"{self.defaults_path if inherited else path}.{option}".rstrip(".")


def expand(estate: Mapping[str, Any], everything: bool = False) -> Iterator[Task]:
    """Yield the tasks of a description in the order in which they are converged.

    Entries that are null are left out. So are idle tasks, except with ``everything``: those of a part that says
    nothing, and what is inside of an instance that should not exist or not run.
    """
    yield from _Expansion(everything).inside("", estate, _Place(""), {})


@dataclass(frozen=True)
class _Place:
    """Where a dictionary of a description is, and which of its keys come from defaults that are elsewhere."""

    path: str
    inherited: frozenset[str] = frozenset()
    defaults_path: str = ""

    def of(self, key: str) -> str:
        path = self.defaults_path if key in self.inherited else self.path
        return f"{path}.{key}" if path else key


@dataclass(frozen=True)
class _Expansion:
    everything: bool
    # Whether this is inside of what should not exist or not run.
    idle: bool = False

    def inside(self, parent: str, holder: Mapping[str, Any], here: _Place, scope: Mapping[str, Any]) -> Iterator[Task]:
        """Yield the tasks of the parts inside of an entry of a part, or of the platform."""
        for part in children_of(parent):
            value = holder.get(part.name)
            if value is None:
                continue
            idle = self.idle or not _says_something(value)
            if idle and not self.everything:
                continue
            place = here.of(part.name)
            if part.form is Form.ONE:
                yield Task(part, {**value, **scope}, place, idle=idle)
            elif part.form is Form.PAIRS:
                for name, entry in value.items():
                    pair = dict(zip(PAIR, (name, entry)))
                    yield Task(part, {**pair, **scope}, f"{place}.{name}", idle=idle)
            elif isinstance(value, Mapping):
                whole = {**_options_beside(part, holder), part.option: value, **scope}
                yield Task(part, whole, place, idle=idle)
            else:
                yield from self._list(part, holder, place, scope)

    def _list(self, part: Part, holder: Mapping[str, Any], place: str, scope: Mapping[str, Any]) -> Iterator[Task]:
        entries = {index: entry for index, entry in enumerate(holder[part.name]) if entry is not None}
        given = holder.get(part.defaults) or ()
        inherited = {
            index: frozenset(key for key in given if entry.get(key) is None) for index, entry in entries.items()
        }
        full = {index: complete_entry(part, holder, entry) for index, entry in entries.items()}
        inside = keys_of(part.name)
        own = {index: {key: entry[key] for key in entry if key not in inside} for index, entry in full.items()}
        defaults = _beside(place, part.defaults)
        if part.form is Form.WHOLE and own:
            whole = {**_options_beside(part, holder), part.option: list(own.values()), **scope}
            yield Task(part, whole, place, inherited, defaults, self.idle)
        if part.form is Form.WHOLE and not inside:
            return
        labels = labels_of(part, holder[part.name])
        for index, entry in full.items():
            where = f"{place}[{labels[index]}]"
            if part.form is Form.EACH:
                yield Task(part, {**own[index], **scope}, where, {index: inherited[index]}, defaults, self.idle)
            idle = self.idle or entry.get("state") in IDLE_STATES
            if self.everything or not idle:
                names = {option: entry[key] for option, key in part.scope.items() if entry.get(key) is not None}
                deeper = replace(self, idle=True) if idle and not self.idle else self
                here = _Place(where, inherited[index], defaults)
                yield from deeper.inside(part.name, entry, here, {**scope, **names})


def complete_entry(part: Part, holder: Mapping[str, Any], entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return an entry of a list with the defaults that it does not replace, and with the words of its module."""
    defaults = holder.get(part.defaults) or {}
    complete = {**defaults, **{key: value for key, value in entry.items() if value is not None or key not in defaults}}
    for option, words in part.spelled.items():
        if isinstance(complete.get(option), str):
            complete[option] = spell(complete[option], words)
    return complete


def spell(value: str, words: Sequence[str]) -> str:
    return next((word for word in words if word.casefold() == value.casefold()), value)


def labels_of(part: Part, entries: Sequence[Any]) -> list[str]:
    """Return what stands for each entry in a path: the name of an instance, else the position."""
    labels: list[str] = []
    names: set[str] = set()
    for index, entry in enumerate(entries):
        name = entry.get("name") if part.name == INSTANCES and isinstance(entry, Mapping) else None
        labels.append(str(name) if name and str(name) not in names else str(index))
        names.add(labels[-1])
    return labels


def by_role(
    estate: Mapping[str, Any],
    instance: str | None = None,
    parts: Collection[str] | None = None,
    now: datetime | None = None,
) -> dict[str, dict[str, Any]]:
    """Return what a description says of the platform without its instances, or of one instance, by the roles that
    converge it: without null, with the defaults in each entry, and with the words of the modules.

    With ``parts``, only of these. With a moment, without what interrupts the service where the window is closed then.
    An instance that is not described is a ``LookupError``.
    """
    plain = without_none(estate)
    holder, level = plain, ""
    if instance is not None:
        entries = filter(None, plain.get(INSTANCES, ()))
        found = next((entry for entry in entries if str(entry.get("name")) == instance), None)
        if found is None:
            raise LookupError(f"{INSTANCES} has no entry named {instance}")
        holder, level = complete_entry(part_named(INSTANCES), plain, found), INSTANCES
        if now is not None and not is_open(window_of(plain, holder), now):
            holder = _outside_window(holder)
    children = [part for part in children_of(level) if part.name != INSTANCES]
    roles: dict[str, dict[str, Any]] = {part.role: {} for part in children}
    wanted = None if parts is None else {top_of(part_named(name)).name for name in parts}
    for part in children:
        if part.name not in holder or not (wanted is None or part.name in wanted):
            continue
        roles[part.role] |= {key: holder[key] for key in (*part.beside, part.exclusively) if key in holder}
        value = holder[part.name]
        if isinstance(value, list):
            value = [complete_entry(part, plain, entry) for entry in value if entry is not None]
        roles[part.role][part.name] = value
    if instance is not None:
        inside = keys_of(INSTANCES)
        own = [key for key in holder if key not in inside] if wanted is None or INSTANCES in wanted else _IDENTITY
        roles[part_named(INSTANCES).role] |= {key: holder[key] for key in own if key in holder}
    return roles


def top_of(part: Part) -> Part:
    """Return the part of an instance, or of the platform, that a part belongs to: ``databases`` for ``schemas``."""
    above = next((each for each in PARTS if each.name == part.parent and part.parent != INSTANCES), None)
    return top_of(above) if above else part


def window_of(estate: Mapping[str, Any], instance: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the window of an instance, whose entry has the defaults in it: its own, or that of the platform."""
    return instance.get(WINDOW.name) or estate.get(WINDOW.name)


def without_interruption(part: Part, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options of a task without what interrupts the service."""
    calm = {
        option: values[str(options[option])]
        for option, values in part.outside_window.items()
        if str(options.get(option)) in values
    }
    return {name: value for name, value in {**options, **calm}.items() if value is not None or name not in calm}


def _outside_window(holder: Mapping[str, Any]) -> dict[str, Any]:
    calm = without_interruption(part_named(INSTANCES), holder)
    for part in children_of(INSTANCES):
        for key, option in part.beside.items():
            if key in calm:
                calm[key] = without_interruption(part, {option: calm[key]})[option]
    return calm


def _says_something(value: Any) -> bool:
    return not isinstance(value, Mapping) or any(each is not None for each in value.values())


def _first_of(option: str) -> str:
    return re.split(r"[.\[]", option, maxsplit=1)[0]


def _options_beside(part: Part, holder: Mapping[str, Any]) -> dict[str, Any]:
    return {option: holder[key] for key, option in part.beside.items() if holder.get(key) is not None}


def _beside(path: str, key: str) -> str:
    before, dot, _name = path.rpartition(".")
    return before + dot + key
