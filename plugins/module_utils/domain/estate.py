# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The estate: the description of one platform, and the one table of what its parts are.

Modules are named by text, because the table is below them. :func:`expand` makes the tasks of a description; whoever
reads, validates, plans or converges an estate goes by the table and by that.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from ..api.database_user import BUILTIN_USERS
from ..api.operation import without_none
from ..engine.checks import TEMPLATE_DATABASES
from .topology import HOST_LISTS

INSTANCES = "instances"


class Form(Enum):
    """How the tasks of a module come from a part."""

    # The part is one option of one task: a list of objects, or a dictionary of values.
    WHOLE = "whole"
    # The part is a list: each entry holds the options of a task.
    EACH = "each"
    # The part is a dictionary: it holds the options of one task.
    ONE = "one"
    # The part is a dictionary: one task for each key with its value.
    PAIRS = "pairs"


@dataclass(frozen=True)
class Reference:
    """An option that names an object which another part describes."""

    # The option; one inside another one as ``outer.inner``.
    option: str
    # The parts that may describe the object, each with the option that names it there.
    to: Sequence[tuple[str, str]]
    # Matches the names of what exists without a description.
    known: str = ""
    # The values that the entry must have for the option to be a reference.
    only: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Part:
    """One kind of object in a description."""

    # The key in the description.
    name: str
    # The module that makes it so.
    module: str
    # How the tasks of the module come from it.
    form: Form
    # The role with that task.
    role: str
    # The part whose entries hold it; none for a part of the platform.
    parent: str = ""
    # The option that the part is, for a part that is one option.
    option: str = ""
    # The options of the task that are keys next to the part, by key.
    beside: Mapping[str, str] = field(default_factory=dict)
    # The key next to the part with the values of all entries that give none of their own.
    defaults: str = ""
    # The options of the tasks of its children that come from an entry, by option.
    scope: Mapping[str, str] = field(default_factory=dict)
    # The options of the module that no description holds, because they are about one moment.
    without: Sequence[str] = ()
    # The options without which an entry says nothing to people.
    required: Sequence[str] = ()
    # The options that say where an object is: its name is unique only there.
    within: Sequence[str] = ()
    # The values of the option ``state`` that a description may hold; without any, all that the module has.
    states: Sequence[str] = ()
    # The words of options that another module spells in another case: either spelling is accepted.
    spelled: Mapping[str, Sequence[str]] = field(default_factory=dict)
    # Groups of options whose values belong to one entry only, such as the hosts of an instance.
    exclusive: Sequence[Sequence[str]] = ()
    # The options that name what other parts describe.
    references: Sequence[Reference] = ()
    # The part with the same settings, each of which belongs into one of the two.
    same_as: str = ""
    # The options, besides those that are only ever written, that the platform does not show: they cannot be compared.
    not_shown: Sequence[str] = ()

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys that the part takes where it is described."""
        return (self.name, *self.beside, *filter(None, (self.defaults,)))


# Accounts that have the platform or the engine as their maker.
_ACCOUNTS = (("users", "name"), ("roles", "name"))
_MADE_ACCOUNTS = "|".join((*BUILTIN_USERS.values(), "public", "gs_.*", "pg_.*"))
_MADE_DATABASES = "|".join(TEMPLATE_DATABASES)
_IN_INSTANCE: dict[str, Any] = {"parent": INSTANCES}
_NAMED: dict[str, Any] = {"required": ("name",)}

PARTS = (
    Part("data_centers", "gaussdb_data_center", Form.WHOLE, "hosts", option="data_centers"),
    Part("key_pairs", "gaussdb_key_pair", Form.EACH, "hosts", **_NAMED),
    Part(
        "hosts",
        "gaussdb_host",
        Form.WHOLE,
        "hosts",
        option="hosts",
        defaults="host_defaults",
        spelled={"os_type": ("kylin", "uniontech"), "cpu_spec": ("intel", "hygon", "kunpeng")},
        exclusive=(("data_ip",), ("virtual_ip",)),
        references=(
            Reference("data_center", (("data_centers", "name"),)),
            Reference("key_pair", (("key_pairs", "name"),)),
        ),
    ),
    Part(
        INSTANCES,
        "gaussdb_instance",
        Form.EACH,
        "instance",
        **_NAMED,
        defaults="instance_defaults",
        scope={"instance": "name", "instance_id": "instance_id"},
        states=("present", "absent", "started", "stopped"),
        spelled={"os_type": ("Kylin", "UnionTech"), "cpu_spec": ("Intel", "Kunpeng", "Hygon")},
        exclusive=(HOST_LISTS, ("float_ip",)),
        references=(
            *(Reference(name, (("hosts", "manage_ip"),)) for name in HOST_LISTS),
            Reference("component_distributions.ip", (("hosts", "manage_ip"),)),
        ),
    ),
    Part(
        "parameters",
        "gaussdb_parameter",
        Form.WHOLE,
        "instance",
        **_IN_INSTANCE,
        option="parameters",
        beside={"parameter_restart": "restart"},
    ),
    Part("extensions", "gaussdb_instance_extension", Form.PAIRS, "instance", **_IN_INSTANCE),
    Part("dr_log_keep", "gaussdb_dr_log_keep", Form.ONE, "instance", **_IN_INSTANCE, not_shown=("log_keep_percent",)),
    Part("backup_policy", "gaussdb_backup_policy", Form.ONE, "backup", **_IN_INSTANCE),
    Part("backup_config", "gaussdb_backup_config", Form.ONE, "backup", **_IN_INSTANCE, same_as="backup_policy"),
    Part("roles", "gaussdb_role", Form.WHOLE, "database", **_IN_INSTANCE, option="roles"),
    Part(
        "users",
        "gaussdb_user",
        Form.WHOLE,
        "database",
        **_IN_INSTANCE,
        option="users",
        beside={"update_password": "update_password", "update_attributes": "update_attributes"},
    ),
    Part(
        "databases",
        "gaussdb_database",
        Form.WHOLE,
        "database",
        **_IN_INSTANCE,
        option="databases",
        scope={"database": "name"},
        references=(Reference("owner", _ACCOUNTS, _MADE_ACCOUNTS),),
    ),
    Part(
        "schemas",
        "gaussdb_schema",
        Form.WHOLE,
        "database",
        parent="databases",
        option="schemas",
        references=(Reference("owner", _ACCOUNTS, _MADE_ACCOUNTS),),
    ),
    Part(
        "privileges",
        "gaussdb_privilege",
        Form.WHOLE,
        "database",
        **_IN_INSTANCE,
        option="privileges",
        references=(
            Reference("grantee", _ACCOUNTS, _MADE_ACCOUNTS),
            Reference("owner", _ACCOUNTS, _MADE_ACCOUNTS),
            Reference("objects", _ACCOUNTS, _MADE_ACCOUNTS, only={"type": "role"}),
            Reference("database", (("databases", "name"),), _MADE_DATABASES),
        ),
        # Memberships (type=role) and most attributes are shown.
        not_shown=("privileges", "grant_option"),
    ),
    Part("sql_throttles", "gaussdb_sql_throttle", Form.EACH, "database", **_IN_INSTANCE, **_NAMED),
    Part("sql_patches", "gaussdb_sql_patch", Form.EACH, "database", **_IN_INSTANCE, within=("node_id",)),
    Part("inspection_scenes", "gaussdb_inspection_scene", Form.EACH, "estate", **_NAMED),
    Part(
        "inspections",
        "gaussdb_inspection",
        Form.EACH,
        "estate",
        **_NAMED,
        without=("max_age",),
        references=(Reference("instances", ((INSTANCES, "name"), (INSTANCES, "instance_id"))),),
    ),
    Part(
        "alarm_policies",
        "gaussdb_alarm_policy",
        Form.EACH,
        "estate",
        exclusive=(("targets",),),
        references=tuple(
            Reference(name, ((INSTANCES, "name"), (INSTANCES, "instance_id"))) for name in ("source", "targets")
        ),
        not_shown=("source", "targets"),
    ),
    Part(
        "dbmind_instances",
        "gaussdb_dbmind_instance",
        Form.EACH,
        "estate",
        exclusive=(("instances",),),
        references=(Reference("instances", ((INSTANCES, "name"), (INSTANCES, "instance_id"))),),
    ),
)
# In states in which nothing inside of an instance can be read or changed.
IDLE_STATES = ("absent", "stopped")
# What holds the name and the value of a part with one task for each key.
PAIR = ("key", "value")


def part_named(name: str) -> Part:
    return next(part for part in PARTS if part.name == name)


def children_of(name: str) -> tuple[Part, ...]:
    """Return the parts inside of an entry of a part, or those of the platform for ``""``, in the order in which they
    are converged."""
    return tuple(part for part in PARTS if part.parent == name)


def keys_of(name: str) -> tuple[str, ...]:
    """Return the keys that the children of a part, or the parts of the platform, take."""
    return tuple(key for part in children_of(name) for key in part.keys)


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

    Entries that are null are left out. So is what is inside of an instance that should not exist or not run, except
    with ``everything``.
    """
    yield from _expand("", estate, "", {}, everything)


def _expand(
    parent: str, holder: Mapping[str, Any], path: str, scope: Mapping[str, Any], everything: bool
) -> Iterator[Task]:
    for part in children_of(parent):
        value = holder.get(part.name)
        if value is None:
            continue
        place = f"{path}.{part.name}" if path else part.name
        if part.form is Form.ONE:
            yield Task(part, {**value, **scope}, place)
        elif part.form is Form.PAIRS:
            for name, entry in value.items():
                yield Task(part, {**dict(zip(PAIR, (name, entry))), **scope}, f"{place}.{name}")
        elif isinstance(value, Mapping):
            yield Task(part, {**_options_beside(part, holder), part.option: value, **scope}, place)
        else:
            yield from _expand_list(part, holder, place, scope, everything)


def _expand_list(
    part: Part, holder: Mapping[str, Any], place: str, scope: Mapping[str, Any], everything: bool
) -> Iterator[Task]:
    entries = {index: entry for index, entry in enumerate(holder[part.name]) if entry is not None}
    inherited = {
        index: frozenset(key for key in holder.get(part.defaults) or () if entry.get(key) is None)
        for index, entry in entries.items()
    }
    full = {index: complete_entry(part, holder, entry) for index, entry in entries.items()}
    inside = keys_of(part.name)
    own = {index: {key: entry[key] for key in entry if key not in inside} for index, entry in full.items()}
    defaults = _beside(place, part.defaults)
    if part.form is Form.WHOLE and own:
        yield Task(
            part,
            {**_options_beside(part, holder), part.option: list(own.values()), **scope},
            place,
            inherited,
            defaults,
        )
    for index, entry in full.items():
        where = f"{place}[{label_of(part, holder[part.name], index)}]"
        if part.form is Form.EACH:
            yield Task(part, {**own[index], **scope}, where, {index: inherited[index]}, defaults)
        if everything or entry.get("state") not in IDLE_STATES:
            names = {option: entry[key] for option, key in part.scope.items() if entry.get(key) is not None}
            yield from _expand(part.name, entry, where, {**scope, **names}, everything)


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


def label_of(part: Part, entries: Sequence[Any], index: int) -> str:
    """Return what stands for an entry in a path: the name of an instance, else the position."""
    if part.name != INSTANCES:
        return str(index)
    names = [str(entry["name"]) if isinstance(entry, Mapping) and entry.get("name") else None for entry in entries]
    name = names[index]
    return name if name and name not in names[:index] else str(index)


def by_role(estate: Mapping[str, Any], instance: str | None = None) -> dict[str, dict[str, Any]]:
    """Return what a description says of the platform without its instances, or of one instance, by the roles that
    converge it: without null, with the defaults in each entry, and with the words of the modules.

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
    parts = [part for part in children_of(level) if part.name != INSTANCES]
    roles: dict[str, dict[str, Any]] = {part.role: {} for part in parts}
    for part in parts:
        roles[part.role] |= {key: holder[key] for key in part.beside if key in holder}
        if part.name in holder:
            value = holder[part.name]
            if isinstance(value, list):
                value = [complete_entry(part, plain, entry) for entry in value if entry is not None]
            roles[part.role][part.name] = value
    if instance is not None:
        inside = keys_of(INSTANCES)
        roles[part_named(INSTANCES).role] |= {key: value for key, value in holder.items() if key not in inside}
    return roles


def _first_of(option: str) -> str:
    return re.split(r"[.\[]", option, maxsplit=1)[0]


def _options_beside(part: Part, holder: Mapping[str, Any]) -> dict[str, Any]:
    return {option: holder[key] for key, option in part.beside.items() if holder.get(key) is not None}


def _beside(path: str, key: str) -> str:
    before, dot, _name = path.rpartition(".")
    return before + dot + key
