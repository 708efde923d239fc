"""What the model is shown: the shared input first, the question last, so that all questions share the input's tokens.

Pure functions. The wording is measured by `benchmarks/decisions`: a change of it asks for a new temperature too.
"""

from collections.abc import Sequence
from typing import Final

import msgspec

from interplay import wire
from interplay.engine.decisions.labels import LETTERS
from interplay.errors import Failure, invalid, shown
from interplay.models.base import ModelRequest
from interplay.wire.decode_decision import blocks

_SYSTEM: Final = "You judge a text. You are given the text and one question about it. Choose the answer that fits best."
_GREEDY: Final = wire.GenerationConfig(temperature=1.0, max_output_tokens=1)


class Option(msgspec.Struct, frozen=True):
    """One of the possible answers to a question."""

    id: str
    name: str
    description: str = ""
    """What the name means; may be empty."""

    def words(self) -> str:
        """As the model reads it."""
        return f"{self.name}: {self.description}" if self.description.strip() else self.name


def options(question: wire.DecisionQuestion) -> tuple[Option, ...]:
    """The possible answers, in the question's own order."""
    match question:
        case wire.NoulQuestion(criteria=criteria):
            meant = criteria or wire.NoulCriteria()
            yes, no = meant.true_description or "", meant.false_description or ""
            return (Option("true", "Yes", yes), Option("false", "No", no))
        case wire.ChoiceQuestion(criteria=described):
            return tuple(Option(id, id, description or "") for id, description in described.items())
        case wire.ScoreQuestion(criteria=levels):
            return tuple(Option(str(level), words) for level, words in enumerate(levels))


def question_text(question: wire.DecisionQuestion, listed: Sequence[Option]) -> str:
    """The question with at most sixteen options, in the order in which they are to be shown.

    Yes and no are said as words: a small model asked for a letter instead was right in 36 of 82 cases, and in 58 with
    the words. All other options stand behind labels.
    """
    asked = f"\nQuestion: {_text(blocks(question.instructions))}"
    if isinstance(question, wire.NoulQuestion):
        meanings = [option.words() for option in listed if option.description.strip()]
        return "\n".join([asked, *meanings, "", f"Answer with {listed[0].name} or {listed[1].name} only."])
    lines = [f"{letter}) {option.words()}" for letter, option in zip(LETTERS, listed, strict=False)]
    return "\n".join([asked, *lines, "", "Answer with the letter only."])


def answers(question: wire.DecisionQuestion, listed: Sequence[Option]) -> tuple[str, ...]:
    """What the model says for each of the listed options."""
    if isinstance(question, wire.NoulQuestion):
        return tuple(option.name for option in listed)
    return tuple(LETTERS[: len(listed)])


def conversation(model: str, shared: str, question: str) -> ModelRequest:
    """The model's turn to answer."""
    said = wire.UserInputStep(content=(wire.TextContent(text=shared), wire.TextContent(text=question)))
    return ModelRequest(
        model=model, steps=(said,), system_instruction=_SYSTEM, generation_config=_GREEDY, incremental=False
    )


def shared_text(content: wire.DecisionInput) -> str:
    """The shared input as the model reads it. Raises Failure for what a text model cannot read."""
    read = blocks(content)
    for index, block in enumerate(read):
        if not isinstance(block, wire.TextContent):
            raise _unreadable(block, f"input[{index}]" if isinstance(content, tuple) else "input")
    return f"Text:\n{_text(read)}"


def _text(read: Sequence[wire.Content]) -> str:
    return "\n".join(block.text for block in read if isinstance(block, wire.TextContent))


def _unreadable(block: wire.Content, where: str) -> Failure:
    kind = block.__struct_config__.tag
    return invalid(f"'{where}' is content of type {shown(kind)}, which no model here reads yet: expected text.")
