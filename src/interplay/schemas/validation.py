"""Whether a value satisfies a schema, and if not, why, in one sentence. The work is jsonschema-rs's."""

from typing import Any, Final

import jsonschema_rs
from jsonschema_rs import ValidationError, ValidationErrorKind

from interplay.errors import shown
from interplay.schemas.unfit import written

MOMENTS: Final = {
    "date-time": "a date and time as in 2026-11-23T04:05:06Z",
    "date": "a date as in 2026-11-23",
    "time": "a time as in 04:05:06Z",
}

WORDS: Final = {
    "enum": "one of {}",
    "const": "{}",
    "minimum": "at least {}",
    "maximum": "at most {}",
    "exclusiveMinimum": "more than {}",
    "exclusiveMaximum": "less than {}",
    "minItems": "at least {} items",
    "maxItems": "at most {} items",
    "anyOf": "a value that matches one of the alternatives in 'anyOf'",
}
"""What each keyword wants."""


def strict_validator(schema: dict[str, Any] | bool) -> jsonschema_rs.Validator:
    """A validator that checks formats too, and fetches nothing."""
    return jsonschema_rs.Draft202012Validator(schema, validate_formats=True, offline=True)


def complaint(validator: jsonschema_rs.Validator, value: Any) -> str | None:
    """Where the value breaks the schema, what stands there and what was expected; None where it breaks nothing."""
    error = next(validator.iter_errors(value), None)
    return None if error is None else sentence(nearest(error))


def nearest(error: ValidationError) -> ValidationError:
    """Of a union's errors the one that got furthest: it is of the alternative that was most likely meant."""
    match error.kind:
        case ValidationErrorKind.AnyOf(context=alternatives):
            firsts = [nearest(errors[0]) for errors in alternatives if errors]
            meant = [found for found in firsts if found.instance_path != error.instance_path or says_more(found)]
            return max(meant, key=lambda found: len(found.instance_path), default=error)
        case _:
            return error


def says_more(error: ValidationError) -> bool:
    """Whether a value is of an alternative's type already, and only something in it is wrong."""
    match error.kind:
        case ValidationErrorKind.Required() | ValidationErrorKind.AdditionalProperties():
            return True
        case _:
            return False


def sentence(error: ValidationError) -> str:
    """The error in our words."""
    path = written(tuple(error.instance_path)).removeprefix(".")
    what = f"'{path}'" if path else "The value"
    return f"{what} is {shown(error.instance)}, expected {expectation(error)}."


def expectation(error: ValidationError) -> str:
    """What the schema wants there."""
    match error.kind:
        case ValidationErrorKind.Type(types=types):
            return " or ".join(types)
        case ValidationErrorKind.Required(property=name):
            return f"an object with the property {shown(name)}"
        case ValidationErrorKind.AdditionalProperties(unexpected=names):
            return f"an object without {', '.join(map(shown, names[:3]))}"
        case ValidationErrorKind.Format(format=format):
            return MOMENTS.get(format, format)
        case kind:
            words = WORDS.get(kind.name, f"what '{kind.name}' of the schema allows")
            return words.format(shown(kind.value)) if "{}" in words else words
