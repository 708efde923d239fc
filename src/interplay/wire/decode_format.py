"""Reads `response_format`: one format, a list of formats, or a bare JSON schema in the place of a format.

An object is a schema when its `type` is one of JSON schema's, in either case, or when it has a keyword that only
schemas have. The Python SDK adds `"type": "text"` to a bare schema that has no type of its own; that addition is taken
out again.
"""

from typing import Any, Final

import msgspec

from interplay.errors import invalid
from interplay.wire.base import ABSENT
from interplay.wire.complaints import explain, shorten
from interplay.wire.decode_input import plain
from interplay.wire.formats import BareSchema, ResponseFormat, TypedResponseFormat
from interplay.wire.strictness import refuse_unknown

_SCHEMA_TYPES: Final = frozenset({"object", "array", "string", "number", "integer", "boolean", "null"})
_UPPER: Final = frozenset({*map(str.upper, _SCHEMA_TYPES), "TYPE_UNSPECIFIED"})
"""As the SDKs' own `Type` writes them."""
_SCHEMA_KEYWORDS: Final = frozenset(
    {
        *("properties", "required", "additionalProperties", "patternProperties", "items", "prefixItems"),
        *("anyOf", "oneOf", "allOf", "enum", "const", "$ref", "$defs", "$schema"),
    }
)


def response_formats(raw: msgspec.Raw | None) -> tuple[ResponseFormat, ...]:
    """The outputs that the request asks for; empty where it does not say."""
    if raw is None or raw == ABSENT:
        return ()
    match plain(raw, "response_format"):
        case None:
            return ()
        case dict(item):
            return (_format(item, "response_format"),)
        case list(items):
            return tuple(_format(item, f"response_format[{index}]") for index, item in enumerate(items))
        case other:
            raise invalid(f"Invalid value for 'response_format': expected an object or a list, got {shorten(other)}.")


def _format(item: Any, where: str) -> ResponseFormat:
    if (schema := _bare_schema(item)) is not None:
        return BareSchema(schema=schema)
    try:
        wanted: TypedResponseFormat = msgspec.convert(item, TypedResponseFormat)
    except msgspec.ValidationError as error:
        raise explain(error, msgspec.json.encode(item), TypedResponseFormat, where) from error
    refuse_unknown(wanted, item, where)
    return wanted


def _bare_schema(item: Any) -> dict[str, Any] | None:
    """The item where it is a JSON schema, without a type that is not the schema's own."""
    if isinstance(item, dict) and item.get("type") is None:
        item = {key: value for key, value in item.items() if key != "type"}
    match item:
        case {"type": list()}:
            return dict(item)
        case {"type": str(kind)} if kind in _SCHEMA_TYPES or kind in _UPPER:
            return dict(item)
        case {"type": "text"} if _SCHEMA_KEYWORDS & item.keys():
            return {key: value for key, value in item.items() if key != "type"}
        case {"type": _}:
            return None
        case dict() if _SCHEMA_KEYWORDS & item.keys():
            return dict(item)
        case _:
            return None
