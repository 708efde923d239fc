"""Reads the body of `POST /decisions`: bytes in, a request or a Failure out. Strict, like `decode`.

Not here: which model there is and what it can read (`interplay.engine.decisions`).
"""

from collections.abc import Sequence
from typing import Final

import msgspec

from interplay.errors import invalid, shown
from interplay.wire.content import Content, TextContent
from interplay.wire.decisions import (
    FEWEST_CRITERIA,
    MOST_CRITERIA,
    MOST_QUESTIONS,
    ChoiceQuestion,
    CreateDecisionRequest,
    DecisionInput,
    DecisionQuestion,
    NoulQuestion,
    ScoreQuestion,
)
from interplay.wire.decode_body import decode_body
from interplay.wire.places import inside

_REQUEST: Final = msgspec.json.Decoder(CreateDecisionRequest)


def create_decision(body: bytes) -> CreateDecisionRequest:
    """The request in the body of `POST /decisions`. Raises Failure `invalid_request`."""
    request = decode_body(_REQUEST, body)
    _refuse_empty(request.input, "input")
    _check_questions(request.questions)
    return request


def blocks(content: DecisionInput) -> tuple[Content, ...]:
    """The content in any of its three shapes, as blocks."""
    match content:
        case str(text):
            return (TextContent(text=text),)
        case tuple():
            return content
        case _:
            return (content,)


def _check_questions(questions: dict[str, DecisionQuestion]) -> None:
    if not 1 <= len(questions) <= MOST_QUESTIONS:
        raise invalid(f"'questions' has {len(questions)} entries: expected 1 to {MOST_QUESTIONS}.")
    for id, question in questions.items():
        where = inside("questions", id)
        if not id.strip():
            raise invalid(f"'questions' has the id {shown(id)}: expected at least one letter.")
        _refuse_empty(question.instructions, f"{where}.instructions")
        _check_criteria(question, f"{where}.criteria")


def _check_criteria(question: DecisionQuestion, where: str) -> None:
    match question:
        case NoulQuestion():
            return
        case ChoiceQuestion(criteria=options):
            _check_options(tuple(options), where, "an id of an option")
        case ScoreQuestion(criteria=levels):
            _check_options(levels, where, "a level")


def _check_options(words: Sequence[str], where: str, noun: str) -> None:
    if not FEWEST_CRITERIA <= len(words) <= MOST_CRITERIA:
        raise invalid(f"'{where}' has {len(words)} entries: expected {FEWEST_CRITERIA} to {MOST_CRITERIA}.")
    for index, word in enumerate(words):
        if not word.strip():
            raise invalid(f"'{where}' has {shown(word)} as entry {index}: expected {noun} with at least one letter.")


def _refuse_empty(content: DecisionInput, where: str) -> None:
    """There is something to judge, or to judge it by. Media always say something."""
    if all(isinstance(block, TextContent) and not block.text.strip() for block in blocks(content)):
        raise invalid(f"'{where}' is empty: expected text.")
