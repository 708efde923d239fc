"""A model request as the chat-completions protocol says it. Pure functions. Not here: HTTP, or the answer."""

from collections.abc import Iterator, Sequence
from typing import Final, Literal

import msgspec

from interplay.models.base import ModelRequest
from interplay.wire import Content, GenerationConfig, ModelOutputStep, Step, TextContent, UserInputStep

Role = Literal["system", "user", "assistant"]

_POSITIVE: Final = 2**31 - 1


class Message(msgspec.Struct, frozen=True, gc=False):
    """One message of a chat."""

    role: Role
    content: str


def messages(request: ModelRequest) -> list[Message]:
    """The conversation: the system instruction, then its turns.

    Steps of the same side that follow each other become one message, because many chat templates refuse two
    in a row. Thoughts are left out: chat models do not want them back.
    """
    chat = [Message("system", request.system_instruction)] if request.system_instruction else []
    last: Role = "system"
    for role, text in spoken(request.steps):
        if role == last:
            chat[-1] = Message(role, f"{chat[-1].content}\n\n{text}")
        else:
            chat.append(Message(role, text))
            last = role
    return chat


def sampling(config: GenerationConfig) -> dict[str, object]:
    """The request fields that say how to decode; what the client left out is left to the engine."""
    fields = {
        "temperature": config.temperature,
        "top_p": config.top_p,
        "top_k": config.top_k,
        "seed": None if config.seed is None else config.seed & _POSITIVE,  # engines read a negative seed as "any"
        "max_tokens": config.max_output_tokens,
        "stop": config.stop_sequences or None,
    }
    return {name: value for name, value in fields.items() if value is not None}


def spoken(steps: Sequence[Step]) -> Iterator[tuple[Role, str]]:
    """Who said what, one pair a step that has text."""
    for step in steps:
        if isinstance(step, UserInputStep):
            if text := _text(step.content, "\n"):
                yield "user", text
        elif isinstance(step, ModelOutputStep) and (text := _text(step.content, "")):
            yield "assistant", text


def _text(content: Sequence[Content] | None, separator: str) -> str:
    """The text of a step. A user's blocks stand on lines of their own; a model's blocks are one text cut up."""
    if content is not None and len(content) == 1 and isinstance(block := content[0], TextContent):
        return block.text
    return separator.join(block.text for block in content or () if isinstance(block, TextContent))
