# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Reads what a platform has, as the options that describe it.

The objects are those that the modules compare their options with, read in the same way, and each option has the value
that it would be compared with. So all that is known here comes from the table of the estate and from the specs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast

from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.estate import INSTANCES, Form, Part, children_of
from ansible_collections.gaussdb.tpops.plugins.module_utils.domain.estate_tasks import PAIR, spell
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.compare import EMPTY
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.context import Context, Parent
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.item import Item
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.observation import (
    calls_of,
    read_all,
    read_one,
    take_over,
)
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.options import Field, Role
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.planning import HIDDEN, describe_failure, is_failed
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import Find, Resource, options_of
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.waiting import Waiter, WaitPolicy
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.client import Client, Connection
from ansible_collections.gaussdb.tpops.plugins.module_utils.http.errors import TpopsError
from ansible_collections.gaussdb.tpops.plugins.module_utils.util.values import as_int

from .options import fields_of, option_of, spec_of
from .reading import UNSEEN
from .reads import SharedReads, TaskClient

# No hook that lists or describes looks at it.
_NOWHERE = cast(Connection, None)
_GOING = "deleting"


class Secret(str):
    """Stands for a secret, which no platform shows. It passes the rules for passwords, because it says nothing.

    ``place`` names whose secret it is, from the outside to the inside.
    """

    place: tuple[str, ...]

    def __new__(cls, *place: str) -> Secret:
        secret = super().__new__(cls, UNSEEN)
        secret.place = place
        return secret


class ExplainedError(TpopsError):
    """A read failed, and the module knows the reason, which stays."""


@dataclass
class Described:
    """What describes a part: nothing, a list or a dictionary. ``notes`` say what cannot be described, and why."""

    value: Any = None
    notes: list[str] = field(default_factory=list)


class DescriptionReader:
    """Reads the parts of one platform. For use by several threads.

    ``extension_keys`` are the keys of the extended information that are read.
    """

    def __init__(self, reads: SharedReads, extension_keys: Sequence[str]) -> None:
        self._reads = reads
        self._extension_keys = extension_keys

    def list_objects(self, part: Part) -> list[Seen]:
        """Return all objects of a part of the platform. Raises :class:`TpopsError`."""
        return _listed(part, self._context(part, {}))

    def describe(self, part: Part, scope: Mapping[str, Any]) -> Described:
        """Return what describes a part. ``scope`` has the options that say what it is inside of.

        Raises :class:`TpopsError` where something could not be read.
        """
        keys: Sequence[Mapping[str, Any]] = [{}]
        if part.form is Form.PAIRS:
            keys = [{PAIR[0]: key} for key in self._extension_keys]
        found = Described()
        if part.shown_by:
            try:
                contexts = [self._context(part, {**scope, **key}) for key in keys]
                found = self.describe_objects(part, scope, [seen for ctx in contexts for seen in _listed(part, ctx)])
            except ExplainedError as error:
                found.notes.append(error.message)
        if part.hidden:
            found.notes.append(part.hidden)
        return found

    def describe_objects(self, part: Part, scope: Mapping[str, Any], objects: Sequence[Seen]) -> Described:
        """Return what describes some objects of a part. Raises :class:`TpopsError`."""
        found = Described()
        entries: list[dict[str, Any]] = []
        shown: list[Mapping[str, Any]] = []
        for seen in objects:
            problem = problem_of(part, seen.values)
            if problem:
                found.notes.append(f"{problem}, so it is not described")
                continue
            for values in _as_described(part, seen):
                entry = _entry(part, values, scope)
                if not any(re.fullmatch(made, str(entry.get(option))) for option, made in part.made.items()):
                    entries.append(entry)
                    shown.append(values)
        found.notes.sort()
        found.notes += _gaps(part, entries, shown)
        entries.sort(key=lambda entry: list(map(str, entry.values())))
        if part.name != INSTANCES:
            for entry in entries:
                self._add_children(part, scope, entry, found)
        found.value = _formed(part, entries)
        return found

    def _add_children(self, part: Part, scope: Mapping[str, Any], entry: dict[str, Any], found: Described) -> None:
        inside = {**scope, **{option: entry.get(key) for option, key in part.scope.items()}}
        for child in children_of(part.name):
            described = self.describe(child, inside)
            if described.value:
                entry[child.name] = described.value
            found.notes += [f"{child.name} of {_label(entry)}: {note}" for note in described.notes]

    def _context(self, part: Part, scope: Mapping[str, Any]) -> Context:
        client = cast(Client, TaskClient(self._reads, _NOWHERE))
        params = {**{each.name: each.default for each in options_of(spec_of(part))}, **scope}
        ctx = Context(part.module, params, client, Waiter(client, WaitPolicy(wait=False)))
        if part.parent:
            ctx.parent = Parent(scope["instance_id"], scope["instance"])
        return ctx


@dataclass(frozen=True)
class Seen:
    """An object as it is listed, and the context in which more can be read of it."""

    ctx: Context
    values: Mapping[str, Any]


def _listed(part: Part, ctx: Context) -> list[Seen]:
    spec = spec_of(part)
    if spec.hooks.described_from:
        return [Seen(ctx, each) for each in ctx.items(spec.hooks.described_from(ctx))]
    if spec.find is None:
        raise LookupError(f"{part.module} lists nothing")
    find = _explaining(spec.find)
    calls = calls_of(find, ctx)
    one = spec.single and find.select is None
    take_over(find, ctx, read_one(find, ctx, calls) if one else read_all(find, ctx, calls))
    return [Seen(ctx, each) for each in ctx.found]


def _explaining(find: Find) -> Find:
    """Return how objects are read, with errors of their own for what the module explains."""
    ask = find.on_error
    if ask is None:
        return find

    def explain(ctx: Context, error: TpopsError) -> bool:
        try:
            return ask(ctx, error)
        except TpopsError as explained:
            raise ExplainedError(explained.message) from error

    return replace(find, on_error=explain)


def problem_of(part: Part, values: Mapping[str, Any]) -> str | None:
    """Return why an object cannot be described: the platform has failed to make it, or removes it."""
    spec = spec_of(part)
    if not isinstance(spec, Resource) or spec.status is None:
        return None
    item = Item({}, str(values.get("name") or values.get("id")), current=values)
    going = str(values.get(spec.status.attribute)).casefold() == _GOING
    return describe_failure(spec, item) if going or is_failed(spec, item) else None


def _as_described(part: Part, seen: Seen) -> Sequence[Mapping[str, Any]]:
    describe = spec_of(part).hooks.describe
    return describe(seen.ctx, seen.values) if describe else [seen.values]


# From attributes to options


def _options_of(part: Part) -> Sequence[Field]:
    """Return the options of one entry."""
    return spec_of(part).fields if _is_dictionary(part) else fields_of(part)


def _is_dictionary(part: Part) -> bool:
    return part.form is Form.WHOLE and option_of(part).type == "dict"


def _entry(part: Part, values: Mapping[str, Any], scope: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options of an object, without the ID that the platform has given it, and without what is empty: that
    is the same as what is not given."""
    entry: dict[str, Any] = {}
    for each in _options_of(part):
        if not each.is_option or each.attribute == "id":
            continue
        value = values.get(each.attribute)
        if each.no_log and (value == HIDDEN or each.required_to_create):
            # Its name is filled in below.
            value = HIDDEN
        if value not in EMPTY:
            entry[each.name] = _plain(each, value)
    place = [str(scope["instance"])] if scope else []
    return {name: Secret(*place, _label(entry), name) if value == HIDDEN else value for name, value in entry.items()}


def _plain(each: Field, value: Any) -> Any:
    """Return a value as people would write it."""
    if isinstance(value, Mapping):
        inside = {one.name: (one, value.get(one.attribute)) for one in each.fields}
        return {name: _plain(one, part) for name, (one, part) in inside.items() if part not in EMPTY}
    if isinstance(value, (list, tuple)):
        return [_plain(each, entry) for entry in value]
    if each.type == "raw" and isinstance(value, str):
        number = as_int(value)
        return number if str(number) == value else value
    return spell(value, each.choices) if each.choices and isinstance(value, str) else value


def _formed(part: Part, entries: Sequence[Mapping[str, Any]]) -> Any:
    """Return entries in the form of their part; ``None`` for nothing."""
    if not entries:
        return None
    if part.form is Form.ONE:
        return dict(entries[0])
    if part.form is Form.PAIRS or _is_dictionary(part):
        pairs = [tuple(entry.values()) for entry in entries]
        return {str(pair[0]): pair[1] for pair in pairs if len(pair) > 1} or None
    return list(entries)


def _label(entry: Mapping[str, Any]) -> str:
    return str(entry.get("name") or next(iter(entry.values()), ""))


# What is not shown


def _gaps(part: Part, entries: Sequence[Mapping[str, Any]], shown: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yield what the platform does not show of the objects of a part."""
    if not entries:
        return
    options = [each for each in _options_of(part) if each.is_option and not each.no_log]
    known = {name for values in shown for name in values}
    groups = spec_of(part).rules.mutually_exclusive
    said = {name for group in groups if known & set(group) for name in group}
    hidden = [each.name for each in options if each.role is Role.WRITE_ONLY and each.attribute not in known | said]
    if not part.hidden:
        hidden += [name for name in part.not_shown if name not in known]
    if hidden:
        yield f"the platform does not show {', '.join(hidden)}"
    for each in options:
        if each.name in part.local and any(each.name in entry for entry in entries):
            yield f"{each.name} has IDs of this platform, which stand for nothing on another one"
        without = sorted(_label(entry) for entry in entries if each.required_to_create and each.name not in entry)
        if without:
            yield f"the platform does not show {each.name} of {', '.join(without)}, which is needed to create it again"
