# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where a client gets its token from: the option, the cache, or a login."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.gaussdb.tpops.plugins.module_utils.connection import Connection
from ansible_collections.gaussdb.tpops.plugins.module_utils.errors import InputError
from ansible_collections.gaussdb.tpops.plugins.module_utils.token_cache import CachedToken, TokenCache


class Tokens:
    """The token of one client.

    ``login`` gets a token from the platform. A token given as an option is used as it is, and replaced by a login only
    when the platform refuses it and there are credentials.
    """

    def __init__(self, connection: Connection, login: Callable[[], CachedToken], cache: TokenCache | None) -> None:
        self._connection = connection
        self._login = login
        self._cache = cache
        self._current = CachedToken(connection.token) if connection.token else None

    def current(self) -> CachedToken:
        """Return a token that the platform is expected to accept; raise :class:`InputError` when there is no way to get one."""
        if self._current is None:
            self._current = self._obtain()
        return self._current

    def renew(self, refused: str) -> bool:
        """Forget a token that the platform refused, and get another one; ``False`` when there are no credentials for that."""
        if not self._connection.has_credentials:
            return False
        if self._cache is not None:
            self._cache.drop(*self._owner, refused)
        self._current = self._obtain(refused)
        return True

    @property
    def _owner(self) -> tuple[str, str]:
        return self._connection.address, str(self._connection.username)

    def _obtain(self, refused: str | None = None) -> CachedToken:
        if not self._connection.has_credentials:
            missing = "password" if self._connection.username else "username"
            raise InputError("Give username and password, or a token, to log in to the platform", option=missing)
        key: Any = (*self._owner, str(self._connection.password))
        if self._cache is None:
            return self._login()
        found = self._cache.get(*key)
        if found is not None and found.token != refused:
            return found
        with self._cache.lock(*self._owner):
            # Somebody may have logged in while this one waited for the lock.
            found = self._cache.get(*key)
            if found is None or found.token == refused:
                found = self._login()
                self._cache.put(*key, found)
        return found
