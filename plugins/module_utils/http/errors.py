# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What can go wrong between the collection and the platform.

The layers below the runner raise these; the runner turns them into a failed task once. ``str()`` of each is one
readable sentence, without a full stop so that it can be quoted in another one. No message, attribute or argument
contains a password or a token, and no message contains terminal control characters from the platform.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..util.printable import LONGEST_MESSAGE, LONGEST_WORD, printable
from .error_codes import hint_for


class TpopsError(Exception):
    """Base of all errors of this collection.

    ``status`` is the HTTP status, ``code`` the platform's error code, ``operation`` the name of the operation,
    ``method`` and ``path`` its request, ``trace_id`` the ID to search the platform's log for, ``hint`` the advice (by
    default that of appendix A.3 for the code), ``details`` more data for the caller. Each may be ``None`` if it is
    unknown; ``details`` is always a dictionary.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        code: str | None = None,
        operation: str | None = None,
        method: str | None = None,
        path: str | None = None,
        trace_id: str | None = None,
        hint: str | None = None,
        details: Mapping[str, Any] | None = None,
    ) -> None:
        self.message = printable(message, LONGEST_MESSAGE)
        super().__init__(self.message)
        self.status = status
        self.code = None if code is None else printable(code, LONGEST_WORD)
        self.operation = operation
        self.method = method
        self.path = path
        self.trace_id = None if trace_id is None else printable(trace_id, LONGEST_WORD)
        self.hint = hint if hint is not None else hint_for(code)
        self.details = dict(details or {})

    def as_result(self) -> dict[str, Any]:
        """Return what a failed task shows: ``msg`` (with the hint) and ``error``, whose ``kind`` is the name of the
        class."""
        msg = f"{self.message.rstrip('.')}. {self.hint}" if self.hint else self.message
        error = {
            "kind": type(self).__name__,
            **{name: getattr(self, name) for name in ("status", "code", "operation", "trace_id", "hint")},
        }
        # The message may have been extended in the meantime.
        return {"msg": printable(msg, LONGEST_MESSAGE), "error": error}


_CONTEXT = ("status", "code", "operation", "method", "path", "trace_id", "hint")


def as_data(error: TpopsError) -> dict[str, Any]:
    """Return an error as plain data for :func:`from_data`, without its ``details``."""
    return {"kind": type(error).__name__, "message": error.message, **{name: getattr(error, name) for name in _CONTEXT}}


def from_data(data: Mapping[str, Any]) -> TpopsError:
    """Return the error from the data of :func:`as_data`; raise :class:`ValueError` for anything else."""
    kind = globals().get(str(data.get("kind")))
    if not (isinstance(kind, type) and issubclass(kind, TpopsError)) or kind is InputError:
        raise ValueError("not an error of the platform")
    return kind(str(data.get("message")), **{name: data.get(name) for name in _CONTEXT})


class InputError(TpopsError):
    """The input is invalid; nothing was sent. ``option`` names the wrong option, the first of ``options``;
    ``problem`` says what is wrong."""

    def __init__(self, option: str | Sequence[str], problem: str, *, about: str = "", **context: Any) -> None:
        """``option`` is the path of the option at fault, or of several, the first of which counts. ``about`` is the
        object that it belongs to, as people call it."""
        options = [option] if isinstance(option, str) else list(option)
        super().__init__(f"{', '.join(options)}{f' ({about})' if about else ''}: {problem}", **context)
        self.option, self.options, self.problem = options[0], options, problem
        # What makes the error again when it is pickled.
        self.args = (options, problem)

    def __str__(self) -> str:
        return self.message


class ConnectionFailed(TpopsError):
    """The platform could not be reached, or the answer to a read was lost. Nothing was changed."""


class AmbiguousWrite(TpopsError):
    """The reply to a write was lost: the platform may have executed it. Read the object back to decide.

    With ``under_way`` there was no answer in time, so the platform may also execute it later.
    """

    def __init__(self, message: str, *, under_way: bool = False, **context: Any) -> None:
        super().__init__(message, **context)
        self.under_way = under_way


class AuthenticationFailed(TpopsError):
    """The platform rejected the user name and password, or the token."""


class TokenRefused(AuthenticationFailed):
    """The platform rejected a token that it had just issued: it is restarting, or its clock is wrong."""


class PermissionDenied(TpopsError):
    """The platform knows the user but denies the operation."""


class NotFound(TpopsError):
    """An object of the request does not exist."""


class Busy(TpopsError):
    """The object was busy with another operation until the timeout."""


class InvalidReply(TpopsError):
    """The reply is not a reply of the platform: an HTML page, truncated JSON, a redirect, or an unexpected empty
    reply."""


class ApiFailure(TpopsError):
    """Any other error reply of the platform."""


class JobError(TpopsError):
    """Base of the errors about a job.

    ``job_id`` is the job's ID, or ``None`` if the task waited for something other than a job; ``job`` has the last
    known data of the job.
    """

    def __init__(
        self, message: str, *, job_id: str | None = None, job: Mapping[str, Any] | None = None, **context: Any
    ) -> None:
        super().__init__(message, **context)
        self.job_id = job_id
        self.job = dict(job or {})

    def as_result(self) -> dict[str, Any]:
        """Return what a failed task shows; if a job ran, ``job`` has its ``id``, ``name``, ``status`` and
        ``progress``."""
        result = super().as_result()
        if self.job_id is not None:
            result["job"] = {"id": self.job_id, **{key: self.job.get(key) for key in ("name", "status", "progress")}}
        return result


class JobFailed(JobError):
    """The platform reports that the job failed."""


class JobTimeout(JobError):
    """The job was still running at the timeout. It continues to run."""


class JobUnknown(JobError):
    """The platform does not know the job."""
