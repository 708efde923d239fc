"""The keywords that count, and what each must hold.

All others are passed over, as the API does: `pattern`, `minLength`, `maxLength`, `minProperties`, `maxProperties`,
`uniqueItems`, `contains`, `minContains`, `maxContains`, `multipleOf`, `not`, `if`, `then`, `else`,
`patternProperties`, `propertyNames`, `dependent...`, `unevaluated...`, `default`, `examples`,
`$dynamicRef` and every `format` but those of `FORMATS`.

`additionalProperties` is about what no pattern matches; with the patterns passed over, it allows what they allow too.

Enforced beyond what the API promises: `const`, `allOf`, `exclusiveMinimum`, `exclusiveMaximum`, and whatever stands
beside `$ref` and `anyOf`. `oneOf` is read as `anyOf`. `$id` and `$anchor` are only what `$ref` may call a schema.
"""

from collections.abc import Callable
from typing import Any, Final

TYPES: Final = ("string", "number", "integer", "boolean", "object", "array", "null")
FORMATS: Final = frozenset({"date-time", "date", "time"})


def is_schema(value: Any) -> bool:
    """An object, or true (anything) or false (nothing)."""
    return isinstance(value, dict | bool)


def is_number(value: Any) -> bool:
    """A number; Python counts true and false among them, JSON does not."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_count(value: Any) -> bool:
    """A whole number from 0; 2.0 is one as well."""
    return is_number(value) and value >= 0 and value == int(value)


def is_type(value: Any) -> bool:
    """A type, or a list of some."""
    if isinstance(value, list):
        return bool(value) and all(isinstance(item, str) and item in TYPES for item in value)
    return isinstance(value, str) and value in TYPES


def is_text(value: Any) -> bool:
    """A string."""
    return isinstance(value, str)


def is_schemas(value: Any) -> bool:
    """A list of schemas."""
    return isinstance(value, list) and bool(value) and all(map(is_schema, value))


def is_named_schemas(value: Any) -> bool:
    """An object of schemas."""
    return isinstance(value, dict) and all(map(is_schema, value.values()))


def is_names(value: Any) -> bool:
    """A list of strings."""
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


SCHEMA: Final = (is_schema, "a schema (an object, true or false)")
SCHEMAS: Final = (is_schemas, "a list of at least one schema")
NAMED_SCHEMAS: Final = (is_named_schemas, "an object whose values are schemas")
NUMBER: Final = (is_number, "a number")
COUNT: Final = (is_count, "a whole number from 0")
TEXT: Final = (is_text, "a string")

KEYWORDS: Final[dict[str, tuple[Callable[[Any], bool], str]]] = {
    "type": (is_type, f"one of {', '.join(TYPES)}, or a list of them"),
    "title": TEXT,
    "description": TEXT,
    "properties": NAMED_SCHEMAS,
    "required": (is_names, "a list of property names"),
    "additionalProperties": SCHEMA,
    "enum": (lambda value: isinstance(value, list) and bool(value), "a list of at least one value"),
    "const": (lambda _: True, "any value"),
    "format": TEXT,
    "minimum": NUMBER,
    "maximum": NUMBER,
    "exclusiveMinimum": NUMBER,
    "exclusiveMaximum": NUMBER,
    "items": SCHEMA,
    "prefixItems": SCHEMAS,
    "minItems": COUNT,
    "maxItems": COUNT,
    "anyOf": SCHEMAS,
    "allOf": SCHEMAS,
    "$ref": TEXT,
}
"""What each keyword must hold, and its words. Not here: `oneOf` and the older names, which `modern` replaces."""

DEFINITIONS: Final = ("$defs", "definitions")
"""Where schemas stand that only `$ref` reaches."""

LISTED: Final = ("anyOf", "allOf", "prefixItems")
NAMED: Final = ("properties",)
SINGLE: Final = ("items", "additionalProperties")
"""Which keywords hold schemas, and how."""

ANNOTATIONS: Final = frozenset({"title", "description"})
"""What describes and constrains nothing."""


def modern(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema with the names that count: today's tuples and bounds, `oneOf` as `anyOf`, patterns of names as any."""
    changed = with_bounds(schema)
    if isinstance(changed.get("items"), list):
        changed["prefixItems"] = changed.pop("items")
        if "additionalItems" in changed:
            changed["items"] = changed.pop("additionalItems")
    if "oneOf" in changed:
        union = changed.pop("oneOf")
        if "anyOf" not in changed:
            changed["anyOf"] = union
        elif isinstance(changed.get("allOf", []), list):
            changed["allOf"] = [*changed.get("allOf", []), {"anyOf": union}]
    if has_patterns(schema):
        others = [*schema["patternProperties"].values(), schema["additionalProperties"]]
        allowed = [inner for inner in others if inner is not False]
        changed["additionalProperties"] = {"anyOf": allowed} if len(allowed) > 1 else allowed[0] if allowed else False
    return changed


def with_bounds(schema: dict[str, Any]) -> dict[str, Any]:
    """A copy whose exclusive bounds are numbers; drafts before 6, and OpenAPI 3.0, say whether the others are."""
    changed = dict(schema)
    for exclusive, bound in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        if isinstance(changed.get(exclusive), bool) and changed.pop(exclusive) and bound in changed:
            changed[exclusive] = changed.pop(bound)
    return changed


def has_patterns(schema: dict[str, Any]) -> bool:
    """Whether other properties are restricted, and more of them allowed by patterns of their names."""
    patterns, others = schema.get("patternProperties"), schema.get("additionalProperties", True)
    return bool(patterns) and is_named_schemas(patterns) and is_schema(others) and others is not True
