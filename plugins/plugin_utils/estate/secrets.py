# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The secrets of a description: what must not be in anything that is written or shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.gaussdb.tpops.plugins.module_utils.http.redact import MASK, Redactor

# Secrets are found by their first characters: each has at least so many.
_BEGINNING = 3


class ManySecrets(Redactor):
    """Replaces thousands of secrets in thousands of texts: only those are looked for whose beginning is in a text."""

    def __init__(self) -> None:
        super().__init__()
        self._by_beginning: dict[str, set[str]] = {}
        self._indexed = 0

    def censor(self, data: Any) -> Any:
        if not isinstance(data, str):
            return super().censor(data)
        index = self._index()
        beginnings = {data[start : start + _BEGINNING] for start in range(len(data) - _BEGINNING + 1)}
        possible = [secret for beginning in beginnings for secret in index.get(beginning, ())]
        # Longest first: one secret may be part of another.
        for secret in sorted(possible, key=len, reverse=True):
            data = data.replace(secret, MASK)
        return data

    def _index(self) -> Mapping[str, set[str]]:
        if self._indexed != len(self._secrets):
            self._by_beginning = {}
            for secret in self._secrets:
                self._by_beginning.setdefault(secret[:_BEGINNING], set()).add(secret)
            self._indexed = len(self._secrets)
        return self._by_beginning


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
