# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Tokens kept between tasks, so that a play logs in once and not with every task and host.

One file for each endpoint and user, readable by its owner only, in a directory of the same kind. A file holds the token,
when it expires, and what the login said about the user; the password is in none. Still, another password must not get
the token of the right one: each file has two bytes of a salted hash of its password, which tell nearly every other
password apart and are far too few to find the password by.

Whatever is wrong with the directory or a file, the cache acts as if it were empty.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import hmac
import json
import os
import secrets
import stat
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

# A token must live longer than the request that is sent with it, and clocks differ.
_MARGIN_SECONDS = 60.0
_MARGIN_SHARE = 0.1

_LARGEST_FILE = 128 * 1024


@dataclass(frozen=True)
class CachedToken:
    """A token: ``expires_at`` is epoch seconds, or ``None`` when the platform did not say; ``info`` is what else the login told."""

    token: str = field(repr=False)
    expires_at: float | None = None
    info: Mapping[str, Any] = field(default_factory=dict)


class TokenCache:
    """Files in ``$ANSIBLE_HOME/gaussdb_tpops`` (``~/.ansible/gaussdb_tpops`` without that variable)."""

    def __init__(self, directory: str | None = None, *, now: Callable[[], float] = time.time) -> None:
        self.directory = directory or os.path.join(os.path.expanduser(os.environ.get("ANSIBLE_HOME") or "~/.ansible"), "gaussdb_tpops")
        self._now = now

    def get(self, endpoint: str, user: str, password: str) -> CachedToken | None:
        """Return the token, or ``None`` when there is none that is safe to use and lives for a while."""
        entry = self._read(endpoint, user)
        try:
            if not hmac.compare_digest(str(entry["check"]), _check(str(entry["salt"]), password)):
                return None
            saved, expires_at, info = float(entry["saved"]), entry["expires_at"], entry["info"]
            if expires_at is not None and not self._lives(saved, float(expires_at)):
                return None
            return CachedToken(_text(entry["token"]), expires_at, dict(info))
        except (KeyError, TypeError, ValueError):
            return None

    def put(self, endpoint: str, user: str, password: str, token: CachedToken) -> None:
        """Keep a token; where that is not possible, go on without."""
        salt = secrets.token_hex(16)
        entry = {
            "token": token.token,
            "expires_at": token.expires_at,
            "saved": self._now(),
            "salt": salt,
            "check": _check(salt, password),
            "info": dict(token.info),
        }
        with contextlib.suppress(OSError):
            if self._prepare():
                self._write(self._path(endpoint, user), json.dumps(entry))

    def drop(self, endpoint: str, user: str, token: str) -> None:
        """Forget a token that the platform refused, unless somebody has put another one in its place."""
        entry = self._read(endpoint, user)
        if hmac.compare_digest(str(entry.get("token")).encode(), token.encode()):
            with contextlib.suppress(OSError):
                os.unlink(self._path(endpoint, user))

    @contextlib.contextmanager
    def lock(self, endpoint: str, user: str) -> Iterator[None]:
        """Let one process log in while the others wait for its token; look into the cache again inside."""
        handle = self._open_lock(endpoint, user)
        try:
            yield
        finally:
            if handle is not None:
                # Closing releases the lock.
                os.close(handle)

    def _lives(self, saved: float, expires_at: float) -> bool:
        margin = min(_MARGIN_SECONDS, max(0.0, expires_at - saved) * _MARGIN_SHARE)
        return self._now() < expires_at - margin

    def _path(self, endpoint: str, user: str) -> str:
        return os.path.join(self.directory, hashlib.sha256(f"{endpoint}\n{user}".encode()).hexdigest())

    def _prepare(self) -> bool:
        """Return whether the directory is one that only this user can get into; make it so where possible."""
        os.makedirs(self.directory, mode=0o700, exist_ok=True)
        found = os.stat(self.directory)
        if found.st_uid != os.geteuid() or not stat.S_ISDIR(found.st_mode):
            return False
        if found.st_mode & 0o077:
            os.chmod(self.directory, 0o700)
        return True

    def _read(self, endpoint: str, user: str) -> Mapping[str, Any]:
        try:
            handle = os.open(self._path(endpoint, user), os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
            with os.fdopen(handle, "rb") as file:
                found = os.fstat(handle)
                trusted = stat.S_ISREG(found.st_mode) and found.st_uid == os.geteuid() and not found.st_mode & 0o077
                entry = json.loads(file.read(_LARGEST_FILE)) if trusted else None
        except (OSError, ValueError, RecursionError):
            entry = None
        return entry if isinstance(entry, Mapping) else {}

    def _write(self, path: str, text: str) -> None:
        handle, temporary = tempfile.mkstemp(dir=self.directory)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
            os.replace(temporary, path)
        except OSError:
            with contextlib.suppress(OSError):
                os.unlink(temporary)

    def _open_lock(self, endpoint: str, user: str) -> int | None:
        handle = None
        try:
            if self._prepare():
                handle = os.open(self._path(endpoint, user) + ".lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
                fcntl.flock(handle, fcntl.LOCK_EX)
        except OSError:
            # A file system without locks, or a directory that cannot be written: a login too many does no harm.
            if handle is not None:
                os.close(handle)
            return None
        return handle


def _check(salt: str, password: str) -> str:
    return hmac.new(salt.encode(), password.encode(), hashlib.sha256).hexdigest()[:4]


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError("no token")
    return value
