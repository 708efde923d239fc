"""Functions as a small model reads them best: one line each, with the types of TypeScript.

get_weather({city: string /* City name */, unit?: "celsius" | "fahrenheit"}): Current weather in a city
"""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, Final

import msgspec

from interplay.models.base import Function
from interplay.schemas.anchors import Anchors, anchor
from interplay.schemas.references import followed, local
from interplay.schemas.unfit import Unfit

DEPTH: Final = 4
"""Objects in objects that are written out; deeper ones are only said to be objects."""
MOST_TYPES: Final = 1000
"""Types in one function."""
MOST_CHARACTERS: Final = 400_000
"""In the types of all functions, roughly: far more than any small model reads. What is beyond is any type."""
A_TYPE: Final = 10
"""Characters, on average, of a type with its name; its constants are counted as they are."""
LONGEST_DESCRIPTION: Final = 400
LONGEST_NOTE: Final = 120
"""Characters of what a function or a parameter is said to be."""

ANY: Final = "any"
"""The type of what the schema says nothing about, and of what there is no room for."""

Json = Mapping[str, Any]


def signatures(functions: Sequence[Function]) -> str:
    """All of them, a line each."""
    room = Room(MOST_CHARACTERS)
    return "\n".join(signature(function, room) for function in functions)


class Room:
    """How much may still be written."""

    def __init__(self, left: int) -> None:
        self._left = left

    def takes(self, size: int) -> bool:
        """Whether there is room for something so large, which is then taken."""
        self._left -= size
        return self._left >= 0


def signature(function: Function, room: Room | None = None) -> str:
    """One function."""
    line = f"{function.name}({parameters(function.declared, room or Room(MOST_CHARACTERS))})"
    return f"{line}: {short(function.description, LONGEST_DESCRIPTION)}" if function.description else line


def parameters(schema: Json, room: Room) -> str:
    """The arguments of a function; nothing where it has none."""
    return "{}" if schema.get("properties") == {} else kind(schema, Definitions(schema, room), DEPTH)


class Definitions:
    """What `$ref` may point to, and how much may still be written of it."""

    def __init__(self, root: Json, room: Room) -> None:
        self._root = root
        self._types = Room(MOST_TYPES)
        self._room = room

    def room(self) -> bool:
        """Whether one more type may be written: those that refer to each other multiply."""
        return self._types.takes(1) and self._room.takes(A_TYPE)

    def constants(self, values: Sequence[Any]) -> str:
        """The values, as a type that is one of them."""
        written = " | ".join(msgspec.json.encode(value).decode() for value in values)
        return written if self._room.takes(len(written)) else ANY

    def followed(self, schema: Json) -> Json:
        """The schema itself, or what it refers to, found as it was to be checked: nothing else in the root was."""
        reference = schema.get("$ref")
        if not isinstance(reference, str):
            return schema
        inner = local(reference, self._root)
        if (name := anchor(inner)) is not None:
            return self._anchors.only(name) or {}
        try:
            _, target = followed(inner, self._root, ())
        except Unfit:  # a schema that was checked has none
            return {}
        return target if isinstance(target, Mapping) else {}

    @cached_property
    def _anchors(self) -> Anchors:
        return Anchors(self._root)


def kind(schema: Any, definitions: Definitions, depth: int) -> str:
    """A type. `depth` is how many lists and objects may still stand in it: recursive ones end somewhere."""
    if not isinstance(schema, Mapping) or depth < 0 or not definitions.room():
        return ANY
    schema = definitions.followed(schema)
    if "const" in schema:
        return definitions.constants([schema["const"]])
    if (values := schema.get("enum")) is not None:
        return definitions.constants(values)
    if options := schema.get("anyOf") or schema.get("oneOf"):
        return " | ".join(dict.fromkeys(kind(option, definitions, depth) for option in options))
    named = schema.get("type", "object" if "properties" in schema else ANY)
    names = named if isinstance(named, list) else [named]
    return " | ".join(plain_kind(name, schema, definitions, depth) for name in names)


def plain_kind(name: str, schema: Json, definitions: Definitions, depth: int) -> str:
    """A type that has one name."""
    match name:
        case "array":
            inner = kind(schema.get("items", {}), definitions, depth - 1)
            return f"({inner})[]" if "|" in inner else f"{inner}[]"
        case "object" if schema.get("properties") and depth:
            return "{" + ", ".join(fields(schema, definitions, depth - 1)) + "}"
        case _:
            return name


def fields(schema: Json, definitions: Definitions, depth: int) -> list[str]:
    """The properties of an object; the mark of TypeScript stands behind those that may be left out."""
    required = set(schema.get("required") or ())
    return [
        f"{name}{'' if name in required else '?'}: {kind(inner, definitions, depth)}{note(inner)}"
        for name, inner in schema["properties"].items()
    ]


def note(schema: Any) -> str:
    """What a property is said to be, with the form that its text must have."""
    if not isinstance(schema, Mapping):
        return ""
    words = [schema.get("description") or "", schema.get("format") or ""]
    said = short(", ".join(word for word in words if isinstance(word, str) and word), LONGEST_NOTE)
    return f" /* {said} */" if said else ""


def short(text: str, longest: int) -> str:
    """The text on one line, cut where it is long."""
    line = " ".join(text.split())
    return line if len(line) <= longest else line[: longest - 1] + "…"
