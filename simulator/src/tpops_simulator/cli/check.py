# SPDX-License-Identifier: GPL-3.0-or-later
"""The checks of `tpops-simulator check` on the contract and its handlers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .. import chapters, contract


@dataclass
class Report:
    operations: int
    # Sections of the reference; two of them may describe one operation.
    sections: int
    missing: list[str]
    problems: list[str]


def check() -> Report:
    merged = contract.load()
    problems = list(merged.problems)
    registry = chapters.load(merged.operations)
    problems += registry.problems
    for operation in merged.operations.values():
        problems += _of(operation)
        for parameter in operation.parameters:
            # The type tells what the text of a parameter stands for, before anything is validated.
            if "type" not in parameter["schema"]:
                problems.append(f"{operation.operation_id}: the parameter {parameter['name']} has no type")
    problems += _invalid(merged.document)
    missing = sorted(set(merged.operations) - set(registry.handlers))
    sections = {section for operation in merged.operations.values() for section in operation.sections}
    return Report(len(merged.operations), len(sections), missing, problems)


def _of(operation: contract.Operation) -> list[str]:
    found = []
    if not all(operation.sections):
        found.append(f"{operation.operation_id}: x-section is missing")
    if operation.method == "GET" and not operation.read:
        found.append(f"{operation.operation_id}: a GET without x-read")
    return found


def _invalid(document: Mapping[str, Any]) -> list[str]:
    """The findings of the OpenAPI validator, if it is installed (by the extra `test`)."""
    try:
        from openapi_spec_validator import OpenAPIV30SpecValidator
    except ImportError:
        return []
    return [
        f"{'/'.join(map(str, e.absolute_path))}: {e.message[:300]}"
        for e in OpenAPIV30SpecValidator(document).iter_errors()
    ]
