"""A message whose content is a list of parts, as some upstreams send it: its text, and the thinking before it.

    {"type": "text", "text": "..."}                                     the answer
    {"type": "thinking", "thinking": [{"type": "text", ...}, ...]}      Mistral's servers: what others call reasoning

Any other part would be lost, so it is a failure. Not here: content that is a string, as most send it (`answer`).
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final

import msgspec

from interplay.errors import Failure
from interplay.models.base import Text, Thought
from interplay.models.chat.refusals import shortened

_LONGEST_TYPE: Final = 40
"""Characters of a part's type; there are no longer ones."""


class ContentPart(msgspec.Struct, frozen=True, gc=False):
    """One part, or what is new of it."""

    type: Any = None
    text: str | None = None
    thinking: str | list["ContentPart"] | None = None


def read_parts(parts: Sequence[ContentPart], secrets: Sequence[str]) -> Iterator[Text | Thought]:
    """What the parts say, in their order. Raises Failure for one that is neither text nor thinking."""
    for part in parts:
        if part.type == "thinking":
            thought = part.thinking if isinstance(part.thinking, str) else _text(part.thinking or (), secrets)
            yield from (Thought(thought),) if thought else ()
        elif text := _text((part,), secrets):
            yield Text(text)


def _text(parts: Sequence[ContentPart], secrets: Sequence[str]) -> str:
    """The text of parts that have nothing else."""
    for part in parts:
        if part.type != "text":
            named = shortened(str(part.type), secrets)[:_LONGEST_TYPE]
            raise Failure(
                "bad_gateway",
                f"the upstream's answer has a part of type {named!r}, and only text and thinking are read",
            )
    return "".join(part.text or "" for part in parts)
