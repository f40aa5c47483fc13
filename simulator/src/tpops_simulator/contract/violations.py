# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong with a value that breaks a schema, without the value."""

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
    error = narrow_down(error)[-1]
    field = ".".join(str(step) for step in error.instance_path) or whole
    return f"{field}: {_rule(error.kind)}"


def narrow_down(error: ValidationError) -> list[ValidationError]:
    """The violation, and where the value fits none of several forms, what is wrong in the form that it fits best."""
    found = [error]
    while isinstance(found[-1].kind, (ValidationErrorKind.AnyOf, ValidationErrorKind.OneOfNotValid)):
        # With equally many violations a value of the right type is nearer.
        form = min(found[-1].kind.context, key=lambda form: (len(form), any(e.kind.name == "type" for e in form)))
        found.append(form[0])
    return found


def _rule(kind: ValidationErrorKind) -> str:
    # The names of fields are no secret, what is in them may be one.
    match kind:
        case ValidationErrorKind.Required(name):
            return f"'{name}' is a required property"
        case ValidationErrorKind.AdditionalProperties(names):
            named = ", ".join(f"'{name}'" for name in names) + (" was" if len(names) == 1 else " were")
            return f"Additional properties are not allowed ({named} unexpected)"
        case ValidationErrorKind.OneOfMultipleValid():
            return "fits more than one form"
        case ValidationErrorKind.Type(types):
            return f"must be of type {' or '.join(name for name in types if name != 'null') or 'null'}"
        case _:
            return _TEXTS.get(kind.name, f"breaks the rule {kind.name}").format(kind.value)
