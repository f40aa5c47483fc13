# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a task is about and what it is going to send: objects and steps, as plain values."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..api.operation import Call
from ..http.errors import TpopsError


@dataclass
class Item:
    """One object: the wish, what is there (``None``: nothing), and the values that differ, by option.

    ``first_changes`` are the values that differed when the task began, ``was_absent`` says that nothing was there then:
    a write whose reply is lost makes both invisible in what is there now. ``before`` is what was there then: a task
    that replaces an object needs it once the object is gone. ``failed`` says that the task could not fulfil the wish.
    ``path`` is what comes before the names of the object's options, and ``member`` the option that is all there is of
    the object.
    """

    desired: dict[str, Any]
    label: str
    path: str = ""
    present: bool = True
    current: dict[str, Any] | None = None
    changes: dict[str, Any] = field(default_factory=dict)
    first_changes: dict[str, Any] = field(default_factory=dict)
    was_absent: bool = False
    before: dict[str, Any] | None = None
    failed: bool = False
    member: str = ""

    @property
    def existing(self) -> dict[str, Any]:
        """The current object, for what is only done with one that exists."""
        if self.current is None:
            raise LookupError(f"{self.label} does not exist")
        return self.current

    def path_of(self, option: str) -> str:
        """Return an option of the object as the task has it."""
        return self.member or self.path + option

    def value(self, option: str, attribute: str | None = None) -> Any:
        """Return the wished value of an option, or the current one where nothing is wished."""
        wished = self.desired.get(option)
        return wished if wished is not None else (self.current or self.before or {}).get(attribute or option)


@dataclass
class Step:
    """One write: the call, one plain sentence, and the objects it is about. ``for_items`` makes the same step for fewer
    objects.

    Without ``wait_when_busy`` a busy object is not simply waited for but looked at again: what keeps it busy may have
    brought about what this step is for, and to do it again would undo it. A ``closing`` step is about what the objects
    belong to: when it fails the task does, and no single object. Where the call needs what only an earlier step brings
    about, such as the ID of a new object, ``deferred_call`` makes it right before it is sent.
    """

    call: Call
    summary: str
    items: Sequence[Item] = ()
    done_codes: Sequence[str] = ()
    repeatable: bool = True
    split_on_refusal: bool = False
    item_errors: Callable[[Any, Sequence[Item]], Mapping[str, TpopsError]] | None = None
    wait_when_busy: bool = True
    closing: bool = False
    deferred_call: Callable[[], Call] | None = None
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
