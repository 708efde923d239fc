"""Ids that nobody gave: a small model invents them rather than finding them first, or asking.

What is called an id names one thing of the client's, so it must have been said: by the user, by the assistant, by the
client's instruction, by an earlier call or its result, or by the function's own description.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec

from interplay.models.base import Call, ModelRequest
from interplay.models.results import result_text
from interplay.models.spoken import spoken
from interplay.wire import FunctionCallStep, FunctionResultStep

NAME: Final = re.compile(r"(^|_)ids?$|[a-z]Ids?$")
"""Parameters that are ids, as they are usually named."""
LONG: Final = 3
"""Letters and digits."""
SEPARATORS: Final = re.compile(r"[\W_]+")


def given(call: Call, request: ModelRequest) -> bool:
    """Whether all ids in a call have been said, or stand in what the function says of itself."""
    declared = [function.declared for function in request.functions if function.name == call.name]
    text = "\n".join([*words(request), *(msgspec.json.encode(schema).decode() for schema in declared)])
    return all(stands_in(str(value), text) for value in ids(msgspec.json.decode(call.arguments)))


def words(request: ModelRequest) -> Iterator[str]:
    """Everything that was said, earlier calls among it."""
    yield request.system_instruction or ""
    yield from (text for _, text in spoken(request.steps))
    for step in request.steps:
        match step:
            case FunctionCallStep():
                yield msgspec.json.encode(step.arguments).decode()
            case FunctionResultStep():
                yield result_text(step)
            case _:
                pass


def ids(arguments: Mapping[str, Any]) -> Iterator[str | int]:
    """The ids among the arguments."""
    for name, value in arguments.items():
        if NAME.search(name):
            for one in value if isinstance(value, list) else [value]:
                if isinstance(one, str | int) and not isinstance(one, bool):
                    yield one


def stands_in(id: str, text: str) -> bool:
    """Whether an id is a word of a text, or, where it is too long for an accident, a part of one; 7 is not in 1975."""
    if f" {spaced(id)} " in f" {spaced(text)} ":
        return True
    joined = SEPARATORS.sub("", id).casefold()
    return len(joined) >= LONG and joined in SEPARATORS.sub("", text).casefold()


def spaced(text: str) -> str:
    """The words of a text with one space between: an id may be written with other dashes."""
    return SEPARATORS.sub(" ", text).strip().casefold()
