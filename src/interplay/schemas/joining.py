"""What values meet several schemas at once, each of them without `$ref`, `allOf` and `anyOf`.

Stricter than the schemas in what they leave open: an object that names properties has no others unless
`additionalProperties` is there and allows it, and a list with `prefixItems` no further items unless `items` is there;
a schema without a type whose other keywords are about one type means that type.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Final, Protocol

from interplay.schemas.constants import admitted, weight
from interplay.schemas.keywords import TYPES
from interplay.schemas.ranges import number
from interplay.schemas.shapes import Constants, Field, Fields, Flag, Items, Kind, Null, Text

Schemas = list[dict[str, Any]]

ABOUT: Final = {
    "properties": ("object",),
    "required": ("object",),
    "additionalProperties": ("object",),
    "items": ("array",),
    "prefixItems": ("array",),
    "minItems": ("array",),
    "maxItems": ("array",),
    "format": ("string",),
    "minimum": ("number", "integer"),
    "maximum": ("number", "integer"),
    "exclusiveMinimum": ("number", "integer"),
    "exclusiveMaximum": ("number", "integer"),
}
"""The types that keywords are about."""


class Places(Protocol):
    """Where the places inside a value get their names."""

    definitions: dict[str, Any]
    """What `$ref` may point to."""

    def place(self, *schemas: dict[str, Any] | bool) -> str:
        """The name of the place where all of these hold."""

    def count(self, steps: int) -> None:
        """Count work; raises Unfit where it is too much."""


def joined(schemas: Schemas, places: Places) -> Iterator[Kind]:
    """The kinds of values that meet all."""
    types = common_types(schemas)
    if (values := constants(schemas)) is not None:
        places.count(weight(schemas))
        if kept := admitted(values, types, schemas, places.definitions):
            yield Constants(kept)
        return
    for type in types:
        yield from of_type(type, schemas, places)


def of_type(type: str, schemas: Schemas, places: Places) -> Iterator[Kind]:
    """The values of one type that meet all."""
    match type:
        case "string":
            yield from text(schemas)
        case "number" | "integer":
            yield from number(schemas, whole=type == "integer")
        case "boolean":
            yield Flag()
        case "null":
            yield Null()
        case "array":
            yield from items(schemas, places)
        case _:
            yield from fields(schemas, places)


def common_types(schemas: Schemas) -> list[str]:
    """The types that all allow, in the order of the first that says something. `number` includes `integer`."""
    stated = [listed(schema["type"]) for schema in schemas if "type" in schema]
    if not stated:
        stated = [implied(schemas)] if constants(schemas) is None else []
    common = [
        name for name in dict.fromkeys(stated[0] if stated else TYPES) if all(allows(types, name) for types in stated)
    ]
    common += ["integer"] if "number" not in common and all(allows(types, "integer") for types in stated) else []
    return [name for name in dict.fromkeys(common) if name != "integer" or "number" not in common]


def listed(type: str | list[str]) -> list[str]:
    """One type or several, as a list."""
    return [type] if isinstance(type, str) else type


def allows(types: Iterable[str], name: str) -> bool:
    """Whether one of the types is this one, or includes it."""
    return name in types or (name == "integer" and "number" in types)


def implied(schemas: Schemas) -> list[str]:
    """The types that the keywords are about; all types where none is about one."""
    about = {name for schema in schemas for keyword in schema for name in ABOUT.get(keyword, ())}
    return [name for name in TYPES if name in about] or list(TYPES)


def constants(schemas: Schemas) -> list[Any] | None:
    """The values of the first `enum` or `const`; None where there is neither."""
    for schema in schemas:
        if "const" in schema:
            return [schema["const"]]
        if "enum" in schema:
            return list(schema["enum"])
    return None


def text(schemas: Schemas) -> Iterator[Text]:
    """Strings. Two formats at once are no string's."""
    formats = {schema["format"] for schema in schemas if "format" in schema}
    if len(formats) < 2:
        yield Text(next(iter(formats), None))


def items(schemas: Schemas, places: Places) -> Iterator[Items]:
    """Lists."""
    least = max(int(schema.get("minItems", 0)) for schema in schemas) if schemas else 0
    limits = [int(schema["maxItems"]) for schema in schemas if "maxItems" in schema]
    most = min(limits, default=None)
    if most is not None and most < least:
        return
    tuples = max((len(schema.get("prefixItems", ())) for schema in schemas), default=0)
    places.count(looking(schemas, tuples))
    first = tuple(places.place(*at_index(schemas, index)) for index in range(tuples))
    open_ended = not tuples or least > tuples or any("items" in schema for schema in schemas)
    yield Items(first, places.place(*at_index(schemas, tuples)) if open_ended else None, least, most)


def looking(schemas: Schemas, names: int) -> int:
    """What looking for so many names or numbers in all schemas takes, in steps."""
    return names * (len(schemas) + 15) // 30


def at_index(schemas: Schemas, index: int) -> Iterator[dict[str, Any] | bool]:
    """What must hold for the item with this number."""
    for schema in schemas:
        first = schema.get("prefixItems", ())
        yield first[index] if index < len(first) else schema.get("items", True)


def fields(schemas: Schemas, places: Places) -> Iterator[Fields]:
    """Objects."""
    required = dict.fromkeys(name for schema in schemas for name in schema.get("required", ()))
    names = dict.fromkeys([*(name for schema in schemas for name in schema.get("properties", ())), *required])
    places.count(looking(schemas, len(names)))
    yield Fields(
        tuple(Field(name, places.place(*under_name(schemas, name)), name in required) for name in names),
        places.place(*others(schemas)) if is_open(schemas) else None,
    )


def under_name(schemas: Schemas, name: str) -> Iterator[dict[str, Any] | bool]:
    """What must hold for the property with this name."""
    for schema in schemas:
        yield schema.get("properties", {}).get(name, schema.get("additionalProperties", True))


def others(schemas: Schemas) -> list[dict[str, Any] | bool]:
    """What must hold for a property that no schema names."""
    return [schema.get("additionalProperties", True) for schema in schemas]


def is_open(schemas: Schemas) -> bool:
    """Whether properties are wanted that no schema names."""
    asked = any(schema.get("additionalProperties", False) is not False for schema in schemas)
    return (asked or not any("properties" in schema for schema in schemas)) and False not in others(schemas)
