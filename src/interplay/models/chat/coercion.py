"""Puts values into the type that a schema asks for, where they say the same in another one. Pure functions.

    "5", "-0.5"  where a number is asked for       the number; for an integer only if it is a whole one
    "true"       where a boolean is asked for      true
    5            where a string is asked for       "5"; whole numbers only, since 5.0 can be written in more ways
    "[1, 2]"     where a list or an object is      the list or the object
    null         for a property that may be absent and may not be null: left out

Anything else would be a guess: a single value for a list may be a list written as one ("red, green"), "yes" may be a
boolean or not, and a wrong name of a property is the model's to mend. What comes out is checked again by whoever asked,
so a schema too involved for this (unions, references) costs nothing but another try.
"""

from typing import Any, Final

import msgspec

_READABLE: Final[dict[str, Any]] = {
    "integer": int,
    "number": int | float,
    "boolean": bool,
    "object": dict,
    "array": list,
}
"""What the JSON inside a string must be, for each type that may be asked for."""


def coerced(value: Any, schema: Any) -> Any:
    """The value with everything in it as the schema asks for it, as far as that is certain."""
    if not isinstance(schema, dict):
        return value
    wanted = schema.get("type")
    value = _converted(value, wanted)
    match value:
        case dict() if wanted == "object":
            return _object(value, schema)
        case list() if wanted == "array":
            return [coerced(item, schema.get("items")) for item in value]
        case _:
            return value


def _converted(value: Any, wanted: Any) -> Any:
    """The value itself in another type, without what is inside."""
    match value:
        case str() if isinstance(wanted, str) and wanted in _READABLE:
            return _decoded(value, _READABLE[wanted])
        case int() if wanted == "string" and not isinstance(value, bool):
            return str(value)
        case _:
            return value


def _object(value: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    properties = schema.get("properties")
    known: dict[str, Any] = properties if isinstance(properties, dict) else {}
    required = schema.get("required") or ()
    return {
        name: coerced(item, known.get(name))
        for name, item in value.items()
        if not (item is None and name not in required and _is_never_null(known.get(name)))
    }


def _is_never_null(schema: Any) -> bool:
    return isinstance(schema, dict) and schema.get("type") in (*_READABLE, "string") and not schema.get("nullable")


def _decoded(text: str, kind: Any) -> Any:
    """The value that a text is the JSON of, if it is of this kind; Python's words for true and false are known too."""
    try:
        return msgspec.json.decode(text.lower() if kind is bool else text, type=kind)
    except (ValueError, RecursionError):
        return text
