# SPDX-License-Identifier: GPL-3.0-or-later
"""The way of a request: route, token, contract, permission, fault rule, lock, handler, and the check of its reply."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import Any

from ..admin.faults import Faults, Rule, Subject, job_fault
from ..chapters import Handler
from ..contract import Contract, Operation
from ..model.errors import ApiError
from ..model.jobs import JobFault
from ..model.request import Reply, Request
from ..model.site import Site
from ..model.topology import fail_node, find_node
from .context import Context
from .reading import Body, Parameters
from .replies import NoReply, RawReply, ResetConnection, SendAsIs, SiteDown, failure, json_reply
from .reply_checks import ReplyCheck
from .routing import Router

log = logging.getLogger(__name__)


class Pipeline:
    """Takes requests from their arrival to a reply."""

    def __init__(
        self,
        site: Site,
        contract: Contract,
        handlers: Mapping[str, Handler],
        faults: Faults,
        *,
        validate_replies: bool,
    ) -> None:
        self._site = site
        self._handlers = handlers
        self._faults = faults
        self._validate_replies = validate_replies
        self._router = Router(contract.operations.values())
        schemes = contract.document["components"].get("securitySchemes", {})
        self._token_headers = [scheme["name"].lower() for scheme in schemes.values()]
        document, operations = contract.document, contract.operations.items()
        self._parameters = {name: Parameters(operation, document) for name, operation in operations}
        self._bodies = {name: Body(operation, document) for name, operation in operations}
        self._reply_checks = {name: ReplyCheck(operation, document) for name, operation in operations}

    async def answer(self, context: Context) -> RawReply:
        """The reply; ApiError or HTTPException for a request that is refused on its way to the handler."""
        operation, path = self._router.find(context.method, context.path)
        context.operation = operation
        if operation.needs_token:
            self._authenticate(context)
        query = self._parameters[operation.operation_id].read(context, path)
        body = await self._bodies[operation.operation_id].read(context)
        user = self._site.sessions.users.get(context.user or "")
        if user and user.read_only and not operation.read:
            raise ApiError("DBS.00110007")
        request = Request(
            operation_id=operation.operation_id,
            path=path,
            query=query,
            body=body,
            headers=context.headers,
            language=context.language,
            user=context.user,
            client_ip=context.client_ip,
        )
        reply = await self._perform(request, operation, context)
        if self._validate_replies and (problem := self._reply_checks[operation.operation_id].find_problem(reply)):
            log.error("%s: a reply outside the contract: %s", context.name, problem)
            return failure(500, "SIM.0500", f"The reply is outside the contract: {problem}", camel=context.camel)
        return reply

    def _authenticate(self, context: Context) -> None:
        token = next((context.headers[name] for name in self._token_headers if name in context.headers), "")
        user = self._site.sessions.use(token)
        if user is None:
            raise ApiError("DBS.00110006", status=401)
        context.user, context.token = user.name, token

    async def _perform(self, request: Request, operation: Operation, context: Context) -> RawReply:
        """Run the handler, between the faults before and after it."""
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
                    raise SendAsIs(failure(500, "SIM.0500", text, camel=context.camel)) from exc
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
            return failure(501, "SIM.0501", text, camel=context.camel)

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


def _instance_id(request: Request) -> str | None:
    body = request.body if isinstance(request.body, dict) else {}
    found = request.path.get("instance_id") or request.query.get("instance_id") or body.get("instance_id")
    return found if isinstance(found, str) else None


def _to_raw(result: Any, operation: Operation) -> RawReply:
    given = result if isinstance(result, Reply) else Reply(result)
    status, body, headers = given.status or operation.success_status, given.body, given.headers
    if isinstance(body, str):
        return RawReply(status, body.encode(), given.media_type or "text/plain; charset=utf-8", headers, body)
    if isinstance(body, bytes):
        return RawReply(status, body, given.media_type or "application/octet-stream", headers)
    return json_reply(status, body, headers) if body is not None else RawReply(status, headers=headers)


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
