"""Steps that a client sends again beside new ones, though the conversation that it goes on from has them already.

Some clients cannot tell what the server knows: google-adk sends the model's turn with every result of its functions,
others (agno) the whole conversation every time. The whole is known by its beginning with everything that was said. A
call is the same by its id, a result by that of its call, a thought by its signature; a model's text has no name of its
own, and is the same where it stands beside one of those and says what the model said. What is the same is left out: the
conversation has it once. What is not the same is left in, for `results` to judge.
"""

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any, Final

import msgspec

from interplay import wire
from interplay.wire.decode_input import Sent

MODELS = wire.ThoughtStep | wire.ModelOutputStep | wire.FunctionCallStep
"""Steps of a model's turn."""
_LARGEST: Final = 2**1023


def fresh(past: Sequence[wire.Step], sent: Sequence[Sent]) -> tuple[Sent, ...]:
    """What is sent that the conversation does not have."""
    return tuple(sent) if _only_says(sent) else Known(past).fresh(sent)


class Known:
    """A conversation's steps, by what tells them apart. It grows, so that reading it from its start takes one pass."""

    def __init__(self, steps: Iterable[wire.Step] = ()) -> None:
        self.steps: list[wire.Step] = []
        self._calls: dict[str, wire.FunctionCallStep] = {}
        self._thoughts: set[str | None] = set()
        self._results: dict[str, wire.FunctionResultStep] = {}
        self.add(steps)

    def add(self, steps: Iterable[wire.Step]) -> None:
        """What came next."""
        for step in steps:
            self.steps.append(step)
            match step:
                case wire.FunctionCallStep():
                    self._calls[step.id] = step
                case wire.FunctionResultStep():
                    self._results[step.call_id] = step
                case wire.ThoughtStep():
                    self._thoughts.add(step.signature)
                case _:
                    pass

    def fresh(self, sent: Sequence[Sent]) -> tuple[Sent, ...]:
        """What is sent that it does not have."""
        if not self.steps or _only_says(sent):
            return tuple(sent)
        turns = groupby(sent[_whole(self.steps, sent) :], lambda each: isinstance(each.step, MODELS))
        return tuple(each for model, turn in turns for each in (self.unsaid if model else self.unknown)(list(turn)))

    def unknown(self, sent: Iterable[Sent]) -> list[Sent]:
        """Those without the ones that the conversation has."""
        return [each for each in sent if not self._has(each.step)]

    def unsaid(self, turn: list[Sent]) -> list[Sent]:
        """What is left of a model's turn; its text goes where anything else of it is known."""
        unknown = self.unknown(turn)
        if len(unknown) == len(turn):
            return turn
        said = {_text(step) for step in self.steps if isinstance(step, wire.ModelOutputStep)}
        return [each for each in unknown if not _is_only(each.step, said)]

    def _has(self, step: wire.Step) -> bool:
        match step:
            case wire.FunctionCallStep():
                known = self._calls.get(step.id)
                return known is not None and difference(known, step) is None
            case wire.FunctionResultStep():
                result = self._results.get(step.call_id)
                return result is not None and _same_result(result, step)
            case wire.ThoughtStep(signature=str(signature)) if signature:
                return signature in self._thoughts
            case _:
                return False


def _only_says(sent: Sequence[Sent]) -> bool:
    """Whether it is nothing but what the user says: that may be said twice."""
    return all(isinstance(each.step, wire.UserInputStep) for each in sent)


def difference(known: wire.FunctionCallStep, again: wire.FunctionCallStep) -> str | None:
    """The field in which a call that is sent again is another one."""
    if known.name != again.name:
        return "name"
    return None if same(known.arguments, again.arguments) else "arguments"


def same(one: Any, other: Any) -> bool:
    """Whether two JSON values are the same, whatever the order of keys; numbers as clients have them, in 64 bits."""
    match one, other:
        case dict(), dict():
            return one.keys() == other.keys() and all(same(value, other[key]) for key, value in one.items())
        case list(), list():
            return len(one) == len(other) and all(map(same, one, other))
        case (bool(), _) | (_, bool()):
            return one is other
        case ((int() | float()), (int() | float())):
            return one == other or _rounded(one) == _rounded(other)
        case _:
            return bool(one == other)


def _rounded(number: float) -> float:
    """The number in 64 bits, where it fits."""
    return float(number) if abs(number) < _LARGEST else number


def _whole(past: Sequence[wire.Step], sent: Sequence[Sent]) -> int:
    """How many of the steps are the whole conversation; 0 where they do not begin with all of it, but for thoughts."""
    if not any(isinstance(each.step, MODELS) for each in sent):
        return 0
    said = [step for step in past if not isinstance(step, wire.ThoughtStep)]
    if not any(isinstance(step, MODELS) for step in said):
        return 0
    again = [index for index, each in enumerate(sent) if not isinstance(each.step, wire.ThoughtStep)]
    if len(again) < len(said) or not all(map(_is_same, said, (sent[index].step for index in again))):
        return 0
    return again[len(said) - 1] + 1


def _is_same(known: wire.Step, again: wire.Step) -> bool:
    match known, again:
        case wire.FunctionCallStep(), wire.FunctionCallStep():
            return known.id == again.id and difference(known, again) is None
        case wire.FunctionResultStep(), wire.FunctionResultStep():
            return known.call_id == again.call_id and _same_result(known, again)
        case wire.ModelOutputStep(), wire.ModelOutputStep():
            return _text(known) == _text(again)
        case _:
            return known == again


def _same_result(known: wire.FunctionResultStep, again: wire.FunctionResultStep) -> bool:
    names = {known.name, again.name} - {None, ""}
    results = (msgspec.json.decode(step.result) for step in (known, again))
    return len(names) <= 1 and bool(known.is_error) == bool(again.is_error) and same(*results)


def _is_only(step: wire.Step, said: set[str]) -> bool:
    """Whether a step says nothing that was not said."""
    match step:
        case wire.ModelOutputStep():
            return _text(step) in said
        case wire.ThoughtStep():
            return not step.signature
        case _:
            return False


def _text(step: wire.ModelOutputStep) -> str:
    return "".join(block.text for block in step.content or () if isinstance(block, wire.TextContent))
