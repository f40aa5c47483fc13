# SPDX-License-Identifier: GPL-3.0-or-later
"""Messages for values that violate a schema, without the value."""

from __future__ import annotations

from jsonschema_rs import ValidationError, ValidationErrorKind

_TEXTS = {
    "enum": "must be one of {}",
    "minLength": "must have {} characters at least",
    "maxLength": "must have {} characters at most",
    "pattern": "must match {}",
    "format": "must be a {}",
    "minimum": "must be {} at least",
    "maximum": "must be {} at most",
    "minItems": "must have {} items at least",
    "maxItems": "must have {} items at most",
    "uniqueItems": "must not have the same item twice",
    "multipleOf": "must be a multiple of {}",
    "not": "is not allowed",
}


def describe_violation(error: ValidationError, whole: str = "body") -> str:
    """Which field is wrong and why; `whole` is the name of a value that is wrong as a whole."""
    error = find_nearest(error)[-1]
    field = ".".join(str(step) for step in error.instance_path) or whole
    return f"{field}: {_rule(error.kind)}"


def find_nearest(error: ValidationError) -> list[ValidationError]:
    """The violation; where the value matches none of several forms, also what is wrong in the closest form."""
    found = [error]
    while isinstance(found[-1].kind, (ValidationErrorKind.AnyOf, ValidationErrorKind.OneOfNotValid)):
        # With equally many violations, a form with the right type is closer.
        form = min(found[-1].kind.context, key=lambda form: (len(form), any(e.kind.name == "type" for e in form)))
        found.append(form[0])
    return found


def _rule(kind: ValidationErrorKind) -> str:
    # Names of fields are not secret; their values may be.
    match kind:
        case ValidationErrorKind.Required(name):
            return f"'{name}' is a required property"
        case ValidationErrorKind.AdditionalProperties(names):
            named = ", ".join(f"'{name}'" for name in names) + (" was" if len(names) == 1 else " were")
            return f"Additional properties are not allowed ({named} unexpected)"
        case ValidationErrorKind.OneOfMultipleValid():
            return "matches more than one form"
        case ValidationErrorKind.Type(types):
            return f"must be of type {' or '.join(name for name in types if name != 'null') or 'null'}"
        case _:
            return _TEXTS.get(kind.name, f"violates the rule {kind.name}").format(kind.value)
