"""JSON between tags: an object with the name and the arguments, or a list of them.

<tool_call>{"name": "f", "arguments": {}}</tool_call>           Hermes, Qwen
<function_call>{"name": "f", "arguments": {}}</function_call>   Granite and others
[TOOL_CALLS][{"name": "f", "arguments": {}}]                    Mistral, its older form
"""

import re
from typing import Any, Final

import msgspec

from interplay.models.chat.arguments import as_text, bare, objects, values
from interplay.models.chat.called.format import Functions, Written
from interplay.models.chat.called.source import Source
from interplay.models.chat.halves import readable
from interplay.models.chat.tool_calls import Wanted

NAMES: Final = ("name", "function")
ARGUMENTS: Final = ("arguments", "parameters")
"""The words for the two parts of a call."""

_GOES_ON: Final = re.compile(r"\s*(?=[{\[]|```)")
"""How a call goes on behind its tag; where anything else comes, the text merely speaks of the tag."""


class Tagged(msgspec.Struct, frozen=True):
    """One pair of tags."""

    markers: tuple[str]
    """The tag that opens."""
    close: str
    """The tag that closes; nothing where JSON ends by itself."""

    def read(self, source: Source, place: int, functions: Functions) -> Written | None:  # noqa: ARG002 - the port's
        """The calls between two tags."""
        begins = _GOES_ON.match(source.text, place + len(self.markers[0]))
        if begins is None:
            return None
        inside, end, closed = source.value(begins.end(), self.close)
        return Written(calls_of(inside), end, closed)


HERMES: Final = Tagged(("<tool_call>",), "</tool_call>")
GRANITE: Final = Tagged(("<function_call>",), "</function_call>")
MISTRAL: Final = Tagged(("[TOOL_CALLS]",), "")


def calls_of(inside: str) -> list[Wanted]:
    """The calls in JSON; one without a name for what is none."""
    unreadable = [Wanted("", inside.strip())]
    found = values(bare(readable(inside)).strip())
    return [call for value in flat(found) for call in calls_in_value(value) or unreadable] if found else unreadable


def flat(found: list[Any]) -> list[Any]:
    """The values, those inside a list instead of the list."""
    return [item for value in found for item in (value if isinstance(value, list) else [value])]


def calls_in_value(value: Any) -> list[Wanted]:
    """The calls that a value is; none where they cannot be written as text: nested without end."""
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
