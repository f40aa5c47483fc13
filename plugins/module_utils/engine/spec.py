# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a module declares: its options, what it reads, and how it writes.

Everything here is data. The planner and the runner give it meaning, the same for every module.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible.module_utils.basic import env_fallback

from ..api.operation import Call
from ..api.shape import Attr, Shape
from ..http.errors import TpopsError
from ..http.replies import Reply
from . import checks, compare, files
from .checks import Check
from .context import Context
from .item import Item, Step

# The last word of an option that names an object.
_NAMING = re.compile(
    r"(.*_)?(id|ids|ip|ips|name|names|username|hostname|user|owner|grantee|instances?|nodes?|zones?|components?|databases?"
    r"|schema|table|objects|data_center|key_pair|backup|inspection|scene)"
)


@dataclass(frozen=True)
class Field:
    """One option.

    ``reads`` is the attribute of the read object that the option manages, by default the one of the same name. An
    option that names an object may also give its value of one of the attributes in ``also_matches``.
    ``required_to_create`` is checked once it is known that the object has to be made. ``create_only`` options cannot be
    changed afterwards, or only by the module that ``changed_by`` names; ``write_only`` ones cannot be read back, so
    they are sent when the object is made. When the option named by ``send_always_if`` is ``always`` the value is sent
    on every run, whatever can be read. ``platform_default`` is the value a new object has by itself. ``managed`` is
    false for options that steer the module and are no part of the object. With ``option`` false it is the other way
    round: a part of the object that no option sets directly, and ``desired`` derives. ``validate`` returns what is
    wrong with a value, or ``None``. ``validate_new`` does the same for a value that is going to be sent: what only
    names an existing object, or is what it has already, may be older than the rule. ``identifier`` says whether the
    option names something, for the options whose own name does not say so: an empty text is then no value.
    """

    name: str
    type: str = "str"
    elements: str | None = None
    required: bool = False
    required_to_create: bool = False
    default: Any = None
    choices: Sequence[Any] = ()
    no_log: bool | None = None
    aliases: Sequence[str] = ()
    fields: Sequence[Field] = ()
    env: str | None = None
    reads: str | None = None
    also_matches: Sequence[str] = ()
    create_only: bool = False
    changed_by: str | None = None
    write_only: bool = False
    send_always_if: str | None = None
    platform_default: Any = None
    managed: bool = True
    option: bool = True
    equal: Callable[[Any, Any], bool] = compare.equal
    validate: Check | None = None
    identifier: bool | None = None
    validate_new: Check | None = None

    @property
    def attribute(self) -> str:
        return self.reads or self.name

    @property
    def identifies(self) -> bool:
        """Whether the texts of the option name something: an object, a host or a file."""
        if self.identifier is not None:
            return self.identifier
        text = "str" in (self.type, self.elements) and not self.choices
        return self.type == "path" or (text and bool(_NAMING.fullmatch(self.name)))

    def spec(self) -> dict[str, Any]:
        """Return the entry of an Ansible argument spec."""
        entry: dict[str, Any] = {"type": self.type}
        if self.required:
            entry["required"] = True
        if self.default is not None:
            entry["default"] = self.default
        if self.no_log is not None:
            entry["no_log"] = self.no_log
        if self.env:
            entry["fallback"] = (env_fallback, [self.env])
        if self.fields:
            entry["options"] = specs(self.fields)
        for key in ("elements", "choices", "aliases"):
            value = getattr(self, key)
            if value:
                entry[key] = value if isinstance(value, str) else list(value)
        return entry


def specs(fields: Sequence[Field]) -> dict[str, dict[str, Any]]:
    """Return an Ansible argument spec for the options."""
    return {item.name: item.spec() for item in fields if item.option}


ENV_PREFIX = "GAUSSDB_TPOPS_"

CONNECTION = (
    # Not required here, for the message about it says more than that of Ansible.
    Field("endpoint", env=ENV_PREFIX + "ENDPOINT"),
    Field("username", env=ENV_PREFIX + "USERNAME"),
    Field("password", no_log=True, env=ENV_PREFIX + "PASSWORD"),
    Field("token", no_log=True, env=ENV_PREFIX + "TOKEN"),
    Field("ca_path", type="path", env=ENV_PREFIX + "CA_PATH", validate=files.check_certificates),
    Field("validate_certs", type="bool", default=True, env=ENV_PREFIX + "VALIDATE_CERTS"),
    Field("language", default="en-us", choices=("en-us", "zh-cn"), env=ENV_PREFIX + "LANGUAGE"),
    Field("timeout", type="int", default=30, env=ENV_PREFIX + "TIMEOUT", validate=checks.between(1, 3600)),
    Field("retries", type="int", default=4, env=ENV_PREFIX + "RETRIES", validate=checks.between(0, 100)),
    Field("busy_timeout", type="int", default=300, env=ENV_PREFIX + "BUSY_TIMEOUT", validate=checks.between(0, 86400)),
    Field("token_cache", type="bool", default=True, env=ENV_PREFIX + "TOKEN_CACHE", no_log=False),
)

WAIT = (
    Field("wait", type="bool", default=True),
    Field("wait_timeout", type="int", default=3600, validate=checks.between(1, 2592000)),
    Field("wait_interval", type="int", default=10, validate=checks.between(1, 3600)),
)


@dataclass(frozen=True)
class Write:
    """One kind of write.

    ``build`` makes the call for up to ``batch_size`` objects (0: all of them). ``summary`` says in one sentence what it
    does, with ``{names}`` for the objects, or makes the sentence of them. ``fields`` are the options it sets; a write
    without fields sets everything no other one does. ``done_codes`` lists error codes that say the wished end is there.
    ``repeatable`` is false when neither a read nor the platform's answer can show whether it took effect: when its
    reply was lost it is not sent again. ``split_on_refusal`` says that the platform carries out nothing of a request
    when one of its objects is wrong, so that a refused one is sent again for each object by itself. Where one of
    several writes does the same, ``applies_to`` tells whether this is the one for an object. ``item_errors`` returns
    errors by label, from a reply that accepts a request and refuses some of its objects. Without ``wait_when_busy`` a
    busy platform makes the task look again: what keeps it busy may be this write of an earlier run.
    """

    build: Callable[[Context, Sequence[Item]], Call]
    summary: str | Callable[[Sequence[Item]], str]
    fields: Sequence[str] = ()
    batch_size: int = 1
    done_codes: Sequence[str] = ()
    repeatable: bool = True
    split_on_refusal: bool = False
    applies_to: Callable[[Context, Item], bool] | None = None
    item_errors: Callable[[Any, Sequence[Item]], Mapping[str, TpopsError]] | None = None
    wait_when_busy: bool = True


@dataclass(frozen=True)
class Status:
    """Where an object shows what it is going through, and which values mean what.

    A value in ``pending`` is waited for, one in ``failed`` is an error, any other one is settled. Where the platform's
    words are not all known, ``settled`` lists those at which a wait may end, and any other one is waited for.
    """

    attribute: str = "status"
    pending: Sequence[str] = ()
    settled: Sequence[str] = ()
    failed: Sequence[str] = ()
    detail: Callable[[Mapping[str, Any]], str] | None = None


@dataclass(frozen=True)
class Scope:
    """The object the module's objects belong to, such as the instance of a database.

    ``resolve`` returns ``(id, label)``; the ID is ``None`` when check mode assumes an earlier task would make it.
    ``wait_until_idle`` waits until nothing works on the object: a job that nobody can name is over then.
    """

    fields: Sequence[Field]
    required_one_of: Sequence[Sequence[str]]
    resolve: Callable[[Context], tuple[str | None, str]]
    wait_until_idle: Callable[[Context], object] | None = None


@dataclass(frozen=True)
class Resource:
    """A state module: objects that are there, or are not.

    ``read`` makes the call that lists the current objects, or the calls where they are in several lists; ``select``
    picks from what they list, or with ``single`` makes one object of it. ``delete`` is one write, or several of which
    each object gets those it needs (``applies_to``). ``identified_by`` are the options that name an object, the
    strongest first. With ``batch`` the objects are a list under the option named ``plural`` (or several by what
    ``desired`` returns); with ``single`` there is exactly one per scope, or at most one where the platform can make it.
    ``members`` is the list of names that ``desired`` makes one object each of, in that order. Hooks, all optional:
    ``desired`` turns parameters into wishes, ``validate`` validates a wish as a whole, ``refine`` refines an item once
    its current object is known, ``extra_steps`` adds steps that depend on the others, ``result`` adds to the result.
    ``interrupted`` is called with the error that ends a task which has sent something: it adds to the result, and to
    the error what no later run can find out. ``on_read_error`` is asked when the read fails: it raises an error that
    says more, or returns whether the failure means that nothing is there yet. ``on_poll`` is called at each look of a
    wait; it returns what the progress line tells besides, and adds to the context's ``samples``.

    ``returns`` is the shape of the objects in the result, ``also_returns`` what else the result has, or more about a
    key that follows from the spec: the documentation is generated from both (:mod:`.returns`).
    """

    name: str
    plural: str
    fields: Sequence[Field]
    read: Callable[[Context], Call | Sequence[Call]]
    identified_by: Sequence[str] = ("name",)
    batch: bool = False
    single: bool = False
    create: Write | None = None
    updates: Sequence[Write] = ()
    delete: Write | Sequence[Write] = ()
    replace_failed: bool = False
    parent: Scope | None = None
    options: Sequence[Field] = ()
    states: Sequence[str] = ("present", "absent")
    default_state: str = "present"
    status: Status | None = None
    starts_jobs: bool = False
    required_if: Sequence[Any] = ()
    required_one_of: Sequence[Sequence[str]] = ()
    mutually_exclusive: Sequence[Sequence[str]] = ()
    select: Callable[[Context, list[dict[str, Any]]], list[dict[str, Any]]] | None = None
    desired: Callable[[Context], list[dict[str, Any]]] | None = None
    members: str = ""
    validate: Callable[[Context, Item], None] | None = None
    refine: Callable[[Context, Item], None] | None = None
    extra_steps: Callable[[Context, Sequence[Item]], Sequence[Step]] | None = None
    on_read_error: Callable[[Context, TpopsError], bool] | None = None
    result: Callable[[Context, Sequence[Item]], dict[str, Any]] | None = None
    interrupted: Callable[[Context, Sequence[Item], TpopsError], dict[str, Any]] | None = None
    on_poll: Callable[[Context], str | None] | None = None
    returns: Shape | None = None
    also_returns: Sequence[Attr] = ()

    @property
    def deletes(self) -> Sequence[Write]:
        return (self.delete,) if isinstance(self.delete, Write) else self.delete

    @property
    def own_fields(self) -> list[Field]:
        fields = list(self.options)
        if self.batch and self.desired is None:
            fields.append(Field(self.plural, type="list", elements="dict", required=True, fields=self.fields))
        elif not self.batch:
            fields.extend(self.fields)
        if self.states:
            fields.append(Field("state", default=self.default_state, choices=self.states))
        return fields


@dataclass(frozen=True)
class Action:
    """A module that does something once. ``plan`` returns the steps, none when the wished end is already there.

    ``decides`` says that ``plan`` sees what an earlier write has brought about, or that to send one again does no harm:
    then another plan decides what is left to do when a reply was lost. ``items`` makes of the options the objects of a
    batch, before any call, and ``plan`` gets them as well: one's failure leaves the others alone, and ``outcomes``
    tells of each. ``shortfall`` looks at the platform once everything was sent, and returns what it still shows
    otherwise: a sentence by the label of each item, or by ``""`` where there are no items. Without it the platform does
    not show what the module has done. ``also_returns`` documents what the result has besides the plan.
    """

    name: str
    fields: Sequence[Field]
    plan: Callable[[Context], Sequence[Step]] | Callable[[Context, Sequence[Item]], Sequence[Step]]
    items: Callable[[Context], list[Item]] | None = None
    shortfall: (
        Callable[[Context], Mapping[str, str]] | Callable[[Context, Sequence[Item]], Mapping[str, str]] | None
    ) = None
    result: Callable[[Context, Sequence[Reply]], dict[str, Any]] | None = None
    parent: Scope | None = None
    starts_jobs: bool = False
    decides: bool = False
    required_if: Sequence[Any] = ()
    required_one_of: Sequence[Sequence[str]] = ()
    mutually_exclusive: Sequence[Sequence[str]] = ()
    also_returns: Sequence[Attr] = ()

    @property
    def own_fields(self) -> Sequence[Field]:
        return self.fields


@dataclass(frozen=True)
class Info:
    """A module that only reads: a list under one plural key, all pages, ``[]`` when there is nothing.

    With ``single`` the reply is one object; ``missing`` tells which errors mean that it does not exist.
    ``on_read_error``, ``returns`` and ``also_returns`` are the same as in :class:`Resource`.
    """

    plural: str
    read: Callable[[Context], Call | Sequence[Call]]
    fields: Sequence[Field] = ()
    parent: Scope | None = None
    single: bool = False
    missing: Callable[[TpopsError], bool] | None = None
    on_read_error: Callable[[Context, TpopsError], bool] | None = None
    select: Callable[[Context, list[dict[str, Any]]], list[Any]] | None = None
    result: Callable[[Context, list[Any]], dict[str, Any]] | None = None
    starts_jobs: bool = False
    required_if: Sequence[Any] = ()
    required_one_of: Sequence[Sequence[str]] = ()
    mutually_exclusive: Sequence[Sequence[str]] = ()
    returns: Shape | None = None
    also_returns: Sequence[Attr] = ()

    @property
    def own_fields(self) -> Sequence[Field]:
        return self.fields


@dataclass(frozen=True)
class Interface:
    """What Ansible needs to know of a module to validate its arguments."""

    argument_spec: dict[str, Any]
    rules: dict[str, Any] = field(default_factory=dict)


def options_of(spec: Resource | Action | Info) -> list[Field]:
    """Return all options of a module: its own, those of the connection, of waiting and of the scope."""
    return [
        *CONNECTION,
        *(WAIT if spec.starts_jobs else ()),
        *(spec.parent.fields if spec.parent else ()),
        *spec.own_fields,
    ]


def interface(spec: Resource | Action | Info) -> Interface:
    """Return the argument spec and the rules between options of a module."""
    one_of = [*(spec.parent.required_one_of if spec.parent else ()), *spec.required_one_of]
    rules = {
        "required_if": list(spec.required_if),
        "required_one_of": one_of,
        "mutually_exclusive": list(spec.mutually_exclusive),
    }
    return Interface(specs(options_of(spec)), {name: rule for name, rule in rules.items() if rule})
