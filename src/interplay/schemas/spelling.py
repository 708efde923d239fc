"""Google's older spelling of a schema, as its SDKs' `Type` and `Schema` write it, put into JSON Schema's own.

    "OBJECT"                             "object"
    "type": "STRING", "nullable": true   "type": ["string", "null"]
    "format": "enum"                     nothing: `enum` says it
    "propertyOrdering": ["b", "a"]       the properties in that order
    "minItems": "1"                      1: the SDKs write 64-bit numbers as text
    "any_of", "min_items", "ref"         "anyOf", "minItems", "$ref"
    null behind a keyword                no keyword

Names of properties, and what stands in `enum`, `const`, `default` and examples, stay as they are. Not here: what a
schema may say (`clean`).
"""

import re
from typing import Any, Final

import msgspec

from interplay.errors import invalid
from interplay.schemas import limits
from interplay.schemas.anchors import ALONE, IN_LISTS, IN_NAMED, NAMES, OLDER
from interplay.schemas.keywords import ANNOTATIONS, DEFINITIONS, TYPES
from interplay.schemas.unfit import Path, Unfit, expected, written

UPPER: Final = frozenset(kind.upper() for kind in TYPES)
UNSPECIFIED: Final = "TYPE_UNSPECIFIED"
"""What the SDKs' enum says of no type: not a type that anything could have."""

_COUNTS: Final = ("minItems", "maxItems", "minLength", "maxLength", "minProperties", "maxProperties")
_COUNT: Final = re.compile(r"[0-9]{1,19}")
_ORDER: Final = "propertyOrdering"
_RENAMED: Final = {
    **{re.sub(r"([A-Z])", lambda letter: f"_{letter[1].lower()}", word): word for word in (*_COUNTS, _ORDER)},
    "any_of": "anyOf",
    "additional_properties": "additionalProperties",
    "prefix_items": "prefixItems",
    "ref": "$ref",
    "defs": "$defs",
}
"""Python's names of the fields of `Schema`, and those that JSON Schema writes with a `$`."""
_HELD: Final = {"ref": str, "defs": dict}
"""What those hold that other schemas may have as words of their own."""
_VALUES: Final = frozenset({"const", "default", "example", "examples"})
"""Keywords behind which null is a value."""
_NULL: Final = {"type": "null"}
_ELSEWHERE: Final = frozenset({"$ref", "allOf"})
"""Keywords whose conditions stand in other schemas."""
_OUTSIDE: Final = frozenset({*ANNOTATIONS, *DEFINITIONS, *NAMES, *OLDER, "$schema"})
"""What stays where it is when a schema becomes one of two alternatives."""

_TELLTALE: Final = re.compile(
    rb'"(?:[A-Z_]{4,}"|nullable"|propertyOrdering"|format":"enum"|m(?:in|ax)(?:Items|Length|Properties)":"|'
    + b"|".join(b'%b"' % word.encode() for word in _RENAMED)
    + b")"
)
"""What a schema in the other spelling has somewhere, as compact JSON."""


def standard(schema: Any, where: str) -> Any:
    """The same schema in JSON Schema's spelling. Raises Failure `invalid_request` for a type that is none."""
    try:
        text = msgspec.json.encode(schema)
        if len(text) > limits.BYTES or (b":null" not in text and _TELLTALE.search(text) is None):
            return schema
        return _standard(schema, ())
    except Unfit as unfit:
        raise invalid(f"Invalid value for '{where}{written(unfit.path)}': {unfit.said}.") from unfit
    except RecursionError:
        raise invalid(f"Invalid value for '{where}': it is nested too deeply.") from None


def _standard(schema: Any, path: Path) -> Any:
    if not isinstance(schema, dict):
        return schema
    named = {_name(key, value, schema): value for key, value in schema.items()}
    made = {
        key: _value(key, value, (*path, key))
        for key, value in named.items()
        if (value is not None or key in _VALUES) and (key, value) != ("format", "enum")
    }
    return _nullable(_ordered(made))


def _name(key: str, value: Any, schema: dict[str, Any]) -> str:
    new = _RENAMED.get(key, key)
    if new in schema or not isinstance(value, _HELD.get(key, object)):
        return key
    return new


def _value(key: str, value: Any, path: Path) -> Any:
    """A keyword's value, the schemas in it included."""
    match value:
        case list() if key == "type":
            return [_type(item, path) for item in value]
        case list() if key in IN_LISTS:
            return [_standard(item, (*path, index)) for index, item in enumerate(value)]
        case dict() if key in IN_NAMED:
            return {name: _standard(item, (*path, name)) for name, item in value.items()}
        case dict() if key in ALONE:
            return _standard(value, path)
        case str():
            return _word(key, value, path)
        case _:
            return value


def _word(key: str, value: str, path: Path) -> Any:
    """A keyword's text, or the number in it."""
    if key == "type":
        return _type(value, path)
    if key == "$ref":
        return re.sub(r"^#/defs/", "#/$defs/", value)
    return int(value) if key in _COUNTS and _COUNT.fullmatch(value) else value


def _type(word: Any, path: Path) -> Any:
    if word == UNSPECIFIED:
        raise expected(path, f"one of {', '.join(TYPES)}, or none", word)
    return word.lower() if isinstance(word, str) and word in UPPER else word


def _ordered(schema: dict[str, Any]) -> dict[str, Any]:
    """Its properties in the order that it names, those that it does not name last."""
    properties, order = schema.get("properties"), schema.get(_ORDER)
    if not isinstance(order, list):
        return schema
    kept = {key: value for key, value in schema.items() if key != _ORDER}
    if not isinstance(properties, dict):
        return kept
    first = {name: properties[name] for name in order if isinstance(name, str) and name in properties}
    return {**kept, "properties": {**first, **properties}}


def _nullable(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema with `nullable` said by whatever speaks against null otherwise."""
    if not isinstance(schema.get("nullable"), bool):
        return schema
    kept = {key: value for key, value in schema.items() if key != "nullable"}
    if not schema["nullable"]:
        return kept
    if not _ELSEWHERE.isdisjoint(kept):
        outer = {key: value for key, value in kept.items() if key in _OUTSIDE}
        return {**outer, "anyOf": [{key: value for key, value in kept.items() if key not in outer}, _NULL]}
    return dict(_with_null(key, value) for key, value in kept.items())


def _with_null(key: str, value: Any) -> tuple[str, Any]:
    """A keyword that null meets too."""
    match key, value:
        case "type", str(kind):
            return key, kind if kind == "null" else [kind, "null"]
        case "type", list(kinds):
            return key, kinds if "null" in kinds else [*kinds, "null"]
        case "enum", list(values):
            return key, values if None in values else [*values, None]
        case "const", constant:
            return "enum", [constant, None]
        case (("anyOf" | "oneOf"), list(schemas)):
            return key, schemas if _NULL in schemas else [*schemas, _NULL]
        case _:
            return key, value
