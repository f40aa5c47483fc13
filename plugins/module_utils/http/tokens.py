# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where a client gets its token from: the option, the cache, or a login."""

from __future__ import annotations

from collections.abc import Callable

from .connection import Connection
from .errors import AuthenticationFailed, InputError, TpopsError
from .token_cache import CachedToken, TokenCache


class Tokens:
    """The token of one client.

    ``login`` gets a token from the platform. A token given as an option is used as it is, and only replaced by a login
    if the platform rejects it and there are credentials. One process at a time logs in, and the others get its result,
    a token or an error. ``warn`` gets one line about what cannot be kept for the others.
    """

    def __init__(
        self, connection: Connection, login: Callable[[], CachedToken], cache: TokenCache, warn: Callable[[str], None]
    ) -> None:
        self._connection = connection
        self._login = login
        self._cache = cache
        self._warn = warn
        self._current = CachedToken(connection.token) if connection.token else None
        self._refusal: AuthenticationFailed | None = None

    def current(self) -> CachedToken:
        """Return a token that the platform should accept; raise :class:`InputError` if there is no way to get one."""
        if self._current is None:
            self._current = self._obtain()
        return self._current

    def renew(self, refused: str) -> bool:
        """Drop a token that the platform rejected, and get another one; ``False`` without credentials."""
        if not self._connection.has_credentials:
            return False
        self._current = self._obtain(refused)
        return True

    def _obtain(self, refused: str | None = None) -> CachedToken:
        if not self._connection.has_credentials:
            missing = "password" if self._connection.username else "username"
            raise InputError(missing, "set username and password, or a token, to log in to the platform")
        if self._refusal is not None:
            raise self._refusal
        owner = (self._connection.address, str(self._connection.username))
        key = (*owner, str(self._connection.password))
        found = self._cache.get(*key)
        if found is not None and found.token != refused:
            return found
        began = self._cache.now()
        with self._cache.lock(*owner):
            # Another process may have logged in, or tried to, while this one waited for the lock.
            found = self._cache.get(*key)
            if found is not None and found.token != refused:
                return found
            if refused is not None:
                self._cache.drop(*owner, refused)
            failed = self._cache.failure(*key, since=began)
            if failed is not None:
                raise failed
            try:
                token = self._login()
            except InputError:
                raise
            except TpopsError as error:
                kept = self._cache.put_failure(*key, error)
                if isinstance(error, AuthenticationFailed):
                    self._refusal = error
                    if self._cache.run and not kept:
                        why = self._cache.problem or "token_cache is off"
                        self._warn(
                            f"Only this task knows that the login was rejected ({why}): other tasks and hosts try it "
                            "again"
                        )
                raise
            kept = self._cache.put(*key, token)
            if self._cache.problem:
                how = "is only kept for this run" if kept else "cannot be kept, so every task logs in"
                self._warn(f"The token {how}: {self._cache.problem}")
            return token
