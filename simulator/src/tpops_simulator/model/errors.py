# SPDX-License-Identifier: GPL-3.0-or-later
"""Errors that the platform returns: the catalogue of appendix A.3 in both languages, and ApiError to raise one."""

from __future__ import annotations

import traceback
from typing import Any

from ..data import read_table

# code: (HTTP status, English text, Chinese text)
CATALOGUE: dict[str, tuple[int, str, str]] = {
    code: (entry["status"], entry["en"], entry["zh"]) for code, entry in read_table("errors").items()
}


class ApiError(Exception):
    """Refuse the request with a code of the catalogue.

    `detail` is appended to the catalogue's text in brackets; `params` are added to it as `name=value`. A code that is
    not in the catalogue needs both `status` and `message`; without them it is a programming error (KeyError).
    """

    def __init__(
        self,
        code: str,
        *,
        detail: str | None = None,
        status: int | None = None,
        message: str | None = None,
        **params: Any,
    ) -> None:
        if code not in CATALOGUE and (status is None or message is None):
            raise KeyError(f"{code} is not in the catalogue: give status and message")
        self.code = code
        self.status = status if status is not None else CATALOGUE[code][0]
        self.message = message
        self.detail = detail
        self.params = params
        super().__init__(self.text("en-us"))

    def text(self, language: str) -> str:
        """The message in a language, not longer than the 512 characters that the contract allows."""
        text = self.message or CATALOGUE[self.code][2 if language == "zh-cn" else 1]
        extra = [self.detail] if self.detail else []
        extra += [f"{key}={value}" for key, value in self.params.items()]
        if extra:
            text = f"{text} [{', '.join(extra)}]"
        return text if len(text) <= 512 else text[:509] + "..."

    def body(self, *, camel: bool, language: str) -> dict[str, str]:
        """The error body in the shape that the operation uses."""
        return error_body(self.code, self.text(language), camel=camel)


def error_body(code: str, message: str, *, camel: bool) -> dict[str, str]:
    if camel:
        return {"errCode": code, "externalMessage": message}
    return {"error_code": code, "error_msg": message}


def where(exc: BaseException) -> str:
    """The kind of an exception and its traceback, for the log, without its text, which may quote what a client sent."""
    return "\n".join([type(exc).__name__, *(line.rstrip() for line in traceback.format_tb(exc.__traceback__))])
