# SPDX-License-Identifier: GPL-3.0-or-later
"""Users of the platform and the tokens they hold."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass, field

from .clock import Clock


@dataclass
class PlatformUser:
    """A user who may log in. The password is excluded from every representation."""

    id: str
    name: str
    password: str = field(repr=False)
    read_only: bool = False
    failed_attempts: int = 0
    last_login: tuple[str, float] | None = None
    last_failure: tuple[str, float] | None = None
    password_set: float = 0.0


@dataclass
class Session:
    user: PlatformUser
    last_used: float


class Sessions:
    """Tokens end when they have not been used for `timeout_minutes` of simulated time."""

    def __init__(self, clock: Clock, timeout_minutes: int = 1440) -> None:
        self._clock = clock
        self._sessions: dict[str, Session] = {}
        self.timeout_minutes = timeout_minutes
        self.users: dict[str, PlatformUser] = {}

    def add_user(self, user: PlatformUser) -> None:
        user.password_set = user.password_set or self._clock.now()
        self.users[user.name] = user

    def check_password(self, name: str, password: str, ip: str) -> PlatformUser | None:
        """The user, or None when name or password are wrong; failures are counted for the next login."""
        user = self.users.get(name)
        if user is None:
            return None
        if not hmac.compare_digest(user.password.encode(), password.encode("utf-8", "replace")):
            user.failed_attempts += 1
            user.last_failure = (ip, self._clock.now())
            return None
        return user

    def open(self, user: PlatformUser) -> str:
        """A new token. It is random even with a fixed seed: a token must not be predictable."""
        now = self._clock.now()
        limit = now - self.timeout_minutes * 60
        for token in [t for t, s in self._sessions.items() if s.last_used < limit]:
            del self._sessions[token]
        token = secrets.token_hex(32)
        self._sessions[token] = Session(user, now)
        return token

    def use(self, token: str) -> PlatformUser | None:
        """The user that the token belongs to, or None when it is unknown or has expired."""
        session = self._sessions.get(token)
        if session is None:
            return None
        now = self._clock.now()
        if now - session.last_used > self.timeout_minutes * 60:
            del self._sessions[token]
            return None
        session.last_used = now
        return session.user

    def drop(self, token: str | None) -> None:
        self._sessions.pop(token or "", None)

    def drop_all(self) -> None:
        self._sessions.clear()

    def __len__(self) -> int:
        return len(self._sessions)
