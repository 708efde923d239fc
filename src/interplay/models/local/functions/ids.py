"""Ids that nobody gave: a small model invents them rather than finding them first, or asking.

What is called an id names one thing of the client's, so it must have been said: by the user, by the assistant, by the
client's instruction, or by the result of a call.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec

from interplay.models.base import Call, ModelRequest
from interplay.models.chat.messages import spoken
from interplay.models.results import result_text
from interplay.wire import FunctionResultStep

NAME: Final = re.compile(r"(^|_)ids?$|[a-z]Ids?$")
"""Parameters that are ids, as they are usually named."""
SEPARATORS: Final = re.compile(r"[\W_]+")


def given(call: Call, request: ModelRequest) -> bool:
    """Whether all ids in a call have been said."""
    said = bare("\n".join(words(request)))
    return all(bare(str(value)) in said for value in ids(msgspec.json.decode(call.arguments)))


def words(request: ModelRequest) -> Iterator[str]:
    """Everything that was said."""
    yield request.system_instruction or ""
    yield from (text for _, text in spoken(request.steps))
    yield from (result_text(step) for step in request.steps if isinstance(step, FunctionResultStep))


def ids(arguments: Mapping[str, Any]) -> Iterator[str | int]:
    """The ids among the arguments."""
    for name, value in arguments.items():
        if NAME.search(name):
            yield from (one for one in (value if isinstance(value, list) else [value]) if isinstance(one, str | int))


def bare(text: str) -> str:
    """The letters and digits alone: an id may be written with other dashes and spaces."""
    return SEPARATORS.sub("", text).casefold()
