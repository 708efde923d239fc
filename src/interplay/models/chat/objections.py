"""What is said to a model about its wrong answer: messages to be added to the conversation. Pure functions.

A wrong call is complained of where its result would stand, the way models are trained to hear of it; wrong text, by the
user. The model's own answer stands before it.
"""

import re
from collections.abc import Collection, Sequence
from typing import Final

import msgspec

from interplay.models.base import Call
from interplay.models.chat.arguments import is_object
from interplay.models.chat.messages import Called, Message, ToolCall
from interplay.models.chat.refusals import shortened
from interplay.models.chat.tool_calls import Wanted

_UNREADABLE: Final = "invalid_json"
"""The property that carries arguments that are no JSON: servers refuse a conversation that has such arguments in it."""

_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
"""The names that every server takes; of those that were offered it has taken others too."""


class Complaint(msgspec.Struct, frozen=True):
    """What is wrong with one call or one text, in a sentence."""

    sentence: str


def about_text(text: str, sentence: str) -> tuple[Message, ...]:
    """The model's text, unless there was none, and a complaint."""
    said = (Message("assistant", text),) if text.strip() else ()
    return (*said, Message("user", sentence))


def about_calls(
    text: str,
    wanted: Sequence[Wanted],
    checked: Sequence[Call | Complaint],
    functions: Collection[str],
    attempt: int,
) -> tuple[Message, ...]:
    """The calls as the model made them, and a complaint behind each; right ones have to be made again too.

    Where one has no name, as those have that could not be read, or a name that servers refuse in a conversation, all
    of it is told in words.
    """
    heard = [_heard(found) for found in checked]
    if not all(call.name in functions or _NAME.fullmatch(call.name) for call in wanted):
        return about_text("\n".join(filter(None, [text, *map(_written, wanted)])), "\n".join(heard))
    ids = [f"wrong{attempt}{number:03}" for number in range(len(wanted))]
    calls = tuple(ToolCall(id, Called(call.name, _sendable(call))) for id, call in zip(ids, wanted, strict=True))
    results = (Message("tool", said, tool_call_id=id) for id, said in zip(ids, heard, strict=True))
    return Message("assistant", text, tool_calls=calls), *results


def _written(call: Wanted) -> str:
    """A call as text."""
    return shortened(f"{call.name}({call.arguments})" if call.name else call.arguments)


def _heard(found: Call | Complaint) -> str:
    match found:
        case Complaint(sentence):
            return f"Error: {sentence} Nothing was called. Call again, and correctly."
        case Call():
            return "Error: Nothing was called, because another call was wrong. Repeat this call."


def _sendable(call: Wanted) -> str:
    if is_object(call.arguments):
        return call.arguments
    return msgspec.json.encode({_UNREADABLE: call.arguments}).decode()
