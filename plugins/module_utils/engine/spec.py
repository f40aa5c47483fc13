# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a module declares: its options, what it reads, and how it writes.

Everything here is data. The planner and the flow give it meaning, the same for every module.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar

from ..api.operation import Call
from ..api.shape import Attr, Shape
from ..http.errors import TpopsError
from .context import Context, Parent
from .item import ORDINARY, Item, Plan, Policy, Step
from .options import CONNECTION, WAIT, Field, Fields, Role, build_argument_spec


@dataclass(frozen=True)
class Write:
    """One kind of write. :meth:`each` and :meth:`batch` return one."""

    # Makes the call for up to ``size`` objects.
    build: Callable[[Context, Sequence[Item]], Call]
    # Says in one sentence what it does to them.
    summary: Callable[[Sequence[Item]], str]
    # The most objects that one request can be about; ``None``: any number.
    size: int | None
    # The options that it sets; a write without any sets all that no other write sets.
    fields: Sequence[str] = ()
    # Whether it is the write for an object, where there are several of one kind.
    applies_to: Callable[[Context, Item], bool] | None = None
    # What its replies mean.
    policy: Policy = ORDINARY

    @classmethod
    def each(
        cls,
        build: Callable[[Context, Item], Call],
        summary: str | Callable[[Item], str],
        fields: Sequence[str] = (),
        applies_to: Callable[[Context, Item], bool] | None = None,
        policy: Policy = ORDINARY,
    ) -> Write:
        """Return a write with one request for each object. A summary that is a text may contain ``{names}``."""
        return cls(
            lambda ctx, items: build(ctx, items[0]),
            _sentence(summary) if isinstance(summary, str) else lambda items: summary(items[0]),
            1,
            fields,
            applies_to,
            policy,
        )

    @classmethod
    def batch(
        cls,
        build: Callable[[Context, Sequence[Item]], Call],
        summary: str | Callable[[Sequence[Item]], str],
        fields: Sequence[str] = (),
        applies_to: Callable[[Context, Item], bool] | None = None,
        policy: Policy = ORDINARY,
        size: int | None = None,
    ) -> Write:
        """Return a write with one request for up to ``size`` objects, or for all of them."""
        return cls(build, _sentence(summary) if isinstance(summary, str) else summary, size, fields, applies_to, policy)


def _sentence(template: str) -> Callable[[Sequence[Item]], str]:
    return lambda items: template.format(names=", ".join(item.label for item in items))


@dataclass(frozen=True)
class Status:
    """Where an object shows its status, and what the values mean. Any other value means that nothing is going on."""

    # The attribute with the status.
    attribute: str = "status"
    # Values that are waited for, because the platform is working on the object.
    pending: Sequence[str] = ()
    # Where not all values are known: those that end a wait. Every other one is waited for.
    settled: Sequence[str] = ()
    # Values that are an error.
    failed: Sequence[str] = ()
    # Returns what the object itself says about its failure.
    detail: Callable[[Mapping[str, Any]], str] | None = None


@dataclass(frozen=True)
class ParentOptions:
    """How a task names the object that the module's objects belong to, such as the instance of a database."""

    # The options that name it.
    fields: Sequence[Field]
    # Groups of options of which one is required.
    required_one_of: Sequence[Sequence[str]]
    # Finds it.
    resolve: Callable[[Context], Parent]
    # Waits until nothing works on it: a job whose ID is unknown is over then.
    wait_until_idle: Callable[[Context], Parent] | None = None


@dataclass(frozen=True)
class Find:
    """How the objects are read."""

    # Makes the call that lists the objects, or the calls where they are in several lists.
    read: Callable[[Context], Call | Sequence[Call]]
    # The options that name an object, the strongest first.
    identified_by: Sequence[str] = ("name",)
    # Picks from what was listed, or makes one object of it.
    select: Callable[[Context, list[dict[str, Any]]], Sequence[Any]] | None = None
    # Asked when the read fails: raises an error that says more, or returns whether nothing exists yet.
    on_error: Callable[[Context, TpopsError], bool] | None = None


@dataclass(frozen=True)
class Writes:
    """How the objects are created, changed and removed, as far as the platform can do it."""

    # Creates objects.
    create: Write | None = None
    # Change objects, in this order.
    updates: Sequence[Write] = ()
    # Removes objects. Of several writes each object gets those that apply to it.
    delete: Write | Sequence[Write] = ()
    # Whether an object in a failed status is removed and created again.
    replace_failed: bool = False

    @property
    def deletes(self) -> Sequence[Write]:
        return (self.delete,) if isinstance(self.delete, Write) else self.delete


@dataclass(frozen=True)
class Rules:
    """Rules between options, as Ansible knows them."""

    # Options that are required when another one has a value.
    required_if: Sequence[Any] = ()
    # Groups of options of which at least one is required.
    required_one_of: Sequence[Sequence[str]] = ()
    # Groups of options of which only one may be given.
    mutually_exclusive: Sequence[Sequence[str]] = ()


@dataclass(frozen=True)
class Hooks:
    """What is special about a module. A hook changes nothing but what it returns."""

    # Makes the desired objects of the options, before any call.
    desired: Callable[[Context], list[dict[str, Any]]] | None = None
    # Refuses an object that cannot be, before any call.
    validate: Callable[[Context, Item], None] | None = None
    # Returns the item with more known of it, once the current object was read; or refuses it.
    refine: Callable[[Context, Item], Item | None] | None = None
    # Returns the steps that come after all others and depend on them.
    extra_steps: Callable[[Context, Sequence[Item]], Sequence[Step]] | None = None
    # Returns what the result has besides the objects.
    result: Callable[[Context, Sequence[Item]], dict[str, Any]] | None = None
    # Returns what the result has when a task fails that has sent something; may add a hint to the error.
    interrupted: Callable[[Context, Sequence[Item], TpopsError], dict[str, Any]] | None = None
    # Returns what tasks would have to say of an object that exists, by attribute: with what only more reads show, and
    # nothing for an object that no task is about. Without it the object itself says it.
    describe: Callable[[Context, Mapping[str, Any]], Sequence[Mapping[str, Any]]] | None = None
    # Makes the call that lists the objects for that, where ``find`` does not.
    described_from: Callable[[Context], Call] | None = None
    # Called at each look of a wait: returns what the progress line says besides the status.
    on_poll: Callable[[Context], str | None] | None = None


class _Spec:
    """What all specs have in common."""

    # What the objects belong to.
    parent: ParentOptions | None
    # Whether the module may wait, so that there are options about waiting.
    starts_jobs: bool

    @property
    def own_fields(self) -> Sequence[Field]:
        """The options of the module itself."""
        raise NotImplementedError

    @cached_property
    def all_fields(self) -> Fields:
        parent = self.parent.fields if self.parent else ()
        return Fields((*CONNECTION, *(WAIT if self.starts_jobs else ()), *parent, *self.own_fields))


@dataclass(frozen=True)
class Resource(_Spec):
    """A state module: objects that exist, or do not."""

    # The object in one word: the key of the result when the task is about one object.
    name: str
    # The objects in one word: the key of the result, and the option, when it is about a list of them.
    plural: str
    # The values of an object.
    fields: Sequence[Field]
    # How the objects are read.
    find: Find
    # How they are written.
    writes: Writes = Writes()
    # Whether a task is about a list of objects, under the option ``plural`` or as ``desired`` makes it.
    batch: bool = False
    # Whether there is exactly one per parent, or at most one where the platform can create it.
    single: bool = False
    # The option with the names that ``desired`` makes one object of each, in that order.
    members: str = ""
    # What the objects belong to.
    parent: ParentOptions | None = None
    # Options that are about the task as a whole.
    options: Sequence[Field] = ()
    # The values of the option ``state``, the default first; without any there is no such option.
    states: Sequence[str] = ("present", "absent")
    # Those of them in which the objects should not exist.
    absent_states: Sequence[str] = ("absent",)
    # Where an object shows what is happening to it.
    status: Status | None = None
    # Whether a write starts a job, so that there are options about waiting.
    starts_jobs: bool = False
    # Rules between the options.
    rules: Rules = Rules()
    # What is special about the module.
    hooks: Hooks = Hooks()
    # Shape of the objects in the result: RETURN is generated from it (:mod:`.returns`).
    returns: Shape | None = None
    # What else the result has, or more about a key that follows from the spec.
    also_returns: Sequence[Attr] = ()

    # Its objects show what was done.
    sees_writes: ClassVar[bool] = True
    shortfall: ClassVar[None] = None

    @property
    def own_fields(self) -> list[Field]:
        """The options of the module itself."""
        fields = list(self.options)
        if self.batch and self.hooks.desired is None:
            fields.append(Field(self.plural, type="list", elements="dict", required=True, fields=self.fields))
        elif not self.batch:
            fields.extend(self.fields)
        if self.states:
            fields.append(Field("state", default=self.states[0], choices=self.states))
        return fields

    def compared(self, item: Item) -> Sequence[Field]:
        """Return the values of an object that are compared with the current ones."""
        return self.fields

    def extra_steps(self, ctx: Context, items: Sequence[Item]) -> Sequence[Step]:
        return self.hooks.extra_steps(ctx, items) if self.hooks.extra_steps else ()


@dataclass(frozen=True)
class Action(_Spec):
    """A module that does something, or brings one object that it neither creates nor removes to a certain point."""

    # What the module is about, in one word: the key of the object in the result.
    name: str
    # The options.
    fields: Sequence[Field]
    # Returns the steps that are left to do, none when the desired end is reached; with facts where these are needed.
    steps: Callable[[Context, Sequence[Item]], Sequence[Step] | Plan]
    # How the one object is read that shows what is done. Without it the platform shows nothing of it.
    find: Find | None = None
    # What that object shows once everything is done, by attribute.
    reached: Callable[[Context], Mapping[str, Any]] | None = None
    # Makes the objects of a batch of the options, before any call: one's failure leaves the others alone.
    items: Callable[[Context], list[Item]] | None = None
    # Looks at what was done where no one object shows it: returns what is missing, a sentence by label, ``""`` for all.
    shortfall: Callable[[Context, Sequence[Item]], Mapping[str, str]] | None = None
    # Whether ``steps`` sees what an earlier write has done, or to send one again does no harm. Then it decides what is
    # left to do when a reply was lost.
    sees_writes: bool = False
    # What it belongs to.
    parent: ParentOptions | None = None
    # Where the object shows what is happening to it.
    status: Status | None = None
    # Whether a write starts a job, so that there are options about waiting.
    starts_jobs: bool = False
    # Rules between the options.
    rules: Rules = Rules()
    # What is special about the module.
    hooks: Hooks = Hooks()
    # Shape of the object in the result.
    returns: Shape | None = None
    # What else the result has, or more about a key that follows from the spec.
    also_returns: Sequence[Attr] = ()

    # An action is planned like a resource that is neither created nor removed.
    writes: ClassVar[Writes] = Writes()
    single: ClassVar[bool] = True
    members: ClassVar[str] = ""

    @property
    def plural(self) -> str:
        return self.name

    @property
    def batch(self) -> bool:
        return self.items is not None

    @property
    def own_fields(self) -> Sequence[Field]:
        """The options of the module itself."""
        return self.fields

    def compared(self, item: Item) -> Sequence[Field]:
        """Return the values of the object that are compared with the current ones."""
        return [Field(name, role=Role.COMPUTED) for name in item.desired] if self.find else ()

    def extra_steps(self, ctx: Context, items: Sequence[Item]) -> Sequence[Step] | Plan:
        return self.steps(ctx, items)


@dataclass(frozen=True)
class Info(_Spec):
    """A module that only reads: a list under one plural key, all pages, ``[]`` when there is nothing."""

    # The objects in one word: the key of the result.
    plural: str
    # How they are read.
    find: Find
    # The options.
    fields: Sequence[Field] = ()
    # What the objects belong to.
    parent: ParentOptions | None = None
    # Whether the reply is one object.
    single: bool = False
    # Returns what the result has besides the objects.
    result: Callable[[Context, list[Any]], dict[str, Any]] | None = None
    # Whether the module may wait, so that there are options about waiting.
    starts_jobs: bool = False
    # Rules between the options.
    rules: Rules = Rules()
    # Shape of the objects in the result.
    returns: Shape | None = None
    # What else the result has, or more about a key that follows from the spec.
    also_returns: Sequence[Attr] = ()

    @property
    def own_fields(self) -> Sequence[Field]:
        """The options of the module itself."""
        return self.fields


@dataclass(frozen=True)
class Interface:
    """What Ansible needs to know of a module to validate its arguments."""

    # The options.
    argument_spec: dict[str, Any]
    # The rules between them, as keyword arguments of ``AnsibleModule``.
    rules: dict[str, Any] = field(default_factory=dict)


def options_of(spec: Resource | Action | Info) -> Fields:
    """Return all options of a module: those of the connection, of waiting and of the parent, and its own."""
    return spec.all_fields


def build_interface(spec: Resource | Action | Info) -> Interface:
    """Return the argument spec and the rules between options of a module."""
    one_of = [*(spec.parent.required_one_of if spec.parent else ()), *spec.rules.required_one_of]
    rules = {
        "required_if": list(spec.rules.required_if),
        "required_one_of": one_of,
        "mutually_exclusive": list(spec.rules.mutually_exclusive),
    }
    return Interface(build_argument_spec(options_of(spec)), {name: rule for name, rule in rules.items() if rule})
