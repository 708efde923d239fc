"""What was said in a conversation, step by step, as text."""

from collections.abc import Iterator, Sequence
from typing import Literal

from interplay.wire import Content, ModelOutputStep, Step, TextContent, UserInputStep

Speaker = Literal["user", "assistant"]


def spoken(steps: Sequence[Step]) -> Iterator[tuple[Speaker, str]]:
    """Who said what, one pair a step that has text.

    A user's blocks stand on lines of their own; a model's blocks are one text cut up.
    """
    for step in steps:
        if isinstance(step, UserInputStep):
            if text := joined_text(step.content, "\n"):
                yield "user", text
        elif isinstance(step, ModelOutputStep) and (text := joined_text(step.content, "")):
            yield "assistant", text


def only_text(step: Step) -> str | None:
    """The text of a step that is nothing else, as most steps of a long conversation are."""
    if type(step) is UserInputStep or type(step) is ModelOutputStep:
        content = step.content
        if content is not None and len(content) == 1 and type(block := content[0]) is TextContent:
            return block.text
    return None


def joined_text(content: Sequence[Content] | None, between: str) -> str:
    """The text of some content."""
    return between.join(block.text for block in content or () if isinstance(block, TextContent))
