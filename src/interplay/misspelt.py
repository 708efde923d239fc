"""A setting that is not there, in words: where it stands, and which one was probably meant."""

import difflib
import re
from typing import Any, Final

import msgspec
from msgspec import inspect

_UNKNOWN: Final = re.compile(r"Object contains unknown field `(?P<name>.*?)`(?: - at `\$(?P<path>.*)`)?", re.DOTALL)
_PART: Final = re.compile(r'\."(?P<quoted>.*?)"(?=[.\[]|$)|\.(?P<plain>[^.\["]+)|\[(?P<index>\d+)\]')


def in_words(said: str, kind: type[msgspec.Struct], content: Any) -> str:
    """What the decoder of `kind` said of `content`, as a sentence; of an unknown field, with the one that was meant."""
    unknown = _UNKNOWN.fullmatch(said)
    if unknown is None:
        return f"{said}."
    path = unknown["path"] or ""
    names = _names(inspect.type_info(kind), path, content)
    meant = difflib.get_close_matches(unknown["name"].lower(), names, n=1, cutoff=0.7)
    hint = f"Did you mean '{meant[0]}'?" if meant else f"Expected one of: {', '.join(names)}."
    return f"Unknown setting '{f'{path}.'.lstrip('.')}{unknown['name'][:80]}'. {hint}"


def _names(node: inspect.Type, path: str, value: Any) -> list[str]:
    for part in _PART.finditer(path):
        name = part["plain"] if part["quoted"] is None else part["quoted"]
        node = _inside(_chosen(node, value), name)
        value = value.get(name, {}) if isinstance(value, dict) else value[int(part["index"] or 0)]
    table = _chosen(node, value)
    if not isinstance(table, inspect.StructType):
        return []
    return sorted([field.encode_name for field in table.fields] + ([table.tag_field] if table.tag_field else []))


def _inside(node: inspect.Type, name: str | None) -> inspect.Type:
    match node:
        case inspect.StructType():
            return next((field.type for field in node.fields if field.encode_name == name), node)
        case inspect.DictType():
            return node.value_type
        case inspect.VarTupleType():
            return node.item_type
        case _:
            return node


def _chosen(node: inspect.Type, value: Any) -> inspect.Type:
    """Of several structs, the one that the value's tag names."""
    if not isinstance(node, inspect.UnionType):
        return node
    structs = [member for member in node.types if isinstance(member, inspect.StructType)]
    return next((one for one in structs if one.tag_field is None or value.get(one.tag_field) == one.tag), node)
