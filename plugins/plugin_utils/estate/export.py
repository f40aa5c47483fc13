# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A running platform as a description: the files of a tree that validates, and whose plan has no difference."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from ansible_collections.gaussdb.tpops.plugins.module_utils.api.instance import EXTENSION_KEYS
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.estate import (
    INSTANCES,
    PARTS,
    Part,
    children_of,
    part_named,
)
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import TpopsError

from .export_check import Note, leave_out
from .export_reading import Described, DescriptionReader, Seen, problem_of
from .export_text import file_names, render, secret_names
from .files import SITE
from .options import spec_of
from .reads import SharedReads
from .survey import Selection

STOPPED = "what is inside of it was not read, because it is stopped"


@dataclass
class Export:
    """The description of a platform as files.

    ``files`` has the texts by their paths in the folder. The file of what could not be read as a whole is not among
    them: ``failures`` has ``instance``, ``part`` and ``reason`` of each, and ``unread`` the paths of these files.
    ``notes`` say what cannot be described, as the comments in the files do, and ``secrets`` are the variables that the
    description needs. ``matched`` are the names and globs that have selected an instance.
    """

    files: dict[str, str] = field(default_factory=dict)
    unread: list[str] = field(default_factory=list)
    failures: list[dict[str, Any]] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    instances: list[str] = field(default_factory=list)
    secrets: list[str] = field(default_factory=list)
    matched: list[str] = field(default_factory=list)


def export_platform(
    reads: SharedReads,
    instances: Collection[str] = (),
    threads: int = 10,
    extension_keys: Sequence[str] = EXTENSION_KEYS,
) -> Export:
    """Describe a platform, or only those of its instances that names or globs select.

    Raises :class:`TpopsError` where the instances cannot be listed. All other errors are a part of the answer.
    """
    for part in PARTS:
        # Imported here, and not by several threads at a time.
        spec_of(part)
    return _Exporter(reads, Selection(instances), threads, extension_keys).export()


class _Exporter:
    def __init__(self, reads: SharedReads, selection: Selection, threads: int, extension_keys: Sequence[str]) -> None:
        self._reads = reads
        self._selection = selection
        self._threads = threads
        self._reader = DescriptionReader(reads, extension_keys)
        self._found = Export()
        self._whole = not selection.instances

    def export(self) -> Export:
        listed = self._reader.list_objects(part_named(INSTANCES))
        named = self._named(listed)
        self._found.matched = self._selection.matched(named)
        work = list(self._work({name: named[name] for name in named if self._selection.takes_instance(name)}))
        with ThreadPoolExecutor(self._threads) as pool:
            described = list(pool.map(self._describe, work))
        estate = self._assemble(work, described)
        self._found.notes += leave_out(estate, self._reads, self._threads)
        self._write(estate, file_names(named))
        return self._found

    def _named(self, listed: Sequence[Seen]) -> dict[str, Seen]:
        """Return the instances by name. Those without one, or with that of another one, cannot be described."""
        by_name: dict[str, list[Seen]] = {}
        for seen in listed:
            by_name.setdefault(str(seen.values["name"] or ""), []).append(seen)
        for name, same in sorted(by_name.items()):
            if (len(same) > 1 or not name) and (self._whole or self._selection.takes_instance(name)):
                problem = f"have the name {name}; rename all but one" if name else "have no name"
                ids = sorted(str(seen.values["id"]) for seen in same)
                self._fail("", INSTANCES, f"the instances {', '.join(ids)} {problem}")
        return {name: same[0] for name, same in sorted(by_name.items()) if name and len(same) == 1}

    def _work(self, selected: Mapping[str, Seen]) -> Iterator[_Unit]:
        """Yield all that can be read at the same time."""
        if self._whole:
            for part in children_of(""):
                if part.name != INSTANCES:
                    yield _Unit("", part, partial(self._reader.describe, part, {}))
        for name, seen in selected.items():
            itself = part_named(INSTANCES)
            yield _Unit(name, itself, partial(self._reader.describe_objects, itself, {}, [seen]))
            if problem_of(itself, seen.values):
                continue
            if seen.values["running"] is False:
                self._found.notes.append(Note(name, "", STOPPED))
                continue
            scope = {"instance": name, "instance_id": seen.values["id"]}
            for part in children_of(INSTANCES):
                yield _Unit(name, part, partial(self._reader.describe, part, scope))

    def _describe(self, unit: _Unit) -> Described | str:
        try:
            return unit.read()
        except TpopsError as error:
            return error.message
        except Exception as error:  # A bug of the collection must not hide the other parts, and its text may be long.
            where = traceback.extract_tb(error.__traceback__)[-1]
            place = f"{where.filename.rpartition('/')[2]}:{where.lineno}"
            return f"Internal error of the export: {type(error).__name__} at {place}. Please report it"

    def _fail(self, instance: str, part: str, reason: str) -> None:
        self._found.failures.append({"instance": instance, "part": part, "reason": reason})

    def _assemble(self, work: Sequence[_Unit], described: Sequence[Described | str]) -> dict[str, Any]:
        """Return the description, with the options and the parts of each object in their order."""
        estate: dict[str, Any] = {}
        instances: dict[str, dict[str, Any]] = {}
        for unit, found in zip(work, described):
            part, is_instance = unit.part, unit.part.name == INSTANCES
            if isinstance(found, str):
                self._fail(unit.instance, part.name, found)
                found = Described([{"name": unit.instance}] if is_instance else None)
            owner = "" if is_instance and not found.value else unit.instance
            self._found.notes += [Note(owner, "" if owner and is_instance else part.name, note) for note in found.notes]
            if is_instance and found.value:
                instances[unit.instance] = dict(found.value[0])
            elif found.value:
                holder = instances.get(unit.instance) if unit.instance else estate
                value = _without_the_same(part, found.value, holder or {})
                if holder is not None and value:
                    holder[part.name] = value
        if instances:
            estate[INSTANCES] = list(instances.values())
        return estate

    def _write(self, estate: Mapping[str, Any], paths: Mapping[str, str]) -> None:
        entries = {str(entry["name"]): entry for entry in estate.get(INSTANCES, ())}
        holders = {paths[name]: (name, entry) for name, entry in entries.items()}
        if self._whole:
            platform = {name: value for name, value in estate.items() if name != INSTANCES}
            holders = {SITE: ("", platform), **holders}
        unread = {failure["instance"] for failure in self._found.failures}
        names = secret_names(holder for owner, holder in holders.values() if owner not in unread)
        for path, (owner, holder) in holders.items():
            if owner in unread:
                self._found.unread.append(path)
                continue
            notes = [note for note in self._found.notes if note.instance == owner]
            self._found.files[path] = render(INSTANCES if owner else "", holder, notes, names)
        self._found.instances = [name for name in entries if name not in unread]
        self._found.secrets = sorted(names.values())


@dataclass(frozen=True)
class _Unit:
    """A part of the platform or of an instance, and how it is read."""

    instance: str
    part: Part
    read: Callable[[], Described]


def _without_the_same(part: Part, value: Any, holder: Mapping[str, Any]) -> Any:
    """Return the settings of a part without those that its twin has: each belongs into one of the two."""
    twin = holder.get(part.same_as)
    return {name: each for name, each in value.items() if name not in twin} if twin else value
