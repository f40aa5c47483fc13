# SPDX-License-Identifier: GPL-3.0-or-later
"""What the stages of the pipeline tell each other about one request."""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from ..contract import Operation

_CHARSET = re.compile(r';\s*charset\s*=\s*"?([^\s;"]+)', re.IGNORECASE)


@dataclass
class Context:
    """One request on its way."""

    method: str
    path: str
    query: list[tuple[str, str]]
    body: bytes
    headers: dict[str, str]
    trace_id: str
    client_ip: str
    operation: Operation | None = None
    user: str | None = None
    token: str | None = None
    faults: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        """What a log calls the request."""
        return self.operation.operation_id if self.operation else f"{self.method} {self.path}"

    @property
    def language(self) -> str:
        return "zh-cn" if self.headers.get("x-language", "").lower() == "zh-cn" else "en-us"

    @property
    def camel(self) -> bool:
        return bool(self.operation and self.operation.camel_errors)

    @property
    def media_type(self) -> str:
        """The media type of the body, empty where the request names none."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @cached_property
    def json(self) -> Any:
        """The body as JSON; ValueError, LookupError or RecursionError where it is none."""
        charset = _CHARSET.search(self.headers.get("content-type", ""))
        text = self.body.decode(charset[1] if charset else "utf-8")
        value = json.loads(text, parse_float=_parse_float, parse_constant=_parse_float)
        # JSON can spell half a surrogate pair, which is not text and cannot be written down later.
        if "\\ud" in text.lower():
            json.dumps(value, ensure_ascii=False).encode()
        return value

    @property
    def json_for_log(self) -> Any:
        """The body as JSON, or None where it is none."""
        if not self.body or "json" not in (self.media_type or "json"):
            return None
        try:
            return self.json
        except (ValueError, LookupError, RecursionError):
            return None


def _parse_float(text: str) -> float:
    """A number; Python knows some that JSON does not, such as NaN."""
    if not math.isfinite(number := float(text)):
        raise ValueError("not a number of JSON")
    return number
