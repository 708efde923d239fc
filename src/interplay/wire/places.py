"""Where in JSON the decoder stopped, and what may stand there.

The decoder does not name the keys of maps, nor anything that it has no type for: here they are found again, in the
value itself. Not here: what a message says of it (`complaints`).
"""

import json
import re
from collections.abc import Iterable, Iterator
from functools import cache
from math import isfinite
from typing import Any, Final, Union

import msgspec
from msgspec import inspect

from interplay.errors import SHOWN, shown

Path = tuple[str | int | None, ...]
"""Steps into JSON: fields, keys, places in lists; None for a key that is not known."""

_PLAIN_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


class _TooLarge(str):
    """A number as it is written."""

    __slots__ = ()


def inside(root: str, *path: str | int | None) -> str:
    """Where a value stands in the request, given where what it is in does: `questions["is it"].criteria[0]`."""
    for segment in path:
        match segment:
            case str(name) if not root or _PLAIN_NAME.fullmatch(name[:SHOWN]):
                root = f"{root}.{name[:SHOWN]}".removeprefix(".")
            case _:
                root += "[...]" if segment is None else f"[{shown(segment)}]"
    return root


def read(body: bytes | msgspec.Raw) -> Any:
    """What the body holds; None where it cannot be read."""
    try:
        return msgspec.json.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


def stopped(place: str, plain: Any, kind: Any) -> Path:
    """The decoder's `.questions[...].criteria[0]` in `plain`, which is no `kind`, with the keys it leaves out."""
    nodes, path = list(flat(type_info(kind))), Path()
    for segment in _segments(place):
        nodes = [inner for node in nodes for inner in _inside(node, segment)]
        path = (*path, _misfit(at(plain, path), nodes) if segment is None else segment)
    return path


def too_large(body: bytes | msgspec.Raw) -> tuple[Path, str] | None:
    """The way to the first number that the decoder cannot hold, and how it is written; None where it is not found."""
    try:
        return _too_large(json.loads(bytes(body), parse_float=_number, parse_int=_number))
    except (ValueError, RecursionError):
        return None


def at(plain: Any, path: Path) -> Any:
    """What stands at the path; None where nothing does."""
    for segment in path:
        match plain, segment:
            case dict(), str(name):
                plain = plain.get(name)
            case list(), int(index) if index < len(plain):
                plain = plain[index]
            case _:
                return None
    return plain


def tags(kind: Any, path: Path) -> list[str]:
    """The values that the discriminator at the path may have, none where the path ends at no discriminator."""
    if not path:
        return []
    structs = [node for node in _types(kind, path[:-1]) if isinstance(node, inspect.StructType)]
    found = (str(node.tag) for node in structs if node.tag is not None and node.tag_field == path[-1])
    return list(dict.fromkeys(found))


def words(kind: Any, path: Path) -> list[str]:
    """The values that may stand at the path, where those are a few words."""
    found = [node for node in _types(kind, path) if not isinstance(node, inspect.NoneType)]
    if not all(isinstance(node, inspect.LiteralType) for node in found):
        return []
    return [str(value) for node in found if isinstance(node, inspect.LiteralType) for value in node.values]


@cache
def type_info(kind: Any) -> inspect.Type:
    """What a type is made of."""
    return inspect.type_info(kind)


def flat(node: inspect.Type) -> Iterator[inspect.Type]:
    """The members of a union, without what annotations add."""
    match node:
        case inspect.Metadata():
            yield from flat(node.type)
        case inspect.UnionType():
            for member in node.types:
                yield from flat(member)
        case _:
            yield node


def _types(kind: Any, path: Path) -> list[inspect.Type]:
    nodes = list(flat(type_info(kind)))
    for segment in path:
        nodes = [inner for node in nodes for inner in _inside(node, segment)]
    return nodes


def _too_large(plain: Any) -> tuple[Path, str] | None:
    if isinstance(plain, _TooLarge):
        return (), plain
    for key, inner in plain.items() if isinstance(plain, dict) else enumerate(plain) if isinstance(plain, list) else ():
        if (found := _too_large(inner)) is not None:
            return (key, *found[0]), found[1]
    return None


def _number(text: str) -> float | _TooLarge:
    number = float(text)
    return number if isfinite(number) else _TooLarge(text)


def _segments(place: str) -> Iterator[str | int | None]:
    """`.tools[0].headers[...]` as `tools`, 0, `headers`, None."""
    for field, index in re.findall(r"\.(\w+)|\[(\d+|\.\.\.)\]", place):
        yield field or (None if index == "..." else int(index))


def _misfit(entries: Any, nodes: list[inspect.Type]) -> str | None:
    """The key of the value that is of none of these types; the decoder stops at the first."""
    pairs = entries.items() if isinstance(entries, dict) else ()
    return next((key for key, value in pairs if not _fits(value, nodes)), None)


def _fits(value: Any, nodes: Iterable[inspect.Type]) -> bool:
    """Whether a value is of one of these types; yes where they are none that a map of the API holds."""
    kinds = tuple(_kind(node) for node in nodes)
    try:
        msgspec.convert(value, Union[kinds] if kinds else Any)  # noqa: UP007 - made while running
    except msgspec.ValidationError:
        return False
    return True


def _kind(node: inspect.Type) -> Any:
    match node:
        case inspect.StructType(cls=kind):
            return kind
        case inspect.StrType():
            return str
        case inspect.NoneType():
            return None
        case _:
            return Any


def _inside(node: inspect.Type, segment: str | int | None) -> Iterator[inspect.Type]:
    """The types that can stand at one step further in."""
    match node:
        case inspect.StructType():
            for field in node.fields:
                if field.encode_name == segment:
                    yield from flat(field.type)
        case inspect.VarTupleType():
            yield from flat(node.item_type)
        case inspect.DictType():
            yield from flat(node.value_type)
        case _:
            return
