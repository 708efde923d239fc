"""The labelled questions."""

from pathlib import Path
from typing import Final

import msgspec

from interplay.wire import ChoiceQuestion, DecisionQuestion, NoulQuestion, ScoreQuestion

_FOLDER: Final = Path(__file__).parent


class Item(msgspec.Struct, frozen=True):
    """A text, and the true answers to some questions about it."""

    language: str
    input: str
    labels: dict[str, bool | int | str]


class Labelled(msgspec.Struct, frozen=True):
    """One question about one text."""

    language: str
    kind: str
    input: str
    question: DecisionQuestion
    truth: int
    """The place of the true answer among the options."""
    fitted: bool
    """Whether it is for fitting; else it is for judging."""


def suite() -> list[Labelled]:
    """All questions, those about one text together."""
    questions = msgspec.json.decode(
        (_FOLDER / "questions.json").read_bytes(), type=dict[str, dict[str, DecisionQuestion]]
    )
    items = [msgspec.json.decode(line, type=Item) for line in (_FOLDER / "items.jsonl").read_bytes().splitlines()]
    return [
        _labelled(item, questions[item.language][name], label, fitted=number % 2 == 0)
        for number, item in enumerate(items)
        for name, label in item.labels.items()
    ]


def _labelled(item: Item, question: DecisionQuestion, label: bool | int | str, *, fitted: bool) -> Labelled:
    kind = str(question.__struct_config__.tag)
    return Labelled(item.language, kind, item.input, question, _place(question, label), fitted)


def _place(question: DecisionQuestion, label: bool | int | str) -> int:
    match question:
        case NoulQuestion():
            return 0 if label else 1
        case ChoiceQuestion(criteria=options):
            return list(options).index(str(label))
        case ScoreQuestion():
            return int(label)
