# SPDX-License-Identifier: GPL-3.0-or-later
"""Messages for values that violate a schema, without the value."""

from __future__ import annotations

from typing import Any

from jsonschema import ValidationError


def describe_violation(error: ValidationError, whole: str = "body") -> str:
    error = find_nearest(error)
    field = ".".join(str(step) for step in error.absolute_path) or whole
    rule, wanted = error.validator, error.validator_value
    texts = {
        "type": f"must be of type {wanted}",
        "enum": f"must be one of {wanted}",
        "minLength": f"must have {wanted} characters at least",
        "maxLength": f"must have {wanted} characters at most",
        "pattern": f"must match {wanted}",
        "format": f"must be a {wanted}",
        "minimum": f"must be {wanted} at least",
        "maximum": f"must be {wanted} at most",
        "minItems": f"must have {wanted} items at least",
        "maxItems": f"must have {wanted} items at most",
        "uniqueItems": "must not have the same item twice",
        "multipleOf": f"must be a multiple of {wanted}",
        "not": "is not allowed",
    }
    if rule in ("required", "additionalProperties"):
        return f"{field}: {error.message}"  # these two name fields only
    if rule == "oneOf":
        return f"{field}: matches more than one form"
    return f"{field}: {texts.get(str(rule), f'violates the rule {rule}')}"


def find_nearest(error: ValidationError) -> ValidationError:
    """For a value that matches none of several forms, the violations of the closest form."""
    while error.validator in ("oneOf", "anyOf") and error.context:
        forms: dict[Any, list[ValidationError]] = {}
        for inner in error.context:
            forms.setdefault(inner.schema_path[0], []).append(inner)
        # With equally many violations, a form with the right type is closer.
        found = min(forms.values(), key=lambda form: (len(form), any(e.validator == "type" for e in form)))
        error = found[0]
    return error
