# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a task is about and what it is going to send: objects and steps, as plain values."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ..api.operation import Call
from ..http.errors import TpopsError


@dataclass
class Item:
    """One object of a task: how it should be, how it is, and what differs.

    Only the engine writes to an item. A hook returns what it finds out (:meth:`refined`).
    """

    # The desired values, by option.
    desired: Mapping[str, Any]
    # What people call the object, in summaries and messages.
    label: str
    # What comes before the names of the object's options, such as ``hosts[0].``.
    path: str = ""
    # Whether the object should exist.
    present: bool = True
    # The object as it was read last; ``None`` when it does not exist.
    current: Mapping[str, Any] | None = None
    # The desired values that differ from the current ones, by option.
    changes: Mapping[str, Any] = field(default_factory=dict)
    # The values that differed when the task began: a lost reply makes them invisible in what is read afterwards.
    first_changes: Mapping[str, Any] = field(default_factory=dict)
    # Whether the object did not exist when the task began.
    was_absent: bool = False
    # The object as it was when the task began: whoever replaces it needs its values once it is gone.
    before: Mapping[str, Any] | None = None
    # Whether the task could not make the object what it should be.
    failed: bool = False
    # The one option that the whole object comes from, such as ``nodes[2]``.
    member: str = ""

    @property
    def existing(self) -> Mapping[str, Any]:
        """The current object, for what is only done with one that exists."""
        if self.current is None:
            raise LookupError(f"{self.label} does not exist")
        return self.current

    def path_of(self, option: str) -> str:
        """Return an option of the object as the task has it."""
        return self.member or self.path + option

    def value(self, option: str, attribute: str | None = None) -> Any:
        """Return the desired value of an option, or the current one where the task gives none."""
        desired = self.desired.get(option)
        return desired if desired is not None else (self.current or self.before or {}).get(attribute or option)

    def refined(self, desired: Mapping[str, Any] | None = None, current: Mapping[str, Any] | None = None) -> Item:
        """Return the item with more known of it, for a hook to return."""
        return replace(
            self,
            desired={**self.desired, **(desired or {})},
            current=self.current if current is None else {**(self.current or {}), **current},
        )


@dataclass(frozen=True)
class Plan:
    """Steps, and what was found out on the way."""

    # The writes, in order.
    steps: Sequence[Step]
    # What later plans of the task, its verification and its result need to know.
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Policy:
    """What the replies to a write mean, and whether it may be sent again."""

    # Error codes that say that the desired end is already reached.
    done_codes: Sequence[str] = ()
    # False when neither a read nor the reply shows whether it was done: after a lost reply it is not sent again.
    repeatable: bool = True
    # Whether a refused request is sent again for each object: the platform does nothing of it when one object is wrong.
    split_on_refusal: bool = False
    # Returns errors by label, from a reply that accepts the request and refuses some of its objects.
    item_errors: Callable[[Any, Sequence[Item]], Mapping[str, TpopsError]] | None = None
    # False when a busy object is looked at again: what keeps it busy may be this very write, sent by an earlier run.
    wait_when_busy: bool = True


ORDINARY = Policy()


@dataclass
class Step:
    """One write of a plan."""

    # The request.
    call: Call
    # What it does, in one sentence.
    summary: str
    # The objects that it is about; none when it is about what they belong to.
    items: Sequence[Item] = ()
    # What its replies mean.
    policy: Policy = ORDINARY
    # Whether it is about what the objects belong to although it names them: when it fails the task does.
    closing: bool = False
    # Makes the call right before it is sent, where it needs what an earlier step creates, such as an ID.
    deferred_call: Callable[[], Call] | None = None
    # Makes the same step for fewer objects.
    for_items: Callable[[Sequence[Item]], Step] | None = None

    def part(self, items: Sequence[Item]) -> Step:
        """Return the step for some of its objects, as far as it can be divided."""
        return self.for_items(items) if self.for_items else self

    def describe(self) -> dict[str, str]:
        """Return what a result says of the step. The body stays out: it may hold secrets."""
        operation = self.call.operation
        return {
            "operation": operation.name,
            "method": operation.method,
            "path": self.call.path,
            "summary": self.summary,
        }
