# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The client: takes calls of operations, returns the data of the replies, and raises one of ``errors`` on any failure.

It knows HTTP but not Ansible. Its rules:

* * A token is fetched when the first request needs one. If the platform rejects it, there is one new login and one
  repeat.
* A read is repeated after connection errors, cut-off replies and HTTP 429, 500, 502, 503 and 504. A write is repeated
  only if the platform certainly did not receive it or answered 429 or 503; a write whose reply was lost
  is an :class:`errors.AmbiguousWrite`. Pauses grow and are jittered, ``Retry-After`` is obeyed up to a minute, and all
  of it ends after four times ``timeout``. A failed TLS handshake or a reply that is too large is never repeated.
* A reply that is not complete after four times ``timeout`` counts as lost, even if bytes still arrive.
* The client waits up to ``busy_timeout`` for a busy object, and for an instance whose transient status does not
  allow a call. If that status has just ended, the call is sent once more.
* No redirect is followed, so the token goes to one host only.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from ..api.instance import is_settled, is_transient
from ..api.login import SESSION, create_token
from ..api.operation import Call
from ..util.times import http_date_ms
from . import errors
from .connection import Connection, sendable
from .outcomes import HAS_REQUESTS, REQUESTS_IMPORT_ERROR, Lost, Response
from .pages import read_pages
from .redact import Redactor, find_secret_values
from .replies import (
    INVALID_REPLY_HINT,
    Reply,
    build_failure,
    context_of,
    is_passing,
    is_token_refused,
    is_value_refused,
    read_reply,
    read_retry_after,
)
from .token_cache import CachedToken, TokenCache
from .tokens import Tokens
from .transient import status_behind
from .transport import Transport

__all__ = ["HAS_REQUESTS", "REQUESTS_IMPORT_ERROR", "Client", "Connection", "Reply"]

# Seconds.
_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 10.0
_LONGEST_RETRY_AFTER = 60.0
_FIRST_BUSY_PAUSE = 1.0
_LONGEST_SESSION_MINUTES = 24 * 60
_CLOCK_NOISE_MS = 5000
# A hundred years: no clock is that wrong, and other times are computed from it.
_CLOCK_ABSURD_MS = 100 * 365 * 86_400_000

_BUSY_GROWTH = 1.5


class Client:
    """A session with one platform. Not for use by two threads at a time.

    ``clock`` is monotonic, ``sleep`` and ``rng`` are replaced by tests. ``on_wait`` gets one line of text for each
    pause. ``cache`` replaces the token cache; without it the connection decides whether there is one.
    """

    def __init__(
        self,
        connection: Connection,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        rng: Callable[[], float] = random.random,
        on_wait: Callable[[str], None] | None = None,
        session_factory: Any = None,
        cache: TokenCache | None = None,
    ) -> None:
        if session_factory is None and not HAS_REQUESTS:
            raise errors.TpopsError(
                "The Python library requests is required but not installed", hint="Install requests 2.28 or later."
            )
        self.connection = connection
        self.logins = 0
        self.clock, self.sleep = clock, sleep
        self._rng, self._on_wait = rng, on_wait
        self._transport = Transport(connection, session_factory, clock)
        self._redactor = Redactor()
        self._redactor.add((connection.password, connection.token))
        self._ahead_ms: int | None = None
        # Warnings of the task, one line each.
        self.warnings: list[str] = []
        self._tokens = Tokens(
            connection, self._login, cache or TokenCache(in_files=connection.token_cache), self.warnings.append
        )

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    @property
    def requests_sent(self) -> int:
        """The number of requests sent, including logins and repeats."""
        return self._transport.requests_sent

    def close(self) -> None:
        """Close the connections; the client can be used again afterwards."""
        self._transport.close()

    def censor(self, data: Any) -> Any:
        """Return text, at any depth, without the secrets that this client has sent or received."""
        return self._redactor.censor(data)

    @property
    def knows_time(self) -> bool:
        """Whether a reply has shown the platform's clock."""
        return self._ahead_ms is not None

    def now_ms(self) -> int:
        """Return milliseconds since 1970 by the platform's clock if a reply has shown it, otherwise by this machine's
        clock.

        Relative times such as "two hours ago" refer to the platform's clock.
        """
        return round(time.time() * 1000) + (self._ahead_ms or 0)

    def _set_clock(self, outcome: Response | Lost) -> None:
        date = outcome.headers.get("Date") if isinstance(outcome, Response) else None
        moment = http_date_ms(date)
        if moment is not None:
            ahead = moment - round(time.time() * 1000)
            if abs(ahead) > _CLOCK_ABSURD_MS:
                return
            # The header has whole seconds, and the reply took some time to arrive.
            self._ahead_ms = ahead if abs(ahead) > _CLOCK_NOISE_MS else 0

    def token(self) -> str:
        """Return a token, after a login if one is needed."""
        return self._tokens.current().token

    def token_info(self) -> dict[str, Any]:
        """Return the token and the data of the login: ``token``, ``expires_at`` (epoch seconds), and the keys of
        ``SESSION``.

        ``expires_at`` and the others are ``None`` if the platform did not report them, and for a token given as an
        option.
        """
        current = self._tokens.current()
        return {**SESSION.read({}), **current.info, "token": current.token, "expires_at": current.expires_at}

    def send(self, call: Call, wait_when_busy: bool = True) -> Reply:
        """Send a call and return its reply; every failure is a :class:`errors.TpopsError`.

        With ``wait_when_busy`` it waits for a busy object. A body that is rejected as invalid is sent in its other
        form, if it has one; if that is rejected too, the first error counts.
        """
        _check(call)
        self._redactor.add(find_secret_values(call.body))
        wait = _BusyWait(self.connection.busy_timeout, self.clock)
        renewals = 0
        refused: errors.TpopsError | None = None
        settled = False
        while True:
            token = None if call.operation.anonymous else self._token_for_request()
            outcome = self._send_until_settled(call, token)
            if isinstance(outcome, Reply):
                return outcome
            if token is not None and is_token_refused(outcome):
                # The first new token may come from another process's cache: then a real login follows.
                logins = self.logins
                if renewals == 2 or not self._tokens.renew(token):
                    raise self._token_refused(call, outcome)
                renewals = 2 if self.logins > logins else renewals + 1
                continue
            error = build_failure(call, outcome, self._redactor)
            if call.other is not None and is_value_refused(error):
                refused, call = error, replace(call, body=call.other, other=None)
                continue
            status = status_behind(call, error.code, self.items)
            if is_settled(status) and not settled:
                # What the call was rejected for may have ended before the look.
                settled = True
                continue
            if is_transient(status):
                error = _as_busy(error, error.message, "Check what runs on the instance, or increase busy_timeout.")
            if not isinstance(error, errors.Busy) or not wait_when_busy:
                raise refused if refused is not None and is_value_refused(error) else error
            pause = wait.next_pause(self._rng(), read_retry_after(outcome, self.now_ms() / 1000))
            if pause is None:
                raise _as_busy(error, f"{error.message}; the object stayed busy for {wait.waited:.0f} seconds")
            self._pause(pause, f"instance is busy ({error.code or 'HTTP 409'}), waiting")

    def item(self, call: Call) -> dict[str, Any]:
        """Send a call whose reply is one object, and return that object, translated by the operation's shape."""
        reply = self.send(call)
        if not isinstance(reply.data, dict):
            raise self._invalid(call, reply, "the reply is not a JSON object")
        shape = call.operation.shape
        if shape and not shape.recognizes(reply.data):
            # Accepting it would mean that nothing is set and nothing is in progress.
            raise self._invalid(call, reply, "the reply has none of the expected keys")
        return shape.read(reply.data) if shape else reply.data

    def items(self, call: Call) -> list[dict[str, Any]]:
        """Send a call whose reply is a list, once per page, and return all objects, translated by the shape."""
        shape = call.operation.shape
        rows = read_pages(call, self.send)
        if shape and any(not shape.recognizes(row) for row in rows):
            raise self._invalid(call, None, "an entry of the list has none of the expected keys")
        return [shape.read(row) for row in rows] if shape else rows

    # Logging in

    def _login(self) -> CachedToken:
        self.logins += 1
        reply = self.send(create_token(str(self.connection.username), str(self.connection.password)))
        info = SESSION.read(reply.data)
        token = info.pop("token") or reply.headers.get("X-Mini-Token")
        if not isinstance(token, str) or not sendable(token):
            raise errors.InvalidReply(
                "create_token failed: the reply contains no token", operation="create_token", status=reply.status
            )
        minutes = info["session_timeout_minutes"]
        lifetime = min(minutes, _LONGEST_SESSION_MINUTES) * 60 if isinstance(minutes, int) and minutes > 0 else None
        return CachedToken(token, None if lifetime is None else int(time.time()) + lifetime, info)

    def _token_for_request(self) -> str:
        token = self._tokens.current().token
        self._redactor.add((token,))
        return token

    def _token_refused(self, call: Call, response: Response) -> errors.TpopsError:
        reason = build_failure(call, response, self._redactor)
        kind = errors.TokenRefused if self.connection.has_credentials else errors.AuthenticationFailed
        if self.connection.has_credentials:
            hint = "Every token is rejected, even right after a login: check the platform's log for this user."
        else:
            hint = "Get a new token, or give username and password so that expired tokens are replaced."
        text = f"The platform rejected the token: {reason.message}"
        return kind(text, code=reason.code, details=reason.details, hint=hint, **context_of(call, response))

    # Sending

    def _send_until_settled(self, call: Call, token: str | None) -> Reply | Response:
        """Send a call, repeat it after transient faults, and return its reply or the permanent error reply."""
        started = self.clock()
        attempt = 0
        while True:
            outcome = self._send_once(call, token)
            passing = self._is_passing(call, outcome)
            if not passing or attempt >= self.connection.retries:
                break
            pause = self._retry_pause(outcome, attempt)
            if self.clock() - started + pause > self.connection.budget:
                break
            self._pause(pause, f"{_reason(outcome)}, trying again")
            attempt += 1
        if isinstance(outcome, Lost):
            raise self._lost(call, outcome, attempt + 1)
        return outcome

    def _send_once(self, call: Call, token: str | None) -> Reply | Response | Lost:
        operation = call.operation
        headers = {"X-Language": self.connection.language}
        if token is not None:
            headers["X-Mini-Token"] = token
            # An operation with a header without a value expects the token there too.
            headers.update({name: value or token for name, value in operation.headers.items()})
        outcome = self._transport.exchange(operation.method, call.path, call.query, call.body, headers)
        self._set_clock(outcome)
        if isinstance(outcome, Response) and 200 <= outcome.status < 300:
            return read_reply(operation, outcome)
        return outcome

    @staticmethod
    def _is_passing(call: Call, outcome: Reply | Response | Lost) -> bool:
        if isinstance(outcome, Lost):
            return outcome.transient and (call.operation.read or not outcome.sent)
        return isinstance(outcome, Response) and is_passing(call.operation, outcome)

    def _retry_pause(self, outcome: Reply | Response | Lost, attempt: int) -> float:
        asked = read_retry_after(outcome, self.now_ms() / 1000) if isinstance(outcome, Response) else None
        if asked is not None:
            return min(asked, _LONGEST_RETRY_AFTER)
        return _jittered(min(_FIRST_PAUSE * 2**attempt, _LONGEST_PAUSE), self._rng())

    def _pause(self, seconds: float, line: str) -> None:
        if self._on_wait is not None:
            self._on_wait(line)
        self.sleep(seconds)

    # Errors

    def _lost(self, call: Call, lost: Lost, attempts: int) -> errors.TpopsError:
        context = context_of(call, lost.response)
        name = call.operation.name
        tries = "" if attempts == 1 else f" ({attempts} attempts)"
        if lost.sent and not call.operation.read:
            return errors.AmbiguousWrite(
                f"{name} was sent, but {lost.reason}: the platform may have executed it",
                hint="Run the task again: it finds what was executed.",
                under_way=lost.under_way,
                **context,
            )
        if lost.response is not None:
            return errors.InvalidReply(f"{name} failed: {lost.reason}{tries}", hint=INVALID_REPLY_HINT, **context)
        place = f"the platform at {self.connection.address}"
        text = f"No reply from {place} to {name}" if lost.sent else f"Cannot connect to {place} for {name}"
        return errors.ConnectionFailed(f"{text}: {lost.reason}{tries}", hint=lost.hint, **context)

    @staticmethod
    def _invalid(call: Call, reply: Reply | None, problem: str) -> errors.InvalidReply:
        return errors.InvalidReply(f"{call.operation.name} failed: {problem}", **context_of(call, reply))


class _BusyWait:
    """The pauses of one wait for a busy object; the timeout starts with the first pause."""

    def __init__(self, timeout: float, clock: Callable[[], float]) -> None:
        self._timeout, self._clock = timeout, clock
        self._started: float | None = None
        self._pauses = self._growing()

    @property
    def waited(self) -> float:
        return 0.0 if self._started is None else self._clock() - self._started

    def next_pause(self, chance: float, asked: float | None) -> float | None:
        """Return the seconds to wait, or ``None`` after the timeout."""
        if self._started is None:
            self._started = self._clock()
        left = self._timeout - self.waited
        if left <= 0:
            return None
        pause = _jittered(next(self._pauses), chance) if asked is None else min(asked, _LONGEST_RETRY_AFTER)
        # Never 0: a platform that asks to wait for 0 seconds would be asked in an endless loop.
        return min(max(pause, _FIRST_PAUSE), left)

    @staticmethod
    def _growing() -> Iterator[float]:
        pause = _FIRST_BUSY_PAUSE
        while True:
            yield pause
            pause = min(pause * _BUSY_GROWTH, _LONGEST_PAUSE)


def _jittered(pause: float, chance: float) -> float:
    """Return between half and all of the pause: fifty workers must not retry at the same moment."""
    return pause * (0.5 + chance / 2)


def _as_busy(error: errors.TpopsError, text: str, hint: str | None = None) -> errors.Busy:
    return errors.Busy(
        text,
        status=error.status,
        code=error.code,
        operation=error.operation,
        method=error.method,
        path=error.path,
        trace_id=error.trace_id,
        hint=hint or error.hint or "Check what is running on the object, or increase busy_timeout.",
        details=error.details,
    )


def _reason(outcome: Reply | Response | Lost) -> str:
    return outcome.reason if isinstance(outcome, Lost) else f"the platform answered HTTP {outcome.status}"


def _check(call: Call) -> None:
    """Reject a path that would address a different object."""
    for name, value in call.path_args.items():
        if value is None or str(value).strip() in ("", ".", ".."):
            raise errors.InputError(name, f"{call.operation.name} needs its value, which is {value!r}")
    if not call.complete:
        raise errors.InputError("path", f"{call.operation.name} needs all values of {call.path}")
