"""Which of the values of an `enum` the other keywords beside it let through."""

from typing import Any, Final

import msgspec

from interplay.schemas.keywords import is_number
from interplay.schemas.validation import strict_validator


def admitted(
    values: list[Any], types: list[str], schemas: list[dict[str, Any]], definitions: dict[str, Any]
) -> tuple[Any, ...]:
    """The values that all schemas allow, each once."""
    simple = not any(isinstance(value, dict | list) for value in values)
    local = [
        {key: value for key, value in schema.items() if key in LOCAL or not (simple or key in ELSEWHERE)}
        for schema in schemas
    ]
    validator = strict_validator({"allOf": local, **({} if simple else {"$defs": definitions})})
    kept = (value for value in values if type_of(value) in types or (is_whole(value) and "integer" in types))
    listed = [set(map(same, others)) for schema in schemas for others in listings(schema)]
    found = ((same(value), value) for value in kept if validator.is_valid(value))
    return tuple({text: value for text, value in found if all(text in texts for texts in listed)}.values())


LISTING: Final = ("const", "enum")
"""Keywords that list values. A validator compares each value with all of them, so they are compared here."""
ELSEWHERE: Final = frozenset({*LISTING, "$ref", "allOf", "anyOf"})
"""What a validator need not look at: what these lead to is among the schemas itself."""
LOCAL: Final = frozenset({"type", "format", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"})
"""Keywords that are about a value with nothing inside."""


def weight(schemas: list[dict[str, Any]]) -> int:
    """What comparing the values that these schemas list takes, in steps."""
    return sum(1 + len(values) // 2 + len(same(values)) // 20 for schema in schemas for values in listings(schema))


def listings(schema: dict[str, Any]) -> list[list[Any]]:
    """The lists of values of which a schema wants one, each list for itself."""
    return [schema[key] if key == "enum" else [schema[key]] for key in LISTING if key in schema]


def type_of(value: Any) -> str:
    """The JSON type of a value."""
    match value:
        case bool():
            return "boolean"
        case None:
            return "null"
        case str():
            return "string"
        case list():
            return "array"
        case dict():
            return "object"
        case _:
            return "number"


def is_whole(value: Any) -> bool:
    """Whether JSON Schema counts it among the integers."""
    return is_number(value) and value == int(value)


def same(value: Any) -> bytes:
    """The same bytes for values that JSON Schema takes as equal."""
    return msgspec.json.encode(plain(value), order="sorted")


def plain(value: Any) -> Any:
    """The value with 1.0 as 1."""
    match value:
        case float() if value == int(value):
            return int(value)
        case list():
            return [plain(item) for item in value]
        case dict():
            return {key: plain(item) for key, item in value.items()}
        case _:
            return value
