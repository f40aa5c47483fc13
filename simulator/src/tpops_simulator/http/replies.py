# SPDX-License-Identifier: GPL-3.0-or-later
"""Finished replies, and the exceptions that carry one past the validation of replies."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from typing import Any

from ..model.errors import error_body

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


@dataclass
class RawReply:
    """Status, headers and bytes as they go out. `value` is the JSON or the text that the bytes say."""

    status: int
    content: bytes = b""
    media_type: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    value: Any = None

    async def send(self, send: Send) -> None:
        headers = [(k.lower().encode("latin-1"), str(v).encode("latin-1", "replace")) for k, v in self.headers.items()]
        if self.media_type and not any(k == b"content-type" for k, _unused in headers):
            headers.append((b"content-type", self.media_type.encode("latin-1")))
        content = b"" if self.status in (204, 304) else self.content
        if self.status != 204:
            headers.append((b"content-length", str(len(content)).encode()))
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": content})


class SendAsIs(Exception):
    """A reply that must not be validated against the contract: a fault's."""

    def __init__(self, reply: RawReply) -> None:
        super().__init__("a reply made by a fault rule")
        self.reply = reply


class ResetConnection(Exception):
    """Close the connection in the client's face."""


class SiteDown(Exception):
    """Answer like a site that is down."""


class NoReply(Exception):
    """Keep the connection open and say nothing until the client gives up."""


def encode(body: Any) -> bytes:
    """JSON as bytes. Text that is no Unicode (half a surrogate pair, which JSON can spell) must not stop the reply."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def json_reply(status: int, body: Any, headers: dict[str, str] | None = None) -> RawReply:
    """A reply of JSON."""
    return RawReply(status, encode(body), "application/json", headers or {}, body)


def failure(
    status: int, code: str, message: str, *, camel: bool = False, headers: dict[str, str] | None = None
) -> RawReply:
    """An error reply in the simulator's own words."""
    return json_reply(status, error_body(code, message[:512], camel=camel), headers)
