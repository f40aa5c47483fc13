# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""All that is wrong with the tasks of a description, as far as their modules know it before any call.

A module stops at the first error. Here its checks are made for each object by itself, so that all errors are found.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, cast

from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.estate import PARTS, Form, Part, keys_of, part_named
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.estate_tasks import Task
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.arguments import complete_values
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.context import Context
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.item import Item
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.options import Fields
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.planning import build_items, duplicates
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import Action, Resource, Rules, options_of
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.waiting import Waiter
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.client import Client
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import InputError

from .fields import check_options
from .options import field_beside, fields_of, option_of, spec_of
from .problems import Problem, of_error

# No hook that runs before the first call needs either.
_NOBODY = cast(Client, None)
_NEVER = cast(Waiter, None)


@dataclass(frozen=True)
class Checked:
    """A task of a description with its arguments in their types, and what its module makes of them before the first
    call."""

    task: Task
    # The arguments with all defaults; without those about the connection.
    params: Mapping[str, Any] = field(default_factory=dict)
    # The objects as they should be.
    items: Sequence[Item] = ()

    @classmethod
    def of(cls, task: Task) -> Checked:
        """Raises :class:`InputError` for the first object that cannot be."""
        params = complete_values(options_of(spec_of(task.part)), task.arguments)
        return cls(task, params, _items(task.part, params))

    def changed(self, **arguments: Any) -> Checked:
        """Return the task with other arguments, in their types; ``None`` leaves one out."""
        part = self.task.part
        defaults = options_of(spec_of(part)).defaults
        merged = {**self.task.arguments, **arguments}
        task = replace(self.task, arguments={name: each for name, each in merged.items() if each is not None})
        params = {**self.params, **{name: defaults[name] if each is None else each for name, each in arguments.items()}}
        return Checked(task, params, _items(part, params))


def _items(part: Part, params: Mapping[str, Any]) -> list[Item]:
    return build_items(spec_of(part), Context(part.module, params, _NOBODY, _NEVER, check_mode=True))


def check_tasks(tasks: Sequence[Task], problems: list[Problem]) -> list[Checked]:
    """Return what the modules make of all tasks of a description. ``problems`` gets all that is wrong."""
    checks = [_Check(task) for task in tasks]
    found = []
    alike: dict[tuple[Any, ...], list[tuple[_Check, Checked]]] = {}
    for check in checks:
        checked = check.run()
        problems.extend(check.located())
        found.append(checked)
        # Of a list with a task for each entry the objects are in several tasks.
        task = check.task
        place = task.path.rpartition("[")[0] if task.part.form is Form.EACH else task.path
        where = tuple(str(task.arguments.get(name)) for name in ("instance", "database", *task.part.within))
        alike.setdefault((task.part, place, *where), []).append((check, checked))
    for (part, *_where), those in alike.items():
        if any(_duplicates(spec_of(part), [item for _check, checked in those for item in checked.items])):
            items = [item for check, _checked in those for item in check.located_items()]
            problems.extend(of_error(error, str(error.option)) for error in _duplicates(spec_of(part), items))
    return found


def _duplicates(spec: Resource | Action, items: Sequence[Item]) -> Iterator[InputError]:
    """Yield an error for each object with the name of another one, where objects have names in the description."""
    if isinstance(spec, Resource) and not spec.single:
        yield from duplicates(spec, [item for item in items if not item.member])


class _Check:
    """The check of one task."""

    def __init__(self, task: Task) -> None:
        self.task = task
        self.spec = spec_of(task.part)
        self.problems: list[Problem] = []
        self._typed = task

    def run(self) -> Checked:
        part, spec = self.task.part, self.spec
        given = self.task.arguments
        new = not (isinstance(spec, Resource) and given.get("state") in spec.absent_states)
        typed = check_options(_fields(part), given, self.problems, more=keys_of(part.name), new=new)
        self._typed = replace(self.task, arguments=typed)
        # What an object is inside of is named by the description itself.
        parents = spec.parent.required_one_of if spec.parent and not part.parent else ()
        known = {problem.path for problem in self.problems}
        self.problems.extend(_rule_problems(spec.rules, parents, typed, known))
        if all(problem.warning for problem in self.problems):
            try:
                return Checked.of(self._typed)
            except InputError as error:
                # One of the objects is refused, which may not be the only one.
                items = self.located_items()
                if all(problem.warning for problem in self.problems) and not any(_duplicates(spec, items)):
                    self.problems.append(of_error(error, str(error.option)))
                return Checked(self._typed, items=items)
        return Checked(self._typed, items=self.located_items())

    def located(self) -> list[Problem]:
        """Return the problems by their paths in the description."""
        return [replace(problem, path=self.task.locate(problem.path)) for problem in self.problems]

    def located_items(self) -> list[Item]:
        """Return the objects that pass, each with its path in the description; the others become problems."""
        return [
            item for place, piece in self._pieces(self._typed.arguments) for item in self._located_items(place, piece)
        ]

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

    def _located_items(self, place: str, values: Mapping[str, Any]) -> list[Item]:
        bad = [problem.path for problem in self.problems if not problem.warning]
        if any(path == place or path.startswith((f"{place}.", f"{place}[")) or not place for path in bad):
            return []
        try:
            items = Checked.of(replace(self.task, arguments=values)).items
        except InputError as error:
            # The only object of the piece is the first one there.
            first = f"{self.task.part.option}[0]"
            option, *others = (name.replace(first, place) for name in error.options)
            problem = of_error(error, option or place, [self.task.locate(name) for name in others])
            self.problems.append(replace(problem, text=problem.text.replace(first, self.task.locate(place))))
            return []
        for item in items:
            item.path = f"{self.task.locate(place)}."
        return list(items)


@cache
def _fields(part: Part) -> Fields:
    """Return the options that a task of the part may have."""
    options = {each.name: each for each in options_of(spec_of(part))}
    scope = [options[name] for above in PARTS if above.name == part.parent for name in above.scope]
    if part.parent and part_named(part.parent).parent:
        scope += [options[name] for name in part_named(part_named(part.parent).parent).scope]
    own = (option_of(part), *(field_beside(part, key) for key in part.beside)) if part.option else fields_of(part)
    return Fields((*scope, *own))


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
