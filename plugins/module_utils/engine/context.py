# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a spec's hooks get to work with: parameters, the client, and where the objects live."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from ..api.operation import Call
from ..http.client import Client
from ..http.errors import InputError, InvalidReply, NotFound, TpopsError
from ..http.replies import Reply
from ..util.printable import LONGEST_MESSAGE, printable
from .waiting import Waiter

_T = TypeVar("_T")


@dataclass(frozen=True)
class Parent:
    """The object that the module's objects belong to."""

    # Its ID; ``None`` in check mode when an earlier task of the same run is assumed to create it.
    id: str | None = None
    # What people call it.
    label: str = ""
    # The object as it was read; empty where only its ID was needed.
    data: Mapping[str, Any] = field(default_factory=dict)


class Context:
    """One run of one module.

    ``listed`` is what the last look at the platform listed, ``found`` the objects that the module derives from it,
    ``facts`` what a plan found out. ``replies`` are those to the writes that the platform has accepted, ``samples``
    what the looks of a wait have measured.
    """

    def __init__(
        self, module: str, params: Mapping[str, Any], client: Client, waiter: Waiter, check_mode: bool = False
    ) -> None:
        self.module = module
        self.params = params
        self.client = client
        self.waiter = waiter
        self.check_mode = check_mode
        self.parent = Parent()
        self.listed: Sequence[dict[str, Any]] = ()
        self.found: Sequence[Any] = ()
        self.facts: Mapping[str, Any] = {}
        self.warnings: list[str] = []
        self.replies: list[Reply] = []
        self._cache: dict[str, Any] = {}
        self.samples: list[dict[str, Any]] = []

    @property
    def label(self) -> str:
        """What progress lines begin with."""
        return f"{self.module} {self.parent.label}".rstrip()

    def warn(self, text: str) -> None:
        text = printable(text, LONGEST_MESSAGE)
        if text not in self.warnings:
            self.warnings.append(text)

    def items(self, call: Call | Sequence[Call]) -> list[dict[str, Any]]:
        """Return every object that a read lists, or several do; nothing where a call is about an object that is yet to
        be created."""
        calls = [call] if isinstance(call, Call) else call
        return [entry for each in calls if each.complete for entry in self._listed(each)]

    def _listed(self, call: Call) -> list[dict[str, Any]]:
        """The reply of an operation without a list is one object."""
        try:
            return self._read(lambda: self.client.items(call) if call.operation.items else [self.client.item(call)])
        except TpopsError as error:
            if error.code is None or error.code not in call.none_if:
                raise
            return []

    def item(self, call: Call) -> dict[str, Any] | None:
        """Return the one object a read is about; ``None`` when it is about an object that is yet to be created."""
        return self._read(lambda: self.client.item(call)) if call.complete else None

    def text(self, call: Call) -> str:
        """Return the text of a file that a call downloads. Raises :class:`InvalidReply` when the reply is not such a
        file, or not text."""
        text = self._read(lambda: self.client.send(call)).data
        if not isinstance(text, str):
            raise InvalidReply(f"{call.operation.name} failed: the reply is not text", operation=call.operation.name)
        return text

    def content(self, call: Call) -> bytes:
        """Return the bytes of a file that a call downloads. Raises :class:`InvalidReply` when the reply is not such a
        file."""
        return self._read(lambda: self.client.send(call)).content

    def find(
        self, noun: str, option: str, value: Any, call: Call | Sequence[Call], attribute: str = "name"
    ) -> dict[str, Any] | None:
        """Return the one object of a read that a name stands for, like :meth:`match_one`."""
        return self.match_one(noun, option, value, self.items(call), attribute)

    def match_one(
        self, noun: str, option: str, value: Any, entries: Sequence[dict[str, Any]], *attributes: str
    ) -> dict[str, Any] | None:
        """Return the one of some objects that has a value in one of the attributes.

        ``None`` in check mode, with a warning, when there is none: an earlier task of the run may create it.
        Raises :class:`NotFound` when there is none, :class:`InputError` with the IDs when there are several,
        :class:`InvalidReply` when it has no ID.
        """
        found = [
            entry
            for entry in entries
            if any(entry.get(name) is not None and str(entry[name]) == str(value) for name in attributes)
        ]
        if len(found) > 1:
            identities = ", ".join(str(entry.get("id")) for entry in found)
            raise InputError(option, f"{len(found)} objects are named {value}: {identities}. Name one by its ID")
        if found:
            if found[0].get("id", "") is None:
                raise InvalidReply(f"{option}: the platform lists the {noun} {value} without an ID")
            return found[0]
        if not self.check_mode:
            raise NotFound(f"{option}: there is no {noun} named {value}")
        self.warn(f"There is no {noun} named {value} yet; the plan assumes that an earlier task creates it")
        return None

    def attach(self, job_id: str) -> None:
        """Wait for a job that an earlier run has begun, unless the task is not to wait."""
        if self.may_wait:
            self.waiter.wait_job(job_id, label=self.label)

    @property
    def may_wait(self) -> bool:
        """Whether all that the task has begun or attached to is over by now. It is not in check mode, nor where the
        task does not wait."""
        return not self.check_mode and self.waiter.policy.wait

    def cached(self, key: str, read: Callable[[], _T]) -> _T:
        """Return the value of a read that several objects of the task need, asked for once."""
        if key not in self._cache:
            self._cache[key] = read()
        found: _T = self._cache[key]
        return found

    def _read(self, read: Callable[[], _T]) -> _T:
        """Once the task has begun a platform that is away for a while does not end it."""
        return self.waiter.persist(read, label=self.label)
