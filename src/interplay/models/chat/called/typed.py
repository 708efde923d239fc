"""Arguments that are written as text between tags, put into the types that the function's schema asks for.

    a string is asked for          the text as it is, without the line ends at its tags
    something else is              the JSON that the text is; Python's words for true, false and null are known too
    a string or something else     null, where null may be; else the text, unless only something else is allowed
    nothing is said                an object or a list, if the text is one; else the text

What fits none of it stays text: whoever judges the arguments says what is wrong. Pure functions.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Final

import msgspec

from interplay.models.chat.halves import readable

_DEEPEST: Final = 16
"""References and unions inside each other that are followed."""

_IN_PYTHON: Final = {"True": True, "False": False, "None": None}

_TYPES: Final[dict[type, str]] = {str: "string", bool: "boolean", int: "integer", float: "number", type(None): "null"}


def arguments(pairs: Iterable[tuple[str, str]], declared: dict[str, Any]) -> str:
    """The JSON object of arguments that came as names and texts."""
    properties = declared.get("properties")
    known = properties if isinstance(properties, dict) else {}
    return msgspec.json.encode({name: value(text, known.get(name), declared) for name, text in pairs}).decode()


def value(text: str, schema: Any, root: dict[str, Any]) -> Any:
    """What one text means as a value of this schema, which is a part of `root`."""
    inside = text.removeprefix("\n").removesuffix("\n")
    types = set(_types(schema, root))
    if not types:
        found = _decoded(inside, inside)
        return found if isinstance(found, dict | list) else inside
    if "string" not in types:
        return _decoded(inside, inside)
    return None if "null" in types and inside.strip() in ("null", "None") else inside


def _decoded(text: str, otherwise: str) -> Any:
    word = text.strip()
    if word in _IN_PYTHON:
        return _IN_PYTHON[word]
    try:
        return msgspec.json.decode(readable(word))
    except (ValueError, RecursionError):
        return otherwise


def _types(schema: Any, root: dict[str, Any]) -> Iterator[str]:
    """The types that a schema may allow; none where it says nothing of them.

    A part that several others refer to is looked at once: followed from each, a small schema would take minutes.
    """
    left, seen = [(schema, _DEEPEST)], set[int]()
    while left:
        each, deep = left.pop()
        if not isinstance(each, dict) or id(each) in seen or deep == 0:
            continue
        seen.add(id(each))
        yield from _named(each)
        if each.get("type") is None:
            yield from _implied(each)
            left += [(inner, deep - 1) for inner in _inner(each, root)]


def _named(schema: dict[str, Any]) -> Iterator[str]:
    """The types that a schema names itself."""
    declared = schema.get("type")
    for each in declared if isinstance(declared, list) else [declared]:
        if isinstance(each, str):
            yield each.lower()
    if schema.get("nullable") is True and declared:
        yield "null"


def _implied(schema: dict[str, Any]) -> Iterator[str]:
    """The types of the values that a schema lists."""
    values = schema.get("enum", [schema["const"]] if "const" in schema else [])
    for each in values if isinstance(values, list) else ():
        yield _TYPES.get(type(each), "object")


def _inner(schema: dict[str, Any], root: dict[str, Any]) -> Iterator[Any]:
    """The schemas that one without a type of its own stands for."""
    reference = schema.get("$ref")
    if isinstance(reference, str):
        yield _referred(reference, root)
    for word in ("anyOf", "oneOf", "allOf"):
        choices = schema.get(word)
        yield from choices if isinstance(choices, list) else ()


def _referred(reference: str, root: dict[str, Any]) -> Any:
    """What a reference within the schema names."""
    found: Any = root
    for word in reference.removeprefix("#").strip("/").split("/"):
        name = word.replace("~1", "/").replace("~0", "~")
        found = found.get(name) if isinstance(found, dict) else None
    return found
