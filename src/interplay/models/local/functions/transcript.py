"""A conversation in which functions were called, as text. Not here: what the model is told to do about it.

A small model reads calls and results best as a few words on a line: `get_weather({"city": "Oslo"}) returned: 7 °C`.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any, Final

import msgspec

from interplay.models.chat.messages import Role
from interplay.models.results import result_text
from interplay.models.spoken import spoken
from interplay.wire import FunctionCallStep, FunctionResultStep, Step, TextContent, UserInputStep

USE: Final = "Answer my message, using the function result."
USE_IN_WORDS: Final = "Answer my message in a full sentence, using the function result."
"""Without its `full sentence` the 1.5B answers "22" when asked for a temperature, and repeats JSON as it came."""

SPEAKERS: Final[dict[Role, str]] = {"system": "System", "user": "User", "assistant": "Assistant"}

Made = tuple[str, dict[str, Any]]
"""A call: the function's name, and its arguments."""


def made(steps: Sequence[Step]) -> list[Made]:
    """The calls that were made already."""
    return [(step.name, step.arguments) for step in steps if isinstance(step, FunctionCallStep)]


def present(steps: Sequence[Step]) -> tuple[Sequence[Step], Sequence[Step]]:
    """The earlier conversation; and what is being answered: the last words of the user, and the calls since."""
    begin = max((place for place, step in enumerate(steps) if isinstance(step, UserInputStep)), default=0)
    while begin > 0 and isinstance(steps[begin - 1], UserInputStep):
        begin -= 1
    return steps[:begin], steps[begin:]


def folded(steps: Sequence[Step], use: str = USE_IN_WORDS) -> list[Step]:
    """The conversation without calls: what they returned is part of what the user says."""
    record = Record(steps)
    return [
        step
        for of_calls, group in groupby(steps, lambda step: isinstance(step, FunctionCallStep | FunctionResultStep))
        for step in (as_input(group, record, use) if of_calls else group)
    ]


def as_input(group: Iterable[Step], record: "Record", use: str) -> list[Step]:
    """Calls and results that follow each other, as words of the user; none where there is nothing to tell yet."""
    lines = [line for step in group for line in record.lines(step)]
    return [UserInputStep(content=(TextContent(text="\n".join([*lines, use])),))] if lines else []


class Record:
    """Which result belongs to which call, in a whole conversation."""

    def __init__(self, steps: Sequence[Step]) -> None:
        self._calls = {step.id: step for step in steps if isinstance(step, FunctionCallStep)}
        self._answered = {step.call_id for step in steps if isinstance(step, FunctionResultStep)}

    def lines(self, step: Step) -> Iterator[str]:
        """What a call or a result is to the model. A call that has its result is told of there."""
        match step:
            case FunctionResultStep():
                yield f"Result of {self._call(step)}: {result_text(step)}"
            case FunctionCallStep() if step.id not in self._answered:
                yield f"{written(step)} was called and has given no result."
            case _:
                pass

    def _call(self, result: FunctionResultStep) -> str:
        """The call that has this result; one that was deleted is known by its name only."""
        call = self._calls.get(result.call_id)
        return written(call) if call is not None else result.name or "a function"


def written(call: FunctionCallStep) -> str:
    """A call as the model writes it."""
    return f"{call.name}({msgspec.json.format(msgspec.json.encode(call.arguments), indent=0).decode()})"


def told(steps: Iterable[Step], conversation: Sequence[Step], longest: int) -> Iterator[str]:
    """Who said and did what in some steps of a conversation; long texts without their middle."""
    record = Record(conversation)
    for step in steps:
        for role, text in spoken([step]):
            yield clipped(f"{SPEAKERS[role]}: {text}", longest)
        for line in record.lines(step):
            yield clipped(line, longest)


def clipped(text: str, longest: int) -> str:
    """A text without its middle where it is too long."""
    if len(text) <= longest:
        return text
    return f"{text[: longest * 2 // 3]} […] {text[-(longest // 3) :]}"
