# SPDX-License-Identifier: GPL-3.0-or-later
"""The ASGI application: runs requests through the pipeline, gives failures the platform's shape, keeps the log."""

from __future__ import annotations

import asyncio
import logging
import socket
import struct
import time
from collections.abc import Iterable
from email.utils import formatdate
from typing import Any
from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException

from ..admin.api import Admin
from ..admin.dashboard import render
from ..admin.faults import Faults
from ..admin.request_log import RequestLog
from ..admin.state import State
from ..chapters import Registry
from ..chapters import load as load_handlers
from ..contract import Contract
from ..contract import load as load_contract
from ..model.errors import ApiError, where
from ..model.site import Site
from .browsers import refuse_host, refuse_origin
from .context import Context
from .pipeline import Pipeline
from .redactor import Redactor
from .replies import NoReply, RawReply, ResetConnection, SendAsIs, SiteDown, failure, json_reply

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
        self._pipeline = Pipeline(
            site, self.contract, self.registry.handlers, self.faults, validate_replies=validate_replies
        )
        for problem in [*self.contract.problems, *self.registry.problems]:
            log.warning("%s", problem)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":  # nothing has to be done at the start or the end
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
            reply = failure(404, "SIM.0404", "The admin API is off; start with --admin.")
        elif refusal := refuse_host(headers, self._names) or refuse_origin(headers):
            reply = json_reply(403, {"error": refusal})
        else:
            status, value = self._admin.answer(scope["method"], scope["path"], await _read(receive))
            reply = RawReply(status) if value is None else json_reply(status, value)
        await reply.send(send)

    async def _serve(self, scope: Any, receive: Any, send: Any) -> None:
        started = time.perf_counter()
        context = _context(scope, await _read(receive), self.site.ids.trace())
        reply: RawReply | None = None
        silence = _hold
        try:
            reply = await self._answer(context)
        except ResetConnection:
            silence = _reset
        except NoReply:
            pass
        finally:
            # Before anything goes out: who has seen the reply finds its request in the log.
            self._record(context, reply.status if reply else None, started)
        if reply is None:
            return await silence(scope, receive)
        # Simulated time: who asks for the last two hours means those of the platform.
        date = formatdate(self.site.clock.now(), usegmt=True)
        reply.headers = {**reply.headers, "X-TRACE-ID": context.trace_id, "Date": date}
        await reply.send(send)

    async def _answer(self, context: Context) -> RawReply:
        try:
            if not self.site.up:
                raise SiteDown
            if len(context.body) > MAX_BODY:
                raise HTTPException(413)
            return await self._pipeline.answer(context)
        except SiteDown:
            if self.site.down_mode != "503":
                raise ResetConnection from None
            return failure(503, "SIM.0503", "The site is down.")
        except SendAsIs as answer:
            return answer.reply
        except (ResetConnection, NoReply):
            raise
        except Exception as exc:
            return _refusal(context, exc)

    def _record(self, context: Context, status: int | None, started: float) -> None:
        operation = context.operation
        log.info("%s %s %s %s", context.trace_id, context.method, context.path, status or "no reply")
        self.requests.add(
            time=self.site.clock.iso(),
            method=context.method,
            path=context.path,
            query=self._redactor.query(operation, dict(context.query)),
            operation_id=operation.operation_id if operation else None,
            status=status,
            write=not operation.read if operation else False,
            user=context.user,
            client=context.client_ip,
            trace_id=context.trace_id,
            body=self._redactor.body(operation, context.json_for_log),
            faults=context.faults,
            duration_ms=round((time.perf_counter() - started) * 1000, 3),
        )


_DASHBOARD_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
}


def _refusal(context: Context, exc: Exception) -> RawReply:
    """The error reply for whatever stopped a request on its way."""
    if isinstance(exc, HTTPException):
        headers = dict(exc.headers or {})
        return failure(exc.status_code, f"SIM.0{exc.status_code}", exc.detail, camel=context.camel, headers=headers)
    if isinstance(exc, ApiError):
        return json_reply(exc.status, exc.body(camel=context.camel, language=context.language))
    log.error("%s failed: %s", context.name, where(exc))
    return failure(500, "SIM.0500", f"The simulator failed: {type(exc).__name__}", camel=context.camel)


def _context(scope: Any, body: bytes, trace_id: str) -> Context:
    client = scope.get("client") or ("127.0.0.1", 0)
    query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    return Context(scope["method"], scope["path"], query, body, _headers(scope), trace_id, client[0])


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


async def _hold(scope: Any, receive: Any) -> None:
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
