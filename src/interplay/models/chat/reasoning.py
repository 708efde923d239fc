"""Reasoning that goes back to the model that thought it, in the form in which it came. Pure functions.

Between a call and its results some servers (DeepSeek's, Kimi's, MiniMax's) refuse a conversation without it. What is
sent back where is told by `messages`, which form a model uses by `habits`.
"""

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from interplay.models.chat.messages import Message
from interplay.models.chat.thought_tags import WRITTEN

USUAL: Final = "reasoning_content"
"""The form of a model of which nothing is known: DeepSeek's, which most servers read."""

PARTS: Final = "parts"
"""The form of thoughts that came in parts of the content; they do not go back."""

_NOTHING: Final[dict[str, Any]] = {
    "reasoning_content": None,
    "reasoning": None,
    "thinking": None,
    "reasoning_details": (),
}
"""The forms that are fields of a message, and how a message is without them."""


def in_form(chat: Sequence[Message], form: str) -> list[Message]:
    """The conversation with its reasoning in the form that the model uses."""
    return [_written(each, each.reasoning_content, form) if each.reasoning_content else each for each in chat]


def has_reasoning(chat: Sequence[Message]) -> bool:
    """Whether there is any in a field that a server may not take."""
    return any(getattr(message, field) for message in chat for field in _NOTHING)


def without_reasoning(chat: Sequence[Message]) -> list[Message]:
    """The conversation for a server that takes none."""
    return [msgspec.structs.replace(message, **_NOTHING) for message in chat]


def _written(message: Message, thought: str, form: str) -> Message:
    bare = msgspec.structs.replace(message, reasoning_content=None)
    match form:
        case "reasoning":
            return msgspec.structs.replace(bare, reasoning=thought)
        case "thinking":
            return msgspec.structs.replace(bare, thinking=thought)
        case "reasoning_details":
            detail = {"type": "reasoning.text", "text": thought}
            return msgspec.structs.replace(bare, reasoning_details=(detail,))
        case tag if tag in WRITTEN:
            content = f"{tag}\n{thought}\n{WRITTEN[tag]}\n\n{message.content}"
            return msgspec.structs.replace(bare, content=content)
        case "parts":
            return bare
        case _:
            return message  # the usual form, or control tokens, which a server writes itself around the thought
