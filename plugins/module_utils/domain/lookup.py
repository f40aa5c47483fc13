# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Objects in list options, each given by its name or its ID."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..api.instance import list_instances
from ..engine.context import Context
from ..http.errors import InputError, NotFound


class NameLookup:
    """All objects of one type, each with ``id`` and ``name``.

    ``entries`` has them by ID. In check mode a missing object is assumed to be created by an earlier task: it has no
    ID.
    """

    def __init__(self, ctx: Context, noun: str, entries: Iterable[Mapping[str, Any]]) -> None:
        self._ctx, self._noun = ctx, noun
        self.entries = {str(entry["id"]): entry for entry in entries if entry["id"] is not None}
        self._names = {identity: str(entry["name"] or identity) for identity, entry in self.entries.items()}
        self._shared = Counter(self._names.values())

    def label(self, value: Any) -> str:
        """Return the text to show for an ID or a name: the name, unless other objects have it too."""
        name = self._names.get(str(value), str(value))
        return str(value) if self._shared[name] > 1 else name

    def identity(self, value: Any, option: str) -> str | None:
        """Return the ID for a name or an ID. Raises :class:`NotFound`, or :class:`InputError` for an ambiguous name."""
        if str(value) in self._names:
            return str(value)
        found = [identity for identity, name in self._names.items() if name == str(value)]
        if len(found) > 1:
            text = f"{len(found)} {self._noun}s are named {value}: {', '.join(found)}. Name one by its ID"
            raise InputError(option, text)
        if found:
            return found[0]
        if not self._ctx.check_mode:
            raise NotFound(f"{option}: there is no {self._noun} named {value}")
        self._ctx.warn(f"There is no {self._noun} named {value} yet; the plan assumes that an earlier task creates it")
        return None

    def identities(self, values: Sequence[Any], option: str) -> list[str | None]:
        """Return the IDs, each once."""
        return list(dict.fromkeys(self.identity(value, option) for value in values))


def read_instance_names(ctx: Context) -> NameLookup:
    """Return all instances, read once per task."""
    return ctx.cached("instances", lambda: NameLookup(ctx, "instance", ctx.items(list_instances())))
