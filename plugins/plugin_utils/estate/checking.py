# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""All that is wrong with the tasks of a description, as far as their modules know it before any call.

A module stops at the first error. Here its checks are made for each object by itself, so that all errors are found.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any, cast

from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.estate import PARTS, Form, Part, keys_of, part_named
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.estate_tasks import Task
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine import arguments
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.context import Context
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.item import Item
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.options import Field
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.planning import build_items, duplicates
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import Resource, Rules, options_of
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.waiting import Waiter
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.client import Client
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import InputError

from .fields import typed_values
from .options import field_beside, fields_of, option_of, spec_of
from .problems import Problem, of_error

# No hook that runs before the first call needs either.
_NOBODY = cast(Client, None)
_NEVER = cast(Waiter, None)


def check_tasks(tasks: Sequence[Task]) -> Iterator[Problem]:
    """Yield the problems of all tasks of a description."""
    objects: dict[tuple[Any, ...], list[Item]] = {}
    for task in tasks:
        part = task.part
        items, problems = _Check(task).run()
        yield from problems
        # Of a list with a task for each entry the objects are in several tasks.
        place = task.path.rpartition("[")[0] if part.form is Form.EACH else task.path
        where = tuple(str(task.arguments.get(name)) for name in ("instance", "database", *part.within))
        objects.setdefault((part, place, *where), []).extend(items)
    for (part, *_where), items in objects.items():
        spec = spec_of(part)
        if isinstance(spec, Resource) and not spec.single:
            for error in duplicates(spec, items):
                yield of_error(error, str(error.option))


class _Check:
    """The check of one task."""

    def __init__(self, task: Task) -> None:
        self.task = task
        self.spec = spec_of(task.part)
        self.problems: list[Problem] = []

    def run(self) -> tuple[list[Item], list[Problem]]:
        """Return the objects that passed, each with its path in the description, and the problems."""
        part, spec = self.task.part, self.spec
        fields = _fields(part)
        errors: list[InputError] = []
        values = arguments.drop_unset(fields, self.task.arguments, errors)
        self._take(errors)
        typed = typed_values(fields, values, self.problems, more=keys_of(part.name))
        if part.form is not Form.WHOLE:
            # What an object is inside of is named by the description itself.
            parents = spec.parent.required_one_of if spec.parent and not part.parent else ()
            known = {problem.path for problem in self.problems}
            self.problems.extend(_rule_problems(spec.rules, parents, typed, known))
        self._take(arguments.value_problems(fields, typed))
        self._take(arguments.sendable_problems(fields, typed))
        if not (isinstance(spec, Resource) and typed.get("state") in spec.absent_states):
            wrong = {problem.path for problem in self.problems}
            new = arguments.value_problems(fields, typed, new=True)
            self._take((error for error in new if error.option not in wrong), warning=True)
        items = [item for place, piece in self._pieces(typed) for item in self._build(place, piece)]
        located = [replace(problem, path=self.task.locate(problem.path)) for problem in self.problems]
        return items, located

    def _take(self, errors: Iterable[InputError], warning: bool = False) -> None:
        self.problems.extend(replace(of_error(error, str(error.option)), warning=warning) for error in errors)

    def _pieces(self, values: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Yield the arguments for each object of the task by itself, with the place of the object in the task."""
        option = self.task.part.option
        whole = values.get(option) if option else None
        if isinstance(whole, Mapping):
            yield from ((f"{option}.{key}", {**values, option: {key: value}}) for key, value in whole.items())
        elif whole is not None:
            yield from ((f"{option}[{index}]", {**values, option: [entry]}) for index, entry in enumerate(whole))
        elif not option:
            yield "", values

    def _build(self, place: str, values: Mapping[str, Any]) -> list[Item]:
        bad = [problem.path for problem in self.problems if not problem.warning]
        if any(path == place or path.startswith((f"{place}.", f"{place}[")) or not place for path in bad):
            return []
        try:
            params = arguments.complete_values(options_of(self.spec), values)
            items = build_items(self.spec, Context(self.task.part.module, params, _NOBODY, _NEVER, check_mode=True))
        except InputError as error:
            # The only object of the piece is the first one there.
            first = f"{self.task.part.option}[0]"
            option, *others = (name.replace(first, place) for name in error.options)
            problem = of_error(error, option or place, [self.task.locate(name) for name in others])
            self.problems.append(replace(problem, text=problem.text.replace(first, self.task.locate(place))))
            return []
        for item in items:
            item.path = f"{self.task.locate(place)}."
        return [item for item in items if not item.member]


@cache
def _fields(part: Part) -> tuple[Field, ...]:
    """Return the options that a task of the part may have."""
    options = {each.name: each for each in options_of(spec_of(part))}
    scope = [options[name] for above in PARTS if above.name == part.parent for name in above.scope]
    if part.parent and part_named(part.parent).parent:
        scope += [options[name] for name in part_named(part_named(part.parent).parent).scope]
    own = (option_of(part), *(field_beside(part, key) for key in part.beside)) if part.option else fields_of(part)
    return (*scope, *own)


def _rule_problems(
    rules: Rules, parents: Sequence[Sequence[str]], values: Mapping[str, Any], known: Collection[str]
) -> Iterator[Problem]:
    """Yield what the rules between options say, which are Ansible's. ``known`` are the options with a problem."""
    for group in (*parents, *rules.required_one_of):
        if not any(values.get(name) is not None or name in known for name in group):
            yield Problem(group[0], f"required, or {' or '.join(group[1:])}" if group[1:] else "required")
    for group in rules.mutually_exclusive:
        given = [name for name in group if values.get(name) is not None]
        if len(given) > 1:
            yield Problem(given[1], f"cannot be used together with {given[0]}")
    for option, value, needed, *_any in rules.required_if:
        if values.get(option) == value:
            yield from (Problem(name, f"required with {option}={value}") for name in needed if values.get(name) is None)
