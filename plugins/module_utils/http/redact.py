# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Redaction of secrets in output: the platform's messages may echo what was sent to it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

MASK = "********"

# "os_root_pwd", "manage_userpass", "x_mini_token", "client_key"; not "ssh_key_id", "sort_key", or the "key" of a pair
# of key and value.
_SECRET_NAME = re.compile(
    r"(?:passw(?:or)?d|pwd|pass|passphrase|secret|token|(?:private|client|access|secret|api)_?key)s?$", re.IGNORECASE
)

# Replacing every "a" of a message because a test password is "a" would destroy the message and reveal the password.
_SHORTEST = 3


def is_secret_name(name: str) -> bool:
    """Return whether a value of this name is probably a secret."""
    return bool(_SECRET_NAME.search(str(name)))


def find_secret_values(data: Any, secret: bool = False) -> Iterator[str]:
    """Yield the string values of keys that look like secrets, at any depth."""
    if isinstance(data, Mapping):
        for name, value in data.items():
            yield from find_secret_values(value, secret or is_secret_name(name))
    elif isinstance(data, (list, tuple)):
        for value in data:
            yield from find_secret_values(value, secret)
    elif secret and isinstance(data, str):
        yield data


class Redactor:
    """Replaces known secrets with asterisks."""

    def __init__(self) -> None:
        self._secrets: set[str] = set()

    def add(self, values: Iterable[str | None]) -> None:
        """Add secrets, in every form in which a message may quote them."""
        for value in values:
            if value and len(value) >= _SHORTEST:
                self._secrets.update(
                    {value, json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1], quote(value, safe="")}
                )

    def censor(self, data: Any) -> Any:
        """Return a string, or the strings at any depth of lists and dictionaries, with the secrets redacted."""
        if isinstance(data, str):
            # Longest first: one secret may be part of another.
            for secret in sorted(self._secrets, key=len, reverse=True):
                data = data.replace(secret, MASK)
            return data
        if isinstance(data, Mapping):
            return {self.censor(name): self.censor(value) for name, value in data.items()}
        if isinstance(data, (list, tuple)):
            return [self.censor(value) for value in data]
        return data
