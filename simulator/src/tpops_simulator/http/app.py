# SPDX-License-Identifier: GPL-3.0-or-later
"""The ASGI application: runs requests through the pipeline, gives failures the platform's shape, keeps the log."""

from __future__ import annotations

import asyncio
import logging
import re
import socket
import struct
import time
from collections.abc import Iterable
from email.utils import formatdate
from typing import Any
from urllib.parse import parse_qsl

from connexion.exceptions import ExtraParameterProblem, ProblemException, Unauthorized, UnsupportedMediaTypeProblem
from connexion.exceptions import NonConformingResponse as BadReply
from starlette.exceptions import HTTPException

from ..admin.api import Admin
from ..admin.dashboard import render
from ..admin.faults import Faults
from ..admin.request_log import RequestLog
from ..admin.state import State
from ..chapters import Registry
from ..chapters import load as load_handlers
from ..contract import METHODS, Contract
from ..contract import load as load_contract
from ..model.errors import ApiError, error_body, where
from ..model.site import Site
from .browsers import refuse_host, refuse_origin
from .context import EXTENSION, Context
from .pipeline import Endpoint, NotRouted
from .redactor import Redactor
from .replies import NoReply, RawReply, ResetConnection, SendAsIs, SiteDown, json_reply
from .validation import build, describe, error_code

MAX_BODY = 16 * 1024 * 1024
# How long a request that gets no answer is held at most.
HOLD_SECONDS = 3600
log = logging.getLogger(__name__)


class Simulator:
    """One site behind HTTP. `site`, `faults` and `requests` may be looked at and changed between requests."""

    def __init__(
        self,
        site: Site,
        *,
        contract: Contract | None = None,
        registry: Registry | None = None,
        faults: Faults | None = None,
        validate_replies: bool = True,
        admin: bool = False,
        names: Iterable[str] = (),
    ) -> None:
        """`names` are those that browsers may call it by, besides localhost and addresses."""
        self.site = site
        self._names = {"localhost", *names}
        self.contract = contract or load_contract()
        self.registry = registry or load_handlers(self.contract.operations)
        self.faults = faults or Faults(site.seed, self.contract.operations)
        self.requests = RequestLog()
        self._redactor = Redactor(self.contract)
        self._state = State(site, self.contract, self.registry, self.faults, self.requests)
        self._admin = Admin(self._state) if admin else None
        endpoint = Endpoint(site, self.contract, self.registry.handlers, self.faults)
        self._validated = build(endpoint, site, self.contract, validate_replies=validate_replies)
        for problem in [*self.contract.problems, *self.registry.problems]:
            log.warning("%s", problem)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
            return
        if scope["type"] != "http":
            return
        path: str = scope["path"]
        self.site.advance()
        if path == "/" and scope["method"] in ("GET", "HEAD"):
            await self._show_dashboard(scope).send(send)
        elif path == "/_simulator" or path.startswith("/_simulator/"):
            await self._administer(scope, receive, send)
        else:
            await self._serve(scope, receive, send)

    def _show_dashboard(self, scope: Any) -> RawReply:
        if refusal := refuse_host(_headers(scope), self._names):
            return RawReply(403, refusal.encode(), "text/plain; charset=utf-8")
        return RawReply(200, render(self._state).encode(), "text/html; charset=utf-8", _DASHBOARD_HEADERS)

    async def _administer(self, scope: Any, receive: Any, send: Any) -> None:
        headers = _headers(scope)
        if self._admin is None:
            reply = json_reply(404, error_body("SIM.0404", "The admin API is off; start with --admin.", camel=False))
        elif refusal := refuse_host(headers, self._names) or refuse_origin(headers):
            reply = json_reply(403, {"error": refusal})
        else:
            status, value = self._admin.answer(scope["method"], scope["path"], await _read(receive))
            reply = RawReply(status) if value is None else json_reply(status, value)
        await reply.send(send)

    async def _serve(self, scope: Any, receive: Any, send: Any) -> None:
        started = time.perf_counter()
        body = await _read(receive)
        context = _context(scope, body, self.site.ids.trace())
        recorded = False

        def record(status: int | None) -> None:
            """Before anything goes out: who has seen the reply finds its request in the log."""
            nonlocal recorded
            if not recorded:
                recorded = True
                self._record(scope, context, status, started)

        async def send_marked(message: Any) -> None:
            if message["type"] == "http.response.start":
                record(message["status"])
                # Simulated time: who asks for the last two hours means those of the platform.
                date = formatdate(self.site.clock.now(), usegmt=True)
                message["headers"] = [
                    *message["headers"],
                    (b"x-trace-id", context.trace_id.encode()),
                    (b"date", date.encode()),
                ]
            await send(message)

        try:
            await self._run(scope, receive, send_marked, context)
        except ResetConnection:
            record(None)
            await _reset(scope, receive)
        except NoReply:
            record(None)
            await _hold(receive)
        finally:
            record(None)

    async def _run(self, scope: Any, receive: Any, send: Any, context: Context) -> None:
        try:
            if not self.site.up:
                raise SiteDown
            if len(context.body) > MAX_BODY:
                raise HTTPException(413)
            inner = {**scope, "extensions": {**scope.get("extensions", {}), EXTENSION: context}}
            inner["headers"] = _with_length(scope["headers"], len(context.body))
            await self._validated(inner, _replay(context.body), send)
        except SiteDown:
            if self.site.down_mode != "503":
                raise ResetConnection from None
            await json_reply(503, error_body("SIM.0503", "The site is down.", camel=False)).send(send)
        except SendAsIs as answer:
            await answer.reply.send(send)
        except (ResetConnection, NoReply):
            raise
        except Exception as exc:
            await self._refusal(context, exc).send(send)

    def _refusal(self, context: Context, exc: Exception) -> RawReply:
        """The error reply for whatever stopped a request on its way."""
        if isinstance(exc, Unauthorized):
            error = ApiError("DBS.00110006", status=401)
            return json_reply(401, error.body(camel=context.camel, language=context.language))
        if isinstance(exc, BadReply):
            log.error("%s: a reply outside the contract: %s", _name(context), describe(exc))
            return _failure(500, "SIM.0500", f"The reply is outside the contract: {describe(exc)}", context)
        if context.in_handler:
            log.error("%s failed: %s", _name(context), where(exc))
            return _failure(500, "SIM.0500", f"The simulator failed: {type(exc).__name__}", context)
        if isinstance(exc, NotRouted):
            return _failure(404, "SIM.0404", f"There is no operation {context.method} {context.path}", context)
        if isinstance(exc, UnsupportedMediaTypeProblem):
            return self._bad_request(context, describe(exc), status=415)
        if isinstance(exc, (ProblemException, ExtraParameterProblem)):
            text = describe(exc)
            if not context.body and "body" in text.lower():
                error = ApiError("DBS.200006")
                return json_reply(400, error.body(camel=context.camel, language=context.language))
            return self._bad_request(context, text, code=error_code(exc))
        if isinstance(exc, HTTPException):
            headers = self._allow(context) if exc.status_code == 405 else None
            return _failure(exc.status_code, f"SIM.0{exc.status_code}", str(exc.detail), context, headers)
        if isinstance(exc, UnicodeError):
            return self._bad_request(context, "the body is not UTF-8")
        if isinstance(exc, (ValueError, LookupError, RecursionError)) or type(exc).__name__ == "MultiPartException":
            return self._bad_request(context, "the body cannot be read")
        log.error("%s failed: %s", _name(context), where(exc))
        return _failure(500, "SIM.0500", f"The simulator failed: {type(exc).__name__}", context)

    def _allow(self, context: Context) -> dict[str, str]:
        """The methods that the path has; the router knows those of its first route alone."""
        paths = self.contract.document["paths"].items()
        methods = next((item for template, item in paths if _fits(template, context.path)), {})
        return {"Allow": ", ".join(sorted(m.upper() for m in methods if m in METHODS))}

    @staticmethod
    def _bad_request(context: Context, text: str, status: int = 400, code: str = "DBS.200001") -> RawReply:
        error = ApiError(code, detail=text, status=status)
        return json_reply(status, error.body(camel=context.camel, language=context.language))

    def _record(self, scope: Any, context: Context, status: int | None, started: float) -> None:
        operation = context.operation
        query = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
        log.info("%s %s %s %s", context.trace_id, context.method, context.path, status or "no reply")
        self.requests.add(
            time=self.site.clock.iso(),
            method=context.method,
            path=context.path,
            query=self._redactor.query(operation, query),
            operation_id=operation.operation_id if operation else None,
            status=status,
            write=not operation.read if operation else False,
            user=context.user,
            client=context.client_ip,
            trace_id=context.trace_id,
            body=self._redactor.body(operation, context.json()),
            faults=context.faults,
            duration_ms=round((time.perf_counter() - started) * 1000, 3),
        )


_DASHBOARD_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
}


def _fits(template: str, path: str) -> bool:
    return bool(re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", f"/rds{template}"), path))


def _name(context: Context) -> str:
    return context.operation.operation_id if context.operation else f"{context.method} {context.path}"


def _failure(status: int, code: str, message: str, context: Context, headers: dict[str, str] | None = None) -> RawReply:
    return json_reply(status, error_body(code, message[:512], camel=context.camel), headers)


def _context(scope: Any, body: bytes, trace_id: str) -> Context:
    client = scope.get("client") or ("127.0.0.1", 0)
    return Context(scope["method"], scope["path"], body, _headers(scope), trace_id, client[0])


def _headers(scope: Any) -> dict[str, str]:
    """The request's headers by their names in lower case."""
    return {k.decode("latin-1").lower(): v.decode("latin-1") for k, v in scope["headers"]}


async def _read(receive: Any) -> bytes:
    """The whole body; reading stops a little behind the limit, so a huge one cannot fill the memory."""
    parts: list[bytes] = []
    size = 0
    while size <= MAX_BODY:
        message = await receive()
        part = message.get("body", b"")
        parts.append(part)
        size += len(part)
        if message["type"] != "http.request" or not message.get("more_body"):
            break
    return b"".join(parts)


def _replay(body: bytes) -> Any:
    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


def _with_length(headers: list[tuple[bytes, bytes]], length: int) -> list[tuple[bytes, bytes]]:
    """connexion takes a chunked body, which announces no length, for an empty one."""
    kept = [(k, v) for k, v in headers if k not in (b"content-length", b"transfer-encoding")]
    return [*kept, (b"content-length", str(length).encode())] if length else kept


async def _lifespan(receive: Any, send: Any) -> None:
    while True:
        message = await receive()
        await send({"type": message["type"] + ".complete"})
        if message["type"] == "lifespan.shutdown":
            return


async def _hold(receive: Any) -> None:
    """Wait until the client goes away."""

    async def gone() -> None:
        while (await receive())["type"] != "http.disconnect":
            pass

    try:
        await asyncio.wait_for(gone(), HOLD_SECONDS)
    except TimeoutError:
        pass


async def _reset(scope: Any, receive: Any) -> None:
    """Close the connection with a TCP reset, not with an orderly end that looks like an empty reply."""
    transport = scope.get("state", {}).get("transport")
    if transport is None:  # another server than ours: the missing reply makes it close the connection
        return
    raw = transport.get_extra_info("socket")
    if raw is not None:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
    await _hold(receive)
