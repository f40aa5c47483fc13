# Copyright: Contributors to the gaussdb.tpops project
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The meaning of a reply: its data, or its error."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from ..api.operation import Call, Operation
from ..api.vocabulary import ACKNOWLEDGED
from ..util.printable import LONGEST_WORD, printable
from ..util.times import http_date_ms
from ..util.values import lookup
from . import error_codes, errors
from .outcomes import Lost, Response
from .redact import Redactor

_CODE_NAMES = ("error_code", "errCode", "errorCode", "error.code")
_TEXT_NAMES = ("error_msg", "externalMessage", "errMsg", "errorMsg", "error.message", "message")
# The same keys of one error in a list.
_LISTED_CODE_NAMES = (*_CODE_NAMES, "code")
_LISTED_TEXT_NAMES = (*_TEXT_NAMES, "msg", "detail")
_ERROR_LIST = "errors"
# An error that is not JSON: its code, and the text after it.
_PLAIN_ERROR = re.compile(r"""[\s"'(\[]*(DBS\.[0-9]{3,12})\b[\s"')\]:：,;-]*(.*)""", re.DOTALL)

# With HTTP 409 and an unknown code, these words distinguish "already exists" from "busy, retry later".
_EXISTS = re.compile(r"exist|duplicate|已存在|重复", re.IGNORECASE)

_ERROR_NAMES = frozenset(name for name in (*_CODE_NAMES, *_TEXT_NAMES, _ERROR_LIST) if "." not in name)

_LONGEST_TEXT = 500
# Bytes of a file that show its type.
_LONGEST_BEGIN = 64

# Levels of lists and objects. Replies have six at most; code that walks a reply must not overflow the stack.
_DEEPEST = 64

_SURROGATES = re.compile("[\ud800-\udfff]")
_SECONDS = re.compile("[0-9]+")

INVALID_REPLY_HINT = (
    "Check that endpoint is the address of the platform's API (port 8002 by default) and not of another web server."
)


@dataclass(frozen=True)
class Reply:
    """A successful reply: ``data`` is the parsed JSON, the text of a file, or ``None`` when there is none.

    ``content`` is the body as bytes, for binary files. ``repr`` only shows status and trace ID, because a reply may
    contain a token.
    """

    status: int
    data: Any = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    content: bytes = field(repr=False)
    trace_id: str | None = None


def read_reply(operation: Operation, response: Response) -> Reply | Response | Lost:
    """Return the reply of a response with a success status, or the reason why it cannot be read.

    A body that contains only an error is an error reply, regardless of its status: the response itself is returned.
    """
    if operation.file:
        return _read_file(operation, response)
    if response.status == 204 or not response.content.strip():
        if response.status != 204 and (operation.items or operation.shape):
            return _unreadable("the reply is empty", response)
        data = None
    elif _is_file(operation, response):
        data = _text_of(response.content)
    elif is_html(response):
        return _unreadable("the reply is an HTML page", response, passing=False)
    elif _is_json(response) or operation.items or operation.shape:
        try:
            data = parsed(response.content)
        except ValueError:
            return _unreadable("the reply is not a complete JSON document", response)
    else:
        data = _text_of(response.content)
    if _is_error(response, data):
        return response
    if not operation.read and not _acknowledges(operation, data, response):
        return _unreadable("the reply is neither empty nor a JSON object", response)
    return Reply(response.status, data, response.headers, response.content, response.trace_id)


def _acknowledges(operation: Operation, data: Any, response: Response) -> bool:
    """Return whether a reply can be that of a write: nothing, an object, yes or no (4.14.3), or a word for success.

    A list is valid if the write answers with a list, and any text if it may be the ID of a job (4.18.5). For an
    undescribed operation it is unknown.
    """
    if isinstance(data, list):
        return bool(operation.items) or operation.job_if_named
    if isinstance(data, str):
        return data in ACKNOWLEDGED or operation.job or operation.job_if_named
    return isinstance(data, (Mapping, bool)) or response.content.strip() in (b"", b"null")


def _read_file(operation: Operation, response: Response) -> Reply | Response | Lost:
    """Return the file, unless the reply cannot be one: a file on disk is assumed to be the requested one."""
    data = _json_of(response)
    if _is_error(response, data):
        return response
    if response.status == 204 or not response.content.strip():
        return _unreadable("the file is empty", response)
    if response.content.lstrip()[:1] in (b"{", b"["):
        return _unreadable("the reply is JSON instead of a file", response, passing=False)
    # A report may be an HTML page: then it comes as an attachment.
    if is_html(response) and not _is_attached(response):
        return _unreadable("the reply is an HTML page instead of a file", response, passing=False)
    if operation.begins and not response.content.lstrip()[:_LONGEST_BEGIN].lower().startswith(_lower(operation.begins)):
        return _unreadable("the reply is not a file of this type", response, passing=False)
    return Reply(response.status, _text_of(response.content), response.headers, response.content, response.trace_id)


def _lower(begins: tuple[bytes, ...]) -> tuple[bytes, ...]:
    return tuple(each.lower() for each in begins)


def _is_error(response: Response, data: Any) -> bool:
    """Return whether a body contains only an error."""
    alone = set(data) <= _ERROR_NAMES if isinstance(data, Mapping) else not isinstance(data, list)
    return alone and (code_of(response) or "").startswith("DBS.")


def _unreadable(reason: str, response: Response, passing: bool = True) -> Lost:
    return Lost(reason, sent=True, transient=passing, response=response)


def is_html(response: Response) -> bool:
    """Return whether the body is a web page: something other than the platform answered."""
    return response.media_type == "text/html" or response.content.lstrip()[:1] == b"<"


def _is_file(operation: Operation, response: Response) -> bool:
    if operation.items or operation.shape:
        return False
    return _is_attached(response)


def _is_attached(response: Response) -> bool:
    return (response.headers.get("Content-Disposition") or "").lower().startswith("attachment")


def _is_json(response: Response) -> bool:
    return response.media_type.endswith("json") or response.content.lstrip()[:1] in (b"{", b"[")


def _text_of(content: bytes) -> str | None:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text


def code_of(response: Response) -> str | None:
    """Return the platform's error code, from any of its keys."""
    return _first_text(_error_of(response), _CODE_NAMES)


def _error_of(response: Response) -> Any:
    """Return the object that describes an error, also if it comes as plain text or in a list of errors."""
    data = _json_of(response)
    if data is None:
        data = response.content[: 8 * _LONGEST_TEXT].decode("utf-8-sig", "replace")
    listed = data if isinstance(data, list) else lookup(data, _ERROR_LIST)
    if isinstance(listed, list) and listed and _first_text(data, _CODE_NAMES) is None:
        data = listed[0]
        if isinstance(data, Mapping):
            return {
                "error_code": _first_text(data, _LISTED_CODE_NAMES),
                "error_msg": _first_text(data, _LISTED_TEXT_NAMES),
            }
    match = _PLAIN_ERROR.match(data) if isinstance(data, str) else None
    return {"error_code": match[1], "error_msg": match[2].rstrip("\"' ")} if match else data


def parsed(content: bytes) -> Any:
    """Return the data of a JSON document, such that every value can be printed, compared and sent. Raises
    :class:`ValueError`.

    ``NaN``, ``Infinity`` and ``1e999`` become ``None``, and an unpaired surrogate becomes U+FFFD.
    """
    try:
        data = json.loads(content, parse_constant=lambda _name: None, parse_float=_finite)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if content.count(b"[") + content.count(b"{") > _DEEPEST:
        _check_depth(data)
    if b"\\u" in content or b"\xed" in content:
        text = json.dumps(data, ensure_ascii=False)
        if _SURROGATES.search(text):
            return json.loads(_SURROGATES.sub("\ufffd", text))
    return data


def _finite(text: str) -> float | None:
    number = float(text)
    return number if math.isfinite(number) else None


def _check_depth(data: Any) -> None:
    level = [data]
    for _number in range(_DEEPEST):
        level = [
            inner
            for outer in level
            if isinstance(outer, (dict, list))
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, (dict, list))
        ]
        if not level:
            return
    raise ValueError("nested too deeply")


def _json_of(response: Response) -> Any:
    try:
        return parsed(response.content)
    except ValueError:
        return None


def _first_text(data: Any, names: tuple[str, ...]) -> str | None:
    for name in names:
        value = lookup(data, name)
        if isinstance(value, (str, int)) and str(value).strip():
            return str(value).strip()
    return None


def is_busy(response: Response) -> bool:
    """Return whether the same request is likely to work after some time.

    True for the known codes, unless the server failed (5xx). HTTP 409 alone also means busy, unless its code has
    another meaning in the appendix, or the message says that the object already exists.
    """
    code = code_of(response)
    if error_codes.code_in(code, error_codes.BUSY_CODES):
        return response.status < 500
    known = error_codes.hint_for(code) is not None or _is_answer(code)
    return (
        response.status == 409 and not known and not _EXISTS.search(_first_text(_error_of(response), _TEXT_NAMES) or "")
    )


def is_token_refused(response: Response) -> bool:
    """Return whether the platform requires another token."""
    return response.status == 401 or error_codes.code_in(code_of(response), error_codes.TOKEN_REFUSED_CODES)


def is_passing(operation: Operation, response: Response) -> bool:
    """Return whether the request should be repeated: after an overload, and for reads after an internal error.

    HTTP 500 with a meaningful code, such as that of an object that does not exist, is not a transient fault.
    """
    if response.status in (429, 503):
        return not is_busy(response)
    return operation.read and response.status in (500, 502, 504) and not _is_answer(code_of(response))


def is_value_refused(error: Exception) -> bool:
    """Return whether a request was rejected because of a wrong value, so that nothing was done."""
    if not isinstance(error, errors.ApiFailure) or error.status != 400:
        return False
    return error.code is None or error_codes.code_in(error.code, error_codes.PARAMETER_CODES)


def _is_answer(code: str | None) -> bool:
    return error_codes.code_in(code, error_codes.NOT_FOUND_CODES | error_codes.PERMISSION_CODES)


def read_retry_after(response: Response, now: float) -> float | None:
    """Return the seconds that the platform asks to wait, from either form of ``Retry-After``; ``now`` is epoch
    seconds."""
    text = (response.headers.get("Retry-After") or "").strip()
    if _SECONDS.fullmatch(text):
        return float(text)
    moment = http_date_ms(text)
    return None if moment is None else max(0.0, moment / 1000 - now)


def build_failure(call: Call, response: Response, redactor: Redactor) -> errors.TpopsError:
    """Return the error for a reply without a success status."""
    # Redacted first: shortening the message later could cut through a secret.
    code, data = code_of(response), redactor.censor(_json_of(response))
    code = None if code is None else printable(code, LONGEST_WORD)
    kind, problem = _kind(call.operation, response, code), _problem(response, redactor.censor(_error_of(response)))
    facts = ", ".join(part for part in (f"HTTP {response.status}", code) if part)
    # A gateway did not wait for the platform to finish.
    extra: dict[str, Any] = {"under_way": True} if kind is errors.AmbiguousWrite else {}
    return kind(
        redactor.censor(f"{call.operation.name} failed: {problem} ({facts})"),
        code=redactor.censor(code),
        details={"reply": data} if data is not None else None,
        hint=_hint(kind, response, code),
        **extra,
        **context_of(call, response),
    )


def context_of(call: Call, response: Response | Reply | None = None) -> dict[str, Any]:
    """Return the keyword arguments of every error about a call."""
    context: dict[str, Any] = {"operation": call.operation.name, "method": call.operation.method, "path": call.path}
    if response is not None:
        context.update(status=response.status, trace_id=response.trace_id)
    return context


def _kind(operation: Operation, response: Response, code: str | None) -> type[errors.TpopsError]:
    status = response.status
    if 300 <= status < 400:
        return errors.InvalidReply
    if status == 401 or (operation.anonymous and error_codes.code_in(code, error_codes.LOGIN_REFUSED_CODES)):
        return errors.AuthenticationFailed
    if is_busy(response):
        return errors.Busy
    if error_codes.code_in(code, error_codes.PERMISSION_CODES):
        return errors.PermissionDenied
    if error_codes.code_in(code, error_codes.NOT_FOUND_CODES):
        return errors.NotFound
    if status in (403, 404) and response.content.strip() and _json_of(response) is None:
        # A web server in between blocks the request; that says nothing about the object.
        return errors.InvalidReply
    if status == 403:
        return errors.PermissionDenied
    if status in (404, 410):
        return errors.NotFound
    if status in (502, 504) and not operation.read:
        return errors.AmbiguousWrite
    return errors.ApiFailure


def _problem(response: Response, data: Any) -> str:
    text = _first_text(data, _TEXT_NAMES)
    if text is not None:
        text = " ".join(text.split())[:_LONGEST_TEXT]
        return text.rstrip(".。!")
    if 300 <= response.status < 400:
        return f"the platform answered with a redirect to {_redirect_host(response)}, which is not followed"
    if not response.content.strip():
        return "the reply is empty"
    if is_html(response):
        return "the reply is an HTML page instead of JSON"
    return "the reply is not a complete JSON document" if _json_of(response) is None else "the platform gave no reason"


def _redirect_host(response: Response) -> str:
    # Only the host: the rest of the address may contain anything.
    try:
        parts = urlsplit(response.headers.get("Location") or "")
        return (parts.hostname or "another path of the same host") + (f":{parts.port}" if parts.port else "")
    except ValueError:
        return "an address that cannot be read"


def _hint(kind: type[errors.TpopsError], response: Response, code: str | None) -> str | None:
    known = error_codes.hint_for(code)
    if known is not None:
        return known
    if kind is errors.InvalidReply:
        return INVALID_REPLY_HINT
    if kind is errors.AmbiguousWrite:
        return "The platform may have executed it: check the object before trying again."
    return None
