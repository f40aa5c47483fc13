# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Operations of the platform and calls of them, as plain values.

A call is a value so that it can be planned, shown and checked against the contract before anything is sent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from string import Formatter
from typing import Any
from urllib.parse import quote

from .shape import Shape


@dataclass(frozen=True)
class Operation:
    """One operation of the API reference.

    ``read`` is true if the platform changes nothing, regardless of the method: many reads are POSTs. ``items`` names
    the reply's key with the list, ``()`` if the reply is one object, and ``("",)`` if the reply itself is the list;
    more names are spellings seen elsewhere. The list in the reply of a write has the jobs that it started.
    ``page_size`` is the largest ``limit`` the reference allows, 0 if the operation is not paged. ``row_id`` has the
    keys that identify a row; a duplicate row counts once. ``first_page`` is the number of the first page if ``offset``
    counts pages instead of rows; it needs ``row_id``. ``shape`` translates one object of the reply. The reply of an
    operation with ``file`` is a file, regardless of its media type; ``begins`` has its possible first bytes, if known.
    The reply of a ``job`` names the jobs that it starts; with ``job_if_named`` there may be none.
    """

    name: str
    method: str
    path: str
    section: str
    read: bool = False
    job: bool = False
    items: tuple[str, ...] = ()
    page_size: int = 0
    page_in_body: bool = False
    first_page: int | None = None
    row_id: tuple[str, ...] = ()
    shape: Shape | None = None
    anonymous: bool = False
    file: bool = False
    begins: tuple[bytes, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    job_if_named: bool = False

    @cached_property
    def path_names(self) -> tuple[str, ...]:
        """The arguments of the path."""
        return tuple(name for _text, name, _spec, _conversion in Formatter().parse(self.path) if name)

    def call(
        self,
        path: Mapping[str, Any] | None = None,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        other: Any = None,
    ) -> Call:
        """Return a call of this operation; parameters that are ``None`` are left out."""
        return Call(self, dict(path or {}), without_none(query or {}), without_none(body), other=without_none(other))


@dataclass(frozen=True)
class Call:
    """One request that could be sent: the operation with its path, query and body.

    ``none_if`` are error codes of a read that mean that nothing exists. ``other`` is the body in another form, if the
    reference has two: it is sent if the platform rejects the first one as invalid.
    """

    operation: Operation
    path_args: Mapping[str, Any]
    query: Mapping[str, Any]
    body: Any
    none_if: Sequence[str] = ()
    other: Any = None

    @cached_property
    def path(self) -> str:
        """The resource path below ``/rds``, with its arguments quoted.

        An unknown argument (a check-mode plan for an object that an earlier task would create) stays visible as
        ``{name}``.
        """
        values = {name: _quoted(name, self.path_args.get(name)) for name in self.operation.path_names}
        return self.operation.path.format(**values)

    @property
    def complete(self) -> bool:
        """Whether every path argument is known."""
        return "{" not in self.path


def _quoted(name: str, value: Any) -> str:
    return f"{{{name}}}" if value is None else quote(str(value), safe="")


def without_none(value: Any) -> Any:
    """Return data, at any depth, without the keys whose value is ``None``."""
    if isinstance(value, (str, bytes)):
        return value
    if isinstance(value, Mapping):
        return {key: without_none(item) for key, item in value.items() if item is not None}
    if isinstance(value, Sequence):
        return [without_none(item) for item in value]
    return value
