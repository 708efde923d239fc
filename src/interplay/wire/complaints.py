"""What is wrong with a body, in words: turns the decoder's errors into a Failure.

Each message names the field, shows what was received, shortened, and says what was expected.

Not here: unknown fields, which the decoder lets pass (`strictness`).
"""

import difflib
import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any, Final

import msgspec
from msgspec import inspect

from interplay.errors import SHOWN, Failure, invalid, listed, shown

SECRET: Final = frozenset({"api_key", "headers", "transform", "env"})
"""Fields whose content no message repeats: messages end up in logs."""

WORDS: Final = {
    "int": "an integer",
    "float": "a number",
    "str": "a string",
    "bool": "true or false",
    "object": "an object",
    "array": "a list",
    "null": "null",
}
"""The decoder's names of JSON types, in the words of our messages."""

Segment = str | int | None
"""A step into JSON: a field, a place in a list, or some value of a map that the decoder does not name."""


def explain(error: Exception, body: bytes | msgspec.Raw, kind: Any, root: str = "") -> Failure:
    """The Failure for what the decoder raised when it read `body` as a `kind`.

    `root` is where the body stands in the request, for example `input[3]`; empty for the request itself.
    """
    match error:
        case RecursionError():
            return invalid(f"{_name(root)} is nested too deeply.")
        case msgspec.ValidationError():
            return _mismatch(str(error), body, kind, root)
        case _:
            return _malformed(str(error), bytes(body), root)


def shorten(value: Any) -> str:
    """A received value as a message repeats it, without what may be secret."""
    return shown(_without_secrets(value))


def inside(root: str, field: str) -> str:
    """Where a field stands in the request, given where its object does."""
    return f"{root}.{field}" if root else field


def closest(word: str, choices: Iterable[str]) -> str | None:
    """The choice that was probably meant: the snake_case of a camelCase word, or one that looks alike."""
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", word[:SHOWN]).lower()
    return next(iter(difflib.get_close_matches(snake, list(choices), n=1, cutoff=0.7)), None)


def _without_secrets(value: Any) -> Any:
    match value:
        case dict():
            return {key: "..." if key in SECRET else _without_secrets(inner) for key, inner in value.items()}
        case list():
            return [_without_secrets(inner) for inner in value]
        case _:
            return value


def _name(root: str) -> str:
    return f"'{root}'" if root else "The body"


def _malformed(detail: str, body: bytes, root: str) -> Failure:
    """Not JSON at all. The decoder counts bytes; people count lines and columns."""
    try:
        body.decode()
    except UnicodeDecodeError as error:
        return invalid(f"{_name(root)} is not UTF-8: byte 0x{body[error.start]:02x} at position {error.start}.")
    reason = detail.removeprefix("JSON is malformed: ")
    if (place := re.search(r" \(byte (\d+)\)$", reason)) is None:
        return invalid(f"{_name(root)} is not valid JSON: it ends too early, or in half of a surrogate pair.")
    before = body[: int(place[1])]
    line, column = before.count(b"\n") + 1, len(before) - before.rfind(b"\n")
    return invalid(f"{_name(root)} is not valid JSON: {reason[: place.start()]} at line {line}, column {column}.")


def _mismatch(detail: str, body: bytes | msgspec.Raw, kind: Any, root: str) -> Failure:
    """JSON, but not of the expected form."""
    said, _, place = detail.partition(" - at `$")
    path = tuple(_segments(place.rstrip("`")))
    where = f"{root}{place.rstrip('`')}".removeprefix(".")
    if missing := re.match(r"Object missing required field `(\w+)`", said):
        return _missing(missing[1], where, _tags(kind, (*path, missing[1])))
    if said.endswith("out of range"):
        return invalid(f"Invalid value for '{where}': the number is out of range.")
    got = _received(body, path) or _kind_of(said)
    if said.startswith("Invalid value") and (tags := _tags(kind, path)):
        return _wrong_tag(where, got, tags)
    if not where:
        return invalid(f"The body must be {_expected(said)}, got {got}.")
    return invalid(f"Invalid value for '{where}': expected {_expected(said)}, got {got}.")


def _missing(field: str, where: str, tags: list[str]) -> Failure:
    choices = f" Valid values: {listed(tags)}." if tags else ""
    return invalid(f"Missing required parameter '{inside(where, field)}'.{choices}")


def _wrong_tag(where: str, got: str, tags: list[str]) -> Failure:
    meant = closest(got.strip('"'), tags)
    hint = f" Did you mean {shown(meant)}?" if meant else ""
    return invalid(f"Invalid value for '{where}': got {got}.{hint} Valid values: {listed(tags)}.")


def _expected(said: str) -> str:
    """`Expected `int | null`, got `str`` as "an integer"."""
    if (found := re.match(r"Expected `([\w |]+)`(.*?)(, got `\w+`)?$", said)) is None:
        return "another value"
    kinds = [WORDS.get(kind, kind) for kind in found[1].split(" | ") if kind != "null"]
    return " or ".join(kinds) + found[2].replace("`", "")


def _segments(place: str) -> Iterator[Segment]:
    """`.tools[0].headers[...]` as `tools`, 0, `headers`, None."""
    for field, index in re.findall(r"\.(\w+)|\[(\d+|\.\.\.)\]", place):
        yield field or (None if index == "..." else int(index))


def _kind_of(said: str) -> str:
    """The kind of what was received, where it cannot or must not be shown: `..., got `int`` as "an integer"."""
    kind = said.rpartition(", got ")[2].strip("`")
    return f"{WORDS.get(kind, 'something else')} (not shown)"


def _received(body: bytes | msgspec.Raw, path: tuple[Segment, ...]) -> str | None:
    """What the body holds at the path, ready for a message; None where it is not to be found, or a secret."""
    try:
        value = msgspec.json.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    for segment in path:
        if segment in SECRET or (segment is None and len(value) > 1):
            return None
        value = next(iter(value.values())) if segment is None else value[segment]
    return shorten(value)


def _tags(kind: Any, path: tuple[Segment, ...]) -> list[str]:
    """The values that the discriminator at the path may have, none where the path ends at no discriminator."""
    nodes = list(_flat(_type_info(kind)))
    for segment in path[:-1]:
        nodes = [inner for node in nodes for inner in _inside(node, segment)]
    structs = [node for node in nodes if isinstance(node, inspect.StructType)]
    tags = (str(node.tag) for node in structs if node.tag is not None and node.tag_field == path[-1])
    return list(dict.fromkeys(tags))


@cache
def _type_info(kind: Any) -> inspect.Type:
    return inspect.type_info(kind)


def _flat(node: inspect.Type) -> Iterator[inspect.Type]:
    """The members of a union, without what annotations add."""
    match node:
        case inspect.Metadata():
            yield from _flat(node.type)
        case inspect.UnionType():
            for member in node.types:
                yield from _flat(member)
        case _:
            yield node


def _inside(node: inspect.Type, segment: Segment) -> Iterator[inspect.Type]:
    """The types that can stand at one step further in."""
    match node:
        case inspect.StructType():
            for field in node.fields:
                if field.encode_name == segment:
                    yield from _flat(field.type)
        case inspect.VarTupleType():
            yield from _flat(node.item_type)
        case inspect.DictType():
            yield from _flat(node.value_type)
        case _:
            return
