"""Calls that a model wrote into its text, and that its server did not take out.

It happens where a server runs without the right parser for its model: the calls stand in the tags of its training, or,
with small models, are all that the text says. Text that may be the beginning of such a call is held back until the end
of the answer, so that nothing is shown that turns out to be a call. Not here: calls that the server has read itself
(`tool_calls`), or whether they are right (`judging`).
"""

import re
from collections import deque
from collections.abc import Collection
from itertools import product
from typing import Any, Final

import msgspec

from interplay.models.chat import limits
from interplay.models.chat.arguments import as_text, bare, end_of_value, is_object, objects, values
from interplay.models.chat.tool_calls import Wanted, offered

TAGS: Final = {
    "<tool_call>": "</tool_call>",  # Hermes, Qwen
    "<function_call>": "</function_call>",  # Granite and others
    "[TOOL_CALLS]": "",  # Mistral: a list, up to the end
}
"""What stands before a call in a text, and behind it."""

NAMES: Final = ("name", "function")
ARGUMENTS: Final = ("arguments", "parameters")
"""The words for the two parts of a call, inside the tags."""

_BEGINNINGS: Final = (("", "```", "```json", "```tool_call"), ("", "[", "{"), ('{"name":', '{"function":'))
_BARE: Final = tuple(map("".join, product(*_BEGINNINGS)))
"""How a text begins that is a call without tags, white space left out."""

_OPENING: Final = re.compile(rf"({'|'.join(map(re.escape, TAGS))})(?=\s*(?:[{{\[]|```|<function=))")
"""A tag and how a call goes on behind it; where anything else comes, the text merely speaks of the tag."""

_FIRST: Final = tuple(tag[0] for tag in TAGS)


class CallScreen:
    """Lets the text of an answer through, up to where a call may begin."""

    __slots__ = ("_begun", "_head", "_held", "_met")

    def __init__(self) -> None:
        self._held: list[str] = []
        self._head = ""
        """How the text begins, white space left out, until it is known what it begins as."""
        self._begun = False
        """Whether the text began as something else than a call."""
        self._met = False
        """Whether all that comes is held, for a call seems to have begun."""

    @property
    def held(self) -> str:
        """What was not let through."""
        return "".join(self._held)

    def take(self, text: str) -> str:
        """The text that may be shown now that this has come."""
        if self._begun and not self._held and not any(first in text for first in _FIRST):
            return text
        self._held.append(text)
        if self._met or (not self._begun and self._may_be_bare(text)):
            return ""
        held = self.held
        place = self._beginning(held)
        if not self._begun and not held[:place].strip():
            return ""  # white space before a call is no text
        self._held = [held[place:]] if place < len(held) else []
        self._begun = True
        return held[:place]

    def _may_be_bare(self, text: str) -> bool:
        self._head += "".join(text.split())
        self._met = self._head.startswith(_BARE)
        return self._met or any(opening.startswith(self._head) for opening in _BARE)

    def _beginning(self, held: str) -> int:
        """Where the first tag stands, or what may become one."""
        found = [place for tag in TAGS if (place := held.find(tag)) >= 0]
        self._met = bool(found)
        return min(found) if found else len(held) - max(_open_ends(held))


def calls_in(text: str, functions: Collection[str], *, spoken: bool = False) -> tuple[list[Wanted], str]:
    """The calls in a text, and the text around them. `spoken`: whether other text stands before this one.

    Without tags, only a text that says nothing else is a call, and only of one of the functions on offer. Tags inside
    other JSON are part of its strings. With tags, these are calls, right or wrong:

        all that stands in tags, if one of them has a call of a function on offer in it
        all that stands in tags, if the answer is nothing but tags: the model can have meant nothing else

    Else the text merely speaks of calls, as an answer to a question about them does, and is text with its tags. What
    is a call and cannot be read has no name.
    """
    found = [_bare(value, functions) for value in _flat(values(bare(text).strip()))]
    if found:
        return ([call for calls in found for call in calls], "") if all(found) else ([], text)
    calls, around = _tagged(text)
    quoted = (spoken or around) and not any(_is_of(call, functions) for call in calls)
    return ([], text) if quoted or not calls else (calls, around)


def unopened_call(text: str) -> str:
    """A text that was cut, without the call that it may have been cut in: half a call is not shown."""
    opened = next(iter(deque(_OPENING.finditer(text), maxlen=1)), None)
    if opened is None:
        return text
    end = TAGS[opened[1]]
    whole = end in text[opened.end() :] if end else end_of_value(text, opened.end()) < len(text.rstrip())
    return text if whole else text[: opened.start()].rstrip()


def _is_of(call: Wanted, functions: Collection[str]) -> bool:
    """Whether a call is one of a function on offer, though its arguments may be wrong."""
    return offered(call.name, functions) is not None and is_object(call.arguments)


def _bare(value: Any, functions: Collection[str]) -> list[Wanted]:
    """The calls that a value without tags is; none where it may be something else."""
    match value:
        case {"function": dict() as inner} | ({"name": str()} as inner) if any(word in inner for word in ARGUMENTS):
            calls = _readable(inner)
            return calls if all(call.name in functions for call in calls) else []
        case _:
            return []


def _tagged(text: str) -> tuple[list[Wanted], str]:
    """The calls between tags, and the text around the tags."""
    calls: list[Wanted] = []
    around: list[str] = []
    place = 0
    while len(around) <= limits.MOST_CALLS and (opened := _OPENING.search(text, place)) is not None:
        before = text[place : opened.start()].rstrip()
        around.append(before.lstrip() if around else before)
        end, place = _closed(text, opened.end(), TAGS[opened[1]])
        calls += _read(text[opened.end() : end])
    return calls, "".join([*around, text[place:].strip()])


def _closed(text: str, start: int, tag: str) -> tuple[int, int]:
    """Where the call that begins at a place ends, and where the text goes on: at its tag, or behind its JSON."""
    close = text.find(tag, start) if tag else -1
    if close >= 0:
        return close, close + len(tag)
    end = end_of_value(text, start)
    return end, end


def _flat(found: list[Any]) -> list[Any]:
    """The values, those inside a list instead of the list."""
    return [item for value in found for item in (value if isinstance(value, list) else [value])]


def _read(inside: str) -> list[Wanted]:
    """The calls between two tags: an object, or a list of them."""
    try:
        value = msgspec.json.decode(bare(inside))
    except (ValueError, RecursionError):
        return [Wanted("", inside.strip())]
    return [call for item in _flat([value]) for call in _readable(item) or [Wanted("", inside.strip())]]


def _readable(value: Any) -> list[Wanted]:
    """The calls that a value is; none where they cannot be written as text: half a character, or nested without end."""
    try:
        return _wanted(value)
    except (ValueError, RecursionError):
        return []


def _wanted(value: Any) -> list[Wanted]:
    match value:
        case {"function": {"name": str()} as inner}:
            return _wanted(inner)
        case dict() if isinstance(name := _first_of(NAMES, value), str):
            return [Wanted(name.strip(), text) for text in objects(as_text(_first_of(ARGUMENTS, value)))]
        case _:
            return [Wanted("", as_text(value))]


def _first_of(words: tuple[str, ...], value: dict[str, Any]) -> Any:
    return next((value[word] for word in words if word in value), None)


def _open_ends(text: str) -> list[int]:
    """For each tag, how many characters at the end of a text may be its beginning."""
    return [max(length for length in range(len(tag)) if text.endswith(tag[:length])) for tag in TAGS]
