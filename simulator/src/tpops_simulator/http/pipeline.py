# SPDX-License-Identifier: GPL-3.0-or-later
"""The inner part of the pipeline, behind connexion's checks: permission, fault rule, lock, handler, reply."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from connexion.lifecycle import ConnexionRequest
from connexion.uri_parsing import OpenAPIURIParser

from ..admin.faults import Faults, Rule, Subject, job_fault
from ..chapters import Handler
from ..contract import Contract, Operation, resolve
from ..model.errors import ApiError, error_body
from ..model.jobs import JobFault
from ..model.request import Reply, Request
from ..model.site import Site
from ..model.topology import fail_node, find_node
from .context import EXTENSION, Context
from .replies import NoReply, RawReply, ResetConnection, SendAsIs, SiteDown, encode, json_reply

FORMS = ("multipart/form-data", "application/x-www-form-urlencoded")


class NotRouted(Exception):
    """No operation has this method and path."""


class Endpoint:
    """The ASGI application that connexion's middleware is around."""

    def __init__(self, site: Site, contract: Contract, handlers: dict[str, Handler], faults: Faults) -> None:
        self._site = site
        self._handlers = handlers
        self._faults = faults
        self._forms = {op.operation_id: _form(contract.document, op) for op in contract.operations.values()}
        self._parsers = {
            op.operation_id: OpenAPIURIParser(_resolved(contract.document, op.parameters), self._forms[op.operation_id])
            for op in contract.operations.values()
        }

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        context: Context = scope["extensions"][EXTENSION]
        operation = context.operation
        if operation is None:
            raise NotRouted
        _check_text(context)
        try:
            reply = await self._answer(scope, receive, context, operation)
        except ApiError as error:
            reply = json_reply(error.status, error.body(camel=context.camel, language=context.language))
        await reply.send(send)

    async def _answer(self, scope: Any, receive: Any, context: Context, operation: Operation) -> RawReply:
        user = self._site.sessions.users.get(context.user) if context.user else None
        if user and user.read_only and not operation.read:
            raise ApiError("DBS.00110007")
        request = await self._request(scope, receive, context, operation)
        context.in_handler = True
        instance_id = _instance_id(request)
        subject = Subject(operation.operation_id, operation.method, instance_id, context.body)
        rules = self._faults.strike(subject)
        context.faults = [rule.kind for rule in rules]
        await self._before(rules, context, instance_id)
        self._site.advance()
        if operation.exclusive and instance_id and (held := self._site.running_jobs(instance_id)):
            raise ApiError("DBS.200019", detail=held[0].name)
        try:
            reply = self._act(request, operation, context, subject)
        except ApiError as error:  # a refusal can be lost or cut off on its way like any reply
            reply = json_reply(error.status, error.body(camel=context.camel, language=context.language))
        return self._after(rules, reply)

    async def _before(self, rules: list[Rule], context: Context, instance_id: str | None) -> None:
        """The faults that strike before the platform acts."""
        for rule in rules:
            if rule.kind == "delay":
                await self._wait(rule)
            elif rule.kind == "status":
                raise SendAsIs(_given(rule))
            elif rule.kind == "html":
                raise SendAsIs(_page(rule))
            elif rule.kind == "busy":
                raise ApiError("DBS.200019")
            elif rule.kind == "expire_token":
                self._site.sessions.drop(context.token)
                raise ApiError("DBS.00110006", status=401)
            elif rule.kind == "reset_before":
                raise ResetConnection
            elif rule.kind == "node_down" and (instance := self._site.instances.get(instance_id or "")):
                try:
                    fail_node(instance, find_node(instance, rule.node))
                except ValueError as exc:
                    text = f"Fault rule {rule.id}: {exc}"
                    raise SendAsIs(json_reply(500, error_body("SIM.0500", text, camel=context.camel))) from exc
            elif rule.kind == "site_down":
                self._site.go_down(rule.mode, rule.seconds)
                raise SiteDown
            elif rule.kind == "timeout" and not rule.acted:
                raise NoReply

    async def _wait(self, rule: Rule) -> None:
        seconds = 1.0 if rule.seconds is None else rule.seconds
        if not rule.simulated:
            await asyncio.sleep(seconds)
            return
        clock = self._site.clock
        until = clock.read() + seconds
        # Polled, since the clock may also be advanced by hand meanwhile.
        while (missing := until - clock.read()) > 0:
            await asyncio.sleep(min(missing / clock.speed, 0.05) if clock.speed else 0.02)

    def _after(self, rules: list[Rule], reply: RawReply) -> RawReply:
        """The faults that strike once the platform has acted."""
        for rule in rules:
            if rule.kind == "reset_after":
                raise ResetConnection
            if rule.kind == "timeout" and rule.acted:
                raise NoReply
            if rule.kind == "truncate":
                content = reply.content[: int(len(reply.content) * rule.keep)]
                raise SendAsIs(RawReply(reply.status, content, reply.media_type or "application/json", reply.headers))
        return reply

    def _act(self, request: Request, operation: Operation, context: Context, subject: Subject) -> RawReply:
        """Run the handler. It sees time standing still, and nothing else runs meanwhile."""
        handler = self._handlers.get(operation.operation_id)
        if handler is None:
            text = f"{operation.operation_id} is not simulated yet."
            return json_reply(501, error_body("SIM.0501", text, camel=context.camel))

        def next_job_fault() -> JobFault | None:
            rules = self._faults.strike_job(subject)
            context.faults += [rule.kind for rule in rules]
            return job_fault(rules)

        clock = self._site.clock
        clock.pin(clock.read())
        self._site.next_job_fault = next_job_fault
        try:
            result = handler(self._site, request)
        finally:
            clock.pin(None)
            self._site.next_job_fault = None
        return _to_raw(result, operation)

    async def _request(self, scope: Any, receive: Any, context: Context, operation: Operation) -> Request:
        incoming = ConnexionRequest(scope, receive, uri_parser=self._parsers[operation.operation_id])
        body: Any = None
        media = context.headers.get("content-type", "").split(";")[0].strip().lower()
        if media in FORMS and self._forms[operation.operation_id]:
            body = dict(await incoming.form())
        elif context.body:
            body = context.json() if "json" in (media or "json") else context.body
        return Request(
            operation_id=operation.operation_id,
            path=dict(incoming.path_params),
            query={**operation.query_defaults, **incoming.query_params},
            body=body,
            headers=context.headers,
            language=context.language,
            user=context.user,
            client_ip=context.client_ip,
        )


def _check_text(context: Context) -> None:
    """Refuse text that is no Unicode: JSON can spell half a surrogate pair, which nothing later can write down."""
    if b"\\ud" in context.body.lower():
        json.dumps(context.json(), ensure_ascii=False).encode()


def _instance_id(request: Request) -> str | None:
    body = request.body if isinstance(request.body, dict) else {}
    found = request.path.get("instance_id") or request.query.get("instance_id") or body.get("instance_id")
    return found if isinstance(found, str) else None


def _to_raw(result: Any, operation: Operation) -> RawReply:
    if not isinstance(result, Reply):
        if result is None:
            return RawReply(operation.success_status)
        return json_reply(operation.success_status, result)
    status = result.status or operation.success_status
    if isinstance(result.body, str):
        return RawReply(status, result.body.encode(), result.media_type or "text/plain; charset=utf-8", result.headers)
    if isinstance(result.body, bytes):
        return RawReply(status, result.body, result.media_type or "application/octet-stream", result.headers)
    if result.body is None:
        return RawReply(status, b"", result.media_type, result.headers)
    return RawReply(status, encode(result.body), result.media_type or "application/json", result.headers)


def _given(rule: Rule) -> RawReply:
    status = rule.status or 500
    if rule.body is None:
        return RawReply(status, b"", None, rule.headers)
    if isinstance(rule.body, str):
        return RawReply(status, rule.body.encode(), "text/plain; charset=utf-8", rule.headers)
    return json_reply(status, rule.body, rule.headers)


def _page(rule: Rule) -> RawReply:
    status = rule.status or 502
    text = rule.body if isinstance(rule.body, str) else f"<html><body><h1>{status}</h1><p>Proxy error</p></body></html>"
    return RawReply(status, text.encode(), "text/html; charset=utf-8", rule.headers)


def _resolved(document: dict[str, Any], parameters: tuple[dict[str, Any], ...]) -> list[dict[str, Any]]:
    return [{**p, "schema": resolve(document, p.get("schema", {}))} for p in parameters]


def _form(document: dict[str, Any], operation: Operation) -> dict[str, Any]:
    """What connexion's parser must know to give form fields their types; nothing where the operation takes no form."""
    spec = document["paths"][operation.path][operation.method.lower()]
    content = resolve(document, spec.get("requestBody", {})).get("content", {})
    for media in FORMS:
        if media in content:
            schema = resolve(document, content[media].get("schema", {}))
            fields = {k: {"type": "string", **resolve(document, v)} for k, v in schema.get("properties", {}).items()}
            return {"schema": {**schema, "properties": fields}, "encoding": content[media].get("encoding", {})}
    return {}
