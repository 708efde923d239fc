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
    local = [{key: value for key, value in schema.items() if key in LOCAL or not simple} for schema in schemas]
    validator = strict_validator({"allOf": local, **({} if simple else {"$defs": definitions})})
    kept = (value for value in values if type_of(value) in types or (is_whole(value) and "integer" in types))
    return tuple({same(value): value for value in kept if validator.is_valid(value)}.values())


LOCAL: Final = frozenset(
    {"type", "enum", "const", "format", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"}
)
"""Keywords that are about a value with nothing inside."""


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
