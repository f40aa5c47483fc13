# SPDX-License-Identifier: GPL-3.0-or-later
"""The arguments and results of a handler."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Request:
    """A request that has passed authentication and validation."""

    operation_id: str
    path: dict[str, Any] = field(default_factory=dict)
    query: dict[str, Any] = field(default_factory=dict)
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    language: str = "en-us"
    user: str | None = None
    client_ip: str = "127.0.0.1"


@dataclass
class Reply:
    """A reply that needs more than a JSON body with the success status of the contract.

    A `body` of type bytes or str is sent unchanged (set `media_type`); None sends no body; the rest is sent as JSON.
    """

    body: Any = None
    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    media_type: str | None = None
