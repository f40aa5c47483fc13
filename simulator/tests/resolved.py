# SPDX-License-Identifier: GPL-3.0-or-later
"""Documents and schemas by themselves, without the operations around them."""

from __future__ import annotations

from typing import Any

import jsonschema_rs

from tpops_simulator.http.schemas import Schema


class Specification:
    """A document whose references are replaced by what they lead to."""

    def __init__(self, spec: dict[str, Any]) -> None:
        self.spec = spec

    @classmethod
    def from_dict(cls, document: dict[str, Any]) -> Specification:
        return cls(jsonschema_rs.dereference(document))


def compile_reply(schema: dict[str, Any]) -> Schema:
    return Schema(schema, reply=True)


accepts = Schema.accepts
