# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Tokens kept between tasks, so that a play logs in once instead of for every task and host.

One file for each endpoint and user, readable only by its owner, in a directory with the same permissions. A file
contains the token, its expiry, and the data of the login, but never the password. Still, a wrong password must not get
the token of the right one: each file has two bytes of a salted hash of its password, enough to detect nearly every
other password and far too few to recover the password.

Next to it, a failed login is recorded for the other tasks and hosts of the same Ansible run: a platform locks the
account after some wrong passwords. A rejection counts for a minute; any other failure only for the tasks that were
waiting for that login. The action identifies the run in the environment variable ``GAUSSDB_TPOPS_RUN``; without it no
failure is kept. So after the password is corrected, here or on the platform, a new run does not see the old rejection.

If anything is wrong with a file, the cache acts as if it were empty and removes the file. If the directory cannot be
used, for example because the user of a container has no home, the temporary directory of the Ansible run takes its
place, which the action names in the environment variable ``GAUSSDB_TPOPS_RUN_DIR``. ``problem`` has the reason why a
token cannot be kept, or only for the run.
"""

from __future__ import annotations

import contextlib
import errno
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

from .connection import sendable
from .errors import AuthenticationFailed, TpopsError, as_data, from_data

# The ID of an Ansible run, the same for all its workers and the modules that they run as processes.
RUN_VARIABLE = "GAUSSDB_TPOPS_RUN"
# A directory that exists as long as the run.
RUN_DIRECTORY = "GAUSSDB_TPOPS_RUN_DIR"

# A token must outlive the request that is sent with it, and clocks differ.
_MARGIN_SECONDS = 60.0
_MARGIN_SHARE = 0.1

# A session of the platform lasts minutes. An expiry more than a day ahead is not trusted.
_LONGEST_LIFE = 86_400.0
_CLOCK_NOISE = 60.0

_REFUSED_SECONDS = 60.0

_LARGEST_FILE = 128 * 1024

# Failed logins that cannot be written to a file, kept while this process lives: an Ansible worker runs one task.
_FAILURES: dict[str, Mapping[str, Any]] = {}


@dataclass(frozen=True)
class CachedToken:
    """A token: ``expires_at`` is epoch seconds, or ``None`` if unknown; ``info`` is the other data of the login."""

    token: str = field(repr=False)
    expires_at: float | None = None
    info: Mapping[str, Any] = field(default_factory=dict)


class TokenCache:
    """Files in ``directory``, by default ``$ANSIBLE_HOME/gaussdb_tpops`` (``~/.ansible/gaussdb_tpops`` without that
    variable). If that cannot be used, they are in the directory of the run.

    With ``in_files`` false only the failures of this process are kept.
    """

    def __init__(
        self, directory: str | None = None, *, now: Callable[[], float] = time.time, in_files: bool = True
    ) -> None:
        self.problem: str | None = None
        self.directory = (directory or self._default_directory()) if in_files else None
        self._run_directory = os.environ.get(RUN_DIRECTORY) if in_files else None
        if self.directory is None:
            self._fall_back()
        self.run = os.environ.get(RUN_VARIABLE) or None
        self.now = now

    def get(self, endpoint: str, user: str, password: str) -> CachedToken | None:
        """Return the token, or ``None`` if there is none that is safe to use and valid for a while."""
        name = _name(endpoint, user)
        entry = self._read(name)
        if entry is None:
            return None
        try:
            saved, expires_at, token = float(entry["saved"]), entry["expires_at"], entry["token"]
            if not isinstance(token, str) or not sendable(token):
                raise ValueError("not a token")
            found = CachedToken(token, None if expires_at is None else float(expires_at), dict(entry["info"]))
            right = _fits(entry, password)
            if not (saved <= self.now() + _CLOCK_NOISE and (found.expires_at or saved) <= saved + _LONGEST_LIFE):
                raise ValueError("from the future, or without end")
        except (KeyError, TypeError, ValueError, OverflowError):
            self._discard(name)
            return None
        return found if right and self._lives(saved, found.expires_at) else None

    def put(self, endpoint: str, user: str, password: str, token: CachedToken) -> bool:
        """Keep a token, and return whether other tasks can read it."""
        entry = {"token": token.token, "expires_at": token.expires_at, "info": dict(token.info)}
        return self._keep(_name(endpoint, user), self._entry(password, entry))

    def drop(self, endpoint: str, user: str, token: str) -> None:
        """Remove a token that the platform rejected, unless another process has replaced it. Requires the lock."""
        entry = self._read(_name(endpoint, user)) or {}
        if hmac.compare_digest(str(entry.get("token")).encode(), token.encode()):
            self._discard(_name(endpoint, user))

    def failure(self, endpoint: str, user: str, password: str, since: float) -> TpopsError | None:
        """Return why a login of the same run failed, if it failed after ``since`` (epoch seconds) or was rejected less
        than a minute ago."""
        name = _failure_name(endpoint, user)
        entry = self._read(name) or _FAILURES.get(name) or {}
        try:
            if not self.run or entry["run"] != self.run or not _fits(entry, password):
                return None
            saved, error = float(entry["saved"]), from_data(entry["error"])
        except (AttributeError, KeyError, TypeError, ValueError, OverflowError):
            self._discard(name)
            return None
        age = self.now() - saved
        if isinstance(error, AuthenticationFailed) and 0 <= age < _REFUSED_SECONDS:
            error.message = f"{error.message}; that was {age:.0f} seconds ago, and no login is tried again for a minute"
            return error
        return error if since <= saved <= self.now() else None

    def put_failure(self, endpoint: str, user: str, password: str, error: TpopsError) -> bool:
        """Keep why a login failed, and return whether other tasks can read it."""
        if not self.run:
            return False
        name, entry = _failure_name(endpoint, user), self._entry(password, {"run": self.run, "error": as_data(error)})
        kept = self._keep(name, entry)
        if not kept:
            _FAILURES[name] = entry
        return kept

    @contextlib.contextmanager
    def lock(self, endpoint: str, user: str) -> Iterator[None]:
        """Let one process log in while the others wait for its token; read the cache again inside."""
        handle = self._open_lock(_name(endpoint, user))
        try:
            yield
        finally:
            if handle is not None:
                # Closing releases the lock.
                os.close(handle)

    def _default_directory(self) -> str | None:
        path = os.path.join(os.path.expanduser(os.environ.get("ANSIBLE_HOME") or "~/.ansible"), "gaussdb_tpops")
        # If the home directory is unknown, the name is not expanded and would be relative to the current directory.
        if os.path.isabs(path) and "~" not in path.split(os.sep):
            return path
        self.problem = f"{path} is not an absolute path; set HOME or ANSIBLE_HOME"
        return None

    def _fall_back(self) -> bool:
        """Use the directory of the run from now on, and return whether there is one that has not been tried."""
        if not self._run_directory:
            return False
        self.directory, self._run_directory = os.path.join(self._run_directory, "gaussdb_tpops"), None
        return True

    def _lives(self, saved: float, expires_at: float | None) -> bool:
        if expires_at is None:
            return self.now() < saved + _LONGEST_LIFE
        margin = min(_MARGIN_SECONDS, max(0.0, expires_at - saved) * _MARGIN_SHARE)
        return self.now() < expires_at - margin

    def _prepare(self, directory: str) -> None:
        """Make sure that only this user has access to the directory. Raises :class:`OSError` if that is not
        possible."""
        os.makedirs(directory, mode=0o700, exist_ok=True)
        found = os.stat(directory)
        if found.st_uid != os.geteuid():
            raise PermissionError(errno.EPERM, "the directory belongs to another user")
        if found.st_mode & 0o077:
            os.chmod(directory, 0o700)

    def _read(self, name: str) -> Mapping[str, Any] | None:
        """Return the content of a file, ``None`` if there is none. An untrusted file is removed."""
        if self.directory is None:
            return None
        try:
            handle = os.open(
                os.path.join(self.directory, name), os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
            )
            with os.fdopen(handle, "rb") as file:
                found = os.fstat(handle)
                trusted = stat.S_ISREG(found.st_mode) and found.st_uid == os.geteuid() and not found.st_mode & 0o077
                entry = json.loads(file.read(_LARGEST_FILE)) if trusted else None
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (OSError, ValueError, RecursionError):
            entry = None
        if isinstance(entry, Mapping):
            return entry
        self._discard(name)
        return None

    def _entry(self, password: str, data: Mapping[str, Any]) -> dict[str, Any]:
        salt = secrets.token_hex(16)
        return {**data, "saved": self.now(), "salt": salt, "check": _check(salt, password)}

    def _keep(self, name: str, entry: Mapping[str, Any]) -> bool:
        if self.directory is None:
            return False
        try:
            self._prepare(self.directory)
            self._write(os.path.join(self.directory, name), json.dumps(entry))
        except OSError as error:
            self._note(error)
            return self._fall_back() and self._keep(name, entry)
        return True

    def _note(self, error: OSError) -> None:
        """Keep why a directory cannot be used: of two, the first is what the user can change."""
        self.problem = self.problem or f"{self.directory}: {error.strerror or error}"

    def _write(self, path: str, text: str) -> None:
        handle, temporary = tempfile.mkstemp(dir=self.directory)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
            os.replace(temporary, path)
        except OSError:
            with contextlib.suppress(OSError):
                os.unlink(temporary)
            raise

    def _discard(self, name: str) -> None:
        if self.directory is None:
            return
        path = os.path.join(self.directory, name)
        with contextlib.suppress(OSError):
            if os.stat(self.directory).st_uid != os.geteuid():
                return
            if os.path.isdir(path) and not os.path.islink(path):
                os.rmdir(path)
            else:
                os.unlink(path)

    def _open_lock(self, name: str) -> int | None:
        if self.directory is None:
            return None
        try:
            self._prepare(self.directory)
            path = os.path.join(self.directory, name + ".lock")
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        except OSError as error:
            self._note(error)
            return self._open_lock(name) if self._fall_back() else None
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
        except OSError:
            # A file system without locks: an extra login does no harm.
            os.close(handle)
            return None
        return handle


def _name(endpoint: str, user: str) -> str:
    return hashlib.sha256(f"{endpoint}\n{user}".encode("utf-8", "surrogatepass")).hexdigest()


def _failure_name(endpoint: str, user: str) -> str:
    return _name(endpoint, user) + ".failed"


def _check(salt: str, password: str) -> str:
    return hmac.new(salt.encode(), password.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()[:4]


def _fits(entry: Mapping[str, Any], password: str) -> bool:
    check, salt = entry["check"], entry["salt"]
    if not (isinstance(check, str) and check.isascii() and isinstance(salt, str) and salt.isascii()):
        raise ValueError("not a check")
    return hmac.compare_digest(check, _check(salt, password))
