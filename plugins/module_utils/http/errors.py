# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What can go wrong between the collection and the platform.

The layers below the runner raise these; the runner turns them into a failed task once. ``str()`` of each is one
sentence that a person understands, without a full stop so that it can be quoted in another one. No message, attribute
or argument carries a password or a token, and none that people read controls their terminal, whatever the platform has
sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..util.printable import LONGEST_MESSAGE, LONGEST_WORD, printable
from .error_codes import hint_for


class TpopsError(Exception):
    """Base of all errors of this collection.

    ``status`` is the HTTP status, ``code`` the platform's error code, ``operation`` the name of the operation,
    ``method`` and ``path`` its request, ``trace_id`` what the platform's log is searched for, ``hint`` what to do about
    it (by default what appendix A.3 suggests for the code), ``details`` whatever else a caller may want to look at.
    Each may be ``None`` when it is not known; ``details`` is a dictionary always.
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
        # A message may have got more text in the meantime.
        return {"msg": printable(msg, LONGEST_MESSAGE), "error": error}


_CONTEXT = ("status", "code", "operation", "method", "path", "trace_id", "hint")


def as_data(error: TpopsError) -> dict[str, Any]:
    """Return an error as plain data, from which :func:`from_data` makes it again; its ``details`` are left out."""
    return {"kind": type(error).__name__, "message": error.message, **{name: getattr(error, name) for name in _CONTEXT}}


def from_data(data: Mapping[str, Any]) -> TpopsError:
    """Return the error that :func:`as_data` has described; raise :class:`ValueError` for anything else."""
    kind = globals().get(str(data.get("kind")))
    if not (isinstance(kind, type) and issubclass(kind, TpopsError)):
        raise ValueError("not an error of the platform")
    return kind(str(data.get("message")), **{name: data.get(name) for name in _CONTEXT})


class InputError(TpopsError):
    """The input cannot be right; nothing was sent. ``option`` names the option at fault."""

    def __init__(self, message: str, *, option: str | None = None, **context: Any) -> None:
        super().__init__(message, **context)
        self.option = option


class ConnectionFailed(TpopsError):
    """The platform could not be reached, or the answer to a read was lost. Nothing was changed."""


class AmbiguousWrite(TpopsError):
    """The reply to a write was lost: the platform may have carried it out. Read the object back to decide.

    With ``under_way`` there was no answer in time, so that the platform may also carry it out only later.
    """

    def __init__(self, message: str, *, under_way: bool = False, **context: Any) -> None:
        super().__init__(message, **context)
        self.under_way = under_way


class AuthenticationFailed(TpopsError):
    """The platform refused the user name with its password, or the token."""


class TokenRefused(AuthenticationFailed):
    """The platform refused a token that it had just given for a good password: it restarts, or its clock is wrong."""


class PermissionDenied(TpopsError):
    """The platform knows the user but does not let it do this."""


class NotFound(TpopsError):
    """An object that the request names does not exist."""


class Busy(TpopsError):
    """The object stayed busy with another operation for as long as the client was allowed to wait."""


class InvalidReply(TpopsError):
    """The reply is no reply of the platform: an HTML page, cut-off JSON, a redirect, or nothing where something is
    due."""


class ApiFailure(TpopsError):
    """Any other error reply of the platform."""


class JobError(TpopsError):
    """Base of the errors about a job.

    ``job_id`` is the job's ID, or ``None`` when something else than a job was waited for; ``job`` is what was last
    known about the job.
    """

    def __init__(
        self, message: str, *, job_id: str | None = None, job: Mapping[str, Any] | None = None, **context: Any
    ) -> None:
        super().__init__(message, **context)
        self.job_id = job_id
        self.job = dict(job or {})

    def as_result(self) -> dict[str, Any]:
        """Return what a failed task shows; where a job ran, ``job`` has its ``id``, ``name``, ``status`` and
        ``progress``."""
        result = super().as_result()
        if self.job_id is not None:
            result["job"] = {"id": self.job_id, **{key: self.job.get(key) for key in ("name", "status", "progress")}}
        return result


class JobFailed(JobError):
    """The platform reports that the job failed."""


class JobTimeout(JobError):
    """The job was still running when the time allowed for it was over. It goes on running."""


class JobUnknown(JobError):
    """The platform does not know the job."""
