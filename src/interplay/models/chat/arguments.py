"""The text of a call's arguments, as sloppy senders write it. Pure functions.

Only what cannot be misunderstood is put right: nothing for an empty object, a fence around it, the doubled braces of
Qwen2.5-Coder (its template shows calls so), an object that was encoded twice, objects glued together. A text that is
broken (cut, a comma too many) stays as it is: what it was meant to be is the model's to say. Not here: whether an
object meets the function's schema (`judging`).
"""

import json
import re
from typing import Any, Final

import msgspec

from interplay.models.chat import limits

_FENCE: Final = "```"

_FIRST_LINE: Final = re.compile(r"[\w-]*[ \t]*\n?")
"""What may stand behind the fence that opens: a language, up to the end of the line."""

_OPENING: Final = re.compile(r"\A\s*```[\w-]*[ \t]*(?:\n|\Z)")

NOTHING: Final = ("", "null")
"""How a call of a function without parameters is written by some."""
EMPTY: Final = "{}"
"""Arguments that there are none of."""

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


def bare(text: str) -> str:
    """The JSON in a text, without what some models put around all of it: a fence, or a second pair of braces."""
    inside = _unfenced(text)
    doubled = inside.strip()
    return doubled[1:-1] if doubled.startswith("{{") and is_object(doubled[1:-1]) else inside


def _unfenced(text: str) -> str:
    """What stands between the two fences around all of a text; any other text as it is."""
    fenced = text.strip()
    if len(fenced) < 2 * len(_FENCE) or not (fenced.startswith(_FENCE) and fenced.endswith(_FENCE)):
        return text
    inside = fenced.removeprefix(_FENCE).removesuffix(_FENCE)
    begun = _FIRST_LINE.match(inside)
    return inside[begun.end() if begun else 0 :].rstrip(" \t").removesuffix("\n")


def unopened(text: str) -> str:
    """A text that was cut, without the fence that was opened around it."""
    return _OPENING.sub("", text, count=1)


def objects(text: str) -> list[str]:
    """The arguments of each call in a text: one mostly, several where objects are glued together."""
    text = bare(text).strip()
    if text in NOTHING:
        return [EMPTY]
    parts = _parts(text)
    if not parts or not all(isinstance(value, dict) for value, _ in parts):
        return [_encoded_twice(text)]
    return [part for _, part in parts]


def values(text: str) -> list[Any]:
    """The JSON values that a text consists of; none where it is anything else."""
    return [value for value, _ in _parts(text)]


def end_of_value(text: str, place: int) -> int:
    """Where the JSON value that begins at a place of a text ends; the end of the text where none begins there."""
    try:
        return _ADJACENT.raw_decode(text, _end_of_space(text, place))[1]
    except (ValueError, RecursionError):
        return len(text)


def is_object(text: str) -> bool:
    """Whether a text is a JSON object."""
    try:
        msgspec.json.decode(text, type=dict)
    except (ValueError, RecursionError):
        return False
    return True


def _parts(text: str) -> list[tuple[Any, str]]:
    """The same, each with its text; of very many no more than it takes to see that they are too many calls."""
    parts: list[tuple[Any, str]] = []
    place = 0
    try:
        while place < len(text) and len(parts) <= limits.MOST_CALLS:
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
