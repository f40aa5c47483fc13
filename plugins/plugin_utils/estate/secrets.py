# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The secrets in the arguments of a task: what must not be in anything that is written or shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.options import Field
from ansible_collections.gaussdb.tpops.plugins.module_utils.engine.spec import Action, Resource, options_of


def secrets_of(spec: Resource | Action, arguments: Mapping[str, Any]) -> Iterator[str]:
    """Yield the values of options for secrets, at any depth."""
    yield from _of_fields(options_of(spec), arguments)


def _of_fields(fields: Sequence[Field], values: Any) -> Iterator[str]:
    if isinstance(values, (list, tuple)):
        for entry in values:
            yield from _of_fields(fields, entry)
    if not isinstance(values, Mapping):
        return
    for each in fields:
        for name in (each.name, *each.aliases):
            if each.no_log:
                yield from texts_of(values.get(name))
            elif each.fields:
                yield from _of_fields(each.fields, values.get(name))


def texts_of(value: Any) -> Iterator[str]:
    """Yield all texts in a value, at any depth."""
    if isinstance(value, Mapping):
        for entry in value.values():
            yield from texts_of(entry)
    elif isinstance(value, (list, tuple)):
        for entry in value:
            yield from texts_of(entry)
    elif value not in (None, "") and not isinstance(value, bool):
        yield str(value)
