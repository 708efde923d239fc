"""What is wrong with a body, in words: turns the decoder's errors into a Failure.

Each message names the field, shows what was received, shortened, and says what was expected.

Not here: where the decoder stopped (`places`), and unknown fields, which it lets pass (`strictness`).
"""

import difflib
import re
from collections.abc import Iterable
from typing import Any, Final

import msgspec

from interplay.errors import SHOWN, Failure, invalid, listed, shown
from interplay.wire import places

SECRET: Final = frozenset({"api_key", "headers", "transform", "env", "custom_config", "environment_key"})
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
    if said.endswith("out of range"):
        return _out_of_range(body, root)
    plain = places.read(body)
    path = places.stopped(place.rstrip("`"), plain, kind)
    where = places.inside(root, *path)
    if missing := re.match(r"Object missing required field `(\w+)`", said):
        return _missing(missing[1], where, places.tags(kind, (*path, missing[1])))
    got = _kind_of(said) if _hidden(path) else shorten(places.at(plain, path))
    if tags := places.tags(kind, path) or places.words(kind, path):
        return _wrong_tag(where, got, tags)
    if not where:
        return invalid(f"The body must be {_expected(said)}, got {got}.")
    return invalid(f"Invalid value for '{where}': expected {_expected(said)}, got {got}.")


def _out_of_range(body: bytes | msgspec.Raw, root: str) -> Failure:
    if (found := places.too_large(body)) is None:
        return invalid(f"{_name(root)} has a number that does not fit into 64 bits.")
    path, number = found
    where, got = places.inside(root, *path), "one that is not shown" if _hidden(path) else number[:SHOWN]
    return invalid(f"Invalid value for '{where}': got {got}, expected a number that fits into 64 bits.")


def _hidden(path: places.Path) -> bool:
    """Whether what stands there may be secret, or is not known."""
    return any(segment is None or segment in SECRET for segment in path)


def _missing(field: str, where: str, tags: list[str]) -> Failure:
    choices = f" Valid values: {listed(tags)}." if tags else ""
    return invalid(f"Missing required parameter '{places.inside(where, field)}'.{choices}")


def _wrong_tag(where: str, got: str, tags: list[str]) -> Failure:
    meant = closest(got.strip('"'), tags) if got.startswith('"') else None
    hint = f" Did you mean {shown(meant)}?" if meant else ""
    return invalid(f"Invalid value for '{where}': got {got}.{hint} Valid values: {listed(tags)}.")


def _expected(said: str) -> str:
    """`Expected `int | null`, got `str`` as "an integer"."""
    if (found := re.match(r"Expected `([\w |]+)`(.*?)(, got `\w+`)?$", said)) is None:
        return "another value"
    kinds = [WORDS.get(kind, kind) for kind in found[1].split(" | ") if kind != "null"]
    return " or ".join(kinds) + found[2].replace("`", "")


def _kind_of(said: str) -> str:
    """The kind of what was received, where it cannot or must not be shown: `..., got `int`` as "an integer"."""
    kind = said.rpartition(", got ")[2].strip("`")
    return f"{WORDS.get(kind, 'something else')} (not shown)"
