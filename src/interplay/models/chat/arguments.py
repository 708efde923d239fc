"""The text of a call's arguments, as sloppy senders write it. Pure functions.

Only what cannot be misunderstood is put right: nothing for an empty object, a fence around it, an object that was
encoded twice, objects glued together. A text that is broken (cut, a comma too many) stays as it is: what it was meant
to be is the model's to say. Not here: whether an object meets the function's schema (`judging`).
"""

import json
import re
from typing import Any, Final

import msgspec

_FENCE: Final = re.compile(r"```[\w-]*[ \t]*\n?(.*?)\n?[ \t]*```", re.DOTALL)

_OPENING: Final = re.compile(r"\A\s*```[\w-]*[ \t]*(?:\n|\Z)")

_NOTHING: Final = ("", "null")
"""How a call of a function without parameters is written by some."""

_EMPTY: Final = "{}"

_SPACE: Final = re.compile(r"\s*")

_ADJACENT: Final = json.JSONDecoder()
"""Python's own decoder tells where a value ends, which msgspec's does not."""


def as_text(arguments: object) -> str:
    """Arguments as text, whichever way they were sent."""
    match arguments:
        case None:
            return ""
        case str():
            return arguments
        case _:
            return msgspec.json.encode(arguments).decode()


def unfenced(text: str) -> str:
    """What stands inside a fence that is around all of a text; the text itself where there is none."""
    fenced = _FENCE.fullmatch(text.strip())
    return fenced[1] if fenced else text


def unopened(text: str) -> str:
    """A text that was cut, without the fence that was opened around it."""
    return _OPENING.sub("", text, count=1)


def objects(text: str) -> list[str]:
    """The arguments of each call in a text: one mostly, several where objects are glued together."""
    text = unfenced(text).strip()
    if text in _NOTHING:
        return [_EMPTY]
    parts = _parts(text)
    if not parts or not all(isinstance(value, dict) for value, _ in parts):
        return [_encoded_twice(text)]
    return [part for _, part in parts]


def values(text: str) -> list[Any]:
    """The JSON values that a text consists of; none where it is anything else."""
    return [value for value, _ in _parts(text)]


def is_object(text: str) -> bool:
    """Whether a text is a JSON object."""
    try:
        msgspec.json.decode(text, type=dict)
    except (ValueError, RecursionError):
        return False
    return True


def _parts(text: str) -> list[tuple[Any, str]]:
    """The same, each with its text."""
    parts: list[tuple[Any, str]] = []
    place = 0
    try:
        while place < len(text):
            value, end = _ADJACENT.raw_decode(text, place)
            parts.append((value, text[place:end]))
            place = _end_of_space(text, end)
    except (ValueError, RecursionError):
        return []
    return parts


def _end_of_space(text: str, place: int) -> int:
    space = _SPACE.match(text, place)
    return space.end() if space else place


def _encoded_twice(text: str) -> str:
    """The object inside a JSON string; any other text as it is."""
    try:
        inside = msgspec.json.decode(text, type=str)
    except (ValueError, RecursionError):
        return text
    return inside if is_object(inside) else text
