# SPDX-License-Identifier: GPL-3.0-or-later
"""Validation of replies against the contract: a violation is a bug of the simulator."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ..contract import Operation, resolve
from .replies import RawReply
from .schemas import Schema


class ReplyCheck:
    """What the contract says of one operation's replies."""

    def __init__(self, operation: Operation, document: Mapping[str, Any]) -> None:
        self._headers: dict[str, set[str]] = {}
        self._schemas: dict[str, dict[str, Schema | None]] = {}
        for status, reply in operation.responses.items():
            headers = {name.lower(): resolve(document, header) for name, header in reply.get("headers", {}).items()}
            self._headers[status] = {name for name, header in headers.items() if header.get("required")}
            # Of bytes the contract says no more than that they are some.
            self._schemas[status] = {
                media: None if media == "application/octet-stream" else Schema(part["schema"], document, reply=True)
                for media, part in reply.get("content", {}).items()
            }

    def find_problem(self, reply: RawReply) -> str | None:
        """What is wrong with a reply, if anything is."""
        status = str(reply.status) if str(reply.status) in self._schemas else "default"
        schemas = self._schemas[status]
        if missing := self._headers[status] - {name.lower() for name in reply.headers}:
            return f"the header {min(missing)} is missing"
        media = (reply.media_type or "").partition(";")[0]
        if media not in schemas:
            return f"its media type is {media or 'missing'}" if schemas or reply.content else None
        if (schema := schemas[media]) is None:
            return None
        try:
            violation = schema.find_violation(reply.value)
        except ValueError:  # A kind of text, say, that an estate brought: JSON makes plain text of it.
            violation = schema.find_violation(json.loads(reply.content))
        return violation.text if violation else None
