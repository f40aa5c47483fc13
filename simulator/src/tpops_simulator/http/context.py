# SPDX-License-Identifier: GPL-3.0-or-later
"""What the stages of the pipeline tell each other about one request."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from ..contract import Operation

EXTENSION = "tpops_simulator"


@dataclass
class Context:
    """One request on its way; it travels in the ASGI scope's extensions."""

    method: str
    path: str
    body: bytes
    headers: dict[str, str]
    trace_id: str
    client_ip: str
    operation: Operation | None = None
    user: str | None = None
    token: str | None = None
    # From here on an exception is the simulator's own mistake and no longer one of the request.
    in_handler: bool = False
    faults: list[str] = field(default_factory=list)

    @property
    def language(self) -> str:
        return "zh-cn" if self.headers.get("x-language", "").lower() == "zh-cn" else "en-us"

    @property
    def camel(self) -> bool:
        return bool(self.operation and self.operation.camel_errors)

    def json(self) -> Any:
        """The body as JSON, or None where it is none."""
        if not self.body or "json" not in self.headers.get("content-type", "application/json"):
            return None
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None
